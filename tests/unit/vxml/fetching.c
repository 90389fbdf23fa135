/* SPDX-License-Identifier: Apache-2.0 */
/* What is heard during a fetch, and what is fetched ahead, on a virtual clock. */
#include <mcp/log.h>
#include <string.h>

#include "session_run.h"

#define MS 1000
#define PAGE(body) "<vxml version='2.1' xmlns='" MCP_VXML_NS "'>" body "</vxml>"
#define DELAYS                                      \
    "<property name='fetchaudiodelay' value='1s'/>" \
    "<property name='fetchaudiominimum' value='3s'/>"

/* How often the clip was begun; in the fakes each sound lasts a second. */
static guint
count_heard(SessionRun *run, const char *words)
{
    GPtrArray *heard = fake_leg_get_heard(run->leg);
    guint count = 0;

    for (guint i = 0; i < heard->len; i++)
        count += strcmp(heard->pdata[i], words) == 0 ? 1 : 0;
    return count;
}

static SessionRun *
run_with_tune(const char *first, const char *next, gint64 delay)
{
    SessionRun *run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "tune.wav", "tune");
    fake_fetcher_add_page(run->fetcher, "p.vxml", first);
    if (next != NULL)
        fake_fetcher_add_page(run->fetcher, "q.vxml", next);
    fake_fetcher_add_delay(run->fetcher, "q.vxml", run->clock, delay);
    return run;
}

static const char there[] = PAGE("<form><block>there<exit expr='1'/></block></form>");

/* VoiceXML 2.0 §4.1.8 and §6.1.1. */
static void
test_fetch_audio(void)
{
    static const struct {
        const char *what;
        gint64 delay; /* of the page, ms */
        guint tunes;
        gint64 end; /* ms: the second page says a word of a second, then exits */
    } cases[] = {
        {"there before the prompt is over", 500, 0, 2000},
        {"there before the delay is over", 1500, 0, 2500},
        {"there amid the minimum", 2500, 3, 6000},
        {"there amid the clip", 6500, 5, 7500},
        {"there much later", 10500, 9, 11500},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run = run_with_tune(
            PAGE(DELAYS "<form><block>hello<goto next='q.vxml' fetchaudio='tune.wav'/></block>"
                        "</form>"),
            there, cases[i].delay * MS);

        g_test_message("%s", cases[i].what);
        g_assert_true(session_run(run, "p.vxml"));
        g_assert_cmpstr(run->result, ==, "1");
        g_assert_cmpuint(count_heard(run, "tune"), ==, cases[i].tunes);
        g_assert_cmpint(mcp_clock_now(run->clock) / MS, ==, cases[i].end);
        g_assert_cmpuint(count_heard(run, "hello"), ==, 1);
        g_assert_cmpuint(count_heard(run, "there"), ==, 1);
    }
}

/* Which element says it, or the property. */
static void
test_fetch_audio_where(void)
{
    static const struct {
        const char *page;
        guint tunes;
    } cases[] = {
        {PAGE(DELAYS "<form><block><submit next='q.vxml' fetchaudio='tune.wav'/></block></form>"),
         4},
        {PAGE(DELAYS "<form><subdialog src='q.vxml' fetchaudio='tune.wav'/></form>"), 4},
        {PAGE(DELAYS "<property name='fetchaudio' value='tune.wav'/>"
                     "<form><block><goto next='q.vxml'/></block></form>"),
         4},
        {PAGE(DELAYS "<property name='fetchaudio' value='absent.wav'/>"
                     "<form><block><goto next='q.vxml' fetchaudio='tune.wav'/></block></form>"),
         4},
        {PAGE(DELAYS "<property name='fetchaudio' value='tune.wav'/>"
                     "<form><block><goto next='q.vxml' fetchaudio=''/></block></form>"),
         0},
        {PAGE(DELAYS "<form><block><goto next='q.vxml' fetchaudio='absent.wav'/></block></form>"),
         0},
        {PAGE(DELAYS "<form><block><goto next='q.vxml'/></block></form>"), 0},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run = run_with_tune(cases[i].page, there, 4500 * MS);

        g_test_message("%s", cases[i].page);
        g_assert_true(session_run(run, "p.vxml"));
        g_assert_cmpuint(count_heard(run, "tune"), ==, cases[i].tunes);
        g_assert_cmpuint(count_heard(run, "there"), ==, 1);
    }
}

