/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "voice_material.h"

G_BEGIN_DECLS

/**
 * SynthesisSet: tuning and judging use different noises: other tempi, timbres, scales, resonances,
 * hum frequencies, numbers of talkers, colours of the echo.
 */
typedef enum {
    SYNTHESIS_TUNE,
    SYNTHESIS_JUDGE,
} SynthesisSet;

/** synthesis_line: hum of the mains with harmonics, and hiss; @level is the caller's amplitude. */
void synthesis_line(gfloat *out, gsize n, gfloat level, SynthesisSet set, Chance *chance);
/** synthesis_breath: breaths in and out and puffs into the microphone. */
void synthesis_breath(gfloat *out, gsize n, gfloat level, SynthesisSet set, Chance *chance);
/** synthesis_music: chords, melody with vibrato, drums; 10 dB below @level. */
void synthesis_music(gfloat *out, gsize n, gfloat level, SynthesisSet set, Chance *chance);
/** synthesis_tones: keys, tones of the network, buzzes; up to 5 dB over @level. */
void synthesis_tones(gfloat *out, gsize n, gfloat level, SynthesisSet set, Chance *chance);
/** synthesis_babble: many talkers at once out of @voices; 10 dB below @level. */
void synthesis_babble(gfloat *out, gsize n, gfloat level, GPtrArray *voices, SynthesisSet set,
                      Chance *chance);
/** synthesis_prompt: one talker after another out of @voices, at @level. */
void synthesis_prompt(gfloat *out, gsize n, gfloat level, GPtrArray *voices, Chance *chance);
/** synthesis_echo: adds @prompt to @out 20 dB lower, coloured, 0 to 300 ms later. */
void synthesis_echo(gfloat *out, gsize n, const gfloat *prompt, SynthesisSet set, Chance *chance);
/** synthesis_hiss: adds white noise of this RMS. */
void synthesis_hiss(gfloat *out, gsize n, gfloat level, Chance *chance);

G_END_DECLS
