/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A step of a room: what each member said in it is taken, summed, and given to the others. All of
 * it runs on the room's home worker.
 */
#include "room_private.h"

#include <math.h>
#include <string.h>

#define SLOTS_A_SECOND (G_USEC_PER_SEC / MCP_MEDIA_SLOT_US)
#define STEP_SLOTS 4
#define SHORT_STEP_SLOTS 2
#define SHORT_STEP_MS 20
/* More than the longest delay of a playout buffer. */
#define DRAIN_STEPS 32
#define CHIME_MS 240
#define CHIME_LOW 620.0
#define CHIME_HIGH 880.0
#define CHIME_PEAK 3000.0
#define CHIME_EDGE_MS 8

/* --- telling --- */

static McpMediaEvent *
room_event(McpMediaRoom *self, McpRoomEventType type, McpMediaRoomListener *listener, gint64 now)
{
    McpMediaEvent *event = mcp_media_block_pool_take(mcp_media_worker_get_events(self->home));

    event->kind = MCP_MEDIA_EVENT_ROOM;
    event->worker = self->home;
    event->room_type = type;
    event->listener = mcp_media_room_listener_ref(listener);
    event->time = now;
    return event;
}

void
mcp_media_room_tell(McpMediaRoom *room, McpRoomEventType type, McpMediaMember *member, gint64 now)
{
    g_mutex_lock(&room->lock);
    for (guint i = 0; i < room->listeners->len; i++) {
        McpMediaRoomListener *listener = g_ptr_array_index(room->listeners, i);
        McpMediaEvent *event = room_event(room, type, listener, now);

        event->member = member != NULL ? mcp_media_member_ref(member) : NULL;
        event->members = room->n_members;
        mcp_media_mailbox_post(listener->mailbox, &event->link);
    }
    g_mutex_unlock(&room->lock);
}

/* The event holds @owner (transfer full) as well, and who takes it may be done with both at once:
 * nothing of them is touched once it is posted. */
static void
post_to_owner(McpMediaRoomListener *owner, McpMediaEvent *event)
{
    McpMediaMailbox *mailbox = mcp_media_mailbox_ref(owner->mailbox);

    mcp_media_room_listener_unref(owner);
    mcp_media_mailbox_post(mailbox, &event->link);
    mcp_media_mailbox_unref(mailbox);
}

void
mcp_media_room_end_list(McpMediaRoom *room, McpStopReason reason, const GError *failure, gint64 now)
{
    McpMediaRoomListener *owner = g_steal_pointer(&room->player_owner);
    McpMediaPlayList *list = g_steal_pointer(&room->player.list);
    McpMediaEvent *event = NULL;

    if (list == NULL)
        return;
    event = room_event(room, MCP_ROOM_PLAYBACK_ENDED, owner, now);
    event->generation = list->generation;
    event->stop = reason;
    event->failure = failure;
    event->list = list;
    post_to_owner(owner, event);
}

void
mcp_media_room_end_recording(McpMediaRoom *room, McpStopReason reason, gint64 now)
{
    McpMediaRoomListener *owner = g_steal_pointer(&room->recorder_owner);
    McpMediaEvent *event = NULL;

    if (room->recorder == NULL)
        return;
    event = room_event(room, MCP_ROOM_RECORDING_ENDED, owner, now);
    event->recorder = g_steal_pointer(&room->recorder);
    g_mutex_lock(&room->lock);
    room->is_recorded = FALSE;
    g_mutex_unlock(&room->lock);
    mcp_media_recorder_end(event->recorder, reason, 0, now);
    post_to_owner(owner, event);
}

/* --- members --- */

static void
link_speakers(McpMediaRoom *self)
{
    McpMediaSpeaker **at = &self->speakers;

    for (McpMediaMember *one = self->members; one != NULL; one = one->next) {
        *at = &one->speaker;
        at = &one->speaker.next;
    }
    *at = NULL;
}

static void
find_partners(McpMediaRoom *self)
{
    self->n_asides = 0;
    for (McpMediaMember *one = self->members; one != NULL; one = one->next) {
        one->partner = NULL;
        if (*one->controls.partner == '\0')
            continue;
        for (McpMediaMember *other = self->members; other != NULL; other = other->next)
            if (strcmp(one->controls.partner, other->name) == 0)
                one->partner = other;
        self->n_asides++;
    }
}

