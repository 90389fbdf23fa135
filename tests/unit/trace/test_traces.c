/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of traces: whom they are about, their limits, the log's level, files and packets. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <string.h>
#include <trace/pcap.h>
#include <trace/trace_file.h>
#include <trace/traces.h>
#include <util/log.h>

typedef struct {
    McpClock *clock;
    McpPool *disk;
    McpTraces *traces;
    char *folder;
    char *id; /* of the last start */
    GError *error;
    gboolean done;
} Fixture;

static GString *logged;
static guint observer;

static void
observe(McpLogLevel level, const char *domain, const char *id, const char *call_id,
        const char *text, gpointer user_data)
{
    g_string_append_printf(logged, "%s/%s ", id, call_id != NULL ? call_id : "-");
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
    fixture->clock = mcp_clock_new_virtual();
    fixture->disk = mcp_pool_new("test", 1, 16);
    fixture->traces = mcp_traces_new(fixture->clock, fixture->disk, g_main_context_default());
    fixture->folder = g_dir_make_tmp("traces-XXXXXX", NULL);
    mcp_traces_set_folder(fixture->traces, fixture->folder);
    logged = g_string_new(NULL);
    observer = mcp_log_add_observer(observe, NULL);
}

static void
on_closed(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    gboolean closed = FALSE;

    mcp_traces_close(fixture->traces, on_closed, &closed);
    while (!closed) {
        mcp_clock_advance(fixture->clock, G_USEC_PER_SEC);
        g_main_context_iteration(NULL, TRUE);
    }
    while (g_main_context_iteration(NULL, FALSE))
        ;
    mcp_log_remove_observer(observer);
    g_string_free(g_steal_pointer(&logged), TRUE);
    g_assert_finalize_object(fixture->traces);
    g_object_unref(fixture->disk);
    g_object_unref(fixture->clock);
    g_clear_error(&fixture->error);
    g_free(fixture->folder);
    g_free(fixture->id);
}

static void
on_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Fixture *fixture = user_data;

    fixture->id = mcp_traces_start_finish(fixture->traces, result, &fixture->error);
    fixture->done = TRUE;
}

static void
start(Fixture *fixture, const McpTraceRequest *request)
{
    g_clear_error(&fixture->error);
    g_clear_pointer(&fixture->id, g_free);
    fixture->done = FALSE;
    mcp_traces_start_async(fixture->traces, request, NULL, on_started, fixture);
    while (!fixture->done)
        g_main_context_iteration(NULL, TRUE);
}

static void
advance(Fixture *fixture, gint64 time)
{
    for (gint64 done = 0; done < time; done += G_USEC_PER_SEC) {
        mcp_clock_advance(fixture->clock, G_USEC_PER_SEC);
        while (g_main_context_iteration(NULL, FALSE))
            ;
    }
}

static char *
list(Fixture *fixture)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_traces_list(fixture->traces, json);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

static void
show(Fixture *fixture, const char *dialog, const char *user, const char *peer)
{
    const char *users[] = {user, NULL};
    McpTraceMessage message = {.transport = "udp",
                               .local = {FALSE, {192, 0, 2, 1}, 5060},
                               .remote = {FALSE, {192, 0, 2, 9}, 5070},
                               .dialog = dialog,
                               .users = users,
                               .peer = peer,
                               .data = "hello",
                               .length = 5};

    g_string_truncate(logged, 0);
    mcp_traces_message(fixture->traces, &message);
}

static void
test_number(Fixture *fixture, gconstpointer data)
{
    McpTraceRequest request = {.scope = MCP_TRACE_NUMBER, .subject = "49*", .messages = TRUE};

    g_assert_false(mcp_traces_wanted(fixture->traces));
    start(fixture, &request);
    g_assert_no_error(fixture->error);
    g_assert_true(mcp_traces_wanted(fixture->traces));
    show(fixture, "d1", "33123", "p");
    g_assert_cmpstr(logged->str, ==, "");
    show(fixture, "d1", "49123", "p");
    g_assert_cmpstr(logged->str, ==, "sip-message/- ");
    /* The rest of the dialog, without the number in it. */
    show(fixture, "d1", "mcp", "p");
    g_assert_cmpstr(logged->str, ==, "sip-message/- ");
    show(fixture, "d2", "mcp", "p");
    g_assert_cmpstr(logged->str, ==, "");
    g_assert_true(mcp_traces_stop(fixture->traces, fixture->id));
    g_assert_false(mcp_traces_stop(fixture->traces, fixture->id));
    g_assert_false(mcp_traces_wanted(fixture->traces));
    show(fixture, "d1", "49123", "p");
    g_assert_cmpstr(logged->str, ==, "");
}

