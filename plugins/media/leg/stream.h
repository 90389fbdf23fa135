/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../detect/call_progress.h"
#include "../detect/dtmf_tones.h"
#include "../ear/ear.h"
#include "../ear/mouth.h"
#include "../ear/voice.h"
#include "../net/ports.h"
#include "../player/player.h"
#include "../protection/srtp_context.h"
#include "../recorder/recorder.h"
#include "../rtp/receiver.h"
#include "../rtp/source_lock.h"
#include "../rtp/telephone_event.h"
#include "../sdp/offer_answer.h"
#include "../worker/mailbox.h"
#include "../worker/worker.h"
#include "stream_event.h"
#include <mcp/trace.h>

G_BEGIN_DECLS

/**
 * McpMediaStream: the half of a leg that lives on its media worker. The leg (leg.c) posts commands
 * to it, it posts events to the leg's context.
 */
typedef struct _McpMediaStream McpMediaStream;

/** McpMediaCounters: written by the worker, read anywhere. */
typedef struct {
    _Atomic guint64 packets_sent, bytes_sent, packets_received, bytes_received;
    _Atomic guint64 lost, late, duplicate, invalid, foreign, underruns, concealed;
    _Atomic guint64 unauthentic, replayed;
    _Atomic guint64 jitter_us, jitter_max_us, round_trip_us, remote_loss; /* loss in 1/256 */
    _Atomic guint64 digits;
    _Atomic guint64 mos, remote_mos; /* hundredths, 0 unknown */
    _Atomic gint64 first_packet;
} McpMediaCounters;

/** mcp_media_counter_add: one writer, so no locked instruction is needed. */
static inline void
mcp_media_counter_add(_Atomic guint64 *counter, guint64 n)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

/** McpMediaStreamParams: what a stream is made of. */
typedef struct {
    McpMediaWorker *worker;
    McpMediaMailbox *mailbox;
    GObject *owner; /* keeps @ports alive */
    McpMediaPorts *ports;
    McpMediaPair pair;       /* (transfer full) */
    gint64 no_media_timeout; /* µs, 0 none */
    gboolean symmetric;      /* sources other than the signalled one may be learned */
    gboolean tones_always;   /* digits are heard in the audio where events are agreed upon, too */
    McpTraces *traces;       /* nullable: who may want to see RTCP */
} McpMediaStreamParams;

/** mcp_media_stream_new: (transfer full): on the leg's context. @leg: handed to events. */
McpMediaStream *mcp_media_stream_new(const McpMediaStreamParams *params, gpointer leg);
/** mcp_media_stream_ref: (transfer full). The leg's context. */
McpMediaStream *mcp_media_stream_ref(McpMediaStream *stream);
/** mcp_media_stream_unref: the last one closes the sockets. The leg's context. */
void mcp_media_stream_unref(McpMediaStream *stream);
/** mcp_media_stream_get_leg: (nullable): the leg's context. */
gpointer mcp_media_stream_get_leg(McpMediaStream *stream);
/** mcp_media_stream_forget_leg: the leg is gone; events are dropped from now on. */
void mcp_media_stream_forget_leg(McpMediaStream *stream);
/** mcp_media_stream_get_counters: any thread. */
const McpMediaCounters *mcp_media_stream_get_counters(McpMediaStream *stream);
/** mcp_media_stream_get_worker: (transfer none). */
McpMediaWorker *mcp_media_stream_get_worker(McpMediaStream *stream);
/** mcp_media_stream_get_mailbox: (transfer none). */
McpMediaMailbox *mcp_media_stream_get_mailbox(McpMediaStream *stream);
/** mcp_media_stream_get_port: own RTP port. */
guint mcp_media_stream_get_port(McpMediaStream *stream);
/**
 * mcp_media_stream_get_rtcp_address: the own end of RTCP, as the socket has it. The leg's context.
 * @mux: it goes by the RTP port
 */
gboolean mcp_media_stream_get_rtcp_address(McpMediaStream *stream, gboolean mux,
                                           struct sockaddr_storage *out_address);

/* Commands: on the leg's context; they take effect in their order, within a slot. */

