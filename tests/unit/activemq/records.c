/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of records: what a call detail record says, of calls that ended, were refused, or cut. */
#include <json/json_tree.h>
#include <string.h>

#include "call_detail.h"
#include "event/event.h"
#include "json_text.h"
#include "spool/spools.h"

static JsonObject *
body_of(const McpSpoolRecord *record, JsonNode **out_root)
{
    gsize length = 0;
    const char *text = g_bytes_get_data(record->payload, &length);

    *out_root = mcp_json_tree_parse(text, length, NULL);
    g_assert_nonnull(*out_root);
    return json_node_get_object(*out_root);
}

static const char *
text_of(JsonObject *body, const char *name)
{
    return json_object_get_string_member_with_default(body, name, "-");
}

static void
test_detail(void)
{
    static const char record_text[] =
        "{\"type\":\"call-record\",\"format\":1,\"id\":\"c1\",\"direction\":\"incoming\","
        "\"service\":\"bank\",\"from\":\"sip:a@x\",\"to\":\"sip:b@y\",\"arrived\":\"T1\","
        "\"answered\":\"T2\",\"ended\":\"T3\",\"setup_ms\":120,\"status\":200,"
        "\"end_reason\":\"bye\",\"sip\":{\"call_id\":\"i1\",\"headers\":[{\"name\":"
        "\"x-genesys-gvp-session-id\",\"value\":\"G1;gvp.rm.tenant-id=7\"}]},"
        "\"media\":{\"codec\":\"PCMA\",\"encryption\":\"AES_CM_128_HMAC_SHA1_80\",\"mos\":4.2},"
        "\"result\":{\"failed\":false,\"value\":3}}";
    McpEvent *event = mcp_event_new(MCP_EVENT_CALL_RECORD, "c1", "record");
    McpActivemqDetailFacts facts;
    g_autoptr(McpSpoolRecord) record = NULL;
    g_autoptr(JsonNode) root = NULL;
    JsonObject *body = NULL;

    mcp_event_take_json(event, g_strdup(record_text));
    record = mcp_activemq_detail_new(event, NULL, "node", &facts);
    mcp_event_unref(event);
    body = body_of(record, &root);
    g_assert_cmpstr(record->id, ==, "c1");
    g_assert_cmpuint(record->flags, ==, MCP_SPOOL_CLOSE);
    g_assert_cmpstr(record->label, ==, "cdr\tc1\t7\tbank");
    g_assert_true(facts.answered);
    g_assert_cmpint(facts.setup_ms, ==, 120);
    g_assert_cmpstr(text_of(body, "schema"), ==, "mcp.cdr");
    g_assert_cmpstr(text_of(body, "outcome"), ==, "answered");
    g_assert_cmpstr(text_of(body, "remote_uri"), ==, "sip:a@x");
    g_assert_cmpstr(text_of(body, "local_uri"), ==, "sip:b@y");
    g_assert_cmpstr(text_of(body, "codec"), ==, "PCMA");
    g_assert_cmpstr(text_of(body, "encryption"), ==, "AES_CM_128_HMAC_SHA1_80");
    g_assert_cmpstr(text_of(body, "sip_call_id"), ==, "i1");
    g_assert_cmpint(json_object_get_int_member(body, "sip_status"), ==, 200);
    g_assert_cmpint(
        json_object_get_int_member(json_object_get_object_member(body, "result"), "value"), ==, 3);
}

/* A record that is none is told all the same. */
static void
test_broken(void)
{
    McpEvent *event = mcp_event_new(MCP_EVENT_CALL_RECORD, "c1", "record");
    McpActivemqDetailFacts facts;
    g_autoptr(McpSpoolRecord) record = NULL;
    g_autoptr(JsonNode) root = NULL;

    mcp_event_take_json(event, g_strdup("[1"));
    record = mcp_activemq_detail_new(event, NULL, "node", &facts);
    mcp_event_unref(event);
    g_assert_cmpstr(text_of(body_of(record, &root), "session"), ==, "c1");
    g_assert_false(facts.answered);
}

static void
test_refused(void)
{
    McpEvent *event = mcp_event_new(MCP_EVENT_CALL_REFUSED, "c2", "refused-at-once");
    g_autoptr(McpSpoolRecord) record = NULL;
    g_autoptr(JsonNode) root = NULL;
    JsonObject *body = NULL;

    mcp_event_set_int(event, "code", 503);
    mcp_event_set_string(event, "reason", "draining");
    mcp_event_set_string(event, "from", "sip:a@x");
    record = mcp_activemq_detail_refused(event, "node");
    mcp_event_unref(event);
    body = body_of(record, &root);
    g_assert_cmpuint(record->flags, ==, MCP_SPOOL_PLAIN);
    g_assert_cmpstr(text_of(body, "outcome"), ==, "refused");
    g_assert_cmpstr(text_of(body, "end_reason"), ==, "draining");
    g_assert_cmpint(json_object_get_int_member(body, "sip_status"), ==, 503);
}

