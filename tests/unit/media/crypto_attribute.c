/* SPDX-License-Identifier: Apache-2.0 */
/*
 * a=crypto lines: those of RFC 4568 and of phones, malformed ones, the choice, our own.
 */
#include "protection/crypto_attribute.h"

#include <mcp/error.h>
#include <string.h>

#define KEY30 "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
#define OTHER30 "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR"
#define KEY28 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="
#define KEY44 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis="
#define KEY46 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLQ=="
#define CM80 "AES_CM_128_HMAC_SHA1_80"
#define CM32 "AES_CM_128_HMAC_SHA1_32"
#define GCM128 "AEAD_AES_128_GCM"
#define GCM256 "AEAD_AES_256_GCM"

static const McpMediaSuite all[] = {
    MCP_MEDIA_SUITE_AEAD_AES_256_GCM,        MCP_MEDIA_SUITE_AEAD_AES_128_GCM,
    MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80, MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_32,
    MCP_MEDIA_SUITE_AES_256_CM_HMAC_SHA1_80, MCP_MEDIA_SUITE_AES_256_CM_HMAC_SHA1_32,
};

static void
parse(const char *line, McpMediaCryptoAttribute *out)
{
    g_autoptr(GError) error = NULL;

    mcp_media_crypto_attribute_parse(line, out, &error);
    g_assert_no_error(error);
}

/* The line of RFC 4568 §6.1 and what it says. */
static void
test_example(void)
{
    g_auto(McpMediaCryptoAttribute) attribute = {0};
    static const guint8 mki[] = {0, 0, 0, 1};

    parse("1 " CM80 "\tinline:" KEY30 "|2^20|1:4  FEC_ORDER=FEC_SRTP", &attribute);
    g_assert_cmpuint(attribute.tag, ==, 1);
    g_assert_cmpint(attribute.keys.suite, ==, MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80);
    g_assert_cmpuint(attribute.keys.n_keys, ==, 1);
    g_assert_cmpmem(attribute.keys.keys[0].secret, 30, "wDfvg&T+)xG7@fb5jU,RaA}\\|p0%*#", 30);
    g_assert_cmpuint(attribute.keys.keys[0].lifetime, ==, 1 << 20);
    g_assert_cmpuint(attribute.keys.mki_length, ==, 4);
    g_assert_cmpmem(attribute.keys.keys[0].mki, 4, mki, 4);
    g_assert_true(mcp_media_crypto_attribute_check(&attribute, NULL));
}

static void
test_parts(void)
{
    g_auto(McpMediaCryptoAttribute) a = {0};

    parse("999999999 " CM32 " inline:" KEY30 "|1066:4", &a);
    g_assert_cmpuint(a.keys.keys[0].lifetime, ==, 0);
    g_assert_cmpmem(a.keys.keys[0].mki, 4, "\0\0\x04\x2a", 4);
    parse("0 " GCM256 " inline:" KEY44 "|281474976710656 WSH=64 WSH=300 -NEW=1 KDR=24", &a);
    g_assert_cmpuint(a.keys.keys[0].lifetime, ==, MCP_MEDIA_RTP_LIFETIME);
    g_assert_cmpuint(a.window, ==, 300);
    g_assert_cmpuint(a.derivation, ==, 24);
    parse("3 AES_256_CM_HMAC_SHA1_80 inline:" KEY46 " FEC_ORDER=SRTP_FEC", &a);
    g_assert_cmpint(a.keys.keys[0].secret[45], ==, 45);
    g_assert_true(a.fec_after);
    /* Padding may be left out, RFC 4568 §6.1. */
    parse("3 " GCM128 " inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw", &a);
    g_assert_cmpint(a.keys.keys[0].secret[27], ==, 27);
    parse("1 " CM80 " inline:" KEY30 "|2^20|1:4;inline:" OTHER30 "|2^20|2:4", &a);
    g_assert_cmpuint(a.keys.n_keys, ==, 2);
    g_assert_cmpmem(a.keys.keys[1].mki, 4, "\0\0\0\2", 4);
    parse("1 " CM80 " inline:" KEY30 "|340282366920938463463374607431768211455:16", &a);
    for (guint i = 0; i < 16; i++)
        g_assert_cmpint(a.keys.keys[0].mki[i], ==, 0xff);
    parse("1 " CM80 " inline:" KEY30 "|1:128", &a);
    g_assert_cmpint(a.keys.keys[0].mki[127], ==, 1);
}

