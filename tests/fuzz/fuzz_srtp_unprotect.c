/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of what arrives on a protected leg: rows of datagrams behind a byte of kind and two
 * of length. An odd kind is protected by the other end first, so that the input gets behind the
 * tag; an even one comes as it is and must never be taken.
 */
#include "protection/srtp_context.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    McpMediaSrtp *peer;
    McpMediaSrtp *leg;
    McpMediaKeys keys[2];
} Call;

static void
set_keys(Call *call, const McpMediaKeys *keys)
{
    if (!mcp_media_srtp_set(call->peer, MCP_MEDIA_SRTP_OUTBOUND, keys, 0, NULL) ||
        !mcp_media_srtp_set(call->leg, MCP_MEDIA_SRTP_INBOUND, keys, 0, NULL))
        __builtin_trap();
}

static void
open_call(Call *call, guint kind)
{
    memset(call, 0, sizeof *call);
    call->peer = mcp_media_srtp_new();
    call->leg = mcp_media_srtp_new();
    for (guint i = 0; i < 2; i++) {
        call->keys[i].suite = (McpMediaSuite)(1 + (kind + i) % (MCP_MEDIA_N_SUITES - 1));
        call->keys[i].n_keys = 1;
        call->keys[i].mki_length = (kind >> 4) % 3;
        call->keys[i].keys[0].mki[0] = (guint8)(i + 1);
        call->keys[i].keys[0].lifetime = (kind & 0x40) != 0 ? 5 : 0;
        memset(call->keys[i].keys[0].secret, (int)(i + 1), MCP_MEDIA_SECRET_MAX);
    }
    set_keys(call, &call->keys[0]);
}

static void
take(Call *call, guint kind, const uint8_t *data, size_t size)
{
    guint32 aligned[(MCP_MEDIA_SRTP_PACKET_MAX + MCP_MEDIA_SRTP_TRAILER + 8) / 4];
    guint8 *packet = (guint8 *)aligned;
    gsize length = MIN(size, MCP_MEDIA_SRTP_PACKET_MAX + 4);
    gboolean rtcp = (kind & 2) != 0;
    gboolean is_protected = (kind & 1) != 0;
    McpMediaSrtpResult result = MCP_MEDIA_SRTP_OK;

    memcpy(packet, data, length);
    if (is_protected)
        result = (rtcp ? mcp_media_srtp_protect_rtcp
                       : mcp_media_srtp_protect_rtp)(call->peer, packet, &length, sizeof aligned);
    if (result != MCP_MEDIA_SRTP_OK)
        return;
    result = (rtcp ? mcp_media_srtp_unprotect_rtcp : mcp_media_srtp_unprotect_rtp)(call->leg,
                                                                                   packet, &length);
    if (result != MCP_MEDIA_SRTP_OK)
        return;
    if (!is_protected || length != size || memcmp(packet, data, size) != 0)
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Call call;

    if (size < 1)
        return 0;
    open_call(&call, data[0]);
    data++;
    size--;
    while (size >= 3) {
        guint kind = data[0];
        size_t length = MIN((size_t)(data[1] << 8 | data[2]), size - 3);

        if ((kind & 0x80) != 0)
            set_keys(&call, &call.keys[kind & 1]);
        else
            take(&call, kind, data + 3, length);
        data += 3 + length;
        size -= 3 + length;
    }
    mcp_media_srtp_free(call.peer);
    mcp_media_srtp_free(call.leg);
    return 0;
}
