/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in certificates, and two ends of a connection in one thread: bytes both ways in any number,
 * ends with and without warning.
 */
#include "certificate_names.h"
#include "tls_connection.h"

#include <mcp/error.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>

/* A certificate of its own with the extensions; @names nullable. */
static X509 *
make_certificate(const char *names, const char *usage, EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    const struct {
        int nid;
        const char *value;
    } rows[] = {{NID_subject_alt_name, names}, {NID_ext_key_usage, usage}};

    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const guchar *)"cn.example", -1, -1,
                               0);
    X509_set_issuer_name(certificate, subject);
    X509_set_pubkey(certificate, key);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        X509_EXTENSION *extension = NULL;

        if (rows[i].value == NULL)
            continue;
        extension = X509V3_EXT_conf_nid(NULL, NULL, rows[i].nid, rows[i].value);
        g_assert_nonnull(extension);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    g_assert_cmpint(X509_sign(certificate, key, EVP_sha256()), >, 0);
    return certificate;
}

static char *
identities(const char *names)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(names, NULL, key);
    g_auto(GStrv) list = mcp_tls_certificate_identities(certificate);

    X509_free(certificate);
    EVP_PKEY_free(key);
    return g_strjoinv(" ", list);
}

/* RFC 5922 §7.1. */
static void
test_identities(void)
{
    static const struct {
        const char *names;
        const char *identities;
    } rows[] = {
        {"DNS:A.example,DNS:b.example", "a.example b.example"},
        {"DNS:a.example,URI:sip:Dom.example", "dom.example"},
        {"URI:sip:dom.example:5061;x=y,DNS:a.example", "dom.example"},
        {"URI:SIP:dom.example", "dom.example"},
        {"URI:sip:user@dom.example,DNS:a.example", "a.example"},
        {"URI:sips:dom.example,URI:http://x.example", ""},
        {"IP:127.0.0.1,email:a@b.example", ""},
        {NULL, ""},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *found = identities(rows[i].names);

        g_assert_cmpstr(found, ==, rows[i].identities);
    }
}

static void
test_is_for(void)
{
    static const struct {
        const char *names;
        const char *host;
        gboolean strict;
        gboolean wildcards;
    } rows[] = {
        {"DNS:a.example", "A.Example", TRUE, TRUE},
        {"DNS:a.example", "b.a.example", FALSE, FALSE},
        {"DNS:b.a.example", "a.example", FALSE, FALSE},
        {"DNS:*.a.example", "b.a.example", FALSE, TRUE},
        {"DNS:*.a.example", "c.b.a.example", FALSE, FALSE},
        {"DNS:*.a.example", "a.example", FALSE, FALSE},
        {"DNS:*.example", "a.example", FALSE, FALSE},
        {"DNS:b*.a.example", "bc.a.example", FALSE, FALSE},
        {"IP:127.0.0.1", "127.0.0.1", TRUE, TRUE},
        {"IP:::1", "::1", TRUE, TRUE},
        {"DNS:127.0.0.1", "127.0.0.1", FALSE, FALSE},
        {NULL, "cn.example", FALSE, FALSE},
    };
    EVP_PKEY *key = EVP_EC_gen("P-256");

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        X509 *certificate = make_certificate(rows[i].names, NULL, key);

        g_assert_cmpint(mcp_tls_certificate_is_for(certificate, rows[i].host, FALSE), ==,
                        rows[i].strict);
        g_assert_cmpint(mcp_tls_certificate_is_for(certificate, rows[i].host, TRUE), ==,
                        rows[i].wildcards);
        X509_free(certificate);
    }
    EVP_PKEY_free(key);
}

