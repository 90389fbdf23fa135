/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "framer.h"

G_BEGIN_DECLS

/** McpMrcpVersion: MRCP/1.0 inside RTSP (RFC 4463), MRCP/2.0 on a connection (RFC 6787). */
typedef enum {
    MCP_MRCP_V1 = 1,
    MCP_MRCP_V2 = 2,
} McpMrcpVersion;

typedef enum {
    MCP_MRCP_REQUEST,
    MCP_MRCP_RESPONSE,
    MCP_MRCP_EVENT,
} McpMrcpKind;

/** McpMrcpState: how far the request is of which a response or event tells. */
typedef enum {
    MCP_MRCP_STATE_NONE, /* of requests */
    MCP_MRCP_PENDING,
    MCP_MRCP_IN_PROGRESS,
    MCP_MRCP_COMPLETE,
} McpMrcpState;

/** McpMrcpMessage: one request, response or event. Not thread-safe. */
typedef struct {
    McpMrcpVersion version;
    McpMrcpKind kind;
    char *name;   /* nullable: of the method or event, in capitals */
    guint32 id;   /* of the request */
    guint status; /* of a response: 200 … */
    McpMrcpState state;
    McpMrcpFields *fields;
    GBytes *body; /* nullable: it has none */
} McpMrcpMessage;

/** mcp_mrcp_request_new: (transfer full): without fields and body. */
McpMrcpMessage *mcp_mrcp_request_new(McpMrcpVersion version, const char *method, guint32 id);
/** mcp_mrcp_response_new: (transfer full): without fields and body. */
McpMrcpMessage *mcp_mrcp_response_new(McpMrcpVersion version, guint32 id, guint status,
                                      McpMrcpState state);
/** mcp_mrcp_event_new: (transfer full): without fields and body. */
McpMrcpMessage *mcp_mrcp_event_new(McpMrcpVersion version, const char *event, guint32 id,
                                   McpMrcpState state);
/** mcp_mrcp_message_free: frees it. */
void mcp_mrcp_message_free(McpMrcpMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpMessage, mcp_mrcp_message_free)

/** mcp_mrcp_message_get: (transfer none) (nullable): the first value of a field. */
const char *mcp_mrcp_message_get(const McpMrcpMessage *message, const char *name);
/** mcp_mrcp_message_set: one field @name. */
void mcp_mrcp_message_set(McpMrcpMessage *message, const char *name, const char *value);
/** mcp_mrcp_message_set_body: @body (transfer none) of the media type @type. */
void mcp_mrcp_message_set_body(McpMrcpMessage *message, const char *type, GBytes *body);
/** mcp_mrcp_message_encode: (transfer full): as it goes over the wire; LENGTH (RFC 6787 §5.1) and
 * Content-Length are the writer's. */
GBytes *mcp_mrcp_message_encode(const McpMrcpMessage *message);
/** mcp_mrcp_state_text: as it is written; "" for NONE. */
const char *mcp_mrcp_state_text(McpMrcpState state);

/** McpMrcpParser: messages of one version out of a stream of bytes. Not thread-safe. */
typedef struct _McpMrcpParser McpMrcpParser;

/** mcp_mrcp_parser_new: (transfer full): @limits nullable: mcp_mrcp_limits. */
McpMrcpParser *mcp_mrcp_parser_new(McpMrcpVersion version, const McpMrcpLimits *limits);
/** mcp_mrcp_parser_free: frees it. */
void mcp_mrcp_parser_free(McpMrcpParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpParser, mcp_mrcp_parser_free)

/** mcp_mrcp_parser_push: as mcp_mrcp_framer_push(). */
void mcp_mrcp_parser_push(McpMrcpParser *parser, const void *data, gsize length);
/**
 * mcp_mrcp_parser_next: (transfer full) (nullable): the next whole message.
 *
 * Returns: NULL when more bytes are needed, or with an error, of which a stream does not recover.
 */
McpMrcpMessage *mcp_mrcp_parser_next(McpMrcpParser *parser, GError **error);
/** mcp_mrcp_parser_is_idle: whether nothing of a message is waiting for its rest. */
gboolean mcp_mrcp_parser_is_idle(const McpMrcpParser *parser);

/** mcp_mrcp_message_parse: (transfer full) (nullable): @data is one message and nothing else, as
 * the body of an RTSP message; the blank line of one without a body may be missing. */
McpMrcpMessage *mcp_mrcp_message_parse(McpMrcpVersion version, const void *data, gsize length,
                                       const McpMrcpLimits *limits, GError **error);

G_END_DECLS
