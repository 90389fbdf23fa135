/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the platform is: loops, phase, admission, services and the dependencies that plugins declare.
 * Asked from threads that must not wait for a loop: what is read here is atomic, or under a lock
 * that nobody keeps while doing anything else.
 */
#include "health/health.h"

#include "call/pattern.h"
#include "health/limits.h"
#include "server/core.h"

#include <mcp/log.h>
#include <string.h>

#define DEPENDENCIES_MAX 256

struct _McpDependency {
    McpHealth *health;
    char *name;
    char *plugin;
    McpNeed need;
    McpHealthState state; /* this and the rest under the lock of @health */
    char *text;
    gint64 since; /* wall µs */
};

struct _McpHealth {
    McpCore *core;
    GMutex lock; /* guards the dependencies and @required */
    GPtrArray *dependencies;
    char **required;
    gint phase;       /* atomic: McpHealthPhase */
    gboolean told;    /* who watches */
    gboolean ready;   /* who watches */
    guint n_degraded; /* who watches */
};

McpHealth *
mcp_health_new(McpCore *core)
{
    McpHealth *health = g_new0(McpHealth, 1);

    health->core = core;
    g_mutex_init(&health->lock);
    health->dependencies = g_ptr_array_new();
    health->required = g_new0(char *, 1);
    return health;
}

static void
dependency_clear(McpDependency *dependency)
{
    g_free(dependency->name);
    g_free(dependency->plugin);
    g_free(dependency->text);
    g_free(dependency);
}

void
mcp_health_free(McpHealth *health)
{
    g_ptr_array_unref(health->dependencies);
    g_strfreev(health->required);
    g_mutex_clear(&health->lock);
    g_free(health);
}

void
mcp_health_configure(McpHealth *health, McpSettings *settings)
{
    char **required =
        g_strdupv((char **)mcp_settings_get_list(settings, "core", NULL, "ready_requires"));

    g_mutex_lock(&health->lock);
    g_strfreev(health->required);
    health->required = required;
    g_mutex_unlock(&health->lock);
}

void
mcp_health_set_phase(McpHealth *health, McpHealthPhase phase)
{
    g_atomic_int_set(&health->phase, (gint)phase);
}

McpDependency *
mcp_health_add(McpHealth *health, const char *plugin, const char *name, McpNeed need)
{
    McpDependency *dependency = g_new0(McpDependency, 1);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&health->lock);

    dependency->health = health;
    dependency->name = g_strdup(name);
    dependency->plugin = g_strdup(plugin);
    dependency->need = need;
    dependency->state = MCP_HEALTH_DOWN;
    dependency->text = g_strdup("not heard of yet");
    dependency->since = mcp_clock_wall(health->core->clock);
    /* Beyond the bound it works for its plugin, but is not shown. */
    if (health->dependencies->len < DEPENDENCIES_MAX)
        g_ptr_array_add(health->dependencies, dependency);
    return dependency;
}

void
mcp_dependency_set(McpDependency *dependency, McpHealthState state, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    if (dependency == NULL)
        return;
    if (format != NULL) {
        va_start(args, format);
        text = g_strdup_vprintf(format, args);
        va_end(args);
    }
    g_mutex_lock(&dependency->health->lock);
    if (dependency->state != state)
        dependency->since = mcp_clock_wall(dependency->health->core->clock);
    dependency->state = state;
    g_free(dependency->text);
    dependency->text = g_steal_pointer(&text);
    g_mutex_unlock(&dependency->health->lock);
}

void
mcp_dependency_free(McpDependency *dependency)
{
    McpHealth *health = dependency->health;

    g_mutex_lock(&health->lock);
    g_ptr_array_remove(health->dependencies, dependency);
    g_mutex_unlock(&health->lock);
    dependency_clear(dependency);
}

/* --- what the core knows --- */

static void
find_loops(McpHealth *health, guint limit, McpFindings *findings)
{
    McpLoadGuard *guard;

    if (health->core->calls == NULL)
        return;
    guard = mcp_calls_get_load(health->core->calls);
    for (guint i = 0; i < mcp_load_guard_get_loops(guard); i++) {
        McpLoopLoad *load = mcp_load_guard_get_loop(guard, i);
        guint silence = mcp_loop_load_get_silence(load);

        if (silence >= limit)
            mcp_findings_add(findings, TRUE, "loop", mcp_loop_load_get_name(load),
                             "has not answered for %u.%u s", silence / 1000, silence % 1000 / 100);
    }
}

static void
find_phase(McpHealth *health, McpFindings *findings)
{
    switch ((McpHealthPhase)g_atomic_int_get(&health->phase)) {
    case MCP_HEALTH_STARTING:
        mcp_findings_add(findings, TRUE, "node", "start", "not all plugins have started");
        break;
    case MCP_HEALTH_STOPPING:
        mcp_findings_add(findings, TRUE, "node", "stop", "the platform is stopping");
        break;
    case MCP_HEALTH_RUNNING:
        break;
    }
}

static void
find_admission(McpHealth *health, McpFindings *findings)
{
    const char *closed;

    if (g_atomic_int_get(&health->phase) != MCP_HEALTH_RUNNING)
        return;
    if (g_atomic_int_get(&health->core->draining)) {
        mcp_findings_add(findings, TRUE, "node", "drain", "draining: no new calls are taken");
        return;
    }
    closed = mcp_calls_is_full(health->core->calls);
    if (closed != NULL)
        mcp_findings_add(findings, TRUE, "node", "admission", "%s", closed);
}

