/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call in writing: its record, and what "mcpctl call show" tells. On the call's shard, but the
 * short facts, which any thread may ask for.
 */
#include "call/call_private.h"

#include <mcp/disclosure.h>
#include <string.h>

void
mcp_call_write_facts(McpCall *call, McpJson *json)
{
    const char *redirected_to = g_atomic_pointer_get(&call->redirected_to);
    g_autofree char *local = mcp_text_hide_passwords(call->local_uri);
    g_autofree char *remote = mcp_text_hide_passwords(call->remote_uri);

    mcp_json_string(json, "id", call->id);
    mcp_json_string(json, "direction", call->invite != NULL ? "incoming" : "outgoing");
    mcp_json_string(json, "state",
                    mcp_call_state_to_string((McpCallState)g_atomic_int_get(&call->state)));
    mcp_json_string(json, "service", call->route->service);
    mcp_json_string(json, "dialog", call->route->dialog);
    mcp_json_string(json, "from", call->invite != NULL ? remote : local);
    mcp_json_string(json, "to", call->invite != NULL ? local : remote);
    if (call->moved_to != NULL)
        mcp_json_string(json, "moved_to", call->moved_to);
    if (redirected_to != NULL) {
        mcp_json_string(json, "redirected_to", redirected_to);
        mcp_json_time(json, "redirected", call->redirected_wall);
    }
    if (call->peer != NULL)
        mcp_json_string(json, "peer", mcp_peer_get_name(call->peer));
    if (call->traceparent != NULL) {
        g_autofree char *trace_id = g_strndup(call->traceparent + strlen("00-"), 32);

        mcp_json_string(json, "trace_id", trace_id);
    }
    mcp_json_time(json, "arrived", call->arrived_wall);
}

static void
write_headers(McpJson *json, const char *key, const GPtrArray *headers)
{
    mcp_json_begin_array(json, key);
    for (guint i = 0; i < headers->len; i++) {
        const McpHeader *header = g_ptr_array_index(headers, i);

        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "name", header->name);
        mcp_json_string(json, "value", mcp_name_is_secret(header->name) ? "***" : header->value);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}

static void
write_sip(McpCall *call, McpJson *json)
{
    mcp_json_begin_object(json, "sip");
    if (call->session != NULL)
        mcp_json_string(json, "call_id", mcp_session_get_sip_call_id(call->session));
    if (call->invite != NULL) {
        g_autofree char *uri = mcp_text_hide_passwords(call->invite->request_uri);

        mcp_json_string(json, "request_uri", uri);
        mcp_json_string(json, "remote_address", call->invite->remote_address);
        mcp_json_string(json, "local_address", call->invite->local_address);
        mcp_json_string(json, "transport", call->invite->transport);
        if (call->invite->identity != NULL)
            mcp_json_string(json, "identity", call->invite->identity);
        write_headers(json, "headers", call->invite->headers);
    }
    mcp_json_end_object(json);
}

static void
write_statistics(McpJson *json, const McpLegStatistics *s)
{
    mcp_json_begin_object(json, "media");
    mcp_json_string(json, "codec", s->codec);
    mcp_json_string(json, "encryption", s->encryption);
    mcp_json_string(json, "local", s->local);
    mcp_json_string(json, "remote", s->remote);
    mcp_json_int(json, "packets_sent", (gint64)s->packets_sent);
    mcp_json_int(json, "packets_received", (gint64)s->packets_received);
    mcp_json_int(json, "packets_lost", (gint64)s->packets_lost);
    mcp_json_int(json, "packets_late", (gint64)s->packets_late);
    mcp_json_int(json, "packets_duplicate", (gint64)s->packets_duplicate);
    mcp_json_int(json, "packets_invalid", (gint64)s->packets_invalid);
    mcp_json_int(json, "packets_foreign", (gint64)s->packets_foreign);
    mcp_json_double(json, "jitter_ms", s->jitter_ms);
    mcp_json_double(json, "jitter_max_ms", s->jitter_max_ms);
    mcp_json_double(json, "round_trip_ms", s->round_trip_ms);
    mcp_json_double(json, "remote_loss", s->remote_loss);
    mcp_json_double(json, "mos", s->mos);
    mcp_json_double(json, "remote_mos", s->remote_mos);
    mcp_json_int(json, "packets_unauthentic", (gint64)s->packets_unauthentic);
    mcp_json_int(json, "packets_replayed", (gint64)s->packets_replayed);
    mcp_json_int(json, "packets_concealed", (gint64)s->packets_concealed);
    mcp_json_int(json, "digits_received", s->digits_received);
    mcp_json_int(json, "prompt_underruns", (gint64)s->prompt_underruns);
    mcp_json_end_object(json);
}

static void
write_end(McpCall *call, McpJson *json)
{
    if (call->answered_wall != 0)
        mcp_json_time(json, "answered", call->answered_wall);
    if (call->ended_wall == 0)
        return;
    mcp_json_time(json, "ended", call->ended_wall);
    mcp_json_int(json, "duration_ms",
                 call->answered != 0 ? (call->ended - call->answered) / 1000 : 0);
    mcp_json_int(json, "setup_ms",
                 ((call->answered != 0 ? call->answered : call->ended) - call->arrived) / 1000);
    mcp_json_int(json, "status", call->status);
    mcp_json_string(json, "ended_by", call->ended_by);
    mcp_json_string(json, "end_reason", call->end_reason);
}

