/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of connectivity checks. A first byte tells how far the input gets: as it is, with its
 * fingerprint mended, or signed as well, as by an agent that knows the password; or it is the
 * description of the other side.
 */
#include "protection/ice_lite.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input without what it has of header, from its attributes on. */
static void
mend(const McpMediaIceLite *ice, const uint8_t *data, size_t size, gboolean with_integrity,
     McpMediaStunWriter *out)
{
    static const guint8 transaction[12] = "transaction";
    gsize length = MIN(size, sizeof out->data - 20 - 24 - 8) & ~(gsize)3;

    mcp_media_stun_begin(out, MCP_MEDIA_STUN_REQUEST, transaction);
    memcpy(out->data + 20, data, length);
    out->length += length;
    if (with_integrity && !mcp_media_stun_add_integrity(out, ice->password))
        __builtin_trap();
    mcp_media_stun_add_fingerprint(out);
}

static void
check(McpMediaIceLite *ice, const guint8 *data, gsize length, gboolean knows_password)
{
    const guint64 before = ice->checks + ice->refused + ice->ignored;
    struct sockaddr_storage from = {.ss_family = (length & 8) != 0 ? AF_INET : AF_INET6};
    McpMediaStunWriter response = {0};
    McpMediaStunMessage message;
    McpMediaIceOutcome outcome = mcp_media_ice_lite_take(ice, data, length, &from, &response);

    if (ice->checks + ice->refused + ice->ignored != before + 1)
        __builtin_trap();
    if (outcome == MCP_MEDIA_ICE_IGNORED)
        return;
    if (!knows_password || !mcp_media_stun_parse(response.data, response.length, &message) ||
        message.type !=
            (outcome == MCP_MEDIA_ICE_REFUSED ? MCP_MEDIA_STUN_ERROR : MCP_MEDIA_STUN_SUCCESS))
        __builtin_trap();
    if (outcome != MCP_MEDIA_ICE_REFUSED &&
        !mcp_media_stun_check_integrity(response.data, &message, ice->password))
        __builtin_trap();
}

/* A ufrag and, behind a blank, a password: what can be used is kept as it is. */
static void
describe(const uint8_t *data, size_t size)
{
    g_auto(McpMediaIceLite) ice = {0};
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) parts = g_strsplit(text, " ", 2);
    const struct sockaddr_storage addresses[3] = {
        {.ss_family = AF_INET}, {.ss_family = AF_INET6}, {.ss_family = AF_UNIX}};
    g_autoptr(GString) sdp = g_string_new(NULL);
    gboolean restart = FALSE;

    if (!mcp_media_ice_lite_init(&ice, NULL))
        __builtin_trap();
    if (g_strv_length(parts) == 2 &&
        mcp_media_ice_lite_set_remote(&ice, parts[0], parts[1], &restart, NULL) &&
        (restart || !g_str_equal(ice.remote_ufrag, parts[0]) ||
         !g_str_equal(ice.remote_password, parts[1])))
        __builtin_trap();
    mcp_media_ice_append_session(sdp);
    mcp_media_ice_lite_append_media(&ice, addresses, size % 4, sdp);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    McpMediaIceLite ice = {.ufrag = "evtjABCD", .password = "VOkJxbRl1RmTxUkWvJxBt123"};
    McpMediaStunWriter request;
    guint kind = size > 0 ? data[0] % 4 : 0;

    if (size < 1)
        return 0;
    if (kind == 0) {
        g_autofree guint8 *copy = g_memdup2(data + 1, size - 1);

        check(&ice, copy, size - 1, FALSE);
        return 0;
    }
    if (kind == 3) {
        describe(data + 1, size - 1);
        return 0;
    }
    mend(&ice, data + 1, size - 1, kind == 2, &request);
    check(&ice, request.data, request.length, kind == 2);
    return 0;
}
