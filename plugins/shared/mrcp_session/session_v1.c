/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session of MRCPv1 (RFC 4463): RTSP on a connection of its own, SETUP of a resource each, MRCP
 * in ANNOUNCE of both sides. Messages are turned into those of v2 here. On the session's context.
 */
#include "rtsp_client.h"
#include "session_private.h"

#include <mcp/error.h>
#include <mcp/log.h>
#include <mrcp/description.h>
#include <mrcp/translate.h>
#include <string.h>

#define TYPE "application/mrcp"
#define VENDOR "Vendor-Specific-Parameters"
#define REDIRECTS_MAX 3
/* Until the answer to TEARDOWN, or to SETUP whose session nobody wants any more. */
#define LINGER_US (1 * G_USEC_PER_SEC)

typedef struct {
    McpMrcpSession *session; /* nullable: it has ended */
    McpClock *clock;
    McpMrcpRtspTarget target;
    McpMrcpRtspClient *client;
    McpSdp *offer;
    char *id;                         /* nullable: of the RTSP session */
    char *uris[MCP_MRCP_N_RESOURCES]; /* nullable: not asked for yet */
    guint n_ready;                    /* resources that are set up */
    guint redirects;
    guint32 request; /* the last request-id */
    gint64 idle;     /* µs after which the server would forget the session */
    McpTimer *timer; /* of that, and at the end of the last answer */
} Own;

static gboolean set_up_next(Own *own, GError **error);

/* --- the end --- */

static void
own_free(Own *own)
{
    mcp_timer_clear(&own->timer);
    g_clear_pointer(&own->client, mcp_mrcp_rtsp_client_free);
    mcp_mrcp_rtsp_target_clear(&own->target);
    for (guint i = 0; i < MCP_MRCP_N_RESOURCES; i++)
        g_free(own->uris[i]);
    g_clear_pointer(&own->offer, mcp_sdp_unref);
    g_object_unref(own->clock);
    g_free(own->id);
    g_free(own);
}

static void
on_lingered(gpointer user_data)
{
    own_free(user_data);
}

static void
on_torn_down(McpMrcpRtspClient *client, const McpMrcpRtsp *answer, guint tag, gpointer user_data)
{
    Own *own = user_data;

    if (own->session == NULL && !mcp_mrcp_rtsp_client_waits(client))
        own_free(own);
}

static void
tear_down(Own *own)
{
    for (guint i = 0; i < MCP_MRCP_N_RESOURCES; i++) {
        McpMrcpRtsp *request = NULL;

        if (own->uris[i] == NULL)
            continue;
        request = mcp_mrcp_rtsp_client_request(own->client, "TEARDOWN", own->uris[i]);
        mcp_mrcp_rtsp_set(request, "Session", own->id);
        mcp_mrcp_rtsp_client_send(own->client, request, on_torn_down, 0);
    }
}

/* The server is told, and has a moment to answer. */
static void
end(gpointer data)
{
    Own *own = data;

    own->session = NULL;
    mcp_timer_clear(&own->timer);
    if (own->id != NULL)
        tear_down(own);
    if (mcp_mrcp_rtsp_client_waits(own->client))
        own->timer = mcp_clock_after(own->clock, NULL, LINGER_US, on_lingered, own);
    else
        own_free(own);
}

