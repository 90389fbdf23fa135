/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/tap.h>

G_BEGIN_DECLS

#define CALLER_TYPE_TAP (caller_tap_get_type())
G_DECLARE_FINAL_TYPE(CallerTap, caller_tap, CALLER, TAP, GObject)

/**
 * caller_tap_new: (transfer full): a tap of @rate Hz.
 * @frames: of 20 ms that come every 5 ms, silence behind what was added; 0: what is added is there
 *   at once, and no frames come but those
 */
CallerTap *caller_tap_new(guint rate, guint frames);
/** caller_tap_speak: adds @ms of noise, every piece of it another one. */
void caller_tap_speak(CallerTap *self, guint ms);
/** caller_tap_murmur: as above, but softer than what the service takes for speech. */
void caller_tap_murmur(CallerTap *self, guint ms);
/** caller_tap_pause: adds @ms of silence. */
void caller_tap_pause(CallerTap *self, guint ms);
/** caller_tap_end: the leg goes after what was added. */
void caller_tap_end(CallerTap *self);
/** caller_tap_get_reads: frames read so far. */
guint caller_tap_get_reads(CallerTap *self);
/** caller_tap_get_samples: all that was added. */
const gint16 *caller_tap_get_samples(CallerTap *self, gsize *out_n);

G_END_DECLS
