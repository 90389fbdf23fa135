/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpMediaDtls: one DTLS-SRTP session of OpenSSL between a datagram that is fed and datagrams that
 * are handed out; it owns no socket, thread or timer. Leg's context.
 */
#include "dtls_session.h"

#include "dtls_callbacks.h"

#include <mcp/error.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <string.h>

/* Records of one datagram after the handshake: alerts and repeated flights; data is dropped. */
#define RECORDS_MAX 16

static McpMediaDtlsState
fail_library(McpMediaDtls *self, const char *what)
{
    const char *why = ERR_reason_error_string(ERR_peek_error());

    mcp_media_dtls_fail(self, what, why != NULL ? why : "unknown error");
    ERR_clear_error();
    return self->state;
}

static char *
profiles_of(const McpMediaDtlsConfig *config)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < config->n_suites; i++) {
        const McpMediaSuiteInfo *suite = mcp_media_suite_get_info(config->suites[i]);

        if (suite->profile != NULL)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ":" : "", suite->profile);
    }
    return g_string_free(text, FALSE);
}

static gboolean
open_library(McpMediaDtls *self, const char *profiles)
{
    BIO *bio = BIO_new(mcp_media_dtls_bio_method());

    self->ssl = SSL_new(mcp_media_dtls_credentials_get_context(self->credentials));
    if (bio == NULL || self->ssl == NULL) {
        BIO_free(bio);
        return FALSE;
    }
    BIO_set_data(bio, self);
    BIO_set_init(bio, 1);
    SSL_set_bio(self->ssl, bio, bio);
    SSL_set_app_data(self->ssl, self);
    SSL_set_verify(self->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_set_mtu(self->ssl, MCP_MEDIA_DTLS_DATAGRAM);
    DTLS_set_timer_cb(self->ssl, mcp_media_dtls_next_interval);
    if (self->config.role == MCP_MEDIA_DTLS_ACTIVE)
        SSL_set_connect_state(self->ssl);
    else
        SSL_set_accept_state(self->ssl);
    /* Unlike the rest of the library this one returns 0 for success. */
    return SSL_set_tlsext_use_srtp(self->ssl, profiles) == 0 && RAND_bytes(self->origin, 16) == 1;
}

McpMediaDtls *
mcp_media_dtls_new(McpMediaDtlsCredentials *credentials, const McpMediaDtlsConfig *config,
                   GError **error)
{
    g_autofree char *profiles = profiles_of(config);
    g_autoptr(McpMediaDtls) self = NULL;

    if (*profiles == 0) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, "no suite has a dtls profile");
        return NULL;
    }
    self = g_new0(McpMediaDtls, 1);
    self->credentials = mcp_media_dtls_credentials_ref(credentials);
    self->config = *config;
    self->config.suites = NULL;
    if (!open_library(self, profiles)) {
        fail_library(self, "dtls session");
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_FAILED, self->reason);
        return NULL;
    }
    return g_steal_pointer(&self);
}

void
mcp_media_dtls_free(McpMediaDtls *dtls)
{
    if (dtls == NULL)
        return;
    SSL_free(dtls->ssl);
    mcp_media_dtls_credentials_unref(dtls->credentials);
    g_free(dtls);
}

/* Once both the handshake is over and the other side is described. */
static McpMediaDtlsState
conclude(McpMediaDtls *self)
{
    const X509 *certificate = SSL_get0_peer_certificate(self->ssl);

    if (SSL_get_selected_srtp_profile(self->ssl) == NULL) {
        SSL_shutdown(self->ssl);
        return mcp_media_dtls_fail(self, "no srtp profile in common", NULL);
    }
    if (certificate == NULL)
        return mcp_media_dtls_fail(self, "the peer has shown no certificate", NULL);
    if (!mcp_media_dtls_judge(self, certificate))
        return self->state;
    self->state = self->n_fingerprints > 0 ? MCP_MEDIA_DTLS_CONNECTED : MCP_MEDIA_DTLS_UNVERIFIED;
    return self->state;
}