/* RFC 5924 §4. */
static void
test_usage(void)
{
    static const struct {
        const char *usage;
        gboolean server;
        gboolean client;
    } rows[] = {
        {NULL, TRUE, TRUE},
        {"serverAuth", TRUE, TRUE},
        {"clientAuth", FALSE, TRUE},
        {"emailProtection", FALSE, FALSE},
        {"emailProtection,1.3.6.1.5.5.7.3.20", TRUE, TRUE},
        {"anyExtendedKeyUsage", TRUE, TRUE},
    };
    EVP_PKEY *key = EVP_EC_gen("P-256");

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        X509 *certificate = make_certificate("DNS:a.example", rows[i].usage, key);

        g_assert_cmpint(mcp_tls_certificate_usage_allows(certificate, TRUE), ==, rows[i].server);
        g_assert_cmpint(mcp_tls_certificate_usage_allows(certificate, FALSE), ==, rows[i].client);
        X509_free(certificate);
    }
    EVP_PKEY_free(key);
}

static GBytes *
take_pem(BIO *bio)
{
    char *data = NULL;
    long length = BIO_get_mem_data(bio, &data);
    GBytes *bytes = g_bytes_new(data, (gsize)length);

    BIO_free(bio);
    return bytes;
}

/* A set that trusts itself. */
static McpCredentialSet *
make_set(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate("DNS:a.example", NULL, key);
    BIO *chain = BIO_new(BIO_s_mem());
    BIO *secret = BIO_new(BIO_s_mem());
    g_autoptr(GBytes) chain_pem = NULL;
    g_autoptr(GBytes) key_pem = NULL;

    PEM_write_bio_X509(chain, certificate);
    PEM_write_bio_PKCS8PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL);
    chain_pem = take_pem(chain);
    key_pem = take_pem(secret);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return mcp_credential_set_new(&(McpCredentialParts){
        .name = "x", .certificates = chain_pem, .key = key_pem, .authorities = chain_pem});
}

/* One end; what it hears is counted and summed up. */
typedef struct {
    McpTlsConnection *connection;
    GString *events;
    GByteArray *heard;
    guint drained;
} End;

static void
on_established(McpTlsConnection *connection, gpointer user_data)
{
    g_string_append(((End *)user_data)->events, "established ");
}

static void
on_received(McpTlsConnection *connection, const guint8 *data, gsize length, gpointer user_data)
{
    g_byte_array_append(((End *)user_data)->heard, data, (guint)length);
}

static void
on_drained(McpTlsConnection *connection, gpointer user_data)
{
    ((End *)user_data)->drained++;
}

static void
on_closed(McpTlsConnection *connection, const GError *error, gpointer user_data)
{
    End *end = user_data;

    g_string_append_printf(end->events, "closed %s", error != NULL ? error->message : "");
    g_clear_pointer(&end->connection, mcp_tls_connection_free);
}

typedef struct {
    End server;
    End client;
} Pair;

static void
open_end(End *end, int fd, gboolean server, const char *name)
{
    static const McpTlsEvents events = {on_established, on_received, on_drained, on_closed};
    static McpCredentialSet *set;
    g_autoptr(GPtrArray) sets = g_ptr_array_new();
    g_autoptr(McpTlsContext) context = NULL;
    g_autoptr(GSocket) socket = g_socket_new_from_fd(fd, NULL);
    McpTlsOptions options = {.server = server,
                             .client_certificates = MCP_TLS_CLIENT_CERTIFICATE_REQUIRED};
    g_autoptr(GError) error = NULL;

    if (set == NULL)
        set = make_set();
    g_ptr_array_add(sets, set);
    context = mcp_tls_context_new(sets, &options, &error);
    g_assert_no_error(error);
    end->events = g_string_new(NULL);
    end->heard = g_byte_array_new();
    end->connection = mcp_tls_connection_new(context, socket, name, NULL, &events, end);
    if (!server) {
        mcp_credential_set_unref(set);
        set = NULL;
    }
}

static void
open_pair(Pair *pair, const char *name)
{
    int fds[2];

    memset(pair, 0, sizeof *pair);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    open_end(&pair->server, fds[0], TRUE, NULL);
    open_end(&pair->client, fds[1], FALSE, name);
}

