/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MRCP messages: start lines of RFC 6787 §5.2–5.5 and of RFC 4463 §5.1–5.3, from frames and back
 * into bytes. Pure code without I/O.
 */
#include "message.h"

#include <mcp/error.h>
#include <string.h>

#define MAX_WORDS 6

struct _McpMrcpParser {
    McpMrcpVersion version;
    McpMrcpFramer *framer;
};

static const char *const states[] = {"", "PENDING", "IN-PROGRESS", "COMPLETE"};

static McpMrcpMessage *
message_new(McpMrcpVersion version, McpMrcpKind kind, guint32 id)
{
    McpMrcpMessage *message = g_new0(McpMrcpMessage, 1);

    message->version = version;
    message->kind = kind;
    message->id = id;
    message->fields = mcp_mrcp_fields_new();
    return message;
}

McpMrcpMessage *
mcp_mrcp_request_new(McpMrcpVersion version, const char *method, guint32 id)
{
    McpMrcpMessage *message = message_new(version, MCP_MRCP_REQUEST, id);

    message->name = g_strdup(method);
    return message;
}

McpMrcpMessage *
mcp_mrcp_response_new(McpMrcpVersion version, guint32 id, guint status, McpMrcpState state)
{
    McpMrcpMessage *message = message_new(version, MCP_MRCP_RESPONSE, id);

    message->status = status;
    message->state = state;
    return message;
}

McpMrcpMessage *
mcp_mrcp_event_new(McpMrcpVersion version, const char *event, guint32 id, McpMrcpState state)
{
    McpMrcpMessage *message = message_new(version, MCP_MRCP_EVENT, id);

    message->name = g_strdup(event);
    message->state = state;
    return message;
}

void
mcp_mrcp_message_free(McpMrcpMessage *message)
{
    g_free(message->name);
    g_ptr_array_unref(message->fields);
    g_clear_pointer(&message->body, g_bytes_unref);
    g_free(message);
}

const char *
mcp_mrcp_message_get(const McpMrcpMessage *message, const char *name)
{
    return mcp_mrcp_fields_get(message->fields, name);
}

void
mcp_mrcp_message_set(McpMrcpMessage *message, const char *name, const char *value)
{
    mcp_mrcp_fields_set(message->fields, name, value);
}

void
mcp_mrcp_message_set_body(McpMrcpMessage *message, const char *type, GBytes *body)
{
    mcp_mrcp_message_set(message, "Content-Type", type);
    g_clear_pointer(&message->body, g_bytes_unref);
    /* One that is empty is read as none, too. */
    if (g_bytes_get_size(body) > 0)
        message->body = g_bytes_ref(body);
}

const char *
mcp_mrcp_state_text(McpMrcpState state)
{
    return states[state];
}

/* The start line behind the version and length of v2. */
static void
write_start(const McpMrcpMessage *message, GString *out)
{
    if (message->kind == MCP_MRCP_RESPONSE) {
        g_string_append_printf(out, "%u %03u %s", message->id, message->status,
                               states[message->state]);
        return;
    }
    g_string_append_printf(out, "%s %u", message->name, message->id);
    if (message->kind == MCP_MRCP_EVENT)
        g_string_append_printf(out, " %s", states[message->state]);
}

/* RFC 6787 §5.1: LENGTH is that of the whole message, its own digits counted. */
static void
write_length(GString *out, gsize rest)
{
    gsize digits = 1;
    gsize total = 0;

    for (;; digits++) {
        g_autofree char *text = NULL;

        total = strlen("MRCP/2.0 ") + digits + 1 + rest;
        text = g_strdup_printf("%" G_GSIZE_FORMAT, total);
        if (strlen(text) <= digits)
            break;
    }
    g_string_append_printf(out, "MRCP/2.0 %0*" G_GSIZE_FORMAT " ", (int)digits, total);
}