gboolean
mcp_media_dtls_set_fingerprints(McpMediaDtls *dtls, const char *const *values, guint n,
                                GError **error)
{
    g_autoptr(GError) first = NULL;
    guint used = 0;

    for (guint i = 0; i < n && used < MCP_MEDIA_FINGERPRINTS_MAX; i++)
        if (mcp_media_fingerprint_parse(values[i], &dtls->fingerprints[used],
                                        first == NULL ? &first : NULL))
            used++;
    dtls->n_fingerprints = used;
    if (used == 0) {
        if (first != NULL)
            g_propagate_error(error, g_steal_pointer(&first));
        else
            g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, "no fingerprint");
        return FALSE;
    }
    if (dtls->state == MCP_MEDIA_DTLS_UNVERIFIED || dtls->state == MCP_MEDIA_DTLS_CONNECTED)
        conclude(dtls);
    return TRUE;
}

static McpMediaDtlsState
shake_hands(McpMediaDtls *self)
{
    int result = 0;
    int why = 0;

    ERR_clear_error();
    result = SSL_do_handshake(self->ssl);
    if (result == 1)
        return conclude(self);
    why = SSL_get_error(self->ssl, result);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return self->state;
    return fail_library(self, "handshake");
}

McpMediaDtlsState
mcp_media_dtls_start(McpMediaDtls *dtls, gint64 now)
{
    if (dtls->config.role != MCP_MEDIA_DTLS_ACTIVE || dtls->state != MCP_MEDIA_DTLS_IDLE)
        return dtls->state;
    dtls->started = now;
    dtls->state = MCP_MEDIA_DTLS_HANDSHAKE;
    return shake_hands(dtls);
}

/* Address and port without what else a socket address holds. */
static void
note_origin(McpMediaDtls *self, const struct sockaddr_storage *from)
{
    guint8 *out = self->origin + 16;

    memset(out, 0, MCP_MEDIA_DTLS_ADDRESS);
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *address = (const struct sockaddr_in *)from;

        memcpy(out, &address->sin_addr, 4);
        memcpy(out + 16, &address->sin_port, 2);
    } else if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)from;

        memcpy(out, &address->sin6_addr, 16);
        memcpy(out + 16, &address->sin6_port, 2);
    }
}

/* A ClientHello without a good cookie leaves but a short answer behind (RFC 6347 §4.2.1). */
static McpMediaDtlsState
listen_once(McpMediaDtls *self, gint64 now)
{
    BIO_ADDR *unused = BIO_ADDR_new();
    int result = 0;

    ERR_clear_error();
    result = unused != NULL ? DTLSv1_listen(self->ssl, unused) : 0;
    BIO_ADDR_free(unused);
    ERR_clear_error();
    self->input = NULL;
    if (result <= 0)
        return self->state;
    self->started = now;
    self->state = MCP_MEDIA_DTLS_HANDSHAKE;
    return shake_hands(self);
}

/* After the handshake: flights that are asked for again, and the alert that ends it. */
static McpMediaDtlsState
read_records(McpMediaDtls *self)
{
    guint8 dropped[512];
    int result = 1;
    int why = SSL_ERROR_NONE;

    ERR_clear_error();
    for (guint i = 0; i < RECORDS_MAX && result > 0; i++)
        result = SSL_read(self->ssl, dropped, sizeof dropped);
    if (result > 0)
        return self->state;
    why = SSL_get_error(self->ssl, result);
    if (why == SSL_ERROR_ZERO_RETURN)
        self->state = MCP_MEDIA_DTLS_CLOSED;
    else if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        return fail_library(self, "session");
    return self->state;
}

static gboolean
is_over(const McpMediaDtls *self)
{
    return self->state == MCP_MEDIA_DTLS_FAILED || self->state == MCP_MEDIA_DTLS_CLOSED;
}

static gboolean
is_shaking_hands(const McpMediaDtls *self)
{
    return self->state == MCP_MEDIA_DTLS_HANDSHAKE;
}

McpMediaDtlsState
mcp_media_dtls_feed(McpMediaDtls *dtls, const guint8 *data, gsize length,
                    const struct sockaddr_storage *from, gint64 now)
{
    gboolean passive = dtls->config.role == MCP_MEDIA_DTLS_PASSIVE;

    if (is_over(dtls) || length == 0 || length > MCP_MEDIA_DTLS_INPUT_MAX)
        return dtls->state;
    if (dtls->state == MCP_MEDIA_DTLS_IDLE && !passive)
        return dtls->state;
    if (is_shaking_hands(dtls) && ++dtls->datagrams > MCP_MEDIA_DTLS_DATAGRAMS_MAX)
        return mcp_media_dtls_fail(dtls, "the handshake takes too many datagrams", NULL);
    dtls->input = data;
    dtls->input_length = length;
    if (dtls->state == MCP_MEDIA_DTLS_IDLE) {
        note_origin(dtls, from);
        listen_once(dtls, now);
    } else if (is_shaking_hands(dtls)) {
        shake_hands(dtls);
    } else {
        read_records(dtls);
    }
    dtls->input = NULL;
    return dtls->state;
}

