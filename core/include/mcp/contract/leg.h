/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/contract/digit.h>
#include <mcp/contract/input.h>
#include <mcp/contract/leg_statistics.h>
#include <mcp/contract/play.h>
#include <mcp/contract/progress.h>
#include <mcp/contract/recording.h>
#include <mcp/contract/tap.h>
#include <mcp/json.h>
#include <mcp/load.h>
#include <mcp/sdp.h>

G_BEGIN_DECLS

/**
 * The legs of the media contract (mcp/contract/media.h). A leg belongs to the context that was
 * thread-default when it was made (the call's shard); all functions are called there, none blocks,
 * events arrive there. Media time is in samples of the leg's RTP clock since the leg started, per
 * direction. No GStreamer type appears.
 */

/** McpLegEventType: what the media side reports. */
typedef enum {
    /* last packet of @generation was sent, or it was stopped; @position, @stop */
    MCP_LEG_PLAYBACK_ENDED,
    MCP_LEG_MARK,            /* @mark of @generation was reached; @position */
    MCP_LEG_DIGIT,           /* a digit entered the queue (take it with mcp_leg_take_digit) */
    MCP_LEG_NO_INPUT,        /* the armed no-input time is over */
    MCP_LEG_RECORDING_ENDED, /* @recording */
    MCP_LEG_DIGITS_SENT,     /* mcp_leg_send_digits() is done */
    MCP_LEG_NO_MEDIA,        /* no RTP for the configured time; @local, @remote */
    MCP_LEG_MEDIA_STARTED,   /* first RTP packet of the remote side; @remote */
    MCP_LEG_SPEECH_STARTED,  /* speech; it began at @time, a little before it was known */
    MCP_LEG_SPEECH_ENDED,    /* its silence was long enough; it ended at @time */
    MCP_LEG_PROGRESS,        /* @progress; ringing and beep may be followed by another one */
    MCP_LEG_ONE_WAY,         /* audio passes in one direction only: @mark says which does not */
    MCP_LEG_LEFT,            /* it was taken out of its room, or its bridge ended */
} McpLegEventType;

/** McpLegEvent: valid during the callback. */
typedef struct {
    McpLegEventType type;
    guint64 generation;
    McpStopReason stop;
    gint64 position; /* µs of the play list that were sent */
    gint64 time;     /* monotonic µs when it happened at the wire */
    McpDigit digit;
    const char *mark;
    const char *local;
    const char *remote;
    const McpRecordingResult *recording;
    const McpProgressReport *progress;
    const GError *error;
} McpLegEvent;

#define MCP_TYPE_LEG (mcp_leg_get_type())
G_DECLARE_INTERFACE(McpLeg, mcp_leg, MCP, LEG, GObject)

/** McpLegFunc: on the leg's context. */
typedef void (*McpLegFunc)(McpLeg *leg, const McpLegEvent *event, gpointer user_data);

/** McpLegInterface: members as the functions of the same names. */
struct _McpLegInterface {
    GTypeInterface parent_iface;
    void (*set_handler)(McpLeg *self, McpLegFunc func, gpointer user_data);
    McpSdp *(*create_offer)(McpLeg *self, GError **error);
    McpSdp *(*answer)(McpLeg *self, McpSdp *offer, GError **error);
    gboolean (*apply_answer)(McpLeg *self, McpSdp *answer, GError **error);
    void (*rollback)(McpLeg *self);
    void (*start)(McpLeg *self);
    guint64 (*play)(McpLeg *self, const McpPlayItem *items, guint n_items);
    void (*stop)(McpLeg *self, guint64 generation);
    void (*arm)(McpLeg *self, const McpArm *arm);
    void (*disarm)(McpLeg *self);
    gboolean (*take_digit)(McpLeg *self, McpDigit *out_digit);
    void (*flush_digits)(McpLeg *self);
    void (*put_digit)(McpLeg *self, char digit, guint duration_ms);
    gboolean (*send_digits)(McpLeg *self, const char *digits, guint duration_ms, guint gap_ms,
                            GError **error);
    gboolean (*record)(McpLeg *self, const McpRecordParams *params, GError **error);
    void (*stop_recording)(McpLeg *self);
    void (*get_statistics)(McpLeg *self, McpLegStatistics *out_statistics);
    void (*describe)(McpLeg *self, McpJson *json);
    void (*close)(McpLeg *self);
    void (*set_guard)(McpLeg *self, McpLegFunc func, gpointer user_data);
    gboolean (*watch_progress)(McpLeg *self, const McpProgressParams *params, GError **error);
    gboolean (*bridge)(McpLeg *self, McpLeg *other, GError **error);
    void (*leave)(McpLeg *self);
    gboolean (*pause_recording)(McpLeg *self, gboolean paused, McpRecordPause with, GError **error);
    McpTap *(*tap)(McpLeg *self, const McpTapParams *params, GError **error);
    McpLoopLoad *(*get_loop)(McpLeg *self);
};

/**
 * mcp_leg_set_handler: one handler at a time; NULL for none (events are then dropped, digits stay
 * queued).
 */
void mcp_leg_set_handler(McpLeg *leg, McpLegFunc func, gpointer user_data);
/** mcp_leg_create_offer: (transfer full): an offer with all codecs allowed (RFC 3264 §5). */
McpSdp *mcp_leg_create_offer(McpLeg *leg, GError **error);
/**
 * mcp_leg_answer: (transfer full): the answer to @offer, first one or later (hold, codec change);
 * the same offer again gives the same answer and changes nothing. Media lines other than the one
 * audio line are refused with port 0. Error: MCP_ERROR_MEDIA when nothing is in common.
 */
