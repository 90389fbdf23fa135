/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * mcp_ctl_find_external: (transfer full) (nullable): the program "mcpctl-NAME" that carries out the
 * commands of a plugin: beside mcpctl, in the build tree, or where they are installed.
 */
char *mcp_ctl_find_external(const char *name);
/** mcp_ctl_run_external: becomes @path with @arguments, the first one NAME; else returns. */
void mcp_ctl_run_external(const char *path, char **arguments);

G_END_DECLS
