/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading of received messages: headers kept for applications, bodies, the facts of an INVITE.
 * Everything is bounded again here, below the limit of the message size. SIP context.
 */
#include "message.h"

#include "header_text.h"
#include "multipart.h"

#include <mcp/error.h>
#include <sofia-sip/msg_header.h>
#include <string.h>

#define HEADERS_MAX 64
#define HEADERS_BYTES_MAX (16 * 1024)

/* Headers that the stack consumes; everything else goes to the application. */
static gboolean
is_consumed(const msg_hclass_t *class)
{
    const msg_hclass_t *const consumed[] = {
        sip_request_class,
        sip_status_class,
        sip_via_class,
        sip_route_class,
        sip_record_route_class,
        sip_from_class,
        sip_to_class,
        sip_call_id_class,
        sip_cseq_class,
        sip_max_forwards_class,
        sip_content_length_class,
        sip_content_type_class,
        sip_contact_class,
        sip_separator_class,
        sip_payload_class,
        sip_error_class,
        sip_require_class,
        sip_proxy_require_class,
        sip_allow_class,
        sip_supported_class,
        sip_authorization_class,
        sip_accept_class,
        sip_proxy_authorization_class,
    };

    for (guint i = 0; i < G_N_ELEMENTS(consumed); i++) {
        if (consumed[i] == class)
            return TRUE;
    }
    return FALSE;
}

/* Unfolds (RFC 3261 §7.3.1) and trims. */
static char *
clean_value(const char *text, gsize length)
{
    char *value = g_strndup(text, length);

    for (char *p = value; *p != '\0'; p++) {
        if (*p == '\r' || *p == '\n' || *p == '\t')
            *p = ' ';
    }
    return g_strstrip(value);
}

static McpHeader *
read_header(const sip_header_t *header)
{
    const msg_common_t *common = header->sh_common;
    const char *text = common->h_data;
    const char *colon = NULL;
    g_autofree char *name = NULL;
    g_autofree char *value = NULL;

    /* Later elements of a list on one line have no text of their own: the first one has it. */
    if (text == NULL || common->h_len == 0)
        return NULL;
    colon = memchr(text, ':', common->h_len);
    if (colon == NULL)
        return NULL;
    /* Compact forms are told apart by their class. */
    if (common->h_class->hc_name != NULL && common->h_class->hc_name[0] != '\0')
        name = g_strdup(common->h_class->hc_name);
    else
        name = clean_value(text, (gsize)(colon - text));
    value = clean_value(colon + 1, common->h_len - (gsize)(colon + 1 - text));
    return mcp_header_new(name, value);
}

GPtrArray *
mcp_sip_message_headers(const sip_t *sip)
{
    GPtrArray *headers = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);
    const sip_header_t *header = (const sip_header_t *)sip->sip_request;
    gsize bytes = 0;

    if (header == NULL)
        header = (const sip_header_t *)sip->sip_status;
    for (; header != NULL && headers->len < HEADERS_MAX;
         header = (const sip_header_t *)header->sh_succ) {
        McpHeader *entry = NULL;

        if (is_consumed(header->sh_class))
            continue;
        entry = read_header(header);
        if (entry == NULL)
            continue;
        bytes += strlen(entry->name) + strlen(entry->value);
        if (bytes > HEADERS_BYTES_MAX) {
            mcp_header_free(entry);
            break;
        }
        g_ptr_array_add(headers, entry);
    }
    return headers;
}

static gboolean
is_type(const sip_t *sip, const char *type)
{
    return sip->sip_content_type != NULL &&
           g_ascii_strcasecmp(sip->sip_content_type->c_type, type) == 0;
}

/* RFC 3261 §20.11: a part that may be ignored is no reason to refuse the request. */
static gboolean
is_optional(const sip_t *sip)
{
    return sip->sip_content_disposition != NULL && sip->sip_content_disposition->cd_optional;
}

static gboolean
is_identity(const sip_t *sip)
{
    const sip_content_encoding_t *encoding = sip->sip_content_encoding;

    return encoding == NULL || encoding->k_items == NULL || encoding->k_items[0] == NULL ||
           g_ascii_strcasecmp(encoding->k_items[0], "identity") == 0;
}

static gboolean
parse_sdp(const char *data, gsize length, McpSdp **out_sdp, GError **error)
{
    *out_sdp = mcp_sdp_parse(data, length, error);
    return *out_sdp != NULL;
}

static gboolean
unsupported(const char *type, GError **error)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "body of type %s", type);
    return FALSE;
}

static gboolean
is_multipart(const sip_t *sip)
{
    return sip->sip_content_type != NULL && is_identity(sip) &&
           g_ascii_strncasecmp(sip->sip_content_type->c_type, "multipart/", 10) == 0;
}

/* Value of the boundary parameter, quoted or not. */
static char *
read_boundary(const sip_t *sip)
{
    const char *text = msg_params_find(sip->sip_content_type->c_params, "boundary=");
    gsize length = text != NULL ? strlen(text) : 0;

    if (length >= 2 && text[0] == '"' && text[length - 1] == '"')
        return g_strndup(text + 1, length - 2);
    return g_strdup(text != NULL ? text : "");
}

/*
 * The first session description among the parts. RFC 5621 §3 has unknown parts required unless they
 * say otherwise; trunks that add ISUP or metadata rarely say so, hence only an explicit
 * handling=required refuses.
 */
