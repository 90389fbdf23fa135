/*
 * SPDX-License-Identifier: Apache-2.0
 * What the caller waits for: from the end of what was said or keyed to the result, and on to the
 * first packet of the next prompt. On the call's shard.
 */
#pragma once
#include <mcp/contract/leg.h>

G_BEGIN_DECLS

typedef struct _McpVxmlSession McpVxmlSession;

/** McpVxmlTurn: an input that came to something, and whose answer has not been heard yet. */
typedef struct {
    const char *mode;   /* static: "voice" or "dtmf"; NULL: none */
    const char *result; /* static: "match" or "no-match" */
    gint64 input_ended; /* monotonic µs, as the next */
    gint64 decided;
} McpVxmlTurn;

/** MCP_VXML_TURN_MARK: stands before the first prompt of an answer; no page can have its like. */
#define MCP_VXML_TURN_MARK " turn"

/**
 * mcp_vxml_turn_begin: an input was understood, or not; one whose answer was never heard is told.
 * @ended: when the caller was done, 0: it is not known
 */
void mcp_vxml_turn_begin(McpVxmlSession *session, const char *mode, const char *result,
                         gint64 ended);
/** mcp_vxml_turn_is_open: the next prompt is its answer. */
gboolean mcp_vxml_turn_is_open(const McpVxmlSession *session);
/** mcp_vxml_turn_event: FALSE: not the mark of a turn. */
gboolean mcp_vxml_turn_event(McpVxmlSession *session, const McpLegEvent *event);
/** mcp_vxml_turn_close: nothing answers any more. */
void mcp_vxml_turn_close(McpVxmlSession *session);

G_END_DECLS
