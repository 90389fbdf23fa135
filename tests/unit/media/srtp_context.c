/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two protections talk to each other and to a second SRTP made of the standards' text: suites,
 * roll-over, changes of keys, sources, lifetimes, hostile packets.
 */
#include "protection/srtp_context.h"

#include "srtp_reference.h"

#include <mcp/error.h>
#include <string.h>

#define PAYLOAD 160
#define SSRC 0x5501a0b2u
#define ROOM 512

typedef struct {
    guint32 aligned[ROOM / 4];
    gsize length;
} Packet;

static guint8 *
bytes_of(Packet *packet)
{
    return (guint8 *)packet->aligned;
}

static void
make_rtp(Packet *packet, guint16 sequence, guint32 ssrc)
{
    guint8 *data = bytes_of(packet);

    memset(packet, 0, sizeof *packet);
    data[0] = 0x80;
    data[2] = (guint8)(sequence >> 8);
    data[3] = (guint8)sequence;
    for (guint i = 0; i < 4; i++)
        data[8 + i] = (guint8)(ssrc >> (24 - 8 * i));
    for (guint i = 0; i < PAYLOAD; i++)
        data[12 + i] = (guint8)(i * 7 + sequence);
    packet->length = 12 + PAYLOAD;
}

static void
make_rtcp(Packet *packet)
{
    packet->length = srtp_reference_bytes(
        "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef "
        "deadbeef deadbeef deadbeef",
        bytes_of(packet));
}

static void
make_keys(McpMediaKeys *keys, McpMediaSuite suite)
{
    g_autoptr(GError) error = NULL;

    memset(keys, 0, sizeof *keys);
    mcp_media_keys_generate(keys, suite, &error);
    g_assert_no_error(error);
}

static void
set_keys(McpMediaSrtp *srtp, McpMediaSrtpDirection direction, const McpMediaKeys *keys)
{
    g_autoptr(GError) error = NULL;

    mcp_media_srtp_set(srtp, direction, keys, 0, &error);
    g_assert_no_error(error);
}

static McpMediaSrtp *
open_one(McpMediaSrtpDirection direction, const McpMediaKeys *keys)
{
    McpMediaSrtp *srtp = mcp_media_srtp_new();

    set_keys(srtp, direction, keys);
    return srtp;
}

static McpMediaSrtpResult
protect(McpMediaSrtp *srtp, Packet *packet)
{
    return mcp_media_srtp_protect_rtp(srtp, bytes_of(packet), &packet->length, ROOM);
}

static McpMediaSrtpResult
unprotect(McpMediaSrtp *srtp, const Packet *packet, Packet *out_plain)
{
    *out_plain = *packet;
    return mcp_media_srtp_unprotect_rtp(srtp, bytes_of(out_plain), &out_plain->length);
}

static void
assert_same(Packet *a, Packet *b)
{
    g_assert_cmpmem(bytes_of(a), a->length, bytes_of(b), b->length);
}

static void
send_one(McpMediaSrtp *from, McpMediaSrtp *to, guint16 sequence, guint32 ssrc)
{
    Packet plain;
    Packet packet;
    Packet got;

    make_rtp(&plain, sequence, ssrc);
    packet = plain;
    g_assert_cmpint(protect(from, &packet), ==, MCP_MEDIA_SRTP_OK);
    g_assert_cmpint(unprotect(to, &packet, &got), ==, MCP_MEDIA_SRTP_OK);
    assert_same(&plain, &got);
}

