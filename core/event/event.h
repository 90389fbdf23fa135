/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/event.h>

/** mcp_event_stamp: sets the wall time; called by the bus before the event is shared. */
void mcp_event_stamp(McpEvent *event);

/** mcp_events_get_dropped: events that slow subscribers have lost so far. Any thread. */
gint64 mcp_events_get_dropped(McpEvents *events);
