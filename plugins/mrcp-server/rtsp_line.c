/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTSP on a connection (RFC 2326, RFC 4463 §3.2): requests one after the other to the sessions that
 * were made on it, which end with it. Control context.
 */
#include "rtsp_line.h"

#include "rtsp_media.h"
#include "rtsp_talk.h"
#include <mcp/log.h>
#include <string.h>

#define METHODS "OPTIONS, DESCRIBE, SETUP, ANNOUNCE, TEARDOWN"
/* Sessions of a connection. */
#define MAX_TALKS 100

typedef struct {
    McpMrcpdConnection *connection;
    McpMrcpRtspParser *parser;
    GPtrArray *talks; /* McpMrcpdTalk */
    GQueue waiting;   /* McpMrcpRtsp behind a request that is not answered yet */
    gboolean running; /* they are being taken */
    GSource *again;   /* nullable: they will be */
} Line;

static void schedule(Line *line);

static void
write_rtsp(McpMrcpRtsp *rtsp, gpointer user_data)
{
    Line *line = user_data;
    g_autoptr(McpMrcpRtsp) owned = rtsp;
    g_autoptr(GBytes) bytes = mcp_mrcp_rtsp_encode(owned);

    if (rtsp->method == NULL)
        mcp_mrcpd_connection_answered(line->connection, 1);
    mcp_mrcpd_connection_write(line->connection, bytes);
    /* A SETUP may have been answered that others wait behind. */
    schedule(line);
}

static void
answer(Line *line, const McpMrcpRtsp *request, guint status, const char *reason)
{
    write_rtsp(mcp_mrcp_rtsp_response_new(request, status, reason), line);
}

static void
talk_ended(McpMrcpdTalk *talk, const char *reason, gpointer user_data)
{
    Line *line = user_data;

    mcp_log_info("mrcp-rtsp", NULL, "%s: session %s is over: %s",
                 mcp_mrcpd_connection_get_remote(line->connection), mcp_mrcpd_talk_get_id(talk),
                 reason);
    g_ptr_array_remove(line->talks, talk);
    mcp_mrcpd_talk_free(talk);
    mcp_mrcpd_connection_use(line->connection, -1);
}

/* --- requests without a session --- */

static void
take_options(Line *line, const McpMrcpRtsp *request)
{
    McpMrcpRtsp *rtsp = mcp_mrcp_rtsp_response_new(request, 200, "OK");

    mcp_mrcp_rtsp_set(rtsp, "Public", METHODS);
    write_rtsp(rtsp, line);
}

/* RFC 4463 §6.2: the formats that it has; what is agreed upon is told by SETUP. */
static void
take_describe(Line *line, const McpMrcpRtsp *request)
{
    guint port = 0;
    g_autoptr(GInetAddress) local = mcp_mrcpd_connection_get_local(line->connection, &port);
    g_autofree char *address = g_inet_address_to_string(local);
    char family = g_inet_address_get_family(local) == G_SOCKET_FAMILY_IPV6 ? '6' : '4';
    McpMrcpResource kind = MCP_MRCP_SPEECHSYNTH;
    McpMrcpRtsp *rtsp = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GBytes) body = NULL;

    if (!mcp_mrcpd_rtsp_resource(request->uri, &kind)) {
        answer(line, request, 404, "Not Found");
        return;
    }
    text = g_strdup_printf("v=0\r\no=- 0 0 IN IP%c %s\r\ns=-\r\nc=IN IP%c %s\r\nt=0 0\r\n"
                           "m=audio 0 RTP/AVP 0 8 96 101\r\na=rtpmap:0 PCMU/8000\r\n"
                           "a=rtpmap:8 PCMA/8000\r\na=rtpmap:96 L16/8000\r\n"
                           "a=rtpmap:101 telephone-event/8000\r\na=control:%s\r\n",
                           family, address, family, address, request->uri);
    body = g_bytes_new(text, strlen(text));
    rtsp = mcp_mrcp_rtsp_response_new(request, 200, "OK");
    mcp_mrcp_rtsp_set_body(rtsp, "application/sdp", body);
    write_rtsp(rtsp, line);
}

/* --- sessions --- */

static McpMrcpdTalk *
find_talk(Line *line, const char *id)
{
    for (guint i = 0; i < line->talks->len; i++)
        if (strcmp(mcp_mrcpd_talk_get_id(line->talks->pdata[i]), id) == 0)
            return line->talks->pdata[i];
    return NULL;
}

