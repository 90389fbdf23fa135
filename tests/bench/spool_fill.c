/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills the spools of the activemq plugin with the records of calls that never were: call detail
 * and 40 events a call, as the plugin makes them. Prints what a call takes, as JSON. One thread.
 */
#include "spool/spools.h"

#include <mcp/event.h>
#include <stdlib.h>
#include <string.h>

#include "call_detail.h"

#define EVENTS 40
#define ROUND 200

typedef struct {
    McpClock *clock;
    McpPool *pool;
    McpSpool *spools[2];
    gboolean done;
} Fill;

static const char record_text[] =
    "{\"type\":\"call-record\",\"format\":1,\"id\":\"%s\",\"direction\":\"incoming\",\"state\":"
    "\"ended\",\"service\":\"bank\",\"dialog\":\"vxml\",\"from\":\"sip:+4930%u@sbc.example\","
    "\"to\":"
    "\"sip:bank@mcp.example\",\"peer\":\"sbc\",\"arrived\":\"2026-11-29T16:00:00.000Z\","
    "\"answered\":"
    "\"2026-11-29T16:00:00.120Z\",\"ended\":\"2026-11-29T16:02:10.000Z\",\"duration_ms\":129880,"
    "\"setup_ms\":120,\"status\":200,\"ended_by\":\"caller\",\"end_reason\":\"bye\",\"sip\":{"
    "\"call_id\":\"%u@sbc.example\",\"request_uri\":\"sip:bank@mcp.example\",\"remote_address\":"
    "\"192.0.2.1:5060\",\"local_address\":\"192.0.2.2:5060\",\"transport\":\"udp\",\"headers\":[{"
    "\"name\":\"X-Genesys-GVP-Session-ID\",\"value\":\"%08X-0000;gvp.rm.tenant-id=1.T1\"}]},"
    "\"media\":{\"codec\":\"PCMU\",\"packets_sent\":6494,\"packets_received\":%u,\"packets_lost\":"
    "3,"
    "\"jitter_ms\":1.4,\"mos\":4.31},\"result\":{\"failed\":false,\"value\":\"transfer\",\"page\":"
    "\"https://apps.example.com/bank/start.vxml\",\"account\":\"%u\"}}";

static void
on_ready(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    if (!g_task_propagate_boolean(G_TASK(result), &error)) {
        g_printerr("%s\n", error->message);
        exit(1);
    }
    ((Fill *)user_data)->done = TRUE;
}

static void
wait_for(Fill *fill, McpSpool *spool,
         void (*begin)(McpSpool *spool, GAsyncReadyCallback callback, gpointer user_data))
{
    fill->done = FALSE;
    begin(spool, on_ready, fill);
    while (!fill->done)
        g_main_context_iteration(NULL, TRUE);
}

static void
add_events(McpActivemqCallTable *table, McpActivemqCall *call, guint number)
{
    static const char *const whats[] = {"page", "form", "item", "transition", "log", "event"};

    for (guint i = 0; i < EVENTS; i++) {
        McpEvent *event = mcp_event_new(MCP_EVENT_DIALOG, call->id, whats[i % G_N_ELEMENTS(whats)]);
        g_autofree char *text = g_strdup_printf("https://apps.example.com/bank/%u#%u", i, number);

        mcp_event_set_string(event, "text", text);
        mcp_event_set_int(event, "duration_ms", number % 977 + i);
        mcp_activemq_call_table_add(table, call, event, TRUE);
        mcp_event_unref(event);
    }
}

static void
add_call(Fill *fill, McpActivemqCallTable *table, guint number)
{
    g_autofree char *id = g_strdup_printf("%016x", number);
    g_autofree char *text =
        g_strdup_printf(record_text, id, number, number, number, number, number);
    McpEvent *arrived = mcp_event_new(MCP_EVENT_CALL_ARRIVED, id, "incoming");
    McpEvent *ended = mcp_event_new(MCP_EVENT_CALL_RECORD, id, "record");
    McpActivemqDetailFacts facts;
    McpActivemqCall *call = NULL;

    mcp_event_set_string(arrived, "service", "bank");
    call = mcp_activemq_call_table_get(table, arrived);
    mcp_spool_append(fill->spools[0], mcp_activemq_detail_start(call));
    call->answered = 1;
    mcp_spool_append(fill->spools[0], mcp_activemq_detail_start(call));
    add_events(table, call, number);
    mcp_event_take_json(ended, g_steal_pointer(&text));
    mcp_spool_append(fill->spools[0], mcp_activemq_detail_new(ended, call, "bench", &facts));
    mcp_activemq_call_table_end(table, call);
    mcp_event_unref(arrived);
    mcp_event_unref(ended);
}

static void
open_spools(Fill *fill, const char *directory)
{
    static const McpSpoolEvents events = {0};
    static const char *const names[] = {"activemq/billing", "activemq/events"};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const McpSpoolOptions options = {
            .name = names[i],
            .directory = directory,
            .class_ = (McpSpoolKind)i,
            .max_bytes = G_GINT64_CONSTANT(16) << 30,
            .segment_bytes = 16 << 20,
            .sync_interval = G_USEC_PER_SEC,
            .sync_bytes = 8 << 20,
            .disk = mcp_disk_real(),
            .clock = fill->clock,
            .pool = fill->pool,
        };

        fill->spools[i] = mcp_spool_new(&options, &events, NULL);
    }
}

static gint64
bytes_of(McpSpool *spool)
{
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_spool_describe(spool, json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    return g_ascii_strtoll(strstr(text, "\"bytes\":") + strlen("\"bytes\":"), NULL, 10);
}

int
main(int argc, char **argv)
{
    guint calls = argc == 3 ? (guint)strtoul(argv[2], NULL, 10) : 0;
    Fill fill = {.clock = mcp_clock_new(), .pool = mcp_pool_new("disk", 2, 64)};
    McpActivemqCallTable *table = NULL;
    gint64 bytes[2] = {0, 0};

    if (calls == 0) {
        g_printerr("usage: mcp-spool-fill DIRECTORY CALLS\n");
        return 2;
    }
    open_spools(&fill, argv[1]);
    table = mcp_activemq_call_table_new(fill.spools[1]);
    for (guint i = 0; i < calls; i++) {
        add_call(&fill, table, i);
        if (i % ROUND == ROUND - 1)
            wait_for(&fill, fill.spools[0], mcp_spool_flush_async);
    }
    mcp_activemq_call_table_free(table);
    for (guint i = 0; i < 2; i++) {
        wait_for(&fill, fill.spools[i], mcp_spool_flush_async);
        bytes[i] = bytes_of(fill.spools[i]);
        wait_for(&fill, fill.spools[i], mcp_spool_close_async);
        g_object_unref(fill.spools[i]);
    }
    g_object_unref(fill.pool);
    g_object_unref(fill.clock);
    g_print("{\"calls\":%u,\"billing_bytes_a_call\":%.1f,\"events_bytes_a_call\":%.1f}\n", calls,
            (double)bytes[0] / calls, (double)bytes[1] / calls);
    return 0;
}
