/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream of bytes cut into frames: a start line, header fields, a blank line, a body. Each byte
 * of a head is looked at once, however small the pieces are. Lines may end in LF alone, and blank
 * lines before a start line are read over. Pure code without I/O.
 */
#include "framer.h"

#include <mcp/error.h>
#include <string.h>

#define SHOWN 60 /* bytes of a line in an error */

const McpMrcpLimits mcp_mrcp_limits = {
    .max_line = 16 * 1024, .max_head = 64 * 1024, .max_fields = 128, .max_body = 4 * 1024 * 1024};

struct _McpMrcpFramer {
    McpMrcpLengthFunc length;
    McpMrcpLimits limits;
    GByteArray *data;
    guint64 offset;     /* of data's first byte in the stream */
    gsize start;        /* of the frame in data */
    gsize line;         /* of the line that is looked at */
    gsize scanned;      /* up to here there is no end of it */
    gsize body;         /* where it begins; 0: the head is not complete */
    gsize body_length;  /* once @body is set */
    McpMrcpFrame frame; /* its head, once @body is set */
    GError *error;      /* nullable: why nothing can be read any more */
};

void
mcp_mrcp_frame_clear(McpMrcpFrame *frame)
{
    g_clear_pointer(&frame->start_line, g_free);
    g_clear_pointer(&frame->fields, g_ptr_array_unref);
    g_clear_pointer(&frame->body, g_bytes_unref);
}

McpMrcpFramer *
mcp_mrcp_framer_new(McpMrcpLengthFunc length, const McpMrcpLimits *limits)
{
    McpMrcpFramer *framer = g_new0(McpMrcpFramer, 1);

    framer->length = length;
    framer->limits = limits != NULL ? *limits : mcp_mrcp_limits;
    framer->data = g_byte_array_new();
    return framer;
}

void
mcp_mrcp_framer_free(McpMrcpFramer *framer)
{
    mcp_mrcp_frame_clear(&framer->frame);
    g_byte_array_unref(framer->data);
    g_clear_error(&framer->error);
    g_free(framer);
}

void
mcp_mrcp_framer_push(McpMrcpFramer *framer, const void *data, gsize length)
{
    if (framer->error != NULL || length == 0)
        return;
    if (framer->start > 0) {
        g_byte_array_remove_range(framer->data, 0, (guint)framer->start);
        framer->offset += framer->start;
        framer->line -= framer->start;
        framer->scanned -= framer->start;
        framer->body -= framer->body > 0 ? framer->start : 0;
        framer->start = 0;
    }
    g_byte_array_append(framer->data, data, (guint)length);
}

