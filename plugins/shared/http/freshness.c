/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of RFC 9111 about time and sharing: directives, lifetime, age, who may have a stored
 * response. Pure functions over header fields, called on any thread.
 */
#include "freshness.h"

#include <libsoup/soup.h>

/* Deltas saturate here (RFC 9111 §1.2.2). */
#define DELTA_MAX G_GINT64_CONSTANT(2147483648)
/* RFC 9111 §4.2.2: a tenth of the time since the last change, at most a day. */
#define HEURISTIC_PART 10
#define HEURISTIC_MAX (24 * 3600)

static gint64
parse_delta(const char *text)
{
    guint64 value = 0;

    if (text == NULL || !g_ascii_isdigit(text[0]))
        return 0;
    value = g_ascii_strtoull(text, NULL, 10);
    return (gint64)MIN(value, (guint64)DELTA_MAX);
}

static void
set_delta(gint64 *target, const char *value)
{
    gint64 delta = parse_delta(value);

    /* Said twice: the shorter one is the safe one. */
    *target = *target < 0 ? delta : MIN(*target, delta);
}

static void
apply_directive(McpHttpDirectives *out, const char *name, const char *value)
{
    if (g_ascii_strcasecmp(name, "no-store") == 0)
        out->no_store = TRUE;
    else if (g_ascii_strcasecmp(name, "no-cache") == 0)
        out->no_cache = TRUE;
    else if (g_ascii_strcasecmp(name, "private") == 0)
        out->is_private = TRUE;
    else if (g_ascii_strcasecmp(name, "public") == 0)
        out->is_public = TRUE;
    else if (g_ascii_strcasecmp(name, "must-revalidate") == 0 ||
             g_ascii_strcasecmp(name, "proxy-revalidate") == 0)
        out->must_revalidate = TRUE;
    else if (g_ascii_strcasecmp(name, "max-age") == 0)
        set_delta(&out->max_age, value);
    else if (g_ascii_strcasecmp(name, "s-maxage") == 0)
        set_delta(&out->s_maxage, value);
    else if (g_ascii_strcasecmp(name, "stale-if-error") == 0)
        set_delta(&out->stale_if_error, value);
}

/* Copies the argument after "=", quoted or not, and returns where the scan goes on. */
static const char *
scan_argument(const char *at, GString *argument)
{
    gboolean quoted = *at == '"';

    if (quoted)
        at++;
    for (; *at != '\0'; at++) {
        if (quoted ? *at == '"' : (*at == ',' || g_ascii_isspace(*at)))
            break;
        if (quoted && *at == '\\' && at[1] != '\0')
            at++;
        g_string_append_c(argument, *at);
    }
    return quoted && *at == '"' ? at + 1 : at;
}

void
mcp_http_directives_parse(const char *text, McpHttpDirectives *out)
{
    const char *at = text != NULL ? text : "";

    *out = (McpHttpDirectives){.max_age = -1, .s_maxage = -1, .stale_if_error = -1};
    while (*at != '\0') {
        g_autoptr(GString) argument = g_string_new(NULL);
        g_autofree char *name = NULL;
        gsize length = 0;

        at += strspn(at, ", \t");
        length = strcspn(at, "=, \t");
        name = g_strndup(at, length);
        at += length;
        at += strspn(at, " \t");
        if (*at == '=')
            at = scan_argument(at + 1, argument);
        if (name[0] != '\0')
            apply_directive(out, name, argument->str);
        else if (*at != '\0' && length == 0 && *at != ',')
            at++;
    }
    if (out->s_maxage >= 0)
        out->must_revalidate = TRUE;
}

gint64
mcp_http_date(const char *text)
{
    g_autoptr(GDateTime) date = text != NULL ? soup_date_time_new_from_http_string(text) : NULL;

    return date != NULL ? g_date_time_to_unix(date) : -1;
}

/* Lifetime that the origin itself gave, or -1. */
static gint64
explicit_lifetime(const McpHttpHead *head, const McpHttpDirectives *directives)
{
    gint64 expires = 0;
    gint64 date = 0;

    if (directives->s_maxage >= 0)
        return directives->s_maxage;
    if (directives->max_age >= 0)
        return directives->max_age;
    if (head->expires == NULL)
        return -1;
    expires = mcp_http_date(head->expires);
    date = mcp_http_date(head->date);
    /* "Expires: 0" and other non-dates mean already expired (RFC 9111 §5.3). */
    if (expires < 0 || date < 0)
        return 0;
    return CLAMP(expires - date, 0, DELTA_MAX);
}

