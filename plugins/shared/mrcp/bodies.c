/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in the body of a request (RFC 6787 §9.5.1): one entity or several, lists of URIs. Pure
 * functions.
 */
#include "bodies.h"

#include <mcp/error.h>
#include <string.h>

#define MAX_PARTS 32

static void
part_free(gpointer data)
{
    McpMrcpPart *part = data;

    g_free(part->type);
    g_free(part->id);
    g_free(part->base);
    g_clear_pointer(&part->body, g_bytes_unref);
    g_free(part);
}

static char *
type_of(const char *value)
{
    g_autofree char *bare = g_strndup(value, strcspn(value, ";"));

    return g_ascii_strdown(g_strstrip(bare), -1);
}

/* <one@page> and one@page are the same. */
static char *
id_of(const char *value)
{
    char *id = value != NULL ? g_strdup(value) : NULL;

    if (id == NULL)
        return NULL;
    if (id[0] == '<' && g_str_has_suffix(id, ">")) {
        id[strlen(id) - 1] = '\0';
        memmove(id, id + 1, strlen(id));
    }
    return id;
}

static void
add_part(GPtrArray *parts, const McpMrcpFields *fields, GBytes *body)
{
    const char *type = mcp_mrcp_fields_get(fields, "Content-Type");
    McpMrcpPart *part = g_new0(McpMrcpPart, 1);

    part->type = type_of(type != NULL ? type : "text/plain");
    part->id = id_of(mcp_mrcp_fields_get(fields, "Content-ID"));
    part->base = g_strdup(mcp_mrcp_fields_get(fields, "Content-Base"));
    part->body = g_bytes_ref(body);
    g_ptr_array_add(parts, part);
}

/* --- multipart --- */

/* boundary="break" or boundary=break */
static char *
boundary_of(const char *type)
{
    const char *found = strcasestr(type, "boundary=");
    const char *value = found != NULL ? found + strlen("boundary=") : "";

    if (value[0] == '"')
        return g_strndup(value + 1, strcspn(value + 1, "\""));
    return g_strndup(value, strcspn(value, "; \t"));
}

/* The next line of [@at, @end) that is a delimiter; NULL: none. */
static const char *
find_delimiter(const char *at, const char *end, const char *delimiter)
{
    gsize length = strlen(delimiter);

    while (at < end) {
        const char *eol = memchr(at, '\n', (gsize)(end - at));

        if ((gsize)(end - at) >= length && memcmp(at, delimiter, length) == 0)
            return at;
        at = eol != NULL ? eol + 1 : end;
    }
    return NULL;
}

static const char *
next_line(const char *at, const char *end)
{
    const char *eol = memchr(at, '\n', (gsize)(end - at));

    return eol != NULL ? eol + 1 : end;
}

static void
read_field(McpMrcpFields *fields, const char *line, gsize length)
{
    g_autofree char *text = g_strndup(line, length);
    char *colon = strchr(text, ':');

    if (colon == NULL)
        return;
    *colon = '\0';
    mcp_mrcp_fields_add(fields, g_strstrip(text), colon + 1);
}

/* Header, an empty line, and the rest but for the end of line before the delimiter. */
static void
read_part(GPtrArray *parts, const char *at, const char *end)
{
    g_autoptr(GPtrArray) fields = mcp_mrcp_fields_new();
    g_autoptr(GBytes) body = NULL;

    while (at < end) {
        const char *next = next_line(at, end);
        gboolean empty = *at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n');

        if (!empty)
            read_field(fields, at, (gsize)(next - at));
        at = next;
        if (empty)
            break;
    }
    if (end > at && end[-1] == '\n')
        end--;
    if (end > at && end[-1] == '\r')
        end--;
    body = g_bytes_new(at, (gsize)(end - at));
    add_part(parts, fields, body);
}

static gboolean
fail(GError **error, const char *what)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "the multipart body %s", what);
    return FALSE;
}

static gboolean
read_multipart(GPtrArray *parts, GBytes *body, const char *type, GError **error)
{
    gsize length = 0;
    const char *at = g_bytes_get_data(body, &length);
    const char *end = at + length;
    g_autofree char *boundary = boundary_of(type);
    g_autofree char *delimiter = g_strconcat("--", boundary, NULL);

    if (boundary[0] == '\0')
        return fail(error, "has no boundary");
    at = find_delimiter(at, end, delimiter);
    while (at != NULL) {
        const char *begin = next_line(at, end);

        at += strlen(delimiter);
        if (end - at >= 2 && at[0] == '-' && at[1] == '-')
            return TRUE;
        at = find_delimiter(begin, end, delimiter);
        if (at != NULL && parts->len == MAX_PARTS)
            return fail(error, "has too many parts");
        if (at != NULL)
            read_part(parts, begin, at);
    }
    return fail(error, "does not end");
}

GPtrArray *
mcp_mrcp_read_parts(const McpMrcpMessage *message, GError **error)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(part_free);
    const char *type = mcp_mrcp_message_get(message, "Content-Type");

    if (message->body == NULL)
        return g_steal_pointer(&parts);
    if (type == NULL || g_ascii_strncasecmp(type, "multipart/", strlen("multipart/")) != 0)
        add_part(parts, message->fields, message->body);
    else if (!read_multipart(parts, message->body, type, error))
        return NULL;
    return g_steal_pointer(&parts);
}

char *
mcp_mrcp_text(GBytes *bytes)
{
    gsize length = 0;
    const char *data = g_bytes_get_data(bytes, &length);

    return g_strndup(length > 0 ? data : "", length);
}

/* --- lists of URIs --- */

static void
reference_free(gpointer data)
{
    McpMrcpReference *reference = data;

    g_free(reference->uri);
    g_free(reference);
}

/* <session:one@page>;weight="0.5" */
static double
weight_of(const char *parameters)
{
    const char *found = strstr(parameters, "weight=");
    char *end = NULL;
    double weight = 1;

    if (found == NULL)
        return 1;
    found += strlen("weight=");
    found += *found == '"' ? 1 : 0;
    weight = g_ascii_strtod(found, &end);
    return end != found && weight >= 0 && weight <= 1e6 ? weight : 1;
}

static void
add_reference(GPtrArray *list, const char *line)
{
    McpMrcpReference *reference = g_new0(McpMrcpReference, 1);
    const char *close = line[0] == '<' ? strchr(line, '>') : NULL;

    reference->weight = close != NULL ? weight_of(close + 1) : 1;
    reference->uri =
        close != NULL ? g_strndup(line + 1, (gsize)(close - line - 1)) : g_strdup(line);
    g_ptr_array_add(list, reference);
}

GPtrArray *
mcp_mrcp_read_references(GBytes *list)
{
    g_autofree char *text = mcp_mrcp_text(list);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GPtrArray *references = g_ptr_array_new_with_free_func(reference_free);

    for (guint i = 0; lines[i] != NULL; i++) {
        const char *line = g_strstrip(lines[i]);

        if (*line != '\0' && *line != '#' && g_utf8_validate(line, -1, NULL))
            add_reference(references, line);
    }
    return references;
}
