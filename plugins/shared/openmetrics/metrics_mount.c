/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of metrics on a listener: finds the listener, agrees with the client on the format, and
 * has the page written. Control context.
 */
#include "metrics_mount.h"

#include <mcp/contract/listener.h>
#include <mcp/error.h>

struct _McpMetricsMount {
    McpListener *listener;
    char *name;
    char *path;
    McpMetricsWrite write;
    gpointer user_data;
};

static void
on_request(McpWebRequest *request, const McpWebFacts *facts, gpointer user_data)
{
    static const char missing[] = "there is nothing below this path\n";
    McpMetricsMount *mount = user_data;
    McpMetricsFormat format = mcp_metrics_format_choose(facts->accept);
    McpMetricsPage *page = NULL;
    g_autofree char *text = NULL;
    gsize length = 0;

    if (strcmp(facts->path, "/") != 0) {
        mcp_listener_respond(mount->listener, request, 404, "text/plain", missing,
                             sizeof missing - 1);
        return;
    }
    page = mcp_metrics_page_new(format);
    mount->write(page, mount->user_data);
    text = mcp_metrics_page_finish(page, &length);
    mcp_listener_respond(mount->listener, request, 200, mcp_metrics_format_get_type(format), text,
                         length);
}

gboolean
mcp_metrics_mount_check(McpSettings *settings, const char *section, GError **error)
{
    const char *path = mcp_settings_get_string(settings, section, NULL, "path");

    if (path[0] == '/')
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "[%s] path: \"%s\" begins with no slash",
                section, path);
    return FALSE;
}

McpMetricsMount *
mcp_metrics_mount_new(McpHost *host, const char *section, McpMetricsWrite write, gpointer user_data,
                      GError **error)
{
    g_autoptr(McpListener) listener = mcp_host_lookup(host, MCP_CONTRACT_LISTENER, NULL);
    g_autoptr(McpSettings) settings = mcp_host_get_settings(host);
    const char *address = mcp_settings_get_string(settings, section, NULL, "address");
    McpMetricsMount *mount = NULL;

    if (listener == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no listener service is running");
        return NULL;
    }
    mount = g_new0(McpMetricsMount, 1);
    mount->name = g_strdup(mcp_settings_get_string(settings, section, NULL, "listener"));
    mount->path = g_strdup(mcp_settings_get_string(settings, section, NULL, "path"));
    mount->write = write;
    mount->user_data = user_data;
    if (mcp_listener_mount_public(listener, mount->name, address, mount->path, on_request, mount,
                                  error)) {
        mount->listener = g_steal_pointer(&listener);
        return mount;
    }
    mcp_metrics_mount_free(mount);
    return NULL;
}

void
mcp_metrics_mount_free(McpMetricsMount *mount)
{
    if (mount->listener != NULL)
        mcp_listener_unmount(mount->listener, mount->name, mount->path);
    g_clear_object(&mount->listener);
    g_free(mount->name);
    g_free(mount->path);
    g_free(mount);
}