static void
chime(McpMediaRoom *self, gboolean rising)
{
    if (!self->params.tones)
        return;
    self->chime.rising = rising;
    self->chime.done = 0;
    self->chime.left = self->params.rate * CHIME_MS / 1000;
}

void
mcp_media_room_fit_period(McpMediaRoom *room)
{
    guint period = STEP_SLOTS;

    for (McpMediaMember *one = room->members; one != NULL; one = one->next)
        if (atomic_load_explicit(&one->ptime, memory_order_relaxed) % SHORT_STEP_MS != 0)
            period = SHORT_STEP_SLOTS;
    mcp_media_worker_set_period(room->home, &room->ticked, period);
}

void
mcp_media_room_apply(McpMediaRoom *room, McpMediaMember *member,
                     const McpMediaMemberControls *controls)
{
    member->controls = *controls;
    member->speaker.privileged = controls->role == MCP_ROLE_MODERATOR;
    find_partners(room);
}

void
mcp_media_room_enter(McpMediaRoom *room, McpMediaMember *member,
                     const McpMediaMemberControls *controls, gint64 now)
{
    if (room->closed || member->present)
        return;
    member->present = TRUE;
    /* In the room of a bridge whoever was heard before goes on without a fade. */
    member->heard = *room->name == '\0';
    member->next = room->members;
    room->members = member;
    room->n_members++;
    link_speakers(room);
    mcp_media_room_apply(room, member, controls);
    mcp_media_room_fit_period(room);
    if (!room->added)
        mcp_media_worker_add(room->home, &room->ticked, room->ticked.period);
    room->added = TRUE;
    chime(room, TRUE);
    mcp_media_room_tell(room, MCP_ROOM_JOINED, member, now);
}

static void
give_floor(McpMediaRoom *self, McpMediaMember *member, gint64 now)
{
    g_mutex_lock(&self->lock);
    self->speaker = member != NULL ? member->name : NULL;
    g_mutex_unlock(&self->lock);
    mcp_media_room_tell(self, MCP_ROOM_FLOOR, member, now);
}

void
mcp_media_room_exit(McpMediaRoom *room, McpMediaMember *member, gint64 now)
{
    McpMediaMember **at = &room->members;

    if (!member->present)
        return;
    member->present = FALSE;
    while (*at != member)
        at = &(*at)->next;
    *at = member->next;
    room->n_members--;
    link_speakers(room);
    find_partners(room);
    mcp_media_room_fit_period(room);
    if (mcp_media_floor_forget(&room->floor, member))
        give_floor(room, NULL, now);
    chime(room, FALSE);
    mcp_media_room_tell(room, MCP_ROOM_LEFT, member, now);
    /* With nobody in it a room costs nothing. */
    if (room->members == NULL)
        mcp_media_room_end_list(room, MCP_STOP_CLOSED, NULL, now);
    if (room->members == NULL && room->added) {
        mcp_media_worker_remove(room->home, &room->ticked);
        room->added = FALSE;
    }
}

/* --- what is said --- */

static gboolean
may_be_heard(const McpMediaMember *member)
{
    return !member->controls.muted && (member->controls.role == MCP_ROLE_TALKER ||
                                       member->controls.role == MCP_ROLE_MODERATOR);
}

static void
take_all(McpMediaRoom *self, guint n, guint ms, gint64 now)
{
    for (McpMediaMember *one = self->members; one != NULL; one = one->next) {
        guint level = 0;

        if (self->drains)
            mcp_media_member_drain(one, n);
        else
            mcp_media_member_take(one, n, now);
        if (one->controls.gain != MCP_MEDIA_GAIN_ONE)
            mcp_media_mix_gain(one->own, n, one->controls.gain);
        if (may_be_heard(one))
            level = mcp_media_mix_level(one->own, n);
        mcp_media_speaker_note(&one->speaker, level, ms);
        atomic_store_explicit(&one->loudness, one->speaker.loudness, memory_order_relaxed);
    }
}

/* Whoever comes into the mix or goes out of it does so without a click. */
static void
add_all(McpMediaRoom *self, guint n)
{
    mcp_media_floor_choose(self->speakers, self->params.loudest);
    for (McpMediaMember *one = self->members; one != NULL; one = one->next) {
        gboolean heard = one->speaker.chosen && may_be_heard(one);

        one->speaks = heard || one->heard;
        if (heard != one->heard)
            mcp_media_mix_fade(one->own, n, heard);
        one->heard = heard;
        if (one->speaks)
            mcp_media_mix_add(&self->mix, one->own);
    }
}

