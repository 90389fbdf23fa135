/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * mcp_media_fmtp_get: (transfer full) (nullable): value of parameter @name of an a=fmtp line,
 * without blanks around it; names are case-insensitive (RFC 4566 §6, RFC 4855 §3).
 * @fmtp: (nullable): "a=1; b=2"
 *
 * Pure function.
 */
char *mcp_media_fmtp_get(const char *fmtp, const char *name);
/** mcp_media_fmtp_get_uint: as a number in @min…@max, @fallback when it is absent or no such. */
guint mcp_media_fmtp_get_uint(const char *fmtp, const char *name, guint min, guint max,
                              guint fallback);

G_END_DECLS
