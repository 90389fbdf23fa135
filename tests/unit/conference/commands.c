/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of a member of a room: which of them are a command, and how long they may take.
 */
#include "commands.h"

#include <string.h>

/* All keys but the last one are no command; @gap µs lie between them. */
static McpConferenceCommand
press(const char *digits, gint64 gap)
{
    McpConferenceKeys keys = {0};
    McpConferenceCommand command = MCP_CONFERENCE_NOTHING;
    gint64 time = G_USEC_PER_SEC;

    for (const char *p = digits; *p != '\0'; p++, time += gap) {
        g_assert_cmpint(command, ==, MCP_CONFERENCE_NOTHING);
        command = mcp_conference_keys_take(&keys, *p, time);
    }
    return command;
}

static void
test_commands(void)
{
    g_assert_cmpint(press("*6", 1000), ==, MCP_CONFERENCE_MUTE);
    g_assert_cmpint(press("*5", 1000), ==, MCP_CONFERENCE_MUTE_ALL);
    g_assert_cmpint(press("*7", 1000), ==, MCP_CONFERENCE_QUIETER);
    g_assert_cmpint(press("*9", 3 * G_USEC_PER_SEC), ==, MCP_CONFERENCE_LOUDER);
    g_assert_cmpint(press("12*#**6", 1000), ==, MCP_CONFERENCE_MUTE);
}

static void
test_none(void)
{
    static const char *const none[] = {"6", "*", "*1", "*#", "#6", "*46", "*A", "66*"};

    for (guint i = 0; i < G_N_ELEMENTS(none); i++)
        g_assert_cmpint(press(none[i], 1000), ==, MCP_CONFERENCE_NOTHING);
    g_assert_cmpint(press("*6", 3 * G_USEC_PER_SEC + 1), ==, MCP_CONFERENCE_NOTHING);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conference/commands", test_commands);
    g_test_add_func("/conference/no-commands", test_none);
    return g_test_run();
}
