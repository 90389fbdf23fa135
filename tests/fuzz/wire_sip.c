/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changed SIP and SDP messages over the wire, at the whole SIP plugin on a sanitized sofia-sip: a
 * third are messages of the seeds, a third well-formed INVITEs with a changed session description,
 * a third requests within a call that was really set up. They go in batches over UDP and TCP;
 * meanwhile the platform places a call, whose requests get changed answers of many kinds. After
 * each batch OPTIONS must be answered over both. A batch is written to a file before it is
 * sent, so that a crash leaves it behind.
 *
 *   wire_sip [--messages=N] [--seed=N] [--batch-file=FILE] SEED-FILE-OR-FOLDER…
 *
 * A seed that begins with "v=" is a session description.
 */
#include "mutation.h"
#include "sip_server.h"

#include <mcp/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 32
#define TCP_SHARE 8 /* one message of so many */
#define MOST_CHANGES 4
#define PROGRESS 5000
#define PING_TIMEOUT 5000 /* ms */
#define MAX_DATAGRAM 65000
#define CALL_TIMEOUT 500 /* ms to a final response */
#define PLACE_DEADLINE (5 * G_USEC_PER_SEC)
/* A changed Contact may name an address where nobody answers a BYE: RFC 3261 §17.1.2.2, timer F. */
#define FINISH_TIME (80 * G_USEC_PER_SEC)

typedef struct {
    int messages;
    int seed;
    char *batch_file;
} Options;

/* A call that was set up for one batch: what a request within it needs. */
typedef struct {
    char *ids; /* From, To and Call-ID lines */
    guint cseq;
} Call;

typedef struct {
    Options options;
    SipServer *server;
    GRand *numbers;
    GPtrArray *messages; /* GBytes */
    GPtrArray *descriptions;
    GSocket *socket;
    guint own_port;
    GPtrArray *batch;   /* GBytes over UDP */
    GByteArray *stream; /* what goes over TCP */
    guint sent;
    guint over_tcp;
    guint pings;
    guint answered;
    guint calls;
    guint answers;
    gboolean finishing; /* answers are true now */
    gint64 start;
} Run;

