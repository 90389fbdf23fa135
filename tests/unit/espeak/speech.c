/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speech by the real engine: languages and voices, audio that grows, SSML, identity, what is kept,
 * texts that are meant to do harm.
 */
#include "fixture.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define RATE 22050
#define SECOND (2 * RATE)

static void
open_engine(Fixture *fixture, const char *lines)
{
    fixture_open(fixture, TEST_WORKER, lines);
    g_assert_cmpuint(fixture->ready, ==, 1);
}

static guint
loudest(GBytes *bytes)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    guint peak = 0;

    for (gsize i = 0; i + 1 < size; i += 2)
        peak = MAX(peak, (guint)ABS((gint16)(data[i] << 8 | data[i + 1])));
    return peak;
}

/* Milliseconds before the first sample that is not zero. */
static guint
silence_of(GBytes *bytes)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    gsize i = 0;

    while (i < size && data[i] == 0)
        i++;
    return (guint)(i * 1000 / SECOND);
}

static void
test_languages(Fixture *fixture, gconstpointer unused)
{
    static const struct {
        const char *language;
        const char *text;
    } rows[] = {
        {"de-DE", "Guten Tag, wie kann ich Ihnen helfen?"},
        {"fr-FR", "Bonjour, comment puis-je vous aider ?"},
        {"es-ES", "Buenos días, ¿en qué puedo ayudarle?"},
        {"en-US", "Good morning, how may I help you?"},
        {"ru", "Доброе утро"},
        {"zh-CN", "早上好"},
    };

    open_engine(fixture, "");
    g_assert_cmpuint(fixture_count(fixture, "voices"), >, 100);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) bytes = fixture_say(fixture, rows[i].text, rows[i].language);

        g_assert_cmpuint(g_bytes_get_size(bytes), >, SECOND / 2);
        g_assert_cmpuint(g_bytes_get_size(bytes), <, 6 * SECOND);
        g_assert_cmpuint(loudest(bytes), >, 5000);
    }
    g_assert_cmpuint(fixture_count(fixture, "restarts"), ==, 0);
}

/* The same words by the voice of each tag: who is like whom shows which voice it was. */
static void
test_choice(Fixture *fixture, gconstpointer unused)
{
    static const struct {
        const char *language;
        const char *voice;
        const char *like;
    } rows[] = {
        {"de-AT", NULL, "de"},  {"DE", NULL, "de"},     {"fr-CA", NULL, "fr-fr"},
        {"fr", NULL, "fr-fr"},  {NULL, NULL, "en-us"},  {"de", "french_(france)", "fr-fr"},
        {"de", "nobody", "de"}, {"zh-CN", NULL, "cmn"},
    };

    open_engine(fixture, "");
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        McpSynthesisRequest request = {
            .text = "Zug 7", .language = rows[i].language, .voice = rows[i].voice};
        McpSynthesisRequest other = {.text = "Zug 7", .language = rows[i].like};
        Spoken spoken;
        Spoken like;

        fixture_speak(fixture, &request, &spoken);
        fixture_speak(fixture, &other, &like);
        g_assert_no_error(spoken.error);
        g_assert_no_error(like.error);
        g_assert_cmpstr(mcp_audio_get_id(spoken.audio), ==, mcp_audio_get_id(like.audio));
        spoken_clear(&spoken);
        spoken_clear(&like);
    }
}

static void
test_no_voice(Fixture *fixture, gconstpointer unused)
{
    static const struct {
        const char *language;
        const char *document;
    } rows[] = {
        {"xx-YY", NULL}, {"-", NULL}, {"d", NULL}, {"de", "<speak xml:lang='xx'>x</speak>"}};

    open_engine(fixture, "");
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        McpSynthesisRequest request = {.text = rows[i].document != NULL ? rows[i].document : "x",
                                       .ssml = rows[i].document != NULL,
                                       .language = rows[i].language};
        Spoken spoken;

        fixture_speak(fixture, &request, &spoken);
        g_assert_error(spoken.error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
        g_assert_true(g_str_has_prefix(spoken.error->message, "no voice for language '"));
        spoken_clear(&spoken);
    }
}

