/* SPDX-License-Identifier: Apache-2.0 */
/* The prompt cache: names, both tiers, what goes wrong on the disk. */
#include "engines.h"
#include "prompt_cache.h"
#include "prompt_folder.h"
#include "speaking.h"

#include <glib/gstdio.h>
#include <mcp/error.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static McpAudio *
audio_of(const char *text)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

    return mcp_audio_new(bytes, "audio/basic", text);
}

/* Whatever is asked for otherwise has another name; the order of parameters is none of it. */
static void
test_names(void)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) one = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) other = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) split = g_hash_table_new(g_str_hash, g_str_equal);
    static const char *const engines[] = {"a", "ab", "1:a"};
    static const char *const texts[] = {"", "hello", "hello ", "5:hello"};
    static const char *const languages[] = {NULL, "", "en", "de", "e"};
    static const char *const voices[] = {NULL, "", "n", "kal"};
    static const guint rates[] = {8000, 16000};
    GHashTable *const parameters[] = {NULL, one, other, split};
    guint n = 0;

    g_hash_table_insert(one, (gpointer) "speed", (gpointer) "2");
    g_hash_table_insert(other, (gpointer) "speed", (gpointer) "3");
    g_hash_table_insert(split, (gpointer) "speed2", (gpointer) "");
    for (guint i = 0; i < 3 * 4 * 5 * 4 * 2 * 4 * 2; i++) {
        guint k = i;
        McpSynthesisRequest request = {0};
        const char *engine = engines[k % 3];

        request.text = texts[(k /= 3) % 4];
        request.language = languages[(k /= 4) % 5];
        request.voice = voices[(k /= 5) % 4];
        request.sample_rate = rates[(k /= 4) % 2];
        request.parameters = parameters[(k /= 2) % 4];
        request.ssml = (k / 4) % 2 == 1;
        g_assert_true(g_hash_table_add(names, mcp_synthesis_request_key(&request, engine)));
        n++;
    }
    g_assert_cmpuint(g_hash_table_size(names), ==, n);
    g_hash_table_insert(one, (gpointer) "pitch", (gpointer) "1");
    g_hash_table_remove_all(other);
    g_hash_table_insert(other, (gpointer) "pitch", (gpointer) "1");
    g_hash_table_insert(other, (gpointer) "speed", (gpointer) "2");
    {
        const McpSynthesisRequest first = {.text = "x", .parameters = one};
        const McpSynthesisRequest second = {.text = "x", .parameters = other};
        g_autofree char *a = mcp_synthesis_request_key(&first, "a");
        g_autofree char *b = mcp_synthesis_request_key(&second, "a");

        g_assert_cmpstr(a, ==, b);
    }
}

static void
remove_folder(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name = NULL;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        g_unlink(file);
    }
    g_rmdir(path);
}

static void
assert_read(McpPromptFolder *folder, const char *key, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpAudio) audio = mcp_prompt_folder_read(folder, key, &error);
    gsize length = 0;
    const char *data = NULL;

    if (wanted == NULL) {
        g_assert_null(audio);
        g_assert_nonnull(error);
        return;
    }
    g_assert_no_error(error);
    data = g_bytes_get_data(mcp_audio_get_bytes(audio), &length);
    g_assert_cmpmem(data, length, wanted, strlen(wanted));
    g_assert_cmpstr(mcp_audio_get_id(audio), ==, wanted);
    g_assert_cmpstr(mcp_audio_get_content_type(audio), ==, "audio/basic");
}

static void
write_prompt(McpPromptFolder *folder, const char *key, const char *text)
{
    g_autoptr(McpAudio) audio = audio_of(text);
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_prompt_folder_write(folder, key, audio, &error));
}

