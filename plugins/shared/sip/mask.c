/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masking works on lines, header lines with their continuations, so that it needs no message that
 * can be parsed. Where a line is doubtful, more is masked. Pure functions.
 */
#include "mask.h"

#include <mcp/disclosure.h>
#include <string.h>

typedef struct {
    char *begin;
    char *end; /* without its line end */
} Span;

static void
cover(char *begin, const char *end)
{
    for (; begin < end; begin++) {
        if (*begin != '\r' && *begin != '\n')
            *begin = '*';
    }
}

static gboolean
begins(const Span *span, const char *text)
{
    gsize length = strlen(text);

    return (gsize)(span->end - span->begin) >= length &&
           g_ascii_strncasecmp(span->begin, text, length) == 0;
}

static char *
find(const Span *span, char c)
{
    return memchr(span->begin, c, (gsize)(span->end - span->begin));
}

/* Whether @c ends a parameter's name or a bare value. */
static gboolean
is_delimiter(char c)
{
    return strchr(";?&,<>\" \t\r\n", c) != NULL;
}

/* The value that begins at @begin: between quotes, or up to the next delimiter. */
static Span
value_at(char *begin, char *end)
{
    Span value = {begin, begin};

    if (begin < end && *begin == '"') {
        value.begin = value.end = begin + 1;
        while (value.end < end && *value.end != '"')
            value.end += *value.end == '\\' && value.end + 1 < end ? 2 : 1;
        return value;
    }
    while (value.end < end && !is_delimiter(*value.end))
        value.end++;
    return value;
}

/* "%70assword" is password for who reads the URI. */
static char *
plain_name(const char *begin, const char *end)
{
    g_autofree char *name = g_strndup(begin, (gsize)(end - begin));
    char *plain = g_uri_unescape_string(name, NULL);

    return plain != NULL ? plain : g_steal_pointer(&name);
}

static gboolean
is_secret(const char *begin, const char *end)
{
    g_autofree char *name = plain_name(begin, end);

    return mcp_name_is_secret(name);
}

