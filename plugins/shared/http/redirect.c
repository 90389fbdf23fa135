/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs of fetches and the rules of redirects. Pure functions.
 */
#include "redirect.h"

#include <libsoup/soup.h>
#include <mcp/error.h>

static gboolean
check_url(GUri *uri, const char *url, GError **error)
{
    const char *scheme = g_uri_get_scheme(uri);
    const char *host = g_uri_get_host(uri);
    gboolean file = strcmp(scheme, "file") == 0;

    if (!file && strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "scheme \"%s\" of %s cannot be fetched",
                    scheme, url);
        return FALSE;
    }
    if (!file && (host == NULL || host[0] == '\0')) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "no host in %s", url);
        return FALSE;
    }
    if (g_uri_get_userinfo(uri) != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "credentials in the url of host %s",
                    host != NULL ? host : "");
        return FALSE;
    }
    return TRUE;
}

GUri *
mcp_http_resolve_url(const char *base, const char *url, GError **error)
{
    g_autoptr(GUri) base_uri = NULL;
    g_autoptr(GUri) uri = NULL;
    g_autoptr(GError) cause = NULL;

    if (url == NULL || url[0] == '\0') {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "empty url");
        return NULL;
    }
    if (base != NULL)
        base_uri = g_uri_parse(base, SOUP_HTTP_URI_FLAGS, NULL);
    uri = g_uri_parse_relative(base_uri, url, SOUP_HTTP_URI_FLAGS, &cause);
    if (uri == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is no url: %s", url,
                    cause->message);
        return NULL;
    }
    if (!check_url(uri, url, error))
        return NULL;
    return soup_uri_copy(uri, SOUP_URI_FRAGMENT, NULL, SOUP_URI_NONE);
}

gboolean
mcp_http_is_redirect(guint status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

const char *
mcp_http_redirect_method(guint status, const char *method)
{
    gboolean post = strcmp(method, "POST") == 0;

    if (status == 303 || (post && (status == 301 || status == 302)))
        return "GET";
    return post ? "POST" : "GET";
}
