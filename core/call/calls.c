/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All calls of the process: admission, routing to a service and a shard, listing, the last ended
 * ones. The lock guards the tables and the configuration in force; calls themselves are touched on
 * their shards only. Any thread unless said otherwise.
 */
#include "call/calls.h"

#include "call/calls_private.h"
#include "plugin/metrics.h"

#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>
#include <sys/random.h>

#define CHECK_INTERVAL (500 * G_TIME_SPAN_MILLISECOND)
/* Log lines of refused calls a second. */
#define REFUSALS_PER_SOURCE 10
#define REFUSALS_TOTAL 50
/* After the last call: its SIP transactions are over by then (RFC 3261 §17, 64 × T1). */
#define TRIM_AFTER (40 * G_USEC_PER_SEC)
#define DEFAULT_PLACE_DEADLINE (60 * G_USEC_PER_SEC)

typedef struct {
    char *id;
    char *description;
} Finished;

G_DEFINE_FINAL_TYPE(McpCalls, mcp_calls, G_TYPE_OBJECT)

void
mcp_calls_config_unref(McpCallsConfig *config)
{
    if (!g_atomic_ref_count_dec(&config->refs))
        return;
    g_clear_pointer(&config->router, g_ptr_array_unref);
    g_clear_pointer(&config->peers, mcp_peer_table_unref);
    g_free(config);
}

static McpCallsConfig *
config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpCallsConfig) config = g_new0(McpCallsConfig, 1);

    g_atomic_ref_count_init(&config->refs);
    config->router = mcp_router_new(settings, error);
    if (config->router == NULL)
        return NULL;
    config->peers = mcp_peer_table_new(settings, error);
    if (config->peers == NULL)
        return NULL;
    config->max_calls = mcp_settings_get_int(settings, "core", NULL, "max_calls");
    config->max_duration = mcp_settings_get_int(settings, "core", NULL, "max_call_duration");
    config->retry_after = mcp_settings_get_int(settings, "core", NULL, "retry_after");
    return g_steal_pointer(&config);
}

McpCallsConfig *
mcp_calls_get_config(McpCalls *calls)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&calls->lock);

    g_atomic_ref_count_inc(&calls->config->refs);
    return calls->config;
}

static void
finished_free(Finished *finished)
{
    g_free(finished->id);
    g_free(finished->description);
    g_free(finished);
}

static void
mcp_calls_finalize(GObject *object)
{
    McpCalls *calls = MCP_CALLS(object);

    mcp_timer_clear(&calls->check_timer);
    mcp_shards_free(calls->shards, calls->n_shards);
    g_clear_pointer(&calls->admission, mcp_admission_free);
    g_clear_pointer(&calls->load, mcp_load_guard_free);
    g_clear_pointer(&calls->refusals, mcp_log_limit_free);
    g_hash_table_unref(calls->running);
    g_hash_table_unref(calls->holds);
    g_queue_clear_full(&calls->finished, (GDestroyNotify)finished_free);
    g_clear_pointer(&calls->config, mcp_calls_config_unref);
    g_mutex_clear(&calls->lock);
    G_OBJECT_CLASS(mcp_calls_parent_class)->finalize(object);
}

static void
mcp_calls_class_init(McpCallsClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_calls_finalize;
}

static void
mcp_calls_init(McpCalls *calls)
{
    g_mutex_init(&calls->lock);
    g_queue_init(&calls->finished);
    calls->running = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_object_unref);
    calls->holds = g_hash_table_new(NULL, NULL);
}

static void check(gpointer user_data);

static void
schedule_check(McpCalls *calls)
{
    calls->check_timer =
        mcp_clock_after(calls->core->clock, calls->core->control, CHECK_INTERVAL, check, calls);
}

/* After a burst the memory of its busiest moment is given back. */
static void
check_memory(McpCalls *calls)
{
    gint64 now = mcp_clock_now(calls->core->clock);
    gboolean due;

    g_mutex_lock(&calls->lock);
    due = calls->idle_since != 0 && now - calls->idle_since >= TRIM_AFTER;
    if (due)
        calls->idle_since = 0;
    g_mutex_unlock(&calls->lock);
    if (due)
        mcp_core_trim_memory(calls->core);
}

