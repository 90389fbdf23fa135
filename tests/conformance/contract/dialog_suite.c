/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialog contract (mcp/contract/dialog.h): calls of the real core, placed to a fake session or
 * come in from one, whose dialogs are those under test behind a probe (dialog_probe.c). The checks
 * are there; here is what happens to the calls.
 */
#include "dialog_suite.h"

#include "dialog_probe.h"
#include "harness.h"

#include <string.h>

static Harness *harness;

typedef struct {
    FakeSession *session; /* NULL when the call was refused before */
    char *id;
} Call;

static gboolean
has_session(gpointer user_data)
{
    Call *call = user_data;

    if (call->session == NULL)
        call->session = fake_last_placed();
    return call->session != NULL || mcp_calls_get_running(harness->core->calls) == 0;
}

static void
place(Call *call, GHashTable *parameters)
{
    McpPlaceRequest request = {
        .target = "sip:bob@127.0.0.1", .dialog = "probe", .parameters = parameters};
    g_autoptr(GError) error = NULL;

    call->id = mcp_calls_place(harness->core->calls, &request, &error);
    g_assert_no_error(error);
    harness_wait(harness, has_session, call, "the session of a placed call");
}

static GHashTable *
parameters_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* A call with a dialog of @kind; FALSE when the provider has none. */
static gboolean
begin(Call *call, DialogKind kind, gboolean drop)
{
    g_autoptr(GHashTable) parameters = parameters_new();
    g_autofree char *user = g_strdup_printf("kind%d%s", kind, drop ? "drop" : "");

    *call = (Call){0};
    memset(&probe, 0, sizeof probe);
    if (!dialog_provider.describe(kind, parameters))
        return FALSE;
    if (dialog_provider.plan != NULL)
        dialog_provider.plan(kind);
    if (drop)
        g_hash_table_insert(parameters, g_strdup("drop"), g_strdup("yes"));
    if (dialog_provider.arrives) {
        call->session = fake_call_in(harness, user, "127.0.0.1");
        call->id = g_strdup(fake_session_call_id(call->session));
    } else {
        place(call, parameters);
    }
    return TRUE;
}

static void
add_service(GString *lines, DialogKind kind, gboolean drop)
{
    g_autoptr(GHashTable) parameters = parameters_new();
    const char *separator = "";
    GHashTableIter iter;
    gpointer name = NULL;
    gpointer value = NULL;

    if (!dialog_provider.describe(kind, parameters))
        return;
    if (drop)
        g_hash_table_insert(parameters, g_strdup("drop"), g_strdup("yes"));
    g_string_append_printf(lines, "[service \"kind%d%s\"]\nuser = kind%d%s\ndialog = probe\n", kind,
                           drop ? "drop" : "", kind, drop ? "drop" : "");
    g_string_append(lines, "parameters = ");
    g_hash_table_iter_init(&iter, parameters);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        g_string_append_printf(lines, "%s%s=%s", separator, (char *)name, (char *)value);
        separator = ", ";
    }
    g_string_append_c(lines, '\n');
}

/* (transfer full): the provider's lines, and a service for each call that comes in. */
static char *
make_lines(void)
{
    g_autofree char *own = dialog_provider.open();
    GString *lines = g_string_new(own);

    for (DialogKind kind = DIALOG_SHORT; dialog_provider.arrives && kind <= DIALOG_FAULTY; kind++) {
        add_service(lines, kind, FALSE);
        add_service(lines, kind, TRUE);
    }
    return g_string_free(lines, FALSE);
}

static void
be_answered(Call *call)
{
    if (dialog_provider.arrives) {
        fake_journal_wait(harness, fake_session_journal(call->session), "answer-sdp");
        /* The dialog was asked before the 200. */
        g_assert_cmpuint(probe_get(answered), >, 0);
        fake_session_emit(call->session, MCP_SESSION_ACKED, 0, NULL, NULL);
        return;
    }
    fake_session_emit(call->session, MCP_SESSION_ANSWERED, 200, NULL,
                      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                      "m=audio 4000 RTP/AVP 0\r\n");
}

static gboolean
is_idle(gpointer user_data)
{
    return mcp_calls_get_running(harness->core->calls) == 0;
}

/* Waits for the end of the call; each dialog that was started ended once. */
static void
finish(Call *call)
{
    harness_wait(harness, is_idle, NULL, "the end of the call");
    g_assert_cmpuint(probe_get(ended), ==, probe_get(started));
    g_clear_object(&call->session);
    g_clear_pointer(&call->id, g_free);
}

