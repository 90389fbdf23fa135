/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of a connection to a broker: one in this process, which answers by the rules, refuses, says
 * nothing, or says nonsense.
 */
#include <mcp/error.h>
#include <openwire/link.h>
#include <string.h>

typedef enum {
    BROKER_GOOD,
    BROKER_DULL,
    BROKER_REFUSES,
    BROKER_SILENT,
    BROKER_NONSENSE,
    BROKER_LEAVES
} Manner;

typedef struct {
    Manner manner;
    GSocketService *service;
    guint16 port;
    GSocketConnection *connection; /* nullable */
    GByteArray *received;
    guint8 part[4096];
    guint seen[256]; /* commands by type */
    McpClock *clock;
    McpOpenwireLink *link;
    gboolean ready;
    gint32 answered;
    guint answers;
    char *refusal;
    GError *closed;
} Fixture;

static void read_on(Fixture *fixture);

static void
put(Fixture *fixture, const void *bytes, gsize length)
{
    GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(fixture->connection));

    g_output_stream_write_all(out, bytes, length, NULL, NULL, NULL);
}

static void
put_response(Fixture *fixture, const guint8 *command, gboolean refused)
{
    guint8 good[] = {0, 0, 0, 10, 30, 0, 0, 0, 1, 0, 0, 0, 0, 0};
    guint8 bad[] = {0, 0, 0, 20, 31, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 'E', 1, 0, 2, 'n', 'o'};

    memcpy(good + 10, command + 5, 4);
    memcpy(bad + 10, command + 5, 4);
    if (refused)
        put(fixture, bad, sizeof bad);
    else
        put(fixture, good, sizeof good);
}

static void
take_frame(Fixture *fixture, const guint8 *frame)
{
    guint8 type = frame[4];
    GBytes *greeting = NULL;

    fixture->seen[type]++;
    if (fixture->manner == BROKER_LEAVES && type == MCP_OPENWIRE_TEXT_MESSAGE) {
        put(fixture, "\0\0\0\6\13\0\0\0\1\0", 10);
        return;
    }
    if (type == MCP_OPENWIRE_WIRE_FORMAT_INFO) {
        greeting = mcp_openwire_wire_format(fixture->manner == BROKER_DULL ? 600 : 60000, 100000);
        put(fixture, g_bytes_get_data(greeting, NULL), g_bytes_get_size(greeting));
        g_bytes_unref(greeting);
    } else if (type != MCP_OPENWIRE_KEEP_ALIVE_INFO && frame[9] != 0) {
        put_response(fixture, frame, fixture->manner == BROKER_REFUSES);
    }
}

static void
on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Fixture *fixture = user_data;
    gssize n = g_input_stream_read_finish(G_INPUT_STREAM(source), result, NULL);
    guint32 length = 0;

    if (n <= 0)
        return;
    g_byte_array_append(fixture->received, fixture->part, (guint)n);
    while (fixture->received->len >= 4) {
        memcpy(&length, fixture->received->data, 4);
        length = GUINT32_FROM_BE(length) + 4;
        if (fixture->received->len < length)
            break;
        take_frame(fixture, fixture->received->data);
        g_byte_array_remove_range(fixture->received, 0, length);
    }
    read_on(fixture);
}

static void
read_on(Fixture *fixture)
{
    GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(fixture->connection));

    g_input_stream_read_async(in, fixture->part, sizeof fixture->part, G_PRIORITY_DEFAULT, NULL,
                              on_read, fixture);
}

