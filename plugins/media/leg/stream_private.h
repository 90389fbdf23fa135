/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../codec/live_encoder.h"
#include "../room/member.h"
#include "../rtp/one_way.h"
#include "../tap/tap_feed.h"
#include "bridge.h"
#include "stream.h"

G_BEGIN_DECLS

#define MCP_MEDIA_RECENT_DIGITS 16
#define MCP_MEDIA_DATAGRAM_MAX 2048

/** McpMediaRecentDigit: a digit that was reported, to find its double of another source. */
typedef struct {
    McpDigit digit;
    gboolean paired;
} McpMediaRecentDigit;

/** McpMediaWatch: the ear's listener that looks for progress. */
typedef struct {
    McpMediaStream *stream;
    gint64 heard; /* up to when the far end was listened to */
} McpMediaWatch;

/**
 * McpMediaStream: all of it belongs to the worker, but what is marked. What every tick looks at
 * stands first and together; arrays stand last.
 */
struct _McpMediaStream {
    McpMediaTicked ticked;
    McpMediaWorker *worker;
    gboolean started;
    gboolean removed;
    gboolean talking;
    gboolean sending_digits;
    gboolean silence_due; /* audio of ours was sent, and its end was not told */
    gboolean silence_reported;
    gboolean armed;
    gint64 no_input_at; /* monotonic µs, 0 not running */
    gint64 next_report; /* of RTCP */
    gint64 last_packet;
    gint64 no_media_timeout;
    McpMediaEar *ear;     /* nullable */
    McpMediaVoice *voice; /* nullable; listens while armed for speech */
    gboolean voice_listens;
    McpMediaMouth *mouth;       /* nullable */
    McpMediaRecorder *recorder; /* nullable */

    McpMediaTapFeed *taps; /* a list */

    /* Live audio, both ways. */
    McpMediaEar *live_ear;     /* nullable */
    McpMediaLiveEncoder *live; /* nullable */
    McpMediaMember *member;    /* nullable: in a room */
    McpMediaBridge *bridge;    /* nullable: its packets go to another stream */
    guint bridge_end;          /* which end of it */
    gboolean passes_audio;     /* to the bridge; else events alone: a room transcodes the audio */
    gboolean live_talking;     /* live audio is on the wire */
    guint32 live_timestamp;    /* of its next packet */
    gboolean live_sent;        /* what was sent last was live */
    guint32 sent_until;        /* RTP time behind the last packet of audio */
    McpMediaRelayMap relay;    /* of what the other end of the bridge sends */

    /* Sending. */
    guint32 ssrc;
    guint16 sequence;
    guint32 timestamp_base; /* RTP time of slot @base_slot */
    guint64 base_slot;
    McpMediaPair pair;
    McpMediaPlayer player;
    McpMediaCounters counters;
    McpMediaAgreement agreement;
    McpMediaSourceLock lock;
    McpMediaSrtp *srtp;                /* nullable; in use while the agreement is protected */
    gboolean keyed;                    /* @srtp has keys of the agreement */
    struct sockaddr_storage nominated; /* by ICE; family 0: not yet */
    gint datagrams_waiting;            /* atomic */

    /* Receiving. */
    McpMediaReceiver receiver;

    /* RTCP. */
    gboolean has_rtcp_source;
    struct sockaddr_storage rtcp_source;
    guint32 last_sr;
    gint64 last_sr_arrival;
    McpMediaOneWay one_way;
    char cname[32];

    /* Input, and digits both ways. */
    McpArm arm;
    guint64 last_generation;
    gint64 last_end;
    guint64 digits_reported;
    McpMediaPlayList *beep; /* nullable: still to be played before a recording */
    McpMediaEventSender digits_out;
    McpMediaEventReceiver digits_in;
    McpMediaDtmfTones *tones;       /* nullable */
    McpMediaCallProgress *progress; /* nullable */
    McpMediaWatch watch;
    gboolean tones_listen;
    McpMediaRecentDigit recent[MCP_MEDIA_RECENT_DIGITS];

    /* Made once. */
    gboolean symmetric;
    gboolean tones_always;
    McpMediaMailbox *mailbox;
    GObject *owner;
    McpMediaPorts *ports;
    McpTraces *traces; /* nullable */
    gint refs;         /* context */
    gpointer leg;      /* context; nullable */
};

