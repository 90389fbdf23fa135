/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SNMP thread: connects to the master, serves it, sends it notifications, pings it, and comes
 * back when it has gone. Whatever blocks in it, blocks nothing else.
 */
#include "agent.h"

#include "master.h"
#include "session.h"

#include <errno.h>
#include <mcp/breaker.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PING_INTERVAL (2 * G_USEC_PER_SEC)
#define FIRST_WAIT (G_USEC_PER_SEC / 2)
#define MOST_WAIT (4 * G_USEC_PER_SEC)
#define CLOSE_WAIT (5 * G_USEC_PER_SEC)
#define WAITING_MAX 128 /* notifications */

struct _McpSnmpAgent {
    gatomicrefcount refs; /* the owner, the thread, its last message */
    GThread *thread;
    McpClock *clock;
    char *master;
    McpSnmpInstances *instances;
    int wake;
    GCancellable *closing;
    GMutex lock;         /* of what follows up to the next gap */
    gboolean is_serving; /* metrics are those of a platform that is there */
    McpMetrics *metrics;
    McpDependency *dependency; /* nullable */
    GQueue waiting;            /* McpSnmpNotification */

    GMainContext *control; /* of the owner, as is what follows */
    McpTimer *deadline;
    GSourceOnceFunc closed; /* nullable: told already */
    gpointer user_data;
};

static gint running; /* atomic: threads in the library */

static void
agent_unref(McpSnmpAgent *agent)
{
    if (!g_atomic_ref_count_dec(&agent->refs))
        return;
    g_queue_clear_full(&agent->waiting, (GDestroyNotify)mcp_snmp_notification_free);
    mcp_snmp_instances_free(agent->instances);
    g_main_context_unref(agent->control);
    g_object_unref(agent->closing);
    g_object_unref(agent->clock);
    g_mutex_clear(&agent->lock);
    close(agent->wake);
    g_free(agent->master);
    g_free(agent);
}

static void
count(McpSnmpAgent *agent, McpSnmpMetric metric, guint label, gint64 delta)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&agent->lock);

    if (agent->is_serving)
        mcp_metrics_add(agent->metrics, metric, label, delta);
}

/* @why: (nullable): it is there */
static void
tell_health(McpSnmpAgent *agent, const char *why)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&agent->lock);

    if (agent->is_serving && why != NULL)
        mcp_dependency_set(agent->dependency, MCP_HEALTH_DOWN, "the master %s is away: %s",
                           agent->master, why);
    else if (agent->is_serving)
        mcp_dependency_set(agent->dependency, MCP_HEALTH_UP, NULL);
}

static const McpSnmpInstance *
read_variable(const McpSnmpOid *oid, gsize length, gboolean next, gboolean inclusive,
              McpSnmpValue *out_value, gpointer user_data)
{
    McpSnmpAgent *agent = user_data;
    const McpSnmpInstance *instance =
        next ? mcp_snmp_instances_next(agent->instances, oid, length, inclusive)
             : mcp_snmp_instances_find(agent->instances, oid, length);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&agent->lock);

    if (!agent->is_serving)
        return NULL;
    mcp_metrics_add(agent->metrics, MCP_SNMP_METRIC_REQUESTS, 0, 1);
    if (instance != NULL)
        mcp_snmp_instance_read(instance, out_value);
    return instance;
}

static gboolean
is_closing(McpSnmpAgent *agent)
{
    return g_cancellable_is_cancelled(agent->closing);
}

static void
clear_wake(McpSnmpAgent *agent)
{
    guint64 many;

    while (read(agent->wake, &many, sizeof many) < 0 && errno == EINTR)
        continue;
}

