/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header values and URI parameters as text. Text from applications and from the network meets here;
 * line ends never pass, so that nobody writes a header of his own. Any thread.
 */
#include "header_text.h"

#include "sofia.h"

#include <string.h>

#define PARAMETERS_MAX 64

/* Headers that belong to the stack or to the dialog; applications may not set them. */
static const char *const own_headers[] = {"Via",
                                          "v",
                                          "From",
                                          "f",
                                          "To",
                                          "t",
                                          "Call-ID",
                                          "i",
                                          "CSeq",
                                          "Contact",
                                          "m",
                                          "Route",
                                          "Allow",
                                          "Max-Forwards",
                                          "Content-Length",
                                          "l",
                                          "Record-Route",
                                          "Content-Type",
                                          "c",
                                          "Require",
                                          "Supported",
                                          "k",
                                          "Content-Encoding",
                                          "e",
                                          "Proxy-Require",
                                          "RSeq",
                                          "RAck",
                                          "Session-Expires",
                                          "x",
                                          "Min-SE",
                                          NULL};

static gboolean
is_token(const char *text)
{
    if (*text == '\0')
        return FALSE;
    for (; *text != '\0'; text++) {
        if (!g_ascii_isalnum(*text) && strchr("-.!%*_+`'~", *text) == NULL)
            return FALSE;
    }
    return TRUE;
}

static void
append_clean(GString *out, const char *text)
{
    for (; *text != '\0'; text++)
        g_string_append_c(out, g_ascii_iscntrl(*text) ? ' ' : *text);
}

static void
append_quoted(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, g_ascii_iscntrl(*text) ? ' ' : *text);
    }
    g_string_append_c(out, '"');
}

/* "SIP;cause=…", "Q.850;cause=…", "X.y;…": a protocol token, then its parameters. */
static gboolean
is_reason_value(const char *reason)
{
    const char *semicolon = strchr(reason, ';');
    g_autofree char *protocol = NULL;

    if (semicolon == NULL)
        return FALSE;
    protocol = g_strndup(reason, (gsize)(semicolon - reason));
    return is_token(g_strstrip(protocol));
}

char *
mcp_sip_reason_value(guint status, const char *reason)
{
    GString *out = g_string_new(NULL);

    if (is_reason_value(reason)) {
        append_clean(out, reason);
    } else {
        g_string_append_printf(out, "SIP;cause=%u;text=", status);
        append_quoted(out, reason);
    }
    return g_string_free(out, FALSE);
}

char *
mcp_sip_reason_text(const char *value)
{
    const char *text = strstr(value, "text=\"");
    GString *out = NULL;

    if (text == NULL)
        return g_strdup(value);
    out = g_string_new(NULL);
    for (text += strlen("text=\""); *text != '\0' && *text != '"'; text++) {
        if (*text == '\\' && text[1] != '\0')
            text++;
        g_string_append_c(out, *text);
    }
    return g_string_free(out, FALSE);
}

char *
mcp_sip_warning_value(guint code, const char *host, const char *text)
{
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "%u %s ", code, host);
    append_quoted(out, text);
    return g_string_free(out, FALSE);
}

char *
mcp_sip_header_line(const McpHeader *header)
{
    GString *out = NULL;

    if (!is_token(header->name))
        return NULL;
    for (guint i = 0; own_headers[i] != NULL; i++) {
        if (g_ascii_strcasecmp(own_headers[i], header->name) == 0)
            return NULL;
    }
    out = g_string_new(header->name);
    g_string_append(out, ": ");
    append_clean(out, header->value != NULL ? header->value : "");
    return g_string_free(out, FALSE);
}

char *
mcp_sip_header_lines(const GPtrArray *headers)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; headers != NULL && i < headers->len; i++) {
        g_autofree char *line = mcp_sip_header_line(headers->pdata[i]);

        if (line != NULL)
            g_string_append_printf(out, "%s\r\n", line);
    }
    return out->len > 0 ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

