/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTSP/1.0 as MRCP/1.0 uses it (RFC 2326, RFC 4463 §3): requests and responses of both sides from
 * frames and back into bytes. Media never runs in the connection. Pure code without I/O.
 */
#include "rtsp.h"

#include <mcp/error.h>
#include <string.h>

#define VERSION "RTSP/1.0"
#define SESSION_TIMEOUT 60 /* s, RFC 2326 §12.37 */

struct _McpMrcpRtspParser {
    McpMrcpFramer *framer;
};

McpMrcpRtsp *
mcp_mrcp_rtsp_request_new(const char *method, const char *uri, guint32 cseq)
{
    McpMrcpRtsp *rtsp = g_new0(McpMrcpRtsp, 1);
    g_autofree char *number = g_strdup_printf("%u", cseq);

    rtsp->method = g_strdup(method);
    rtsp->uri = g_strdup(uri);
    rtsp->fields = mcp_mrcp_fields_new();
    mcp_mrcp_rtsp_set(rtsp, "CSeq", number);
    return rtsp;
}

McpMrcpRtsp *
mcp_mrcp_rtsp_response_new(const McpMrcpRtsp *request, guint status, const char *reason)
{
    McpMrcpRtsp *rtsp = g_new0(McpMrcpRtsp, 1);
    const char *cseq = mcp_mrcp_rtsp_get(request, "CSeq");
    g_autofree char *session = mcp_mrcp_rtsp_session(request, NULL);

    rtsp->status = status;
    rtsp->reason = g_strdup(reason);
    rtsp->fields = mcp_mrcp_fields_new();
    if (cseq != NULL)
        mcp_mrcp_rtsp_set(rtsp, "CSeq", cseq);
    if (session != NULL)
        mcp_mrcp_rtsp_set(rtsp, "Session", session);
    return rtsp;
}

McpMrcpRtsp *
mcp_mrcp_rtsp_copy(const McpMrcpRtsp *rtsp)
{
    McpMrcpRtsp *copy = g_new0(McpMrcpRtsp, 1);

    copy->method = g_strdup(rtsp->method);
    copy->uri = g_strdup(rtsp->uri);
    copy->status = rtsp->status;
    copy->reason = g_strdup(rtsp->reason);
    copy->fields = g_ptr_array_ref(rtsp->fields);
    copy->body = rtsp->body != NULL ? g_bytes_ref(rtsp->body) : NULL;
    return copy;
}

void
mcp_mrcp_rtsp_free(McpMrcpRtsp *rtsp)
{
    g_free(rtsp->method);
    g_free(rtsp->uri);
    g_free(rtsp->reason);
    g_clear_pointer(&rtsp->fields, g_ptr_array_unref);
    g_clear_pointer(&rtsp->body, g_bytes_unref);
    g_free(rtsp);
}

const char *
mcp_mrcp_rtsp_get(const McpMrcpRtsp *rtsp, const char *name)
{
    return mcp_mrcp_fields_get(rtsp->fields, name);
}

void
mcp_mrcp_rtsp_set(McpMrcpRtsp *rtsp, const char *name, const char *value)
{
    mcp_mrcp_fields_set(rtsp->fields, name, value);
}

void
mcp_mrcp_rtsp_set_body(McpMrcpRtsp *rtsp, const char *type, GBytes *body)
{
    mcp_mrcp_rtsp_set(rtsp, "Content-Type", type);
    g_clear_pointer(&rtsp->body, g_bytes_unref);
    rtsp->body = g_bytes_ref(body);
}

gboolean
mcp_mrcp_rtsp_cseq(const McpMrcpRtsp *rtsp, guint32 *out_cseq)
{
    guint64 cseq = 0;

    if (!mcp_mrcp_fields_get_number(rtsp->fields, "CSeq", G_MAXUINT32, &cseq))
        return FALSE;
    *out_cseq = (guint32)cseq;
    return TRUE;
}

char *
mcp_mrcp_rtsp_session(const McpMrcpRtsp *rtsp, guint *out_timeout)
{
    const char *value = mcp_mrcp_rtsp_get(rtsp, "Session");
    g_auto(GStrv) parts = NULL;
    guint64 timeout = SESSION_TIMEOUT;

    if (value == NULL || value[0] == '\0' || value[0] == ';')
        return NULL;
    parts = g_strsplit(value, ";", 8);
    for (guint i = 1; parts[i] != NULL; i++) {
        const char *parameter = g_strstrip(parts[i]);

        if (g_ascii_strncasecmp(parameter, "timeout=", 8) == 0)
            mcp_mrcp_number(parameter + 8, G_MAXUINT32, &timeout);
    }
    if (out_timeout != NULL)
        *out_timeout = (guint)timeout;
    return g_strdup(g_strstrip(parts[0]));
}

