/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpMediaIceLite: the responder of RFC 8445 §2.5 and its lines of SDP (RFC 8839). Leg's context,
 * then media worker.
 */
#include "ice_lite.h"

#include <arpa/inet.h>
#include <mcp/error.h>
#include <netinet/in.h>
#include <openssl/rand.h>
#include <string.h>

#define UFRAG_MIN 4
#define PASSWORD_MIN 22
#define UNKNOWN_ATTRIBUTES 0x000a
#define TYPE_PREFERENCE_HOST 126
#define LOCAL_PREFERENCE_MAX 65535
#define COMPONENT 1

/* ice-char of RFC 8839 §5.4: 64 of them, so that six random bits make one. */
static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static gboolean
fill(char *out, gsize length)
{
    guint8 random[MCP_MEDIA_ICE_PASSWORD];

    if (length > sizeof random || RAND_bytes(random, (int)length) != 1)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        out[i] = characters[random[i] & 63];
    out[length] = 0;
    explicit_bzero(random, sizeof random);
    return TRUE;
}

gboolean
mcp_media_ice_lite_init(McpMediaIceLite *ice, GError **error)
{
    memset(ice, 0, sizeof *ice);
    if (fill(ice->ufrag, MCP_MEDIA_ICE_UFRAG) && fill(ice->password, MCP_MEDIA_ICE_PASSWORD))
        return TRUE;
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_FAILED, "no fresh ice password");
    return FALSE;
}

void
mcp_media_ice_lite_clear(McpMediaIceLite *ice)
{
    explicit_bzero(ice, sizeof *ice);
}

static gboolean
is_text(const char *text, gsize min)
{
    gsize length = strnlen(text, MCP_MEDIA_ICE_TEXT_MAX + 1);

    return length >= min && length <= MCP_MEDIA_ICE_TEXT_MAX && strspn(text, characters) == length;
}

gboolean
mcp_media_ice_lite_set_remote(McpMediaIceLite *ice, const char *ufrag, const char *password,
                              gboolean *out_restart, GError **error)
{
    gboolean known = *ice->remote_ufrag != 0;

    if (!is_text(ufrag, UFRAG_MIN) || !is_text(password, PASSWORD_MIN)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "%s is not %d to %d letters, digits, + and /",
                    is_text(ufrag, UFRAG_MIN) ? "ice-pwd" : "ice-ufrag",
                    is_text(ufrag, UFRAG_MIN) ? PASSWORD_MIN : UFRAG_MIN, MCP_MEDIA_ICE_TEXT_MAX);
        return FALSE;
    }
    *out_restart = known && strcmp(ice->remote_ufrag, ufrag) != 0 &&
                   strcmp(ice->remote_password, password) != 0;
    g_strlcpy(ice->remote_ufrag, ufrag, sizeof ice->remote_ufrag);
    g_strlcpy(ice->remote_password, password, sizeof ice->remote_password);
    return TRUE;
}

/* RFC 8445 §7.3: two values with a colon, the first one is ours. */
static gboolean
is_username(const McpMediaIceLite *self, const McpMediaStunMessage *request)
{
    gsize length = strlen(self->ufrag);

    return request->username_length > length + 1 && request->username[length] == ':' &&
           memcmp(request->username, self->ufrag, length) == 0;
}

static McpMediaIceOutcome
refuse(McpMediaIceLite *self, const McpMediaStunMessage *request, guint code, const char *phrase,
       McpMediaStunWriter *out)
{
    guint8 unknown[2 * MCP_MEDIA_STUN_UNKNOWN_MAX];

    mcp_media_stun_begin(out, MCP_MEDIA_STUN_ERROR, request->transaction);
    mcp_media_stun_add_error(out, code, phrase);
    for (guint i = 0; i < request->n_unknown; i++) {
        unknown[2 * i] = (guint8)(request->unknown[i] >> 8);
        unknown[2 * i + 1] = (guint8)request->unknown[i];
    }
    if (code == 420)
        mcp_media_stun_add(out, UNKNOWN_ATTRIBUTES, unknown, 2 * (gsize)request->n_unknown);
    /* RFC 5389 §10.1.2: 400 and 401 stand for a user that is not known, so they are not signed. */
    if (code > 401)
        mcp_media_stun_add_integrity(out, self->password);
    mcp_media_stun_add_fingerprint(out);
    self->refused++;
    return MCP_MEDIA_ICE_REFUSED;
}

