/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common ground of the tests: the synthesizer on the default context with a clock that stands
 * still, and a look at what it leaves behind.
 */
#include "fixture.h"

#include <glib/gstdio.h>
#include <mcp/log.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE (60 * G_USEC_PER_SEC)

static McpClock *real_clock;
static guint descriptors; /* before a test */

static guint
count_descriptors(void)
{
    g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
    guint n = 0;

    while (g_dir_read_name(folder) != NULL)
        n++;
    return n;
}

/* The library's own thread reaps; until then a child is still named. */
static gboolean
has_no_children(gpointer unused)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
    g_autofree char *children = NULL;

    g_assert_true(g_file_get_contents(path, &children, NULL, NULL));
    return *g_strstrip(children) == '\0';
}

/* A child that was reaped a moment ago may still have had its descriptor when they were counted. */
static gboolean
is_as_before(gpointer unused)
{
    return has_no_children(NULL) && count_descriptors() <= descriptors;
}

static void
on_ready(const char *why, gpointer user_data)
{
    Fixture *fixture = user_data;

    if (why == NULL)
        fixture->ready++;
    else
        fixture->failed++;
    g_free(fixture->why);
    fixture->why = g_strdup(why);
}

void
fixture_set_up(Fixture *fixture, gconstpointer unused)
{
    if (real_clock == NULL) {
        real_clock = mcp_clock_new();
        signal(SIGPIPE, SIG_IGN); /* as mcpd does */
        mcp_log_set_level(MCP_LOG_ERROR);
        /* The library's thread, and its descriptors, stay once there was a child. */
        fixture_set_up(fixture, NULL);
        fixture_open(fixture, "/bin/false", "");
        fixture_close(fixture);
        fixture_wait_until(has_no_children, NULL);
        g_unsetenv("MCP_TEST_NOTES");
        g_rmdir(fixture->folder);
        g_clear_object(&fixture->clock);
        g_clear_pointer(&fixture->schema, mcp_schema_unref);
        g_clear_pointer(&fixture->folder, g_free);
        g_clear_pointer(&fixture->notes, g_free);
        g_clear_pointer(&fixture->why, g_free);
        memset(fixture, 0, sizeof *fixture);
    }
    descriptors = count_descriptors();
    fixture->folder = g_dir_make_tmp("mcp-espeak-XXXXXX", NULL);
    g_assert_nonnull(fixture->folder);
    fixture->notes = g_build_filename(fixture->folder, "notes", NULL);
    g_setenv("MCP_TEST_NOTES", fixture->notes, TRUE);
    g_unsetenv("MCP_TEST_START");
    fixture->clock = mcp_clock_new_virtual();
    fixture->schema = mcp_schema_new();
    g_assert_true(mcp_schema_add(fixture->schema, mcp_espeak_settings, NULL));
}

void
fixture_close(Fixture *fixture)
{
    if (fixture->synthesizer == NULL)
        return;
    mcp_espeak_synthesizer_close(fixture->synthesizer);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_assert_finalize_object(g_steal_pointer(&fixture->synthesizer));
}

void
fixture_clear(Fixture *fixture)
{
    g_unlink(fixture->notes);
    g_rmdir(fixture->folder);
    g_assert_finalize_object(fixture->clock);
    mcp_schema_unref(fixture->schema);
    g_free(fixture->folder);
    g_free(fixture->notes);
    g_free(fixture->why);
}

void
fixture_tear_down(Fixture *fixture, gconstpointer unused)
{
    fixture_close(fixture);
    fixture_wait_until(is_as_before, NULL);
    fixture_clear(fixture);
}

McpEspeakConfig *
fixture_config(Fixture *fixture, const char *program, const char *lines)
{
    g_autofree char *path = g_build_filename(fixture->folder, "mcp.conf", NULL);
    g_autofree char *text = g_strconcat("[espeak]\n", lines, "\n", NULL);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    McpSettingsSource source = {path, NULL, NULL};
    g_autoptr(McpSettings) settings = NULL;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    settings = mcp_settings_load(fixture->schema, &source, errors);
    g_assert_cmpuint(errors->len, ==, 0);
    g_unlink(path);
    return mcp_espeak_config_new(settings, program);
}

void
fixture_begin(Fixture *fixture, const char *program, const char *lines)
{
    g_autoptr(McpEspeakConfig) config = fixture_config(fixture, program, lines);
    const McpEspeakDeps deps = {.clock = fixture->clock};

    fixture->synthesizer = mcp_espeak_synthesizer_new(&deps, config, on_ready, fixture);
}

static gboolean
has_started(gpointer user_data)
{
    const Fixture *fixture = user_data;

    return fixture->ready + fixture->failed > 0;
}

void
fixture_open(Fixture *fixture, const char *program, const char *lines)
{
    fixture_begin(fixture, program, lines);
    fixture_wait_until(has_started, fixture);
}

guint
fixture_count(Fixture *fixture, const char *name)
{
    McpJson *json = mcp_json_new();
    g_autofree char *mark = g_strdup_printf("\"%s\":", name);
    g_autofree char *text = NULL;
    const char *found = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_synthesizer_describe(MCP_SYNTHESIZER(fixture->synthesizer), json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    found = strstr(text, mark);
    g_assert_nonnull(found);
    return (guint)g_ascii_strtoull(found + strlen(mark), NULL, 10);
}

guint
fixture_noted(Fixture *fixture, const char *what)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    guint n = 0;

    if (!g_file_get_contents(fixture->notes, &text, NULL, NULL))
        return 0;
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++)
        n += g_str_equal(lines[i], what);
    return n;
}