static void
close_pair(Pair *pair)
{
    End *ends[] = {&pair->server, &pair->client};

    for (guint i = 0; i < 2; i++) {
        g_clear_pointer(&ends[i]->connection, mcp_tls_connection_free);
        g_string_free(ends[i]->events, TRUE);
        g_byte_array_unref(ends[i]->heard);
    }
}

static gboolean
give_up(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
    return G_SOURCE_REMOVE;
}

/* Runs until the events of @end begin with @text and it has heard @bytes. */
static void
wait_for(const End *end, const char *text, gsize bytes)
{
    gboolean late = FALSE;
    guint id = g_timeout_add_seconds(10, give_up, &late);

    while (!late && (!g_str_has_prefix(end->events->str, text) || end->heard->len < bytes))
        g_main_context_iteration(NULL, TRUE);
    if (late)
        g_test_message("%s, %u bytes", end->events->str, end->heard->len);
    g_assert_false(late);
    g_source_remove(id);
}

static void
test_bytes(void)
{
    g_autofree guint8 *data = g_malloc(3 << 20);
    Pair pair;

    for (guint i = 0; i < 3 << 20; i++)
        data[i] = (guint8)(i * 7 >> 3);
    open_pair(&pair, "a.example");
    /* Before the handshake and more than the socket takes at once. */
    mcp_tls_connection_write(pair.client.connection, data, 3 << 20);
    mcp_tls_connection_write(pair.server.connection, data, 1000);
    wait_for(&pair.client, "established ", 1000);
    wait_for(&pair.server, "established ", 3 << 20);
    g_assert_cmpmem(pair.server.heard->data, pair.server.heard->len, data, 3 << 20);
    g_assert_cmpuint(pair.client.drained, ==, 1);
    g_assert_cmpuint(mcp_tls_connection_get_waiting(pair.client.connection), ==, 0);
    g_assert_cmpstr(mcp_tls_connection_get_identities(pair.server.connection)[0], ==, "a.example");
    mcp_tls_connection_end(pair.client.connection);
    wait_for(&pair.server, "established closed ", 0);
    g_assert_cmpstr(pair.server.events->str, ==, "established closed ");
    close_pair(&pair);
}

/* While nobody reads, the other side's bytes wait on its side. */
static void
test_reading_off(void)
{
    g_autofree guint8 *data = g_malloc0(2 << 20);
    Pair pair;

    open_pair(&pair, "a.example");
    wait_for(&pair.client, "established ", 0);
    wait_for(&pair.server, "established ", 0);
    mcp_tls_connection_set_reading(pair.server.connection, FALSE);
    mcp_tls_connection_write(pair.client.connection, data, 2 << 20);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_cmpuint(pair.server.heard->len, ==, 0);
    g_assert_cmpuint(mcp_tls_connection_get_waiting(pair.client.connection), >, 1 << 20);
    mcp_tls_connection_set_reading(pair.server.connection, TRUE);
    wait_for(&pair.server, "established ", 2 << 20);
    close_pair(&pair);
}

static void
test_wrong_name(void)
{
    Pair pair;

    open_pair(&pair, "b.example");
    wait_for(&pair.client, "closed is for a.example, not for b.example", 0);
    wait_for(&pair.server, "closed ", 0);
    g_assert_null(strstr(pair.server.events->str, "established"));
    close_pair(&pair);
}

static void
test_lost(void)
{
    Pair pair;

    open_pair(&pair, "a.example");
    wait_for(&pair.client, "established ", 0);
    wait_for(&pair.server, "established ", 0);
    g_clear_pointer(&pair.client.connection, mcp_tls_connection_free);
    wait_for(&pair.server, "established closed connection lost", 0);
    close_pair(&pair);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tls/identities", test_identities);
    g_test_add_func("/tls/is-for", test_is_for);
    g_test_add_func("/tls/usage", test_usage);
    g_test_add_func("/tls/bytes", test_bytes);
    g_test_add_func("/tls/reading-off", test_reading_off);
    g_test_add_func("/tls/wrong-name", test_wrong_name);
    g_test_add_func("/tls/lost", test_lost);
    return g_test_run();
}
