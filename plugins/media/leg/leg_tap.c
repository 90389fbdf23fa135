/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taps of a leg: made on its context and handed to the stream.
 */
#include "leg_private.h"

#include "../tap/tap.h"
#include "stream_tap.h"
#include <mcp/error.h>

/* Of an ear's listeners some stay for what the leg itself listens for. */
#define TAPS_MAX 4

McpTap *
mcp_media_leg_tap(McpLeg *leg, const McpTapParams *params, GError **error)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);
    McpMediaTapFeed *feed = NULL;

    if (self->closed) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "the leg is closed");
        return NULL;
    }
    if (self->taps == TAPS_MAX) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "the leg has %u taps already", TAPS_MAX);
        return NULL;
    }
    if (!mcp_media_leg_listen(self)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the leg has no codec yet");
        return NULL;
    }
    feed = mcp_media_tap_feed_new(params, self->ear_rate, error);
    if (feed == NULL)
        return NULL;
    if (feed->sent != NULL)
        mcp_media_leg_open_mouth(self);
    self->taps++;
    mcp_media_stream_tap(self->stream, mcp_media_tap_feed_ref(feed));
    return MCP_TAP(mcp_media_tap_new(self, feed));
}
