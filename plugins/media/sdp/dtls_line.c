/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DTLS and ICE in session descriptions: fingerprints, roles, credentials. On the leg's context.
 */
#include "dtls_line.h"

#include <mcp/error.h>
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMediaDtlsLine);

const char *
mcp_media_sdp_find(const McpSdp *sdp, const McpSdpMedia *media, const char *name)
{
    const char *value = mcp_sdp_media_get_attribute(media, name);

    return value != NULL ? value : mcp_sdp_get_attribute(sdp, name);
}

McpMediaDtlsLine *
mcp_media_dtls_line_ref(McpMediaDtlsLine *line)
{
    if (line != NULL)
        line->refs++;
    return line;
}

void
mcp_media_dtls_line_unref(McpMediaDtlsLine *line)
{
    if (line == NULL || --line->refs > 0)
        return;
    g_strfreev(line->fingerprints);
    g_free(line->tls_id);
    g_free(line->ufrag);
    g_free(line->password);
    g_free(line);
    MCP_LEDGER_FINALIZED(McpMediaDtlsLine);
}

/* Numbers of associations, any context. */
static guint64
next_serial(void)
{
    static guint64 last;

    /* Apart from those of a=crypto, which count up from 1. */
    return G_GUINT64_CONSTANT(1) << 63 | __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

/* (transfer full): all of the media line, else the one of the session. */
static char **
read_fingerprints(const McpSdp *sdp, const McpSdpMedia *media)
{
    GPtrArray *values = g_ptr_array_new();
    const char *common = mcp_sdp_get_attribute(sdp, "fingerprint");

    for (guint i = 0; i < media->n_attributes && values->len < MCP_MEDIA_FINGERPRINTS_MAX; i++)
        if (g_strcmp0(media->attributes[i].name, "fingerprint") == 0 &&
            media->attributes[i].value != NULL)
            g_ptr_array_add(values, g_strdup(media->attributes[i].value));
    if (values->len == 0 && common != NULL)
        g_ptr_array_add(values, g_strdup(common));
    g_ptr_array_add(values, NULL);
    return (char **)g_ptr_array_free(values, FALSE);
}

/*
 * RFC 5763 §5: who offers lets us choose; we wait, since a peer behind a NAT is reached only after
 * it has sent something. FALSE: a role that nothing can be made of.
 */
static gboolean
read_role(const char *setup, gboolean is_answer, McpMediaDtlsRole *out_role)
{
    if (setup == NULL || g_ascii_strcasecmp(setup, "active") == 0)
        *out_role = MCP_MEDIA_DTLS_PASSIVE;
    else if (g_ascii_strcasecmp(setup, "passive") == 0)
        *out_role = MCP_MEDIA_DTLS_ACTIVE;
    else if (g_ascii_strcasecmp(setup, "actpass") == 0 && !is_answer)
        *out_role = MCP_MEDIA_DTLS_PASSIVE;
    else
        return FALSE;
    return TRUE;
}

/*
 * RFC 8842 §4: other fingerprints, another role or tls-id: a new association. A restart of ICE is
 * none (§5.1): a browser that finds other paths goes on with its keys.
 */
static gboolean
goes_on(const McpMediaDtlsLine *before, const McpMediaDtlsLine *now)
{
    return before != NULL && before->role == now->role &&
           g_strv_equal((const char *const *)before->fingerprints,
                        (const char *const *)now->fingerprints) &&
           g_strcmp0(before->tls_id, now->tls_id) == 0;
}

McpMediaDtlsLine *
mcp_media_dtls_line_read(const McpMediaDtlsLine *before, const McpSdp *sdp,
                         const McpSdpMedia *media, gboolean is_answer, GError **error)
{
    g_autoptr(McpMediaDtlsLine) self = g_new0(McpMediaDtlsLine, 1);
    const char *setup = mcp_media_sdp_find(sdp, media, "setup");

    MCP_LEDGER_CREATED(McpMediaDtlsLine);
    self->refs = 1;
    self->fingerprints = read_fingerprints(sdp, media);
    self->tls_id = g_strdup(mcp_media_sdp_find(sdp, media, "tls-id"));
    self->ufrag = g_strdup(mcp_media_sdp_find(sdp, media, "ice-ufrag"));
    self->password = g_strdup(mcp_media_sdp_find(sdp, media, "ice-pwd"));
    if (self->ufrag == NULL || self->password == NULL) {
        g_clear_pointer(&self->ufrag, g_free);
        g_clear_pointer(&self->password, g_free);
    }
    if (self->fingerprints[0] == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "no a=fingerprint");
    else if (!read_role(setup, is_answer, &self->role))
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "a=setup:%.20s is of no use", setup);
    else if (mcp_sdp_media_get_attribute(media, "rtcp-mux") == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "DTLS-SRTP without a=rtcp-mux");
    else
        self->serial = goes_on(before, self) ? before->serial : next_serial();
    return self->serial != 0 ? g_steal_pointer(&self) : NULL;
}
