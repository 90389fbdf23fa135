/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Play lists, and the place within one: cuts packets out of cached prompts. Lists are made and
 * freed on the leg's context; the player runs on its media worker.
 */
#include "player.h"

#include <string.h>

McpMediaPlayList *
mcp_media_play_list_new(guint64 generation, const McpPlayItem *items, guint n_items,
                        McpMediaPromptCache *cache, const McpMediaCodec *codec)
{
    McpMediaPlayList *list =
        g_malloc0(sizeof(McpMediaPlayList) + n_items * sizeof(McpMediaListItem));

    list->generation = generation;
    for (guint i = 0; i < n_items; i++) {
        McpMediaListItem *item = &list->items[list->n_items];

        if (items[i].kind == MCP_PLAY_AUDIO && items[i].audio == NULL)
            continue;
        item->kind = items[i].kind;
        item->offset = MAX(items[i].offset, 0);
        item->duration = MAX(items[i].duration, 0);
        if (item->kind == MCP_PLAY_AUDIO) {
            item->audio = mcp_audio_ref(items[i].audio);
            item->prompt = mcp_media_prompt_cache_get(cache, item->audio, codec);
        }
        if (item->kind == MCP_PLAY_MARK)
            item->mark = g_strdup(items[i].mark);
        list->n_items++;
    }
    return list;
}

McpMediaPlayList *
mcp_media_play_list_convert(const McpMediaPlayList *list, McpMediaPromptCache *cache,
                            const McpMediaCodec *codec)
{
    g_autofree McpPlayItem *items = g_new0(McpPlayItem, list->n_items + 1);

    for (guint i = 0; i < list->n_items; i++) {
        items[i].kind = list->items[i].kind;
        items[i].audio = list->items[i].audio;
        items[i].offset = list->items[i].offset;
        items[i].duration = list->items[i].duration;
        items[i].mark = list->items[i].mark;
    }
    return mcp_media_play_list_new(list->generation, items, list->n_items, cache, codec);
}

void
mcp_media_play_list_free(McpMediaPlayList *list)
{
    if (list == NULL)
        return;
    for (guint i = 0; i < list->n_items; i++) {
        g_clear_pointer(&list->items[i].prompt, mcp_media_prompt_unref);
        g_clear_pointer(&list->items[i].audio, mcp_audio_unref);
        g_free(list->items[i].mark);
    }
    g_free(list);
}

/* --- the player --- */

void
mcp_media_player_start(McpMediaPlayer *player, McpMediaPlayList *list)
{
    memset(player, 0, sizeof *player);
    player->list = list;
}

gint64
mcp_media_player_get_position(const McpMediaPlayer *player, const McpMediaCodec *codec)
{
    return player->sent_before + (gint64)(player->sent * G_USEC_PER_SEC / codec->clock_rate);
}

McpMediaPlayList *
mcp_media_player_convert(McpMediaPlayer *player, McpMediaPlayList *list, const McpMediaCodec *from,
                         const McpMediaCodec *to)
{
    McpMediaPlayList *old = player->list;

    player->sent_before = mcp_media_player_get_position(player, from);
    player->sent = 0;
    player->done = player->done * to->clock_rate / from->clock_rate;
    player->list = list;
    return old;
}

static guint64
samples_of(gint64 duration, const McpMediaCodec *codec)
{
    /* Longer than a day is for ever, and must not overflow. */
    return (guint64)MIN(duration, G_TIME_SPAN_DAY) * codec->clock_rate / G_USEC_PER_SEC;
}

/* Bytes from @start on and how many samples the item has from its beginning on. */
static guint64
item_length(const McpMediaListItem *item, const McpMediaCodec *codec, const guint8 **out_start)
{
    gsize bytes = 0;
    guint64 length = 0;
    guint64 offset = 0;

    *out_start = NULL;
    if (item->kind == MCP_PLAY_SILENCE)
        return samples_of(item->duration, codec);
    if (item->kind != MCP_PLAY_AUDIO)
        return 0;
    *out_start = mcp_media_prompt_get_data(item->prompt, &bytes);
    length = bytes / codec->sample_bytes;
    offset = MIN(samples_of(item->offset, codec), length);
    if (*out_start != NULL)
        *out_start += offset * codec->sample_bytes;
    length -= offset;
    if (item->duration > 0)
        length = MIN(length, samples_of(item->duration, codec));
    return length;
}

/* FALSE: the item cannot be played now. */
static gboolean
is_playable(const McpMediaListItem *item, McpMediaFill *fill)
{
    McpMediaPromptState state = MCP_MEDIA_PROMPT_READY;

    if (item->kind == MCP_PLAY_AUDIO)
        state = mcp_media_prompt_get_state(item->prompt);
    if (state == MCP_MEDIA_PROMPT_PENDING)
        fill->waiting = TRUE;
    else if (state == MCP_MEDIA_PROMPT_FAILED)
        fill->failure = mcp_media_prompt_get_error(item->prompt);
    return state == MCP_MEDIA_PROMPT_READY;
}

/* FALSE: no room for another mark in this packet time. */
static gboolean
pass_mark(McpMediaPlayer *self, const McpMediaCodec *codec, const McpMediaListItem *item,
          McpMediaFill *fill)
{
    if (item->kind != MCP_PLAY_MARK)
        return TRUE;
    if (fill->n_marks == MCP_MEDIA_FILL_MARKS)
        return FALSE;
    fill->marks[fill->n_marks] = item->mark;
    fill->positions[fill->n_marks] = mcp_media_player_get_position(self, codec);
    fill->n_marks++;
    return TRUE;
}

/* Takes from the present item; TRUE when it is played to its end. */
static gboolean
take_samples(McpMediaPlayer *self, const McpMediaCodec *codec, guint8 *out, guint n_samples,
             McpMediaFill *fill)
{
    const guint8 *start = NULL;
    guint64 length = item_length(&self->list->items[self->item], codec, &start);
    guint64 left = length > self->done ? length - self->done : 0;
    guint n = (guint)MIN(left, n_samples - fill->samples);
    guint8 *to = out + (gsize)fill->samples * codec->sample_bytes;

    if (start != NULL)
        memcpy(to, start + self->done * codec->sample_bytes, (gsize)n * codec->sample_bytes);
    else
        memset(to, codec->silence, (gsize)n * codec->sample_bytes);
    fill->samples += n;
    self->done += n;
    self->sent += n;
    return n == left;
}

void
mcp_media_player_fill(McpMediaPlayer *player, const McpMediaCodec *codec, guint8 *out,
                      guint n_samples, McpMediaFill *out_fill)
{
    memset(out_fill, 0, sizeof *out_fill);
    /* A full packet is followed by what has no length, so that the end is seen with it. */
    while (player->item < player->list->n_items) {
        const McpMediaListItem *item = &player->list->items[player->item];

        if (!is_playable(item, out_fill) || !pass_mark(player, codec, item, out_fill) ||
            !take_samples(player, codec, out, n_samples, out_fill))
            break;
        player->item++;
        player->done = 0;
    }
    out_fill->ended = player->item >= player->list->n_items;
    if (out_fill->samples < n_samples)
        memset(out + (gsize)out_fill->samples * codec->sample_bytes, codec->silence,
               (gsize)(n_samples - out_fill->samples) * codec->sample_bytes);
}
