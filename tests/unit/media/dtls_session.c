/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sessions shake hands over a pipe in memory that loses, doubles, reorders and damages; their
 * keys protect a call. Fingerprints, cookies, limits.
 */
#include "protection/dtls_session.h"

#include "protection/demultiplex.h"
#include "protection/srtp_context.h"

#include <mcp/error.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>

#define RETRANSMIT_MS 20

typedef struct {
    McpMediaDtls *dtls;
    McpMediaDtlsCredentials *credentials;
    GQueue sent; /* GBytes */
    struct sockaddr_storage address;
} End;

typedef struct {
    gint loss, twice, swap, damage; /* per cent */
    gint patience_ms;               /* 0: 20 s */
} Pipe;

static const McpMediaSuite suites[] = {
    MCP_MEDIA_SUITE_AEAD_AES_128_GCM,
    MCP_MEDIA_SUITE_AEAD_AES_256_GCM,
    MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80,
    MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_32,
};

static void
take_sent(const guint8 *data, gsize length, gpointer user_data)
{
    End *end = user_data;

    g_assert_cmpuint(length, <=, MCP_MEDIA_DTLS_DATAGRAM);
    g_assert_cmpint(mcp_media_demultiplex(data, length), ==, MCP_MEDIA_DATAGRAM_DTLS);
    g_queue_push_tail(&end->sent, g_bytes_new(data, length));
}

static void
open_end(End *end, McpMediaDtlsRole role, const McpMediaSuite *offered, guint n)
{
    const McpMediaDtlsConfig config = {
        .role = role,
        .suites = offered,
        .n_suites = n,
        .retransmit_ms = RETRANSMIT_MS,
        .send = take_sent,
        .user_data = end,
    };
    struct sockaddr_in *address = (struct sockaddr_in *)&end->address;
    g_autoptr(GError) error = NULL;

    memset(end, 0, sizeof *end);
    g_queue_init(&end->sent);
    address->sin_family = AF_INET;
    address->sin_port = GUINT16_TO_BE(role == MCP_MEDIA_DTLS_ACTIVE ? 4000 : 5000);
    end->credentials = mcp_media_dtls_credentials_make(&error);
    g_assert_no_error(error);
    end->dtls = mcp_media_dtls_new(end->credentials, &config, &error);
    g_assert_no_error(error);
}

static void
close_end(End *end)
{
    g_queue_clear_full(&end->sent, (GDestroyNotify)g_bytes_unref);
    mcp_media_dtls_free(end->dtls);
    mcp_media_dtls_credentials_unref(end->credentials);
}

static void
describe(End *end, const char *fingerprint)
{
    g_autoptr(GError) error = NULL;

    mcp_media_dtls_set_fingerprints(end->dtls, &fingerprint, 1, &error);
    g_assert_no_error(error);
}

static void
open_pair(End *active, End *passive)
{
    open_end(active, MCP_MEDIA_DTLS_ACTIVE, suites, G_N_ELEMENTS(suites));
    open_end(passive, MCP_MEDIA_DTLS_PASSIVE, suites, G_N_ELEMENTS(suites));
    describe(active, mcp_media_dtls_credentials_get_fingerprint(passive->credentials));
    describe(passive, mcp_media_dtls_credentials_get_fingerprint(active->credentials));
}

static gboolean
happens(gint per_cent)
{
    return per_cent > 0 && g_test_rand_int_range(0, 100) < per_cent;
}

static void
feed(End *to, const End *from, GBytes *datagram, gboolean damage)
{
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(datagram, &length);
    g_autofree guint8 *copy = g_memdup2(data, length);

    if (damage) {
        gint32 bit = g_test_rand_int_range(0, (gint32)length * 8);

        copy[bit / 8] ^= (guint8)(1 << bit % 8);
    }
    mcp_media_dtls_feed(to->dtls, copy, length, &from->address, 0);
}

/* One datagram of @from; FALSE: it has none. */
static gboolean
carry(End *from, End *to, const Pipe *pipe)
{
    g_autoptr(GBytes) datagram = NULL;

    if (g_queue_is_empty(&from->sent))
        return FALSE;
    if (happens(pipe->swap))
        g_queue_push_tail(&from->sent, g_queue_pop_head(&from->sent));
    datagram = g_queue_pop_head(&from->sent);
    if (happens(pipe->loss))
        return TRUE;
    feed(to, from, datagram, happens(pipe->damage));
    if (happens(pipe->twice))
        feed(to, from, datagram, FALSE);
    return TRUE;
}

