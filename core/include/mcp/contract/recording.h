/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/contract/store.h>

G_BEGIN_DECLS

/** McpStopReason: why a playback or recording ended. */
typedef enum {
    MCP_STOP_COMPLETED,
    MCP_STOP_DIGIT,    /* barge-in by a digit, or recording ended by a digit (@digit) */
    MCP_STOP_COMMAND,  /* mcp_leg_stop(), a later play list, mcp_leg_stop_recording() */
    MCP_STOP_SILENCE,  /* recording: final silence */
    MCP_STOP_NO_INPUT, /* recording: nobody spoke within the time */
    MCP_STOP_MAX_TIME,
    MCP_STOP_CLOSED, /* the leg was closed */
    MCP_STOP_FAILED, /* audio could not be decoded, store failed; @error */
    MCP_STOP_SPEECH, /* barge-in by speech */
} McpStopReason;

/** McpRecordingResult: what a recording came to; the stream is committed by then unless aborted. */
typedef struct {
    McpStopReason stop;
    char digit;        /* that ended it, or 0 */
    gint64 duration;   /* µs of audio in the object */
    guint64 size;      /* bytes of the object */
    const char *name;  /* object name */
    gboolean max_time; /* ended by the time limit */
} McpRecordingResult;

/** McpRecordFormat: container and encoding of a recording. */
typedef enum {
    MCP_RECORD_WAV_PCM, /* 16 bit linear */
    MCP_RECORD_WAV_MULAW,
    MCP_RECORD_WAV_ALAW,
} McpRecordFormat;

/** McpRecordParams: a recording of what the other side says. */
typedef struct {
    McpStoreStream *stream; /* taken by reference; committed or aborted by the leg */
    McpRecordFormat format;
    gint64 max_time;      /* µs, 0: none */
    gint64 final_silence; /* µs of silence after speech that end it, 0: none */
    gint64 no_input;      /* µs without speech from the start that end it, -1: none */
    guint32 end_digits;   /* mask of digits that end it (and are not recorded) */
    gboolean beep;        /* a tone before it starts */
} McpRecordParams;

G_END_DECLS
