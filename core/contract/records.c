/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain records that cross contracts: headers, refusals, invites, fetch responses, grammar
 * results. Each is made and freed here; those with a counter may be shared between threads.
 */
#include <mcp/contract/fetcher.h>
#include <mcp/contract/grammar.h>
#include <mcp/contract/signalling.h>
#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpInvite);
MCP_LEDGER_DEFINE(McpFetchResponse);

struct _McpFetchResponse {
    gatomicrefcount refs;
    McpFetchFacts facts;
};

McpHeader *
mcp_header_new(const char *name, const char *value)
{
    McpHeader *header = g_new(McpHeader, 1);

    header->name = g_strdup(name);
    header->value = g_strdup(value);
    return header;
}

void
mcp_header_free(McpHeader *header)
{
    g_free(header->name);
    g_free(header->value);
    g_free(header);
}

const char *
mcp_headers_get(const GPtrArray *headers, const char *name)
{
    for (guint i = 0; headers != NULL && i < headers->len; i++) {
        const McpHeader *header = g_ptr_array_index(headers, i);

        if (g_ascii_strcasecmp(header->name, name) == 0)
            return header->value;
    }
    return NULL;
}

gboolean
mcp_header_is_genesys(const char *name)
{
    return g_ascii_strncasecmp(name, "X-Genesys-", 10) == 0 ||
           g_ascii_strcasecmp(name, "X-ISCC-CofId") == 0;
}

McpReject *
mcp_reject_new(guint status, const char *reason, const char *warning)
{
    McpReject *reject = g_new0(McpReject, 1);

    reject->status = status;
    reject->reason = g_strdup(reason);
    reject->warning_code = warning != NULL ? 399 : 0;
    reject->warning_text = g_strdup(warning);
    return reject;
}

McpReject *
mcp_reject_copy(const McpReject *reject)
{
    McpReject *copy = g_new(McpReject, 1);

    *copy = *reject;
    copy->reason = g_strdup(reject->reason);
    copy->warning_text = g_strdup(reject->warning_text);
    return copy;
}

void
mcp_reject_free(McpReject *reject)
{
    g_free(reject->reason);
    g_free(reject->warning_text);
    g_free(reject);
}

McpInvite *
mcp_invite_new(void)
{
    McpInvite *invite = g_new0(McpInvite, 1);

    g_atomic_ref_count_init(&invite->refs);
    invite->uri_parameters = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);
    invite->headers = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);
    MCP_LEDGER_CREATED(McpInvite);
    return invite;
}

gboolean
mcp_invite_has_audio(const McpInvite *invite)
{
    if (invite->offer == NULL)
        return TRUE;
    for (guint i = 0; i < mcp_sdp_get_n_media(invite->offer); i++) {
        if (strcmp(mcp_sdp_get_media(invite->offer, i)->type, "audio") == 0)
            return TRUE;
    }
    return FALSE;
}

McpInvite *
mcp_invite_ref(McpInvite *invite)
{
    g_atomic_ref_count_inc(&invite->refs);
    return invite;
}

void
mcp_invite_unref(McpInvite *invite)
{
    if (!g_atomic_ref_count_dec(&invite->refs))
        return;
    g_free(invite->sip_call_id);
    g_free(invite->request_uri);
    g_free(invite->user);
    g_free(invite->host);
    g_ptr_array_unref(invite->uri_parameters);
    g_free(invite->from_uri);
    g_free(invite->from_display);
    g_free(invite->to_uri);
    g_ptr_array_unref(invite->headers);
    g_free(invite->remote_address);
    g_free(invite->local_address);
    g_free(invite->transport);
    g_clear_pointer(&invite->peer, mcp_peer_unref);
    g_clear_pointer(&invite->offer, mcp_sdp_unref);
    g_free(invite->identity);
    g_clear_pointer(&invite->settings, mcp_settings_unref);
    g_free(invite);
    MCP_LEDGER_FINALIZED(McpInvite);
}

McpLadderEntry *
mcp_ladder_entry_copy(const McpLadderEntry *entry)
{
    McpLadderEntry *copy = g_new(McpLadderEntry, 1);

    *copy = *entry;
    copy->summary = g_strdup(entry->summary);
    copy->local = g_strdup(entry->local);
    copy->remote = g_strdup(entry->remote);
    copy->transport = g_strdup(entry->transport);
    return copy;
}

void
mcp_ladder_entry_free(McpLadderEntry *entry)
{
    g_free(entry->summary);
    g_free(entry->local);
    g_free(entry->remote);
    g_free(entry->transport);
    g_free(entry);
}

McpFetchResponse *
mcp_fetch_response_new(const McpFetchFacts *facts)
{
    McpFetchResponse *response = g_new(McpFetchResponse, 1);

    g_atomic_ref_count_init(&response->refs);
    response->facts = (McpFetchFacts){
        .status = facts->status,
        .url = g_strdup(facts->url),
        .content_type = g_strdup(facts->content_type),
        .charset = g_strdup(facts->charset),
        .body = g_bytes_ref(facts->body),
        .content_id = g_strdup(facts->content_id),
        .from_cache = facts->from_cache,
    };
    MCP_LEDGER_CREATED(McpFetchResponse);
    return response;
}

McpFetchResponse *
mcp_fetch_response_ref(McpFetchResponse *response)
{
    g_atomic_ref_count_inc(&response->refs);
    return response;
}

void
mcp_fetch_response_unref(McpFetchResponse *response)
{
    if (!g_atomic_ref_count_dec(&response->refs))
        return;
    g_free((char *)response->facts.url);
    g_free((char *)response->facts.content_type);
    g_free((char *)response->facts.charset);
    g_free((char *)response->facts.content_id);
    g_bytes_unref(response->facts.body);
    g_free(response);
    MCP_LEDGER_FINALIZED(McpFetchResponse);
}

const McpFetchFacts *
mcp_fetch_response_get_facts(McpFetchResponse *response)
{
    return &response->facts;
}

void
mcp_grammar_result_free(McpGrammarResult *result)
{
    g_free(result->utterance);
    g_free(result->interpretation);
    g_free(result);
}

void
mcp_fsg_free(McpFsg *fsg)
{
    g_string_chunk_free(fsg->words);
    g_free(fsg->arcs);
    g_free(fsg);
}
