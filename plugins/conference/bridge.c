/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialog "bridge": once the caller is answered, another party is called; the caller hears it
 * ring, then both hear each other until one of them hangs up. On the call's shard.
 */
#include "bridge.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <string.h>

#include "callee/callee.h"
#include "frame.h"

#define RING_PAUSE (4 * G_USEC_PER_SEC) /* ITU-T E.180: 1 s of tone, 4 s of silence */

MCP_LEDGER_DEFINE(McpBridge);

struct _McpBridge {
    GObject parent_instance;
    McpDialogFrame frame;
    McpBridgeParams *params;
    char *target;
    McpCallee *callee; /* while it runs */
    guint64 ringing;   /* generation that plays, 0: none */
    gint64 bridged;    /* when it was answered, 0: not yet */
    gboolean joined;   /* both legs are */
};

static void dialog_iface_init(McpDialogInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpBridge, mcp_bridge, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG, dialog_iface_init))

/* --- the end --- */

static void
set_fields(McpBridge *self, guint status)
{
    gint64 now = mcp_clock_now(self->frame.services->clock);
    gint64 bridged = self->bridged != 0 ? now - self->bridged : 0;
    g_autofree char *seconds = g_strdup_printf("%.1f", (double)bridged / G_USEC_PER_SEC);
    g_autofree char *text = g_strdup_printf("%u", status);

    mcp_call_set_record_field(self->frame.call, "target", self->target);
    mcp_call_set_record_field(self->frame.call, "status", text);
    mcp_call_set_record_field(self->frame.call, "seconds", seconds);
}

/* @status: of the callee's INVITE, as far as it is known. */
static void
end(McpBridge *self, const McpDialogEnd *result, guint status)
{
    if (!mcp_dialog_frame_stop(&self->frame))
        return;
    set_fields(self, status);
    if (self->bridged != 0)
        mcp_metrics_add(self->frame.services->metrics, MCP_CONFERENCE_METRIC_BRIDGES, 0, -1);
    mcp_leg_stop(self->frame.leg, self->ringing);
    if (self->callee != NULL)
        mcp_callee_hang_up(self->callee, result->reason);
    g_clear_object(&self->callee);
    mcp_log_info("bridge-ended", mcp_call_get_id(self->frame.call), "bridge with %s ended: %s",
                 self->target, result->reason);
    mcp_dialog_frame_end(&self->frame, MCP_DIALOG(self), result);
}

/* --- ringing, and the bridge --- */

static void
play_ringing(McpBridge *self)
{
    const McpPlayItem items[] = {
        {.kind = MCP_PLAY_AUDIO, .audio = self->frame.services->ringing},
        {.kind = MCP_PLAY_SILENCE, .duration = RING_PAUSE},
    };

    self->ringing = mcp_leg_play(self->frame.leg, items, G_N_ELEMENTS(items));
}

static void
stop_ringing(McpBridge *self)
{
    guint64 generation = self->ringing;

    self->ringing = 0;
    if (generation != 0)
        mcp_leg_stop(self->frame.leg, generation);
}

/* FALSE: it could not be done, and the dialog has ended. */
static gboolean
join(McpBridge *self)
{
    g_autoptr(GError) error = NULL;

    stop_ringing(self);
    if (self->joined)
        return TRUE;
    self->joined = mcp_leg_bridge(self->frame.leg, mcp_callee_get_leg(self->callee), &error);
    if (self->joined)
        return TRUE;
    mcp_log_warning("bridge-failed", mcp_call_get_id(self->frame.call), "%s", error->message);
    end(self, &(McpDialogEnd){.failed = TRUE, .reason = error->message, .cause = 500}, 200);
    return FALSE;
}