/* The second SRTP itself, by RFC 3711 B.3 and RFC 7714 §16.1.1 and §17.1. */
static void
test_vectors(void)
{
    static const char rtp[] = "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 "
                              "20646976 69736120 696e2070 61727465 73207472 6573";
    static const char rtp_gcm[] = "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca "
                                  "be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 "
                                  "6a9152cf 765ee439 0cce";
    static const char rtcp_gcm[] = "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 "
                                   "6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 "
                                   "96cf4d2f c5abf872 45d9eade 800005d4";
    McpMediaKeys keys = {.suite = MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80, .n_keys = 1};
    SrtpReferenceKeys derived = {0};
    guint8 wanted[128];
    guint8 packet[128];
    guint8 out[128];
    Packet report = {0};
    gsize n = 0;

    srtp_reference_bytes("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6",
                         keys.keys[0].secret);
    srtp_reference_derive(&keys, 0, &derived);
    n = srtp_reference_bytes("C61E7A93744F39EE10734AFE3FF7A087", wanted);
    g_assert_cmpmem(derived.cipher, 16, wanted, n);
    n = srtp_reference_bytes("30CBBC08863D8C85D49DB34A9AE1", wanted);
    g_assert_cmpmem(derived.salt, 14, wanted, n);
    n = srtp_reference_bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4", wanted);
    g_assert_cmpmem(derived.auth, 20, wanted, n);

    srtp_reference_bytes("000102030405060708090a0b0c0d0e0f", derived.cipher);
    srtp_reference_bytes("51756964 2070726f 2071756f", derived.salt);
    n = srtp_reference_bytes(rtp, packet);
    n = srtp_reference_gcm(&derived, 16, packet, n, 0xf17b, FALSE, out);
    g_assert_cmpmem(out, n, wanted, srtp_reference_bytes(rtp_gcm, wanted));
    make_rtcp(&report);
    n = srtp_reference_gcm(&derived, 16, bytes_of(&report), report.length, 0x5d4, TRUE, out);
    g_assert_cmpmem(out, n, wanted, srtp_reference_bytes(rtcp_gcm, wanted));
}

/* What we send is what the standards say, bit by bit, and the other side reads it. */
static void
test_suite(gconstpointer data)
{
    McpMediaSuite suite = (McpMediaSuite)GPOINTER_TO_UINT(data);
    const McpMediaSuiteInfo *info = mcp_media_suite_get_info(suite);
    g_auto(McpMediaKeys) keys = {0};
    g_autoptr(McpMediaSrtp) sender = NULL;
    g_autoptr(McpMediaSrtp) receiver = NULL;
    SrtpReferenceKeys derived;
    Packet plain;
    Packet packet;
    Packet got;
    guint8 wanted[ROOM];
    gsize n = 0;

    make_keys(&keys, suite);
    sender = open_one(MCP_MEDIA_SRTP_OUTBOUND, &keys);
    receiver = open_one(MCP_MEDIA_SRTP_INBOUND, &keys);
    make_rtp(&plain, 1234, SSRC);
    packet = plain;
    g_assert_cmpint(protect(sender, &packet), ==, MCP_MEDIA_SRTP_OK);
    srtp_reference_derive(&keys, 0, &derived);
    if (info->aead)
        n = srtp_reference_gcm(&derived, info->key_length, bytes_of(&plain), plain.length, 1234,
                               FALSE, wanted);
    else
        n = srtp_reference_cm(&derived, info->key_length, info->rtp_tag, bytes_of(&plain),
                              plain.length, 0, wanted);
    g_assert_cmpmem(bytes_of(&packet), packet.length, wanted, n);
    g_assert_cmpint(unprotect(receiver, &packet, &got), ==, MCP_MEDIA_SRTP_OK);
    assert_same(&plain, &got);
    g_assert_cmpint(unprotect(receiver, &packet, &got), ==, MCP_MEDIA_SRTP_REPLAY);

    make_rtcp(&plain);
    packet = plain;
    g_assert_cmpint(mcp_media_srtp_protect_rtcp(sender, bytes_of(&packet), &packet.length, ROOM),
                    ==, MCP_MEDIA_SRTP_OK);
    g_assert_cmpuint(packet.length, ==, plain.length + 4 + info->rtcp_tag);
    if (info->aead) {
        srtp_reference_derive(&keys, 3, &derived);
        n = srtp_reference_gcm(&derived, info->key_length, bytes_of(&plain), plain.length, 1, TRUE,
                               wanted);
        g_assert_cmpmem(bytes_of(&packet), packet.length, wanted, n);
    }
    got = packet;
    g_assert_cmpint(mcp_media_srtp_unprotect_rtcp(receiver, bytes_of(&got), &got.length), ==,
                    MCP_MEDIA_SRTP_OK);
    assert_same(&plain, &got);
    got = packet;
    g_assert_cmpint(mcp_media_srtp_unprotect_rtcp(receiver, bytes_of(&got), &got.length), ==,
                    MCP_MEDIA_SRTP_REPLAY);
}

