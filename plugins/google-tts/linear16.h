/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * mcp_google_linear16_from_wav: (transfer full): samples of @wav, big-endian as audio/L16 wants
 * them (RFC 3551 §4.5.11).
 * @out_rate: (out): samples a second
 *
 * Returns: NULL with MCP_ERROR_FAILED unless it is one channel of 16-bit PCM. A length that says
 * more than there is means the rest. Any thread.
 */
GBytes *mcp_google_linear16_from_wav(GBytes *wav, guint *out_rate, GError **error);
/** mcp_google_linear16_append: adds little-endian @samples (an even number of bytes) the other way
 * round. */
void mcp_google_linear16_append(GByteArray *to, const guint8 *samples, gsize length);

G_END_DECLS
