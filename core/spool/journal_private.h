/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "spool/journal.h"

#include <errno.h>

/* The journal as its own files see it. */

/** McpSegment: one file. */
typedef struct {
    guint64 first; /* sequence that it began with */
    guint64 last;  /* highest sequence in it; @first - 1: none */
    gint64 size;   /* up to the end of its last record */
} McpSegment;

/** McpReader: a place in the journal. */
typedef struct {
    guint64 segment; /* its first sequence; 0: the beginning */
    gint64 offset;
    guint64 after; /* what is not above is passed over */
} McpReader;

/** McpOpenRecord: a record with MCP_SPOOL_OPEN and where it stands. */
typedef struct {
    McpSpoolRecord *record;
    guint64 segment;
} McpOpenRecord;

struct _McpJournal {
    McpDisk *disk;
    char *folder;
    gint64 max_bytes;
    gint64 segment_bytes;
    gboolean drop_oldest;
    guint64 identity;
    int lock;            /* -1: none */
    int cursor;          /* -1: none */
    int tail;            /* the last segment; -1: none */
    gboolean mended;     /* something was missing when it was opened */
    gboolean renew_tail; /* what follows goes to a new segment */
    GArray *segments;    /* McpSegment */
    guint64 next;        /* sequence of the next record */
    guint64 written;     /* the last sequence that was */
    guint64 synced;
    gint64 synced_size; /* of the last segment */
    guint64 unsynced;   /* records for the consumer since then */
    guint64 acked;
    guint64 saved; /* of @acked */
    guint64 generation;
    McpReader reader;
    GHashTable *open;       /* id → McpOpenRecord */
    McpJournal *quarantine; /* nullable: this is one */
    McpJournalCounts counts;
};

/** mcp_journal_path: (transfer full): of @name in the folder. */
char *mcp_journal_path(const McpJournal *journal, const char *name);
/** mcp_journal_fail: FALSE, with what was done to what, and the error number @result. */
gboolean mcp_journal_fail(const McpJournal *journal, GError **error, const char *what,
                          gint64 result);
/** mcp_journal_write_all: all of it, or an error. */
gboolean mcp_journal_write_all(McpJournal *journal, int file, gconstpointer data, gsize length,
                               gint64 offset, GError **error);
/** mcp_journal_load: (transfer full) (nullable): the bytes of a segment. */
GBytes *mcp_journal_load(McpJournal *journal, const McpSegment *segment, GError **error);
/** mcp_journal_note_open: keeps track of what has begun and ended. */
void mcp_journal_note_open(McpJournal *journal, const McpSpoolRecord *record, guint64 segment);
/** mcp_journal_set_aside: puts damaged bytes into the quarantine, and a filler in their place. */
gboolean mcp_journal_set_aside(McpJournal *journal, const McpSegment *segment, const guint8 *data,
                               gsize length, gint64 offset, GError **error);
/** mcp_journal_write_records: as mcp_journal_append(), whether there is room or not. */
gboolean mcp_journal_write_records(McpJournal *journal, const GPtrArray *records, GError **error);
/** mcp_journal_find_segment: (nullable): the first one that begins at @first or after it. */
McpSegment *mcp_journal_find_segment(McpJournal *journal, guint64 first);
/** mcp_journal_read_from: (transfer full): as mcp_journal_read(), from any place. */
GPtrArray *mcp_journal_read_from(McpJournal *journal, McpReader *reader, guint max_records,
                                 gsize max_bytes, GError **error);