/* Each offer in between repeats the keys: counter and replay window go on (RFC 4568 §6.5). */
static void
test_roll_over(void)
{
    g_auto(McpMediaKeys) keys = {0};
    g_autoptr(McpMediaSrtp) sender = NULL;
    g_autoptr(McpMediaSrtp) receiver = NULL;
    guint32 counter = 0;
    Packet old;
    Packet got;

    make_keys(&keys, MCP_MEDIA_SUITE_AEAD_AES_128_GCM);
    sender = open_one(MCP_MEDIA_SRTP_OUTBOUND, &keys);
    receiver = open_one(MCP_MEDIA_SRTP_INBOUND, &keys);
    for (guint i = 0; i < 80000; i++) {
        if (i % 5000 == 4999) {
            set_keys(sender, MCP_MEDIA_SRTP_OUTBOUND, &keys);
            set_keys(receiver, MCP_MEDIA_SRTP_INBOUND, &keys);
        }
        if (i == 79990) {
            make_rtp(&old, (guint16)(60000 + i), SSRC);
            g_assert_cmpint(protect(sender, &old), ==, MCP_MEDIA_SRTP_OK);
            g_assert_cmpint(unprotect(receiver, &old, &got), ==, MCP_MEDIA_SRTP_OK);
            continue;
        }
        send_one(sender, receiver, (guint16)(60000 + i), SSRC);
    }
    set_keys(receiver, MCP_MEDIA_SRTP_INBOUND, &keys);
    g_assert_cmpint(unprotect(receiver, &old, &got), ==, MCP_MEDIA_SRTP_REPLAY);
    g_assert_true(mcp_media_srtp_get_roll_over(sender, MCP_MEDIA_SRTP_OUTBOUND, SSRC, &counter));
    g_assert_cmpuint(counter, ==, 2);
    counter = 0;
    g_assert_true(mcp_media_srtp_get_roll_over(receiver, MCP_MEDIA_SRTP_INBOUND, SSRC, &counter));
    g_assert_cmpuint(counter, ==, 2);
}

/* A new key begins at counter 0; packets of the old one that are under way are still taken. */
static void
test_new_key(void)
{
    g_auto(McpMediaKeys) first = {0};
    g_auto(McpMediaKeys) second = {0};
    g_autoptr(McpMediaSrtp) sender = NULL;
    g_autoptr(McpMediaSrtp) receiver = NULL;
    Packet late[3];
    Packet got;
    guint32 counter = 9;
    guint16 sequence = 65000;

    make_keys(&first, MCP_MEDIA_SUITE_AEAD_AES_128_GCM);
    make_keys(&second, MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80);
    sender = open_one(MCP_MEDIA_SRTP_OUTBOUND, &first);
    receiver = open_one(MCP_MEDIA_SRTP_INBOUND, &first);
    while (sequence != 100)
        send_one(sender, receiver, sequence++, SSRC);
    g_assert_true(mcp_media_srtp_get_roll_over(receiver, MCP_MEDIA_SRTP_INBOUND, SSRC, &counter));
    g_assert_cmpuint(counter, ==, 1);
    for (guint i = 0; i < G_N_ELEMENTS(late); i++) {
        make_rtp(&late[i], sequence++, SSRC);
        g_assert_cmpint(protect(sender, &late[i]), ==, MCP_MEDIA_SRTP_OK);
    }
    set_keys(receiver, MCP_MEDIA_SRTP_INBOUND, &second);
    g_assert_cmpint(unprotect(receiver, &late[0], &got), ==, MCP_MEDIA_SRTP_OK);
    g_assert_cmpint(unprotect(receiver, &late[0], &got), ==, MCP_MEDIA_SRTP_AUTH_FAIL);
    set_keys(sender, MCP_MEDIA_SRTP_OUTBOUND, &second);
    send_one(sender, receiver, sequence++, SSRC);
    g_assert_true(mcp_media_srtp_get_roll_over(receiver, MCP_MEDIA_SRTP_INBOUND, SSRC, &counter));
    g_assert_cmpuint(counter, ==, 0);
    g_assert_cmpint(unprotect(receiver, &late[1], &got), ==, MCP_MEDIA_SRTP_OK);
    g_assert_cmpuint(got.length, ==, 12 + PAYLOAD);
    for (guint i = 0; i < 300; i++)
        send_one(sender, receiver, sequence++, SSRC);
    g_assert_cmpint(unprotect(receiver, &late[2], &got), !=, MCP_MEDIA_SRTP_OK);
}