static void
test_folder(void)
{
    g_autofree char *path = g_dir_make_tmp("mcp-prompts-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(path, "aa.prompt", NULL);
    g_autofree char *part = g_build_filename(path, "0-cc.prompt.part", NULL);
    g_autofree char *foreign = g_build_filename(path, "letter.txt", NULL);
    g_autoptr(McpPromptFolder) folder = mcp_prompt_folder_new(path, 10000);
    McpPromptFolder *again = NULL;
    McpPromptFolderFigures figures;
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_prompt_folder_open(folder, &error));
    g_assert_false(mcp_prompt_folder_has(folder, "aa"));
    write_prompt(folder, "aa", "hello");
    write_prompt(folder, "bb", "world");
    g_assert_true(mcp_prompt_folder_has(folder, "aa"));
    assert_read(folder, "aa", "hello");
    /* Somebody else takes it over: what is not whole goes, what is not ours stays. */
    g_assert_true(g_file_set_contents(part, "x", 1, NULL));
    g_assert_true(g_file_set_contents(foreign, "dear", 4, NULL));
    again = mcp_prompt_folder_new(path, 10000);
    g_assert_true(mcp_prompt_folder_open(again, &error));
    mcp_prompt_folder_get_figures(again, &figures);
    g_assert_cmpuint(figures.entries, ==, 2);
    g_assert_false(g_file_test(part, G_FILE_TEST_EXISTS));
    assert_read(again, "bb", "world");
    /* A file that is not what was written is no prompt, wherever it is cut or changed. */
    {
        g_autofree char *whole = NULL;
        gsize length = 0;

        g_assert_true(g_file_get_contents(file, &whole, &length, NULL));
        for (gsize n = 0; n < length; n++) {
            g_assert_true(g_file_set_contents(file, whole, (gssize)n, NULL));
            assert_read(again, "aa", NULL);
            g_assert_false(g_file_test(file, G_FILE_TEST_EXISTS));
        }
    }
    g_assert_false(mcp_prompt_folder_has(again, "aa"));
    mcp_prompt_folder_flush(again);
    mcp_prompt_folder_get_figures(again, &figures);
    g_assert_cmpuint(figures.entries + figures.bytes, ==, 0);
    g_assert_true(g_file_test(foreign, G_FILE_TEST_EXISTS));
    mcp_prompt_folder_free(again);
    remove_folder(path);
}

static void
test_bounds(void)
{
    g_autofree char *path = g_dir_make_tmp("mcp-prompts-XXXXXX", NULL);
    g_autoptr(McpPromptFolder) folder = mcp_prompt_folder_new(path, 4000);
    McpPromptFolderFigures figures;
    g_autofree char *big = g_strnfill(600, 'x');

    for (guint i = 0; i < 20; i++) {
        g_autofree char *key = g_strdup_printf("%02x", i);
        g_autofree char *text = g_strnfill(200, (char)('a' + i));

        write_prompt(folder, key, text);
        g_assert_true(mcp_prompt_folder_has(folder, "00"));
        mcp_prompt_folder_get_figures(folder, &figures);
        g_assert_cmpuint(figures.bytes, <=, 4000);
    }
    /* The one asked for again and again has stayed; one too large does not push others out. */
    g_assert_cmpuint(figures.entries, >=, 2);
    write_prompt(folder, "ff", big);
    g_assert_false(mcp_prompt_folder_has(folder, "ff"));
    remove_folder(path);
}

/* A disk that takes no more: an error, no file, and what is there can be read. */
static void
test_full_disk(void)
{
    g_autofree char *path = g_dir_make_tmp("mcp-prompts-XXXXXX", NULL);
    g_autoptr(McpPromptFolder) folder = mcp_prompt_folder_new(path, 1 << 20);
    g_autofree char *big = g_strnfill(100000, 'x');
    g_autoptr(McpAudio) audio = audio_of(big);
    g_autoptr(GError) error = NULL;
    McpPromptFolderFigures figures;
    struct rlimit before;
    struct rlimit small;

    write_prompt(folder, "aa", "hello");
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
    small = before;
    small.rlim_cur = 50000;
    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
    g_assert_false(mcp_prompt_folder_write(folder, "bb", audio, &error));
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
    g_assert_nonnull(strstr(error->message, "bb.prompt"));
    g_assert_false(mcp_prompt_folder_has(folder, "bb"));
    mcp_prompt_folder_get_figures(folder, &figures);
    g_assert_cmpuint(figures.failures, ==, 1);
    assert_read(folder, "aa", "hello");
    {
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        guint files = 0;

        while (g_dir_read_name(dir) != NULL)
            files++;
        g_assert_cmpuint(files, ==, 1);
    }
    remove_folder(path);
}

/* --- both tiers --- */

typedef struct {
    McpPool *disk;
    McpClock *clock;
    McpPromptCache *cache;
} Cache;

static void
open_cache(Cache *self, const char *path)
{
    const McpPromptCacheConfig config = {.memory = 10000, .directory = path, .disk = 100000};

    self->disk = mcp_pool_new("disk", 1, 100);
    self->clock = mcp_clock_new();
    self->cache = mcp_prompt_cache_new(&config, self->disk, self->clock, NULL);
}

static void
close_cache(Cache *self)
{
    mcp_prompt_cache_unref(self->cache);
    /* Waits for what is under way. */
    g_object_unref(self->disk);
    run();
    g_object_unref(self->clock);
}

