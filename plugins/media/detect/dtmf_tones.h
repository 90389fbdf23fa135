/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "narrowband.h"

G_BEGIN_DECLS

/** MCP_MEDIA_DTMF_WINDOW: samples of 8 kHz that one look covers, 20 ms. */
#define MCP_MEDIA_DTMF_WINDOW 160
/** MCP_MEDIA_DTMF_STEP: samples of 8 kHz from look to look, 5 ms. */
#define MCP_MEDIA_DTMF_STEP 40
/** MCP_MEDIA_DTMF_FREQUENCIES: 4 rows, 4 columns, and the two of a dial tone. */
#define MCP_MEDIA_DTMF_FREQUENCIES 10
/** MCP_MEDIA_DTMF_REMEMBERED: digits that wait for being asked for; older ones are lost. */
#define MCP_MEDIA_DTMF_REMEMBERED 8

/** McpMediaDtmfTone: a digit that was heard; times in samples of the input since init. */
typedef struct {
    char digit; /* 0-9 * # A-D */
    gint64 start;
    gint64 duration; /* -1 while the tone lasts */
} McpMediaDtmfTone;

/** McpMediaDtmfTrack: a pair of tones over several looks. */
typedef struct {
    guint row, column; /* indices of the frequencies */
    guint hits;        /* looks at which the pair was there; 0: no track */
    guint misses;      /* looks in a row at which it was not */
    gint64 start;      /* samples of 8 kHz */
    gint64 end;        /* where the tone fell to half its height, as far as known */
    float turn[2][2];  /* sum of the phase steps from look to look: re, im of row and column */
    float height[2];   /* mean of |X| of row and column */
    float share;       /* height of the weaker of both at the last look, 1 is the mean */
} McpMediaDtmfTrack;

/**
 * McpMediaDtmfTones: in-band digits (ITU-T Q.23, Q.24) in samples of 8 or 16 kHz. Every 5 ms a
 * window of 20 ms is looked at; a digit needs five looks with both tones dominant, at their right
 * frequencies and in balance, which makes about 33 ms of tone. As long as nothing is found every
 * other look is put off, and made when the next one could be of a digit.
 */
typedef struct {
    McpMediaNarrowband narrowband;
    gint16
        window[MCP_MEDIA_DTMF_STEP + MCP_MEDIA_DTMF_WINDOW]; /* of this look and the one before */
    guint fresh;                                             /* samples since the last look */
    gboolean is_put_off; /* the last look is to be made if this one finds something */
    gint64 position;     /* samples of 8 kHz taken */
    float last[MCP_MEDIA_DTMF_FREQUENCIES][2];
    McpMediaDtmfTrack candidate;
    McpMediaDtmfTrack present;
    guint dial_looks; /* looks in a row with nothing but a dial tone */
    float dial_power[2];
    McpMediaDtmfTone heard[MCP_MEDIA_DTMF_REMEMBERED];
    guint64 n_heard, n_reported, n_ended, n_end_reported;
} McpMediaDtmfTones;

/**
 * mcp_media_dtmf_tones_init: forgets everything, time begins at 0. FALSE: @rate is neither 8000
 * nor 16000. Any thread; the first call in a process computes a table.
 */
gboolean mcp_media_dtmf_tones_init(McpMediaDtmfTones *tones, guint rate);
/**
 * mcp_media_dtmf_tones_take: listens to more samples.
 * @samples: linear, @n of them, any number
 * @out_tones: room for @max digits; those that do not fit are kept for the next call
 *
 * A digit is reported once, as soon as it is certain: about 40 ms after its start. Its duration is
 * not known then unless its end lies in the same @samples.
 * Returns: how many digits are new. Media worker; no allocation.
 */
guint mcp_media_dtmf_tones_take(McpMediaDtmfTones *tones, const gint16 *samples, gsize n,
                                McpMediaDtmfTone *out_tones, guint max);
/**
 * mcp_media_dtmf_tones_ended: the next digit whose end is known; each digit that was heard ends
 * once, in order, about 40 ms after its tone stopped. FALSE: none. Media worker.
 */
gboolean mcp_media_dtmf_tones_ended(McpMediaDtmfTones *tones, McpMediaDtmfTone *out_tone);
/** mcp_media_dtmf_tones_position: samples of the input taken so far, in whole ones of 8 kHz. */
gint64 mcp_media_dtmf_tones_position(const McpMediaDtmfTones *tones);
/** mcp_media_dtmf_tones_present: the digit whose tone lasts now, or 0. Media worker. */
char mcp_media_dtmf_tones_present(const McpMediaDtmfTones *tones);

G_END_DECLS
