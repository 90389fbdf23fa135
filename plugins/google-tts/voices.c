/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choice of a voice by language, family and gender. Pure functions, any thread.
 */
#include "voices.h"

#include <mcp/error.h>
#include <string.h>

static gsize
primary_length(const char *language)
{
    return strcspn(language, "-_");
}

gboolean
mcp_google_language_fits(const char *one, const char *other)
{
    gsize length = primary_length(one);

    return length == primary_length(other) && g_ascii_strncasecmp(one, other, length) == 0;
}

char *
mcp_google_voice_language(const char *voice)
{
    g_auto(GStrv) parts = g_strsplit(voice, "-", 3);

    if (g_strv_length(parts) < 3)
        return NULL;
    return g_strconcat(parts[0], "-", parts[1], NULL);
}

/* The voice's language that is nearest to the wanted one: 2 the same, 1 of another region. */
static guint
nearness(const McpGoogleListedVoice *voice, const char *language, const char **out_language)
{
    guint best = 0;

    for (char **it = voice->languages; *it != NULL; it++) {
        guint near = mcp_google_language_fits(*it, language) ? 1 : 0;

        if (g_ascii_strcasecmp(*it, language) == 0)
            near = 2;
        if (near > best) {
            best = near;
            *out_language = *it;
        }
    }
    return best;
}

/* Language counts more than family, family more than gender. */
static guint
score(const McpGoogleListedVoice *voice, const McpGoogleVoiceWish *wish, const char **out_language)
{
    guint near = nearness(voice, wish->language, out_language);
    gboolean kin = strstr(voice->name, wish->family) != NULL;
    gboolean same = wish->gender == MCP_GOOGLE_GENDER_ANY || wish->gender == voice->gender;

    return near == 0 ? 0 : near * 4 + (kin ? 2 : 0) + (same ? 1 : 0);
}

gboolean
mcp_google_voices_choose(const GPtrArray *voices, const McpGoogleVoiceWish *wish,
                         McpGoogleVoiceChoice *out_choice, GError **error)
{
    guint best = 0;

    for (guint i = 0; i < voices->len; i++) {
        const McpGoogleListedVoice *voice = voices->pdata[i];
        const char *language = NULL;
        guint found = score(voice, wish, &language);

        if (found > best) {
            best = found;
            *out_choice = (McpGoogleVoiceChoice){voice->name, language};
        }
    }
    if (best == 0)
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                    "none of the service's %u voices speaks '%.40s'", voices->len, wish->language);
    return best > 0;
}
