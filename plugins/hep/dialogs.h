/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "item.h"

G_BEGIN_DECLS

/** MCP_HEP_WAIT: µs that a message waits until its call is known. */
#define MCP_HEP_WAIT (200 * G_TIME_SPAN_MILLISECOND)
/** MCP_HEP_MEMORY: µs that a dialog is remembered after its last message: RFC 3261 §17 and more. */
#define MCP_HEP_MEMORY (64 * G_TIME_SPAN_SECOND)
/** MCP_HEP_DIALOGS_MAX: dialogs that are remembered; beyond it the oldest is forgotten. */
#define MCP_HEP_DIALOGS_MAX 65536

/**
 * McpHepDialogs: which call a SIP dialog belongs to. A message comes before its call is known, and
 * some after it has ended. Times are the clock's. Control context.
 */
typedef struct _McpHepDialogs McpHepDialogs;

/** mcp_hep_dialogs_new: (transfer full): known or given-up messages go to the end of @out. */
McpHepDialogs *mcp_hep_dialogs_new(GQueue *out);
/** mcp_hep_dialogs_free: frees it, and what waits. */
void mcp_hep_dialogs_free(McpHepDialogs *dialogs);
/** mcp_hep_dialogs_learn: @dialog is one of @call; what waits for that goes out. */
void mcp_hep_dialogs_learn(McpHepDialogs *dialogs, GRefString *dialog, GRefString *call,
                           gint64 now);
/** mcp_hep_dialogs_take: (transfer full): a message of a dialog goes out, or waits. */
void mcp_hep_dialogs_take(McpHepDialogs *dialogs, McpHepItem *item, gint64 now);
/**
 * mcp_hep_dialogs_expire: what has waited long enough by @now goes out without a call's id, and old
 * dialogs are forgotten. Returns: when to be called again, 0: nothing waits.
 */
gint64 mcp_hep_dialogs_expire(McpHepDialogs *dialogs, gint64 now);
/** mcp_hep_dialogs_give_up: the dialog that has waited longest goes out; FALSE: none waits. */
gboolean mcp_hep_dialogs_give_up(McpHepDialogs *dialogs);

G_END_DECLS
