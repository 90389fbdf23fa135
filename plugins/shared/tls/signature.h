/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * mcp_tls_sign_rs256: (transfer full): signs @text with RSASSA-PKCS1-v1_5 over SHA-256 (RFC 7518
 * §3.3).
 * @pem: private key of @length bytes, not encrypted; RSA of 2048 bits at least
 *
 * Returns: NULL with MCP_ERROR_INVALID, whose message tells nothing of the key. Any thread.
 */
GBytes *mcp_tls_sign_rs256(const char *pem, gsize length, const char *text, GError **error);

G_END_DECLS