static char *
make_story(gsize length)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; text->len < length; i++)
        g_string_append_printf(text, "This is sentence number %u. ", i);
    return g_string_free(text, FALSE);
}

/* It can be heard long before its end is there. */
static void
test_growing(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *story = make_story(5000);
    g_autoptr(GBytes) first = NULL;
    g_autoptr(GError) error = NULL;
    Spoken spoken;

    open_engine(fixture, "");
    fixture_start_text(fixture, story, &spoken);
    fixture_wait(&spoken);
    g_assert_no_error(spoken.error);
    g_assert_true(mcp_audio_is_growing(spoken.audio));
    g_assert_cmpstr(mcp_audio_get_content_type(spoken.audio), ==, "audio/L16;rate=22050");
    first = fixture_heard(spoken.audio);
    g_assert_cmpuint(g_bytes_get_size(first), >, 0);
    fixture_wait_end(spoken.audio, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(spoken.audio)), >, 200 * SECOND);
    g_assert_cmpuint(g_bytes_get_size(first), <, 100 * SECOND);
    spoken_clear(&spoken);
}

static void
test_breaks(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GBytes) without = NULL;
    g_autoptr(GBytes) within = NULL;
    g_autoptr(GBytes) before = NULL;
    g_autoptr(GBytes) alone = NULL;
    g_autoptr(GBytes) empty = NULL;

    open_engine(fixture, "language = de");
    without = fixture_say_ssml(fixture, "<speak>Tag Tag</speak>");
    within =
        fixture_say_ssml(fixture, "<speak>Tag <break time='2s'/><break time='1s'/>Tag</speak>");
    before = fixture_say_ssml(fixture, "<speak><break time='1500ms'/>Tag</speak>");
    alone = fixture_say_ssml(fixture, "<speak><break time='2s'/></speak>");
    empty = fixture_say(fixture, " \n", NULL);
    g_assert_cmpuint(g_bytes_get_size(within), >, g_bytes_get_size(without) + SECOND * 28 / 10);
    g_assert_cmpuint(g_bytes_get_size(within), <, g_bytes_get_size(without) + SECOND * 32 / 10);
    g_assert_cmpuint(silence_of(before), >=, 1499);
    g_assert_cmpuint(silence_of(before), <, 1700);
    g_assert_cmpuint(loudest(before), >, 5000);
    g_assert_cmpuint(g_bytes_get_size(alone), ==, 2 * SECOND);
    g_assert_cmpuint(loudest(alone), ==, 0);
    g_assert_cmpuint(g_bytes_get_size(empty), ==, SECOND / 10);
}

static void
test_prosody(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GBytes) plain = NULL;
    g_autoptr(GBytes) slow = NULL;
    g_autoptr(GBytes) soft = NULL;
    g_autoptr(GBytes) again = NULL;
    gsize length = 0;

    open_engine(fixture, "language = de\ncache = 0");
    plain = fixture_say_ssml(fixture, "<speak>eins zwei drei vier</speak>");
    length = g_bytes_get_size(plain);
    slow = fixture_say_ssml(fixture,
                            "<speak><prosody rate='50%'>eins zwei drei vier</prosody></speak>");
    soft = fixture_say_ssml(fixture, "<speak><prosody volume='x-soft'>eins zwei drei vier"
                                     "</prosody></speak>");
    again = fixture_say_ssml(fixture, "<speak>eins zwei drei vier</speak>");
    g_assert_cmpuint(g_bytes_get_size(slow), >, length * 3 / 2);
    g_assert_cmpuint(loudest(soft), <, loudest(plain) / 2);
    g_assert_true(g_bytes_equal(again, plain));
}

