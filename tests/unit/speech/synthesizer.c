/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The synthesizer service: sound, identity, sharing, languages, limits, deadline, cancellation.
 */
#include "synthesizer.h"
#include <mcp/error.h>
#include <string.h>

typedef struct {
    McpPool *pool;
    McpClock *clock;
    McpSpeechConfig config;
    McpSpeechSynthesizer *synthesizer;
    gboolean kept; /* what was spoken last */
} Fixture;

typedef struct {
    guint n;
    GPtrArray *results;
} Gather;

static void
set_up(Fixture *f, gconstpointer data)
{
    f->pool = mcp_pool_new("compute", 2, 1000);
    f->clock = mcp_clock_new();
    f->config = (McpSpeechConfig){"kal", TRUE, 16 * 1024, 60 * G_USEC_PER_SEC, 8 << 20};
    f->synthesizer = mcp_speech_synthesizer_new(&f->config, f->pool, f->clock, NULL);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
    g_object_unref(f->synthesizer);
    g_object_unref(f->pool); /* its threads are gone after this, with what they held */
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_object_unref(f->clock);
}

static void
gather(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_ptr_array_add(((Gather *)user_data)->results, g_object_ref(result));
}

static McpAudio *
speak(Fixture *f, const McpSynthesisRequest *request, GCancellable *cancellable, GError **error)
{
    g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(g_object_unref);
    Gather all = {1, results};
    McpAudio *audio = NULL;

    mcp_synthesizer_synthesize_async(MCP_SYNTHESIZER(f->synthesizer), request, cancellable, gather,
                                     &all);
    while (results->len == 0)
        g_main_context_iteration(NULL, TRUE);
    audio = mcp_synthesizer_synthesize_finish(MCP_SYNTHESIZER(f->synthesizer), results->pdata[0],
                                              error);
    if (audio != NULL)
        g_assert_cmpstr(mcp_synthesizer_get_engine(MCP_SYNTHESIZER(f->synthesizer),
                                                   results->pdata[0], &f->kept),
                        ==, "flite");
    return audio;
}

static McpAudio *
speak_text(Fixture *f, const char *text, const char *language, GError **error)
{
    McpSynthesisRequest request = {.text = text, .language = language, .sample_rate = 8000};

    return speak(f, &request, NULL, error);
}

static guint
loudest(McpAudio *audio)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(mcp_audio_get_bytes(audio), &size);
    guint peak = 0;

    for (gsize i = 0; i + 1 < size; i += 2)
        peak = MAX(peak, (guint)ABS((gint16)(data[i] << 8 | data[i + 1])));
    return peak;
}

static void
test_sound(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpAudio) audio = speak_text(f, "Hello, this is a test.", NULL, &error);
    gsize size;

    g_assert_no_error(error);
    g_assert_cmpstr(mcp_audio_get_content_type(audio), ==, "audio/L16;rate=8000");
    size = g_bytes_get_size(mcp_audio_get_bytes(audio));
    g_assert_cmpuint(size, >, 16000);     /* longer than a second */
    g_assert_cmpuint(size, <, 4 * 16000); /* and shorter than four */
    g_assert_cmpuint(loudest(audio), >, 3000);
}

/* Said once, until it is forgotten. */
static void
test_kept(Fixture *f, gconstpointer data)
{
    static const gboolean kept[] = {FALSE, TRUE, FALSE, TRUE};

    for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
        g_autoptr(McpAudio) audio = speak_text(f, "Once.", NULL, NULL);

        g_assert_nonnull(audio);
        g_assert_cmpint(f->kept, ==, kept[i]);
        if (i == 1)
            g_assert_true(mcp_synthesizer_flush(MCP_SYNTHESIZER(f->synthesizer), NULL));
    }
}

static void
test_empty(Fixture *f, gconstpointer data)
{
    static const char *const texts[] = {"", "   ", "...", "?!"};

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(McpAudio) audio = speak_text(f, texts[i], NULL, &error);

        g_assert_no_error(error);
        g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(audio)), ==, 1600);
        g_assert_cmpuint(loudest(audio), ==, 0);
    }
}

