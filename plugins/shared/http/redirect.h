/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * mcp_http_resolve_url: (transfer full): the absolute URL of @url, without its fragment.
 * @base: (nullable): absolute URL that a relative @url belongs to
 *
 * Returns: NULL with MCP_ERROR_INVALID: not a URL, no host, credentials in it, or a scheme that is
 * none of http, https, file.
 */
GUri *mcp_http_resolve_url(const char *base, const char *url, GError **error);

/** mcp_http_is_redirect: whether @status with a Location leads elsewhere. */
gboolean mcp_http_is_redirect(guint status);

/**
 * mcp_http_redirect_method: method of the request to where @status leads (RFC 9110 §15.4): static.
 */
const char *mcp_http_redirect_method(guint status, const char *method);

G_END_DECLS
