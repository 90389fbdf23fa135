/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialog "conference": a caller is a member of a room until it hangs up, is taken out, or its
 * moderator goes. How it is in the room is the room's to know, as operators change it too; here is
 * only what it waits for. On the call's shard.
 */
#include "member_private.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpConferenceMember);

static void dialog_iface_init(McpDialogInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpConferenceMember, mcp_conference_member, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG, dialog_iface_init))

/* --- the end --- */

static void
set_fields(McpConferenceMember *self)
{
    gint64 now = mcp_clock_now(self->frame.services->clock);
    g_autofree char *seconds =
        g_strdup_printf("%.1f", (double)(now - self->joined) / G_USEC_PER_SEC);
    guint peak = 0;
    g_autofree char *most = NULL;

    mcp_seat_count(self->seat, &peak);
    most = g_strdup_printf("%u", peak);
    mcp_call_set_record_field(self->frame.call, "seconds", seconds);
    mcp_call_set_record_field(self->frame.call, "peak", most);
}

static void
leave(McpConferenceMember *self, const char *why)
{
    guint present = 0;

    if (self->joined == 0)
        return;
    set_fields(self);
    present = mcp_seat_count(self->seat, NULL) - 1;
    self->joined = 0;
    mcp_metrics_add(self->frame.services->metrics, MCP_CONFERENCE_METRIC_MEMBERS, 0, -1);
    mcp_call_note(self->frame.call, "room", "left %s: %s", self->room_name, why);
    mcp_log_info("room-left", mcp_call_get_id(self->frame.call), "left room %s, %u members now: %s",
                 self->room_name, present, why);
}

static void
end(McpConferenceMember *self, const McpDialogEnd *result)
{
    if (!mcp_dialog_frame_stop(&self->frame))
        return;
    leave(self, result->reason);
    g_clear_pointer(&self->seat, mcp_seat_leave);
    g_clear_object(&self->room);
    mcp_dialog_frame_end(&self->frame, MCP_DIALOG(self), result);
}

/* --- how it is in the room --- */

static void
play_hold_audio(McpConferenceMember *self)
{
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = self->hold_audio};

    if (self->hold_audio != NULL)
        self->hold_list = mcp_leg_play(self->frame.leg, &item, 1);
}

static void
hold(McpConferenceMember *self)
{
    g_autofree char *partner = NULL;
    McpRoomMember how;

    if (self->held || !mcp_conference_member_get(self, &how, &partner))
        return;
    self->held = TRUE;
    how.muted = how.deaf = TRUE;
    mcp_conference_member_change(self, mcp_call_get_id(self->frame.call), &how);
    mcp_call_note(self->frame.call, "room", "waits for a moderator");
    play_hold_audio(self);
}

static void
release(McpConferenceMember *self)
{
    g_autofree char *partner = NULL;
    McpRoomMember how;

    if (!self->held || !mcp_conference_member_get(self, &how, &partner))
        return;
    self->held = FALSE;
    how.muted = self->params->muted || mcp_seat_is_all_muted(self->seat);
    how.deaf = FALSE;
    mcp_conference_member_change(self, mcp_call_get_id(self->frame.call), &how);
    mcp_call_note(self->frame.call, "room", "a moderator is there");
    if (self->hold_list != 0)
        mcp_leg_stop(self->frame.leg, self->hold_list);
    self->hold_list = 0;
}

/* The partner came in after its coach. */
static void
find_partner(McpConferenceMember *self, const McpNotice *notice)
{
    g_autofree char *partner = NULL;
    McpRoomMember how;

    if (self->params->partner == NULL || g_strcmp0(self->params->partner, notice->user) != 0 ||
        !mcp_conference_member_get(self, &how, &partner))
        return;
    how.partner = notice->call_id;
    mcp_conference_member_change(self, mcp_call_get_id(self->frame.call), &how);
}

static void
on_notice(const McpNotice *notice, gpointer user_data)
{
    g_autoptr(McpConferenceMember) self = g_object_ref(user_data);
    gboolean waits = self->params->wait_for_moderator;

    switch (notice->type) {
    case MCP_NOTICE_ENTERED:
        find_partner(self, notice);
        break;
    case MCP_NOTICE_MODERATOR_CAME:
        release(self);
        break;
    case MCP_NOTICE_MODERATOR_LEFT:
        if (notice->ends || self->params->end_with_moderator)
            end(self, &(McpDialogEnd){.reason = "the moderator has left"});
        else if (waits && self->params->role != MCP_ROLE_MODERATOR)
            hold(self);
        break;
    }
}

