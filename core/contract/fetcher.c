/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of fetches: a function a slot, so that a provider which lacks one gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/fetcher.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpFetcher, mcp_fetcher, G_TYPE_OBJECT)

static void
mcp_fetcher_default_init(McpFetcherInterface *iface)
{
}

void
mcp_fetcher_fetch_async(McpFetcher *fetcher, const McpFetchRequest *request,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    McpFetcherInterface *iface = MCP_FETCHER_GET_IFACE(fetcher);

    if (iface->fetch_async == NULL) {
        g_task_report_new_error(fetcher, callback, user_data, NULL, MCP_ERROR,
                                MCP_ERROR_UNSUPPORTED, "%s cannot fetch",
                                G_OBJECT_TYPE_NAME(fetcher));
        return;
    }
    iface->fetch_async(fetcher, request, cancellable, callback, user_data);
}

McpFetchResponse *
mcp_fetcher_fetch_finish(McpFetcher *fetcher, GAsyncResult *result, GError **error)
{
    McpFetcherInterface *iface = MCP_FETCHER_GET_IFACE(fetcher);

    if (iface->fetch_finish == NULL)
        return g_task_propagate_pointer(G_TASK(result), error);
    return iface->fetch_finish(fetcher, result, error);
}
