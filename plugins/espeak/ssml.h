/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "voices.h"

G_BEGIN_DECLS

/** McpEspeakSpeech: what is said, as the engine takes it. */
typedef struct {
    char *text;     /* "": nothing but silence */
    guint silence;  /* ms before it */
    char *language; /* nullable: of the whole document */
} McpEspeakSpeech;

/**
 * mcp_espeak_ssml_read: (transfer full): @document in the part of SSML that the engine understands,
 * without what it must not get. MCP_ERROR_INVALID with the line. Any thread.
 */
McpEspeakSpeech *mcp_espeak_ssml_read(const char *document, const McpEspeakVoices *voices,
                                      GError **error);
/**
 * mcp_espeak_text_read: (transfer full): plain @text without characters that the engine takes for
 * commands. MCP_ERROR_INVALID: not UTF-8. Any thread.
 */
McpEspeakSpeech *mcp_espeak_text_read(const char *text, GError **error);
void mcp_espeak_speech_free(McpEspeakSpeech *speech);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpEspeakSpeech, mcp_espeak_speech_free)

G_END_DECLS