static void
add_seed(Run *run, const char *path)
{
    char *text = NULL;
    gsize length = 0;
    gboolean description = FALSE;

    if (!g_file_get_contents(path, &text, &length, NULL) || length == 0) {
        g_free(text);
        return;
    }
    description = g_str_has_prefix(text, "v=");
    g_ptr_array_add(description ? run->descriptions : run->messages,
                    g_bytes_new_take(text, length));
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of their names, so that a seed number means the same run everywhere. */
static void
add_seeds(Run *run, const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name = NULL;

    if (dir == NULL) {
        add_seed(run, path);
        return;
    }
    while ((name = g_dir_read_name(dir)) != NULL)
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_ptr_array_sort(names, compare);
    for (guint i = 0; i < names->len; i++)
        add_seeds(run, names->pdata[i]);
}

static GString *
pick(Run *run, GPtrArray *seeds)
{
    GBytes *seed = seeds->pdata[g_rand_int_range(run->numbers, 0, (gint)seeds->len)];

    return g_string_new_len(g_bytes_get_data(seed, NULL), (gssize)g_bytes_get_size(seed));
}

static GString *
changed_message(Run *run)
{
    GString *text = pick(run, run->messages);

    mutate_some(text, run->numbers, MOST_CHANGES);
    return text;
}

/* The head is sound and says the length, so that the body is what is read. */
static void
append_description(Run *run, GString *head)
{
    g_autoptr(GString) body = pick(run, run->descriptions);

    mutate_some(body, run->numbers, MOST_CHANGES);
    g_string_append_printf(head, "Content-Type: application/sdp\r\nContent-Length: %u\r\n\r\n",
                           (guint)body->len);
    g_string_append_len(head, body->str, (gssize)body->len);
}

static GString *
changed_description(Run *run)
{
    static const char *const users[] = {"answer", "busy", "early", "hangup", "info", "reoffer"};
    const char *user = users[g_rand_int_range(run->numbers, 0, G_N_ELEMENTS(users))];
    guint32 id = g_rand_int(run->numbers);
    GString *text = g_string_new(NULL);

    g_string_printf(text,
                    "INVITE sip:%s@127.0.0.1 SIP/2.0\r\n"
                    "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK%x;rport\r\nMax-Forwards: 70\r\n"
                    "From: <sip:test@127.0.0.1>;tag=t%x\r\nTo: <sip:server@127.0.0.1>\r\n"
                    "Call-ID: %x@wire\r\nCSeq: 1 INVITE\r\n"
                    "Contact: <sip:test@127.0.0.1:%u>\r\n",
                    user, run->own_port, id, id, id, run->own_port);
    append_description(run, text);
    return text;
}

/* A request of the call's own, then changed a little. */
static GString *
call_request(Run *run, Call *call, const char *method, const char *tail)
{
    GString *text = g_string_new(NULL);

    g_string_printf(text,
                    "%s sip:server@127.0.0.1 SIP/2.0\r\n"
                    "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK%x;rport\r\nMax-Forwards: 70\r\n"
                    "%sCSeq: %u %s\r\nContact: <sip:test@127.0.0.1:%u>\r\n%s",
                    method, run->own_port, g_rand_int(run->numbers), call->ids, call->cseq, method,
                    run->own_port, tail);
    return text;
}

/* What goes behind the head of each request; a session description where there is nothing. */
static const struct {
    const char *method;
    const char *tail;
} requests[] = {
    {"INVITE", NULL},
    {"UPDATE", NULL},
    {"INFO", "Content-Type: application/dtmf-relay\r\nContent-Length: 24\r\n\r\n"
             "Signal=5\r\nDuration=160\r\n"},
    {"BYE", "Reason: SIP;cause=200;text=\"bye\"\r\nContent-Length: 0\r\n\r\n"},
    {"ACK", "Content-Length: 0\r\n\r\n"},
    {"CANCEL", "Content-Length: 0\r\n\r\n"},
    {"PRACK", "RAck: 1 1 INVITE\r\nContent-Length: 0\r\n\r\n"},
    {"REFER", "Refer-To: <sip:carol@127.0.0.1?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n"
              "Referred-By: <sip:test@127.0.0.1>\r\nContent-Length: 0\r\n\r\n"},
    {"NOTIFY", "Event: refer\r\nSubscription-State: active\r\nContent-Type: message/sipfrag\r\n"
               "Content-Length: 21\r\n\r\nSIP/2.0 180 Ringing\r\n"},
};

static GString *
changed_request(Run *run, Call *call)
{
    guint which = (guint)g_rand_int_range(run->numbers, 0, G_N_ELEMENTS(requests));
    GString *text = NULL;

    call->cseq++;
    if (requests[which].tail != NULL) {
        text = call_request(run, call, requests[which].method, requests[which].tail);
        mutate_some(text, run->numbers, 2);
        return text;
    }
    text = call_request(run, call, requests[which].method, "");
    append_description(run, text);
    return text;
}

static void
send_datagram(Run *run, const char *bytes, gsize length)
{
    g_autoptr(GInetAddress) host = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) to =
        g_inet_socket_address_new(host, (guint16)sip_server_port(run->server));

    g_socket_send_to(run->socket, to, bytes, MIN(length, MAX_DATAGRAM), NULL, NULL);
}

/* Returns: (nullable): the line of @response that begins with @name. */
static char *
line_of(const char *response, const char *name)
{
    const char *line = strstr(response, name);
    const char *end = line != NULL ? strstr(line, "\r\n") : NULL;

    return end != NULL ? g_strndup(line, (gsize)(end - line)) : NULL;
}

/* Acknowledges a reliable provisional response (RFC 3262), which the 200 waits for. */
static void
acknowledge_progress(Run *run, Call *call, const char *response)
{
    g_autofree char *sequence = line_of(response, "RSeq: ");
    g_autofree char *tail = NULL;
    g_autoptr(GString) prack = NULL;

    if (sequence == NULL)
        return;
    call->cseq++;
    tail = g_strdup_printf("RAck: %s 1 INVITE\r\nContent-Length: 0\r\n\r\n",
                           sequence + strlen("RSeq: "));
    prack = call_request(run, call, "PRACK", tail);
    send_datagram(run, prack->str, prack->len);
}

