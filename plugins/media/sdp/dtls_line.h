/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../protection/dtls_session.h"
#include <mcp/sdp.h>

G_BEGIN_DECLS

/**
 * McpMediaDtlsLine: what a description says of DTLS and ICE (RFC 5763 §5, RFC 8842, RFC 8839).
 * Immutable, counted; belongs to the leg's context.
 */
typedef struct {
    guint refs;
    guint64 serial;        /* > 0, the same for the same association */
    char **fingerprints;   /* values of a=fingerprint, NULL-terminated */
    McpMediaDtlsRole role; /* ours */
    char *tls_id;          /* nullable: value of a=tls-id (RFC 8842 §5) */
    char *ufrag;           /* nullable: no ICE */
    char *password;
} McpMediaDtlsLine;

/**
 * mcp_media_dtls_line_read: (transfer full): of the other side's description.
 * @before: (nullable): what holds so far: an association that is described again goes on
 * @is_answer: @media answers our offer, which said actpass
 *
 * Returns: NULL with MCP_ERROR_MEDIA naming what is missing.
 */
McpMediaDtlsLine *mcp_media_dtls_line_read(const McpMediaDtlsLine *before, const McpSdp *sdp,
                                           const McpSdpMedia *media, gboolean is_answer,
                                           GError **error);
/** mcp_media_dtls_line_ref: (nullable) (transfer full). */
McpMediaDtlsLine *mcp_media_dtls_line_ref(McpMediaDtlsLine *line);
/** mcp_media_dtls_line_unref: (nullable). */
void mcp_media_dtls_line_unref(McpMediaDtlsLine *line);
/**
 * mcp_media_sdp_find: (nullable) (transfer none): an attribute of @media, else of the session.
 */
const char *mcp_media_sdp_find(const McpSdp *sdp, const McpSdpMedia *media, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaDtlsLine, mcp_media_dtls_line_unref)

G_END_DECLS
