/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings a document's bytes to UTF-8 and looks over its start tags, so that the parser behind sees
 * one encoding and no start tag on which its work would grow with the square of the attributes.
 * Any thread.
 */
#include "tree.h"

#include <string.h>

/* The encodings that pages come in. Everything else the C library could convert stays closed:
 * its rarely used converters are no code to hand a stranger's bytes to. */
static const char *const SUPPORTED[] = {
    "UTF-8",        "UTF8",         "US-ASCII",     "ASCII",        "UTF-16",       "UTF-16LE",
    "UTF-16BE",     "KOI8-R",       "KOI8-U",       "SHIFT_JIS",    "EUC-JP",       "EUC-KR",
    "GB2312",       "GBK",          "GB18030",      "BIG5",         "TIS-620",      "WINDOWS-874",
    "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-6",
    "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",   "ISO-8859-10",  "ISO-8859-11",  "ISO-8859-13",
    "ISO-8859-14",  "ISO-8859-15",  "ISO-8859-16",  "LATIN1",       "WINDOWS-1250", "WINDOWS-1251",
    "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257",
    "WINDOWS-1258",
};

#define DECLARATION_MAX 256

static gboolean
is_supported(const char *charset)
{
    for (gsize i = 0; i < G_N_ELEMENTS(SUPPORTED); i++) {
        if (g_ascii_strcasecmp(charset, SUPPORTED[i]) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_utf8_name(const char *charset)
{
    return g_ascii_strcasecmp(charset, "UTF-8") == 0 || g_ascii_strcasecmp(charset, "UTF8") == 0 ||
           g_ascii_strcasecmp(charset, "US-ASCII") == 0 ||
           g_ascii_strcasecmp(charset, "ASCII") == 0;
}

/* XML 1.0 §4.3.3 and appendix F: the declaration is ASCII in all encodings reached here. */
static char *
declared_encoding(const char *data, gsize length)
{
    gsize window = MIN(length, DECLARATION_MAX);
    g_autofree char *head = NULL;
    const char *end = NULL;
    const char *at = NULL;
    const char *close = NULL;

    if (length < 6 || memcmp(data, "<?xml", 5) != 0)
        return NULL;
    head = g_strndup(data, window);
    end = strstr(head, "?>");
    at = strstr(head, "encoding");
    if (end == NULL || at == NULL || at > end)
        return NULL;
    at += strlen("encoding");
    at += strspn(at, " \t\r\n=");
    if (*at != '"' && *at != '\'')
        return NULL;
    close = strchr(at + 1, *at);
    return close != NULL && close < end ? g_strndup(at + 1, (gsize)(close - at - 1)) : NULL;
}

/* The charset by the byte order mark or the zero bytes around the first '<'; @out_mark is the
 * length of the mark. */
static const char *
detect(const guint8 *data, gsize length, gsize *out_mark)
{
    *out_mark = 0;
    if (length >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        *out_mark = 3;
        return "UTF-8";
    }
    if (length >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 || memcmp(data, "\xFE\xFF", 2) == 0)) {
        *out_mark = 2;
        return data[0] == 0xFF ? "UTF-16LE" : "UTF-16BE";
    }
    if (length >= 2 && memcmp(data, "<\0", 2) == 0)
        return "UTF-16LE";
    if (length >= 2 && memcmp(data, "\0<", 2) == 0)
        return "UTF-16BE";
    return NULL;
}

static GBytes *
convert(const char *data, gsize length, const char *charset, GError **error)
{
    g_autoptr(GError) cause = NULL;
    gsize n_written = 0;
    char *utf8 = NULL;

    if (!is_supported(charset)) {
        g_set_error(error, MCP_XML_ERROR, MCP_XML_ERROR_ENCODING, "encoding %.40s is not supported",
                    charset);
        return NULL;
    }
    utf8 = g_convert(data, (gssize)length, "UTF-8", charset, NULL, &n_written, &cause);
    if (utf8 == NULL) {
        g_set_error(error, MCP_XML_ERROR, MCP_XML_ERROR_ENCODING, "the bytes are not %s", charset);
        return NULL;
    }
    return g_bytes_new_take(utf8, n_written);
}

static gboolean
check_decoded(GBytes *decoded, gsize max_bytes, GError **error)
{
    gsize length = 0;
    const char *data = g_bytes_get_data(decoded, &length);

    if (length > max_bytes) {
        g_set_error(error, MCP_XML_ERROR, MCP_XML_ERROR_LIMIT,
                    "document has %" G_GSIZE_FORMAT " bytes, %" G_GSIZE_FORMAT " are allowed",
                    length, max_bytes);
        return FALSE;
    }
    if (length == 0) {
        g_set_error_literal(error, MCP_XML_ERROR, MCP_XML_ERROR_SYNTAX, "document is empty");
        return FALSE;
    }
    /* The parser must not guess another encoding from its first bytes. */
    if (strchr("< \t\r\n", data[0]) == NULL || data[0] == '\0') {
        g_set_error_literal(error, MCP_XML_ERROR, MCP_XML_ERROR_SYNTAX,
                            "document does not start with '<'");
        return FALSE;
    }
    if (memchr(data, '\0', length) != NULL) {
        g_set_error_literal(error, MCP_XML_ERROR, MCP_XML_ERROR_ENCODING,
                            "document contains a zero byte");
        return FALSE;
    }
    return TRUE;
}

GBytes *
mcp_xml_decode(GBytes *bytes, const char *charset, gsize max_bytes, GError **error)
{
    gsize length = 0;
    const char *data = g_bytes_get_data(bytes, &length);
    gsize mark = 0;
    const char *found = NULL;
    g_autofree char *declared = NULL;
    g_autoptr(GBytes) decoded = NULL;

    /* UTF-16 halves at best; what is larger needs no conversion to be refused. */
    if (length / 2 > max_bytes) {
        g_set_error(error, MCP_XML_ERROR, MCP_XML_ERROR_LIMIT,
                    "document has %" G_GSIZE_FORMAT " bytes, %" G_GSIZE_FORMAT " are allowed",
                    length, max_bytes);
        return NULL;
    }
    found = data != NULL ? detect((const guint8 *)data, length, &mark) : NULL;
    if (found == NULL)
        found = charset;
    if (found == NULL && data != NULL)
        found = declared = declared_encoding(data, length);
    if (found == NULL || is_utf8_name(found))
        decoded = g_bytes_new_from_bytes(bytes, mark, length - mark);
    else
        decoded = convert(data + mark, length - mark, found, error);
    if (decoded == NULL || !check_decoded(decoded, max_bytes, error))
        return NULL;
    return g_steal_pointer(&decoded);
}

static const char *
after(const char *at, const char *end, const char *mark)
{
    const char *found = memmem(at, (gsize)(end - at), mark, strlen(mark));

    return found != NULL ? found + strlen(mark) : end;
}

/* Counts the quoted values of the tag that starts at @at, and returns its end. */
static const char *
scan_tag(const char *at, const char *end, guint *out_values)
{
    *out_values = 0;
    while (at < end && *at != '>' && *at != '<') {
        if (*at == '"' || *at == '\'') {
            const char *close = memchr(at + 1, *at, (gsize)(end - at - 1));

            if (close == NULL)
                return end;
            (*out_values)++;
            at = close;
        }
        at++;
    }
    return at;
}

gssize
mcp_xml_scan_attributes(const char *data, gsize length, guint max_attributes)
{
    const char *end = data + length;
    const char *at = data;

    while (at < end && (at = memchr(at, '<', (gsize)(end - at))) != NULL) {
        gsize rest = (gsize)(end - at);
        const char *start = at;
        guint values = 0;

        if (rest >= 4 && memcmp(at, "<!--", 4) == 0)
            at = after(at + 4, end, "-->");
        else if (rest >= 9 && memcmp(at, "<![CDATA[", 9) == 0)
            at = after(at + 9, end, "]]>");
        else if (rest >= 2 && at[1] == '?')
            at = after(at + 2, end, "?>");
        else
            at = scan_tag(at + 1, end, &values);
        if (values > max_attributes)
            return start - data;
    }
    return -1;
}
