/* SPDX-License-Identifier: Apache-2.0 */
/* The web plugin's listener on a Unix socket, as a provider of the listener suite. */
#include "listener_suite.h"
#include "web_config.h"
#include "web_listener.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <mcp/log.h>

static char *folder;
static char *path;
static char name[] = "test";
static McpClock *web_clock;
static McpWebConfig config;

static McpListener *
open_listener(void)
{
    GPtrArray *configs = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    McpWebListener *listener = NULL;

    mcp_log_set_level(MCP_LOG_ERROR);
    folder = g_dir_make_tmp("mcp-web-XXXXXX", NULL);
    path = g_build_filename(folder, "socket", NULL);
    config = (McpWebConfig){
        .name = name, .socket = path, .max_body = 1000, .max_clients = 8, .idle_seconds = 30};
    g_ptr_array_add(configs, &config);
    web_clock = mcp_clock_new();
    listener = mcp_web_listener_new(configs, NULL, web_clock);
    g_assert_true(mcp_web_listener_open(listener, &error));
    g_assert_no_error(error);
    return MCP_LISTENER(listener);
}

static void
close_listener(McpListener *listener)
{
    mcp_web_listener_close(MCP_WEB_LISTENER(listener));
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_assert_finalize_object(listener);
    g_object_unref(web_clock);
    g_rmdir(folder);
    g_free(folder);
    g_free(path);
}

static GSocketAddress *
get_address(void)
{
    return g_unix_socket_address_new(path);
}

const ListenerProvider listener_provider = {
    .name = "web", .open = open_listener, .close = close_listener, .address = get_address};