/* Without one the queue is not a reason to wait: it is played where input is awaited. */
static void
test_no_fetch_audio(void)
{
    g_autoptr(SessionRun) run = run_with_tune(
        PAGE("<form><block>hello<goto next='q.vxml'/></block></form>"), there, 500 * MS);

    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpint(mcp_clock_now(run->clock) / MS, ==, 2500);
}

/* A page that cannot be had is told of when the minimum is over. */
static void
test_fetch_audio_failure(void)
{
    g_autoptr(SessionRun) run = run_with_tune(
        PAGE(DELAYS "<form><block><goto next='q.vxml' fetchaudio='tune.wav'/></block></form>"
                    "<catch event='error.badfetch.http.404'><exit expr='2'/></catch>"),
        NULL, 1500 * MS);

    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->result, ==, "2");
    g_assert_cmpint(mcp_clock_now(run->clock) / MS, ==, 4000);
}

/* A prompt before the clip that fails is the outcome, when the page is there. */
static void
test_fetch_audio_bad_prompt(void)
{
    g_autoptr(SessionRun) run = run_with_tune(
        PAGE(DELAYS "<form><block><prompt xml:lang='xx-unknown'>hello</prompt>"
                    "<goto next='q.vxml' fetchaudio='tune.wav'/></block></form>"
                    "<catch event='error.unsupported.language'><exit expr='3'/></catch>"),
        there, 1500 * MS);

    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->result, ==, "3");
}

/* Nobody listens any more: no minimum, no clip, but the page is awaited. */
static void
test_fetch_audio_hangup(void)
{
    static const struct {
        const char *script;
        guint tunes;
    } cases[] = {{"500ms hangup", 0}, {"1500ms hangup", 0}, {"2500ms hangup", 1}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run = run_with_tune(
            PAGE(DELAYS "<form><block>hello<goto next='q.vxml' fetchaudio='tune.wav'/></block>"
                        "</form>"),
            PAGE("<form><field name='f' type='digits'>unheard</field></form>"
                 "<catch event='connection.disconnect.hangup'><exit expr='7'/></catch>"),
            4 * G_USEC_PER_SEC);

        session_run_script(run, cases[i].script);
        g_assert_true(session_run(run, "p.vxml"));
        g_assert_cmpstr(run->result, ==, "7");
        g_assert_cmpuint(count_heard(run, "tune"), ==, cases[i].tunes);
        g_assert_cmpuint(count_heard(run, "unheard"), ==, 0);
        g_assert_cmpint(mcp_clock_now(run->clock) / MS, ==, 4000);
    }
}

