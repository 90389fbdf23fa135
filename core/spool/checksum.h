/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/** mcp_checksum: CRC-32C (RFC 3720 §12.1) of @data, going on from @seed. Any thread. */
guint32 mcp_checksum(guint32 seed, gconstpointer data, gsize length);