gint64
mcp_media_dtls_get_timeout(McpMediaDtls *dtls, gint64 now)
{
    struct timeval left = {0};
    gint64 deadline = dtls->started + MCP_MEDIA_DTLS_DEADLINE - now;

    if (!is_shaking_hands(dtls))
        return -1;
    deadline = MAX(deadline, 0);
    if (DTLSv1_get_timeout(dtls->ssl, &left) != 1)
        return deadline;
    return MIN(left.tv_sec * G_USEC_PER_SEC + left.tv_usec, deadline);
}

McpMediaDtlsState
mcp_media_dtls_handle_timeout(McpMediaDtls *dtls, gint64 now)
{
    if (!is_shaking_hands(dtls))
        return dtls->state;
    if (now - dtls->started >= MCP_MEDIA_DTLS_DEADLINE)
        return mcp_media_dtls_fail(dtls, "the handshake took too long", NULL);
    ERR_clear_error();
    if (DTLSv1_handle_timeout(dtls->ssl) < 0)
        return fail_library(dtls, "handshake");
    return dtls->state;
}

void
mcp_media_dtls_close(McpMediaDtls *dtls)
{
    if (dtls->state == MCP_MEDIA_DTLS_CONNECTED || dtls->state == MCP_MEDIA_DTLS_UNVERIFIED) {
        ERR_clear_error();
        SSL_shutdown(dtls->ssl);
        ERR_clear_error();
    }
    if (dtls->state != MCP_MEDIA_DTLS_FAILED)
        dtls->state = MCP_MEDIA_DTLS_CLOSED;
}

McpMediaDtlsState
mcp_media_dtls_get_state(const McpMediaDtls *dtls)
{
    return dtls->state;
}

const char *
mcp_media_dtls_get_reason(const McpMediaDtls *dtls)
{
    return dtls->reason;
}

/* RFC 5764 §4.2: both keys, then both salts, the client's first. */
static void
take_keys(const guint8 *material, gboolean client, McpMediaSuite suite, McpMediaKeys *out_keys)
{
    const McpMediaSuiteInfo *info = mcp_media_suite_get_info(suite);
    gsize key = info->key_length;
    gsize salt = info->salt_length;

    memset(out_keys, 0, sizeof *out_keys);
    out_keys->suite = suite;
    out_keys->n_keys = 1;
    memcpy(out_keys->keys[0].secret, material + (client ? 0 : key), key);
    memcpy(out_keys->keys[0].secret + key, material + 2 * key + (client ? 0 : salt), salt);
    /* §4.1.2: the profiles of counter mode last for 2^31 packets of either kind. */
    out_keys->keys[0].lifetime = info->aead ? 0 : MCP_MEDIA_RTCP_LIFETIME;
}

gboolean
mcp_media_dtls_get_keys(McpMediaDtls *dtls, McpMediaKeys *out_inbound, McpMediaKeys *out_outbound,
                        GError **error)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    const SRTP_PROTECTION_PROFILE *profile = NULL;
    const McpMediaSuiteInfo *info = NULL;
    gboolean active = dtls->config.role == MCP_MEDIA_DTLS_ACTIVE;
    guint8 material[2 * MCP_MEDIA_SECRET_MAX];
    McpMediaSuite suite = MCP_MEDIA_SUITE_NONE;

    if (dtls->state != MCP_MEDIA_DTLS_CONNECTED) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_STATE, "dtls is not connected");
        return FALSE;
    }
    profile = SSL_get_selected_srtp_profile(dtls->ssl);
    suite = mcp_media_suite_from_profile(profile != NULL ? profile->id : 0);
    info = mcp_media_suite_get_info(suite);
    if (suite == MCP_MEDIA_SUITE_NONE ||
        SSL_export_keying_material(dtls->ssl, material,
                                   2 * ((gsize)info->key_length + info->salt_length), label,
                                   sizeof label - 1, NULL, 0, 0) != 1) {
        ERR_clear_error();
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_FAILED, "dtls gives no keys");
        return FALSE;
    }
    take_keys(material, !active, suite, out_inbound);
    take_keys(material, active, suite, out_outbound);
    explicit_bzero(material, sizeof material);
    return TRUE;
}