static const struct {
    const char *line;
    const char *reason;
} bad[] = {
    {"", "tag"},
    {"x " CM80 " inline:" KEY30, "tag"},
    {"01 " CM80 " inline:" KEY30, "tag"},
    {"1234567890 " CM80 " inline:" KEY30, "tag"},
    {"-1 " CM80 " inline:" KEY30, "tag"},
    {"1", "no crypto suite"},
    {"1 F8_128_HMAC_SHA1_80 inline:" KEY30, "crypto suite \"F8_128_HMAC_SHA1_80\" is not known"},
    {"1 aes_cm_128_hmac_sha1_80 inline:" KEY30, "is not known"},
    {"1 " CM80, "no key"},
    {"1 " CM80 " ;", "no key"},
    {"1 " CM80 " inline:", "no key behind"},
    {"1 " CM80 " " KEY30, "no method"},
    {"1 " CM80 " uri:https://example.com/k", "key method \"uri\" is not known"},
    {"1 " CM80 " inline:" KEY28, "28 bytes, " CM80 " has 30"},
    {"1 " CM80 " inline:" KEY46, "46 bytes, " CM80 " has 30"},
    {"1 " GCM128 " inline:" KEY30, "30 bytes, " GCM128 " has 28"},
    {"1 " CM80 " inline:" KEY30 "=", "base64"},
    {"1 " CM80 " inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSo", "29 bytes"},
    {"1 " CM80 " inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAw*Soj", "base64"},
    {"1 " CM80 " inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSojA", "base64"},
    {"1 " GCM128 " inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGx==", "base64"},
    {"1 " GCM128 " inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=", "base64"},
    {"1 " CM80 " inline:====", "base64"},
    {"1 " CM80 " inline:" KEY30 "|", "empty field"},
    {"1 " CM80 " inline:" KEY30 "||1:4", "empty field"},
    {"1 " CM80 " inline:|" KEY30, "empty field"},
    {"1 " CM80 " inline:" KEY30 "|2^49", "lifetime"},
    {"1 " CM80 " inline:" KEY30 "|2^020", "lifetime"},
    {"1 " CM80 " inline:" KEY30 "|0", "lifetime"},
    {"1 " CM80 " inline:" KEY30 "|0100", "lifetime"},
    {"1 " CM80 " inline:" KEY30 "|281474976710657", "lifetime"},
    {"1 " CM80 " inline:" KEY30 "|99999999999999999999999", "lifetime"},
    {"1 " CM80 " inline:" KEY30 "|2^20|1", "without its length"},
    {"1 " CM80 " inline:" KEY30 "|1:4|2^20", "follows the mki"},
    {"1 " CM80 " inline:" KEY30 "|1:0", "mki length"},
    {"1 " CM80 " inline:" KEY30 "|1:129", "mki length"},
    {"1 " CM80 " inline:" KEY30 "|1:04", "mki length"},
    {"1 " CM80 " inline:" KEY30 "|1:", "mki length"},
    {"1 " CM80 " inline:" KEY30 "|:4", "mki is no"},
    {"1 " CM80 " inline:" KEY30 "|01:4", "mki is no"},
    {"1 " CM80 " inline:" KEY30 "|0:4", "mki is no"},
    {"1 " CM80 " inline:" KEY30 "|256:1", "mki is no"},
    {"1 " CM80 " inline:" KEY30 "|4294967296:4", "mki is no"},
    {"1 " CM80 " inline:" KEY30 ";inline:" OTHER30, "no mki"},
    {"1 " CM80 " inline:" KEY30 ";inline:" OTHER30 "|1:4", "different lengths"},
    {"1 " CM80 " inline:" KEY30 "|1:4;inline:" OTHER30, "one has no mki"},
    {"1 " CM80 " inline:" KEY30 "|1:4;inline:" OTHER30 "|2:5", "different lengths"},
    {"1 " CM80 " inline:" KEY30 "|1:4;inline:" OTHER30 "|1:4", "two keys have one mki"},
    {"1 " CM80 " inline:" KEY30 "|1:1;inline:" OTHER30 "|2:1;inline:" OTHER30 "|3:1;inline:" OTHER30
     "|4:1;inline:" OTHER30 "|5:1",
     "more than 4 keys"},
    {"1 " CM80 " inline:" KEY30 " NEW", "session parameter \"NEW\" is not known"},
    {"1 " CM80 " inline:" KEY30 " NEW\033[1m", "session parameter \"NEW\\033[1m\" is not known"},
    {"1 " CM80 " inline:" KEY30 " unencrypted_srtp", "is not known"},
    {"1 " CM80 " inline:" KEY30 " KDR=0", "KDR"},
    {"1 " CM80 " inline:" KEY30 " KDR=25", "KDR"},
    {"1 " CM80 " inline:" KEY30 " KDR=01", "KDR"},
    {"1 " CM80 " inline:" KEY30 " WSH=63", "WSH"},
    {"1 " CM80 " inline:" KEY30 " WSH=064", "WSH"},
    {"1 " CM80 " inline:" KEY30 " WSH=", "WSH"},
    {"1 " CM80 " inline:" KEY30 " FEC_ORDER=NONE", "FEC_ORDER"},
    {"1 " CM80 " inline:" KEY30 " FEC_KEY=inline:" OTHER30, "FEC_KEY"},
    {"1 " GCM128 " inline:" KEY28 " UNAUTHENTICATED_SRTP", "AEAD"},
};

