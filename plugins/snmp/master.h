/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/** mcp_snmp_master_check: whether @text is "tcp:HOST:PORT" or "unix:PATH". */
gboolean mcp_snmp_master_check(const char *text, GError **error);

/**
 * mcp_snmp_master_probe: connects, which net-snmp would do without a deadline, and disconnects.
 * Blocks for a few seconds at most.
 *
 * Returns: (transfer full) (nullable): the literal address that answered, as net-snmp writes it.
 */
char *mcp_snmp_master_probe(const char *text, GCancellable *cancellable, GError **error);

G_END_DECLS