static void
learn_ids(Call *call, const char *response)
{
    g_autofree char *from = line_of(response, "From: ");
    g_autofree char *to = line_of(response, "To: ");
    g_autofree char *id = line_of(response, "Call-ID: ");

    g_free(call->ids);
    call->ids = g_strdup_printf("%s\r\n%s\r\n%s\r\n", from, to, id);
}

static char *
make_invite(Run *run)
{
    static const char *const users[] = {"answer",   "info",  "reoffer", "hangup",
                                        "stubborn", "early", "patient"};
    static const char *const headers[] = {
        "", "Supported: 100rel, timer\r\nSession-Expires: 1800;refresher=uas\r\n",
        "Require: 100rel\r\n", "Supported: timer\r\nSession-Expires: 90\r\nMin-SE: 90\r\n"};
    const char *user = users[g_rand_int_range(run->numbers, 0, G_N_ELEMENTS(users))];
    const char *header = headers[g_rand_int_range(run->numbers, 0, G_N_ELEMENTS(headers))];
    g_autofree char *uri = g_strdup_printf("sip:%s@127.0.0.1", user);
    g_autofree char *lines = g_strconcat(header, "Content-Type: application/sdp\r\n", NULL);

    return peer_request("INVITE", uri, lines, peer_sdp());
}

/* Calls and acknowledges. Returns: whether there is a call; @call has ids for an early one too. */
static gboolean
set_up(Run *run, Call *call)
{
    g_autofree char *invite = make_invite(run);
    g_autofree char *id = line_of(invite, "Call-ID: ");
    g_autofree char *response = NULL;
    guint cseq = 0;
    g_autoptr(GString) ack = NULL;

    call->cseq = 1;
    peer_send(run->socket, run->own_port, sip_server_port(run->server), invite);
    while ((response = peer_read(run->socket, CALL_TIMEOUT)) != NULL) {
        if (strstr(response, id) != NULL && !g_str_has_prefix(response, "SIP/2.0 100"))
            learn_ids(call, response);
        if (call->ids != NULL && strstr(response, "\nCSeq: 1 INVITE") != NULL &&
            strstr(response, id) != NULL) {
            if (!g_str_has_prefix(response, "SIP/2.0 1"))
                break;
            acknowledge_progress(run, call, response);
            /* It answers offers first, and never this INVITE: an early dialog for the batch. */
            if (strstr(invite, "sip:patient@") != NULL)
                return FALSE;
        }
        g_clear_pointer(&response, g_free);
    }
    if (response == NULL || !g_str_has_prefix(response, "SIP/2.0 2")) {
        g_clear_pointer(&call->ids, g_free);
        return FALSE;
    }
    cseq = call->cseq;
    call->cseq = 1;
    ack = call_request(run, call, "ACK", "Content-Length: 0\r\n\r\n");
    call->cseq = cseq;
    send_datagram(run, ack->str, ack->len);
    run->calls++;
    return TRUE;
}

static void
hang_up(Run *run, Call *call)
{
    g_autoptr(GString) bye = NULL;

    call->cseq += 1000;
    bye = call_request(run, call, "BYE", "Content-Length: 0\r\n\r\n");
    send_datagram(run, bye->str, bye->len);
    g_free(call->ids);
}

static void
make_batch(Run *run, Call *call, guint count)
{
    g_ptr_array_set_size(run->batch, 0);
    g_byte_array_set_size(run->stream, 0);
    for (guint i = 0; i < count; i++) {
        guint kind = (guint)g_rand_int_range(run->numbers, 0, call->ids != NULL ? 3 : 2);
        g_autoptr(GString) text = kind == 0   ? changed_message(run)
                                  : kind == 1 ? changed_description(run)
                                              : changed_request(run, call);

        if (i % TCP_SHARE == 0) {
            g_byte_array_append(run->stream, (const guint8 *)text->str, (guint)text->len);
            run->over_tcp++;
        } else {
            g_ptr_array_add(run->batch, g_bytes_new(text->str, text->len));
        }
    }
}

