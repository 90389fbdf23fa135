/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prompt cache: one encoding for all who ask at once, bounded memory, failures not remembered;
 * and play lists cut out of it sample by sample.
 */
#include "player/prompt_cache.h"

#include "player/player.h"
#include <string.h>

#define WAITERS 50

static const McpMediaCacheRows rows;

static McpAudio *
audio_of(guint samples, guint8 value, const char *type)
{
    guint8 *data = g_malloc(samples);
    g_autoptr(GBytes) bytes = NULL;

    memset(data, value, samples);
    bytes = g_bytes_new_take(data, samples);
    return mcp_audio_new(bytes, type, NULL);
}

static void
on_ready(GObject *source, GAsyncResult *result, gpointer user_data)
{
    guint *counts = user_data;
    g_autoptr(GError) error = NULL;

    counts[g_task_propagate_boolean(G_TASK(result), &error) ? 0 : 1]++;
}

static void
wait_for(McpMediaPromptCache *cache, McpMediaPrompt *prompt, guint *counts)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_ready, counts);

    mcp_media_prompt_cache_wait(cache, prompt, task);
}

static const McpMediaFormat *
format_of(McpMediaCodecId id)
{
    static McpMediaFormat format;
    const McpMediaCodecOptions options = {.opus_rate = 16000, .opus_bitrate = 24000};

    mcp_media_format_init(&format, mcp_media_codec_get(id), &options);
    return &format;
}

static McpMediaPrompt *
get_ready(McpMediaPromptCache *cache, McpAudio *audio)
{
    McpMediaPrompt *prompt =
        mcp_media_prompt_cache_get(cache, audio, format_of(MCP_MEDIA_CODEC_PCMU));
    guint counts[2] = {0};

    wait_for(cache, prompt, counts);
    while (counts[0] + counts[1] == 0)
        g_main_context_iteration(NULL, TRUE);
    return prompt;
}

static void
test_single_flight(void)
{
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 2, 10);
    McpMediaPromptCache *cache = mcp_media_prompt_cache_new(pool, 1 << 20, NULL, &rows);
    g_autoptr(McpAudio) audio = audio_of(16000, 7, "audio/L16;rate=16000");
    McpMediaPrompt *prompts[WAITERS];
    guint counts[2] = {0};

    for (guint i = 0; i < WAITERS; i++) {
        prompts[i] = mcp_media_prompt_cache_get(cache, audio, format_of(MCP_MEDIA_CODEC_PCMA));
        g_assert_true(prompts[i] == prompts[0]);
        wait_for(cache, prompts[i], counts);
    }
    while (counts[0] < WAITERS)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpint(mcp_media_prompt_get_state(prompts[0]), ==, MCP_MEDIA_PROMPT_READY);
    g_assert_cmpint(ABS(mcp_media_prompt_get_duration(prompts[0]) - 500000), <, 10000);
    for (guint i = 0; i < WAITERS; i++)
        mcp_media_prompt_unref(prompts[i]);
    mcp_media_prompt_cache_unref(cache);
}

static void
test_bounds(void)
{
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 2, 10);
    McpMediaPromptCache *cache = mcp_media_prompt_cache_new(pool, 10000, NULL, &rows);
    g_autoptr(McpAudio) first = audio_of(4000, 1, "audio/basic");
    McpMediaPrompt *held = get_ready(cache, first);
    McpMediaPrompt *again = NULL;
    gboolean open = TRUE;
    guint8 last = 0;

    for (guint8 i = 2; i < 6; i++) {
        g_autoptr(McpAudio) audio = audio_of(4000, i, "audio/basic");

        mcp_media_prompt_unref(get_ready(cache, audio));
    }
    /* Evicted, but readable for who has it; the next one to ask gets another. */
    mcp_media_prompt_copy(held, 3999, &last, 1);
    g_assert_cmpuint(last, ==, 1);
    g_assert_cmpuint(mcp_media_prompt_get_length(held, &open), ==, 4000);
    g_assert_false(open);
    again = get_ready(cache, first);
    g_assert_true(again != held);
    mcp_media_prompt_unref(again);
    mcp_media_prompt_unref(held);
    mcp_media_prompt_cache_unref(cache);
}

static void
test_failure(void)
{
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 2, 10);
    McpMediaPromptCache *cache = mcp_media_prompt_cache_new(pool, 10000, NULL, &rows);
    g_autoptr(McpAudio) audio = audio_of(100, 1, "video/mp4");
    McpMediaPrompt *prompt = get_ready(cache, audio);
    McpMediaPrompt *again = NULL;
    guint counts[2] = {0};

    g_assert_cmpint(mcp_media_prompt_get_state(prompt), ==, MCP_MEDIA_PROMPT_FAILED);
    g_assert_nonnull(strstr(mcp_media_prompt_get_error(prompt)->message, "video/mp4"));
    wait_for(cache, prompt, counts);
    while (counts[1] == 0)
        g_main_context_iteration(NULL, TRUE);
    again = get_ready(cache, audio);
    g_assert_true(again != prompt);
    mcp_media_prompt_unref(again);
    mcp_media_prompt_unref(prompt);
    mcp_media_prompt_cache_unref(cache);
}

