/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of dialogs: a function a slot, so that a provider which lacks one gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/dialog.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpDialog, mcp_dialog, G_TYPE_OBJECT)

static void
mcp_dialog_default_init(McpDialogInterface *iface)
{
}

void
mcp_dialog_prepare_async(McpDialog *dialog, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
    McpDialogInterface *iface = MCP_DIALOG_GET_IFACE(dialog);

    if (iface->prepare_async == NULL) {
        g_task_report_new_error(dialog, callback, user_data, NULL, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                                "%s cannot prepare", G_OBJECT_TYPE_NAME(dialog));
        return;
    }
    iface->prepare_async(dialog, cancellable, callback, user_data);
}

gboolean
mcp_dialog_prepare_finish(McpDialog *dialog, GAsyncResult *result, McpDialogMedia *out_media,
                          McpReject **out_reject)
{
    McpDialogInterface *iface = MCP_DIALOG_GET_IFACE(dialog);

    if (iface->prepare_finish == NULL) {
        *out_reject = mcp_reject_new(500, "dialog cannot be prepared", NULL);
        return FALSE;
    }
    return iface->prepare_finish(dialog, result, out_media, out_reject);
}

void
mcp_dialog_start(McpDialog *dialog, McpLeg *leg, McpDialogEndFunc func, gpointer user_data)
{
    McpDialogInterface *iface = MCP_DIALOG_GET_IFACE(dialog);

    if (iface->start != NULL)
        iface->start(dialog, leg, func, user_data);
}

void
mcp_dialog_message(McpDialog *dialog, const char *content_type, GBytes *body)
{
    McpDialogInterface *iface = MCP_DIALOG_GET_IFACE(dialog);

    if (iface->message != NULL)
        iface->message(dialog, content_type, body);
}

void
mcp_dialog_terminate(McpDialog *dialog, const char *reason)
{
    McpDialogInterface *iface = MCP_DIALOG_GET_IFACE(dialog);

    if (iface->terminate != NULL)
        iface->terminate(dialog, reason);
}

void
mcp_dialog_describe(McpDialog *dialog, McpJson *json)
{
    McpDialogInterface *iface = MCP_DIALOG_GET_IFACE(dialog);

    if (iface->describe != NULL)
        iface->describe(dialog, json);
}

McpSdp *
mcp_dialog_answer(McpDialog *dialog, McpSdp *offer, McpSdp *answer, McpReject **out_reject)
{
    McpDialogInterface *iface = MCP_DIALOG_GET_IFACE(dialog);

    if (iface->answer == NULL)
        return mcp_sdp_ref(answer);
    return iface->answer(dialog, offer, answer, out_reject);
}

G_DEFINE_INTERFACE(McpDialogProvider, mcp_dialog_provider, G_TYPE_OBJECT)

static void
mcp_dialog_provider_default_init(McpDialogProviderInterface *iface)
{
}

McpDialog *
mcp_dialog_provider_create(McpDialogProvider *provider, McpCall *call, McpReject **out_reject)
{
    McpDialogProviderInterface *iface = MCP_DIALOG_PROVIDER_GET_IFACE(provider);

    if (iface->create == NULL) {
        *out_reject = mcp_reject_new(500, "dialog cannot be made", NULL);
        return NULL;
    }
    return iface->create(provider, call, out_reject);
}
