/* SPDX-License-Identifier: Apache-2.0 */
/* Offers and answers of the media contract (mcp/contract/leg.h, RFC 3264). */
#include "contract.h"
#include "media_log.h"

#include <string.h>

#define PCMU "m=audio 40000 RTP/AVP 0\r\n"

McpSdp *
media_suite_sdp(const char *lines)
{
    g_autofree char *text = g_strdup_printf(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n%s", lines);
    g_autoptr(GError) error = NULL;
    McpSdp *sdp = mcp_sdp_parse(text, strlen(text), &error);

    g_assert_no_error(error);
    return sdp;
}

static McpSdp *
answer(McpLeg *leg, const char *lines, GError **error)
{
    g_autoptr(McpSdp) offer = media_suite_sdp(lines);

    return mcp_leg_answer(leg, offer, error);
}

/* "the same offer again gives the same answer and changes nothing" */
static void
test_answer(void)
{
    McpLeg *leg = media_provider.make();
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) first = answer(leg, PCMU, &error);
    g_autoptr(McpSdp) again = NULL;

    g_assert_no_error(error);
    g_assert_cmpuint(mcp_sdp_get_n_media(first), ==, 1);
    g_assert_cmpuint(mcp_sdp_get_media(first, 0)->port, !=, 0);
    again = answer(leg, PCMU, NULL);
    g_assert_cmpstr(mcp_sdp_get_text(first), ==, mcp_sdp_get_text(again));
    media_provider.drop(leg);
}

/* "Media lines other than the one audio line are refused with port 0." */
static void
test_lines(void)
{
    McpLeg *leg = media_provider.make();
    g_autoptr(McpSdp) sdp = answer(leg, "m=video 40002 RTP/AVP 96\r\n" PCMU PCMU, NULL);

    g_assert_nonnull(sdp);
    g_assert_cmpuint(mcp_sdp_get_n_media(sdp), ==, 3);
    g_assert_cmpuint(mcp_sdp_get_media(sdp, 0)->port, ==, 0);
    g_assert_cmpuint(mcp_sdp_get_media(sdp, 1)->port, !=, 0);
    g_assert_cmpuint(mcp_sdp_get_media(sdp, 2)->port, ==, 0);
    media_provider.drop(leg);
}

/* "Error: MCP_ERROR_MEDIA when nothing is in common." */
static void
test_nothing_in_common(void)
{
    McpLeg *leg = media_provider.make();
    g_autoptr(GError) error = NULL;

    g_assert_null(answer(leg, "m=audio 40000 RTP/AVP 96\r\na=rtpmap:96 X-NONE/8000\r\n", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_MEDIA);
    media_provider.drop(leg);
}

static void
test_offer(void)
{
    McpLeg *leg = media_provider.make();
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = mcp_leg_create_offer(leg, &error);
    g_autoptr(McpSdp) theirs = media_suite_sdp(PCMU);

    g_assert_no_error(error);
    g_assert_cmpuint(mcp_sdp_get_n_media(offer), ==, 1);
    g_assert_true(mcp_leg_apply_answer(leg, theirs, &error));
    g_assert_no_error(error);
    media_provider.drop(leg);
}

/* "forgets an offer … that did not come into force" */
static void
test_rollback(void)
{
    McpLeg *leg = media_provider.make();
    g_autoptr(McpSdp) before = answer(leg, PCMU, NULL);
    g_autoptr(McpSdp) offer = mcp_leg_create_offer(leg, NULL);
    g_autoptr(McpSdp) theirs = media_suite_sdp(PCMU);

    g_assert_nonnull(offer);
    mcp_leg_rollback(leg);
    g_assert_false(mcp_leg_apply_answer(leg, theirs, NULL));
    media_provider.drop(leg);
}

static void
test_closed(void)
{
    McpLeg *leg = media_provider.make();
    g_autoptr(GError) error = NULL;

    mcp_leg_close(leg);
    g_assert_null(answer(leg, PCMU, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_CLOSED);
    media_provider.drop(leg);
}

void
media_offer_add(void)
{
    if (media_provider.make == NULL)
        return;
    g_test_add_func("/media/offer/answer", test_answer);
    g_test_add_func("/media/offer/lines", test_lines);
    g_test_add_func("/media/offer/nothing-in-common", test_nothing_in_common);
    g_test_add_func("/media/offer/offer", test_offer);
    g_test_add_func("/media/offer/rollback", test_rollback);
    g_test_add_func("/media/offer/closed", test_closed);
}
