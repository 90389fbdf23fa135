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

/*
 * The last @ of an authority ends what is before the host (RFC 3986 §3.2). Returns: where the rest
 * of it begins. How long a password is tells nobody either.
 */
static const char *
add_user(GString *shown, const char *authority)
{
    gsize length = strcspn(authority, "/?#\\ \t\r\n\"<>");
    const char *at = memrchr(authority, '@', length);
    const char *colon = at != NULL ? memchr(authority, ':', (gsize)(at - authority)) : NULL;

    if (colon == NULL)
        return authority;
    g_string_append_len(shown, authority, colon + 1 - authority);
    g_string_append(shown, "***");
    return at;
}

char *
mcp_text_hide_passwords(const char *text)
{
    GString *shown = NULL;
    const char *scheme = NULL;

    if (text == NULL)
        return NULL;
    shown = g_string_new(NULL);
    while ((scheme = strstr(text, "://")) != NULL) {
        const char *authority = scheme + strlen("://");

        g_string_append_len(shown, text, authority - text);
        text = add_user(shown, authority);
    }
    g_string_append(shown, text);
    return g_string_free(shown, FALSE);
}
