/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * mcp_unix_socket_listen: (transfer full): a listening socket at @path with permissions @mode. What
 * a process that died left there is removed; a socket that somebody answers is not.
 */
GSocket *mcp_unix_socket_listen(const char *path, guint mode, GError **error);

G_END_DECLS