/* A reason names what is wrong and never the key. */
static void
test_bad(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        McpMediaCryptoAttribute attribute = {.tag = 4711};
        g_autoptr(GError) error = NULL;

        g_assert_false(mcp_media_crypto_attribute_parse(bad[i].line, &attribute, &error));
        g_assert_nonnull(error);
        if (strstr(error->message, bad[i].reason) == NULL)
            g_error("\"%s\": \"%s\"", bad[i].line, error->message);
        g_assert_null(strstr(error->message, "d0Rm"));
        g_assert_cmpuint(attribute.tag, ==, 4711);
    }
}

/* Every part of a good line cut off behind, and every character of it changed. */
static void
test_damaged(void)
{
    static const char line[] =
        "1 " CM80 " inline:" KEY30 "|2^20|1:4;inline:" OTHER30 "|2^20|2:4 WSH=128 KDR=3";

    for (gsize length = 0; length < sizeof line; length++) {
        g_autofree char *part = g_strndup(line, length);
        g_auto(McpMediaCryptoAttribute) attribute = {0};

        mcp_media_crypto_attribute_parse(part, &attribute, NULL);
    }
    for (gsize at = 0; at + 1 < sizeof line; at++)
        for (guint c = 1; c < 256; c++) {
            g_autofree char *changed = g_strdup(line);
            g_auto(McpMediaCryptoAttribute) attribute = {0};

            changed[at] = (char)c;
            if (mcp_media_crypto_attribute_parse(changed, &attribute, NULL))
                g_assert_cmpuint(attribute.keys.n_keys, >=, 1);
        }
}