static gboolean
on_incoming(GSocketService *service, GSocketConnection *connection, GObject *source,
            gpointer user_data)
{
    Fixture *fixture = user_data;

    g_set_object(&fixture->connection, connection);
    if (fixture->manner == BROKER_NONSENSE)
        put(fixture, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    else if (fixture->manner != BROKER_SILENT)
        read_on(fixture);
    return TRUE;
}

static void
on_ready(McpOpenwireLink *link, gpointer user_data)
{
    ((Fixture *)user_data)->ready = TRUE;
}

static void
on_answered(McpOpenwireLink *link, gint32 command, const char *class_, const char *text,
            gpointer user_data)
{
    Fixture *fixture = user_data;

    fixture->answered = command;
    fixture->answers++;
    g_free(fixture->refusal);
    fixture->refusal = g_strdup(text);
}

static void
on_closed(McpOpenwireLink *link, const GError *error, gpointer user_data)
{
    Fixture *fixture = user_data;

    fixture->closed = g_error_copy(error);
    g_clear_pointer(&fixture->link, mcp_openwire_link_free);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
    static const McpOpenwireLinkEvents events = {on_ready, on_answered, on_closed};
    McpOpenwireLinkOptions options = {
        .host = "127.0.0.1",
        .connection = "ID:test",
        .timeout = 20 * G_USEC_PER_SEC,
        .inactivity = 60 * G_USEC_PER_SEC,
    };

    fixture->manner = (Manner)GPOINTER_TO_INT(data);
    fixture->service = g_socket_service_new();
    fixture->port =
        g_socket_listener_add_any_inet_port(G_SOCKET_LISTENER(fixture->service), NULL, NULL);
    g_signal_connect(fixture->service, "incoming", G_CALLBACK(on_incoming), fixture);
    fixture->received = g_byte_array_new();
    fixture->clock = mcp_clock_new();
    options.port = fixture->port;
    if (fixture->manner == BROKER_SILENT)
        options.timeout = 300 * G_TIME_SPAN_MILLISECOND;
    fixture->link = mcp_openwire_link_new(&options, fixture->clock, &events, fixture);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    g_clear_pointer(&fixture->link, mcp_openwire_link_free);
    if (fixture->connection != NULL)
        g_io_stream_close(G_IO_STREAM(fixture->connection), NULL, NULL);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_clear_object(&fixture->connection);
    g_socket_service_stop(fixture->service);
    g_socket_listener_close(G_SOCKET_LISTENER(fixture->service));
    g_object_unref(fixture->service);
    g_byte_array_unref(fixture->received);
    g_object_unref(fixture->clock);
    g_free(fixture->refusal);
    g_clear_error(&fixture->closed);
}

static void
wait_ready(Fixture *fixture)
{
    while (!fixture->ready) {
        g_assert_no_error(fixture->closed);
        g_main_context_iteration(NULL, TRUE);
    }
}

static void
wait_closed(Fixture *fixture, McpError code)
{
    while (fixture->closed == NULL)
        g_main_context_iteration(NULL, TRUE);
    g_assert_error(fixture->closed, MCP_ERROR, (int)code);
    g_assert_nonnull(strstr(fixture->closed->message, "127.0.0.1"));
}

static gint32
send_in(Fixture *fixture, guint64 sequence, gint64 transaction)
{
    const McpOpenwireProducer producer = {"ID:test", 1, 7};
    g_autoptr(GBytes) content = mcp_openwire_text("{}", 2);
    const McpOpenwireMessage message = {
        .producer = &producer,
        .sequence = sequence,
        .transaction = transaction,
        .destination = "q",
        .type = "t",
        .content = content,
    };

    return mcp_openwire_link_send(fixture->link, &message);
}

static gint32
send_one(Fixture *fixture, guint64 sequence)
{
    return send_in(fixture, sequence, 0);
}

/* One answer, and that after the others were sent, is for all. */
static void
test_together(Fixture *fixture, gconstpointer data)
{
    gint64 transaction = 0;
    gint32 last = 0;

    wait_ready(fixture);
    transaction = mcp_openwire_link_begin(fixture->link);
    for (guint i = 1; i <= 20; i++)
        send_in(fixture, i, transaction);
    last = mcp_openwire_link_commit(fixture->link, transaction);
    while (fixture->answered != last)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(fixture->answers, ==, 2); /* that for the producer, too */
    g_assert_cmpuint(fixture->seen[MCP_OPENWIRE_TEXT_MESSAGE], ==, 20);
    g_assert_cmpuint(fixture->seen[MCP_OPENWIRE_TRANSACTION_INFO], ==, 2);
    g_assert_cmpint(mcp_openwire_link_begin(fixture->link), !=, transaction);
}

static void
test_send(Fixture *fixture, gconstpointer data)
{
    gint32 last = 0;

    wait_ready(fixture);
    for (guint i = 1; i <= 20; i++)
        last = send_one(fixture, i);
    while (fixture->answered != last)
        g_main_context_iteration(NULL, TRUE);
    g_assert_null(fixture->refusal);
    g_assert_cmpuint(fixture->seen[MCP_OPENWIRE_TEXT_MESSAGE], ==, 20);
    g_assert_cmpuint(fixture->seen[MCP_OPENWIRE_PRODUCER_INFO], ==, 1);
    g_assert_cmpuint(fixture->seen[MCP_OPENWIRE_SESSION_INFO], ==, 1);
}

/* We give signs of life, and want them: this broker gives none. */
static void
test_silence(Fixture *fixture, gconstpointer data)
{
    wait_ready(fixture);
    wait_closed(fixture, MCP_ERROR_TIMEOUT);
    g_assert_cmpuint(fixture->seen[MCP_OPENWIRE_KEEP_ALIVE_INFO], >, 0);
}

static void
test_shutdown(Fixture *fixture, gconstpointer data)
{
    wait_ready(fixture);
    send_one(fixture, 1);
    wait_closed(fixture, MCP_ERROR_CLOSED);
}

static void
test_refused(Fixture *fixture, gconstpointer data)
{
    wait_closed(fixture, MCP_ERROR_REFUSED);
    g_assert_false(fixture->ready);
}

static void
test_not_ready(Fixture *fixture, gconstpointer data)
{
    wait_closed(fixture, MCP_ERROR_TIMEOUT);
    g_assert_false(fixture->ready);
}

static void
test_nonsense(Fixture *fixture, gconstpointer data)
{
    wait_closed(fixture, MCP_ERROR_INVALID);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, manner, func) \
    g_test_add(path, Fixture, GINT_TO_POINTER(manner), set_up, func, tear_down)
    ADD("/link/send", BROKER_GOOD, test_send);
    ADD("/link/together", BROKER_GOOD, test_together);
    ADD("/link/silence", BROKER_DULL, test_silence);
    ADD("/link/shutdown", BROKER_LEAVES, test_shutdown);
    ADD("/link/refused", BROKER_REFUSES, test_refused);
    ADD("/link/not-ready", BROKER_SILENT, test_not_ready);
    ADD("/link/nonsense", BROKER_NONSENSE, test_nonsense);
    return g_test_run();
}
