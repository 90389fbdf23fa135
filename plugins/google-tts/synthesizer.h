/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "deps.h"

#include <mcp/contract/synthesizer.h>

G_BEGIN_DECLS

#define MCP_TYPE_GOOGLE_SYNTHESIZER (mcp_google_synthesizer_get_type())
G_DECLARE_FINAL_TYPE(McpGoogleSynthesizer, mcp_google_synthesizer, MCP, GOOGLE_SYNTHESIZER, GObject)

/**
 * mcp_google_synthesizer_new:
 * @deps: copied
 * @config: the settings in force
 *
 * Returns: (transfer full) (nullable): a synthesizer that any thread may use and that works on the
 * caller's thread-default context.
 */
McpGoogleSynthesizer *mcp_google_synthesizer_new(const McpGoogleDeps *deps, McpGoogleConfig *config,
                                                 GError **error);
/**
 * mcp_google_synthesizer_configure: for requests from now on; those under way go on as they began.
 * On the synthesizer's context.
 */
gboolean mcp_google_synthesizer_configure(McpGoogleSynthesizer *self, McpGoogleConfig *config,
                                          GError **error);
/**
 * mcp_google_synthesizer_close: what is under way, and what is asked for later, ends with
 * MCP_ERROR_CLOSED. On the synthesizer's context.
 */
void mcp_google_synthesizer_close(McpGoogleSynthesizer *self);

G_END_DECLS
