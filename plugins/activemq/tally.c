/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operational records (arrivals and peaks by application and tenant) and service quality records
 * (latencies against limits, failures), one of each an interval. Control context.
 */
#include "tally.h"

#include "json_text.h"

#include <string.h>

/* Applications that are told apart in one interval; further ones are "other". */
#define MAX_ROWS 500

typedef struct {
    char *application;
    char *tenant;
    guint arrivals;
    guint answered;
    guint refused;
    guint running;
    guint peak;
} Row;

typedef struct {
    guint count;
    guint above; /* of the limit */
    gint64 sum_ms;
    gint64 max_ms;
} Latency;

struct _McpActivemqTally {
    McpSpool *spool;
    gint64 began;     /* wall µs */
    GHashTable *rows; /* "tenant\tapplication" → Row */
    Row total;
    Latency setup;
    Latency fetch;
    Latency response;
    guint failed_fetches;
    guint failed_recordings;
    guint failed_recognitions;
    guint failed_calls; /* refused with 5xx */
};

static void
row_free(Row *row)
{
    g_free(row->application);
    g_free(row->tenant);
    g_free(row);
}

McpActivemqTally *
mcp_activemq_tally_new(McpSpool *spool, gint64 wall)
{
    McpActivemqTally *tally = g_new0(McpActivemqTally, 1);

    tally->spool = g_object_ref(spool);
    tally->began = wall;
    tally->rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)row_free);
    return tally;
}

void
mcp_activemq_tally_free(McpActivemqTally *tally)
{
    g_hash_table_unref(tally->rows);
    g_object_unref(tally->spool);
    g_free(tally);
}

static Row *
row_of(McpActivemqTally *tally, const McpActivemqCall *call)
{
    g_autofree char *key = g_strdup_printf("%.256s\t%.256s", call->tenant, call->service);
    Row *row = g_hash_table_lookup(tally->rows, key);

    if (row == NULL && g_hash_table_size(tally->rows) >= MAX_ROWS) {
        g_free(key);
        key = g_strdup("\tother");
        row = g_hash_table_lookup(tally->rows, key);
    }
    if (row == NULL) {
        const char *tab = strchr(key, '\t');

        row = g_new0(Row, 1);
        row->tenant = g_strndup(key, (gsize)(tab - key));
        row->application = g_strdup(tab + 1);
        g_hash_table_insert(tally->rows, g_steal_pointer(&key), row);
    }
    return row;
}

static void
enter(Row *row)
{
    row->arrivals++;
    row->running++;
    row->peak = MAX(row->peak, row->running);
}

static void
leave(Row *row, gboolean answered)
{
    row->answered += answered;
    row->refused += !answered;
    if (row->running > 0)
        row->running--;
}

static void
observe(Latency *latency, gint64 ms, gint64 limit)
{
    latency->count++;
    latency->sum_ms += ms;
    latency->max_ms = MAX(latency->max_ms, ms);
    latency->above += ms * 1000 > limit;
}

void
mcp_activemq_tally_arrived(McpActivemqTally *tally, const McpActivemqCall *call)
{
    enter(&tally->total);
    enter(row_of(tally, call));
}

void
mcp_activemq_tally_ended(McpActivemqTally *tally, const McpActivemqCall *call,
                         const McpActivemqDetailFacts *facts, const McpActivemqConfig *config)
{
    if (call != NULL) {
        leave(&tally->total, facts->answered);
        leave(row_of(tally, call), facts->answered);
    }
    if (facts->answered)
        observe(&tally->setup, facts->setup_ms, config->setup_limit);
    tally->failed_calls += !facts->answered && facts->status >= 500 && facts->status < 600;
}

void
mcp_activemq_tally_refused(McpActivemqTally *tally)
{
    tally->total.refused++;
}

void
mcp_activemq_tally_event(McpActivemqTally *tally, McpEvent *event, const McpActivemqConfig *config)
{
    McpEventType type = mcp_event_get_event_type(event);
    gboolean failed = strcmp(mcp_event_get_what(event), "failed") == 0;

    if (type == MCP_EVENT_FETCH) {
        observe(&tally->fetch, mcp_event_get_int(event, "duration_ms", 0), config->fetch_limit);
        tally->failed_fetches += failed;
    } else if (type == MCP_EVENT_RECORDING) {
        tally->failed_recordings += failed;
    } else if (type == MCP_EVENT_INPUT && strcmp(mcp_event_get_what(event), "recognized") == 0) {
        tally->failed_recognitions +=
            g_strcmp0(mcp_event_get_string(event, "result"), "failed") == 0;
    } else if (type == MCP_EVENT_INPUT && strcmp(mcp_event_get_what(event), "turn") == 0 &&
               mcp_event_has(event, "prompt_ms")) {
        observe(&tally->response, mcp_event_get_int(event, "prompt_ms", 0), config->response_limit);
    }
}

