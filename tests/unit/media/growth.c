/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompts that still grow: piece by piece the same comes out as of the whole, in every format; they
 * begin as soon as they can, wait, and end well or badly.
 */
#include "player/player.h"
#include "player/prompt_cache.h"

#include <math.h>
#include <mcp/error.h>
#include <string.h>

#define SAMPLES 8000

static const McpMediaCacheRows rows;

static const McpMediaFormat *
format_of(McpMediaCodecId id)
{
    static McpMediaFormat format;
    const McpMediaCodecOptions options = {.opus_rate = 16000, .opus_bitrate = 24000};

    mcp_media_format_init(&format, mcp_media_codec_get(id), &options);
    return &format;
}

/* (transfer full): a second of L16 that sweeps. */
static guint8 *
sweep(void)
{
    guint8 *data = g_malloc(2 * SAMPLES);

    for (guint i = 0; i < SAMPLES; i++) {
        gint16 value = (gint16)(9000 * sin(i * (0.05 + i * 2e-5)));

        data[2 * i] = (guint8)((guint16)value >> 8);
        data[2 * i + 1] = (guint8)value;
    }
    return data;
}

static void
until(McpMediaPrompt *prompt, McpMediaPromptState state)
{
    while (mcp_media_prompt_get_state(prompt) != state)
        g_main_context_iteration(NULL, FALSE);
}

static void
until_closed(McpMediaPrompt *prompt)
{
    gboolean open = TRUE;

    while (open) {
        mcp_media_prompt_get_length(prompt, &open);
        g_main_context_iteration(NULL, FALSE);
    }
}

static void
assert_same(McpMediaPrompt *whole, McpMediaPrompt *grown, const McpMediaFormat *format)
{
    gboolean open = TRUE;
    gsize n = mcp_media_prompt_get_length(whole, &open);

    g_assert_false(open);
    g_assert_cmpuint(mcp_media_prompt_get_length(grown, &open), ==, n);
    g_assert_cmpint(mcp_media_prompt_get_duration(grown), ==, mcp_media_prompt_get_duration(whole));
    if (mcp_media_codec_is_framed(format->codec)) {
        for (guint i = 0; i < n; i++) {
            McpMediaFrame one = mcp_media_prompt_get_frame(whole, i);
            McpMediaFrame two = mcp_media_prompt_get_frame(grown, i);

            g_assert_cmpmem(one.data, one.length, two.data, two.length);
        }
    } else {
        g_autofree guint8 *one = g_malloc(n);
        g_autofree guint8 *two = g_malloc(n);

        mcp_media_prompt_copy(whole, 0, one, n);
        for (gsize at = 0; at < n; at += 70)
            mcp_media_prompt_copy(grown, at, two + at, MIN(70, n - at));
        g_assert_cmpmem(one, n, two, n);
    }
}

/* In pieces of odd sizes, each codec. */
static void
test_pieces(void)
{
    static const McpMediaCodecId ids[] = {MCP_MEDIA_CODEC_PCMU,       MCP_MEDIA_CODEC_PCMA,
                                          MCP_MEDIA_CODEC_G722,       MCP_MEDIA_CODEC_OPUS,
                                          MCP_MEDIA_CODEC_GSM,        MCP_MEDIA_CODEC_AMR,
                                          MCP_MEDIA_CODEC_SPEEX_16000};
    g_autofree guint8 *data = sweep();
    g_autoptr(GBytes) bytes = g_bytes_new(data, 2 * SAMPLES);
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 2, 100);

    for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
        const McpMediaFormat *format = format_of(ids[i]);
        McpMediaPromptCache *cache = mcp_media_prompt_cache_new(pool, 1 << 20, NULL, &rows);
        g_autoptr(McpAudio) audio = mcp_audio_new(bytes, "audio/L16;rate=8000", NULL);
        McpMediaPrompt *whole = mcp_media_prompt_cache_get(cache, audio, format);
        McpAudio *growing = NULL;
        McpAudioProducer *producer =
            mcp_audio_producer_new("audio/L16;rate=8000", "grown", 1 << 20, &growing);
        McpMediaPrompt *grown = mcp_media_prompt_cache_get(cache, growing, format);
        McpMediaPrompt *again = mcp_media_prompt_cache_get(cache, growing, format);

        g_assert_true(again == grown);
        mcp_media_prompt_unref(again);
        until(whole, MCP_MEDIA_PROMPT_READY);
        for (gsize at = 0, piece = 1; at < 2 * SAMPLES; at += piece, piece = piece * 3 % 1009) {
            piece = MIN(piece, 2 * SAMPLES - at);
            g_assert_true(mcp_audio_producer_append(producer, data + at, piece));
        }
        mcp_audio_producer_finish(producer, NULL);
        until_closed(grown);
        g_assert_null(mcp_media_prompt_get_error(grown));
        assert_same(whole, grown, format);
        mcp_media_prompt_unref(grown);
        /* Whoever asks for the same later gets the same. */
        grown = mcp_media_prompt_cache_get(cache, growing, format);
        g_assert_cmpint(mcp_media_prompt_get_state(grown), ==, MCP_MEDIA_PROMPT_READY);
        mcp_media_prompt_unref(grown);
        mcp_media_prompt_unref(whole);
        mcp_audio_producer_free(producer);
        mcp_audio_unref(growing);
        mcp_media_prompt_cache_unref(cache);
    }
}

