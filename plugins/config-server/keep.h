/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>

G_BEGIN_DECLS

/** mcp_keep: writes a copy in the disk pool; what fails is a line in the log. Control context. */
void mcp_keep(McpHost *host, const char *directory, const char *name, GBytes *content);

G_END_DECLS
