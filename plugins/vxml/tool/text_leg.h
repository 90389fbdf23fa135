/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The leg of a call in the terminal, on a virtual clock: a prompt lasts as long as its words take,
 * keys and speech come from whoever types. One thread.
 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/leg.h>

G_BEGIN_DECLS

#define MCP_TYPE_VXML_TEXT_LEG (mcp_vxml_text_leg_get_type())
G_DECLARE_FINAL_TYPE(McpVxmlTextLeg, mcp_vxml_text_leg, MCP, VXML_TEXT_LEG, GObject)

/** McpVxmlTextLegHooks: what the leg tells. */
typedef struct {
    /** said, paused, marked: these words or a pause of so many µs begin now, a mark is reached. */
    void (*said)(const char *words, gpointer user_data);
    void (*paused)(gint64 duration, gpointer user_data);
    void (*marked)(const char *name, gpointer user_data);
    /** played: other @audio is heard from now on. */
    void (*played)(McpAudio *audio, gpointer user_data);
    /** waits: nothing is heard any more; the caller has to do something. */
    void (*waits)(gboolean recording, gpointer user_data);
    gpointer user_data;
} McpVxmlTextLegHooks;

/** mcp_vxml_text_leg_new: (transfer full): @hooks is copied. */
McpVxmlTextLeg *mcp_vxml_text_leg_new(McpClock *clock, const McpVxmlTextLegHooks *hooks);
/** mcp_vxml_text_leg_press: the caller presses a key now. */
void mcp_vxml_text_leg_press(McpVxmlTextLeg *leg, char digit);
/** mcp_vxml_text_leg_speak: what the caller says into a recording that runs; "": nothing. */
void mcp_vxml_text_leg_speak(McpVxmlTextLeg *leg, const char *words);
/** mcp_vxml_text_duration: µs that saying @words takes. */
gint64 mcp_vxml_text_duration(const char *words, gsize length);

G_END_DECLS