static gboolean
is_busy(const End *end)
{
    McpMediaDtlsState state = mcp_media_dtls_get_state(end->dtls);

    return state == MCP_MEDIA_DTLS_IDLE || state == MCP_MEDIA_DTLS_HANDSHAKE;
}

static gboolean
has_failed(const End *end)
{
    return mcp_media_dtls_get_state(end->dtls) == MCP_MEDIA_DTLS_FAILED;
}

/* Nothing under way: the next event is the timer of one of them. */
static void
await_timer(End *a, End *b)
{
    gint64 first = mcp_media_dtls_get_timeout(a->dtls, 0);
    gint64 second = mcp_media_dtls_get_timeout(b->dtls, 0);

    if (first < 0 || (second >= 0 && second < first))
        first = second;
    if (first > 0)
        poll(NULL, 0, (int)(first / 1000) + 1);
    mcp_media_dtls_handle_timeout(a->dtls, 0);
    mcp_media_dtls_handle_timeout(b->dtls, 0);
}

/* Until both are through, one fails, or nothing can happen any more. */
static void
run(End *active, End *passive, const Pipe *pipe)
{
    gint64 patience_ms = pipe->patience_ms > 0 ? pipe->patience_ms : 20000;
    gint64 deadline = g_get_monotonic_time() + patience_ms * 1000;
    gboolean carried = TRUE;

    mcp_media_dtls_start(active->dtls, 0);
    while (g_get_monotonic_time() < deadline) {
        carried = carry(active, passive, pipe);
        carried = carry(passive, active, pipe) || carried;
        if (carried)
            continue;
        if ((!is_busy(active) && !is_busy(passive)) || has_failed(active) || has_failed(passive))
            return;
        if (mcp_media_dtls_get_timeout(active->dtls, 0) < 0 &&
            mcp_media_dtls_get_timeout(passive->dtls, 0) < 0)
            return;
        await_timer(active, passive);
    }
}

static void
assert_state(const End *end, McpMediaDtlsState state)
{
    g_assert_cmpstr(mcp_media_dtls_get_reason(end->dtls), ==, "");
    g_assert_cmpint(mcp_media_dtls_get_state(end->dtls), ==, state);
}

static void
assert_failed(const End *end, const char *reason)
{
    g_assert_cmpint(mcp_media_dtls_get_state(end->dtls), ==, MCP_MEDIA_DTLS_FAILED);
    if (strstr(mcp_media_dtls_get_reason(end->dtls), reason) == NULL)
        g_error("\"%s\" without \"%s\"", mcp_media_dtls_get_reason(end->dtls), reason);
}

static void
talk(McpMediaSrtp *from, McpMediaSrtp *to)
{
    static const char text[] = "what only the two know";
    guint32 buffer[128] = {0};
    guint8 *data = (guint8 *)buffer;
    gsize length = 172;

    data[0] = 0x80;
    memcpy(data + 20, text, sizeof text);
    g_assert_cmpint(mcp_media_srtp_protect_rtp(from, data, &length, sizeof buffer), ==,
                    MCP_MEDIA_SRTP_OK);
    g_assert_cmpint(memcmp(data + 20, text, sizeof text), !=, 0);
    g_assert_cmpint(mcp_media_srtp_unprotect_rtp(to, data, &length), ==, MCP_MEDIA_SRTP_OK);
    g_assert_cmpmem(data + 20, sizeof text, text, sizeof text);
}

static void
assert_keys(End *active, End *passive, McpMediaSuite suite)
{
    g_auto(McpMediaKeys) expected = {0};
    g_auto(McpMediaKeys) in = {0};
    g_auto(McpMediaKeys) out = {0};
    g_autoptr(McpMediaSrtp) one = mcp_media_srtp_new();
    g_autoptr(McpMediaSrtp) other = mcp_media_srtp_new();
    g_autoptr(GError) error = NULL;

    mcp_media_dtls_get_keys(active->dtls, &expected, &out, &error);
    g_assert_no_error(error);
    g_assert_cmpint(out.suite, ==, suite);
    g_assert_false(mcp_media_keys_equal(&expected, &out));
    mcp_media_srtp_set(one, MCP_MEDIA_SRTP_INBOUND, &expected, 0, &error);
    mcp_media_srtp_set(one, MCP_MEDIA_SRTP_OUTBOUND, &out, 0, &error);
    mcp_media_dtls_get_keys(passive->dtls, &in, &out, &error);
    g_assert_no_error(error);
    g_assert_true(mcp_media_keys_equal(&expected, &out));
    mcp_media_srtp_set(other, MCP_MEDIA_SRTP_INBOUND, &in, 0, &error);
    mcp_media_srtp_set(other, MCP_MEDIA_SRTP_OUTBOUND, &out, 0, &error);
    g_assert_no_error(error);
    talk(one, other);
    talk(other, one);
}

