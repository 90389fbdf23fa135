/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "prompt_cache.h"
#include <mcp/contract/leg.h>

G_BEGIN_DECLS

/** McpMediaListItem: an item of a play list as the worker plays it. */
typedef struct {
    McpPlayItemKind kind;
    McpAudio *audio;        /* AUDIO: to bring it into another codec */
    McpMediaPrompt *prompt; /* AUDIO */
    gint64 offset;
    gint64 duration;
    char *mark;
    guint pace; /* 0: in real time */
} McpMediaListItem;

/** McpMediaPlayList: made and freed on the leg's context, played by its worker meanwhile. */
typedef struct {
    guint64 generation;
    McpMediaPrompt *silence; /* nullable: in formats of frames */
    guint n_items;
    McpMediaListItem items[];
} McpMediaPlayList;

/** mcp_media_play_list_new: (transfer full): prompts are asked from @cache in @format. */
McpMediaPlayList *mcp_media_play_list_new(guint64 generation, const McpPlayItem *items,
                                          guint n_items, McpMediaPromptCache *cache,
                                          const McpMediaFormat *format);
/** mcp_media_play_list_convert: (transfer full): the same list in another format. */
McpMediaPlayList *mcp_media_play_list_convert(const McpMediaPlayList *list,
                                              McpMediaPromptCache *cache,
                                              const McpMediaFormat *format);
/** mcp_media_play_list_free: not on a media worker. */
void mcp_media_play_list_free(McpMediaPlayList *list);

/** McpMediaPlayer: the place of a leg within its play list. Media worker. */
typedef struct {
    McpMediaPlayList *list; /* nullable */
    guint item;
    guint64 done;       /* ticks of the RTP clock played of the present item */
    guint64 sent;       /* ticks played of the list, in the present codec's clock */
    gint64 sent_before; /* µs played in another codec */
} McpMediaPlayer;

#define MCP_MEDIA_FILL_MARKS 8

/** McpMediaFill: what one packet time took out of a list. */
typedef struct {
    guint ticks;           /* of the list, in the RTP clock; the rest of the packet is silence */
    gsize length;          /* bytes of the payload; 0: nothing has to be sent */
    gboolean waiting;      /* the next prompt is not encoded yet */
    gboolean ended;        /* nothing is left */
    const GError *failure; /* the next prompt cannot be played */
    guint n_marks;         /* passed, in order */
    const char *marks[MCP_MEDIA_FILL_MARKS];
    gint64 positions[MCP_MEDIA_FILL_MARKS];
} McpMediaFill;

/** mcp_media_player_start: @list is played from its beginning; the player had none. */
void mcp_media_player_start(McpMediaPlayer *player, McpMediaPlayList *list);
/** mcp_media_player_convert: goes on at the same place in @list; returns the old one. */
McpMediaPlayList *mcp_media_player_convert(McpMediaPlayer *player, McpMediaPlayList *list,
                                           const McpMediaFormat *from, const McpMediaFormat *to);
/**
 * mcp_media_player_fill: the payload of the next packet, @ticks of the RTP clock, into @out;
 * silence fills it up when the list ends or has to wait. In formats of frames @ticks is a multiple
 * of one.
 * @out: room for MCP_MEDIA_CODED_MAX bytes, or @ticks samples
 */
void mcp_media_player_fill(McpMediaPlayer *player, const McpMediaFormat *format, guint8 *out,
                           guint ticks, McpMediaFill *out_fill);
/** mcp_media_player_get_pace: of the present item; 0: real time. */
guint mcp_media_player_get_pace(const McpMediaPlayer *player);
/** mcp_media_player_get_position: µs of the list that were played. */
gint64 mcp_media_player_get_position(const McpMediaPlayer *player, const McpMediaCodec *codec);

G_END_DECLS