static void
check(gpointer user_data)
{
    McpCalls *calls = user_data;

    mcp_timer_clear(&calls->check_timer);
    check_memory(calls);
    mcp_calls_check_room(calls);
    mcp_load_guard_measure(calls->load);
    mcp_metrics_set(calls->core->metrics, MCP_CORE_CPU_PERCENT, 0,
                    mcp_load_guard_get_percent(calls->load));
    mcp_log_limit_flush(calls->refusals, mcp_clock_now(calls->core->clock));
    schedule_check(calls);
}

static void
configure_limits(McpCalls *calls, McpSettings *settings)
{
    mcp_admission_configure(calls->admission, settings);
    mcp_load_guard_configure(calls->load, settings);
}

static McpShard *
make_shard(McpCalls *calls, guint index)
{
    g_autofree char *name = g_strdup_printf("shard-%u", index);

    return mcp_shard_new(index, calls->core->clock, mcp_load_guard_add(calls->load, name));
}

McpCalls *
mcp_calls_new(McpCore *core, McpSettings *settings)
{
    McpCalls *calls = g_object_new(MCP_TYPE_CALLS, NULL);
    gint64 wanted = mcp_settings_get_int(settings, "core", NULL, "shards");

    calls->core = core;
    calls->config = config_new(settings, NULL);
    calls->max_finished = (guint)mcp_settings_get_int(settings, "core", NULL, "finished_calls");
    calls->n_shards = wanted > 0 ? (guint)wanted : 2 * g_get_num_processors();
    calls->shards = g_new0(McpShard *, calls->n_shards);
    calls->admission = mcp_admission_new(core->clock);
    calls->load = mcp_load_guard_new();
    calls->refusals =
        mcp_log_limit_new(REFUSALS_PER_SOURCE, REFUSALS_TOTAL, G_LOG_DOMAIN, "calls-refused");
    g_atomic_int_set(&calls->most, (gint)calls->config->max_calls);
    configure_limits(calls, settings);
    for (guint i = 0; i < calls->n_shards; i++)
        calls->shards[i] = make_shard(calls, i);
    schedule_check(calls);
    return calls;
}

gboolean
mcp_calls_check(McpSettings *settings, GPtrArray *errors)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpCallsConfig) config = config_new(settings, &error);

    if (config == NULL)
        g_ptr_array_add(errors, g_strdup(error->message));
    return config != NULL;
}

void
mcp_calls_reconfigure(McpCalls *calls, McpSettings *settings)
{
    McpCallsConfig *config = config_new(settings, NULL);
    McpCallsConfig *before;

    g_return_if_fail(config != NULL);
    g_mutex_lock(&calls->lock);
    before = calls->config;
    calls->config = config;
    g_mutex_unlock(&calls->lock);
    mcp_calls_config_unref(before);
    g_atomic_int_set(&calls->most, (gint)config->max_calls);
    configure_limits(calls, settings);
}

McpLoopLoad *
mcp_calls_add_loop(McpCalls *calls, const char *name)
{
    return mcp_load_guard_add(calls->load, name);
}

McpLoadGuard *
mcp_calls_get_load(McpCalls *calls)
{
    return calls->load;
}

void
mcp_calls_describe_load(McpCalls *calls, McpJson *json)
{
    mcp_load_guard_describe(calls->load, json);
}

guint
mcp_calls_get_shards(McpCalls *calls)
{
    return calls->n_shards;
}

McpCore *
mcp_calls_get_core(McpCalls *calls)
{
    return calls->core;
}

gint64
mcp_calls_get_max_duration(McpCalls *calls)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);

    return config->max_duration;
}

McpPeer *
mcp_calls_match_peer(McpCalls *calls, GInetAddress *address)
{
    return mcp_calls_match_tls_peer(calls, address, NULL);
}

McpPeer *
mcp_calls_match_tls_peer(McpCalls *calls, GInetAddress *address, const char *const *tls_names)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);

    return mcp_peer_table_match(config->peers, address, tls_names);
}

