/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encryption in offer and answer: who may bring keys, which suite is taken, which keys go on, and
 * what an operator reads about the rest.
 */
#include "sdp/offer_answer.h"

#include <mcp/error.h>
#include <string.h>

#define HEAD "v=0\r\no=- 7 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
#define KEY_A "inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ"
#define KEY_B "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR"
#define CM_80 "AES_CM_128_HMAC_SHA1_80 "
#define GCM "AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="

static McpMediaNegotiation *
negotiation(McpMediaProtectionMode mode, gboolean sdes)
{
    McpMediaLocal local = {
        .address = "192.0.2.1",
        .port = 20000,
        .ptime = 20,
        .codecs = {mcp_media_codec_get(MCP_MEDIA_CODEC_PCMU)},
        .n_codecs = 1,
        .protection = mode,
        .sdes = sdes,
        .suites = {{MCP_MEDIA_SUITE_AEAD_AES_128_GCM, MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80,
                    MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_32},
                   3},
    };

    return mcp_media_negotiation_new(&local);
}

static McpSdp *
sdp_of(const char *body)
{
    g_autofree char *text = g_strconcat(HEAD, body, NULL);
    g_autoptr(GError) error = NULL;
    McpSdp *sdp = mcp_sdp_parse(text, strlen(text), &error);

    g_assert_no_error(error);
    return sdp;
}

/* (nullable): the first a=crypto line of the answer; with the error, if there is one. */
static const char *
answer_crypto(McpMediaNegotiation *self, const char *body, McpSdp **out_answer, GError **error)
{
    g_autoptr(McpSdp) offer = sdp_of(body);

    g_clear_pointer(out_answer, mcp_sdp_unref);
    *out_answer = mcp_media_negotiation_answer(self, offer, error);
    return *out_answer != NULL
               ? mcp_sdp_media_get_attribute(mcp_sdp_get_media(*out_answer, 0), "crypto")
               : NULL;
}

static void
test_policy(void)
{
    static const struct {
        McpMediaProtectionMode mode;
        gboolean sdes;
        const char *body;
        const char *refusal; /* NULL: taken */
    } cases[] = {
        {MCP_MEDIA_PROTECTION_OFF, TRUE, "m=audio 4000 RTP/AVP 0\r\n", NULL},
        {MCP_MEDIA_PROTECTION_OFF, TRUE,
         "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 " CM_80 KEY_A "\r\n", "srtp is \"off\""},
        {MCP_MEDIA_PROTECTION_OPTIONAL, FALSE,
         "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 " CM_80 KEY_A "\r\n", "sdes_without_tls"},
        {MCP_MEDIA_PROTECTION_OPTIONAL, TRUE,
         "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 " CM_80 KEY_A "\r\n", NULL},
        {MCP_MEDIA_PROTECTION_OPTIONAL, TRUE, "m=audio 4000 RTP/AVPF 0\r\n", NULL},
        {MCP_MEDIA_PROTECTION_OPTIONAL, TRUE, "m=audio 4000 RTP/SAVP 0\r\n",
         "no usable a=crypto line"},
        {MCP_MEDIA_PROTECTION_OPTIONAL, TRUE,
         "m=audio 4000 RTP/SAVPF 0\r\na=crypto:1 F8_128_HMAC_SHA1_80 " KEY_A "\r\n",
         "no usable a=crypto line: "},
        {MCP_MEDIA_PROTECTION_REQUIRED, TRUE, "m=audio 4000 RTP/AVP 0\r\n", "srtp is \"required\""},
        {MCP_MEDIA_PROTECTION_REQUIRED, TRUE,
         "m=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/SAVP 0\r\na=crypto:1 " CM_80 KEY_A "\r\n",
         NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(McpMediaNegotiation) self = negotiation(cases[i].mode, cases[i].sdes);
        g_autoptr(McpSdp) answer = NULL;
        g_autoptr(GError) error = NULL;

        g_test_message("%u: %s", i, cases[i].body);
        answer_crypto(self, cases[i].body, &answer, &error);
        if (cases[i].refusal == NULL) {
            g_assert_no_error(error);
            continue;
        }
        g_assert_error(error, MCP_ERROR, MCP_ERROR_MEDIA);
        if (strstr(error->message, cases[i].refusal) == NULL)
            g_error("\"%s\" is not in \"%s\"", cases[i].refusal, error->message);
        g_assert_null(strstr(error->message, "inline"));
        g_assert_null(mcp_media_negotiation_get_sdes(self));
    }
}

/* GCM wins where it is offered; tag and suite are those of the accepted line. */
static void
test_choice(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation(MCP_MEDIA_PROTECTION_OPTIONAL, TRUE);
    g_autoptr(McpSdp) answer = NULL;
    g_autoptr(GError) error = NULL;
    const char *line = answer_crypto(
        self, "m=audio 4000 RTP/SAVP 0\r\na=crypto:3 " CM_80 KEY_A "\r\na=crypto:7 " GCM "\r\n",
        &answer, &error);

    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(line, "7 AEAD_AES_128_GCM inline:"));
    g_assert_null(strstr(line, "AAECAwQF"));
    g_assert_cmpstr(mcp_sdp_get_media(answer, 0)->protocol, ==, "RTP/SAVP");
}

