/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encoding of an ABNF grammar, which XML has its own rules for. Pure, any thread.
 */
#include "parts.h"
#include <mcp/error.h>
#include <string.h>

static gboolean
is_encoding(const char *name)
{
    static const char *const known[] = {"UTF-8", "UTF-16", "US-ASCII", "WINDOWS-1252"};

    if (g_ascii_strncasecmp(name, "ISO-8859-", 9) == 0)
        return strlen(name) <= 11 && strspn(name + 9, "0123456789") == strlen(name + 9);
    for (guint i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_ascii_strcasecmp(known[i], name) == 0)
            return TRUE;
    return FALSE;
}

/* The mark at the beginning wins, then the transport, then the first line. */
static char *
find_encoding(const char *data, gsize size, const char *charset, gsize *out_mark)
{
    const char *end = memchr(data, ';', MIN(size, 80));
    g_auto(GStrv) words = NULL;
    g_autofree char *line = NULL;

    *out_mark = 0;
    if (size >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0)) {
        *out_mark = 2;
        return g_strdup(data[0] == '\xff' ? "UTF-16LE" : "UTF-16BE");
    }
    if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
        *out_mark = 3;
        return g_strdup("UTF-8");
    }
    if (charset != NULL)
        return g_strdup(charset);
    if (end == NULL)
        return g_strdup("UTF-8");
    line = g_strndup(data, (gsize)(end - data));
    words = g_strsplit(g_strstrip(line), " ", -1);
    return g_strdup(g_strv_length(words) == 3 ? words[2] : "UTF-8");
}

char *
mcp_srgs_decode(const McpGrammarDocument *document, const McpDocumentSource *source, GError **error)
{
    gsize size;
    gsize mark;
    gsize length = 0;
    const char *data = g_bytes_get_data(source->bytes, &size);
    g_autofree char *encoding = find_encoding(data, size, source->charset, &mark);
    g_autofree char *text = NULL;

    if (mark != 2 && !is_encoding(encoding)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s: encoding '%.40s' is not known",
                    document->name, encoding);
        return NULL;
    }
    text = g_convert(data + mark, (gssize)(size - mark), "UTF-8", encoding, NULL, &length, NULL);
    /* Undeclared and not UTF-8: Latin-1, of which every text is one. */
    if (text == NULL && mark == 0 && source->charset == NULL &&
        g_ascii_strcasecmp(encoding, "UTF-8") == 0)
        text = g_convert(data, (gssize)size, "UTF-8", "ISO-8859-1", NULL, &length, NULL);
    if (text == NULL || strlen(text) != length || !g_utf8_validate(text, -1, NULL)) {
        mcp_grammar_document_fault(document, 1, error, "text is not '%.40s'", encoding);
        return NULL;
    }
    return g_steal_pointer(&text);
}