/** mcp_media_stream_start: packets flow. */
void mcp_media_stream_start(McpMediaStream *stream);
/** McpMediaStreamChange: what goes with another agreement; all (nullable) (transfer full). */
typedef struct {
    McpMediaPlayList *list;            /* of the same generation in the new format */
    McpMediaDecoder *decoder;          /* of the new format, if the stream has an ear */
    McpMediaDecoder *sent;             /* the same for what is sent, if it listens for speech */
    McpMediaDecoder *mouth;            /* the same for what is sent, if the stream has a mouth */
    McpMediaDecoder *live_decoder;     /* if it is in a room or a bridge that transcodes */
    struct _McpMediaLiveEncoder *live; /* the same, for what is sent */
    McpMediaSrtp *srtp;                /* the first time that it is encrypted */
    McpMediaSrtpSession *inbound;
    McpMediaSrtpSession *outbound;
} McpMediaStreamChange;

/** mcp_media_stream_agree: another agreement holds. */
void mcp_media_stream_agree(McpMediaStream *stream, const McpMediaAgreement *agreement,
                            const McpMediaStreamChange *change);
/** mcp_media_stream_set_keys: (transfer full): of DTLS; audio flows under them from now on. */
void mcp_media_stream_set_keys(McpMediaStream *stream, McpMediaSrtpSession *inbound,
                               McpMediaSrtpSession *outbound);
/** mcp_media_stream_set_remote: where ICE found the other side. */
void mcp_media_stream_set_remote(McpMediaStream *stream, const struct sockaddr_storage *remote);
/** mcp_media_stream_send_raw: a datagram from the RTP port, at once. Any thread. */
void mcp_media_stream_send_raw(McpMediaStream *stream, const guint8 *data, gsize length,
                               const struct sockaddr_storage *to);
/** mcp_media_stream_open_ear: (transfer full): once a stream. */
void mcp_media_stream_open_ear(McpMediaStream *stream, McpMediaEar *ear);
/** mcp_media_stream_play: (transfer full). */
void mcp_media_stream_play(McpMediaStream *stream, McpMediaPlayList *list);
/** mcp_media_stream_stop: stops generation @generation if it still plays. */
void mcp_media_stream_stop(McpMediaStream *stream, guint64 generation);
/**
 * mcp_media_stream_arm:
 * @digits_seen: how many digit events the context has had; later ones count for this arming
 * @queued: a digit that counts waits in the queue already
 */
void mcp_media_stream_arm(McpMediaStream *stream, const McpArm *arm, guint64 digits_seen,
                          gboolean queued);
/** mcp_media_stream_make_voice: (transfer full): for mcp_media_stream_open_voice(). */
McpMediaVoice *mcp_media_stream_make_voice(McpMediaStream *stream, const McpMediaFormat *format,
                                           guint rate);
/** mcp_media_stream_open_voice: (transfer full): once a stream, which has an ear. */
void mcp_media_stream_open_voice(McpMediaStream *stream, McpMediaVoice *voice);
/** mcp_media_stream_open_tones: (transfer full) g_free(): once a stream, which has an ear. */
void mcp_media_stream_open_tones(McpMediaStream *stream, McpMediaDtmfTones *tones);
/** mcp_media_stream_watch: (nullable) (transfer full) g_free(): in place of the one before. */
void mcp_media_stream_watch(McpMediaStream *stream, McpMediaCallProgress *progress);
/** mcp_media_stream_disarm: digits and no-input trigger nothing. */
void mcp_media_stream_disarm(McpMediaStream *stream);
/** mcp_media_stream_put_digit: a digit from signalling. */
void mcp_media_stream_put_digit(McpMediaStream *stream, char digit, guint duration_ms);
/** mcp_media_stream_send_digits: checked by the caller. */
void mcp_media_stream_send_digits(McpMediaStream *stream, const char *digits, guint duration_ms,
                                  guint gap_ms);
/** mcp_media_stream_record: (transfer full) @recorder; @beep: (nullable) (transfer full). */
void mcp_media_stream_record(McpMediaStream *stream, McpMediaRecorder *recorder,
                             McpMediaPlayList *beep);
/** mcp_media_stream_open_mouth: (transfer full): once a stream. */
void mcp_media_stream_open_mouth(McpMediaStream *stream, McpMediaMouth *mouth);
/** mcp_media_stream_pause_recording: see mcp_leg_pause_recording(). */
void mcp_media_stream_pause_recording(McpMediaStream *stream, gboolean paused, McpRecordPause with);
/** mcp_media_stream_stop_recording: as by command. */
void mcp_media_stream_stop_recording(McpMediaStream *stream);
/** mcp_media_stream_remove: ends all; MCP_MEDIA_EVENT_REMOVED is the last event. */
void mcp_media_stream_remove(McpMediaStream *stream);

G_END_DECLS