/* --- events --- */

static void
on_leg(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    g_autoptr(McpConferenceMember) self = g_object_ref(user_data);

    if (event->type == MCP_LEG_DIGIT)
        mcp_conference_member_take_digits(self);
    else if (event->type == MCP_LEG_LEFT)
        end(self, &(McpDialogEnd){.reason = "removed from the room"});
    else if (event->type == MCP_LEG_PLAYBACK_ENDED && event->generation == self->hold_list &&
             event->stop == MCP_STOP_COMPLETED && self->held)
        play_hold_audio(self);
}

/* --- entry --- */

static gboolean
enter(McpConferenceMember *self, GError **error)
{
    gboolean moderated = mcp_seat_enter(self->seat, on_notice, self);
    const McpConferenceParams *params = self->params;
    g_autofree char *partner =
        params->partner != NULL ? mcp_seat_find(self->seat, params->partner) : NULL;
    McpRoomMember how = {.role = params->role,
                         .partner = partner != NULL ? partner : params->partner,
                         .muted = params->muted || mcp_seat_is_all_muted(self->seat),
                         .gain = params->gain,
                         .volume = params->volume};

    self->held = params->wait_for_moderator && !moderated;
    if (params->role == MCP_ROLE_MODERATOR)
        how.muted = params->muted;
    if (self->held)
        how.muted = how.deaf = TRUE;
    self->room =
        mcp_media_open_room(self->frame.services->media, self->room_name, &params->of_room, error);
    return self->room != NULL && mcp_room_join(self->room, self->frame.leg, &how, error);
}

static void
tell_entry(McpConferenceMember *self)
{
    const char *role = mcp_room_role_name(self->params->role);

    self->joined = mcp_clock_now(self->frame.services->clock);
    mcp_metrics_add(self->frame.services->metrics, MCP_CONFERENCE_METRIC_ENTRIES, 0, 1);
    mcp_metrics_add(self->frame.services->metrics, MCP_CONFERENCE_METRIC_MEMBERS, 0, 1);
    mcp_call_set_record_field(self->frame.call, "room", self->room_name);
    mcp_call_set_record_field(self->frame.call, "role", role);
    mcp_call_note(self->frame.call, "room", "joined %s as %s%s%s", self->room_name, role,
                  self->params->muted ? ", muted" : "",
                  self->held ? ", waits for a moderator" : "");
    mcp_log_info("room-joined", mcp_call_get_id(self->frame.call),
                 "joined room %s as %s, %u members now", self->room_name, role,
                 mcp_seat_count(self->seat, NULL));
}

static void
start(McpDialog *dialog, McpLeg *leg, McpDialogEndFunc func, gpointer user_data)
{
    McpConferenceMember *self = MCP_CONFERENCE_MEMBER(dialog);
    g_autoptr(GError) error = NULL;

    mcp_dialog_frame_start(&self->frame, leg, func, user_data);
    if (!enter(self, &error)) {
        gboolean full = g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT);

        mcp_log_warning("room-refused", mcp_call_get_id(self->frame.call), "%s", error->message);
        end(self,
            &(McpDialogEnd){.failed = !full, .reason = error->message, .cause = full ? 486 : 500});
        return;
    }
    tell_entry(self);
    mcp_leg_set_handler(leg, on_leg, self);
    if (self->held)
        play_hold_audio(self);
    mcp_conference_member_take_digits(self);
}

/* --- before the entry --- */

static void
on_fetched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    McpConferenceMember *self = g_task_get_source_object(task);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &error);
    const McpFetchFacts *facts = response != NULL ? mcp_fetch_response_get_facts(response) : NULL;

    /* Who waits in silence waits as well: a conference does not fail for want of music. */
    if (facts != NULL && facts->status == 200)
        self->hold_audio = mcp_audio_new(facts->body, facts->content_type, facts->content_id);
    else
        mcp_log_warning("hold-audio", mcp_call_get_id(self->frame.call),
                        "no hold_audio from %s: %s", self->params->hold_audio,
                        error != NULL ? error->message : "the server has none");
    g_task_return_boolean(task, TRUE);
}

static void
prepare_async(McpDialog *dialog, GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer user_data)
{
    McpConferenceMember *self = MCP_CONFERENCE_MEMBER(dialog);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    const McpFetchRequest request = {.url = self->params->hold_audio,
                                     .method = "GET",
                                     .max_age = -1,
                                     .max_stale = -1,
                                     .call = self->frame.call};

    if (self->params->hold_audio == NULL || self->frame.services->fetcher == NULL)
        g_task_return_boolean(task, TRUE);
    else
        mcp_fetcher_fetch_async(self->frame.services->fetcher, &request, cancellable, on_fetched,
                                g_steal_pointer(&task));
}

