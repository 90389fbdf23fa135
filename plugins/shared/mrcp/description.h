/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/sdp.h>

G_BEGIN_DECLS

/**
 * McpMrcpLine: an m=application line of a control channel (RFC 6787 §4.2). What an offer lacks and
 * an answer has, or the other way round, is NULL.
 */
typedef struct {
    guint port;        /* 9 of who connects; 0: refused */
    char *address;     /* nullable: own c= line, else that of the session */
    gboolean tls;      /* TCP/TLS/MRCPv2 */
    gboolean active;   /* whoever wrote it connects (RFC 4145) */
    gboolean existing; /* on a connection that is there already */
    char *resource;    /* "speechrecog" … */
    char *channel;     /* nullable: "ID@speechrecog", of an answer */
    char *cmid;        /* nullable: a=mid of the audio line that belongs to it */
    char *fingerprint; /* nullable: "SHA-256 AB:…" of the certificate (RFC 4572 §5) */
} McpMrcpLine;

/** mcp_mrcp_line_free: frees it with what it has. */
void mcp_mrcp_line_free(McpMrcpLine *line);

/**
 * mcp_mrcp_describe: (transfer full): @audio with @lines before its audio line, which becomes
 * a=mid:1 for all of them, if there are any.
 * @audio: an offer or answer of a leg
 * @direction: of the audio line, as the leg's own side sees it
 */
McpSdp *mcp_mrcp_describe(McpSdp *audio, const McpMrcpLine *lines, guint n_lines,
                          McpSdpDirection direction);
/**
 * mcp_mrcp_describe_like: (transfer full): an answer to @offer with its lines in their order: the
 * audio line is that of @audio, those of control channels are the next of @lines each, all others
 * are refused.
 */
McpSdp *mcp_mrcp_describe_like(McpSdp *offer, McpSdp *audio, const McpMrcpLine *lines,
                               guint n_lines);
/** mcp_mrcp_read_lines: (transfer full): McpMrcpLine of @sdp, in order; maybe none. */
GPtrArray *mcp_mrcp_read_lines(McpSdp *sdp);
/**
 * mcp_mrcp_read_audio: (transfer full) (nullable): the audio line of @sdp alone, for a leg; NULL:
 * there is none.
 */
McpSdp *mcp_mrcp_read_audio(McpSdp *sdp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpLine, mcp_mrcp_line_free)

G_END_DECLS
