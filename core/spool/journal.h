/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "spool/disk.h"
#include "spool/segment.h"

G_BEGIN_DECLS

/**
 * McpJournal: the files of one spool, and the records in them. Everything blocks: one caller at a
 * time, on the disk pool. What fails may be tried again.
 */
typedef struct _McpJournal McpJournal;

/** McpJournalOptions: @folder is copied. */
typedef struct {
    McpDisk *disk;
    const char *folder;
    gint64 max_bytes;     /* of all segments together */
    gint64 segment_bytes; /* a new one is begun beyond it */
    gboolean drop_oldest; /* when it is full; else it takes an eighth more, and then no more */
    gboolean aside;       /* it is a quarantine: what is damaged is only counted */
} McpJournalOptions;

/** McpJournalCounts: what there is, and what became of the rest since the journal was opened. */
typedef struct {
    guint64 pending; /* records for the consumer that it has not acknowledged */
    gint64 bytes;    /* of all segments */
    guint segments;
    guint64 acked;       /* sequence */
    guint64 last;        /* sequence of the last one written */
    guint64 synced;      /* sequence of the last one on the disk itself */
    guint64 dropped;     /* records: the oldest, for want of space */
    guint64 quarantined; /* records put aside */
    guint64 damaged;     /* regions of a file that were no records any more */
    guint64 cut;         /* bytes of a torn end */
    guint64 aside;       /* records that stand in the quarantine */
} McpJournalCounts;

/** mcp_journal_new: (transfer full): touches nothing yet. */
McpJournal *mcp_journal_new(const McpJournalOptions *options);
/** mcp_journal_free: closes its files. */
void mcp_journal_free(McpJournal *journal);
/**
 * mcp_journal_open: locks the folder, which is made, and finds what an earlier run has left: a torn
 * end is cut off, damage in between put aside.
 */
gboolean mcp_journal_open(McpJournal *journal, GError **error);
/** mcp_journal_get_identity: see mcp_spool_get_identity(). */
guint64 mcp_journal_get_identity(const McpJournal *journal);
/**
 * mcp_journal_get_open: (transfer container) (element-type McpSpoolRecord): records with
 * MCP_SPOOL_OPEN that nothing has closed, in order.
 */
GPtrArray *mcp_journal_get_open(McpJournal *journal);
/**
 * mcp_journal_append: (element-type McpSpoolRecord) @records: writes them, in order; those without
 * a sequence get theirs. When it fails all are to be given again; MCP_ERROR_LIMIT: it is full.
 */
gboolean mcp_journal_append(McpJournal *journal, const GPtrArray *records, GError **error);
/**
 * mcp_journal_sync: all that was written is on the disk itself. When it fails, what was written
 * since the last time is to be appended again: what the kernel has of it is not to be relied on.
 */
gboolean mcp_journal_sync(McpJournal *journal, GError **error);
/**
 * mcp_journal_read: (transfer full) (element-type McpSpoolRecord): what follows the last read, as
 * far as it is synced; empty at the end.
 */
GPtrArray *mcp_journal_read(McpJournal *journal, guint max_records, gsize max_bytes,
                            GError **error);
/** mcp_journal_rewind: see mcp_spool_rewind(). */
void mcp_journal_rewind(McpJournal *journal);
/**
 * mcp_journal_acknowledge: the consumer has the records with these @n rising sequences, and all
 * before them.
 */
void mcp_journal_acknowledge(McpJournal *journal, const guint64 *sequences, gsize n);
/** mcp_journal_save: keeps how far the consumer is; segments that it is done with go. */
gboolean mcp_journal_save(McpJournal *journal, GError **error);
/** mcp_journal_quarantine: puts a copy aside, on the disk itself when it returns. */
gboolean mcp_journal_quarantine(McpJournal *journal, const McpSpoolRecord *record,
                                const char *reason, GError **error);
/** mcp_journal_replay: see mcp_spool_replay_async(); -1 with @error. */
gint64 mcp_journal_replay(McpJournal *journal, GError **error);
/** mcp_journal_export: (transfer full): see mcp_spool_export_async(). */
GPtrArray *mcp_journal_export(McpJournal *journal, gboolean quarantine, guint64 after,
                              guint max_records, GError **error);
/** mcp_journal_count: as it is now. */
void mcp_journal_count(McpJournal *journal, McpJournalCounts *out_counts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpJournal, mcp_journal_free)

G_END_DECLS