static void
write_dialog(McpCall *call, McpJson *json)
{
    mcp_json_begin_object(json, "result");
    mcp_json_bool(json, "failed", call->failed);
    if (call->result != NULL)
        mcp_json_raw(json, "value", call->result);
    for (guint i = 0; i < call->fields->len; i++) {
        const McpHeader *field = g_ptr_array_index(call->fields, i);

        mcp_json_string(json, field->name, field->value);
    }
    mcp_json_end_object(json);
}

static void
write_body(McpCall *call, McpJson *json)
{
    McpLegStatistics live;

    mcp_call_write_facts(call, json);
    write_end(call, json);
    write_sip(call, json);
    if (call->has_statistics) {
        write_statistics(json, &call->statistics);
    } else if (call->leg != NULL) {
        memset(&live, 0, sizeof live);
        mcp_leg_get_statistics(call->leg, &live);
        write_statistics(json, &live);
    }
    write_dialog(call, json);
}

static double
ms_between(const McpLadderEntry *from, const McpLadderEntry *to)
{
    return (double)(to->wall - from->wall) / G_TIME_SPAN_MILLISECOND;
}

static void
write_ladder_entry(McpJson *json, const McpLadderEntry *entry, const McpLadderEntry *before)
{
    mcp_json_begin_object(json, NULL);
    mcp_json_time(json, "time", entry->wall);
    mcp_json_double(json, "delta_ms", ms_between(before, entry));
    mcp_json_bool(json, "sent", entry->sent);
    mcp_json_bool(json, "repeat", entry->repeat);
    mcp_json_string(json, "message", entry->summary);
    mcp_json_string(json, "local", entry->local);
    mcp_json_string(json, "remote", entry->remote);
    mcp_json_string(json, "transport", entry->transport);
    mcp_json_end_object(json);
}

/* From the INVITE to the first response to it of at least @status. */
static void
write_time_to(McpJson *json, const char *key, const GPtrArray *ladder, guint status)
{
    for (guint i = 1; i < ladder->len; i++) {
        const McpLadderEntry *entry = g_ptr_array_index(ladder, i);

        if (entry->status < status || strstr(entry->summary, "(INVITE") == NULL)
            continue;
        mcp_json_double(json, key, ms_between(g_ptr_array_index(ladder, 0), entry));
        return;
    }
}

static void
write_ladder(McpCall *call, McpJson *json)
{
    g_autoptr(GPtrArray) ladder =
        call->session != NULL ? mcp_session_get_ladder(call->session) : NULL;

    mcp_json_begin_array(json, "ladder");
    for (guint i = 0; ladder != NULL && i < ladder->len; i++)
        write_ladder_entry(json, g_ptr_array_index(ladder, i),
                           g_ptr_array_index(ladder, i > 0 ? i - 1 : 0));
    mcp_json_end_array(json);
    if (ladder == NULL || ladder->len == 0)
        return;
    mcp_json_begin_object(json, "ladder_times");
    write_time_to(json, "first_response_ms", ladder, 100);
    write_time_to(json, "ringing_ms", ladder, 180);
    write_time_to(json, "answer_ms", ladder, 200);
    mcp_json_end_object(json);
}

/* (transfer full): members of an object, without its braces. */
static char *
members(McpCall *call, void (*write)(McpCall *call, McpJson *json))
{
    McpJson *json = mcp_json_new();

    write(call, json);
    return mcp_json_finish(json);
}

static char *
write_record(const char *body, const char *ladder)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "type", "call-record");
    mcp_json_int(json, "format", 1);
    mcp_json_raw(json, NULL, body);
    mcp_json_raw(json, NULL, ladder);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

static void
write_timeline(McpCall *call, McpJson *json)
{
    mcp_json_begin_array(json, "timeline");
    for (GList *item = call->notes.head; item != NULL; item = item->next) {
        const McpCallNote *note = item->data;

        mcp_json_begin_object(json, NULL);
        mcp_json_time(json, "time", note->wall);
        mcp_json_string(json, "what", note->what);
        mcp_json_string(json, "text", note->text);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
    mcp_json_int(json, "timeline_dropped", call->notes_dropped);
}

static void
write_leg(McpCall *call, McpJson *json)
{
    if (call->leg == NULL) {
        if (call->leg_facts != NULL)
            mcp_json_raw(json, "leg", call->leg_facts);
        return;
    }
    mcp_json_begin_object(json, "leg");
    mcp_leg_describe(call->leg, json);
    mcp_json_end_object(json);
}

char *
mcp_call_write_description(McpCall *call, char **out_record)
{
    McpJson *json = mcp_json_new();
    g_autofree char *body = members(call, write_body);
    g_autofree char *ladder = members(call, write_ladder);

    if (out_record != NULL)
        *out_record = write_record(body, ladder);
    mcp_json_begin_object(json, NULL);
    mcp_json_raw(json, NULL, body);
    write_timeline(call, json);
    mcp_json_raw(json, NULL, ladder);
    write_leg(call, json);
    if (call->dialog != NULL) {
        mcp_json_begin_object(json, "dialog_state");
        mcp_dialog_describe(call->dialog, json);
        mcp_json_end_object(json);
    }
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}
