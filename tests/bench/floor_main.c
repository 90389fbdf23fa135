/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcp-floor: answers every call at once and moves packets, nothing else. What a server costs above
 * this is its own doing. SIP runs on the main thread and is as small as it can be on a network
 * without loss: "short" calls are hung up after a second, all others play until the caller leaves.
 */
#include "floor_media.h"
#include "sip_transport.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define SHORT_CALL_US G_USEC_PER_SEC

typedef struct {
    McpBenchLoop *loop;
    McpBenchSipTransport *transport;
    McpFloorMedia *media;
    struct sockaddr_in local;
    GHashTable *calls; /* Call-ID -> Call */
} Floor;

typedef struct {
    Floor *floor;
    char *id;
    char *answer; /* the 200, for a repeated INVITE */
    GString *bye; /* prepared with the answer, sent after a short call */
    struct sockaddr_in caller;
    McpFloorLeg *leg;
    McpBenchTimer timer;
    gboolean is_short;
    gboolean leaving;
} Call;

static void
call_free(gpointer data)
{
    Call *call = data;
    mcp_bench_loop_disarm(call->floor->loop, &call->timer);
    mcp_floor_leg_stop(call->floor->media, call->leg);
    mcp_floor_leg_free(call->leg);
    g_free(call->answer);
    g_string_free(call->bye, TRUE);
    g_free(call->id);
    g_free(call);
}

static void
respond(Floor *floor, const struct sockaddr_in *to, const McpBenchSipMessage *request,
        const char *status_line)
{
    g_autoptr(GString) text = g_string_new(NULL);
    mcp_bench_sip_append_response(text, request, status_line, "floor", "", "");
    mcp_bench_sip_transport_send(floor->transport, 0, to, text->str, text->len);
}

static void
on_short_call_over(gpointer user_data)
{
    Call *call = user_data;
    call->leaving = TRUE;
    mcp_floor_leg_stop(call->floor->media, call->leg);
    mcp_bench_sip_transport_send(call->floor->transport, 0, &call->caller, call->bye->str,
                                 call->bye->len);
}

/* The BYE of the called side: From and To of the INVITE change places. */
static GString *
bye_new(Floor *floor, const McpBenchSipMessage *invite)
{
    const char *contact = mcp_bench_sip_header(invite, "Contact");
    const char *from = mcp_bench_sip_header(invite, "From");
    const char *to = mcp_bench_sip_header(invite, "To");
    if (contact == NULL || from == NULL || to == NULL)
        return NULL;
    g_autofree char *target = mcp_bench_sip_uri_of(contact);
    g_autofree char *address = mcp_bench_address_string(&floor->local);
    GString *bye = g_string_new(NULL);
    g_string_printf(bye,
                    "BYE %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%u;branch=z9hG4bK%08x%08x\r\n"
                    "Max-Forwards: 70\r\nFrom: %s;tag=floor\r\nTo: %s\r\nCall-ID: %s\r\n"
                    "CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
                    target, address, ntohs(floor->local.sin_port), g_random_int(), g_random_int(),
                    to, from, mcp_bench_sip_header(invite, "Call-ID"));
    return bye;
}

static char *
answer_new(Floor *floor, const McpBenchSipMessage *invite, const McpFloorLeg *leg)
{
    guint16 port = ntohs(leg->local.sin_port);
    guint sip_port = ntohs(floor->local.sin_port);
    g_autofree char *address = mcp_bench_address_string(&floor->local);
    g_autofree char *sdp = mcp_bench_sdp_new(address, port, (guint16)(port + 1),
                                             mcp_bench_codec_get(MCP_BENCH_PCMU), -1);
    g_autofree char *extra = g_strdup_printf("Contact: <sip:floor@%s:%u>\r\n"
                                             "Content-Type: application/sdp\r\n",
                                             address, sip_port);
    GString *text = g_string_new(NULL);
    mcp_bench_sip_append_response(text, invite, "200 OK", "floor", extra, sdp);
    return g_string_free(text, FALSE);
}

static Call *
call_new(Floor *floor, const McpBenchSipMessage *invite, const struct sockaddr_in *from)
{
    McpBenchSdpAudio audio;
    g_autoptr(GString) bye = bye_new(floor, invite);
    if (bye == NULL || !mcp_bench_sdp_parse(invite->body, invite->body_length, &audio, NULL))
        return NULL;
    McpFloorLeg *leg = mcp_floor_leg_new(floor->media, &floor->local, NULL);
    if (leg == NULL)
        return NULL;
    if (!mcp_bench_resolve(audio.address, audio.port, &leg->remote, NULL)) {
        mcp_floor_leg_free(leg);
        return NULL;
    }
    Call *call = g_new0(Call, 1);
    call->floor = floor;
    call->id = g_strdup(mcp_bench_sip_header(invite, "Call-ID"));
    call->bye = g_steal_pointer(&bye);
    call->caller = *from;
    call->leg = leg;
    call->is_short = g_str_has_prefix(invite->request_uri, "sip:short@");
    call->answer = answer_new(floor, invite, leg);
    mcp_bench_timer_init(&call->timer, on_short_call_over, call);
    return call;
}

