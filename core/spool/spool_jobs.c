/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work of a spool on the disk pool, one job at a time, and what comes of it. What fails is
 * tried again, with a wait that grows; meanwhile records wait in memory. Control context, but for
 * run(), which has the journal to itself on a thread of the pool.
 */
#include "server/core.h"
#include "spool/record.h"
#include "spool/spool_private.h"

#include <mcp/error.h>
#include <mcp/log.h>

#define BATCH_RECORDS 512
#define BATCH_BYTES (1024 * 1024)
#define FIRST_RETRY (500 * G_TIME_SPAN_MILLISECOND)
#define MOST_RETRY (10 * G_USEC_PER_SEC)

McpSpoolJob *
mcp_spool_job_new(McpSpoolJobKind kind, GTask *caller)
{
    McpSpoolJob *job = g_new0(McpSpoolJob, 1);

    job->kind = kind;
    job->caller = caller;
    return job;
}

void
mcp_spool_job_free(McpSpoolJob *job)
{
    g_clear_object(&job->caller);
    g_clear_pointer(&job->records, g_ptr_array_unref);
    g_clear_pointer(&job->record, mcp_spool_record_unref);
    g_clear_pointer(&job->acked, g_array_unref);
    g_clear_error(&job->error);
    g_free(job->reason);
    g_free(job);
}

static void
run_kind(McpSpoolJob *job)
{
    McpJournal *journal = job->journal;

    switch (job->kind) {
    case MCP_SPOOL_JOB_OPEN:
        if (mcp_journal_open(journal, &job->error))
            job->records = mcp_journal_get_open(journal);
        break;
    case MCP_SPOOL_JOB_WRITE:
        mcp_journal_append(journal, job->records, &job->error);
        break;
    case MCP_SPOOL_JOB_SYNC:
        mcp_journal_sync(journal, &job->error);
        break;
    case MCP_SPOOL_JOB_SAVE:
        mcp_journal_acknowledge(journal, (const guint64 *)(gpointer)job->acked->data,
                                job->acked->len);
        mcp_journal_save(journal, &job->error);
        break;
    case MCP_SPOOL_JOB_READ:
        job->records = mcp_journal_read(journal, job->max_records, job->max_bytes, &job->error);
        break;
    case MCP_SPOOL_JOB_QUARANTINE:
        mcp_journal_quarantine(journal, job->record, job->reason, &job->error);
        break;
    case MCP_SPOOL_JOB_REPLAY:
        job->n = mcp_journal_replay(journal, &job->error);
        break;
    case MCP_SPOOL_JOB_EXPORT:
        job->records =
            mcp_journal_export(journal, job->quarantine, job->after, job->max_records, &job->error);
        break;
    case MCP_SPOOL_JOB_CLOSE:
    default:
        break;
    }
}

static void
run(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    McpSpoolJob *job = data;

    if (job->rewind)
        mcp_journal_rewind(job->journal);
    run_kind(job);
    mcp_journal_count(job->journal, &job->counts);
    job->identity = mcp_journal_get_identity(job->journal);
    if (job->kind == MCP_SPOOL_JOB_CLOSE)
        g_clear_pointer(&job->journal, mcp_journal_free);
    g_task_return_boolean(task, TRUE);
}

/* --- what is due --- */

static void
on_sync_due(gpointer user_data)
{
    McpSpool *spool = user_data;

    mcp_timer_clear(&spool->sync_timer);
    spool->sync_due = TRUE;
    spool->save_due = TRUE;
    mcp_spool_pump(spool);
}

void
mcp_spool_arm_sync(McpSpool *spool)
{
    if (spool->sync_timer == NULL && !spool->closing)
        spool->sync_timer =
            mcp_clock_after(spool->clock, NULL, spool->sync_interval, on_sync_due, spool);
}

static void
on_retry_due(gpointer user_data)
{
    McpSpool *spool = user_data;

    mcp_timer_clear(&spool->retry_timer);
    mcp_spool_pump(spool);
}

