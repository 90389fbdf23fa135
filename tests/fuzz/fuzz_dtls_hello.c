/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of DTLS sessions: up to three datagrams of the input, each behind two bytes of length
 * and one that tells from where. The first byte tells who is fed: a passive session, an active one,
 * or a passive one that has just connected to an honest peer. A datagram that asks for it gets the
 * session's own cookie put in, so that the input gets behind the first answer. Nothing of the input
 * connects. What stands behind the first byte is read as a fingerprint, too.
 */
#include "protection/dtls_session.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DATAGRAMS 3
#define COOKIE 32
#define COOKIE_IN_ANSWER 28 /* record 13, handshake 12, version 2, length 1 */
#define SESSION_IN_HELLO 59 /* record 13, handshake 12, version 2, random 32 */

typedef struct {
    McpMediaDtls *dtls;
    GQueue sent; /* GBytes */
    guint8 cookie[COOKIE];
    gboolean has_cookie;
} End;

static McpMediaDtlsCredentials *credentials;

static void
hear(const guint8 *data, gsize length, gpointer user_data)
{
    End *end = user_data;

    if (length > MCP_MEDIA_DTLS_DATAGRAM)
        __builtin_trap();
    g_queue_push_tail(&end->sent, g_bytes_new(data, length));
    if (length == COOKIE_IN_ANSWER + COOKIE && data[13] == 3) {
        memcpy(end->cookie, data + COOKIE_IN_ANSWER, COOKIE);
        end->has_cookie = TRUE;
    }
}

static void
open_end(End *end, McpMediaDtlsRole role)
{
    static const McpMediaSuite suites[] = {MCP_MEDIA_SUITE_AEAD_AES_128_GCM,
                                           MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80};
    const McpMediaDtlsConfig config = {
        .role = role, .suites = suites, .n_suites = 2, .send = hear, .user_data = end};

    memset(end, 0, sizeof *end);
    g_queue_init(&end->sent);
    end->dtls = mcp_media_dtls_new(credentials, &config, NULL);
    if (end->dtls == NULL)
        __builtin_trap();
}

static void
close_end(End *end)
{
    mcp_media_dtls_close(end->dtls);
    mcp_media_dtls_free(end->dtls);
    g_queue_clear_full(&end->sent, (GDestroyNotify)g_bytes_unref);
}

static void
carry(End *from, End *to)
{
    struct sockaddr_storage address = {.ss_family = AF_INET};

    while (!g_queue_is_empty(&from->sent)) {
        g_autoptr(GBytes) datagram = g_queue_pop_head(&from->sent);
        gsize length = 0;
        const guint8 *data = g_bytes_get_data(datagram, &length);

        mcp_media_dtls_feed(to->dtls, data, length, &address, 0);
    }
}

/* The handshake of two honest ends. */
static void
connect_ends(End *active, End *passive)
{
    const char *fingerprint = mcp_media_dtls_credentials_get_fingerprint(credentials);
    g_auto(McpMediaKeys) in = {0};
    g_auto(McpMediaKeys) out = {0};

    mcp_media_dtls_set_fingerprints(passive->dtls, &fingerprint, 1, NULL);
    mcp_media_dtls_start(active->dtls, 0);
    while (!g_queue_is_empty(&active->sent) || !g_queue_is_empty(&passive->sent)) {
        carry(active, passive);
        carry(passive, active);
    }
    if (!mcp_media_dtls_get_keys(passive->dtls, &in, &out, NULL))
        __builtin_trap();
}

static void
put_cookie(guint8 *data, gsize length, const End *end)
{
    gsize at = SESSION_IN_HELLO + 1;

    if (length <= SESSION_IN_HELLO)
        return;
    at += data[SESSION_IN_HELLO];
    if (at + 1 + COOKIE <= length && data[at] == COOKIE)
        memcpy(data + at + 1, end->cookie, COOKIE);
}

static void
feed(End *end, const uint8_t *data, size_t size, guint kind)
{
    struct sockaddr_storage from = {.ss_family = (kind & 1) != 0 ? AF_INET6 : AF_INET};
    g_autofree guint8 *copy = g_memdup2(data, size);
    gboolean was_connected = mcp_media_dtls_get_state(end->dtls) == MCP_MEDIA_DTLS_CONNECTED;

    if ((kind & 2) != 0 && end->has_cookie)
        put_cookie(copy, size, end);
    mcp_media_dtls_feed(end->dtls, copy, size, &from, 0);
    if (!was_connected && mcp_media_dtls_get_state(end->dtls) == MCP_MEDIA_DTLS_CONNECTED)
        __builtin_trap();
}

static void
feed_all(End *end, const uint8_t *data, size_t size)
{
    for (guint i = 0; i < DATAGRAMS && size >= 3; i++) {
        size_t length = MIN((size_t)(data[0] << 8 | data[1]), size - 3);

        feed(end, data + 3, length, data[2]);
        data += 3 + length;
        size -= 3 + length;
    }
}

static void
read_fingerprint(End *end, const uint8_t *data, size_t size)
{
    g_autofree char *value = g_strndup((const char *)data, size);
    const char *values = value;
    McpMediaFingerprint fingerprint;

    if (!mcp_media_dtls_set_fingerprints(end->dtls, &values, 1, NULL))
        return;
    if (mcp_media_fingerprint_parse(value, &fingerprint, NULL)) {
        g_autofree char *text = mcp_media_fingerprint_format(&fingerprint);

        if (strlen(text) > size)
            __builtin_trap();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    End end;
    End peer;
    guint who = size > 0 ? data[0] % 4 : 0;

    if (size < 1)
        return 0;
    if (credentials == NULL)
        credentials = mcp_media_dtls_credentials_make(NULL);
    open_end(&end, who == 1 ? MCP_MEDIA_DTLS_ACTIVE : MCP_MEDIA_DTLS_PASSIVE);
    open_end(&peer, MCP_MEDIA_DTLS_ACTIVE);
    mcp_media_dtls_start(end.dtls, 0);
    if (who == 2)
        connect_ends(&peer, &end);
    feed_all(&end, data + 1, size - 1);
    read_fingerprint(&end, data + 1, size - 1);
    mcp_media_dtls_get_timeout(end.dtls, 0);
    mcp_media_dtls_handle_timeout(end.dtls, size % 2 == 0 ? MCP_MEDIA_DTLS_DEADLINE : 0);
    close_end(&end);
    close_end(&peer);
    return 0;
}
