/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe of the dialog suite: a dialog provider whose dialogs wrap those of the provider under
 * test. The sentences of the contract are checked here, on the shard of the call.
 */
#include "dialog_probe.h"

#include "dialog_suite.h"

#include <mcp/host.h>
#include <string.h>

#define UNTOUCHED 99

Probe probe;

#define COUNT(member) g_atomic_int_inc((gint *)&probe.member)

#define PROBE_TYPE_DIALOG (probe_dialog_get_type())
G_DECLARE_FINAL_TYPE(ProbeDialog, probe_dialog, PROBE, DIALOG, GObject)

struct _ProbeDialog {
    GObject parent_instance;
    McpCall *call; /* borrowed: outlives its dialog */
    McpDialog *inner;
    McpDialogEndFunc func;
    gpointer user_data;
    gboolean started;
    gboolean ended;
    gboolean calling; /* inside a function of the dialog under test */
};

/* "Everything happens on the call's shard" */
static void
check_context(McpCall *call)
{
    g_assert_true(g_main_context_is_owner(mcp_call_get_context(call)));
}

/* "FALSE with (transfer full) @out_reject when the call is to be refused" */
static gboolean
check_prepared(McpDialog *inner, GAsyncResult *result, McpDialogMedia *out_media,
               McpReject **out_reject)
{
    McpDialogMedia media = UNTOUCHED;
    McpReject *reject = NULL;
    gboolean ready = mcp_dialog_prepare_finish(inner, result, &media, &reject);

    if (ready) {
        g_assert_null(reject);
        g_assert_cmpint(media, <=, MCP_DIALOG_MEDIA_QUIET);
        COUNT(prepared);
        *out_media = media;
    } else {
        g_assert_cmpint(media, ==, UNTOUCHED);
        g_assert_nonnull(reject);
        g_assert_cmpuint(reject->status, >=, 300);
        g_assert_cmpuint(reject->status, <, 700);
        g_assert_nonnull(reject->reason);
        COUNT(refused);
        *out_reject = reject;
    }
    return ready;
}

static void
on_prepared(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    ProbeDialog *self = g_task_get_source_object(task);

    check_context(self->call);
    g_assert_false(self->calling);
    g_assert_true(source == G_OBJECT(self->inner));
    g_task_return_pointer(task, g_object_ref(result), g_object_unref);
}

static void
prepare_async(McpDialog *dialog, GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer user_data)
{
    ProbeDialog *self = PROBE_DIALOG(dialog);
    GTask *task = g_task_new(self, NULL, callback, user_data);

    check_context(self->call);
    self->calling = TRUE;
    mcp_dialog_prepare_async(self->inner, cancellable, on_prepared, task);
    self->calling = FALSE;
}

static gboolean
prepare_finish(McpDialog *dialog, GAsyncResult *result, McpDialogMedia *out_media,
               McpReject **out_reject)
{
    g_autoptr(GAsyncResult) inner = g_task_propagate_pointer(G_TASK(result), NULL);

    return check_prepared(PROBE_DIALOG(dialog)->inner, inner, out_media, out_reject);
}

/* "once, after start" */
static void
on_end(McpDialog *inner, const McpDialogEnd *end, gpointer user_data)
{
    g_autoptr(ProbeDialog) self = g_object_ref(user_data);

    check_context(self->call);
    g_assert_true(inner == self->inner);
    g_assert_true(self->started);
    g_assert_false(self->ended);
    self->ended = TRUE;
    g_assert_nonnull(end->reason);
    if (end->result != NULL)
        g_assert_true(*end->result != '\0' && strchr("{[\"-0123456789tfn", *end->result) != NULL);
    g_assert_true(end->body == NULL || end->content_type != NULL);
    COUNT(ended);
    self->func(MCP_DIALOG(self), end, self->user_data);
    mcp_dialog_terminate(self->inner, "too late");
}

static void
start(McpDialog *dialog, McpLeg *leg, McpDialogEndFunc func, gpointer user_data)
{
    ProbeDialog *self = PROBE_DIALOG(dialog);

    check_context(self->call);
    self->started = TRUE;
    self->func = func;
    self->user_data = user_data;
    COUNT(started);
    mcp_dialog_start(self->inner, leg, on_end, self);
}

static void
message(McpDialog *dialog, const char *content_type, GBytes *body)
{
    ProbeDialog *self = PROBE_DIALOG(dialog);

    check_context(self->call);
    mcp_dialog_message(self->inner, content_type, body);
    COUNT(messages);
}

static void
terminate(McpDialog *dialog, const char *reason)
{
    ProbeDialog *self = PROBE_DIALOG(dialog);

    check_context(self->call);
    COUNT(terminated);
    mcp_dialog_terminate(self->inner, reason);
}

/* "adds members about the present state to an open object" */
static void
describe(McpDialog *dialog, McpJson *json)
{
    ProbeDialog *self = PROBE_DIALOG(dialog);
    McpJson *own = mcp_json_new();
    g_autofree char *text = NULL;

    check_context(self->call);
    mcp_json_begin_object(own, NULL);
    mcp_dialog_describe(self->inner, own);
    mcp_json_end_object(own);
    text = mcp_json_finish(own);
    g_assert_true(g_str_has_prefix(text, "{") && g_str_has_suffix(text, "}"));
    mcp_dialog_describe(self->inner, json);
    COUNT(described);
}