static void fail(Own *own, McpError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void
fail(Own *own, McpError code, const char *format, ...)
{
    g_autoptr(GError) error = NULL;
    va_list arguments;

    va_start(arguments, format);
    error = g_error_new_valist(MCP_ERROR, (int)code, format, arguments);
    va_end(arguments);
    mcp_mrcp_session_fail(own->session, error);
}

static void
fail_status(Own *own, const char *what, const McpMrcpRtsp *answer)
{
    guint status = answer->status;
    McpError code = MCP_ERROR_REFUSED;

    if (status == 415 || status == 457 || status == 461)
        code = MCP_ERROR_MEDIA;
    else if (status == 408 || status == 504)
        code = MCP_ERROR_TIMEOUT;
    else if (status == 454)
        code = MCP_ERROR_CLOSED;
    fail(own, code, "%s was refused: %u %s", what, status,
         answer->reason != NULL ? answer->reason : "");
}

/* --- messages --- */

static McpMrcpResource
resource_of(const Own *own, const char *uri)
{
    const McpMrcpSessionParams *params = &own->session->params;

    for (guint i = 0; i < params->n_resources; i++) {
        McpMrcpResource resource = params->resources[i];

        if (own->uris[resource] != NULL && g_ascii_strcasecmp(own->uris[resource], uri) == 0)
            return resource;
    }
    /* Some name the server by another address than we do. */
    for (guint i = 0; i < params->n_resources; i++) {
        const char *name = mcp_mrcp_resource_name(MCP_MRCP_V1, params->resources[i]);

        if (strstr(uri, name) != NULL)
            return params->resources[i];
    }
    return params->resources[0];
}

/* What is no request of ours is none of the channel's: a SET-PARAMS, see send(). */
static gboolean
is_hidden(const McpMrcpMessage *message)
{
    return message->kind == MCP_MRCP_REQUEST || message->id % 2 != 0;
}

/* The session may be gone then. */
static void
take_message(Own *own, const McpMrcpRtsp *rtsp, McpMrcpResource resource)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpMrcpMessage) message = NULL;
    gsize length = 0;
    const void *data = rtsp->body != NULL ? g_bytes_get_data(rtsp->body, &length) : NULL;

    if (length == 0)
        return;
    message = mcp_mrcp_message_parse(MCP_MRCP_V1, data, length, NULL, &error);
    if (message == NULL) {
        fail(own, MCP_ERROR_INVALID, "the server's message: %s", error->message);
        return;
    }
    if (is_hidden(message))
        return;
    if (mcp_mrcp_message_translate(message, MCP_MRCP_V2, resource, &error))
        mcp_mrcp_session_take(own->session, resource, message);
    else
        mcp_log_debug("mrcp-message", own->session->params.call_id, "%s: %s",
                      own->session->params.server, error->message);
}

static void
on_announced(McpMrcpRtspClient *client, const McpMrcpRtsp *answer, guint tag, gpointer user_data)
{
    Own *own = user_data;

    if (own->session == NULL)
        return;
    if (answer->status >= 300)
        fail_status(own, "ANNOUNCE", answer);
    else
        take_message(own, answer, (McpMrcpResource)tag);
}

/* RFC 4463 §3.2: an event; what RFC 2326 §10 has besides. */
static void
on_requested(McpMrcpRtspClient *client, const McpMrcpRtsp *request, guint tag, gpointer user_data)
{
    Own *own = user_data;
    g_autofree char *id = mcp_mrcp_rtsp_session(request, NULL);
    gboolean over = own->session == NULL;

    if (strcmp(request->method, "OPTIONS") == 0 || strcmp(request->method, "GET_PARAMETER") == 0) {
        mcp_mrcp_rtsp_client_reply(client, request, 200, "OK");
    } else if (id != NULL && g_strcmp0(id, own->id) != 0) {
        mcp_mrcp_rtsp_client_reply(client, request, 454, "Session Not Found");
    } else if (strcmp(request->method, "ANNOUNCE") == 0) {
        mcp_mrcp_rtsp_client_reply(client, request, 200, "OK");
        if (!over)
            take_message(own, request, resource_of(own, request->uri));
    } else if (strcmp(request->method, "REDIRECT") == 0 ||
               strcmp(request->method, "TEARDOWN") == 0) {
        mcp_mrcp_rtsp_client_reply(client, request, 200, "OK");
        if (!over)
            fail(own, MCP_ERROR_CLOSED, "the server ended the session by %s", request->method);
    } else {
        mcp_mrcp_rtsp_client_reply(client, request, 501, "Not Implemented");
    }
}

static void
on_closed(McpMrcpRtspClient *client, const GError *error, gpointer user_data)
{
    Own *own = user_data;

    if (own->session != NULL)
        mcp_mrcp_session_fail(own->session, error);
    else
        own_free(own);
}

/* --- the session --- */

static void on_idle(gpointer user_data);

/* RFC 2326 §12.37: what is sent for the session keeps it. */
static void
keep_alive(Own *own)
{
    mcp_timer_clear(&own->timer);
    if (own->idle > 0)
        own->timer = mcp_clock_after(own->clock, NULL, own->idle / 2, on_idle, own);
}

