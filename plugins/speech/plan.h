/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/** McpSpeechPiece: words to be said in one go, then a pause. */
typedef struct {
    char *text;     /* ASCII, at most a few hundred bytes; may be empty */
    guint pause;    /* ms of silence after it */
    double stretch; /* factor of duration: 2 is half as fast */
} McpSpeechPiece;

/** McpSpeechPlan: pieces in order, built by appending. Not shared between threads. */
typedef struct _McpSpeechPlan McpSpeechPlan;

McpSpeechPlan *mcp_speech_plan_new(void);
void mcp_speech_plan_free(McpSpeechPlan *plan);
/** mcp_speech_plan_text: appends UTF-8 text; white space runs become one blank. */
void mcp_speech_plan_text(McpSpeechPlan *plan, const char *text);
/** mcp_speech_plan_pause: ends the present piece with @pause ms of silence; the sum is bounded. */
void mcp_speech_plan_pause(McpSpeechPlan *plan, guint pause);
/** mcp_speech_plan_set_stretch: for text from now on; bounded to 0.4 … 3. */
void mcp_speech_plan_set_stretch(McpSpeechPlan *plan, double stretch);
/** mcp_speech_plan_finish: (transfer none): the McpSpeechPiece pointers; no text after it. */
const GPtrArray *mcp_speech_plan_finish(McpSpeechPlan *plan);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSpeechPlan, mcp_speech_plan_free)
