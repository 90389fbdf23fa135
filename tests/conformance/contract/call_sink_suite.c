/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The call-sink contract (mcp/contract/call_sink.h): which events a sink wants, and what it has
 * made safe when a flush finishes.
 */
#include "call_sink_suite.h"

#include "contract.h"

#include <string.h>

#define MANY 500

static McpCallSink *sink;

static void
deliver(guint number)
{
    g_autofree char *id = g_strdup_printf("call-%u", number);
    McpEvent *event = mcp_event_new(MCP_EVENT_CALL_RECORD, id, "record");

    mcp_event_set_int(event, "number", number);
    mcp_call_sink_deliver(sink, event);
    mcp_event_unref(event);
}

static gboolean
flush(GError **error)
{
    Finished finished = {0};
    gboolean good = FALSE;

    mcp_call_sink_flush_async(sink, on_finished, &finished);
    g_assert_cmpuint(finished.times, ==, 0);
    finished_wait(&finished);
    good = mcp_call_sink_flush_finish(sink, finished.result, error);
    finished_clear(&finished);
    return good;
}

/* "mask of 1 << McpEventType that it wants" */
static void
test_types(void)
{
    guint types = mcp_call_sink_get_types(sink);

    g_assert_cmpuint(types, !=, 0);
    g_assert_cmpuint(types >> MCP_EVENT_LAST, ==, 0);
    g_assert_cmpuint(types & 1u << MCP_EVENT_CALL_RECORD, !=, 0);
}

static void
test_flush_nothing(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(flush(&error));
    g_assert_no_error(error);
}

/* "everything delivered so far is safe when it finishes": all, and in order */
static void
test_flush(void)
{
    g_autofree char *text = NULL;
    const char *from = NULL;

    for (guint i = 0; i < MANY; i++)
        deliver(i);
    g_assert_true(flush(NULL));
    text = call_sink_provider.read();
    from = text;
    for (guint i = 0; i < MANY; i++) {
        g_autofree char *wanted = g_strdup_printf("\"call-%u\"", i);

        from = strstr(from, wanted);
        g_assert_nonnull(from);
    }
}

/* Each flush finishes once, also several at a time, with deliveries between them. */
static void
test_flushes(void)
{
    Finished finished[3] = {{0}};
    g_autofree char *text = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(finished); i++) {
        deliver(1000 + i);
        mcp_call_sink_flush_async(sink, on_finished, &finished[i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(finished); i++) {
        finished_wait(&finished[i]);
        g_assert_true(mcp_call_sink_flush_finish(sink, finished[i].result, NULL));
    }
    settle(20);
    for (guint i = 0; i < G_N_ELEMENTS(finished); i++)
        finished_clear(&finished[i]);
    text = call_sink_provider.read();
    g_assert_nonnull(strstr(text, "\"call-1002\""));
}

/* "FALSE with what could not be written", once: what comes later is a new matter */
static void
test_failure(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    call_sink_provider.break_down(sink, TRUE);
    deliver(2000);
    g_assert_false(flush(&error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    call_sink_provider.break_down(sink, FALSE);
    deliver(2001);
    g_assert_true(flush(&error));
    g_assert_no_error(error);
    text = call_sink_provider.read();
    g_assert_nonnull(strstr(text, "\"call-2001\""));
}

#define ADD(name, func) g_test_add_func("/call-sink/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    ADD("types", test_types);
    ADD("flush-nothing", test_flush_nothing);
    ADD("flush", test_flush);
    ADD("flushes", test_flushes);
    ADD("failure", test_failure);
    sink = call_sink_provider.open();
    result = g_test_run();
    call_sink_provider.close(sink);
    shard_end();
    return result;
}
