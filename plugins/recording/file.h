/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "buffers.h"
#include <gio/gio.h>
#include <mcp/contract/store.h>

/** McpRecordingFile: one object between its stream, which fills it, and the disk jobs. */
typedef struct _McpRecordingFile McpRecordingFile;

/** McpRecordingFlush: what one disk job works with and what it came to. */
typedef struct {
    int root;           /* folder of the store */
    guint64 free_space; /* bytes left on it */
    guint64 min_free;   /* below it no object is made */
    guint64 bytes;      /* out: written */
    guint failures;     /* out: objects that failed */
    guint committed;    /* out: objects made complete */
} McpRecordingFlush;

/** mcp_recording_file_new: (transfer full): nothing touches the disk yet. Any thread. */
McpRecordingFile *mcp_recording_file_new(const McpStoreObject *object, McpRecordingBuffers *buffers,
                                         guint64 buffer_limit);
McpRecordingFile *mcp_recording_file_ref(McpRecordingFile *file);
void mcp_recording_file_unref(McpRecordingFile *file);
const char *mcp_recording_file_get_name(const McpRecordingFile *file);
/** mcp_recording_file_get_length: bytes accepted. Any thread. */
guint64 mcp_recording_file_get_length(McpRecordingFile *file);

/**
 * mcp_recording_file_append: all of @data or nothing; @out_waiting: bytes that wait for the disk
 * now.
 */
gboolean mcp_recording_file_append(McpRecordingFile *file, gconstpointer data, gsize length,
                                   gsize *out_waiting);
/** mcp_recording_file_patch: kept for the commit; outside the first 4 KiB it fails the object. */
void mcp_recording_file_patch(McpRecordingFile *file, guint64 offset, gconstpointer data,
                              gsize length);
/** mcp_recording_file_commit: @task (transfer full) is finished by a later disk job. */
void mcp_recording_file_commit(McpRecordingFile *file, GTask *task);
/** mcp_recording_file_abort: the next disk job removes it; nothing if it is complete already. */
void mcp_recording_file_abort(McpRecordingFile *file);

/**
 * mcp_recording_file_flush: writes what waits, and finishes a commit or an abort. Disk pool; one
 * job at a time for a file.
 *
 * Returns: TRUE when the file has ended and needs no flush any more.
 */
gboolean mcp_recording_file_flush(McpRecordingFile *file, McpRecordingFlush *flush);

/** mcp_recording_file_report: finishes the commit of a file that has ended. Disk pool. */
void mcp_recording_file_report(McpRecordingFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpRecordingFile, mcp_recording_file_unref)
