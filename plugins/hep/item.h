/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/trace.h>

G_BEGIN_DECLS

/** McpHepKind: what an item is; those before MCP_HEP_KINDS become packets. */
typedef enum {
    MCP_HEP_SIP,
    MCP_HEP_RTCP,
    MCP_HEP_LOG,
    MCP_HEP_KINDS,
    MCP_HEP_DIALOG = MCP_HEP_KINDS, /* @dialog is one of @call */
} McpHepKind;

/** McpHepItem: something on its way from who shows it to the capture server. */
typedef struct _McpHepItem {
    struct _McpHepItem *next; /* in an inbox */
    McpHepKind kind;
    gint64 wall;
    gboolean stream;
    gboolean has_ends; /* else those of our own connection stand in the packet */
    McpTraceEnd from;
    McpTraceEnd to;
    GRefString *call;   /* nullable: id, once it is known */
    GRefString *dialog; /* nullable: SIP Call-ID */
    gsize length;
    char payload[];
} McpHepItem;

/** mcp_hep_item_new: (transfer full): copies all. Any thread. */
McpHepItem *mcp_hep_item_new(McpHepKind kind, const char *call, const char *dialog,
                             const char *payload, gsize length);
/** mcp_hep_item_free: frees it. */
void mcp_hep_item_free(McpHepItem *item);
/** mcp_hep_item_get_size: bytes of memory that it counts for. */
gsize mcp_hep_item_get_size(const McpHepItem *item);
/** mcp_hep_item_set_call: what it belongs to. */
void mcp_hep_item_set_call(McpHepItem *item, GRefString *call);
/** mcp_hep_item_get_correlation: (nullable): the call's id, else the SIP Call-ID. */
const char *mcp_hep_item_get_correlation(const McpHepItem *item);

G_END_DECLS
