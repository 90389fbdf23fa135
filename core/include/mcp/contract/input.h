/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What a leg waits for, and what stops its prompt; for mcp_leg_arm(). */

/** McpBargeIn: what stops the prompt by itself, in the tick in which it is seen. */
typedef enum {
    MCP_BARGE_IN_NONE,
    MCP_BARGE_IN_DTMF,
    MCP_BARGE_IN_SPEECH, /* and digits */
} McpBargeIn;

/** McpSpeechParams: how speech is told from the rest. */
typedef struct {
    gboolean listen;      /* SPEECH_STARTED and SPEECH_ENDED are reported; speech is input */
    double sensitivity;   /* 0…1; 0.5 is right for most lines, more finds quieter speech */
    guint minimum_ms;     /* less than that is no speech; 0: 60 */
    guint end_silence_ms; /* silence that ends it; 0: 700 */
} McpSpeechParams;

/** McpArm: how input is awaited. */
typedef struct {
    guint64 generation; /* of the play list it goes with; 0: no prompt */
    McpBargeIn barge_in;
    guint32 digits;  /* mask of digits that count: bit 0-9, 10 *, 11 #, 12-15 A-D */
    gint64 no_input; /* µs until no-input, from the last prompt packet sent; -1: none */
    McpSpeechParams speech;
} McpArm;

G_END_DECLS
