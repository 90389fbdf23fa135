/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "call_detail.h"

G_BEGIN_DECLS

/**
 * McpActivemqTally: how many calls of which application and tenant, and how long they waited for
 * what, in one interval after the other. Control context.
 */
typedef struct _McpActivemqTally McpActivemqTally;

/** mcp_activemq_tally_new: (transfer full): records go to @spool; the first interval begins. */
McpActivemqTally *mcp_activemq_tally_new(McpSpool *spool, gint64 wall);
/** mcp_activemq_tally_free: what the present interval has is dropped. */
void mcp_activemq_tally_free(McpActivemqTally *tally);
/** mcp_activemq_tally_arrived: one more of them runs. */
void mcp_activemq_tally_arrived(McpActivemqTally *tally, const McpActivemqCall *call);
/** mcp_activemq_tally_ended: @call (nullable): one that had arrived. */
void mcp_activemq_tally_ended(McpActivemqTally *tally, const McpActivemqCall *call,
                              const McpActivemqDetailFacts *facts, const McpActivemqConfig *config);
/** mcp_activemq_tally_refused: a call was refused before it was one. */
void mcp_activemq_tally_refused(McpActivemqTally *tally);
/** mcp_activemq_tally_event: what took time or failed in a call. */
void mcp_activemq_tally_event(McpActivemqTally *tally, McpEvent *event,
                              const McpActivemqConfig *config);
/** mcp_activemq_tally_close: spools the records of the interval that ends at @wall. */
void mcp_activemq_tally_close(McpActivemqTally *tally, gint64 wall,
                              const McpActivemqConfig *config);

G_END_DECLS
