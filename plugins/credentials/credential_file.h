/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/credentials.h>
#include <mcp/settings.h>

G_BEGIN_DECLS

#define MCP_CREDENTIALS_SECTION "credentials"

/** mcp_credential_setting_defs: the settings table. */
extern const McpSettingDef mcp_credential_setting_defs[];

/**
 * mcp_credential_file_load: (transfer full): reads and checks the files of [credentials @name]: the
 * chain in order and complete, the key that of the leaf, both strong enough for security level 2,
 * nothing before its time. What has expired is not refused here: see mcp_credential_set_get_expiry.
 * Reads files; any thread. Returns: NULL with a message that names set, file and fault.
 */
McpCredentialSet *mcp_credential_file_load(McpSettings *settings, const char *name, gint64 now,
                                           GError **error);

/**
 * mcp_credential_file_stamp: (transfer full): a text that is another one when a file of the set has
 * been written or replaced. Reads the file system; any thread.
 */
char *mcp_credential_file_stamp(McpSettings *settings, const char *name);

G_END_DECLS
