/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../room/room.h"
#include "bridge.h"
#include "digit_queue.h"
#include "leg.h"
#include <mcp/clock.h>

G_BEGIN_DECLS

struct _McpMediaLeg {
    GObject parent_instance;
    McpMediaService *service;
    char *call_id;
    McpMediaStream *stream;
    McpMediaNegotiation *negotiation;
    McpMediaFormat first_format; /* that we would offer */
    McpMediaAgreement agreement; /* the stream has it */
    char *address;               /* own one, for people */
    McpLegFunc func;
    McpLegFunc guard;
    gpointer guard_data;
    gpointer user_data;
    gboolean closed;
    gboolean removed; /* the worker has let go of the stream */
    guint64 generations;
    McpMediaPlayList *playing; /* nullable: with the stream, which gives it back */
    McpMediaDigitQueue digits;
    guint64 digits_seen;
    guint digits_sending; /* handed to the stream since it was last done */
    struct sockaddr_storage source;
    guint ear_rate;                  /* Hz of what the stream's ear hears, 0: it has none */
    McpMediaDtls *dtls;              /* nullable */
    McpTimer *dtls_timer;            /* nullable */
    McpMediaSuite dtls_suite;        /* of its keys, once there are any */
    struct sockaddr_storage dtls_to; /* where its datagrams go; family 0: not known yet */
    gboolean has_voice, has_tones, has_mouth, watches_progress;
    McpMediaRecorder *recorder; /* nullable: with the stream, which gives it back */
    guint taps;                 /* that are open */
    McpMediaMember *member;     /* nullable: in a room */
    McpMediaRoom *held_room;    /* nullable: that has a name */
    McpMediaBridge *bridge;     /* nullable */
    McpMediaLeg *other;         /* nullable: the other end of @bridge; (transfer none) */
};

/** mcp_media_leg_emit: hands @event to the handler, if there is one. */
void mcp_media_leg_emit(McpMediaLeg *leg, const McpLegEvent *event);
/** mcp_media_leg_listen: the stream gets an ear; FALSE: no codec is agreed upon. */
gboolean mcp_media_leg_listen(McpMediaLeg *leg);
/**
 * mcp_media_leg_make_protection: for @next, whose keys are not those in use: sessions by a=crypto,
 * or the beginning of a handshake.
 */
void mcp_media_leg_make_protection(McpMediaLeg *leg, const McpMediaAgreement *next,
                                   McpMediaStreamChange *change);
/** mcp_media_leg_take_datagram: STUN or DTLS. */
void mcp_media_leg_take_datagram(McpMediaLeg *leg, const McpMediaDatagram *datagram);
/** mcp_media_leg_drop_protection: ends a handshake or its association. */
void mcp_media_leg_drop_protection(McpMediaLeg *leg);
/** mcp_media_leg_open_voice: the stream can listen for speech, from its first use on. */
void mcp_media_leg_open_voice(McpMediaLeg *leg);
/**
 * mcp_media_leg_open_tones: digits are heard in the audio, where the other side sends no events, or
 * whatever it sends, as the settings say.
 */
void mcp_media_leg_open_tones(McpMediaLeg *leg);
/** mcp_media_leg_watch_progress: see mcp_leg_watch_progress(). */
gboolean mcp_media_leg_watch_progress(McpLeg *leg, const McpProgressParams *params, GError **error);
/** mcp_media_leg_join: see mcp_room_join(). */
gboolean mcp_media_leg_join(McpMediaLeg *leg, McpMediaRoom *room, const McpRoomMember *how,
                            GError **error);
/** mcp_media_leg_bridge: see mcp_leg_bridge(). */
gboolean mcp_media_leg_bridge(McpLeg *leg, McpLeg *other, GError **error);
/** mcp_media_leg_leave: see mcp_leg_leave(). */
void mcp_media_leg_leave(McpMediaLeg *leg);
/** mcp_media_leg_change_live: what another agreement means for live audio, into @change. */
void mcp_media_leg_change_live(McpMediaLeg *leg, const McpMediaAgreement *next,
                               McpMediaStreamChange *change);
/** mcp_media_leg_fit_bridge: after another agreement: packets pass, or are transcoded. */
void mcp_media_leg_fit_bridge(McpMediaLeg *leg);
/** mcp_media_leg_open_mouth: what is sent can be listened to, too; the leg listens already. */
void mcp_media_leg_open_mouth(McpMediaLeg *leg);
/** mcp_media_leg_tap: see mcp_leg_tap(). */
McpTap *mcp_media_leg_tap(McpLeg *leg, const McpTapParams *params, GError **error);
/** mcp_media_leg_record: see mcp_leg_record(). */
gboolean mcp_media_leg_record(McpLeg *leg, const McpRecordParams *params, GError **error);
/** mcp_media_leg_stop_recording: see mcp_leg_stop_recording(). */
void mcp_media_leg_stop_recording(McpLeg *leg);
/** mcp_media_leg_pause_recording: see mcp_leg_pause_recording(). */
gboolean mcp_media_leg_pause_recording(McpLeg *leg, gboolean paused, McpRecordPause with,
                                       GError **error);
/** mcp_media_leg_recording_ended: (transfer full) @recorder: the stream has let go of it. */
void mcp_media_leg_recording_ended(McpMediaLeg *leg, McpMediaRecorder *recorder, gint64 time);
/** mcp_media_leg_show_rtcp: a packet goes to who watches. */
void mcp_media_leg_show_rtcp(McpMediaLeg *leg, const McpMediaEvent *event);
/** mcp_media_leg_get_statistics: see mcp_leg_get_statistics(). */
void mcp_media_leg_get_statistics(McpLeg *leg, McpLegStatistics *out_statistics);
/** mcp_media_leg_describe: see mcp_leg_describe(). */
void mcp_media_leg_describe(McpLeg *leg, McpJson *json);

G_END_DECLS
