/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpTraces: all traces of a platform. The lock guards the list and each trace in it; it is held
 * while a message is copied, never while a line is logged. Traces begin and end on the control
 * context.
 */
#include "trace/traces_private.h"

#include "util/log.h"

#include <mcp/error.h>
#include <string.h>

#define MAX_RUNNING 16
#define MAX_ENDED 16
#define CHECK_INTERVAL G_USEC_PER_SEC

G_DEFINE_FINAL_TYPE(McpTraces, mcp_traces, G_TYPE_OBJECT)

static GMutex override_lock; /* guards @override_traces */
static McpTraces *override_traces;

static void
mcp_traces_finalize(GObject *object)
{
    McpTraces *traces = MCP_TRACES(object);

    g_ptr_array_unref(traces->running);
    g_queue_clear_full(&traces->ended, (GDestroyNotify)mcp_trace_free);
    g_object_unref(traces->clock);
    g_object_unref(traces->disk);
    g_main_context_unref(traces->context);
    g_free(traces->folder);
    g_mutex_clear(&traces->lock);
    G_OBJECT_CLASS(mcp_traces_parent_class)->finalize(object);
}

static void
mcp_traces_class_init(McpTracesClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_traces_finalize;
}

static void
mcp_traces_init(McpTraces *traces)
{
    g_mutex_init(&traces->lock);
    g_queue_init(&traces->ended);
    traces->running = g_ptr_array_new();
}

McpTraces *
mcp_traces_new(McpClock *clock, McpPool *disk, GMainContext *context)
{
    McpTraces *traces = g_object_new(MCP_TYPE_TRACES, NULL);

    traces->clock = g_object_ref(clock);
    traces->disk = g_object_ref(disk);
    traces->context = g_main_context_ref(context);
    return traces;
}

void
mcp_traces_set_walk(McpTraces *traces, McpTraceWalk walk, gpointer user_data)
{
    traces->walk = walk;
    traces->walk_data = user_data;
}

void
mcp_traces_set_folder(McpTraces *traces, const char *folder)
{
    g_free(traces->folder);
    traces->folder = folder != NULL && *folder != '\0' ? g_strdup(folder) : NULL;
}

static gboolean
raises(McpTraces *traces, McpLogLevel level, const char *call_id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&traces->lock);

    for (guint i = 0; i < traces->running->len; i++) {
        const McpTrace *trace = traces->running->pdata[i];

        if (trace->raise_level && level <= trace->level &&
            (trace->scope == MCP_TRACE_ALL ||
             (call_id != NULL && g_hash_table_contains(trace->calls, call_id))))
            return TRUE;
    }
    return FALSE;
}

static gboolean
override(McpLogLevel level, const char *call_id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&override_lock);

    return override_traces != NULL && raises(override_traces, level, call_id);
}

/* What log and signalling look at follows from the traces that run. */
static void
update_switches(McpTraces *traces)
{
    gint wanted = 0;
    gint highest = -1;

    g_mutex_lock(&traces->lock);
    for (guint i = 0; i < traces->running->len; i++) {
        const McpTrace *trace = traces->running->pdata[i];

        wanted += mcp_trace_wants_messages(trace) ? 1 : 0;
        if (trace->raise_level)
            highest = MAX(highest, (gint)trace->level);
    }
    g_mutex_unlock(&traces->lock);
    g_atomic_int_set(&traces->wanted, wanted);
    g_mutex_lock(&override_lock);
    if (highest >= 0)
        override_traces = traces;
    else if (override_traces == traces)
        override_traces = NULL;
    g_mutex_unlock(&override_lock);
    mcp_log_set_override(highest >= 0 ? override : NULL, (McpLogLevel)MAX(highest, 0));
}

static gboolean
take_out(McpTraces *traces, McpTrace *trace)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&traces->lock);
    gboolean found = g_ptr_array_remove(traces->running, trace);

    g_atomic_int_set(&traces->active, (gint)traces->running->len);
    return found;
}

static void
tell_closed(McpTraces *traces)
{
    McpTracesClosed closed = traces->closed;

    if (traces->open_files > 0 || closed == NULL)
        return;
    traces->closed = NULL;
    closed(traces->closed_data);
}

