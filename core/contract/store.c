/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of stored objects: a function a slot, so that a provider which lacks
 * one gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/store.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpStoreStream, mcp_store_stream, G_TYPE_OBJECT)

static void
mcp_store_stream_default_init(McpStoreStreamInterface *iface)
{
}

gboolean
mcp_store_stream_append(McpStoreStream *stream, gconstpointer data, gsize length)
{
    McpStoreStreamInterface *iface = MCP_STORE_STREAM_GET_IFACE(stream);

    if (iface->append == NULL)
        return FALSE;
    return iface->append(stream, data, length);
}

void
mcp_store_stream_patch(McpStoreStream *stream, guint64 offset, gconstpointer data, gsize length)
{
    McpStoreStreamInterface *iface = MCP_STORE_STREAM_GET_IFACE(stream);

    if (iface->patch != NULL)
        iface->patch(stream, offset, data, length);
}

void
mcp_store_stream_commit_async(McpStoreStream *stream, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
    McpStoreStreamInterface *iface = MCP_STORE_STREAM_GET_IFACE(stream);

    if (iface->commit_async == NULL) {
        g_task_report_new_error(stream, callback, user_data, NULL, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                                "%s cannot commit", G_OBJECT_TYPE_NAME(stream));
        return;
    }
    iface->commit_async(stream, cancellable, callback, user_data);
}

gboolean
mcp_store_stream_commit_finish(McpStoreStream *stream, GAsyncResult *result, GError **error)
{
    McpStoreStreamInterface *iface = MCP_STORE_STREAM_GET_IFACE(stream);

    if (iface->commit_finish == NULL)
        return g_task_propagate_boolean(G_TASK(result), error);
    return iface->commit_finish(stream, result, error);
}

void
mcp_store_stream_abort(McpStoreStream *stream)
{
    McpStoreStreamInterface *iface = MCP_STORE_STREAM_GET_IFACE(stream);

    if (iface->abort != NULL)
        iface->abort(stream);
}

const char *
mcp_store_stream_get_name(McpStoreStream *stream)
{
    McpStoreStreamInterface *iface = MCP_STORE_STREAM_GET_IFACE(stream);

    if (iface->get_name == NULL)
        return NULL;
    return iface->get_name(stream);
}

guint64
mcp_store_stream_get_length(McpStoreStream *stream)
{
    McpStoreStreamInterface *iface = MCP_STORE_STREAM_GET_IFACE(stream);

    if (iface->get_length == NULL)
        return 0;
    return iface->get_length(stream);
}

G_DEFINE_INTERFACE(McpStore, mcp_store, G_TYPE_OBJECT)

static void
mcp_store_default_init(McpStoreInterface *iface)
{
}

McpStoreStream *
mcp_store_open(McpStore *store, const McpStoreObject *object, GError **error)
{
    McpStoreInterface *iface = MCP_STORE_GET_IFACE(store);

    if (iface->open == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no open",
                    G_OBJECT_TYPE_NAME(store));
        return NULL;
    }
    return iface->open(store, object, error);
}

void
mcp_store_read_async(McpStore *store, const char *name, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer user_data)
{
    McpStoreInterface *iface = MCP_STORE_GET_IFACE(store);

    if (iface->read_async == NULL) {
        g_task_report_new_error(store, callback, user_data, NULL, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                                "%s cannot read", G_OBJECT_TYPE_NAME(store));
        return;
    }
    iface->read_async(store, name, cancellable, callback, user_data);
}

GBytes *
mcp_store_read_finish(McpStore *store, GAsyncResult *result, GError **error)
{
    McpStoreInterface *iface = MCP_STORE_GET_IFACE(store);

    if (iface->read_finish == NULL)
        return g_task_propagate_pointer(G_TASK(result), error);
    return iface->read_finish(store, result, error);
}
