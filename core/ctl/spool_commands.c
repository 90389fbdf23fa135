/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about spools: what waits in them, what was put aside. One thread.
 */
#include "ctl/command.h"
#include "ctl/table.h"

#define PAGE 100

static gboolean of_quarantine;

static const GOptionEntry export_options[] = {
    {"quarantine", 'q', 0, G_OPTION_ARG_NONE, &of_quarantine,
     "The records that were put aside, instead of those that wait", NULL},
    {NULL},
};

static void
add_spool(McpCtlTable *table, JsonObject *spool)
{
    g_autofree char *name = mcp_ctl_text(spool, "name");
    g_autofree char *state = mcp_ctl_text(spool, "state");
    g_autofree char *records = mcp_ctl_text(spool, "records");
    g_autofree char *memory = mcp_ctl_text(spool, "in_memory");
    g_autofree char *dropped = mcp_ctl_text(spool, "dropped");
    g_autofree char *aside = mcp_ctl_text(spool, "quarantined");
    g_autofree char *reason = mcp_ctl_text(spool, "reason");
    g_autofree char *size = g_format_size((guint64)mcp_ctl_int(spool, "bytes"));
    gint64 most = MAX(mcp_ctl_int(spool, "max_bytes"), 1);
    g_autofree char *full =
        g_strdup_printf("%d %%", (int)(mcp_ctl_int(spool, "bytes") * 100 / most));

    mcp_ctl_table_add(table, name, state, records, memory, size, full, dropped, aside, reason);
}

static McpCtlExit
run_status(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_ask(context, "GET", "/spools", NULL, &root);
    JsonArray *spools = NULL;
    McpCtlTable *table = NULL;

    if (root == NULL)
        return result;
    spools = mcp_ctl_array(json_node_get_object(root), "spools");
    table = mcp_ctl_table_new("NAME STATE RECORDS MEMORY SIZE FULL DROPPED QUARANTINED REASON");
    for (guint i = 0; spools != NULL && i < json_array_get_length(spools); i++)
        add_spool(table, json_array_get_object_element(spools, i));
    mcp_ctl_table_print(table);
    return MCP_CTL_OK;
}

static McpCtlExit
run_replay(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    g_autofree char *body = NULL;
    McpCtlExit result = MCP_CTL_OK;

    mcp_ctl_body_add(builder, "name", context->args[0]);
    body = mcp_ctl_body_finish(builder);
    result = mcp_ctl_ask(context, "POST", "/spools/replay", body, &root);
    if (root != NULL)
        g_print("%d records are queued again\n",
                (int)mcp_ctl_int(json_node_get_object(root), "records"));
    return result;
}

/* A JSON object a line; the last one's sequence is where the next page begins. */
static gint64
print_page(JsonNode *root, gint64 after)
{
    JsonArray *records = mcp_ctl_array(json_node_get_object(root), "records");

    for (guint i = 0; records != NULL && i < json_array_get_length(records); i++) {
        JsonNode *record = json_array_get_element(records, i);
        g_autofree char *line = json_to_string(record, FALSE);

        g_print("%s\n", line);
        after = mcp_ctl_int(json_node_get_object(record), "sequence");
    }
    return after;
}

static McpCtlExit
run_export(const McpCtlContext *context)
{
    g_autofree char *name = mcp_ctl_escape(context->args[0]);
    gint64 after = 0;
    gint64 before = -1;

    while (after != before) {
        g_autoptr(JsonNode) root = NULL;
        g_autofree char *path = g_strdup_printf(
            "/spools/records?name=%s&quarantine=%s&limit=%d&after=%" G_GINT64_FORMAT, name,
            of_quarantine ? "true" : "false", PAGE, after);
        McpCtlExit result = mcp_ctl_client_call(context->client, "GET", path, NULL, &root);

        if (result != MCP_CTL_OK)
            return result;
        before = after;
        after = print_page(root, after);
    }
    return MCP_CTL_OK;
}

const McpCtlCommand mcp_ctl_spool_commands[] = {
    {"spool status", "", "The spools of records: what waits, what was dropped or put aside.", 0, 0,
     NULL, run_status},
    {"spool replay", "NAME", "Queues again what a spool has put aside.", 1, 1, NULL, run_replay},
    {"spool export", "NAME", "Prints the records of a spool, a JSON object a line.", 1, 1,
     export_options, run_export},
    {NULL},
};