static void
on_file_closed(gpointer user_data)
{
    g_autoptr(McpTraces) traces = user_data;

    traces->open_files--;
    tell_closed(traces);
}

static void
close_files(McpTraces *traces, McpTrace *trace)
{
    guint count = (trace->text != NULL ? 1 : 0) + (trace->packets != NULL ? 1 : 0);

    traces->open_files += count;
    for (guint i = 0; i < count; i++)
        g_object_ref(traces);
    mcp_trace_close_files(trace, on_file_closed, traces);
}

static void
end_trace(McpTraces *traces, McpTrace *trace, const char *why)
{
    if (!take_out(traces, trace))
        return;
    update_switches(traces);
    close_files(traces, trace);
    trace->ended = why;
    mcp_log_info("trace-ended", NULL,
                 "trace %s has ended: %s; %" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT
                 " dropped%s%s",
                 trace->id, why, trace->taken, trace->dropped, trace->error != NULL ? "; " : "",
                 trace->error != NULL ? trace->error : "");
    g_queue_push_tail(&traces->ended, trace);
    if (g_queue_get_length(&traces->ended) > MAX_ENDED)
        mcp_trace_free(g_queue_pop_head(&traces->ended));
}

/* (nullable): why a trace that runs is to end now. */
static const char *
is_over(McpTraces *traces, const McpTrace *trace)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&traces->lock);

    if (!trace->running)
        return NULL;
    if (mcp_clock_now(traces->clock) >= trace->deadline)
        return "time is over";
    return mcp_trace_is_full(trace) ? "limit of size reached" : NULL;
}

static void
on_check(gpointer user_data)
{
    McpTraces *traces = user_data;

    mcp_timer_clear(&traces->timer);
    for (guint i = traces->running->len; i > 0; i--) {
        McpTrace *trace = traces->running->pdata[i - 1];
        const char *why = is_over(traces, trace);

        if (why != NULL)
            end_trace(traces, trace, why);
    }
    if (traces->running->len > 0)
        traces->timer =
            mcp_clock_after(traces->clock, traces->context, CHECK_INTERVAL, on_check, traces);
}

static void
run(McpTraces *traces, McpTrace *trace)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&traces->lock);

    trace->started_wall = mcp_clock_wall(traces->clock);
    trace->deadline = mcp_clock_now(traces->clock) + trace->duration;
    trace->running = TRUE;
}

/* Returns the trace's id to who asked. */
static void
begin(McpTraces *traces, McpTrace *trace, GTask *task)
{
    run(traces, trace);
    if (trace->text != NULL)
        mcp_trace_file_run(trace->text, traces->clock, traces->disk);
    if (trace->packets != NULL)
        mcp_trace_file_run(trace->packets, traces->clock, traces->disk);
    update_switches(traces);
    if (traces->timer == NULL)
        traces->timer =
            mcp_clock_after(traces->clock, traces->context, CHECK_INTERVAL, on_check, traces);
    mcp_log_info("trace-begun", NULL, "trace %s of %s runs for %" G_GINT64_FORMAT " s", trace->id,
                 trace->subject != NULL ? trace->subject : "all", trace->duration / G_USEC_PER_SEC);
    g_task_return_pointer(task, g_strdup(trace->id), g_free);
}

static void
give_up(McpTraces *traces, McpTrace *trace, GTask *task, GError *error)
{
    take_out(traces, trace);
    close_files(traces, trace);
    mcp_trace_free(trace);
    g_task_return_error(task, error);
}

/* What the disk pool gets. */
typedef struct {
    McpTraces *traces; /* kept by the caller's task, so that no thread of the pool ends it */
    McpTrace *trace;
    char *folder;
} Opening;

static void
opening_free(Opening *opening)
{
    g_free(opening->folder);
    g_free(opening);
}

