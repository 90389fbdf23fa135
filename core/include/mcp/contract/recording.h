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
    guint channels;    /* 2: heard left, sent right */
    guint rate;        /* Hz */
    guint64 dropped;   /* frames that stand as silence because encoding did not keep up */
} McpRecordingResult;

/** McpRecordFormat: container and encoding of a recording. */
typedef enum {
    MCP_RECORD_WAV_PCM, /* 16 bit linear */
    MCP_RECORD_WAV_MULAW,
    MCP_RECORD_WAV_ALAW,
    MCP_RECORD_L16,      /* samples of 16 bit, big endian, without a header */
    MCP_RECORD_OGG_OPUS, /* RFC 7845 */
    MCP_RECORD_MP3,
    MCP_RECORD_MULAW, /* audio/basic (RFC 2046 §4.3): 8 kHz without a header, one channel */
    MCP_RECORD_ALAW,  /* the same in A-law */
} McpRecordFormat;

/** McpRecordSource: whose voice is in it. */
typedef enum {
    MCP_RECORD_HEARD,  /* what the other side says; one channel */
    MCP_RECORD_SENT,   /* what we send to it: prompts, bridged or mixed audio; one channel */
    MCP_RECORD_MIXED,  /* both added up; one channel */
    MCP_RECORD_STEREO, /* heard left, sent right */
} McpRecordSource;

/** McpRecordPause: what stands for the time of a pause. */
typedef enum {
    MCP_RECORD_PAUSE_SILENCE,
    MCP_RECORD_PAUSE_TONE, /* silence with a beep of 1400 Hz, 200 ms each 15 s */
    MCP_RECORD_PAUSE_CUT,  /* nothing: the time is left out */
} McpRecordPause;

/** McpRecordParams: a recording of one leg. Silence and digits are always the other side's. */
typedef struct {
    McpStoreStream *stream; /* taken by reference; committed or aborted by the leg */
    McpRecordFormat format;
    gint64 max_time;      /* µs, 0: none */
    gint64 final_silence; /* µs of silence after speech that end it, 0: none */
    gint64 no_input;      /* µs without speech from the start that end it, -1: none */
    guint32 end_digits;   /* mask of digits that end it (and are not recorded) */
    gboolean beep;        /* a tone before it starts */
    McpRecordSource source;
} McpRecordParams;

/**
 * mcp_record_format_from_type: by media type: audio/x-wav, audio/wav, audio/vnd.wave (with
 * codec=mulaw or codec=alaw, or a number of RFC 2361: 1, 6, 7), audio/L16, audio/ogg (codecs=opus),
 * audio/opus, audio/mpeg; other parameters are not looked at. Any thread.
 *
 * Returns: FALSE when it is none of these.
 */
gboolean mcp_record_format_from_type(const char *type, McpRecordFormat *out_format);
/**
 * mcp_record_format_get_type: (transfer none): the media type without parameters; that of
 * MCP_RECORD_L16 is complete with rate=HZ;channels=N only. Any thread.
 */
const char *mcp_record_format_get_type(McpRecordFormat format);
/** mcp_record_format_get_suffix: (transfer none): ".wav", ".raw", ".ogg", ".mp3". Any thread. */
const char *mcp_record_format_get_suffix(McpRecordFormat format);

G_END_DECLS