/*
 * Whole packets as long as it grows; the rest with silence at its end; then what came of it. A mark
 * before it is reached with its first packet.
 */
static void
play(const GError *failure)
{
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 2, 100);
    McpMediaPromptCache *cache = mcp_media_prompt_cache_new(pool, 1 << 20, NULL, &rows);
    const McpMediaFormat *format = format_of(MCP_MEDIA_CODEC_PCMU);
    McpAudio *audio = NULL;
    McpAudioProducer *producer = mcp_audio_producer_new("audio/basic", NULL, 1 << 20, &audio);
    const McpPlayItem items[] = {{.kind = MCP_PLAY_MARK, .mark = "begin"},
                                 {.kind = MCP_PLAY_AUDIO, .audio = audio, .pace = 100},
                                 {.kind = MCP_PLAY_MARK, .mark = "end"}};
    McpMediaPlayList *list = mcp_media_play_list_new(1, items, 3, cache, format);
    guint8 out[160];
    guint8 piece[400];
    McpMediaPlayer player;
    McpMediaFill fill = {0};

    memset(piece, 3, sizeof piece);
    mcp_media_player_start(&player, list);
    g_assert_cmpuint(mcp_media_player_get_pace(&player), ==, 8);
    mcp_media_player_fill(&player, format, out, 160, &fill);
    g_assert_true(fill.waiting);
    g_assert_cmpuint(fill.length, ==, 0);
    g_assert_cmpuint(fill.n_marks, ==, 0);
    mcp_audio_producer_append(producer, piece, sizeof piece);
    until(list->items[1].prompt, MCP_MEDIA_PROMPT_READY);
    g_assert_cmpint(mcp_media_prompt_get_duration(list->items[1].prompt), ==, 0);
    for (guint i = 0; i < 3; i++) {
        mcp_media_player_fill(&player, format, out, 160, &fill);
        g_assert_cmpuint(fill.length, ==, i < 2 ? 160 : 0);
        g_assert_cmpint(fill.waiting, ==, i == 2);
        g_assert_cmpuint(fill.n_marks, ==, i == 0 ? 1 : 0);
        g_assert_false(fill.ended);
    }
    mcp_audio_producer_finish(producer, failure);
    until_closed(list->items[1].prompt);
    mcp_media_player_fill(&player, format, out, 160, &fill);
    g_assert_cmpuint(fill.length, ==, 160);
    g_assert_cmpuint(out[79], ==, 3);
    g_assert_cmpuint(out[80], ==, 0xff);
    g_assert_cmpint(fill.ended, ==, failure == NULL);
    g_assert_cmpuint(fill.n_marks, ==, failure == NULL ? 1 : 0);
    if (failure != NULL)
        g_assert_cmpstr(fill.failure->message, ==, failure->message);
    g_assert_cmpint(mcp_media_player_get_position(&player, format->codec), ==, 50000);
    mcp_media_play_list_free(list);
    mcp_audio_producer_free(producer);
    mcp_audio_unref(audio);
    mcp_media_prompt_cache_unref(cache);
}

