/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpEspeakVoice: one voice of the engine. */
typedef struct {
    char *name;
    char gender;     /* 'M', 'F' or '-' */
    GPtrArray *tags; /* char*: BCP 47, its own first */
    GArray *ranks;   /* guint: of each tag; the lower the better */
} McpEspeakVoice;

/**
 * McpEspeakVoices: what a worker said of its engine. Immutable, shared by reference; any thread.
 */
typedef struct _McpEspeakVoices McpEspeakVoices;

/** mcp_espeak_voices_parse: (transfer full): of MCP_ESPEAK_READY; MCP_ERROR_FAILED: no sense. */
McpEspeakVoices *mcp_espeak_voices_parse(const char *text, gsize length, GError **error);
McpEspeakVoices *mcp_espeak_voices_ref(McpEspeakVoices *voices);
void mcp_espeak_voices_unref(McpEspeakVoices *voices);
const char *mcp_espeak_voices_get_version(const McpEspeakVoices *voices);
/** mcp_espeak_voices_get_rate: samples a second of all that it says. */
guint mcp_espeak_voices_get_rate(const McpEspeakVoices *voices);
guint mcp_espeak_voices_get_length(const McpEspeakVoices *voices);
/** mcp_espeak_voices_find: (nullable): by name, in any case, with "_" or " ". */
const McpEspeakVoice *mcp_espeak_voices_find(const McpEspeakVoices *voices, const char *name);
/**
 * mcp_espeak_voices_choose: (nullable): that of the tag, else one of the language without a region,
 * else one of another region.
 */
const McpEspeakVoice *mcp_espeak_voices_choose(const McpEspeakVoices *voices, const char *language);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpEspeakVoices, mcp_espeak_voices_unref)

G_END_DECLS
