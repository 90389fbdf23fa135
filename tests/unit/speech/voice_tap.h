/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/tap.h>

G_BEGIN_DECLS

#define VOICE_TYPE_TAP (voice_tap_get_type())
G_DECLARE_FINAL_TYPE(VoiceTap, voice_tap, VOICE, TAP, GObject)

/**
 * voice_tap_new: (transfer full): a tap of a telephone (8 kHz, µ-law) at 16 kHz. It gives what was
 * added, and silence after it, @frames of 20 ms every 5 ms.
 */
VoiceTap *voice_tap_new(guint frames);
/** voice_tap_set_encoding: MCP_TAP_S16, which it has, or MCP_TAP_L16. */
void voice_tap_set_encoding(VoiceTap *self, McpTapEncoding encoding);
/** voice_tap_say: adds @text in the voice @name, slower by the factor @stretch. */
void voice_tap_say(VoiceTap *self, const char *name, const char *text, double stretch);
void voice_tap_pause(VoiceTap *self, guint ms);
/** voice_tap_end: the leg goes after what was added. */
void voice_tap_end(VoiceTap *self);
/** voice_tap_hold: no more frames come after what was added, as from a sender that saves them. */
void voice_tap_hold(VoiceTap *self);
/** voice_tap_get_reads: frames read so far. */
guint voice_tap_get_reads(VoiceTap *self);

G_END_DECLS
