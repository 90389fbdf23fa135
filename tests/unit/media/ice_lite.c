/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connectivity checks as agents send them, those of RFC 5769, refused ones and hostile ones; the
 * lines of SDP.
 */
#include "protection/ice_lite.h"

#include <arpa/inet.h>
#include <mcp/error.h>
#include <netinet/in.h>
#include <string.h>

enum {
    USERNAME = 0x0006,
    PRIORITY = 0x0024,
    USE_CANDIDATE = 0x0025,
    SOFTWARE = 0x8022,
    ICE_CONTROLLED = 0x8029,
    ICE_CONTROLLING = 0x802a,
};

#define ERROR_CODE_AT 20 /* the first attribute of an error */

static const guint8 transaction[12] = {0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
                                       0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
static const guint8 eight[8] = {0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36};

static struct sockaddr_storage
address_of(const char *text, guint16 port)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_in *inet = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *inet6 = (struct sockaddr_in6 *)&address;

    if (inet_pton(AF_INET, text, &inet->sin_addr) == 1) {
        address.ss_family = AF_INET;
        inet->sin_port = GUINT16_TO_BE(port);
    } else {
        g_assert_cmpint(inet_pton(AF_INET6, text, &inet6->sin6_addr), ==, 1);
        address.ss_family = AF_INET6;
        inet6->sin6_port = GUINT16_TO_BE(port);
    }
    return address;
}

static void
open_ice(McpMediaIceLite *ice)
{
    g_autoptr(GError) error = NULL;

    mcp_media_ice_lite_init(ice, &error);
    g_assert_no_error(error);
}

static void
begin_check(McpMediaStunWriter *request, const char *username)
{
    const guint8 priority[4] = {0x6e, 0x00, 0x01, 0xff};

    mcp_media_stun_begin(request, MCP_MEDIA_STUN_REQUEST, transaction);
    if (username != NULL)
        mcp_media_stun_add(request, USERNAME, (const guint8 *)username, strlen(username));
    mcp_media_stun_add(request, PRIORITY, priority, sizeof priority);
}

static void
end_check(McpMediaStunWriter *request, const char *password)
{
    if (password != NULL)
        g_assert_true(mcp_media_stun_add_integrity(request, password));
    mcp_media_stun_add_fingerprint(request);
}

static char *
username_of(const McpMediaIceLite *ice)
{
    return g_strdup_printf("%s:h6vY", ice->ufrag);
}

static void
make_check(const McpMediaIceLite *ice, gboolean nominate, McpMediaStunWriter *request)
{
    g_autofree char *username = username_of(ice);

    begin_check(request, username);
    mcp_media_stun_add(request, ICE_CONTROLLING, eight, sizeof eight);
    if (nominate)
        mcp_media_stun_add(request, USE_CANDIDATE, NULL, 0);
    end_check(request, ice->password);
}

static McpMediaIceOutcome
take(McpMediaIceLite *ice, const McpMediaStunWriter *request, McpMediaStunWriter *response)
{
    struct sockaddr_storage from = address_of("192.0.2.1", 32853);

    return mcp_media_ice_lite_take(ice, request->data, request->length, &from, response);
}

static guint
error_of(const McpMediaStunWriter *response)
{
    const guint8 *value = response->data + ERROR_CODE_AT + 4;

    g_assert_cmpuint(response->data[ERROR_CODE_AT + 1], ==, 0x09);
    return value[2] * 100u + value[3];
}

