/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib-object.h>

G_BEGIN_DECLS

/** McpSipMailFunc: runs on the SIP context; @object is the one that was posted with it. */
typedef void (*McpSipMailFunc)(gpointer object, gpointer data);

/** McpSipMailbox: what other threads hand to the SIP context, in order. */
typedef struct _McpSipMailbox McpSipMailbox;

/** mcp_sip_mailbox_new: (transfer full): delivers on @context. */
McpSipMailbox *mcp_sip_mailbox_new(GMainContext *context);

/**
 * mcp_sip_mailbox_post:
 * @object: (transfer none) (nullable): kept alive until @func has run
 * @data: (transfer full) (nullable): for @func, freed with @destroy after it
 * @droppable: whether the mail may be refused when the box is full; mail that ends or answers a
 *   session is not, its number is bounded by the sessions
 *
 * Any thread. Returns: FALSE, and @data is freed, when the box is closed or full.
 */
gboolean mcp_sip_mailbox_post(McpSipMailbox *mailbox, gpointer object, McpSipMailFunc func,
                              gpointer data, GDestroyNotify destroy, gboolean droppable);

/** mcp_sip_mailbox_close: nothing is taken any more; what waits is dropped. SIP context. */
void mcp_sip_mailbox_close(McpSipMailbox *mailbox);

/** mcp_sip_mailbox_free: after close, when nobody can post any more. */
void mcp_sip_mailbox_free(McpSipMailbox *mailbox);

G_END_DECLS