static void
test_abnormal(void)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    McpActivemqCall call = {
        .id = (char *)"c3",
        .service = (char *)"bank",
        .from = (char *)"sip:a@x",
        .to = (char *)"sip:b@y",
        .peer = (char *)"sbc",
        .guid = (char *)"G3;gvp.rm.tenant-id=9",
        .tenant = (char *)"9",
        .arrived = 1000000,
        .answered = 2000000,
        .recordings = none,
    };
    g_autoptr(McpSpoolRecord) start = mcp_activemq_detail_start(&call);
    g_autoptr(McpSpoolRecord) record = mcp_activemq_detail_abnormal(start, "node", 5000000);
    g_autoptr(McpSpoolRecord) again = mcp_activemq_detail_abnormal(start, "node", 5000000);
    g_autoptr(JsonNode) root = NULL;
    JsonObject *body = body_of(record, &root);

    g_assert_cmpuint(start->flags, ==, MCP_SPOOL_OPEN);
    g_assert_cmpuint(record->flags, ==, MCP_SPOOL_CLOSE);
    g_assert_cmpstr(record->id, ==, start->id);
    g_assert_cmpstr(record->label, ==, "cdr\tc3\t9\tbank");
    g_assert_cmpstr(text_of(body, "outcome"), ==, "abnormal");
    g_assert_cmpstr(text_of(body, "end_reason"), ==, "crash");
    g_assert_cmpstr(text_of(body, "guid"), ==, "G3;gvp.rm.tenant-id=9");
    g_assert_cmpstr(text_of(body, "arrived"), ==, "1970-01-01T00:00:01.000Z");
    g_assert_cmpstr(text_of(body, "answered"), ==, "1970-01-01T00:00:02.000Z");
    g_assert_cmpstr(text_of(body, "recovered"), ==, "1970-01-01T00:00:05.000Z");
    g_assert_false(json_object_has_member(body, "ended"));
    g_assert_true(g_bytes_equal(record->payload, again->payload));
}

static void
on_closed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

/* (transfer full): one in a folder that cannot be: what it is given waits in memory. */
static McpSpool *
spool_new(McpClock *clock, McpPool *pool)
{
    static const McpSpoolEvents events = {0};
    const McpSpoolOptions options = {
        .name = "test/events",
        .directory = "/dev/null",
        .class_ = MCP_SPOOL_EVENTS,
        .max_bytes = 1 << 20,
        .segment_bytes = 1 << 16,
        .sync_interval = G_USEC_PER_SEC,
        .sync_bytes = 1 << 16,
        .disk = mcp_disk_real(),
        .clock = clock,
        .pool = pool,
    };

    return mcp_spool_new(&options, &events, NULL);
}

static void
spool_end(McpSpool *spool)
{
    gboolean closed = FALSE;

    mcp_spool_close_async(spool, on_closed, &closed);
    while (!closed)
        g_main_context_iteration(NULL, TRUE);
    g_object_unref(spool);
}

static void
tell(McpActivemqCallTable *table, McpActivemqCall *call, McpEventType type, const char *what,
     const char *key, const char *value, gint64 ms)
{
    McpEvent *event = mcp_event_new(type, "c1", what);

    mcp_event_set_string(event, key, value);
    mcp_event_set_int(event, "duration_ms", ms);
    mcp_activemq_call_table_add(table, call, event, TRUE);
    mcp_event_unref(event);
}

static void
tell_all(McpActivemqCallTable *table, McpActivemqCall *call)
{
    tell(table, call, MCP_EVENT_DIALOG, "page", "url", "http://x/", 0);
    tell(table, call, MCP_EVENT_DIALOG, "page", "url", "http://y/", 0);
    tell(table, call, MCP_EVENT_PROMPT, "synthesized", "from", "engine", 1500);
    tell(table, call, MCP_EVENT_PROMPT, "synthesized", "from", "cache", 2);
    tell(table, call, MCP_EVENT_INPUT, "recognized", "result", "match", 2500);
    tell(table, call, MCP_EVENT_INPUT, "recognized", "result", "failed", 250);
    tell(table, call, MCP_EVENT_INPUT, "recorded", "text", "message-1", 0);
    tell(table, call, MCP_EVENT_RECORDING, "committed", "name", "call-1", 0);
    tell(table, call, MCP_EVENT_RECORDING, "refused", "reason", "no", 0);
    tell(table, call, MCP_EVENT_DIALOG, "transfer", "text", "tel:1", 0);
    tell(table, call, MCP_EVENT_DIALOG, "transfer", "to", "sip:1@x", 0);
}

static void
check_counts(JsonObject *body)
{
    JsonObject *engines = json_object_get_object_member(body, "engines");
    JsonArray *recordings = json_object_get_array_member(body, "recordings");

    g_assert_cmpint(json_object_get_int_member(engines, "prompts_synthesized"), ==, 1);
    g_assert_cmpint(json_object_get_int_member(engines, "prompts_cached"), ==, 1);
    g_assert_cmpfloat(json_object_get_double_member(engines, "synthesis_seconds"), ==, 1.5);
    g_assert_cmpint(json_object_get_int_member(engines, "recognitions"), ==, 2);
    g_assert_cmpint(json_object_get_int_member(engines, "recognitions_failed"), ==, 1);
    g_assert_cmpfloat(json_object_get_double_member(engines, "recognition_seconds"), ==, 2.75);
    g_assert_cmpint(json_object_get_int_member(body, "transfers"), ==, 1);
    g_assert_cmpuint(json_array_get_length(recordings), ==, 2);
    g_assert_cmpstr(json_array_get_string_element(recordings, 0), ==, "message-1");
    g_assert_cmpint(json_object_get_int_member(body, "recordings_failed"), ==, 1);
}

