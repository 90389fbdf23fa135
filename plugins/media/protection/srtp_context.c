/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpMediaSrtp: the protection of one leg by libsrtp, and what that library leaves open: packets
 * are checked before it sees them, lifetimes of keys are kept, its streams are bounded, and a
 * change of keys is made with old ones at hand. Leg's context, then media worker; nothing here
 * logs.
 */
#include "srtp_context.h"

#include <mcp/error.h>
#include <srtp2/srtp.h>
#include <string.h>

#define RTP_HEADER 12
#define RTCP_HEADER 8
#define RTCP_INDEX 4
#define WINDOW_MAX 4096
/* Packets under the new key after which those of the old one have surely arrived: five seconds. */
#define OLD_KEY_PACKETS 256

typedef enum {
    RTP,
    RTCP,
} Protocol;

struct _McpMediaSrtpSession {
    srtp_t srtp;
    McpMediaSrtpDirection direction;
    const McpMediaSuiteInfo *suite;
    McpMediaKeys keys;
    guint64 used[2][MCP_MEDIA_KEYS_MAX]; /* packets, by protocol and key */
    guint64 packets;
    guint32 trailer[2];
    guint32 sources[MCP_MEDIA_SRTP_SOURCES_MAX];
    guint n_sources;
    guint oldest; /* the source that gives way */
    guint last;   /* the source of the last packet */
};

struct _McpMediaSrtp {
    McpMediaSrtpSession *present[2]; /* by direction */
    McpMediaSrtpSession *before[2];
    guint32 original[MCP_MEDIA_SRTP_PACKET_MAX / 4]; /* a packet that is tried with two keys */
};

static void
fill_policy(srtp_policy_t *policy, McpMediaSuite suite)
{
    switch (suite) {
    case MCP_MEDIA_SUITE_AEAD_AES_128_GCM:
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtcp);
        break;
    case MCP_MEDIA_SUITE_AEAD_AES_256_GCM:
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtp);
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtcp);
        break;
    case MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_32:
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
        break;
    case MCP_MEDIA_SUITE_AES_256_CM_HMAC_SHA1_80:
        srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtp);
        srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
        break;
    case MCP_MEDIA_SUITE_AES_256_CM_HMAC_SHA1_32:
        srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&policy->rtp);
        srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
        break;
    case MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80:
    case MCP_MEDIA_SUITE_NONE:
    case MCP_MEDIA_N_SUITES:
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
        break;
    }
}

/*
 * The library's kernel is process-wide, made once and only read afterwards. NSS below it starts
 * with the first cipher, which loads its libraries, and stops with the last: one session that
 * nobody uses keeps it.
 */
static gboolean
initialise(void)
{
    static srtp_t keeper = NULL;
    static gsize state = 0;

    if (g_once_init_enter(&state)) {
        guint8 secret[MCP_MEDIA_SECRET_MAX] = {0};
        srtp_policy_t policy = {.ssrc.type = ssrc_any_inbound, .key = secret, .window_size = 64};

        fill_policy(&policy, MCP_MEDIA_SUITE_AEAD_AES_128_GCM);
        g_once_init_leave(&state, srtp_init() == srtp_err_status_ok &&
                                          srtp_create(&keeper, &policy) == srtp_err_status_ok
                                      ? 1
                                      : 2);
    }
    return state == 1;
}

/* The session of the library; it copies what it needs of the keys. */
static srtp_err_status_t
create(McpMediaSrtpSession *self, guint window)
{
    srtp_policy_t policy = {.num_master_keys = self->keys.n_keys};
    srtp_master_key_t keys[MCP_MEDIA_KEYS_MAX];
    srtp_master_key_t *pointers[MCP_MEDIA_KEYS_MAX];

    fill_policy(&policy, self->keys.suite);
    policy.ssrc.type =
        self->direction == MCP_MEDIA_SRTP_INBOUND ? ssrc_any_inbound : ssrc_any_outbound;
    policy.window_size = CLAMP(window == 0 ? MCP_MEDIA_SRTP_WINDOW : window, 64, WINDOW_MAX);
    for (guint i = 0; i < self->keys.n_keys; i++) {
        keys[i].key = self->keys.keys[i].secret;
        keys[i].mki_id = self->keys.keys[i].mki;
        keys[i].mki_size = self->keys.mki_length;
        pointers[i] = &keys[i];
    }
    if (self->keys.mki_length > 0) {
        policy.keys = pointers;
    } else {
        policy.key = self->keys.keys[0].secret;
        policy.num_master_keys = 0;
    }
    return srtp_create(&self->srtp, &policy);
}