void
fixture_advance(Fixture *fixture, gint64 delta)
{
    mcp_clock_advance(fixture->clock, delta);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void
on_spoken(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpSynthesizer *synthesizer = MCP_SYNTHESIZER(source);
    Spoken *spoken = user_data;

    g_assert_false(spoken->done);
    spoken->audio = mcp_synthesizer_synthesize_finish(synthesizer, result, &spoken->error);
    g_assert_cmpstr(mcp_synthesizer_get_engine(synthesizer, result, &spoken->kept), ==,
                    "espeak-ng");
    spoken->done = TRUE;
}

void
fixture_start(Fixture *fixture, const McpSynthesisRequest *request, GCancellable *cancellable,
              Spoken *spoken)
{
    *spoken = (Spoken){0};
    mcp_synthesizer_synthesize_async(MCP_SYNTHESIZER(fixture->synthesizer), request, cancellable,
                                     on_spoken, spoken);
}

void
fixture_start_text(Fixture *fixture, const char *text, Spoken *spoken)
{
    McpSynthesisRequest request = {.text = text, .sample_rate = 8000};

    fixture_start(fixture, &request, NULL, spoken);
}

static void
too_late(gpointer user_data)
{
    g_error("waited for a minute in vain");
}

static void
look_again(gpointer user_data)
{
    McpTimer **timer = user_data;

    mcp_timer_clear(timer);
}

/* What is looked at may change without this context. */
void
fixture_wait_until(gboolean (*condition)(gpointer), gpointer user_data)
{
    g_autoptr(McpTimer) end = mcp_clock_after(real_clock, NULL, PATIENCE, too_late, NULL);
    McpTimer *look = NULL;

    while (!condition(user_data)) {
        if (look == NULL)
            look = mcp_clock_after(real_clock, NULL, 5000, look_again, &look);
        g_main_context_iteration(NULL, TRUE);
    }
    mcp_timer_clear(&look);
}

static gboolean
is_done(gpointer user_data)
{
    return ((Spoken *)user_data)->done;
}

void
fixture_wait(Spoken *spoken)
{
    fixture_wait_until(is_done, spoken);
}

static gboolean
has_grown(gpointer user_data)
{
    return !mcp_audio_is_growing(user_data);
}

static void
on_grown(gpointer user_data)
{
}

void
fixture_wait_end(McpAudio *audio, GError **error)
{
    g_autoptr(McpAudioWatch) watch = mcp_audio_watch_new(audio, on_grown, NULL, NULL);
    g_autoptr(GBytes) bytes = NULL;
    gboolean ended = FALSE;

    fixture_wait_until(has_grown, audio);
    bytes = mcp_audio_watch_read(watch, 0, &ended, error);
    g_assert_true(ended);
}

GBytes *
fixture_heard(McpAudio *audio)
{
    g_autoptr(McpAudioWatch) watch = mcp_audio_watch_new(audio, on_grown, NULL, NULL);
    gboolean ended = FALSE;

    return mcp_audio_watch_read(watch, 0, &ended, NULL);
}

typedef struct {
    Fixture *fixture;
    const char *name;
    guint number;
} Wanted;

static gboolean
is_counted(gpointer user_data)
{
    const Wanted *wanted = user_data;

    return fixture_count(wanted->fixture, wanted->name) == wanted->number;
}

static gboolean
is_noted(gpointer user_data)
{
    const Wanted *wanted = user_data;

    return fixture_noted(wanted->fixture, wanted->name) >= wanted->number;
}

void
fixture_wait_count(Fixture *fixture, const char *name, guint number)
{
    Wanted wanted = {fixture, name, number};

    fixture_wait_until(is_counted, &wanted);
}

void
fixture_wait_noted(Fixture *fixture, const char *what, guint number)
{
    Wanted wanted = {fixture, what, number};

    fixture_wait_until(is_noted, &wanted);
}

void
fixture_speak(Fixture *fixture, const McpSynthesisRequest *request, Spoken *spoken)
{
    fixture_start(fixture, request, NULL, spoken);
    fixture_wait(spoken);
    if (spoken->audio != NULL)
        fixture_wait_end(spoken->audio, &spoken->error);
}

static GBytes *
say(Fixture *fixture, const McpSynthesisRequest *request)
{
    Spoken spoken;
    GBytes *bytes = NULL;

    fixture_speak(fixture, request, &spoken);
    g_assert_no_error(spoken.error);
    bytes = g_bytes_ref(mcp_audio_get_bytes(spoken.audio));
    spoken_clear(&spoken);
    return bytes;
}

GBytes *
fixture_say(Fixture *fixture, const char *text, const char *language)
{
    McpSynthesisRequest request = {.text = text, .language = language, .sample_rate = 8000};

    return say(fixture, &request);
}

GBytes *
fixture_say_ssml(Fixture *fixture, const char *document)
{
    McpSynthesisRequest request = {.text = document, .ssml = TRUE, .sample_rate = 8000};

    return say(fixture, &request);
}

void
spoken_clear(Spoken *spoken)
{
    g_clear_pointer(&spoken->audio, mcp_audio_unref);
    g_clear_error(&spoken->error);
}
