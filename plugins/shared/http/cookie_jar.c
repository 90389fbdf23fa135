/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cookies of one call (RFC 6265): parsing, matching, expiry, bounds. A jar is used on the
 * context of its call only; nothing is shared between calls.
 */
#include "cookie_jar.h"

#include <libsoup/soup.h>

#define COOKIES_MAX 64
#define COOKIES_DOMAIN_MAX 16
#define FIELD_MAX 4096

typedef struct {
    char *name;
    char *value;
    char *domain; /* lower case, no leading dot */
    char *path;
    gint64 expires;     /* seconds since 1970; G_MAXINT64 for a session cookie */
    gboolean host_only; /* no Domain attribute: the very host alone */
    gboolean secure;
} Cookie;

struct _McpHttpCookieJar {
    GPtrArray *cookies; /* Cookie, in order of creation */
};

static void
cookie_free(Cookie *cookie)
{
    g_free(cookie->name);
    g_free(cookie->value);
    g_free(cookie->domain);
    g_free(cookie->path);
    g_free(cookie);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cookie, cookie_free)

McpHttpCookieJar *
mcp_http_cookie_jar_new(void)
{
    McpHttpCookieJar *jar = g_new0(McpHttpCookieJar, 1);

    jar->cookies = g_ptr_array_new_with_free_func((GDestroyNotify)cookie_free);
    return jar;
}

void
mcp_http_cookie_jar_free(McpHttpCookieJar *jar)
{
    g_ptr_array_unref(jar->cookies);
    g_free(jar);
}

guint
mcp_http_cookie_jar_count(McpHttpCookieJar *jar)
{
    return jar->cookies->len;
}

/* RFC 6265 §5.1.3 */
static gboolean
domain_matches(const char *host, const char *domain)
{
    gsize host_length = strlen(host);
    gsize domain_length = strlen(domain);

    if (strcmp(host, domain) == 0)
        return TRUE;
    return host_length > domain_length && !g_hostname_is_ip_address(host) &&
           host[host_length - domain_length - 1] == '.' &&
           strcmp(host + host_length - domain_length, domain) == 0;
}

/* RFC 6265 §5.1.4 */
static gboolean
path_matches(const char *path, const char *cookie_path)
{
    gsize length = strlen(cookie_path);

    if (strncmp(path, cookie_path, length) != 0)
        return FALSE;
    return path[length] == '\0' || cookie_path[length - 1] == '/' || path[length] == '/';
}

static const char *
request_path(GUri *uri)
{
    const char *path = g_uri_get_path(uri);

    return path[0] == '/' ? path : "/";
}

static char *
default_path(GUri *uri)
{
    const char *path = request_path(uri);
    const char *slash = strrchr(path, '/');

    return slash == path ? g_strdup("/") : g_strndup(path, (gsize)(slash - path));
}

static char *
request_host(GUri *uri)
{
    g_autofree char *ascii = g_hostname_to_ascii(g_uri_get_host(uri));

    return g_ascii_strdown(ascii != NULL ? ascii : g_uri_get_host(uri), -1);
}

/* A top-level or registry domain ("com", "co.uk") may not own cookies. */
static gboolean
is_public_suffix(const char *domain)
{
    return strchr(domain, '.') == NULL || soup_tld_domain_is_public_suffix(domain);
}

static gboolean
set_domain(Cookie *cookie, const char *value)
{
    g_autofree char *lower = g_ascii_strdown(value[0] == '.' ? value + 1 : value, -1);

    if (lower[0] == '\0')
        return TRUE;
    /* cookie->domain is the request's host so far. */
    if (!domain_matches(cookie->domain, lower))
        return FALSE;
    if (is_public_suffix(lower))
        return strcmp(cookie->domain, lower) == 0;
    g_free(cookie->domain);
    cookie->domain = g_steal_pointer(&lower);
    cookie->host_only = FALSE;
    return TRUE;
}

static void
set_max_age(Cookie *cookie, const char *value, gint64 now)
{
    gint64 seconds = g_ascii_strtoll(value, NULL, 10);

    if (value[0] != '-' && !g_ascii_isdigit(value[0]))
        return;
    cookie->expires = seconds <= 0 ? 0 : now + MIN(seconds, G_MAXINT32);
}

typedef struct {
    GUri *uri;
    gint64 now;
    gboolean has_max_age;
} Arrival;

/* One ";"-separated attribute. FALSE: the cookie is refused. */
static gboolean
apply_attribute(Cookie *cookie, const char *name, const char *value, Arrival *arrival)
{
    if (g_ascii_strcasecmp(name, "domain") == 0)
        return set_domain(cookie, value);
    if (g_ascii_strcasecmp(name, "path") == 0 && value[0] == '/') {
        g_free(cookie->path);
        cookie->path = g_strdup(value);
    } else if (g_ascii_strcasecmp(name, "secure") == 0) {
        cookie->secure = TRUE;
    } else if (g_ascii_strcasecmp(name, "max-age") == 0) {
        set_max_age(cookie, value, arrival->now);
        arrival->has_max_age = TRUE;
    } else if (g_ascii_strcasecmp(name, "expires") == 0 && !arrival->has_max_age) {
        g_autoptr(GDateTime) date = soup_date_time_new_from_http_string(value);

        if (date != NULL)
            cookie->expires = g_date_time_to_unix(date);
    }
    return TRUE;
}

static gboolean
is_clean(const char *text)
{
    for (; *text != '\0'; text++) {
        if (g_ascii_iscntrl(*text) && *text != '\t')
            return FALSE;
    }
    return TRUE;
}

