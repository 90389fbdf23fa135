/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "item.h"

G_BEGIN_DECLS

/**
 * McpHepInbox: the way of items from any thread to one context, without a lock and bounded: what
 * comes while it is full is not taken.
 */
typedef struct _McpHepInbox McpHepInbox;

/** McpHepInboxFunc: there are items to take, or it is time to go on; on the inbox's context. */
typedef void (*McpHepInboxFunc)(gpointer user_data);

/** mcp_hep_inbox_new: (transfer full): for the thread-default context. */
McpHepInbox *mcp_hep_inbox_new(gsize limit, McpHepInboxFunc func, gpointer user_data,
                               GError **error);
/** mcp_hep_inbox_free: nobody may push any more. */
void mcp_hep_inbox_free(McpHepInbox *inbox);
/** mcp_hep_inbox_push: (transfer full): FALSE when it is full: @item is gone. Any thread. */
gboolean mcp_hep_inbox_push(McpHepInbox *inbox, McpHepItem *item);
/** mcp_hep_inbox_take: (transfer full) (nullable): the oldest. On the context. */
McpHepItem *mcp_hep_inbox_take(McpHepInbox *inbox);
/**
 * mcp_hep_inbox_rest: while it rests, what is put in wakes nobody until it is half full: whoever
 * lets it rest looks into it once it does not any more.
 */
void mcp_hep_inbox_rest(McpHepInbox *inbox, gboolean rests);
/** mcp_hep_inbox_wake: the function is called with one of the next turns of the context. */
void mcp_hep_inbox_wake(McpHepInbox *inbox);

G_END_DECLS
