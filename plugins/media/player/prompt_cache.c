/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prompts of the process in wire format. Asked on shards, filled on the compute pool; media
 * workers read the state of an entry and its bytes, nothing else.
 */
#include "prompt_cache.h"

#include "encoder.h"
#include "growth.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaPrompt);

/* 200 ms of L16 at 8000 Hz: until then every encoder has come to rest. */
#define SILENCE_BYTES 3200
/* What has to be there before an audio that grows begins. */
#define LEAD_MS 40

enum { WORK_NONE, WORK_RUNNING, WORK_AGAIN };

struct _McpMediaPrompt {
    gint refs;  /* atomic */
    gint state; /* atomic McpMediaPromptState: what is below stands before it changes */
    McpMediaFormat format;
    McpAudio *audio; /* only while pending */
    McpMediaCoded coded;
    McpMediaGrowth *growth; /* nullable: in place of @coded */
    McpAudioWatch *watch;   /* of an audio that grows, until its end */
    char *content_type;     /* of an audio that grows */
    gboolean is_private;    /* of no use after its end */
    gint open;              /* atomic: it still grows */
    gint work;              /* atomic: see may_work() */
    GError *error;
    char *key;
    GList *place;     /* in the cache's order of use, NULL when evicted; under its lock */
    GPtrArray *tasks; /* waiting GTasks; under the cache's lock */
};

struct _McpMediaPromptCache {
    gint refs; /* atomic */
    McpPool *pool;
    McpMetrics *metrics;
    const McpMediaCacheRows *rows;
    GMutex lock;       /* guards what follows */
    GHashTable *table; /* key → McpMediaPrompt, owned by the place in @order */
    GQueue order;      /* of McpMediaPrompt with a reference, the last used first */
    gsize bytes;
    gsize limit;
};

McpMediaPrompt *
mcp_media_prompt_ref(McpMediaPrompt *prompt)
{
    g_atomic_int_inc(&prompt->refs);
    return prompt;
}

void
mcp_media_prompt_unref(McpMediaPrompt *prompt)
{
    if (!g_atomic_int_dec_and_test(&prompt->refs))
        return;
    g_clear_pointer(&prompt->audio, mcp_audio_unref);
    mcp_media_coded_clear(&prompt->coded);
    g_clear_pointer(&prompt->growth, mcp_media_growth_free);
    g_clear_pointer(&prompt->watch, mcp_audio_watch_free);
    g_free(prompt->content_type);
    g_clear_error(&prompt->error);
    g_ptr_array_unref(prompt->tasks);
    g_free(prompt->key);
    g_free(prompt);
    MCP_LEDGER_FINALIZED(McpMediaPrompt);
}

McpMediaPromptState
mcp_media_prompt_get_state(McpMediaPrompt *prompt)
{
    return (McpMediaPromptState)g_atomic_int_get(&prompt->state);
}

gsize
mcp_media_prompt_get_length(McpMediaPrompt *prompt, gboolean *out_open)
{
    /* Read before the length: what is added meanwhile is seen the next time. */
    *out_open = g_atomic_int_get(&prompt->open) != 0;
    if (mcp_media_prompt_get_state(prompt) != MCP_MEDIA_PROMPT_READY)
        return 0;
    if (prompt->growth != NULL)
        return mcp_media_growth_get_length(prompt->growth);
    if (mcp_media_codec_is_framed(prompt->format.codec))
        return prompt->coded.n_frames;
    return g_bytes_get_size(prompt->coded.bytes);
}

void
mcp_media_prompt_copy(McpMediaPrompt *prompt, gsize at, guint8 *out, gsize n)
{
    if (prompt->growth != NULL)
        mcp_media_growth_copy(prompt->growth, at, out, n);
    else
        memcpy(out, (const guint8 *)g_bytes_get_data(prompt->coded.bytes, NULL) + at, n);
}

McpMediaFrame
mcp_media_prompt_get_frame(McpMediaPrompt *prompt, guint index)
{
    const guint32 *offsets = prompt->coded.offsets;
    const guint8 *data = NULL;

    if (prompt->growth != NULL)
        return mcp_media_growth_get_frame(prompt->growth, index);
    data = g_bytes_get_data(prompt->coded.bytes, NULL);
    return (McpMediaFrame){data + offsets[index], offsets[index + 1] - offsets[index]};
}

const GError *
mcp_media_prompt_get_error(McpMediaPrompt *prompt)
{
    return prompt->error;
}

static gint64
duration_of(McpMediaPrompt *prompt, gsize length)
{
    const McpMediaCodec *codec = prompt->format.codec;

    if (mcp_media_codec_is_framed(codec))
        return (gint64)length * prompt->format.frame_ms * 1000;
    return (gint64)(length / codec->sample_bytes) * G_USEC_PER_SEC / codec->clock_rate;
}

