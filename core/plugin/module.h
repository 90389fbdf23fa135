/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/plugin.h>

/**
 * mcp_plugin_find: (transfer full) (nullable): the file NAME.so or NAME/NAME.so in the first
 * folder of
 * @path (colon-separated) that has it.
 */
char *mcp_plugin_find(const char *path, const char *name);

/**
 * mcp_plugin_load:
 * @file: the plugin's file; its base name without ".so" is the wanted name
 *
 * Checks owner and mode of file and folder, the ELF note, loads the file and checks its descriptor.
 * The file stays loaded for the life of the process. Every refusal is one line: file, found,
 * wanted.
 * Returns: (transfer none) (nullable): the descriptor. Control context.
 */
const McpPluginDesc *mcp_plugin_load(const char *file, GError **error);

/** mcp_plugin_check_desc: the checks of a descriptor alone; @name is what it has to be called. */
gboolean mcp_plugin_check_desc(const McpPluginDesc *desc, const char *name, const char *file,
                               GError **error);