static void
on_answered(McpBridge *self)
{
    if (!join(self))
        return;
    self->bridged = mcp_clock_now(self->frame.services->clock);
    mcp_metrics_add(self->frame.services->metrics, MCP_CONFERENCE_METRIC_BRIDGES, 0, 1);
    mcp_metrics_add(self->frame.services->metrics, MCP_CONFERENCE_METRIC_DIALS, 0, 1);
    mcp_call_note(self->frame.call, "bridge", "bridged with %s", self->target);
    mcp_log_info("bridged", mcp_call_get_id(self->frame.call), "bridged with %s", self->target);
}

/* RFC 3326: who called is told what became of it. */
static void
on_callee_ended(McpBridge *self, const McpCalleeEvent *event)
{
    g_autofree char *reason = NULL;
    guint status = event->status;

    if (self->bridged != 0) {
        reason = g_strdup_printf("callee: %s", event->reason);
        end(self, &(McpDialogEnd){.reason = reason}, 200);
        return;
    }
    mcp_metrics_add(self->frame.services->metrics, MCP_CONFERENCE_METRIC_DIALS, 1, 1);
    reason = g_strdup_printf("callee: %u %s", status, event->reason);
    mcp_log_info("bridge-refused", mcp_call_get_id(self->frame.call), "%s: %u %s", self->target,
                 status, event->reason);
    end(self, &(McpDialogEnd){.reason = reason, .cause = status}, status);
}

static void
on_callee(const McpCalleeEvent *event, gpointer user_data)
{
    g_autoptr(McpBridge) self = g_object_ref(user_data);

    switch (event->type) {
    case MCP_CALLEE_RINGING:
        if (!self->joined && self->ringing == 0)
            play_ringing(self);
        break;
    case MCP_CALLEE_EARLY:
        join(self);
        break;
    case MCP_CALLEE_ANSWERED:
        on_answered(self);
        break;
    case MCP_CALLEE_INFO:
        mcp_session_send_info(mcp_call_get_session(self->frame.call), event->content_type,
                              event->body);
        break;
    case MCP_CALLEE_ENDED:
        on_callee_ended(self, event);
        break;
    }
}

/* Those in media have passed through; others were told to our leg alone. */
static void
pass_digits(McpBridge *self)
{
    McpDigit digit;

    while (mcp_leg_take_digit(self->frame.leg, &digit)) {
        if (digit.source == MCP_DIGIT_INFO && self->bridged != 0)
            mcp_callee_press(self->callee, &digit);
    }
}

static void
on_leg(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    g_autoptr(McpBridge) self = g_object_ref(user_data);

    if (event->type == MCP_LEG_DIGIT)
        pass_digits(self);
    else if (event->type == MCP_LEG_PLAYBACK_ENDED && event->generation == self->ringing &&
             event->stop == MCP_STOP_COMPLETED)
        play_ringing(self);
    else if (event->type == MCP_LEG_LEFT)
        end(self, &(McpDialogEnd){.reason = "the bridge has ended"}, 200);
}

/* --- the dialog --- */

static void
start(McpDialog *dialog, McpLeg *leg, McpDialogEndFunc func, gpointer user_data)
{
    McpBridge *self = MCP_BRIDGE(dialog);
    const McpCalleeParams how = {.media = self->frame.services->media,
                                 .target = self->target,
                                 .from = self->params->from,
                                 .ring_timeout = self->params->ring_timeout,
                                 .codecs = (const char *const *)self->params->codecs};
    g_autoptr(GError) error = NULL;

    mcp_dialog_frame_start(&self->frame, leg, func, user_data);
    mcp_leg_set_handler(leg, on_leg, self);
    self->callee = mcp_callee_dial(self->frame.call, &how, &error);
    if (self->callee == NULL) {
        mcp_log_warning("bridge-failed", mcp_call_get_id(self->frame.call), "%s: %s", self->target,
                        error->message);
        end(self, &(McpDialogEnd){.failed = TRUE, .reason = error->message, .cause = 503}, 503);
        return;
    }
    mcp_call_note(self->frame.call, "bridge", "calling %s", self->target);
    mcp_callee_set_handler(self->callee, on_callee, self);
}

