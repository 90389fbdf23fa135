/* SPDX-License-Identifier: Apache-2.0 */
/*
 * REFER and its NOTIFY as text: Refer-To with an embedded Replaces, Referred-By, Refer-Sub, and the
 * status line in a sipfrag. No context of its own; SIP context for messages.
 */
#include "refer_text.h"

#include "header_text.h"
#include "message.h"

#include <mcp/error.h>
#include <string.h>

/* The value of header @name among the "?name=value&…" of a URI, unescaped: (nullable). */
static char *
embedded_header(const char *headers, const char *name)
{
    gsize length = strlen(name);

    while (headers != NULL && *headers != '\0') {
        gsize size = strcspn(headers, "&");

        if (size > length && headers[length] == '=' &&
            g_ascii_strncasecmp(headers, name, length) == 0)
            return mcp_sip_unescape(headers + length + 1, size - length - 1);
        headers += size + (headers[size] == '&' ? 1 : 0);
    }
    return NULL;
}

static gboolean
is_plain(const char *text)
{
    return text == NULL || strpbrk(text, "\r\n") == NULL;
}

static gboolean
check_target(const url_t *url, GError **error)
{
    char method[16] = "";

    if (url->url_type != url_sip && url->url_type != url_sips && url->url_type != url_tel) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                    "Refer-To is no sip:, sips: or tel: URI");
        return FALSE;
    }
    if (url_param(url->url_params, "method", method, sizeof method) != 0 &&
        g_ascii_strcasecmp(method, "INVITE") != 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "Refer-To asks for method %s", method);
        return FALSE;
    }
    return TRUE;
}

/* As it came, its name aside: (nullable). */
static char *
referred_by(const sip_t *sip)
{
    const sip_referred_by_t *header = sip->sip_referred_by;
    g_autofree char *url = header != NULL ? mcp_sip_message_url(header->b_url) : NULL;

    return url != NULL && is_plain(url) ? g_strdup_printf("<%s>", url) : NULL;
}

McpRefer *
mcp_sip_refer_read(const sip_t *sip, GError **error)
{
    const sip_refer_to_t *header = sip->sip_refer_to;
    g_autofree char *target = NULL;
    g_autofree char *replaces = NULL;
    g_autofree char *by = referred_by(sip);
    url_t url = {0};

    if (header == NULL || header->r_next != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "REFER needs exactly one Refer-To");
        return NULL;
    }
    if (!check_target(header->r_url, error))
        return NULL;
    url = *header->r_url;
    url.url_headers = NULL;
    target = mcp_sip_message_url(&url);
    replaces = embedded_header(header->r_url->url_headers, "Replaces");
    if (target == NULL || *target == '\0' || !is_plain(target) || !is_plain(replaces)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "Refer-To cannot be read");
        return NULL;
    }
    return mcp_refer_new(target, replaces, by);
}

char *
mcp_sip_refer_lines(const McpRefer *refer)
{
    GString *lines = g_string_new(NULL);

    if (strpbrk(refer->target, " \t\r\n<>\"?") != NULL || !is_plain(refer->referred_by)) {
        g_string_free(lines, TRUE);
        return NULL;
    }
    g_string_append_printf(lines, "Refer-To: <%s", refer->target);
    if (refer->replaces != NULL) {
        g_autofree char *escaped = g_uri_escape_string(refer->replaces, NULL, FALSE);

        g_string_append_printf(lines, "?Replaces=%s", escaped);
    }
    g_string_append(lines, ">\r\n");
    if (refer->referred_by != NULL)
        g_string_append_printf(lines, "Referred-By: %s\r\n", refer->referred_by);
    return g_string_free(lines, FALSE);
}

gboolean
mcp_sip_refer_is_silent(const sip_t *sip)
{
    const sip_refer_sub_t *header = sip_refer_sub(sip);

    return header != NULL && header->rs_value != NULL &&
           g_ascii_strcasecmp(header->rs_value, "false") == 0;
}

guint
mcp_sip_refer_fragment_status(const sip_t *sip)
{
    const sip_payload_t *payload = sip->sip_payload;
    static const char version[] = "SIP/2.0 ";
    const gsize length = sizeof version - 1;
    guint status = 0;

    if (payload == NULL || payload->pl_len < length + 3 || sip->sip_content_type == NULL ||
        g_ascii_strcasecmp(sip->sip_content_type->c_type, "message/sipfrag") != 0 ||
        g_ascii_strncasecmp(payload->pl_data, version, length) != 0)
        return 0;
    for (gsize i = length; i < length + 3; i++) {
        if (!g_ascii_isdigit(payload->pl_data[i]))
            return 0;
        status = status * 10 + (guint)(payload->pl_data[i] - '0');
    }
    return status >= 100 && status <= 699 ? status : 0;
}
