/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two tiers of the prompt cache. Memory is looked at where one is; the disk only on its pool.
 */
#include "prompt_cache.h"

#include "engine_table.h"
#include "prompt_folder.h"
#include <lru/lru.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <mcp/log_limit.h>

/* What an entry takes besides its bytes. */
#define OVERHEAD 512

enum { HIT_MEMORY, HIT_DISK, MISS, OUTCOMES };

struct _McpPromptCache {
    gatomicrefcount refs;
    McpPool *disk; /* not owned: one of its threads may drop the last reference to this */
    McpClock *clock;
    McpLogLimit *complaints;
    McpMetrics *metrics;
    McpPromptFolder *folder; /* nullable */
    gint outcomes[OUTCOMES]; /* atomic */
    gint flushes;            /* atomic: what was asked before one is not kept after it */
    GMutex lock;             /* guards what follows */
    McpLru *memory;
    gsize memory_limit;
};

/* One thing to be done with a file, or an audio that is waited for. */
typedef struct {
    McpPromptCache *cache;
    char *key;
    char *id;           /* of what grows */
    char *content_type; /* of what grows */
    McpAudio *audio;
    McpAudioWatch *watch; /* of what grows */
    gint done;            /* atomic: its end was seen */
    gint flushes;
    gboolean count;
} Errand;

static Errand *
errand_new(McpPromptCache *cache, const char *key, McpAudio *audio)
{
    Errand *errand = g_new0(Errand, 1);

    errand->cache = mcp_prompt_cache_ref(cache);
    errand->key = g_strdup(key);
    errand->audio = audio != NULL ? mcp_audio_ref(audio) : NULL;
    errand->flushes = g_atomic_int_get(&cache->flushes);
    return errand;
}

static void
errand_free(gpointer data)
{
    Errand *errand = data;

    mcp_prompt_cache_unref(errand->cache);
    g_clear_pointer(&errand->audio, mcp_audio_unref);
    g_free(errand->key);
    g_free(errand->id);
    g_free(errand->content_type);
    g_free(errand);
}

/* A fault of the disk: a full one fails each time. */
static void
tell(McpPromptCache *self, const GError *error)
{
    if (mcp_log_limit_pass(self->complaints, "disk", mcp_clock_now(self->clock)))
        mcp_log_warning("prompt-cache", NULL, "%s", error->message);
}

/* A fault was told already; nobody waits. */
static void
ignore_result(GObject *source, GAsyncResult *result, gpointer user_data)
{
}

static void
run_on_disk(McpPromptCache *self, Errand *errand, GTaskThreadFunc func)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, ignore_result, NULL);

    g_task_set_task_data(task, errand, errand_free);
    mcp_pool_run(self->disk, task, func);
}

static void
open_folder(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    McpPromptCache *self = ((Errand *)data)->cache;
    g_autoptr(GError) error = NULL;

    if (!mcp_prompt_folder_open(self->folder, &error))
        tell(self, error);
    g_task_return_boolean(task, TRUE);
}

McpPromptCache *
mcp_prompt_cache_new(const McpPromptCacheConfig *config, McpPool *disk, McpClock *clock,
                     McpMetrics *metrics)
{
    McpPromptCache *cache = g_new0(McpPromptCache, 1);

    g_atomic_ref_count_init(&cache->refs);
    g_mutex_init(&cache->lock);
    cache->disk = disk;
    cache->clock = g_object_ref(clock);
    cache->complaints = mcp_log_limit_new(1, 1, "mcp-engines", "prompt-cache");
    cache->metrics = metrics;
    cache->memory_limit = config->memory;
    cache->memory =
        mcp_lru_new(config->memory, (McpLruRef)mcp_audio_ref, (GDestroyNotify)mcp_audio_unref);
    if (config->directory != NULL) {
        cache->folder = mcp_prompt_folder_new(config->directory, config->disk);
        run_on_disk(cache, errand_new(cache, NULL, NULL), open_folder);
    }
    return cache;
}

McpPromptCache *
mcp_prompt_cache_ref(McpPromptCache *cache)
{
    g_atomic_ref_count_inc(&cache->refs);
    return cache;
}

void
mcp_prompt_cache_unref(McpPromptCache *cache)
{
    if (cache == NULL || !g_atomic_ref_count_dec(&cache->refs))
        return;
    mcp_lru_free(cache->memory);
    g_clear_pointer(&cache->folder, mcp_prompt_folder_free);
    mcp_log_limit_free(cache->complaints);
    g_object_unref(cache->clock);
    g_mutex_clear(&cache->lock);
    g_free(cache);
}

