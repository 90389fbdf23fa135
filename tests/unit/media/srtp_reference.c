/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second SRTP for tests, written after the standards on OpenSSL alone: what libsrtp and we make
 * of a packet is compared with it, and it with the standards' vectors. Any thread.
 */
#include "srtp_reference.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

gsize
srtp_reference_bytes(const char *hex, guint8 *out)
{
    gsize n = 0;

    for (; *hex != 0; hex++) {
        if (*hex == ' ')
            continue;
        out[n++] = (guint8)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
        hex++;
    }
    return n;
}

static void
counter_mode(const guint8 *key, guint key_length, const guint8 *iv, const guint8 *in, gsize length,
             guint8 *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;

    g_assert_cmpint(EVP_EncryptInit_ex(ctx,
                                       key_length == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr(),
                                       NULL, key, iv),
                    ==, 1);
    g_assert_cmpint(EVP_EncryptUpdate(ctx, out, &n, in, (int)length), ==, 1);
    EVP_CIPHER_CTX_free(ctx);
}

static void
derive(const McpMediaKeys *keys, guint label, gsize length, guint8 *out)
{
    static const guint8 zeroes[64] = {0};
    const McpMediaSuiteInfo *suite = mcp_media_suite_get_info(keys->suite);
    guint8 iv[16] = {0};

    memcpy(iv, keys->keys[0].secret + suite->key_length, suite->salt_length);
    iv[7] ^= (guint8)label;
    counter_mode(keys->keys[0].secret, suite->key_length, iv, zeroes, length, out);
}

void
srtp_reference_derive(const McpMediaKeys *keys, guint first_label, SrtpReferenceKeys *out)
{
    const McpMediaSuiteInfo *suite = mcp_media_suite_get_info(keys->suite);

    derive(keys, first_label, suite->key_length, out->cipher);
    derive(keys, first_label + 1, sizeof out->auth, out->auth);
    derive(keys, first_label + 2, suite->salt_length, out->salt);
}

/* What is left clear in front, and how it and the rest are authenticated. */
gsize
srtp_reference_gcm(const SrtpReferenceKeys *keys, guint key_length, const guint8 *packet,
                   gsize length, guint64 index, gboolean rtcp, guint8 *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    gsize header = rtcp ? 8 : 12;
    guint32 word = GUINT32_TO_BE((guint32)index | 0x80000000u);
    guint8 iv[12] = {0};
    int n = 0;

    memcpy(iv + 2, packet + (rtcp ? 4 : 8), 4);
    for (guint i = 0; i < 6; i++)
        iv[11 - i] = (guint8)(index >> 8 * i);
    for (guint i = 0; i < 12; i++)
        iv[i] ^= keys->salt[i];
    EVP_EncryptInit_ex(ctx, key_length == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), NULL,
                       keys->cipher, iv);
    EVP_EncryptUpdate(ctx, NULL, &n, packet, (int)header);
    if (rtcp)
        EVP_EncryptUpdate(ctx, NULL, &n, (const guint8 *)&word, 4);
    memcpy(out, packet, header);
    EVP_EncryptUpdate(ctx, out + header, &n, packet + header, (int)(length - header));
    EVP_EncryptFinal_ex(ctx, out + length, &n);
    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, out + length);
    EVP_CIPHER_CTX_free(ctx);
    if (!rtcp)
        return length + 16;
    memcpy(out + length + 16, &word, 4);
    return length + 20;
}

gsize
srtp_reference_cm(const SrtpReferenceKeys *keys, guint key_length, guint tag_length,
                  const guint8 *packet, gsize length, guint32 counter, guint8 *out)
{
    g_autofree guint8 *text = g_malloc(length + 4);
    guint32 roll_over = GUINT32_TO_BE(counter);
    guint8 tag[EVP_MAX_MD_SIZE];
    guint8 iv[16] = {0};

    memcpy(iv, keys->salt, 14);
    for (guint i = 0; i < 4; i++) {
        iv[4 + i] ^= packet[8 + i];
        iv[8 + i] ^= ((const guint8 *)&roll_over)[i];
    }
    iv[12] ^= packet[2];
    iv[13] ^= packet[3];
    memcpy(out, packet, 12);
    counter_mode(keys->cipher, key_length, iv, packet + 12, length - 12, out + 12);
    memcpy(text, out, length);
    memcpy(text + length, &roll_over, 4);
    HMAC(EVP_sha1(), keys->auth, 20, text, length + 4, tag, NULL);
    memcpy(out + length, tag, tag_length);
    return length + tag_length;
}