gint64
mcp_media_prompt_get_duration(McpMediaPrompt *prompt)
{
    gboolean open = FALSE;
    gsize length = mcp_media_prompt_get_length(prompt, &open);

    return open ? 0 : duration_of(prompt, length);
}

/* What it takes of the cache. */
static gsize
size_of(const McpMediaPrompt *prompt)
{
    if (prompt->growth != NULL)
        return prompt->open ? 0 : mcp_media_growth_get_size(prompt->growth);
    if (prompt->coded.bytes == NULL)
        return 0;
    return g_bytes_get_size(prompt->coded.bytes) + prompt->coded.n_frames * sizeof(guint32);
}

/* --- the cache --- */

McpMediaPromptCache *
mcp_media_prompt_cache_new(McpPool *pool, gsize limit, McpMetrics *metrics,
                           const McpMediaCacheRows *rows)
{
    McpMediaPromptCache *self = g_new0(McpMediaPromptCache, 1);

    self->refs = 1;
    self->pool = g_object_ref(pool);
    self->limit = limit;
    self->metrics = metrics;
    self->rows = rows;
    g_mutex_init(&self->lock);
    self->table = g_hash_table_new(g_str_hash, g_str_equal);
    return self;
}

static McpMediaPromptCache *
cache_ref(McpMediaPromptCache *self)
{
    g_atomic_int_inc(&self->refs);
    return self;
}

/* Under the lock. */
static void
drop(McpMediaPromptCache *self, McpMediaPrompt *prompt)
{
    if (prompt->place == NULL)
        return;
    g_hash_table_remove(self->table, prompt->key);
    g_queue_delete_link(&self->order, g_steal_pointer(&prompt->place));
    self->bytes -= size_of(prompt);
    mcp_media_prompt_unref(prompt);
}

void
mcp_media_prompt_cache_unref(McpMediaPromptCache *cache)
{
    if (!g_atomic_int_dec_and_test(&cache->refs))
        return;
    while (!g_queue_is_empty(&cache->order))
        drop(cache, g_queue_peek_head(&cache->order));
    g_hash_table_unref(cache->table);
    g_mutex_clear(&cache->lock);
    g_object_unref(cache->pool);
    g_free(cache);
}

/* Under the lock. What is pending or grows counts for nothing yet and stays. */
static void
evict(McpMediaPromptCache *self)
{
    GList *link = g_queue_peek_tail_link(&self->order);

    while (self->bytes > self->limit && link != NULL && link->prev != NULL) {
        GList *before = link->prev;
        McpMediaPrompt *prompt = link->data;

        if (size_of(prompt) > 0)
            drop(self, prompt);
        link = before;
    }
    if (self->metrics != NULL) {
        mcp_metrics_set(self->metrics, self->rows->bytes, 0, (gint64)self->bytes);
        mcp_metrics_set(self->metrics, self->rows->entries, 0, self->order.length);
    }
}

void
mcp_media_prompt_cache_set_limit(McpMediaPromptCache *cache, gsize limit)
{
    g_mutex_lock(&cache->lock);
    cache->limit = limit;
    evict(cache);
    g_mutex_unlock(&cache->lock);
}

static void
finish_task(McpMediaPrompt *prompt, GTask *task)
{
    if (mcp_media_prompt_get_state(prompt) == MCP_MEDIA_PROMPT_FAILED)
        g_task_return_error(task, g_error_copy(prompt->error));
    else
        g_task_return_boolean(task, TRUE);
}

/* Tells all who wait. Under the lock; (transfer full): their tasks, for finish_tasks(). */
static GPtrArray *
settle(McpMediaPrompt *prompt, McpMediaPromptState state)
{
    GPtrArray *tasks = g_steal_pointer(&prompt->tasks);

    prompt->tasks = g_ptr_array_new();
    g_atomic_int_set(&prompt->state, state);
    return tasks;
}

static void
finish_tasks(McpMediaPrompt *prompt, GPtrArray *tasks)
{
    for (guint i = 0; i < tasks->len; i++)
        finish_task(prompt, g_ptr_array_index(tasks, i));
    g_ptr_array_unref(tasks);
}

/* The end of an encoding: (transfer full) @coded (nullable) or @failure. */
static void
complete(McpMediaPromptCache *self, McpMediaPrompt *prompt, const McpMediaCoded *coded,
         GError *failure)
{
    GPtrArray *tasks = NULL;

    g_mutex_lock(&self->lock);
    if (coded != NULL)
        prompt->coded = *coded;
    prompt->error = failure;
    g_clear_pointer(&prompt->audio, mcp_audio_unref);
    tasks = settle(prompt, coded != NULL ? MCP_MEDIA_PROMPT_READY : MCP_MEDIA_PROMPT_FAILED);
    if (prompt->place != NULL)
        self->bytes += size_of(prompt);
    /* What failed is not remembered: the next one to ask may have more luck. */
    if (coded == NULL)
        drop(self, prompt);
    evict(self);
    g_mutex_unlock(&self->lock);
    finish_tasks(prompt, tasks);
}

