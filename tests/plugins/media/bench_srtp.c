/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What protection costs a packet of 20 ms of G.711, with us and with libsrtp alone in the same run,
 * and what a session costs. JSON on one line a suite. Single thread. With STREAMS packets go
 * through so many sessions in turn, as those of many calls do, whose state is not in the cache.
 *
 * bench-srtp [PACKETS [STREAMS]]
 */
#include "protection/dtls_session.h"
#include "protection/srtp_context.h"

#include <mcp/error.h>
#include <srtp2/srtp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BATCH 512
#define PAYLOAD 160
#define ROOM 384
#define STREAMS_MAX 10000
#define SESSIONS 400
#define HANDSHAKES 50

typedef struct {
    guint32 aligned[ROOM / 4];
    gsize length;
} Packet;

typedef struct {
    double protect, unprotect; /* µs a packet */
} Cost;

static double
cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Packet @i of all goes through stream @i % @streams, the next one of that stream's sequence. */
static void
fill(Packet *packets, guint first, guint streams)
{
    for (guint i = 0; i < BATCH; i++) {
        guint8 *data = (guint8 *)packets[i].aligned;
        guint16 sequence = (guint16)((first + i) / streams);

        memset(data, 0, 12);
        data[0] = 0x80;
        data[2] = (guint8)(sequence >> 8);
        data[3] = (guint8)sequence;
        data[11] = 1;
        packets[i].length = 12 + PAYLOAD;
    }
}

static McpMediaSrtp **
open_ours(const McpMediaKeys *keys, McpMediaSrtpDirection direction, guint streams)
{
    McpMediaSrtp **all = g_new0(McpMediaSrtp *, streams);

    for (guint i = 0; i < streams; i++) {
        all[i] = mcp_media_srtp_new();
        mcp_media_srtp_set(all[i], direction, keys, 0, NULL);
    }
    return all;
}

static void
close_ours(McpMediaSrtp **all, guint streams)
{
    for (guint i = 0; i < streams; i++)
        mcp_media_srtp_free(all[i]);
    g_free(all);
}

static Cost
measure_ours(const McpMediaKeys *keys, guint n, guint streams)
{
    McpMediaSrtp **from = open_ours(keys, MCP_MEDIA_SRTP_OUTBOUND, streams);
    McpMediaSrtp **to = open_ours(keys, MCP_MEDIA_SRTP_INBOUND, streams);
    g_autofree Packet *packets = g_new0(Packet, BATCH);
    guint failures = 0;
    Cost cost = {0};

    for (guint done = 0; done < n; done += BATCH) {
        double start = 0;

        fill(packets, done, streams);
        start = cpu_us();
        for (guint i = 0; i < BATCH; i++)
            failures +=
                mcp_media_srtp_protect_rtp(from[(done + i) % streams], (guint8 *)packets[i].aligned,
                                           &packets[i].length, ROOM) != MCP_MEDIA_SRTP_OK;
        cost.protect += cpu_us() - start;
        start = cpu_us();
        for (guint i = 0; i < BATCH; i++)
            failures +=
                mcp_media_srtp_unprotect_rtp(to[(done + i) % streams], (guint8 *)packets[i].aligned,
                                             &packets[i].length) != MCP_MEDIA_SRTP_OK;
        cost.unprotect += cpu_us() - start;
    }
    if (failures > 0)
        g_error("%u packets failed", failures);
    close_ours(from, streams);
    close_ours(to, streams);
    cost.protect /= n;
    cost.unprotect /= n;
    return cost;
}

static srtp_t
open_library(const McpMediaKeys *keys, srtp_ssrc_type_t type)
{
    srtp_policy_t policy = {.window_size = MCP_MEDIA_SRTP_WINDOW, .ssrc.type = type};
    guint8 secret[MCP_MEDIA_SECRET_MAX];
    srtp_t session = NULL;

    memcpy(secret, keys->keys[0].secret, sizeof secret);
    policy.key = secret;
    srtp_crypto_policy_set_from_profile_for_rtp(
        &policy.rtp, (srtp_profile_t)mcp_media_suite_get_info(keys->suite)->profile_id);
    srtp_crypto_policy_set_from_profile_for_rtcp(
        &policy.rtcp, (srtp_profile_t)mcp_media_suite_get_info(keys->suite)->profile_id);
    if (srtp_create(&session, &policy) != srtp_err_status_ok)
        g_error("no session of the library");
    return session;
}

static srtp_t *
open_libraries(const McpMediaKeys *keys, srtp_ssrc_type_t type, guint streams)
{
    srtp_t *all = g_new0(srtp_t, streams);

    for (guint i = 0; i < streams; i++)
        all[i] = open_library(keys, type);
    return all;
}

static void
close_libraries(srtp_t *all, guint streams)
{
    for (guint i = 0; i < streams; i++)
        srtp_dealloc(all[i]);
    g_free(all);
}

