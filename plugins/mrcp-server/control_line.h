/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "acceptor.h"

G_BEGIN_DECLS

/** mcp_mrcpd_control_line: MRCPv2 on a connection that channels share (RFC 6787 §4.5). */
extern const McpMrcpdProtocol mcp_mrcpd_control_line;

G_END_DECLS
