/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listens to keys while something else goes on, as during a transfer or a recording: what does not
 * match was not meant for us (VoiceXML 2.0 §2.3.7.2). On the call's shard.
 */
#pragma once
#include <mcp/contract/grammar.h>
#include <mcp/contract/media.h>

G_BEGIN_DECLS

typedef struct _McpVxmlHotwordListener McpVxmlHotwordListener;

/**
 * mcp_vxml_hotword_listener_new: (transfer full) (nullable): for those of @compiled (McpGrammar,
 * nullable entries) that are of mode DTMF; NULL when none is.
 */
McpVxmlHotwordListener *mcp_vxml_hotword_listener_new(McpGrammarEngine *engine,
                                                      GPtrArray *compiled);
void mcp_vxml_hotword_listener_free(McpVxmlHotwordListener *listener);

/**
 * mcp_vxml_hotword_listener_feed: (transfer full) (nullable): the match that @digit completes; its
 * index is that in the list of grammars. A digit later than @interdigit µs after the last one
 * begins anew.
 */
McpGrammarResult *mcp_vxml_hotword_listener_feed(McpVxmlHotwordListener *listener,
                                                 const McpDigit *digit, gint64 interdigit);
/** mcp_vxml_hotword_listener_waits: keys so far may be the beginning of a match. */
gboolean mcp_vxml_hotword_listener_waits(const McpVxmlHotwordListener *listener);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlHotwordListener, mcp_vxml_hotword_listener_free)

G_END_DECLS
