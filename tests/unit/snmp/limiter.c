/* SPDX-License-Identifier: Apache-2.0 */
/* The rate of notifications, and what is told of those held back. */
#include "limiter.h"

#include "layout.h"

#include <string.h>

typedef struct {
    McpClock *clock;
    McpSnmpLimiter *limiter;
    GString *sent; /* "alert subject text suppressed|" */
} Fixture;

static void
note(McpSnmpNotification *notification, gpointer user_data)
{
    Fixture *f = user_data;

    g_string_append_printf(f->sent, "%s %s %s %u|", mcp_alert_get_def(notification->alert)->name,
                           notification->subject, notification->text, notification->suppressed);
    mcp_snmp_notification_free(notification);
}

static void
set_up(Fixture *f, gconstpointer interval)
{
    f->clock = mcp_clock_new_virtual();
    f->sent = g_string_new(NULL);
    f->limiter =
        mcp_snmp_limiter_new(f->clock, GPOINTER_TO_INT(interval) * G_USEC_PER_SEC, note, f);
}

static void
tear_down(Fixture *f, gconstpointer interval)
{
    mcp_snmp_limiter_free(f->limiter);
    g_string_free(f->sent, TRUE);
    g_assert_finalize_object(f->clock);
}

static McpSnmpNotification *
make(McpAlert alert, const char *subject, const char *text)
{
    g_autoptr(McpEvent) event =
        mcp_event_new(MCP_EVENT_ALERT, "c1", mcp_alert_get_def(alert)->name);

    mcp_event_set_string(event, "subject", subject);
    mcp_event_set_string(event, "text", text);
    return mcp_snmp_notification_new(event);
}

static void
take(Fixture *f, McpAlert alert, const char *subject, const char *text)
{
    g_assert_true(mcp_snmp_limiter_take(f->limiter, make(alert, subject, text)));
}

static void
pass(Fixture *f, guint seconds)
{
    mcp_clock_advance(f->clock, seconds * G_USEC_PER_SEC);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void
assert_sent(Fixture *f, const char *wanted)
{
    g_assert_cmpstr(f->sent->str, ==, wanted);
    g_string_truncate(f->sent, 0);
}

static void
test_rate(Fixture *f, gconstpointer interval)
{
    take(f, MCP_ALERT_MEDIA_FAILURE, "a", "1");
    take(f, MCP_ALERT_MEDIA_FAILURE, "b", "1");
    take(f, MCP_ALERT_PORTS_EXHAUSTED, "a", "1");
    assert_sent(f, "media-failure a 1 0|media-failure b 1 0|ports-exhausted a 1 0|");
    take(f, MCP_ALERT_MEDIA_FAILURE, "a", "2");
    take(f, MCP_ALERT_MEDIA_FAILURE, "a", "3");
    take(f, MCP_ALERT_MEDIA_FAILURE, "a", "4");
    pass(f, 29);
    assert_sent(f, "");
    pass(f, 1);
    assert_sent(f, "media-failure a 4 2|");
    /* That began an interval of its own, and that of "b" is over. */
    take(f, MCP_ALERT_MEDIA_FAILURE, "a", "5");
    take(f, MCP_ALERT_MEDIA_FAILURE, "b", "2");
    assert_sent(f, "media-failure b 2 0|");
    pass(f, 30);
    assert_sent(f, "media-failure a 5 0|");
    pass(f, 30);
    take(f, MCP_ALERT_MEDIA_FAILURE, "a", "6");
    assert_sent(f, "media-failure a 6 0|");
}

/* What is sent last is how things are. */
static void
test_flapping(Fixture *f, gconstpointer interval)
{
    take(f, MCP_ALERT_ENGINE_DOWN, "e", "1");
    pass(f, 1);
    take(f, MCP_ALERT_ENGINE_UP, "e", "2");
    assert_sent(f, "engine-down e 1 0|engine-up e 2 0|");
    pass(f, 1);
    take(f, MCP_ALERT_ENGINE_UP, "e", "3");
    take(f, MCP_ALERT_ENGINE_DOWN, "e", "4");
    pass(f, 28);
    assert_sent(f, "engine-down e 4 0|");
    pass(f, 60);
    assert_sent(f, "");
}

static void
test_many(Fixture *f, gconstpointer interval)
{
    guint taken = 0;

    for (guint i = 0; i < 3000; i++) {
        g_autofree char *subject = g_strdup_printf("192.0.2.%u", i);

        taken += mcp_snmp_limiter_take(f->limiter, make(MCP_ALERT_MEDIA_FAILURE, subject, "x"));
    }
    g_assert_cmpuint(taken, ==, 1024);
    pass(f, 30);
    take(f, MCP_ALERT_MEDIA_FAILURE, "late", "x");
    g_assert_true(g_str_has_suffix(f->sent->str, "media-failure late x 0|"));
}

static void
test_unlimited(Fixture *f, gconstpointer interval)
{
    take(f, MCP_ALERT_MEDIA_FAILURE, "a", "1");
    take(f, MCP_ALERT_MEDIA_FAILURE, "a", "2");
    assert_sent(f, "media-failure a 1 0|media-failure a 2 0|");
}

static void
test_texts(void)
{
    g_autofree char *long_text = g_strnfill(1000, 'x');
    g_autoptr(McpSnmpNotification) strange =
        make(MCP_ALERT_PEER_DOWN, "Zürich\xff\r\nforged", long_text);
    g_autoptr(McpEvent) unknown = mcp_event_new(MCP_EVENT_ALERT, NULL, "nothing-known");
    g_autoptr(McpEvent) empty = mcp_event_new(MCP_EVENT_ALERT, NULL, "peer-up");
    g_autoptr(McpSnmpNotification) bare = mcp_snmp_notification_new(empty);

    g_assert_true(g_str_has_suffix(strange->subject, "??forged"));
    g_assert_true(g_str_is_ascii(strange->subject));
    g_assert_cmpuint(strlen(strange->text), ==, MCP_SNMP_TEXT_MAX);
    g_assert_cmpstr(strange->call_id, ==, "c1");
    g_assert_null(mcp_snmp_notification_new(unknown));
    g_assert_cmpstr(bare->subject, ==, "");
    g_assert_cmpstr(bare->call_id, ==, "");
}

int
main(int argc, char **argv)
{
    gconstpointer half_a_minute = GINT_TO_POINTER(30);

    g_test_init(&argc, &argv, NULL);
    g_test_add("/snmp/limiter/rate", Fixture, half_a_minute, set_up, test_rate, tear_down);
    g_test_add("/snmp/limiter/flapping", Fixture, half_a_minute, set_up, test_flapping, tear_down);
    g_test_add("/snmp/limiter/many", Fixture, half_a_minute, set_up, test_many, tear_down);
    g_test_add("/snmp/limiter/unlimited", Fixture, NULL, set_up, test_unlimited, tear_down);
    g_test_add_func("/snmp/limiter/texts", test_texts);
    return g_test_run();
}