McpSdp *mcp_leg_answer(McpLeg *leg, McpSdp *offer, GError **error);
/** mcp_leg_apply_answer: takes the other side's answer to mcp_leg_create_offer(). */
gboolean mcp_leg_apply_answer(McpLeg *leg, McpSdp *answer, GError **error);
/** mcp_leg_rollback: forgets an offer or answer that did not come into force. */
void mcp_leg_rollback(McpLeg *leg);
/** mcp_leg_start: packets flow from now on. */
void mcp_leg_start(McpLeg *leg);
/**
 * mcp_leg_play: plays @items from the next packet on; a list still playing is stopped first.
 * Returns: generation, > 0. PLAYBACK_ENDED follows for each generation exactly once.
 */
guint64 mcp_leg_play(McpLeg *leg, const McpPlayItem *items, guint n_items);
/** mcp_leg_stop: stops generation @generation; a stale one is ignored. */
void mcp_leg_stop(McpLeg *leg, guint64 generation);
/** mcp_leg_arm: input is awaited from now on; digits already queued count at once. */
void mcp_leg_arm(McpLeg *leg, const McpArm *arm);
/** mcp_leg_disarm: no barge-in, no no-input; digits still enter the queue. */
void mcp_leg_disarm(McpLeg *leg);
/** mcp_leg_take_digit: the oldest digit of the queue; FALSE when it is empty. */
gboolean mcp_leg_take_digit(McpLeg *leg, McpDigit *out_digit);
/** mcp_leg_flush_digits: empties the queue. */
void mcp_leg_flush_digits(McpLeg *leg);
/**
 * mcp_leg_put_digit: enters a digit that signalling brought; one that media saw too is not
 * doubled.
 */
void mcp_leg_put_digit(McpLeg *leg, char digit, guint duration_ms);
/**
 * mcp_leg_send_digits: sends RFC 4733 events, "p" pauses 500 ms; MCP_ERROR_UNSUPPORTED if not
 * negotiated.
 */
gboolean mcp_leg_send_digits(McpLeg *leg, const char *digits, guint duration_ms, guint gap_ms,
                             GError **error);
/** mcp_leg_record: starts the one recording of a leg. */
gboolean mcp_leg_record(McpLeg *leg, const McpRecordParams *params, GError **error);
/** mcp_leg_stop_recording: RECORDING_ENDED follows. */
void mcp_leg_stop_recording(McpLeg *leg);
/** mcp_leg_get_statistics: figures of this moment. */
void mcp_leg_get_statistics(McpLeg *leg, McpLegStatistics *out_statistics);
/**
 * mcp_leg_describe: adds members about codec, addresses, live path or graph ("graph", "dot") to an
 * open object.
 */
void mcp_leg_describe(McpLeg *leg, McpJson *json);
/**
 * mcp_leg_close: ends media and frees ports; recordings end, PLAYBACK_ENDED and RECORDING_ENDED
 * still come.
 */
void mcp_leg_close(McpLeg *leg);
/**
 * mcp_leg_set_guard: the leg's owner (the call) hears MEDIA_STARTED, NO_MEDIA and ONE_WAY,
 * whoever the handler is, and before it; NULL for none.
 */
void mcp_leg_set_guard(McpLeg *leg, McpLegFunc func, gpointer user_data);
/**
 * mcp_leg_watch_progress: listens for tones, machine or person from now on (again: anew); PROGRESS
 * tells. @params: NULL stops. MCP_ERROR_STATE while no codec is agreed upon.
 */
gboolean mcp_leg_watch_progress(McpLeg *leg, const McpProgressParams *params, GError **error);
/**
 * mcp_leg_bridge: both sides hear each other from now on: packets pass as they are while both legs
 * have the same codec, else they are transcoded; digits pass too, and are queued as ever. A prompt
 * is heard by its own side instead. Both legs are of one context. It ends with mcp_leg_leave() of
 * either or the end of either: the other one hears MCP_LEG_LEFT. MCP_ERROR_STATE: one of them is in
 * a bridge or room already, or has no codec yet.
 */
gboolean mcp_leg_bridge(McpLeg *leg, McpLeg *other, GError **error);
/** mcp_leg_leave: ends its bridge, or its membership of a room; without one nothing happens. */
void mcp_leg_leave(McpLeg *leg);
/**
 * mcp_leg_pause_recording: nothing that comes or is sent from now on is recorded, until called with
 * @paused FALSE; what was said before is kept. Silence ends no recording meanwhile; digits and
 * max_time do, and the pause counts as time unless it is cut. Pausing what is paused changes @with.
 * @with: what stands in its place; of no meaning when @paused is FALSE
 *
 * Returns: FALSE with MCP_ERROR_STATE when the leg does not record: nothing is paused then.
 */
gboolean mcp_leg_pause_recording(McpLeg *leg, gboolean paused, McpRecordPause with, GError **error);
/**
 * mcp_leg_tap: (transfer full): forks what it hears or sends from now on; it ends with the leg.
 * MCP_ERROR_STATE: no codec is agreed upon; MCP_ERROR_LIMIT: the leg has as many taps as it can;
 * MCP_ERROR_INVALID: @params are out of range.
 */
McpTap *mcp_leg_tap(McpLeg *leg, const McpTapParams *params, GError **error);
/** mcp_leg_get_loop: (transfer none) (nullable): the loop that moves its packets. */
McpLoopLoad *mcp_leg_get_loop(McpLeg *leg);

G_END_DECLS