static void
test_profiles(void)
{
    const Pipe clean = {0};

    for (guint i = 0; i < G_N_ELEMENTS(suites); i++) {
        End active;
        End passive;

        open_end(&passive, MCP_MEDIA_DTLS_PASSIVE, suites, G_N_ELEMENTS(suites));
        open_end(&active, MCP_MEDIA_DTLS_ACTIVE, &suites[i], 1);
        describe(&active, mcp_media_dtls_credentials_get_fingerprint(passive.credentials));
        describe(&passive, mcp_media_dtls_credentials_get_fingerprint(active.credentials));
        run(&active, &passive, &clean);
        assert_state(&active, MCP_MEDIA_DTLS_CONNECTED);
        assert_state(&passive, MCP_MEDIA_DTLS_CONNECTED);
        assert_keys(&active, &passive, suites[i]);
        close_end(&active);
        close_end(&passive);
    }
}

static void
test_lossy(void)
{
    const Pipe bad = {.loss = 20, .twice = 10, .swap = 10};

    for (guint i = 0; i < 20; i++) {
        End active;
        End passive;

        open_pair(&active, &passive);
        run(&active, &passive, &bad);
        assert_state(&active, MCP_MEDIA_DTLS_CONNECTED);
        assert_state(&passive, MCP_MEDIA_DTLS_CONNECTED);
        assert_keys(&active, &passive, suites[0]);
        close_end(&active);
        close_end(&passive);
    }
}

/* Whatever a bit does, nobody ends with keys that the other has not. */
static void
test_damaged(void)
{
    const Pipe bad = {.damage = 15, .patience_ms = 150};
    guint connected = 0;

    for (guint i = 0; i < 40; i++) {
        End active;
        End passive;

        open_pair(&active, &passive);
        run(&active, &passive, &bad);
        if (mcp_media_dtls_get_state(active.dtls) == MCP_MEDIA_DTLS_CONNECTED &&
            mcp_media_dtls_get_state(passive.dtls) == MCP_MEDIA_DTLS_CONNECTED) {
            assert_keys(&active, &passive, suites[0]);
            connected++;
        }
        close_end(&active);
        close_end(&passive);
    }
    g_assert_cmpuint(connected, >, 0);
}

