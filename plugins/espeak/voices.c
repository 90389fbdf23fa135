/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpEspeakVoices: version, rate and voices of the engine, as a worker lists them, and which of
 * them speaks a language. Any thread.
 */
#include "voices.h"

#include <mcp/error.h>
#include <string.h>

#define LEAST_RATE 8000
#define MOST_RATE 48000

struct _McpEspeakVoices {
    gatomicrefcount refs;
    char *version;
    guint rate;
    GPtrArray *list; /* McpEspeakVoice */
};

static void
voice_free(gpointer data)
{
    McpEspeakVoice *voice = data;

    g_free(voice->name);
    g_ptr_array_unref(voice->tags);
    g_array_unref(voice->ranks);
    g_free(voice);
}

static void
parse_tag(McpEspeakVoice *voice, char *text)
{
    char *rank = strchr(text, ' ');
    guint number = 0;

    if (rank != NULL) {
        *rank = '\0';
        number = (guint)g_ascii_strtoull(rank + 1, NULL, 10);
    }
    g_ptr_array_add(voice->tags, g_strdup(text));
    g_array_append_val(voice->ranks, number);
}

/* Names stand in a line of a request. */
static gboolean
is_line(const char *text)
{
    for (; *text != '\0'; text++)
        if (g_ascii_iscntrl(*text))
            return FALSE;
    return TRUE;
}

/* NULL: a line that tells of none. */
static McpEspeakVoice *
parse_voice(const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, "\t", 64);
    McpEspeakVoice *voice = NULL;

    if (g_strv_length(parts) < 3 || parts[0][0] == '\0' || parts[1][0] == '\0' ||
        !is_line(parts[1]))
        return NULL;
    voice = g_new0(McpEspeakVoice, 1);
    voice->gender = parts[0][0];
    voice->name = g_strdup(parts[1]);
    voice->tags = g_ptr_array_new_with_free_func(g_free);
    voice->ranks = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 2; parts[i] != NULL; i++)
        parse_tag(voice, parts[i]);
    return voice;
}

McpEspeakVoices *
mcp_espeak_voices_parse(const char *text, gsize length, GError **error)
{
    g_autoptr(McpEspeakVoices) voices = g_new0(McpEspeakVoices, 1);
    g_autofree char *copy = g_strndup(text, length);
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);

    g_atomic_ref_count_init(&voices->refs);
    voices->list = g_ptr_array_new_with_free_func(voice_free);
    if (g_utf8_validate(copy, -1, NULL) && g_strv_length(lines) > 2) {
        voices->version = g_strdup(lines[0]);
        voices->rate = (guint)g_ascii_strtoull(lines[1], NULL, 10);
        for (guint i = 2; lines[i] != NULL; i++) {
            McpEspeakVoice *voice = parse_voice(lines[i]);

            if (voice != NULL)
                g_ptr_array_add(voices->list, voice);
        }
    }
    if (voices->list->len > 0 && voices->rate >= LEAST_RATE && voices->rate <= MOST_RATE)
        return g_steal_pointer(&voices);
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "it tells of no voices");
    return NULL;
}

McpEspeakVoices *
mcp_espeak_voices_ref(McpEspeakVoices *voices)
{
    g_atomic_ref_count_inc(&voices->refs);
    return voices;
}

void
mcp_espeak_voices_unref(McpEspeakVoices *voices)
{
    if (!g_atomic_ref_count_dec(&voices->refs))
        return;
    g_ptr_array_unref(voices->list);
    g_free(voices->version);
    g_free(voices);
}

const char *
mcp_espeak_voices_get_version(const McpEspeakVoices *voices)
{
    return voices->version;
}

guint
mcp_espeak_voices_get_rate(const McpEspeakVoices *voices)
{
    return voices->rate;
}

guint
mcp_espeak_voices_get_length(const McpEspeakVoices *voices)
{
    return voices->list->len;
}

static gboolean
is_name(const char *one, const char *two)
{
    for (; *one != '\0' && *two != '\0'; one++, two++)
        if (g_ascii_tolower(*one == '_' ? ' ' : *one) != g_ascii_tolower(*two == '_' ? ' ' : *two))
            return FALSE;
    return *one == *two;
}

const McpEspeakVoice *
mcp_espeak_voices_find(const McpEspeakVoices *voices, const char *name)
{
    for (guint i = 0; i < voices->list->len; i++) {
        const McpEspeakVoice *voice = voices->list->pdata[i];

        if (is_name(voice->name, name))
            return voice;
    }
    return NULL;
}

/* The best of those with a tag of which the first @length characters are @language's; @whole: and
 * no more. */
static const McpEspeakVoice *
find_tag(const McpEspeakVoices *voices, const char *language, gsize length, gboolean whole)
{
    const McpEspeakVoice *best = NULL;
    guint rank = G_MAXUINT;

    for (guint i = 0; i < voices->list->len; i++) {
        const McpEspeakVoice *voice = voices->list->pdata[i];

        for (guint k = 0; k < voice->tags->len; k++) {
            const char *tag = voice->tags->pdata[k];
            guint own = g_array_index(voice->ranks, guint, k);

            if (g_ascii_strncasecmp(tag, language, length) == 0 && own < rank &&
                (tag[length] == '\0' || (!whole && tag[length] == '-'))) {
                best = voice;
                rank = own;
            }
        }
    }
    return best;
}

const McpEspeakVoice *
mcp_espeak_voices_choose(const McpEspeakVoices *voices, const char *language)
{
    gsize primary = strcspn(language, "-_");
    const McpEspeakVoice *voice = find_tag(voices, language, strlen(language), TRUE);

    if (primary == 0)
        return NULL;
    if (voice == NULL)
        voice = find_tag(voices, language, primary, TRUE);
    return voice != NULL ? voice : find_tag(voices, language, primary, FALSE);
}
