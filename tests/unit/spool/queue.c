/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of a spool as its consumer has it: on a disk that works, fails, hangs or is full. */
#include "spool/spools.h"

#include "support.h"

#include <errno.h>
#include <mcp/alert.h>
#include <mcp/error.h>
#include <string.h>

#define DEADLINE (20 * G_USEC_PER_SEC)

typedef struct {
    McpFakeDisk *fake;
    McpClock *clock;
    McpPool *pool;
    McpSpool *spool;
    McpEvents *bus; /* nullable */
    GString *alerts;
    guint readable;
    guint changed;
    GPtrArray *recovered; /* nullable */
    gboolean done;
    gboolean good;
    GPtrArray *records; /* nullable */
} Fixture;

static void
on_recovered(McpSpool *spool, const GPtrArray *open, gpointer user_data)
{
    Fixture *fixture = user_data;

    g_clear_pointer(&fixture->recovered, g_ptr_array_unref);
    fixture->recovered = g_ptr_array_ref((GPtrArray *)open);
}

static void
on_readable(McpSpool *spool, gpointer user_data)
{
    ((Fixture *)user_data)->readable++;
}

static void
on_changed(McpSpool *spool, gpointer user_data)
{
    ((Fixture *)user_data)->changed++;
}

/* The deadline is for a machine that stands still. */
static void
wait_until(const gboolean *flag)
{
    gint64 end = g_get_monotonic_time() + DEADLINE;

    while (!*flag) {
        g_main_context_iteration(NULL, FALSE);
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
}

static void
open_spool(Fixture *fixture, McpSpoolKind kind, gint64 max_bytes)
{
    static const McpSpoolEvents events = {on_recovered, on_readable, on_changed};
    const McpSpoolOptions options = {
        .name = "test/x",
        .directory = "/d",
        .class_ = kind,
        .max_bytes = max_bytes,
        .segment_bytes = 64 * 1024,
        .sync_interval = 5 * G_TIME_SPAN_MILLISECOND,
        .sync_bytes = 256 * 1024,
        .disk = mcp_fake_disk_get(fixture->fake),
        .clock = fixture->clock,
        .pool = fixture->pool,
        .bus = fixture->bus,
    };

    fixture->spool = mcp_spool_new(&options, &events, fixture);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
    fixture->fake = mcp_fake_disk_new();
    fixture->clock = mcp_clock_new();
    fixture->pool = mcp_pool_new("disk", 2, 64);
}

static void
on_closed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Fixture *fixture = user_data;

    fixture->good = mcp_spool_close_finish(MCP_SPOOL(source), result, NULL);
    fixture->done = TRUE;
}

static gboolean
close_spool(Fixture *fixture)
{
    fixture->done = FALSE;
    mcp_spool_close_async(fixture->spool, on_closed, fixture);
    wait_until(&fixture->done);
    g_clear_object(&fixture->spool);
    return fixture->good;
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    if (fixture->spool != NULL)
        close_spool(fixture);
    g_clear_pointer(&fixture->recovered, g_ptr_array_unref);
    g_clear_pointer(&fixture->records, g_ptr_array_unref);
    g_object_unref(fixture->pool);
    g_object_unref(fixture->clock);
    mcp_fake_disk_free(fixture->fake);
}

static void
on_flushed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Fixture *fixture = user_data;

    fixture->good = mcp_spool_flush_finish(MCP_SPOOL(source), result, NULL);
    fixture->done = TRUE;
}

static gboolean
flush(Fixture *fixture)
{
    fixture->done = FALSE;
    mcp_spool_flush_async(fixture->spool, on_flushed, fixture);
    wait_until(&fixture->done);
    return fixture->good;
}

static void
on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Fixture *fixture = user_data;

    g_clear_pointer(&fixture->records, g_ptr_array_unref);
    fixture->records = mcp_spool_read_finish(MCP_SPOOL(source), result, NULL);
    g_assert_nonnull(fixture->records);
    fixture->done = TRUE;
}

static guint
read_some(Fixture *fixture, guint max)
{
    fixture->done = FALSE;
    mcp_spool_read_async(fixture->spool, max, 1024 * 1024, on_read, fixture);
    wait_until(&fixture->done);
    return fixture->records->len;
}

static void
append(Fixture *fixture, guint first, guint count, guint flags)
{
    for (guint i = 0; i < count; i++)
        g_assert_true(mcp_spool_append(fixture->spool, make_record(first + i, flags, 100)));
}

