/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole application as a call in the terminal: the platform's own session, grammar engine and
 * fetcher, with text in place of media and virtual time. One thread, main context.
 */
#pragma once
#include "loader.h"
#include "session.h"

G_BEGIN_DECLS

typedef struct _McpVxmlTextCall McpVxmlTextCall;

/** McpVxmlTextQuestion: what the platform waits for. */
typedef enum {
    MCP_VXML_TEXT_INPUT,
    MCP_VXML_TEXT_RECORDING,
    MCP_VXML_TEXT_TRANSFER,
} McpVxmlTextQuestion;

/** McpVxmlTextCallHooks: who listens and who types. */
typedef struct {
    /** tell: one line of the transcript: @kind is "says", "page", "event" …; @time µs. */
    void (*tell)(gint64 time, const char *kind, const char *text, gpointer user_data);
    /**
     * ask: (transfer full) (nullable): what the caller does: keys (a "," among them is a second of
     * pause), words, "#noinput", "#hangup", "#message TYPE WORDS"; for a transfer "#transfer" and
     * one of MCP_VXML_TEXT_OUTCOMES, any other line is kept for the next question; NULL: nobody
     * types any more, the caller hangs up.
     */
    char *(*ask)(McpVxmlTextQuestion question, gpointer user_data);
    /** probe: (nullable): before each element and form item. */
    McpVxmlProbeFunc probe;
    gpointer user_data;
} McpVxmlTextCallHooks;

/** McpVxmlTextCallEnd: how it ended. */
typedef struct {
    gboolean failed;
    char *reason;
    char *result; /* nullable: JSON */
} McpVxmlTextCallEnd;

/** mcp_vxml_text_call_new: (transfer full): @hooks is copied, @loader outlives it. */
McpVxmlTextCall *mcp_vxml_text_call_new(McpVxmlLoader *loader, const McpVxmlTextCallHooks *hooks);
void mcp_vxml_text_call_free(McpVxmlTextCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlTextCall, mcp_vxml_text_call_free)

/** mcp_vxml_text_call_set_limit: µs of virtual time after which it is given up. */
void mcp_vxml_text_call_set_limit(McpVxmlTextCall *call, gint64 limit);
/** mcp_vxml_text_call_run: (transfer none): runs the application at @url to its end. */
const McpVxmlTextCallEnd *mcp_vxml_text_call_run(McpVxmlTextCall *call, const char *url);

G_END_DECLS
