/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/recognizer.h>
#include <mrcp/message.h>
#include <mrcp/names.h>

G_BEGIN_DECLS

/* What a recognition's request says, as MRCP says it (RFC 6787 §9). Pure functions. */

/**
 * mcp_mrcp_grammar_id: (transfer full): Content-ID of grammar @index of recognition @turn, whose
 * session: URI it is at the same time.
 */
char *mcp_mrcp_grammar_id(guint turn, guint index);
/** mcp_mrcp_grammar_index: the index in a grammar's URI or name that mcp_mrcp_grammar_id() made
 * for @turn; -1: it is none of these. */
gint mcp_mrcp_grammar_index(guint turn, const char *uri);
/** mcp_mrcp_fill_define: DEFINE-GRAMMAR of the inline @grammar (§9.8). */
void mcp_mrcp_fill_define(McpMrcpMessage *message, const McpRecognitionGrammar *grammar,
                          const char *id);
/** mcp_mrcp_fill_recognize: RECOGNIZE of grammars that are defined, or have URIs (§9.9). */
void mcp_mrcp_fill_recognize(McpMrcpMessage *message, const McpRecognitionRequest *request,
                             guint turn);

G_END_DECLS