/* An offer with other keys is turned down: the old ones come back and go on where they were. */
static void
test_roll_back(void)
{
    g_auto(McpMediaKeys) first = {0};
    g_auto(McpMediaKeys) second = {0};
    g_autoptr(McpMediaSrtp) sender = NULL;
    g_autoptr(McpMediaSrtp) receiver = NULL;
    McpMediaSrtpSession *session = NULL;
    guint32 counter = 0;
    guint16 sequence = 65500;
    Packet seen;
    Packet got;

    make_keys(&first, MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80);
    make_keys(&second, MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80);
    sender = open_one(MCP_MEDIA_SRTP_OUTBOUND, &first);
    receiver = open_one(MCP_MEDIA_SRTP_INBOUND, &first);
    while (sequence != 50)
        send_one(sender, receiver, sequence++, SSRC);
    make_rtp(&seen, sequence++, SSRC);
    g_assert_cmpint(protect(sender, &seen), ==, MCP_MEDIA_SRTP_OK);
    g_assert_cmpint(unprotect(receiver, &seen, &got), ==, MCP_MEDIA_SRTP_OK);
    for (guint i = 0; i < 2; i++) {
        McpMediaSrtpDirection direction = i == 0 ? MCP_MEDIA_SRTP_OUTBOUND : MCP_MEDIA_SRTP_INBOUND;
        McpMediaSrtp *srtp = i == 0 ? sender : receiver;

        set_keys(srtp, direction, &second);
        session = mcp_media_srtp_session_new(direction, &first, 0, NULL);
        g_assert_true(mcp_media_srtp_replace(srtp, session) == session);
        mcp_media_srtp_session_free(session);
    }
    g_assert_cmpint(unprotect(receiver, &seen, &got), ==, MCP_MEDIA_SRTP_REPLAY);
    send_one(sender, receiver, sequence, SSRC);
    g_assert_true(mcp_media_srtp_get_roll_over(sender, MCP_MEDIA_SRTP_OUTBOUND, SSRC, &counter));
    g_assert_cmpuint(counter, ==, 1);
}

/* A transfer behind the other side: another SSRC under the same key, many times. */
static void
test_sources(void)
{
    g_auto(McpMediaKeys) keys = {0};
    g_autoptr(McpMediaSrtp) sender = NULL;
    g_autoptr(McpMediaSrtp) receiver = NULL;
    guint32 counter = 0;

    make_keys(&keys, MCP_MEDIA_SUITE_AEAD_AES_256_GCM);
    sender = open_one(MCP_MEDIA_SRTP_OUTBOUND, &keys);
    receiver = open_one(MCP_MEDIA_SRTP_INBOUND, &keys);
    for (guint i = 0; i < 3 * MCP_MEDIA_SRTP_SOURCES_MAX; i++)
        for (guint k = 0; k < 3; k++)
            send_one(sender, receiver, (guint16)(100 + k), 0x10000000u + i);
    /* The first ones had to go, the last ones are all there. */
    for (guint i = 0; i < 3 * MCP_MEDIA_SRTP_SOURCES_MAX; i++)
        g_assert_cmpint(mcp_media_srtp_get_roll_over(receiver, MCP_MEDIA_SRTP_INBOUND,
                                                     0x10000000u + i, &counter),
                        ==, i >= 2 * MCP_MEDIA_SRTP_SOURCES_MAX);
}

static void
test_reorder(void)
{
    g_auto(McpMediaKeys) keys = {0};
    g_autoptr(McpMediaSrtp) sender = NULL;
    g_autoptr(McpMediaSrtp) receiver = NULL;
    g_autofree Packet *packets = g_new0(Packet, 400);
    Packet got;

    make_keys(&keys, MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_32);
    sender = open_one(MCP_MEDIA_SRTP_OUTBOUND, &keys);
    receiver = open_one(MCP_MEDIA_SRTP_INBOUND, &keys);
    for (guint i = 0; i < 400; i++) {
        make_rtp(&packets[i], (guint16)(65400 + i), SSRC);
        g_assert_cmpint(protect(sender, &packets[i]), ==, MCP_MEDIA_SRTP_OK);
    }
    for (guint i = 0; i < 400; i += 2)
        g_assert_cmpint(unprotect(receiver, &packets[i], &got), ==, MCP_MEDIA_SRTP_OK);
    /* Late ones within the window are taken once, older ones never. */
    for (guint i = 399 - 2 * 60; i < 400; i += 2)
        g_assert_cmpint(unprotect(receiver, &packets[i], &got), ==, MCP_MEDIA_SRTP_OK);
    for (guint i = 399 - 2 * 60; i < 400; i += 2)
        g_assert_cmpint(unprotect(receiver, &packets[i], &got), ==, MCP_MEDIA_SRTP_REPLAY);
    g_assert_cmpint(unprotect(receiver, &packets[1], &got), ==, MCP_MEDIA_SRTP_REPLAY);
}