typedef struct {
    McpMediaPromptCache *cache;
    McpMediaPrompt *prompt;
} Work;

static void
work_free(gpointer data)
{
    Work *work = data;

    mcp_media_prompt_unref(work->prompt);
    mcp_media_prompt_cache_unref(work->cache);
    g_free(work);
}

static void
encode_in_pool(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Work *work = data;
    GError *error = NULL;
    McpMediaCoded coded;

    if (mcp_media_encode(work->prompt->audio, &work->prompt->format, &coded, &error))
        complete(work->cache, work->prompt, &coded, NULL);
    else
        complete(work->cache, work->prompt, NULL, error);
    g_task_return_boolean(task, TRUE);
}

/* Only the pool's own refusal still has to be told. */
static void
encode_ended(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Work *work = g_task_get_task_data(G_TASK(result));
    GError *error = NULL;

    if (!g_task_propagate_boolean(G_TASK(result), &error))
        complete(work->cache, work->prompt, NULL, error);
}

static Work *
work_new(McpMediaPromptCache *cache, McpMediaPrompt *prompt)
{
    Work *work = g_new(Work, 1);

    work->cache = cache_ref(cache);
    work->prompt = mcp_media_prompt_ref(prompt);
    return work;
}

static void
start_encoding(McpMediaPromptCache *self, McpMediaPrompt *prompt)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, encode_ended, NULL);

    g_task_set_task_data(task, work_new(self, prompt), work_free);
    mcp_pool_run(self->pool, task, encode_in_pool);
}

/* --- audio that grows --- */

/* The last piece is there, or @failure (nullable, transfer full) ended it. */
static void
complete_growth(McpMediaPromptCache *self, McpMediaPrompt *prompt, GError *failure)
{
    McpAudioWatch *watch = NULL;
    GPtrArray *tasks = NULL;
    gboolean failed = FALSE;

    g_mutex_lock(&self->lock);
    failed = failure != NULL &&
             (prompt->growth == NULL || mcp_media_growth_get_length(prompt->growth) == 0);
    prompt->error = failure;
    /* In this order: what is not open any more is whole. */
    tasks = settle(prompt, failed ? MCP_MEDIA_PROMPT_FAILED : MCP_MEDIA_PROMPT_READY);
    g_atomic_int_set(&prompt->open, FALSE);
    watch = g_steal_pointer(&prompt->watch);
    if (prompt->place != NULL)
        self->bytes += size_of(prompt);
    if (failure != NULL || prompt->is_private)
        drop(self, prompt);
    evict(self);
    g_mutex_unlock(&self->lock);
    mcp_audio_watch_free(watch);
    finish_tasks(prompt, tasks);
}

static void
begin_growth(McpMediaPromptCache *self, McpMediaPrompt *prompt)
{
    gint64 there = duration_of(prompt, mcp_media_growth_get_length(prompt->growth));
    GPtrArray *tasks = NULL;

    if (mcp_media_prompt_get_state(prompt) != MCP_MEDIA_PROMPT_PENDING || there < LEAD_MS * 1000)
        return;
    g_mutex_lock(&self->lock);
    tasks = settle(prompt, MCP_MEDIA_PROMPT_READY);
    g_mutex_unlock(&self->lock);
    finish_tasks(prompt, tasks);
}

/* TRUE: it has ended. */
static gboolean
grow(McpMediaPromptCache *self, McpMediaPrompt *prompt)
{
    GError *error = NULL;
    gboolean ended = FALSE;

    if (prompt->growth == NULL)
        prompt->growth = mcp_media_growth_new(prompt->content_type, &prompt->format, &error);
    if (prompt->growth == NULL)
        ended = TRUE;
    else
        mcp_media_growth_work(prompt->growth, prompt->watch, &ended, &error);
    if (ended)
        complete_growth(self, prompt, error);
    else
        begin_growth(self, prompt);
    return ended;
}

/* Of whoever made the state WORK_RUNNING. Nobody works on it any more after its end. */
static void
work_on(Work *work)
{
    gint *state = &work->prompt->work;

    do {
        g_atomic_int_set(state, WORK_RUNNING);
        if (grow(work->cache, work->prompt))
            return;
    } while (!g_atomic_int_compare_and_exchange(state, WORK_RUNNING, WORK_NONE));
}

static void
grow_in_pool(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    work_on(data);
    g_task_return_boolean(task, TRUE);
}

static void
grow_ended(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Work *work = g_task_get_task_data(G_TASK(result));
    GError *error = NULL;

    if (!g_task_propagate_boolean(G_TASK(result), &error))
        complete_growth(work->cache, work->prompt, error);
}

