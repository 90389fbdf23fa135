/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of the editor are passed on one by one, since that to attach may want the call's id;
 * what mcpd says is passed on as it comes. One thread.
 */
#include "attach.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "debugger/dap.h"

static GSocket *
connect_to(const char *path)
{
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocket) socket =
        g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);

    if (socket != NULL && g_socket_connect(socket, address, NULL, &error))
        return g_steal_pointer(&socket);
    mcp_vxml_tool_complain("%s: %s; mcpd opens it when [vxml] debug_socket names it", path,
                           error->message);
    return NULL;
}

static void
name_call(JsonObject *request, const char *call)
{
    JsonObject *arguments = mcp_vxml_dap_object(request, "arguments");

    if (g_strcmp0(mcp_vxml_dap_text(request, "command", NULL), "attach") != 0)
        return;
    if (arguments == NULL) {
        arguments = json_object_new();
        json_object_set_object_member(request, "arguments", arguments);
    }
    if (mcp_vxml_dap_text(arguments, "call", NULL) == NULL)
        json_object_set_string_member(arguments, "call", call);
}

/* FALSE when the editor has gone. */
static gboolean
pass_requests(McpVxmlDap *dap, const char *call)
{
    JsonObject *request;

    while ((request = mcp_vxml_dap_read(dap, FALSE)) != NULL) {
        name_call(request, call);
        mcp_vxml_dap_forward(dap, request);
        json_object_unref(request);
    }
    return !mcp_vxml_dap_is_closed(dap);
}

/* FALSE when mcpd or the editor has gone. */
static gboolean
pass_answers(int from)
{
    char bytes[4096];
    ssize_t count = read(from, bytes, sizeof bytes);

    for (ssize_t done = 0; done < count;) {
        ssize_t written = write(STDOUT_FILENO, bytes + done, (gsize)(count - done));

        if (written <= 0)
            return FALSE;
        done += written;
    }
    return count > 0;
}

McpVxmlToolExit
mcp_vxml_attach(const char *path, const char *call)
{
    g_autoptr(GSocket) socket = connect_to(path);
    g_autoptr(McpVxmlDap) dap = NULL;
    struct pollfd watched[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};
    gboolean open = TRUE;

    if (socket == NULL)
        return MCP_VXML_TOOL_NOT_FOUND;
    watched[1].fd = g_socket_get_fd(socket);
    dap = mcp_vxml_dap_new(STDIN_FILENO, watched[1].fd);
    while (open && poll(watched, G_N_ELEMENTS(watched), -1) > 0) {
        if (watched[1].revents != 0)
            open = pass_answers(watched[1].fd);
        else
            open = pass_requests(dap, call);
    }
    return MCP_VXML_TOOL_OK;
}
