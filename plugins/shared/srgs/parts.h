/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of both forms of SRGS share; one thread, a document that is being read. */
#pragma once
#include "document.h"

/** mcp_srgs_is_rule_name: SRGS 1.0 §3.1: no ".", ":" or "-", and none of the special rules. */
gboolean mcp_srgs_is_rule_name(const char *name);
/** mcp_srgs_is_number: a decimal number from 0 to @max. */
gboolean mcp_srgs_is_number(const char *text, double max);
/** mcp_srgs_weight: of @text, which is a number, or NULL: 0. */
float mcp_srgs_weight(const char *text);
/** mcp_srgs_parse_repeat: SRGS 1.0 §2.5: "n", "n-m", "n-". */
gboolean mcp_srgs_parse_repeat(const char *text, guint *out_min, guint *out_max);
/** mcp_srgs_add_token: a token, of several words if it was quoted; keys in mode dtmf. */
gboolean mcp_srgs_add_token(McpGrammarDocument *document, guint line, McpExpansion *parent,
                            const char *text, GError **error);
/** mcp_srgs_add_special: NULL, VOID or GARBAGE. */
gboolean mcp_srgs_add_special(McpGrammarDocument *document, guint line, McpExpansion *parent,
                              const char *name, GError **error);
/** mcp_srgs_refer: makes @reference one to the rule at the absolute URL @whole. */
gboolean mcp_srgs_refer(McpGrammarDocument *document, McpExpansion *reference, const char *whole,
                        GError **error);
/** mcp_srgs_add_rule: FALSE for a name that is taken or no name. */
gboolean mcp_srgs_add_rule(McpGrammarDocument *document, const McpGrammarRule *rule,
                           GError **error);
/** mcp_srgs_set_root: @name: (nullable): must be defined; also checks that there is a rule. */
gboolean mcp_srgs_set_root(McpGrammarDocument *document, guint line, const char *name,
                           GError **error);
McpTagFormat mcp_srgs_tag_format(const char *name);

/**
 * mcp_srgs_decode: (transfer full): the ABNF source of @document as UTF-8; MCP_ERROR_UNSUPPORTED
 * for an encoding that is not known.
 */
char *mcp_srgs_decode(const McpGrammarDocument *document, const McpDocumentSource *source,
                      GError **error);

/** mcp_grammar_abnf_read: reads the ABNF form into @document; see mcp_grammar_document_read(). */
gboolean mcp_grammar_abnf_read(McpGrammarDocument *document, const McpDocumentSource *source,
                               GError **error);