static gboolean
has_started(gpointer user_data)
{
    return probe_get(started) > 0;
}

static void
test_short(void)
{
    Call call;

    g_assert_true(begin(&call, DIALOG_SHORT, FALSE));
    be_answered(&call);
    fake_journal_wait(harness, fake_session_journal(call.session), "end");
    finish(&call);
    g_assert_cmpuint(probe_get(prepared), ==, 1);
    g_assert_cmpuint(probe_get(ended), ==, 1);
}

static gboolean
has_message(gpointer user_data)
{
    return probe_get(messages) > 0;
}

static void
on_described(const char *object, gpointer user_data)
{
    *(gboolean *)user_data = object != NULL;
}

static gboolean
is_described(gpointer user_data)
{
    return *(gboolean *)user_data;
}

/* "the caller hung up …; a started dialog finishes and calls its end function" */
static void
test_hangup(void)
{
    gboolean described = FALSE;
    Call call;

    g_assert_true(begin(&call, DIALOG_LASTING, FALSE));
    be_answered(&call);
    harness_wait(harness, has_started, NULL, "the start of a dialog");
    fake_session_info(call.session, "text/plain", "hello");
    harness_wait(harness, has_message, NULL, "a message");
    mcp_calls_describe(harness->core->calls, call.id, on_described, &described);
    harness_wait(harness, is_described, &described, "a description");
    g_assert_cmpuint(probe_get(described), ==, 1);
    g_assert_cmpuint(probe_get(ended), ==, 0);
    fake_session_emit(call.session, MCP_SESSION_ENDED, 200, "BYE", NULL);
    finish(&call);
    g_assert_cmpuint(probe_get(terminated), >=, 1);
    g_assert_cmpuint(probe_get(ended), ==, 1);
}

/* "or the call is to end" */
static void
test_ended_by_us(void)
{
    Call call;

    g_assert_true(begin(&call, DIALOG_LASTING, FALSE));
    be_answered(&call);
    harness_wait(harness, has_started, NULL, "the start of a dialog");
    g_assert_true(mcp_calls_hangup(harness->core->calls, call.id, "enough"));
    fake_journal_wait(harness, fake_session_journal(call.session), "end");
    finish(&call);
    g_assert_cmpuint(probe_get(ended), ==, 1);
}

/* A call that nobody answers: its dialog is prepared at most, and is never started. */
static void
test_unanswered(void)
{
    Call call;

    g_assert_true(begin(&call, DIALOG_LASTING, FALSE));
    fake_session_emit(call.session, MCP_SESSION_ENDED, 486, "Busy Here", NULL);
    finish(&call);
    g_assert_cmpuint(probe_get(started), ==, 0);
}

/* "all that must be known before a 200" */
static void
test_broken(void)
{
    Call call;

    if (!begin(&call, DIALOG_BROKEN, FALSE))
        return;
    finish(&call);
    g_assert_cmpuint(probe_get(refused), ==, 1);
    g_assert_cmpuint(probe_get(started), ==, 0);
}

/* "NULL … for faults known at once" */
static void
test_faulty(void)
{
    Call call;

    if (!begin(&call, DIALOG_FAULTY, FALSE))
        return;
    finish(&call);
    g_assert_cmpuint(probe_get(faulty), ==, 1);
}

static gboolean
has_dropped(gpointer user_data)
{
    return probe_get(dropped) > 0;
}

/* A dialog that is cancelled and let go of while it is prepared. */
static void
test_dropped(void)
{
    Call call;

    g_assert_true(begin(&call, DIALOG_SHORT, TRUE));
    harness_wait(harness, has_dropped, NULL, "the end of a dropped preparation");
    be_answered(&call);
    finish(&call);
    g_assert_cmpuint(probe_get(dropped), ==, 1);
    g_assert_cmpuint(probe_get(ended), ==, 1);
}

#define ADD(name, func) g_test_add_func("/dialog/" name, func)

int
main(int argc, char **argv)
{
    static const McpPluginDesc *const more[] = {&probe_desc, NULL};
    g_autofree char *plugins = g_strconcat(", probe", dialog_provider.plugins, NULL);
    g_autofree char *lines = NULL;
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    ADD("short", test_short);
    ADD("hangup", test_hangup);
    ADD("ended-by-us", test_ended_by_us);
    ADD("unanswered", test_unanswered);
    ADD("broken", test_broken);
    ADD("faulty", test_faulty);
    ADD("dropped", test_dropped);
    lines = make_lines();
    harness = harness_new_with(more, plugins, lines);
    result = g_test_run();
    harness_free(harness);
    dialog_provider.close();
    return result;
}
