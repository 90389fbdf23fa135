/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "builtin.h"

/** mcp_builtin_voice_rules: (transfer full): header tags and rules, of which "builtin" is the root;
 * their tags are of the format semantics/1.0. */
char *mcp_builtin_voice_rules(const McpBuiltin *builtin);