McpPeer *
mcp_calls_match_account(McpCalls *calls, GInetAddress *address, const char *const *tls_names,
                        const char *user)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);

    return mcp_peer_table_match_account(config->peers, address, tls_names, user);
}

gboolean
mcp_calls_has_accounts(McpCalls *calls, GInetAddress *address, const char *const *tls_names)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);

    return mcp_peer_table_has_accounts(config->peers, address, tls_names);
}

void
mcp_calls_explain_peer(McpCalls *calls, GInetAddress *address, const char *const *tls_names,
                       McpExplain *explain)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);
    g_autoptr(McpSettings) settings = mcp_core_get_settings(calls->core);

    mcp_peer_table_explain(config->peers, address, tls_names, settings, explain);
}

guint
mcp_calls_get_running(McpCalls *calls)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&calls->lock);

    return g_hash_table_size(calls->running);
}

static McpShard *
least_busy_shard(McpCalls *calls)
{
    static gint turn; /* atomic: equal shards take turns */
    guint first = (guint)g_atomic_int_add(&turn, 1) % calls->n_shards;
    McpShard *best = NULL;

    for (guint i = 0; i < calls->n_shards; i++) {
        McpShard *shard = calls->shards[(first + i) % calls->n_shards];

        if (!mcp_loop_load_is_late(shard->load) &&
            (best == NULL || g_atomic_int_get(&shard->calls) < g_atomic_int_get(&best->calls)))
            best = shard;
    }
    return best != NULL ? best : calls->shards[first];
}

char *
mcp_call_id_new(void)
{
    guint8 bytes[8];
    GString *id = g_string_sized_new(2 * sizeof bytes);

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        for (guint i = 0; i < sizeof bytes; i++)
            bytes[i] = (guint8)g_random_int();
    }
    for (guint i = 0; i < sizeof bytes; i++)
        g_string_append_printf(id, "%02x", bytes[i]);
    return g_string_free(id, FALSE);
}

McpCall *
mcp_calls_new_call(McpCalls *calls, McpRoute *route)
{
    McpCall *call = g_object_new(MCP_TYPE_CALL, NULL);

    call->calls = calls;
    call->route = mcp_route_ref(route);
    call->shard = least_busy_shard(calls);
    g_atomic_int_inc(&call->shard->calls);
    call->id = mcp_call_id_new();
    call->settings = mcp_core_get_settings(calls->core);
    call->arrived = mcp_clock_now(calls->core->clock);
    call->arrived_wall = mcp_clock_wall(calls->core->clock);
    return call;
}

static gboolean
begin(gpointer data)
{
    mcp_call_begin(data);
    return G_SOURCE_REMOVE;
}

void
mcp_calls_start(McpCalls *calls, McpCall *call)
{
    guint running;

    g_mutex_lock(&calls->lock);
    g_hash_table_insert(calls->running, call->id, g_object_ref(call));
    calls->idle_since = 0;
    running = g_hash_table_size(calls->running);
    g_mutex_unlock(&calls->lock);
    mcp_metrics_set(calls->core->metrics, MCP_CORE_CALLS_RUNNING, 0, running);
    if (mcp_traces_is_active(calls->core->traces))
        mcp_call_trace(call, NULL);
    mcp_shard_invoke(call->shard, begin, g_object_ref(call), g_object_unref);
}

static void
copy_parameter(gpointer key, gpointer value, gpointer user_data)
{
    g_hash_table_insert(user_data, g_strdup(key), g_strdup(value));
}

char *
mcp_calls_place(McpCalls *calls, const McpPlaceRequest *request, GError **error)
{
    g_autoptr(McpRoute) route = mcp_route_new("", request->dialog);
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);
    const char *closed = mcp_calls_closed_because(calls, config);
    g_autoptr(McpCall) call = NULL;

    if (closed != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "no call can be placed: %s", closed);
        return NULL;
    }
    if (request->parameters != NULL)
        g_hash_table_foreach(request->parameters, copy_parameter, route->parameters);
    call = mcp_calls_new_call(calls, route);
    call->remote_uri = g_strdup(request->target);
    call->local_uri = g_strdup(request->from != NULL ? request->from : "");
    call->uui = g_strdup(request->uui);
    call->place_deadline = request->deadline > 0 ? request->deadline : DEFAULT_PLACE_DEADLINE;
    mcp_calls_start(calls, call);
    return g_strdup(call->id);
}