/* A voice within a document says what it says alone. */
static void
test_switch(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GBytes) inner = NULL;
    g_autoptr(GBytes) mixed = NULL;
    g_autoptr(GBytes) unmixed = NULL;
    gsize difference = 0;

    open_engine(fixture, "language = de\ncache = 0");
    inner = fixture_say_ssml(fixture, "<speak xml:lang='de'>99</speak>");
    unmixed = fixture_say_ssml(fixture, "<speak xml:lang='de'>99 99 99</speak>");
    mixed = fixture_say_ssml(fixture, "<speak xml:lang='de'>99 <lang xml:lang='fr-CA'>99</lang> 99"
                                      "</speak>");
    difference = g_bytes_get_size(mixed) > g_bytes_get_size(unmixed)
                     ? g_bytes_get_size(mixed) - g_bytes_get_size(unmixed)
                     : g_bytes_get_size(unmixed) - g_bytes_get_size(mixed);
    /* "quatre-vingt-dix-neuf" is not as long as "neunundneunzig". */
    g_assert_cmpuint(difference, >, SECOND / 20);
    g_assert_cmpuint(g_bytes_get_size(inner), >, SECOND / 2);
}

static void
test_shared(Fixture *fixture, gconstpointer unused)
{
    Spoken spoken[5];
    Spoken again;
    McpSynthesisRequest request = {.text = "Said once.", .sample_rate = 8000};

    open_engine(fixture, "");
    for (guint i = 0; i < G_N_ELEMENTS(spoken); i++)
        fixture_start(fixture, &request, NULL, &spoken[i]);
    for (guint i = 0; i < G_N_ELEMENTS(spoken); i++) {
        fixture_wait(&spoken[i]);
        g_assert_no_error(spoken[i].error);
        g_assert_true(spoken[i].audio == spoken[0].audio);
        g_assert_false(spoken[i].kept);
    }
    fixture_wait_end(spoken[0].audio, NULL);
    request.sample_rate = 16000;
    for (guint i = 0; i < 2; i++) {
        fixture_speak(fixture, &request, &again);
        g_assert_cmpint(again.kept, ==, i == 0);
        g_assert_cmpstr(mcp_audio_get_id(again.audio), ==, mcp_audio_get_id(spoken[0].audio));
        spoken_clear(&again);
        g_assert_true(mcp_synthesizer_flush(MCP_SYNTHESIZER(fixture->synthesizer), NULL));
    }
    for (guint i = 0; i < G_N_ELEMENTS(spoken); i++)
        spoken_clear(&spoken[i]);
}

static void
test_identity(Fixture *fixture, gconstpointer unused)
{
    static const McpSynthesisRequest requests[] = {
        {.text = "one two"},
        {.text = "one three"},
        {.text = "one two", .language = "de"},
        {.text = "one two", .voice = "English (Scotland)"},
        {.text = "<speak>one two</speak>", .ssml = TRUE},
        {.text = "<speak><break time='1s'/>one two</speak>", .ssml = TRUE},
        {.text = "<speak><break time='2s'/>one two</speak>", .ssml = TRUE},
    };
    g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(McpEspeakConfig) fast = NULL;
    gsize lengths[2] = {0};

    open_engine(fixture, "");
    fast = fixture_config(fixture, TEST_WORKER, "speed = 350");
    for (guint k = 0; k < 2; k++) {
        for (guint i = 0; i < G_N_ELEMENTS(requests); i++) {
            Spoken spoken;

            fixture_speak(fixture, &requests[i], &spoken);
            g_assert_no_error(spoken.error);
            g_hash_table_add(ids, g_strdup(mcp_audio_get_id(spoken.audio)));
            lengths[k] += g_bytes_get_size(mcp_audio_get_bytes(spoken.audio));
            spoken_clear(&spoken);
        }
        mcp_espeak_synthesizer_configure(fixture->synthesizer, fast);
    }
    g_assert_cmpuint(g_hash_table_size(ids), ==, 2 * G_N_ELEMENTS(requests));
    g_assert_cmpuint(lengths[1], <, lengths[0] * 9 / 10);
}