typedef struct {
    McpPromptCache *cache;
    McpAudio *audio;
    gboolean done;
} Found;

static void
on_found(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Found *found = user_data;

    found->audio = mcp_prompt_cache_find_finish(found->cache, result);
    found->done = TRUE;
}

static gboolean
finds(Cache *self, const char *key, const char *wanted)
{
    Found found = {.cache = self->cache};
    gboolean same = FALSE;

    mcp_prompt_cache_find_async(self->cache, key, TRUE, NULL, on_found, &found);
    while (!found.done)
        g_main_context_iteration(NULL, TRUE);
    if (found.audio == NULL)
        return FALSE;
    same = strcmp(mcp_audio_get_id(found.audio), wanted) == 0;
    mcp_audio_unref(found.audio);
    return same;
}

static void
wait_for_files(const char *path, guint wanted)
{
    guint files = G_MAXUINT;

    while (files != wanted) {
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        const char *name = NULL;

        files = 0;
        while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
            files += g_str_has_suffix(name, ".prompt");
        run();
    }
}

static void
test_tiers(void)
{
    g_autofree char *path = g_dir_make_tmp("mcp-prompts-XXXXXX", NULL);
    g_autoptr(McpAudio) audio = audio_of("hello");
    McpAudio *growing = NULL;
    McpAudioProducer *producer = NULL;
    g_autofree char *text = NULL;
    McpJson *json = mcp_json_new();
    Cache cache;

    open_cache(&cache, path);
    g_assert_false(finds(&cache, "aa", "hello"));
    mcp_prompt_cache_put(cache.cache, "aa", audio);
    g_assert_true(finds(&cache, "aa", "hello"));
    /* One that grows is kept once it is whole, wanted or not; a broken one is not. */
    producer = mcp_audio_producer_new("audio/basic", "grown", 100, &growing);
    mcp_prompt_cache_put(cache.cache, "bb", growing);
    mcp_audio_producer_append(producer, "abc", 3);
    g_assert_false(finds(&cache, "bb", "grown"));
    mcp_audio_unref(growing);
    mcp_audio_producer_append(producer, "def", 3);
    mcp_audio_producer_finish(producer, NULL);
    mcp_audio_producer_free(producer);
    g_assert_true(finds(&cache, "bb", "grown"));
    producer = mcp_audio_producer_new("audio/basic", "broken", 100, &growing);
    mcp_prompt_cache_put(cache.cache, "cc", growing);
    mcp_audio_producer_append(producer, "abc", 3);
    mcp_audio_producer_free(producer);
    mcp_audio_unref(growing);
    g_assert_false(finds(&cache, "cc", "broken"));
    wait_for_files(path, 2);
    close_cache(&cache);
    /* What was on the disk is there for the next process. */
    open_cache(&cache, path);
    while (!finds(&cache, "bb", "grown"))
        run();
    g_assert_true(finds(&cache, "aa", "hello"));
    mcp_json_begin_object(json, NULL);
    mcp_prompt_cache_describe(cache.cache, json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    g_assert_nonnull(strstr(text, "\"memory_entries\":2"));
    g_assert_nonnull(strstr(text, "\"disk_entries\":2"));
    g_assert_nonnull(strstr(text, "\"disk_hits\":2"));
    mcp_prompt_cache_flush(cache.cache);
    g_assert_null(mcp_prompt_cache_get(cache.cache, "aa"));
    wait_for_files(path, 0);
    close_cache(&cache);
    g_assert_cmpint(g_rmdir(path), ==, 0);
}

/* A folder that cannot be had: prompts are kept in memory. */
static void
test_no_folder(void)
{
    g_autoptr(McpAudio) audio = audio_of("hello");
    Cache cache;

    open_cache(&cache, "/proc/no/such/folder");
    mcp_prompt_cache_put(cache.cache, "aa", audio);
    g_assert_true(finds(&cache, "aa", "hello"));
    mcp_prompt_cache_flush(cache.cache);
    g_assert_false(finds(&cache, "aa", "hello"));
    close_cache(&cache);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engines/prompts/names", test_names);
    g_test_add_func("/engines/prompts/folder", test_folder);
    g_test_add_func("/engines/prompts/bounds", test_bounds);
    g_test_add_func("/engines/prompts/full-disk", test_full_disk);
    g_test_add_func("/engines/prompts/tiers", test_tiers);
    g_test_add_func("/engines/prompts/no-folder", test_no_folder);
    return g_test_run();
}