static void
test_long(void)
{
    g_autoptr(GString) line = g_string_new("1 " CM80 " inline:" KEY30);
    g_auto(McpMediaCryptoAttribute) attribute = {0};
    g_autoptr(GError) error = NULL;

    while (line->len < MCP_MEDIA_CRYPTO_LINE_MAX)
        g_string_append_c(line, ' ');
    parse(line->str, &attribute);
    g_string_append_c(line, ' ');
    g_assert_false(mcp_media_crypto_attribute_parse(line->str, &attribute, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
}

static void
test_policy(void)
{
    static const char *const lines[] = {
        "1 " CM80 " inline:" KEY30 " UNENCRYPTED_SRTP",
        "2 " CM80 " inline:" KEY30 " UNENCRYPTED_SRTCP",
        "3 " CM80 " inline:" KEY30 " UNAUTHENTICATED_SRTP",
        "4 " CM80 " inline:" KEY30 " KDR=1",
        "5 F8_128_HMAC_SHA1_80 inline:" KEY30,
        "6 AES_256_CM_HMAC_SHA1_80 inline:" KEY46,
    };
    g_autoptr(GString) refusals = g_string_new(NULL);
    McpMediaCryptoAttribute chosen = {.tag = 4711};

    g_assert_false(mcp_media_crypto_choose(lines, G_N_ELEMENTS(lines), all, 4, &chosen, refusals));
    g_assert_cmpuint(chosen.tag, ==, 4711);
    g_assert_cmpstr(refusals->str, ==,
                    "crypto line 1: UNENCRYPTED_SRTP is not allowed; "
                    "crypto line 2: UNENCRYPTED_SRTCP is not allowed; "
                    "crypto line 3: UNAUTHENTICATED_SRTP is not allowed; "
                    "crypto line 4: KDR=1 is not supported; "
                    "crypto line 5: crypto suite \"F8_128_HMAC_SHA1_80\" is not known; "
                    "crypto line 6: its suite is not allowed here");
}

static void
assert_chosen(const char *const *lines, guint n_lines, guint n_ours, guint tag)
{
    g_auto(McpMediaCryptoAttribute) chosen = {0};

    g_assert_true(mcp_media_crypto_choose(lines, n_lines, all, n_ours, &chosen, NULL));
    g_assert_cmpuint(chosen.tag, ==, tag);
}

static void
test_choose(void)
{
    static const char *const lines[] = {
        "1 " CM32 " inline:" KEY30,   "2 " CM80 " inline:" KEY30,   "2 " GCM256 " inline:" KEY44,
        "3 " GCM128 " inline:" KEY28, "4 " GCM256 " inline:" KEY44,
    };

    assert_chosen(lines, 5, G_N_ELEMENTS(all), 4); /* our first GCM suite */
    assert_chosen(lines, 4, G_N_ELEMENTS(all), 3); /* tag 2 stands for its first line */
    assert_chosen(lines, 2, G_N_ELEMENTS(all), 1); /* else the order of the offer */
    assert_chosen(lines, 2, 3, 2);                 /* but of our suites */
    assert_chosen(lines + 1, 4, 1, 4);
}

static void
test_make(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
        g_auto(McpMediaCryptoAttribute) made = {0};
        g_auto(McpMediaCryptoAttribute) other = {0};
        g_auto(McpMediaCryptoAttribute) read = {0};
        g_autoptr(GError) error = NULL;
        char *text = NULL;

        mcp_media_crypto_attribute_make(&made, 7, all[i], &error);
        g_assert_no_error(error);
        mcp_media_crypto_attribute_make(&other, 7, all[i], &error);
        g_assert_no_error(error);
        g_assert_false(mcp_media_keys_equal(&made.keys, &other.keys));
        g_assert_false(mcp_media_keys_share_secret(&made.keys, &other.keys));
        text = mcp_media_crypto_attribute_format(&made);
        parse(text, &read);
        g_assert_true(mcp_media_keys_equal(&made.keys, &read.keys));
        g_assert_cmpuint(read.tag, ==, 7);
        mcp_media_crypto_text_free(text);
    }
}

/* What is read is written again as it was. */
static void
test_round_trip(void)
{
    static const char *const lines[] = {
        "1 " CM80 " inline:" KEY30 "|1048576|1:4;inline:" OTHER30 "|1048576|2:4 WSH=128 KDR=3",
        "2 " CM80 " inline:" KEY30 "|18446744073709551616:9 FEC_ORDER=SRTP_FEC UNENCRYPTED_SRTP"
        " UNENCRYPTED_SRTCP UNAUTHENTICATED_SRTP",
        "3 " GCM256 " inline:" KEY44,
    };

    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_auto(McpMediaCryptoAttribute) attribute = {0};
        char *text = NULL;

        parse(lines[i], &attribute);
        text = mcp_media_crypto_attribute_format(&attribute);
        g_assert_cmpstr(text, ==, lines[i]);
        mcp_media_crypto_text_free(text);
    }
}

