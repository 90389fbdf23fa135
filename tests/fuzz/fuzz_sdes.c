/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of a=crypto: the input's lines as those of one offer, chosen from as an answerer
 * does; each that can be read is written and read again, and answers our own offer.
 */
#include "protection/crypto_attribute.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const McpMediaSuite ours[] = {
    MCP_MEDIA_SUITE_AEAD_AES_256_GCM,        MCP_MEDIA_SUITE_AEAD_AES_128_GCM,
    MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80, MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_32,
    MCP_MEDIA_SUITE_AES_256_CM_HMAC_SHA1_80,
};

static void
answer(const char *line)
{
    McpMediaCryptoAttribute offered[G_N_ELEMENTS(ours)] = {0};
    g_auto(McpMediaCryptoAttribute) accepted = {0};
    g_autoptr(GError) error = NULL;
    guint index = 0;

    for (guint i = 0; i < G_N_ELEMENTS(ours); i++)
        mcp_media_crypto_attribute_make(&offered[i], i + 1, ours[i], NULL);
    if (mcp_media_crypto_match_answer(line, offered, G_N_ELEMENTS(ours), &accepted, &index,
                                      &error)) {
        if (accepted.keys.suite != ours[index] || accepted.tag != index + 1)
            __builtin_trap();
    } else if (error == NULL) {
        __builtin_trap();
    }
}

static void
write_again(const McpMediaCryptoAttribute *attribute)
{
    g_auto(McpMediaCryptoAttribute) again = {0};
    char *text = mcp_media_crypto_attribute_format(attribute);

    if (!mcp_media_crypto_attribute_parse(text, &again, NULL) ||
        !mcp_media_keys_equal(&attribute->keys, &again.keys) || attribute->tag != again.tag ||
        attribute->window != again.window || attribute->derivation != again.derivation)
        __builtin_trap();
    mcp_media_crypto_text_free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", MCP_MEDIA_CRYPTO_LINES_MAX + 1);
    g_auto(McpMediaCryptoAttribute) chosen = {0};
    g_autoptr(GString) refusals = g_string_new(NULL);
    guint n = g_strv_length(lines);

    for (guint i = 0; i < n; i++) {
        g_auto(McpMediaCryptoAttribute) attribute = {0};
        g_autoptr(GError) error = NULL;

        if (mcp_media_crypto_attribute_parse(lines[i], &attribute, &error))
            write_again(&attribute);
        else if (error == NULL)
            __builtin_trap();
        answer(lines[i]);
    }
    if (mcp_media_crypto_choose((const char *const *)lines, n, ours, G_N_ELEMENTS(ours), &chosen,
                                refusals) &&
        !mcp_media_crypto_attribute_check(&chosen, NULL))
        __builtin_trap();
    return 0;
}
