/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about calls, and events as they happen. One thread.
 */
#include "ctl/command.h"
#include "ctl/table.h"

static gboolean show_ladder;
static gboolean show_graph;
static gboolean show_dot;
static gboolean hangup_all;
static char *event_call;
static char *event_types;

static const GOptionEntry show_options[] = {
    {"ladder", 'l', 0, G_OPTION_ARG_NONE, &show_ladder, "Show the SIP messages as a ladder, alone",
     NULL},
    {"graph", 'g', 0, G_OPTION_ARG_NONE, &show_graph, "Show the media path, alone", NULL},
    {"dot", 0, 0, G_OPTION_ARG_NONE, &show_dot, "Print the media path for Graphviz, nothing else",
     NULL},
    {NULL},
};

static const GOptionEntry hangup_options[] = {
    {"all", 'a', 0, G_OPTION_ARG_NONE, &hangup_all, "Hang up every call", NULL},
    {NULL},
};

static const GOptionEntry event_options[] = {
    {"call", 0, 0, G_OPTION_ARG_STRING, &event_call, "Of this call alone, until it has ended",
     "ID"},
    {"type", 't', 0, G_OPTION_ARG_STRING, &event_types,
     "Of these types: call-arrived, call-ended, dialog, prompt, input, fetch …", "TYPE,…"},
    {NULL},
};

char *
mcp_ctl_escape(const char *text)
{
    return g_uri_escape_string(text, NULL, FALSE);
}

static gboolean
is_common(const char *name)
{
    static const char *const common[] = {"time", "type", "what", "call", "data"};

    for (guint i = 0; i < G_N_ELEMENTS(common); i++) {
        if (strcmp(name, common[i]) == 0)
            return TRUE;
    }
    return FALSE;
}

void
mcp_ctl_print_event(JsonObject *event, gboolean with_call)
{
    g_autofree char *time = mcp_ctl_text(event, "time");
    g_autofree char *clock = mcp_ctl_clock(time);
    g_autofree char *type = mcp_ctl_text(event, "type");
    g_autofree char *what = mcp_ctl_text(event, "what");
    g_autofree char *call = mcp_ctl_text(event, "call");
    JsonObjectIter iter;
    const char *name = NULL;

    if (strcmp(type, "call-record") == 0)
        return;
    g_print("%s  ", clock);
    if (with_call)
        g_print("%-16s  ", call);
    g_print("%-13s %-12s", type, what);
    json_object_iter_init_ordered(&iter, event);
    while (json_object_iter_next_ordered(&iter, &name, NULL)) {
        g_autofree char *value = mcp_ctl_text(event, name);

        if (!is_common(name) && strcmp(value, "-") != 0 && value[0] != '\0')
            g_print(" %s=%s", name, value);
    }
    g_print("\n");
}

static McpCtlExit
run_calls(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_ask(context, "GET", "/calls", NULL, &root);
    JsonArray *calls = NULL;
    McpCtlTable *table = NULL;

    if (root == NULL)
        return result;
    calls = mcp_ctl_array(json_node_get_object(root), "calls");
    table = mcp_ctl_table_new("ID STATE DIRECTION SERVICE SINCE FROM TO");
    for (guint i = 0; calls != NULL && i < json_array_get_length(calls); i++) {
        JsonObject *call = json_array_get_object_element(calls, i);
        g_autofree char *id = mcp_ctl_text(call, "id");
        g_autofree char *state = mcp_ctl_text(call, "state");
        g_autofree char *direction = mcp_ctl_text(call, "direction");
        g_autofree char *service = mcp_ctl_text(call, "service");
        g_autofree char *arrived = mcp_ctl_text(call, "arrived");
        g_autofree char *since = mcp_ctl_clock(arrived);
        g_autofree char *from = mcp_ctl_text(call, "from");
        g_autofree char *to = mcp_ctl_text(call, "to");

        mcp_ctl_table_add(table, id, state, direction, service, since, from, to);
    }
    mcp_ctl_table_print(table);
    return MCP_CTL_OK;
}

