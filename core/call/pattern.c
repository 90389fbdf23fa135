/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of names and URLs. Pure functions, any thread.
 */
#include "call/pattern.h"

#include <string.h>

gboolean
mcp_pattern_match_any(const char *const *patterns, const char *text)
{
    for (guint i = 0; patterns[i] != NULL; i++) {
        if (g_pattern_match_simple(patterns[i], text))
            return TRUE;
    }
    return FALSE;
}

/* Splits "scheme://authority/rest"; @out_rest begins with "/" or is "/". */
static gboolean
split_url(const char *url, char **out_scheme, char **out_authority, char **out_rest)
{
    const char *colon = strstr(url, "://");
    gsize length;

    if (colon == NULL)
        return FALSE;
    length = strcspn(colon + 3, "/?#");
    *out_scheme = g_ascii_strdown(url, colon - url);
    *out_authority = g_ascii_strdown(colon + 3, (gssize)length);
    *out_rest = colon[3 + length] == '/' ? g_strdup(colon + 3 + length)
                                         : g_strconcat("/", colon + 3 + length, NULL);
    return TRUE;
}

static gboolean
is_suspect(const char *url)
{
    for (const char *p = url; *p != '\0'; p++) {
        if ((guchar)*p <= 0x20 || *p == '\\' || *p == 0x7f)
            return TRUE;
    }
    return strstr(url, "/../") != NULL || g_str_has_suffix(url, "/..") ||
           strcasestr(url, "%2e%2e") != NULL || strcasestr(url, ".%2e") != NULL ||
           strcasestr(url, "%2e.") != NULL;
}

static gboolean
match_url(const char *pattern, const char *scheme, const char *authority, const char *rest)
{
    g_autofree char *p_scheme = NULL;
    g_autofree char *p_authority = NULL;
    g_autofree char *p_rest = NULL;

    if (!split_url(pattern, &p_scheme, &p_authority, &p_rest))
        return FALSE;
    return g_pattern_match_simple(p_scheme, scheme) &&
           (strchr(authority, '@') == NULL || strchr(p_authority, '@') != NULL) &&
           g_pattern_match_simple(p_authority, authority) && g_pattern_match_simple(p_rest, rest);
}

const char *
mcp_pattern_find_url(const char *const *patterns, const char *url)
{
    g_autofree char *scheme = NULL;
    g_autofree char *authority = NULL;
    g_autofree char *rest = NULL;

    if (is_suspect(url) || !split_url(url, &scheme, &authority, &rest))
        return NULL;
    for (guint i = 0; patterns[i] != NULL; i++) {
        if (match_url(patterns[i], scheme, authority, rest))
            return patterns[i];
    }
    return NULL;
}

gboolean
mcp_pattern_match_url(const char *const *patterns, const char *url)
{
    return mcp_pattern_find_url(patterns, url) != NULL;
}