/* A server that has no OPTIONS has heard of us nevertheless. */
static void
on_kept(McpMrcpRtspClient *client, const McpMrcpRtsp *answer, guint tag, gpointer user_data)
{
    Own *own = user_data;

    if (own->session != NULL && answer->status == 454)
        fail_status(own, "OPTIONS", answer);
}

static void
on_idle(gpointer user_data)
{
    Own *own = user_data;
    McpMrcpResource first = own->session->params.resources[0];
    McpMrcpRtsp *request = mcp_mrcp_rtsp_client_request(own->client, "OPTIONS", own->uris[first]);

    mcp_mrcp_rtsp_set(request, "Session", own->id);
    mcp_mrcp_rtsp_client_send(own->client, request, on_kept, 0);
    keep_alive(own);
}

static gboolean
take_first(Own *own, const McpMrcpRtsp *answer, GError **error)
{
    g_autoptr(McpSdp) audio = NULL;
    guint timeout = 0;

    own->id = mcp_mrcp_rtsp_session(answer, &timeout);
    own->idle = (gint64)timeout * G_USEC_PER_SEC;
    if (own->id == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "answers SETUP without a session");
        return FALSE;
    }
    audio = mcp_mrcp_rtsp_answer(answer, own->offer, mcp_mrcp_rtsp_client_get_address(own->client),
                                 error);
    return audio != NULL && mcp_leg_apply_answer(own->session->leg, audio, error);
}

static gboolean connect_to(Own *own, GError **error);

/* RFC 2326 §11.3: before anything is set up another server may be named. */
static gboolean
follow(Own *own, const McpMrcpRtsp *answer, McpMrcpResource resource, GError **error)
{
    const char *location = mcp_mrcp_rtsp_get(answer, "Location");
    McpMrcpRtspTarget target = {0};

    if (location == NULL || own->n_ready > 0 || ++own->redirects > REDIRECTS_MAX) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED, "SETUP was answered by %u, for %s",
                    answer->status, location != NULL ? location : "nowhere");
        return FALSE;
    }
    if (!mcp_mrcp_rtsp_target_move(&own->target, own->uris[resource], location, &target, error))
        return FALSE;
    mcp_mrcp_rtsp_target_clear(&own->target);
    own->target = target;
    g_clear_pointer(&own->uris[resource], g_free);
    return connect_to(own, error) && set_up_next(own, error);
}

/* Nobody wants it any more: only what the server has set up is to be undone. */
static void
take_late(Own *own, const McpMrcpRtsp *answer)
{
    if (answer->status < 300 && own->id == NULL) {
        own->id = mcp_mrcp_rtsp_session(answer, NULL);
        if (own->id != NULL)
            tear_down(own);
    }
    if (!mcp_mrcp_rtsp_client_waits(own->client))
        own_free(own);
}

static void
on_set_up(McpMrcpRtspClient *client, const McpMrcpRtsp *answer, guint tag, gpointer user_data)
{
    Own *own = user_data;
    g_autoptr(GError) error = NULL;
    gboolean good = FALSE;

    if (own->session == NULL) {
        take_late(own, answer);
        return;
    }
    if (answer->status >= 400) {
        fail_status(own, "SETUP", answer);
        return;
    }
    if (answer->status >= 300)
        good = follow(own, answer, (McpMrcpResource)tag, &error);
    else if (own->n_ready > 0 || take_first(own, answer, &error))
        good = ++own->n_ready == own->session->params.n_resources || set_up_next(own, &error);
    if (!good) {
        mcp_mrcp_session_fail(own->session, error);
    } else if (own->n_ready == own->session->params.n_resources) {
        keep_alive(own);
        mcp_mrcp_session_is_ready(own->session);
    }
}

