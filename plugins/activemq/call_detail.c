/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call detail records: one flat JSON object a call, of the platform's own record and of what its
 * events told. Any thread.
 */
#include "call_detail.h"

#include "json_text.h"

#include <json/json_tree.h>
#include <string.h>

#define SCHEMA "mcp.cdr"
#define GUID "X-Genesys-GVP-Session-ID"
#define APPLICATION "X-Genesys-RM-Application-dbid"

static McpJson *
begin(const char *component, const char *session, const char *outcome)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "schema", SCHEMA);
    mcp_json_int(json, "version", 1);
    mcp_json_string(json, "session", session);
    mcp_json_string(json, "component", component);
    mcp_json_string(json, "outcome", outcome);
    return json;
}

/* Ends the text; (transfer full): a record of it. */
static McpSpoolRecord *
finish(McpJson *json, guint flags, const char *session, gint64 wall, const char *label)
{
    char *text = NULL;
    gsize length = 0;

    mcp_json_end_object(json);
    text = mcp_activemq_json_finish(json);
    length = strlen(text);
    return mcp_spool_record_new(MCP_ACTIVEMQ_CALL_DETAIL, flags, session, wall, label,
                                g_bytes_new_take(text, length));
}

McpSpoolRecord *
mcp_activemq_detail_start(const McpActivemqCall *call)
{
    McpJson *json = mcp_json_new();
    char *text = NULL;
    gsize length = 0;

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "guid", call->guid);
    mcp_json_string(json, "service", call->service);
    mcp_json_string(json, "from", call->from);
    mcp_json_string(json, "to", call->to);
    mcp_json_string(json, "peer", call->peer);
    mcp_json_string(json, "direction", call->outgoing ? "outgoing" : "incoming");
    mcp_json_time(json, "arrived", call->arrived);
    if (call->answered != 0)
        mcp_json_time(json, "answered", call->answered);
    mcp_json_end_object(json);
    text = mcp_activemq_json_finish(json);
    length = strlen(text);
    return mcp_spool_record_new(MCP_ACTIVEMQ_START, MCP_SPOOL_OPEN, call->id, call->arrived, NULL,
                                g_bytes_new_take(text, length));
}

/* --- reading the platform's record --- */

static JsonObject *
object_of(JsonObject *object, const char *name)
{
    JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

    return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static const char *
string_of(JsonObject *object, const char *name)
{
    JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

    return node != NULL && json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node)
               : "";
}

static void
copy(McpJson *json, const char *key, JsonObject *object, const char *name)
{
    JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;
    g_autofree char *text = node != NULL ? json_to_string(node, FALSE) : NULL;

    if (text != NULL)
        mcp_json_raw(json, key, text);
}

static const char *
header_of(JsonObject *sip, const char *name)
{
    JsonNode *node = sip != NULL ? json_object_get_member(sip, "headers") : NULL;
    JsonArray *headers =
        node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

    for (guint i = 0; headers != NULL && i < json_array_get_length(headers); i++) {
        JsonNode *item = json_array_get_element(headers, i);
        JsonObject *header = JSON_NODE_HOLDS_OBJECT(item) ? json_node_get_object(item) : NULL;

        if (g_ascii_strcasecmp(string_of(header, "name"), name) == 0)
            return string_of(header, "value");
    }
    return "";
}

static void
write_engines(McpJson *json, const McpActivemqCall *call)
{
    mcp_json_begin_object(json, "engines");
    mcp_json_int(json, "prompts_synthesized", call->prompts);
    mcp_json_int(json, "prompts_cached", call->cached_prompts);
    mcp_json_double(json, "synthesis_seconds", (double)call->prompt_ms / 1000);
    mcp_json_int(json, "recognitions", call->recognitions);
    mcp_json_int(json, "recognitions_failed", call->failed_recognitions);
    mcp_json_double(json, "recognition_seconds", (double)call->recognition_ms / 1000);
    mcp_json_int(json, "turns", call->turns);
    mcp_json_end_object(json);
    mcp_json_begin_object(json, "fetches");
    mcp_json_int(json, "done", call->fetches - call->failed_fetches);
    mcp_json_int(json, "failed", call->failed_fetches);
    mcp_json_end_object(json);
    mcp_json_int(json, "transfers", call->transfers);
    mcp_json_begin_array(json, "recordings");
    for (guint i = 0; i < call->recordings->len; i++)
        mcp_json_string(json, NULL, call->recordings->pdata[i]);
    mcp_json_end_array(json);
    mcp_json_int(json, "recordings_failed", call->failed_recordings);
}

