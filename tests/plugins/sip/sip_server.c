/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SIP plugin in a real core. The functions of McpCalls that the plugin uses are defined here
 * anew, so that a test decides what happens to a session, by the user part of the request-URI:
 *   answer   180, 200               hangup  200, BYE with a body after the ACK
 *   ring     180 and nothing more   busy    486
 *   early    183 with SDP, 200      rush    200 and hung up at once
 *   reoffer  200, re-INVITE         info    200, INFO
 *   stubborn 200, refuses offers    slow    nothing at all
 *   transfer 200, REFER             (REFER of the peer: 202 and progress, unless to "forbidden")
 *   patient  183 with SDP, and 200 once it has answered an offer
 *   bare     the session is the test's own (sip_server_take())
 */
#include "sip_server.h"

#include "server/core.h"
#include "stack.h"

#include <glib/gstdio.h>
#include <mcp/call.h>
#include <mcp/host.h>
#include <string.h>

#define WAIT_SECONDS 10

struct _SipServer {
    McpCore *core;
    GPtrArray *events;  /* char* */
    GPtrArray *scripts; /* Script, borrowed */
    guint port;
    guint admission;
    guint retry_after;
    guint open;
    gboolean done;
    char *file;
    McpSession *taken; /* nullable: of user "bare" */
};

/* What one session does. */
typedef struct {
    McpSession *session;
    char *user;
} Script;

static SipServer *the_server;

extern const McpPluginDesc mcp_plugin_desc;

static const char plain_sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                                "t=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";

const char *
peer_sdp(void)
{
    return plain_sdp;
}

static void
record(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(the_server->events, g_strdup_vprintf(format, args));
    va_end(args);
}

static void
script_free(gpointer data)
{
    Script *script = data;

    the_server->open--;
    g_ptr_array_remove_fast(the_server->scripts, script);
    g_object_unref(script->session);
    g_free(script->user);
    g_free(script);
}

static McpSdp *
make_sdp(guint version)
{
    McpSdpBuilder *builder = mcp_sdp_builder_new(7, version, "127.0.0.1");

    mcp_sdp_builder_add_media(builder, "audio", 41000, "RTP/AVP", "0");
    return mcp_sdp_builder_finish(builder);
}

static const McpRefer elsewhere = {(char *)"sip:target@192.0.2.9", NULL,
                                   (char *)"<sip:us@127.0.0.1>"};

static void
on_confirmed(Script *script)
{
    g_autoptr(McpSdp) sdp = make_sdp(2);
    g_autoptr(GBytes) body = g_bytes_new_static("exit=1", 6);

    if (g_str_equal(script->user, "hangup"))
        mcp_session_end(script->session, "finished", "text/plain", body);
    else if (g_str_equal(script->user, "reoffer"))
        mcp_session_offer(script->session, sdp);
    else if (g_str_equal(script->user, "transfer"))
        mcp_session_refer(script->session, &elsewhere);
    else if (g_str_equal(script->user, "info"))
        mcp_session_send_info(script->session, "text/plain", body);
}

static void
on_referred(Script *script, const McpRefer *refer)
{
    record("%s TARGET %s %s %s", script->user, refer->target,
           refer->replaces != NULL ? refer->replaces : "-",
           refer->referred_by != NULL ? refer->referred_by : "-");
    if (strstr(refer->target, "forbidden") != NULL) {
        mcp_session_answer_refer(script->session, 403, "not there");
        return;
    }
    mcp_session_answer_refer(script->session, 202, NULL);
    mcp_session_notify_refer(script->session, 180);
    mcp_session_notify_refer(script->session, 200);
}

static void
on_offered(Script *script)
{
    g_autoptr(McpSdp) sdp = make_sdp(3);
    g_autoptr(McpReject) reject = mcp_reject_new(488, "not now", "not now");

    if (g_str_equal(script->user, "stubborn"))
        mcp_session_reject_offer(script->session, reject);
    else
        mcp_session_answer_offer(script->session, sdp);
    if (g_str_equal(script->user, "patient"))
        mcp_session_answer(script->session, sdp, NULL);
}

/* What the ladder in a call's record ends with. */
static void
record_ladder_end(const Script *script)
{
    g_autoptr(GPtrArray) ladder = mcp_session_get_ladder(script->session);
    const McpLadderEntry *last = ladder->len > 0 ? ladder->pdata[ladder->len - 1] : NULL;

    record("%s LAST %s", script->user, last != NULL ? last->summary : "nothing");
}

