/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What recognitions share: the dictionary, and as many decoders as threads are at work. One that
 * has the grammar already is taken first. The lock guards dictionary and list; both are used
 * without it.
 */
#include "sphinx_engine.h"
#include "spelling.h"
#include "synthesizer.h"
#include <mcp/error.h>

#define ACOUSTIC "en-us"
#define DICTIONARY "cmudict-en-us.dict"

struct _McpSphinxEngine {
    gatomicrefcount ref_count;
    char *model;
    guint limit;
    McpClock *clock;
    McpMetrics *metrics; /* nullable */
    guint live;          /* atomic */
    GMutex lock;
    McpPronunciations *pronunciations; /* nullable; stays once it is there */
    GPtrArray *idle;                   /* McpDecoder */
};

McpSphinxEngine *
mcp_sphinx_engine_new(const char *model, guint limit, McpClock *clock, McpMetrics *metrics)
{
    McpSphinxEngine *self = g_new0(McpSphinxEngine, 1);

    g_atomic_ref_count_init(&self->ref_count);
    self->model = g_strdup(model);
    self->limit = limit;
    self->clock = g_object_ref(clock);
    self->metrics = metrics;
    g_mutex_init(&self->lock);
    self->idle = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_decoder_free);
    return self;
}

McpSphinxEngine *
mcp_sphinx_engine_ref(McpSphinxEngine *self)
{
    g_atomic_ref_count_inc(&self->ref_count);
    return self;
}

void
mcp_sphinx_engine_unref(McpSphinxEngine *self)
{
    if (!g_atomic_ref_count_dec(&self->ref_count))
        return;
    g_ptr_array_unref(self->idle);
    g_clear_pointer(&self->pronunciations, mcp_pronunciations_free);
    g_mutex_clear(&self->lock);
    g_object_unref(self->clock);
    g_free(self->model);
    g_free(self);
}

gboolean
mcp_sphinx_engine_enter(McpSphinxEngine *self, GError **error)
{
    if (g_atomic_int_add(&self->live, 1) < (gint)self->limit)
        return TRUE;
    g_atomic_int_add(&self->live, -1);
    g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "more than %u recognitions at once",
                self->limit);
    return FALSE;
}

void
mcp_sphinx_engine_count(McpSphinxEngine *self, guint result)
{
    if (self->metrics != NULL)
        mcp_metrics_add(self->metrics, MCP_SPEECH_METRIC_RECOGNITIONS, result, 1);
}

void
mcp_sphinx_engine_leave(McpSphinxEngine *self, guint result)
{
    g_atomic_int_add(&self->live, -1);
    mcp_sphinx_engine_count(self, result);
}

static const McpPronunciations *
get_pronunciations(McpSphinxEngine *self, GError **error)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    g_autofree char *path = g_build_filename(self->model, DICTIONARY, NULL);

    if (self->pronunciations == NULL)
        self->pronunciations = mcp_pronunciations_open(path, mcp_speech_spell, error);
    return self->pronunciations;
}

McpVocabulary *
mcp_sphinx_engine_prepare(McpSphinxEngine *self, const McpVocabularySource *source, GError **error)
{
    g_autoptr(GError) fault = NULL;
    const McpPronunciations *pronunciations = get_pronunciations(self, &fault);

    if (pronunciations == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "dictionary of the recognizer: %s",
                    fault->message);
        return NULL;
    }
    return mcp_vocabulary_new(source, pronunciations, error);
}

static McpDecoder *
take_decoder(McpSphinxEngine *self, const McpVocabulary *vocabulary)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    guint found = self->idle->len - 1;

    if (self->idle->len == 0)
        return NULL;
    for (guint i = 0; i < self->idle->len; i++)
        if (mcp_decoder_knows(self->idle->pdata[i], vocabulary))
            found = i;
    return g_ptr_array_steal_index_fast(self->idle, found);
}

static void
give_back(McpSphinxEngine *self, McpDecoder *decoder)
{
    g_autoptr(GMutexLocker) locker = NULL;

    if (mcp_decoder_is_worn(decoder)) {
        mcp_decoder_free(decoder);
        return;
    }
    locker = g_mutex_locker_new(&self->lock);
    g_ptr_array_add(self->idle, decoder);
}

GPtrArray *
mcp_sphinx_engine_decode(McpSphinxEngine *self, McpVocabulary *vocabulary, gint16 *samples, gsize n,
                         gsize spoken, GError **error)
{
    gint64 begin = mcp_clock_now(self->clock);
    g_autofree char *folder = g_build_filename(self->model, ACOUSTIC, NULL);
    McpDecoder *decoder = take_decoder(self, vocabulary);
    GPtrArray *heard;

    if (decoder == NULL)
        decoder = mcp_decoder_new(folder, error);
    if (decoder == NULL)
        return NULL;
    heard = mcp_decoder_run(decoder, vocabulary, samples, n, spoken, error);
    give_back(self, decoder);
    if (self->metrics != NULL)
        mcp_metrics_observe(self->metrics, MCP_SPEECH_METRIC_DECODING, 0,
                            (double)(mcp_clock_now(self->clock) - begin) / G_USEC_PER_SEC);
    return heard;
}
