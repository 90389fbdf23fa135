/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * Numbers as tones that pass G.711: three tones of 80 ms, 40 ms apart, of 16 pitches: the high half
 * of the number, the low half, and a check (high ^ low ^ TONE_CODE_CHECK). tests/scenarios/tones.py
 * makes them.
 */
#define TONE_CODE_RATE 8000   /* Hz */
#define TONE_CODE_FRAME_MS 20 /* of what is fed */
#define TONE_CODE_LOWEST 700  /* Hz, of 0 */
#define TONE_CODE_STEP 150    /* Hz, between pitches */
#define TONE_CODE_PITCHES 16
#define TONE_CODE_CHECK 0xA
#define TONE_CODE_LENGTH 3

/** ToneCode: what was heard since it was cleared; all zeros to begin with. */
typedef struct {
    guint8 tones[TONE_CODE_LENGTH];
    guint n;    /* tones so far; more than TONE_CODE_LENGTH: this is no number */
    int last;   /* pitch of the last frame + 1, 0: none */
    guint same; /* frames of it in a row */
} ToneCode;

/** tone_code_feed: @n samples, a frame; whether they are any sound at all. */
gboolean tone_code_feed(ToneCode *code, const gint16 *samples, guint n);
/** tone_code_get: the number, −1: what was heard is none. */
int tone_code_get(const ToneCode *code);

G_END_DECLS