static void
on_invite(Floor *floor, Call *call, const McpBenchSipMessage *message,
          const struct sockaddr_in *from)
{
    if (call == NULL) {
        call = call_new(floor, message, from);
        if (call == NULL) {
            respond(floor, from, message, "488 Not Acceptable Here");
            return;
        }
        g_hash_table_insert(floor->calls, call->id, call);
    }
    mcp_bench_sip_transport_send(floor->transport, 0, from, call->answer, strlen(call->answer));
}

static void
on_message(const McpBenchSipMessage *message, guint path, const struct sockaddr_in *from,
           gint64 time_us, gpointer user_data)
{
    Floor *floor = user_data;
    const char *id = mcp_bench_sip_header(message, "Call-ID");
    Call *call = id != NULL ? g_hash_table_lookup(floor->calls, id) : NULL;
    if (!message->is_request) {
        if (call != NULL && call->leaving && message->status >= 200)
            g_hash_table_remove(floor->calls, id);
    } else if (id != NULL && strcmp(message->method, "INVITE") == 0) {
        on_invite(floor, call, message, from);
    } else if (strcmp(message->method, "ACK") == 0) {
        if (call == NULL || call->leaving || call->timer.place != 0)
            return;
        mcp_floor_leg_play(floor->media, call->leg);
        if (call->is_short)
            mcp_bench_loop_arm(floor->loop, &call->timer, mcp_bench_now_us() + SHORT_CALL_US);
    } else if (strcmp(message->method, "BYE") == 0 && call != NULL) {
        respond(floor, from, message, "200 OK");
        g_hash_table_remove(floor->calls, id);
    } else {
        gboolean options = strcmp(message->method, "OPTIONS") == 0;
        respond(floor, from, message, options ? "200 OK" : "481 Call Does Not Exist");
    }
}

static void
on_signal(int fd, guint32 events, gpointer user_data)
{
    mcp_bench_loop_quit(user_data);
}

static gboolean
watch_signals(McpBenchLoop *loop, GError **error)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return mcp_bench_loop_watch(loop, signalfd(-1, &set, SFD_CLOEXEC), EPOLLIN, on_signal, loop,
                                error);
}

static int
serve(const struct sockaddr_in *local, guint phases, GError **error)
{
    g_autoptr(McpBenchLoop) loop = mcp_bench_loop_new(error);
    if (loop == NULL || !watch_signals(loop, error)) /* before the thread, which inherits */
        return EXIT_FAILURE;
    Floor floor = {.loop = loop, .local = *local};
    g_autoptr(McpBenchSipTransport) transport =
        mcp_bench_sip_transport_new(loop, on_message, &floor);
    if (!mcp_bench_sip_transport_add_udp(transport, local, error))
        return EXIT_FAILURE;
    floor.transport = transport;
    floor.media = mcp_floor_media_new(phases, error);
    if (floor.media == NULL)
        return EXIT_FAILURE;
    floor.calls = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, call_free);
    g_print("%d\n", (int)getpid());
    fflush(stdout);
    mcp_bench_loop_run(loop);
    g_hash_table_unref(floor.calls);
    McpFloorCounts counts = mcp_floor_media_finish(floor.media);
    mcp_floor_media_free(floor.media);
    g_print("media thread: %.3f CPU-s, %" G_GUINT64_FORMAT " packets sent, %" G_GUINT64_FORMAT
            " received, latest tick %.1f ms\n",
            counts.cpu_s, counts.sent, counts.received, (double)counts.latest_us / 1e3);
    return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
    g_autofree char *address = NULL;
    int port = 5080;
    int phases = 4;
    const GOptionEntry entries[] = {
        {"address", 'a', 0, G_OPTION_ARG_STRING, &address, "where to listen (127.0.0.1)", "IP"},
        {"port", 'p', 0, G_OPTION_ARG_INT, &port, "SIP port, UDP (5080)", "PORT"},
        {"phases", 0, 0, G_OPTION_ARG_INT, &phases,
         "groups that the calls are served in within 20 ms: 1, 2, 4, 5, 10 or 20 (4)", "N"},
        {NULL}};
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(
        context, "Answers every call and moves packets: the floor of a bench.\n"
                 "Prints its pid first and its media thread's CPU time at the end.");
    g_option_context_add_main_entries(context, entries, NULL);
    struct sockaddr_in local;
    struct rlimit limit;
    if (!g_option_context_parse(context, &argc, &argv, &error) ||
        !mcp_bench_resolve(address != NULL ? address : "127.0.0.1", (guint16)port, &local,
                           &error)) {
        g_printerr("mcp-floor: %s\n", error->message);
        return 2;
    }
    if (phases < 1 || phases > 20 || 20 % phases != 0 || port < 1 || port > 65535) {
        g_printerr("mcp-floor: --phases must divide 20, --port be 1 to 65535\n");
        return 2;
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    int code = serve(&local, (guint)phases, &error);
    if (error != NULL)
        g_printerr("mcp-floor: %s\n", error->message);
    return code;
}
