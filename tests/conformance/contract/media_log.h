/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "media_suite.h"

G_BEGIN_DECLS

/** MediaLog: what one leg reported; the handler's user data. */
typedef struct {
    McpLeg *leg;
    GThread *thread;
    GString *words; /* "mark-NAME ended digit …" in order */
    guint ended, digits, no_input, recordings, digits_sent, started, left;
    guint speech_started, speech_ended, progress;
    gint64 speech_began, speech_over; /* monotonic µs */
    guint64 generations[8];           /* of the first PLAYBACK_ENDED */
    McpStopReason stops[8];
    gint64 position;
    McpRecordingResult recording; /* its name is a copy */
    char *name;
    McpStoreStream *stream; /* of the recording; must be at its end by RECORDING_ENDED */
} MediaLog;

/** media_log_connect: (transfer none): a started leg with keys that reports to @log. */
McpLeg *media_log_connect(MediaLog *log);
/** media_log_handler: McpLegFunc; fails when called on another thread. */
void media_log_handler(McpLeg *leg, const McpLegEvent *event, gpointer user_data);
/** media_log_drop: closes and releases the leg; nothing may be left of it. */
void media_log_drop(MediaLog *log);

/** media_record_add: adds the checks of recordings. */
void media_record_add(void);
/** media_offer_add: adds the checks of offers and answers. */
void media_offer_add(void);
/** media_room_add: adds the checks of rooms. */
void media_room_add(McpMedia *media);
/** media_bridge_add: adds the checks of bridges. */
void media_bridge_add(void);
/** media_tap_add: adds the checks of taps. */
void media_tap_add(void);
/** media_hear_add: adds the checks of what a leg hears: speech, call progress. */
void media_hear_add(void);

G_END_DECLS
