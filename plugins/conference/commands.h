/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpConferenceCommand: what a member asks for by its keys. */
typedef enum {
    MCP_CONFERENCE_NOTHING,
    MCP_CONFERENCE_MUTE,     /* *6: itself, and again */
    MCP_CONFERENCE_MUTE_ALL, /* *5: all others, and again; moderators only */
    MCP_CONFERENCE_QUIETER,  /* *7 */
    MCP_CONFERENCE_LOUDER,   /* *9 */
} McpConferenceCommand;

/** McpConferenceKeys: keys pressed so far; zero-initialised. Not thread-safe. */
typedef struct {
    gint64 star; /* µs when "*" was pressed; 0: it was not */
} McpConferenceKeys;

/** mcp_conference_keys_take: @digit was pressed at @time (monotonic µs); the command it ends. */
McpConferenceCommand mcp_conference_keys_take(McpConferenceKeys *keys, char digit, gint64 time);

G_END_DECLS