static void
test_wrong_certificate(void)
{
    const Pipe clean = {0};
    End active;
    End passive;
    g_autoptr(McpMediaDtlsCredentials) other = mcp_media_dtls_credentials_make(NULL);
    g_auto(McpMediaKeys) in = {0};
    g_auto(McpMediaKeys) out = {0};
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 2; i++) {
        open_pair(&active, &passive);
        describe(i == 0 ? &active : &passive, mcp_media_dtls_credentials_get_fingerprint(other));
        run(&active, &passive, &clean);
        assert_failed(i == 0 ? &active : &passive, "fingerprint: sha-256");
        assert_failed(i == 0 ? &passive : &active, "alert");
        g_assert_false(mcp_media_dtls_get_keys(active.dtls, &in, &out, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
        g_clear_error(&error);
        close_end(&active);
        close_end(&passive);
    }
}

/* The ClientHello may be here before the answer is (RFC 5763 §6.2). */
static void
test_late_description(void)
{
    const Pipe clean = {0};
    End active;
    End passive;
    g_autoptr(McpMediaDtlsCredentials) other = mcp_media_dtls_credentials_make(NULL);
    const char *wrong = mcp_media_dtls_credentials_get_fingerprint(other);

    open_end(&active, MCP_MEDIA_DTLS_ACTIVE, suites, 2);
    open_end(&passive, MCP_MEDIA_DTLS_PASSIVE, suites, 2);
    run(&active, &passive, &clean);
    assert_state(&active, MCP_MEDIA_DTLS_UNVERIFIED);
    assert_state(&passive, MCP_MEDIA_DTLS_UNVERIFIED);
    describe(&active, mcp_media_dtls_credentials_get_fingerprint(passive.credentials));
    assert_state(&active, MCP_MEDIA_DTLS_CONNECTED);
    mcp_media_dtls_set_fingerprints(passive.dtls, &wrong, 1, NULL);
    assert_failed(&passive, "fingerprint");
    close_end(&active);
    close_end(&passive);
}

static void
test_fingerprints(void)
{
    const Pipe clean = {0};
    static const char junk[] = "md5 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";
    static const char *const refused[] = {
        "",
        "sha-256",
        "sha-256 ",
        "sha-256 AB",
        "sha-1 00:11:22",
        junk,
        "sha-3 AB:CD",
        "sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44",
        "sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:3",
        "sha-1 00-11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33",
    };

    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        McpMediaFingerprint fingerprint;
        g_autoptr(GError) error = NULL;

        g_assert_false(mcp_media_fingerprint_parse(refused[i], &fingerprint, &error));
        g_assert_nonnull(error);
    }
    for (guint i = 0; i < MCP_MEDIA_N_HASHES; i++) {
        End active;
        End passive;
        McpMediaFingerprint fingerprint;
        g_autofree char *text = NULL;
        g_autofree char *lower = NULL;
        const char *values[2] = {junk, NULL};

        open_pair(&active, &passive);
        g_assert_true(mcp_media_fingerprint_compute(
            SSL_CTX_get0_certificate(mcp_media_dtls_credentials_get_context(passive.credentials)),
            (McpMediaFingerprintHash)i, &fingerprint));
        text = mcp_media_fingerprint_format(&fingerprint);
        lower = g_ascii_strdown(text, -1);
        values[1] = i % 2 == 0 ? lower : text;
        g_assert_true(mcp_media_dtls_set_fingerprints(active.dtls, values, 2, NULL));
        run(&active, &passive, &clean);
        assert_state(&active, MCP_MEDIA_DTLS_CONNECTED);
        close_end(&active);
        close_end(&passive);
    }
}

/* RFC 8122 §5.1: a right SHA-1 does not make up for a wrong SHA-256. */
static void
test_strongest(void)
{
    const Pipe clean = {0};
    End active;
    End passive;
    McpMediaFingerprint fingerprint;
    g_autofree char *weak = NULL;
    g_autofree char *strong = NULL;
    const char *values[3];

    open_pair(&active, &passive);
    g_assert_true(mcp_media_fingerprint_compute(
        SSL_CTX_get0_certificate(mcp_media_dtls_credentials_get_context(passive.credentials)),
        MCP_MEDIA_HASH_SHA1, &fingerprint));
    weak = mcp_media_fingerprint_format(&fingerprint);
    strong = g_strdup(mcp_media_dtls_credentials_get_fingerprint(passive.credentials));
    values[0] = weak;
    values[1] = mcp_media_dtls_credentials_get_fingerprint(active.credentials);
    values[2] = strong;
    g_assert_true(mcp_media_dtls_set_fingerprints(active.dtls, values, 2, NULL));
    run(&active, &passive, &clean);
    assert_failed(&active, "sha-256");
    close_end(&active);
    close_end(&passive);
    open_pair(&active, &passive);
    values[1] = mcp_media_dtls_credentials_get_fingerprint(active.credentials);
    values[2] = mcp_media_dtls_credentials_get_fingerprint(passive.credentials);
    g_assert_true(mcp_media_dtls_set_fingerprints(active.dtls, values, 3, NULL));
    run(&active, &passive, &clean);
    assert_state(&active, MCP_MEDIA_DTLS_CONNECTED);
    close_end(&active);
    close_end(&passive);
}

