/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our DTLS-SRTP sessions against the programs of OpenSSL over UDP on loopback, both roles, each
 * profile: the keys that the program prints are those that we take.
 */
#include "protection/demultiplex.h"
#include "protection/dtls_session.h"

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE (20 * G_USEC_PER_SEC)
#define MATERIAL "Keying material: "

typedef struct {
    char *folder;
    char *certificate;
    char *key;
    char *fingerprint;
} Peer;

typedef struct {
    McpMediaDtls *dtls;
    McpMediaDtlsCredentials *credentials;
    GSubprocess *program;
    GString *output;
    int fd;
    struct sockaddr_storage remote;
} Session;

static const McpMediaSuite suites[] = {
    MCP_MEDIA_SUITE_AEAD_AES_128_GCM,
    MCP_MEDIA_SUITE_AEAD_AES_256_GCM,
    MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80,
    MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_32,
};

static void
read_fingerprint(Peer *peer)
{
    FILE *file = fopen(peer->certificate, "r");
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    McpMediaFingerprint fingerprint;

    g_assert_nonnull(certificate);
    g_assert_true(mcp_media_fingerprint_compute(certificate, MCP_MEDIA_HASH_SHA256, &fingerprint));
    peer->fingerprint = mcp_media_fingerprint_format(&fingerprint);
    X509_free(certificate);
    fclose(file);
}

/* A certificate of the program's own making. */
static void
peer_open(Peer *peer, const char *kind)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocess) program = NULL;

    peer->folder = g_dir_make_tmp("mcp-dtls-XXXXXX", &error);
    g_assert_no_error(error);
    peer->certificate = g_build_filename(peer->folder, "certificate.pem", NULL);
    peer->key = g_build_filename(peer->folder, "key.pem", NULL);
    program = g_subprocess_new(
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, "openssl",
        "req", "-x509", "-newkey", kind, "-nodes", "-pkeyopt",
        g_str_equal(kind, "ec") ? "ec_paramgen_curve:P-256" : "rsa_keygen_bits:2048", "-keyout",
        peer->key, "-out", peer->certificate, "-subj", "/CN=peer", "-days", "2", NULL);
    g_assert_no_error(error);
    g_subprocess_wait_check(program, NULL, &error);
    g_assert_no_error(error);
    read_fingerprint(peer);
}

static void
peer_close(Peer *peer)
{
    g_unlink(peer->certificate);
    g_unlink(peer->key);
    g_rmdir(peer->folder);
    g_free(peer->certificate);
    g_free(peer->key);
    g_free(peer->folder);
    g_free(peer->fingerprint);
}

static void
send_datagram(const guint8 *data, gsize length, gpointer user_data)
{
    Session *session = user_data;

    g_assert_cmpuint(length, <=, MCP_MEDIA_DTLS_DATAGRAM);
    sendto(session->fd, data, length, 0, (const struct sockaddr *)&session->remote,
           sizeof(struct sockaddr_in));
}

