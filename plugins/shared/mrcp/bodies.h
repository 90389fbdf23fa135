/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "message.h"

G_BEGIN_DECLS

/** McpMrcpPart: an entity of a body. */
typedef struct {
    char *type;   /* media type in lower case, without parameters */
    char *id;     /* nullable: Content-ID without its angles */
    char *base;   /* nullable: Content-Base */
    GBytes *body; /* maybe empty */
} McpMrcpPart;

/** McpMrcpReference: a URI of a list. */
typedef struct {
    char *uri;
    double weight; /* 1: not said */
} McpMrcpReference;

/**
 * mcp_mrcp_read_parts: (transfer full): GPtrArray of McpMrcpPart: the body of @message, or what a
 * multipart one (RFC 2046 §5.1) has, at most 32; none without a body.
 *
 * Returns: NULL with MCP_ERROR_INVALID.
 */
GPtrArray *mcp_mrcp_read_parts(const McpMrcpMessage *message, GError **error);
/** mcp_mrcp_text: (transfer full): @bytes as a string, up to a zero; "" of none. */
char *mcp_mrcp_text(GBytes *bytes);
/**
 * mcp_mrcp_read_references: (transfer full): GPtrArray of McpMrcpReference: of text/uri-list
 * (RFC 2483 §5) and text/grammar-ref-list (RFC 6787 §13.5.1), which may be mixed.
 */
GPtrArray *mcp_mrcp_read_references(GBytes *list);

G_END_DECLS