static gboolean
are_keys(const McpMediaKeys *keys)
{
    return mcp_media_suite_get_info(keys->suite)->key_length > 0 && keys->n_keys > 0 &&
           keys->n_keys <= MCP_MEDIA_KEYS_MAX && keys->mki_length <= MCP_MEDIA_MKI_MAX &&
           (keys->n_keys == 1 || keys->mki_length > 0);
}

gboolean
mcp_media_srtp_start(GError **error)
{
    if (!initialise())
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_FAILED, "the srtp library does not start");
    return initialise();
}

McpMediaSrtpSession *
mcp_media_srtp_session_new(McpMediaSrtpDirection direction, const McpMediaKeys *keys, guint window,
                           GError **error)
{
    g_autoptr(McpMediaSrtpSession) self = NULL;
    srtp_err_status_t status = srtp_err_status_ok;

    if (!are_keys(keys)) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, "no usable srtp keys");
        return NULL;
    }
    if (!mcp_media_srtp_start(error))
        return NULL;
    self = g_new0(McpMediaSrtpSession, 1);
    self->direction = direction;
    self->keys = *keys;
    self->suite = mcp_media_suite_get_info(keys->suite);
    self->trailer[RTP] = self->suite->rtp_tag + keys->mki_length;
    self->trailer[RTCP] = RTCP_INDEX + self->suite->rtcp_tag + keys->mki_length;
    status = create(self, window);
    if (status != srtp_err_status_ok) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "srtp session for %s: status %d",
                    self->suite->name, (int)status);
        return NULL;
    }
    return g_steal_pointer(&self);
}

void
mcp_media_srtp_session_free(McpMediaSrtpSession *session)
{
    if (session == NULL)
        return;
    if (session->srtp != NULL)
        srtp_dealloc(session->srtp);
    mcp_media_keys_clear(&session->keys);
    g_free(session);
}

static guint32
read_u32(const guint8 *data)
{
    return (guint32)data[0] << 24 | (guint32)data[1] << 16 | (guint32)data[2] << 8 | data[3];
}

/*
 * The library is given whole headers only: a version 2, all CSRCs and the extension within what is
 * left without the trailer.
 */
static gboolean
is_whole(Protocol protocol, const guint8 *data, gsize length, gsize trailer)
{
    gsize header = protocol == RTP ? RTP_HEADER : RTCP_HEADER;

    if (length > MCP_MEDIA_SRTP_PACKET_MAX || length < header + trailer || data[0] >> 6 != 2)
        return FALSE;
    if (protocol == RTCP)
        return TRUE;
    header += 4 * (gsize)(data[0] & 0x0f);
    if ((data[0] & 0x10) != 0) {
        if (length < header + 4 + trailer)
            return FALSE;
        header += 4 + 4 * ((gsize)data[header + 2] << 8 | data[header + 3]);
    }
    return length >= header + trailer;
}

/* An MKI stands before the tag of HMAC suites and behind everything of AEAD ones (RFC 7714 §8). */
static guint
find_key(const McpMediaSrtpSession *self, Protocol protocol, const guint8 *data, gsize length)
{
    const McpMediaKeys *keys = &self->keys;
    guint tag = protocol == RTP ? self->suite->rtp_tag : self->suite->rtcp_tag;
    gsize behind = keys->mki_length + (self->suite->aead ? 0 : tag);

    if (keys->mki_length == 0)
        return 0;
    for (guint i = 0; i < keys->n_keys; i++)
        if (memcmp(keys->keys[i].mki, data + length - behind, keys->mki_length) == 0)
            return i;
    return MCP_MEDIA_KEYS_MAX;
}

/* RFC 4568 §6.1: not more packets of a kind than the key's lifetime. */
static gboolean
is_worn(const McpMediaSrtpSession *self, Protocol protocol, guint key)
{
    guint64 longest = protocol == RTP ? MCP_MEDIA_RTP_LIFETIME : MCP_MEDIA_RTCP_LIFETIME;
    guint64 lifetime = self->keys.keys[key].lifetime;

    return self->used[protocol][key] >= (lifetime == 0 ? longest : MIN(lifetime, longest));
}