static void
keep_batch(Run *run)
{
    FILE *file = run->options.batch_file != NULL ? fopen(run->options.batch_file, "wb") : NULL;

    if (file == NULL)
        return;
    for (guint i = 0; i < run->batch->len; i++) {
        GBytes *bytes = run->batch->pdata[i];

        fprintf(file, "\n--- udp %u\n", (guint)g_bytes_get_size(bytes));
        fwrite(g_bytes_get_data(bytes, NULL), 1, g_bytes_get_size(bytes), file);
    }
    fprintf(file, "\n--- tcp %u\n", run->stream->len);
    fwrite(run->stream->data, 1, run->stream->len, file);
    fclose(file);
}

static GSocketConnection *
connect_tcp(Run *run)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GError) error = NULL;
    GSocketConnection *connection = NULL;

    g_socket_client_set_enable_proxy(client, FALSE);
    g_socket_client_set_timeout(client, PING_TIMEOUT / 1000);
    connection = g_socket_client_connect_to_host(
        client, "127.0.0.1", (guint16)sip_server_port(run->server), NULL, &error);
    if (error != NULL)
        g_printerr("connecting over TCP: %s\n", error->message);
    return connection;
}

static void
send_batch(Run *run)
{
    g_autoptr(GSocketConnection) connection = connect_tcp(run);

    if (connection != NULL)
        g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(connection)),
                                  run->stream->data, run->stream->len, NULL, NULL, NULL);
    for (guint i = 0; i < run->batch->len; i++) {
        gsize length = 0;
        const char *bytes = g_bytes_get_data(run->batch->pdata[i], &length);

        send_datagram(run, bytes, length);
    }
}

static gboolean
ping_tcp(Run *run)
{
    g_autoptr(GSocketConnection) connection = connect_tcp(run);
    g_autofree char *request = peer_request("OPTIONS", "sip:127.0.0.1", "", "");
    g_autoptr(GString) text = g_string_new(request);
    char buffer[4096];
    gssize length = 0;

    if (connection == NULL)
        return FALSE;
    g_string_replace(text, "/UDP", "/TCP", 1);
    g_string_replace(text, "@LP@", "5060", 0);
    g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(connection)), text->str,
                              text->len, NULL, NULL, NULL);
    length = g_input_stream_read(g_io_stream_get_input_stream(G_IO_STREAM(connection)), buffer,
                                 sizeof buffer - 1, NULL, NULL);
    buffer[MAX(length, 0)] = '\0';
    return g_str_has_prefix(buffer, "SIP/2.0 200 ");
}

/* What may come before the 200 to an INVITE of the platform's, or instead. */
static const char *const beginnings[] = {
    "SIP/2.0 100 Trying",
    "SIP/2.0 180 Ringing",
    "SIP/2.0 183 Session Progress\r\nRequire: 100rel\r\nRSeq: 7",
    "SIP/2.0 183 Session Progress\r\nRequire: 100rel\r\nRSeq: 8",
    "SIP/2.0 302 Moved Temporarily\r\nContact: <sip:moved@127.0.0.1:@LP@>;q=0.5",
    "SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"b\", qop=\"auth\"",
    "SIP/2.0 407 Proof\r\nProxy-Authenticate: Digest realm=\"a\",nonce=\"b\"",
    "SIP/2.0 422 Session Interval Too Small\r\nMin-SE: 3600",
    "SIP/2.0 486 Busy Here\r\nReason: Q.850;cause=17;text=\"busy\"",
    "SIP/2.0 491 Request Pending",
    "SIP/2.0 503 Service Unavailable\r\nRetry-After: 1",
    "SIP/2.0 200 OK\r\nRequire: timer\r\nSession-Expires: 90;refresher=uas",
};