/* VoiceXML 2.1 §5: <data> as pages; what it was or why not is known when the clip is over. */
static void
test_data_audio(void)
{
#define DATA_PAGE(prompt)                                                                    \
    PAGE(DELAYS "<form><block>" prompt "<data name='d' src='q.vxml' fetchaudio='tune.wav'/>" \
                "there<exit expr='d.documentElement.nodeName'/></block></form>"              \
                "<catch event='error.badfetch.http.404'><exit expr='2'/></catch>"            \
                "<catch event='error.badfetch'><exit expr='3'/></catch>"                     \
                "<catch event='error.unsupported.language'><exit expr='4'/></catch>")
    static const struct {
        const char *what;
        const char *page;
        const char *data;
        gint64 delay; /* ms */
        guint tunes;
        gint64 end; /* ms */
        const char *result;
    } cases[] = {
        {"before the prompt is over", DATA_PAGE("hello"), "<d/>", 500, 0, 2000, "\"d\""},
        {"before the delay is over", DATA_PAGE("hello"), "<d/>", 1500, 0, 2500, "\"d\""},
        {"before the minimum is over", DATA_PAGE("hello"), "<d/>", 2500, 3, 6000, "\"d\""},
        {"later", DATA_PAGE("hello"), "<d/>", 6500, 5, 7500, "\"d\""},
        {"absent", DATA_PAGE(""), NULL, 1500, 3, 4000, "2"},
        {"absent at once", DATA_PAGE("hello"), NULL, 0, 0, 1000, "2"},
        {"no XML", DATA_PAGE(""), "<d>", 1500, 3, 4000, "3"},
        {"behind a prompt that cannot be said",
         DATA_PAGE("<prompt xml:lang='xx-unknown'>hello</prompt>"), "<d/>", 1500, 3, 4000, "4"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run =
            run_with_tune(cases[i].page, cases[i].data, cases[i].delay * MS);

        g_test_message("%s", cases[i].what);
        g_assert_true(session_run(run, "p.vxml"));
        g_assert_cmpstr(run->result, ==, cases[i].result);
        g_assert_cmpuint(count_heard(run, "tune"), ==, cases[i].tunes);
        g_assert_cmpint(mcp_clock_now(run->clock) / MS, ==, cases[i].end);
    }
}

/* A document that nobody reads is waited for as well; the end of the call leaves nothing behind. */
static void
test_data_audio_ends(void)
{
    static const struct {
        const char *script;
        gint64 end; /* ms */
    } cases[] = {{"500ms hangup", 4000}, {"1500ms hangup", 4000}, {"2500ms hangup", 4000}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run = run_with_tune(
            PAGE(DELAYS "<form><block>hello<data src='q.vxml' fetchaudio='tune.wav'/></block>"
                        "<field name='f' type='digits'>unheard</field></form>"
                        "<catch event='connection.disconnect.hangup'><exit expr='7'/></catch>"),
            "<d/>", 4 * G_USEC_PER_SEC);

        session_run_script(run, cases[i].script);
        g_assert_true(session_run(run, "p.vxml"));
        g_assert_cmpstr(run->result, ==, "7");
        g_assert_cmpuint(count_heard(run, "unheard"), ==, 0);
        g_assert_cmpint(mcp_clock_now(run->clock) / MS, ==, cases[i].end);
    }
}

/* ---- fetchhint ---- */

#define SECOND                                                                                  \
    "<field name='b'><prompt><audio src='later.wav'/><audio src='never.wav' fetchhint='safe'/>" \
    "</prompt><grammar mode='dtmf' src='later.grxml'/><filled><script src='later.js'/>"         \
    "<goto next='next.vxml'/><goto next='wanted.vxml' fetchhint='prefetch'/>"                   \
    "<goto next='#here' fetchhint='prefetch'/></filled></field>"

static void
test_fetch_hint(void)
{
    static const struct {
        const char *properties;
        gboolean audio;
        gboolean grammar;
        gboolean script;
        gboolean document;
    } cases[] = {
        {"", TRUE, TRUE, TRUE, FALSE},
        {"<property name='audiofetchhint' value='safe'/>", FALSE, TRUE, TRUE, FALSE},
        {"<property name='grammarfetchhint' value='safe'/>"
         "<property name='scriptfetchhint' value='safe'/>",
         TRUE, FALSE, FALSE, FALSE},
        {"<property name='documentfetchhint' value='prefetch'/>", TRUE, TRUE, TRUE, TRUE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run = session_run_new();
        g_autofree char *page =
            g_strdup_printf(PAGE("%s<form><field name='a' type='digits'><prompt>"
                                 "<audio src='now.wav'/></prompt></field>" SECOND "</form>"),
                            cases[i].properties);

        g_test_message("%s", cases[i].properties);
        fake_fetcher_add_page(run->fetcher, "now.wav", "now");
        fake_fetcher_add_page(run->fetcher, "later.wav", "later");
        fake_fetcher_add_page(run->fetcher, "p.vxml", page);
        session_run_script(run, "500ms hangup");
        g_assert_true(session_run(run, "p.vxml"));
        g_assert_cmpuint(count_heard(run, "now"), ==, 1);
        g_assert_cmpuint(fake_fetcher_asked(run->fetcher, "now.wav"), ==, 1);
        g_assert_cmpuint(fake_fetcher_asked(run->fetcher, "later.wav"), ==, cases[i].audio);
        g_assert_cmpuint(fake_fetcher_asked(run->fetcher, "never.wav"), ==, 0);
        g_assert_cmpuint(fake_fetcher_asked(run->fetcher, "later.grxml"), ==, cases[i].grammar);
        g_assert_cmpuint(fake_fetcher_asked(run->fetcher, "later.js"), ==, cases[i].script);
        g_assert_cmpuint(fake_fetcher_asked(run->fetcher, "next.vxml"), ==, cases[i].document);
        g_assert_cmpuint(fake_fetcher_asked(run->fetcher, "wanted.vxml"), ==, 1);
        g_assert_cmpuint(fake_fetcher_asked(run->fetcher, "p.vxml"), ==, 1);
    }
}

static char *
page_with_audios(guint n)
{
    GString *page = g_string_new("<vxml version='2.1' xmlns='" MCP_VXML_NS "'><form>"
                                 "<field name='a' type='digits'>one</field>"
                                 "<field name='b' type='digits'>");

    for (guint i = 0; i < n; i++)
        g_string_append_printf(page, "<audio src='%u.wav'/>", i);
    g_string_append(page, "</field></form></vxml>");
    return g_string_free(page, FALSE);
}

static void
test_prefetch_bound(void)
{
    g_autofree char *page = page_with_audios(100);
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    session_run_script(run, "3s hangup");
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpuint(fake_fetcher_get_log(run->fetcher)->len, ==, 1 + 32);
}

/* Two at a time; the call's end ends them. */
static void
test_prefetch_cancelled(void)
{
    g_autofree char *page = page_with_audios(10);
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    for (guint i = 0; i < 10; i++) {
        g_autofree char *path = g_strdup_printf("%u.wav", i);

        fake_fetcher_add_silence(run->fetcher, path);
    }
    session_run_script(run, "3s hangup");
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpuint(fake_fetcher_get_log(run->fetcher)->len, ==, 1 + 2);
    g_assert_cmpuint(fake_fetcher_get_cancelled(run->fetcher), ==, 2);
}

/*
 * RFC 5552 §6.2: early media is for pages without transferaudio. One whose clip is still being
 * fetched has it; one whose clip cannot be had goes on as if it had none (VoiceXML 2.0 §2.3.7.3).
 */
static void
test_transfer_audio(void)
{
    static const struct {
        const char *what;
        const char *clip;
        gint64 delay; /* of the clip, ms */
        guint joined; /* before the callee refuses */
        gboolean tune;
    } cases[] = {
        {"there at once", "tune.wav", 0, 0, TRUE},
        {"there after early media", "tune.wav", 700, 0, TRUE},
        {"absent", "absent.wav", 0, 1, FALSE},
        {"absent, which is known after early media", "absent.wav", 700, 1, FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *page =
            g_strdup_printf(PAGE("<form><transfer name='x' dest='sip:b@far.example' bridge='true' "
                                 "transferaudio='%s'><filled><exit expr='x'/></filled></transfer>"
                                 "</form>"),
                            cases[i].clip);
        g_autoptr(SessionRun) run = run_with_tune(page, NULL, 0);
        GPtrArray *log = fake_dialler_get_log(run->dialler);

        g_test_message("%s", cases[i].what);
        if (cases[i].delay != 0)
            fake_fetcher_add_delay(run->fetcher, cases[i].clip, run->clock, cases[i].delay * MS);
        session_run_far(run, "0.2 early; 3 486");
        g_assert_true(session_run(run, "p.vxml"));
        g_assert_cmpstr(run->result, ==, "\"busy\"");
        g_assert_cmpuint(log->len, ==, 1 + cases[i].joined);
        g_assert_cmpint(count_heard(run, "tune") > 0, ==, cases[i].tune);
    }
}

/* ---- prompts that are said ahead ---- */

#define FIELD(name, content) "<field name='" name "' type='boolean'>" content "</field>"
#define TWO_FIELDS(second) \
    PAGE("<form>" FIELD("a", "<prompt>one</prompt>") second "<filled><exit/></filled></form>")

static void
run_saying(const char *page, gboolean ahead, const char *script, const char *said)
{
    g_autoptr(SessionRun) run = session_run_new();

    g_test_message("%s", page);
    *fake_synthesizer_said = '\0';
    run->config->next_prompts = ahead;
    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    session_run_script(run, script);
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(fake_synthesizer_said, ==, said);
}

/* The caller hangs up at the first prompt: what was said by then. */
static void
test_said_ahead(void)
{
    static const struct {
        const char *page;
        const char *said;
    } cases[] = {
        {TWO_FIELDS(FIELD("b", "<prompt>two</prompt>")), "one|two|"},
        {TWO_FIELDS(FIELD("b", "two<prompt count='2'>again</prompt>")), "one|two|"},
        {TWO_FIELDS("<var name='v' expr='2'/>" FIELD(
             "b", "<prompt>two</prompt><prompt><value expr='v'/></prompt>")),
         "one|two|"},
        /* What is not known yet. */
        {TWO_FIELDS(FIELD("b", "<prompt cond='a'>two</prompt>")), "one|"},
        {TWO_FIELDS("<field name='b' cond='a' type='boolean'>two</field>"), "one|"},
        {TWO_FIELDS("<field name='b' expr='true'>two</field>"), "one|"},
        {TWO_FIELDS(""), "one|"},
        {PAGE("<menu><prompt>one</prompt><choice dtmf='1' next='#f'>x</choice></menu>"
              "<form id='f'><block>two</block></form>"),
         "one|"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        run_saying(cases[i].page, TRUE, "500ms hangup", cases[i].said);
    run_saying(cases[0].page, FALSE, "500ms hangup", "one|");
}

/* It is said once, whenever it is due, and heard. */
static void
test_said_once(void)
{
    run_saying(TWO_FIELDS(FIELD("b", "<prompt>two</prompt>")), TRUE, "500ms 1; 2s 1", "one|two|");
    run_saying(TWO_FIELDS(FIELD("b", "<prompt>two</prompt>")), FALSE, "500ms 1; 2s 1", "one|two|");
    /* Something else comes first, and other words than were thought. */
    run_saying(PAGE("<form>" FIELD("a", "<prompt>one</prompt><filled>good</filled>")
                        FIELD("b", "<prompt>two</prompt>") "<filled><exit/></filled></form>"),
               TRUE, "500ms 1; 3s 1", "one|two|good|");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mcp_log_set_level(MCP_LOG_ERROR);
    g_test_add_func("/vxml/fetching/audio", test_fetch_audio);
    g_test_add_func("/vxml/fetching/audio-where", test_fetch_audio_where);
    g_test_add_func("/vxml/fetching/no-audio", test_no_fetch_audio);
    g_test_add_func("/vxml/fetching/audio-failure", test_fetch_audio_failure);
    g_test_add_func("/vxml/fetching/audio-bad-prompt", test_fetch_audio_bad_prompt);
    g_test_add_func("/vxml/fetching/audio-hangup", test_fetch_audio_hangup);
    g_test_add_func("/vxml/fetching/data-audio", test_data_audio);
    g_test_add_func("/vxml/fetching/data-audio-ends", test_data_audio_ends);
    g_test_add_func("/vxml/fetching/transfer-audio", test_transfer_audio);
    g_test_add_func("/vxml/fetching/hint", test_fetch_hint);
    g_test_add_func("/vxml/fetching/said-ahead", test_said_ahead);
    g_test_add_func("/vxml/fetching/said-once", test_said_once);
    g_test_add_func("/vxml/fetching/prefetch-bound", test_prefetch_bound);
    g_test_add_func("/vxml/fetching/prefetch-cancelled", test_prefetch_cancelled);
    return g_test_run();
}