static void
on_event(McpSession *session, const McpSessionEvent *event, gpointer user_data)
{
    static const char *const names[] = {
        "PROGRESS", "ANSWERED", "ACKED",        "OFFERED",     "REOFFER_DONE", "REOFFER_FAILED",
        "INFO",     "ENDED",    "EARLY_ANSWER", "REOFFER_DUE", "REFERRED",     "REFER_PROGRESS"};
    Script *script = user_data;

    record("%s %s %u%s%s %s%s", script->user, names[event->type], event->status,
           event->sdp != NULL ? " sdp" : "", event->remote ? " remote" : "",
           event->reason != NULL ? event->reason : "",
           event->content_type != NULL ? event->content_type : "");
    if (event->type == MCP_SESSION_ENDED)
        record_ladder_end(script);
    else if (event->type == MCP_SESSION_ACKED)
        on_confirmed(script);
    else if (event->type == MCP_SESSION_REFERRED)
        on_referred(script, event->refer);
    else if (event->type == MCP_SESSION_OFFERED)
        on_offered(script);
    else if (g_str_equal(script->user, "offerless") && event->sdp != NULL &&
             (event->type == MCP_SESSION_ANSWERED || event->type == MCP_SESSION_PROGRESS))
        on_offered(script);
}

static Script *
watch(McpSession *session, const char *user)
{
    Script *script = g_new0(Script, 1);

    script->session = g_object_ref(session);
    script->user = g_strdup(user);
    the_server->open++;
    g_ptr_array_add(the_server->scripts, script);
    mcp_session_set_handler(session, g_main_context_default(), on_event, script, script_free);
    return script;
}

static gboolean
play_script(gpointer data)
{
    Script *script = data;
    McpSession *session = script->session;
    g_autoptr(McpSdp) sdp = make_sdp(1);
    g_autoptr(McpReject) busy = mcp_reject_new(486, "busy here", NULL);

    if (g_str_equal(script->user, "busy")) {
        mcp_session_reject(session, busy);
    } else if (g_str_equal(script->user, "ring")) {
        mcp_session_progress(session, 180, NULL);
    } else if (g_str_equal(script->user, "patient")) {
        mcp_session_progress(session, 183, sdp);
    } else if (!g_str_equal(script->user, "slow")) {
        mcp_session_progress(session, g_str_equal(script->user, "early") ? 183 : 180,
                             g_str_equal(script->user, "early") ? sdp : NULL);
        mcp_session_answer(session, sdp, NULL);
        if (g_str_equal(script->user, "rush"))
            mcp_session_end(session, NULL, NULL, NULL);
    }
    return G_SOURCE_REMOVE;
}

typedef struct {
    McpSession *session;
    McpInvite *invite;
} Arrival;

static gboolean
on_arrival(gpointer data)
{
    g_autofree Arrival *arrival = data;
    g_autoptr(McpSession) session = arrival->session;
    g_autoptr(McpInvite) invite = arrival->invite;

    record("%s INVITE %s %s", invite->user, invite->transport,
           invite->offer != NULL ? "offer" : "no offer");
    if (g_str_equal(invite->user, "bare"))
        g_set_object(&the_server->taken, session);
    else
        play_script(watch(session, invite->user));
    return G_SOURCE_REMOVE;
}

/* The functions that the plugin calls; SIP context. */

char *
mcp_calls_offer(McpCalls *calls, McpSession *session, McpInvite *invite)
{
    Arrival *arrival = g_new0(Arrival, 1);

    arrival->session = g_object_ref(session);
    arrival->invite = mcp_invite_ref(invite);
    g_idle_add_full(G_PRIORITY_DEFAULT, on_arrival, arrival, NULL);
    return g_strdup("test-call");
}

static gboolean
on_refused(gpointer data)
{
    g_autofree char *text = data;

    record("%s", text);
    return G_SOURCE_REMOVE;
}

void
mcp_calls_refused(McpCalls *calls, const McpInvite *invite, guint status, const char *why)
{
    g_idle_add_full(G_PRIORITY_DEFAULT, on_refused, g_strdup_printf("REFUSED %u %s", status, why),
                    NULL);
}

/* Which services there are is the core's matter; here a test decides. */
McpReject *
mcp_calls_examine(McpCalls *calls, McpInvite *invite, gboolean replaces)
{
    return NULL;
}

