/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "results.h"

G_BEGIN_DECLS

/** McpMrcpdRecognize: one RECOGNIZE. On the call's shard. */
typedef struct _McpMrcpdRecognize McpMrcpdRecognize;

/**
 * McpMrcpdRecognizeEvents: what it reports, never at once.
 *
 * @started: somebody speaks, or presses keys (@dtmf); once, and not of hotwords
 * @ended: the last one: @cause of RFC 6787 §9.4.11; @results has what was heard, best first, and is
 *   the receiver's to reference; @reason (nullable). It may free it.
 */
typedef struct {
    void (*started)(McpMrcpdRecognize *recognize, gboolean dtmf, gpointer user_data);
    void (*ended)(McpMrcpdRecognize *recognize, guint cause, McpMrcpdResults *results,
                  const char *reason, gpointer user_data);
} McpMrcpdRecognizeEvents;

/** mcp_mrcpd_recognize_new: (transfer full): it waits until it is begun; of @request its header is
 * kept. @grammars: (element-type McpMrcpdGrammar) */
McpMrcpdRecognize *mcp_mrcpd_recognize_new(McpMrcpdResource *resource,
                                           const McpMrcpMessage *request, GPtrArray *grammars,
                                           const McpMrcpdRecognizeEvents *events,
                                           gpointer user_data);
/** mcp_mrcpd_recognize_free: ends it without a word. */
void mcp_mrcpd_recognize_free(McpMrcpdRecognize *recognize);
/** mcp_mrcpd_recognize_begin: it listens from now on. */
void mcp_mrcpd_recognize_begin(McpMrcpdRecognize *recognize);
/** mcp_mrcpd_recognize_start_timers: START-INPUT-TIMERS. */
void mcp_mrcpd_recognize_start_timers(McpMrcpdRecognize *recognize);
/** mcp_mrcpd_recognize_take_leg: an event of the leg. */
void mcp_mrcpd_recognize_take_leg(McpMrcpdRecognize *recognize, const McpLegEvent *event);
/** mcp_mrcpd_recognize_get_request: (transfer none). */
const McpMrcpMessage *mcp_mrcpd_recognize_get_request(const McpMrcpdRecognize *recognize);

G_END_DECLS
