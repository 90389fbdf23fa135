/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A leg with a peer, and a leg with another leg, as several tests have them. On the default context
 * of the test.
 */
#include "legs.h"

#include <string.h>

void
case_open(Case *test, const char *formats, const char *lines)
{
    case_open_with(test, formats, lines, 0);
}

void
case_open_with(Case *test, const char *formats, const char *lines, gint64 no_media)
{
    memset(test, 0, sizeof *test);
    platform_open_with(&test->platform, no_media);
    peer_open(&test->peer);
    test->leg = peer_connect(&test->peer, &test->platform, formats, lines);
    mcp_leg_set_handler(test->leg, seen_handler, &test->seen);
}

void
case_close(Case *test)
{
    close_leg(&test->platform, test->leg);
    peer_close(&test->peer);
    platform_close(&test->platform);
    seen_clear(&test->seen);
}

void
pair_connect(Pair *pair, const char *local_address)
{
    const McpLegParams params = {.call_id = "pair", .local_address = local_address};
    McpMedia *media = MCP_MEDIA(pair->platform.service);
    g_autoptr(GError) error = NULL;

    pair->caller = mcp_media_create_leg(media, &params, &error);
    pair->callee = mcp_media_create_leg(media, &params, &error);
    g_assert_no_error(error);
    memset(&pair->caller_seen, 0, sizeof pair->caller_seen);
    memset(&pair->callee_seen, 0, sizeof pair->callee_seen);
    mcp_leg_set_handler(pair->caller, seen_handler, &pair->caller_seen);
    mcp_leg_set_handler(pair->callee, seen_handler, &pair->callee_seen);
    pair_negotiate(pair);
    mcp_leg_start(pair->caller);
    mcp_leg_start(pair->callee);
}

void
pair_negotiate(Pair *pair)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = mcp_leg_create_offer(pair->caller, &error);
    g_autoptr(McpSdp) answer = NULL;

    g_assert_no_error(error);
    answer = mcp_leg_answer(pair->callee, offer, &error);
    g_assert_no_error(error);
    g_assert_true(mcp_leg_apply_answer(pair->caller, answer, &error));
    pair->callee_port = mcp_sdp_get_media(answer, 0)->port;
}

void
pair_disconnect(Pair *pair)
{
    close_leg(&pair->platform, pair->caller);
    close_leg(&pair->platform, pair->callee);
    seen_clear(&pair->caller_seen);
    seen_clear(&pair->callee_seen);
}
