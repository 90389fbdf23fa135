/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "round.h"

#include <mcp/contract/config_source.h>
#include <mcp/contract/health.h>

G_BEGIN_DECLS

/** McpRecipients: the sets of certificates. Control context but for what says otherwise. */
typedef struct _McpRecipients McpRecipients;

/** mcp_recipients_new: (transfer full): @config and @host outlive it. */
McpRecipients *mcp_recipients_new(McpHost *host, const McpConfigServerConfig *config);
/** mcp_recipients_free: */
void mcp_recipients_free(McpRecipients *recipients);
/** mcp_recipients_read_copies: takes the last good copies. Blocks. */
void mcp_recipients_read_copies(McpRecipients *recipients);
/** mcp_recipients_add_items: the files are asked for, too. */
void mcp_recipients_add_items(McpRecipients *recipients, GPtrArray *items);
/** mcp_recipients_take: the files are @items from @first on. */
void mcp_recipients_take(McpRecipients *recipients, const GPtrArray *items, guint first);
/** mcp_recipients_start: declares them, and keeps copies from now on. */
void mcp_recipients_start(McpRecipients *recipients);
/** mcp_recipients_look: warns of what ends soon. Returns: the first end, 0 for none. */
gint64 mcp_recipients_look(McpRecipients *recipients);
/** mcp_recipients_get: (transfer full): see mcp_config_source_get_certificates(). Any thread. */
McpCertificates *mcp_recipients_get(McpRecipients *recipients, const char *name, GError **error);

G_END_DECLS