static void
send_answer(Run *run, const char *answer, const char *beginning)
{
    g_autoptr(GString) text = g_string_new(answer);

    if (beginning != NULL) {
        g_string_erase(text, 0, (gssize)strcspn(text->str, "\r"));
        g_string_prepend(text, beginning);
    }
    if (!run->finishing && g_rand_boolean(run->numbers))
        mutate_some(text, run->numbers, 2);
    peer_send(run->socket, run->own_port, sip_server_port(run->server), text->str);
    run->answers++;
}

/* Most calls that changed messages have set up: else all sessions would wait for their ACKs. */
static void
take_response(Run *run, const char *response)
{
    Call call = {.cseq = 1};
    g_autoptr(GString) ack = NULL;

    if (!g_str_has_prefix(response, "SIP/2.0 2") || strstr(response, "\nCSeq: 1 INVITE") == NULL ||
        g_rand_int_range(run->numbers, 0, 8) == 0)
        return;
    learn_ids(&call, response);
    ack = call_request(run, &call, "ACK", "Content-Length: 0\r\n\r\n");
    send_datagram(run, ack->str, ack->len);
    g_free(call.ids);
}

/* What a CANCEL is about ends with it. */
static void
end_cancelled(Run *run, const char *answer)
{
    g_autoptr(GString) text = g_string_new(answer);

    g_string_replace(text, " CANCEL\r\n", " INVITE\r\n", 1);
    send_answer(run, text->str, "SIP/2.0 487 Request Terminated");
}

/* Requests of the platform get answers, every other one changed. */
static void
answer_requests(Run *run)
{
    while (g_socket_condition_check(run->socket, G_IO_IN) & G_IO_IN) {
        char buffer[65536];
        gssize length = g_socket_receive(run->socket, buffer, sizeof buffer - 1, NULL, NULL);
        g_autofree char *answer = NULL;

        if (length < 0)
            break;
        buffer[length] = '\0';
        if (g_str_has_prefix(buffer, "SIP/2.0 "))
            take_response(run, buffer);
        if (g_str_has_prefix(buffer, "SIP/2.0 ") || g_str_has_prefix(buffer, "ACK "))
            continue;
        answer = peer_answer(buffer, g_str_has_prefix(buffer, "INVITE "));
        for (int i = g_rand_int_range(run->numbers, 0, 4); i > 0 && !run->finishing; i--)
            send_answer(run, answer,
                        beginnings[g_rand_int_range(run->numbers, 0, G_N_ELEMENTS(beginnings))]);
        send_answer(run, answer, NULL);
        if (g_str_has_prefix(buffer, "CANCEL "))
            end_cancelled(run, answer);
    }
}

/* (transfer full): a call of the platform's to this socket, with an offer or without. */
static McpSession *
place(Run *run)
{
    g_autofree char *target = g_strdup_printf("sip:test@127.0.0.1:%u", run->own_port);

    return sip_server_place(run->server, target, g_rand_boolean(run->numbers), PLACE_DEADLINE);
}

/* How many datagrams the kernel threw away before the platform read them; -1 unknown. */
static gint64
lost_datagrams(Run *run)
{
    g_autofree char *table = NULL;
    g_autofree char *port = g_strdup_printf("0100007F:%04X ", sip_server_port(run->server));
    const char *row = NULL;
    const char *end = NULL;

    if (!g_file_get_contents("/proc/net/udp", &table, NULL, NULL))
        return -1;
    row = strstr(table, port);
    end = row != NULL ? strchr(row, '\n') : NULL;
    if (end == NULL)
        return -1;
    while (end > row && g_ascii_isspace(end[-1]))
        end--;
    while (end > row && g_ascii_isdigit(end[-1]))
        end--;
    return g_ascii_strtoll(end, NULL, 10);
}

static void
show_progress(Run *run)
{
    double seconds = (double)(g_get_monotonic_time() - run->start) / G_USEC_PER_SEC;

    printf("%u of %d messages in %.0f s, %u over TCP, %u calls, %u answers; "
           "OPTIONS answered %u of %u times\n",
           run->sent, run->options.messages, seconds, run->over_tcp, run->calls, run->answers,
           run->answered, run->pings);
    fflush(stdout);
}