void
mcp_prompt_cache_set_limits(McpPromptCache *cache, gsize memory, guint64 disk)
{
    g_mutex_lock(&cache->lock);
    cache->memory_limit = memory;
    mcp_lru_set_limit(cache->memory, memory);
    g_mutex_unlock(&cache->lock);
    if (cache->folder != NULL)
        mcp_prompt_folder_set_limit(cache->folder, disk);
}

static void
count(McpPromptCache *self, guint outcome)
{
    g_atomic_int_inc(&self->outcomes[outcome]);
    if (self->metrics != NULL)
        mcp_metrics_add(self->metrics, MCP_ENGINE_METRIC_CACHE, outcome, 1);
}

static void
show_sizes(McpPromptCache *self)
{
    McpPromptFolderFigures figures = {0};
    gsize bytes = 0;

    if (self->metrics == NULL)
        return;
    g_mutex_lock(&self->lock);
    bytes = mcp_lru_get_size(self->memory);
    g_mutex_unlock(&self->lock);
    if (self->folder != NULL)
        mcp_prompt_folder_get_figures(self->folder, &figures);
    mcp_metrics_set(self->metrics, MCP_ENGINE_METRIC_MEMORY, 0, (gint64)bytes);
    mcp_metrics_set(self->metrics, MCP_ENGINE_METRIC_DISK, 0, (gint64)figures.bytes);
}

/* --- finding --- */

McpAudio *
mcp_prompt_cache_get(McpPromptCache *cache, const char *key)
{
    McpAudio *audio = NULL;

    g_mutex_lock(&cache->lock);
    audio = mcp_lru_get(cache->memory, key);
    g_mutex_unlock(&cache->lock);
    return audio;
}

/* Unless all was flushed since it was asked for. */
static void
keep_in_memory(McpPromptCache *self, const Errand *errand, McpAudio *audio)
{
    g_mutex_lock(&self->lock);
    if (errand->flushes == g_atomic_int_get(&self->flushes))
        mcp_lru_put(self->memory, errand->key, audio,
                    g_bytes_get_size(mcp_audio_get_bytes(audio)) + OVERHEAD);
    g_mutex_unlock(&self->lock);
    show_sizes(self);
}

static void
read_file(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Errand *errand = data;
    g_autoptr(GError) error = NULL;
    McpAudio *audio = mcp_prompt_folder_read(errand->cache->folder, errand->key, &error);

    if (audio == NULL)
        tell(errand->cache, error);
    else
        keep_in_memory(errand->cache, errand, audio);
    if (errand->count)
        count(errand->cache, audio != NULL ? HIT_DISK : MISS);
    g_task_return_pointer(task, audio, (GDestroyNotify)mcp_audio_unref);
}

void
mcp_prompt_cache_find_async(McpPromptCache *cache, const char *key, gboolean counted,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
    McpAudio *audio = mcp_prompt_cache_get(cache, key);
    Errand *errand = NULL;

    g_task_set_source_tag(task, mcp_prompt_cache_find_async);
    if (audio != NULL || cache->folder == NULL || !mcp_prompt_folder_has(cache->folder, key)) {
        if (counted)
            count(cache, audio != NULL ? HIT_MEMORY : MISS);
        g_task_return_pointer(task, audio, (GDestroyNotify)mcp_audio_unref);
        return;
    }
    errand = errand_new(cache, key, NULL);
    errand->count = counted;
    g_task_set_task_data(task, errand, errand_free);
    mcp_pool_run(cache->disk, task, read_file);
}

McpAudio *
mcp_prompt_cache_find_finish(McpPromptCache *cache, GAsyncResult *result)
{
    /* A full queue of the disk is a miss like any other. */
    return g_task_propagate_pointer(G_TASK(result), NULL);
}

/* --- keeping --- */

static void
write_file(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Errand *errand = data;
    McpPromptCache *self = errand->cache;
    g_autoptr(GError) error = NULL;

    if (errand->flushes == g_atomic_int_get(&self->flushes) &&
        !mcp_prompt_folder_write(self->folder, errand->key, errand->audio, &error))
        tell(self, error);
    show_sizes(self);
    g_task_return_boolean(task, TRUE);
}