static void
write_start_line(const McpMrcpMessage *message, gsize rest, GString *out)
{
    g_autoptr(GString) start = g_string_new(NULL);

    write_start(message, start);
    if (message->version == MCP_MRCP_V2) {
        write_length(out, start->len + strlen("\r\n") + rest);
        g_string_append(out, start->str);
    } else if (message->kind == MCP_MRCP_RESPONSE) {
        g_string_append_printf(out, "MRCP/1.0 %s", start->str);
    } else {
        g_string_append_printf(out, "%s MRCP/1.0", start->str);
    }
    g_string_append(out, "\r\n");
}

GBytes *
mcp_mrcp_message_encode(const McpMrcpMessage *message)
{
    g_autoptr(GString) rest = g_string_new(NULL);
    GString *out = g_string_new(NULL);
    gsize length = 0;
    const char *body = message->body != NULL ? g_bytes_get_data(message->body, &length) : NULL;

    mcp_mrcp_fields_write(message->fields, rest);
    if (message->body != NULL)
        g_string_append_printf(rest, "Content-Length: %" G_GSIZE_FORMAT "\r\n", length);
    g_string_append(rest, "\r\n");
    if (length > 0)
        g_string_append_len(rest, body, (gssize)length);
    write_start_line(message, rest->len, out);
    g_string_append_len(out, rest->str, (gssize)rest->len);
    return g_string_free_to_bytes(out);
}

static gboolean
is_version(const char *word, McpMrcpVersion version)
{
    g_autofree char *prefix = g_strdup_printf("MRCP/%d.", (int)version);
    guint64 minor = 0;

    return g_ascii_strncasecmp(word, prefix, strlen(prefix)) == 0 &&
           mcp_mrcp_number(word + strlen(prefix), 99, &minor);
}

static gboolean
fail(GError **error, const char *what, const char *value)
{
    g_autofree char *begin = g_strndup(value, 60);
    g_autofree char *valid = g_utf8_make_valid(begin, -1);

    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s '%s'", what, valid);
    return FALSE;
}

static gboolean
read_id(const char *word, guint32 *out_id, GError **error)
{
    guint64 id = 0;

    if (!mcp_mrcp_number(word, G_MAXUINT32, &id))
        return fail(error, "request id", word);
    *out_id = (guint32)id;
    return TRUE;
}

static gboolean
read_state(const char *word, McpMrcpState *out_state, GError **error)
{
    for (guint i = MCP_MRCP_PENDING; i < G_N_ELEMENTS(states); i++) {
        if (g_ascii_strcasecmp(word, states[i]) == 0) {
            *out_state = (McpMrcpState)i;
            return TRUE;
        }
    }
    return fail(error, "request state", word);
}

static gboolean
read_status(const char *word, guint *out_status)
{
    guint64 status = 0;

    if (strlen(word) != 3 || !mcp_mrcp_number(word, 999, &status) || status < 100)
        return FALSE;
    *out_status = (guint)status;
    return TRUE;
}

static gboolean
read_response(McpMrcpMessage *message, char **words, guint n, GError **error)
{
    message->kind = MCP_MRCP_RESPONSE;
    if (n != 3)
        return fail(error, "not a request id, a status and a state behind", words[0]);
    if (!read_status(words[1], &message->status))
        return fail(error, "status code", words[1]);
    return read_id(words[0], &message->id, error) && read_state(words[2], &message->state, error);
}

/* A request or event. A status between id and state says nothing; RFC 6787 itself has it in three
 * of its examples of INTERPRETATION-COMPLETE and in one of STOP. */
static gboolean
read_named(McpMrcpMessage *message, char **words, guint n, GError **error)
{
    guint ignored = 0;

    if (!mcp_mrcp_is_token(words[0]))
        return fail(error, "name of a method or event", words[0]);
    message->name = g_ascii_strup(words[0], -1);
    if (n < 2)
        return fail(error, "no request id behind", words[0]);
    if (!read_id(words[1], &message->id, error))
        return FALSE;
    if (n > 2 && read_status(words[2], &ignored)) {
        words++;
        n--;
    }
    if (n > 3)
        return fail(error, "start line goes on with", words[3]);
    message->kind = n == 3 ? MCP_MRCP_EVENT : MCP_MRCP_REQUEST;
    return n < 3 || read_state(words[2], &message->state, error);
}

