/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call trace: what the dialog of a call did and why, out of the call's timeline, which the core
 * keeps for the last ended calls as well. One thread.
 */
#include <string.h>

#include "ctl/command.h"
#include "ctl/table.h"

/* What the dialog notes; the rest of a timeline is about SIP and media. */
static const char *const kinds[] = {
    "cond-failed", "dialog",   "event",       "loaded",     "form",      "grammars",
    "handler",     "input",    "item",        "log",        "object",    "page",
    "prompt",      "recorded", "report",      "result",     "recording", "selected",
    "subdialog",   "transfer", "transferred", "transition", "turn",      NULL,
};

static gboolean
is_of_dialog(JsonObject *note)
{
    g_autofree char *what = mcp_ctl_text(note, "what");

    return g_strv_contains(kinds, what);
}

static gint64
time_of(JsonObject *note)
{
    g_autofree char *text = mcp_ctl_text(note, "time");
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);

    return time != NULL
               ? g_date_time_to_unix(time) * 1000 + g_date_time_get_microsecond(time) / 1000
               : 0;
}

static void
print_note(JsonObject *note, gint64 *before)
{
    g_autofree char *time = mcp_ctl_text(note, "time");
    g_autofree char *clock = mcp_ctl_clock(time);
    g_autofree char *what = mcp_ctl_text(note, "what");
    g_autofree char *text = mcp_ctl_text(note, "text");
    gint64 now = time_of(note);

    g_print("%s  %+8" G_GINT64_FORMAT " ms  %-11s %s\n", clock, *before > 0 ? now - *before : 0,
            what, text);
    *before = now;
}

static McpCtlExit
run_trace(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *id = mcp_ctl_escape(context->args[0]);
    g_autofree char *path = g_strconcat("/calls/", id, NULL);
    McpCtlExit result = mcp_ctl_client_call(context->client, "GET", path, NULL, &root);
    JsonArray *timeline = NULL;
    JsonArray *notes = NULL;
    g_autoptr(JsonNode) list = NULL;
    gint64 before = 0;

    if (result != MCP_CTL_OK)
        return result;
    timeline = mcp_ctl_array(json_node_get_object(root), "timeline");
    notes = json_array_new();
    for (guint i = 0; timeline != NULL && i < json_array_get_length(timeline); i++) {
        JsonObject *note = json_array_get_object_element(timeline, i);

        if (!is_of_dialog(note))
            continue;
        if (context->json)
            json_array_add_object_element(notes, json_object_ref(note));
        else
            print_note(note, &before);
    }
    list = json_node_init_array(json_node_alloc(), notes);
    json_array_unref(notes);
    if (context->json)
        mcp_ctl_print_json(list);
    return MCP_CTL_OK;
}

const McpCtlCommand mcp_ctl_trace_commands[] = {
    {"call trace", "ID", "What the dialog of a call did and why; also of one that ended lately.", 1,
     1, NULL, run_trace},
    {NULL},
};
