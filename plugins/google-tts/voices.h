/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "messages.h"

G_BEGIN_DECLS

/** McpGoogleVoiceWish: what a voice is looked for by. */
typedef struct {
    const char *language; /* BCP 47 */
    McpGoogleGender gender;
    const char *family; /* part of the name; "" any */
} McpGoogleVoiceWish;

/** McpGoogleVoiceChoice: borrowed from the list. */
typedef struct {
    const char *name;
    const char *language;
} McpGoogleVoiceChoice;

/**
 * mcp_google_voices_choose: the first of @voices (element-type McpGoogleListedVoice) in the wanted
 * language, of those in the wanted family if there are any, of those with the wanted gender if
 * there are any. A language whose region no voice has is spoken by one of another region.
 *
 * Returns: FALSE with MCP_ERROR_UNSUPPORTED when no voice speaks the language. Any thread.
 */
gboolean mcp_google_voices_choose(const GPtrArray *voices, const McpGoogleVoiceWish *wish,
                                  McpGoogleVoiceChoice *out_choice, GError **error);
/** mcp_google_voice_language: (transfer full) (nullable): "en-US" of "en-US-Wavenet-A". */
char *mcp_google_voice_language(const char *voice);
/** mcp_google_language_fits: whether both have the same primary language ("de" of "de-AT"). */
gboolean mcp_google_language_fits(const char *one, const char *other);

G_END_DECLS