guint
mcp_calls_get_admission(McpCalls *calls, guint *out_retry_after)
{
    *out_retry_after = the_server->retry_after;
    return the_server->admission;
}

static gboolean
on_wait_over(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
    return G_SOURCE_REMOVE;
}

static void
on_core_done(McpCore *core, const GError *error, gpointer user_data)
{
    SipServer *server = user_data;

    g_assert_no_error((GError *)(gpointer)error);
    server->done = TRUE;
}

static void
iterate_until(const gboolean *done)
{
    gboolean late = FALSE;
    guint id = g_timeout_add_seconds(WAIT_SECONDS, on_wait_over, &late);

    while (!*done && !late)
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(*done);
    g_source_remove(id);
}

static gboolean
is_free(guint port, GSocketType type, GSocketFamily family)
{
    g_autoptr(GInetAddress) host = g_inet_address_new_loopback(family);
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new(host, (guint16)port);
    g_autoptr(GSocket) socket = g_socket_new(family, type, G_SOCKET_PROTOCOL_DEFAULT, NULL);

    return g_socket_bind(socket, address, FALSE, NULL);
}

static gboolean
port_is_free(guint port)
{
    return is_free(port, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_FAMILY_IPV4) &&
           is_free(port, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_FAMILY_IPV6) &&
           is_free(port, G_SOCKET_TYPE_STREAM, G_SOCKET_FAMILY_IPV4);
}

guint
peer_free_port(void)
{
    for (guint i = 0; i < 200; i++) {
        /* Below those of media and those that the kernel gives: others test at the same time. */
        guint port = (guint)g_random_int_range(10000, 20000);

        if (port_is_free(port))
            return port;
    }
    g_assert_not_reached();
}

static char *
write_file(const char *text)
{
    g_autoptr(GError) error = NULL;
    char *path = NULL;
    int fd = g_file_open_tmp("sip-test-XXXXXX.conf", &path, &error);

    g_assert_no_error(error);
    close(fd);
    g_file_set_contents(path, text, -1, &error);
    g_assert_no_error(error);
    return path;
}

static void
write_config(SipServer *server)
{
    g_autofree char *text = g_strdup_printf(
        "[core]\nplugins = sip\nlog_level = warning\nmax_cpu_percent = 0\n"
        "[sip]\nsession_min_se = 2s\ntimer_t1 = 20ms\ntimer_t2 = 100ms\ntimer_t4 = 100ms\n"
        "[sip.transport \"udp\"]\ntransport = udp\naddress = 127.0.0.1:%u\n"
        "[sip.transport \"tcp\"]\ntransport = tcp\naddress = 127.0.0.1:%u\n"
        "[sip.transport \"udp6\"]\ntransport = udp\naddress = [::1]:%u\n"
        "[sip.peer \"loopback\"]\naddresses = 127.0.0.1, ::1\nservices = all\n"
        "[service \"all\"]\nuser = *\ndialog = none\n",
        server->port, server->port, server->port);

    server->file = write_file(text);
}

typedef struct {
    gboolean done;
    char *message;
} Attempt;

static void
on_attempt(McpCore *core, const GError *error, gpointer user_data)
{
    Attempt *attempt = user_data;

    attempt->message = error != NULL ? g_strdup(error->message) : NULL;
    attempt->done = TRUE;
}

char *
sip_server_refusal(SipServer *server, const char *config)
{
    g_autofree char *port = g_strdup_printf("%u", server->port);
    g_autoptr(GString) text = g_string_new(config);
    g_autofree char *file = NULL;
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    McpCoreOptions options = {0};
    Attempt attempt = {0};
    McpCore *core = NULL;

    g_string_replace(text, "@PORT@", port, 0);
    file = write_file(text->str);
    options.source.file = file;
    core = mcp_core_new(&options);
    mcp_core_add_static(core, &mcp_plugin_desc);
    if (mcp_core_configure(core, errors)) {
        mcp_core_start(core, on_attempt, &attempt);
        iterate_until(&attempt.done);
    } else {
        attempt.message = g_strdup(errors->pdata[0]);
    }
    mcp_core_free(core);
    g_unlink(file);
    return attempt.message;
}

