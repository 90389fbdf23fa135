/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest useful plugin: a dialog provider that plays a tone to the caller and hangs up. It
 * shows a descriptor, settings, metrics, a plugin's life and the dialog contract. Dialogs run on
 * the shard of their call; the plugin object lives on the control context.
 */
#include <math.h>
#include <mcp/contract/dialog.h>
#include <mcp/mcp.h>

#define SAMPLE_RATE 8000

/* The rows of metrics[]. */
enum { METRIC_TONES };

/* --- the dialog: one a call --- */

#define MCP_TYPE_EXAMPLE_DIALOG (mcp_example_dialog_get_type())
G_DECLARE_FINAL_TYPE(McpExampleDialog, mcp_example_dialog, MCP, EXAMPLE_DIALOG, GObject)

struct _McpExampleDialog {
    GObject parent_instance;
    McpHost *host;
    McpLeg *leg;
    gint64 duration; /* µs */
    gint64 pitch;    /* Hz */
    McpDialogEndFunc func;
    gpointer user_data;
};

static void dialog_iface_init(McpDialogInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpExampleDialog, mcp_example_dialog, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG, dialog_iface_init))

static void
end(McpExampleDialog *dialog, const char *reason)
{
    McpDialogEndFunc func = g_steal_pointer(&dialog->func);
    McpDialogEnd result = {.reason = reason};

    if (dialog->leg != NULL)
        mcp_leg_set_handler(dialog->leg, NULL, NULL);
    g_clear_object(&dialog->leg);
    if (func != NULL)
        func(MCP_DIALOG(dialog), &result, dialog->user_data);
}

/* L16 is big-endian on the wire (RFC 3551 §4.5.11). */
static McpAudio *
make_tone(gint64 pitch, gint64 duration)
{
    gsize n = (gsize)(duration * SAMPLE_RATE / G_USEC_PER_SEC);
    gint16 *samples = g_new(gint16, n);
    g_autoptr(GBytes) bytes = NULL;

    for (gsize i = 0; i < n; i++) {
        double phase = 2 * G_PI * (double)pitch * (double)i / SAMPLE_RATE;

        samples[i] = GINT16_TO_BE((gint16)(8000 * sin(phase)));
    }
    bytes = g_bytes_new_take(samples, n * sizeof *samples);
    return mcp_audio_new(bytes, "audio/L16;rate=8000", NULL);
}

static void
on_leg(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    if (event->type == MCP_LEG_PLAYBACK_ENDED)
        end(user_data, "tone played");
}

/* Nothing has to be fetched: ready at once. */
static void
prepare_async(McpDialog *dialog, GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(dialog, cancellable, callback, user_data);

    g_task_return_boolean(task, TRUE);
}

static gboolean
prepare_finish(McpDialog *dialog, GAsyncResult *result, McpDialogMedia *out_media,
               McpReject **out_reject)
{
    *out_media = MCP_DIALOG_MEDIA_AUDIO;
    return g_task_propagate_boolean(G_TASK(result), NULL);
}

static void
start(McpDialog *iface, McpLeg *leg, McpDialogEndFunc func, gpointer user_data)
{
    McpExampleDialog *dialog = MCP_EXAMPLE_DIALOG(iface);
    g_autoptr(McpAudio) tone = make_tone(dialog->pitch, dialog->duration);
    McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = tone};

    dialog->leg = g_object_ref(leg);
    dialog->func = func;
    dialog->user_data = user_data;
    mcp_metrics_add(mcp_host_get_metrics(dialog->host), METRIC_TONES, 0, 1);
    mcp_leg_set_handler(leg, on_leg, dialog);
    mcp_leg_play(leg, &item, 1);
}

static void
terminate(McpDialog *dialog, const char *reason)
{
    end(MCP_EXAMPLE_DIALOG(dialog), reason);
}

static void
dialog_iface_init(McpDialogInterface *iface)
{
    iface->prepare_async = prepare_async;
    iface->prepare_finish = prepare_finish;
    iface->start = start;
    iface->terminate = terminate;
}

static void
mcp_example_dialog_finalize(GObject *object)
{
    McpExampleDialog *dialog = MCP_EXAMPLE_DIALOG(object);

    g_clear_object(&dialog->leg);
    g_clear_object(&dialog->host);
    G_OBJECT_CLASS(mcp_example_dialog_parent_class)->finalize(object);
}

