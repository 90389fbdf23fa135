/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "acceptor.h"

G_BEGIN_DECLS

/** mcp_mrcpd_rtsp_line: RTSP with MRCPv1 on a connection (RFC 4463). */
extern const McpMrcpdProtocol mcp_mrcpd_rtsp_line;

G_END_DECLS