/* RFC 4568 §6.1: two keys told apart by their MKI; the second one may be used five times. */
static void
test_mki_and_lifetime(gconstpointer data)
{
    g_auto(McpMediaKeys) keys = {0};
    g_auto(McpMediaKeys) second = {0};
    g_autoptr(McpMediaSrtp) receiver = NULL;
    McpMediaSrtp *senders[2] = {NULL, NULL};
    Packet packet;
    Packet got;

    make_keys(&keys, (McpMediaSuite)GPOINTER_TO_UINT(data));
    make_keys(&second, keys.suite);
    keys.mki_length = second.mki_length = 4;
    keys.keys[0].mki[3] = 1;
    second.keys[0].mki[3] = 2;
    second.keys[0].lifetime = 5;
    senders[0] = open_one(MCP_MEDIA_SRTP_OUTBOUND, &keys);
    senders[1] = open_one(MCP_MEDIA_SRTP_OUTBOUND, &second);
    keys.keys[1] = second.keys[0];
    keys.n_keys = 2;
    receiver = open_one(MCP_MEDIA_SRTP_INBOUND, &keys);
    for (guint16 i = 0; i < 5; i++)
        for (guint16 k = 0; k < 2; k++)
            send_one(senders[k], receiver, (guint16)(10 * k + i), SSRC + k);
    send_one(senders[0], receiver, 77, SSRC);
    make_rtp(&packet, 16, SSRC + 1);
    g_assert_cmpint(protect(senders[1], &packet), ==, MCP_MEDIA_SRTP_EXPIRED);
    second.keys[0].lifetime = 0;
    mcp_media_srtp_free(senders[1]);
    senders[1] = open_one(MCP_MEDIA_SRTP_OUTBOUND, &second);
    make_rtp(&packet, 16, SSRC + 1);
    g_assert_cmpint(protect(senders[1], &packet), ==, MCP_MEDIA_SRTP_OK);
    g_assert_cmpint(unprotect(receiver, &packet, &got), ==, MCP_MEDIA_SRTP_EXPIRED);
    mcp_media_srtp_free(senders[1]);
    second.keys[0].mki[3] = 3;
    senders[1] = open_one(MCP_MEDIA_SRTP_OUTBOUND, &second);
    make_rtp(&packet, 17, SSRC + 1);
    g_assert_cmpint(protect(senders[1], &packet), ==, MCP_MEDIA_SRTP_OK);
    g_assert_cmpint(unprotect(receiver, &packet, &got), ==, MCP_MEDIA_SRTP_AUTH_FAIL);
    mcp_media_srtp_free(senders[0]);
    mcp_media_srtp_free(senders[1]);
}

/* Every truncation, every flipped bit: never taken, never a state that is worse afterwards. */
static void
test_hostile(gconstpointer data)
{
    g_auto(McpMediaKeys) keys = {0};
    g_auto(McpMediaKeys) old = {0};
    g_autoptr(McpMediaSrtp) sender = NULL;
    g_autoptr(McpMediaSrtp) receiver = NULL;
    gboolean rtcp = FALSE;

    make_keys(&keys, (McpMediaSuite)GPOINTER_TO_UINT(data));
    make_keys(&old, keys.suite);
    sender = open_one(MCP_MEDIA_SRTP_OUTBOUND, &keys);
    receiver = open_one(MCP_MEDIA_SRTP_INBOUND, &old);
    set_keys(receiver, MCP_MEDIA_SRTP_INBOUND, &keys);
    do {
        Packet plain;
        Packet packet;
        Packet got;
        McpMediaSrtpResult (*take)(McpMediaSrtp *, guint8 *, gsize *) =
            rtcp ? mcp_media_srtp_unprotect_rtcp : mcp_media_srtp_unprotect_rtp;

        if (rtcp)
            make_rtcp(&plain);
        else
            make_rtp(&plain, 77, SSRC);
        packet = plain;
        g_assert_cmpint((rtcp ? mcp_media_srtp_protect_rtcp : mcp_media_srtp_protect_rtp)(
                            sender, bytes_of(&packet), &packet.length, ROOM),
                        ==, MCP_MEDIA_SRTP_OK);
        for (gsize length = 0; length < packet.length; length++) {
            got = packet;
            got.length = length;
            g_assert_cmpint(take(receiver, bytes_of(&got), &got.length), !=, MCP_MEDIA_SRTP_OK);
        }
        for (gsize bit = 0; bit < packet.length * 8; bit++) {
            got = packet;
            bytes_of(&got)[bit / 8] ^= (guint8)(1 << bit % 8);
            g_assert_cmpint(take(receiver, bytes_of(&got), &got.length), !=, MCP_MEDIA_SRTP_OK);
        }
        got = packet;
        g_assert_cmpint(take(receiver, bytes_of(&got), &got.length), ==, MCP_MEDIA_SRTP_OK);
        assert_same(&plain, &got);
        rtcp = !rtcp;
    } while (rtcp);
}