static void
follow_floor(McpMediaRoom *self, guint ms, gint64 now)
{
    McpMediaMember *loudest = NULL;
    McpMediaMember *holder = self->floor.holder;

    for (McpMediaMember *one = self->members; one != NULL; one = one->next)
        if (loudest == NULL || one->speaker.loudness > loudest->speaker.loudness)
            loudest = one;
    if (mcp_media_floor_step(&self->floor, loudest, loudest != NULL ? loudest->speaker.loudness : 0,
                             holder != NULL ? holder->speaker.loudness : 0, ms))
        give_floor(self, self->floor.holder, now);
}

/* --- what the room says --- */

static void
add_chime(McpMediaRoom *self, guint n)
{
    gint16 samples[MCP_MEDIA_MIX_MAX] = {0};
    guint half = self->params.rate * CHIME_MS / 2000;
    double edge = self->params.rate * CHIME_EDGE_MS / 1000.0;

    for (guint i = 0; i < n && self->chime.left > 0; i++, self->chime.left--, self->chime.done++) {
        guint within = self->chime.done % half;
        gboolean high = (self->chime.done >= half) == self->chime.rising;
        double gain = MIN(MIN(within, half - 1 - within) / edge, 1.0);

        samples[i] =
            (gint16)(CHIME_PEAK * gain *
                     sin(2 * G_PI * (high ? CHIME_HIGH : CHIME_LOW) * within / self->params.rate));
    }
    mcp_media_mix_add(&self->mix, samples);
}

static void
add_prompt(McpMediaRoom *self, guint n, gint64 now)
{
    guint8 bytes[MCP_MEDIA_CODED_MAX];
    gint16 samples[MCP_MEDIA_MIX_MAX] = {0};
    gint16 resampled[MCP_MEDIA_MIX_MAX] = {0};
    guint ticks = n * self->play_format.rate / self->params.rate;
    McpMediaFill fill;

    mcp_media_player_fill(&self->player, &self->play_format, bytes, ticks, &fill);
    for (guint i = 0; fill.length > 0 && i < ticks; i++)
        samples[i] = (gint16)((guint16)bytes[2 * i] << 8 | bytes[2 * i + 1]);
    if (self->resampler != NULL) {
        spx_uint32_t used = ticks;
        spx_uint32_t made = n;

        speex_resampler_process_int(self->resampler, 0, samples, &used, resampled, &made);
    }
    mcp_media_mix_add(&self->mix, self->resampler != NULL ? resampled : samples);
    if (fill.ended)
        mcp_media_room_end_list(self, MCP_STOP_COMPLETED, NULL, now);
    else if (fill.failure != NULL)
        mcp_media_room_end_list(self, MCP_STOP_FAILED, fill.failure, now);
}

/* --- what is heard --- */

/* TRUE: somebody speaks to @member alone; into @aside. */
static gboolean
collect_asides(McpMediaRoom *self, const McpMediaMember *member, guint n, gint16 *aside)
{
    gboolean any = FALSE;

    for (const McpMediaMember *one = self->n_asides > 0 ? self->members : NULL; one != NULL;
         one = one->next) {
        if (one->partner != member || one->controls.muted)
            continue;
        if (!any)
            memset(aside, 0, n * sizeof *aside);
        any = TRUE;
        for (guint i = 0; i < n; i++)
            aside[i] = (gint16)CLAMP(aside[i] + one->own[i], G_MININT16, G_MAXINT16);
    }
    return any;
}

static void
give_one(McpMediaRoom *self, McpMediaMember *member, guint n, gint64 now)
{
    gint16 aside[MCP_MEDIA_MIX_MAX];
    gint16 out[MCP_MEDIA_MIX_MAX];
    gboolean whispers = member->controls.role == MCP_ROLE_WHISPERER;

    if (member->controls.deaf || (whispers && member->partner == NULL))
        memset(out, 0, n * sizeof *out);
    else if (!whispers)
        mcp_media_mix_take(&self->mix, member->speaks ? member->own : NULL,
                           collect_asides(self, member, n, aside) ? aside : NULL, out);
    else
        memcpy(out, member->partner->own, n * sizeof *out);
    if (member->controls.volume != MCP_MEDIA_GAIN_ONE)
        mcp_media_mix_gain(out, n, member->controls.volume);
    /* Nobody is sent silence ahead of time. */
    if (self->drains && mcp_media_mix_is_silent(out, n))
        return;
    mcp_media_member_give(member, out, n, now);
}