/* RFC 9110 §15.1: statuses whose freshness may be guessed. */
static gboolean
is_heuristic_status(guint status)
{
    static const guint statuses[] = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501};

    for (guint i = 0; i < G_N_ELEMENTS(statuses); i++) {
        if (statuses[i] == status)
            return TRUE;
    }
    return FALSE;
}

gint64
mcp_http_lifetime(const McpHttpHead *head)
{
    McpHttpDirectives directives;
    gint64 lifetime = 0;
    gint64 modified = 0;
    gint64 date = 0;

    mcp_http_directives_parse(head->cache_control, &directives);
    lifetime = explicit_lifetime(head, &directives);
    if (lifetime >= 0)
        return lifetime;
    modified = mcp_http_date(head->last_modified);
    date = mcp_http_date(head->date);
    if (!is_heuristic_status(head->status) || modified < 0 || date < modified)
        return 0;
    return MIN((date - modified) / HEURISTIC_PART, HEURISTIC_MAX);
}

McpHttpScope
mcp_http_storage_scope(const McpHttpHead *head, gboolean sent_cookie, gboolean got_cookie)
{
    McpHttpDirectives directives;
    gint64 given = 0;
    gboolean validator = head->etag != NULL || head->last_modified != NULL;

    mcp_http_directives_parse(head->cache_control, &directives);
    given = explicit_lifetime(head, &directives);
    if (directives.no_store || head->status < 200 || head->status == 206 || head->status == 304)
        return MCP_HTTP_SCOPE_NOBODY;
    if (head->vary != NULL && strchr(head->vary, '*') != NULL)
        return MCP_HTTP_SCOPE_NOBODY;
    if (given < 0 && !is_heuristic_status(head->status))
        return MCP_HTTP_SCOPE_NOBODY;
    if (mcp_http_lifetime(head) == 0 && !validator)
        return MCP_HTTP_SCOPE_NOBODY;
    if (directives.is_private || got_cookie)
        return MCP_HTTP_SCOPE_CALL;
    if (sent_cookie && given < 0 && !directives.is_public)
        return MCP_HTTP_SCOPE_CALL;
    return MCP_HTTP_SCOPE_ALL;
}

gint64
mcp_http_initial_age(const McpHttpHead *head, gint64 wall, gint64 delay)
{
    gint64 date = mcp_http_date(head->date);
    gint64 apparent = date < 0 ? 0 : MAX(0, wall / G_USEC_PER_SEC - date);
    gint64 corrected = parse_delta(head->age) + MAX(0, delay) / G_USEC_PER_SEC;

    return MAX(apparent, corrected);
}

/* RFC 9111 §5.4: an old server's way to say no-cache. */
static gboolean
says_no_cache(const McpHttpHead *head, const McpHttpDirectives *directives)
{
    return directives->no_cache || (head->cache_control == NULL && head->pragma != NULL &&
                                    g_ascii_strcasecmp(head->pragma, "no-cache") == 0);
}

gboolean
mcp_http_is_usable(const McpHttpHead *head, gint64 age, gint64 max_age, gint64 max_stale)
{
    McpHttpDirectives directives;
    gint64 lifetime = mcp_http_lifetime(head);

    mcp_http_directives_parse(head->cache_control, &directives);
    if (says_no_cache(head, &directives))
        return FALSE;
    if (max_age >= 0 && age > max_age && (max_stale < 0 || directives.must_revalidate))
        return FALSE;
    /* RFC 9111 §5.2.1.1: max-stale widens max-age as it widens the lifetime. */
    if (max_age >= 0 && max_stale >= 0 && age > max_age + max_stale)
        return FALSE;
    if (lifetime > age)
        return TRUE;
    return max_stale >= 0 && !directives.must_revalidate && age - lifetime <= max_stale;
}

gboolean
mcp_http_is_usable_on_error(const McpHttpHead *head, gint64 age, gint64 allowance)
{
    McpHttpDirectives directives;
    gint64 lifetime = mcp_http_lifetime(head);

    mcp_http_directives_parse(head->cache_control, &directives);
    if (directives.must_revalidate || says_no_cache(head, &directives))
        return FALSE;
    if (directives.stale_if_error >= 0)
        allowance = directives.stale_if_error;
    return age <= lifetime || age - lifetime <= allowance;
}
