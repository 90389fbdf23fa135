/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listening Unix socket: nobody but those that its mode names may connect from its first moment
 * on, and a stale one makes way. Control context.
 */
#include "unix_socket.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <sys/stat.h>

static gboolean
is_socket(const char *path)
{
    struct stat facts;

    return lstat(path, &facts) == 0 && S_ISSOCK(facts.st_mode);
}

/* FALSE with @error when something alive or foreign stands at @path. */
static gboolean
make_way(const char *path, GSocketAddress *address, GError **error)
{
    g_autoptr(GSocket) probe = NULL;
    g_autoptr(GError) cause = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS) && !is_socket(path))
        return TRUE;
    if (!is_socket(path)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED, "%s is no socket", path);
        return FALSE;
    }
    probe =
        g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
    if (probe == NULL)
        return FALSE;
    g_socket_set_blocking(probe, FALSE);
    if (g_socket_connect(probe, address, NULL, &cause) ||
        !g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "another process answers at %s", path);
        return FALSE;
    }
    g_unlink(path);
    return TRUE;
}

GSocket *
mcp_unix_socket_listen(const char *path, guint mode, GError **error)
{
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GSocket) socket = NULL;

    g_mkdir_with_parents(folder, 0755);
    if (!make_way(path, address, error))
        return NULL;
    socket =
        g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
    if (socket == NULL)
        return NULL;
    /* Set before bind, so that there is no moment in which everybody may connect. */
    fchmod(g_socket_get_fd(socket), mode);
    if (!g_socket_bind(socket, address, FALSE, error) || !g_socket_listen(socket, error)) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    if (g_chmod(path, (int)mode) != 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    return g_steal_pointer(&socket);
}