static McpMediaIceOutcome
accept_check(McpMediaIceLite *self, const McpMediaStunMessage *request,
             const struct sockaddr_storage *from, McpMediaStunWriter *out)
{
    mcp_media_stun_begin(out, MCP_MEDIA_STUN_SUCCESS, request->transaction);
    mcp_media_stun_add_address(out, from);
    if (!mcp_media_stun_add_integrity(out, self->password)) {
        self->ignored++;
        return MCP_MEDIA_ICE_IGNORED;
    }
    mcp_media_stun_add_fingerprint(out);
    self->checks++;
    if (!request->use_candidate)
        return MCP_MEDIA_ICE_CHECKED;
    /* Agents of RFC 5245 nominate every pair they try, and go on with the one they use. */
    self->nominated = *from;
    self->has_nominated = TRUE;
    return MCP_MEDIA_ICE_NOMINATED;
}

McpMediaIceOutcome
mcp_media_ice_lite_take(McpMediaIceLite *ice, const guint8 *data, gsize length,
                        const struct sockaddr_storage *from, McpMediaStunWriter *out_response)
{
    McpMediaStunMessage request = {0};

    if ((from->ss_family != AF_INET && from->ss_family != AF_INET6) ||
        !mcp_media_stun_parse(data, length, &request) || request.type != MCP_MEDIA_STUN_REQUEST ||
        !mcp_media_stun_check_integrity(data, &request, ice->password)) {
        ice->ignored++;
        return MCP_MEDIA_ICE_IGNORED;
    }
    if (request.username == NULL)
        return refuse(ice, &request, 400, "Bad Request", out_response);
    if (!is_username(ice, &request))
        return refuse(ice, &request, 401, "Unauthorized", out_response);
    if (request.n_unknown > 0)
        return refuse(ice, &request, 420, "Unknown Attribute", out_response);
    /* §7.3.1.1: we stay controlled, so that one who wants to be it too has to change. */
    if (request.has_controlled)
        return refuse(ice, &request, 487, "Role Conflict", out_response);
    /* §7.1.1, §7.1.3: both are in every check. */
    if (!request.has_priority || !request.has_controlling)
        return refuse(ice, &request, 400, "Bad Request", out_response);
    return accept_check(ice, &request, from, out_response);
}

void
mcp_media_ice_append_session(GString *sdp)
{
    g_string_append(sdp, "a=ice-lite\r\n");
}

guint32
mcp_media_ice_host_priority(guint index)
{
    guint32 preference = LOCAL_PREFERENCE_MAX - MIN(index, LOCAL_PREFERENCE_MAX);

    return (guint32)TYPE_PREFERENCE_HOST << 24 | preference << 8 | (256 - COMPONENT);
}

/* Host candidates of different addresses have different foundations (RFC 8445 §5.1.1.3). */
static void
append_candidate(const struct sockaddr_storage *address, guint index, GString *sdp)
{
    char text[INET6_ADDRSTRLEN] = "";
    guint16 port = 0;

    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *inet = (const struct sockaddr_in *)address;

        inet_ntop(AF_INET, &inet->sin_addr, text, sizeof text);
        port = GUINT16_FROM_BE(inet->sin_port);
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *inet6 = (const struct sockaddr_in6 *)address;

        inet_ntop(AF_INET6, &inet6->sin6_addr, text, sizeof text);
        port = GUINT16_FROM_BE(inet6->sin6_port);
    }
    if (*text != 0)
        g_string_append_printf(sdp, "a=candidate:%u %d UDP %u %s %u typ host\r\n", index + 1,
                               COMPONENT, mcp_media_ice_host_priority(index), text, port);
}

void
mcp_media_ice_lite_append_media(const McpMediaIceLite *ice,
                                const struct sockaddr_storage *addresses, guint n, GString *sdp)
{
    g_string_append_printf(sdp, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", ice->ufrag, ice->password);
    for (guint i = 0; i < MIN(n, MCP_MEDIA_ICE_CANDIDATES_MAX); i++)
        append_candidate(&addresses[i], i, sdp);
}
