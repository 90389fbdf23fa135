/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The call object: its facts, timeline and public functions. What happens when is in machine.c. All
 * on the call's shard but the getters of facts that never change.
 */
#include "call/call_private.h"

#include <mcp/ledger.h>
#include <mcp/log.h>
#include <string.h>

#define MAX_NOTES 400
#define MAX_FIELDS 64

MCP_LEDGER_DEFINE(McpCall);

G_DEFINE_FINAL_TYPE(McpCall, mcp_call, G_TYPE_OBJECT)

static void
note_free(McpCallNote *note)
{
    g_free(note->text);
    g_free(note);
}

static void
mcp_call_finalize(GObject *object)
{
    McpCall *call = MCP_CALL(object);

    g_atomic_int_add(&call->shard->calls, -1);
    g_free(call->id);
    g_clear_pointer(&call->invite, mcp_invite_unref);
    g_clear_pointer(&call->bare_answer, mcp_sdp_unref);
    g_clear_pointer(&call->peer, mcp_peer_unref);
    mcp_route_unref(call->route);
    g_clear_pointer(&call->settings, mcp_settings_unref);
    g_free(call->remote_uri);
    g_free(call->local_uri);
    g_free(call->uui);
    g_free(call->traceparent);
    g_clear_object(&call->session);
    g_clear_object(&call->leg);
    g_clear_object(&call->dialog);
    g_clear_object(&call->cancellable);
    mcp_timer_clear(&call->progress_timer);
    mcp_timer_clear(&call->duration_timer);
    mcp_timer_clear(&call->deadline_timer);
    g_clear_pointer(&call->reject, mcp_reject_free);
    g_free(call->end_reason);
    g_free(call->result);
    g_free(call->bye_type);
    g_clear_pointer(&call->bye_body, g_bytes_unref);
    g_queue_clear_full(&call->notes, (GDestroyNotify)note_free);
    g_ptr_array_unref(call->fields);
    g_free(call->leg_facts);
    g_free(call->moved_to);
    g_free(call->redirected_to);
    G_OBJECT_CLASS(mcp_call_parent_class)->finalize(object);
    MCP_LEDGER_FINALIZED(McpCall);
}

static void
mcp_call_class_init(McpCallClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_call_finalize;
}

static void
mcp_call_init(McpCall *call)
{
    call->cancellable = g_cancellable_new();
    g_queue_init(&call->notes);
    call->fields = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);
    MCP_LEDGER_CREATED(McpCall);
}

const char *
mcp_call_get_id(McpCall *call)
{
    return call->id;
}

GMainContext *
mcp_call_get_context(McpCall *call)
{
    return call->shard->context;
}

McpInvite *
mcp_call_get_invite(McpCall *call)
{
    return call->invite;
}

McpPeer *
mcp_call_get_peer(McpCall *call)
{
    return call->peer;
}

McpSettings *
mcp_call_get_settings(McpCall *call)
{
    return call->settings;
}

const char *
mcp_call_get_service(McpCall *call)
{
    return call->route->service;
}

gboolean
mcp_call_is_outgoing(McpCall *call)
{
    return call->invite == NULL;
}

const char *
mcp_call_get_remote_uri(McpCall *call)
{
    return call->remote_uri;
}

const char *
mcp_call_get_local_uri(McpCall *call)
{
    return call->local_uri;
}

const char *
mcp_call_get_parameter(McpCall *call, const char *name)
{
    return g_hash_table_lookup(call->route->parameters, name);
}

McpLeg *
mcp_call_get_leg(McpCall *call)
{
    return call->leg;
}

McpSession *
mcp_call_get_session(McpCall *call)
{
    return call->session;
}

gboolean
mcp_call_is_connected(McpCall *call)
{
    return !call->session_ended && call->session != NULL;
}

void
mcp_call_note(McpCall *call, const char *what, const char *format, ...)
{
    McpCallNote *note = g_new(McpCallNote, 1);
    va_list args;

    va_start(args, format);
    note->text = g_strdup_vprintf(format, args);
    va_end(args);
    note->what = what;
    note->wall = mcp_clock_wall(mcp_calls_get_core(call->calls)->clock);
    mcp_log_debug("call-note", call->id, "%s %s", what, note->text);
    g_queue_push_tail(&call->notes, note);
    if (g_queue_get_length(&call->notes) > MAX_NOTES) {
        note_free(g_queue_pop_head(&call->notes));
        call->notes_dropped++;
    }
}

void
mcp_call_set_record_field(McpCall *call, const char *key, const char *value)
{
    for (guint i = 0; i < call->fields->len; i++) {
        McpHeader *field = g_ptr_array_index(call->fields, i);

        if (strcmp(field->name, key) != 0)
            continue;
        g_free(field->value);
        field->value = g_strdup(value);
        return;
    }
    if (call->fields->len < MAX_FIELDS)
        g_ptr_array_add(call->fields, mcp_header_new(key, value));
}

void
mcp_call_take_invite(McpCall *call, McpInvite *invite)
{
    call->invite = mcp_invite_ref(invite);
    call->peer = mcp_peer_ref(invite->peer);
    call->remote_uri = g_strdup(invite->from_uri);
    call->local_uri = g_strdup(invite->to_uri);
    mcp_call_take_traceparent(call);
    if (invite->settings == NULL)
        return;
    mcp_settings_unref(call->settings);
    call->settings = mcp_settings_ref(invite->settings);
}

void
mcp_call_set_end(McpCall *call, const char *by, const char *reason)
{
    if (call->end_reason != NULL)
        return;
    call->ended_by = by;
    call->end_reason = g_strdup(reason != NULL ? reason : "");
}

void
mcp_call_hangup(McpCall *call, const char *reason)
{
    mcp_call_set_end(call, "platform", reason);
    mcp_call_handle(call, MCP_CALL_EVENT_HANGUP);
}