static void
test_no_profile(void)
{
    const Pipe clean = {0};
    const McpMediaSuite none = MCP_MEDIA_SUITE_AES_256_CM_HMAC_SHA1_80;
    const McpMediaDtlsConfig config = {.suites = &none, .n_suites = 1, .send = take_sent};
    End active;
    End passive;
    g_autoptr(GError) error = NULL;

    open_end(&active, MCP_MEDIA_DTLS_ACTIVE, &suites[0], 1);
    open_end(&passive, MCP_MEDIA_DTLS_PASSIVE, &suites[2], 1);
    run(&active, &passive, &clean);
    assert_failed(&active, "no srtp profile in common");
    assert_failed(&passive, "no srtp profile in common");
    g_assert_null(mcp_media_dtls_new(active.credentials, &config, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    close_end(&active);
    close_end(&passive);
}

/* Hellos from anywhere: each is worth one short answer to where it claims to be from. */
static void
test_cookie(void)
{
    const Pipe clean = {0};
    End active;
    End passive;
    End spoofer;
    g_autoptr(GBytes) hello = NULL;
    g_autoptr(GBytes) answer = NULL;
    g_autoptr(GBytes) second = NULL;

    open_pair(&active, &passive);
    open_end(&spoofer, MCP_MEDIA_DTLS_ACTIVE, suites, 1);
    mcp_media_dtls_start(spoofer.dtls, 0);
    hello = g_queue_pop_head(&spoofer.sent);
    for (guint i = 0; i < 1000; i++) {
        ((struct sockaddr_in *)&spoofer.address)->sin_addr.s_addr = i;
        feed(&passive, &spoofer, hello, FALSE);
        assert_state(&passive, MCP_MEDIA_DTLS_IDLE);
        g_assert_cmpuint(g_queue_get_length(&passive.sent), ==, 1);
        g_clear_pointer(&answer, g_bytes_unref);
        answer = g_queue_pop_head(&passive.sent);
        g_assert_cmpuint(g_bytes_get_size(answer), <=, g_bytes_get_size(hello));
        /* HelloVerifyRequest, RFC 6347 §4.3.2 */
        g_assert_cmpint(((const guint8 *)g_bytes_get_data(answer, NULL))[13], ==, 3);
    }
    g_assert_cmpint(mcp_media_dtls_get_timeout(passive.dtls, 0), ==, -1);
    /* A cookie is worth nothing elsewhere. */
    feed(&spoofer, &passive, answer, FALSE);
    second = g_queue_pop_head(&spoofer.sent);
    ((struct sockaddr_in *)&spoofer.address)->sin_addr.s_addr = 4711;
    feed(&passive, &spoofer, second, FALSE);
    assert_state(&passive, MCP_MEDIA_DTLS_IDLE);
    g_queue_clear_full(&passive.sent, (GDestroyNotify)g_bytes_unref);
    run(&active, &passive, &clean);
    assert_state(&active, MCP_MEDIA_DTLS_CONNECTED);
    assert_state(&passive, MCP_MEDIA_DTLS_CONNECTED);
    close_end(&active);
    close_end(&passive);
    close_end(&spoofer);
}

/* Every truncation and every flipped bit of the first flight, then a handshake as ever. */
static void
test_hostile(void)
{
    const Pipe clean = {0};
    End active;
    End passive;
    g_autoptr(GBytes) hello = NULL;
    gsize length = 0;
    const guint8 *data = NULL;
    g_autofree guint8 *large = g_malloc0(MCP_MEDIA_DTLS_INPUT_MAX + 1);

    open_pair(&active, &passive);
    mcp_media_dtls_start(active.dtls, 0);
    hello = g_bytes_ref(g_queue_peek_head(&active.sent));
    data = g_bytes_get_data(hello, &length);
    for (gsize n = 0; n < length; n++)
        mcp_media_dtls_feed(passive.dtls, data, n, &active.address, 0);
    for (gsize bit = 0; bit < length * 8; bit++) {
        g_autofree guint8 *copy = g_memdup2(data, length);

        copy[bit / 8] ^= (guint8)(1 << bit % 8);
        mcp_media_dtls_feed(passive.dtls, copy, length, &active.address, 0);
    }
    large[0] = 22;
    mcp_media_dtls_feed(passive.dtls, large, MCP_MEDIA_DTLS_INPUT_MAX + 1, &active.address, 0);
    assert_state(&passive, MCP_MEDIA_DTLS_IDLE);
    g_queue_clear_full(&passive.sent, (GDestroyNotify)g_bytes_unref);
    run(&active, &passive, &clean);
    assert_state(&passive, MCP_MEDIA_DTLS_CONNECTED);
    assert_keys(&active, &passive, suites[0]);
    close_end(&active);
    close_end(&passive);
}

static void
test_limits(void)
{
    End active;
    End passive;
    guint8 junk[64] = {22, 0xfe, 0xfd};

    open_pair(&active, &passive);
    g_assert_cmpint(mcp_media_dtls_feed(active.dtls, junk, sizeof junk, &passive.address, 0), ==,
                    MCP_MEDIA_DTLS_IDLE);
    mcp_media_dtls_start(active.dtls, 1000);
    g_assert_cmpint(mcp_media_dtls_get_timeout(active.dtls, 1000), <=, RETRANSMIT_MS * 1000);
    g_assert_cmpint(mcp_media_dtls_get_timeout(active.dtls, MCP_MEDIA_DTLS_DEADLINE + 1000), ==, 0);
    mcp_media_dtls_handle_timeout(active.dtls, MCP_MEDIA_DTLS_DEADLINE + 999);
    assert_state(&active, MCP_MEDIA_DTLS_HANDSHAKE);
    mcp_media_dtls_handle_timeout(active.dtls, MCP_MEDIA_DTLS_DEADLINE + 1000);
    assert_failed(&active, "took too long");
    g_assert_cmpint(mcp_media_dtls_get_timeout(active.dtls, 0), ==, -1);
    close_end(&active);
    close_end(&passive);
    open_pair(&active, &passive);
    mcp_media_dtls_start(active.dtls, 0);
    for (guint i = 0; i < MCP_MEDIA_DTLS_DATAGRAMS_MAX; i++)
        mcp_media_dtls_feed(active.dtls, junk, sizeof junk, &passive.address, 0);
    assert_state(&active, MCP_MEDIA_DTLS_HANDSHAKE);
    mcp_media_dtls_feed(active.dtls, junk, sizeof junk, &passive.address, 0);
    assert_failed(&active, "too many datagrams");
    close_end(&active);
    close_end(&passive);
}

static void
test_close(void)
{
    const Pipe clean = {0};
    End active;
    End passive;

    open_pair(&active, &passive);
    run(&active, &passive, &clean);
    mcp_media_dtls_close(active.dtls);
    assert_state(&active, MCP_MEDIA_DTLS_CLOSED);
    g_assert_true(carry(&active, &passive, &clean));
    assert_state(&passive, MCP_MEDIA_DTLS_CLOSED);
    close_end(&active);
    close_end(&passive);
}

static void
test_classes(void)
{
    guint8 data[2] = {0, 0};

    for (guint i = 0; i < 256; i++) {
        McpMediaDatagramKind kind = MCP_MEDIA_DATAGRAM_UNKNOWN;

        data[0] = (guint8)i;
        if (i <= 3)
            kind = MCP_MEDIA_DATAGRAM_STUN;
        else if (i >= 20 && i <= 63)
            kind = MCP_MEDIA_DATAGRAM_DTLS;
        else if (i >= 128 && i <= 191)
            kind = MCP_MEDIA_DATAGRAM_RTP;
        data[1] = 0;
        g_assert_cmpint(mcp_media_demultiplex(data, 2), ==, kind);
        data[1] = 200;
        g_assert_cmpint(mcp_media_demultiplex(data, 2), ==,
                        kind == MCP_MEDIA_DATAGRAM_RTP ? MCP_MEDIA_DATAGRAM_RTCP : kind);
    }
    g_assert_cmpint(mcp_media_demultiplex(data, 0), ==, MCP_MEDIA_DATAGRAM_UNKNOWN);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/dtls/classes", test_classes);
    g_test_add_func("/media/dtls/profiles", test_profiles);
    g_test_add_func("/media/dtls/lossy", test_lossy);
    g_test_add_func("/media/dtls/damaged", test_damaged);
    g_test_add_func("/media/dtls/wrong-certificate", test_wrong_certificate);
    g_test_add_func("/media/dtls/late-description", test_late_description);
    g_test_add_func("/media/dtls/fingerprints", test_fingerprints);
    g_test_add_func("/media/dtls/strongest", test_strongest);
    g_test_add_func("/media/dtls/no-profile", test_no_profile);
    g_test_add_func("/media/dtls/cookie", test_cookie);
    g_test_add_func("/media/dtls/hostile", test_hostile);
    g_test_add_func("/media/dtls/limits", test_limits);
    g_test_add_func("/media/dtls/close", test_close);
    return g_test_run();
}