static gboolean
set_up_next(Own *own, GError **error)
{
    const McpMrcpSessionParams *params = &own->session->params;
    McpMrcpResource resource = params->resources[own->n_ready];
    g_autofree char *transport = mcp_mrcp_rtsp_transport(own->offer);
    McpMrcpRtsp *request = NULL;

    if (mcp_mrcp_resource_name(MCP_MRCP_V1, resource) == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "MRCP version 1 has no %s",
                    mcp_mrcp_resource_name(MCP_MRCP_V2, resource));
        return FALSE;
    }
    own->uris[resource] =
        mcp_mrcp_rtsp_target_resource(&own->target, resource, params->paths[resource]);
    request = mcp_mrcp_rtsp_client_request(own->client, "SETUP", own->uris[resource]);
    if (own->id != NULL)
        mcp_mrcp_rtsp_set(request, "Session", own->id);
    mcp_mrcp_rtsp_set(request, "Transport", transport);
    if (own->id == NULL) {
        const char *text = mcp_sdp_get_text(own->offer);
        g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));

        mcp_mrcp_rtsp_set_body(request, "application/sdp", body);
    }
    mcp_mrcp_rtsp_client_send(own->client, request, on_set_up, resource);
    return TRUE;
}

static gboolean
connect_to(Own *own, GError **error)
{
    static const McpMrcpRtspClientEvents events = {on_requested, on_closed};
    const McpMrcpSessionParams *params = &own->session->params;

    if (own->target.tls && params->tls == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: no credentials for TLS",
                    own->target.uri);
        return FALSE;
    }
    g_clear_pointer(&own->client, mcp_mrcp_rtsp_client_free);
    own->client = mcp_mrcp_rtsp_client_new(&own->target, own->target.tls ? params->tls : NULL,
                                           params->timeout, own->clock, &events, own);
    return TRUE;
}

/* --- the class --- */

static gboolean
prepare(Own *own, GError **error)
{
    const McpMrcpSessionParams *params = &own->session->params;
    g_autoptr(McpSdp) audio = NULL;

    if (!mcp_mrcp_rtsp_target_parse(params->target, &own->target, error))
        return FALSE;
    audio = mcp_leg_create_offer(own->session->leg, error);
    if (audio == NULL)
        return FALSE;
    own->offer = mcp_mrcp_describe(audio, NULL, 0, params->direction);
    return connect_to(own, error) && set_up_next(own, error);
}

static gpointer
begin(McpMrcpSession *session, GError **error)
{
    Own *own = g_new0(Own, 1);

    own->session = session;
    own->clock = g_object_ref(session->services.clock);
    if (prepare(own, error))
        return own;
    own_free(own);
    return NULL;
}

/* The odd ones are those of SET-PARAMS that go before a request. */
static guint32
next_id(gpointer data, McpMrcpResource resource)
{
    Own *own = data;

    own->request += 2;
    return own->request;
}

static void
announce(Own *own, McpMrcpResource resource, const McpMrcpMessage *message)
{
    g_autoptr(GBytes) body = mcp_mrcp_message_encode(message);
    McpMrcpRtsp *request =
        mcp_mrcp_rtsp_client_request(own->client, "ANNOUNCE", own->uris[resource]);

    mcp_mrcp_rtsp_set(request, "Session", own->id);
    mcp_mrcp_rtsp_set_body(request, TYPE, body);
    mcp_mrcp_rtsp_client_send(own->client, request, on_announced, resource);
    keep_alive(own);
}

/* RFC 4463 §7.4.7, §8.4.11: parameters of vendors stand in SET-PARAMS alone. */
static void
set_vendor_parameters(Own *own, McpMrcpResource resource, McpMrcpMessage *message)
{
    const char *value = mcp_mrcp_message_get(message, VENDOR);
    g_autoptr(McpMrcpMessage) params = NULL;

    if (value == NULL || g_str_has_suffix(message->name, "-PARAMS"))
        return;
    params = mcp_mrcp_request_new(MCP_MRCP_V1, "SET-PARAMS", message->id - 1);
    mcp_mrcp_message_set(params, VENDOR, value);
    announce(own, resource, params);
    mcp_mrcp_fields_remove(message->fields, VENDOR);
}

static void
send(gpointer data, McpMrcpResource resource, McpMrcpMessage *message)
{
    Own *own = data;
    g_autoptr(GError) error = NULL;

    if (mcp_mrcp_message_translate(message, MCP_MRCP_V1, resource, &error)) {
        set_vendor_parameters(own, resource, message);
        announce(own, resource, message);
    } else {
        mcp_log_warning("mrcp-message", own->session->params.call_id, "%s: %s",
                        own->session->params.server, error->message);
    }
}

const McpMrcpSessionClass mcp_mrcp_session_v1 = {
    .begin = begin,
    .free = end,
    .next_id = next_id,
    .send = send,
};
