/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of several parts (RFC 2046 §5.1, RFC 5621), as SBCs send them: a session description
 * beside ISUP or metadata. The library's own reader of these is not used: it changes the message.
 * No context of its own; any thread.
 */
#include "multipart.h"

#include <mcp/error.h>
#include <string.h>

#define PARTS_MAX 16
/* RFC 2046 §5.1.1 */
#define BOUNDARY_MAX 70

static void
part_free(gpointer data)
{
    McpSipPart *part = data;

    g_free(part->type);
    g_free(part);
}

static gboolean
fail(GError **error, const char *what)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "multipart body: %s", what);
    return FALSE;
}

/*
 * The next delimiter line at or after @from: its start, and in @out_after what follows the line.
 * @out_last: whether it is the closing one. NULL when there is none.
 */
static const char *
find_delimiter(const char *from, const char *data, const char *end, const char *delimiter,
               const char **out_after, gboolean *out_last)
{
    gsize length = strlen(delimiter);
    const char *at = from;

    while ((at = memmem(at, (gsize)(end - at), delimiter, length)) != NULL) {
        const char *next = at + length;
        gboolean last = end - next >= 2 && memcmp(next, "--", 2) == 0;

        next += last ? 2 : 0;
        while (next < end && (*next == ' ' || *next == '\t'))
            next++;
        if ((at == data || at[-1] == '\n') && (next == end || *next == '\r' || *next == '\n')) {
            next += next < end && *next == '\r' ? 1 : 0;
            next += next < end && *next == '\n' ? 1 : 0;
            *out_after = next;
            *out_last = last;
            return at;
        }
        at += length;
    }
    return NULL;
}

/* One header line of a part. FALSE when the part cannot be read because of it. */
static gboolean
read_line(McpSipPart *part, const char *line, GError **error)
{
    const char *colon = strchr(line, ':');
    g_autofree char *name = colon != NULL ? g_strndup(line, (gsize)(colon - line)) : NULL;
    g_autofree char *value = NULL;

    if (colon == NULL)
        return fail(error, "a line of a part's header has no name");
    g_strstrip(name);
    value = g_ascii_strdown(colon + 1, -1);
    g_strstrip(value);
    if (g_ascii_strcasecmp(name, "Content-Type") == 0 || g_ascii_strcasecmp(name, "c") == 0) {
        g_free(part->type);
        part->type = g_strchomp(g_strndup(value, strcspn(value, ";")));
    } else if (g_ascii_strcasecmp(name, "Content-Disposition") == 0) {
        part->required = strstr(value, "handling=required") != NULL;
    } else if (g_ascii_strcasecmp(name, "Content-Transfer-Encoding") == 0 &&
               !g_str_equal(value, "binary") && !g_str_equal(value, "8bit") &&
               !g_str_equal(value, "7bit")) {
        return fail(error, "a part has a transfer encoding");
    }
    return TRUE;
}

/* Reads the header of a part up to its empty line; @part->data is set behind it. */
static gboolean
read_header(McpSipPart *part, const char *start, const char *end, GError **error)
{
    const char *at = start;

    while (at < end) {
        const char *newline = memchr(at, '\n', (gsize)(end - at));
        gsize length = (gsize)((newline != NULL ? newline : end) - at);
        g_autofree char *line = g_strchomp(g_strndup(at, length));

        at = newline != NULL ? newline + 1 : end;
        if (*line == '\0')
            break;
        if (!read_line(part, line, error))
            return FALSE;
    }
    part->data = at;
    part->length = (gsize)(end - at);
    return TRUE;
}

/* The line end before a delimiter belongs to the delimiter. */
static const char *
trim_line_end(const char *start, const char *end)
{
    if (end > start && end[-1] == '\n')
        end--;
    if (end > start && end[-1] == '\r')
        end--;
    return end;
}

static gboolean
add_part(GPtrArray *parts, const char *start, const char *end, GError **error)
{
    McpSipPart *part = g_new0(McpSipPart, 1);

    g_ptr_array_add(parts, part);
    part->type = g_strdup("text/plain");
    if (parts->len > PARTS_MAX)
        return fail(error, "too many parts");
    return read_header(part, start, trim_line_end(start, end), error);
}

GPtrArray *
mcp_sip_multipart_parse(const char *data, gsize length, const char *boundary, GError **error)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(part_free);
    g_autofree char *delimiter = g_strconcat("--", boundary, NULL);
    const char *end = data + length;
    const char *start = NULL;
    const char *at = NULL;
    gboolean last = FALSE;

    if (*boundary == '\0' || strlen(boundary) > BOUNDARY_MAX) {
        fail(error, "no usable boundary");
        return NULL;
    }
    if (find_delimiter(data, data, end, delimiter, &start, &last) == NULL || last) {
        fail(error, "no part begins");
        return NULL;
    }
    while (!last) {
        const char *part = start;

        at = find_delimiter(part, data, end, delimiter, &start, &last);
        if (at == NULL) {
            fail(error, "the last part does not end");
            return NULL;
        }
        if (!add_part(parts, part, at, error))
            return NULL;
    }
    return g_steal_pointer(&parts);
}