SipServer *
sip_server_new(void)
{
    SipServer *server = g_new0(SipServer, 1);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    McpCoreOptions options = {0};

    the_server = server;
    server->events = g_ptr_array_new_with_free_func(g_free);
    server->scripts = g_ptr_array_new();
    server->port = peer_free_port();
    write_config(server);
    options.source.file = server->file;
    server->core = mcp_core_new(&options);
    mcp_core_add_static(server->core, &mcp_plugin_desc);
    if (!mcp_core_configure(server->core, errors))
        g_error("%s", (const char *)errors->pdata[0]);
    mcp_core_start(server->core, on_core_done, server);
    iterate_until(&server->done);
    return server;
}

void
sip_server_free(SipServer *server)
{
    gboolean idle = FALSE;

    server->done = FALSE;
    mcp_core_stop(server->core, on_core_done, server);
    iterate_until(&server->done);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    idle = server->open == 0;
    g_assert_true(idle);
    mcp_core_free(server->core);
    g_ptr_array_unref(server->events);
    g_ptr_array_unref(server->scripts);
    g_unlink(server->file);
    g_free(server->file);
    g_free(server);
    the_server = NULL;
}

guint
sip_server_port(SipServer *server)
{
    return server->port;
}

McpSignalling *
sip_server_get_signalling(SipServer *server)
{
    McpUnit *unit = server->core->units->pdata[0];

    return MCP_SIGNALLING(unit->plugin);
}

McpSession *
sip_server_take(SipServer *server)
{
    sip_server_expect(server, "bare INVITE");
    sip_server_forget(server);
    return g_steal_pointer(&server->taken);
}

McpSession *
sip_server_place(SipServer *server, const char *target, gboolean offer, gint64 deadline)
{
    g_autoptr(McpSdp) sdp = offer ? make_sdp(1) : NULL;
    McpPlaceParams params = {.purpose = MCP_PURPOSE_CALLER,
                             .call_id = "test",
                             .target = target,
                             .offer = sdp,
                             .deadline = deadline};
    g_autoptr(GError) error = NULL;
    McpSession *session = mcp_signalling_place(sip_server_get_signalling(server), &params, &error);

    g_assert_no_error(error);
    watch(session, offer ? "placed" : "offerless");
    return session;
}

guint
sip_server_count(SipServer *server, const char *text)
{
    guint n = 0;

    for (guint i = 0; i < server->events->len; i++) {
        if (g_str_has_prefix(server->events->pdata[i], text))
            n++;
    }
    return n;
}

gboolean
sip_server_has(SipServer *server, const char *text)
{
    return sip_server_count(server, text) > 0;
}

static void
print_events(SipServer *server, const char *text)
{
    g_test_message("waiting for \"%s\" in vain; there was:", text);
    for (guint i = 0; i < server->events->len; i++)
        g_test_message("  %s", (const char *)server->events->pdata[i]);
}

void
sip_server_expect(SipServer *server, const char *text)
{
    gboolean late = FALSE;
    guint id = g_timeout_add_seconds(WAIT_SECONDS, on_wait_over, &late);

    while (!sip_server_has(server, text) && !late)
        g_main_context_iteration(NULL, TRUE);
    if (late)
        print_events(server, text);
    g_assert_false(late);
    g_source_remove(id);
}

void
sip_server_forget(SipServer *server)
{
    g_ptr_array_set_size(server->events, 0);
}

void
sip_server_end_all(SipServer *server)
{
    for (guint i = 0; i < server->scripts->len; i++)
        mcp_session_end(((Script *)server->scripts->pdata[i])->session, NULL, NULL, NULL);
}

void
sip_server_set_admission(SipServer *server, guint status, guint retry_after)
{
    server->admission = status;
    server->retry_after = retry_after;
}

static gboolean
tick(gpointer user_data)
{
    return G_SOURCE_CONTINUE;
}

gboolean
sip_server_is_idle(SipServer *server)
{
    McpUnit *unit = server->core->units->pdata[0];

    return server->open == 0 && mcp_metrics_get(unit->metrics, MCP_SIP_METRIC_SESSIONS, 0) == 0;
}

void
sip_server_wait_idle(SipServer *server)
{
    gboolean late = FALSE;
    guint id = g_timeout_add_seconds(WAIT_SECONDS, on_wait_over, &late);
    guint ticker = g_timeout_add(10, tick, NULL);

    while (!late && !sip_server_is_idle(server))
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(late);
    g_source_remove(id);
    g_source_remove(ticker);
}