/* RFC 5769 §2.1: the request of an agent that wants to be controlled. */
static void
test_sample_request(void)
{
    static const guint8 sample[] = {
        0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
        0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e,
        0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24,
        0x00, 0x04, 0x6e, 0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1,
        0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68,
        0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c,
        0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5,
        0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};
    McpMediaIceLite ice = {.ufrag = "evtj", .password = "VOkJxbRl1RmTxUk/WvJxBt"};
    McpMediaStunMessage message;
    McpMediaStunWriter response;
    struct sockaddr_storage from = address_of("192.0.2.1", 32853);

    g_assert_true(mcp_media_stun_parse(sample, sizeof sample, &message));
    g_assert_true(mcp_media_stun_check_integrity(sample, &message, ice.password));
    g_assert_false(mcp_media_stun_check_integrity(sample, &message, "VOkJxbRl1RmTxUk/WvJxBu"));
    g_assert_cmpmem(message.username, message.username_length, "evtj:h6vY", 9);
    g_assert_cmpuint(message.priority, ==, 0x6e0001ff);
    g_assert_cmpint(mcp_media_ice_lite_take(&ice, sample, sizeof sample, &from, &response), ==,
                    MCP_MEDIA_ICE_REFUSED);
    g_assert_cmpuint(error_of(&response), ==, 487);
}

/* RFC 5769 §2.2 and §2.3, whose padding is blanks. */
static void
write_sample(McpMediaStunWriter *writer, const struct sockaddr_storage *address)
{
    mcp_media_stun_begin(writer, MCP_MEDIA_STUN_SUCCESS, transaction);
    mcp_media_stun_add(writer, SOFTWARE, (const guint8 *)"test vector ", 12);
    writer->data[23] = 11;
    mcp_media_stun_add_address(writer, address);
    g_assert_true(mcp_media_stun_add_integrity(writer, "VOkJxbRl1RmTxUk/WvJxBt"));
    mcp_media_stun_add_fingerprint(writer);
}

static void
test_sample_responses(void)
{
    static const guint8 ipv4[] = {
        0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
        0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74,
        0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01,
        0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43, 0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99,
        0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba, 0x53, 0xf0, 0x6b,
        0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96};
    static const guint8 ipv6[] = {
        0x01, 0x01, 0x00, 0x48, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
        0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74,
        0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x14, 0x00, 0x02,
        0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5,
        0xbe, 0xd2, 0xb9, 0xd9, 0x00, 0x08, 0x00, 0x14, 0xa3, 0x82, 0x95, 0x4e, 0x4b, 0xe6,
        0x7b, 0xf1, 0x17, 0x84, 0xc9, 0x7c, 0x82, 0x92, 0xc2, 0x75, 0xbf, 0xe3, 0xed, 0x41,
        0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb, 0x0b, 0x4c};
    struct sockaddr_storage address = address_of("192.0.2.1", 32853);
    McpMediaStunWriter writer;

    write_sample(&writer, &address);
    g_assert_cmpmem(writer.data, writer.length, ipv4, sizeof ipv4);
    address = address_of("2001:db8:1234:5678:11:2233:4455:6677", 32853);
    write_sample(&writer, &address);
    g_assert_cmpmem(writer.data, writer.length, ipv6, sizeof ipv6);
}

/* The answer is what the writer, proved above, makes of it. */
static void
test_checks(void)
{
    static const char *const addresses[] = {"198.51.100.7", "2001:db8::7"};
    McpMediaIceLite ice;
    McpMediaStunWriter request;
    McpMediaStunWriter response;
    McpMediaStunWriter wanted;

    open_ice(&ice);
    for (guint i = 0; i < G_N_ELEMENTS(addresses); i++)
        for (guint nominate = 0; nominate < 2; nominate++) {
            struct sockaddr_storage from = address_of(addresses[i], (guint16)(4000 + nominate));

            make_check(&ice, nominate == 1, &request);
            g_assert_cmpint(
                mcp_media_ice_lite_take(&ice, request.data, request.length, &from, &response), ==,
                nominate == 1 ? MCP_MEDIA_ICE_NOMINATED : MCP_MEDIA_ICE_CHECKED);
            mcp_media_stun_begin(&wanted, MCP_MEDIA_STUN_SUCCESS, transaction);
            mcp_media_stun_add_address(&wanted, &from);
            end_check(&wanted, ice.password);
            g_assert_cmpmem(response.data, response.length, wanted.data, wanted.length);
            g_assert_cmpint(ice.has_nominated, ==, i > 0 || nominate == 1);
            if (nominate == 1)
                g_assert_cmpmem(&ice.nominated, sizeof from, &from, sizeof from);
        }
    g_assert_cmpuint(ice.checks, ==, 4);
    mcp_media_ice_lite_clear(&ice);
}

