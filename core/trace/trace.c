/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpTrace: whom it is about, what it takes of a message, what it tells of itself.
 */
#include "trace/trace.h"

#include <mcp/error.h>
#include <string.h>

#define DEFAULT_DURATION (10 * G_TIME_SPAN_MINUTE)
#define MAX_DURATION (24 * G_TIME_SPAN_HOUR)
#define DEFAULT_BYTES (G_GINT64_CONSTANT(64) << 20)
#define MAX_BYTES (G_GINT64_CONSTANT(4) << 30)
#define MAX_DIALOGS 4096

static const char *const scope_names[] = {"all", "call", "number", "peer"};

static gboolean
check_name(const char *name, GError **error)
{
    if (name == NULL || mcp_trace_file_name_is_valid(name))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "\"%s\" is no name of a trace file: letters, digits, . _ - without a folder", name);
    return FALSE;
}

static gboolean
check(const McpTraceRequest *request, GError **error)
{
    const char *fault = NULL;

    if (!request->raise_level && !request->messages && request->text == NULL &&
        request->pcap == NULL)
        fault = "nothing to trace: no level, messages or file";
    else if ((request->scope != MCP_TRACE_ALL) != (request->subject != NULL && *request->subject))
        fault = "a trace is about one call, number or peer, or about all";
    else if (request->duration < 0 || request->duration > MAX_DURATION)
        fault = "a trace lasts 24 hours at most";
    else if (request->max_bytes < 0 || request->max_bytes > MAX_BYTES)
        fault = "a trace takes 4 GiB at most";
    else if (request->text != NULL && g_strcmp0(request->text, request->pcap) == 0)
        fault = "text and packets cannot go into one file";
    if (fault == NULL)
        return check_name(request->text, error) && check_name(request->pcap, error);
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, fault);
    return FALSE;
}

McpTrace *
mcp_trace_new(const McpTraceRequest *request, GError **error)
{
    McpTrace *trace = NULL;

    if (!check(request, error))
        return NULL;
    trace = g_new0(McpTrace, 1);
    trace->scope = request->scope;
    trace->subject = g_strdup(request->subject);
    trace->raise_level = request->raise_level;
    trace->level = request->level;
    trace->messages = request->messages;
    trace->text_name = g_strdup(request->text);
    trace->pcap_name = g_strdup(request->pcap);
    trace->duration = request->duration > 0 ? request->duration : DEFAULT_DURATION;
    trace->max_bytes = request->max_bytes > 0 ? request->max_bytes : DEFAULT_BYTES;
    trace->calls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    trace->dialogs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_queue_init(&trace->order);
    return trace;
}

void
mcp_trace_free(McpTrace *trace)
{
    g_free(trace->id);
    g_free(trace->subject);
    g_free(trace->text_name);
    g_free(trace->pcap_name);
    g_free(trace->error);
    g_queue_clear(&trace->order);
    g_hash_table_unref(trace->calls);
    g_hash_table_unref(trace->dialogs);
    g_clear_pointer(&trace->pcap, mcp_pcap_free);
    g_free(trace);
}

/* The key belongs to the table; a known dialog only learns its call. */
static void
remember_dialog(McpTrace *trace, const char *dialog, const char *call_id)
{
    char *key = NULL;

    if (g_hash_table_contains(trace->dialogs, dialog)) {
        if (*call_id != '\0')
            g_hash_table_insert(trace->dialogs, g_strdup(dialog), g_strdup(call_id));
        return;
    }
    if (g_queue_get_length(&trace->order) >= MAX_DIALOGS)
        g_hash_table_remove(trace->dialogs, g_queue_pop_head(&trace->order));
    key = g_strdup(dialog);
    g_hash_table_insert(trace->dialogs, key, g_strdup(call_id));
    g_queue_push_tail(&trace->order, key);
}

