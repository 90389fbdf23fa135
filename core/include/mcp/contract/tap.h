/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * Taps of the media contract: a fork of what a leg hears or sends, in a format of the consumer's
 * choice. A tap never holds its leg up: what the consumer does not take in time is dropped and
 * counted.
 */

/** McpTapSource: what is forked. */
typedef enum {
    MCP_TAP_HEARD,  /* what the other side says */
    MCP_TAP_SENT,   /* what we send to it */
    MCP_TAP_MIXED,  /* both added up */
    MCP_TAP_STEREO, /* heard left, sent right */
} McpTapSource;

/** McpTapEncoding: of the samples. */
typedef enum {
    MCP_TAP_S16, /* linear, 16 bit, the machine's byte order */
    MCP_TAP_L16, /* linear, 16 bit, big endian (RFC 3551 §4.5.11) */
    MCP_TAP_MULAW,
    MCP_TAP_ALAW,
} McpTapEncoding;

/** McpTapParams: how a leg is tapped. */
typedef struct {
    McpTapSource source;
    McpTapEncoding encoding;
    guint rate;      /* Hz: 8000, 16000, 24000, 48000; 0: 8000 */
    guint frame_ms;  /* 10 … 100; 0: 20 */
    guint buffer_ms; /* that may wait for the consumer, 100 … 60000; 0: 1000 */
    /* nullable: "ADDRESS:PORT", "[ADDRESS]:PORT": frames leave as RTP packets; none can be read */
    const char *rtp_to;
    guint8 rtp_type; /* payload type of these */
} McpTapParams;

/** McpTapFrame: one frame; of the tap, until the next one is read. */
typedef struct {
    const guint8 *data;
    gsize length;
    guint64 position; /* samples of a channel since the tap was opened */
    gint64 time;      /* monotonic µs at which its first sample passed the wire */
    guint64 dropped;  /* frames that were dropped just before it */
} McpTapFrame;

/** McpTapFigures: since it was opened. */
typedef struct {
    guint64 frames;  /* handed over, or sent */
    guint64 dropped; /* the consumer was too slow, or the socket full */
} McpTapFigures;

#define MCP_TYPE_TAP (mcp_tap_get_type())
G_DECLARE_INTERFACE(McpTap, mcp_tap, MCP, TAP, GObject)

/** McpTapFunc: there are frames, or the tap has ended; on the leg's context. */
typedef void (*McpTapFunc)(McpTap *tap, gpointer user_data);

/** McpTapInterface: members as the functions of the same names. */
struct _McpTapInterface {
    GTypeInterface parent_iface;
    void (*set_ready)(McpTap *self, McpTapFunc func, gpointer user_data);
    gboolean (*read)(McpTap *self, McpTapFrame *out_frame);
    gboolean (*has_ended)(McpTap *self);
    void (*get_figures)(McpTap *self, McpTapFigures *out_figures);
    void (*close)(McpTap *self);
};

/**
 * mcp_tap_set_ready: @func is called once there is something to read after mcp_tap_read() found
 * nothing, and at the end. The leg's context.
 */
void mcp_tap_set_ready(McpTap *tap, McpTapFunc func, gpointer user_data);
/** mcp_tap_read: the next frame; FALSE: there is none now. Any one thread. */
gboolean mcp_tap_read(McpTap *tap, McpTapFrame *out_frame);
/** mcp_tap_has_ended: the leg is gone or the tap closed; frames may still wait. Any thread. */
gboolean mcp_tap_has_ended(McpTap *tap);
/** mcp_tap_get_figures: any thread. */
void mcp_tap_get_figures(McpTap *tap, McpTapFigures *out_figures);
/** mcp_tap_close: ends it; so does dropping the last reference. The leg's context. */
void mcp_tap_close(McpTap *tap);

G_END_DECLS