/* RFC 6787 §5.2: MRCP/2.0 LENGTH … */
static gboolean
read_start_v2(McpMrcpMessage *message, char **words, guint n, GError **error)
{
    guint64 id = 0;

    if (n < 3)
        return fail(error, "nothing behind the length in a start line that begins", words[0]);
    return mcp_mrcp_number(words[2], G_MAXUINT64, &id)
               ? read_response(message, words + 2, n - 2, error)
               : read_named(message, words + 2, n - 2, error);
}

/* RFC 4463 §5.1–5.3: the version is first in a response and last in the others. */
static gboolean
read_start_v1(McpMrcpMessage *message, char **words, guint n, GError **error)
{
    if (n > 1 && is_version(words[0], MCP_MRCP_V1))
        return read_response(message, words + 1, n - 1, error);
    if (n < 2 || !is_version(words[n - 1], MCP_MRCP_V1))
        return fail(error, "no MRCP/1.0 in a start line that begins", n > 0 ? words[0] : "");
    return read_named(message, words, n - 1, error);
}

static gboolean
read_start(McpMrcpMessage *message, const char *line, GError **error)
{
    g_auto(GStrv) words = mcp_mrcp_split(line);
    guint n = g_strv_length(words);

    if (n > MAX_WORDS)
        return fail(error, "too many words in the start line", line);
    return message->version == MCP_MRCP_V2 ? read_start_v2(message, words, n, error)
                                           : read_start_v1(message, words, n, error);
}

/* What is behind the body must be ends of lines. */
static GBytes *
cut_body(GBytes *body, gsize length, GError **error)
{
    gsize whole = g_bytes_get_size(body);
    const char *data = g_bytes_get_data(body, NULL);

    if (length > whole) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "Content-Length %" G_GSIZE_FORMAT ", but LENGTH leaves %" G_GSIZE_FORMAT
                    " bytes",
                    length, whole);
        return NULL;
    }
    for (gsize i = length; i < whole; i++) {
        if (data[i] != '\r' && data[i] != '\n') {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                        "%" G_GSIZE_FORMAT " bytes behind a body of %" G_GSIZE_FORMAT,
                        whole - length, length);
            return NULL;
        }
    }
    return g_bytes_new_from_bytes(body, 0, length);
}

static gboolean
read_body(McpMrcpMessage *message, GBytes *body, const McpMrcpLimits *limits, GError **error)
{
    gsize whole = body != NULL ? g_bytes_get_size(body) : 0;
    gsize length = whole;
    g_autoptr(GBytes) all = body != NULL ? g_bytes_ref(body) : g_bytes_new(NULL, 0);

    if (!mcp_mrcp_fields_content_length(message->fields, limits->max_body, &length, error))
        return FALSE;
    message->body = cut_body(all, length, error);
    if (message->body == NULL)
        return FALSE;
    if (length == 0)
        g_clear_pointer(&message->body, g_bytes_unref);
    return TRUE;
}

static McpMrcpMessage *
read_frame(McpMrcpVersion version, McpMrcpFrame *frame, const McpMrcpLimits *limits, GError **error)
{
    g_autoptr(McpMrcpMessage) message = message_new(version, MCP_MRCP_REQUEST, 0);

    g_ptr_array_unref(message->fields);
    message->fields = g_steal_pointer(&frame->fields);
    if (!read_start(message, frame->start_line, error) ||
        !read_body(message, frame->body, limits, error))
        return NULL;
    return g_steal_pointer(&message);
}