static void
assert_refused(McpMediaIceLite *ice, McpMediaStunWriter *request, guint code, gboolean is_signed)
{
    McpMediaStunWriter response;
    McpMediaStunMessage message;

    end_check(request, ice->password);
    g_assert_cmpint(take(ice, request, &response), ==, MCP_MEDIA_ICE_REFUSED);
    g_assert_cmpuint(error_of(&response), ==, code);
    g_assert_true(mcp_media_stun_parse(response.data, response.length, &message));
    g_assert_cmpint(message.type, ==, MCP_MEDIA_STUN_ERROR);
    g_assert_cmpmem(message.transaction, 12, transaction, 12);
    g_assert_cmpint(mcp_media_stun_check_integrity(response.data, &message, ice->password), ==,
                    is_signed);
    g_assert_cmpuint(response.length, <=, request->length + 32);
}

static void
test_refused(void)
{
    McpMediaIceLite ice;
    McpMediaStunWriter request;
    McpMediaStunWriter response;
    g_autofree char *username = NULL;
    g_autofree char *no_colon = NULL;

    open_ice(&ice);
    username = username_of(&ice);
    no_colon = g_strdelimit(g_strdup(username), ":", '.');
    begin_check(&request, username);
    mcp_media_stun_add(&request, ICE_CONTROLLED, eight, sizeof eight);
    assert_refused(&ice, &request, 487, TRUE);
    begin_check(&request, NULL);
    assert_refused(&ice, &request, 400, FALSE);
    begin_check(&request, username); /* neither controlling nor controlled */
    assert_refused(&ice, &request, 400, FALSE);
    begin_check(&request, "some:body");
    assert_refused(&ice, &request, 401, FALSE);
    begin_check(&request, no_colon);
    assert_refused(&ice, &request, 401, FALSE);
    begin_check(&request, ice.ufrag);
    assert_refused(&ice, &request, 401, FALSE);
    begin_check(&request, username);
    mcp_media_stun_add(&request, 0x7fff, eight, 3);
    mcp_media_stun_add(&request, 0xffff, eight, 3); /* may be ignored */
    mcp_media_stun_add(&request, 0x0003, eight, 4);
    assert_refused(&ice, &request, 420, TRUE);
    g_assert_cmpint(take(&ice, &request, &response), ==, MCP_MEDIA_ICE_REFUSED);
    /* ERROR-CODE with 17 characters of text, then UNKNOWN-ATTRIBUTES with the two. */
    g_assert_cmpmem(response.data + ERROR_CODE_AT + 28, 8, "\x00\x0a\x00\x04\x7f\xff\x00\x03", 8);
    g_assert_false(ice.has_nominated);
    g_assert_cmpuint(ice.checks, ==, 0);
    mcp_media_ice_lite_clear(&ice);
}

static void
assert_ignored(McpMediaIceLite *ice, McpMediaStunWriter *request)
{
    McpMediaStunWriter response = {.length = 4711};

    g_assert_cmpint(take(ice, request, &response), ==, MCP_MEDIA_ICE_IGNORED);
    g_assert_cmpuint(response.length, ==, 4711);
}

static void
test_silence(void)
{
    McpMediaIceLite ice;
    McpMediaIceLite other;
    McpMediaStunWriter request;
    g_autofree char *username = NULL;
    static const guint16 types[] = {0x0011, 0x0101, 0x0111, 0x0003};

    open_ice(&ice);
    open_ice(&other);
    username = username_of(&ice);
    make_check(&other, TRUE, &request); /* of another leg */
    assert_ignored(&ice, &request);
    begin_check(&request, username); /* who does not know the password */
    mcp_media_stun_add(&request, ICE_CONTROLLING, eight, 8);
    end_check(&request, other.password);
    assert_ignored(&ice, &request);
    begin_check(&request, username);
    end_check(&request, NULL);
    assert_ignored(&ice, &request);
    begin_check(&request, username); /* no FINGERPRINT */
    mcp_media_stun_add_integrity(&request, ice.password);
    assert_ignored(&ice, &request);
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        mcp_media_stun_begin(&request, types[i], transaction);
        mcp_media_stun_add(&request, USERNAME, (const guint8 *)username, strlen(username));
        end_check(&request, ice.password);
        assert_ignored(&ice, &request);
    }
    make_check(&ice, TRUE, &request); /* something behind FINGERPRINT */
    mcp_media_stun_add(&request, SOFTWARE, eight, 8);
    assert_ignored(&ice, &request);
    begin_check(&request, username); /* an attribute of another length than it has */
    mcp_media_stun_add(&request, ICE_CONTROLLING, eight, 4);
    end_check(&request, ice.password);
    assert_ignored(&ice, &request);
    g_assert_cmpuint(ice.checks + ice.refused, ==, 0);
}