/* "name   value" for each member that is a plain value. */
static void
print_facts(JsonObject *object, const char *indent)
{
    JsonObjectIter iter;
    const char *name = NULL;
    JsonNode *node = NULL;

    json_object_iter_init_ordered(&iter, object);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        g_autofree char *text = mcp_ctl_text(object, name);

        if (JSON_NODE_HOLDS_VALUE(node) && text[0] != '\0' && strcmp(name, "graph") != 0 &&
            strcmp(name, "dot") != 0)
            g_print("%s%-18s %s\n", indent, name, text);
    }
}

static void
print_part(JsonObject *call, const char *name)
{
    JsonObject *part = mcp_ctl_object(call, name);

    if (part == NULL || json_object_get_size(part) == 0)
        return;
    g_print("%s\n", name);
    print_facts(part, "  ");
}

static void
print_timeline(JsonArray *timeline)
{
    if (timeline == NULL || json_array_get_length(timeline) == 0)
        return;
    g_print("timeline\n");
    for (guint i = 0; i < json_array_get_length(timeline); i++) {
        JsonObject *note = json_array_get_object_element(timeline, i);
        g_autofree char *time = mcp_ctl_text(note, "time");
        g_autofree char *clock = mcp_ctl_clock(time);
        g_autofree char *what = mcp_ctl_text(note, "what");
        g_autofree char *text = mcp_ctl_text(note, "text");

        g_print("  %s  %-12s %s\n", clock, what, text);
    }
}

static void
print_ladder_times(JsonObject *times)
{
    static const struct {
        const char *member;
        const char *text;
    } rows[] = {{"first_response_ms", "first response"},
                {"ringing_ms", "ringing"},
                {"answer_ms", "final answer"}};

    for (guint i = 0; times != NULL && i < G_N_ELEMENTS(rows); i++) {
        if (json_object_has_member(times, rows[i].member))
            g_print("  %-16s after %.1f ms\n", rows[i].text,
                    json_object_get_double_member(times, rows[i].member));
    }
}

/* Ours at the left, the other side at the right. */
static void
print_ladder_entry(JsonObject *entry, const char *ends)
{
    g_autofree char *time = mcp_ctl_text(entry, "time");
    g_autofree char *clock = mcp_ctl_clock(time);
    g_autofree char *message = mcp_ctl_text(entry, "message");
    gboolean sent = json_object_get_boolean_member_with_default(entry, "sent", FALSE);
    gboolean repeat = json_object_get_boolean_member_with_default(entry, "repeat", FALSE);
    gint fill = 36 - (gint)MIN(36, g_utf8_strlen(message, -1));
    g_autofree char *dashes = g_strnfill((gsize)fill, '-');

    g_print("  %s %+10.1f ms  |%s %s %s%s|%s%s\n", clock,
            json_object_get_double_member_with_default(entry, "delta_ms", 0), sent ? "-" : "<",
            message, dashes, sent ? ">" : "-", repeat ? " again" : "", ends);
}

/* Both addresses stand above, and again where they change. */
static void
print_ladder(JsonObject *call)
{
    JsonArray *ladder = mcp_ctl_array(call, "ladder");
    g_autofree char *before = NULL;

    if (ladder == NULL)
        return;
    g_print("ladder\n");
    for (guint i = 0; i < json_array_get_length(ladder); i++) {
        JsonObject *entry = json_array_get_object_element(ladder, i);
        g_autofree char *local = mcp_ctl_text(entry, "local");
        g_autofree char *remote = mcp_ctl_text(entry, "remote");
        g_autofree char *transport = mcp_ctl_text(entry, "transport");
        char *ends = g_strdup_printf(" %s %s %s", local, transport, remote);

        if (i == 0)
            g_print("  %-27s mcpd %-19s%20s peer\n", "", local, remote);
        print_ladder_entry(entry, g_strcmp0(before, ends) != 0 ? ends : "");
        g_free(before);
        before = ends;
    }
    print_ladder_times(mcp_ctl_object(call, "ladder_times"));
}

static McpCtlExit
print_path(JsonObject *call, const char *member)
{
    JsonObject *leg = mcp_ctl_object(call, "leg");
    JsonNode *node = leg != NULL ? json_object_get_member(leg, member) : NULL;

    if (node == NULL) {
        g_printerr("mcpctl: the call has no media path to show\n");
        return MCP_CTL_NOT_FOUND;
    }
    if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING)
        g_print("%s\n", json_node_get_string(node));
    else
        mcp_ctl_print_json(node);
    return MCP_CTL_OK;
}

