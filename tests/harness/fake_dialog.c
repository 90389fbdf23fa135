/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fake dialogs: they do what the plan says and note what happens to them.
 */
#include "harness.h"

#include <string.h>

static FakeJournal journal;

FakeJournal *
fake_dialog_journal(void)
{
    return &journal;
}

#define FAKE_TYPE_DIALOG (fake_dialog_get_type())
G_DECLARE_FINAL_TYPE(FakeDialog, fake_dialog, FAKE, DIALOG, GObject)

struct _FakeDialog {
    GObject parent_instance;
    McpCall *call; /* borrowed */
    McpDialogEndFunc func;
    gpointer user_data;
};

static GMutex held_lock;
static GTask *held;
static FakeDialog *running;

static void
finish_prepare(GTask *task)
{
    if (fake_plan.reject_status != 0)
        g_task_return_pointer(task,
                              mcp_reject_new(fake_plan.reject_status, "fake", "page is broken"),
                              (GDestroyNotify)mcp_reject_free);
    else
        g_task_return_pointer(task, NULL, NULL);
}

static gboolean
release_held(gpointer data)
{
    finish_prepare(data);
    return G_SOURCE_REMOVE;
}

void
fake_release_prepare(void)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&held_lock);
    GTask *task = g_steal_pointer(&held);

    g_main_context_invoke_full(g_task_get_context(task), G_PRIORITY_DEFAULT, release_held, task,
                               g_object_unref);
}

static void
prepare_async(McpDialog *dialog, GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(dialog, cancellable, callback, user_data);

    fake_journal_add(&journal, "prepare");
    if (!fake_plan.hold_prepare) {
        finish_prepare(task);
        return;
    }
    g_mutex_lock(&held_lock);
    held = g_object_ref(task);
    g_mutex_unlock(&held_lock);
    fake_journal_add(&journal, "held");
}

static gboolean
prepare_finish(McpDialog *dialog, GAsyncResult *result, McpDialogMedia *out_media,
               McpReject **out_reject)
{
    McpReject *reject = g_task_propagate_pointer(G_TASK(result), NULL);

    if (reject != NULL) {
        *out_reject = reject;
        return FALSE;
    }
    *out_media = fake_plan.no_media ? MCP_DIALOG_MEDIA_NONE : MCP_DIALOG_MEDIA_AUDIO;
    return !g_task_had_error(G_TASK(result));
}

static void
end(FakeDialog *dialog, const char *reason)
{
    McpDialogEnd result = {.reason = reason, .result = "{\"choice\":1}"};
    McpDialogEndFunc func = g_steal_pointer(&dialog->func);

    if (func != NULL)
        func(MCP_DIALOG(dialog), &result, dialog->user_data);
}

static void
start(McpDialog *iface, McpLeg *leg, McpDialogEndFunc func, gpointer user_data)
{
    FakeDialog *dialog = (FakeDialog *)iface;

    g_assert_nonnull(leg);
    dialog->func = func;
    dialog->user_data = user_data;
    mcp_call_note(dialog->call, "fake", "started");
    mcp_call_set_record_field(dialog->call, "page", "fake.vxml");
    g_mutex_lock(&held_lock);
    running = dialog;
    g_mutex_unlock(&held_lock);
    fake_journal_add(&journal, "start");
    if (fake_plan.end_at_start)
        end(dialog, "done");
}

static void
message(McpDialog *dialog, const char *content_type, GBytes *body)
{
    fake_journal_add(&journal, "message");
}

static void
terminate(McpDialog *iface, const char *reason)
{
    fake_journal_add(&journal, "terminate");
    if (fake_plan.end_on_terminate)
        end((FakeDialog *)iface, "terminated");
}

static McpSdp *
answer(McpDialog *dialog, McpSdp *offer, McpSdp *leg, McpReject **out_reject)
{
    g_autofree char *text = NULL;

    if (fake_plan.refuse_line) {
        fake_journal_add(&journal, offer != NULL ? "refuse" : "refuse-none");
        *out_reject = mcp_reject_new(488, "fake", NULL);
        return NULL;
    }
    if (!fake_plan.add_line)
        return mcp_sdp_ref(leg);
    text = g_strconcat(mcp_sdp_get_text(leg), "m=application 1544 TCP/MRCPv2 1\r\n", NULL);
    return mcp_sdp_parse(text, strlen(text), NULL);
}

static gboolean
run_end(gpointer data)
{
    end(data, "finished");
    return G_SOURCE_REMOVE;
}

void
fake_end_dialog(const char *reason)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&held_lock);
    FakeDialog *dialog = g_object_ref(running);

    g_main_context_invoke_full(mcp_call_get_context(dialog->call), G_PRIORITY_DEFAULT, run_end,
                               dialog, g_object_unref);
}

static void
dialog_iface_init(McpDialogInterface *iface)
{
    iface->prepare_async = prepare_async;
    iface->prepare_finish = prepare_finish;
    iface->start = start;
    iface->message = message;
    iface->terminate = terminate;
    iface->answer = answer;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeDialog, fake_dialog, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG, dialog_iface_init))

static void
fake_dialog_class_init(FakeDialogClass *klass)
{
}

static void
fake_dialog_init(FakeDialog *dialog)
{
}

#define FAKE_TYPE_DIALOGS (fake_dialogs_get_type())
G_DECLARE_FINAL_TYPE(FakeDialogs, fake_dialogs, FAKE, DIALOGS, GObject)

struct _FakeDialogs {
    GObject parent_instance;
};

static McpDialog *
create(McpDialogProvider *provider, McpCall *call, McpReject **out_reject)
{
    FakeDialog *dialog = g_object_new(FAKE_TYPE_DIALOG, NULL);

    dialog->call = call;
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

    if (journal.words != NULL)
        g_string_truncate(journal.words, 0);
    mcp_host_publish(host, MCP_CONTRACT_DIALOG, "fake", G_OBJECT(plugin));
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

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeDialogs, fake_dialogs, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init)
                                  G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG_PROVIDER,
                                                        provider_iface_init))

static void
fake_dialogs_class_init(FakeDialogsClass *klass)
{
}

static void
fake_dialogs_init(FakeDialogs *self)
{
}

static const McpProvides provides[] = {{MCP_CONTRACT_DIALOG, 1, 0, "fake", 0}, {NULL}};
static const McpRequires requires_rows[] = {{MCP_CONTRACT_MEDIA, 1, 0, FALSE}, {NULL}};

const McpPluginDesc fake_dialog_desc = {
    MCP_PLUGIN_HEAD,
    .name = "fake-dialog",
    .version = "1",
    .summary = "dialogs for tests",
    .provides = provides,
    .requires_ = requires_rows,
    .get_type = fake_dialogs_get_type,
};