static gboolean
find_sdp(const sip_t *sip, McpSdp **out_sdp, GError **error)
{
    const sip_payload_t *payload = sip->sip_payload;
    g_autofree char *boundary = read_boundary(sip);
    g_autoptr(GPtrArray) parts =
        mcp_sip_multipart_parse(payload->pl_data, payload->pl_len, boundary, error);
    const McpSipPart *found = NULL;

    if (parts == NULL)
        return FALSE;
    for (guint i = 0; i < parts->len; i++) {
        const McpSipPart *part = parts->pdata[i];

        if (!g_str_equal(part->type, "application/sdp") && part->required)
            return unsupported(part->type, error);
        if (g_str_equal(part->type, "application/sdp") && found == NULL)
            found = part;
    }
    return found == NULL || parse_sdp(found->data, found->length, out_sdp, error);
}

gboolean
mcp_sip_message_sdp(const sip_t *sip, McpSdp **out_sdp, GError **error)
{
    const sip_payload_t *payload = sip->sip_payload;

    *out_sdp = NULL;
    if (payload == NULL || payload->pl_len == 0)
        return TRUE;
    if (is_type(sip, "application/sdp") && is_identity(sip))
        return parse_sdp(payload->pl_data, payload->pl_len, out_sdp, error);
    if (is_multipart(sip))
        return find_sdp(sip, out_sdp, error);
    if (is_optional(sip))
        return TRUE;
    return unsupported(sip->sip_content_type != NULL ? sip->sip_content_type->c_type : "unknown",
                       error);
}

GBytes *
mcp_sip_message_body(const sip_t *sip, char **out_type)
{
    const sip_payload_t *payload = sip->sip_payload;

    *out_type = NULL;
    if (payload == NULL || payload->pl_len == 0)
        return NULL;
    if (sip->sip_content_type != NULL)
        *out_type = g_strdup(sip->sip_content_type->c_type);
    return g_bytes_new(payload->pl_data, payload->pl_len);
}

char *
mcp_sip_message_reason(const sip_t *sip)
{
    const sip_reason_t *reason = sip->sip_reason;
    GString *out = NULL;

    if (reason == NULL)
        return NULL;
    if (reason->re_text != NULL) {
        g_autofree char *value = g_strdup_printf("text=%s", reason->re_text);

        return mcp_sip_reason_text(value);
    }
    out = g_string_new(reason->re_protocol);
    if (reason->re_cause != NULL)
        g_string_append_printf(out, " %s", reason->re_cause);
    return g_string_free(out, FALSE);
}

char *
mcp_sip_message_url(const url_t *url)
{
    char small[256];
    isize_t length = url_e(small, sizeof small, url);
    char *text = NULL;

    if (length >= 0 && length < (isize_t)sizeof small)
        return g_strdup(small);
    text = g_malloc0((gsize)length + 1);
    url_e(text, length + 1, url);
    return text;
}

static char *
display_name(const sip_from_t *from)
{
    const char *text = from->a_display;
    GString *out = NULL;

    if (text == NULL || text[0] == '\0')
        return NULL;
    if (text[0] != '"')
        return g_strdup(text);
    out = g_string_new(NULL);
    for (text++; *text != '\0' && *text != '"'; text++) {
        if (*text == '\\' && text[1] != '\0')
            text++;
        g_string_append_c(out, *text);
    }
    return g_string_free(out, FALSE);
}

McpInvite *
mcp_sip_message_invite(const sip_t *sip, GError **error)
{
    g_autoptr(McpInvite) invite = mcp_invite_new();
    const url_t *url = sip->sip_request->rq_url;
    const char *user = url->url_user != NULL ? url->url_user : "";
    const char *part = "user part";

    invite->user = mcp_sip_unescape(user, strlen(user));
    if (invite->user != NULL)
        part =
            mcp_sip_uri_parameters(url->url_params, invite->uri_parameters) ? NULL : "parameters";
    if (part != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "malformed escape in the %s of the request-URI", part);
        return NULL;
    }
    invite->sip_call_id = g_strdup(sip->sip_call_id->i_id);
    invite->request_uri = mcp_sip_message_url(url);
    invite->host = g_strdup(url->url_host != NULL ? url->url_host : "");
    invite->from_uri = mcp_sip_message_url(sip->sip_from->a_url);
    invite->from_display = display_name(sip->sip_from);
    invite->to_uri = mcp_sip_message_url(sip->sip_to->a_url);
    g_clear_pointer(&invite->headers, g_ptr_array_unref);
    invite->headers = mcp_sip_message_headers(sip);
    return g_steal_pointer(&invite);
}

GInetAddress *
mcp_sip_message_source(msg_t *message, guint *out_port)
{
    const su_sockaddr_t *address = msg_addr(message);

    *out_port = ntohs(address->su_port);
    if (address->su_family == AF_INET)
        return g_inet_address_new_from_bytes((const guint8 *)&address->su_sin.sin_addr,
                                             G_SOCKET_FAMILY_IPV4);
    if (address->su_family == AF_INET6)
        return g_inet_address_new_from_bytes((const guint8 *)&address->su_sin6.sin6_addr,
                                             G_SOCKET_FAMILY_IPV6);
    return NULL;
}

gboolean
mcp_sip_message_is_uri(const char *text)
{
    su_home_t home[1] = {SU_HOME_INIT(home)};
    gboolean valid = FALSE;
    url_t *url = NULL;

    su_home_init(home);
    url = url_make(home, text);
    valid = url != NULL && (url->url_type == url_sip || url->url_type == url_sips) &&
            url->url_host != NULL && url->url_host[0] != '\0' &&
            strpbrk(text, " \t\r\n<>\"") == NULL;
    su_home_deinit(home);
    return valid;
}

gboolean
mcp_sip_message_is_sips(const sip_t *sip)
{
    const url_t *url =
        sip->sip_record_route != NULL ? sip->sip_record_route->r_url : sip->sip_contact->m_url;

    return sip->sip_request->rq_url->url_type == url_sips || url->url_type == url_sips;
}