/* RFC 5389 §15.4: USE-CANDIDATE behind MESSAGE-INTEGRITY nominates nothing. */
static void
test_behind_integrity(void)
{
    McpMediaIceLite ice;
    McpMediaStunWriter request;
    McpMediaStunWriter response;
    g_autofree char *username = NULL;

    open_ice(&ice);
    username = username_of(&ice);
    begin_check(&request, username);
    mcp_media_stun_add(&request, ICE_CONTROLLING, eight, sizeof eight);
    mcp_media_stun_add_integrity(&request, ice.password);
    mcp_media_stun_add(&request, USE_CANDIDATE, NULL, 0);
    mcp_media_stun_add_fingerprint(&request);
    g_assert_cmpint(take(&ice, &request, &response), ==, MCP_MEDIA_ICE_CHECKED);
    g_assert_false(ice.has_nominated);
}

/* Each length, each bit; with a fingerprint mended as an attacker would, too. */
static void
test_hostile(void)
{
    McpMediaIceLite ice;
    McpMediaStunWriter good;
    McpMediaStunWriter response;
    struct sockaddr_storage from = address_of("192.0.2.1", 32853);

    open_ice(&ice);
    make_check(&ice, TRUE, &good);
    for (gsize length = 0; length < good.length; length++) {
        g_autofree guint8 *copy = g_memdup2(good.data, length);

        g_assert_cmpint(mcp_media_ice_lite_take(&ice, copy, length, &from, &response), ==,
                        MCP_MEDIA_ICE_IGNORED);
    }
    for (gsize bit = 0; bit < good.length * 8; bit++) {
        McpMediaStunWriter bad = good;

        bad.data[bit / 8] ^= (guint8)(1 << bit % 8);
        g_assert_cmpint(take(&ice, &bad, &response), ==, MCP_MEDIA_ICE_IGNORED);
        bad.length -= 8;
        mcp_media_stun_add_fingerprint(&bad);
        /* The header's length is written again, the fingerprint's own bits are mended. */
        if (bit / 8 != 2 && bit / 8 != 3 && bit / 8 < bad.length - 8)
            g_assert_cmpint(take(&ice, &bad, &response), ==, MCP_MEDIA_ICE_IGNORED);
    }
    g_assert_cmpint(take(&ice, &good, &response), ==, MCP_MEDIA_ICE_NOMINATED);
}

/* A thousand random bodies behind a right header and fingerprint. */
static void
test_random(void)
{
    McpMediaIceLite ice;
    McpMediaStunWriter response;

    open_ice(&ice);
    for (guint i = 0; i < 20000; i++) {
        McpMediaStunWriter request;
        guint n = (guint)g_test_rand_int_range(0, 50) * 4;

        mcp_media_stun_begin(&request, MCP_MEDIA_STUN_REQUEST, transaction);
        for (guint k = 0; k < n; k++)
            request.data[request.length++] =
                (guint8)g_test_rand_int_range(0, k % 4 == 0 || k % 4 == 2 ? 2 : 48);
        mcp_media_stun_add_fingerprint(&request);
        g_assert_cmpint(take(&ice, &request, &response), ==, MCP_MEDIA_ICE_IGNORED);
    }
}