char *
mcp_sip_header_echo(const GPtrArray *headers)
{
    g_autoptr(GPtrArray) echoed = g_ptr_array_new();

    for (guint i = 0; i < headers->len; i++) {
        const McpHeader *header = headers->pdata[i];

        if (mcp_header_is_genesys(header->name))
            g_ptr_array_add(echoed, headers->pdata[i]);
    }
    return mcp_sip_header_lines(echoed);
}

char *
mcp_sip_unescape(const char *text, gsize length)
{
    g_autoptr(GString) out = g_string_sized_new(length);

    for (gsize i = 0; i < length; i++) {
        char c = text[i];

        if (c == '%') {
            if (i + 2 >= length || !g_ascii_isxdigit(text[i + 1]) || !g_ascii_isxdigit(text[i + 2]))
                return NULL;
            c = (char)(g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2]));
            i += 2;
        }
        if (c == '\0')
            return NULL;
        g_string_append_c(out, c);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

gboolean
mcp_sip_uri_parameters(const char *text, GPtrArray *out_parameters)
{
    while (text != NULL && *text != '\0' && out_parameters->len < PARAMETERS_MAX) {
        gsize length = strcspn(text, ";");
        gsize name_length = strcspn(text, ";=");
        g_autofree char *name = mcp_sip_unescape(text, name_length);
        g_autofree char *value = NULL;

        if (name == NULL)
            return FALSE;
        if (name_length < length) {
            value = mcp_sip_unescape(text + name_length + 1, length - name_length - 1);
            if (value == NULL)
                return FALSE;
        }
        if (length > 0)
            g_ptr_array_add(out_parameters, mcp_header_new(name, value));
        text += length;
        if (*text == ';')
            text++;
    }
    return TRUE;
}

/* Splits off ":port" behind @host; @host points into @text, which it changes. */
static gboolean
split_port(char *text, guint default_port, char **out_host, guint *out_port)
{
    char *colon = NULL;
    guint64 port = default_port;

    *out_host = text;
    if (text[0] == '[') {
        char *end = strchr(text, ']');

        if (end == NULL)
            return FALSE;
        *end = '\0';
        *out_host = text + 1;
        colon = end + 1;
        if (*colon != '\0' && *colon != ':')
            return FALSE;
    } else {
        colon = strchr(text, ':');
    }
    if (colon != NULL && *colon == ':') {
        *colon = '\0';
        if (!g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL))
            return FALSE;
    }
    *out_port = (guint)port;
    return TRUE;
}

gboolean
mcp_sip_split_address(const char *text, guint default_port, char **out_host, guint *out_port)
{
    g_autofree char *copy = g_strdup(text);
    g_autoptr(GInetAddress) address = NULL;
    char *host = NULL;
    guint port = 0;

    if (strcmp(text, "auto") == 0) {
        *out_host = g_strdup("0.0.0.0");
        *out_port = default_port;
        return TRUE;
    }
    if (!split_port(copy, default_port, &host, &port))
        return FALSE;
    address = g_inet_address_new_from_string(host);
    if (address == NULL)
        return FALSE;
    *out_host = g_inet_address_to_string(address);
    *out_port = port;
    return TRUE;
}

guint
mcp_sip_reject_status(const McpReject *reject)
{
    return reject->status >= 300 && reject->status <= 699 ? reject->status : 500;
}

char *
mcp_sip_reject_reason(const McpReject *reject)
{
    guint status = mcp_sip_reject_status(reject);

    return mcp_sip_reason_value(status, reject->reason != NULL ? reject->reason
                                                               : sip_status_phrase((int)status));
}

char *
mcp_sip_reject_warning(const McpReject *reject, const char *host)
{
    if (reject->warning_code < 300 || reject->warning_code > 399)
        return NULL;
    return mcp_sip_warning_value(reject->warning_code, host,
                                 reject->warning_text != NULL
                                     ? reject->warning_text
                                     : sip_status_phrase((int)mcp_sip_reject_status(reject)));
}