static void
mcp_example_dialog_class_init(McpExampleDialogClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_example_dialog_finalize;
}

static void
mcp_example_dialog_init(McpExampleDialog *dialog)
{
}

/* --- the plugin: makes dialogs --- */

#define MCP_TYPE_EXAMPLE (mcp_example_get_type())
G_DECLARE_FINAL_TYPE(McpExample, mcp_example, MCP, EXAMPLE, GObject)

struct _McpExample {
    GObject parent_instance;
    McpHost *host;
};

static void plugin_iface_init(McpPluginInterface *iface);
static void provider_iface_init(McpDialogProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpExample, mcp_example, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init)
                                  G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG_PROVIDER,
                                                        provider_iface_init))

/* Any shard: reads settings from a snapshot of its own. */
static McpDialog *
create(McpDialogProvider *provider, McpCall *call, McpReject **out_reject)
{
    McpExample *self = MCP_EXAMPLE(provider);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(self->host);
    McpExampleDialog *dialog = g_object_new(MCP_TYPE_EXAMPLE_DIALOG, NULL);

    dialog->host = g_object_ref(self->host);
    dialog->pitch = mcp_settings_get_int(settings, "example", NULL, "pitch");
    dialog->duration = mcp_settings_get_int(settings, "example", NULL, "duration");
    return MCP_DIALOG(dialog);
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

    MCP_EXAMPLE(plugin)->host = g_object_ref(host);
    mcp_host_publish(host, MCP_CONTRACT_DIALOG, "example", G_OBJECT(plugin));
    g_task_return_boolean(task, TRUE);
}

static gboolean
finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
stop_async(McpPlugin *plugin, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(plugin, NULL, callback, user_data);

    mcp_host_withdraw(MCP_EXAMPLE(plugin)->host, MCP_CONTRACT_DIALOG, "example");
    g_task_return_boolean(task, TRUE);
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->start_async = start_async;
    iface->start_finish = finish;
    iface->stop_async = stop_async;
    iface->stop_finish = finish;
}

static void
mcp_example_finalize(GObject *object)
{
    g_clear_object(&MCP_EXAMPLE(object)->host);
    G_OBJECT_CLASS(mcp_example_parent_class)->finalize(object);
}

static void
mcp_example_class_init(McpExampleClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_example_finalize;
}

static void
mcp_example_init(McpExample *self)
{
}

/* --- the descriptor: the only symbol that leaves this file --- */

static const McpProvides provides[] = {
    {MCP_CONTRACT_DIALOG, MCP_CONTRACT_DIALOG_MAJOR, MCP_CONTRACT_DIALOG_MINOR, "example", 0},
    {NULL},
};

static const McpRequires requirements[] = {
    {MCP_CONTRACT_MEDIA, MCP_CONTRACT_MEDIA_MAJOR, MCP_CONTRACT_MEDIA_MINOR, FALSE},
    {NULL},
};

static const McpSettingDef settings[] = {
    {"example", "pitch", MCP_SETTING_INT, "440", "50..3500", MCP_SETTING_RELOADABLE, "0.1",
     "Pitch of the tone in Hz."},
    {"example", "duration", MCP_SETTING_DURATION, "1s", "20ms..60s", MCP_SETTING_RELOADABLE, "0.1",
     "Length of the tone."},
    {NULL},
};

static const McpMetricDef metrics[] = {
    [METRIC_TONES] = {"mcp_example_tones_total", MCP_METRIC_COUNTER, "tones", "Tones played.", NULL,
                      NULL, NULL, 1},
    {NULL},
};

MCP_PLUGIN_EXPORT const McpPluginDesc mcp_plugin_desc = {
    MCP_PLUGIN_HEAD,
    .name = "example",
    .version = "0.1.0",
    .summary = "A dialog that plays a tone and hangs up",
    .provides = provides,
    .requires_ = requirements,
    .settings = settings,
    .metrics = metrics,
    .get_type = mcp_example_get_type,
    .oid = 17,
};

MCP_PLUGIN_NOTE("example", "0.1.0");
