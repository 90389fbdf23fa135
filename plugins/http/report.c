/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operators see of fetches: metrics, one event a fetch, one line a failed one. Any thread.
 */
#include "report.h"

#include <mcp/disclosure.h>
#include <mcp/error.h>
#include <mcp/log.h>

enum {
    ROW_FETCHES,
    ROW_CACHE,
    ROW_BYTES,
    ROW_SECONDS,
    ROW_RUNNING,
    ROW_CACHE_BYTES,
    ROW_CONNECTIONS,
    ROW_WAITING,
};

enum {
    RESULT_OK,
    RESULT_ERROR_STATUS,
    RESULT_FAILED,
    RESULT_REFUSED,
    RESULT_TIMEOUT,
    RESULT_CANCELLED,
};

const McpMetricDef mcp_http_metric_defs[] = {
    [ROW_FETCHES] = {"mcp_http_fetches_total", MCP_METRIC_COUNTER, "fetches", "Fetches that ended.",
                     "result", "ok|error_status|failed|refused|timeout|cancelled", NULL, 1},
    [ROW_CACHE] = {"mcp_http_cache_total", MCP_METRIC_COUNTER, "fetches",
                   "What the cache did for fetches.", "use", "hit|revalidated|stale|miss|none",
                   NULL, 2},
    [ROW_BYTES] = {"mcp_http_delivered_bytes_total", MCP_METRIC_COUNTER, "bytes",
                   "Bytes of bodies delivered.", NULL, NULL, NULL, 3},
    [ROW_SECONDS] = {"mcp_http_fetch_seconds", MCP_METRIC_HISTOGRAM, "seconds",
                     "Time from the request to the whole body.", NULL, NULL,
                     "0.001|0.01|0.05|0.1|0.3|1|3|10", 4},
    [ROW_RUNNING] = {"mcp_http_running", MCP_METRIC_GAUGE, "fetches", "Fetches on their way.", NULL,
                     NULL, NULL, 5},
    [ROW_CACHE_BYTES] = {"mcp_http_cache_bytes", MCP_METRIC_GAUGE, "bytes",
                         "Memory held by stored responses.", NULL, NULL, NULL, 6},
    [ROW_CONNECTIONS] = {"mcp_http_connections", MCP_METRIC_GAUGE, "connections",
                         "Connections open, in use or idle.", NULL, NULL, NULL, 7},
    [ROW_WAITING] = {"mcp_http_waiting", MCP_METRIC_GAUGE, "fetches",
                     "Fetches that wait for a connection.", NULL, NULL, NULL, 8},
    {NULL},
};

static const char *const use_words[] = {"hit", "revalidated", "stale", "miss", "none"};

static void
count_connections(McpHttpFetcher *fetcher, McpMetrics *metrics)
{
    guint open = 0;
    guint waiting = 0;

    mcp_http_connections_count(mcp_http_fetcher_get_connections(fetcher), &open, &waiting);
    mcp_metrics_set(metrics, ROW_CONNECTIONS, 0, open);
    mcp_metrics_set(metrics, ROW_WAITING, 0, waiting);
}

void
mcp_http_report_begin(McpHttpFetcher *fetcher)
{
    McpMetrics *metrics = mcp_http_fetcher_get_deps(fetcher)->metrics;

    if (metrics == NULL)
        return;
    mcp_metrics_add(metrics, ROW_RUNNING, 0, 1);
    count_connections(fetcher, metrics);
}

static guint
result_of(const McpHttpReport *report)
{
    if (report->error == NULL)
        return report->status >= 400 ? RESULT_ERROR_STATUS : RESULT_OK;
    if (g_error_matches(report->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return RESULT_CANCELLED;
    if (g_error_matches(report->error, MCP_ERROR, MCP_ERROR_TIMEOUT))
        return RESULT_TIMEOUT;
    if (g_error_matches(report->error, MCP_ERROR, MCP_ERROR_REFUSED))
        return RESULT_REFUSED;
    return RESULT_FAILED;
}

static void
count(McpHttpFetcher *fetcher, const McpHttpReport *report)
{
    McpMetrics *metrics = mcp_http_fetcher_get_deps(fetcher)->metrics;

    if (metrics == NULL)
        return;
    mcp_metrics_add(metrics, ROW_RUNNING, 0, -1);
    mcp_metrics_add(metrics, ROW_FETCHES, result_of(report), 1);
    mcp_metrics_observe_call(metrics, ROW_SECONDS, 0, (double)report->duration / G_USEC_PER_SEC,
                             report->call_id);
    mcp_metrics_set(metrics, ROW_CACHE_BYTES, 0,
                    (gint64)mcp_http_cache_get_size(mcp_http_fetcher_get_cache(fetcher)));
    count_connections(fetcher, metrics);
    if (report->error != NULL)
        return;
    mcp_metrics_add(metrics, ROW_CACHE, report->use, 1);
    mcp_metrics_add(metrics, ROW_BYTES, 0, (gint64)report->bytes);
}

static void
publish(McpHttpFetcher *fetcher, const McpHttpReport *report, const char *url)
{
    McpEvents *events = mcp_http_fetcher_get_deps(fetcher)->events;
    McpEvent *event = NULL;

    if (events == NULL || !mcp_events_wanted(events, MCP_EVENT_FETCH))
        return;
    event =
        mcp_event_new(MCP_EVENT_FETCH, report->call_id, report->error == NULL ? "done" : "failed");
    mcp_event_set_string(event, "url", url);
    mcp_event_set_string(event, "span", report->span_id);
    mcp_event_set_int(event, "duration_ms", report->duration / 1000);
    if (report->error == NULL) {
        mcp_event_set_int(event, "status", report->status);
        mcp_event_set_int(event, "bytes", (gint64)report->bytes);
        mcp_event_set_string(event, "cache", use_words[report->use]);
    } else {
        mcp_event_set_string(event, "error", report->error->message);
    }
    mcp_events_publish(events, event);
}

char *
mcp_http_display_url(const char *url)
{
    g_autofree char *shown = mcp_text_hide_passwords(url);
    const char *query = strchr(shown, '?');

    return query != NULL ? g_strdup_printf("%.*s?...", (int)(query - shown), shown)
                         : g_steal_pointer(&shown);
}

void
mcp_http_report_end(McpHttpFetcher *fetcher, const McpHttpReport *report)
{
    g_autofree char *url = mcp_http_display_url(report->url);
    int ms = (int)(report->duration / 1000);

    count(fetcher, report);
    publish(fetcher, report, url);
    if (report->error == NULL)
        mcp_log_debug("fetch-done", report->call_id,
                      "fetched %s: %u, %" G_GSIZE_FORMAT " bytes, cache %s, %d ms", url,
                      report->status, report->bytes, use_words[report->use], ms);
    else if (result_of(report) == RESULT_CANCELLED)
        mcp_log_debug("fetch-cancelled", report->call_id, "fetch of %s was cancelled", url);
    else
        mcp_log_warning("fetch-failed", report->call_id, "fetch of %s failed after %d ms: %s", url,
                        ms, report->error->message);
}
