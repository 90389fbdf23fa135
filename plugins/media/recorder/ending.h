/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "recorder.h"
#include <mcp/metrics.h>

G_BEGIN_DECLS

/** McpMediaRecordingFunc: the object is there, or what went wrong; once. */
typedef void (*McpMediaRecordingFunc)(const McpRecordingResult *result, const GError *error,
                                      gpointer user_data);

/**
 * mcp_media_recording_finish: seals and commits a recording that the worker has ended. On the
 * context that made it; @func is called there.
 * @recorder: (transfer full)
 * @metrics: (nullable)
 */
void mcp_media_recording_finish(McpMediaRecorder *recorder, McpMetrics *metrics,
                                McpMediaRecordingFunc func, gpointer user_data);

G_END_DECLS
