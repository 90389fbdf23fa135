/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a recording becomes an object: it is sealed, then committed. On the context that made it.
 */
#include "ending.h"

#include "../service.h"

typedef struct {
    McpMediaRecorder *recorder;
    McpStoreStream *stream;
    McpMetrics *metrics; /* nullable */
    McpMediaRecordingFunc func;
    gpointer user_data;
} Ending;

static void
tell(const Ending *ending, const GError *error)
{
    McpMediaRecorderOutcome outcome;
    McpRecordingResult result = {
        .name = mcp_store_stream_get_name(ending->stream),
        .size = mcp_store_stream_get_length(ending->stream),
    };
    gboolean failed = FALSE;

    mcp_media_recorder_get_outcome(ending->recorder, &outcome);
    failed = error != NULL || outcome.failed;
    result.stop = failed ? MCP_STOP_FAILED : outcome.stop;
    result.digit = outcome.digit;
    result.duration = outcome.duration;
    result.max_time = outcome.stop == MCP_STOP_MAX_TIME;
    result.channels = outcome.channels;
    result.rate = outcome.rate;
    result.dropped = outcome.dropped;
    if (ending->metrics != NULL)
        mcp_metrics_add(ending->metrics, MCP_MEDIA_METRIC_RECORDINGS, failed ? 1 : 0, 1);
    ending->func(&result, error, ending->user_data);
}

static void
committed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Ending *ending = user_data;
    g_autoptr(GError) error = NULL;

    mcp_store_stream_commit_finish(ending->stream, result, &error);
    tell(ending, error);
    mcp_media_recorder_free(ending->recorder);
    g_object_unref(ending->stream);
    g_free(ending);
}

static void
sealed(gpointer user_data)
{
    Ending *ending = user_data;

    mcp_store_stream_commit_async(ending->stream, NULL, committed, ending);
}

void
mcp_media_recording_finish(McpMediaRecorder *recorder, McpMetrics *metrics,
                           McpMediaRecordingFunc func, gpointer user_data)
{
    Ending *ending = g_new0(Ending, 1);

    ending->recorder = recorder;
    ending->stream = g_object_ref(mcp_media_recorder_get_stream(recorder));
    ending->metrics = metrics;
    ending->func = func;
    ending->user_data = user_data;
    mcp_media_recorder_seal(recorder, sealed, ending);
}