/* Two at once, and more that wait; each on its own. */
static void
test_many(Fixture *fixture, gconstpointer unused)
{
    enum { COUNT = 40 };
    Spoken spoken[COUNT];

    open_engine(fixture, "workers = 3");
    for (guint i = 0; i < COUNT; i++) {
        g_autofree char *text = g_strdup_printf("You are number %u.", i);

        fixture_start_text(fixture, text, &spoken[i]);
    }
    for (guint i = 0; i < COUNT; i++) {
        fixture_wait(&spoken[i]);
        g_assert_no_error(spoken[i].error);
        fixture_wait_end(spoken[i].audio, &spoken[i].error);
        g_assert_no_error(spoken[i].error);
        g_assert_cmpuint(loudest(mcp_audio_get_bytes(spoken[i].audio)), >, 5000);
        spoken_clear(&spoken[i]);
    }
    fixture_wait_count(fixture, "busy", 0);
    g_assert_cmpuint(fixture_count(fixture, "workers"), ==, 3);
    g_assert_cmpuint(fixture_count(fixture, "restarts"), ==, 0);
}

static void
test_not_heard(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *story = make_story(5000);
    g_autoptr(GBytes) after = NULL;
    Spoken spoken;

    open_engine(fixture, "workers = 1");
    fixture_start_text(fixture, story, &spoken);
    fixture_wait(&spoken);
    g_assert_cmpuint(fixture_count(fixture, "busy"), ==, 1);
    spoken_clear(&spoken);
    fixture_wait_count(fixture, "busy", 0);
    after = fixture_say(fixture, "Here it is again.", NULL);
    g_assert_cmpuint(g_bytes_get_size(after), >, SECOND / 2);
    g_assert_cmpuint(fixture_count(fixture, "restarts"), ==, 0);
}

static char *
repeat(const char *text, guint times)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < times; i++)
        g_string_append(all, text);
    return g_string_free(all, FALSE);
}

/* @code: what it fails with, 0: it is spoken, -1: one or the other. */
static void
say_hostile(Fixture *fixture, const char *text, gboolean ssml, int code)
{
    McpSynthesisRequest request = {.text = text, .ssml = ssml, .language = "de"};
    Spoken spoken;

    fixture_speak(fixture, &request, &spoken);
    if (spoken.error != NULL && code == -1)
        g_assert_error(spoken.error, MCP_ERROR, MCP_ERROR_LIMIT);
    else if (code > 0)
        g_assert_error(spoken.error, MCP_ERROR, code);
    else
        g_assert_no_error(spoken.error);
    spoken_clear(&spoken);
    fixture_wait_count(fixture, "busy", 0);
}

static void
say_hostile_texts(Fixture *fixture)
{
    static const char *const units[] = {
        "a",  "W",  "9",       ".", "\xc3\xa4", "\xf0\x9f\x98\x80", "-", "[[", "\xee\x80\x81",
        "0,", "!?", "\xd8\xa7"};
    g_autoptr(GString) control = g_string_new(NULL);

    for (guint i = 0; i < 3000; i++)
        g_string_append_c(control, (char)(1 + i * 7919 % 31));
    say_hostile(fixture, control->str, FALSE, 0);
    say_hostile(fixture,
                "\x01"
                "450S \x01"
                "0A \x01"
                "99P \x01"
                "3R hallo",
                FALSE, 0);
    say_hostile(fixture, "\xff\xfe\xc0\x80", FALSE, MCP_ERROR_INVALID);
    say_hostile(fixture, "gut \xe2\x82", FALSE, MCP_ERROR_INVALID);
    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autofree char *text = repeat(units[i], 16 * 1024 / (guint)strlen(units[i]));

        say_hostile(fixture, text, FALSE, -1);
    }
}