static void
test_round(Fixture *fixture, gconstpointer data)
{
    open_spool(fixture, MCP_SPOOL_BILLING, 1024 * 1024);
    append(fixture, 0, 1000, 0);
    g_assert_true(flush(fixture));
    g_assert_cmpuint(read_some(fixture, 400), ==, 400);
    for (guint i = 0; i < 400; i++)
        g_assert_cmpuint(number_of(fixture->records->pdata[i]), ==, i);
    mcp_spool_acknowledge(fixture->spool, fixture->records->pdata[299]);
    g_assert_true(close_spool(fixture));
    open_spool(fixture, MCP_SPOOL_BILLING, 1024 * 1024);
    g_assert_cmpuint(read_some(fixture, 2000), ==, 700);
    g_assert_cmpuint(number_of(fixture->records->pdata[0]), ==, 300);
    mcp_spool_rewind(fixture->spool);
    g_assert_cmpuint(read_some(fixture, 2000), ==, 700);
}

static void
test_readable(Fixture *fixture, gconstpointer data)
{
    open_spool(fixture, MCP_SPOOL_EVENTS, 1024 * 1024);
    g_assert_cmpuint(read_some(fixture, 10), ==, 0);
    fixture->readable = 0;
    append(fixture, 0, 1, 0);
    g_assert_true(flush(fixture));
    while (fixture->readable == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(read_some(fixture, 10), ==, 1);
}

static void
test_recovered(Fixture *fixture, gconstpointer data)
{
    open_spool(fixture, MCP_SPOOL_BILLING, 1024 * 1024);
    append(fixture, 1, 3, MCP_SPOOL_OPEN);
    append(fixture, 2, 1, MCP_SPOOL_CLOSE);
    g_assert_true(close_spool(fixture));
    open_spool(fixture, MCP_SPOOL_BILLING, 1024 * 1024);
    append(fixture, 9, 1, MCP_SPOOL_OPEN); /* of this run */
    g_assert_true(flush(fixture));
    g_assert_cmpuint(fixture->recovered->len, ==, 2);
    g_assert_cmpstr(((McpSpoolRecord *)fixture->recovered->pdata[0])->id, ==, "r1");
    g_assert_cmpstr(((McpSpoolRecord *)fixture->recovered->pdata[1])->id, ==, "r3");
}

/* No space, then space again: nothing is lost and the order is kept. */
static void
test_no_space(Fixture *fixture, gconstpointer data)
{
    open_spool(fixture, MCP_SPOOL_BILLING, 1024 * 1024);
    append(fixture, 0, 100, 0);
    g_assert_true(flush(fixture));
    mcp_fake_disk_limit(fixture->fake, 1);
    append(fixture, 100, 100, 0);
    g_assert_false(flush(fixture));
    g_assert_cmpuint(read_some(fixture, 1000), ==, 100); /* what is there can be read */
    mcp_fake_disk_limit(fixture->fake, 0);
    append(fixture, 200, 10, 0);
    while (!flush(fixture))
        ;
    mcp_spool_rewind(fixture->spool);
    g_assert_cmpuint(read_some(fixture, 1000), ==, 210);
    for (guint i = 0; i < 210; i++)
        g_assert_cmpuint(number_of(fixture->records->pdata[i]), ==, i);
}

static void
test_failing_sync(Fixture *fixture, gconstpointer data)
{
    open_spool(fixture, MCP_SPOOL_BILLING, 1024 * 1024);
    append(fixture, 0, 10, 0);
    g_assert_true(flush(fixture));
    mcp_fake_disk_fail(fixture->fake, 0, EIO);
    append(fixture, 10, 10, 0);
    g_assert_false(flush(fixture));
    mcp_fake_disk_fail(fixture->fake, 0, 0);
    append(fixture, 20, 10, 0);
    while (!flush(fixture))
        ;
    g_assert_cmpuint(read_some(fixture, 1000), ==, 30);
    for (guint i = 0; i < 30; i++)
        g_assert_cmpuint(number_of(fixture->records->pdata[i]), ==, i);
}

/* A disk that hangs keeps nobody waiting, and memory has a bound. */
static void
test_stuck(Fixture *fixture, gconstpointer data)
{
    guint taken = 0;

    mcp_fake_disk_stick(fixture->fake, TRUE);
    open_spool(fixture, MCP_SPOOL_BILLING, 1024 * 1024 * 1024);
    while (mcp_spool_append(fixture->spool, make_record(taken, 0, 100000)))
        taken++;
    g_assert_cmpuint(taken, >, 100);
    g_assert_cmpuint(taken, <, 400);
    g_assert_true(mcp_spool_is_full(fixture->spool));
    g_assert_cmpuint(fixture->changed, ==, 1);
    mcp_fake_disk_stick(fixture->fake, FALSE);
    g_assert_true(flush(fixture));
    g_assert_false(mcp_spool_is_full(fixture->spool));
    g_assert_cmpuint(fixture->changed, ==, 2);
    g_assert_cmpuint(mcp_spool_get_pending(fixture->spool), ==, taken);
}

/* Of others than billing the oldest goes. */
static void
test_stuck_events(Fixture *fixture, gconstpointer data)
{
    g_autofree char *status = NULL;
    McpJson *json = mcp_json_new();

    mcp_fake_disk_stick(fixture->fake, TRUE);
    open_spool(fixture, MCP_SPOOL_EVENTS, 1024 * 1024 * 1024);
    for (guint i = 0; i < 200; i++)
        g_assert_true(mcp_spool_append(fixture->spool, make_record(i, 0, 100000)));
    mcp_fake_disk_stick(fixture->fake, FALSE);
    g_assert_true(flush(fixture));
    mcp_json_begin_object(json, NULL);
    mcp_spool_describe(fixture->spool, json);
    mcp_json_end_object(json);
    status = mcp_json_finish(json);
    g_assert_null(strstr(status, "\"dropped\":0,"));
    while (read_some(fixture, 1000) > 0)
        g_assert_cmpuint(number_of(fixture->records->pdata[fixture->records->len - 1]), <, 200);
}

static void
test_full(Fixture *fixture, gconstpointer data)
{
    open_spool(fixture, MCP_SPOOL_BILLING, 1024 * 1024);
    for (guint i = 0; i < 11; i++)
        g_assert_true(mcp_spool_append(fixture->spool, make_record(i, 0, 100000)));
    g_assert_true(flush(fixture));
    g_assert_true(mcp_spool_is_full(fixture->spool));
    g_assert_cmpuint(fixture->changed, ==, 1);
    g_assert_cmpuint(read_some(fixture, 100), ==, 11);
    mcp_spool_acknowledge(fixture->spool, fixture->records->pdata[10]);
    while (mcp_spool_is_full(fixture->spool)) /* until its files are gone */
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(fixture->changed, ==, 2);
}

static void
on_alert(McpEvent *event, guint dropped, gpointer user_data)
{
    g_string_append_printf(((Fixture *)user_data)->alerts, "%s %s: %s|", mcp_event_get_what(event),
                           mcp_event_get_string(event, "subject"),
                           mcp_event_get_string(event, "text"));
}

static gboolean
is_in_state(McpSpool *spool, const char *state)
{
    McpJson *json = mcp_json_new();
    g_autofree char *wanted = g_strdup_printf("\"state\":\"%s\"", state);
    g_autofree char *text = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_spool_describe(spool, json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    return strstr(text, wanted) != NULL;
}

static void
get_high(Fixture *fixture)
{
    g_string_truncate(fixture->alerts, 0);
    for (guint i = 0; i < 7; i++)
        mcp_spool_append(fixture->spool, make_record(i, 0, 100000));
    g_assert_true(flush(fixture));
    g_assert_true(is_in_state(fixture->spool, "open"));
    mcp_spool_append(fixture->spool, make_record(7, 0, 100000));
    g_assert_true(flush(fixture));
    g_assert_true(is_in_state(fixture->spool, "high"));
    g_assert_false(mcp_spool_is_full(fixture->spool));
    while (fixture->alerts->len == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpstr(fixture->alerts->str, ==, "spool-high test/x: 80 % full, 8 records wait|");
}

/* At 80 %, each time that it gets there from below 70 %. */
static void
test_high(Fixture *fixture, gconstpointer data)
{
    guint id = 0;

    fixture->bus = g_object_new(MCP_TYPE_EVENTS, NULL);
    fixture->alerts = g_string_new(NULL);
    id = mcp_events_subscribe(fixture->bus, 1u << MCP_EVENT_ALERT, 100, on_alert, fixture);
    open_spool(fixture, MCP_SPOOL_BILLING, 1000 * 1000);
    for (guint round = 0; round < 2; round++) {
        get_high(fixture);
        g_assert_cmpuint(read_some(fixture, 100), ==, 8);
        mcp_spool_acknowledge(fixture->spool, fixture->records->pdata[7]);
        while (!is_in_state(fixture->spool, "open")) /* until its files are gone */
            g_main_context_iteration(NULL, TRUE);
    }
    close_spool(fixture);
    mcp_events_unsubscribe(fixture->bus, id);
    g_string_free(fixture->alerts, TRUE);
    g_assert_finalize_object(fixture->bus);
}

static void
test_too_large(Fixture *fixture, gconstpointer data)
{
    open_spool(fixture, MCP_SPOOL_BILLING, 1024 * 1024);
    g_assert_false(mcp_spool_append(fixture->spool, make_record(1, 0, MCP_SPOOL_MAX_PAYLOAD + 1)));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add(path, Fixture, NULL, set_up, func, tear_down)
    ADD("/spool/round", test_round);
    ADD("/spool/readable", test_readable);
    ADD("/spool/recovered", test_recovered);
    ADD("/spool/no-space", test_no_space);
    ADD("/spool/failing-sync", test_failing_sync);
    ADD("/spool/stuck", test_stuck);
    ADD("/spool/stuck-events", test_stuck_events);
    ADD("/spool/full", test_full);
    ADD("/spool/high", test_high);
    ADD("/spool/too-large", test_too_large);
    return g_test_run();
}
