/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that members of a room give by their keys: "*" and a digit within three seconds. Pure
 * functions.
 */
#include "commands.h"

#define PATIENCE (3 * G_USEC_PER_SEC)

static McpConferenceCommand
command_of(char digit)
{
    switch (digit) {
    case '5':
        return MCP_CONFERENCE_MUTE_ALL;
    case '6':
        return MCP_CONFERENCE_MUTE;
    case '7':
        return MCP_CONFERENCE_QUIETER;
    case '9':
        return MCP_CONFERENCE_LOUDER;
    default:
        return MCP_CONFERENCE_NOTHING;
    }
}

McpConferenceCommand
mcp_conference_keys_take(McpConferenceKeys *keys, char digit, gint64 time)
{
    gboolean begun = keys->star != 0 && time - keys->star <= PATIENCE;

    keys->star = digit == '*' ? MAX(time, 1) : 0;
    return begun ? command_of(digit) : MCP_CONFERENCE_NOTHING;
}
