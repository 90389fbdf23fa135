/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of RFC 3261's message syntax as a load tool needs: reading start line, headers and body,
 * and picking parameters and URIs out of header values. Any thread.
 */
#pragma once

#include "codec.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define MCP_BENCH_SIP_MAX_HEADERS 64

typedef struct {
    const char *name;
    const char *value;
} McpBenchSipHeader;

typedef struct {
    char *text; /* owned; everything below points into it */
    gboolean is_request;
    const char *method; /* of a response: the method in its CSeq */
    const char *request_uri;
    guint status;
    const char *reason;
    guint32 cseq;
    guint n_headers;
    McpBenchSipHeader headers[MCP_BENCH_SIP_MAX_HEADERS];
    const char *body;
    gsize body_length;
} McpBenchSipMessage;

/*
 * Parses one whole message. A message without CSeq, or with more headers than
 * MCP_BENCH_SIP_MAX_HEADERS, is refused.
 * Returns: (transfer full) (nullable)
 */
McpBenchSipMessage *mcp_bench_sip_parse(const char *data, gsize length, GError **error);
void mcp_bench_sip_message_free(McpBenchSipMessage *message);

/*
 * Value of the first header @name (long form, any case; the compact form on the wire is known).
 * Returns: (transfer none) (nullable)
 */
const char *mcp_bench_sip_header(const McpBenchSipMessage *message, const char *name);
/* As above, for the header after the first @skip of that name. */
const char *mcp_bench_sip_header_at(const McpBenchSipMessage *message, const char *name,
                                    guint skip);

/*
 * Header parameter @name of @value, outside the <…> of a name-addr.
 * Returns: (transfer full) (nullable)
 */
char *mcp_bench_sip_parameter(const char *value, const char *name);

/*
 * The URI in a name-addr or addr-spec.
 * Returns: (transfer full)
 */
char *mcp_bench_sip_uri_of(const char *value);

/*
 * Length of the first whole message in a stream (RFC 3261 §18.3: Content-Length counts), 0 while it
 * is incomplete; -1 when the stream cannot be a SIP stream. Leading CRLFs are counted in.
 */
gssize mcp_bench_sip_frame(const char *data, gsize length);

/*
 * Appends the response to @request: its Via, From, To (with @to_tag when it has none), Call-ID,
 * CSeq and Record-Route headers; then @extra (whole header lines) and @body.
 */
void mcp_bench_sip_append_response(GString *out, const McpBenchSipMessage *request,
                                   const char *status_line, const char *to_tag, const char *extra,
                                   const char *body);

/* Where an SDP body wants its audio, the payload type of its telephone-event (-1: none), and
 * whether there is to be no audio at all. */
typedef struct {
    char address[64];
    guint16 port;
    int payload_type;
    int event_type;
    gboolean inactive;
} McpBenchSdpAudio;

/* Reads the first m=audio line of @body with its c= line and formats. */
gboolean mcp_bench_sdp_parse(const char *body, gsize length, McpBenchSdpAudio *out_audio,
                             GError **error);

/* An offer or answer of one stream of @codec. Returns: (transfer full) */
char *mcp_bench_sdp_new(const char *address, guint16 port, guint16 rtcp_port,
                        const McpBenchCodec *codec, int event_type);

/* @target with "{}" replaced by @number. Returns: (transfer full) */
char *mcp_bench_sip_target_of(const char *target, guint number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpBenchSipMessage, mcp_bench_sip_message_free)

G_END_DECLS
