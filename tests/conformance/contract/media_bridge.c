/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bridges of the media contract (mcp_leg_bridge, mcp_leg_leave in mcp/contract/leg.h): who
 * hears whom, and how one ends.
 */
#include "contract.h"
#include "media_company.h"

#include <mcp/error.h>

/* FALSE: the legs have no bridges, and the core says so. */
static gboolean
open_pair(MediaLog *logs)
{
    g_autoptr(GError) error = NULL;

    media_log_connect(&logs[0]);
    media_log_connect(&logs[1]);
    if (MCP_LEG_GET_IFACE(logs[0].leg)->bridge != NULL)
        return TRUE;
    g_assert_false(mcp_leg_bridge(logs[0].leg, logs[1].leg, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    mcp_leg_leave(logs[0].leg);
    return FALSE;
}

static void
close_pair(MediaLog *logs)
{
    media_log_drop(&logs[0]);
    media_log_drop(&logs[1]);
}

static void
bridge(MediaLog *logs)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_leg_bridge(logs[0].leg, logs[1].leg, &error));
    g_assert_no_error(error);
}

static void
refuse(McpLeg *leg, McpLeg *other, gint code)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(mcp_leg_bridge(leg, other, &error));
    g_assert_error(error, MCP_ERROR, code);
}

/* "both sides hear each other from now on" */
static void
test_both(void)
{
    MediaLog logs[2];

    if (open_pair(logs)) {
        company_check_hears(logs[0].leg, logs[1].leg, FALSE);
        bridge(logs);
        company_check_hears(logs[0].leg, logs[1].leg, TRUE);
        company_check_hears(logs[1].leg, logs[0].leg, TRUE);
        company_check_hears(logs[0].leg, logs[0].leg, FALSE);
    }
    close_pair(logs);
}

/* "digits pass too, and are queued as ever" */
static void
test_digits(void)
{
    MediaLog logs[2];
    McpDigit digit = {0};

    if (open_pair(logs)) {
        bridge(logs);
        media_provider.press(logs[0].leg, '7');
        wait_count(&logs[0].digits, 1, "a digit");
        g_assert_true(mcp_leg_take_digit(logs[0].leg, &digit));
        g_assert_cmpint(digit.digit, ==, '7');
        settle(60);
        g_assert_cmpuint(logs[1].digits, ==, 0);
    }
    close_pair(logs);
}

/* "A prompt is heard by its own side instead." */
static void
test_prompt(void)
{
    const McpPlayItem item = {.kind = MCP_PLAY_SILENCE, .duration = 1500000};
    MediaLog logs[2];

    if (open_pair(logs)) {
        bridge(logs);
        company_check_hears(logs[0].leg, logs[1].leg, TRUE);
        mcp_leg_play(logs[1].leg, &item, 1);
        company_check_hears(logs[0].leg, logs[1].leg, FALSE);
        g_assert_cmpuint(logs[1].ended, ==, 0);
        company_check_hears(logs[1].leg, logs[0].leg, TRUE);
        wait_count(&logs[1].ended, 1, "PLAYBACK_ENDED");
        company_check_hears(logs[0].leg, logs[1].leg, TRUE);
    }
    close_pair(logs);
}

/* "It ends with mcp_leg_leave() of either …: the other one hears MCP_LEG_LEFT" */
static void
test_leave(void)
{
    MediaLog logs[2];

    if (open_pair(logs)) {
        for (guint i = 0; i < 2; i++) {
            logs[0].left = logs[1].left = 0;
            bridge(logs);
            mcp_leg_leave(logs[i].leg);
            wait_count(&logs[1 - i].left, 1, "MCP_LEG_LEFT");
            settle(40);
            g_assert_cmpuint(logs[i].left, ==, 0);
            g_assert_cmpuint(logs[1 - i].left, ==, 1);
            company_check_hears(logs[0].leg, logs[1].leg, FALSE);
        }
    }
    close_pair(logs);
}

/* "without one nothing happens" */
static void
test_leave_nothing(void)
{
    MediaLog logs[2];

    if (open_pair(logs)) {
        mcp_leg_leave(logs[0].leg);
        settle(40);
        g_assert_cmpuint(logs[0].left, ==, 0);
        bridge(logs);
        company_check_hears(logs[0].leg, logs[1].leg, TRUE);
    }
    close_pair(logs);
}

/* "or the end of either: the other one hears MCP_LEG_LEFT" */
static void
test_end(void)
{
    MediaLog logs[2];

    if (!open_pair(logs)) {
        close_pair(logs);
        return;
    }
    bridge(logs);
    media_log_drop(&logs[0]);
    wait_count(&logs[1].left, 1, "MCP_LEG_LEFT");
    settle(40);
    g_assert_cmpuint(logs[1].left, ==, 1);
    media_log_connect(&logs[0]);
    bridge(logs);
    company_check_hears(logs[0].leg, logs[1].leg, TRUE);
    close_pair(logs);
}

/* "MCP_ERROR_STATE: one of them is in a bridge or room already, or has no codec yet" */
static void
test_state(void)
{
    MediaLog logs[2];
    MediaLog third;
    McpLeg *fresh = NULL;

    if (!open_pair(logs)) {
        close_pair(logs);
        return;
    }
    media_log_connect(&third);
    fresh = media_provider.make();
    refuse(logs[0].leg, fresh, MCP_ERROR_STATE);
    refuse(fresh, logs[0].leg, MCP_ERROR_STATE);
    bridge(logs);
    refuse(logs[0].leg, logs[1].leg, MCP_ERROR_STATE);
    refuse(logs[1].leg, third.leg, MCP_ERROR_STATE);
    refuse(third.leg, logs[0].leg, MCP_ERROR_STATE);
    company_check_hears(logs[0].leg, logs[1].leg, TRUE);
    media_provider.drop(fresh);
    media_log_drop(&third);
    close_pair(logs);
}

void
media_bridge_add(void)
{
    g_test_add_func("/media/bridge/both", test_both);
    g_test_add_func("/media/bridge/digits", test_digits);
    g_test_add_func("/media/bridge/prompt", test_prompt);
    g_test_add_func("/media/bridge/leave", test_leave);
    g_test_add_func("/media/bridge/leave-nothing", test_leave_nothing);
    g_test_add_func("/media/bridge/end", test_end);
    g_test_add_func("/media/bridge/state", test_state);
}
