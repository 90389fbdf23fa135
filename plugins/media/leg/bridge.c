/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What two bridged streams share. Made on their legs' context.
 */
#include "bridge.h"

#include "stream_live.h"
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMediaBridge);

/* A quarter of a second of packets of the largest codec. */
#define PIPE_BYTES (1u << 15)

static void
to_end(gpointer owner, gconstpointer record, gsize length, gint64 now)
{
    McpMediaStream **end = owner;

    if (*end != NULL)
        mcp_media_stream_take_relayed(*end, record, now);
}

McpMediaBridge *
mcp_media_bridge_new(McpMediaWorker *const workers[2])
{
    McpMediaBridge *self = g_new0(McpMediaBridge, 1);

    MCP_LEDGER_CREATED(McpMediaBridge);
    self->refs = 1;
    self->is_remote = workers[0] != workers[1];
    for (guint i = 0; self->is_remote && i < 2; i++)
        self->pipes[i] = mcp_media_pipe_new(PIPE_BYTES, to_end, &self->ends[i]);
    return self;
}

McpMediaBridge *
mcp_media_bridge_ref(McpMediaBridge *bridge)
{
    g_atomic_int_inc(&bridge->refs);
    return bridge;
}

void
mcp_media_bridge_unref(McpMediaBridge *bridge)
{
    if (bridge == NULL || !g_atomic_int_dec_and_test(&bridge->refs))
        return;
    mcp_media_pipe_free(bridge->pipes[0]);
    mcp_media_pipe_free(bridge->pipes[1]);
    g_free(bridge);
    MCP_LEDGER_FINALIZED(McpMediaBridge);
}
