/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a call that starts a page (RFC 5552 §2.1 to §2.3). On the call's shard. */
#include "request.h"

#include <json/json_tree.h>
#include <mcp/disclosure.h>
#include <string.h>

void
mcp_vxml_request_free(McpVxmlRequest *request)
{
    g_free(request->url);
    g_free(request->method);
    g_free(request->body);
    g_free(request->aai);
    g_free(request->ccxml);
    g_free(request->variables);
    g_free(request->extra);
    g_free(request);
}

static gboolean bad(McpReject **out_reject, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean
bad(McpReject **out_reject, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    *out_reject = mcp_reject_new(400, "bad request-URI", text);
    return FALSE;
}

static gboolean
check_repeated(const GPtrArray *parameters, McpReject **out_reject)
{
    for (guint i = 0; i < parameters->len; i++) {
        const McpHeader *one = parameters->pdata[i];

        for (guint j = i + 1; j < parameters->len; j++) {
            const McpHeader *other = parameters->pdata[j];

            if (g_ascii_strcasecmp(one->name, other->name) == 0)
                return bad(out_reject, "URI parameter %s is repeated", one->name);
        }
    }
    return TRUE;
}

static gboolean
read_age(const GPtrArray *parameters, const char *name, gint64 *out_age, McpReject **out_reject)
{
    const char *value = mcp_headers_get(parameters, name);

    if (value == NULL)
        return TRUE;
    if (!mcp_vxml_number(value, out_age))
        return bad(out_reject, "URI parameter %s is not a number", name);
    return TRUE;
}

static gboolean
read_json(const GPtrArray *parameters, const char *name, char **out_json, McpReject **out_reject)
{
    const char *value = mcp_headers_get(parameters, name);
    g_autoptr(JsonNode) node = NULL;

    if (value == NULL)
        return TRUE;
    node = mcp_json_tree_parse(value, strlen(value), NULL);
    if (node == NULL)
        return bad(out_reject, "URI parameter %s is not JSON", name);
    *out_json = json_to_string(node, FALSE);
    return TRUE;
}

static gboolean
read_method(McpVxmlRequest *request, const GPtrArray *parameters, McpReject **out_reject)
{
    const char *method = mcp_headers_get(parameters, "method");
    const char *body = mcp_headers_get(parameters, "postbody");

    if (method == NULL || g_ascii_strcasecmp(method, "get") == 0) {
        request->method = g_strdup("GET");
        return TRUE;
    }
    if (g_ascii_strcasecmp(method, "post") != 0)
        return bad(out_reject, "URI parameter method is neither get nor post");
    request->method = g_strdup("POST");
    request->body = g_strdup(body != NULL ? body : "");
    return TRUE;
}

gboolean
mcp_vxml_request_parse(McpVxmlRequest *request, const char *page, const GPtrArray *parameters,
                       McpReject **out_reject)
{
    const char *named = mcp_headers_get(parameters, "voicexml");

    request->max_age = -1;
    request->max_stale = -1;
    if (!check_repeated(parameters, out_reject))
        return FALSE;
    if (page == NULL && (named == NULL || *named == '\0'))
        return bad(out_reject, "no page: the URI parameter voicexml is missing");
    if (page == NULL && !g_uri_is_valid(named, G_URI_FLAGS_ENCODED, NULL))
        return bad(out_reject, "URI parameter voicexml is not a URL");
    if (!read_method(request, parameters, out_reject) ||
        !read_age(parameters, "maxage", &request->max_age, out_reject) ||
        !read_age(parameters, "maxstale", &request->max_stale, out_reject) ||
        !read_json(parameters, "aai", &request->aai, out_reject) ||
        !read_json(parameters, "ccxml", &request->ccxml, out_reject))
        return FALSE;
    request->url = g_strdup(page != NULL ? page : named);
    return TRUE;
}

static gboolean
check_page(McpCall *call, const char *url, McpReject **out_reject)
{
    McpPeer *peer = mcp_call_get_peer(call);
    g_autofree char *shown = NULL;
    g_autofree char *why = NULL;

    if (peer != NULL && mcp_peer_allows_page(peer, url))
        return TRUE;
    /* The core logs each refusal with this text. */
    shown = mcp_text_hide_passwords(url);
    why = g_strdup_printf("page %s is not allowed for peer %s", shown,
                          peer != NULL ? mcp_peer_get_name(peer) : "(none)");
    *out_reject = mcp_reject_new(403, "page not allowed", why);
    return FALSE;
}

/* RFC 5552 §2.3: an offer without a live audio line prepares the application only. */
static gboolean
has_no_media(const McpInvite *invite)
{
    if (invite == NULL || invite->offer == NULL)
        return FALSE;
    for (guint i = 0; i < mcp_sdp_get_n_media(invite->offer); i++)
        if (mcp_sdp_get_media(invite->offer, i)->port != 0)
            return FALSE;
    return TRUE;
}

McpVxmlRequest *
mcp_vxml_request_new(McpCall *call, McpReject **out_reject)
{
    g_autoptr(McpVxmlRequest) request = g_new0(McpVxmlRequest, 1);
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    const McpInvite *invite = mcp_call_get_invite(call);
    const char *page = mcp_call_get_parameter(call, "page");
    McpVxmlParties parties = {.local_uri = mcp_call_get_local_uri(call),
                              .remote_uri = mcp_call_get_remote_uri(call),
                              .outgoing = mcp_call_is_outgoing(call),
                              .invite = invite};

    if (!mcp_vxml_request_parse(request, page, invite != NULL ? invite->uri_parameters : none,
                                out_reject))
        return NULL;
    if (page == NULL && !check_page(call, request->url, out_reject))
        return NULL;
    parties.aai = request->aai;
    parties.ccxml = request->ccxml;
    parties.call_id = mcp_call_get_id(call);
    request->variables = mcp_vxml_session_variables(&parties);
    request->extra = mcp_vxml_session_extra(&parties);
    request->no_media = has_no_media(invite);
    return g_steal_pointer(&request);
}