static int
bind_any(guint16 *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = GUINT32_TO_BE(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(bind(fd, (const struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &length), ==, 0);
    *out_port = GUINT16_FROM_BE(address.sin_port);
    return fd;
}

static void
set_remote(Session *session, guint16 port)
{
    struct sockaddr_in *address = (struct sockaddr_in *)&session->remote;

    address->sin_family = AF_INET;
    address->sin_addr.s_addr = GUINT32_TO_BE(INADDR_LOOPBACK);
    address->sin_port = GUINT16_TO_BE(port);
}

static void
session_open(Session *session, McpMediaDtlsRole role, const char *fingerprint)
{
    const McpMediaDtlsConfig config = {
        .role = role,
        .suites = suites,
        .n_suites = G_N_ELEMENTS(suites),
        .send = send_datagram,
        .user_data = session,
    };
    g_autoptr(GError) error = NULL;

    session->output = g_string_new(NULL);
    session->credentials = mcp_media_dtls_credentials_make(&error);
    g_assert_no_error(error);
    session->dtls = mcp_media_dtls_new(session->credentials, &config, &error);
    g_assert_no_error(error);
    mcp_media_dtls_set_fingerprints(session->dtls, &fingerprint, 1, &error);
    g_assert_no_error(error);
}

static void
session_close(Session *session)
{
    g_subprocess_force_exit(session->program);
    g_subprocess_wait(session->program, NULL, NULL);
    g_object_unref(session->program);
    g_string_free(session->output, TRUE);
    mcp_media_dtls_free(session->dtls);
    mcp_media_dtls_credentials_unref(session->credentials);
    close(session->fd);
}

static void
run_program(Session *session, const char *const *arguments)
{
    g_autoptr(GError) error = NULL;

    /* Its input stays open: at the end of it the program closes the connection. */
    session->program =
        g_subprocess_newv(arguments,
                          G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                              G_SUBPROCESS_FLAGS_STDERR_MERGE,
                          &error);
    g_assert_no_error(error);
}

static void
start_client(Session *session, const Peer *peer, const char *version, const char *profile)
{
    guint16 port = 0;
    g_autofree char *target = NULL;

    session->fd = bind_any(&port);
    target = g_strdup_printf("127.0.0.1:%u", port);
    run_program(session,
                (const char *const[]){"openssl", "s_client", version, "-connect", target, "-cert",
                                      peer->certificate, "-key", peer->key, "-use_srtp", profile,
                                      "-keymatexport", "EXTRACTOR-dtls_srtp", "-keymatexportlen",
                                      "88", "-cipher", "ALL:@SECLEVEL=0", NULL});
}

static void
start_server(Session *session, const Peer *peer, const char *profile)
{
    guint16 port = 0;
    guint16 ours = 0;
    g_autofree char *target = NULL;
    int reserved = bind_any(&port);

    session->fd = bind_any(&ours);
    close(reserved);
    set_remote(session, port);
    target = g_strdup_printf("127.0.0.1:%u", port);
    run_program(session,
                (const char *const[]){"openssl", "s_server", "-dtls1_2", "-accept", target, "-cert",
                                      peer->certificate, "-key", peer->key, "-use_srtp", profile,
                                      "-Verify", "1", "-keymatexport", "EXTRACTOR-dtls_srtp",
                                      "-keymatexportlen", "88", NULL});
}

static void
take_datagram(Session *session)
{
    guint8 data[2048];
    struct sockaddr_storage from = {0};
    socklen_t from_length = sizeof from;
    gssize length = recvfrom(session->fd, data, sizeof data, MSG_DONTWAIT, (struct sockaddr *)&from,
                             &from_length);

    if (length <= 0)
        return;
    g_assert_cmpint(mcp_media_demultiplex(data, (gsize)length), ==, MCP_MEDIA_DATAGRAM_DTLS);
    session->remote = from;
    mcp_media_dtls_feed(session->dtls, data, (gsize)length, &from, g_get_monotonic_time());
}

static void
take_output(Session *session, int fd)
{
    char data[4096];
    gssize length = read(fd, data, sizeof data);

    if (length > 0)
        g_string_append_len(session->output, data, length);
}

/* The whole line has come. */
static gboolean
has_material(const Session *session)
{
    const char *material = strstr(session->output->str, MATERIAL);

    return material != NULL && strchr(material, '\n') != NULL;
}

/* Until both have their keys, or we have failed. */
static void
run(Session *session)
{
    GInputStream *stream = g_subprocess_get_stdout_pipe(session->program);
    int output = -1;
    gint64 deadline = g_get_monotonic_time() + PATIENCE;

    output = g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(stream));
    while (g_get_monotonic_time() < deadline &&
           mcp_media_dtls_get_state(session->dtls) != MCP_MEDIA_DTLS_FAILED &&
           !(has_material(session) &&
             mcp_media_dtls_get_state(session->dtls) == MCP_MEDIA_DTLS_CONNECTED)) {
        struct pollfd fds[2] = {{.fd = session->fd, .events = POLLIN},
                                {.fd = output, .events = POLLIN}};
        gint64 timeout = mcp_media_dtls_get_timeout(session->dtls, g_get_monotonic_time());

        poll(fds, 2, timeout < 0 ? 500 : (int)(timeout / 1000) + 1);
        if ((fds[0].revents & POLLIN) != 0)
            take_datagram(session);
        if ((fds[1].revents & (POLLIN | POLLHUP)) != 0)
            take_output(session, output);
        mcp_media_dtls_handle_timeout(session->dtls, g_get_monotonic_time());
    }
}

static void
assert_part(const char **material, const guint8 *wanted, gsize length)
{
    for (gsize i = 0; i < length; i++, *material += 2)
        g_assert_cmpint(g_ascii_xdigit_value((*material)[0]) << 4 |
                            g_ascii_xdigit_value((*material)[1]),
                        ==, wanted[i]);
}

/* What the program prints: client's key, server's key, client's salt, server's salt. */
static void
assert_material(Session *session, McpMediaSuite suite, gboolean we_are_client)
{
    const McpMediaSuiteInfo *info = mcp_media_suite_get_info(suite);
    const char *material = strstr(session->output->str, MATERIAL);
    g_auto(McpMediaKeys) in = {0};
    g_auto(McpMediaKeys) out = {0};
    const McpMediaKeys *client = we_are_client ? &out : &in;
    const McpMediaKeys *server = we_are_client ? &in : &out;
    g_autoptr(GError) error = NULL;

    g_assert_cmpstr(mcp_media_dtls_get_reason(session->dtls), ==, "");
    mcp_media_dtls_get_keys(session->dtls, &in, &out, &error);
    g_assert_no_error(error);
    g_assert_cmpint(in.suite, ==, suite);
    g_assert_nonnull(material);
    material += strlen(MATERIAL);
    assert_part(&material, client->keys[0].secret, info->key_length);
    assert_part(&material, server->keys[0].secret, info->key_length);
    assert_part(&material, client->keys[0].secret + info->key_length, info->salt_length);
    assert_part(&material, server->keys[0].secret + info->key_length, info->salt_length);
}

static void
check_roles(const char *kind)
{
    Peer peer;

    peer_open(&peer, kind);
    for (guint i = 0; i < G_N_ELEMENTS(suites); i++)
        for (guint active = 0; active < 2; active++) {
            const char *profile = mcp_media_suite_get_info(suites[i])->profile;
            Session session = {0};

            session_open(&session, active == 1 ? MCP_MEDIA_DTLS_ACTIVE : MCP_MEDIA_DTLS_PASSIVE,
                         peer.fingerprint);
            if (active == 1)
                start_server(&session, &peer, profile);
            else
                start_client(&session, &peer, "-dtls1_2", profile);
            mcp_media_dtls_start(session.dtls, g_get_monotonic_time());
            run(&session);
            assert_material(&session, suites[i], active == 1);
            session_close(&session);
        }
    peer_close(&peer);
}

static void
test_ecdsa(void)
{
    check_roles("ec");
}

static void
test_rsa(void)
{
    check_roles("rsa");
}

/* RFC 8827 §6.5: DTLS 1.0 is not spoken any more. */
static void
test_old_version(void)
{
    Peer peer;
    Session session = {0};

    peer_open(&peer, "ec");
    session_open(&session, MCP_MEDIA_DTLS_PASSIVE, peer.fingerprint);
    start_client(&session, &peer, "-dtls1", "SRTP_AES128_CM_SHA1_80");
    run(&session);
    g_assert_cmpint(mcp_media_dtls_get_state(session.dtls), ==, MCP_MEDIA_DTLS_FAILED);
    g_assert_nonnull(strstr(mcp_media_dtls_get_reason(session.dtls), "unsupported protocol"));
    session_close(&session);
    peer_close(&peer);
}

static void
test_wrong_fingerprint(void)
{
    Peer peer;
    Peer other;
    Session session = {0};

    peer_open(&peer, "ec");
    peer_open(&other, "ec");
    session_open(&session, MCP_MEDIA_DTLS_ACTIVE, other.fingerprint);
    start_server(&session, &peer, "SRTP_AES128_CM_SHA1_80");
    mcp_media_dtls_start(session.dtls, g_get_monotonic_time());
    run(&session);
    g_assert_cmpint(mcp_media_dtls_get_state(session.dtls), ==, MCP_MEDIA_DTLS_FAILED);
    g_assert_nonnull(strstr(mcp_media_dtls_get_reason(session.dtls), "fingerprint"));
    session_close(&session);
    peer_close(&peer);
    peer_close(&other);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plugins/media/dtls-openssl/ecdsa", test_ecdsa);
    g_test_add_func("/plugins/media/dtls-openssl/rsa", test_rsa);
    g_test_add_func("/plugins/media/dtls-openssl/old-version", test_old_version);
    g_test_add_func("/plugins/media/dtls-openssl/wrong-fingerprint", test_wrong_fingerprint);
    return g_test_run();
}
