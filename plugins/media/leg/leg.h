/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../service.h"
#include "stream.h"

G_BEGIN_DECLS

/** McpMediaLeg: a leg of the contract: negotiation, digit queue, handler; the stream's owner. */
#define MCP_TYPE_MEDIA_LEG (mcp_media_leg_get_type())
G_DECLARE_FINAL_TYPE(McpMediaLeg, mcp_media_leg, MCP, MEDIA_LEG, GObject)

/** McpMediaLegParams: what a leg is made of. */
typedef struct {
    McpMediaService *service;
    const char *call_id;
    McpMediaLocal local;
    McpMediaStreamParams stream;
} McpMediaLegParams;

/** mcp_media_leg_new: (transfer full): on the call's context. */
McpMediaLeg *mcp_media_leg_new(const McpMediaLegParams *params);
/** mcp_media_leg_get_format: (transfer none): agreed upon, or the first that we would offer. */
const McpMediaFormat *mcp_media_leg_get_format(McpMediaLeg *leg);
/** mcp_media_leg_deliver: a message of the mailbox: an McpMediaEvent. */
void mcp_media_leg_deliver(McpMediaLink *item);

G_END_DECLS
