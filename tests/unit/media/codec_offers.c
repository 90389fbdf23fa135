/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offers and answers of codecs that have parameters: Opus, AMR in its two packings, Speex, G.722.
 */
#include "sdp/offer_answer.h"

#include <mcp/error.h>
#include <string.h>

#define HEAD "v=0\r\no=- 7 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"

static McpMediaNegotiation *
negotiation(void)
{
    McpMediaLocal local = {
        .address = "192.0.2.1",
        .port = 20000,
        .ptime = 20,
        .options = {.opus_rate = 16000, .opus_bitrate = 24000, .opus_fec = TRUE},
    };

    while (local.n_codecs < MCP_MEDIA_N_CODECS) {
        local.codecs[local.n_codecs] = mcp_media_codec_get((McpMediaCodecId)local.n_codecs);
        local.n_codecs++;
    }
    return mcp_media_negotiation_new(&local);
}

/* (transfer full) (nullable): the answer to an offer of one line. */
static char *
answer_to(McpMediaNegotiation *self, const char *formats, const char *lines)
{
    g_autofree char *text = g_strdup_printf(HEAD "m=audio 4000 RTP/AVP %s\r\n%s", formats, lines);
    g_autoptr(McpSdp) offer = mcp_sdp_parse(text, strlen(text), NULL);
    g_autoptr(McpSdp) answer = mcp_media_negotiation_answer(self, offer, NULL);

    return answer != NULL ? g_strdup(mcp_sdp_get_text(answer)) : NULL;
}

typedef struct {
    const char *formats;
    const char *lines;
    const char *wanted; /* in the answer; NULL: refused */
    McpMediaCodecId codec;
    guint ptime;
} Offer;

static const Offer offers[] = {
    /* G.722: its clock is 8000, static type 9. */
    {"9 0", "", "m=audio 20000 RTP/AVP 9\r\na=rtpmap:9 G722/8000\r\n", MCP_MEDIA_CODEC_G722, 20},
    {"3", "a=ptime:50\r\n", "a=rtpmap:3 GSM/8000\r\na=ptime:40\r\n", MCP_MEDIA_CODEC_GSM, 40},
    {"111", "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n",
     "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 maxplaybackrate=16000", MCP_MEDIA_CODEC_OPUS, 20},
    {"111", "a=rtpmap:111 opus/48000/2\r\na=ptime:35\r\n", "a=ptime:30\r\n", MCP_MEDIA_CODEC_OPUS,
     30},
    /* RFC 3389 §5.1: beside a codec of its clock, static or by a=rtpmap; alone it is no codec. */
    {"0 13", "", "RTP/AVP 0 13\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:13 CN/8000\r\n",
     MCP_MEDIA_CODEC_PCMU, 20},
    {"13 8", "", "RTP/AVP 8 13\r\n", MCP_MEDIA_CODEC_PCMA, 20},
    {"9 99", "a=rtpmap:99 cn/8000\r\n", "RTP/AVP 9 99\r\n", MCP_MEDIA_CODEC_G722, 20},
    {"111 13", "a=rtpmap:111 opus/48000/2\r\n", "RTP/AVP 111\r\n", MCP_MEDIA_CODEC_OPUS, 20},
    {"0 98", "a=rtpmap:98 CN/16000\r\n", "RTP/AVP 0\r\n", MCP_MEDIA_CODEC_PCMU, 20},
    {"13", "", NULL, MCP_MEDIA_N_CODECS, 0},
    {"111 110", "a=rtpmap:111 opus/48000/2\r\na=rtpmap:110 telephone-event/48000\r\n",
     "RTP/AVP 111 110\r\n", MCP_MEDIA_CODEC_OPUS, 20},
    {"111", "a=rtpmap:111 opus/48000\r\n", NULL, MCP_MEDIA_N_CODECS, 0},
    {"97 98", "a=rtpmap:97 AMR/8000\r\na=fmtp:97 octet-align=1\r\na=rtpmap:98 AMR/8000\r\n",
     "a=rtpmap:97 AMR/8000\r\na=fmtp:97 octet-align=1\r\n", MCP_MEDIA_CODEC_AMR_OCTET, 20},
    {"98", "a=rtpmap:98 AMR/8000/1\r\na=fmtp:98 mode-set=1,3\r\n", "a=fmtp:98 mode-set=1,3\r\n",
     MCP_MEDIA_CODEC_AMR, 20},
    {"98", "a=rtpmap:98 AMR-WB/16000\r\na=maxptime:20\r\na=ptime:60\r\n",
     "a=rtpmap:98 AMR-WB/16000\r\na=ptime:20\r\n", MCP_MEDIA_CODEC_AMR_WB, 20},
    /* Not what we can do: the next one is taken, or none. */
    {"98 8", "a=rtpmap:98 AMR/8000\r\na=fmtp:98 octet-align=1; interleaving=30\r\n",
     "RTP/AVP 8\r\n", MCP_MEDIA_CODEC_PCMA, 20},
    {"98", "a=rtpmap:98 AMR/8000\r\na=fmtp:98 octet-align=1;crc=1\r\n", NULL, MCP_MEDIA_N_CODECS,
     0},
    {"98", "a=rtpmap:98 AMR/8000/2\r\n", NULL, MCP_MEDIA_N_CODECS, 0},
    {"104", "a=rtpmap:104 SPEEX/16000\r\na=ptime:60\r\n", "a=ptime:20\r\n",
     MCP_MEDIA_CODEC_SPEEX_16000, 20},
    {"18", "", "a=fmtp:18 annexb=no\r\n", MCP_MEDIA_CODEC_G729, 20},
    {"18", "a=fmtp:18 annexb=yes\r\na=ptime:30\r\n", "a=ptime:30\r\n", MCP_MEDIA_CODEC_G729, 30},
    {"4", "", NULL, MCP_MEDIA_N_CODECS, 0},
};

