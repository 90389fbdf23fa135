/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of objects: a function a slot, so that a provider which lacks one gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/object.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpObjectProvider, mcp_object_provider, G_TYPE_OBJECT)

static void
mcp_object_provider_default_init(McpObjectProviderInterface *iface)
{
}

void
mcp_object_provider_invoke_async(McpObjectProvider *provider, const McpObjectRequest *request,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
    McpObjectProviderInterface *iface = MCP_OBJECT_PROVIDER_GET_IFACE(provider);

    if (iface->invoke_async == NULL) {
        g_task_report_new_error(provider, callback, user_data, NULL, MCP_ERROR,
                                MCP_ERROR_UNSUPPORTED, "%s cannot be invoked",
                                G_OBJECT_TYPE_NAME(provider));
        return;
    }
    iface->invoke_async(provider, request, cancellable, callback, user_data);
}

char *
mcp_object_provider_invoke_finish(McpObjectProvider *provider, GAsyncResult *result, GError **error)
{
    McpObjectProviderInterface *iface = MCP_OBJECT_PROVIDER_GET_IFACE(provider);

    if (iface->invoke_finish == NULL)
        return g_task_propagate_pointer(G_TASK(result), error);
    return iface->invoke_finish(provider, result, error);
}
