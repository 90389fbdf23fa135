/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of strings that must not be told. Those of three characters and more are struck out
 * wherever they stand, shorter ones where they stand alone: else every "1" of a call's timeline
 * would go. Any thread.
 */
#include "secrets.h"

#include <mcp/disclosure.h>
#include <string.h>

/* A page that asks for more keeps the first ones; the set is for PINs and card numbers. */
#define MAX_SECRETS 256
#define ANYWHERE 3

struct _McpVxmlSecrets {
    gatomicrefcount refs;
    GMutex lock;      /* guards texts */
    GPtrArray *texts; /* char*: longer ones first */
};

static void
wipe(gpointer text)
{
    memset(text, 0, strlen(text));
    g_free(text);
}

McpVxmlSecrets *
mcp_vxml_secrets_new(void)
{
    McpVxmlSecrets *secrets = g_new0(McpVxmlSecrets, 1);

    g_atomic_ref_count_init(&secrets->refs);
    g_mutex_init(&secrets->lock);
    secrets->texts = g_ptr_array_new_with_free_func(wipe);
    return secrets;
}

McpVxmlSecrets *
mcp_vxml_secrets_ref(McpVxmlSecrets *secrets)
{
    g_atomic_ref_count_inc(&secrets->refs);
    return secrets;
}

void
mcp_vxml_secrets_unref(McpVxmlSecrets *secrets)
{
    if (!g_atomic_ref_count_dec(&secrets->refs))
        return;
    g_ptr_array_unref(secrets->texts);
    g_mutex_clear(&secrets->lock);
    g_free(secrets);
}

static void
add_one(McpVxmlSecrets *secrets, const char *text)
{
    gsize length = strlen(text);
    guint place = 0;

    g_mutex_lock(&secrets->lock);
    while (place < secrets->texts->len && strlen(secrets->texts->pdata[place]) > length)
        place++;
    if (length > 0 && secrets->texts->len < MAX_SECRETS &&
        !g_ptr_array_find_with_equal_func(secrets->texts, text, g_str_equal, NULL))
        g_ptr_array_insert(secrets->texts, (int)place, g_strdup(text));
    g_mutex_unlock(&secrets->lock);
}

void
mcp_vxml_secrets_add(McpVxmlSecrets *secrets, const char *text)
{
    g_autofree char *joined = g_strdup(text);
    char *out = joined;

    add_one(secrets, text);
    for (const char *in = text; *in != '\0'; in++)
        if (*in != ' ')
            *out++ = *in;
    *out = '\0';
    add_one(secrets, joined);
}

/* The end of the literal that begins at @json: a string's closing quote or a number's last digit.
 */
static const char *
literal_end(const char *json)
{
    const char *end = json + 1;

    if (*json != '"')
        return json + strspn(json, "+-.0123456789eE");
    while (*end != '\0' && *end != '"')
        end += *end == '\\' && end[1] != '\0' ? 2 : 1;
    return end;
}

/* RFC 8259 §7; what is no escape there stands for itself. */
static char *
unescape(const char *raw, gsize length)
{
    GString *out = g_string_new(NULL);
    const char *end = raw + length;

    for (const char *c = raw; c < end; c++) {
        static const char from[] = "bfnrt";
        static const char to[] = "\b\f\n\r\t";
        const char *known;

        if (*c != '\\' || c + 1 == end) {
            g_string_append_c(out, *c);
            continue;
        }
        c++;
        known = strchr(from, *c);
        if (*c == 'u' && end - c > 4) {
            g_autofree char *digits = g_strndup(c + 1, 4);

            g_string_append_unichar(out, (gunichar)g_ascii_strtoull(digits, NULL, 16));
            c += 4;
        } else {
            g_string_append_c(out, known != NULL ? to[known - from] : *c);
        }
    }
    return g_string_free(out, FALSE);
}

void
mcp_vxml_secrets_add_json(McpVxmlSecrets *secrets, const char *json)
{
    while (*json != '\0') {
        gboolean quoted = *json == '"';
        const char *end;

        if (!quoted && !g_ascii_isdigit(*json) && *json != '-') {
            json++;
            continue;
        }
        end = literal_end(json);
        if (quoted)
            json++;
        if (!quoted || end[*end != '\0'] != ':') {
            g_autofree char *text = unescape(json, (gsize)(end - json));

            mcp_vxml_secrets_add(secrets, text);
        }
        json = quoted && *end != '\0' ? end + 1 : end;
    }
}

gboolean
mcp_vxml_secrets_is_empty(McpVxmlSecrets *secrets)
{
    gboolean empty;

    g_mutex_lock(&secrets->lock);
    empty = secrets->texts->len == 0;
    g_mutex_unlock(&secrets->lock);
    return empty;
}

static gboolean
stands_alone(const char *text, const char *at, gsize length)
{
    return (at == text || !g_ascii_isalnum(at[-1])) && !g_ascii_isalnum(at[length]);
}

static const char *
find(const char *text, const char *from, const char *secret)
{
    gsize length = strlen(secret);
    const char *at = strstr(from, secret);

    while (at != NULL && length < ANYWHERE && !stands_alone(text, at, length))
        at = strstr(at + 1, secret);
    return at;
}

static char *
strike_out(const char *text, const char *secret)
{
    GString *out = g_string_new(NULL);
    const char *from = text;
    const char *at;

    while ((at = find(text, from, secret)) != NULL) {
        g_string_append_len(out, from, at - from);
        g_string_append(out, MCP_VXML_PRIVATE);
        from = at + strlen(secret);
    }
    g_string_append(out, from);
    return g_string_free(out, FALSE);
}

char *
mcp_vxml_secrets_redact(McpVxmlSecrets *secrets, const char *text)
{
    char *result = mcp_text_hide_passwords(text);

    if (text == NULL)
        return NULL;
    g_mutex_lock(&secrets->lock);
    for (guint i = 0; i < secrets->texts->len; i++) {
        char *next;

        if (find(result, result, secrets->texts->pdata[i]) == NULL)
            continue;
        next = strike_out(result, secrets->texts->pdata[i]);
        g_free(result);
        result = next;
    }
    g_mutex_unlock(&secrets->lock);
    return result;
}

gboolean
mcp_vxml_secrets_is_in(McpVxmlSecrets *secrets, const char *text)
{
    g_autofree char *redacted = mcp_vxml_secrets_redact(secrets, text);

    return g_strcmp0(redacted, text) != 0;
}
