/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

#include "head.h"

G_BEGIN_DECLS

/** McpHttpDirectives: a Cache-Control field of a response; seconds, -1 when not said. */
typedef struct {
    gboolean no_store;
    gboolean no_cache;
    gboolean is_private;
    gboolean is_public;
    gboolean must_revalidate; /* proxy-revalidate and s-maxage too: this cache is a shared one */
    gint64 max_age;
    gint64 s_maxage;
    gint64 stale_if_error; /* RFC 5861 §4 */
} McpHttpDirectives;

/** mcp_http_directives_parse: RFC 9111 §5.2.2; a value that is no number counts as 0. */
void mcp_http_directives_parse(const char *text, McpHttpDirectives *out);

/** McpHttpScope: who may be given a stored response. */
typedef enum {
    MCP_HTTP_SCOPE_NOBODY, /* not to be stored */
    MCP_HTTP_SCOPE_CALL,   /* the call that fetched it */
    MCP_HTTP_SCOPE_ALL,
} McpHttpScope;

/**
 * mcp_http_storage_scope: RFC 9111 §3, and what is not shared although the standard would allow it:
 * a response that sets a cookie, and one to a request with cookies whose freshness is only guessed.
 * @sent_cookie: the request carried cookies
 * @got_cookie: the response sets one
 */
McpHttpScope mcp_http_storage_scope(const McpHttpHead *head, gboolean sent_cookie,
                                    gboolean got_cookie);

/** mcp_http_lifetime: freshness lifetime in seconds (RFC 9111 §4.2.1, heuristic of §4.2.2). */
gint64 mcp_http_lifetime(const McpHttpHead *head);

/**
 * mcp_http_initial_age: corrected_initial_age in seconds (RFC 9111 §4.2.3).
 * @wall: wall time of the response's arrival, µs
 * @delay: µs from request to response
 */
gint64 mcp_http_initial_age(const McpHttpHead *head, gint64 wall, gint64 delay);

/**
 * mcp_http_is_usable: whether a stored response of @age seconds answers without a question to the
 * origin (RFC 9111 §4.2).
 * @max_age: of the request, -1 not said
 * @max_stale: of the request, -1 not said
 */
gboolean mcp_http_is_usable(const McpHttpHead *head, gint64 age, gint64 max_age, gint64 max_stale);

/**
 * mcp_http_is_usable_on_error: whether it may answer when the origin fails (RFC 5861 §4).
 * @allowance: seconds past its lifetime for responses that do not say themselves
 */
gboolean mcp_http_is_usable_on_error(const McpHttpHead *head, gint64 age, gint64 allowance);

/** mcp_http_date: seconds since 1970 of an HTTP date, -1 when it is none. */
gint64 mcp_http_date(const char *text);

G_END_DECLS