static McpMrcpdTalk *
open_talk(Line *line)
{
    static const McpMrcpdTalkEvents events = {write_rtsp, talk_ended};
    guint port = 0;
    g_autoptr(GInetAddress) local = mcp_mrcpd_connection_get_local(line->connection, &port);
    g_autoptr(GInetAddress) peer = mcp_mrcpd_connection_get_peer(line->connection);
    g_autofree char *host = g_inet_address_to_string(local);
    g_autofree char *own =
        g_strdup_printf(strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
    const McpMrcpdTalkPlace place = {peer, mcp_mrcpd_connection_get_remote(line->connection), own};
    McpMrcpdTalk *talk = mcp_mrcpd_talk_new(mcp_mrcpd_connection_get_services(line->connection),
                                            &place, &events, line);

    g_ptr_array_add(line->talks, talk);
    mcp_mrcpd_connection_use(line->connection, 1);
    return talk;
}

static gboolean
needs_session(const char *method)
{
    static const char *const methods[] = {"SETUP", "TEARDOWN", "ANNOUNCE", NULL};

    return g_strv_contains(methods, method);
}

static void
take(Line *line, const McpMrcpRtsp *request, const char *id)
{
    McpMrcpdTalk *talk = id != NULL ? find_talk(line, id) : NULL;
    gboolean first = id == NULL && strcmp(request->method, "SETUP") == 0;

    if (strcmp(request->method, "OPTIONS") == 0)
        take_options(line, request);
    else if (strcmp(request->method, "DESCRIBE") == 0)
        take_describe(line, request);
    else if (!needs_session(request->method))
        answer(line, request, 405, "Method Not Allowed");
    else if (talk != NULL)
        mcp_mrcpd_talk_take(talk, request);
    else if (!first)
        answer(line, request, 454, "Session Not Found");
    else if (line->talks->len >= MAX_TALKS)
        answer(line, request, 503, "Service Unavailable");
    else
        mcp_mrcpd_talk_take(open_talk(line), request);
}

/* In their order: what is behind a SETUP may need what it sets up. */
static void
run(Line *line)
{
    while (!line->running && !g_queue_is_empty(&line->waiting)) {
        const McpMrcpRtsp *next = g_queue_peek_head(&line->waiting);
        g_autofree char *id = mcp_mrcp_rtsp_session(next, NULL);
        const McpMrcpdTalk *talk = id != NULL ? find_talk(line, id) : NULL;
        g_autoptr(McpMrcpRtsp) request = NULL;

        if (talk != NULL && mcp_mrcpd_talk_is_busy(talk))
            return;
        request = g_queue_pop_head(&line->waiting);
        line->running = TRUE;
        take(line, request, id);
        line->running = FALSE;
    }
}

static gboolean
on_again(gpointer user_data)
{
    Line *line = user_data;

    g_clear_pointer(&line->again, g_source_unref);
    run(line);
    return G_SOURCE_REMOVE;
}

static void
schedule(Line *line)
{
    if (line->again != NULL || g_queue_is_empty(&line->waiting))
        return;
    line->again = g_idle_source_new();
    g_source_set_priority(line->again, G_PRIORITY_DEFAULT);
    g_source_set_callback(line->again, on_again, line, NULL);
    g_source_attach(line->again, mcp_mrcpd_connection_get_services(line->connection)->control);
}

/* --- bytes --- */

static gboolean
received(gpointer state, const guint8 *data, gsize length, GError **error)
{
    Line *line = state;

    mcp_mrcp_rtsp_parser_push(line->parser, data, length);
    for (;;) {
        GError *local = NULL;
        McpMrcpRtsp *rtsp = mcp_mrcp_rtsp_parser_next(line->parser, &local);

        if (local != NULL) {
            g_propagate_error(error, local);
            return FALSE;
        }
        if (rtsp == NULL)
            break;
        if (rtsp->method == NULL) {
            /* That an event has arrived is nothing to us. */
            mcp_mrcp_rtsp_free(rtsp);
            continue;
        }
        g_queue_push_tail(&line->waiting, rtsp);
        if (!mcp_mrcpd_connection_asked(line->connection, error))
            return FALSE;
    }
    run(line);
    return TRUE;
}

static gpointer
open_line(McpMrcpdConnection *connection)
{
    Line *line = g_new0(Line, 1);

    line->connection = connection;
    line->parser = mcp_mrcp_rtsp_parser_new(&mcp_mrcpd_connection_get_services(connection)->limits);
    line->talks = g_ptr_array_new();
    g_queue_init(&line->waiting);
    return line;
}

static void
close_line(gpointer state)
{
    Line *line = state;

    if (line->again != NULL)
        g_source_destroy(line->again);
    g_clear_pointer(&line->again, g_source_unref);
    g_ptr_array_set_free_func(line->talks, (GDestroyNotify)mcp_mrcpd_talk_free);
    g_ptr_array_unref(line->talks);
    g_queue_clear_full(&line->waiting, (GDestroyNotify)mcp_mrcp_rtsp_free);
    mcp_mrcp_rtsp_parser_free(line->parser);
    g_free(line);
}

const McpMrcpdProtocol mcp_mrcpd_rtsp_line = {open_line, received, close_line};