static McpMediaSrtpResult
result_of(srtp_err_status_t status)
{
    if (status == srtp_err_status_ok)
        return MCP_MEDIA_SRTP_OK;
    if (status == srtp_err_status_replay_fail || status == srtp_err_status_replay_old)
        return MCP_MEDIA_SRTP_REPLAY;
    if (status == srtp_err_status_auth_fail || status == srtp_err_status_cipher_fail ||
        status == srtp_err_status_bad_mki)
        return MCP_MEDIA_SRTP_AUTH_FAIL;
    return status == srtp_err_status_key_expired ? MCP_MEDIA_SRTP_EXPIRED
                                                 : MCP_MEDIA_SRTP_MALFORMED;
}

/* The library keeps a stream for each source it has ever authenticated; here it forgets some. */
static void
note_source(McpMediaSrtpSession *self, guint32 ssrc)
{
    if (self->n_sources > 0 && self->sources[self->last] == ssrc)
        return;
    for (guint i = 0; i < self->n_sources; i++)
        if (self->sources[i] == ssrc) {
            self->last = i;
            return;
        }
    if (self->n_sources < MCP_MEDIA_SRTP_SOURCES_MAX) {
        self->last = self->n_sources++;
    } else {
        /* This function alone wants the SSRC as it is on the wire. */
        srtp_remove_stream(self->srtp, GUINT32_TO_BE(self->sources[self->oldest]));
        self->last = self->oldest;
        self->oldest = (self->oldest + 1) % MCP_MEDIA_SRTP_SOURCES_MAX;
    }
    self->sources[self->last] = ssrc;
}

static McpMediaSrtpResult
unprotect(McpMediaSrtpSession *self, Protocol protocol, guint8 *data, gsize *length)
{
    guint key = 0;
    int octets = (int)*length;
    srtp_err_status_t status = srtp_err_status_ok;

    if (!is_whole(protocol, data, *length, self->trailer[protocol]))
        return MCP_MEDIA_SRTP_MALFORMED;
    key = find_key(self, protocol, data, *length);
    if (key == MCP_MEDIA_KEYS_MAX)
        return MCP_MEDIA_SRTP_AUTH_FAIL;
    if (is_worn(self, protocol, key))
        return MCP_MEDIA_SRTP_EXPIRED;
    if (protocol == RTP)
        status = srtp_unprotect_mki(self->srtp, data, &octets, self->keys.mki_length > 0);
    else
        status = srtp_unprotect_rtcp_mki(self->srtp, data, &octets, self->keys.mki_length > 0);
    if (status != srtp_err_status_ok)
        return result_of(status);
    self->used[protocol][key]++;
    self->packets++;
    note_source(self, read_u32(data + (protocol == RTP ? 8 : 4)));
    *length = (gsize)octets;
    return MCP_MEDIA_SRTP_OK;
}

/*
 * Authentication comes first in the library, but an AEAD may have written to the buffer when it
 * finds that a tag is wrong, so that the second try is made on a copy.
 */
static McpMediaSrtpResult
unprotect_with_either(McpMediaSrtp *self, Protocol protocol, guint8 *data, gsize *length)
{
    McpMediaSrtpSession *present = self->present[MCP_MEDIA_SRTP_INBOUND];
    McpMediaSrtpSession *before = self->before[MCP_MEDIA_SRTP_INBOUND];
    McpMediaSrtpResult result = MCP_MEDIA_SRTP_NO_KEY;
    gsize original_length = *length;
    gboolean either = before != NULL && present->packets < OLD_KEY_PACKETS &&
                      original_length <= sizeof self->original;

    if (present == NULL)
        return MCP_MEDIA_SRTP_NO_KEY;
    if (either)
        memcpy(self->original, data, original_length);
    result = unprotect(present, protocol, data, length);
    if (result == MCP_MEDIA_SRTP_OK || !either)
        return result;
    memcpy(data, self->original, original_length);
    *length = original_length;
    return unprotect(before, protocol, data, length) == MCP_MEDIA_SRTP_OK ? MCP_MEDIA_SRTP_OK
                                                                          : result;
}