/* Whatever the packet size, the same samples in the same order, and marks at their places. */
static void
test_player(void)
{
    static const guint sizes[] = {1, 80, 160, 161, 480, 5000};
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 2, 10);
    McpMediaPromptCache *cache = mcp_media_prompt_cache_new(pool, 100000, NULL, &rows);
    const McpMediaFormat *format = format_of(MCP_MEDIA_CODEC_PCMU);
    g_autoptr(McpAudio) one = audio_of(1000, 1, "audio/basic");
    g_autoptr(McpAudio) two = audio_of(333, 2, "audio/basic");
    const McpPlayItem items[] = {
        {.kind = MCP_PLAY_MARK, .mark = "a"},
        {.kind = MCP_PLAY_AUDIO, .audio = one, .offset = 25000, .duration = 50000},
        {.kind = MCP_PLAY_MARK, .mark = "b"},
        {.kind = MCP_PLAY_AUDIO, .audio = two, .offset = 90000000},
        {.kind = MCP_PLAY_SILENCE, .duration = 1000},
        {.kind = MCP_PLAY_AUDIO, .audio = two},
        {.kind = MCP_PLAY_MARK, .mark = "c"},
    };

    mcp_media_prompt_unref(get_ready(cache, one));
    mcp_media_prompt_unref(get_ready(cache, two));
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        McpMediaPlayList *list =
            mcp_media_play_list_new(1, items, G_N_ELEMENTS(items), cache, format);
        g_autoptr(GByteArray) out = g_byte_array_new();
        g_autofree guint8 *packet = g_malloc(sizes[i]);
        g_autoptr(GString) marks = g_string_new(NULL);
        McpMediaPlayer player;
        McpMediaFill fill = {0};

        mcp_media_player_start(&player, list);
        while (!fill.ended) {
            mcp_media_player_fill(&player, format, packet, sizes[i], &fill);
            g_byte_array_append(out, packet, fill.ticks);
            for (guint k = 0; k < fill.n_marks; k++)
                g_string_append_printf(marks, "%s%" G_GINT64_FORMAT " ", fill.marks[k],
                                       fill.positions[k]);
        }
        g_assert_cmpuint(out->len, ==, 400 + 8 + 333);
        for (guint k = 0; k < out->len; k++)
            g_assert_cmpuint(out->data[k], ==, k < 400 ? 1 : k < 408 ? 0xff : 2);
        g_assert_cmpstr(marks->str, ==, "a0 b50000 c92625 ");
        g_assert_cmpint(mcp_media_player_get_position(&player, format->codec), ==, 92625);
        mcp_media_play_list_free(list);
    }
    mcp_media_prompt_cache_unref(cache);
}

/* Frames are never cut: offsets and lengths are whole frames, silence is one of the codec's. */
static void
test_frames(void)
{
    static const McpMediaCodecId ids[] = {MCP_MEDIA_CODEC_GSM, MCP_MEDIA_CODEC_OPUS,
                                          MCP_MEDIA_CODEC_AMR, MCP_MEDIA_CODEC_SPEEX_16000};
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 2, 10);
    McpMediaPromptCache *cache = mcp_media_prompt_cache_new(pool, 100000, NULL, &rows);
    g_autoptr(McpAudio) audio = audio_of(8000, 1, "audio/basic");
    const McpPlayItem items[] = {
        {.kind = MCP_PLAY_AUDIO, .audio = audio, .offset = 30000, .duration = 110000},
        {.kind = MCP_PLAY_MARK, .mark = "a"},
        {.kind = MCP_PLAY_SILENCE, .duration = 30000},
        {.kind = MCP_PLAY_MARK, .mark = "b"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
        const McpMediaFormat *format = format_of(ids[i]);
        guint ticks = mcp_media_format_frame_ticks(format);
        McpMediaPlayList *list =
            mcp_media_play_list_new(1, items, G_N_ELEMENTS(items), cache, format);
        g_autoptr(GString) marks = g_string_new(NULL);
        guint8 packet[MCP_MEDIA_CODED_MAX];
        McpMediaPlayer player;
        McpMediaFill fill = {0};
        guint packets = 0;

        while (mcp_media_prompt_get_state(list->items[0].prompt) != MCP_MEDIA_PROMPT_READY ||
               mcp_media_prompt_get_state(list->silence) != MCP_MEDIA_PROMPT_READY)
            g_main_context_iteration(NULL, FALSE);
        g_assert_cmpint(mcp_media_prompt_get_duration(list->items[0].prompt), ==, 1000000);
        mcp_media_player_start(&player, list);
        while (!fill.ended) {
            mcp_media_player_fill(&player, format, packet, ticks, &fill);
            g_assert_cmpuint(fill.ticks, ==, ticks);
            g_assert_cmpuint(fill.length, >, 0);
            packets++;
            for (guint k = 0; k < fill.n_marks; k++)
                g_string_append_printf(marks, "%s%" G_GINT64_FORMAT " ", fill.marks[k],
                                       fill.positions[k]);
        }
        /* 110 ms are six frames, 30 ms of silence two. */
        g_assert_cmpuint(packets, ==, 8);
        g_assert_cmpstr(marks->str, ==, "a120000 b160000 ");
        mcp_media_play_list_free(list);
    }
    mcp_media_prompt_cache_unref(cache);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(mcp_graph_setup(&error));
    g_test_add_func("/media/prompt-cache/single-flight", test_single_flight);
    g_test_add_func("/media/prompt-cache/bounds", test_bounds);
    g_test_add_func("/media/prompt-cache/failure", test_failure);
    g_test_add_func("/media/prompt-cache/player", test_player);
    g_test_add_func("/media/prompt-cache/frames", test_frames);
    return g_test_run();
}