static void
write_record(McpJson *json, JsonObject *record)
{
    static const char *const names[] = {
        "direction",   "service",  "peer",     "arrived",    "answered", "ended",
        "duration_ms", "setup_ms", "ended_by", "end_reason", "moved_to", "redirected_to",
    };
    JsonObject *sip = object_of(record, "sip");
    gboolean outgoing = strcmp(string_of(record, "direction"), "outgoing") == 0;

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        copy(json, names[i], record, names[i]);
    copy(json, "remote_uri", record, outgoing ? "to" : "from");
    copy(json, "local_uri", record, outgoing ? "from" : "to");
    copy(json, "sip_status", record, "status");
    copy(json, "sip_call_id", sip, "call_id");
    copy(json, "request_uri", sip, "request_uri");
    copy(json, "remote_address", sip, "remote_address");
    copy(json, "transport", sip, "transport");
    copy(json, "identity", sip, "identity");
    mcp_json_string(json, "call_uuid", header_of(sip, "X-Genesys-CallUUID"));
    mcp_json_string(json, "parent", header_of(sip, "X-ISCC-CofId"));
    copy(json, "codec", object_of(record, "media"), "codec");
    copy(json, "encryption", object_of(record, "media"), "encryption");
    copy(json, "media", record, "media");
    copy(json, "result", record, "result");
}

static void
take_facts(JsonObject *record, McpActivemqDetailFacts *out_facts)
{
    out_facts->answered = json_object_has_member(record, "answered");
    out_facts->setup_ms = json_object_get_int_member_with_default(record, "setup_ms", 0);
    out_facts->status = (guint)json_object_get_int_member_with_default(record, "status", 0);
}

McpSpoolRecord *
mcp_activemq_detail_new(McpEvent *event, const McpActivemqCall *call, const char *component,
                        McpActivemqDetailFacts *out_facts)
{
    g_autofree char *text = mcp_event_to_json(event);
    g_autoptr(JsonNode) root = mcp_json_tree_parse(text, strlen(text), NULL);
    JsonObject *record =
        root != NULL && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
    JsonObject *sip = object_of(record, "sip");
    const char *id = mcp_event_get_call_id(event);
    const char *guid = header_of(sip, GUID);
    const char *application = header_of(sip, APPLICATION);
    g_autofree char *tenant = mcp_activemq_tenant(guid);
    g_autofree char *label = NULL;
    McpJson *json = NULL;

    *out_facts = (McpActivemqDetailFacts){0};
    if (record != NULL)
        take_facts(record, out_facts);
    if (*application == '\0')
        application = string_of(record, "service");
    label = mcp_activemq_label("cdr", id, tenant, application);
    json = begin(component, id, out_facts->answered ? "answered" : "refused");
    mcp_json_string(json, "guid", guid);
    mcp_json_string(json, "tenant", tenant);
    mcp_json_string(json, "application", application);
    if (record != NULL)
        write_record(json, record);
    if (call != NULL)
        write_engines(json, call);
    return finish(json, MCP_SPOOL_CLOSE, id, mcp_event_get_wall(event), label);
}

McpSpoolRecord *
mcp_activemq_detail_refused(McpEvent *event, const char *component)
{
    const char *id = mcp_event_get_call_id(event);
    g_autofree char *label = mcp_activemq_label("cdr", id, "", "");
    McpJson *json = begin(component, id, "refused");

    mcp_json_string(json, "direction", "incoming");
    mcp_json_string(json, "peer", mcp_event_get_string(event, "peer"));
    mcp_json_string(json, "remote_uri", mcp_event_get_string(event, "from"));
    mcp_json_string(json, "local_uri", mcp_event_get_string(event, "to"));
    mcp_json_time(json, "arrived", mcp_event_get_wall(event));
    mcp_json_time(json, "ended", mcp_event_get_wall(event));
    mcp_json_int(json, "sip_status", mcp_event_get_int(event, "code", 0));
    mcp_json_string(json, "ended_by", "platform");
    mcp_json_string(json, "end_reason", mcp_event_get_string(event, "reason"));
    return finish(json, MCP_SPOOL_PLAIN, id, mcp_event_get_wall(event), label);
}

McpSpoolRecord *
mcp_activemq_detail_abnormal(const McpSpoolRecord *start, const char *component, gint64 now)
{
    gsize length = 0;
    const char *text = g_bytes_get_data(start->payload, &length);
    g_autoptr(JsonNode) root = mcp_json_tree_parse(text, length, NULL);
    JsonObject *facts =
        root != NULL && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
    const char *guid = string_of(facts, "guid");
    const char *service = string_of(facts, "service");
    gboolean outgoing = strcmp(string_of(facts, "direction"), "outgoing") == 0;
    g_autofree char *tenant = mcp_activemq_tenant(guid);
    g_autofree char *label = mcp_activemq_label("cdr", start->id, tenant, service);
    McpJson *json = begin(component, start->id, "abnormal");

    mcp_json_string(json, "guid", guid);
    mcp_json_string(json, "tenant", tenant);
    mcp_json_string(json, "application", service);
    mcp_json_string(json, "service", service);
    copy(json, "direction", facts, "direction");
    copy(json, "peer", facts, "peer");
    copy(json, "remote_uri", facts, outgoing ? "to" : "from");
    copy(json, "local_uri", facts, outgoing ? "from" : "to");
    copy(json, "arrived", facts, "arrived");
    copy(json, "answered", facts, "answered");
    mcp_json_time(json, "recovered", now); /* when it ended nobody knows */
    mcp_json_string(json, "ended_by", "platform");
    mcp_json_string(json, "end_reason", "crash");
    return finish(json, MCP_SPOOL_CLOSE, start->id, now, label);
}
