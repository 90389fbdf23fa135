/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpHttpHead: those header fields of a response that caching and delivery look at. */
typedef struct {
    guint status;
    char *cache_control; /* field values joined by commas; nullable, as all below */
    char *pragma;
    char *age;
    char *date;
    char *expires;
    char *etag;
    char *last_modified;
    char *vary;
    char *location;
    char *content_location;
    char *content_type; /* media type, lower case, no parameters */
    char *charset;
} McpHttpHead;

/** mcp_http_head_copy: fills @to, which holds nothing yet, with copies. */
void mcp_http_head_copy(const McpHttpHead *from, McpHttpHead *to);
/** mcp_http_head_update: fields that @news has replace those of @head (RFC 9111 §3.2). */
void mcp_http_head_update(McpHttpHead *head, const McpHttpHead *news);
/** mcp_http_head_clear: frees the fields. */
void mcp_http_head_clear(McpHttpHead *head);

G_END_DECLS
