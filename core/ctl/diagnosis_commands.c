/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that look closely: traces of calls, numbers and peers, and what would become of an
 * INVITE. One thread.
 */
#include "ctl/command.h"
#include "ctl/table.h"

static char *trace_call;
static char *trace_number;
static char *trace_peer;
static gboolean trace_all;
static char *trace_level;
static gboolean trace_sip;
static char *trace_text;
static char *trace_pcap;
static char *trace_duration;
static gint64 trace_size;
static char *explain_from;
static char *explain_transport;
static char *explain_identity;

static const GOptionEntry trace_options[] = {
    {"call", 'c', 0, G_OPTION_ARG_STRING, &trace_call, "This call: its id or its SIP Call-ID",
     "ID"},
    {"number", 'n', 0, G_OPTION_ARG_STRING, &trace_number,
     "Calls with this user part in From, To or request-URI; * stands for any characters",
     "PATTERN"},
    {"peer", 'p', 0, G_OPTION_ARG_STRING, &trace_peer, "Calls of this [sip.peer]", "NAME"},
    {"all", 'a', 0, G_OPTION_ARG_NONE, &trace_all, "All calls", NULL},
    {"level", 'l', 0, G_OPTION_ARG_STRING, &trace_level, "Log lines up to this level", "LEVEL"},
    {"sip", 0, 0, G_OPTION_ARG_NONE, &trace_sip, "SIP messages into the log", NULL},
    {"text", 0, 0, G_OPTION_ARG_STRING, &trace_text,
     "SIP messages into a new file of [core] trace_directory", "NAME"},
    {"pcap", 0, 0, G_OPTION_ARG_STRING, &trace_pcap,
     "SIP messages as packets into a new file of [core] trace_directory", "NAME"},
    {"for", 'f', 0, G_OPTION_ARG_STRING, &trace_duration, "For this time (10m, at most 24h)",
     "TIME"},
    {"size", 0, 0, G_OPTION_ARG_INT64, &trace_size, "At most so many bytes (64 MiB)", "BYTES"},
    {NULL},
};

static const GOptionEntry explain_options[] = {
    {"from", 'f', 0, G_OPTION_ARG_STRING, &explain_from, "As if from here (127.0.0.1)",
     "ADDRESS[:PORT]"},
    {"identity", 'i', 0, G_OPTION_ARG_STRING, &explain_identity,
     "With this SIP identity in its TLS certificate", "NAME"},
    {"transport", 't', 0, G_OPTION_ARG_STRING, &explain_transport, "udp (default), tcp or tls",
     "NAME"},
    {NULL},
};

static char *
trace_body(void)
{
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    g_autofree char *size =
        trace_size > 0 ? g_strdup_printf("%" G_GINT64_FORMAT, trace_size) : NULL;

    mcp_ctl_body_add(builder, "call", trace_call);
    mcp_ctl_body_add(builder, "number", trace_number);
    mcp_ctl_body_add(builder, "peer", trace_peer);
    mcp_ctl_body_add(builder, "level", trace_level);
    mcp_ctl_body_add(builder, "messages", trace_sip ? "log" : NULL);
    mcp_ctl_body_add(builder, "text", trace_text);
    mcp_ctl_body_add(builder, "pcap", trace_pcap);
    mcp_ctl_body_add(builder, "duration", trace_duration);
    mcp_ctl_body_add(builder, "max_bytes", size);
    return mcp_ctl_body_finish(builder);
}

static McpCtlExit
run_trace_start(const McpCtlContext *context)
{
    guint scopes =
        (trace_call != NULL) + (trace_number != NULL) + (trace_peer != NULL) + (trace_all ? 1 : 0);
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *body = NULL;
    g_autofree char *id = NULL;
    McpCtlExit result = MCP_CTL_OK;

    if (scopes != 1) {
        g_printerr("mcpctl: trace start needs one of --call, --number, --peer and --all\n");
        return MCP_CTL_USAGE;
    }
    body = trace_body();
    result = mcp_ctl_ask(context, "POST", "/traces", body, &root);
    if (root == NULL)
        return result;
    id = mcp_ctl_text(json_node_get_object(root), "id");
    g_print("%s\n", id);
    return MCP_CTL_OK;
}

static char *
files_of(JsonObject *trace)
{
    GString *out = g_string_new(NULL);
    static const char *const members[] = {"text", "pcap"};

    if (json_object_get_boolean_member_with_default(trace, "messages", FALSE))
        g_string_append(out, "log");
    for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
        g_autofree char *name = mcp_ctl_text(trace, members[i]);

        if (strcmp(name, "-") != 0)
            g_string_append_printf(out, "%s%s", out->len > 0 ? "," : "", name);
    }
    return g_string_free(out, FALSE);
}

