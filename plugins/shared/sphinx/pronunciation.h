/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/** McpPronunciations: the dictionary of the recognizer's model. Immutable. Any thread. */
typedef struct _McpPronunciations McpPronunciations;

/** MCP_SPHINX_PHONES: all sounds that the model tells apart, without silence. */
#define MCP_SPHINX_PHONES                                                                       \
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", \
        "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", \
        "UH", "UW", "V", "W", "Y", "Z", "ZH"

/** McpSpell: (transfer full) (nullable): sounds of @word (small letters), by rules. Any thread. */
typedef char *(*McpSpell)(const char *word);

/**
 * mcp_pronunciations_open: (transfer full): reads the dictionary @path; @spell is for words that it
 * does not have. Blocks.
 */
McpPronunciations *mcp_pronunciations_open(const char *path, McpSpell spell, GError **error);
void mcp_pronunciations_free(McpPronunciations *self);
/**
 * mcp_pronunciations_find: (transfer full): the ways to say the token @word, blank-separated,
 * NULL-terminated: of the dictionary, else of its parts at hyphens, else by the rules of English
 * spelling. MCP_ERROR_UNSUPPORTED with the word where it is more than letters, or a number of
 * several digits.
 */
char **mcp_pronunciations_find(const McpPronunciations *self, const char *word, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpPronunciations, mcp_pronunciations_free)
