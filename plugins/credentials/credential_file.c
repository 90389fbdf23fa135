/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of one set, read and judged as a whole. Pure functions of settings and file system; any
 * thread.
 */
#include "credential_file.h"

#include "certificate_names.h"
#include "tls_context.h"

#include <glib/gstdio.h>
#include <mcp/error.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#define SECTION MCP_CREDENTIALS_SECTION
#define ROWS SECTION " *"
#define FILE_MAX (1024 * 1024)

const McpSettingDef mcp_credential_setting_defs[] = {
    {ROWS, "check_interval", MCP_SETTING_DURATION, "10s", "1s..1d", MCP_SETTING_RELOADABLE, "0.1",
     "How often the files are looked after; what has changed is read without a reload."},
    {ROWS, "certificate_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "PEM file of the certificate chain: the own certificate first, then each one's issuer."},
    {ROWS, "key_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "PEM file of the private key of the first certificate."},
    {ROWS, "key_password", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Password of an encrypted key_file."},
    {ROWS, "ca_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "PEM file of the trust anchors that peers are checked against; unset: the system's."},
    {ROWS, "crl_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "PEM file of revocation lists that peers' certificates must not be on."},
    {NULL},
};

static const char *const file_keys[] = {"certificate_file", "key_file", "ca_file", "crl_file"};

/* What is known of a set while it is read. */
typedef struct {
    McpSettings *settings;
    const char *name;
    gint64 now;
    STACK_OF(X509) * chain;
    McpCredentialParts parts;
    char **names;
    char *serial;
} Reading;

static const char *
path_of(McpSettings *settings, const char *name, const char *key)
{
    return mcp_settings_get_string(settings, SECTION, name, key);
}

/* Where a fault is to be mended: at the key, or at what is set of the section. */
static const char *
origin_of(const Reading *reading, const char *key)
{
    for (guint i = 0; i < G_N_ELEMENTS(file_keys); i++) {
        if (mcp_settings_is_set(reading->settings, SECTION, reading->name, key))
            break;
        key = file_keys[i];
    }
    return mcp_settings_get_origin(reading->settings, SECTION, reading->name, key);
}

static gboolean
refuse(Reading *reading, const char *key, const char *why, GError **error)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: [" SECTION " \"%s\"] %s: %s",
                origin_of(reading, key), reading->name, key, why);
    return FALSE;
}

static gboolean
refuse_library(Reading *reading, const char *key, const char *what, GError **error)
{
    g_autofree char *text = mcp_tls_error_text();
    g_autofree char *why =
        g_strdup_printf("%s: %s: %s", path_of(reading->settings, reading->name, key), what, text);

    return refuse(reading, key, why, error);
}

/* The bytes of a file; @out_bytes stays NULL when the key is not set. */
static gboolean
read_file(Reading *reading, const char *key, GBytes **out_bytes, GError **error)
{
    const char *path = path_of(reading->settings, reading->name, key);
    g_autoptr(GError) cause = NULL;
    char *data = NULL;
    gsize length = 0;
    GStatBuf facts;

    if (path == NULL)
        return TRUE;
    if (g_stat(path, &facts) == 0 && facts.st_size > FILE_MAX)
        return refuse(reading, key, "the file is larger than 1 MB", error);
    if (!g_file_get_contents(path, &data, &length, &cause))
        return refuse(reading, key, cause->message, error);
    *out_bytes = g_bytes_new_take(data, length);
    return TRUE;
}

static BIO *
open_pem(GBytes *pem)
{
    gsize length = 0;
    const char *data = g_bytes_get_data(pem, &length);

    return BIO_new_mem_buf(data, (int)length);
}

static STACK_OF(X509) * parse_certificates(GBytes *pem)
{
    STACK_OF(X509) *all = sk_X509_new_null();
    BIO *bio = open_pem(pem);
    X509 *one = NULL;

    ERR_clear_error();
    while ((one = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
        sk_X509_push(all, one);
    BIO_free(bio);
    return all;
}

/* Whether reading stopped at the end of the text and not at a certificate that is broken. */
static gboolean
ended_well(void)
{
    gulong code = ERR_peek_last_error();
    gboolean end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;

    if (end)
        ERR_clear_error();
    return end;
}

static gint64
unix_time(const ASN1_TIME *time)
{
    struct tm parts;

    memset(&parts, 0, sizeof parts);
    return ASN1_TIME_to_tm(time, &parts) == 1 ? (gint64)timegm(&parts) : 0;
}

/* The leaf first, each one issued by the next; the chain lasts as long as its shortest part. */
static gboolean
check_chain(Reading *reading, GError **error)
{
    for (int i = 0; i < sk_X509_num(reading->chain); i++) {
        X509 *one = sk_X509_value(reading->chain, i);
        gint64 end = unix_time(X509_get0_notAfter(one));

        if (i > 0 && X509_check_issued(one, sk_X509_value(reading->chain, i - 1)) != X509_V_OK) {
            g_autofree char *why = g_strdup_printf(
                "certificate %d of the file is not the issuer of the one before it", i + 1);

            return refuse(reading, "certificate_file", why, error);
        }
        if (unix_time(X509_get0_notBefore(one)) > reading->now)
            return refuse(reading, "certificate_file", "the certificate is not valid yet", error);
        if (reading->parts.expiry == 0 || end < reading->parts.expiry)
            reading->parts.expiry = end;
    }
    return TRUE;
}

static void
read_leaf(Reading *reading)
{
    X509 *leaf = sk_X509_value(reading->chain, 0);
    BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(leaf), NULL);
    char *text = BN_bn2hex(serial);

    reading->serial = g_strdup(text);
    reading->names = mcp_tls_certificate_dns_names(leaf);
    reading->parts.serial = reading->serial;
    reading->parts.server_names = (const char *const *)reading->names;
    OPENSSL_free(text);
    BN_free(serial);
}

static gboolean
read_chain(Reading *reading, GError **error)
{
    if (!read_file(reading, "certificate_file", &reading->parts.certificates, error))
        return FALSE;
    if (reading->parts.certificates == NULL)
        return TRUE;
    reading->chain = parse_certificates(reading->parts.certificates);
    if (!ended_well())
        return refuse_library(reading, "certificate_file", "broken certificate", error);
    if (sk_X509_num(reading->chain) == 0)
        return refuse(reading, "certificate_file", "no certificate in the file", error);
    read_leaf(reading);
    return check_chain(reading, error);
}

/* Never asks at a terminal, as the library would by itself. */
static int
give_password(char *buffer, int size, int writing, void *user_data)
{
    const Reading *reading = user_data;
    const McpSecret *secret =
        mcp_settings_get_secret(reading->settings, SECTION, reading->name, "key_password");
    gsize length = 0;
    const char *password = secret != NULL ? mcp_secret_peek(secret, &length) : NULL;

    if (password == NULL || length > (gsize)size)
        return -1;
    memcpy(buffer, password, length);
    return (int)length;
}

/* The key as it is handed on: without a password, in bytes that the caller wipes. */
static GBytes *
plain_key(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    GBytes *bytes = NULL;
    char *data = NULL;
    long length = 0;

    if (PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        length = BIO_get_mem_data(bio, &data);
        bytes = g_bytes_new(data, (gsize)length);
        OPENSSL_cleanse(data, (gsize)length);
    }
    BIO_free(bio);
    return bytes;
}

static void
wipe(GBytes **bytes)
{
    gsize length = 0;
    gpointer data = NULL;

    if (*bytes == NULL)
        return;
    data = g_bytes_unref_to_data(g_steal_pointer(bytes), &length);
    explicit_bzero(data, length);
    g_free(data);
}

/* The library judges by the rules of its security level what it would use. */
static gboolean
check_use(Reading *reading, EVP_PKEY *key, GError **error)
{
    SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());
    X509 *leaf = sk_X509_shift(reading->chain);
    gboolean usable = FALSE;

    SSL_CTX_set_security_level(ssl, 2);
    ERR_clear_error();
    if (X509_check_private_key(leaf, key) != 1) {
        ERR_clear_error();
        refuse(reading, "key_file", "the key is not that of the certificate", error);
    } else if (SSL_CTX_use_cert_and_key(ssl, leaf, key, reading->chain, 1) != 1) {
        refuse_library(reading, "certificate_file", "not usable", error);
    } else {
        usable = TRUE;
    }
    X509_free(leaf);
    SSL_CTX_free(ssl);
    return usable;
}

static gboolean
read_key(Reading *reading, GError **error)
{
    GBytes *file = NULL;
    BIO *bio = NULL;
    EVP_PKEY *key = NULL;
    gboolean usable = FALSE;

    if (!read_file(reading, "key_file", &file, error))
        return FALSE;
    if ((file == NULL) != (reading->chain == NULL)) {
        wipe(&file);
        return refuse(reading, "key_file", "certificate_file and key_file go together", error);
    }
    if (file == NULL)
        return TRUE;
    bio = open_pem(file);
    ERR_clear_error();
    key = PEM_read_bio_PrivateKey(bio, NULL, give_password, reading);
    BIO_free(bio);
    wipe(&file);
    if (key == NULL)
        return refuse_library(reading, "key_file", "no key, or not with this password", error);
    usable = check_use(reading, key, error);
    if (usable)
        reading->parts.key = plain_key(key);
    EVP_PKEY_free(key);
    return usable;
}

static gboolean
read_authorities(Reading *reading, GError **error)
{
    STACK_OF(X509) *anchors = NULL;
    gboolean good = FALSE;

    if (!read_file(reading, "ca_file", &reading->parts.authorities, error))
        return FALSE;
    if (reading->parts.authorities == NULL)
        return TRUE;
    anchors = parse_certificates(reading->parts.authorities);
    good = ended_well() && sk_X509_num(anchors) > 0;
    sk_X509_pop_free(anchors, X509_free);
    return good || refuse(reading, "ca_file", "no certificates, or a broken one", error);
}

static gboolean
read_revocations(Reading *reading, GError **error)
{
    X509_CRL *list = NULL;
    BIO *bio = NULL;

    if (!read_file(reading, "crl_file", &reading->parts.revocations, error))
        return FALSE;
    if (reading->parts.revocations == NULL)
        return TRUE;
    bio = open_pem(reading->parts.revocations);
    list = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (list == NULL)
        return refuse_library(reading, "crl_file", "no revocation list", error);
    X509_CRL_free(list);
    return TRUE;
}

static gboolean
read_all(Reading *reading, GError **error)
{
    if (!read_chain(reading, error) || !read_key(reading, error) ||
        !read_authorities(reading, error) || !read_revocations(reading, error))
        return FALSE;
    if (reading->parts.certificates == NULL && reading->parts.authorities == NULL)
        return refuse(reading, "certificate_file", "neither a certificate nor a ca_file", error);
    return TRUE;
}

McpCredentialSet *
mcp_credential_file_load(McpSettings *settings, const char *name, gint64 now, GError **error)
{
    Reading reading = {.settings = settings, .name = name, .now = now, .parts = {.name = name}};
    McpCredentialSet *set = NULL;

    if (read_all(&reading, error))
        set = mcp_credential_set_new(&reading.parts);
    g_clear_pointer(&reading.parts.certificates, g_bytes_unref);
    g_clear_pointer(&reading.parts.authorities, g_bytes_unref);
    g_clear_pointer(&reading.parts.revocations, g_bytes_unref);
    wipe(&reading.parts.key);
    sk_X509_pop_free(reading.chain, X509_free);
    g_strfreev(reading.names);
    g_free(reading.serial);
    return set;
}

char *
mcp_credential_file_stamp(McpSettings *settings, const char *name)
{
    GString *stamp = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(file_keys); i++) {
        const char *path = path_of(settings, name, file_keys[i]);
        GStatBuf facts;

        if (path != NULL && g_stat(path, &facts) == 0)
            g_string_append_printf(stamp, "%s %" G_GUINT64_FORMAT " %ld.%09ld %ld;", path,
                                   (guint64)facts.st_ino, (long)facts.st_mtim.tv_sec,
                                   facts.st_mtim.tv_nsec, (long)facts.st_size);
        else if (path != NULL)
            g_string_append_printf(stamp, "%s missing;", path);
    }
    return g_string_free(stamp, FALSE);
}