static void
start_job(McpMediaPromptCache *self, McpMediaPrompt *prompt)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, grow_ended, NULL);

    g_task_set_task_data(task, work_new(self, prompt), work_free);
    mcp_pool_run(self->pool, task, grow_in_pool);
}

/* FALSE: whoever is at it sees that there is more. */
static gboolean
may_work(gint *state)
{
    for (;;) {
        if (g_atomic_int_compare_and_exchange(state, WORK_NONE, WORK_RUNNING))
            return TRUE;
        if (g_atomic_int_compare_and_exchange(state, WORK_RUNNING, WORK_AGAIN) ||
            g_atomic_int_get(state) == WORK_AGAIN)
            return FALSE;
    }
}

/* There is more. What costs next to nothing is done by whoever brought it. */
static void
on_grown(gpointer user_data)
{
    Work *work = user_data;
    McpMediaPrompt *prompt = work->prompt;

    if (!may_work(&prompt->work))
        return;
    if (prompt->growth != NULL && prompt->format.codec->is_raw)
        work_on(work);
    else
        start_job(work->cache, prompt);
}

/* What there is already is taken by the first job, which needs the watch; see add_prompt(). */
static void
start_growing(McpMediaPromptCache *self, McpMediaPrompt *prompt, McpAudio *audio)
{
    prompt->watch = mcp_audio_watch_new(audio, on_grown, work_new(self, prompt), work_free);
    start_job(self, prompt);
}

/* Under the lock. */
static McpMediaPrompt *
add_prompt(McpMediaPromptCache *self, McpAudio *audio, const McpMediaFormat *format, char *key)
{
    McpMediaPrompt *prompt = g_new0(McpMediaPrompt, 1);

    prompt->refs = 1;
    prompt->format = *format;
    prompt->open = mcp_audio_is_growing(audio);
    if (prompt->open) {
        prompt->work = WORK_RUNNING;
        prompt->content_type = g_strdup(mcp_audio_get_content_type(audio));
        prompt->is_private = mcp_audio_is_private(audio);
    } else {
        prompt->audio = mcp_audio_ref(audio);
    }
    prompt->key = key;
    prompt->tasks = g_ptr_array_new();
    MCP_LEDGER_CREATED(McpMediaPrompt);
    g_queue_push_head(&self->order, prompt);
    prompt->place = g_queue_peek_head_link(&self->order);
    g_hash_table_insert(self->table, prompt->key, prompt);
    return prompt;
}

McpMediaPrompt *
mcp_media_prompt_cache_get(McpMediaPromptCache *cache, McpAudio *audio,
                           const McpMediaFormat *format)
{
    g_autofree char *key = g_strdup_printf(
        "%u %x %s", format->codec->id, mcp_media_format_variant(format), mcp_audio_get_id(audio));
    McpMediaPrompt *prompt = NULL;
    gboolean hit = FALSE;

    g_mutex_lock(&cache->lock);
    prompt = g_hash_table_lookup(cache->table, key);
    hit = prompt != NULL;
    if (hit) {
        g_queue_unlink(&cache->order, prompt->place);
        g_queue_push_head_link(&cache->order, prompt->place);
    } else {
        prompt = add_prompt(cache, audio, format, g_steal_pointer(&key));
    }
    mcp_media_prompt_ref(prompt);
    g_mutex_unlock(&cache->lock);
    if (cache->metrics != NULL)
        mcp_metrics_add(cache->metrics, cache->rows->lookups, hit ? 0 : 1, 1);
    if (!hit && prompt->content_type != NULL)
        start_growing(cache, prompt, audio);
    else if (!hit)
        start_encoding(cache, prompt);
    return prompt;
}

McpMediaPrompt *
mcp_media_prompt_cache_get_silence(McpMediaPromptCache *cache, const McpMediaFormat *format)
{
    static const guint8 zeros[SILENCE_BYTES];
    g_autoptr(GBytes) bytes = g_bytes_new_static(zeros, sizeof zeros);
    g_autoptr(McpAudio) audio = mcp_audio_new(bytes, "audio/L16;rate=8000", "mcp:silence");

    return mcp_media_prompt_cache_get(cache, audio, format);
}

void
mcp_media_prompt_cache_wait(McpMediaPromptCache *cache, McpMediaPrompt *prompt, GTask *task)
{
    gboolean pending = FALSE;

    g_mutex_lock(&cache->lock);
    pending = mcp_media_prompt_get_state(prompt) == MCP_MEDIA_PROMPT_PENDING;
    if (pending) {
        g_ptr_array_set_free_func(prompt->tasks, g_object_unref);
        g_ptr_array_add(prompt->tasks, g_object_ref(task));
    }
    g_mutex_unlock(&cache->lock);
    if (!pending)
        finish_task(prompt, task);
}
