/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "spool/record.h"

/* A segment: a file with a header and records one after the other. Any thread. */

#define MCP_SEGMENT_HEADER 32

/** McpSegmentVisitor: what is found in a segment, in order. */
typedef struct {
    void (*record)(const McpRecordView *view, gint64 offset, gpointer user_data);
    void (*damage)(const guint8 *data, gsize length, gint64 offset, gpointer user_data);
} McpSegmentVisitor;

/** mcp_segment_encode_header: MCP_SEGMENT_HEADER bytes. */
void mcp_segment_encode_header(guint8 *out, guint64 identity, guint64 first);
/** mcp_segment_parse_header: FALSE when it is none. */
gboolean mcp_segment_parse_header(const guint8 *data, gsize length, guint64 *out_identity,
                                  guint64 *out_first);
/**
 * mcp_segment_scan: goes through the records of a segment of @length bytes. What stands between two
 * good records and is none is damage.
 *
 * Returns: where the last good record ends; what follows is none.
 */
gsize mcp_segment_scan(const guint8 *data, gsize length, guint64 key,
                       const McpSegmentVisitor *visitor, gpointer user_data);
/** mcp_segment_name: (transfer full): the file's, which sorts by @first. */
char *mcp_segment_name(guint64 first);
/** mcp_segment_parse_name: FALSE when it is no segment's. */
gboolean mcp_segment_parse_name(const char *name, guint64 *out_first);
