/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tools' fetcher: that of the plugin http with a policy for a developer's own machine. Runs on
 * the main context, which is iterated while a resource is awaited.
 */
#include "loader.h"

#include <mcp/error.h>
#include <string.h>

#include "fetcher.h"

struct _McpVxmlLoader {
    McpClock *clock;
    McpPool *disk;
    McpPool *compute;
    McpHttpFetcher *fetcher;
};

/* Whoever runs the tool may connect to these anyway. */
static const char *const own_networks[] = {
    "127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", NULL};

McpVxmlLoader *
mcp_vxml_loader_new(void)
{
    McpVxmlLoader *loader = g_new0(McpVxmlLoader, 1);
    g_autoptr(McpHttpConfig) config = mcp_http_config_new_default(own_networks);
    McpHttpFetcherDeps deps = {NULL};

    config->file_root = g_strdup("/");
    loader->clock = mcp_clock_new();
    loader->disk = mcp_pool_new("disk", 1, 256);
    loader->compute = mcp_pool_new("compute", 1, 256);
    deps.clock = loader->clock;
    deps.disk = loader->disk;
    loader->fetcher = mcp_http_fetcher_new(&deps, config);
    return loader;
}

static gboolean
on_closed(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
    return G_SOURCE_REMOVE;
}

void
mcp_vxml_loader_free(McpVxmlLoader *loader)
{
    gboolean closed = FALSE;

    mcp_http_fetcher_close(loader->fetcher, on_closed, &closed);
    while (!closed)
        g_main_context_iteration(NULL, TRUE);
    g_object_unref(loader->fetcher);
    g_object_unref(loader->disk);
    g_object_unref(loader->compute);
    g_object_unref(loader->clock);
    g_free(loader);
}

McpFetcher *
mcp_vxml_loader_get_fetcher(McpVxmlLoader *loader)
{
    return MCP_FETCHER(loader->fetcher);
}

McpClock *
mcp_vxml_loader_get_clock(McpVxmlLoader *loader)
{
    return loader->clock;
}

McpPool *
mcp_vxml_loader_get_compute(McpVxmlLoader *loader)
{
    return loader->compute;
}

static void
on_fetched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    *(GAsyncResult **)user_data = g_object_ref(result);
}

McpFetchResponse *
mcp_vxml_loader_get(McpVxmlLoader *loader, const char *url, GError **error)
{
    McpFetchRequest request = {
        .url = url, .method = "GET", .accept = "*/*", .max_age = -1, .max_stale = -1};
    g_autoptr(GAsyncResult) result = NULL;
    g_autoptr(McpFetchResponse) response = NULL;
    guint status;

    mcp_fetcher_fetch_async(MCP_FETCHER(loader->fetcher), &request, NULL, on_fetched, &result);
    while (result == NULL)
        g_main_context_iteration(NULL, TRUE);
    response = mcp_fetcher_fetch_finish(MCP_FETCHER(loader->fetcher), result, error);
    if (response == NULL)
        return NULL;
    status = mcp_fetch_response_get_facts(response)->status;
    if (status > 299) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "%s: HTTP status %u", url, status);
        return NULL;
    }
    return g_steal_pointer(&response);
}

char *
mcp_vxml_loader_to_url(const char *argument)
{
    g_autofree char *scheme = g_uri_parse_scheme(argument);
    g_autofree char *path = NULL;

    if (scheme != NULL)
        return g_strdup(argument);
    path = g_canonicalize_filename(argument, NULL);
    return g_filename_to_uri(path, NULL, NULL);
}