static void
write_row(McpJson *json, const Row *row)
{
    mcp_json_int(json, "arrivals", row->arrivals);
    mcp_json_int(json, "answered", row->answered);
    mcp_json_int(json, "refused", row->refused);
    mcp_json_int(json, "running", row->running);
    mcp_json_int(json, "peak", row->peak);
}

static McpJson *
begin(const McpActivemqTally *tally, const char *schema, gint64 wall,
      const McpActivemqConfig *config)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "schema", schema);
    mcp_json_int(json, "version", 1);
    mcp_json_string(json, "component", config->component);
    mcp_json_time(json, "from", tally->began);
    mcp_json_time(json, "to", wall);
    return json;
}

static void
spool(McpActivemqTally *tally, McpJson *json, McpActivemqKind kind, gint64 wall,
      const McpActivemqConfig *config)
{
    const char *type = mcp_activemq_kind_to_string(kind);
    g_autofree char *id = g_strdup_printf("%.100s:%" G_GINT64_FORMAT, config->component, wall);
    g_autofree char *label = mcp_activemq_label(type, "", "", "");
    char *text = NULL;
    gsize length = 0;

    mcp_json_end_object(json);
    text = mcp_activemq_json_finish(json);
    length = strlen(text);
    mcp_spool_append(tally->spool, mcp_spool_record_new((guint8)kind, MCP_SPOOL_PLAIN, id, wall,
                                                        label, g_bytes_new_take(text, length)));
}

static void
spool_operational(McpActivemqTally *tally, gint64 wall, const McpActivemqConfig *config)
{
    McpJson *json = begin(tally, "mcp.operational", wall, config);
    GHashTableIter iter;
    gpointer value = NULL;

    mcp_json_begin_object(json, "total");
    write_row(json, &tally->total);
    mcp_json_end_object(json);
    mcp_json_begin_array(json, "applications");
    g_hash_table_iter_init(&iter, tally->rows);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Row *row = value;

        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "application", row->application);
        mcp_json_string(json, "tenant", row->tenant);
        write_row(json, row);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
    spool(tally, json, MCP_ACTIVEMQ_OPERATIONAL, wall, config);
}

static void
write_latency(McpJson *json, const char *key, const Latency *latency, gint64 limit)
{
    mcp_json_begin_object(json, key);
    mcp_json_int(json, "count", latency->count);
    mcp_json_int(json, "above_limit", latency->above);
    mcp_json_int(json, "limit_ms", limit / 1000);
    mcp_json_int(json, "sum_ms", latency->sum_ms);
    mcp_json_int(json, "max_ms", latency->max_ms);
    mcp_json_end_object(json);
}

static void
spool_quality(McpActivemqTally *tally, gint64 wall, const McpActivemqConfig *config)
{
    McpJson *json = begin(tally, "mcp.quality", wall, config);

    mcp_json_begin_object(json, "latencies");
    write_latency(json, "setup", &tally->setup, config->setup_limit);
    write_latency(json, "fetch", &tally->fetch, config->fetch_limit);
    write_latency(json, "response", &tally->response, config->response_limit);
    mcp_json_end_object(json);
    mcp_json_begin_object(json, "failures");
    mcp_json_int(json, "calls", tally->failed_calls);
    mcp_json_int(json, "fetches", tally->failed_fetches);
    mcp_json_int(json, "recordings", tally->failed_recordings);
    mcp_json_int(json, "recognitions", tally->failed_recognitions);
    mcp_json_end_object(json);
    spool(tally, json, MCP_ACTIVEMQ_QUALITY, wall, config);
}

/* Those that run go on; those that are gone are forgotten. */
static gboolean
renew(gpointer key, gpointer value, gpointer user_data)
{
    Row *row = value;

    row->arrivals = row->answered = row->refused = 0;
    row->peak = row->running;
    return row->running == 0;
}

void
mcp_activemq_tally_close(McpActivemqTally *tally, gint64 wall, const McpActivemqConfig *config)
{
    const Latency none = {0};

    spool_operational(tally, wall, config);
    spool_quality(tally, wall, config);
    g_hash_table_foreach_remove(tally->rows, renew, NULL);
    renew(NULL, &tally->total, NULL);
    tally->setup = tally->fetch = tally->response = none;
    tally->failed_calls = tally->failed_fetches = 0;
    tally->failed_recordings = tally->failed_recognitions = 0;
    tally->began = wall;
}
