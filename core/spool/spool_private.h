/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "spool/journal.h"
#include "spool/spools.h"

#include <mcp/breaker.h>

/* The spool as its own files see it. Control context. */

/** McpSpoolJobKind: what is done on the disk pool, one at a time. */
typedef enum {
    MCP_SPOOL_JOB_OPEN,
    MCP_SPOOL_JOB_WRITE,
    MCP_SPOOL_JOB_SYNC,
    MCP_SPOOL_JOB_SAVE,
    MCP_SPOOL_JOB_READ,
    MCP_SPOOL_JOB_QUARANTINE,
    MCP_SPOOL_JOB_REPLAY,
    MCP_SPOOL_JOB_EXPORT,
    MCP_SPOOL_JOB_CLOSE,
} McpSpoolJobKind;

/** McpSpoolJob: parameters and result of one. */
typedef struct {
    McpSpoolJobKind kind;
    McpJournal *journal;
    GTask *caller;      /* nullable: who waits for it */
    GPtrArray *records; /* nullable: to be written, or the result */
    McpSpoolRecord *record;
    char *reason;
    GArray *acked; /* nullable: sequences */
    gboolean rewind;
    gboolean quarantine;
    guint64 after;
    guint max_records;
    gsize max_bytes;
    gint64 n;
    McpJournalCounts counts;
    guint64 identity;
    GError *error;
} McpSpoolJob;

struct _McpSpool {
    GObject parent_instance;
    char *name;
    McpSpoolKind class_;
    gint64 max_bytes;
    gint64 memory_limit;
    gint64 sync_interval;
    gint64 sync_bytes;
    McpClock *clock;
    McpPool *pool;
    McpMetrics *metrics;
    McpEvents *bus;
    McpDependency *dependency; /* nullable */
    const McpSpoolEvents *events;
    gpointer user_data;
    McpJournal *journal; /* the job's while one runs */
    McpJournalCounts counts;
    guint64 identity;
    GQueue waiting;       /* McpSpoolRecord: not written */
    GQueue unsynced;      /* McpSpoolRecord: written */
    gint64 waiting_bytes; /* of both */
    gint64 unsynced_bytes;
    GArray *given;  /* sequences that the consumer has read */
    GArray *acked;  /* sequences to be told */
    GQueue jobs;    /* McpSpoolJob: asked for by others */
    GQueue flushes; /* GTask */
    McpTimer *sync_timer;
    McpTimer *retry_timer;
    McpBackoff backoff;
    char *failure; /* nullable: why the folder cannot be used */
    gboolean opened;
    gboolean busy;
    gboolean sync_due;
    gboolean save_due;
    gboolean rewind;
    gboolean starved; /* a read found nothing */
    gboolean asked;   /* the last job was one that others asked for */
    guint64 appended; /* records ever */
    guint64 settled;  /* of them on the disk itself, or lost */
    gboolean told_full;
    gboolean told_high;
    const char *told_state; /* nullable: to whoever asks for the health */
    gboolean closing;
    GTask *closer;
    guint64 lost;          /* records that were not taken */
    McpJournalCounts told; /* as the metrics have it */
};

/** mcp_spool_pump: begins the next job, if one is due and none runs. */
void mcp_spool_pump(McpSpool *spool);
/** mcp_spool_job_new: (transfer full): */
McpSpoolJob *mcp_spool_job_new(McpSpoolJobKind kind, GTask *caller);
/** mcp_spool_job_free: frees it. */
void mcp_spool_job_free(McpSpoolJob *job);
/** mcp_spool_arm_sync: what was done is to be synced within the interval. */
void mcp_spool_arm_sync(McpSpool *spool);
/** mcp_spool_look: tells who wants to know that it is full, or nearly so. */
void mcp_spool_look(McpSpool *spool);
/** mcp_spool_count_lost: @n records were not taken. */
void mcp_spool_count_lost(McpSpool *spool, guint64 n);