static void
test_refusals(void)
{
    g_auto(McpMediaKeys) keys = {0};
    g_autoptr(McpMediaSrtp) srtp = mcp_media_srtp_new();
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *large = g_malloc0(MCP_MEDIA_SRTP_PACKET_MAX + 4);
    gsize length = MCP_MEDIA_SRTP_PACKET_MAX + 4;
    Packet packet;
    Packet got;

    make_rtp(&packet, 1, SSRC);
    g_assert_cmpint(protect(srtp, &packet), ==, MCP_MEDIA_SRTP_NO_KEY);
    g_assert_cmpint(unprotect(srtp, &packet, &got), ==, MCP_MEDIA_SRTP_NO_KEY);
    g_assert_false(mcp_media_srtp_set(srtp, MCP_MEDIA_SRTP_INBOUND, &keys, 0, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    make_keys(&keys, MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80);
    set_keys(srtp, MCP_MEDIA_SRTP_INBOUND, &keys);
    set_keys(srtp, MCP_MEDIA_SRTP_OUTBOUND, &keys);
    g_assert_cmpint(
        mcp_media_srtp_protect_rtp(srtp, bytes_of(&packet), &packet.length, packet.length + 9), ==,
        MCP_MEDIA_SRTP_NO_ROOM);
    g_assert_cmpint(
        mcp_media_srtp_protect_rtp(srtp, bytes_of(&packet), &packet.length, packet.length + 10), ==,
        MCP_MEDIA_SRTP_OK);
    large[0] = 0x80;
    g_assert_cmpint(mcp_media_srtp_unprotect_rtp(srtp, large, &length), ==,
                    MCP_MEDIA_SRTP_MALFORMED);
    g_assert_cmpint(mcp_media_srtp_protect_rtp(srtp, large, &length, length), ==,
                    MCP_MEDIA_SRTP_MALFORMED);
}

static gpointer
start_one(gpointer data)
{
    g_auto(McpMediaKeys) keys = {0};
    g_autoptr(McpMediaSrtp) sender = NULL;
    g_autoptr(McpMediaSrtp) receiver = NULL;

    make_keys(&keys, MCP_MEDIA_SUITE_AEAD_AES_128_GCM);
    sender = open_one(MCP_MEDIA_SRTP_OUTBOUND, &keys);
    receiver = open_one(MCP_MEDIA_SRTP_INBOUND, &keys);
    for (guint16 i = 0; i < 200; i++)
        send_one(sender, receiver, i, SSRC);
    return NULL;
}

/* First of all tests: the library starts once, whoever comes first. */
static void
test_threads(void)
{
    GThread *threads[8];

    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("srtp", start_one, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
}

static void
add_for_suites(const char *name, GTestDataFunc function)
{
    for (guint i = MCP_MEDIA_SUITE_NONE + 1; i < MCP_MEDIA_N_SUITES; i++) {
        g_autofree char *path = g_strdup_printf("/media/srtp/%s/%s", name,
                                                mcp_media_suite_get_info((McpMediaSuite)i)->name);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), function);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/srtp/threads", test_threads);
    g_test_add_func("/media/srtp/vectors", test_vectors);
    add_for_suites("suite", test_suite);
    add_for_suites("mki", test_mki_and_lifetime);
    add_for_suites("hostile", test_hostile);
    g_test_add_func("/media/srtp/roll-over", test_roll_over);
    g_test_add_func("/media/srtp/new-key", test_new_key);
    g_test_add_func("/media/srtp/roll-back", test_roll_back);
    g_test_add_func("/media/srtp/sources", test_sources);
    g_test_add_func("/media/srtp/reorder", test_reorder);
    g_test_add_func("/media/srtp/refusals", test_refusals);
    return g_test_run();
}
