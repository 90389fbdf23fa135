/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "fields.h"

G_BEGIN_DECLS

/** McpMrcpLimits: what a peer may send; in bytes but for @max_fields. */
typedef struct {
    gsize max_line; /* a start line, or a header field with its folded lines */
    gsize max_head; /* start line and header */
    guint max_fields;
    gsize max_body;
} McpMrcpLimits;

/** mcp_mrcp_limits: for a peer that is configured: 16 KiB, 64 KiB, 128 and 4 MiB. */
extern const McpMrcpLimits mcp_mrcp_limits;

/** McpMrcpFrame: a start line, header fields and a body, not yet understood. */
typedef struct {
    char *start_line;
    McpMrcpFields *fields;
    GBytes *body;   /* nullable: there is none */
    guint64 offset; /* of its first byte in the stream */
} McpMrcpFrame;

/** mcp_mrcp_frame_clear: frees what it holds. */
void mcp_mrcp_frame_clear(McpMrcpFrame *frame);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpMrcpFrame, mcp_mrcp_frame_clear)

/**
 * McpMrcpLengthFunc: how long the body of @frame is, whose start line and header took @head bytes.
 * Returns: FALSE with an error when that cannot be told.
 */
typedef gboolean (*McpMrcpLengthFunc)(const McpMrcpFrame *frame, gsize head,
                                      const McpMrcpLimits *limits, gsize *out_length,
                                      GError **error);

/** McpMrcpFramer: cuts a stream of bytes into frames. Not thread-safe. */
typedef struct _McpMrcpFramer McpMrcpFramer;

/** mcp_mrcp_framer_new: (transfer full): @limits nullable: mcp_mrcp_limits. */
McpMrcpFramer *mcp_mrcp_framer_new(McpMrcpLengthFunc length, const McpMrcpLimits *limits);
/** mcp_mrcp_framer_free: frees it with what it has of an unfinished frame. */
void mcp_mrcp_framer_free(McpMrcpFramer *framer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpFramer, mcp_mrcp_framer_free)

/** mcp_mrcp_framer_push: bytes that came, cut anywhere. Take the frames before the next ones. */
void mcp_mrcp_framer_push(McpMrcpFramer *framer, const void *data, gsize length);
/**
 * mcp_mrcp_framer_next: the next whole frame.
 *
 * Returns: FALSE when more bytes are needed, or with MCP_ERROR_INVALID or MCP_ERROR_LIMIT, that
 * says where in the stream it is; the stream is out of step then and stays so.
 */
gboolean mcp_mrcp_framer_next(McpMrcpFramer *framer, McpMrcpFrame *out_frame, GError **error);
/** mcp_mrcp_framer_fail: what came at @offset is not understood, for the reason @error (transfer
 * full): it is all that can be had from now on. */
void mcp_mrcp_framer_fail(McpMrcpFramer *framer, guint64 offset, GError *error);
/** mcp_mrcp_framer_waits: whether a head has begun and not ended yet; with its first byte, and
 * where in the stream that is. */
gboolean mcp_mrcp_framer_waits(const McpMrcpFramer *framer, guint8 *out_first, guint64 *out_offset);
/** mcp_mrcp_framer_get_limits: (transfer none): what it was made with. */
const McpMrcpLimits *mcp_mrcp_framer_get_limits(const McpMrcpFramer *framer);
/** mcp_mrcp_framer_is_idle: whether nothing of a frame is waiting for its rest. */
gboolean mcp_mrcp_framer_is_idle(const McpMrcpFramer *framer);

G_END_DECLS