/* What can be known beforehand is known since it was made. */
static void
prepare_async(McpDialog *dialog, GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(dialog, cancellable, callback, user_data);

    g_task_return_boolean(task, TRUE);
}

static void
message(McpDialog *dialog, const char *content_type, GBytes *body)
{
    McpBridge *self = MCP_BRIDGE(dialog);

    if (self->callee != NULL)
        mcp_callee_send_info(self->callee, content_type, body);
}

static void
terminate(McpDialog *dialog, const char *reason)
{
    McpBridge *self = MCP_BRIDGE(dialog);
    gboolean by_us = mcp_call_is_connected(self->frame.call);
    g_autofree char *text = g_strdup_printf("%s%s", by_us ? "" : "caller: ", reason);

    /* RFC 3261 §21.4.25: an INVITE that is taken back. */
    end(self, &(McpDialogEnd){.reason = text}, self->bridged != 0 ? 200 : 487);
}

static void
describe(McpDialog *dialog, McpJson *json)
{
    McpBridge *self = MCP_BRIDGE(dialog);

    mcp_json_string(json, "target", self->target);
    mcp_json_bool(json, "bridged", self->bridged != 0);
    if (self->callee == NULL)
        return;
    mcp_json_begin_object(json, "callee");
    mcp_callee_describe(self->callee, json);
    mcp_json_end_object(json);
}

static void
dialog_iface_init(McpDialogInterface *iface)
{
    iface->prepare_async = prepare_async;
    iface->prepare_finish = mcp_dialog_frame_prepare_finish;
    iface->start = start;
    iface->message = message;
    iface->terminate = terminate;
    iface->describe = describe;
}

/* --- life --- */

static gboolean
choose_target(McpBridge *self, McpReject **out_reject)
{
    const McpInvite *invite = mcp_call_get_invite(self->frame.call);
    g_autoptr(GError) error = NULL;

    self->target = mcp_bridge_params_get_target(self->params, invite->user, &error);
    if (self->target == NULL)
        *out_reject = mcp_reject_new(404, error->message, NULL);
    else if (!mcp_call_may_dial(self->frame.call, self->target, &error))
        *out_reject = mcp_reject_new(403, error->message, NULL);
    return *out_reject == NULL;
}

McpBridge *
mcp_bridge_new(McpConferenceServices *services, McpCall *call, McpBridgeParams *params,
               McpReject **out_reject)
{
    g_autoptr(McpBridge) self = g_object_new(MCP_TYPE_BRIDGE, NULL);

    mcp_dialog_frame_init(&self->frame, services, call);
    self->params = params;
    if (mcp_call_get_invite(call) == NULL) {
        *out_reject = mcp_reject_new(403, "a call that we placed has no right to dial", NULL);
        return NULL;
    }
    return choose_target(self, out_reject) ? g_steal_pointer(&self) : NULL;
}

static void
mcp_bridge_dispose(GObject *object)
{
    McpBridge *self = MCP_BRIDGE(object);

    g_clear_object(&self->callee);
    G_OBJECT_CLASS(mcp_bridge_parent_class)->dispose(object);
}

static void
mcp_bridge_finalize(GObject *object)
{
    McpBridge *self = MCP_BRIDGE(object);

    g_clear_pointer(&self->params, mcp_bridge_params_free);
    mcp_dialog_frame_clear(&self->frame);
    g_free(self->target);
    MCP_LEDGER_FINALIZED(McpBridge);
    G_OBJECT_CLASS(mcp_bridge_parent_class)->finalize(object);
}

static void
mcp_bridge_class_init(McpBridgeClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = mcp_bridge_dispose;
    G_OBJECT_CLASS(klass)->finalize = mcp_bridge_finalize;
}

static void
mcp_bridge_init(McpBridge *self)
{
    MCP_LEDGER_CREATED(McpBridge);
}
