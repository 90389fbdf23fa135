/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spool as its consumer sees it: what waits in memory, and what is asked of the journal. Control
 * context.
 */
#include "spool/spool_private.h"

#include "server/core.h"
#include "spool/record.h"

#include <mcp/alert.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#define BILLING_MEMORY (32 * 1024 * 1024)
#define OTHER_MEMORY (8 * 1024 * 1024)
/* Of the limit: where an operator is told, and where again. */
#define HIGH_PERCENT 80
#define LOW_PERCENT 70
#define MAX_EXPORT 1000

G_DEFINE_FINAL_TYPE(McpSpool, mcp_spool, G_TYPE_OBJECT)

static void
mcp_spool_finalize(GObject *object)
{
    McpSpool *spool = MCP_SPOOL(object);

    mcp_timer_clear(&spool->sync_timer);
    mcp_timer_clear(&spool->retry_timer);
    g_queue_clear_full(&spool->waiting, (GDestroyNotify)mcp_spool_record_unref);
    g_queue_clear_full(&spool->unsynced, (GDestroyNotify)mcp_spool_record_unref);
    g_queue_clear_full(&spool->jobs, (GDestroyNotify)mcp_spool_job_free);
    g_queue_clear_full(&spool->flushes, g_object_unref);
    g_array_unref(spool->given);
    g_array_unref(spool->acked);
    g_clear_pointer(&spool->journal, mcp_journal_free);
    g_clear_object(&spool->clock);
    g_clear_object(&spool->pool);
    g_clear_object(&spool->bus);
    g_clear_pointer(&spool->dependency, mcp_dependency_free);
    g_free(spool->name);
    g_free(spool->failure);
    G_OBJECT_CLASS(mcp_spool_parent_class)->finalize(object);
}

static void
mcp_spool_class_init(McpSpoolClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_spool_finalize;
}

static void
mcp_spool_init(McpSpool *spool)
{
    g_queue_init(&spool->waiting);
    g_queue_init(&spool->unsynced);
    g_queue_init(&spool->jobs);
    g_queue_init(&spool->flushes);
    spool->given = g_array_new(FALSE, FALSE, sizeof(guint64));
    spool->acked = g_array_new(FALSE, FALSE, sizeof(guint64));
    spool->starved = TRUE;
}

McpSpool *
mcp_spool_new(const McpSpoolOptions *options, const McpSpoolEvents *events, gpointer user_data)
{
    McpSpool *spool = g_object_new(MCP_TYPE_SPOOL, NULL);
    g_autofree char *folder = g_build_filename(options->directory, options->name, NULL);
    McpJournalOptions journal = {
        .disk = options->disk,
        .folder = folder,
        .max_bytes = options->max_bytes,
        .segment_bytes = options->segment_bytes,
        .drop_oldest = options->class_ != MCP_SPOOL_BILLING,
    };

    spool->name = g_strdup(options->name);
    spool->class_ = options->class_;
    spool->max_bytes = options->max_bytes;
    spool->memory_limit = options->class_ == MCP_SPOOL_BILLING ? BILLING_MEMORY : OTHER_MEMORY;
    spool->sync_interval = options->sync_interval;
    spool->sync_bytes = options->sync_bytes;
    spool->clock = g_object_ref(options->clock);
    spool->pool = g_object_ref(options->pool);
    spool->metrics = options->metrics;
    spool->bus = options->bus != NULL ? g_object_ref(options->bus) : NULL;
    spool->dependency = options->dependency;
    spool->events = events;
    spool->user_data = user_data;
    spool->journal = mcp_journal_new(&journal);
    mcp_spool_pump(spool);
    return spool;
}

const char *
mcp_spool_get_name(McpSpool *spool)
{
    return spool->name;
}

guint64
mcp_spool_get_identity(McpSpool *spool)
{
    return spool->identity;
}

gboolean
mcp_spool_is_full(McpSpool *spool)
{
    return spool->counts.bytes >= spool->max_bytes ||
           spool->waiting_bytes >= spool->memory_limit / 2;
}

guint64
mcp_spool_get_pending(McpSpool *spool)
{
    return spool->counts.pending + g_queue_get_length(&spool->waiting);
}

void
mcp_spool_count_lost(McpSpool *spool, guint64 n)
{
    if (spool->lost == 0 || spool->lost % 1000 + n >= 1000)
        mcp_log_error("records-lost", NULL,
                      "spool %s: records are dropped, as they do not fit any more: %s", spool->name,
                      spool->failure != NULL ? spool->failure : "too large, or full");
    spool->lost += n;
    if (spool->metrics != NULL)
        mcp_metrics_add(spool->metrics, MCP_CORE_SPOOL_DROPPED, spool->class_, (gint64)n);
}

