/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The right to dial: destinations against patterns. What could be read in two ways (a second "@", a
 * maddr parameter, header fields in the URI, control characters) fits no pattern at all. Pure
 * functions, any thread.
 */
#include <mcp/dial.h>
#include <string.h>

typedef struct {
    char *scheme; /* lower case */
    char *user;   /* unescaped, numbers without separators; "" without one; of tel: the number */
    char *host;   /* lower case, without brackets; NULL for tel: */
    char *port;   /* NULL without one */
} Target;

static void
target_clear(Target *target)
{
    g_free(target->scheme);
    g_free(target->user);
    g_free(target->host);
    g_free(target->port);
}

static gboolean
is_legible(const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if ((guchar)*p <= 0x20 || (guchar)*p >= 0x7f || strchr("<>\"\\", *p) != NULL)
            return FALSE;
    }
    return TRUE;
}

/* RFC 3966 §5.1.1: "-", ".", "(" and ")" are there for the eye only. */
static void
drop_separators(char *number)
{
    char *out = number;

    if (*number != '+' && !g_ascii_isdigit(*number))
        return;
    for (const char *p = number; *p != '\0'; p++) {
        if (strchr("-.()", *p) == NULL)
            *out++ = *p;
    }
    *out = '\0';
}

static char *
read_user(const char *text, gsize length)
{
    char *user = g_uri_unescape_segment(text, text + length, NULL);

    if (user == NULL || !is_legible(user) || strpbrk(user, ":@") != NULL) {
        g_free(user);
        return NULL;
    }
    /* RFC 3261 §19.1.6: a telephone number in the user part may have parameters. */
    user[strcspn(user, ";")] = '\0';
    drop_separators(user);
    return user;
}

/* "host", "host:port", "[literal]:port" with nothing behind. */
static gboolean
read_place(Target *target, const char *text)
{
    const char *close = *text == '[' ? strchr(text, ']') : NULL;
    const char *rest = NULL;

    if (*text == '[' && close == NULL)
        return FALSE;
    rest = close != NULL ? close + 1 : text + strcspn(text, ":");
    target->host = close != NULL ? g_ascii_strdown(text + 1, close - text - 1)
                                 : g_ascii_strdown(text, rest - text);
    if (*rest == ':')
        target->port = g_strdup(rest + 1);
    else if (*rest != '\0')
        return FALSE;
    return *target->host != '\0' && strpbrk(target->host, "/@") == NULL;
}

/* maddr sends the request elsewhere; method and headers are for forms, not for dialling. */
static gboolean
are_plain_parameters(const char *text)
{
    g_auto(GStrv) parameters = g_strsplit(text, ";", -1);

    for (guint i = 0; parameters[i] != NULL; i++) {
        g_autofree char *name = g_uri_unescape_string(parameters[i], NULL);

        if (name == NULL)
            return FALSE;
        name[strcspn(name, "=")] = '\0';
        if (g_ascii_strcasecmp(name, "maddr") == 0 || g_ascii_strcasecmp(name, "method") == 0)
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_sip(Target *target, const char *text)
{
    const char *at = strchr(text, '@');
    const char *place = at != NULL ? at + 1 : text;
    gsize length = strcspn(place, ";?");
    g_autofree char *host = g_strndup(place, length);

    if (strchr(place, '@') != NULL || strchr(place, '?') != NULL)
        return FALSE;
    target->user = at != NULL ? read_user(text, (gsize)(at - text)) : g_strdup("");
    return target->user != NULL && read_place(target, host) &&
           (place[length] == '\0' || are_plain_parameters(place + length + 1));
}

static gboolean
read_tel(Target *target, const char *text)
{
    target->user = read_user(text, strlen(text));
    return target->user != NULL && *target->user != '\0';
}

static gboolean
read_target(Target *target, const char *text)
{
    const char *colon = strchr(text, ':');

    if (colon == NULL || !is_legible(text))
        return FALSE;
    target->scheme = g_ascii_strdown(text, colon - text);
    if (strcmp(target->scheme, "tel") == 0)
        return read_tel(target, colon + 1);
    return (strcmp(target->scheme, "sip") == 0 || strcmp(target->scheme, "sips") == 0) &&
           read_sip(target, colon + 1);
}

static gboolean
port_fits(const char *pattern, const Target *target)
{
    const char *usual = strcmp(target->scheme, "sips") == 0 ? "5061" : "5060";

    if (pattern == NULL)
        return target->port == NULL || strcmp(target->port, usual) == 0;
    return g_pattern_match_simple(pattern, target->port != NULL ? target->port : usual);
}

/* The pattern taken apart as a target: "*" and "?" are ordinary characters there. */
static gboolean
sip_fits(const char *text, gboolean secure, const Target *target)
{
    const char *at = strchr(text, '@');
    const char *place = at != NULL ? at + 1 : text;
    g_autofree char *user = g_strndup(text, at != NULL ? (gsize)(at - text) : 0);
    Target pattern = {0};
    gboolean fits;

    drop_separators(user);
    fits = target->host != NULL && (!secure || strcmp(target->scheme, "sips") == 0) &&
           read_place(&pattern, place) && g_pattern_match_simple(user, target->user) &&
           g_pattern_match_simple(pattern.host, target->host) && port_fits(pattern.port, target);
    target_clear(&pattern);
    return fits;
}

static gboolean
number_fits(const char *text, const Target *target)
{
    g_autofree char *number = g_strdup(text);

    drop_separators(number);
    return strcmp(target->scheme, "tel") == 0 && g_pattern_match_simple(number, target->user);
}

static gboolean
is_number(const char *text)
{
    return *text != '\0' && strspn(text, "+0123456789*?#-.()") == strlen(text);
}

static gboolean
fits(const char *pattern, const Target *target)
{
    if (strcmp(pattern, "*") == 0)
        return TRUE;
    if (g_ascii_strncasecmp(pattern, "sip:", 4) == 0)
        return sip_fits(pattern + 4, FALSE, target);
    if (g_ascii_strncasecmp(pattern, "sips:", 5) == 0)
        return sip_fits(pattern + 5, TRUE, target);
    if (g_ascii_strncasecmp(pattern, "tel:", 4) == 0)
        return number_fits(pattern + 4, target);
    return is_number(pattern) && number_fits(pattern, target);
}

gboolean
mcp_dial_match(const char *const *patterns, const char *target)
{
    Target parts = {0};
    gboolean found = FALSE;

    if (read_target(&parts, target)) {
        for (guint i = 0; patterns[i] != NULL && !found; i++)
            found = fits(patterns[i], &parts);
    }
    target_clear(&parts);
    return found;
}

gboolean
mcp_dial_is_pattern(const char *text)
{
    const char *at = strchr(text, '@');
    const char *rest = strchr(text, ':') != NULL ? strchr(text, ':') + 1 : text;
    Target place = {0};
    gboolean valid;

    if (strcmp(text, "*") == 0)
        return TRUE;
    if (!is_legible(text))
        return FALSE;
    if (g_ascii_strncasecmp(text, "sip:", 4) != 0 && g_ascii_strncasecmp(text, "sips:", 5) != 0)
        return is_number(g_ascii_strncasecmp(text, "tel:", 4) == 0 ? rest : text);
    valid = read_place(&place, at != NULL ? at + 1 : rest);
    target_clear(&place);
    return valid;
}