static void
test_break(Fixture *f, gconstpointer data)
{
    McpSynthesisRequest request = {.text = "<speak><break time='2s'/></speak>", .ssml = TRUE};
    g_autoptr(McpAudio) audio = speak(f, &request, NULL, NULL);

    g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(audio)), ==, 2 * 16000);
}

static void
test_rate(Fixture *f, gconstpointer data)
{
    McpSynthesisRequest normal = {.text = "<speak>one two three four</speak>", .ssml = TRUE};
    McpSynthesisRequest slow = {
        .text = "<speak><prosody rate='x-slow'>one two three four</prosody></speak>", .ssml = TRUE};
    g_autoptr(McpAudio) first = speak(f, &normal, NULL, NULL);
    g_autoptr(McpAudio) second = speak(f, &slow, NULL, NULL);
    gsize length = g_bytes_get_size(mcp_audio_get_bytes(first));

    g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(second)), >, length * 3 / 2);
}

static void
test_voice(Fixture *f, gconstpointer data)
{
    McpSynthesisRequest request = {.text = "hi", .voice = "slt", .sample_rate = 16000};
    g_autoptr(McpAudio) wide = speak(f, &request, NULL, NULL);
    g_autoptr(McpAudio) narrow = NULL;

    g_assert_cmpstr(mcp_audio_get_content_type(wide), ==, "audio/L16;rate=16000");
    request.sample_rate = 8000;
    narrow = speak(f, &request, NULL, NULL);
    g_assert_cmpstr(mcp_audio_get_content_type(narrow), ==, "audio/L16;rate=8000");
    g_assert_cmpstr(mcp_audio_get_id(wide), !=, mcp_audio_get_id(narrow));
    g_assert_cmpuint(loudest(narrow), >, 1000);
}

static void
test_identity(Fixture *f, gconstpointer data)
{
    g_autoptr(McpAudio) first = speak_text(f, "same words", "en-US", NULL);
    g_autoptr(McpAudio) again = speak_text(f, "same words", "en-GB", NULL);
    g_autoptr(McpAudio) other = speak_text(f, "other words", "en-US", NULL);

    g_assert_true(first == again);
    g_assert_cmpstr(mcp_audio_get_id(first), !=, mcp_audio_get_id(other));
}