static void
say_hostile_documents(Fixture *fixture)
{
    static const char *const documents[] = {
        "<speak><audio src='/etc/passwd'>nichts</audio> <audio src='/etc/passwd'/>Tag</speak>",
        "<speak><voice name='../../../../etc/passwd'>Tag</voice></speak>",
        "<speak><voice name='mb/mb-de1'>Tag</voice></speak>",
        "<speak>&lt;voice name='mb/mb-de1'&gt;Tag&lt;/voice&gt; &amp;lt;</speak>",
        "<speak><![CDATA[<voice name='mb/mb-de1'>]]>Tag<!-- <voice name='x'> --></speak>",
        "<speak><prosody rate='0'>Tag</prosody><prosody rate='999999999999'>Tag</prosody></speak>",
        "<speak><prosody rate='99999%' volume='99999' pitch='+99999%'>Tag</prosody></speak>",
    };
    g_autofree char *open = repeat("<prosody rate='200%'>", 1000);
    g_autofree char *shut = repeat("</prosody>", 1000);
    g_autofree char *deep = g_strconcat("<speak>", open, "Tag", shut, "</speak>", NULL);
    g_autofree char *voices = repeat("<voice xml:lang='fr'><p><s>x", 60);
    g_autofree char *ends = repeat("</s></p></voice>", 60);
    g_autofree char *nested = g_strconcat("<speak>", voices, ends, "</speak>", NULL);
    g_autofree char *pauses = repeat("<break time='20s'/>x ", 200);
    g_autofree char *endless = g_strconcat("<speak>", pauses, "</speak>", NULL);

    for (guint i = 0; i < G_N_ELEMENTS(documents); i++)
        say_hostile(fixture, documents[i], TRUE, 0);
    say_hostile(fixture, deep, TRUE, MCP_ERROR_INVALID);
    say_hostile(fixture, nested, TRUE, 0);
    say_hostile(fixture, endless, TRUE, MCP_ERROR_LIMIT);
    say_hostile(fixture, "<speak>&#1;</speak>", TRUE, MCP_ERROR_INVALID);
    say_hostile(fixture, "<!DOCTYPE speak [<!ENTITY x SYSTEM '/etc/passwd'>]><speak>&x;</speak>",
                TRUE, MCP_ERROR_INVALID);
    say_hostile(fixture, "<speak>Tag", TRUE, MCP_ERROR_INVALID);
}

/* None ends a worker, and none is heard in what the next caller gets. */
static void
test_hostile(Fixture *fixture, gconstpointer unused)
{
    static const char words[] = "Guten Tag, wie geht es Ihnen heute?";
    g_autoptr(GBytes) before = NULL;
    g_autoptr(GBytes) after = NULL;

    open_engine(fixture, "workers = 1\ncache = 0\ntext_limit = 64K");
    before = fixture_say(fixture, words, "de");
    say_hostile_texts(fixture);
    say_hostile_documents(fixture);
    after = fixture_say(fixture, words, "de");
    g_assert_true(g_bytes_equal(after, before));
    g_assert_cmpuint(fixture_count(fixture, "restarts"), ==, 0);
}

static char *
first_child(const char *process)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/task/%s/children", process, process);
    g_autofree char *children = NULL;

    g_assert_true(g_file_get_contents(path, &children, NULL, NULL));
    return g_strndup(children, strcspn(children, " "));
}

static char *
get_worker(void)
{
    g_autofree char *own = g_strdup_printf("%d", (int)getpid());

    return first_child(own);
}

/* Gone, or waits for whoever reaps orphans here. */
static gboolean
is_gone(gpointer user_data)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/stat", (const char *)user_data);
    g_autofree char *stat = NULL;

    return !g_file_get_contents(path, &stat, NULL, NULL) || strstr(stat, ") Z ") != NULL;
}

