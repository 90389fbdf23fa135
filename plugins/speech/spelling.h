/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/** mcp_speech_spell: (transfer full) (nullable): an McpSpell. */
char *mcp_speech_spell(const char *word);
