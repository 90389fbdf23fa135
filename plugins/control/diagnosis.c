/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traces and explanations over the control API: bodies into requests of the core and of signalling,
 * and their answers. Control context.
 */
#include "diagnosis.h"

#include <mcp/contract/signalling.h>
#include <mcp/error.h>
#include <string.h>

#include "place.h"
#include "steps.h"

typedef struct {
    McpControlAnswer func;
    gpointer user_data;
} Asker;

static Asker *
asker_new(McpControlAnswer func, gpointer user_data)
{
    Asker *asker = g_new(Asker, 1);

    *asker = (Asker){func, user_data};
    return asker;
}

static void
tell(Asker *asker, guint status, const char *json)
{
    asker->func(status, json, asker->user_data);
    g_free(asker);
}

static void
tell_value(Asker *asker, guint status, const char *key, const char *value)
{
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, key, value);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    tell(asker, status, text);
}

static void
tell_error(Asker *asker, const GError *error)
{
    guint status = 500;

    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID))
        status = 400;
    else if (g_error_matches(error, MCP_ERROR, MCP_ERROR_NOT_FOUND))
        status = 404;
    else if (g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT) ||
             g_error_matches(error, MCP_ERROR, MCP_ERROR_CLOSED))
        status = 503;
    tell_value(asker, status, "error", error->message);
}

void
mcp_control_trace_free(McpControlTrace *trace)
{
    g_free(trace->subject);
    g_free(trace->level);
    g_free(trace->text);
    g_free(trace->pcap);
    g_free(trace);
}

static gboolean
invalid(GError **error, const char *text)
{
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, text);
    return FALSE;
}

/* At most one of the members that say whom a trace is about. */
static gboolean
read_scope(McpControlTrace *trace, GBytes *body, GError **error)
{
    static const struct {
        const char *name;
        McpTraceScope scope;
    } scopes[] = {{"call", MCP_TRACE_CALL}, {"number", MCP_TRACE_NUMBER}, {"peer", MCP_TRACE_PEER}};

    trace->request.scope = MCP_TRACE_ALL;
    for (guint i = 0; i < G_N_ELEMENTS(scopes); i++) {
        GError *fault = NULL;
        g_autofree char *value = mcp_control_parse_member(body, scopes[i].name, &fault);

        if (fault != NULL) {
            g_propagate_error(error, fault);
            return FALSE;
        }
        if (value == NULL)
            continue;
        if (trace->subject != NULL)
            return invalid(error, "only one of call, number and peer");
        trace->request.scope = scopes[i].scope;
        trace->subject = g_steal_pointer(&value);
    }
    return TRUE;
}

static gboolean
read_text(GBytes *body, const char *name, char **out, GError **error)
{
    GError *fault = NULL;

    *out = mcp_control_parse_member(body, name, &fault);
    if (fault == NULL)
        return TRUE;
    g_propagate_error(error, fault);
    return FALSE;
}

static gboolean
read_limits(McpControlTrace *trace, GBytes *body, GError **error)
{
    g_autofree char *duration = NULL;
    g_autofree char *size = NULL;
    g_autofree char *messages = NULL;
    guint64 bytes = 0;

    if (!read_text(body, "duration", &duration, error) ||
        !read_text(body, "max_bytes", &size, error) ||
        !read_text(body, "messages", &messages, error))
        return FALSE;
    if (duration != NULL && (!mcp_steps_parse_duration(duration, &trace->request.duration) ||
                             trace->request.duration <= 0))
        return invalid(error, "duration is no time like \"10m\"");
    if (size != NULL && !g_ascii_string_to_unsigned(size, 10, 1, G_MAXINT64, &bytes, NULL))
        return invalid(error, "max_bytes is no number of bytes");
    if (messages != NULL && strcmp(messages, "log") != 0)
        return invalid(error, "messages can only go to the log");
    trace->request.max_bytes = (gint64)bytes;
    trace->request.messages = messages != NULL;
    return TRUE;
}

McpControlTrace *
mcp_control_trace_parse(GBytes *body, GError **error)
{
    g_autoptr(McpControlTrace) trace = g_new0(McpControlTrace, 1);

    if (!read_scope(trace, body, error) || !read_text(body, "level", &trace->level, error) ||
        !read_text(body, "text", &trace->text, error) ||
        !read_text(body, "pcap", &trace->pcap, error) || !read_limits(trace, body, error))
        return NULL;
    trace->request.raise_level = trace->level != NULL;
    if (trace->level != NULL && !mcp_log_level_from_string(trace->level, &trace->request.level)) {
        invalid(error, "level is none of error, warning, info, debug");
        return NULL;
    }
    trace->request.subject = trace->subject;
    trace->request.text = trace->text;
    trace->request.pcap = trace->pcap;
    return g_steal_pointer(&trace);
}

static void
on_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *id = mcp_traces_start_finish(MCP_TRACES(source), result, &error);

    if (id != NULL)
        tell_value(user_data, 201, "id", id);
    else
        tell_error(user_data, error);
}

void
mcp_control_trace_start(McpHost *host, GBytes *body, McpControlAnswer func, gpointer user_data)
{
    Asker *asker = asker_new(func, user_data);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpControlTrace) trace = mcp_control_trace_parse(body, &error);

    if (trace != NULL)
        mcp_traces_start_async(mcp_host_get_traces(host), &trace->request, NULL, on_started, asker);
    else
        tell_error(asker, error);
}

static void
on_explained(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *json = mcp_signalling_explain_finish(MCP_SIGNALLING(source), result, &error);

    if (json != NULL)
        tell(user_data, 200, json);
    else
        tell_error(user_data, error);
}

void
mcp_control_explain(McpHost *host, GBytes *body, McpControlAnswer func, gpointer user_data)
{
    Asker *asker = asker_new(func, user_data);
    g_autoptr(McpSignalling) signalling = mcp_host_lookup(host, MCP_CONTRACT_SIGNALLING, NULL);
    g_autofree char *invite = NULL;
    g_autofree char *source = NULL;
    g_autofree char *transport = NULL;
    g_autofree char *identity = NULL;
    McpExplainParams params = {0};
    g_autoptr(GError) error = NULL;

    if (!read_text(body, "invite", &invite, &error) || !read_text(body, "from", &source, &error) ||
        !read_text(body, "transport", &transport, &error) ||
        !read_text(body, "identity", &identity, &error)) {
        tell_error(asker, error);
        return;
    }
    if (invite == NULL || signalling == NULL) {
        tell_value(asker, invite == NULL ? 400 : 503, "error",
                   invite == NULL ? "invite is missing" : "no signalling service is running");
        return;
    }
    params.text = invite;
    params.length = strlen(invite);
    params.source = source;
    params.transport = transport;
    params.identity = identity;
    mcp_signalling_explain_async(signalling, &params, on_explained, asker);
}
