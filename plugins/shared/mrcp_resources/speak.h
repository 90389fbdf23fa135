/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "resource.h"

G_BEGIN_DECLS

/** McpMrcpdSpeak: one SPEAK. On the call's shard. */
typedef struct _McpMrcpdSpeak McpMrcpdSpeak;

/** McpMrcpdSpeakEvents: what it reports, never at once. */
typedef struct {
    void (*marked)(McpMrcpdSpeak *speak, const char *mark, gpointer user_data);
    /* The last one; @cause of RFC 6787 §8.4.4, @reason nullable. It may free it. */
    void (*ended)(McpMrcpdSpeak *speak, guint cause, const char *reason, gpointer user_data);
} McpMrcpdSpeakEvents;

/** mcp_mrcpd_speak_new: (transfer full): it waits until it is begun; @request is kept. */
McpMrcpdSpeak *mcp_mrcpd_speak_new(McpMrcpdResource *resource, McpMrcpMessage *request,
                                   const McpMrcpdSpeakEvents *events, gpointer user_data);
/** mcp_mrcpd_speak_free: ends it without a word. */
void mcp_mrcpd_speak_free(McpMrcpdSpeak *speak);
/** mcp_mrcpd_speak_begin: it is its turn. */
void mcp_mrcpd_speak_begin(McpMrcpdSpeak *speak);
/** mcp_mrcpd_speak_pause, mcp_mrcpd_speak_resume: as often as wanted. */
void mcp_mrcpd_speak_pause(McpMrcpdSpeak *speak);
void mcp_mrcpd_speak_resume(McpMrcpdSpeak *speak);
/** mcp_mrcpd_speak_is_paused: */
gboolean mcp_mrcpd_speak_is_paused(const McpMrcpdSpeak *speak);
/** mcp_mrcpd_speak_take_leg: an event of the leg. */
void mcp_mrcpd_speak_take_leg(McpMrcpdSpeak *speak, const McpLegEvent *event);
/** mcp_mrcpd_speak_get_request: (transfer none). */
const McpMrcpMessage *mcp_mrcpd_speak_get_request(const McpMrcpdSpeak *speak);
/** mcp_mrcpd_speak_get_mark: (nullable): the last mark that was reached. */
const char *mcp_mrcpd_speak_get_mark(const McpMrcpdSpeak *speak);

G_END_DECLS