static void
test_credentials(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    McpMediaIceLite cleared = {0};
    McpMediaIceLite ice;

    for (guint i = 0; i < 1000; i++) {
        open_ice(&ice);
        g_assert_cmpuint(strlen(ice.ufrag), ==, MCP_MEDIA_ICE_UFRAG);
        g_assert_cmpuint(strlen(ice.password), ==, MCP_MEDIA_ICE_PASSWORD);
        g_assert_true(g_hash_table_add(seen, g_strdup(ice.password)));
    }
    mcp_media_ice_lite_clear(&ice);
    g_assert_cmpmem(&ice, sizeof ice, &cleared, sizeof cleared);
}

static void
test_remote(void)
{
    static const struct {
        const char *ufrag;
        const char *password;
        const char *reason;
    } bad[] = {
        {"abc", "0123456789012345678901", "ice-ufrag"},
        {"", "", "ice-ufrag"},
        {"ab-d", "0123456789012345678901", "ice-ufrag"},
        {"abcd", "012345678901234567890", "ice-pwd"},
        {"abcd", "0123456789012345678901\r", "ice-pwd"},
    };
    g_autofree char *longest = g_strnfill(256, 'x');
    g_autofree char *too_long = g_strnfill(257, 'x');
    McpMediaIceLite ice;
    gboolean restart = TRUE;
    g_autoptr(GError) error = NULL;

    open_ice(&ice);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(
            mcp_media_ice_lite_set_remote(&ice, bad[i].ufrag, bad[i].password, &restart, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
        g_assert_true(g_str_has_prefix(error->message, bad[i].reason));
        g_clear_error(&error);
    }
    g_assert_false(mcp_media_ice_lite_set_remote(&ice, too_long, longest, &restart, NULL));
    g_assert_true(
        mcp_media_ice_lite_set_remote(&ice, "8hhY", "asd88fgpdd777uzjYhagZg", &restart, NULL));
    g_assert_false(restart);
    g_assert_true(
        mcp_media_ice_lite_set_remote(&ice, "8hhY", "asd88fgpdd777uzjYhagZg", &restart, NULL));
    g_assert_false(restart);
    g_assert_true(mcp_media_ice_lite_set_remote(&ice, longest, longest, &restart, NULL));
    g_assert_true(restart);
}

static void
test_sdp(void)
{
    const McpMediaIceLite ice = {.ufrag = "8hhYabcd", .password = "asd88fgpdd777uzjYhagZgxy"};
    const struct sockaddr_storage addresses[] = {
        address_of("192.0.2.1", 20000),
        address_of("2001:db8::1", 20002),
        {.ss_family = AF_UNIX},
    };
    g_autoptr(GString) sdp = g_string_new(NULL);

    mcp_media_ice_append_session(sdp);
    mcp_media_ice_lite_append_media(&ice, addresses, G_N_ELEMENTS(addresses), sdp);
    g_assert_cmpstr(sdp->str, ==,
                    "a=ice-lite\r\n"
                    "a=ice-ufrag:8hhYabcd\r\n"
                    "a=ice-pwd:asd88fgpdd777uzjYhagZgxy\r\n"
                    "a=candidate:1 1 UDP 2130706431 192.0.2.1 20000 typ host\r\n"
                    "a=candidate:2 1 UDP 2130706175 2001:db8::1 20002 typ host\r\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/ice-lite/sample-request", test_sample_request);
    g_test_add_func("/media/ice-lite/sample-responses", test_sample_responses);
    g_test_add_func("/media/ice-lite/checks", test_checks);
    g_test_add_func("/media/ice-lite/refused", test_refused);
    g_test_add_func("/media/ice-lite/silence", test_silence);
    g_test_add_func("/media/ice-lite/behind-integrity", test_behind_integrity);
    g_test_add_func("/media/ice-lite/hostile", test_hostile);
    g_test_add_func("/media/ice-lite/random", test_random);
    g_test_add_func("/media/ice-lite/credentials", test_credentials);
    g_test_add_func("/media/ice-lite/remote", test_remote);
    g_test_add_func("/media/ice-lite/sdp", test_sdp);
    return g_test_run();
}