static gboolean
is_digest_part(const char *begin, const char *end)
{
    static const char *const parts[] = {"response", "nonce",   "cnonce", "nextnonce",
                                        "opaque",   "rspauth", "auts"};
    g_autofree char *name = g_ascii_strdown(begin, end - begin);

    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (strcmp(name, parts[i]) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Covers the value of each "name=value" whose name @is_hidden says. */
static void
cover_parameters(const Span *span, gboolean (*is_hidden)(const char *begin, const char *end))
{
    for (char *p = span->begin; p < span->end; p++) {
        char *name = p;
        char *last = p;
        Span value;

        if (*p != '=')
            continue;
        while (last > span->begin && (last[-1] == ' ' || last[-1] == '\t'))
            last--;
        for (name = last; name > span->begin && !is_delimiter(name[-1]);)
            name--;
        if (!is_hidden(name, last))
            continue;
        for (p++; p < span->end && (*p == ' ' || *p == '\t');)
            p++;
        value = value_at(p, span->end);
        cover(value.begin, value.end);
        p = value.end - 1;
    }
}

static gboolean
ends_scheme(const char *begin, const char *colon)
{
    static const char *const schemes[] = {"sip", "sips", "http", "https", "rtsp", "ftp"};

    for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
        gsize length = strlen(schemes[i]);

        if ((gsize)(colon - begin) >= length &&
            g_ascii_strncasecmp(colon - length, schemes[i], length) == 0)
            return TRUE;
    }
    return FALSE;
}

/* "sip:user:password@host": between the colon and the @. */
static void
cover_passwords(const Span *span)
{
    for (char *p = span->begin; p < span->end; p++) {
        char *colon = NULL;
        char *at = NULL;

        if (*p != ':' || !ends_scheme(span->begin, p))
            continue;
        for (char *q = p + 1; q < span->end && !is_delimiter(*q) && at == NULL; q++) {
            if (*q == ':' && colon == NULL)
                colon = q;
            else if (*q == '@')
                at = q;
        }
        if (colon != NULL && at != NULL && colon < at)
            cover(colon + 1, at);
    }
}

/* Digest keeps its names; of all other schemes nothing is left but the scheme. */
static void
cover_credentials(const Span *span)
{
    char *colon = find(span, ':');
    Span value = {colon != NULL ? colon + 1 : span->end, span->end};
    char *blank = NULL;

    while (value.begin < value.end && (*value.begin == ' ' || *value.begin == '\t'))
        value.begin++;
    if (begins(&value, "Digest")) {
        cover_parameters(&value, is_digest_part);
        return;
    }
    blank = find(&value, ' ');
    cover(blank != NULL ? blank : value.begin, value.end);
}

/* RFC 4568 §9.1: "a=crypto:1 SUITE inline:KEY|2^20|1:4;inline:KEY": all after each "inline:". */
static void
cover_crypto(const Span *span)
{
    for (char *p = span->begin; p + 7 <= span->end; p++) {
        char *key = p + 7;

        if (g_ascii_strncasecmp(p, "inline:", 7) != 0)
            continue;
        while (key < span->end && strchr("|; \t", *key) == NULL)
            key++;
        cover(p + 7, key);
        p = key - 1;
    }
}

/* All from the @skip-th colon or blank on. */
static void
cover_after(const Span *span, const char *separators, guint skip)
{
    for (char *p = span->begin; p < span->end; p++) {
        if (strchr(separators, *p) != NULL && skip-- == 0) {
            cover(p + 1, span->end);
            return;
        }
    }
}

static void
mask_body_line(const Span *line)
{
    if (begins(line, "a=crypto:"))
        cover_crypto(line);
    else if (begins(line, "a=key-mgmt:") || begins(line, "a=mikey:"))
        cover_after(line, " ", 0);
    else if (begins(line, "a=ice-pwd:"))
        cover_after(line, ":", 0);
    else if (begins(line, "k="))
        cover_after(line, ":", 0);
    else
        cover_parameters(line, is_secret);
}

static void
mask_header(const Span *line)
{
    char *colon = find(line, ':');

    if (begins(line, "Authorization") || begins(line, "Proxy-Authorization") ||
        begins(line, "Authentication-Info") || begins(line, "Proxy-Authentication-Info") ||
        begins(line, "WWW-Authenticate") || begins(line, "Proxy-Authenticate"))
        cover_credentials(line);
    else if (colon != NULL && is_secret(line->begin, colon))
        cover(colon + 1, line->end);
    else
        cover_parameters(line, is_secret);
    cover_passwords(line);
}

/* The next line from @begin on; @fold: with its continuations. */
static Span
next_line(char *begin, char *end, gboolean fold, char **out_next)
{
    Span line = {begin, begin};

    for (;;) {
        char *lf = memchr(line.end, '\n', (gsize)(end - line.end));

        *out_next = lf != NULL ? lf + 1 : end;
        line.end = lf != NULL ? lf : end;
        if (lf == NULL || !fold || *out_next == end || (**out_next != ' ' && **out_next != '\t'))
            break;
        line.end = *out_next;
    }
    if (line.end > line.begin && line.end[-1] == '\r')
        line.end--;
    return line;
}

/* Digits that a caller presses may be a PIN. */
static void
mask_digits(char *begin, char *end)
{
    for (char *next = NULL; begin < end; begin = next) {
        Span line = next_line(begin, end, FALSE, &next);
        char *equals = find(&line, '=');

        if (equals == NULL || begins(&line, "Signal"))
            cover(equals != NULL ? equals + 1 : line.begin, line.end);
    }
}

static gboolean
is_dtmf(const Span *line)
{
    g_autofree char *text = g_ascii_strdown(line->begin, line->end - line->begin);

    return (g_str_has_prefix(text, "content-type") || g_str_has_prefix(text, "c:") ||
            g_str_has_prefix(text, "c ")) &&
           strstr(text, "application/dtmf") != NULL;
}

void
mcp_sip_mask(char *text, gsize length)
{
    char *end = text + length;
    gboolean dtmf = FALSE;
    gboolean in_head = TRUE;

    for (char *next = NULL; text < end; text = next) {
        Span line = next_line(text, end, in_head, &next);

        if (!in_head) {
            mask_body_line(&line);
        } else if (line.begin == line.end) {
            in_head = FALSE;
            if (dtmf) {
                mask_digits(next, end);
                return;
            }
        } else {
            dtmf |= is_dtmf(&line);
            mask_header(&line);
        }
    }
}
