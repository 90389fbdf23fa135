/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Play lists, and the place within one: cuts packets out of cached prompts. Lists are made and
 * freed on the leg's context; the player runs on its media worker.
 */
#include "player.h"

#include <string.h>

/* Packets in the time of one. */
#define PACE_MAX 8

McpMediaPlayList *
mcp_media_play_list_new(guint64 generation, const McpPlayItem *items, guint n_items,
                        McpMediaPromptCache *cache, const McpMediaFormat *format)
{
    McpMediaPlayList *list =
        g_malloc0(sizeof(McpMediaPlayList) + n_items * sizeof(McpMediaListItem));

    list->generation = generation;
    if (mcp_media_codec_is_framed(format->codec))
        list->silence = mcp_media_prompt_cache_get_silence(cache, format);
    for (guint i = 0; i < n_items; i++) {
        McpMediaListItem *item = &list->items[list->n_items];

        if (items[i].kind == MCP_PLAY_AUDIO && items[i].audio == NULL)
            continue;
        item->kind = items[i].kind;
        item->offset = MAX(items[i].offset, 0);
        item->duration = MAX(items[i].duration, 0);
        item->pace = MIN(items[i].pace, PACE_MAX);
        if (item->kind == MCP_PLAY_AUDIO) {
            item->audio = mcp_audio_ref(items[i].audio);
            item->prompt = mcp_media_prompt_cache_get(cache, item->audio, format);
        }
        if (item->kind == MCP_PLAY_MARK)
            item->mark = g_strdup(items[i].mark);
        list->n_items++;
    }
    return list;
}