static void
set_wake(McpSnmpAgent *agent)
{
    const guint64 one = 1;

    while (write(agent->wake, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

static McpSnmpNotification *
pop_waiting(McpSnmpAgent *agent)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&agent->lock);

    return g_queue_pop_head(&agent->waiting);
}

static void
send_waiting(McpSnmpAgent *agent)
{
    McpSnmpNotification *notification = NULL;

    while (mcp_snmp_session_is_open() && (notification = pop_waiting(agent)) != NULL) {
        mcp_snmp_session_notify(notification);
        mcp_snmp_notification_free(notification);
        count(agent, MCP_SNMP_METRIC_NOTIFICATIONS, MCP_SNMP_OUTCOME_SENT, 1);
    }
}

/* Until the session or the agent ends. */
static void
serve(McpSnmpAgent *agent)
{
    gint64 ping = mcp_clock_now(agent->clock) + PING_INTERVAL;

    while (mcp_snmp_session_is_open() && !is_closing(agent)) {
        gint64 now = mcp_clock_now(agent->clock);

        send_waiting(agent);
        if (now >= ping && !mcp_snmp_session_ping())
            break;
        if (now >= ping)
            ping = now + PING_INTERVAL;
        mcp_snmp_session_run(agent->wake, MAX(ping - now, 0));
        clear_wake(agent);
    }
}

static gboolean
connect_master(McpSnmpAgent *agent, GError **error)
{
    g_autofree char *address = mcp_snmp_master_probe(agent->master, agent->closing, error);

    return address != NULL && mcp_snmp_session_open(address, error);
}

static void
wait_for(McpSnmpAgent *agent, gint64 delay)
{
    struct pollfd wake = {.fd = agent->wake, .events = POLLIN};
    gint64 end = mcp_clock_now(agent->clock) + delay;
    gint64 left = delay;

    /* A notification that is to wait wakes it, too. */
    while (left > 0 && !is_closing(agent)) {
        poll(&wake, 1, (int)(left / 1000) + 1);
        clear_wake(agent);
        left = end - mcp_clock_now(agent->clock);
    }
}

static void
serve_session(McpSnmpAgent *agent)
{
    mcp_log_info("snmp-connected", NULL, "AgentX session with %s", agent->master);
    tell_health(agent, NULL);
    count(agent, MCP_SNMP_METRIC_CONNECTS, 0, 1);
    count(agent, MCP_SNMP_METRIC_CONNECTED, 0, 1);
    serve(agent);
    count(agent, MCP_SNMP_METRIC_CONNECTED, 0, -1);
}

static void
keep_session(McpSnmpAgent *agent)
{
    McpBackoff backoff = {0};
    gboolean is_told = FALSE; /* that it is away */

    while (!is_closing(agent)) {
        g_autoptr(GError) error = NULL;
        const char *why = "it hung up, or does not answer";

        if (connect_master(agent, &error)) {
            mcp_backoff_reset(&backoff);
            serve_session(agent);
            is_told = FALSE;
        }
        if (is_closing(agent))
            break;
        if (error != NULL)
            why = error->message;
        tell_health(agent, why);
        if (!is_told)
            mcp_log_warning("snmp-away", NULL, "SNMP master %s is away: %s", agent->master, why);
        is_told = TRUE;
        wait_for(agent, mcp_backoff_next(&backoff, FIRST_WAIT, MOST_WAIT));
    }
}

static void
tell_closed(McpSnmpAgent *agent)
{
    GSourceOnceFunc closed = g_steal_pointer(&agent->closed);

    mcp_timer_clear(&agent->deadline);
    if (closed != NULL)
        closed(agent->user_data);
}

static gboolean
on_ended(gpointer user_data)
{
    McpSnmpAgent *agent = user_data;

    g_thread_join(agent->thread);
    tell_closed(agent);
    return G_SOURCE_REMOVE;
}

/* Not g_main_context_invoke(): that might run it here, where nobody can join the thread. */
static void
post_ended(McpSnmpAgent *agent)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, on_ended, agent, (GDestroyNotify)agent_unref);
    g_source_attach(source, agent->control);
}

static gpointer
run(gpointer user_data)
{
    McpSnmpAgent *agent = user_data;

    mcp_snmp_session_start(read_variable, agent);
    keep_session(agent);
    mcp_snmp_session_end();
    g_atomic_int_set(&running, 0);
    post_ended(agent);
    return NULL;
}

McpSnmpAgent *
mcp_snmp_agent_new(McpClock *clock, McpMetrics *metrics, const char *master,
                   McpSnmpInstances *instances, McpDependency *dependency, GError **error)
{
    McpSnmpAgent *agent = NULL;
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (wake < 0 || !g_atomic_int_compare_and_exchange(&running, 0, 1)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "%s",
                    wake < 0 ? g_strerror(errno) : "an SNMP agent runs in this process already");
        mcp_snmp_instances_free(instances);
        if (wake >= 0)
            close(wake);
        return NULL;
    }
    agent = g_new0(McpSnmpAgent, 1);
    g_atomic_ref_count_init(&agent->refs);
    g_atomic_ref_count_inc(&agent->refs);
    g_mutex_init(&agent->lock);
    agent->clock = g_object_ref(clock);
    agent->metrics = metrics;
    agent->master = g_strdup(master);
    agent->instances = instances;
    agent->dependency = dependency;
    agent->is_serving = TRUE;
    agent->closing = g_cancellable_new();
    agent->control = g_main_context_ref_thread_default();
    agent->wake = wake;
    agent->thread = g_thread_new("mcp-snmp", run, agent);
    return agent;
}

void
mcp_snmp_agent_notify(McpSnmpAgent *agent, McpSnmpNotification *notification)
{
    McpSnmpNotification *oldest = NULL;

    g_mutex_lock(&agent->lock);
    if (agent->waiting.length >= WAITING_MAX)
        oldest = g_queue_pop_head(&agent->waiting);
    g_queue_push_tail(&agent->waiting, notification);
    g_mutex_unlock(&agent->lock);
    if (oldest != NULL) {
        mcp_snmp_notification_free(oldest);
        count(agent, MCP_SNMP_METRIC_NOTIFICATIONS, MCP_SNMP_OUTCOME_DROPPED, 1);
    }
    set_wake(agent);
}

static void
on_deadline(gpointer user_data)
{
    McpSnmpAgent *agent = user_data;

    mcp_log_warning("snmp-stuck", NULL, "the SNMP thread is held by the master %s: left behind",
                    agent->master);
    g_mutex_lock(&agent->lock);
    agent->is_serving = FALSE;
    g_mutex_unlock(&agent->lock);
    tell_closed(agent);
}

void
mcp_snmp_agent_close(McpSnmpAgent *agent, GSourceOnceFunc closed, gpointer user_data)
{
    agent->closed = closed;
    agent->user_data = user_data;
    agent->deadline = mcp_clock_after(agent->clock, NULL, CLOSE_WAIT, on_deadline, agent);
    g_cancellable_cancel(agent->closing);
    set_wake(agent);
    agent_unref(agent);
}