static McpSpoolJob *
write_job(McpSpool *spool)
{
    McpSpoolJob *job = mcp_spool_job_new(MCP_SPOOL_JOB_WRITE, NULL);
    gsize bytes = 0;

    job->records = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);
    while (!g_queue_is_empty(&spool->waiting) && job->records->len < BATCH_RECORDS &&
           bytes < BATCH_BYTES) {
        McpSpoolRecord *record = g_queue_pop_head(&spool->waiting);

        bytes += mcp_record_size(record);
        g_ptr_array_add(job->records, record);
    }
    return job;
}

static McpSpoolJob *
save_job(McpSpool *spool)
{
    McpSpoolJob *job = mcp_spool_job_new(MCP_SPOOL_JOB_SAVE, NULL);

    job->acked = spool->acked;
    spool->acked = g_array_new(FALSE, FALSE, sizeof(guint64));
    spool->save_due = FALSE;
    return job;
}

static McpSpoolJob *
asked_job(McpSpool *spool)
{
    McpSpoolJob *job = g_queue_pop_head(&spool->jobs);

    spool->asked = TRUE;
    if (job->kind == MCP_SPOOL_JOB_READ) {
        job->rewind = spool->rewind;
        spool->rewind = FALSE;
    }
    return job;
}

static McpSpoolJob *
close_job(McpSpool *spool)
{
    return spool->closing && spool->journal != NULL ? mcp_spool_job_new(MCP_SPOOL_JOB_CLOSE, NULL)
                                                    : NULL;
}

/* What others ask for takes turns with what is to be written. */
static McpSpoolJob *
next_job(McpSpool *spool)
{
    gboolean may_write = spool->retry_timer == NULL && !(spool->closing && spool->failure != NULL);
    gboolean asked = spool->asked;

    spool->asked = FALSE;
    if (!spool->opened)
        return may_write ? mcp_spool_job_new(MCP_SPOOL_JOB_OPEN, NULL) : close_job(spool);
    if (!asked && !g_queue_is_empty(&spool->jobs))
        return asked_job(spool);
    if (may_write && spool->sync_due) {
        spool->sync_due = FALSE;
        if (!g_queue_is_empty(&spool->unsynced))
            return mcp_spool_job_new(MCP_SPOOL_JOB_SYNC, NULL);
    }
    if (spool->save_due && (spool->acked->len > 0 || spool->closing))
        return save_job(spool);
    if (may_write && !g_queue_is_empty(&spool->waiting))
        return write_job(spool);
    return !g_queue_is_empty(&spool->jobs) ? asked_job(spool) : close_job(spool);
}

/* --- what came of it --- */

/* The oldest ones again first. */
static void
give_back(McpSpool *spool, GPtrArray *records)
{
    for (guint i = records->len; i > 0; i--)
        g_queue_push_head(&spool->waiting, mcp_spool_record_ref(records->pdata[i - 1]));
}

static void
keep_unsynced(McpSpool *spool, GPtrArray *records)
{
    for (guint i = 0; i < records->len; i++) {
        spool->unsynced_bytes += (gint64)mcp_record_size(records->pdata[i]);
        g_queue_push_tail(&spool->unsynced, mcp_spool_record_ref(records->pdata[i]));
    }
    if (spool->unsynced_bytes >= spool->sync_bytes || !g_queue_is_empty(&spool->flushes) ||
        spool->closing)
        spool->sync_due = TRUE;
    else
        mcp_spool_arm_sync(spool);
}

/* What the journal had to give up is written again; what is on the disk itself is done with. */
static void
settle(McpSpool *spool)
{
    McpSpoolRecord *record;

    while ((record = g_queue_peek_tail(&spool->unsynced)) != NULL &&
           record->sequence > spool->counts.last) {
        spool->unsynced_bytes -= (gint64)mcp_record_size(record);
        g_queue_push_head(&spool->waiting, g_queue_pop_tail(&spool->unsynced));
    }
    while ((record = g_queue_peek_head(&spool->unsynced)) != NULL &&
           record->sequence <= spool->counts.synced) {
        spool->unsynced_bytes -= (gint64)mcp_record_size(record);
        spool->waiting_bytes -= (gint64)mcp_record_size(record);
        spool->settled++;
        mcp_spool_record_unref(g_queue_pop_head(&spool->unsynced));
    }
}