McpMediaPlayList *
mcp_media_play_list_convert(const McpMediaPlayList *list, McpMediaPromptCache *cache,
                            const McpMediaFormat *format)
{
    g_autofree McpPlayItem *items = g_new0(McpPlayItem, list->n_items + 1);

    for (guint i = 0; i < list->n_items; i++) {
        items[i].kind = list->items[i].kind;
        items[i].audio = list->items[i].audio;
        items[i].offset = list->items[i].offset;
        items[i].duration = list->items[i].duration;
        items[i].mark = list->items[i].mark;
        items[i].pace = list->items[i].pace;
    }
    return mcp_media_play_list_new(list->generation, items, list->n_items, cache, format);
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
    g_clear_pointer(&list->silence, mcp_media_prompt_unref);
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

guint
mcp_media_player_get_pace(const McpMediaPlayer *player)
{
    const McpMediaPlayList *list = player->list;
    guint i = player->item;

    while (list != NULL && i < list->n_items && list->items[i].kind == MCP_PLAY_MARK)
        i++;
    return list != NULL && i < list->n_items ? list->items[i].pace : 0;
}

/* Places within an item are whole frames, where there are frames. */
static guint64
round_down(guint64 ticks, const McpMediaFormat *format)
{
    if (!mcp_media_codec_is_framed(format->codec))
        return ticks;
    return ticks - ticks % mcp_media_format_frame_ticks(format);
}

static guint64
round_up(guint64 ticks, const McpMediaFormat *format)
{
    if (!mcp_media_codec_is_framed(format->codec))
        return ticks;
    return round_down(ticks + mcp_media_format_frame_ticks(format) - 1, format);
}

McpMediaPlayList *
mcp_media_player_convert(McpMediaPlayer *player, McpMediaPlayList *list, const McpMediaFormat *from,
                         const McpMediaFormat *to)
{
    McpMediaPlayList *old = player->list;

    player->sent_before = mcp_media_player_get_position(player, from->codec);
    player->sent = 0;
    player->done = round_down(player->done * to->codec->clock_rate / from->codec->clock_rate, to);
    player->list = list;
    return old;
}

static guint64
ticks_of(gint64 duration, const McpMediaCodec *codec)
{
    /* Longer than a day is for ever, and must not overflow. */
    return (guint64)MIN(duration, G_TIME_SPAN_DAY) * codec->clock_rate / G_USEC_PER_SEC;
}

static guint64
prompt_length(McpMediaPrompt *prompt, const McpMediaFormat *format, gboolean *out_open)
{
    gsize length = mcp_media_prompt_get_length(prompt, out_open);

    if (mcp_media_codec_is_framed(format->codec))
        return (guint64)length * mcp_media_format_frame_ticks(format);
    return length / format->codec->sample_bytes;
}

/*
 * How many ticks the item has from its beginning on, which is @out_offset into its prompt.
 * @out_open: it may become longer
 */
static guint64
item_length(const McpMediaListItem *item, const McpMediaFormat *format, guint64 *out_offset,
            gboolean *out_open)
{
    guint64 length = 0;
    guint64 offset = 0;
    guint64 most = 0;

    *out_offset = 0;
    *out_open = FALSE;
    if (item->kind == MCP_PLAY_SILENCE)
        return round_up(ticks_of(item->duration, format->codec), format);
    if (item->kind != MCP_PLAY_AUDIO)
        return 0;
    length = prompt_length(item->prompt, format, out_open);
    offset = round_down(MIN(ticks_of(item->offset, format->codec), length), format);
    /* It begins at its offset, not where it ends as yet. */
    if (*out_open && offset < round_down(ticks_of(item->offset, format->codec), format))
        return 0;
    *out_offset = offset;
    length -= offset;
    most = round_up(ticks_of(item->duration, format->codec), format);
    if (most == 0 || length < most)
        return length;
    *out_open = FALSE;
    return most;
}

/* FALSE: the item cannot be played now. */
static gboolean
is_playable(const McpMediaPlayer *self, const McpMediaListItem *item, McpMediaFill *fill)
{
    McpMediaPromptState state = MCP_MEDIA_PROMPT_READY;

    if (item->kind == MCP_PLAY_AUDIO)
        state = mcp_media_prompt_get_state(item->prompt);
    if (state == MCP_MEDIA_PROMPT_READY && self->list->silence != NULL)
        state = mcp_media_prompt_get_state(self->list->silence);
    if (state == MCP_MEDIA_PROMPT_PENDING)
        fill->waiting = TRUE;
    else if (state == MCP_MEDIA_PROMPT_FAILED)
        fill->failure = mcp_media_prompt_get_error(
            item->kind == MCP_PLAY_AUDIO &&
                    mcp_media_prompt_get_state(item->prompt) == MCP_MEDIA_PROMPT_FAILED
                ? item->prompt
                : self->list->silence);
    return state == MCP_MEDIA_PROMPT_READY;
}

/* A mark is reached with what follows it, and that may not be there yet. */
static gboolean
is_followed_by_nothing_yet(const McpMediaPlayer *self, const McpMediaFormat *format)
{
    const McpMediaListItem *item = &self->list->items[self->item];
    const McpMediaListItem *end = self->list->items + self->list->n_items;
    guint64 offset = 0;
    gboolean open = FALSE;

    while (item < end && item->kind == MCP_PLAY_MARK)
        item++;
    if (item == end || item->kind != MCP_PLAY_AUDIO)
        return FALSE;
    if (mcp_media_prompt_get_state(item->prompt) != MCP_MEDIA_PROMPT_READY)
        return mcp_media_prompt_get_state(item->prompt) == MCP_MEDIA_PROMPT_PENDING;
    return item_length(item, format, &offset, &open) == 0 && open;
}

/* FALSE: not in this packet time: there is no room for another mark, or it is not reached. */
static gboolean
pass_mark(McpMediaPlayer *self, const McpMediaFormat *format, const McpMediaListItem *item,
          McpMediaFill *fill)
{
    if (item->kind != MCP_PLAY_MARK)
        return TRUE;
    if (is_followed_by_nothing_yet(self, format)) {
        fill->waiting = TRUE;
        return FALSE;
    }
    if (fill->n_marks == MCP_MEDIA_FILL_MARKS)
        return FALSE;
    fill->marks[fill->n_marks] = item->mark;
    fill->positions[fill->n_marks] = mcp_media_player_get_position(self, format->codec);
    fill->n_marks++;
    return TRUE;
}

/* What goes into one packet. */
typedef struct {
    const McpMediaFormat *format;
    guint8 *out;
    guint ticks; /* of the whole packet */
    McpMediaFrame frames[MCP_MEDIA_FRAMES_MAX];
    guint n_frames;
} Packet;

/* @prompt: (nullable): silence. @from: tick within it; @at: tick within the packet. */
static void
put_bytes(Packet *packet, McpMediaPrompt *prompt, guint64 from, guint at, guint n)
{
    const McpMediaCodec *codec = packet->format->codec;
    guint8 *to = packet->out + (gsize)at * codec->sample_bytes;

    if (prompt != NULL)
        mcp_media_prompt_copy(prompt, from * codec->sample_bytes, to,
                              (gsize)n * codec->sample_bytes);
    else
        memset(to, codec->silence, (gsize)n * codec->sample_bytes);
}

static McpMediaFrame
silent_frame(McpMediaPrompt *silence)
{
    gboolean open = FALSE;
    gsize n = mcp_media_prompt_get_length(silence, &open);

    return mcp_media_prompt_get_frame(silence, (guint)n - 1);
}

/* @prompt: (nullable): silence. @at: tick within it. */
static void
put_frames(Packet *packet, McpMediaPrompt *prompt, McpMediaPrompt *silence, guint64 at, guint n)
{
    guint step = mcp_media_format_frame_ticks(packet->format);

    for (guint i = 0; i < n && packet->n_frames < MCP_MEDIA_FRAMES_MAX; i += step) {
        McpMediaFrame *frame = &packet->frames[packet->n_frames++];

        *frame = prompt != NULL ? mcp_media_prompt_get_frame(prompt, (guint)((at + i) / step))
                                : silent_frame(silence);
    }
}

/*
 * Takes from the present item; TRUE when it is played to its end. What still grows gives whole
 * packets only, so that waiting puts no holes into it that are not of its making.
 */
static gboolean
take_item(McpMediaPlayer *self, Packet *packet, McpMediaFill *fill)
{
    const McpMediaListItem *item = &self->list->items[self->item];
    guint64 offset = 0;
    gboolean open = FALSE;
    guint64 length = item_length(item, packet->format, &offset, &open);
    guint64 left = length > self->done ? length - self->done : 0;
    guint n = (guint)MIN(left, packet->ticks - fill->ticks);

    if (open && n < packet->ticks - fill->ticks) {
        fill->waiting = TRUE;
        return FALSE;
    }
    if (mcp_media_codec_is_framed(packet->format->codec))
        put_frames(packet, item->prompt, self->list->silence, offset + self->done, n);
    else if (n > 0)
        put_bytes(packet, item->prompt, offset + self->done, fill->ticks, n);
    fill->ticks += n;
    self->done += n;
    self->sent += n;
    if (n < left || open)
        return FALSE;
    if (item->kind == MCP_PLAY_AUDIO)
        fill->failure = mcp_media_prompt_get_error(item->prompt);
    return fill->failure == NULL;
}

/* Silence up to the end of the packet, and its payload. */
static void
finish_packet(const McpMediaPlayer *self, Packet *packet, McpMediaFill *fill)
{
    const McpMediaCodec *codec = packet->format->codec;

    if (fill->ticks == 0)
        return;
    if (mcp_media_codec_is_framed(codec)) {
        put_frames(packet, NULL, self->list->silence, 0, packet->ticks - fill->ticks);
        fill->length = mcp_media_join(packet->format, packet->frames, packet->n_frames, packet->out,
                                      MCP_MEDIA_CODED_MAX);
    } else {
        put_bytes(packet, NULL, 0, fill->ticks, packet->ticks - fill->ticks);
        fill->length = (gsize)packet->ticks * codec->sample_bytes;
    }
}

void
mcp_media_player_fill(McpMediaPlayer *player, const McpMediaFormat *format, guint8 *out,
                      guint ticks, McpMediaFill *out_fill)
{
    Packet packet = {.format = format, .out = out, .ticks = ticks};

    memset(out_fill, 0, sizeof *out_fill);
    /* A full packet is followed by what has no length, so that the end is seen with it. */
    while (player->item < player->list->n_items) {
        const McpMediaListItem *item = &player->list->items[player->item];

        if (!is_playable(player, item, out_fill) || !pass_mark(player, format, item, out_fill) ||
            !take_item(player, &packet, out_fill))
            break;
        player->item++;
        player->done = 0;
    }
    out_fill->ended = player->item >= player->list->n_items;
    finish_packet(player, &packet, out_fill);
}
