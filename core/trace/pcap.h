/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/trace.h>

G_BEGIN_DECLS

/**
 * McpPcap: makes a capture file (libpcap format, raw IP packets) of messages. Their addresses,
 * ports and times are the real ones, headers below are made up; each connection counts its bytes.
 * One thread at a time.
 */
typedef struct _McpPcap McpPcap;

/** mcp_pcap_new: (transfer full). */
McpPcap *mcp_pcap_new(void);
/** mcp_pcap_free: frees it. */
void mcp_pcap_free(McpPcap *pcap);
/** mcp_pcap_add_head: the file's first bytes. */
void mcp_pcap_add_head(GByteArray *out);
/**
 * mcp_pcap_add: one packet, or several when a message is too long for one. FALSE when there are too
 * many connections.
 */
gboolean mcp_pcap_add(McpPcap *pcap, const McpTraceMessage *message, GByteArray *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpPcap, mcp_pcap_free)

G_END_DECLS
