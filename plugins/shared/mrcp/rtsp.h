/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "framer.h"

G_BEGIN_DECLS

/** McpMrcpRtsp: a request or response of RTSP/1.0 (RFC 2326), which carries MRCP/1.0. */
typedef struct {
    char *method; /* in capitals; NULL: it is a response */
    char *uri;    /* of a request */
    guint status; /* of a response: 200 … */
    char *reason; /* of a response; nullable */
    McpMrcpFields *fields;
    GBytes *body; /* nullable: it has none */
} McpMrcpRtsp;

/** mcp_mrcp_rtsp_request_new: (transfer full): with its CSeq. */
McpMrcpRtsp *mcp_mrcp_rtsp_request_new(const char *method, const char *uri, guint32 cseq);
/** mcp_mrcp_rtsp_response_new: (transfer full): to @request, with its CSeq and Session. */
McpMrcpRtsp *mcp_mrcp_rtsp_response_new(const McpMrcpRtsp *request, guint status,
                                        const char *reason);
/** mcp_mrcp_rtsp_copy: (transfer full): with the same fields, which are shared. */
McpMrcpRtsp *mcp_mrcp_rtsp_copy(const McpMrcpRtsp *rtsp);
/** mcp_mrcp_rtsp_free: frees it. */
void mcp_mrcp_rtsp_free(McpMrcpRtsp *rtsp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpRtsp, mcp_mrcp_rtsp_free)

/** mcp_mrcp_rtsp_get: (transfer none) (nullable): the first value of a field. */
const char *mcp_mrcp_rtsp_get(const McpMrcpRtsp *rtsp, const char *name);
/** mcp_mrcp_rtsp_set: one field @name. */
void mcp_mrcp_rtsp_set(McpMrcpRtsp *rtsp, const char *name, const char *value);
/** mcp_mrcp_rtsp_set_body: @body (transfer none) of the media type @type. */
void mcp_mrcp_rtsp_set_body(McpMrcpRtsp *rtsp, const char *type, GBytes *body);
/** mcp_mrcp_rtsp_cseq: FALSE when it has none. */
gboolean mcp_mrcp_rtsp_cseq(const McpMrcpRtsp *rtsp, guint32 *out_cseq);
/** mcp_mrcp_rtsp_session: (transfer full) (nullable): the identifier without parameters;
 * @out_timeout (optional): in seconds, 60 when nothing is said (RFC 2326 §12.37). */
char *mcp_mrcp_rtsp_session(const McpMrcpRtsp *rtsp, guint *out_timeout);
/** mcp_mrcp_rtsp_encode: (transfer full): as it goes over the wire. */
GBytes *mcp_mrcp_rtsp_encode(const McpMrcpRtsp *rtsp);

/** McpMrcpTransport: what a Transport field agrees on (RFC 2326 §12.39). */
typedef struct {
    guint client_port; /* 0: not said, as below */
    guint server_port;
    char *destination; /* nullable: an address */
    char *source;      /* nullable: an address */
} McpMrcpTransport;

/** mcp_mrcp_transport_parse: FALSE when no entry of @value is unicast RTP/AVP over UDP. */
gboolean mcp_mrcp_transport_parse(const char *value, McpMrcpTransport *out_transport);
/** mcp_mrcp_transport_clear: frees what it holds. */
void mcp_mrcp_transport_clear(McpMrcpTransport *transport);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpMrcpTransport, mcp_mrcp_transport_clear)

/** McpMrcpRtspParser: both sides' messages out of a stream of bytes. Not thread-safe. */
typedef struct _McpMrcpRtspParser McpMrcpRtspParser;

/** mcp_mrcp_rtsp_parser_new: (transfer full): @limits nullable: mcp_mrcp_limits. */
McpMrcpRtspParser *mcp_mrcp_rtsp_parser_new(const McpMrcpLimits *limits);
/** mcp_mrcp_rtsp_parser_free: frees it. */
void mcp_mrcp_rtsp_parser_free(McpMrcpRtspParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpRtspParser, mcp_mrcp_rtsp_parser_free)

/** mcp_mrcp_rtsp_parser_push: as mcp_mrcp_framer_push(). */
void mcp_mrcp_rtsp_parser_push(McpMrcpRtspParser *parser, const void *data, gsize length);
/**
 * mcp_mrcp_rtsp_parser_next: (transfer full) (nullable): the next whole message.
 *
 * Returns: NULL when more bytes are needed, or with an error, of which a stream does not recover.
 */
McpMrcpRtsp *mcp_mrcp_rtsp_parser_next(McpMrcpRtspParser *parser, GError **error);
/** mcp_mrcp_rtsp_parser_is_idle: whether nothing of a message is waiting for its rest. */
gboolean mcp_mrcp_rtsp_parser_is_idle(const McpMrcpRtspParser *parser);

G_END_DECLS
