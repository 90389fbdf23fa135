/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The a=crypto lines of SDP (RFC 4568 with the suites of RFC 6188 and RFC 7714): read, judged,
 * chosen, made. Pure functions but for the generator of keys, any thread.
 */
#include "crypto_attribute.h"

#include "crypto_text.h"

#include <mcp/error.h>
#include <string.h>

#define BLANKS " \t"
#define TAG_MAX 999999999
#define WINDOW_MIN 64
#define QUOTED_MAX 40 /* of a word of the other side, in a message */

void
mcp_media_crypto_attribute_clear(McpMediaCryptoAttribute *attribute)
{
    explicit_bzero(attribute, sizeof *attribute);
}

static gboolean
invalid(GError **error, const char *text)
{
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, text);
    return FALSE;
}

/* Only words outside of the key come here. */
static gboolean
unsupported(GError **error, const char *what, McpMediaText word)
{
    g_autofree char *quoted = g_strndup(word.at, MIN(word.length, QUOTED_MAX));
    g_autofree char *printable = g_strescape(quoted, NULL);

    g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s \"%s\" is not known", what, printable);
    return FALSE;
}

/* RFC 4568 §6.1: 2^n or a decimal number, not zero, no leading zeroes, within the suite's life. */
static gboolean
read_lifetime(McpMediaText field, McpMediaMasterKey *key, GError **error)
{
    guint64 number = 0;

    if (mcp_media_text_take_prefix(&field, "2^")) {
        if (!mcp_media_text_to_number(field, 48, &number))
            return invalid(error, "key lifetime is no power of two up to 2^48");
        key->lifetime = G_GUINT64_CONSTANT(1) << number;
        return TRUE;
    }
    if (!mcp_media_text_to_number(field, MCP_MEDIA_RTP_LIFETIME, &number) || number == 0)
        return invalid(error, "key lifetime is no number of packets from 1 to 2^48");
    key->lifetime = number;
    return TRUE;
}

static gboolean
read_mki(McpMediaText field, McpMediaKeys *keys, McpMediaMasterKey *key, GError **error)
{
    const char *colon = memchr(field.at, ':', field.length);
    McpMediaText value = {field.at, (gsize)(colon - field.at)};
    McpMediaText count = {colon + 1, field.length - value.length - 1};
    guint64 length = 0;

    if (!mcp_media_text_to_number(count, MCP_MEDIA_MKI_MAX, &length) || length == 0)
        return invalid(error, "mki length is not 1 to 128");
    if (keys->n_keys > 0 && keys->mki_length != length)
        return invalid(error, "keys have mkis of different lengths");
    if (!mcp_media_text_to_big_endian(value, key->mki, length))
        return invalid(error, "mki is no positive number of its length");
    keys->mki_length = (guint)length;
    return TRUE;
}

static gboolean
read_secret(McpMediaText field, const McpMediaSuiteInfo *suite, McpMediaMasterKey *key,
            GError **error)
{
    gsize wanted = (gsize)suite->key_length + suite->salt_length;
    gsize length = 0;

    if (!mcp_media_text_decode_base64(field, key->secret, wanted, &length))
        return invalid(error, "key is no base64");
    if (length != wanted) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "key and salt have %" G_GSIZE_FORMAT " bytes, %s has %" G_GSIZE_FORMAT, length,
                    suite->name, wanted);
        return FALSE;
    }
    return TRUE;
}

/* key||salt ["|" lifetime] ["|" MKI ":" length]: the MKI has a colon, a lifetime never. */
static gboolean
read_key_fields(McpMediaText info, McpMediaKeys *keys, McpMediaMasterKey *key, GError **error)
{
    McpMediaText field = {0};
    gboolean has_mki = FALSE;

    if (!mcp_media_text_next(&info, "|", &field))
        return invalid(error, "no key behind \"inline:\"");
    if (!read_secret(field, mcp_media_suite_get_info(keys->suite), key, error))
        return FALSE;
    while (mcp_media_text_next(&info, "|", &field)) {
        if (has_mki)
            return invalid(error, "something follows the mki");
        has_mki = memchr(field.at, ':', field.length) != NULL;
        if (has_mki) {
            if (!read_mki(field, keys, key, error))
                return FALSE;
        } else if (key->lifetime != 0) {
            return invalid(error, "two lifetimes, or an mki without its length");
        } else if (!read_lifetime(field, key, error)) {
            return FALSE;
        }
    }
    if (!has_mki && keys->n_keys > 0)
        return invalid(error, "several keys, and one has no mki");
    return TRUE;
}