/* The oldest that no file has goes first. */
static void
make_room(McpSpool *spool, gsize need)
{
    while (spool->waiting_bytes + (gint64)need > spool->memory_limit) {
        McpSpoolRecord *oldest = g_queue_pop_head(&spool->waiting);

        if (oldest == NULL)
            return;
        spool->waiting_bytes -= (gint64)mcp_record_size(oldest);
        spool->settled++;
        mcp_spool_count_lost(spool, 1);
        mcp_spool_record_unref(oldest);
    }
}

gboolean
mcp_spool_append(McpSpool *spool, McpSpoolRecord *record)
{
    gsize size = mcp_record_size(record);
    gboolean fits = mcp_record_fits(record) && !spool->closing;

    if (fits && spool->class_ != MCP_SPOOL_BILLING)
        make_room(spool, size);
    if (!fits || spool->waiting_bytes + (gint64)size > spool->memory_limit) {
        mcp_spool_count_lost(spool, 1);
        mcp_spool_record_unref(record);
        return FALSE;
    }
    g_queue_push_tail(&spool->waiting, record);
    spool->waiting_bytes += (gint64)size;
    spool->appended++;
    mcp_spool_pump(spool);
    mcp_spool_look(spool);
    return TRUE;
}

void
mcp_spool_flush_async(McpSpool *spool, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(spool, NULL, callback, user_data);
    guint64 *upto = g_new(guint64, 1);

    *upto = spool->appended;
    g_task_set_task_data(task, upto, g_free);
    if (spool->settled >= *upto) {
        g_task_return_boolean(task, TRUE);
        g_object_unref(task);
        return;
    }
    g_queue_push_tail(&spool->flushes, task);
    spool->sync_due = TRUE;
    mcp_spool_pump(spool);
}

gboolean
mcp_spool_flush_finish(McpSpool *spool, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static McpSpoolJob *
ask(McpSpool *spool, McpSpoolJobKind kind, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = callback != NULL ? g_task_new(spool, NULL, callback, user_data) : NULL;
    McpSpoolJob *job = mcp_spool_job_new(kind, task);

    if (spool->closing && task != NULL) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_CLOSED, "spool %s is closed",
                                spool->name);
        mcp_spool_job_free(job);
        return NULL;
    }
    g_queue_push_tail(&spool->jobs, job);
    return job;
}

void
mcp_spool_read_async(McpSpool *spool, guint max_records, gsize max_bytes,
                     GAsyncReadyCallback callback, gpointer user_data)
{
    McpSpoolJob *job = ask(spool, MCP_SPOOL_JOB_READ, callback, user_data);

    if (job == NULL)
        return;
    job->max_records = MAX(max_records, 1);
    job->max_bytes = MAX(max_bytes, 1);
    mcp_spool_pump(spool);
}

