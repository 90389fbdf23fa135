/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpSipPart: one body part; points into the text that was parsed. */
typedef struct {
    char *type;        /* lower case, without parameters; "text/plain" when none is given */
    gboolean required; /* it says handling=required (RFC 3204 §4) */
    const char *data;
    gsize length;
} McpSipPart;

/**
 * mcp_sip_multipart_parse: (transfer full): GPtrArray of McpSipPart, in order: the parts of a
 * multipart body (RFC 2046 §5.1) of @length bytes; @data must outlive it. At most 16 parts; parts
 * in a transfer encoding that changes the bytes are refused, as SIP is 8-bit clean.
 * Returns: NULL with MCP_ERROR_INVALID when it is malformed. Any thread.
 */
GPtrArray *mcp_sip_multipart_parse(const char *data, gsize length, const char *boundary,
                                   GError **error);

G_END_DECLS
