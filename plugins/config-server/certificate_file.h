/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/config_source.h>

G_BEGIN_DECLS

/** Bytes of a file, and recipients in it, at most. */
#define MCP_CERTIFICATE_FILE_MAX (256 * 1024)
#define MCP_RECIPIENTS_MAX 32

/**
 * mcp_certificate_file_read: (transfer full): the certificates of a file, PEM or DER, all of which
 * are valid at @now (seconds since 1970). MCP_ERROR_INVALID says what is wrong. Any thread.
 */
McpCertificates *mcp_certificate_file_read(GBytes *file, const char *name, gint64 now,
                                           GError **error);

G_END_DECLS