/* The child that speaks goes with its worker. */
static void
test_killed(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *story = make_story(5000);
    g_autofree char *worker = NULL;
    g_autofree char *speaking = NULL;
    Spoken spoken;

    open_engine(fixture, "workers = 1");
    fixture_start_text(fixture, story, &spoken);
    fixture_wait(&spoken);
    worker = get_worker();
    speaking = first_child(worker);
    g_assert_cmpstr(speaking, !=, "");
    g_assert_cmpint(kill((pid_t)g_ascii_strtoll(worker, NULL, 10), SIGKILL), ==, 0);
    fixture_wait_end(spoken.audio, &spoken.error);
    g_assert_error(spoken.error, MCP_ERROR, MCP_ERROR_FAILED);
    g_assert_nonnull(strstr(spoken.error->message, "signal 9"));
    fixture_wait_until(is_gone, speaking);
    spoken_clear(&spoken);
}

/* A crash of the engine is told as what it is. */
static void
test_crashed(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *story = make_story(5000);
    g_autofree char *worker = NULL;
    g_autofree char *speaking = NULL;
    Spoken spoken;

    open_engine(fixture, "workers = 1");
    fixture_start_text(fixture, story, &spoken);
    fixture_wait(&spoken);
    worker = get_worker();
    speaking = first_child(worker);
    g_assert_cmpint(kill((pid_t)g_ascii_strtoll(speaking, NULL, 10), SIGKILL), ==, 0);
    fixture_wait_end(spoken.audio, &spoken.error);
    g_assert_error(spoken.error, MCP_ERROR, MCP_ERROR_FAILED);
    g_assert_nonnull(strstr(spoken.error->message, "signal 9"));
    spoken_clear(&spoken);
    fixture_advance(fixture, G_USEC_PER_SEC);
    fixture_wait_count(fixture, "restarts", 1);
    g_bytes_unref(fixture_say(fixture, "And on it goes.", NULL));
}

static void
test_limit(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *text = g_strnfill(1025, 'a');

    open_engine(fixture, "text_limit = 1K");
    say_hostile(fixture, text, FALSE, MCP_ERROR_LIMIT);
    text[1024] = '\0';
    say_hostile(fixture, text, FALSE, 0);
}

/* The worker may write no file, and become nothing else. */
static void
test_restricted(Fixture *fixture, gconstpointer unused)
{
    static const char *const wanted[] = {"Max file size 0 0 ", "Max core file size 0 0 ",
                                         "Max open files 16 16 ",
                                         "Max address space 536870912 536870912 "};
    g_autofree char *child = NULL;
    g_autofree char *status = NULL;
    g_autofree char *limits = NULL;
    g_autofree char *file = NULL;

    fixture_open(fixture, TEST_PLAIN_WORKER, "");
    g_bytes_unref(fixture_say(fixture, "Guten Tag", "de"));
    child = get_worker();
    file = g_strdup_printf("/proc/%s/status", child);
    g_assert_true(g_file_get_contents(file, &status, NULL, NULL));
    g_assert_nonnull(strstr(status, "NoNewPrivs:\t1\n"));
    g_free(file);
    file = g_strdup_printf("/proc/%s/limits", child);
    g_assert_true(g_file_get_contents(file, &limits, NULL, NULL));
    for (char *at = limits; *at != '\0'; at++)
        while (at[0] == ' ' && at[1] == ' ')
            memmove(at, at + 1, strlen(at));
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
        g_assert_nonnull(strstr(limits, wanted[i]));
    g_free(file);
    file = g_strdup_printf("/proc/%s/fd/2", child);
    g_free(limits);
    limits = g_file_read_link(file, NULL);
    g_assert_cmpstr(limits, ==, "/dev/null");
}

#define ADD(name, func) \
    g_test_add("/espeak/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("languages", test_languages);
    ADD("choice", test_choice);
    ADD("no-voice", test_no_voice);
    ADD("growing", test_growing);
    ADD("breaks", test_breaks);
    ADD("prosody", test_prosody);
    ADD("switch", test_switch);
    ADD("shared", test_shared);
    ADD("identity", test_identity);
    ADD("many", test_many);
    ADD("not-heard", test_not_heard);
    ADD("hostile", test_hostile);
    ADD("killed", test_killed);
    ADD("crashed", test_crashed);
    ADD("limit", test_limit);
    ADD("restricted", test_restricted);
    return g_test_run();
}
