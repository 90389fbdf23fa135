/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>
#include <mcp/json.h>

G_BEGIN_DECLS

/**
 * McpSpool: a queue of records on disk for one consumer, so that none is lost while whoever takes
 * them is away. Records come out in the order in which they went in, and go when the consumer has
 * acknowledged them. All on the control context unless said otherwise; see core/spool/README.md.
 */
#define MCP_TYPE_SPOOL (mcp_spool_get_type())
G_DECLARE_FINAL_TYPE(McpSpool, mcp_spool, MCP, SPOOL, GObject)

/** McpSpoolKind: what becomes of records that do not fit any more. */
typedef enum {
    MCP_SPOOL_BILLING, /* none is dropped: no more calls are to be taken */
    MCP_SPOOL_EVENTS,  /* the oldest are dropped and counted */
    MCP_SPOOL_QUALITY, /* as events */
} McpSpoolKind;

/** McpSpoolFlags: what a record is besides something for the consumer. */
typedef enum {
    MCP_SPOOL_PLAIN = 0,
    /* Something has begun: kept, and not for the consumer, until a record with MCP_SPOOL_CLOSE and
     * the same id is written; replaces an earlier one. */
    MCP_SPOOL_OPEN = 1 << 0,
    MCP_SPOOL_CLOSE = 1 << 1,
    MCP_SPOOL_DEFLATED = 1 << 2, /* the payload is zlib data (RFC 1950) */
    MCP_SPOOL_FRAMED =
        1 << 3, /* (when inflated) it has its length before it, 4 bytes, big-endian */
} McpSpoolFlags;

#define MCP_SPOOL_MAX_ID 255
#define MCP_SPOOL_MAX_LABEL 4096
#define MCP_SPOOL_MAX_PAYLOAD (1024 * 1024)

/** McpSpoolRecord: one record; immutable once appended, shared by reference. */
typedef struct {
    guint64 sequence; /* position in the spool, rising, never used again; set when written */
    gint64 wall;      /* µs since 1970 */
    guint8 kind;      /* of the consumer's own choice, below 128 */
    guint16 flags;    /* McpSpoolFlags */
    char *id;         /* not empty */
    char *label;      /* text for the consumer */
    char *reason;     /* why it was put aside; empty in the queue itself */
    GBytes *payload;
} McpSpoolRecord;

/**
 * mcp_spool_record_new: (transfer full): @wall µs since 1970; @label (nullable); @payload (transfer
 * full).
 */
McpSpoolRecord *mcp_spool_record_new(guint8 kind, guint flags, const char *id, gint64 wall,
                                     const char *label, GBytes *payload);
/** mcp_spool_record_ref: (transfer full). Any thread. */
McpSpoolRecord *mcp_spool_record_ref(McpSpoolRecord *record);
/** mcp_spool_record_unref: Any thread. */
void mcp_spool_record_unref(McpSpoolRecord *record);

/**
 * McpSpoolEvents: what a consumer is told, on the control context. Each may be NULL.
 *
 * @recovered: the spool is open; @open (element-type McpSpoolRecord) are those with MCP_SPOOL_OPEN
 *   of an earlier run that nothing has closed
 * @readable: there is something to read, where there was nothing at first or when last read
 * @changed: mcp_spool_is_full() says something else
 */
typedef struct {
    void (*recovered)(McpSpool *spool, const GPtrArray *open, gpointer user_data);
    void (*readable)(McpSpool *spool, gpointer user_data);
    void (*changed)(McpSpool *spool, gpointer user_data);
} McpSpoolEvents;

/**
 * mcp_host_open_spool: (transfer full): the spool "@name/CLASS" in the folder and with the limits
 * that [spool] sets. What is appended while the folder cannot be used waits in memory, within
 * bounds, and is written when it can. @events must outlive the spool.
 */
McpSpool *mcp_host_open_spool(McpHost *host, const char *name, McpSpoolKind class_,
                              const McpSpoolEvents *events, gpointer user_data);
/** mcp_host_list_spools: (transfer full) (element-type McpSpool): all that are open. */
GPtrArray *mcp_host_list_spools(McpHost *host);
/** mcp_host_count_cut: so many calls were found that a crash had cut off. */
void mcp_host_count_cut(McpHost *host, guint calls);
/**
 * mcp_spool_close_async: writes what waits, and lets go of the folder. Nothing is appended or read
 * any more, and no event comes.
 */
