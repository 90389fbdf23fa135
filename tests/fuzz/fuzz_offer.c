/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of offer and answer: offers, separated by a zero byte, to one leg. Each answer has a
 * line for each line of its offer, at most one of them in use, and is well-formed.
 */
#include "sdp/offer_answer.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(McpSdp *offer, McpSdp *answer)
{
    const char *text = mcp_sdp_get_text(answer);
    g_autoptr(McpSdp) again = mcp_sdp_parse(text, strlen(text), NULL);
    guint used = 0;

    if (again == NULL || mcp_sdp_get_n_media(again) != mcp_sdp_get_n_media(offer))
        __builtin_trap();
    for (guint i = 0; i < mcp_sdp_get_n_media(again); i++) {
        used += mcp_sdp_get_media(again, i)->port != 0;
        if (mcp_sdp_get_media(offer, i)->port == 0 && mcp_sdp_get_media(again, i)->port != 0)
            __builtin_trap();
    }
    if (used > 1)
        __builtin_trap();
}

static void
exchange(McpMediaNegotiation *negotiation, const char *text, size_t length)
{
    g_autoptr(McpSdp) sdp = mcp_sdp_parse(text, length, NULL);
    g_autoptr(McpSdp) answer = NULL;
    g_autoptr(McpSdp) own = NULL;

    if (sdp == NULL)
        return;
    answer = mcp_media_negotiation_answer(negotiation, sdp, NULL);
    if (answer != NULL)
        check(sdp, answer);
    own = mcp_media_negotiation_offer(negotiation, NULL);
    if (own == NULL)
        __builtin_trap();
    if (!mcp_media_negotiation_apply(negotiation, sdp, NULL))
        mcp_media_negotiation_rollback(negotiation);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    McpMediaLocal local = {
        .address = "192.0.2.1",
        .port = 20000,
        .ptime = 20,
        .options = {.opus_rate = 16000, .opus_bitrate = 24000, .opus_fec = TRUE, .opus_dtx = TRUE},
    };
    g_autoptr(McpMediaNegotiation) negotiation = NULL;

    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++)
        local.codecs[local.n_codecs++] = mcp_media_codec_get((McpMediaCodecId)i);
    negotiation = mcp_media_negotiation_new(&local);
    for (guint i = 0; i < 8 && size > 0; i++) {
        const uint8_t *end = memchr(data, 0, size);
        size_t length = end != NULL ? (size_t)(end - data) : size;

        exchange(negotiation, (const char *)data, length);
        data += MIN(length + 1, size);
        size -= MIN(length + 1, size);
    }
    return 0;
}