/* The same offer gives the same answer; a new key of theirs is one of theirs alone. */
static void
test_keys_go_on(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation(MCP_MEDIA_PROTECTION_OPTIONAL, TRUE);
    g_autoptr(McpSdp) answer = NULL;
    g_autofree char *first = NULL;
    g_autofree char *plain = NULL;
    guint64 serial = 0;

    first = g_strdup(answer_crypto(
        self, "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 " CM_80 KEY_A "\r\n", &answer, NULL));
    serial = mcp_media_negotiation_get(self)->protection;
    g_assert_cmpuint(serial, !=, 0);
    g_assert_cmpstr(first, ==,
                    answer_crypto(self, "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 " CM_80 KEY_A "\r\n",
                                  &answer, NULL));
    g_assert_cmpuint(mcp_media_negotiation_get(self)->protection, ==, serial);
    /* On hold, and with another order of lines: nothing is keyed anew. */
    answer_crypto(
        self,
        "m=audio 4000 RTP/SAVP 0\r\na=sendonly\r\na=crypto:1 AES_192_CM_HMAC_SHA1_80 " KEY_B
        "\r\na=crypto:2 " CM_80 KEY_A "\r\n",
        &answer, NULL);
    g_assert_cmpuint(mcp_media_negotiation_get(self)->protection, ==, serial);
    g_assert_cmpstr(
        strchr(first, ' '), ==,
        strchr(mcp_sdp_media_get_attribute(mcp_sdp_get_media(answer, 0), "crypto"), ' '));
    g_assert_cmpstr(
        strchr(first, ' '), ==,
        strchr(answer_crypto(self, "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 " CM_80 KEY_B "\r\n",
                             &answer, NULL),
               ' '));
    g_assert_cmpuint(mcp_media_negotiation_get(self)->protection, !=, serial);
    mcp_media_negotiation_rollback(self);
    g_assert_cmpuint(mcp_media_negotiation_get(self)->protection, ==, serial);
    /* Our own offer keeps the key of the suite in use. */
    mcp_sdp_unref(answer);
    answer = mcp_media_negotiation_offer(self, NULL);
    plain = g_strdup(strrchr(first, ':'));
    g_assert_nonnull(strstr(mcp_sdp_get_text(answer), plain));
}

static void
test_offer(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation(MCP_MEDIA_PROTECTION_REQUIRED, TRUE);
    g_autoptr(McpMediaNegotiation) open = negotiation(MCP_MEDIA_PROTECTION_REQUIRED, FALSE);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = mcp_media_negotiation_offer(self, &error);
    g_autoptr(McpSdp) clear = sdp_of("m=audio 5000 RTP/AVP 0\r\n");
    g_autoptr(McpSdp) bare = sdp_of("m=audio 5000 RTP/SAVP 0\r\n");
    g_autoptr(McpSdp) wrong = sdp_of("m=audio 5000 RTP/SAVP 0\r\na=crypto:9 " CM_80 KEY_A "\r\n");
    g_autoptr(McpSdp) right = sdp_of("m=audio 5000 RTP/SAVP 0\r\na=crypto:2 " CM_80 KEY_A "\r\n");
    McpSdp *bad[] = {clear, bare, wrong};
    guint64 serial = 0;
    guint lines = 0;

    for (guint i = 0; i < mcp_sdp_get_media(offer, 0)->n_attributes; i++)
        lines += g_strcmp0(mcp_sdp_get_media(offer, 0)->attributes[i].name, "crypto") == 0;
    g_assert_cmpuint(lines, ==, 3);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(mcp_media_negotiation_apply(self, bad[i], &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_MEDIA);
        g_clear_error(&error);
    }
    g_assert_true(mcp_media_negotiation_apply(self, right, &error));
    g_assert_no_error(error);
    serial = mcp_media_negotiation_get(self)->protection;
    g_assert_cmpint(mcp_media_sdes_get_own(mcp_media_negotiation_get_sdes(self))->keys.suite, ==,
                    MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80);
    /* The answer of the 200 that was in the 183 already. */
    g_assert_true(mcp_media_negotiation_apply(self, right, &error));
    g_assert_cmpuint(mcp_media_negotiation_get(self)->protection, ==, serial);
    g_assert_null(mcp_media_negotiation_offer(open, &error));
    g_assert_nonnull(strstr(error->message, "sdes_without_tls"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/sdes/policy", test_policy);
    g_test_add_func("/media/sdes/choice", test_choice);
    g_test_add_func("/media/sdes/keys-go-on", test_keys_go_on);
    g_test_add_func("/media/sdes/offer", test_offer);
    return g_test_run();
}