static gboolean
provides(const McpPluginDesc *desc, const char *contract)
{
    for (const McpProvides *row = desc->provides; row != NULL && row->contract != NULL; row++) {
        if (strcmp(row->contract, contract) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Without one of these a platform that was set up to have it takes no calls. */
static void
find_services(McpHealth *health, McpFindings *findings)
{
    static const char *const needed[] = {"signalling", "media", "dialog"};
    McpCore *core = health->core;

    if (g_atomic_int_get(&health->phase) != MCP_HEALTH_RUNNING)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(needed); i++) {
        g_auto(GStrv) live = mcp_registry_list(core->registry, needed[i]);
        gboolean wanted = FALSE;

        for (guint j = 0; j < core->units->len; j++) {
            const McpUnit *unit = g_ptr_array_index(core->units, j);

            wanted = wanted || provides(unit->desc, needed[i]);
        }
        if (wanted && live[0] == NULL)
            mcp_findings_add(findings, TRUE, "service", needed[i], "none is running");
    }
}

/* --- what plugins declare --- */

static gboolean
is_required(const McpHealth *health, const McpDependency *dependency)
{
    return dependency->need == MCP_NEED_REQUIRED ||
           mcp_pattern_match_any((const char *const *)health->required, dependency->name);
}

/* A name that nobody declares is a slip of the pen, or its plugin is not enabled. */
static void
find_undeclared(McpHealth *health, McpFindings *findings)
{
    for (guint i = 0; health->required[i] != NULL; i++) {
        gboolean known = strpbrk(health->required[i], "*?") != NULL;

        for (guint j = 0; j < health->dependencies->len && !known; j++) {
            const McpDependency *dependency = g_ptr_array_index(health->dependencies, j);

            known = strcmp(dependency->name, health->required[i]) == 0;
        }
        if (!known)
            mcp_findings_add(findings, TRUE, "dependency", health->required[i],
                             "required by [core] ready_requires, but no plugin declares it");
    }
}

static void
find_dependencies(McpHealth *health, McpFindings *findings)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&health->lock);

    for (guint i = 0; i < health->dependencies->len; i++) {
        const McpDependency *dependency = g_ptr_array_index(health->dependencies, i);

        if (dependency->state != MCP_HEALTH_UP)
            mcp_findings_add(
                findings, dependency->state == MCP_HEALTH_DOWN && is_required(health, dependency),
                "dependency", dependency->name, "%s",
                dependency->text != NULL ? dependency->text : "down");
    }
    if (g_atomic_int_get(&health->phase) == MCP_HEALTH_RUNNING)
        find_undeclared(health, findings);
}

McpFindings *
mcp_health_probe(McpHealth *health, McpHealthProbe probe)
{
    McpFindings *findings = mcp_findings_new();

    switch (probe) {
    case MCP_PROBE_LIVE:
        find_loops(health, MCP_LOOP_DEAD, findings);
        break;
    case MCP_PROBE_STARTUP:
        if (g_atomic_int_get(&health->phase) == MCP_HEALTH_STARTING)
            find_phase(health, findings);
        break;
    case MCP_PROBE_READY:
        find_phase(health, findings);
        find_loops(health, MCP_LOOP_STUCK, findings);
        find_admission(health, findings);
        find_services(health, findings);
        find_dependencies(health, findings);
        break;
    }
    return findings;
}

static void
describe_dependency(McpHealth *health, const McpDependency *dependency, McpJson *json)
{
    static const char *const states[] = {"up", "degraded", "down"};

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "name", dependency->name);
    mcp_json_string(json, "plugin", dependency->plugin);
    mcp_json_bool(json, "required", is_required(health, dependency));
    mcp_json_string(json, "state", states[dependency->state]);
    mcp_json_string(json, "text", dependency->text);
    mcp_json_time(json, "since", dependency->since);
    mcp_json_end_object(json);
}

void
mcp_health_describe(McpHealth *health, McpJson *json)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&health->lock);

    mcp_json_begin_array(json, "dependencies");
    for (guint i = 0; i < health->dependencies->len; i++)
        describe_dependency(health, g_ptr_array_index(health->dependencies, i), json);
    mcp_json_end_array(json);
}

void
mcp_health_tell(McpHealth *health)
{
    g_autoptr(McpFindings) findings = mcp_health_probe(health, MCP_PROBE_READY);
    gboolean ready = findings->fatal->len == 0;
    gboolean changed = ready != health->ready || !health->told;
    g_autofree char *why = NULL;

    if (g_atomic_int_get(&health->phase) == MCP_HEALTH_STARTING)
        return;
    mcp_metrics_set(health->core->metrics, MCP_CORE_READY, 0, ready);
    mcp_metrics_set(health->core->metrics, MCP_CORE_DEGRADED, 0, findings->degraded->len);
    why = mcp_findings_to_line(ready ? findings->degraded : findings->fatal);
    if (changed && !ready)
        mcp_log_warning("not-ready", NULL, "not ready: %s", why);
    else if (changed || findings->degraded->len != health->n_degraded)
        mcp_log_info("ready", NULL, "ready%s%s", *why != '\0' ? ", degraded: " : "", why);
    health->told = TRUE;
    health->ready = ready;
    health->n_degraded = findings->degraded->len;
}
