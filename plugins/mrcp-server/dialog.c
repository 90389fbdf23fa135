/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session (RFC 6787 §4.2): a call whose offer asks for control channels. The core has the leg and
 * the audio line; each m=application line is a resource here, which comes and goes with offers. On
 * the call's shard.
 */
#include "dialog.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <mrcp/description.h>
#include <mrcp_resources/resource.h>
#include <string.h>

/* Who closes the connection says BYE, too; only who does not gets ours (§4.6). */
#define GRACE (2 * G_USEC_PER_SEC)

MCP_LEDGER_DEFINE(McpMrcpdDialog);

#define MCP_TYPE_MRCPD_DIALOG (mcp_mrcpd_dialog_get_type())
G_DECLARE_FINAL_TYPE(McpMrcpdDialog, mcp_mrcpd_dialog, MCP, MRCPD_DIALOG, GObject)

struct _McpMrcpdDialog {
    GObject parent_instance;
    McpMrcpdServices *services;
    McpMrcpdSession session;
    GPtrArray *resources; /* McpMrcpdResource by control line; NULL: given back */
    McpTimer *lost;       /* nullable */
    McpDialogEndFunc func;
    gpointer user_data;
};

static void dialog_iface_init(McpDialogInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMrcpdDialog, mcp_mrcpd_dialog, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG, dialog_iface_init))

static McpMrcpdResource *
resource_at(McpMrcpdDialog *self, guint index)
{
    return index < self->resources->len ? self->resources->pdata[index] : NULL;
}

static void
set_resource(McpMrcpdDialog *self, guint index, McpMrcpdResource *resource)
{
    McpMrcpdResource *before = resource_at(self, index);

    if (index >= self->resources->len)
        g_ptr_array_set_size(self->resources, (gint)index + 1);
    if (before != NULL)
        before->class->free(before);
    self->resources->pdata[index] = resource;
}

static void
end(McpMrcpdDialog *self, const char *reason)
{
    McpDialogEndFunc func = g_steal_pointer(&self->func);
    const McpDialogEnd result = {.reason = reason};

    mcp_timer_clear(&self->lost);
    for (guint i = 0; i < self->resources->len; i++)
        set_resource(self, i, NULL);
    if (self->session.leg != NULL)
        mcp_leg_set_handler(self->session.leg, NULL, NULL);
    g_clear_object(&self->session.leg);
    if (func != NULL)
        func(MCP_DIALOG(self), &result, self->user_data);
}

static void
on_lost(gpointer user_data)
{
    g_autoptr(McpMrcpdDialog) self = g_object_ref(user_data);

    end(self, "the control connection was closed");
}

static void
session_lost(McpMrcpdSession *session)
{
    McpMrcpdDialog *self =
        (McpMrcpdDialog *)((char *)session - G_STRUCT_OFFSET(McpMrcpdDialog, session));

    if (self->lost == NULL && self->func != NULL)
        self->lost = mcp_clock_after(session->clock, NULL, GRACE, on_lost, self);
}

/* --- offers --- */

