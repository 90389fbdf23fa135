/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/plugin.h>

/**
 * mcp_plugin_order:
 * @descs: (array length=n_descs): enabled plugins
 * @out_order: n_descs indexes, providers before those that require them
 * @errors: (element-type utf8): a line for each requirement that nobody provides, or for a circle
 */
gboolean mcp_plugin_order(const McpPluginDesc *const *descs, guint n_descs, guint *out_order,
                          GPtrArray *errors);