static gboolean fail(GError **error, McpError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

static gboolean
fail(GError **error, McpError code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_propagate_error(error, g_error_new_valist(MCP_ERROR, (gint)code, format, arguments));
    va_end(arguments);
    return FALSE;
}

/* For an error: the beginning of a line, as it can be printed. */
static char *
show(const char *line)
{
    g_autofree char *begin = g_strndup(line, SHOWN);
    g_autofree char *valid = g_utf8_make_valid(begin, -1);

    return g_strescape(valid, NULL);
}

/* RFC 6787 §5.1, RFC 2326 §4.2: a name, a colon, a value; blanks around them do not count. */
static gboolean
add_field(McpMrcpFrame *frame, const char *line, const McpMrcpLimits *limits, GError **error)
{
    const char *colon = strchr(line, ':');
    g_autofree char *shown = show(line);
    g_autofree char *name = NULL;

    if (colon == NULL)
        return fail(error, MCP_ERROR_INVALID, "header line '%s' has no colon", shown);
    name = g_strchomp(g_strndup(line, (gsize)(colon - line)));
    if (!mcp_mrcp_is_token(name))
        return fail(error, MCP_ERROR_INVALID, "header line '%s' does not begin with a name", shown);
    if (frame->fields->len >= limits->max_fields)
        return fail(error, MCP_ERROR_LIMIT, "more than %u header fields", limits->max_fields);
    mcp_mrcp_fields_add(frame->fields, name, colon + 1);
    return TRUE;
}

static gboolean
finish_line(McpMrcpFrame *frame, GString *line, const McpMrcpLimits *limits, GError **error)
{
    if (line->len == 0)
        return TRUE;
    if (frame->start_line == NULL)
        frame->start_line = g_strdup(line->str);
    else if (!add_field(frame, line->str, limits, error))
        return FALSE;
    g_string_truncate(line, 0);
    return TRUE;
}

/* One line of the head without its end; a folded one goes on with the one before. */
static gboolean
read_line(McpMrcpFrame *frame, GString *line, const char *text, gsize length,
          const McpMrcpLimits *limits, GError **error)
{
    gboolean folded = length > 0 && (text[0] == ' ' || text[0] == '\t');

    if (folded && line->len == 0)
        return fail(error, MCP_ERROR_INVALID, "the start line %s",
                    frame->start_line == NULL ? "begins with a blank" : "is folded");
    if (!folded && !finish_line(frame, line, limits, error))
        return FALSE;
    if (memchr(text, '\0', length) != NULL)
        return fail(error, MCP_ERROR_INVALID, "a zero byte in the header");
    if (line->len + length > limits->max_line)
        return fail(error, MCP_ERROR_LIMIT, "a line of more than %" G_GSIZE_FORMAT " bytes",
                    limits->max_line);
    while (folded && length > 1 && (text[1] == ' ' || text[1] == '\t')) {
        text++;
        length--;
    }
    g_string_append_len(line, text, (gssize)length);
    return TRUE;
}

static gboolean
read_head(McpMrcpFrame *frame, const char *head, gsize length, const McpMrcpLimits *limits,
          GError **error)
{
    g_autoptr(GString) line = g_string_new(NULL);

    frame->fields = mcp_mrcp_fields_new();
    while (length > 0) {
        const char *end = memchr(head, '\n', length);
        gsize whole = end != NULL ? (gsize)(end - head) + 1 : length;
        gsize text = end != NULL ? whole - 1 : whole;

        if (text > 0 && head[text - 1] == '\r')
            text--;
        if (!read_line(frame, line, head, text, limits, error))
            return FALSE;
        /* The start line is known to be whole before a folded line could add to it. */
        if (frame->start_line == NULL && !finish_line(frame, line, limits, error))
            return FALSE;
        head += whole;
        length -= whole;
    }
    return finish_line(frame, line, limits, error);
}

/* Whether the line of @length bytes that ends in LF is blank. */
static gboolean
is_blank(const guint8 *line, gsize length)
{
    return length == 1 || (length == 2 && line[0] == '\r');
}

/* Finds the blank line that ends the head; FALSE without an error: it has not come yet. */
static gboolean
find_head(McpMrcpFramer *framer, GError **error)
{
    const guint8 *data = framer->data->data;

    while (framer->scanned < framer->data->len) {
        const guint8 *end =
            memchr(data + framer->scanned, '\n', framer->data->len - framer->scanned);
        gsize begin = framer->line;

        framer->scanned = end != NULL ? (gsize)(end - data) + 1 : framer->data->len;
        if (framer->scanned - begin > framer->limits.max_line + 2)
            return fail(error, MCP_ERROR_LIMIT, "a line of more than %" G_GSIZE_FORMAT " bytes",
                        framer->limits.max_line);
        if (framer->scanned - framer->start > framer->limits.max_head)
            return fail(error, MCP_ERROR_LIMIT, "a header of more than %" G_GSIZE_FORMAT " bytes",
                        framer->limits.max_head);
        if (end == NULL)
            return FALSE;
        framer->line = framer->scanned;
        if (!is_blank(data + begin, framer->scanned - begin))
            continue;
        if (begin > framer->start)
            return TRUE;
        framer->start = framer->scanned;
    }
    return FALSE;
}

static gboolean
take_head(McpMrcpFramer *framer, GError **error)
{
    gsize head = 0;

    if (!find_head(framer, error))
        return FALSE;
    head = framer->scanned - framer->start;
    if (!read_head(&framer->frame, (const char *)framer->data->data + framer->start, head,
                   &framer->limits, error) ||
        !framer->length(&framer->frame, head, &framer->limits, &framer->body_length, error))
        return FALSE;
    if (framer->body_length > framer->limits.max_body)
        return fail(error, MCP_ERROR_LIMIT,
                    "a body of %" G_GSIZE_FORMAT " bytes, %" G_GSIZE_FORMAT " are allowed",
                    framer->body_length, framer->limits.max_body);
    framer->body = framer->scanned;
    return TRUE;
}

static gboolean
take_frame(McpMrcpFramer *framer, McpMrcpFrame *out_frame, GError **error)
{
    if (framer->body == 0 && !take_head(framer, error))
        return FALSE;
    if (framer->data->len - framer->body < framer->body_length)
        return FALSE;
    if (framer->body_length > 0)
        framer->frame.body = g_bytes_new(framer->data->data + framer->body, framer->body_length);
    *out_frame = framer->frame;
    out_frame->offset = framer->offset + framer->start;
    framer->frame = (McpMrcpFrame){0};
    framer->start = framer->line = framer->scanned = framer->body + framer->body_length;
    framer->body = 0;
    return TRUE;
}

gboolean
mcp_mrcp_framer_next(McpMrcpFramer *framer, McpMrcpFrame *out_frame, GError **error)
{
    GError *local = NULL;

    if (framer->error == NULL && take_frame(framer, out_frame, &local))
        return TRUE;
    if (local != NULL)
        mcp_mrcp_framer_fail(framer, framer->offset + framer->start, local);
    if (framer->error != NULL)
        g_propagate_error(error, g_error_copy(framer->error));
    return FALSE;
}

void
mcp_mrcp_framer_fail(McpMrcpFramer *framer, guint64 offset, GError *error)
{
    g_prefix_error(&error, "message at byte %" G_GUINT64_FORMAT ": ", offset);
    g_clear_error(&framer->error);
    framer->error = error;
    g_byte_array_set_size(framer->data, 0);
}

gboolean
mcp_mrcp_framer_waits(const McpMrcpFramer *framer, guint8 *out_first, guint64 *out_offset)
{
    if (framer->body > 0 || framer->start >= framer->data->len)
        return FALSE;
    *out_first = framer->data->data[framer->start];
    *out_offset = framer->offset + framer->start;
    return TRUE;
}

const McpMrcpLimits *
mcp_mrcp_framer_get_limits(const McpMrcpFramer *framer)
{
    return &framer->limits;
}

gboolean
mcp_mrcp_framer_is_idle(const McpMrcpFramer *framer)
{
    return framer->error == NULL && framer->body == 0 && framer->start == framer->data->len;
}