static gboolean
run_idle(gpointer data)
{
    McpCalls *calls = data;
    McpIdleFunc idle = NULL;
    gpointer idle_data = NULL;

    g_mutex_lock(&calls->lock);
    if (g_hash_table_size(calls->running) == 0) {
        idle = g_steal_pointer(&calls->idle);
        idle_data = calls->idle_data;
    }
    g_mutex_unlock(&calls->lock);
    if (idle != NULL)
        idle(idle_data);
    return G_SOURCE_REMOVE;
}

static void
schedule_idle(McpCalls *calls)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, run_idle, g_object_ref(calls), g_object_unref);
    g_source_attach(source, calls->core->control);
}

void
mcp_calls_on_idle(McpCalls *calls, McpIdleFunc func, gpointer user_data)
{
    g_mutex_lock(&calls->lock);
    calls->idle = func;
    calls->idle_data = user_data;
    g_mutex_unlock(&calls->lock);
    if (func != NULL)
        schedule_idle(calls);
}

void
mcp_calls_forget(McpCalls *calls, McpCall *call, char *description)
{
    Finished *finished = g_new(Finished, 1);
    guint running;
    gboolean idle;

    *finished = (Finished){g_strdup(call->id), description};
    if (call->invite != NULL)
        mcp_admission_release(calls->admission, call->peer);
    g_mutex_lock(&calls->lock);
    g_queue_push_tail(&calls->finished, finished);
    finished = g_queue_get_length(&calls->finished) > calls->max_finished
                   ? g_queue_pop_head(&calls->finished)
                   : NULL;
    g_hash_table_remove(calls->running, call->id);
    running = g_hash_table_size(calls->running);
    idle = running == 0 && calls->idle != NULL;
    if (running == 0)
        calls->idle_since = mcp_clock_now(calls->core->clock);
    g_mutex_unlock(&calls->lock);
    g_clear_pointer(&finished, finished_free);
    if (mcp_traces_is_active(calls->core->traces))
        mcp_traces_remove_call(calls->core->traces, call->id);
    mcp_metrics_set(calls->core->metrics, MCP_CORE_CALLS_RUNNING, 0, running);
    if (idle)
        schedule_idle(calls);
}

McpCall *
mcp_calls_find(McpCalls *calls, const char *call_id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&calls->lock);
    McpCall *call = g_hash_table_lookup(calls->running, call_id);

    return call != NULL ? g_object_ref(call) : NULL;
}

static GQuark
session_quark(void)
{
    return g_quark_from_static_string("mcp-call");
}

static gpointer
copy_id(gpointer id, gpointer user_data)
{
    return g_strdup(id);
}

void
mcp_calls_tag_session(McpSession *session, McpCall *call)
{
    g_object_set_qdata_full(G_OBJECT(session), session_quark(), g_strdup(call->id), g_free);
    if (mcp_traces_is_active(call->calls->core->traces))
        mcp_call_trace(call, mcp_session_get_sip_call_id(session));
}

McpCall *
mcp_calls_find_by_session(McpCalls *calls, McpSession *session)
{
    g_autofree char *id = g_object_dup_qdata(G_OBJECT(session), session_quark(), copy_id, NULL);

    return id != NULL ? mcp_calls_find(calls, id) : NULL;
}

static GPtrArray *
all_calls(McpCalls *calls)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&calls->lock);
    GPtrArray *all = g_ptr_array_new_with_free_func(g_object_unref);
    GHashTableIter iter;
    McpCall *call;

    g_hash_table_iter_init(&iter, calls->running);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&call))
        g_ptr_array_add(all, g_object_ref(call));
    return all;
}

static gboolean
trace_dialog(gpointer data)
{
    McpCall *call = data;

    if (call->session != NULL)
        mcp_call_trace(call, mcp_session_get_sip_call_id(call->session));
    return G_SOURCE_REMOVE;
}

