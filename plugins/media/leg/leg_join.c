/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A leg in company: a room that it is in, or another leg that it is bridged with. A bridge whose
 * codecs differ is a room of two that nobody can find. On the legs' context.
 */
#include "leg_private.h"

#include "../room/rooms.h"
#include "../worker/batch.h"
#include "stream_live.h"
#include <mcp/error.h>
#include <string.h>

#define NARROW_RATE 8000
#define WIDE_RATE 16000
#define FULL_RATE 48000

/* --- a room --- */

static gboolean
can_join(McpMediaLeg *self, GError **error)
{
    if (self->closed)
        g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "the leg is closed");
    else if (self->member != NULL || self->bridge != NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the leg is in a room or bridge already");
    else if (self->agreement.codec == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the leg has no codec yet");
    else
        return TRUE;
    return FALSE;
}

static gboolean
enter(McpMediaLeg *self, McpMediaRoom *room, const char *name, const McpRoomMember *how,
      GError **error)
{
    guint rate = mcp_media_room_get_rate(room);
    McpMediaMember *member =
        mcp_media_member_new(room, name, mcp_media_stream_get_worker(self->stream));

    member->ptime = self->agreement.ptime;
    if (!mcp_media_room_add(room, member, how, error)) {
        mcp_media_member_unref(member);
        return FALSE;
    }
    self->member = mcp_media_member_ref(member);
    mcp_media_stream_join(
        self->stream, member, mcp_media_ear_new(&self->agreement.format, rate),
        mcp_media_live_encoder_new(&self->agreement.format, rate, self->agreement.ptime));
    return TRUE;
}

static void
count_members(McpMediaLeg *self, gint64 delta)
{
    McpMetrics *metrics = mcp_media_service_get_metrics(self->service);

    if (metrics != NULL)
        mcp_metrics_add(metrics, MCP_MEDIA_METRIC_MEMBERS, 0, delta);
}

gboolean
mcp_media_leg_join(McpMediaLeg *leg, McpMediaRoom *room, const McpRoomMember *how, GError **error)
{
    McpMediaRooms *rooms = mcp_media_service_get_rooms(leg->service);

    if (!can_join(leg, error) || !enter(leg, room, leg->call_id, how, error))
        return FALSE;
    leg->held_room = mcp_media_rooms_hold(rooms, room);
    count_members(leg, 1);
    return TRUE;
}

static void
count_lost(McpMediaLeg *self, McpMediaMember *member)
{
    McpMetrics *metrics = mcp_media_service_get_metrics(self->service);

    if (metrics == NULL)
        return;
    mcp_metrics_add(metrics, MCP_MEDIA_METRIC_LIVE_LOST, 0, (gint64)atomic_load(&member->late));
    mcp_metrics_add(metrics, MCP_MEDIA_METRIC_LIVE_LOST, 1,
                    (gint64)atomic_load(&member->lost_frames));
}

static void
leave_room(McpMediaLeg *self)
{
    McpMediaMember *member = g_steal_pointer(&self->member);
    McpMediaRoom *held = g_steal_pointer(&self->held_room);

    if (member == NULL)
        return;
    mcp_media_stream_leave(self->stream);
    mcp_media_room_remove(member->room, member);
    count_lost(self, member);
    mcp_media_member_unref(member);
    if (held == NULL)
        return;
    count_members(self, -1);
    mcp_media_rooms_drop(mcp_media_service_get_rooms(self->service), held);
}

void
mcp_media_leg_change_live(McpMediaLeg *leg, const McpMediaAgreement *next,
                          McpMediaStreamChange *change)
{
    guint rate = 0;

    if (leg->member == NULL || next->codec == NULL)
        return;
    rate = mcp_media_room_get_rate(leg->member->room);
    if (!mcp_media_format_equal(&next->format, &leg->agreement.format))
        change->live_decoder = mcp_media_decoder_new(&next->format, rate);
    if (change->live_decoder != NULL || next->ptime != leg->agreement.ptime)
        change->live = mcp_media_live_encoder_new(&next->format, rate, next->ptime);
    mcp_media_room_set_ptime(leg->member->room, leg->member, next->ptime);
}

/* --- a bridge --- */

/* Packets of one can be the other's as they are. */
static gboolean
can_relay(const McpMediaAgreement *a, const McpMediaAgreement *b)
{
    return a->codec == b->codec && a->format.modes == b->format.modes;
}

static guint
common_rate(const McpMediaAgreement *a, const McpMediaAgreement *b)
{
    guint rate = MIN(a->format.rate, b->format.rate);

    if (rate <= NARROW_RATE)
        return NARROW_RATE;
    return rate <= WIDE_RATE ? WIDE_RATE : FULL_RATE;
}

static void
begin_transcoding(McpMediaLeg *self, McpMediaLeg *other)
{
    const McpRoomParams params = {.rate = common_rate(&self->agreement, &other->agreement)};
    const McpRoomMember how = {.role = MCP_ROLE_TALKER};
    McpMediaRoom *room = mcp_media_room_new("", &params, mcp_media_stream_get_worker(self->stream));

    /* Both may be legs of one call: nobody else sees these names. */
    enter(self, room, "a", &how, NULL);
    enter(other, room, "b", &how, NULL);
    mcp_media_room_unref(room);
}

static void
end_transcoding(McpMediaLeg *self, McpMediaLeg *other)
{
    McpMediaRoom *room = NULL;

    if (self->member == NULL)
        return;
    room = mcp_media_room_ref(self->member->room);
    mcp_media_room_flush(room);
    leave_room(self);
    leave_room(other);
    mcp_media_room_close(room);
    mcp_media_room_unref(room);
}

void
mcp_media_leg_fit_bridge(McpMediaLeg *leg)
{
    McpMediaLeg *other = leg->other;
    gboolean relays = FALSE;

    if (leg->bridge == NULL || leg->agreement.codec == NULL || other->agreement.codec == NULL)
        return;
    relays = can_relay(&leg->agreement, &other->agreement);
    if (relays)
        end_transcoding(leg, other);
    else if (leg->member != NULL && mcp_media_room_get_rate(leg->member->room) !=
                                        common_rate(&leg->agreement, &other->agreement))
        end_transcoding(leg, other);
    mcp_media_stream_pass_audio(leg->stream, relays);
    mcp_media_stream_pass_audio(other->stream, relays);
    if (!relays && leg->member == NULL)
        begin_transcoding(leg, other);
}

gboolean
mcp_media_leg_bridge(McpLeg *leg, McpLeg *other, GError **error)
{
    McpMediaLeg *a = MCP_MEDIA_LEG(leg);
    McpMediaLeg *b = MCP_IS_MEDIA_LEG(other) ? MCP_MEDIA_LEG(other) : NULL;
    McpMediaWorker *workers[2];

    if (b == NULL || a == b) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "no leg to be bridged with");
        return FALSE;
    }
    if (!can_join(a, error) || !can_join(b, error))
        return FALSE;
    workers[0] = mcp_media_stream_get_worker(a->stream);
    workers[1] = mcp_media_stream_get_worker(b->stream);
    a->bridge = mcp_media_bridge_new(workers);
    b->bridge = mcp_media_bridge_ref(a->bridge);
    a->other = b;
    b->other = a;
    mcp_media_batch_begin();
    mcp_media_leg_fit_bridge(a);
    mcp_media_stream_bridge(a->stream, mcp_media_bridge_ref(a->bridge), 0);
    mcp_media_stream_bridge(b->stream, mcp_media_bridge_ref(a->bridge), 1);
    mcp_media_batch_end();
    return TRUE;
}

static gboolean
tell_left(gpointer data)
{
    McpMediaLeg *self = data;
    const McpLegEvent event = {.type = MCP_LEG_LEFT};

    mcp_media_leg_emit(self, &event);
    g_object_unref(self);
    return G_SOURCE_REMOVE;
}

/* Not from within what the other one's owner does just now. */
static void
tell_left_later(McpMediaLeg *self)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, tell_left, g_object_ref(self), NULL);
    g_source_attach(source, g_main_context_get_thread_default());
}

static void
end_bridge(McpMediaLeg *self)
{
    McpMediaLeg *other = g_steal_pointer(&self->other);

    if (other == NULL)
        return;
    mcp_media_batch_begin();
    end_transcoding(self, other);
    other->other = NULL;
    mcp_media_stream_unbridge(self->stream);
    mcp_media_stream_unbridge(other->stream);
    mcp_media_batch_end();
    g_clear_pointer(&self->bridge, mcp_media_bridge_unref);
    g_clear_pointer(&other->bridge, mcp_media_bridge_unref);
    tell_left_later(other);
}

void
mcp_media_leg_leave(McpMediaLeg *leg)
{
    if (leg->other != NULL)
        end_bridge(leg);
    else
        leave_room(leg);
}
