/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synthesizer, media and store of a call in the terminal: speech is its words, all audio can be
 * played, recordings live in memory. One thread.
 */
#pragma once
#include <mcp/contract/media.h>
#include <mcp/contract/store.h>
#include <mcp/contract/synthesizer.h>

G_BEGIN_DECLS

/* Media type of what was synthesized: lines of words, and of pauses: this sign, then ms. */
#define MCP_VXML_TEXT_TYPE "text/x-said"
#define MCP_VXML_TEXT_PAUSE '\f'

#define MCP_TYPE_VXML_TEXT_SYNTHESIZER (mcp_vxml_text_synthesizer_get_type())
G_DECLARE_FINAL_TYPE(McpVxmlTextSynthesizer, mcp_vxml_text_synthesizer, MCP, VXML_TEXT_SYNTHESIZER,
                     GObject)
#define MCP_TYPE_VXML_TEXT_MEDIA (mcp_vxml_text_media_get_type())
G_DECLARE_FINAL_TYPE(McpVxmlTextMedia, mcp_vxml_text_media, MCP, VXML_TEXT_MEDIA, GObject)
#define MCP_TYPE_VXML_TEXT_STORE (mcp_vxml_text_store_get_type())
G_DECLARE_FINAL_TYPE(McpVxmlTextStore, mcp_vxml_text_store, MCP, VXML_TEXT_STORE, GObject)

/** mcp_vxml_text_synthesizer_new: (transfer full). */
McpSynthesizer *mcp_vxml_text_synthesizer_new(void);
/** mcp_vxml_text_media_new: (transfer full). */
McpMedia *mcp_vxml_text_media_new(void);
/** mcp_vxml_text_store_new: (transfer full). */
McpStore *mcp_vxml_text_store_new(void);

G_END_DECLS