GBytes *
mcp_mrcp_rtsp_encode(const McpMrcpRtsp *rtsp)
{
    GString *out = g_string_new(NULL);
    gsize length = 0;
    const char *body = rtsp->body != NULL ? g_bytes_get_data(rtsp->body, &length) : NULL;

    if (rtsp->method != NULL)
        g_string_append_printf(out, "%s %s " VERSION "\r\n", rtsp->method, rtsp->uri);
    else
        g_string_append_printf(out, VERSION " %03u %s\r\n", rtsp->status,
                               rtsp->reason != NULL ? rtsp->reason : "");
    mcp_mrcp_fields_write(rtsp->fields, out);
    if (rtsp->body != NULL)
        g_string_append_printf(out, "Content-Length: %" G_GSIZE_FORMAT "\r\n", length);
    g_string_append(out, "\r\n");
    if (length > 0)
        g_string_append_len(out, body, (gssize)length);
    return g_string_free_to_bytes(out);
}

/* client_port=14000-14001: the first is that of RTP. */
static void
read_port(const char *value, guint *out_port)
{
    g_autofree char *first = g_strndup(value, strcspn(value, "-"));
    guint64 port = 0;

    if (mcp_mrcp_number(first, G_MAXUINT16, &port))
        *out_port = (guint)port;
}

static void
set_text(char **text, const char *value)
{
    g_free(*text);
    *text = g_strdup(value);
}

static gboolean
read_transport(const char *entry, McpMrcpTransport *transport)
{
    g_auto(GStrv) parts = g_strsplit(entry, ";", 32);

    if (parts[0] == NULL || (g_ascii_strcasecmp(g_strstrip(parts[0]), "RTP/AVP") != 0 &&
                             g_ascii_strcasecmp(parts[0], "RTP/AVP/UDP") != 0))
        return FALSE;
    for (guint i = 1; parts[i] != NULL; i++) {
        const char *name = g_strstrip(parts[i]);
        const char *value = strchr(name, '=');

        if (g_ascii_strcasecmp(name, "multicast") == 0)
            return FALSE;
        if (value == NULL)
            continue;
        value++;
        if (g_ascii_strncasecmp(name, "client_port=", 12) == 0)
            read_port(value, &transport->client_port);
        else if (g_ascii_strncasecmp(name, "server_port=", 12) == 0)
            read_port(value, &transport->server_port);
        else if (g_ascii_strncasecmp(name, "destination=", 12) == 0)
            set_text(&transport->destination, value);
        else if (g_ascii_strncasecmp(name, "source=", 7) == 0)
            set_text(&transport->source, value);
    }
    return TRUE;
}

gboolean
mcp_mrcp_transport_parse(const char *value, McpMrcpTransport *out_transport)
{
    g_auto(GStrv) entries = g_strsplit(value, ",", 16);

    for (guint i = 0; entries[i] != NULL; i++) {
        g_auto(McpMrcpTransport) transport = {0};

        if (!read_transport(entries[i], &transport))
            continue;
        *out_transport = transport;
        transport = (McpMrcpTransport){0};
        return TRUE;
    }
    return FALSE;
}

void
mcp_mrcp_transport_clear(McpMrcpTransport *transport)
{
    g_clear_pointer(&transport->destination, g_free);
    g_clear_pointer(&transport->source, g_free);
}

static gboolean
fail(GError **error, const char *what, const char *value)
{
    g_autofree char *begin = g_strndup(value, 60);
    g_autofree char *valid = g_utf8_make_valid(begin, -1);

    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s '%s'", what, valid);
    return FALSE;
}

static GError *
interleaved(void)
{
    return g_error_new_literal(MCP_ERROR, MCP_ERROR_INVALID,
                               "interleaved binary data ('$', RFC 2326 §10.12), which nobody asked "
                               "for");
}

/* RTSP/1.0 200 OK; the reason may be missing. */
static gboolean
read_status_line(McpMrcpRtsp *rtsp, const char *line, GError **error)
{
    g_auto(GStrv) words = mcp_mrcp_split(line);
    guint64 status = 0;

    if (words[1] == NULL || strlen(words[1]) != 3 || !mcp_mrcp_number(words[1], 999, &status) ||
        status < 100)
        return fail(error, "status code in", line);
    rtsp->status = (guint)status;
    rtsp->reason = g_strjoinv(" ", words + 2);
    return TRUE;
}