static McpCtlExit
print_call(JsonObject *call)
{
    if (show_dot)
        return print_path(call, "dot");
    if (show_ladder)
        print_ladder(call);
    if (show_graph)
        return print_path(call, "graph");
    if (show_ladder)
        return MCP_CTL_OK;
    print_facts(call, "");
    print_part(call, "sip");
    print_part(call, "media");
    print_part(call, "leg");
    print_part(call, "dialog_state");
    print_part(call, "result");
    print_timeline(mcp_ctl_array(call, "timeline"));
    return MCP_CTL_OK;
}

static McpCtlExit
run_call_show(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *id = mcp_ctl_escape(context->args[0]);
    g_autofree char *path = g_strconcat("/calls/", id, NULL);
    McpCtlExit result = mcp_ctl_ask(context, "GET", path, NULL, &root);

    return root != NULL ? print_call(json_node_get_object(root)) : result;
}

static McpCtlExit
hang_up_one(const McpCtlContext *context, const char *id)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *escaped = mcp_ctl_escape(id);
    g_autofree char *path = g_strconcat("/calls/", escaped, NULL);

    return mcp_ctl_client_call(context->client, "DELETE", path, NULL, &root);
}

/* A call that ends by itself meanwhile is no failure. */
static McpCtlExit
hang_up_all(const McpCtlContext *context, guint *out_count)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_client_call(context->client, "GET", "/calls", NULL, &root);
    JsonArray *calls =
        result == MCP_CTL_OK ? mcp_ctl_array(json_node_get_object(root), "calls") : NULL;

    *out_count = 0;
    for (guint i = 0; calls != NULL && i < json_array_get_length(calls); i++) {
        g_autofree char *id = mcp_ctl_text(json_array_get_object_element(calls, i), "id");
        McpCtlExit one = hang_up_one(context, id);

        if (one == MCP_CTL_OK)
            ++*out_count;
        else if (one != MCP_CTL_NOT_FOUND)
            return one;
    }
    return result;
}

static McpCtlExit
run_hangup(const McpCtlContext *context)
{
    guint count = 1;
    McpCtlExit result = MCP_CTL_OK;

    if (hangup_all == (context->n_args > 0)) {
        g_printerr("mcpctl: hangup needs the id of a call, or --all\n");
        return MCP_CTL_USAGE;
    }
    result = hangup_all ? hang_up_all(context, &count) : hang_up_one(context, context->args[0]);
    if (result != MCP_CTL_OK)
        return result;
    if (context->json)
        g_print("{\"calls\":%u}\n", count);
    else
        g_print("%u call%s hung up\n", count, count == 1 ? "" : "s");
    return MCP_CTL_OK;
}

static gboolean
on_event(JsonObject *event, const char *json, gpointer data)
{
    const McpCtlContext *context = data;

    if (context->json)
        g_print("%s\n", json);
    else
        mcp_ctl_print_event(event, event_call == NULL);
    return TRUE;
}

static McpCtlExit
run_events(const McpCtlContext *context)
{
    g_autofree char *call = event_call != NULL ? mcp_ctl_escape(event_call) : NULL;
    g_autofree char *types = event_types != NULL ? mcp_ctl_escape(event_types) : NULL;
    g_autofree char *path =
        g_strconcat("/events?", call != NULL ? "call=" : "", call != NULL ? call : "",
                    types != NULL ? "&type=" : "", types != NULL ? types : "", NULL);

    return mcp_ctl_client_stream(context->client, "GET", path, NULL, on_event, (gpointer)context);
}

const McpCtlCommand mcp_ctl_call_commands[] = {
    {"calls", "", "The calls that run.", 0, 0, NULL, run_calls},
    {"call show", "ID", "Facts and timeline of a call that runs or ended lately.", 1, 1,
     show_options, run_call_show},
    {"hangup", "ID | --all", "Hangs up.", 0, 1, hangup_options, run_hangup},
    {"events", "", "Events as they happen, a line each.", 0, 0, event_options, run_events},
    {NULL},
};