static gboolean
is_number(const McpTrace *trace, const char *const *users)
{
    for (guint i = 0; users != NULL && users[i] != NULL; i++) {
        if (g_pattern_match_simple(trace->subject, users[i]))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_subject(const McpTrace *trace, const char *id, const char *dialog, const char *const *users,
           const char *peer)
{
    switch (trace->scope) {
    case MCP_TRACE_ALL:
        return TRUE;
    case MCP_TRACE_CALL:
        return g_strcmp0(trace->subject, id) == 0 || g_strcmp0(trace->subject, dialog) == 0;
    case MCP_TRACE_NUMBER:
        return is_number(trace, users);
    case MCP_TRACE_PEER:
        return g_strcmp0(trace->subject, peer) == 0;
    default:
        return FALSE;
    }
}

void
mcp_trace_add_call(McpTrace *trace, const McpTraceCall *call)
{
    if (!g_hash_table_contains(trace->calls, call->id) &&
        !is_subject(trace, call->id, call->dialog, call->users, call->peer))
        return;
    g_hash_table_add(trace->calls, g_strdup(call->id));
    if (call->dialog != NULL)
        remember_dialog(trace, call->dialog, call->id);
}

gboolean
mcp_trace_wants_messages(const McpTrace *trace)
{
    return trace->messages || trace->text_name != NULL || trace->pcap_name != NULL;
}

gboolean
mcp_trace_fits(McpTrace *trace, const McpTraceMessage *message)
{
    if (!trace->running || trace->ended != NULL || !mcp_trace_wants_messages(trace))
        return FALSE;
    if (message->dialog != NULL && g_hash_table_contains(trace->dialogs, message->dialog))
        return TRUE;
    if (!is_subject(trace, NULL, message->dialog, message->users, message->peer))
        return FALSE;
    /* What follows in the dialog may not name the number any more. */
    if (message->dialog != NULL)
        remember_dialog(trace, message->dialog, "");
    return TRUE;
}

static void
add_end(GString *out, const McpTraceEnd *end)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_bytes(
        end->address, end->ipv6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4);
    g_autofree char *text = g_inet_address_to_string(address);

    g_string_append_printf(out, end->ipv6 ? "[%s]:%u" : "%s:%u", text, end->port);
}

char *
mcp_trace_message_head(const McpTraceMessage *message)
{
    GString *out = g_string_new(message->sent ? "sent " : "received ");

    add_end(out, message->sent ? &message->local : &message->remote);
    g_string_append(out, " > ");
    add_end(out, message->sent ? &message->remote : &message->local);
    g_string_append_printf(out, " %s, %" G_GSIZE_FORMAT " bytes", message->transport,
                           message->length);
    return g_string_free(out, FALSE);
}

static void
add_text(GByteArray *out, const McpTraceMessage *message)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(message->wall / G_USEC_PER_SEC);
    g_autofree char *clock = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
    g_autofree char *head = mcp_trace_message_head(message);
    g_autofree char *line =
        g_strdup_printf("%s.%06dZ %s\n", clock, (gint)(message->wall % G_USEC_PER_SEC), head);

    g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
    g_byte_array_append(out, (const guint8 *)message->data, (guint)message->length);
    g_byte_array_append(out, (const guint8 *)"\n\n", 2);
}

void
mcp_trace_write(McpTrace *trace, const McpTraceMessage *message)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    gboolean whole = TRUE;

    if (mcp_trace_is_full(trace)) {
        trace->dropped++;
        return;
    }
    trace->taken++;
    trace->bytes += (gint64)message->length;
    if (trace->text != NULL) {
        add_text(bytes, message);
        whole = mcp_trace_file_add(trace->text, bytes);
        g_byte_array_set_size(bytes, 0);
    }
    if (trace->packets != NULL)
        whole &=
            mcp_pcap_add(trace->pcap, message, bytes) && mcp_trace_file_add(trace->packets, bytes);
    if (!whole)
        trace->dropped++;
}

gboolean
mcp_trace_is_full(const McpTrace *trace)
{
    return trace->bytes >= trace->max_bytes;
}

gboolean
mcp_trace_open_files(McpTrace *trace, const char *folder, GError **error)
{
    g_autoptr(GByteArray) head = g_byte_array_new();

    if (trace->text_name != NULL) {
        trace->text = mcp_trace_file_open(folder, trace->text_name, error);
        if (trace->text == NULL)
            return FALSE;
    }
    if (trace->pcap_name == NULL)
        return TRUE;
    trace->packets = mcp_trace_file_open(folder, trace->pcap_name, error);
    if (trace->packets == NULL)
        return FALSE;
    trace->pcap = mcp_pcap_new();
    mcp_pcap_add_head(head);
    mcp_trace_file_add(trace->packets, head);
    return TRUE;
}

void
mcp_trace_close_files(McpTrace *trace, McpTraceFileClosed func, gpointer user_data)
{
    McpTraceFile **files[] = {&trace->text, &trace->packets};

    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        if (*files[i] == NULL)
            continue;
        if (trace->error == NULL)
            trace->error = mcp_trace_file_get_error(*files[i]);
        mcp_trace_file_close(g_steal_pointer(files[i]), func, user_data);
    }
}

static void
describe_error(const McpTrace *trace, McpJson *json)
{
    g_autofree char *text = trace->text != NULL ? mcp_trace_file_get_error(trace->text) : NULL;
    g_autofree char *packets =
        trace->packets != NULL ? mcp_trace_file_get_error(trace->packets) : NULL;
    const char *error = trace->error != NULL ? trace->error : text != NULL ? text : packets;

    if (error != NULL)
        mcp_json_string(json, "error", error);
}

void
mcp_trace_describe(const McpTrace *trace, McpJson *json)
{
    mcp_json_string(json, "id", trace->id);
    mcp_json_string(json, "scope", scope_names[trace->scope]);
    mcp_json_string(json, "subject", trace->subject);
    mcp_json_string(json, "level",
                    trace->raise_level ? mcp_log_level_to_string(trace->level) : NULL);
    mcp_json_bool(json, "messages", trace->messages);
    mcp_json_string(json, "text", trace->text_name);
    mcp_json_string(json, "pcap", trace->pcap_name);
    mcp_json_string(json, "state",
                    trace->ended != NULL ? trace->ended
                    : trace->running     ? "running"
                                         : "starting");
    mcp_json_time(json, "started", trace->started_wall);
    mcp_json_time(json, "until", trace->started_wall + trace->duration);
    mcp_json_int(json, "calls", g_hash_table_size(trace->calls));
    mcp_json_int(json, "taken", (gint64)trace->taken);
    mcp_json_int(json, "bytes", trace->bytes);
    mcp_json_int(json, "max_bytes", trace->max_bytes);
    mcp_json_int(json, "dropped", (gint64)trace->dropped);
    describe_error(trace, json);
}
