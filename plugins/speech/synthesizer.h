/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/synthesizer.h>
#include <mcp/metrics.h>
#include <mcp/pool.h>

/** McpSpeechConfig: settings in force. */
typedef struct {
    const char *voice;
    gboolean any_language; /* an English voice reads other languages too */
    guint64 text_limit;    /* bytes */
    gint64 deadline;       /* µs */
    guint64 cache;         /* bytes */
} McpSpeechConfig;

/** McpSpeechMetric: rows of the plugin's metrics table. */
typedef enum {
    MCP_SPEECH_METRIC_REQUESTS,
    MCP_SPEECH_METRIC_CACHE_HITS,
    MCP_SPEECH_METRIC_SHARED,
    MCP_SPEECH_METRIC_FAILURES,
    MCP_SPEECH_METRIC_DURATION,
    MCP_SPEECH_METRIC_RECOGNITIONS,
    MCP_SPEECH_METRIC_DECODING,
} McpSpeechMetric;

/** MCP_SPEECH_FAILURES: label values of the failures, in the order in which they are counted. */
#define MCP_SPEECH_FAILURES "failed|invalid|unsupported|limit|timeout|cancelled"

#define MCP_TYPE_SPEECH_SYNTHESIZER (mcp_speech_synthesizer_get_type())
G_DECLARE_FINAL_TYPE(McpSpeechSynthesizer, mcp_speech_synthesizer, MCP, SPEECH_SYNTHESIZER, GObject)

/**
 * mcp_speech_synthesizer_new:
 * @config: copied
 * @compute: pool for the engine; outlives the synthesizer
 * @clock: for deadlines
 * @metrics: (nullable): values of the plugin's table
 *
 * Returns: (transfer full): a synthesizer that any thread may use.
 */
McpSpeechSynthesizer *mcp_speech_synthesizer_new(const McpSpeechConfig *config, McpPool *compute,
                                                 McpClock *clock, McpMetrics *metrics);
/** mcp_speech_synthesizer_configure: for requests from now on. Any thread. */
void mcp_speech_synthesizer_configure(McpSpeechSynthesizer *self, const McpSpeechConfig *config);
