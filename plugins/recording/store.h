/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/store.h>
#include <mcp/metrics.h>
#include <mcp/pool.h>

/** McpRecordingConfig: settings in force; all but @directory may change while it runs. */
typedef struct {
    const char *directory;
    guint64 stream_buffer; /* bytes of one stream that may wait for the disk */
    guint64 total_buffer;  /* bytes of all streams */
    gint64 flush_interval; /* µs */
    guint64 min_free;      /* bytes of the file system that must stay free */
    guint64 read_limit;    /* bytes of an object that is read as a whole */
} McpRecordingConfig;

/** McpRecordingMetric: rows of the plugin's metrics table. */
typedef enum {
    MCP_RECORDING_METRIC_OPEN,
    MCP_RECORDING_METRIC_BYTES,
    MCP_RECORDING_METRIC_COMMITTED,
    MCP_RECORDING_METRIC_FAILURES,
    MCP_RECORDING_METRIC_DROPPED,
    MCP_RECORDING_METRIC_REPAIRED,
    MCP_RECORDING_METRIC_FLUSH,
} McpRecordingMetric;

#define MCP_TYPE_RECORDING_STORE (mcp_recording_store_get_type())
G_DECLARE_FINAL_TYPE(McpRecordingStore, mcp_recording_store, MCP, RECORDING_STORE, GObject)

/**
 * mcp_recording_store_new:
 * @config: copied
 * @disk: pool for everything that touches the disk; outlives the store
 * @clock: for the flush timer
 * @metrics: (nullable): values of the plugin's table
 *
 * Returns: (transfer full): a store that lives on the thread-default context. It takes no object
 * before it is started.
 */
McpRecordingStore *mcp_recording_store_new(const McpRecordingConfig *config, McpPool *disk,
                                           McpClock *clock, McpMetrics *metrics);
/**
 * mcp_recording_store_start_async: makes the folder, refuses one that everybody may write to,
 * recovers what an earlier process left unfinished.
 */
void mcp_recording_store_start_async(McpRecordingStore *store, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
gboolean mcp_recording_store_start_finish(McpRecordingStore *store, GAsyncResult *result,
                                          GError **error);
/** mcp_recording_store_configure: new settings apply; the folder stays. Owner context. */
void mcp_recording_store_configure(McpRecordingStore *store, const McpRecordingConfig *config);
/**
 * mcp_recording_store_stop_async: writes what waits; objects not committed by then stay as .part
 * for the next start.
 */
void mcp_recording_store_stop_async(McpRecordingStore *store, GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean mcp_recording_store_stop_finish(McpRecordingStore *store, GAsyncResult *result,
                                         GError **error);

/** mcp_recording_directory_check: FALSE when @path exists and must not be used as a store. */
gboolean mcp_recording_directory_check(const char *path, GError **error);