static void
terminate(McpDialog *dialog, const char *reason)
{
    end(MCP_CONFERENCE_MEMBER(dialog), &(McpDialogEnd){.reason = reason});
}

static void
describe(McpDialog *dialog, McpJson *json)
{
    McpConferenceMember *self = MCP_CONFERENCE_MEMBER(dialog);

    mcp_json_string(json, "room", self->room_name);
    mcp_json_string(json, "role", mcp_room_role_name(self->params->role));
    mcp_json_bool(json, "waits_for_moderator", self->held);
    if (self->seat != NULL)
        mcp_json_int(json, "members", mcp_seat_count(self->seat, NULL));
}

static void
dialog_iface_init(McpDialogInterface *iface)
{
    iface->prepare_async = prepare_async;
    iface->prepare_finish = mcp_dialog_frame_prepare_finish;
    iface->start = start;
    iface->terminate = terminate;
    iface->describe = describe;
}

/* --- life --- */

/* User part of a URI: "sip:anna@host" is anna. */
static char *
user_of(const char *uri)
{
    const char *colon = uri != NULL ? strchr(uri, ':') : NULL;
    const char *at = uri != NULL ? strchr(uri, '@') : NULL;

    if (colon == NULL || at == NULL || at < colon)
        return g_strdup("");
    return g_strndup(colon + 1, (gsize)(at - colon - 1));
}

static gboolean
take_seat(McpConferenceMember *self, McpReject **out_reject)
{
    g_autofree char *user = user_of(mcp_call_get_remote_uri(self->frame.call));
    const McpSeatParams params = {.room = self->room_name,
                                  .call_id = mcp_call_get_id(self->frame.call),
                                  .user = user,
                                  .max_members = self->params->of_room.max_members,
                                  .moderator = self->params->role == MCP_ROLE_MODERATOR,
                                  .ends = self->params->end_with_moderator};
    g_autoptr(GError) error = NULL;

    self->seat = mcp_attendance_take_seat(self->frame.services->attendance, &params, &error);
    if (self->seat == NULL)
        *out_reject = mcp_reject_new(486, error->message, NULL);
    return self->seat != NULL;
}

McpConferenceMember *
mcp_conference_member_new(McpConferenceServices *services, McpCall *call,
                          McpConferenceParams *params, McpReject **out_reject)
{
    g_autoptr(McpConferenceMember) self = g_object_new(MCP_TYPE_CONFERENCE_MEMBER, NULL);
    const McpInvite *invite = mcp_call_get_invite(call);

    mcp_dialog_frame_init(&self->frame, services, call);
    self->params = params;
    self->room_name = g_strdup(params->room != NULL ? params->room
                               : invite != NULL     ? invite->user
                                                    : "");
    if (*self->room_name == '\0' || strlen(self->room_name) > MCP_ROOM_NAME_MAX) {
        *out_reject = mcp_reject_new(404, "the request names no room", NULL);
        return NULL;
    }
    return take_seat(self, out_reject) ? g_steal_pointer(&self) : NULL;
}

static void
mcp_conference_member_dispose(GObject *object)
{
    McpConferenceMember *self = MCP_CONFERENCE_MEMBER(object);

    g_clear_pointer(&self->seat, mcp_seat_leave);
    g_clear_object(&self->room);
    G_OBJECT_CLASS(mcp_conference_member_parent_class)->dispose(object);
}

static void
mcp_conference_member_finalize(GObject *object)
{
    McpConferenceMember *self = MCP_CONFERENCE_MEMBER(object);

    g_clear_pointer(&self->params, mcp_conference_params_free);
    mcp_dialog_frame_clear(&self->frame);
    g_clear_pointer(&self->hold_audio, mcp_audio_unref);
    g_free(self->room_name);
    MCP_LEDGER_FINALIZED(McpConferenceMember);
    G_OBJECT_CLASS(mcp_conference_member_parent_class)->finalize(object);
}

static void
mcp_conference_member_class_init(McpConferenceMemberClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_conference_member_dispose;
    G_OBJECT_CLASS(klass)->finalize = mcp_conference_member_finalize;
}

static void
mcp_conference_member_init(McpConferenceMember *self)
{
    MCP_LEDGER_CREATED(McpConferenceMember);
}