/* Hears the whole mix and nothing else, as others do. */
static gboolean
hears_all(const McpMediaRoom *self, const McpMediaMember *member)
{
    if (member->speaks || member->remote || member->controls.deaf || member->stream == NULL ||
        member->controls.role == MCP_ROLE_WHISPERER ||
        member->controls.volume != MCP_MEDIA_GAIN_ONE)
        return FALSE;
    for (const McpMediaMember *one = self->n_asides > 0 ? self->members : NULL; one != NULL;
         one = one->next)
        if (one->partner == member)
            return FALSE;
    return TRUE;
}

static void
give_all(McpMediaRoom *self, guint n, gint64 now)
{
    gint16 common[MCP_MEDIA_MIX_MAX];
    gboolean made = FALSE;

    self->shared.n = 0;
    for (McpMediaMember *one = self->members; one != NULL; one = one->next) {
        if (!hears_all(self, one)) {
            give_one(self, one, n, now);
            continue;
        }
        if (!made)
            mcp_media_mix_take(&self->mix, NULL, NULL, common);
        made = TRUE;
        mcp_media_stream_send_shared(one->stream, common, n, &self->shared, now);
    }
}

/* The whole mix, in time with the clock: the room may stand still while nobody is in it. */
static void
record(McpMediaRoom *self, guint n, gint64 now)
{
    gint16 samples[MCP_MEDIA_MIX_MAX];
    McpStopReason reason = MCP_STOP_COMPLETED;
    McpMediaHeard heard = {
        .samples = samples,
        .n = n,
        .rate = self->params.rate,
        .arrival = now,
        .restart = !self->records,
    };

    if (!self->records)
        self->recorded_from = self->ticked.due;
    self->records = TRUE;
    heard.position =
        (gint64)(self->ticked.due - self->recorded_from) * self->params.rate / SLOTS_A_SECOND;

    mcp_media_mix_take(&self->mix, NULL, NULL, samples);
    mcp_media_recorder_hear(self->recorder, &heard, now);
    if (mcp_media_recorder_tick(self->recorder, now, &reason))
        mcp_media_room_end_recording(self, reason, now);
}

static void
mix(McpMediaRoom *self, gint64 now)
{
    guint n = self->ticked.period * self->params.rate / SLOTS_A_SECOND;
    guint ms = self->ticked.period * MCP_MEDIA_SLOT_US / 1000;

    take_all(self, n, ms, now);
    mcp_media_mix_begin(&self->mix, n);
    add_all(self, n);
    follow_floor(self, ms, now);
    if (self->chime.left > 0)
        add_chime(self, n);
    if (self->player.list != NULL)
        add_prompt(self, n, now);
    mcp_media_mix_end(&self->mix);
    if (self->recorder != NULL)
        record(self, n, now);
    give_all(self, n, now);
}

static void
step(McpMediaTicked *ticked, gint64 now)
{
    McpMediaRoom *self = (McpMediaRoom *)ticked;

    mix(self, now);
    atomic_store_explicit(&self->steps,
                          atomic_load_explicit(&self->steps, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    atomic_store_explicit(&self->skipped, ticked->skipped, memory_order_relaxed);
}

static gboolean
somebody_waits(const McpMediaRoom *self, gint64 now)
{
    for (McpMediaMember *one = self->members; one != NULL; one = one->next)
        if (mcp_media_member_waits(one, now))
            return TRUE;
    return FALSE;
}

void
mcp_media_room_drain(McpMediaRoom *room, gint64 now)
{
    room->drains = TRUE;
    for (guint i = 0; i < DRAIN_STEPS && room->added && somebody_waits(room, now); i++)
        mix(room, now);
    room->drains = FALSE;
}

static void
shutdown_room(McpMediaTicked *ticked, gint64 now)
{
    McpMediaRoom *self = (McpMediaRoom *)ticked;

    mcp_media_room_end_list(self, MCP_STOP_CLOSED, NULL, now);
    mcp_media_room_end_recording(self, MCP_STOP_CLOSED, now);
    self->closed = TRUE;
    self->added = FALSE;
}

const McpMediaTickedClass mcp_media_room_class = {step, NULL, shutdown_room};
