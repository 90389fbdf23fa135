/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for mistakes in VoiceXML pages that are given together. One thread, main context. */
#pragma once
#include "findings.h"
#include "loader.h"

G_BEGIN_DECLS

typedef struct _McpVxmlLint McpVxmlLint;

/** mcp_vxml_lint_new: (transfer full): @loader outlives it. */
McpVxmlLint *mcp_vxml_lint_new(McpVxmlLoader *loader);
void mcp_vxml_lint_free(McpVxmlLint *lint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlLint, mcp_vxml_lint_free)

/** mcp_vxml_lint_add_page: a page to look at; FALSE when it cannot be had. */
gboolean mcp_vxml_lint_add_page(McpVxmlLint *lint, const char *argument, GError **error);
/** mcp_vxml_lint_run: (transfer none): McpVxmlFinding of all pages, sorted. */
GPtrArray *mcp_vxml_lint_run(McpVxmlLint *lint);

G_END_DECLS
