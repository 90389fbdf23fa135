/* SPDX-License-Identifier: Apache-2.0 */
/* Reload, drain, limits and descriptions of a running platform. */
#include "harness.h"

#include <string.h>

static const char services[] = "[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\nservices = demo\n"
                               "[service \"demo\"]\nuser = demo\ndialog = fake\n";

static void
on_reloaded(const GError *error, gpointer user_data)
{
    char **text = user_data;

    *text = g_strdup(error != NULL ? error->message : "ok");
}

static void
test_reload(void)
{
    Harness *harness = harness_new(services);
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    g_autoptr(FakeSession) session = NULL;

    harness_write_config(harness, "[sip.peer \"lab\"]\naddresses = nonsense\nsrvices = demo\n");
    mcp_core_reload(harness->core, on_reloaded, &first);
    g_assert_nonnull(strstr(first, "did you mean \"services\"?"));
    harness_write_config(harness, "[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\nservices = other\n"
                                  "[service \"other\"]\nuser = other\ndialog = fake\n");
    mcp_core_reload(harness->core, on_reloaded, &second);
    g_assert_cmpstr(second, ==, "ok");
    session = fake_call_in(harness, "demo", "127.0.0.1");
    fake_journal_wait(harness, fake_session_journal(session), "reject-404");
    harness_free(harness);
}

static gboolean
is_true(gpointer user_data)
{
    return *(gboolean *)user_data;
}

static void
test_drain(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) running = fake_call_in(harness, "demo", "127.0.0.1");
    g_autoptr(FakeSession) late = NULL;
    guint retry_after = 0;

    fake_journal_wait(harness, fake_session_journal(running), "answer-sdp");
    fake_session_emit(running, MCP_SESSION_ACKED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "start");
    g_assert_cmpuint(mcp_calls_get_admission(harness->core->calls, &retry_after), ==, 0);
    mcp_core_drain(harness->core, 0);
    g_assert_cmpuint(mcp_calls_get_admission(harness->core->calls, &retry_after), ==, 503);
    late = fake_call_in(harness, "demo", "127.0.0.1");
    fake_journal_wait(harness, fake_session_journal(late), "reject-503-retry");
    g_assert_false(harness->drained);
    fake_session_emit(running, MCP_SESSION_ENDED, 0, "BYE", NULL);
    harness_wait(harness, is_true, &harness->drained, "drain");
    harness_free(harness);
}

/* Closed at once, and over only when the answer to who asked can have left. */
static void
test_drain_without_calls(void)
{
    Harness *harness = harness_new(services);
    gint64 begin = mcp_clock_now(harness->core->clock);
    guint retry_after = 0;

    mcp_core_drain(harness->core, 0);
    g_assert_cmpuint(mcp_calls_get_admission(harness->core->calls, &retry_after), ==, 503);
    harness_wait(harness, is_true, &harness->drained, "drain");
    g_assert_cmpint(mcp_clock_now(harness->core->clock) - begin, >=, 100 * G_TIME_SPAN_MILLISECOND);
    harness_free(harness);
}

static void
test_drain_deadline(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = fake_call_in(harness, "demo", "127.0.0.1");

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "start");
    mcp_core_drain(harness->core, 1000);
    harness_wait(harness, is_true, &harness->drained, "drain deadline");
    harness_free(harness);
}

static void
test_max_calls(void)
{
    static const char limited[] = "[core]\n";
    Harness *harness = harness_new(services);
    g_autofree char *text = NULL;
    g_autofree char *drop_in = g_build_filename(harness->folder, "mcp.conf", NULL);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_autoptr(FakeSession) first = NULL;
    g_autoptr(FakeSession) second = NULL;

    g_assert_true(g_file_get_contents(drop_in, &before, NULL, NULL));
    after = g_strdup_printf("%smax_calls = 1\n%s", limited, before + strlen(limited));
    g_assert_true(g_file_set_contents(drop_in, after, -1, NULL));
    mcp_core_reload(harness->core, on_reloaded, &text);
    g_assert_cmpstr(text, ==, "ok");
    first = fake_call_in(harness, "demo", "127.0.0.1");
    second = fake_call_in(harness, "demo", "127.0.0.1");
    fake_journal_wait(harness, fake_session_journal(second), "reject-503-retry");
    harness_free(harness);
}

static void
on_described(const char *object, gpointer user_data)
{
    *(char **)user_data = g_strdup(object != NULL ? object : "none");
}

static gboolean
is_set(gpointer user_data)
{
    return *(char **)user_data != NULL;
}

static void
test_describe(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = fake_call_in(harness, "demo", "127.0.0.1");
    McpJson *json = mcp_json_new();
    g_autofree char *list = NULL;
    g_autofree char *running = NULL;
    g_autofree char *ended = NULL;
    g_autofree char *unknown = NULL;
    g_autofree char *id = NULL;

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    mcp_json_begin_object(json, NULL);
    mcp_calls_list(harness->core->calls, json);
    mcp_json_end_object(json);
    list = mcp_json_finish(json);
    id = g_strndup(strstr(list, "\"id\":\"") + 6, 16);
    mcp_calls_describe(harness->core->calls, id, on_described, &running);
    harness_wait(harness, is_set, &running, "description");
    g_assert_nonnull(strstr(running, "\"timeline\":["));
    g_assert_nonnull(strstr(running, "\"state\":\"answering\""));
    mcp_calls_hangup(harness->core->calls, id, "test");
    fake_journal_wait(harness, fake_session_journal(session), "end");
    while (mcp_calls_get_running(harness->core->calls) > 0)
        g_main_context_iteration(NULL, FALSE);
    mcp_calls_describe(harness->core->calls, id, on_described, &ended);
    harness_wait(harness, is_set, &ended, "description of an ended call");
    g_assert_nonnull(strstr(ended, "\"end_reason\":\"test\""));
    mcp_calls_describe(harness->core->calls, "0000", on_described, &unknown);
    harness_wait(harness, is_set, &unknown, "description of no call");
    g_assert_cmpstr(unknown, ==, "none");
    harness_free(harness);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/operation/reload", test_reload);
    g_test_add_func("/operation/drain", test_drain);
    g_test_add_func("/operation/drain-without-calls", test_drain_without_calls);
    g_test_add_func("/operation/drain-deadline", test_drain_deadline);
    g_test_add_func("/operation/max-calls", test_max_calls);
    g_test_add_func("/operation/describe", test_describe);
    return g_test_run();
}
