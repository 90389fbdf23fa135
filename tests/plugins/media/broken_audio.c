/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Broken sound files of all kinds on their way to a prompt: files that ffmpeg made are cut, changed
 * and mixed up, and each must become a prompt or be refused within seconds, whatever its type says.
 */
#include "player/prompt_cache.h"

#include <glib/gstdio.h>
#include <string.h>

#define SECONDS_MAX 10
#define CUTS 24
#define CHANGES 60
#define HEADER 256 /* bytes that most changes are in */

static const McpMediaCacheRows rows;

typedef struct {
    const char *name; /* its end chooses ffmpeg's container */
    const char *codec;
    const char *type;
} Kind;

static const Kind kinds[] = {
    {"a.wav", "pcm_s16le", "audio/x-wav"}, {"b.wav", "pcm_mulaw", "audio/x-wav"},
    {"c.wav", "pcm_s24le", "audio/x-wav"}, {"d.wav", "adpcm_ms", "audio/x-wav"},
    {"e.au", "pcm_mulaw", "audio/basic"},  {"f.au", "pcm_s16be", NULL},
    {"g.ogg", "libvorbis", "audio/ogg"},   {"h.ogg", "libopus", "application/ogg"},
    {"i.mp3", "libmp3lame", "audio/mpeg"},
};

typedef struct {
    McpMediaPromptCache *cache;
    GRand *random;
    guint ready;
    guint refused;
} Test;

static GByteArray *
make_file(const Kind *kind, const char *folder)
{
    g_autofree char *path = g_build_filename(folder, kind->name, NULL);
    const char *argv[] = {"ffmpeg", "-loglevel", "error", "-y",
                          "-f",     "lavfi",     "-i",    "sine=frequency=440:duration=0.4",
                          "-ar",    "16000",     "-ac",   "1",
                          "-c:a",   kind->codec, path,    NULL};
    g_autoptr(GError) error = NULL;
    char *data = NULL;
    gsize length = 0;
    gint status = 1;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, &error));
    g_assert_cmpint(status, ==, 0);
    g_assert_true(g_file_get_contents(path, &data, &length, &error));
    g_remove(path);
    return g_byte_array_new_take((guint8 *)data, length);
}

static void
on_known(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    *(gint *)user_data = g_task_propagate_boolean(G_TASK(result), &error) ? 1 : 2;
    /* Who reads the log has to know what is wrong with the file. */
    g_assert_true(error == NULL || strlen(error->message) > 5);
}

/* Returns: whether it became a prompt. */
static gboolean
try_file(Test *test, const guint8 *data, gsize length, const char *type)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, length);
    g_autoptr(McpAudio) audio = mcp_audio_new(bytes, type, NULL);
    const McpMediaCodecOptions options = {.opus_rate = 16000, .opus_bitrate = 24000};
    McpMediaFormat format;
    McpMediaPrompt *prompt = NULL;
    gint known = 0;
    gint64 deadline = g_get_monotonic_time() + SECONDS_MAX * G_USEC_PER_SEC;
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_known, &known);

    mcp_media_format_init(&format, mcp_media_codec_get(MCP_MEDIA_CODEC_PCMU), &options);
    prompt = mcp_media_prompt_cache_get(test->cache, audio, &format);
    mcp_media_prompt_cache_wait(test->cache, prompt, task);
    while (known == 0 && g_get_monotonic_time() < deadline)
        if (!g_main_context_iteration(NULL, FALSE))
            g_poll(NULL, 0, 1);
    g_assert_cmpint(known, !=, 0);
    test->ready += known == 1;
    test->refused += known == 2;
    mcp_media_prompt_unref(prompt);
    return known == 1;
}

/* Cut short at random places, the header's above all. */
static void
cut(Test *test, const GByteArray *file, const char *type)
{
    for (guint i = 0; i < CUTS; i++) {
        gsize max = i % 2 == 0 ? MIN(HEADER, file->len) : file->len;

        try_file(test, file->data, (gsize)g_rand_int_range(test->random, 0, (gint)max), type);
    }
}

static void
change(Test *test, const GByteArray *file, const char *type)
{
    static const guint32 values[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe};
    g_autofree guint8 *copy = g_malloc(file->len);

    for (guint i = 0; i < CHANGES; i++) {
        gint max = i % 4 == 0 ? (gint)file->len - 4 : (gint)MIN(HEADER, file->len - 4);
        guint n = 1 + i % 5;

        memcpy(copy, file->data, file->len);
        for (guint k = 0; k < n; k++) {
            gsize at = (gsize)g_rand_int_range(test->random, 0, max);

            if (i % 2 == 0)
                copy[at] = (guint8)g_rand_int(test->random);
            else
                memcpy(copy + at, &values[(i + k) % G_N_ELEMENTS(values)], sizeof values[0]);
        }
        try_file(test, copy, file->len, type);
    }
}

/* The head of one kind before the rest of another, and noise. */
static void
mix(Test *test, const GByteArray *file, const GByteArray *other, const char *type)
{
    g_autofree guint8 *copy = g_memdup2(other->data, other->len);
    gsize head = MIN(MIN(file->len, other->len), 48);

    memcpy(copy, file->data, head);
    try_file(test, copy, other->len, type);
    for (gsize i = head; i < other->len; i++)
        copy[i] = (guint8)g_rand_int(test->random);
    try_file(test, copy, other->len, type);
    memset(copy, 0, other->len);
    try_file(test, copy, other->len, type);
}

static void
test_broken(void)
{
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 1, 10);
    Test test = {
        .cache = mcp_media_prompt_cache_new(pool, 1 << 20, NULL, &rows),
        .random = g_rand_new_with_seed(3551),
    };
    g_autofree char *folder = g_dir_make_tmp("broken-audio-XXXXXX", NULL);
    GByteArray *files[G_N_ELEMENTS(kinds)];

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        files[i] = make_file(&kinds[i], folder);
    g_assert_true(try_file(&test, files[0]->data, files[0]->len, kinds[0].type));
    g_assert_true(try_file(&test, files[4]->data, files[4]->len, kinds[4].type));
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        cut(&test, files[i], kinds[i].type);
        change(&test, files[i], kinds[i].type);
        mix(&test, files[i], files[(i + 1) % G_N_ELEMENTS(kinds)], kinds[i].type);
    }
    g_test_message("%u became prompts, %u were refused", test.ready, test.refused);
    g_assert_cmpuint(test.refused, >, 100);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        g_byte_array_unref(files[i]);
    mcp_media_prompt_cache_unref(test.cache);
    g_rand_free(test.random);
    g_rmdir(folder);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(mcp_graph_setup(&error));
    g_test_add_func("/media/broken-audio/prompts", test_broken);
    return g_test_run();
}
