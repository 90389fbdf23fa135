/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ICE in offers and answers (RFC 8839); we are a lite agent. On the leg's context.
 */
#include "negotiation.h"

#include "remote_line.h"
#include <mcp/error.h>
#include <string.h>

/*
 * RFC 8839: with DTLS alone; a phone that offers it beside plain RTP is served without. One that is
 * lite as we are makes no checks (RFC 8445 §6.1.1): c= and m= tell.
 */
gboolean
mcp_media_negotiation_uses_ice(const McpSdp *sdp, const McpSdpMedia *media)
{
    return g_ascii_strncasecmp(media->protocol, "UDP/TLS/", 8) == 0 &&
           mcp_sdp_get_attribute(sdp, "ice-lite") == NULL &&
           mcp_media_sdp_find(sdp, media, "ice-ufrag") != NULL &&
           mcp_media_sdp_find(sdp, media, "ice-pwd") != NULL;
}

/* Credentials of ours from the first time on. */
gboolean
mcp_media_negotiation_need_ice(McpMediaNegotiation *self, GError **error)
{
    if (self->ice != NULL)
        return TRUE;
    self->ice = g_new0(McpMediaIceLite, 1);
    return mcp_media_ice_lite_init(self->ice, error);
}

/* New ones of ours when the other side restarts, which it does by an offer. */
gboolean
mcp_media_negotiation_take_ice(McpMediaNegotiation *self, const McpMediaDtlsLine *line,
                               gboolean is_answer, GError **error)
{
    gboolean restart = FALSE;

    if (line->ufrag == NULL)
        return TRUE;
    if (!mcp_media_negotiation_need_ice(self, error) ||
        !mcp_media_ice_lite_set_remote(self->ice, line->ufrag, line->password, &restart, error))
        return FALSE;
    if (!restart || is_answer)
        return TRUE;
    return mcp_media_ice_lite_init(self->ice, error) &&
           mcp_media_ice_lite_set_remote(self->ice, line->ufrag, line->password, &restart, error);
}