/* SETUP rtsp://host/media/speechrecognizer RTSP/1.0 */
static gboolean
read_request_line(McpMrcpRtsp *rtsp, const char *line, GError **error)
{
    g_auto(GStrv) words = mcp_mrcp_split(line);

    if (g_strv_length(words) != 3 || g_ascii_strcasecmp(words[2], VERSION) != 0)
        return fail(error, "no method, URI and " VERSION " in", line);
    if (!mcp_mrcp_is_token(words[0]))
        return fail(error, "method", words[0]);
    if (!g_utf8_validate(words[1], -1, NULL))
        return fail(error, "URI", words[1]);
    rtsp->method = g_ascii_strup(words[0], -1);
    rtsp->uri = g_strdup(words[1]);
    return TRUE;
}

static McpMrcpRtsp *
read_frame(McpMrcpFrame *frame, GError **error)
{
    g_autoptr(McpMrcpRtsp) rtsp = g_new0(McpMrcpRtsp, 1);
    guint32 cseq = 0;

    if (g_ascii_strncasecmp(frame->start_line, VERSION " ", strlen(VERSION " ")) == 0
            ? !read_status_line(rtsp, frame->start_line, error)
            : !read_request_line(rtsp, frame->start_line, error))
        return NULL;
    rtsp->fields = g_steal_pointer(&frame->fields);
    rtsp->body = g_steal_pointer(&frame->body);
    /* RFC 2326 §12.17: every request and response has it. */
    if (!mcp_mrcp_rtsp_cseq(rtsp, &cseq)) {
        fail(error, "no CSeq in", frame->start_line);
        return NULL;
    }
    return g_steal_pointer(&rtsp);
}

/* RFC 2326 §4.4: without a Content-Length there is no body. */
static gboolean
body_length(const McpMrcpFrame *frame, gsize head, const McpMrcpLimits *limits, gsize *out_length,
            GError **error)
{
    if (frame->start_line[0] == '$') {
        g_propagate_error(error, interleaved());
        return FALSE;
    }
    *out_length = 0;
    return mcp_mrcp_fields_content_length(frame->fields, limits->max_body, out_length, error);
}

McpMrcpRtspParser *
mcp_mrcp_rtsp_parser_new(const McpMrcpLimits *limits)
{
    McpMrcpRtspParser *parser = g_new0(McpMrcpRtspParser, 1);

    parser->framer = mcp_mrcp_framer_new(body_length, limits);
    return parser;
}

void
mcp_mrcp_rtsp_parser_free(McpMrcpRtspParser *parser)
{
    mcp_mrcp_framer_free(parser->framer);
    g_free(parser);
}

void
mcp_mrcp_rtsp_parser_push(McpMrcpRtspParser *parser, const void *data, gsize length)
{
    mcp_mrcp_framer_push(parser->framer, data, length);
}

/* What is binary has no end of a line that is worth waiting for. */
static gpointer
refuse_binary(McpMrcpRtspParser *parser, McpMrcpFrame *frame, GError **error)
{
    guint8 first = 0;
    guint64 offset = 0;

    if (mcp_mrcp_framer_waits(parser->framer, &first, &offset) && first == '$') {
        mcp_mrcp_framer_fail(parser->framer, offset, interleaved());
        mcp_mrcp_framer_next(parser->framer, frame, error);
    }
    return NULL;
}

McpMrcpRtsp *
mcp_mrcp_rtsp_parser_next(McpMrcpRtspParser *parser, GError **error)
{
    g_auto(McpMrcpFrame) frame = {0};
    McpMrcpRtsp *rtsp = NULL;
    GError *local = NULL;

    if (!mcp_mrcp_framer_next(parser->framer, &frame, error))
        return refuse_binary(parser, &frame, error);
    rtsp = read_frame(&frame, &local);
    if (rtsp != NULL)
        return rtsp;
    mcp_mrcp_framer_fail(parser->framer, frame.offset, local);
    mcp_mrcp_framer_next(parser->framer, &frame, error);
    return NULL;
}

gboolean
mcp_mrcp_rtsp_parser_is_idle(const McpMrcpRtspParser *parser)
{
    return mcp_mrcp_framer_is_idle(parser->framer);
}
