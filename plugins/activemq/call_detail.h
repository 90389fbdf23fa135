/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "call_table.h"

G_BEGIN_DECLS

/** McpActivemqDetailFacts: what those who count need of a record. */
typedef struct {
    gboolean answered;
    gint64 setup_ms;
    guint status;
} McpActivemqDetailFacts;

/* (transfer full): records for the spool. @component: name of this platform. Any thread. */

/** mcp_activemq_detail_start: that @call has begun: kept until its call detail record is there. */
McpSpoolRecord *mcp_activemq_detail_start(const McpActivemqCall *call);
/**
 * mcp_activemq_detail_new: of the call record in @event; @call (nullable): what its events told.
 */
McpSpoolRecord *mcp_activemq_detail_new(McpEvent *event, const McpActivemqCall *call,
                                        const char *component, McpActivemqDetailFacts *out_facts);
/** mcp_activemq_detail_refused: of a call that was refused before it was one. */
McpSpoolRecord *mcp_activemq_detail_refused(McpEvent *event, const char *component);
/** mcp_activemq_detail_abnormal: of a call that a crash cut off, of which @start is left. */
McpSpoolRecord *mcp_activemq_detail_abnormal(const McpSpoolRecord *start, const char *component,
                                             gint64 now);

G_END_DECLS
