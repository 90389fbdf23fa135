/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of answers to our offers: the first byte chooses what we demand, answers follow,
 * separated by a zero byte. What is agreed upon was offered, and encrypted where we demand it; what
 * is refused changes nothing.
 */
#include "sdp/offer_answer.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ANSWERS_MAX 8
#define FINGERPRINT                                            \
    "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:" \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

static McpMediaNegotiation *
make_negotiation(uint8_t wish)
{
    McpMediaLocal local = {
        .address = "192.0.2.1",
        .port = 20000,
        .ptime = 20,
        .options = {.opus_rate = 16000, .opus_bitrate = 24000, .opus_fec = TRUE, .opus_dtx = TRUE},
        .protection =
            (wish & 1) != 0 ? MCP_MEDIA_PROTECTION_REQUIRED : MCP_MEDIA_PROTECTION_OPTIONAL,
        .sdes = (wish & 2) != 0,
        .fingerprint = FINGERPRINT,
        .own_order = (wish & 4) != 0,
        .no_events = (wish & 8) != 0,
    };

    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++)
        local.codecs[local.n_codecs++] = mcp_media_codec_get((McpMediaCodecId)i);
    for (guint i = 1; i < MCP_MEDIA_N_SUITES; i++)
        local.suites.suites[local.suites.n++] = (McpMediaSuite)i;
    return mcp_media_negotiation_new(&local);
}

static gboolean
is_offered(McpSdp *offer, guint type)
{
    const McpSdpMedia *media = mcp_sdp_get_media(offer, 0);

    for (guint i = 0; i < media->n_formats; i++)
        if (media->formats[i].payload_type == type)
            return TRUE;
    return FALSE;
}

static void
check(McpMediaNegotiation *self, McpSdp *offer, uint8_t wish)
{
    const McpMediaAgreement *agreed = mcp_media_negotiation_get(self);

    if (!agreed->active || agreed->codec == NULL || !is_offered(offer, agreed->receive_type) ||
        agreed->ptime < 10 || agreed->ptime > 60)
        __builtin_trap();
    if (agreed->receive_event_type >= 0 &&
        ((wish & 8) != 0 || !is_offered(offer, (guint)agreed->receive_event_type)))
        __builtin_trap();
    if ((wish & 1) != 0 && agreed->protection == 0)
        __builtin_trap();
    if (agreed->ice && (mcp_media_negotiation_get_ice(self) == NULL || agreed->has_remote))
        __builtin_trap();
    if (mcp_media_transport_is_dtls(agreed->transport) &&
        mcp_media_negotiation_get_dtls(self)->fingerprints[0] == NULL)
        __builtin_trap();
}

/* An answer of another transport is none to this offer. */
static void
exchange(McpMediaNegotiation *self, const char *text, size_t length, uint8_t wish)
{
    g_autoptr(McpSdp) answer = mcp_sdp_parse(text, length, NULL);
    g_autoptr(McpSdp) offer = mcp_media_negotiation_offer(self, NULL);
    McpMediaAgreement before;

    if (offer == NULL)
        __builtin_trap();
    if (answer == NULL)
        return;
    before = *mcp_media_negotiation_get(self);
    if (mcp_media_negotiation_apply(self, answer, NULL)) {
        check(self, offer, wish);
        return;
    }
    if (!mcp_media_agreement_equal(&before, mcp_media_negotiation_get(self)))
        __builtin_trap();
    mcp_media_negotiation_rollback(self);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(McpMediaNegotiation) negotiation = NULL;
    uint8_t wish = 0;

    if (size < 2)
        return 0;
    wish = data[0];
    negotiation = make_negotiation(wish);
    data++;
    size--;
    for (guint i = 0; i < ANSWERS_MAX && size > 0; i++) {
        const uint8_t *end = memchr(data, 0, size);
        size_t length = end != NULL ? (size_t)(end - data) : size;

        exchange(negotiation, (const char *)data, length, wish);
        data += MIN(length + 1, size);
        size -= MIN(length + 1, size);
    }
    return 0;
}
