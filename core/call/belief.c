/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a peer says of a call and what is taken for true (RFC 3325 §5: an asserted identity from
 * somebody who is not trusted is removed). What is not believed goes away altogether: neither pages
 * nor records nor other parties see it, so nobody can mistake it for something that was checked.
 * Pure functions.
 */
#include "call/belief.h"

#include <mcp/trace_context.h>
#include <string.h>

static gboolean
is_identity(const char *name)
{
    return g_ascii_strcasecmp(name, "P-Asserted-Identity") == 0 ||
           g_ascii_strcasecmp(name, "Remote-Party-ID") == 0;
}

/* The next URI of a list of name-addr or addr-spec; (nullable): @in_out_text moves behind it. */
static char *
next_uri(const char **in_out_text)
{
    const char *text = *in_out_text + strspn(*in_out_text, ", \t");
    gboolean quoted = FALSE;
    const char *p = text;
    char *uri = NULL;

    for (; *p != '\0' && (quoted || (*p != '<' && *p != ',' && *p != ';')); p++) {
        if (quoted && *p == '\\' && p[1] != '\0')
            p++;
        else if (*p == '"')
            quoted = !quoted;
    }
    if (*p == '<') {
        gsize length = strcspn(p + 1, ">");

        uri = g_strndup(p + 1, length);
        p += length + 1;
    } else if (p > text) {
        uri = g_strstrip(g_strndup(text, (gsize)(p - text)));
    }
    *in_out_text = p + strcspn(p, ",");
    return uri;
}

/* All URIs of an asserted identity must be believed; the first one becomes the call's. */
static gboolean
is_believed(McpInvite *invite, const char *value)
{
    g_autofree char *first = NULL;
    g_autofree char *uri = next_uri(&value);

    if (uri == NULL)
        return FALSE;
    first = g_strdup(uri);
    while (uri != NULL) {
        if (!mcp_peer_believes_identity(invite->peer, uri))
            return FALSE;
        g_free(uri);
        uri = next_uri(&value);
    }
    if (invite->identity == NULL)
        invite->identity = g_steal_pointer(&first);
    return TRUE;
}

static gboolean
is_kept(McpInvite *invite, const McpHeader *header)
{
    if (mcp_header_is_genesys(header->name))
        return invite->peer != NULL && mcp_peer_believes_genesys(invite->peer);
    if (g_ascii_strcasecmp(header->name, MCP_TRACEPARENT) == 0)
        return invite->peer != NULL && mcp_peer_believes_trace_context(invite->peer);
    if (is_identity(header->name))
        return invite->peer != NULL && header->value != NULL && is_believed(invite, header->value);
    return TRUE;
}

void
mcp_belief_apply(McpInvite *invite)
{
    guint kept = 0;

    g_clear_pointer(&invite->identity, g_free);
    while (kept < invite->headers->len) {
        if (is_kept(invite, g_ptr_array_index(invite->headers, kept)))
            kept++;
        else
            g_ptr_array_remove_index(invite->headers, kept);
    }
    if (invite->identity == NULL && invite->peer != NULL && invite->from_uri != NULL &&
        mcp_peer_believes_identity(invite->peer, invite->from_uri))
        invite->identity = g_strdup(invite->from_uri);
}
