/* SPDX-License-Identifier: Apache-2.0 */
/* Synthesis goes on to the next engine where that can help, and only there. */
#include "speaking.h"

#include "engines.h"
#include <mcp/error.h>
#include <string.h>

static const char *const none[] = {NULL};

typedef struct {
    Fakes fakes;
    McpPool *disk;
    McpPromptCache *cache;
    McpEnginesSpeaking *speaking;
    McpEvents *events;
    FakeEngine *a;
    FakeEngine *b;
    McpAudio *audio;
    GError *error;
    guint answers;
} Case;

static void
case_open(Case *self)
{
    const McpPromptCacheConfig config = {.memory = 100000};

    memset(self, 0, sizeof *self);
    fakes_open(&self->fakes, none);
    self->disk = mcp_pool_new("disk", 1, 10);
    self->cache = mcp_prompt_cache_new(&config, self->disk, self->fakes.clock, NULL);
    self->speaking = mcp_engines_speaking_new(self->fakes.table, self->cache, NULL);
    self->a = fakes_add(&self->fakes, "a");
    self->b = fakes_add(&self->fakes, "b");
}

static void
case_clear(Case *self)
{
    g_clear_pointer(&self->audio, mcp_audio_unref);
    g_clear_error(&self->error);
}

static void
case_close(Case *self)
{
    case_clear(self);
    g_assert_finalize_object(self->speaking);
    mcp_prompt_cache_unref(self->cache);
    g_object_unref(self->disk);
    fakes_close(&self->fakes);
}

static void
on_spoken(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Case *self = user_data;

    self->answers++;
    self->audio = mcp_synthesizer_synthesize_finish(MCP_SYNTHESIZER(source), result, &self->error);
}

/* (transfer none): whose audio it is; NULL: there is an error. */
static const char *
say(Case *self, const McpSynthesisRequest *request)
{
    guint before = self->answers;

    case_clear(self);
    mcp_synthesizer_synthesize_async(MCP_SYNTHESIZER(self->speaking), request, NULL, on_spoken,
                                     self);
    g_assert_cmpuint(self->answers, ==, before);
    while (self->answers == before)
        g_main_context_iteration(NULL, TRUE);
    g_assert_true((self->audio == NULL) == (self->error != NULL));
    return self->audio != NULL ? mcp_audio_get_id(self->audio) : NULL;
}

static const char *
say_text(Case *self, const char *text)
{
    const McpSynthesisRequest request = {.text = text, .sample_rate = 8000};

    return say(self, &request);
}

