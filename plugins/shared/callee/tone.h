/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/audio.h>

G_BEGIN_DECLS

/** mcp_tone_new: (transfer full): @pitch Hz for @ms milliseconds. Any thread. */
McpAudio *mcp_tone_new(guint pitch, guint ms);

G_END_DECLS
