/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grammars of mode voice that a page implies: the words of a choice or option (VoiceXML 2.0 §2.2.5)
 * and the universal commands (§6.3.6). On the machine's thread.
 */
#include <string.h>

#include "interpreter_input.h"
#include "interpreter_scopes.h"

/* Of a choice whose parts may be said: there are n(n+1)/2 of them. */
#define PARTS_MAX 16

static void
append_item(GString *out, char **words, guint from, guint to)
{
    g_string_append(out, "<item>");
    for (guint i = from; i < to; i++) {
        if (i > from)
            g_string_append_c(out, ' ');
        mcp_xml_append_escaped(out, words[i]);
    }
    g_string_append(out, "</item>");
}

/* Letters, digits and what stands within words; the rest separates them. */
static GPtrArray *
split_words(const char *text)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) word = g_string_new(NULL);

    for (const char *c = text;; c = g_utf8_next_char(c)) {
        gunichar u = g_utf8_get_char(c);

        if (u != 0 && (g_unichar_isalnum(u) || g_unichar_ismark(u) || u == '\'' || u == '-')) {
            g_string_append_unichar(word, g_unichar_tolower(u));
            continue;
        }
        if (word->len > 0)
            g_ptr_array_add(words, g_strdup(word->str));
        g_string_truncate(word, 0);
        if (u == 0)
            break;
    }
    g_ptr_array_add(words, NULL);
    return words;
}

char *
mcp_vxml_spoken_grammar(const char *text, const char *language, gboolean approximate)
{
    g_autoptr(GPtrArray) words = split_words(text);
    guint count = words->len - 1;
    GString *out;

    if (count == 0)
        return NULL;
    out = g_string_new("<grammar xmlns=\"http://www.w3.org/2001/06/grammar\" version=\"1.0\" "
                       "mode=\"voice\" root=\"words\" xml:lang=\"");
    mcp_xml_append_escaped(out, language != NULL ? language : "en-US");
    g_string_append(out, "\"><rule id=\"words\" scope=\"public\"><one-of>");
    append_item(out, (char **)words->pdata, 0, count);
    for (guint from = 0; approximate && count <= PARTS_MAX && from < count; from++)
        for (guint to = from + 1; to <= count; to++)
            if (to - from < count)
                append_item(out, (char **)words->pdata, from, to);
    g_string_append(out, "</one-of></rule></grammar>");
    return g_string_free(out, FALSE);
}

char **
mcp_vxml_universals(McpVxmlInterpreter *interpreter)
{
    const char *value = mcp_vxml_property(interpreter, "universals");

    if (value == NULL || strcmp(value, "none") == 0)
        value = "";
    else if (strcmp(value, "all") == 0)
        value = "cancel exit help";
    return g_strsplit_set(value, " \t\r\n", -1);
}