static McpMediaSrtpResult
protect(McpMediaSrtpSession *self, Protocol protocol, guint8 *data, gsize *length, gsize capacity)
{
    int octets = (int)*length;
    srtp_err_status_t status = srtp_err_status_ok;
    guint use_mki = 0;

    if (self == NULL)
        return MCP_MEDIA_SRTP_NO_KEY;
    use_mki = self->keys.mki_length > 0;
    if (!is_whole(protocol, data, *length, 0))
        return MCP_MEDIA_SRTP_MALFORMED;
    if (capacity < *length || capacity - *length < self->trailer[protocol])
        return MCP_MEDIA_SRTP_NO_ROOM;
    if (is_worn(self, protocol, 0))
        return MCP_MEDIA_SRTP_EXPIRED;
    if (protocol == RTP)
        status = srtp_protect_mki(self->srtp, data, &octets, use_mki, 0);
    else
        status = srtp_protect_rtcp_mki(self->srtp, data, &octets, use_mki, 0);
    if (status != srtp_err_status_ok)
        return result_of(status);
    self->used[protocol][0]++;
    self->packets++;
    *length = (gsize)octets;
    return MCP_MEDIA_SRTP_OK;
}

McpMediaSrtp *
mcp_media_srtp_new(void)
{
    return g_new0(McpMediaSrtp, 1);
}

void
mcp_media_srtp_free(McpMediaSrtp *srtp)
{
    if (srtp == NULL)
        return;
    for (guint i = 0; i < 2; i++) {
        mcp_media_srtp_session_free(srtp->present[i]);
        mcp_media_srtp_session_free(srtp->before[i]);
    }
    g_free(srtp);
}

static gboolean
has_keys(const McpMediaSrtpSession *session, const McpMediaKeys *keys)
{
    return session != NULL && mcp_media_keys_equal(&session->keys, keys);
}

/* Packets of both keys are awaited anew when the present one changes. */
static void
bring_back(McpMediaSrtp *self, McpMediaSrtpDirection direction)
{
    McpMediaSrtpSession *present = self->present[direction];

    self->present[direction] = self->before[direction];
    self->before[direction] = present;
    self->present[direction]->packets = 0;
}

McpMediaSrtpSession *
mcp_media_srtp_replace(McpMediaSrtp *srtp, McpMediaSrtpSession *session)
{
    McpMediaSrtpDirection direction = session->direction;
    McpMediaSrtpSession *unneeded = session;

    if (has_keys(srtp->present[direction], &session->keys))
        return unneeded;
    if (has_keys(srtp->before[direction], &session->keys)) {
        bring_back(srtp, direction);
        return unneeded;
    }
    unneeded = srtp->before[direction];
    srtp->before[direction] = srtp->present[direction];
    srtp->present[direction] = session;
    return unneeded;
}

gboolean
mcp_media_srtp_set(McpMediaSrtp *srtp, McpMediaSrtpDirection direction, const McpMediaKeys *keys,
                   guint window, GError **error)
{
    McpMediaSrtpSession *session = NULL;

    if (has_keys(srtp->present[direction], keys))
        return TRUE;
    if (has_keys(srtp->before[direction], keys)) {
        bring_back(srtp, direction);
        return TRUE;
    }
    session = mcp_media_srtp_session_new(direction, keys, window, error);
    if (session == NULL)
        return FALSE;
    mcp_media_srtp_session_free(mcp_media_srtp_replace(srtp, session));
    return TRUE;
}

McpMediaSrtpResult
mcp_media_srtp_protect_rtp(McpMediaSrtp *srtp, guint8 *data, gsize *length, gsize capacity)
{
    return protect(srtp->present[MCP_MEDIA_SRTP_OUTBOUND], RTP, data, length, capacity);
}

McpMediaSrtpResult
mcp_media_srtp_protect_rtcp(McpMediaSrtp *srtp, guint8 *data, gsize *length, gsize capacity)
{
    return protect(srtp->present[MCP_MEDIA_SRTP_OUTBOUND], RTCP, data, length, capacity);
}

McpMediaSrtpResult
mcp_media_srtp_unprotect_rtp(McpMediaSrtp *srtp, guint8 *data, gsize *length)
{
    return unprotect_with_either(srtp, RTP, data, length);
}

McpMediaSrtpResult
mcp_media_srtp_unprotect_rtcp(McpMediaSrtp *srtp, guint8 *data, gsize *length)
{
    return unprotect_with_either(srtp, RTCP, data, length);
}

gboolean
mcp_media_srtp_get_roll_over(McpMediaSrtp *srtp, McpMediaSrtpDirection direction, guint32 ssrc,
                             guint32 *out_counter)
{
    McpMediaSrtpSession *session = srtp->present[direction];
    guint32 counter = 0;

    if (session == NULL || srtp_get_stream_roc(session->srtp, ssrc, &counter) != srtp_err_status_ok)
        return FALSE;
    *out_counter = counter;
    return TRUE;
}
