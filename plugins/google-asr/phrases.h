/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/recognizer.h>

G_BEGIN_DECLS

/**
 * mcp_google_asr_phrases: (transfer full): what the grammars of @request take, for a service that
 * is to prefer it: whole sentences of a grammar that has few, else its words. At most @max, none of
 * more than 100 characters; of a grammar that is no network of words there are none. Any thread.
 */
char **mcp_google_asr_phrases(McpGrammarEngine *engine, const McpRecognitionRequest *request,
                              guint max);

G_END_DECLS
