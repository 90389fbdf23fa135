/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in a certificate and what they stand for: RFC 5922 for SIP identities, RFC 5924 for the use
 * of the key. Any thread.
 */
#include "certificate_names.h"

#include <gio/gio.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>

#define SIP_DOMAIN_USAGE "1.3.6.1.5.5.7.3.20"
#define NAMES_MAX 100

/* Text of a name; NULL when it holds what no name may, above all a NUL. */
static char *
text_of(const ASN1_IA5STRING *string)
{
    const char *data = (const char *)ASN1_STRING_get0_data(string);
    gsize length = (gsize)ASN1_STRING_length(string);

    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isgraph(data[i]))
            return NULL;
    }
    return length > 0 ? g_ascii_strdown(data, (gssize)length) : NULL;
}

/* The host of "sip:HOST"; NULL for other schemes and for URIs of users. */
static char *
sip_host(const char *uri)
{
    const char *host = uri + 4;

    if (!g_str_has_prefix(uri, "sip:") || strchr(uri, '@') != NULL)
        return NULL;
    return g_strndup(host, strcspn(host, ":;?"));
}

static char *
name_of(const GENERAL_NAME *name, gint type)
{
    g_autofree char *uri = NULL;

    if (name->type != type)
        return NULL;
    if (type == GEN_DNS)
        return text_of(name->d.dNSName);
    uri = text_of(name->d.uniformResourceIdentifier);
    return uri != NULL ? sip_host(uri) : NULL;
}

static char **
names_of_type(X509 *certificate, gint type)
{
    GENERAL_NAMES *all = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    for (int i = 0; i < MIN(sk_GENERAL_NAME_num(all), NAMES_MAX); i++) {
        g_autofree char *name = name_of(sk_GENERAL_NAME_value(all, i), type);

        if (name != NULL && name[0] != '\0')
            g_strv_builder_add(names, name);
    }
    GENERAL_NAMES_free(all);
    return g_strv_builder_end(names);
}

char **
mcp_tls_certificate_dns_names(X509 *certificate)
{
    return names_of_type(certificate, GEN_DNS);
}

char **
mcp_tls_certificate_identities(X509 *certificate)
{
    char **uris = names_of_type(certificate, GEN_URI);

    if (uris[0] != NULL)
        return uris;
    g_strfreev(uris);
    return mcp_tls_certificate_dns_names(certificate);
}

gboolean
mcp_tls_name_matches(const char *pattern, const char *host)
{
    const char *rest = strchr(host, '.');

    if (g_ascii_strcasecmp(pattern, host) == 0)
        return TRUE;
    /* One whole label, and never that of a top-level domain. */
    return g_str_has_prefix(pattern, "*.") && strchr(pattern + 2, '.') != NULL && rest != NULL &&
           rest != host && g_ascii_strcasecmp(pattern + 1, rest) == 0;
}

gboolean
mcp_tls_certificate_is_for(X509 *certificate, const char *host, gboolean wildcards)
{
    g_auto(GStrv) names = NULL;

    if (g_hostname_is_ip_address(host))
        return X509_check_ip_asc(certificate, host, 0) == 1;
    names = mcp_tls_certificate_identities(certificate);
    for (guint i = 0; names[i] != NULL; i++) {
        if (g_ascii_strcasecmp(names[i], host) == 0 ||
            (wildcards && mcp_tls_name_matches(names[i], host)))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_usage(const ASN1_OBJECT *usage, gboolean server)
{
    char text[64] = "";
    gint nid = OBJ_obj2nid(usage);

    if (nid == NID_anyExtendedKeyUsage || nid == NID_server_auth ||
        (!server && nid == NID_client_auth))
        return TRUE;
    OBJ_obj2txt(text, sizeof text, usage, 1);
    return g_str_equal(text, SIP_DOMAIN_USAGE);
}

gboolean
mcp_tls_certificate_usage_allows(X509 *certificate, gboolean server)
{
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
    gboolean allowed = usages == NULL;

    for (int i = 0; i < sk_ASN1_OBJECT_num(usages) && !allowed; i++)
        allowed = is_usage(sk_ASN1_OBJECT_value(usages, i), server);
    EXTENDED_KEY_USAGE_free(usages);
    return allowed;
}
