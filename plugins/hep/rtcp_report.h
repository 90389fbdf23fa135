/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * mcp_hep_rtcp_report: (transfer full) (nullable): a compound RTCP packet (RFC 3550 §6) as the JSON
 * object that capture servers read: sender_information, report_blocks, report_blocks_xr (VoIP
 * metrics, RFC 3611 §4.7), CNAME; NULL when it is not well-formed. Any thread.
 */
char *mcp_hep_rtcp_report(const guint8 *data, gsize length);

G_END_DECLS