static void
finish_flushes(McpSpool *spool, const GError *error)
{
    GTask *task;

    while ((task = g_queue_peek_head(&spool->flushes)) != NULL) {
        const guint64 *upto = g_task_get_task_data(task);

        if (error == NULL && spool->settled < *upto)
            return;
        g_queue_pop_head(&spool->flushes);
        if (error != NULL)
            g_task_return_error(task, g_error_copy(error));
        else
            g_task_return_boolean(task, TRUE);
        g_object_unref(task);
    }
}

static void
failed(McpSpool *spool, const GError *error)
{
    if (spool->failure == NULL)
        mcp_log_error("spool-failing", NULL, "spool %s: %s; records wait in memory", spool->name,
                      error->message);
    g_free(spool->failure);
    spool->failure = g_strdup(error->message);
    finish_flushes(spool, error);
    if (!g_queue_is_empty(&spool->unsynced))
        mcp_spool_arm_sync(spool);
    if (spool->retry_timer == NULL && !spool->closing)
        spool->retry_timer = mcp_clock_after(
            spool->clock, NULL, mcp_backoff_next(&spool->backoff, FIRST_RETRY, MOST_RETRY),
            on_retry_due, spool);
}

static void
worked(McpSpool *spool)
{
    if (spool->failure != NULL)
        mcp_log_info("spool-back", NULL, "spool %s: can be written again", spool->name);
    g_clear_pointer(&spool->failure, g_free);
    mcp_backoff_reset(&spool->backoff);
}

static void
opened(McpSpool *spool, const McpSpoolJob *job)
{
    const McpJournalCounts *counts = &job->counts;

    spool->opened = TRUE;
    spool->identity = job->identity;
    if (counts->damaged > 0 || counts->cut > 0)
        mcp_log_warning("spool-recovered", NULL,
                        "spool %s: %" G_GUINT64_FORMAT
                        " damaged places put aside, %" G_GUINT64_FORMAT
                        " bytes of an unfinished write cut off",
                        spool->name, counts->damaged, counts->cut);
    if (!spool->closing && spool->events->recovered != NULL)
        spool->events->recovered(spool, job->records, spool->user_data);
}

static void
note_given(McpSpool *spool, const McpSpoolJob *job)
{
    if (job->rewind)
        g_array_set_size(spool->given, 0);
    for (guint i = 0; job->error == NULL && i < job->records->len; i++) {
        const McpSpoolRecord *record = job->records->pdata[i];

        g_array_append_val(spool->given, record->sequence);
    }
    if (job->error == NULL && job->records->len == 0)
        spool->starved = TRUE;
}

static void
tell_caller(McpSpool *spool, McpSpoolJob *job)
{
    if (job->kind == MCP_SPOOL_JOB_READ)
        note_given(spool, job);
    if (job->caller == NULL)
        return;
    if (job->error != NULL)
        g_task_return_error(job->caller, g_steal_pointer(&job->error));
    else if (job->kind == MCP_SPOOL_JOB_REPLAY)
        g_task_return_int(job->caller, job->n);
    else
        g_task_return_pointer(job->caller, g_steal_pointer(&job->records),
                              (GDestroyNotify)g_ptr_array_unref);
}

static void
closed(McpSpool *spool, McpSpoolJob *job)
{
    guint left = g_queue_get_length(&spool->waiting) + g_queue_get_length(&spool->unsynced);

    spool->journal = NULL;
    while (!g_queue_is_empty(&spool->jobs)) {
        McpSpoolJob *other = g_queue_pop_head(&spool->jobs);

        other->error = g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "spool %s is closed", spool->name);
        tell_caller(spool, other);
        mcp_spool_job_free(other);
    }
    if (left > 0)
        g_task_return_new_error(spool->closer, MCP_ERROR, MCP_ERROR_FAILED,
                                "spool %s: %u records could not be written: %s", spool->name, left,
                                spool->failure != NULL ? spool->failure : "closed");
    else
        g_task_return_boolean(spool->closer, TRUE);
    g_clear_object(&spool->closer);
}