static gboolean
has_empty_field(McpMediaText info)
{
    for (gsize i = 0; i < info.length; i++)
        if (info.at[i] == '|' && (i + 1 == info.length || info.at[i + 1] == '|' || i == 0))
            return TRUE;
    return FALSE;
}

static gboolean
read_key(McpMediaText parameter, McpMediaKeys *keys, GError **error)
{
    McpMediaMasterKey *key = &keys->keys[keys->n_keys];
    McpMediaText method = {0};
    McpMediaText info = parameter;

    if (keys->n_keys == MCP_MEDIA_KEYS_MAX) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "more than %d keys",
                    MCP_MEDIA_KEYS_MAX);
        return FALSE;
    }
    if (!mcp_media_text_take_prefix(&info, "inline:")) {
        if (memchr(parameter.at, ':', parameter.length) == NULL)
            return invalid(error, "key parameter has no method");
        mcp_media_text_next(&info, ":", &method);
        return unsupported(error, "key method", method);
    }
    if (has_empty_field(info))
        return invalid(error, "key has an empty field");
    if (!read_key_fields(info, keys, key, error))
        return FALSE;
    for (guint i = 0; i < keys->n_keys; i++)
        if (keys->mki_length == 0 || memcmp(keys->keys[i].mki, key->mki, keys->mki_length) == 0)
            return invalid(error, keys->mki_length == 0 ? "several keys without mki"
                                                        : "two keys have one mki");
    keys->n_keys++;
    return TRUE;
}

static gboolean
read_keys(McpMediaText parameters, McpMediaKeys *keys, GError **error)
{
    McpMediaText parameter = {0};

    while (mcp_media_text_next(&parameters, ";", &parameter))
        if (!read_key(parameter, keys, error))
            return FALSE;
    if (keys->n_keys == 0)
        return invalid(error, "no key");
    return TRUE;
}

static gboolean
read_flag(McpMediaText word, McpMediaCryptoAttribute *attribute)
{
    if (mcp_media_text_is(word, "UNENCRYPTED_SRTP"))
        attribute->unencrypted_srtp = TRUE;
    else if (mcp_media_text_is(word, "UNENCRYPTED_SRTCP"))
        attribute->unencrypted_srtcp = TRUE;
    else if (mcp_media_text_is(word, "UNAUTHENTICATED_SRTP"))
        attribute->unauthenticated_srtp = TRUE;
    else if (mcp_media_text_is(word, "FEC_ORDER=SRTP_FEC"))
        attribute->fec_after = TRUE;
    else
        return mcp_media_text_is(word, "FEC_ORDER=FEC_SRTP");
    return TRUE;
}

/* RFC 4568 §6.3: one that is not known makes the line invalid unless it begins with a dash. */
static gboolean
read_session_parameter(McpMediaText word, McpMediaCryptoAttribute *attribute, GError **error)
{
    McpMediaText value = word;
    guint64 number = 0;

    if (word.at[0] == '-' || read_flag(word, attribute))
        return TRUE;
    if (mcp_media_text_take_prefix(&value, "KDR=")) {
        if (!mcp_media_text_to_number(value, 24, &number) || number == 0)
            return invalid(error, "KDR is not 1 to 24");
        attribute->derivation = (guint)number;
        return TRUE;
    }
    if (mcp_media_text_take_prefix(&value, "WSH=")) {
        if (!mcp_media_text_to_number(value, G_MAXUINT, &number) || number < WINDOW_MIN)
            return invalid(error, "WSH is no number from 64");
        attribute->window = (guint)number;
        return TRUE;
    }
    /* §6.3.5: only for FEC on an address of its own, which is never agreed on here. */
    if (mcp_media_text_take_prefix(&value, "FEC_KEY="))
        return invalid(error, "FEC_KEY without a stream for it");
    if (mcp_media_text_take_prefix(&value, "FEC_ORDER="))
        return invalid(error, "FEC_ORDER is neither FEC_SRTP nor SRTP_FEC");
    return unsupported(error, "session parameter", word);
}

