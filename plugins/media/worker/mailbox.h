/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "stack.h"

G_BEGIN_DECLS

/**
 * McpMediaMailbox: the way from the workers into one GMainContext: a lock-free stack and an eventfd
 * that wakes the context once a batch. One mailbox a context, shared by its legs.
 */
typedef struct _McpMediaMailbox McpMediaMailbox;

/** McpMediaMailboxFunc: takes one item, on the context; in the order of posting. */
typedef void (*McpMediaMailboxFunc)(McpMediaLink *item);

/**
 * mcp_media_mailbox_get: (transfer full): the mailbox of @context; @func must be the same in every
 * call. Any thread.
 */
McpMediaMailbox *mcp_media_mailbox_get(GMainContext *context, McpMediaMailboxFunc func,
                                       GError **error);
/** mcp_media_mailbox_ref: (transfer full). Any thread. */
McpMediaMailbox *mcp_media_mailbox_ref(McpMediaMailbox *mailbox);
/** mcp_media_mailbox_unref: the last one closes it; on its context, or when that has stopped. */
void mcp_media_mailbox_unref(McpMediaMailbox *mailbox);
/** mcp_media_mailbox_post: (transfer full): @item is handed over. Any thread, never blocks. */
void mcp_media_mailbox_post(McpMediaMailbox *mailbox, McpMediaLink *item);
/**
 * mcp_media_mailbox_post_late: likewise for what is in no hurry: the context is not woken for each.
 * It comes within 0.3 s, and before whatever the same thread posts after it.
 */
void mcp_media_mailbox_post_late(McpMediaMailbox *mailbox, McpMediaLink *item);

G_END_DECLS