static Cost
measure_library(const McpMediaKeys *keys, guint n, guint streams)
{
    srtp_t *from = open_libraries(keys, ssrc_any_outbound, streams);
    srtp_t *to = open_libraries(keys, ssrc_any_inbound, streams);
    g_autofree Packet *packets = g_new0(Packet, BATCH);
    guint failures = 0;
    Cost cost = {0};

    for (guint done = 0; done < n; done += BATCH) {
        double start = 0;
        int lengths[BATCH];

        fill(packets, done, streams);
        start = cpu_us();
        for (guint i = 0; i < BATCH; i++) {
            lengths[i] = 12 + PAYLOAD;
            failures += srtp_protect(from[(done + i) % streams], packets[i].aligned, &lengths[i]) !=
                        srtp_err_status_ok;
        }
        cost.protect += cpu_us() - start;
        start = cpu_us();
        for (guint i = 0; i < BATCH; i++)
            failures += srtp_unprotect(to[(done + i) % streams], packets[i].aligned, &lengths[i]) !=
                        srtp_err_status_ok;
        cost.unprotect += cpu_us() - start;
    }
    if (failures > 0)
        g_error("%u packets failed", failures);
    close_libraries(from, streams);
    close_libraries(to, streams);
    cost.protect /= n;
    cost.unprotect /= n;
    return cost;
}

static double
measure_sessions(const McpMediaKeys *keys)
{
    double start = cpu_us();

    for (guint i = 0; i < SESSIONS; i++)
        mcp_media_srtp_session_free(
            mcp_media_srtp_session_new(MCP_MEDIA_SRTP_OUTBOUND, keys, 0, NULL));
    return (cpu_us() - start) / SESSIONS;
}

typedef struct {
    McpMediaDtls *dtls;
    GQueue sent;
} End;

static void
take_sent(const guint8 *data, gsize length, gpointer user_data)
{
    g_queue_push_tail(&((End *)user_data)->sent, g_bytes_new(data, length));
}

static gboolean
carry(End *from, End *to)
{
    const struct sockaddr_storage address = {.ss_family = AF_INET};
    g_autoptr(GBytes) datagram = g_queue_pop_head(&from->sent);

    if (datagram == NULL)
        return FALSE;
    mcp_media_dtls_feed(to->dtls, g_bytes_get_data(datagram, NULL), g_bytes_get_size(datagram),
                        &address, 0);
    return TRUE;
}

/* Both ends of a handshake together. */
static double
measure_handshakes(void)
{
    g_autoptr(McpMediaDtlsCredentials) credentials = mcp_media_dtls_credentials_make(NULL);
    const char *fingerprint = mcp_media_dtls_credentials_get_fingerprint(credentials);
    const McpMediaSuite suite = MCP_MEDIA_SUITE_AEAD_AES_128_GCM;
    double start = cpu_us();

    for (guint i = 0; i < HANDSHAKES; i++) {
        End ends[2] = {0};

        for (guint k = 0; k < 2; k++) {
            const McpMediaDtlsConfig config = {.role = k == 0 ? MCP_MEDIA_DTLS_ACTIVE
                                                              : MCP_MEDIA_DTLS_PASSIVE,
                                               .suites = &suite,
                                               .n_suites = 1,
                                               .send = take_sent,
                                               .user_data = &ends[k]};

            g_queue_init(&ends[k].sent);
            ends[k].dtls = mcp_media_dtls_new(credentials, &config, NULL);
            mcp_media_dtls_set_fingerprints(ends[k].dtls, &fingerprint, 1, NULL);
        }
        mcp_media_dtls_start(ends[0].dtls, 0);
        while (carry(&ends[0], &ends[1]) || carry(&ends[1], &ends[0]))
            ;
        if (mcp_media_dtls_get_state(ends[1].dtls) != MCP_MEDIA_DTLS_CONNECTED)
            g_error("no handshake: %s", mcp_media_dtls_get_reason(ends[1].dtls));
        mcp_media_dtls_free(ends[0].dtls);
        mcp_media_dtls_free(ends[1].dtls);
    }
    return (cpu_us() - start) / HANDSHAKES;
}

int
main(int argc, char **argv)
{
    static const McpMediaSuite suites[] = {MCP_MEDIA_SUITE_AEAD_AES_128_GCM,
                                           MCP_MEDIA_SUITE_AEAD_AES_256_GCM,
                                           MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80};
    guint64 wanted = argc > 1 ? g_ascii_strtoull(argv[1], NULL, 10) : 200000;
    guint streams = argc > 2 ? (guint)g_ascii_strtoull(argv[2], NULL, 10) : 1;
    guint n = (guint)(MIN(wanted, 50000000) / BATCH + 1) * BATCH;

    if (streams == 0 || streams > STREAMS_MAX)
        return 2;
    for (guint i = 0; i < G_N_ELEMENTS(suites); i++) {
        g_auto(McpMediaKeys) keys = {0};
        double session = 0;
        Cost library;
        Cost ours;

        if (!mcp_media_keys_generate(&keys, suites[i], NULL))
            return 1;
        session = measure_sessions(&keys);
        library = measure_library(&keys, n, streams);
        ours = measure_ours(&keys, n, streams);
        printf("{\"suite\":\"%s\",\"protect_us\":%.3f,\"unprotect_us\":%.3f,"
               "\"library_protect_us\":%.3f,\"library_unprotect_us\":%.3f,\"ratio\":%.3f,"
               "\"session_us\":%.1f}\n",
               mcp_media_suite_get_info(suites[i])->name, ours.protect, ours.unprotect,
               library.protect, library.unprotect,
               (ours.protect + ours.unprotect) / (library.protect + library.unprotect), session);
    }
    printf("{\"dtls_handshake_both_ends_us\":%.0f}\n", measure_handshakes());
    return 0;
}