static gboolean
read_line(McpMediaText rest, McpMediaCryptoAttribute *attribute, GError **error)
{
    McpMediaText word = {0};
    guint64 tag = 0;

    if (!mcp_media_text_next(&rest, BLANKS, &word) ||
        !mcp_media_text_to_number(word, TAG_MAX, &tag))
        return invalid(error, "tag is no number of up to nine digits");
    attribute->tag = (guint)tag;
    if (!mcp_media_text_next(&rest, BLANKS, &word))
        return invalid(error, "no crypto suite");
    attribute->keys.suite = mcp_media_suite_from_name(word.at, word.length);
    if (attribute->keys.suite == MCP_MEDIA_SUITE_NONE)
        return unsupported(error, "crypto suite", word);
    if (!mcp_media_text_next(&rest, BLANKS, &word))
        return invalid(error, "no key");
    if (!read_keys(word, &attribute->keys, error))
        return FALSE;
    while (mcp_media_text_next(&rest, BLANKS, &word))
        if (!read_session_parameter(word, attribute, error))
            return FALSE;
    /* RFC 7714: an AEAD has no form without authentication. */
    if (attribute->unauthenticated_srtp && mcp_media_suite_get_info(attribute->keys.suite)->aead)
        return invalid(error, "UNAUTHENTICATED_SRTP with an AEAD suite");
    return TRUE;
}

gboolean
mcp_media_crypto_attribute_parse(const char *line, McpMediaCryptoAttribute *out_attribute,
                                 GError **error)
{
    g_auto(McpMediaCryptoAttribute) attribute = {0};
    gsize length = strnlen(line, MCP_MEDIA_CRYPTO_LINE_MAX + 1);

    if (length > MCP_MEDIA_CRYPTO_LINE_MAX)
        return invalid(error, "crypto line is too long");
    if (!read_line((McpMediaText){line, length}, &attribute, error))
        return FALSE;
    *out_attribute = attribute;
    return TRUE;
}

gboolean
mcp_media_crypto_attribute_check(const McpMediaCryptoAttribute *attribute, GError **error)
{
    const char *refused = NULL;

    if (attribute->unencrypted_srtp)
        refused = "UNENCRYPTED_SRTP";
    else if (attribute->unencrypted_srtcp)
        refused = "UNENCRYPTED_SRTCP";
    else if (attribute->unauthenticated_srtp)
        refused = "UNAUTHENTICATED_SRTP";
    if (refused != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED, "%s is not allowed", refused);
        return FALSE;
    }
    if (attribute->derivation != 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "KDR=%u is not supported",
                    attribute->derivation);
        return FALSE;
    }
    return TRUE;
}

/* Where the line stands in our order: less is better; G_MAXUINT: its suite is none of ours. */
static guint
rank_of(McpMediaSuite suite, guint line, const McpMediaSuite *ours, guint n_ours)
{
    for (guint i = 0; i < n_ours; i++)
        if (ours[i] == suite)
            return mcp_media_suite_get_info(suite)->aead ? i : MCP_MEDIA_N_SUITES + line;
    return G_MAXUINT;
}

static void
note_refusal(GString *refusals, guint line, const char *text)
{
    if (refusals != NULL)
        g_string_append_printf(refusals, "%scrypto line %u: %s", refusals->len > 0 ? "; " : "",
                               line + 1, text);
}

/* RFC 4568 §4.1: a tag stands once in a media description; the first one is meant. */
static gboolean
is_new_tag(GArray *tags, guint tag)
{
    for (guint i = 0; i < tags->len; i++)
        if (g_array_index(tags, guint, i) == tag)
            return FALSE;
    g_array_append_val(tags, tag);
    return TRUE;
}