static void
test_answer(void)
{
    McpMediaCryptoAttribute offered[2] = {0};
    g_auto(McpMediaCryptoAttribute) answer = {0};
    g_autoptr(GError) error = NULL;
    guint index = 99;
    char *echoed = NULL;

    parse("1 " GCM128 " inline:" KEY28, &offered[0]);
    parse("2 " CM80 " inline:" KEY30, &offered[1]);
    g_assert_true(mcp_media_crypto_match_answer("2 " CM80 " inline:" OTHER30, offered, 2, &answer,
                                                &index, &error));
    g_assert_cmpuint(index, ==, 1);
    g_assert_false(mcp_media_crypto_match_answer("3 " CM80 " inline:" OTHER30, offered, 2, &answer,
                                                 &index, &error));
    g_assert_nonnull(strstr(error->message, "tag 3 was not offered"));
    g_clear_error(&error);
    g_assert_false(mcp_media_crypto_match_answer("1 " CM80 " inline:" OTHER30, offered, 2, &answer,
                                                 &index, &error));
    g_assert_nonnull(strstr(error->message, "suite"));
    g_clear_error(&error);
    g_assert_false(mcp_media_crypto_match_answer("2 " CM80 " inline:" OTHER30 " UNENCRYPTED_SRTP",
                                                 offered, 2, &answer, &index, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_REFUSED);
    g_clear_error(&error);
    echoed = mcp_media_crypto_attribute_format(&offered[1]);
    g_assert_false(mcp_media_crypto_match_answer(echoed, offered, 2, &answer, &index, &error));
    g_assert_nonnull(strstr(error->message, "repeats a key"));
    g_assert_cmpuint(index, ==, 1);
    mcp_media_crypto_text_free(echoed);
}

static void
test_clear(void)
{
    static const McpMediaCryptoAttribute cleared = {0};
    McpMediaCryptoAttribute attribute = {0};

    parse("1 " CM80 " inline:" KEY30 "|2^20|1:4", &attribute);
    mcp_media_crypto_attribute_clear(&attribute);
    g_assert_cmpmem(&attribute, sizeof attribute, &cleared, sizeof cleared);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/crypto-attribute/example", test_example);
    g_test_add_func("/media/crypto-attribute/parts", test_parts);
    g_test_add_func("/media/crypto-attribute/bad", test_bad);
    g_test_add_func("/media/crypto-attribute/damaged", test_damaged);
    g_test_add_func("/media/crypto-attribute/long", test_long);
    g_test_add_func("/media/crypto-attribute/policy", test_policy);
    g_test_add_func("/media/crypto-attribute/choose", test_choose);
    g_test_add_func("/media/crypto-attribute/make", test_make);
    g_test_add_func("/media/crypto-attribute/round-trip", test_round_trip);
    g_test_add_func("/media/crypto-attribute/answer", test_answer);
    g_test_add_func("/media/crypto-attribute/clear", test_clear);
    return g_test_run();
}
