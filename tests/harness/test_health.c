/* SPDX-License-Identifier: Apache-2.0 */
/* What the core says of itself: phases, dependencies, and a shard that stands still. */
#include "harness.h"

#include "call/calls_private.h"
#include "util/log.h"

#include <mcp/contract/health.h>
#include <string.h>

static const char services[] = "[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\nservices = demo\n"
                               "[service \"demo\"]\nuser = demo\ndialog = fake\n";

/* The line of each id that was logged last, of those about the shard of the test. */
static struct {
    GMutex lock;
    GHashTable *lines;
} seen;

static void
observe(McpLogLevel level, const char *domain, const char *id, const char *call_id,
        const char *text, gpointer user_data)
{
    if (strstr(text, "shard-0") == NULL)
        return;
    g_mutex_lock(&seen.lock);
    g_hash_table_insert(seen.lines, g_strdup(id), g_strdup(text));
    g_mutex_unlock(&seen.lock);
}

static char *
seen_line(const char *id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&seen.lock);

    return g_strdup(g_hash_table_lookup(seen.lines, id));
}

static gboolean
is_logged(gpointer id)
{
    g_autofree char *line = seen_line(id);

    return line != NULL;
}

/* "fatal | degraded" of the answer. */
static char *
findings_of(Harness *harness, McpHealthProbe probe)
{
    g_autoptr(McpFindings) findings = mcp_health_probe(harness->core->health, probe);
    g_autofree char *fatal = mcp_findings_to_line(findings->fatal);
    g_autofree char *degraded = mcp_findings_to_line(findings->degraded);

    return g_strdup_printf("%s | %s", fatal, degraded);
}

static void
assert_findings(Harness *harness, McpHealthProbe probe, const char *wanted)
{
    g_autofree char *found = findings_of(harness, probe);

    g_assert_cmpstr(found, ==, wanted);
}

static void
on_reloaded(const GError *error, gpointer user_data)
{
    g_assert_no_error(error);
}

static void
test_dependencies(void)
{
    Harness *harness = harness_new_virtual(services);
    McpDependency *peer = NULL;

    assert_findings(harness, MCP_PROBE_READY, " | ");
    assert_findings(harness, MCP_PROBE_STARTUP, " | ");
    peer = mcp_health_add(harness->core->health, "test", "peer:one", MCP_NEED_OPTIONAL);
    assert_findings(harness, MCP_PROBE_READY, " | dependency peer:one: not heard of yet");
    mcp_dependency_set(peer, MCP_HEALTH_UP, NULL);
    assert_findings(harness, MCP_PROBE_READY, " | ");
    mcp_dependency_set(peer, MCP_HEALTH_DOWN, "refused by %s", "it");
    assert_findings(harness, MCP_PROBE_READY, " | dependency peer:one: refused by it");
    mcp_dependency_free(peer);
    assert_findings(harness, MCP_PROBE_READY, " | ");
    mcp_dependency_set(NULL, MCP_HEALTH_UP, NULL);
    harness_free(harness);
}

static void
require(Harness *harness, const char *names)
{
    g_free(harness->core_lines);
    harness->core_lines = g_strdup_printf("ready_requires = %s\n", names);
    harness_write_config(harness, services);
    mcp_core_reload(harness->core, on_reloaded, NULL);
}

static void
test_required(void)
{
    Harness *harness = harness_new_virtual(services);
    McpHealth *health = harness->core->health;
    McpDependency *peer = mcp_health_add(health, "test", "peer:one", MCP_NEED_OPTIONAL);
    McpDependency *own = mcp_health_add(health, "test", "own", MCP_NEED_REQUIRED);

    mcp_dependency_set(own, MCP_HEALTH_DOWN, "gone");
    assert_findings(harness, MCP_PROBE_READY,
                    "dependency own: gone | dependency peer:one: not heard of yet");
    mcp_dependency_set(own, MCP_HEALTH_DEGRADED, "slow");
    require(harness, "peer:*");
    assert_findings(harness, MCP_PROBE_READY,
                    "dependency peer:one: not heard of yet | dependency own: slow");
    assert_findings(harness, MCP_PROBE_LIVE, " | ");
    mcp_dependency_set(peer, MCP_HEALTH_UP, NULL);
    mcp_dependency_set(own, MCP_HEALTH_UP, NULL);
    require(harness, "peer:*, absent");
    assert_findings(harness, MCP_PROBE_READY,
                    "dependency absent: required by [core] ready_requires, but no plugin declares "
                    "it | ");
    mcp_dependency_free(peer);
    mcp_dependency_free(own);
    harness_free(harness);
}

static void
test_drain(void)
{
    Harness *harness = harness_new_virtual(services);

    mcp_core_drain(harness->core, 0);
    assert_findings(harness, MCP_PROBE_READY, "node drain: draining: no new calls are taken | ");
    assert_findings(harness, MCP_PROBE_LIVE, " | ");
    harness_free(harness);
}

/* --- a shard that stands still --- */

typedef struct {
    GMutex lock;
    GCond wake;
    gboolean standing;
    gboolean end;
} Obstacle;