static void
test_answers(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(offers); i++) {
        const Offer *offer = &offers[i];
        g_autoptr(McpMediaNegotiation) self = negotiation();
        g_autofree char *answer = answer_to(self, offer->formats, offer->lines);
        const McpMediaAgreement *agreed = mcp_media_negotiation_get(self);

        g_test_message("%s %s", offer->formats, offer->lines);
        if (offer->wanted == NULL) {
            g_assert_null(answer);
            continue;
        }
        g_assert_nonnull(answer);
        if (strstr(answer, offer->wanted) == NULL)
            g_error("\"%s\" is not in\n%s", offer->wanted, answer);
        g_assert_cmpint(agreed->codec->id, ==, offer->codec);
        g_assert_cmpuint(agreed->ptime, ==, offer->ptime);
        g_assert_cmpuint(agreed->ptime % agreed->format.frame_ms, ==, 0);
    }
}

/* What the other side asks for shapes what we send; its change is a change. */
static void
test_parameters(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation();
    g_autofree char *first = answer_to(
        self, "111", "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 maxaveragebitrate=12000\r\n");
    const McpMediaAgreement before = *mcp_media_negotiation_get(self);
    g_autofree char *second = answer_to(
        self, "111",
        "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 maxaveragebitrate=12000; useinbandfec=1\r\n");
    const McpMediaAgreement *after = mcp_media_negotiation_get(self);

    g_assert_nonnull(first);
    g_assert_nonnull(second);
    g_assert_cmpuint(before.format.bitrate, ==, 12000);
    g_assert_false(before.format.fec);
    g_assert_true(after->format.fec);
    g_assert_false(mcp_media_agreement_equal(&before, after));
}

/* Every codec once, each under a number of its own; the answer's number says which packing. */
static void
test_offer(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation();
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = mcp_media_negotiation_offer(self, &error);
    const char *text = HEAD "m=audio 4000 RTP/AVP 107\r\na=rtpmap:107 AMR/8000\r\n"
                            "a=fmtp:107 octet-align=1; mode-set=2\r\n";
    g_autoptr(McpSdp) answer = mcp_sdp_parse(text, strlen(text), &error);
    const McpSdpMedia *media = mcp_sdp_get_media(offer, 0);
    guint seen[128] = {0};

    g_assert_cmpuint(media->n_formats, ==, MCP_MEDIA_N_CODECS + 3);
    for (guint i = 0; i < media->n_formats; i++)
        g_assert_cmpuint(seen[media->formats[i].payload_type]++, ==, 0);
    g_assert_true(mcp_media_negotiation_apply(self, answer, &error));
    g_assert_cmpint(mcp_media_negotiation_get(self)->codec->id, ==, MCP_MEDIA_CODEC_AMR_OCTET);
    g_assert_cmpuint(mcp_media_negotiation_get(self)->format.mode, ==, 2);
}

/* Our order counts where it is to; parameters that we cannot serve are passed over. */
static void
test_own_order(void)
{
    McpMediaLocal local = {
        .address = "192.0.2.1",
        .port = 20000,
        .ptime = 20,
        .codecs = {mcp_media_codec_get(MCP_MEDIA_CODEC_AMR_OCTET),
                   mcp_media_codec_get(MCP_MEDIA_CODEC_PCMA),
                   mcp_media_codec_get(MCP_MEDIA_CODEC_PCMU)},
        .n_codecs = 3,
        .own_order = TRUE,
    };
    g_autoptr(McpMediaNegotiation) self = mcp_media_negotiation_new(&local);
    g_autofree char *plain = answer_to(self, "0 9 8", "");
    McpMediaCodecId first = mcp_media_negotiation_get(self)->codec->id;
    g_autofree char *crc =
        answer_to(self, "0 97 8", "a=rtpmap:97 AMR/8000\r\na=fmtp:97 octet-align=1; crc=1\r\n");
    McpMediaCodecId second = mcp_media_negotiation_get(self)->codec->id;
    g_autofree char *amr =
        answer_to(self, "0 97 8", "a=rtpmap:97 AMR/8000\r\na=fmtp:97 octet-align=1\r\n");

    g_assert_nonnull(plain);
    g_assert_nonnull(crc);
    g_assert_nonnull(amr);
    g_assert_cmpint(first, ==, MCP_MEDIA_CODEC_PCMA);
    g_assert_cmpint(second, ==, MCP_MEDIA_CODEC_PCMA);
    g_assert_cmpint(mcp_media_negotiation_get(self)->codec->id, ==, MCP_MEDIA_CODEC_AMR_OCTET);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/codec-offers/answers", test_answers);
    g_test_add_func("/media/codec-offers/parameters", test_parameters);
    g_test_add_func("/media/codec-offers/offer", test_offer);
    g_test_add_func("/media/codec-offers/own-order", test_own_order);
    return g_test_run();
}