/* Returns: whether OPTIONS was answered over both transports. */
static gboolean
run_batch(Run *run)
{
    guint count = (guint)MIN(BATCH, run->options.messages - (int)run->sent);
    Call call = {0};
    g_autoptr(McpSession) placed = NULL;

    answer_requests(run);
    set_up(run, &call);
    placed = place(run);
    make_batch(run, &call, count);
    keep_batch(run);
    send_batch(run);
    run->sent += count;
    run->pings += 2;
    run->answered += peer_ping(sip_server_port(run->server)) ? 1 : 0;
    run->answered += ping_tcp(run) ? 1 : 0;
    answer_requests(run);
    if (call.ids != NULL)
        hang_up(run, &call);
    sip_server_end_all(run->server);
    sip_server_forget(run->server);
    return run->answered == run->pings;
}

static gboolean
run_all(Run *run)
{
    guint shown = 0;
    gboolean alive = TRUE;

    while (alive && (int)run->sent < run->options.messages) {
        alive = run_batch(run);
        if (run->sent / PROGRESS > shown) {
            shown = run->sent / PROGRESS;
            show_progress(run);
        }
    }
    show_progress(run);
    printf("%" G_GINT64_FORMAT " datagrams lost before they were read\n", lost_datagrams(run));
    return alive && run->calls > 0;
}

static void
parse_options(Run *run, int *argc, char ***argv)
{
    const GOptionEntry entries[] = {
        {"messages", 0, 0, G_OPTION_ARG_INT, &run->options.messages, "how many", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT, &run->options.seed, "of the random changes", "N"},
        {"batch-file", 0, 0, G_OPTION_ARG_FILENAME, &run->options.batch_file,
         "keep the batch under way", "FILE"},
        {NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new("SEEDS…");
    g_autoptr(GError) error = NULL;

    run->options.messages = 5000;
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        g_printerr("%s\n", error->message);
        exit(2);
    }
}

/* What a changed message has begun nobody else ends: the last BYE may come too late for it. */
static void
finish(Run *run)
{
    gint64 end = g_get_monotonic_time() + FINISH_TIME;
    gint64 next = 0;

    run->finishing = TRUE;
    while (!sip_server_is_idle(run->server) && g_get_monotonic_time() < end) {
        /* Again and again: the last INVITE may still be on its way. */
        if (g_get_monotonic_time() >= next) {
            sip_server_end_all(run->server);
            next = g_get_monotonic_time() + G_USEC_PER_SEC;
        }
        answer_requests(run);
        g_main_context_iteration(NULL, FALSE);
        g_socket_condition_timed_wait(run->socket, G_IO_IN, G_USEC_PER_SEC / 100, NULL, NULL);
    }
    sip_server_wait_idle(run->server);
}

static void
run_clear(Run *run)
{
    finish(run);
    sip_server_free(run->server);
    g_object_unref(run->socket);
    g_ptr_array_unref(run->messages);
    g_ptr_array_unref(run->descriptions);
    g_ptr_array_unref(run->batch);
    g_byte_array_unref(run->stream);
    g_rand_free(run->numbers);
    g_free(run->options.batch_file);
}

int
main(int argc, char **argv)
{
    Run run = {
        .messages = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref),
        .descriptions = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref),
        .batch = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref),
        .stream = g_byte_array_new(),
        .start = g_get_monotonic_time(),
    };
    gboolean alive = FALSE;

    parse_options(&run, &argc, &argv);
    for (int i = 1; i < argc; i++)
        add_seeds(&run, argv[i]);
    if (run.messages->len == 0 || run.descriptions->len == 0) {
        g_printerr("no seeds: SIP messages and session descriptions are needed\n");
        return 2;
    }
    run.numbers = g_rand_new_with_seed((guint32)run.options.seed);
    printf("seed %d, %u messages and %u session descriptions to change\n", run.options.seed,
           run.messages->len, run.descriptions->len);
    run.server = sip_server_new();
    mcp_log_set_level(MCP_LOG_ERROR);
    run.socket = peer_open(&run.own_port);
    alive = run_all(&run);
    run_clear(&run);
    return alive ? 0 : 1;
}