static void
test_language(Fixture *f, gconstpointer data)
{
    McpSynthesisRequest ssml = {.text = "<speak xml:lang='fr'>oui</speak>", .ssml = TRUE};
    g_autoptr(GError) error = NULL;
    g_autoptr(McpAudio) audio = speak_text(f, "guten Tag", "de-DE", &error);

    g_assert_no_error(error);
    f->config.any_language = FALSE;
    mcp_speech_synthesizer_configure(f->synthesizer, &f->config);
    g_assert_null(speak_text(f, "guten Tag", "de-DE", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    g_clear_error(&error);
    g_assert_null(speak(f, &ssml, NULL, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
}

static void
test_limits(Fixture *f, gconstpointer data)
{
    g_autofree char *long_text = g_strnfill(16 * 1024 + 1, 'a');
    g_autoptr(GError) error = NULL;

    g_assert_null(speak_text(f, long_text, NULL, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
}

static void
test_malformed(Fixture *f, gconstpointer data)
{
    McpSynthesisRequest request = {.text = "<speak>\n<break time='x'/></speak>", .ssml = TRUE};
    g_autoptr(GError) error = NULL;

    g_assert_null(speak(f, &request, NULL, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "line 2"));
}

static void
start_many(Fixture *f, Gather *all, const char *head, guint modulus)
{
    for (guint i = 0; i < all->n; i++) {
        g_autofree char *text = g_strdup_printf("%s %u.", head, i % modulus);
        McpSynthesisRequest request = {.text = text, .sample_rate = 8000};

        mcp_synthesizer_synthesize_async(MCP_SYNTHESIZER(f->synthesizer), &request, NULL, gather,
                                         all);
    }
    while (all->results->len < all->n)
        g_main_context_iteration(NULL, TRUE);
}

/* 100 equal requests at once are one run: all get the same object. */
static void
test_single_flight(Fixture *f, gconstpointer data)
{
    g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(g_object_unref);
    Gather all = {100, results};
    g_autoptr(McpAudio) first = NULL;

    start_many(f, &all, "you are in the queue as number", 1);
    for (guint i = 0; i < results->len; i++) {
        g_autoptr(McpAudio) audio = mcp_synthesizer_synthesize_finish(
            MCP_SYNTHESIZER(f->synthesizer), results->pdata[i], NULL);

        if (first == NULL)
            first = mcp_audio_ref(audio);
        g_assert_true(audio == first);
    }
}

/* 50 different ones at once all speak, and the engine gives each its own words. */
static void
test_many(Fixture *f, gconstpointer data)
{
    g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(g_object_unref);
    g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Gather all = {50, results};

    start_many(f, &all, "please wait, your call is number", 50);
    for (guint i = 0; i < results->len; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(McpAudio) audio = mcp_synthesizer_synthesize_finish(
            MCP_SYNTHESIZER(f->synthesizer), results->pdata[i], &error);

        g_assert_no_error(error);
        g_assert_cmpuint(loudest(audio), >, 3000);
        g_hash_table_add(ids, g_strdup(mcp_audio_get_id(audio)));
    }
    g_assert_cmpuint(g_hash_table_size(ids), ==, 50);
}

static char *
long_story(void)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < 400; i++)
        g_string_append_printf(text, "This is sentence number %u. ", i);
    return g_string_free(text, FALSE);
}

static void
test_deadline(Fixture *f, gconstpointer data)
{
    g_autofree char *story = long_story();
    McpSynthesisRequest request = {.text = story, .deadline = 1000};
    g_autoptr(GError) error = NULL;

    g_assert_null(speak(f, &request, NULL, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_TIMEOUT);
}

static void
test_cancel(Fixture *f, gconstpointer data)
{
    g_autofree char *story = long_story();
    McpSynthesisRequest request = {.text = story};
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;

    g_cancellable_cancel(cancellable);
    g_assert_null(speak(f, &request, cancellable, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A full queue is an error for those who wait, not a hang. */
static void
test_queue_full(Fixture *f, gconstpointer data)
{
    g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(g_object_unref);
    g_autoptr(McpPool) small = mcp_pool_new("small", 1, 2);
    Gather all = {20, results};
    guint limited = 0;

    g_object_unref(f->synthesizer);
    f->synthesizer = mcp_speech_synthesizer_new(&f->config, small, f->clock, NULL);
    start_many(f, &all, "of too many this is number", 20);
    for (guint i = 0; i < results->len; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(McpAudio) audio = mcp_synthesizer_synthesize_finish(
            MCP_SYNTHESIZER(f->synthesizer), results->pdata[i], &error);

        limited += g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT) ? 1 : 0;
        g_assert_true(audio != NULL || error->code == MCP_ERROR_LIMIT);
    }
    g_assert_cmpuint(limited, >, 0);
}

#define ADD(name, func) g_test_add("/speech/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("sound", test_sound);
    ADD("empty", test_empty);
    ADD("kept", test_kept);
    ADD("break", test_break);
    ADD("rate", test_rate);
    ADD("voice", test_voice);
    ADD("identity", test_identity);
    ADD("language", test_language);
    ADD("limits", test_limits);
    ADD("malformed", test_malformed);
    ADD("single-flight", test_single_flight);
    ADD("many", test_many);
    ADD("deadline", test_deadline);
    ADD("cancel", test_cancel);
    ADD("queue-full", test_queue_full);
    return g_test_run();
}