void mcp_spool_close_async(McpSpool *spool, GAsyncReadyCallback callback, gpointer user_data);
/** mcp_spool_close_finish: FALSE with what could not be written. */
gboolean mcp_spool_close_finish(McpSpool *spool, GAsyncResult *result, GError **error);

/** mcp_spool_get_name: "NAME/CLASS". */
const char *mcp_spool_get_name(McpSpool *spool);
/**
 * mcp_spool_get_identity: a random number that the folder was given when it was made; with the
 * sequence it names a record for ever. 0 until the spool is open.
 */
guint64 mcp_spool_get_identity(McpSpool *spool);
/**
 * mcp_spool_is_full: whether what depends on records being kept should not begin: the folder has
 * reached its limit, or cannot be used and half of the memory for it is taken.
 */
gboolean mcp_spool_is_full(McpSpool *spool);
/** mcp_spool_get_pending: records that wait for the consumer. */
guint64 mcp_spool_get_pending(McpSpool *spool);

/**
 * mcp_spool_append: (transfer full) @record: takes one more; FALSE when it was dropped and counted,
 * for it is too large or nothing more fits. Does not block.
 */
gboolean mcp_spool_append(McpSpool *spool, McpSpoolRecord *record);
/** mcp_spool_flush_async: all that was appended is on the disk itself when it finishes. */
void mcp_spool_flush_async(McpSpool *spool, GAsyncReadyCallback callback, gpointer user_data);
/** mcp_spool_flush_finish: FALSE with what could not be written. */
gboolean mcp_spool_flush_finish(McpSpool *spool, GAsyncResult *result, GError **error);

/**
 * mcp_spool_read_async: the next records, up to @max_records and about @max_bytes of them; only
 * such as are on the disk itself, so that what the consumer was told is not forgotten.
 */
void mcp_spool_read_async(McpSpool *spool, guint max_records, gsize max_bytes,
                          GAsyncReadyCallback callback, gpointer user_data);
/**
 * mcp_spool_read_finish: (transfer full) (element-type McpSpoolRecord): empty when there are none:
 * the readable event follows.
 */
GPtrArray *mcp_spool_read_finish(McpSpool *spool, GAsyncResult *result, GError **error);
/** mcp_spool_rewind: what is read next is what follows the last record acknowledged. */
void mcp_spool_rewind(McpSpool *spool);
/**
 * mcp_spool_acknowledge: the consumer has all records up to @record, this one included; they go.
 */
void mcp_spool_acknowledge(McpSpool *spool, const McpSpoolRecord *record);
/**
 * mcp_spool_quarantine: puts a copy of @record aside, for the consumer refuses it for good; to be
 * acknowledged afterwards like others.
 */
void mcp_spool_quarantine(McpSpool *spool, McpSpoolRecord *record, const char *reason);

/** mcp_spool_describe: adds the members of the spool's state to an open object. */
void mcp_spool_describe(McpSpool *spool, McpJson *json);
/**
 * mcp_spool_replay_async: what was put aside goes to the end of the queue again, but for what was
 * damaged on the disk.
 */
void mcp_spool_replay_async(McpSpool *spool, GAsyncReadyCallback callback, gpointer user_data);
/** mcp_spool_replay_finish: how many records; -1 with @error. */
gint64 mcp_spool_replay_finish(McpSpool *spool, GAsyncResult *result, GError **error);
/**
 * mcp_spool_export_async: a copy of up to @max_records records after sequence @after, of the queue,
 * or with @quarantine of what was put aside; changes nothing.
 */
void mcp_spool_export_async(McpSpool *spool, gboolean quarantine, guint64 after, guint max_records,
                            GAsyncReadyCallback callback, gpointer user_data);
/** mcp_spool_export_finish: (transfer full) (element-type McpSpoolRecord). */
GPtrArray *mcp_spool_export_finish(McpSpool *spool, GAsyncResult *result, GError **error);
/** mcp_spool_record_describe: adds the members of @record to an open object, its payload as text
 * where it is text. */
void mcp_spool_record_describe(const McpSpoolRecord *record, McpJson *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSpoolRecord, mcp_spool_record_unref)

G_END_DECLS