/* Gauges follow, counters go on. */
static void
measure(McpSpool *spool, const McpJournalCounts *now)
{
    const McpJournalCounts *told = &spool->told;
    const struct {
        guint row;
        gint64 delta;
    } rows[] = {
        {MCP_CORE_SPOOL_RECORDS, (gint64)(now->pending - told->pending)},
        {MCP_CORE_SPOOL_BYTES, now->bytes - told->bytes},
        {MCP_CORE_SPOOL_DROPPED, (gint64)(now->dropped - told->dropped)},
        {MCP_CORE_SPOOL_QUARANTINED, (gint64)(now->quarantined - told->quarantined)},
        {MCP_CORE_SPOOL_DAMAGED, (gint64)(now->damaged - told->damaged)},
    };

    for (guint i = 0; spool->metrics != NULL && i < G_N_ELEMENTS(rows); i++)
        if (rows[i].delta != 0)
            mcp_metrics_add(spool->metrics, rows[i].row, spool->class_, rows[i].delta);
    if (now->dropped > told->dropped && told->dropped == 0)
        mcp_log_warning("spool-dropping", NULL,
                        "spool %s: full: the oldest records are dropped, %" G_GUINT64_FORMAT
                        " so far",
                        spool->name, now->dropped);
    spool->told = *now;
}

static void
take_result(McpSpool *spool, McpSpoolJob *job)
{
    gboolean good = job->error == NULL;

    if (job->kind == MCP_SPOOL_JOB_WRITE && good)
        keep_unsynced(spool, job->records);
    else if (job->kind == MCP_SPOOL_JOB_WRITE)
        give_back(spool, job->records);
    else if (job->kind == MCP_SPOOL_JOB_QUARANTINE && !good) {
        mcp_spool_count_lost(spool, 1);
        mcp_log_error("records-lost", NULL, "spool %s: record %s could not be put aside: %s",
                      spool->name, job->record->id, job->error->message);
    }
    settle(spool);
    if (job->kind > MCP_SPOOL_JOB_SAVE)
        return;
    if (!good)
        failed(spool, job->error);
    else if (job->kind != MCP_SPOOL_JOB_SAVE || spool->waiting_bytes == 0)
        worked(spool);
    if (job->kind == MCP_SPOOL_JOB_SAVE && !good)
        mcp_spool_arm_sync(spool);
}

static void
on_done(GObject *object, GAsyncResult *result, gpointer user_data)
{
    McpSpool *spool = MCP_SPOOL(object);
    McpSpoolJob *job = user_data;
    gboolean ran =
        g_task_propagate_boolean(G_TASK(result), job->error == NULL ? &job->error : NULL);
    gboolean had_opened = spool->opened;
    guint64 readable = spool->counts.synced;

    spool->busy = FALSE;
    if (ran && job->kind != MCP_SPOOL_JOB_CLOSE) {
        spool->counts = job->counts;
        measure(spool, &job->counts);
    }
    if (job->kind == MCP_SPOOL_JOB_OPEN && job->error == NULL)
        opened(spool, job);
    take_result(spool, job);
    finish_flushes(spool, NULL);
    tell_caller(spool, job);
    mcp_spool_look(spool);
    if (spool->starved && !spool->closing &&
        (spool->counts.synced > readable || (spool->opened && !had_opened))) {
        spool->starved = FALSE;
        if (spool->events->readable != NULL)
            spool->events->readable(spool, spool->user_data);
    }
    if (job->kind == MCP_SPOOL_JOB_CLOSE) {
        const McpJournalCounts none = {.dropped = spool->told.dropped,
                                       .quarantined = spool->told.quarantined,
                                       .damaged = spool->told.damaged};

        measure(spool, &none);
        closed(spool, job);
    }
    mcp_spool_job_free(job);
    mcp_spool_pump(spool);
}

void
mcp_spool_pump(McpSpool *spool)
{
    g_autoptr(GTask) task = NULL;
    McpSpoolJob *job = NULL;

    if (spool->busy || spool->journal == NULL)
        return;
    job = next_job(spool);
    if (job == NULL)
        return;
    spool->busy = TRUE;
    job->journal = spool->journal;
    task = g_task_new(spool, NULL, on_done, job);
    g_task_set_task_data(task, job, NULL);
    mcp_pool_run(spool->pool, task, run);
}