/* What engines did, and what else a call's events tell, stands in its record. */
static void
test_counted(void)
{
    g_autoptr(McpClock) clock = mcp_clock_new();
    g_autoptr(McpPool) pool = mcp_pool_new("disk", 1, 16);
    McpSpool *spool = spool_new(clock, pool);
    McpActivemqCallTable *table = mcp_activemq_call_table_new(spool);
    McpEvent *arrived = mcp_event_new(MCP_EVENT_CALL_ARRIVED, "c1", "incoming");
    McpEvent *ended = mcp_event_new(MCP_EVENT_CALL_RECORD, "c1", "record");
    McpActivemqCall *call = mcp_activemq_call_table_get(table, arrived);
    McpActivemqDetailFacts facts;
    g_autoptr(McpSpoolRecord) record = NULL;
    g_autoptr(JsonNode) root = NULL;

    tell_all(table, call);
    g_assert_cmpuint(call->n_events, ==, 11);
    g_assert_nonnull(strstr(call->events->str, "{\"event\":\"appl_begin\""));
    g_assert_nonnull(strstr(call->events->str, "{\"event\":\"compile_done\""));
    mcp_event_take_json(ended, g_strdup("{\"answered\":\"T\"}"));
    record = mcp_activemq_detail_new(ended, call, "node", &facts);
    check_counts(body_of(record, &root));
    mcp_activemq_call_table_free(table);
    mcp_event_unref(arrived);
    mcp_event_unref(ended);
    spool_end(spool);
}

static void
test_label(void)
{
    g_autofree char *label = mcp_activemq_label("cdr", "i\td", "te\nnant", "a");
    g_autofree char *none = mcp_activemq_tenant("G1;gvp.rm.datanodes=1");
    g_autofree char *some = mcp_activemq_tenant("G1;gvp.rm.tenant-id=1.2; x");
    g_auto(GStrv) parts = g_strsplit(label, "\t", -1);

    g_assert_cmpuint(g_strv_length(parts), ==, 4);
    g_assert_null(strchr(label, '\n'));
    g_assert_cmpstr(none, ==, "");
    g_assert_cmpstr(some, ==, "1.2");
}

static void
test_names(void)
{
    static const struct {
        McpEventType type;
        const char *what;
        const char *key;
        gboolean outgoing;
        const char *name;
    } rows[] = {
        {MCP_EVENT_CALL_ARRIVED, "incoming", "from", FALSE, "incall_initiated"},
        {MCP_EVENT_CALL_ENDED, "ended", "reason", FALSE, "incall_end"},
        {MCP_EVENT_CALL_ENDED, "ended", "reason", TRUE, "outcall_end"},
        {MCP_EVENT_DIALOG, "form", "name", TRUE, "form_enter"},
        {MCP_EVENT_DIALOG, "transfer", "to", FALSE, "transfer_start"},
        {MCP_EVENT_DIALOG, "transfer", "text", FALSE, "transfer_request"},
        {MCP_EVENT_INPUT, "recognizing", "engine", FALSE, "asr_open"},
        {MCP_EVENT_INPUT, "recognized", "engine", FALSE, "asr_close"},
        {MCP_EVENT_DIALOG, "something-new", "text", FALSE, "dialog"},
        {MCP_EVENT_STATE, "drain", "name", FALSE, NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        McpEvent *event = mcp_event_new(rows[i].type, "c", rows[i].what);

        mcp_event_set_string(event, rows[i].key, "x");
        g_assert_cmpstr(mcp_activemq_event_name(event, rows[i].outgoing), ==, rows[i].name);
        mcp_event_unref(event);
    }
}

static void
test_text(void)
{
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;

    mcp_json_begin_array(json, NULL);
    mcp_json_string(json, NULL, "gr\xc3\xbc\xc3\x9f \xef\xbf\xbd \xf0\x9f\x98\x80!");
    mcp_json_string(json, NULL, "\xf4\x8f\xbf\xbf");
    mcp_json_end_array(json);
    text = mcp_activemq_json_finish(json);
    g_assert_cmpstr(text, ==,
                    "[\"gr\xc3\xbc\xc3\x9f \xef\xbf\xbd \\ud83d\\ude00!\",\"\\udbff\\udfff\"]");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/records/detail", test_detail);
    g_test_add_func("/records/broken", test_broken);
    g_test_add_func("/records/refused", test_refused);
    g_test_add_func("/records/text", test_text);
    g_test_add_func("/records/abnormal", test_abnormal);
    g_test_add_func("/records/counted", test_counted);
    g_test_add_func("/records/label", test_label);
    g_test_add_func("/records/names", test_names);
    return g_test_run();
}
