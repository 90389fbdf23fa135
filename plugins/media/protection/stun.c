/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STUN messages (RFC 5389) as far as ICE needs them: strict reading, writing of responses. Pure
 * functions, any thread.
 */
#include "stun.h"

#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define HEADER 20
#define COOKIE 0x2112a442u
#define DIGEST 20
#define USERNAME_MAX 513 /* RFC 5389 §15.3 */
#define FINGERPRINT_MASK 0x5354554eu

enum {
    MAPPED_ADDRESS = 0x0001,
    USERNAME = 0x0006,
    MESSAGE_INTEGRITY = 0x0008,
    ERROR_CODE = 0x0009,
    UNKNOWN_ATTRIBUTES = 0x000a,
    REALM = 0x0014,
    NONCE = 0x0015,
    XOR_MAPPED_ADDRESS = 0x0020,
    PRIORITY = 0x0024,
    USE_CANDIDATE = 0x0025,
    FINGERPRINT = 0x8028,
    ICE_CONTROLLED = 0x8029,
    ICE_CONTROLLING = 0x802a,
};

typedef struct {
    guint16 type;
    gsize at; /* of its header in the message */
    const guint8 *value;
    gsize length;
} Attribute;

static guint16
read_u16(const guint8 *data)
{
    return (guint16)(data[0] << 8 | data[1]);
}

static guint32
read_u32(const guint8 *data)
{
    return (guint32)read_u16(data) << 16 | read_u16(data + 2);
}

static void
write_u16(guint8 *out, guint number)
{
    out[0] = (guint8)(number >> 8);
    out[1] = (guint8)number;
}

static void
write_u32(guint8 *out, guint32 number)
{
    write_u16(out, number >> 16);
    write_u16(out + 2, number);
}

