/* SPDX-License-Identifier: Apache-2.0 */
/* The core's JSON lines in a folder of their own, as a provider of the call-sink suite. */
#include "call_sink_suite.h"
#include "event/jsonl_sink.h"
#include "plugin/metrics.h"
#include "server/core.h"
#include "util/log.h"

#include <glib/gstdio.h>
#include <mcp/log.h>

static char *folder;
static char *file;
static McpPool *pool;
static McpMetrics *metrics;

static McpCallSink *
open_sink(void)
{
    mcp_log_set_level(MCP_LOG_ERROR);
    folder = g_dir_make_tmp("mcp-sink-XXXXXX", NULL);
    file = g_build_filename(folder, "records.jsonl", NULL);
    pool = mcp_pool_new("disk", 1, 100);
    metrics = mcp_metrics_new(mcp_core_metrics);
    return MCP_CALL_SINK(mcp_jsonl_sink_new(pool, metrics, file));
}

static void
close_sink(McpCallSink *sink)
{
    g_assert_finalize_object(sink);
    g_object_unref(pool);
    mcp_metrics_free(metrics);
    g_unlink(file);
    g_rmdir(folder);
    g_free(file);
    g_free(folder);
}

static char *
read_file(void)
{
    char *text = NULL;

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    return text;
}

/* A folder cannot be appended to. */
static void
break_down(McpCallSink *sink, gboolean broken)
{
    mcp_jsonl_sink_set_file(MCP_JSONL_SINK(sink), broken ? folder : file);
}

const CallSinkProvider call_sink_provider = {
    .name = "jsonl",
    .open = open_sink,
    .close = close_sink,
    .read = read_file,
    .break_down = break_down,
};