static McpCtlExit
run_trace_list(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_ask(context, "GET", "/traces", NULL, &root);
    JsonArray *traces = NULL;
    McpCtlTable *table = NULL;

    if (root == NULL)
        return result;
    traces = mcp_ctl_array(json_node_get_object(root), "traces");
    table = mcp_ctl_table_new("ID OF SUBJECT LEVEL MESSAGES-TO UNTIL TAKEN DROPPED STATE");
    for (guint i = 0; traces != NULL && i < json_array_get_length(traces); i++) {
        JsonObject *trace = json_array_get_object_element(traces, i);
        g_autofree char *id = mcp_ctl_text(trace, "id");
        g_autofree char *scope = mcp_ctl_text(trace, "scope");
        g_autofree char *subject = mcp_ctl_text(trace, "subject");
        g_autofree char *level = mcp_ctl_text(trace, "level");
        g_autofree char *files = files_of(trace);
        g_autofree char *time = mcp_ctl_text(trace, "until");
        g_autofree char *until = mcp_ctl_clock(time);
        g_autofree char *taken = mcp_ctl_text(trace, "taken");
        g_autofree char *dropped = mcp_ctl_text(trace, "dropped");
        g_autofree char *state = mcp_ctl_text(trace, "state");

        mcp_ctl_table_add(table, id, scope, subject, level, *files != '\0' ? files : NULL, until,
                          taken, dropped, state);
    }
    mcp_ctl_table_print(table);
    return MCP_CTL_OK;
}

static McpCtlExit
run_trace_stop(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *id = mcp_ctl_escape(context->args[0]);
    g_autofree char *path = g_strconcat("/traces/", id, NULL);

    return mcp_ctl_ask(context, "DELETE", path, NULL, &root);
}

/* (transfer full) (nullable): the INVITE as text, from a file or, for "-", from standard input. */
static char *
read_invite(const char *file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GIOChannel) channel = NULL;
    char *text = NULL;
    gsize length = 0;
    gboolean done = FALSE;

    if (strcmp(file, "-") == 0) {
        channel = g_io_channel_unix_new(0);
        g_io_channel_set_encoding(channel, NULL, NULL);
        done = g_io_channel_read_to_end(channel, &text, &length, &error) == G_IO_STATUS_NORMAL;
    } else {
        done = g_file_get_contents(file, &text, &length, &error);
    }
    if (done && length > 0 && g_utf8_validate_len(text, length, NULL))
        return text;
    g_free(text);
    g_printerr("mcpctl: %s: %s\n", file,
               error != NULL ? error->message : "empty, or no UTF-8 text");
    return NULL;
}

static void
print_step(JsonObject *step)
{
    g_autofree char *check = mcp_ctl_text(step, "check");
    g_autofree char *outcome = mcp_ctl_text(step, "outcome");
    g_autofree char *text = mcp_ctl_text(step, "text");

    g_print("%-8s %-16s %s\n",
            strcmp(outcome, "passed") == 0    ? "ok"
            : strcmp(outcome, "refused") == 0 ? "REFUSED"
                                              : "",
            check, text);
}

static void
print_explanation(JsonObject *object)
{
    static const char *const members[] = {"reason", "warning", "retry_after"};
    JsonArray *steps = mcp_ctl_array(object, "steps");
    g_autofree char *status = mcp_ctl_text(object, "status");
    g_autofree char *phrase = mcp_ctl_text(object, "phrase");

    for (guint i = 0; steps != NULL && i < json_array_get_length(steps); i++)
        print_step(json_array_get_object_element(steps, i));
    g_print("%s %s\n", status, phrase);
    for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
        g_autofree char *value = mcp_ctl_text(object, members[i]);

        if (strcmp(value, "-") != 0)
            g_print("  %-12s %s\n", members[i], value);
    }
}

static McpCtlExit
run_explain(const McpCtlContext *context)
{
    g_autofree char *invite = read_invite(context->args[0]);
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    g_autofree char *body = NULL;
    g_autoptr(JsonNode) root = NULL;
    JsonObject *object = NULL;
    McpCtlExit result = MCP_CTL_USAGE;

    if (invite == NULL)
        return MCP_CTL_USAGE;
    mcp_ctl_body_add(builder, "invite", invite);
    mcp_ctl_body_add(builder, "from", explain_from);
    mcp_ctl_body_add(builder, "transport", explain_transport);
    mcp_ctl_body_add(builder, "identity", explain_identity);
    body = mcp_ctl_body_finish(builder);
    result = mcp_ctl_client_call(context->client, "POST", "/sip/explain", body, &root);
    if (result != MCP_CTL_OK)
        return result;
    object = json_node_get_object(root);
    if (context->json)
        mcp_ctl_print_json(root);
    else
        print_explanation(object);
    return json_object_get_boolean_member_with_default(object, "accepted", FALSE) ? MCP_CTL_OK
                                                                                  : MCP_CTL_FAILED;
}

const McpCtlCommand mcp_ctl_diagnosis_commands[] = {
    {"trace start", "OF WHAT", "Looks closely at calls for a while; prints the trace's id.", 0, 0,
     trace_options, run_trace_start},
    {"trace list", "", "The traces that run and the last ended ones.", 0, 0, NULL, run_trace_list},
    {"trace stop", "ID", "Ends a trace.", 1, 1, NULL, run_trace_stop},
    {"sip explain", "FILE", "What would become of an INVITE, and why; \"-\" is standard input.", 1,
     1, explain_options, run_explain},
    {NULL},
};
