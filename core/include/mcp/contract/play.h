/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/audio.h>

G_BEGIN_DECLS

/** McpPlayItemKind: what a play list is made of. */
typedef enum {
    MCP_PLAY_AUDIO,
    MCP_PLAY_SILENCE,
    MCP_PLAY_MARK,
} McpPlayItemKind;

/** McpPlayItem: one item of a play list. */
typedef struct {
    McpPlayItemKind kind;
    McpAudio *audio;  /* AUDIO */
    gint64 offset;    /* AUDIO: start at this position, µs */
    gint64 duration;  /* SILENCE: µs; AUDIO: play at most so long, 0: to the end */
    const char *mark; /* MARK: reported when its place was sent */
    /*
     * AUDIO: 0: in real time. Else its packets are sent one behind the other in RTP time, up to so
     * many in the time of one, as long as there are any: for a machine that listens (an engine).
     */
    guint pace;
} McpPlayItem;

G_END_DECLS