/** mcp_media_stream_event: a fresh event of @stream. Media worker. */
McpMediaEvent *mcp_media_stream_event(McpMediaStream *stream, McpLegEventType type, gint64 now);
/** mcp_media_stream_is_protected: what is sent and received is encrypted. */
static inline gboolean
mcp_media_stream_is_protected(const McpMediaStream *stream)
{
    return stream->agreement.protection != 0;
}
/** mcp_media_stream_post: (transfer full): to the leg's context. Media worker. */
void mcp_media_stream_post(McpMediaStream *stream, McpMediaEvent *event);

/** mcp_media_stream_remove_now: see mcp_media_stream_remove(). Media worker. */
void mcp_media_stream_remove_now(McpMediaStream *stream, gint64 now);

/** mcp_media_stream_is_noise: @packet is comfort noise as agreed upon. */
static inline gboolean
mcp_media_stream_is_noise(const McpMediaStream *stream, const McpMediaRtpPacket *packet)
{
    return packet->payload_type == stream->agreement.receive_noise_type;
}

/* stream_receive.c, media worker */

/** mcp_media_stream_receive: reads one datagram. */
void mcp_media_stream_receive(McpMediaStream *stream, McpMediaSocket which, gint64 now);
/** mcp_media_stream_end_noise: comfort noise of the other side is over. */
void mcp_media_stream_end_noise(McpMediaStream *stream);
/** mcp_media_stream_check_media: reports that nothing came for too long. */
void mcp_media_stream_check_media(McpMediaStream *stream, gint64 now);

/* stream_rtcp.c, media worker */

/** mcp_media_stream_receive_rtcp: a compound packet. */
void mcp_media_stream_receive_rtcp(McpMediaStream *stream, const guint8 *data, gsize length,
                                   const struct sockaddr_storage *from, gint64 arrival);
/** mcp_media_stream_report: sends a report when one is due, or now with BYE. */
void mcp_media_stream_report(McpMediaStream *stream, gboolean bye, gint64 now);

/* stream_input.c, media worker */

/** mcp_media_stream_digit: a digit came in; doubles of another source are dropped. */
void mcp_media_stream_digit(McpMediaStream *stream, const McpDigit *digit, gint64 now);
/** mcp_media_stream_apply_arm: see mcp_media_stream_arm(). */
void mcp_media_stream_apply_arm(McpMediaStream *stream, const McpArm *arm, guint64 digits_seen,
                                gboolean queued, gint64 now);
/** mcp_media_stream_list_ended: the no-input time begins with the last packet of its prompt. */
void mcp_media_stream_list_ended(McpMediaStream *stream, guint64 generation, gint64 now);
/** mcp_media_stream_check_input: reports no-input. */
void mcp_media_stream_check_input(McpMediaStream *stream, gint64 now);

/** mcp_media_stream_speech: speech began or ended, at @time. */
void mcp_media_stream_speech(McpMediaStream *stream, gboolean began, gint64 time, gint64 now);

/* stream_listen.c, media worker */

/** mcp_media_stream_listen_for_speech: as @params say, from now on; NULL: no more. */
void mcp_media_stream_listen_for_speech(McpMediaStream *stream, const McpSpeechParams *params,
                                        gint64 now);
/** mcp_media_stream_update_tones: listens for digits in the audio if that is wanted now. */
void mcp_media_stream_update_tones(McpMediaStream *stream, gint64 now);
/** mcp_media_stream_check_watch: once a tick: a far end that sends nothing is silent. */
void mcp_media_stream_check_watch(McpMediaStream *stream, gint64 now);
/** mcp_media_stream_apply_watch: (transfer full) @progress. Returns: (transfer full): the old. */
McpMediaCallProgress *mcp_media_stream_apply_watch(McpMediaStream *stream,
                                                   McpMediaCallProgress *progress, gint64 now);

/* stream_record.c, media worker */

/** mcp_media_stream_apply_record: see mcp_media_stream_record(). */
void mcp_media_stream_apply_record(McpMediaStream *stream, McpMediaRecorder *recorder,
                                   McpMediaPlayList *beep, gint64 now);
/** mcp_media_stream_check_recording: begins after its beep, ends when it is over. */
void mcp_media_stream_check_recording(McpMediaStream *stream, gint64 now);
/** mcp_media_stream_note_sent: whoever listens to what is sent hears a payload that leaves now. */
void mcp_media_stream_note_sent(McpMediaStream *stream, const guint8 *payload, gsize length,
                                guint32 timestamp, gint64 now);
/** mcp_media_stream_end_recording: ends it for @reason, if there is one. */
void mcp_media_stream_end_recording(McpMediaStream *stream, McpStopReason reason, char digit,
                                    gint64 now);

G_END_DECLS
