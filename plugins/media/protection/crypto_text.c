/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the parts of lines that hold keys, without a copy that would have to be wiped. Pure
 * functions, any thread.
 */
#include "crypto_text.h"

#include <string.h>

gboolean
mcp_media_text_next(McpMediaText *rest, const char *separators, McpMediaText *out_part)
{
    gsize begin = 0;
    gsize end = 0;

    while (begin < rest->length && strchr(separators, rest->at[begin]) != NULL)
        begin++;
    end = begin;
    while (end < rest->length && strchr(separators, rest->at[end]) == NULL)
        end++;
    if (end == begin)
        return FALSE;
    out_part->at = rest->at + begin;
    out_part->length = end - begin;
    rest->at += end;
    rest->length -= end;
    return TRUE;
}

gboolean
mcp_media_text_take_prefix(McpMediaText *text, const char *prefix)
{
    gsize length = strlen(prefix);

    if (text->length < length || memcmp(text->at, prefix, length) != 0)
        return FALSE;
    text->at += length;
    text->length -= length;
    return TRUE;
}

gboolean
mcp_media_text_is(McpMediaText text, const char *word)
{
    return text.length == strlen(word) && memcmp(text.at, word, text.length) == 0;
}

gboolean
mcp_media_text_to_number(McpMediaText text, guint64 max, guint64 *out_number)
{
    guint64 number = 0;

    if (text.length == 0 || text.length > 19 || (text.at[0] == '0' && text.length > 1))
        return FALSE;
    for (gsize i = 0; i < text.length; i++) {
        if (!g_ascii_isdigit(text.at[i]))
            return FALSE;
        number = number * 10 + (guint64)(text.at[i] - '0');
    }
    if (number > max)
        return FALSE;
    *out_number = number;
    return TRUE;
}

static gboolean
multiply_add(guint8 *number, gsize length, guint factor, guint addend)
{
    guint carry = addend;

    for (gsize i = length; i-- > 0;) {
        carry += number[i] * factor;
        number[i] = (guint8)carry;
        carry >>= 8;
    }
    return carry == 0;
}

gboolean
mcp_media_text_to_big_endian(McpMediaText text, guint8 *out, gsize length)
{
    memset(out, 0, length);
    if (text.length == 0 || text.at[0] == '0')
        return FALSE;
    for (gsize i = 0; i < text.length; i++)
        if (!g_ascii_isdigit(text.at[i]) ||
            !multiply_add(out, length, 10, (guint)(text.at[i] - '0')))
            return FALSE;
    return TRUE;
}

char *
mcp_media_text_from_big_endian(const guint8 *data, gsize length)
{
    g_autofree guint8 *number = g_memdup2(data, length);
    GString *digits = g_string_new(NULL);
    gboolean more = TRUE;

    while (more) {
        guint remainder = 0;

        more = FALSE;
        for (gsize i = 0; i < length; i++) {
            remainder = remainder << 8 | number[i];
            number[i] = (guint8)(remainder / 10);
            remainder %= 10;
            more |= number[i] != 0;
        }
        g_string_prepend_c(digits, (char)('0' + remainder));
    }
    return g_string_free(digits, FALSE);
}

static gint
sextet(char character)
{
    if (g_ascii_isupper(character))
        return character - 'A';
    if (g_ascii_islower(character))
        return character - 'a' + 26;
    if (g_ascii_isdigit(character))
        return character - '0' + 52;
    if (character == '+')
        return 62;
    return character == '/' ? 63 : -1;
}

static gsize
drop_padding(McpMediaText *text)
{
    gsize padding = 0;

    while (padding < 2 && text->length > 0 && text->at[text->length - 1] == '=') {
        text->length--;
        padding++;
    }
    return padding;
}

gboolean
mcp_media_text_decode_base64(McpMediaText text, guint8 *out, gsize max, gsize *out_length)
{
    gsize padding = drop_padding(&text);
    gsize length = text.length * 3 / 4;
    guint32 bits = 0;
    guint n_bits = 0;

    if (text.length == 0 || text.length % 4 == 1 ||
        (padding != 0 && (text.length + padding) % 4 != 0))
        return FALSE;
    for (gsize i = 0, at = 0; i < text.length; i++) {
        gint value = sextet(text.at[i]);

        if (value < 0)
            return FALSE;
        bits = bits << 6 | (guint32)value;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            if (length <= max)
                out[at++] = (guint8)(bits >> n_bits);
        }
    }
    if ((bits & ((1u << n_bits) - 1)) != 0)
        return FALSE;
    *out_length = length;
    return TRUE;
}