GPtrArray *
mcp_spool_read_finish(McpSpool *spool, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

void
mcp_spool_rewind(McpSpool *spool)
{
    spool->rewind = TRUE;
}

void
mcp_spool_acknowledge(McpSpool *spool, const McpSpoolRecord *record)
{
    guint n = 0;

    while (n < spool->given->len && g_array_index(spool->given, guint64, n) <= record->sequence)
        n++;
    if (n > 0) {
        g_array_append_vals(spool->acked, spool->given->data, n);
        g_array_remove_range(spool->given, 0, n);
    } else {
        g_array_append_val(spool->acked, record->sequence);
    }
    mcp_spool_arm_sync(spool);
}

void
mcp_spool_quarantine(McpSpool *spool, McpSpoolRecord *record, const char *reason)
{
    McpSpoolJob *job = ask(spool, MCP_SPOOL_JOB_QUARANTINE, NULL, NULL);

    job->record = mcp_spool_record_ref(record);
    job->reason = g_strdup(reason);
    mcp_spool_pump(spool);
}

void
mcp_spool_replay_async(McpSpool *spool, GAsyncReadyCallback callback, gpointer user_data)
{
    ask(spool, MCP_SPOOL_JOB_REPLAY, callback, user_data);
    mcp_spool_pump(spool);
}

gint64
mcp_spool_replay_finish(McpSpool *spool, GAsyncResult *result, GError **error)
{
    return g_task_propagate_int(G_TASK(result), error);
}

void
mcp_spool_export_async(McpSpool *spool, gboolean quarantine, guint64 after, guint max_records,
                       GAsyncReadyCallback callback, gpointer user_data)
{
    McpSpoolJob *job = ask(spool, MCP_SPOOL_JOB_EXPORT, callback, user_data);

    if (job == NULL)
        return;
    job->quarantine = quarantine;
    job->after = after;
    job->max_records = CLAMP(max_records, 1, MAX_EXPORT);
    mcp_spool_pump(spool);
}

GPtrArray *
mcp_spool_export_finish(McpSpool *spool, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

void
mcp_spool_close_async(McpSpool *spool, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(spool, NULL, callback, user_data);

    if (spool->closing) {
        g_task_return_boolean(task, TRUE);
        g_object_unref(task);
        return;
    }
    spool->closing = TRUE;
    g_clear_pointer(&spool->dependency, mcp_dependency_free);
    spool->closer = task;
    spool->sync_due = spool->save_due = TRUE;
    mcp_timer_clear(&spool->retry_timer);
    mcp_timer_clear(&spool->sync_timer);
    mcp_spool_pump(spool);
}

gboolean
mcp_spool_close_finish(McpSpool *spool, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
look_high(McpSpool *spool)
{
    gint64 percent = spool->counts.bytes * 100 / MAX(spool->max_bytes, 1);

    if (spool->told_high ? percent >= LOW_PERCENT : percent < HIGH_PERCENT)
        return;
    spool->told_high = !spool->told_high;
    if (!spool->told_high)
        return;
    mcp_log_warning("spool-high", NULL,
                    "spool %s: %" G_GINT64_FORMAT " %% full, %" G_GUINT64_FORMAT " records wait",
                    spool->name, percent, spool->counts.pending);
    if (spool->bus != NULL)
        mcp_alert_raise(spool->bus, MCP_ALERT_SPOOL_HIGH, NULL, spool->name,
                        "%" G_GINT64_FORMAT " %% full, %" G_GUINT64_FORMAT " records wait", percent,
                        spool->counts.pending);
}

static const char *
state_of(McpSpool *spool)
{
    if (spool->closing)
        return "closed";
    if (spool->failure != NULL)
        return "failing";
    if (!spool->opened)
        return "opening";
    if (mcp_spool_is_full(spool))
        return "full";
    return spool->told_high ? "high" : "open";
}

/* That is told where it changes. One that drops its oldest still does its work when it is full. */
static void
tell_health(McpSpool *spool)
{
    const char *state = state_of(spool);
    gboolean down = strcmp(state, "full") == 0 && spool->class_ == MCP_SPOOL_BILLING;

    if (spool->dependency == NULL || g_strcmp0(state, spool->told_state) == 0)
        return;
    spool->told_state = state;
    if (spool->failure != NULL)
        mcp_dependency_set(spool->dependency, MCP_HEALTH_DOWN, "%s; records wait in memory",
                           spool->failure);
    else if (strcmp(state, "open") == 0)
        mcp_dependency_set(spool->dependency, MCP_HEALTH_UP, NULL);
    else if (strcmp(state, "opening") != 0)
        mcp_dependency_set(spool->dependency, down ? MCP_HEALTH_DOWN : MCP_HEALTH_DEGRADED,
                           "%s: %" G_GUINT64_FORMAT " records wait in %" G_GINT64_FORMAT
                           " of %" G_GINT64_FORMAT " bytes",
                           state, spool->counts.pending, spool->counts.bytes, spool->max_bytes);
}

void
mcp_spool_look(McpSpool *spool)
{
    gboolean full = mcp_spool_is_full(spool);

    /* What drops its oldest is nearly full for as long as its consumer is away. */
    look_high(spool);
    tell_health(spool);
    if (full == spool->told_full || spool->closing)
        return;
    spool->told_full = full;
    if (spool->events->changed != NULL)
        spool->events->changed(spool, spool->user_data);
}

void
mcp_spool_describe(McpSpool *spool, McpJson *json)
{
    const McpJournalCounts *counts = &spool->counts;

    mcp_json_string(json, "name", spool->name);
    mcp_json_string(json, "class", mcp_spool_class_to_string(spool->class_));
    mcp_json_string(json, "state", state_of(spool));
    if (spool->failure != NULL)
        mcp_json_string(json, "reason", spool->failure);
    mcp_json_int(json, "records", (gint64)counts->pending);
    mcp_json_int(json, "bytes", counts->bytes);
    mcp_json_int(json, "max_bytes", spool->max_bytes);
    mcp_json_int(json, "segments", counts->segments);
    mcp_json_int(json, "in_memory",
                 g_queue_get_length(&spool->waiting) + g_queue_get_length(&spool->unsynced));
    mcp_json_int(json, "last", (gint64)counts->last);
    mcp_json_int(json, "acknowledged", (gint64)counts->acked);
    mcp_json_int(json, "dropped", (gint64)(counts->dropped + spool->lost));
    mcp_json_int(json, "quarantined", (gint64)counts->aside);
    mcp_json_int(json, "damaged", (gint64)counts->damaged);
}
