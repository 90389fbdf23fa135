/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What would become of an INVITE: the decisions of calls.c, router.c and peer.c with their reasons,
 * then, on a shard, a dialog that is made and dropped unprepared, and a leg that answers the offer
 * and is closed. The call they need is in no list and has no events. Any thread.
 */
#include "call/call_private.h"
#include "call/peer.h"

typedef struct {
    McpCall *call;
    McpExplain *explain;
    McpReject *reject; /* nullable */
    GMainContext *context;
    McpCallsExplained func;
    gpointer user_data;
} Question;

static void
question_free(Question *question)
{
    g_clear_object(&question->call);
    mcp_explain_unref(question->explain);
    g_clear_pointer(&question->reject, mcp_reject_free);
    g_main_context_unref(question->context);
    g_free(question);
}

static gboolean
tell(gpointer data)
{
    Question *question = data;

    question->func(question->reject, question->user_data);
    return G_SOURCE_REMOVE;
}

static void
answer(Question *question)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_clear_object(&question->call);
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, tell, question, (GDestroyNotify)question_free);
    g_source_attach(source, question->context);
}

/* Takes the call's refusal. */
static void
refuse(Question *question, const char *check)
{
    question->reject = g_steal_pointer(&question->call->reject);
    mcp_explain_add(question->explain, check, MCP_EXPLAIN_REFUSED, "%u: %s%s%s",
                    question->reject->status, question->reject->reason,
                    question->reject->warning_text != NULL ? "; " : "",
                    question->reject->warning_text != NULL ? question->reject->warning_text : "");
}

/* A page that the caller names, and the pattern that lets it. */
static void
explain_page(const Question *question)
{
    const McpCall *call = question->call;
    const char *page = mcp_headers_get(call->invite->uri_parameters, "voicexml");
    const char *pattern = NULL;

    if (g_hash_table_lookup(call->route->parameters, "page") != NULL) {
        mcp_explain_add(question->explain, "page", MCP_EXPLAIN_NOTED, "%s, which the service names",
                        (const char *)g_hash_table_lookup(call->route->parameters, "page"));
        return;
    }
    if (page == NULL)
        return;
    pattern = mcp_peer_find_page_pattern(call->peer, page);
    if (pattern != NULL)
        mcp_explain_add(question->explain, "page", MCP_EXPLAIN_PASSED, "%s fits page_urls %s", page,
                        pattern);
    else
        mcp_explain_add(question->explain, "page", MCP_EXPLAIN_NOTED,
                        "%s fits none of the page_urls of peer %s", page,
                        mcp_peer_get_name(call->peer));
}

static gboolean
try_dialog(Question *question)
{
    McpCall *call = question->call;
    McpCore *core = mcp_calls_get_core(call->calls);
    g_autoptr(McpDialogProvider) provider =
        mcp_registry_lookup(core->registry, MCP_CONTRACT_DIALOG, call->route->dialog);
    g_autoptr(McpDialog) dialog = NULL;

    explain_page(question);
    if (provider != NULL)
        dialog = mcp_dialog_provider_create(provider, call, &call->reject);
    if (dialog == NULL) {
        mcp_call_no_dialog(call);
        refuse(question, "dialog");
        return FALSE;
    }
    mcp_explain_add(question->explain, "dialog", MCP_EXPLAIN_PASSED, "%s takes the call",
                    call->route->dialog);
    return TRUE;
}

static void
try_media(Question *question)
{
    McpCall *call = question->call;
    g_autoptr(McpSdp) sdp = NULL;

    if (!mcp_invite_has_audio(call->invite)) {
        mcp_explain_add(question->explain, "media", MCP_EXPLAIN_NOTED,
                        "no audio line is offered; the dialog decides");
        return;
    }
    if (mcp_call_make_leg(call))
        sdp = mcp_call_make_answer(call);
    mcp_call_close_leg(call);
    if (sdp == NULL)
        refuse(question, "media");
    else
        mcp_explain_add(question->explain, "media", MCP_EXPLAIN_PASSED,
                        call->invite->offer != NULL ? "the offer can be answered"
                                                    : "no offer: ours would be in the 200");
}

static gboolean
try_call(gpointer data)
{
    Question *question = data;

    if (try_dialog(question))
        try_media(question);
    answer(question);
    return G_SOURCE_REMOVE;
}

void
mcp_calls_explain(McpCalls *calls, McpInvite *invite, McpExplain *explain, McpCallsExplained func,
                  gpointer user_data)
{
    Question *question = g_new0(Question, 1);
    g_autoptr(McpRoute) route = NULL;

    question->explain = mcp_explain_ref(explain);
    question->context = g_main_context_ref_thread_default();
    question->func = func;
    question->user_data = user_data;
    question->reject = mcp_calls_decide(calls, invite, explain, &route);
    if (question->reject != NULL) {
        answer(question);
        return;
    }
    question->call = mcp_calls_new_call(calls, route);
    mcp_call_take_invite(question->call, invite);
    question->call->media = MCP_DIALOG_MEDIA_AUDIO;
    mcp_shard_invoke(question->call->shard, try_call, question, NULL);
}
