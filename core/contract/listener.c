/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of HTTP paths: a function a slot, so that a provider which lacks one
 * gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/listener.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpListener, mcp_listener, G_TYPE_OBJECT)

static void
mcp_listener_default_init(McpListenerInterface *iface)
{
}

gboolean
mcp_listener_mount(McpListener *self, const char *listener, const char *path, McpWebHandler handler,
                   gpointer user_data, GError **error)
{
    McpListenerInterface *iface = MCP_LISTENER_GET_IFACE(self);

    if (iface->mount == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no mount",
                    G_OBJECT_TYPE_NAME(self));
        return FALSE;
    }
    return iface->mount(self, listener, path, handler, user_data, error);
}

gboolean
mcp_listener_mount_public(McpListener *self, const char *listener, const char *fallback,
                          const char *path, McpWebHandler handler, gpointer user_data,
                          GError **error)
{
    McpListenerInterface *iface = MCP_LISTENER_GET_IFACE(self);

    if (iface->mount_public == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no mount_public",
                    G_OBJECT_TYPE_NAME(self));
        return FALSE;
    }
    return iface->mount_public(self, listener, fallback, path, handler, user_data, error);
}

void
mcp_listener_unmount(McpListener *self, const char *listener, const char *path)
{
    McpListenerInterface *iface = MCP_LISTENER_GET_IFACE(self);

    if (iface->unmount != NULL)
        iface->unmount(self, listener, path);
}

void
mcp_listener_respond(McpListener *self, McpWebRequest *request, guint status,
                     const char *content_type, const char *body, gsize length)
{
    McpListenerInterface *iface = MCP_LISTENER_GET_IFACE(self);

    if (iface->respond != NULL)
        iface->respond(self, request, status, content_type, body, length);
}

void
mcp_listener_stream_begin(McpListener *self, McpWebRequest *request, const char *content_type,
                          McpWebClosedFunc closed, gpointer user_data)
{
    McpListenerInterface *iface = MCP_LISTENER_GET_IFACE(self);

    if (iface->stream_begin != NULL)
        iface->stream_begin(self, request, content_type, closed, user_data);
}

gboolean
mcp_listener_stream_write(McpListener *self, McpWebRequest *request, const char *text, gsize length)
{
    McpListenerInterface *iface = MCP_LISTENER_GET_IFACE(self);

    if (iface->stream_write == NULL)
        return FALSE;
    return iface->stream_write(self, request, text, length);
}

void
mcp_listener_stream_end(McpListener *self, McpWebRequest *request)
{
    McpListenerInterface *iface = MCP_LISTENER_GET_IFACE(self);

    if (iface->stream_end != NULL)
        iface->stream_end(self, request);
}