/* The CRC-32 of ITU V.42, four bits at a time. */
static guint32
crc32(const guint8 *data, gsize length)
{
    static const guint32 table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                      0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                      0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    guint32 crc = 0xffffffffu;

    for (gsize i = 0; i < length; i++) {
        crc ^= data[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* -1: any length; others that are known do not belong into a request and are ignored. */
static gint
length_of(guint16 type)
{
    switch (type) {
    case MESSAGE_INTEGRITY:
        return DIGEST;
    case PRIORITY:
    case FINGERPRINT:
        return 4;
    case USE_CANDIDATE:
        return 0;
    case ICE_CONTROLLED:
    case ICE_CONTROLLING:
        return 8;
    default:
        return -1;
    }
}

static gboolean
is_unknown(guint16 type)
{
    static const guint16 known[] = {
        MAPPED_ADDRESS, USERNAME, MESSAGE_INTEGRITY, ERROR_CODE,         UNKNOWN_ATTRIBUTES,
        REALM,          NONCE,    PRIORITY,          XOR_MAPPED_ADDRESS, USE_CANDIDATE};

    if (type >= 0x8000)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (known[i] == type)
            return FALSE;
    return TRUE;
}

static void
note_unknown(McpMediaStunMessage *message, guint16 type)
{
    if (message->n_unknown < MCP_MEDIA_STUN_UNKNOWN_MAX)
        message->unknown[message->n_unknown++] = type;
}

/* Of an attribute that is there twice the first one counts (RFC 5389 §15). */
static void
take(McpMediaStunMessage *message, const Attribute *attribute)
{
    if (is_unknown(attribute->type)) {
        note_unknown(message, attribute->type);
    } else if (attribute->type == USERNAME && message->username == NULL) {
        message->username = (const char *)attribute->value;
        message->username_length = attribute->length;
    } else if (attribute->type == MESSAGE_INTEGRITY) {
        message->integrity_at = attribute->at;
    } else if (attribute->type == PRIORITY && !message->has_priority) {
        message->has_priority = TRUE;
        message->priority = read_u32(attribute->value);
    } else if (attribute->type == USE_CANDIDATE) {
        message->use_candidate = TRUE;
    } else if (attribute->type == ICE_CONTROLLING) {
        message->has_controlling = TRUE;
    } else if (attribute->type == ICE_CONTROLLED) {
        message->has_controlled = TRUE;
    }
}

static gboolean
next_attribute(const guint8 *data, gsize length, gsize *at, Attribute *out_attribute)
{
    gsize padded = 0;
    gint wanted = 0;

    if (length - *at < 4)
        return FALSE;
    out_attribute->at = *at;
    out_attribute->type = read_u16(data + *at);
    out_attribute->length = read_u16(data + *at + 2);
    out_attribute->value = data + *at + 4;
    padded = (out_attribute->length + 3) & ~(gsize)3;
    wanted = length_of(out_attribute->type);
    if (padded > length - *at - 4 || (wanted >= 0 && out_attribute->length != (gsize)wanted) ||
        (out_attribute->type == USERNAME && out_attribute->length > USERNAME_MAX))
        return FALSE;
    *at += 4 + padded;
    return TRUE;
}

/* RFC 8445 §7.3: FINGERPRINT is used; it is the last one (RFC 5389 §15.5). */
static gboolean
is_fingerprint(const guint8 *data, gsize length, const Attribute *attribute)
{
    return attribute->at + 8 == length &&
           read_u32(attribute->value) == (crc32(data, attribute->at) ^ FINGERPRINT_MASK);
}

gboolean
mcp_media_stun_parse(const guint8 *data, gsize length, McpMediaStunMessage *out_message)
{
    McpMediaStunMessage message = {0};
    gsize at = HEADER;

    if (length < HEADER || length > MCP_MEDIA_STUN_MAX || length % 4 != 0 || data[0] > 3 ||
        read_u32(data + 4) != COOKIE || read_u16(data + 2) != length - HEADER)
        return FALSE;
    message.type = read_u16(data);
    memcpy(message.transaction, data + 8, sizeof message.transaction);
    for (guint i = 0; i < MCP_MEDIA_STUN_ATTRIBUTES_MAX && at < length; i++) {
        Attribute attribute = {0};

        if (!next_attribute(data, length, &at, &attribute))
            return FALSE;
        if (attribute.type == FINGERPRINT) {
            if (!is_fingerprint(data, length, &attribute))
                return FALSE;
            *out_message = message;
            return TRUE;
        }
        /* RFC 5389 §15.4: what follows MESSAGE-INTEGRITY is not covered by it. */
        if (message.integrity_at == 0)
            take(&message, &attribute);
    }
    return FALSE;
}

static gboolean
compute_integrity(const guint8 *data, gsize at, const char *password, guint8 *out_digest)
{
    guint8 text[MCP_MEDIA_STUN_MAX];
    guint n = 0;

    /* The header's length counts to the end of this attribute, whatever follows. */
    memcpy(text, data, at);
    write_u16(text + 2, (guint)(at - HEADER + 4 + DIGEST));
    return HMAC(EVP_sha1(), password, (int)strlen(password), text, at, out_digest, &n) != NULL &&
           n == DIGEST;
}

gboolean
mcp_media_stun_check_integrity(const guint8 *data, const McpMediaStunMessage *message,
                               const char *password)
{
    guint8 digest[EVP_MAX_MD_SIZE];

    return message->integrity_at != 0 &&
           compute_integrity(data, message->integrity_at, password, digest) &&
           CRYPTO_memcmp(digest, data + message->integrity_at + 4, DIGEST) == 0;
}

void
mcp_media_stun_begin(McpMediaStunWriter *writer, guint16 type, const guint8 *transaction)
{
    memset(writer, 0, sizeof *writer);
    write_u16(writer->data, type);
    write_u32(writer->data + 4, COOKIE);
    memcpy(writer->data + 8, transaction, 12);
    writer->length = HEADER;
}

void
mcp_media_stun_add(McpMediaStunWriter *writer, guint16 type, const guint8 *value, gsize length)
{
    gsize padded = (length + 3) & ~(gsize)3;
    guint8 *out = writer->data + writer->length;

    if (padded + 4 > sizeof writer->data - writer->length)
        return;
    write_u16(out, type);
    write_u16(out + 2, (guint)length);
    if (length > 0)
        memcpy(out + 4, value, length);
    writer->length += 4 + padded;
    write_u16(writer->data + 2, (guint)(writer->length - HEADER));
}

void
mcp_media_stun_add_address(McpMediaStunWriter *writer, const struct sockaddr_storage *address)
{
    guint8 value[20] = {0, 1};
    gsize bytes = 4;

    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *inet6 = (const struct sockaddr_in6 *)address;

        value[1] = 2;
        bytes = 16;
        memcpy(value + 2, &inet6->sin6_port, 2);
        memcpy(value + 4, &inet6->sin6_addr, bytes);
    } else {
        const struct sockaddr_in *inet = (const struct sockaddr_in *)address;

        memcpy(value + 2, &inet->sin_port, 2);
        memcpy(value + 4, &inet->sin_addr, bytes);
    }
    /* Cookie and transaction stand side by side in the header. */
    for (gsize i = 0; i < 2; i++)
        value[2 + i] ^= writer->data[4 + i];
    for (gsize i = 0; i < bytes; i++)
        value[4 + i] ^= writer->data[4 + i];
    mcp_media_stun_add(writer, XOR_MAPPED_ADDRESS, value, 4 + bytes);
}

void
mcp_media_stun_add_error(McpMediaStunWriter *writer, guint code, const char *phrase)
{
    guint8 value[64] = {0, 0, (guint8)(code / 100), (guint8)(code % 100)};
    gsize length = MIN(g_strlcpy((char *)value + 4, phrase, sizeof value - 4), sizeof value - 5);

    mcp_media_stun_add(writer, ERROR_CODE, value, 4 + length);
}

gboolean
mcp_media_stun_add_integrity(McpMediaStunWriter *writer, const char *password)
{
    guint8 digest[EVP_MAX_MD_SIZE];

    if (!compute_integrity(writer->data, writer->length, password, digest))
        return FALSE;
    mcp_media_stun_add(writer, MESSAGE_INTEGRITY, digest, DIGEST);
    return TRUE;
}

void
mcp_media_stun_add_fingerprint(McpMediaStunWriter *writer)
{
    guint8 value[4];

    /* The header's length counts this attribute in (RFC 5389 §15.5). */
    write_u16(writer->data + 2, (guint)(writer->length - HEADER + 8));
    write_u32(value, crc32(writer->data, writer->length) ^ FINGERPRINT_MASK);
    mcp_media_stun_add(writer, FINGERPRINT, value, sizeof value);
}
