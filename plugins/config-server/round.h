/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <peer_http/peer_http.h>

G_BEGIN_DECLS

/** McpRoundOutcome: what became of one request. */
typedef enum {
    MCP_ROUND_FAILED, /* error is set */
    MCP_ROUND_UNCHANGED,
    MCP_ROUND_NEW, /* body is set */
} McpRoundOutcome;

/** McpRoundItem: one thing that is asked for, and the answer. */
typedef struct {
    char *path;
    const char *accept; /* static */
    gsize most;         /* bytes */
    char *etag;         /* nullable: of what we have; then of what the server has */
    McpRoundOutcome outcome;
    GBytes *body;
    GError *error;
} McpRoundItem;

/** McpRoundDone: (transfer full): all items with their outcomes. */
typedef void (*McpRoundDone)(GPtrArray *items, gpointer user_data);

/** mcp_round_item_new: (transfer full). */
McpRoundItem *mcp_round_item_new(const char *path, const char *accept, gsize most,
                                 const char *etag);
/** mcp_round_items_new: (transfer full): an empty list that frees its McpRoundItem. */
GPtrArray *mcp_round_items_new(void);
/**
 * mcp_round_start: asks for all @items (transfer full), one after the other; when the server does
 * not answer, the rest is not asked for.
 * @authorization: (nullable): value of the header
 */
void mcp_round_start(McpPeerHttp *http, const char *authorization, GPtrArray *items,
                     GCancellable *cancellable, McpRoundDone done, gpointer user_data);

G_END_DECLS