static gboolean refuse(McpReject **out_reject, guint status, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static gboolean
refuse(McpReject **out_reject, guint status, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    *out_reject = mcp_reject_new(status, text, NULL);
    return FALSE;
}

static gboolean
is_ours(const McpMrcpLine *line, McpMrcpResource *out_kind)
{
    return line->resource != NULL &&
           mcp_mrcp_resource_find(MCP_MRCP_V2, line->resource, out_kind) &&
           (*out_kind == MCP_MRCP_SPEECHSYNTH || *out_kind == MCP_MRCP_SPEECHRECOG);
}

/* What RTSP carries has no port of its own. */
static guint
port_of(McpMrcpdDialog *self, const McpMrcpLine *line)
{
    if (g_strcmp0(mcp_call_get_invite(self->session.call)->transport, "rtsp") == 0)
        return self->services->ports[MCP_MRCPD_LINK_RTSP];
    return self->services->ports[line->tls ? MCP_MRCPD_LINK_TLS : MCP_MRCPD_LINK_TCP];
}

/* A line that is new: not more than one of each kind (§4.2). */
static gboolean
check_line(McpMrcpdDialog *self, const McpMrcpLine *line, guint *seen, McpReject **out_reject)
{
    McpMrcpResource kind = MCP_MRCP_SPEECHSYNTH;

    if (!is_ours(line, &kind))
        return refuse(out_reject, 488, "there is no resource %.40s here",
                      line->resource != NULL ? line->resource : "without a name");
    if ((*seen & 1u << kind) != 0)
        return refuse(out_reject, 488, "a session has one %s", line->resource);
    if (port_of(self, line) == 0)
        return refuse(out_reject, 488, "control channels over %s are not taken",
                      line->tls ? "TLS" : "TCP");
    *seen |= 1u << kind;
    return TRUE;
}

/* Before anything is done: what is refused changes nothing. */
static gboolean
check_lines(McpMrcpdDialog *self, const GPtrArray *lines, McpReject **out_reject)
{
    guint seen = 0;

    for (guint i = 0; i < lines->len; i++) {
        const McpMrcpLine *line = lines->pdata[i];
        McpMrcpdResource *resource = resource_at(self, i);

        if (line->port != 0 && resource != NULL)
            seen |= 1u << resource->class->kind;
    }
    for (guint i = 0; i < lines->len; i++) {
        const McpMrcpLine *line = lines->pdata[i];

        if (line->port != 0 && resource_at(self, i) == NULL &&
            !check_line(self, line, &seen, out_reject))
            return FALSE;
    }
    return TRUE;
}

static gboolean
open_resource(McpMrcpdDialog *self, guint index, const McpMrcpLine *line, McpReject **out_reject)
{
    McpMrcpdResource *resource = NULL;
    McpMrcpResource kind = MCP_MRCP_SPEECHSYNTH;
    g_autoptr(GError) error = NULL;

    is_ours(line, &kind);
    resource = kind == MCP_MRCP_SPEECHSYNTH ? mcp_mrcpd_synthesizer_new(&self->session, &error)
                                            : mcp_mrcpd_recognizer_new(&self->session, &error);
    if (resource == NULL)
        return refuse(out_reject, 503, "%s", error->message);
    set_resource(self, index, resource);
    return TRUE;
}

static void
fill_line(McpMrcpdDialog *self, guint index, const McpMrcpLine *offered, McpMrcpLine *out)
{
    McpMrcpdResource *resource = resource_at(self, index);

    *out = (McpMrcpLine){.tls = offered->tls};
    if (resource == NULL)
        return;
    out->port = port_of(self, offered);
    out->existing = offered->existing;
    out->channel = (char *)mcp_mrcpd_channel_get_id(resource->channel);
    if (offered->tls)
        out->fingerprint = mcp_mrcpd_services_dup_fingerprint(self->services);
}

/* The rate of the first codec; G.722 has twice what its RTP clock says (RFC 3551 §4.5.2). */
static guint
rate_of(const McpSdp *answer)
{
    for (guint i = 0; i < mcp_sdp_get_n_media(answer); i++) {
        const McpSdpMedia *media = mcp_sdp_get_media(answer, i);

        if (strcmp(media->type, "audio") == 0 && media->port != 0 && media->n_formats > 0)
            return media->formats[0].clock_rate >= 16000 ||
                           g_ascii_strcasecmp(media->formats[0].encoding, "G722") == 0
                       ? 16000
                       : 8000;
    }
    return 8000;
}

/* A refused line that was never used is none any more. */
static gboolean
apply_lines(McpMrcpdDialog *self, const GPtrArray *lines, McpReject **out_reject)
{
    for (guint i = 0; i < lines->len; i++) {
        const McpMrcpLine *line = lines->pdata[i];

        if (line->port == 0)
            set_resource(self, i, NULL);
        else if (resource_at(self, i) == NULL && !open_resource(self, i, line, out_reject))
            return FALSE;
    }
    /* Lines are not taken away (RFC 3264 §8), but what has none any more cannot stay. */
    for (guint i = lines->len; i < self->resources->len; i++)
        set_resource(self, i, NULL);
    return TRUE;
}

static McpSdp *
dialog_answer(McpDialog *dialog, McpSdp *offer, McpSdp *answer, McpReject **out_reject)
{
    McpMrcpdDialog *self = MCP_MRCPD_DIALOG(dialog);
    g_autoptr(GPtrArray) lines = offer != NULL ? mcp_mrcp_read_lines(offer) : NULL;
    g_autofree McpMrcpLine *own = NULL;
    McpSdp *whole = NULL;

    if (lines == NULL) {
        refuse(out_reject, 488, "control channels are the client's to offer");
        return NULL;
    }
    if (!check_lines(self, lines, out_reject) || !apply_lines(self, lines, out_reject))
        return NULL;
    self->session.rate = rate_of(answer);
    own = g_new0(McpMrcpLine, lines->len + 1);
    for (guint i = 0; i < lines->len; i++)
        fill_line(self, i, lines->pdata[i], &own[i]);
    whole = mcp_mrcp_describe_like(offer, answer, own, lines->len);
    for (guint i = 0; i < lines->len; i++)
        g_free(own[i].fingerprint);
    return whole;
}

/* --- the life of a dialog --- */

static void
prepare_async(McpDialog *dialog, GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(dialog, cancellable, callback, user_data);

    g_task_set_source_tag(task, prepare_async);
    g_task_return_boolean(task, TRUE);
}

/* A client may be silent while others speak to its caller. */
static gboolean
prepare_finish(McpDialog *dialog, GAsyncResult *result, McpDialogMedia *out_media,
               McpReject **out_reject)
{
    *out_media = MCP_DIALOG_MEDIA_QUIET;
    return g_task_propagate_boolean(G_TASK(result), NULL);
}

static void
on_leg(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    McpMrcpdDialog *self = user_data;

    for (guint i = 0; i < self->resources->len; i++) {
        McpMrcpdResource *resource = resource_at(self, i);

        if (resource != NULL)
            resource->class->take_leg(resource, event);
    }
}

static void
start(McpDialog *dialog, McpLeg *leg, McpDialogEndFunc func, gpointer user_data)
{
    McpMrcpdDialog *self = MCP_MRCPD_DIALOG(dialog);

    self->func = func;
    self->user_data = user_data;
    self->session.leg = g_object_ref(leg);
    mcp_leg_set_handler(leg, on_leg, self);
    for (guint i = 0; i < self->resources->len; i++) {
        McpMrcpdResource *resource = resource_at(self, i);

        if (resource != NULL)
            mcp_mrcpd_resource_run(resource);
    }
}

static void
terminate(McpDialog *dialog, const char *reason)
{
    g_autoptr(McpMrcpdDialog) self = g_object_ref(MCP_MRCPD_DIALOG(dialog));

    end(self, reason);
}

static void
describe(McpDialog *dialog, McpJson *json)
{
    McpMrcpdDialog *self = MCP_MRCPD_DIALOG(dialog);

    mcp_json_begin_array(json, "channels");
    for (guint i = 0; i < self->resources->len; i++) {
        McpMrcpdResource *resource = resource_at(self, i);

        if (resource == NULL)
            continue;
        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "id", mcp_mrcpd_channel_get_id(resource->channel));
        resource->class->describe(resource, json);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}

static void
dialog_iface_init(McpDialogInterface *iface)
{
    iface->prepare_async = prepare_async;
    iface->prepare_finish = prepare_finish;
    iface->start = start;
    iface->terminate = terminate;
    iface->describe = describe;
    iface->answer = dialog_answer;
}

McpDialog *
mcp_mrcpd_dialog_new(McpMrcpdServices *services, McpCall *call, McpReject **out_reject)
{
    McpInvite *invite = mcp_call_get_invite(call);
    g_autoptr(GPtrArray) lines = invite != NULL && invite->offer != NULL
                                     ? mcp_mrcp_read_lines(invite->offer)
                                     : g_ptr_array_new();
    g_autoptr(McpMrcpdDialog) self = NULL;

    if (lines->len == 0 || !mcp_invite_has_audio(invite)) {
        refuse(out_reject, 488, "an offer of control channels and audio is needed");
        return NULL;
    }
    self = g_object_new(MCP_TYPE_MRCPD_DIALOG, NULL);
    self->services = mcp_mrcpd_services_ref(services);
    self->session = (McpMrcpdSession){
        .channels = services->channels,
        .clock = services->clock,
        .metrics = services->metrics,
        .call = call,
        .call_id = mcp_call_get_id(call),
        .media = mcp_host_lookup(services->host, MCP_CONTRACT_MEDIA, NULL),
        .grammar = mcp_host_lookup(services->host, MCP_CONTRACT_GRAMMAR, NULL),
        .recognizer =
            mcp_host_lookup(services->host, MCP_CONTRACT_RECOGNIZER, services->recognizer),
        .synthesizer =
            mcp_host_lookup(services->host, MCP_CONTRACT_SYNTHESIZER, services->synthesizer),
        .rate = 8000,
        .lost = session_lost,
    };
    if (!check_lines(self, lines, out_reject))
        return NULL;
    return MCP_DIALOG(g_steal_pointer(&self));
}

static void
mcp_mrcpd_dialog_finalize(GObject *object)
{
    McpMrcpdDialog *self = MCP_MRCPD_DIALOG(object);

    self->func = NULL;
    end(self, "");
    g_ptr_array_unref(self->resources);
    g_clear_object(&self->session.media);
    g_clear_object(&self->session.grammar);
    g_clear_object(&self->session.recognizer);
    g_clear_object(&self->session.synthesizer);
    g_clear_pointer(&self->services, mcp_mrcpd_services_unref);
    MCP_LEDGER_FINALIZED(McpMrcpdDialog);
    G_OBJECT_CLASS(mcp_mrcpd_dialog_parent_class)->finalize(object);
}

static void
mcp_mrcpd_dialog_class_init(McpMrcpdDialogClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_mrcpd_dialog_finalize;
}

static void
mcp_mrcpd_dialog_init(McpMrcpdDialog *self)
{
    self->resources = g_ptr_array_new();
    MCP_LEDGER_CREATED(McpMrcpdDialog);
}