static void
keep(Errand *errand, McpAudio *audio)
{
    McpPromptCache *self = errand->cache;

    keep_in_memory(self, errand, audio);
    if (self->folder != NULL && !mcp_prompt_folder_has(self->folder, errand->key)) {
        Errand *writing = errand_new(self, errand->key, audio);

        writing->flushes = errand->flushes;
        run_on_disk(self, writing, write_file);
    }
}

/* It has more, or its end; on whatever thread its engine has. */
static void
on_grown(gpointer user_data)
{
    Errand *errand = user_data;
    McpAudioWatch *watch = g_atomic_pointer_get(&errand->watch);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) none = NULL;
    gboolean ended = FALSE;

    if (watch == NULL)
        return;
    none = mcp_audio_watch_read(watch, G_MAXSIZE, &ended, &error);
    if (!ended || !g_atomic_int_compare_and_exchange(&errand->done, FALSE, TRUE))
        return;
    if (error == NULL) {
        g_autoptr(GBytes) bytes = mcp_audio_watch_read(watch, 0, &ended, NULL);
        g_autoptr(McpAudio) audio = mcp_audio_new(bytes, errand->content_type, errand->id);

        keep(errand, audio);
    }
    mcp_audio_watch_free(watch);
}

static void
wait_for_end(McpPromptCache *self, const char *key, McpAudio *audio)
{
    Errand *errand = errand_new(self, key, NULL);
    McpAudioWatch *watch = NULL;

    errand->content_type = g_strdup(mcp_audio_get_content_type(audio));
    errand->id = mcp_audio_is_private(audio) ? g_strconcat("engines-", key, NULL)
                                             : g_strdup(mcp_audio_get_id(audio));
    watch = mcp_audio_watch_new(audio, on_grown, errand, errand_free);
    g_atomic_pointer_set(&errand->watch, watch);
    /* It may have ended before the watch was there to be read. */
    on_grown(errand);
}

void
mcp_prompt_cache_put(McpPromptCache *cache, const char *key, McpAudio *audio)
{
    Errand *errand = NULL;

    if (mcp_audio_is_growing(audio)) {
        wait_for_end(cache, key, audio);
        return;
    }
    errand = errand_new(cache, key, NULL);
    keep(errand, audio);
    errand_free(errand);
}

/* --- all of it --- */

static void
flush_folder(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    McpPromptCache *self = ((Errand *)data)->cache;

    mcp_prompt_folder_flush(self->folder);
    show_sizes(self);
    g_task_return_boolean(task, TRUE);
}

void
mcp_prompt_cache_flush(McpPromptCache *cache)
{
    g_mutex_lock(&cache->lock);
    g_atomic_int_inc(&cache->flushes);
    mcp_lru_set_limit(cache->memory, 0);
    mcp_lru_set_limit(cache->memory, cache->memory_limit);
    g_mutex_unlock(&cache->lock);
    show_sizes(cache);
    if (cache->folder != NULL)
        run_on_disk(cache, errand_new(cache, NULL, NULL), flush_folder);
}

void
mcp_prompt_cache_describe(McpPromptCache *cache, McpJson *json)
{
    McpPromptFolderFigures figures = {0};
    gsize bytes = 0;
    guint entries = 0;

    g_mutex_lock(&cache->lock);
    bytes = mcp_lru_get_size(cache->memory);
    entries = mcp_lru_get_length(cache->memory);
    g_mutex_unlock(&cache->lock);
    mcp_json_begin_object(json, "cache");
    mcp_json_int(json, "memory_entries", entries);
    mcp_json_int(json, "memory_bytes", (gint64)bytes);
    mcp_json_int(json, "memory_hits", g_atomic_int_get(&cache->outcomes[HIT_MEMORY]));
    if (cache->folder != NULL) {
        mcp_prompt_folder_get_figures(cache->folder, &figures);
        mcp_json_int(json, "disk_entries", figures.entries);
        mcp_json_int(json, "disk_bytes", (gint64)figures.bytes);
        mcp_json_int(json, "disk_hits", g_atomic_int_get(&cache->outcomes[HIT_DISK]));
        mcp_json_int(json, "disk_failures", (gint64)figures.failures);
    }
    mcp_json_int(json, "misses", g_atomic_int_get(&cache->outcomes[MISS]));
    mcp_json_end_object(json);
}