static void
open_files(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const Opening *opening = data;
    GError *error = NULL;

    if (mcp_trace_open_files(opening->trace, opening->folder, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
on_opened(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) outer = user_data;
    const Opening *opening = g_task_get_task_data(G_TASK(result));
    McpTraces *traces = opening->traces;
    McpTrace *trace = opening->trace;
    GError *error = NULL;

    if (!g_task_propagate_boolean(G_TASK(result), &error))
        give_up(traces, trace, outer, error);
    else if (!g_ptr_array_find(traces->running, trace, NULL))
        give_up(traces, trace, outer,
                g_error_new_literal(MCP_ERROR, MCP_ERROR_CLOSED, "mcpd stops"));
    else
        begin(traces, trace, outer);
}

/* The trace knows the calls that run already; one of a single call needs that it is there. */
static gboolean
find_calls(McpTraces *traces, McpTrace *trace, GError **error)
{
    g_mutex_lock(&traces->lock);
    g_ptr_array_add(traces->running, trace);
    g_atomic_int_set(&traces->active, (gint)traces->running->len);
    g_mutex_unlock(&traces->lock);
    if (traces->walk != NULL)
        traces->walk(traces, traces->walk_data);
    if (trace->scope != MCP_TRACE_CALL || g_hash_table_size(trace->calls) > 0)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no call %s runs", trace->subject);
    return FALSE;
}

static gboolean
check(McpTraces *traces, const McpTraceRequest *request, GError **error)
{
    if (traces->running->len >= MAX_RUNNING) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "%u traces run already", MAX_RUNNING);
        return FALSE;
    }
    if (traces->folder != NULL || (request->text == NULL && request->pcap == NULL))
        return TRUE;
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID,
                        "[core] trace_directory is not set: traces make no files");
    return FALSE;
}

void
mcp_traces_start_async(McpTraces *traces, const McpTraceRequest *request, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(traces, cancellable, callback, user_data);
    g_autoptr(GTask) inner = NULL;
    Opening *opening = NULL;
    McpTrace *trace = NULL;
    GError *error = NULL;

    if (check(traces, request, &error))
        trace = mcp_trace_new(request, &error);
    if (trace == NULL) {
        g_task_return_error(task, error);
        return;
    }
    trace->id = g_strdup_printf("t%u", ++traces->next_id);
    trace->started_wall = mcp_clock_wall(traces->clock);
    if (!find_calls(traces, trace, &error)) {
        give_up(traces, trace, task, error);
        return;
    }
    if (trace->text_name == NULL && trace->pcap_name == NULL) {
        begin(traces, trace, task);
        return;
    }
    opening = g_new(Opening, 1);
    *opening = (Opening){traces, trace, g_strdup(traces->folder)};
    inner = g_task_new(NULL, NULL, on_opened, g_steal_pointer(&task));
    g_task_set_task_data(inner, opening, (GDestroyNotify)opening_free);
    mcp_pool_run(traces->disk, inner, open_files);
}

char *
mcp_traces_start_finish(McpTraces *traces, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static McpTrace *
find(McpTraces *traces, const char *id)
{
    for (guint i = 0; i < traces->running->len; i++) {
        McpTrace *trace = traces->running->pdata[i];

        if (trace->running && strcmp(trace->id, id) == 0)
            return trace;
    }
    return NULL;
}

gboolean
mcp_traces_stop(McpTraces *traces, const char *id)
{
    McpTrace *trace = find(traces, id);

    if (trace == NULL)
        return FALSE;
    end_trace(traces, trace, "stopped");
    return TRUE;
}

static void
list_one(gpointer data, gpointer user_data)
{
    McpJson *json = user_data;

    mcp_json_begin_object(json, NULL);
    mcp_trace_describe(data, json);
    mcp_json_end_object(json);
}

void
mcp_traces_list(McpTraces *traces, McpJson *json)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&traces->lock);

    mcp_json_begin_array(json, "traces");
    g_queue_foreach(&traces->ended, list_one, json);
    g_ptr_array_foreach(traces->running, list_one, json);
    mcp_json_end_array(json);
}

void
mcp_traces_close(McpTraces *traces, McpTracesClosed func, gpointer user_data)
{
    while (traces->running->len > 0) {
        McpTrace *trace = traces->running->pdata[0];

        /* One whose files are being opened is given up when they are. */
        if (!trace->running)
            take_out(traces, trace);
        else
            end_trace(traces, trace, "mcpd stops");
    }
    mcp_timer_clear(&traces->timer);
    traces->walk = NULL;
    traces->closed = func;
    traces->closed_data = user_data;
    tell_closed(traces);
}