static void
test_failover(void)
{
    Case self;

    case_open(&self);
    g_assert_cmpstr(say_text(&self, "one"), ==, "a one");
    self.a->code = MCP_ERROR_TIMEOUT;
    g_assert_cmpstr(say_text(&self, "two"), ==, "b two");
    /* What is no prompt is none anywhere. */
    self.a->code = MCP_ERROR_INVALID;
    g_assert_null(say_text(&self, "three"));
    g_assert_error(self.error, MCP_ERROR, MCP_ERROR_INVALID);
    g_assert_cmpuint(self.b->asked, ==, 1);
    /* A language that the first one has not. */
    self.a->code = MCP_ERROR_UNSUPPORTED;
    g_assert_cmpstr(say_text(&self, "four"), ==, "b four");
    self.b->code = MCP_ERROR_UNSUPPORTED;
    g_assert_null(say_text(&self, "five"));
    g_assert_error(self.error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    g_assert_nonnull(strstr(self.error->message, "a: a is ill; b: b is ill"));
    case_close(&self);
}

/* After failures in a row it is not asked, but for one that tries; what it said is known still. */
static void
test_left_alone(void)
{
    Case self;
    guint asked = 0;

    case_open(&self);
    g_assert_cmpstr(say_text(&self, "known"), ==, "a known");
    self.a->code = MCP_ERROR_FAILED;
    say_text(&self, "one");
    say_text(&self, "two");
    asked = self.a->asked;
    g_assert_cmpstr(say_text(&self, "three"), ==, "b three");
    g_assert_cmpuint(self.a->asked, ==, asked);
    g_assert_cmpstr(say_text(&self, "known"), ==, "a known");
    self.a->code = -1;
    mcp_clock_advance(self.fakes.clock, G_USEC_PER_SEC);
    g_assert_cmpstr(say_text(&self, "four"), ==, "a four");
    g_assert_cmpstr(say_text(&self, "five"), ==, "a five");
    /* All of them. */
    self.a->code = self.b->code = MCP_ERROR_FAILED;
    say_text(&self, "six");
    say_text(&self, "six");
    g_assert_null(say_text(&self, "six"));
    g_assert_error(self.error, MCP_ERROR, MCP_ERROR_FAILED);
    g_assert_nonnull(strstr(self.error->message, "left alone"));
    case_close(&self);
}

static void
test_wanted(void)
{
    Case self;
    const McpSynthesisRequest wanted = {.text = "x", .engines = "b"};
    const McpSynthesisRequest unknown = {.text = "x", .engines = "z"};
    const McpSynthesisRequest german = {.text = "x", .language = "de-DE"};

    case_open(&self);
    g_assert_cmpstr(say(&self, &wanted), ==, "b x");
    g_assert_cmpstr(say(&self, &german), ==, "b x");
    g_assert_cmpuint(self.b->asked, ==, 2);
    g_assert_null(say(&self, &unknown));
    g_assert_error(self.error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
    case_close(&self);
}

static void
test_cached(void)
{
    Case self;
    const McpSynthesisRequest other = {.text = "one", .sample_rate = 16000};

    case_open(&self);
    say_text(&self, "one");
    say_text(&self, "one");
    g_assert_cmpuint(self.a->asked, ==, 1);
    say(&self, &other);
    g_assert_cmpuint(self.a->asked, ==, 2);
    g_assert_true(mcp_synthesizer_flush(MCP_SYNTHESIZER(self.speaking), NULL));
    say_text(&self, "one");
    g_assert_cmpuint(self.a->asked, ==, 3);
    /* One that still grows is asked for again until it is whole. */
    self.a->growing = TRUE;
    g_assert_cmpstr(say_text(&self, "two"), ==, "a two");
    g_assert_true(mcp_audio_is_growing(self.audio));
    mcp_audio_producer_append(self.a->producer, "ab", 2);
    mcp_audio_producer_finish(self.a->producer, NULL);
    say_text(&self, "two");
    g_assert_cmpuint(self.a->asked, ==, 4);
    g_assert_false(mcp_audio_is_growing(self.audio));
    g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(self.audio)), ==, 2);
    case_close(&self);
}

/* The time that one took is not there for the next. */
static void
test_deadline(void)
{
    Case self;
    const McpSynthesisRequest request = {.text = "x", .deadline = 5000};

    case_open(&self);
    g_assert_cmpstr(say(&self, &request), ==, "a x");
    g_assert_cmpint(self.a->deadline, ==, 5000);
    case_close(&self);
}

static void
test_cancelled(void)
{
    Case self;
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    const McpSynthesisRequest request = {.text = "x"};

    case_open(&self);
    mcp_synthesizer_synthesize_async(MCP_SYNTHESIZER(self.speaking), &request, cancellable,
                                     on_spoken, &self);
    g_cancellable_cancel(cancellable);
    while (self.answers == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_error(self.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_cmpuint(self.a->asked, ==, 0);
    case_close(&self);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engines/speaking/failover", test_failover);
    g_test_add_func("/engines/speaking/left-alone", test_left_alone);
    g_test_add_func("/engines/speaking/wanted", test_wanted);
    g_test_add_func("/engines/speaking/cached", test_cached);
    g_test_add_func("/engines/speaking/deadline", test_deadline);
    g_test_add_func("/engines/speaking/cancelled", test_cancelled);
    return g_test_run();
}
