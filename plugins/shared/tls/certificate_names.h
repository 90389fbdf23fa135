/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <openssl/x509.h>

G_BEGIN_DECLS

/* Names in a certificate. Any thread. */

/**
 * mcp_tls_certificate_identities: (transfer full): the SIP identities of a certificate (RFC 5922
 * §7.1): hosts of its sip: URIs without a user part, else its DNS names; lower case. The common
 * name is not looked at.
 */
char **mcp_tls_certificate_identities(X509 *certificate);

/** mcp_tls_certificate_dns_names: (transfer full): its DNS names, lower case. */
char **mcp_tls_certificate_dns_names(X509 *certificate);

/**
 * mcp_tls_certificate_is_for: whether the certificate stands for @host, a name or an address
 * literal without brackets. With @wildcards "*.example.com" stands for one label more (RFC 6125
 * §6.4.3); RFC 5922 §7.2 forbids it.
 */
gboolean mcp_tls_certificate_is_for(X509 *certificate, const char *host, gboolean wildcards);

/** mcp_tls_name_matches: whether @pattern, a name or "*." and a name, stands for @host. */
gboolean mcp_tls_name_matches(const char *pattern, const char *host);

/**
 * mcp_tls_certificate_usage_allows: whether its extended key usage lets it speak SIP over TLS, as
 * server (@server) or as client: none stated, any, serverAuth or id-kp-sipDomain (RFC 5924 §4),
 * for a client clientAuth as well.
 */
gboolean mcp_tls_certificate_usage_allows(X509 *certificate, gboolean server);

G_END_DECLS
