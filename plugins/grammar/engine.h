/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "compiler.h"

#define MCP_TYPE_SRGS_ENGINE (mcp_srgs_engine_get_type())
G_DECLARE_FINAL_TYPE(McpSrgsEngine, mcp_srgs_engine, MCP, SRGS_ENGINE, GObject)

/** mcp_srgs_engine_new: (transfer full): the service; any thread may use it. */
McpSrgsEngine *mcp_srgs_engine_new(const McpGrammarConfig *config, const McpCompilerDeps *deps);
void mcp_srgs_engine_configure(McpSrgsEngine *self, const McpGrammarConfig *config);
