/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_MEDIA_LOUDEST_MAX: bound of how many may be chosen. */
#define MCP_MEDIA_LOUDEST_MAX 16

typedef struct _McpMediaSpeaker McpMediaSpeaker;

/** McpMediaSpeaker: how loud one of a room is; part of its member. */
struct _McpMediaSpeaker {
    McpMediaSpeaker *next;
    guint loudness;      /* rises at once, falls over a third of a second */
    gboolean privileged; /* always among the loudest */
    gboolean chosen;     /* is in the mix */
};

/**
 * McpMediaFloor: who of a room is heard and who has the floor: the one who speaks, and louder than
 * the others for a while. Pure data; one thread.
 */
typedef struct {
    gpointer holder;    /* nullable; compared only */
    gpointer candidate; /* nullable */
    guint candidate_ms;
    guint quiet_ms;
} McpMediaFloor;

/** mcp_media_speaker_note: @level of the last @ms. */
void mcp_media_speaker_note(McpMediaSpeaker *speaker, guint level, guint ms);
/**
 * mcp_media_floor_choose: sets which of @speakers, a list, are chosen: those privileged, and the
 * @loudest others; 0: all. Whoever is in has a little advantage, so that two who are alike do not
 * take turns.
 */
void mcp_media_floor_choose(McpMediaSpeaker *speakers, guint loudest);
/**
 * mcp_media_floor_step: @ms went by; @loudest (nullable) had @loudness, the holder
 * @holder_loudness. Returns: TRUE when the holder is another one, or none, now.
 */
gboolean mcp_media_floor_step(McpMediaFloor *floor, gpointer loudest, guint loudness,
                              guint holder_loudness, guint ms);
/** mcp_media_floor_forget: @speaker has left. TRUE: it had the floor. */
gboolean mcp_media_floor_forget(McpMediaFloor *floor, gpointer speaker);

G_END_DECLS