gboolean
mcp_media_crypto_choose(const char *const *lines, guint n_lines, const McpMediaSuite *ours,
                        guint n_ours, McpMediaCryptoAttribute *out_chosen, GString *refusals)
{
    g_autoptr(GArray) tags = g_array_new(FALSE, FALSE, sizeof(guint));
    guint best = G_MAXUINT;

    for (guint i = 0; i < MIN(n_lines, MCP_MEDIA_CRYPTO_LINES_MAX); i++) {
        g_auto(McpMediaCryptoAttribute) attribute = {0};
        g_autoptr(GError) error = NULL;
        guint rank = 0;

        if (!mcp_media_crypto_attribute_parse(lines[i], &attribute, &error) ||
            !mcp_media_crypto_attribute_check(&attribute, &error)) {
            note_refusal(refusals, i, error->message);
            continue;
        }
        rank = rank_of(attribute.keys.suite, i, ours, n_ours);
        if (!is_new_tag(tags, attribute.tag))
            note_refusal(refusals, i, "its tag stands twice");
        else if (rank == G_MAXUINT)
            note_refusal(refusals, i, "its suite is not allowed here");
        else if (rank < best) {
            best = rank;
            *out_chosen = attribute;
        }
    }
    return best != G_MAXUINT;
}

gboolean
mcp_media_crypto_match_answer(const char *line, const McpMediaCryptoAttribute *offered,
                              guint n_offered, McpMediaCryptoAttribute *out_answer,
                              guint *out_index, GError **error)
{
    g_auto(McpMediaCryptoAttribute) answer = {0};
    guint index = 0;

    if (!mcp_media_crypto_attribute_parse(line, &answer, error) ||
        !mcp_media_crypto_attribute_check(&answer, error))
        return FALSE;
    while (index < n_offered && offered[index].tag != answer.tag)
        index++;
    if (index == n_offered) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "tag %u was not offered", answer.tag);
        return FALSE;
    }
    if (offered[index].keys.suite != answer.keys.suite)
        return invalid(error, "the suite is not the one offered with that tag");
    for (guint i = 0; i < n_offered; i++)
        if (mcp_media_keys_share_secret(&answer.keys, &offered[i].keys))
            return invalid(error, "the answer repeats a key of the offer");
    *out_answer = answer;
    *out_index = index;
    return TRUE;
}

gboolean
mcp_media_crypto_attribute_make(McpMediaCryptoAttribute *out_attribute, guint tag,
                                McpMediaSuite suite, GError **error)
{
    g_auto(McpMediaCryptoAttribute) attribute = {.tag = tag};

    if (!mcp_media_keys_generate(&attribute.keys, suite, error))
        return FALSE;
    *out_attribute = attribute;
    return TRUE;
}

static void
append_key(GString *text, const McpMediaKeys *keys, guint index)
{
    const McpMediaSuiteInfo *suite = mcp_media_suite_get_info(keys->suite);
    const McpMediaMasterKey *key = &keys->keys[index];
    char *secret = g_base64_encode(key->secret, (gsize)suite->key_length + suite->salt_length);

    g_string_append_printf(text, "%sinline:%s", index == 0 ? " " : ";", secret);
    mcp_media_crypto_text_free(secret);
    if (key->lifetime != 0)
        g_string_append_printf(text, "|%" G_GUINT64_FORMAT, key->lifetime);
    if (keys->mki_length > 0) {
        g_autofree char *mki = mcp_media_text_from_big_endian(key->mki, keys->mki_length);

        g_string_append_printf(text, "|%s:%u", mki, keys->mki_length);
    }
}

char *
mcp_media_crypto_attribute_format(const McpMediaCryptoAttribute *attribute)
{
    /* Sized so that it does not move and leave a copy behind. */
    GString *text = g_string_sized_new(MCP_MEDIA_CRYPTO_LINE_MAX);

    g_string_append_printf(text, "%u %s", attribute->tag,
                           mcp_media_suite_get_info(attribute->keys.suite)->name);
    for (guint i = 0; i < attribute->keys.n_keys; i++)
        append_key(text, &attribute->keys, i);
    if (attribute->window != 0)
        g_string_append_printf(text, " WSH=%u", attribute->window);
    if (attribute->derivation != 0)
        g_string_append_printf(text, " KDR=%u", attribute->derivation);
    if (attribute->fec_after)
        g_string_append(text, " FEC_ORDER=SRTP_FEC");
    if (attribute->unencrypted_srtp)
        g_string_append(text, " UNENCRYPTED_SRTP");
    if (attribute->unencrypted_srtcp)
        g_string_append(text, " UNENCRYPTED_SRTCP");
    if (attribute->unauthenticated_srtp)
        g_string_append(text, " UNAUTHENTICATED_SRTP");
    return g_string_free(text, FALSE);
}

void
mcp_media_crypto_text_free(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    g_free(text);
}
