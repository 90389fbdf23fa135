/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpHttpCookieJar: the cookies of one call (RFC 6265), bounded: 64 cookies, 4 KiB each, 16 a
 * domain. Used on one context.
 */
typedef struct _McpHttpCookieJar McpHttpCookieJar;

/** mcp_http_cookie_jar_new: (transfer full): an empty jar. */
McpHttpCookieJar *mcp_http_cookie_jar_new(void);
/** mcp_http_cookie_jar_free: drops all cookies. */
void mcp_http_cookie_jar_free(McpHttpCookieJar *jar);
/**
 * mcp_http_cookie_jar_put: takes one Set-Cookie field of a response from @uri.
 * @now: seconds since 1970
 *
 * Returns: FALSE when the cookie is malformed, too large or not @uri's to set (RFC 6265 §5.3).
 */
gboolean mcp_http_cookie_jar_put(McpHttpCookieJar *jar, GUri *uri, const char *field, gint64 now);
/** mcp_http_cookie_jar_get: (transfer full) (nullable): Cookie field for a request to @uri. */
char *mcp_http_cookie_jar_get(McpHttpCookieJar *jar, GUri *uri, gint64 now);
/** mcp_http_cookie_jar_count: number of cookies. */
guint mcp_http_cookie_jar_count(McpHttpCookieJar *jar);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHttpCookieJar, mcp_http_cookie_jar_free)

G_END_DECLS