void
mcp_calls_trace_all(McpTraces *traces, gpointer user_data)
{
    g_autoptr(GPtrArray) all = all_calls(user_data);

    for (guint i = 0; i < all->len; i++) {
        McpCall *call = all->pdata[i];

        mcp_call_trace(call, call->invite != NULL ? call->invite->sip_call_id : NULL);
        /* The session of a placed call is the shard's to look at. */
        if (call->invite == NULL)
            mcp_shard_invoke(call->shard, trace_dialog, g_object_ref(call), g_object_unref);
    }
}

typedef struct {
    McpCall *call;
    char *reason;
} Hangup;

static gboolean
run_hangup(gpointer data)
{
    Hangup *hangup = data;

    mcp_call_hangup(hangup->call, hangup->reason);
    return G_SOURCE_REMOVE;
}

static void
hangup_free(Hangup *hangup)
{
    g_object_unref(hangup->call);
    g_free(hangup->reason);
    g_free(hangup);
}

static void
post_hangup(McpCall *call, const char *reason)
{
    Hangup *hangup = g_new(Hangup, 1);

    *hangup = (Hangup){g_object_ref(call), g_strdup(reason)};
    mcp_shard_invoke(call->shard, run_hangup, hangup, (GDestroyNotify)hangup_free);
}

gboolean
mcp_calls_hangup(McpCalls *calls, const char *call_id, const char *reason)
{
    g_autoptr(McpCall) call = mcp_calls_find(calls, call_id);

    if (call == NULL)
        return FALSE;
    post_hangup(call, reason);
    return TRUE;
}

void
mcp_calls_hangup_all(McpCalls *calls, const char *reason)
{
    g_autoptr(GPtrArray) all = all_calls(calls);

    for (guint i = 0; i < all->len; i++)
        post_hangup(g_ptr_array_index(all, i), reason);
}

void
mcp_calls_list(McpCalls *calls, McpJson *json)
{
    g_autoptr(GPtrArray) all = all_calls(calls);

    mcp_json_begin_array(json, "calls");
    for (guint i = 0; i < all->len; i++) {
        mcp_json_begin_object(json, NULL);
        mcp_call_write_facts(g_ptr_array_index(all, i), json);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}

typedef struct {
    McpCall *call;
    char *text;
    GMainContext *context;
    McpCallDescribeFunc func;
    gpointer user_data;
} Describe;

static void
describe_free(Describe *describe)
{
    g_clear_object(&describe->call);
    g_free(describe->text);
    g_main_context_unref(describe->context);
    g_free(describe);
}

static gboolean
return_description(gpointer data)
{
    Describe *describe = data;

    describe->func(describe->text, describe->user_data);
    return G_SOURCE_REMOVE;
}

static void
post_description(Describe *describe)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, return_description, describe, (GDestroyNotify)describe_free);
    g_source_attach(source, describe->context);
}

static gboolean
write_description(gpointer data)
{
    Describe *describe = data;

    describe->text = mcp_call_write_description(describe->call, NULL);
    g_clear_object(&describe->call);
    post_description(describe);
    return G_SOURCE_REMOVE;
}

static char *
find_finished(McpCalls *calls, const char *call_id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&calls->lock);

    for (GList *item = calls->finished.tail; item != NULL; item = item->prev) {
        const Finished *finished = item->data;

        if (strcmp(finished->id, call_id) == 0)
            return g_strdup(finished->description);
    }
    return NULL;
}

void
mcp_calls_describe(McpCalls *calls, const char *call_id, McpCallDescribeFunc func,
                   gpointer user_data)
{
    Describe *describe = g_new0(Describe, 1);

    describe->func = func;
    describe->user_data = user_data;
    describe->context = g_main_context_ref_thread_default();
    describe->call = mcp_calls_find(calls, call_id);
    if (describe->call != NULL) {
        mcp_shard_invoke(describe->call->shard, write_description, describe, NULL);
        return;
    }
    describe->text = find_finished(calls, call_id);
    post_description(describe);
}
