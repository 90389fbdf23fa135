/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/spool.h>

/* Records as they stand in a file; see README.md. Any thread. */

#define MCP_RECORD_HEADER 36
/* Flags of our own, beside McpSpoolFlags. */
#define MCP_RECORD_FILLER (1u << 14) /* stands where damage was; has no payload that is looked at */
#define MCP_RECORD_DAMAGED (1u << 15) /* payload: bytes of a file that were no record any more */
/* Kind of damaged bytes. */
#define MCP_RECORD_KIND_DAMAGED 255

/** McpRecordParse: what stands at a place. */
typedef enum {
    MCP_RECORD_GOOD,
    MCP_RECORD_SHORT, /* the beginning of one, perhaps */
    MCP_RECORD_BAD,
} McpRecordParse;

/** McpRecordView: a record in bytes that belong to somebody else. */
typedef struct {
    guint64 sequence;
    gint64 wall;
    guint8 kind;
    guint16 flags;
    guint id_length;
    guint label_length;
    guint reason_length;
    const char *id;
    const char *label;
    const char *reason;
    const guint8 *payload;
    gsize payload_length;
    gsize size; /* of the record as a whole */
} McpRecordView;

/** mcp_record_fits: whether each part is within its limit. */
gboolean mcp_record_fits(const McpSpoolRecord *record);
/** mcp_record_size: bytes that it takes in a file. */
gsize mcp_record_size(const McpSpoolRecord *record);
/** mcp_record_encode: adds it to @out; the checksum is keyed with @key. */
void mcp_record_encode(GByteArray *out, guint64 key, const McpSpoolRecord *record);
/** mcp_record_encode_filler: the header of a filler of @size bytes as a whole. */
void mcp_record_encode_filler(guint8 *out, guint64 key, gsize size);
/** mcp_record_parse: @out_view is set when MCP_RECORD_GOOD is returned. */
McpRecordParse mcp_record_parse(const guint8 *data, gsize length, guint64 key,
                                McpRecordView *out_view);
/** mcp_record_find: where the next good record begins at @from or after it; @length: nowhere. */
gsize mcp_record_find(const guint8 *data, gsize length, gsize from, guint64 key);
/** mcp_record_from_view: (transfer full): a copy. */
McpSpoolRecord *mcp_record_from_view(const McpRecordView *view);
/** mcp_record_renew: (transfer full): the same to be written once more, with @reason (nullable). */
McpSpoolRecord *mcp_record_renew(const McpSpoolRecord *record, guint flags, const char *reason);
/** mcp_record_is_for_consumer: whether a consumer gets to see it. */
gboolean mcp_record_is_for_consumer(guint flags);