char *
peer_request(const char *method, const char *uri, const char *headers, const char *body)
{
    guint32 id = g_random_int();

    return g_strdup_printf("%s %s SIP/2.0\r\n"
                           "Via: SIP/2.0/UDP 127.0.0.1:@LP@;branch=z9hG4bK%x;rport\r\n"
                           "Max-Forwards: 70\r\nFrom: <sip:test@127.0.0.1>;tag=t%x\r\n"
                           "To: <sip:server@127.0.0.1>\r\nCall-ID: %x@test\r\nCSeq: 1 %s\r\n"
                           "Contact: <sip:test@127.0.0.1:@LP@>\r\n%sContent-Length: %u\r\n\r\n%s",
                           method, uri, id, id, id, method, headers, (guint)strlen(body), body);
}

GSocket *
peer_open(guint *out_port)
{
    g_autoptr(GInetAddress) host = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new(host, 0);
    g_autoptr(GSocketAddress) own = NULL;
    GSocket *socket =
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);

    g_assert_true(g_socket_bind(socket, any, FALSE, NULL));
    own = g_socket_get_local_address(socket, NULL);
    *out_port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(own));
    return socket;
}

static void
send_bytes(GSocket *socket, guint port, const char *bytes, gsize length)
{
    g_autoptr(GInetAddress) host = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new(host, (guint16)port);

    g_socket_send_to(socket, address, bytes, length, NULL, NULL);
}

void
peer_send(GSocket *socket, guint own_port, guint port, const char *text)
{
    g_autofree char *own = g_strdup_printf("%u", own_port);
    g_autoptr(GString) out = g_string_new(text);

    g_string_replace(out, "@LP@", own, 0);
    send_bytes(socket, port, out->str, out->len);
}

char *
peer_read(GSocket *socket, guint timeout)
{
    gint64 end = g_get_monotonic_time() + timeout * G_TIME_SPAN_MILLISECOND;
    char buffer[65536];

    while (g_get_monotonic_time() < end) {
        gssize length = 0;

        while (g_main_context_iteration(NULL, FALSE))
            continue;
        if (!g_socket_condition_timed_wait(socket, G_IO_IN, 5000, NULL, NULL))
            continue;
        length = g_socket_receive(socket, buffer, sizeof buffer - 1, NULL, NULL);
        if (length <= 0)
            continue;
        buffer[length] = '\0';
        return g_strdup(buffer);
    }
    return NULL;
}

char *
peer_answer(const char *request, gboolean sdp)
{
    static const char *const names[] = {"Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: ", NULL};
    g_auto(GStrv) lines = g_strsplit(request, "\r\n", 0);
    GString *out = g_string_new("SIP/2.0 200 OK\r\n");

    for (guint i = 0; lines[i] != NULL; i++) {
        for (guint k = 0; names[k] != NULL; k++) {
            gboolean to = k == 2 && strstr(lines[i], "tag=") == NULL;

            if (g_str_has_prefix(lines[i], names[k]))
                g_string_append_printf(out, "%s%s\r\n", lines[i], to ? ";tag=peer" : "");
        }
    }
    g_string_append_printf(
        out, "Contact: <sip:peer@127.0.0.1:@LP@>\r\n%sContent-Length: %u\r\n\r\n",
        sdp ? "Content-Type: application/sdp\r\n" : "", sdp ? (guint)strlen(plain_sdp) : 0);
    g_string_append(out, sdp ? plain_sdp : "");
    return g_string_free(out, FALSE);
}

char *
peer_exchange(guint port, const char *request, gsize length, guint timeout)
{
    guint own_port = 0;
    g_autoptr(GSocket) socket = peer_open(&own_port);
    char *response = NULL;

    if (memchr(request, '\0', length) == NULL)
        peer_send(socket, own_port, port, request);
    else
        send_bytes(socket, port, request, length);
    while (timeout > 0 && (response = peer_read(socket, timeout)) != NULL &&
           g_str_has_prefix(response, "SIP/2.0 1"))
        g_free(response);
    return response;
}

gboolean
peer_ping(guint port)
{
    g_autofree char *request = peer_request("OPTIONS", "sip:127.0.0.1", "", "");
    g_autofree char *response = peer_exchange(port, request, strlen(request), 5000);

    return response != NULL && g_str_has_prefix(response, "SIP/2.0 200 ");
}
