/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must not be told, known by its name or its place. Where it is doubtful, more is hidden. Pure
 * functions.
 */
#include <mcp/disclosure.h>
#include <string.h>

gboolean
mcp_name_is_secret(const char *name)
{
    static const char *const words[] = {"secret", "passw",        "passphrase", "token",
                                        "apikey", "api_key",      "api-key",    "credential",
                                        "pwd",    "authorization"};
    g_autofree char *lower = g_ascii_strdown(name, -1);

    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strstr(lower, words[i]) != NULL)
            return TRUE;
    }
    return strcmp(lower, "key") == 0 || g_str_has_suffix(lower, ".key") ||
           g_str_has_suffix(lower, "_key") || g_str_has_suffix(lower, "-key");
}

/* The last @ of an authority ends what is before the host (RFC 3986 §3.2). */
static void
hide_password(char *authority)
{
    gsize length = strcspn(authority, "/?#\\ \t\r\n\"<>");
    char *at = memrchr(authority, '@', length);
    char *colon = at != NULL ? memchr(authority, ':', (gsize)(at - authority)) : NULL;

    if (colon != NULL)
        memset(colon + 1, '*', (gsize)(at - colon - 1));
}

char *
mcp_text_hide_passwords(const char *text)
{
    char *shown = g_strdup(text);

    for (char *p = shown; p != NULL && (p = strstr(p, "://")) != NULL;) {
        p += strlen("://");
        hide_password(p);
    }
    return shown;
}