/* "(transfer full): NULL with (transfer full) @out_reject" */
static McpSdp *
answer(McpDialog *dialog, McpSdp *offer, McpSdp *leg, McpReject **out_reject)
{
    ProbeDialog *self = PROBE_DIALOG(dialog);
    McpReject *reject = NULL;
    McpSdp *whole = NULL;

    check_context(self->call);
    whole = mcp_dialog_answer(self->inner, offer, leg, &reject);
    g_assert_true((whole == NULL) == (reject != NULL));
    *out_reject = reject;
    COUNT(answered);
    return whole;
}

static void
dialog_iface_init(McpDialogInterface *iface)
{
    iface->prepare_async = prepare_async;
    iface->prepare_finish = prepare_finish;
    iface->start = start;
    iface->message = message;
    iface->terminate = terminate;
    iface->describe = describe;
    iface->answer = answer;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(ProbeDialog, probe_dialog, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG, dialog_iface_init))

static void
probe_dialog_dispose(GObject *object)
{
    g_clear_object(&PROBE_DIALOG(object)->inner);
    G_OBJECT_CLASS(probe_dialog_parent_class)->dispose(object);
}

static void
probe_dialog_class_init(ProbeDialogClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = probe_dialog_dispose;
}

static void
probe_dialog_init(ProbeDialog *self)
{
}

/* --- the provider --- */

#define PROBE_TYPE_PROVIDER (probe_provider_get_type())
G_DECLARE_FINAL_TYPE(ProbeProvider, probe_provider, PROBE, PROVIDER, GObject)

struct _ProbeProvider {
    GObject parent_instance;
    McpHost *host;
};

/* "finishing after dispose is legal": nobody has it any more, and its callback comes once. */
static void
on_dropped(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpDialogMedia media = UNTOUCHED;
    g_autoptr(McpReject) reject = NULL;

    mcp_dialog_prepare_finish(MCP_DIALOG(source), result, &media, &reject);
    COUNT(dropped);
}

static void
drop_one(McpDialogProvider *inner, McpCall *call)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(McpReject) reject = NULL;
    g_autoptr(McpDialog) dialog = mcp_dialog_provider_create(inner, call, &reject);

    g_assert_nonnull(dialog);
    mcp_dialog_prepare_async(dialog, cancellable, on_dropped, NULL);
    g_cancellable_cancel(cancellable);
}

/* "a dialog for @call, not prepared …; NULL with (transfer full) @out_reject" */
static McpDialog *
create(McpDialogProvider *provider, McpCall *call, McpReject **out_reject)
{
    McpHost *host = PROBE_PROVIDER(provider)->host;
    g_autoptr(McpDialogProvider) inner =
        mcp_host_lookup(host, MCP_CONTRACT_DIALOG, dialog_provider.name);
    ProbeDialog *self = NULL;
    McpDialog *dialog = NULL;

    g_assert_nonnull(inner);
    check_context(call);
    dialog = mcp_dialog_provider_create(inner, call, out_reject);
    if (dialog == NULL) {
        g_assert_nonnull(*out_reject);
        g_assert_cmpuint((*out_reject)->status, >=, 300);
        COUNT(faulty);
        return NULL;
    }
    if (mcp_call_get_parameter(call, "drop") != NULL)
        drop_one(inner, call);
    COUNT(made);
    self = g_object_new(PROBE_TYPE_DIALOG, NULL);
    self->call = call;
    self->inner = dialog;
    return MCP_DIALOG(self);
}

static void
provider_iface_init(McpDialogProviderInterface *iface)
{
    iface->create = create;
}

static void
start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(plugin, cancellable, callback, user_data);

    g_set_object(&PROBE_PROVIDER(plugin)->host, host);
    mcp_host_publish(host, MCP_CONTRACT_DIALOG, "probe", G_OBJECT(plugin));
    g_task_return_boolean(task, TRUE);
}

static gboolean
start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->start_async = start_async;
    iface->start_finish = start_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(ProbeProvider, probe_provider, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init)
                                  G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG_PROVIDER,
                                                        provider_iface_init))

static void
probe_provider_dispose(GObject *object)
{
    g_clear_object(&PROBE_PROVIDER(object)->host);
    G_OBJECT_CLASS(probe_provider_parent_class)->dispose(object);
}

static void
probe_provider_class_init(ProbeProviderClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = probe_provider_dispose;
}

static void
probe_provider_init(ProbeProvider *self)
{
}

static const McpProvides provides[] = {{MCP_CONTRACT_DIALOG, 1, 0, "probe", 0}, {NULL}};

const McpPluginDesc probe_desc = {
    MCP_PLUGIN_HEAD,      .name = "probe",
    .version = "1",       .summary = "checks dialogs",
    .provides = provides, .get_type = probe_provider_get_type,
};