/* Splits "a=b" at the first "=" and trims both; the value stays "" without one. */
static void
split_pair(const char *text, char **out_name, char **out_value)
{
    const char *equals = strchr(text, '=');

    *out_name = equals != NULL ? g_strndup(text, (gsize)(equals - text)) : g_strdup(text);
    *out_value = g_strdup(equals != NULL ? equals + 1 : "");
    g_strstrip(*out_name);
    g_strstrip(*out_value);
}

/* RFC 6265 §5.2; NULL when the field is none or not the host's to set. */
static Cookie *
parse_cookie(const char *field, Arrival *arrival)
{
    g_autoptr(Cookie) cookie = g_new0(Cookie, 1);
    g_auto(GStrv) parts = g_strsplit(field, ";", -1);

    if (parts[0] == NULL || strchr(parts[0], '=') == NULL)
        return NULL;
    split_pair(parts[0], &cookie->name, &cookie->value);
    cookie->domain = request_host(arrival->uri);
    cookie->path = default_path(arrival->uri);
    cookie->expires = G_MAXINT64;
    cookie->host_only = TRUE;
    if (cookie->name[0] == '\0')
        return NULL;
    for (guint i = 1; parts[i] != NULL; i++) {
        g_autofree char *name = NULL;
        g_autofree char *value = NULL;

        split_pair(parts[i], &name, &value);
        if (!apply_attribute(cookie, name, value, arrival))
            return NULL;
    }
    return g_steal_pointer(&cookie);
}

static void
remove_expired(McpHttpCookieJar *jar, gint64 now)
{
    for (guint i = jar->cookies->len; i-- > 0;) {
        const Cookie *cookie = g_ptr_array_index(jar->cookies, i);

        if (cookie->expires <= now)
            g_ptr_array_remove_index(jar->cookies, i);
    }
}

/* Takes out the cookie that @news replaces. FALSE: what only TLS may see cannot be replaced by a
 * page that came in the clear. */
static gboolean
remove_equal(McpHttpCookieJar *jar, const Cookie *news, gboolean clear)
{
    for (guint i = jar->cookies->len; i-- > 0;) {
        const Cookie *cookie = g_ptr_array_index(jar->cookies, i);

        if (strcmp(cookie->name, news->name) != 0 || strcmp(cookie->domain, news->domain) != 0 ||
            strcmp(cookie->path, news->path) != 0)
            continue;
        if (cookie->secure && clear)
            return FALSE;
        g_ptr_array_remove_index(jar->cookies, i);
    }
    return TRUE;
}

/* Makes room for one more of @domain: its oldest goes, else the oldest of all. */
static void
make_room(McpHttpCookieJar *jar, const char *domain)
{
    guint same = 0;
    guint oldest = 0;

    for (guint i = jar->cookies->len; i-- > 0;) {
        const Cookie *cookie = g_ptr_array_index(jar->cookies, i);

        if (strcmp(cookie->domain, domain) == 0) {
            same++;
            oldest = i;
        }
    }
    if (same >= COOKIES_DOMAIN_MAX)
        g_ptr_array_remove_index(jar->cookies, oldest);
    else if (jar->cookies->len >= COOKIES_MAX)
        g_ptr_array_remove_index(jar->cookies, 0);
}

gboolean
mcp_http_cookie_jar_put(McpHttpCookieJar *jar, GUri *uri, const char *field, gint64 now)
{
    Arrival arrival = {.uri = uri, .now = now};
    gboolean clear = g_strcmp0(g_uri_get_scheme(uri), "https") != 0;
    g_autoptr(Cookie) cookie = NULL;

    if (strlen(field) > FIELD_MAX || !is_clean(field) || g_uri_get_host(uri) == NULL)
        return FALSE;
    cookie = parse_cookie(field, &arrival);
    if (cookie == NULL || (cookie->secure && clear) || !remove_equal(jar, cookie, clear))
        return FALSE;
    remove_expired(jar, now);
    if (cookie->expires <= now)
        return TRUE;
    make_room(jar, cookie->domain);
    g_ptr_array_add(jar->cookies, g_steal_pointer(&cookie));
    return TRUE;
}

static gboolean
cookie_applies(const Cookie *cookie, GUri *uri, const char *host)
{
    if (cookie->secure && g_strcmp0(g_uri_get_scheme(uri), "https") != 0)
        return FALSE;
    if (cookie->host_only ? strcmp(host, cookie->domain) != 0
                          : !domain_matches(host, cookie->domain))
        return FALSE;
    return path_matches(request_path(uri), cookie->path);
}

/* RFC 6265 §5.4: longer paths first, then the older one; the array is in order of creation. */
static gint
compare_path_length(gconstpointer a, gconstpointer b)
{
    const Cookie *first = *(const Cookie *const *)a;
    const Cookie *second = *(const Cookie *const *)b;
    gsize first_length = strlen(first->path);
    gsize second_length = strlen(second->path);

    return first_length == second_length ? 0 : first_length > second_length ? -1 : 1;
}

char *
mcp_http_cookie_jar_get(McpHttpCookieJar *jar, GUri *uri, gint64 now)
{
    g_autoptr(GPtrArray) chosen = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *host = NULL;

    if (g_uri_get_host(uri) == NULL)
        return NULL;
    host = request_host(uri);
    remove_expired(jar, now);
    for (guint i = 0; i < jar->cookies->len; i++) {
        Cookie *cookie = g_ptr_array_index(jar->cookies, i);

        if (cookie_applies(cookie, uri, host))
            g_ptr_array_add(chosen, cookie);
    }
    g_ptr_array_sort(chosen, compare_path_length);
    for (guint i = 0; i < chosen->len; i++) {
        const Cookie *cookie = g_ptr_array_index(chosen, i);

        g_string_append_printf(text, "%s%s=%s", i > 0 ? "; " : "", cookie->name, cookie->value);
    }
    return text->len > 0 ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}