/* RFC 6787 §5.1: LENGTH tells where the message ends. */
static gboolean
length_v2(const McpMrcpFrame *frame, gsize head, const McpMrcpLimits *limits, gsize *out_length,
          GError **error)
{
    g_auto(GStrv) words = mcp_mrcp_split(frame->start_line);
    guint64 length = 0;

    if (words[0] == NULL || !is_version(words[0], MCP_MRCP_V2))
        return fail(error, "no MRCP/2.0 at the begin of", frame->start_line);
    if (words[1] == NULL || !mcp_mrcp_number(words[1], G_MAXINT64, &length))
        return fail(error, "message length", words[1] != NULL ? words[1] : "");
    if (length < head)
        return fail(error, "the header is longer than the message length", words[1]);
    *out_length = (gsize)MIN(length - head, G_MAXSIZE);
    return TRUE;
}

static gboolean
length_v1(const McpMrcpFrame *frame, gsize head, const McpMrcpLimits *limits, gsize *out_length,
          GError **error)
{
    *out_length = 0;
    return mcp_mrcp_fields_content_length(frame->fields, limits->max_body, out_length, error);
}

McpMrcpParser *
mcp_mrcp_parser_new(McpMrcpVersion version, const McpMrcpLimits *limits)
{
    McpMrcpParser *parser = g_new0(McpMrcpParser, 1);

    parser->version = version;
    parser->framer = mcp_mrcp_framer_new(version == MCP_MRCP_V2 ? length_v2 : length_v1, limits);
    return parser;
}

void
mcp_mrcp_parser_free(McpMrcpParser *parser)
{
    mcp_mrcp_framer_free(parser->framer);
    g_free(parser);
}

void
mcp_mrcp_parser_push(McpMrcpParser *parser, const void *data, gsize length)
{
    mcp_mrcp_framer_push(parser->framer, data, length);
}

McpMrcpMessage *
mcp_mrcp_parser_next(McpMrcpParser *parser, GError **error)
{
    g_auto(McpMrcpFrame) frame = {0};
    McpMrcpMessage *message = NULL;
    GError *local = NULL;

    if (!mcp_mrcp_framer_next(parser->framer, &frame, error))
        return NULL;
    message =
        read_frame(parser->version, &frame, mcp_mrcp_framer_get_limits(parser->framer), &local);
    if (message != NULL)
        return message;
    mcp_mrcp_framer_fail(parser->framer, frame.offset, local);
    mcp_mrcp_framer_next(parser->framer, &frame, error);
    return NULL;
}

gboolean
mcp_mrcp_parser_is_idle(const McpMrcpParser *parser)
{
    return mcp_mrcp_framer_is_idle(parser->framer);
}

McpMrcpMessage *
mcp_mrcp_message_parse(McpMrcpVersion version, const void *data, gsize length,
                       const McpMrcpLimits *limits, GError **error)
{
    g_autoptr(McpMrcpParser) parser = mcp_mrcp_parser_new(version, limits);
    g_autoptr(McpMrcpMessage) message = NULL;
    g_autoptr(McpMrcpMessage) second = NULL;
    guint8 first = 0;
    guint64 offset = 0;
    GError *local = NULL;

    mcp_mrcp_parser_push(parser, data, length);
    message = mcp_mrcp_parser_next(parser, &local);
    if (message == NULL && local == NULL &&
        mcp_mrcp_framer_waits(parser->framer, &first, &offset)) {
        mcp_mrcp_parser_push(parser, "\r\n", 2);
        message = mcp_mrcp_parser_next(parser, &local);
    }
    if (message != NULL)
        second = mcp_mrcp_parser_next(parser, &local);
    if (local == NULL && (message == NULL || second != NULL || !mcp_mrcp_parser_is_idle(parser)))
        g_set_error(&local, MCP_ERROR, MCP_ERROR_INVALID, "%" G_GSIZE_FORMAT " bytes are %s",
                    length, message == NULL ? "not a whole message" : "more than one message");
    if (local != NULL) {
        g_propagate_error(error, local);
        return NULL;
    }
    return g_steal_pointer(&message);
}
