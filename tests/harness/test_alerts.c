/* SPDX-License-Identifier: Apache-2.0 */
/* What the core tells its operator of: calls without audio, and more calls than there may be. */
#include "call/calls_private.h"
#include "harness.h"

#include <mcp/alert.h>
#include <string.h>

#define SERVICES                                                     \
    "[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\nservices = demo\n" \
    "[service \"demo\"]\nuser = demo\ndialog = fake\n"

/* Alerts in order: "what subject|". */
typedef struct {
    Harness *harness;
    GString *seen;
    char *call_id; /* of the last one; "" without */
    char *text;    /* of the last one */
    const char *wanted;
    guint subscription;
} Watch;

static void
on_alert(McpEvent *event, guint dropped, gpointer user_data)
{
    Watch *watch = user_data;

    g_string_append_printf(watch->seen, "%s %s|", mcp_event_get_what(event),
                           mcp_event_get_string(event, "subject"));
    g_free(watch->call_id);
    watch->call_id = g_strdup(mcp_event_get_call_id(event));
    g_free(watch->text);
    watch->text = g_strdup(mcp_event_get_string(event, "text"));
}

static void
watch_open(Watch *watch, const char *core_lines)
{
    g_autofree char *config = NULL;

    *watch = (Watch){.harness = harness_new(SERVICES), .seen = g_string_new(NULL)};
    g_free(watch->harness->core_lines);
    watch->harness->core_lines = g_strdup(core_lines);
    watch->subscription = mcp_events_subscribe(watch->harness->core->events, 1u << MCP_EVENT_ALERT,
                                               100, on_alert, watch);
}

static void
watch_close(Watch *watch)
{
    mcp_events_unsubscribe(watch->harness->core->events, watch->subscription);
    harness_free(watch->harness);
    g_string_free(watch->seen, TRUE);
    g_free(watch->call_id);
    g_free(watch->text);
}

static gboolean
has_seen(gpointer user_data)
{
    Watch *watch = user_data;

    return strstr(watch->seen->str, watch->wanted) != NULL;
}

static void
watch_wait(Watch *watch, const char *wanted)
{
    watch->wanted = wanted;
    harness_wait(watch->harness, has_seen, watch, wanted);
    g_assert_cmpstr(watch->seen->str, ==, wanted);
    g_string_truncate(watch->seen, 0);
}

static FakeSession *
answered_call(Watch *watch)
{
    FakeSession *session = fake_call_in(watch->harness, "demo", "127.0.0.1");

    fake_journal_wait(watch->harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
    fake_journal_wait(watch->harness, fake_dialog_journal(), "start");
    return session;
}

static void
test_media(void)
{
    McpLegEvent event = {.type = MCP_LEG_ONE_WAY,
                         .mark = "nothing is heard",
                         .local = "127.0.0.1:4002",
                         .remote = "192.0.2.9:6000"};
    g_autoptr(FakeSession) session = NULL;
    Watch watch;

    watch_open(&watch, "");
    session = answered_call(&watch);
    fake_media_tell(&event);
    watch_wait(&watch, "media-failure 192.0.2.9|");
    g_assert_cmpstr(watch.call_id, ==, fake_session_call_id(session));
    g_assert_cmpstr(watch.text, ==, "one-way audio: nothing is heard");
    event.type = MCP_LEG_NO_MEDIA;
    event.remote = "";
    fake_media_tell(&event);
    watch_wait(&watch, "media-failure unknown|");
    g_assert_cmpstr(watch.text, ==, "no media received");
    fake_journal_wait(watch.harness, fake_session_journal(session), "end");
    watch_close(&watch);
}

static gboolean
is_true(gpointer user_data)
{
    return *(gboolean *)user_data;
}

static void
on_reloaded(const GError *error, gpointer user_data)
{
    g_assert_no_error(error);
    *(gboolean *)user_data = TRUE;
}

static gboolean
is_idle(gpointer user_data)
{
    return mcp_calls_get_running(((Watch *)user_data)->harness->core->calls) == 0;
}

static void
refused_call(Watch *watch)
{
    g_autoptr(FakeSession) session = fake_call_in(watch->harness, "demo", "127.0.0.1");

    fake_journal_wait(watch->harness, fake_session_journal(session), "reject-503-retry");
}

static void
allow_two_calls(Watch *watch)
{
    gboolean reloaded = FALSE;

    harness_write_config(watch->harness, SERVICES);
    mcp_core_reload(watch->harness->core, on_reloaded, &reloaded);
    harness_wait(watch->harness, is_true, &reloaded, "reload");
}

/* Two calls and as many refused ones as there are; then there is room again. */
static void
fill_and_empty(Watch *watch)
{
    g_autoptr(FakeSession) first = fake_call_in(watch->harness, "demo", "127.0.0.1");
    g_autoptr(FakeSession) second = fake_call_in(watch->harness, "demo", "127.0.0.1");

    fake_journal_wait(watch->harness, fake_session_journal(first), "answer-sdp");
    fake_journal_wait(watch->harness, fake_session_journal(second), "answer-sdp");
    refused_call(watch);
    refused_call(watch);
    watch_wait(watch, "sessions-exhausted [core] max_calls|");
    g_assert_null(watch->call_id);
    mcp_calls_check_room(watch->harness->core->calls);
    refused_call(watch);
    fake_session_emit(first, MCP_SESSION_ENDED, 0, NULL, NULL);
    fake_session_emit(second, MCP_SESSION_ENDED, 0, NULL, NULL);
    harness_wait(watch->harness, is_idle, watch, "the end of both calls");
    g_assert_cmpstr(watch->seen->str, ==, "");
    mcp_calls_check_room(watch->harness->core->calls);
}

/* One however many are refused, and another one when that happens again. */
static void
test_sessions(void)
{
    Watch watch;

    watch_open(&watch, "max_calls = 2\n");
    allow_two_calls(&watch);
    fill_and_empty(&watch);
    fill_and_empty(&watch);
    watch_close(&watch);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/alerts/media", test_media);
    g_test_add_func("/alerts/sessions", test_sessions);
    return g_test_run();
}