static gboolean
stand_still(gpointer data)
{
    Obstacle *obstacle = data;

    g_mutex_lock(&obstacle->lock);
    obstacle->standing = TRUE;
    while (!obstacle->end)
        g_cond_wait(&obstacle->wake, &obstacle->lock);
    g_mutex_unlock(&obstacle->lock);
    return G_SOURCE_REMOVE;
}

static gboolean
is_standing(gpointer data)
{
    Obstacle *obstacle = data;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&obstacle->lock);

    return obstacle->standing;
}

static void
let_go(Obstacle *obstacle)
{
    g_mutex_lock(&obstacle->lock);
    obstacle->end = TRUE;
    g_cond_broadcast(&obstacle->wake);
    g_mutex_unlock(&obstacle->lock);
}

static FakeSession *
running_call(Harness *harness)
{
    FakeSession *session = fake_call_in(harness, "demo", "127.0.0.1");

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    return session;
}

static char *
shard_of(Harness *harness, FakeSession *session)
{
    g_autoptr(McpCall) call = mcp_calls_find_by_session(harness->core->calls, MCP_SESSION(session));

    g_assert_nonnull(call);
    return g_strdup(mcp_loop_load_get_name(call->shard->load));
}

static void
on_alert(McpEvent *event, guint dropped, gpointer user_data)
{
    /* On a machine that is busy others may stand still, too. */
    if (g_strcmp0(mcp_event_get_string(event, "subject"), "shard-0") != 0)
        return;
    g_assert_cmpstr(mcp_event_get_what(event), ==, "loop-stalled");
    g_assert_null(*(char **)user_data);
    *(char **)user_data = g_strdup(mcp_event_get_string(event, "text"));
}

static gboolean
is_set(gpointer user_data)
{
    return *(char **)user_data != NULL;
}

static void
assert_others_serve(Harness *harness)
{
    FakeSession *sessions[4];

    for (guint i = 0; i < G_N_ELEMENTS(sessions); i++) {
        g_autofree char *shard = NULL;

        sessions[i] = running_call(harness);
        shard = shard_of(harness, sessions[i]);
        g_assert_cmpstr(shard, ==, "shard-1");
    }
    for (guint i = 0; i < G_N_ELEMENTS(sessions); i++)
        g_object_unref(sessions[i]);
}

static void
test_stall(void)
{
    Harness *harness = harness_new(services);
    McpShard *shard = harness->core->calls->shards[0];
    FakeSession *calls[2] = {running_call(harness), running_call(harness)};
    Obstacle obstacle = {0};
    g_autofree char *alert = NULL;
    g_autofree char *line = NULL;
    g_autofree char *ready = NULL;
    g_autofree char *back = NULL;
    guint id =
        mcp_events_subscribe(harness->core->events, 1u << MCP_EVENT_ALERT, 10, on_alert, &alert);

    mcp_log_set_level(MCP_LOG_WARNING);
    g_mutex_init(&obstacle.lock);
    g_cond_init(&obstacle.wake);
    mcp_shard_invoke(shard, stand_still, &obstacle, NULL);
    harness_wait(harness, is_standing, &obstacle, "the shard to stand");
    harness_wait(harness, is_set, &alert, "the alert");
    g_assert_nonnull(strstr(alert, "loop shard-0 has not answered for"));
    line = seen_line("loop-stalled");
    g_test_message("%s", line);
    g_assert_nonnull(strstr(line, "loop shard-0 has not answered for"));
    g_assert_nonnull(strstr(line, "stack: "));
#ifndef MCP_LATE_SIGNALS
    g_assert_nonnull(strstr(line, "g_cond_wait"));
#endif
    for (guint i = 0; i < G_N_ELEMENTS(calls); i++) {
        g_autoptr(McpCall) call =
            mcp_calls_find_by_session(harness->core->calls, MCP_SESSION(calls[i]));

        g_assert_cmpint(strstr(line, call->id) != NULL, ==, call->shard == shard);
    }
    ready = findings_of(harness, MCP_PROBE_READY);
    g_assert_nonnull(strstr(ready, "loop shard-0: has not answered for"));
    assert_findings(harness, MCP_PROBE_LIVE, " | ");
    assert_others_serve(harness);
    let_go(&obstacle);
    harness_wait(harness, is_logged, (gpointer) "loop-back", "the line that it is back");
    back = seen_line("loop-back");
    g_assert_nonnull(strstr(back, "loop shard-0 answers again after"));
    mcp_events_unsubscribe(harness->core->events, id);
    for (guint i = 0; i < G_N_ELEMENTS(calls); i++)
        g_object_unref(calls[i]);
    g_mutex_clear(&obstacle.lock);
    g_cond_clear(&obstacle.wake);
    harness_free(harness);
}

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    g_mutex_init(&seen.lock);
    seen.lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    mcp_log_add_observer(observe, NULL);
    g_test_add_func("/harness/health/dependencies", test_dependencies);
    g_test_add_func("/harness/health/required", test_required);
    g_test_add_func("/harness/health/drain", test_drain);
    g_test_add_func("/harness/health/stall", test_stall);
    result = g_test_run();
    g_hash_table_unref(seen.lines);
    return result;
}