static void
add_calls(McpTraces *traces, gpointer user_data)
{
    const char *users[] = {"x", NULL};
    McpTraceCall call = {"c1", "d1", users, "p1"};

    mcp_traces_add_call(traces, &call);
    call = (McpTraceCall){"c2", "d2", users, "p2"};
    mcp_traces_add_call(traces, &call);
}

/* A call is known by its id and by that of its dialog; the level is raised for its lines alone. */
static void
test_level(Fixture *fixture, gconstpointer data)
{
    static const char *const subjects[] = {"c1", "d1"};
    McpTraceRequest request = {
        .scope = MCP_TRACE_CALL, .raise_level = TRUE, .level = MCP_LOG_DEBUG};

    mcp_traces_set_walk(fixture->traces, add_calls, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(subjects); i++) {
        request.subject = subjects[i];
        start(fixture, &request);
        g_assert_no_error(fixture->error);
        g_assert_false(mcp_traces_wanted(fixture->traces));
        g_assert_true(mcp_log_wanted(MCP_LOG_DEBUG, "c1"));
        g_assert_false(mcp_log_wanted(MCP_LOG_DEBUG, "c2"));
        g_assert_false(mcp_log_wanted(MCP_LOG_DEBUG, NULL));
        g_assert_true(mcp_log_wanted(MCP_LOG_INFO, "c2"));
        g_assert_cmpint(mcp_log_get_level(), ==, MCP_LOG_INFO);
        mcp_traces_stop(fixture->traces, fixture->id);
        g_assert_false(mcp_log_wanted(MCP_LOG_DEBUG, "c1"));
    }
    request.scope = MCP_TRACE_PEER;
    request.subject = "p2";
    start(fixture, &request);
    g_assert_true(mcp_log_wanted(MCP_LOG_DEBUG, "c2"));
    mcp_traces_remove_call(fixture->traces, "c2");
    g_assert_false(mcp_log_wanted(MCP_LOG_DEBUG, "c2"));
    mcp_log_set_level(MCP_LOG_ERROR);
    g_assert_false(mcp_log_wanted(MCP_LOG_INFO, "c2"));
    mcp_log_set_level(MCP_LOG_INFO);
    request.scope = MCP_TRACE_CALL;
    request.subject = "none";
    start(fixture, &request);
    g_assert_error(fixture->error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
    g_assert_null(fixture->id);
}

static void
test_time(Fixture *fixture, gconstpointer data)
{
    McpTraceRequest request = {
        .scope = MCP_TRACE_ALL, .messages = TRUE, .raise_level = TRUE, .level = MCP_LOG_DEBUG};
    g_autofree char *text = NULL;

    start(fixture, &request);
    g_assert_true(mcp_log_wanted(MCP_LOG_DEBUG, NULL));
    advance(fixture, 10 * G_TIME_SPAN_MINUTE - 2 * G_USEC_PER_SEC);
    g_assert_true(mcp_traces_wanted(fixture->traces));
    advance(fixture, 3 * G_USEC_PER_SEC);
    g_assert_false(mcp_traces_wanted(fixture->traces));
    g_assert_false(mcp_log_wanted(MCP_LOG_DEBUG, NULL));
    text = list(fixture);
    g_assert_nonnull(strstr(text, "\"state\":\"time is over\""));
}

static void
test_size(Fixture *fixture, gconstpointer data)
{
    McpTraceRequest request = {.scope = MCP_TRACE_ALL, .text = "t", .max_bytes = 8};
    g_autofree char *text = NULL;
    g_autofree char *path = g_build_filename(fixture->folder, "t", NULL);
    g_autofree char *content = NULL;
    GStatBuf facts;

    start(fixture, &request);
    g_assert_no_error(fixture->error);
    for (guint i = 0; i < 5; i++)
        show(fixture, "d", "u", "p");
    advance(fixture, 2 * G_USEC_PER_SEC);
    text = list(fixture);
    g_assert_nonnull(strstr(text, "\"state\":\"limit of size reached\""));
    g_assert_nonnull(strstr(text, "\"taken\":2,"));
    g_assert_nonnull(strstr(text, "\"dropped\":3"));
    do {
        g_clear_pointer(&content, g_free);
        g_main_context_iteration(NULL, FALSE);
        g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    } while (strlen(content) < 100);
    g_assert_nonnull(
        strstr(content, "received 192.0.2.9:5070 > 192.0.2.1:5060 udp, 5 bytes\nhello"));
    g_assert_cmpint(g_stat(path, &facts), ==, 0);
    g_assert_cmpuint(facts.st_mode & 0777, ==, 0600);
    g_unlink(path);
}

static void
test_refused(Fixture *fixture, gconstpointer data)
{
    const McpTraceRequest requests[] = {
        {.scope = MCP_TRACE_ALL},
        {.scope = MCP_TRACE_ALL, .subject = "x", .messages = TRUE},
        {.scope = MCP_TRACE_PEER, .messages = TRUE},
        {.scope = MCP_TRACE_NUMBER, .subject = "", .messages = TRUE},
        {.scope = MCP_TRACE_ALL, .messages = TRUE, .duration = 25 * G_TIME_SPAN_HOUR},
        {.scope = MCP_TRACE_ALL, .messages = TRUE, .max_bytes = G_MAXINT64},
        {.scope = MCP_TRACE_ALL, .text = "../x"},
        {.scope = MCP_TRACE_ALL, .pcap = ".x"},
        {.scope = MCP_TRACE_ALL, .pcap = "x", .text = "x"},
    };
    McpTraceRequest fine = {.scope = MCP_TRACE_ALL, .messages = TRUE};

    for (guint i = 0; i < G_N_ELEMENTS(requests); i++) {
        start(fixture, &requests[i]);
        g_assert_error(fixture->error, MCP_ERROR, MCP_ERROR_INVALID);
    }
    for (guint i = 0; i < 16; i++) {
        start(fixture, &fine);
        g_assert_no_error(fixture->error);
    }
    start(fixture, &fine);
    g_assert_error(fixture->error, MCP_ERROR, MCP_ERROR_LIMIT);
    mcp_traces_set_folder(fixture->traces, "");
    mcp_traces_stop(fixture->traces, "t1");
    fine.text = "x";
    start(fixture, &fine);
    g_assert_error(fixture->error, MCP_ERROR, MCP_ERROR_INVALID);
    mcp_traces_set_folder(fixture->traces, "/nonexistent");
    start(fixture, &fine);
    g_assert_error(fixture->error, MCP_ERROR, MCP_ERROR_INVALID);
}

/* What waits has a bound; what is beyond is not taken. */
static void
test_bounded(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    McpTraceFile *file = mcp_trace_file_open(fixture->folder, "b", &error);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *path = g_build_filename(fixture->folder, "b", NULL);

    g_assert_no_error(error);
    g_byte_array_set_size(bytes, 1024 * 1024);
    memset(bytes->data, 'x', bytes->len);
    for (guint i = 0; i < 4; i++)
        g_assert_true(mcp_trace_file_add(file, bytes));
    g_assert_false(mcp_trace_file_add(file, bytes));
    g_assert_null(mcp_trace_file_open(fixture->folder, "b", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    mcp_trace_file_close(file, NULL, NULL);
    g_unlink(path);
}

static guint
be(const guint8 *data, guint length)
{
    guint value = 0;

    for (guint i = 0; i < length; i++)
        value = value << 8 | data[i];
    return value;
}

/* IPv6 and a message longer than a packet: lengths and numbers go on. */
static void
test_packets(void)
{
    g_autoptr(McpPcap) pcap = mcp_pcap_new();
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree char *text = g_strnfill(100000, 'x');
    McpTraceMessage message = {.wall = 5000007,
                               .stream = TRUE,
                               .sent = TRUE,
                               .local = {TRUE, {1}, 5060},
                               .remote = {TRUE, {2}, 5070},
                               .data = text,
                               .length = 100000};
    const guint8 *packet = NULL;

    g_assert_true(mcp_pcap_add(pcap, &message, out));
    packet = out->data;
    g_assert_cmpuint(*(const guint32 *)(gconstpointer)packet, ==, 5);
    g_assert_cmpuint(*(const guint32 *)(gconstpointer)(packet + 4), ==, 7);
    g_assert_cmpuint(be(packet + 16, 1), ==, 0x60);
    g_assert_cmpuint(be(packet + 56, 2), ==, 5060);
    g_assert_cmpuint(be(packet + 60, 4), ==, 1);
    packet += 16 + 40 + be(packet + 20, 2);
    g_assert_cmpuint(be(packet + 60, 4), ==, 1 + 65475);
    g_assert_cmpuint((guint)(packet - out->data) + 16 + 40 + be(packet + 20, 2), ==, out->len);
    g_byte_array_set_size(out, 0);
    message.sent = FALSE;
    message.length = 3;
    g_assert_true(mcp_pcap_add(pcap, &message, out));
    g_assert_cmpuint(be(out->data + 56, 2), ==, 5070);
    g_assert_cmpuint(be(out->data + 60, 4), ==, 1);
    g_assert_cmpuint(be(out->data + 64, 4), ==, 100001);
    message.remote.ipv6 = FALSE;
    g_assert_false(mcp_pcap_add(pcap, &message, out));
}

static void
add(const char *path, void (*test)(Fixture *fixture, gconstpointer data))
{
    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

/* What a watcher has seen, as text. */
static void
watch_message(const McpTraceMessage *message, gpointer user_data)
{
    g_string_append_printf(user_data, "%s:%s/%s ", message->kind == MCP_TRACE_RTCP ? "rtcp" : "sip",
                           message->dialog != NULL ? message->dialog : "-",
                           message->call != NULL ? message->call : "-");
}

static void
watch_dialog(const char *call_id, const char *sip_call_id, gpointer user_data)
{
    g_string_append_printf(user_data, "%s=%s ", sip_call_id, call_id);
}

static const McpTraceWatcher watcher = {watch_message, watch_dialog};

static void
test_watchers(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    McpTraceCall call = {.id = "c1", .dialog = "d1"};
    guint number = mcp_traces_watch(fixture->traces, &watcher, seen);

    g_assert_cmpuint(number, !=, 0);
    g_assert_true(mcp_traces_wanted(fixture->traces));
    g_assert_true(mcp_traces_watched(fixture->traces));
    g_assert_true(mcp_traces_is_active(fixture->traces));
    show(fixture, "d1", "49123", "p");
    mcp_traces_add_call(fixture->traces, &call);
    mcp_traces_add_refused(fixture->traces, "r1", "d2");
    call = (McpTraceCall){.id = "c2"};
    mcp_traces_add_call(fixture->traces, &call);
    g_assert_cmpstr(seen->str, ==, "sip:d1/- d1=c1 d2=r1 ");
    g_assert_cmpstr(logged->str, ==, "");
    mcp_traces_unwatch(fixture->traces, number);
    show(fixture, "d1", "49123", "p");
    g_assert_cmpstr(seen->str, ==, "sip:d1/- d1=c1 d2=r1 ");
    g_assert_false(mcp_traces_wanted(fixture->traces));
    g_assert_false(mcp_traces_is_active(fixture->traces));
}

/* Traces are about SIP: neither log nor files get RTCP, and no worker makes it for them. */
static void
test_rtcp(Fixture *fixture, gconstpointer data)
{
    McpTraceRequest request = {.scope = MCP_TRACE_ALL, .messages = TRUE, .pcap = "rtcp.pcap"};
    McpTraceMessage message = {.kind = MCP_TRACE_RTCP, .call = "c1", .transport = "udp"};
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autofree char *listed = NULL;
    guint number = 0;

    start(fixture, &request);
    g_assert_no_error(fixture->error);
    g_assert_false(mcp_traces_watched(fixture->traces));
    number = mcp_traces_watch(fixture->traces, &watcher, seen);
    g_string_truncate(logged, 0);
    mcp_traces_message(fixture->traces, &message);
    g_assert_cmpstr(seen->str, ==, "rtcp:-/c1 ");
    g_assert_cmpstr(logged->str, ==, "");
    listed = list(fixture);
    g_assert_nonnull(strstr(listed, "\"taken\":0"));
    mcp_traces_unwatch(fixture->traces, number);
}

static void
test_many_watchers(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    guint numbers[8] = {0};
    guint n = 0;

    while (n < G_N_ELEMENTS(numbers)) {
        numbers[n] = mcp_traces_watch(fixture->traces, &watcher, seen);
        if (numbers[n] == 0)
            break;
        n++;
    }
    g_assert_cmpuint(n, ==, 4);
    mcp_traces_unwatch(fixture->traces, 0);
    mcp_traces_unwatch(fixture->traces, 99);
    mcp_traces_unwatch(fixture->traces, numbers[1]);
    mcp_traces_unwatch(fixture->traces, numbers[1]);
    show(fixture, "d", "u", "p");
    g_assert_cmpstr(seen->str, ==, "sip:d/- sip:d/- sip:d/- ");
    g_assert_cmpuint(mcp_traces_watch(fixture->traces, &watcher, seen), ==, numbers[1]);
    for (guint i = 0; i < n; i++)
        mcp_traces_unwatch(fixture->traces, numbers[i]);
    g_assert_false(mcp_traces_watched(fixture->traces));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/trace/number", test_number);
    add("/trace/level", test_level);
    add("/trace/time", test_time);
    add("/trace/size", test_size);
    add("/trace/refused", test_refused);
    add("/trace/bounded", test_bounded);
    add("/trace/watchers", test_watchers);
    add("/trace/many-watchers", test_many_watchers);
    add("/trace/rtcp", test_rtcp);
    g_test_add_func("/trace/packets", test_packets);
    return g_test_run();
}