static void
test_play(void)
{
    play(NULL);
}

static void
test_bad_end(void)
{
    g_autoptr(GError) error = g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "the engine is gone");

    play(error);
}

/* An offset beyond what is there waits for it; a duration ends what goes on. */
static void
test_part(void)
{
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 2, 100);
    McpMediaPromptCache *cache = mcp_media_prompt_cache_new(pool, 1 << 20, NULL, &rows);
    const McpMediaFormat *format = format_of(MCP_MEDIA_CODEC_PCMU);
    McpAudio *audio = NULL;
    McpAudioProducer *producer = mcp_audio_producer_new("audio/basic", NULL, 1 << 20, &audio);
    const McpPlayItem item = {
        .kind = MCP_PLAY_AUDIO, .audio = audio, .offset = 100000, .duration = 30000};
    McpMediaPlayList *list = mcp_media_play_list_new(1, &item, 1, cache, format);
    guint8 out[160];
    guint8 piece[800];
    McpMediaPlayer player;
    McpMediaFill fill = {0};

    for (guint i = 0; i < sizeof piece; i++)
        piece[i] = (guint8)(i / 4);
    mcp_media_player_start(&player, list);
    mcp_audio_producer_append(producer, piece, 790);
    until(list->items[0].prompt, MCP_MEDIA_PROMPT_READY);
    mcp_media_player_fill(&player, format, out, 160, &fill);
    g_assert_true(fill.waiting);
    mcp_audio_producer_append(producer, piece, sizeof piece);
    mcp_media_player_fill(&player, format, out, 160, &fill);
    g_assert_cmpuint(fill.length, ==, 160);
    g_assert_cmpuint(out[0], ==, (800 - 790) / 4);
    mcp_media_player_fill(&player, format, out, 160, &fill);
    g_assert_cmpuint(fill.ticks, ==, 80);
    g_assert_true(fill.ended);
    mcp_media_play_list_free(list);
    mcp_audio_producer_free(producer);
    mcp_audio_unref(audio);
    mcp_media_prompt_cache_unref(cache);
}

static void
on_prepared(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GError **error = user_data;

    g_task_propagate_boolean(G_TASK(result), error);
}

static void
test_failures(void)
{
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 2, 100);
    McpMediaPromptCache *cache = mcp_media_prompt_cache_new(pool, 1 << 20, NULL, &rows);
    static const char *const types[] = {"audio/L16;rate=8000", "audio/x-wav", "text/plain"};

    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        McpAudio *audio = NULL;
        McpAudioProducer *producer = mcp_audio_producer_new(types[i], NULL, 100, &audio);
        McpMediaPrompt *prompt =
            mcp_media_prompt_cache_get(cache, audio, format_of(MCP_MEDIA_CODEC_PCMU));
        const int code = i == 0 ? MCP_ERROR_CLOSED : MCP_ERROR_INVALID;
        g_autoptr(GError) error = NULL;
        g_autoptr(GTask) task = g_task_new(NULL, NULL, on_prepared, &error);

        mcp_media_prompt_cache_wait(cache, prompt, task);
        /* Nothing was said before its producer went. */
        mcp_audio_producer_free(producer);
        while (error == NULL)
            g_main_context_iteration(NULL, TRUE);
        g_assert_error(error, MCP_ERROR, code);
        g_assert_cmpint(mcp_media_prompt_get_state(prompt), ==, MCP_MEDIA_PROMPT_FAILED);
        mcp_media_prompt_unref(prompt);
        mcp_audio_unref(audio);
    }
    mcp_media_prompt_cache_unref(cache);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(mcp_graph_setup(&error));
    g_test_add_func("/media/growth/pieces", test_pieces);
    g_test_add_func("/media/growth/play", test_play);
    g_test_add_func("/media/growth/bad-end", test_bad_end);
    g_test_add_func("/media/growth/part", test_part);
    g_test_add_func("/media/growth/failures", test_failures);
    return g_test_run();
}
