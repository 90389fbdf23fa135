/* SPDX-License-Identifier: Apache-2.0 */
/* Speech as input, with a recognizer that hears what the test says. */
#include <string.h>

#include "engine.h"
#include "session_run.h"

#define HEAD "<vxml version='2.1' xmlns='http://www.w3.org/2001/vxml'>"
#define COLOUR                                                                                \
    "<grammar mode='voice' root='r' version='1.0' xmlns='http://www.w3.org/2001/06/grammar'>" \
    "<rule id='r'><one-of><item>red</item><item>green</item></one-of></rule></grammar>"
#define KEYS "<grammar src='builtin:dtmf/digits?length=2'/>"
#define ENDS                                                                                     \
    "<filled><exit expr=\"f + ' ' + f$.inputmode + ' ' + f$.confidence\"/></filled>"             \
    "<noinput><exit expr=\"'noinput'\"/></noinput><nomatch><exit expr=\"'nomatch'\"/></nomatch>" \
    "<catch event='maxspeechtimeout'><exit expr=\"'too long'\"/></catch>"                        \
    "<error><exit expr=\"_event\"/></error>"
#define PAGE(prompt, properties) \
    HEAD "<form>" properties "<field name='f'>" prompt COLOUR KEYS ENDS "</field></form></vxml>"
#define PROMPT "<prompt>one</prompt>"
#define PROPERTY(name, value) "<property name='" name "' value='" value "'/>"

/* Words that several grammars take, some in several ways; what the page is told of them. */
#define SRGS(rule)                                                                            \
    "<grammar mode='voice' root='r' version='1.0' xmlns='http://www.w3.org/2001/06/grammar' " \
    "tag-format='semantics/1.0'><rule id='r'>" rule "</rule></grammar>"
#define FORM_WORDS SRGS("<one-of><item>red<tag>out='form'</tag></item><item>pink</item></one-of>")
#define SHOW                                                                                     \
    "<script>function show() { var l = application.lastresult$, s = [l.utterance, l.confidence," \
    "l.inputmode, l.interpretation].join(' ') + ':'; for (var i = 0; i &lt; l.length; i++)"      \
    "s += ' ' + [l[i].utterance, l[i].confidence, l[i].inputmode, l[i].interpretation]"          \
    ".join(','); return s; }</script>"
#define N_BEST(rule, properties)                                                                  \
    HEAD SHOW "<form>" properties FORM_WORDS "<field name='f'>" SRGS(rule) KEYS                   \
        "<filled><exit expr=\"f + ' | ' + show()\"/></filled><nomatch><exit expr=\"'nomatch | ' " \
        "+ "                                                                                      \
        "show()\"/></nomatch></field><filled><exit expr='show()'/></filled></form></vxml>"
#define COLOURS "<one-of><item>red</item><item>green</item><item>read</item></one-of>"
#define BEST(n) PROPERTY("maxnbest", #n)

/* What a page is told when words or keys end something else than a field. */
#define LEAVE "<link event='away'>" SRGS("leave") "</link>"
#define STOP                                                                            \
    SRGS("<one-of><item>stop<tag>out='S'</tag></item><item>no<tag>throw 1</tag></item>" \
         "</one-of>")
#define ONE_TWO "<grammar mode='dtmf' root='r' version='1.0'><rule id='r'>1 2</rule></grammar>"
#define LAST                                                         \
    "(application.lastresult$ ? [application.lastresult$.inputmode," \
    "application.lastresult$.utterance, application.lastresult$.interpretation].join(' ') : '-')"
#define RECORD(attributes, properties)                                                        \
    HEAD LEAVE                                                                                \
        "<form>" properties "<record name='r' finalsilence='500ms'" attributes                \
        ">" PROMPT STOP ONE_TWO "<filled><exit expr=\"[r, r$.duration, r$.termchar, " LAST    \
        "].join(' ')\"/></filled></record><catch event='away'><exit expr=\"['away', r, " LAST \
        "].join(' ')\"/></catch><error><exit expr='_event'/></error></form></vxml>"
#define TRANSFER(properties)                                                                     \
    HEAD LEAVE                                                                                   \
        "<form>" properties "<transfer name='t' dest='sip:b@far.example' bridge='true'>" STOP    \
        "<filled><exit expr=\"[t, t$.inputmode, t$.utterance, t$.duration, " LAST                \
        "].join(' ')\"/></filled></transfer><catch event='away'><exit expr=\"'away'\"/></catch>" \
        "<error><exit expr='_event'/></error></form></vxml>"
#define FAR "1 answer; 8 bye"
#define BYE "\"far_end_disconnect   7 -\""

typedef struct {
    const char *name;
    const char *page;
    const char *script; /* what happens */
    const char *result; /* JSON */
    const char *far;    /* what a party does that is called */
} Row;

static const Row ROWS[] = {
    {"match", PAGE(PROMPT, ""), "1500ms say red", "\"red voice 0.9\""},
    {"barge-in", PAGE(PROMPT "<prompt>two</prompt>", ""), "500ms say green", "\"green voice 0.9\""},
    {"before-a-prompt-that-stays", PAGE("<prompt bargein='false'>one</prompt>", ""),
     "500ms say red; 1500ms say green", "\"green voice 0.9\""},
    {"below-confidencelevel", PAGE(PROMPT, PROPERTY("confidencelevel", "0.6")),
     "1500ms say 0.59 red", "\"nomatch\""},
    {"above-confidencelevel", PAGE(PROMPT, PROPERTY("confidencelevel", "0.6")),
     "1500ms say 0.6 red", "\"red voice 0.6\""},
    {"other-words", PAGE(PROMPT, ""), "1500ms say blue", "\"nomatch\""},
    {"no-match", PAGE(PROMPT, ""), "1500ms verdict no-match", "\"nomatch\""},
    {"too-long", PAGE(PROMPT, ""), "1500ms verdict too-long", "\"too long\""},
    {"silence", PAGE(PROMPT, ""), "", "\"noinput\""},
    {"keys-first", PAGE(PROMPT, ""), "1500ms 1; 1600ms say red; 1800ms 2", "\"12 dtmf 1\""},
    {"keys-barge-in", PAGE(PROMPT, ""), "300ms 12; 600ms say red", "\"12 dtmf 1\""},
    {"no-voice", PAGE(PROMPT, PROPERTY("inputmodes", "dtmf")), "1500ms say red", "\"noinput\""},
    /* The wait for input is over with the noise, and the recognizer makes nothing of it. */
    {"noise", PAGE(PROMPT, PROPERTY("timeout", "2s")), "2s noise; 2500ms quiet", "\"nomatch\""},
    {"noise-then-words", PAGE(PROMPT, PROPERTY("timeout", "2s")),
     "2s noise; 2500ms quiet; 4s say red", "\"red voice 0.9\""},
    {"hotword", PAGE(PROMPT, PROPERTY("bargeintype", "hotword") PROPERTY("timeout", "3s")),
     "300ms say blue; 2s verdict no-match; 3s say red", "\"red voice 0.9\""},
    {"hotword-alone", PAGE(PROMPT, PROPERTY("bargeintype", "hotword") PROPERTY("timeout", "3s")),
     "300ms say blue", "\"noinput\""},
    {"invalid", PAGE(PROMPT, ""), "500ms verdict invalid", "\"error.badfetch\""},
    {"unsupported", PAGE(PROMPT, ""), "500ms verdict unsupported", "\"error.unsupported.format\""},
    {"limit", PAGE(PROMPT, ""), "500ms verdict limit", "\"error.noresource\""},
    {"n-best", N_BEST(COLOURS, BEST(5)), "1s say 0.8 read | 0.7 green | 0.6 pink",
     "\"read | read 0.8 voice read: read,0.8,voice,read green,0.7,voice,green "
     "pink,0.6,voice,pink\""},
    {"n-best-one", N_BEST(COLOURS, ""), "1s say 0.8 read | 0.7 green",
     "\"read | read 0.8 voice read: read,0.8,voice,read\""},
    {"n-best-bound", N_BEST(COLOURS, BEST(2)), "1s say 0.8 read | 0.7 green | 0.6 pink",
     "\"read | read 0.8 voice read: read,0.8,voice,read green,0.7,voice,green\""},
    /* The recognizer's order does not count. */
    {"n-best-order", N_BEST(COLOURS, BEST(5)), "1s say 0.6 green | 0.9 read | 0.6 read",
     "\"read | read 0.9 voice read: read,0.9,voice,read green,0.6,voice,green\""},
    {"n-best-confidence", N_BEST(COLOURS, BEST(5)), "1s say 0.5 read | 0.49 green",
     "\"read | read 0.5 voice read: read,0.5,voice,read\""},
    /* Each grammar that takes the words; of one confidence by precedence. */
    {"n-best-precedence", N_BEST(COLOURS, BEST(5)), "1s say 0.7 pink | 0.7 red",
     "\"red | red 0.7 voice red: red,0.7,voice,red pink,0.7,voice,pink "
     "red,0.7,voice,form\""},
    {"n-best-foreign-words", N_BEST(COLOURS, BEST(5)), "1s say 0.9 blue | 0.6 green",
     "\"green | green 0.6 voice green: green,0.6,voice,green\""},
    {"n-best-interpreted", N_BEST(COLOURS, BEST(5)), "1s say 0.7 read => 5 | 0.6 red => {\"f\":7}",
     "\"5 | read 0.7 voice 5: read,0.7,voice,5 red,0.6,voice,[object Object]\""},
    /* Tags that go wrong leave their reading out. */
    {"n-best-faulty-tag",
     N_BEST("<one-of><item>red</item><item>read<tag>throw 1</tag></item></one-of>", BEST(5)),
     "1s say 0.9 green | 0.8 red | 0.7 read",
     "\"red | red 0.8 voice red: red,0.8,voice,red red,0.8,voice,form\""},
    {"nomatch-result", N_BEST(COLOURS, BEST(2)), "1s say 0.4 red | 0.3 read | 0.2 green",
     "\"nomatch | red 0.4 voice : red,0.4,voice, read,0.3,voice,\""},
    {"nomatch-mumbled", N_BEST(COLOURS, BEST(5)), "1s mumble 0.4 blue | 0.3 brown",
     "\"nomatch | blue 0.4 voice : blue,0.4,voice, brown,0.3,voice,\""},
    {"nomatch-silent", N_BEST(COLOURS, BEST(5)), "1s verdict no-match",
     "\"nomatch |  0 voice : ,0,voice,\""},
    {"record", RECORD("", ""), "1500ms say stop", "\"recording:1 500  voice stop S\""},
    {"record-other-words", RECORD("", ""), "1300ms say go; 1500ms say stop",
     "\"recording:1 500  voice stop S\""},
    {"record-not-sure", RECORD("", ""), "1500ms say 0.4 stop", "\"recording:1 2500  -\""},
    {"record-mumbled", RECORD("", ""),
     "1200ms mumble stop; 1300ms verdict too-long; 1500ms say stop",
     "\"recording:1 500  voice stop S\""},
    /* A recognizer that fails is done without. */
    {"record-failed", RECORD("", ""), "1200ms verdict limit; 1500ms say stop",
     "\"recording:1 2500  -\""},
    {"record-faulty-tag", RECORD("", ""), "1500ms say no", "\"error.semantic\""},
    {"record-before", RECORD("", ""), "500ms say stop", "\"recording:1 2500  -\""},
    {"record-no-voice", RECORD("", PROPERTY("inputmodes", "dtmf")), "1500ms say stop",
     "\"recording:1 2500  -\""},
    {"record-hangup", RECORD("", ""), "1500ms hangup", NULL},
    {"record-modal", RECORD("", ""), "1500ms say leave", "\"recording:1 2500  -\""},
    {"record-not-modal", RECORD(" modal='false'", ""), "1500ms say leave",
     "\"away  voice leave leave\""},
    {"record-keys", RECORD(" dtmfterm='false'", ""), "1200ms 3; 1300ms 1; 1500ms 2",
     "\"recording:1 500  dtmf 1 2 12\""},
    {"record-keys-term", RECORD("", ""), "1300ms 1; 1500ms 2", "\"recording:1 500 2 dtmf 1 2 12\""},
    {"record-keys-other", RECORD("", ""), "1500ms 3", "\"recording:1 500 3 -\""},
    {"record-keys-off", RECORD("", PROPERTY("inputmodes", "voice")), "1300ms 1",
     "\"recording:1 300 1 -\""},
    {"transfer", TRANSFER(""), "4s say stop", "\"near_end_disconnect voice stop 3 voice stop S\"",
     FAR},
    {"transfer-early", TRANSFER(""), "500ms say stop",
     "\"near_end_disconnect voice stop 0 voice stop S\"", FAR},
    {"transfer-other-words", TRANSFER(""), "3s say go; 4s say stop",
     "\"near_end_disconnect voice stop 3 voice stop S\"", FAR},
    {"transfer-not-sure", TRANSFER(""), "4s say 0.4 stop", BYE, FAR},
    {"transfer-mumbled", TRANSFER(""), "2s mumble stop; 3s verdict too-long; 4s say stop",
     "\"near_end_disconnect voice stop 3 voice stop S\"", FAR},
    {"transfer-failed", TRANSFER(""), "2s verdict limit; 4s say stop", BYE, FAR},
    {"transfer-faulty-tag", TRANSFER(""), "4s say no", "\"error.semantic\"", FAR},
    {"transfer-wider-words", TRANSFER(""), "4s say leave", BYE, FAR},
    {"transfer-no-voice", TRANSFER(PROPERTY("inputmodes", "dtmf")), "4s say stop", BYE, FAR},
    {"transfer-hangup", TRANSFER(""), "4s hangup", NULL, FAR},
    {"nomatch-keys", N_BEST(COLOURS, BEST(5)), "1s *", "\"nomatch | * 1 dtmf : *,1,dtmf,\""},
};

static McpPool *compute;

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return MCP_FETCHER(g_object_ref(((SessionRun *)user_data)->fetcher));
}

/* The platform's own grammar engine. */
static void
use_engine(SessionRun *run)
{
    McpGrammarConfig config = {.cache = 1 << 20, .max_size = 1 << 20, .max_documents = 4};
    McpCompilerDeps deps = {
        .compute = compute, .clock = run->clock, .find_fetcher = find_fetcher, .user_data = run};

    g_object_unref(run->grammar);
    run->grammar = MCP_GRAMMAR_ENGINE(mcp_srgs_engine_new(&config, &deps));
}

static SessionRun *
run_page(const char *page, const char *script, const char *far)
{
    SessionRun *run = session_run_new();

    run->recognizer = fake_recognizer_new();
    use_engine(run);
    fake_fetcher_add_page(run->fetcher, "page.vxml", page);
    session_run_script(run, script);
    if (far != NULL)
        session_run_far(run, far);
    g_assert_true(session_run(run, "page.vxml"));
    return run;
}

static void
test_row(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(SessionRun) run = run_page(row->page, row->script, row->far);

    g_assert_cmpstr(run->result, ==, row->result);
}

static void
test_hangup(void)
{
    const McpHypothesis red = {.words = "red", .confidence = 1, .grammar = -1};
    g_autoptr(SessionRun) run = run_page(PAGE(PROMPT, ""), "1500ms hangup", NULL);

    g_assert_true(run->ended);
    g_assert_false(fake_recognizer_say(run->recognizer, MCP_RECOGNITION_MATCH, &red, 1));
}

/* All that a page can say about recognition gets there; without it the engine's own counts. */
static void
test_properties(void)
{
    static const char SET[] =
        PAGE(PROMPT, PROPERTY("confidencelevel", "0.7") PROPERTY("sensitivity", "0.3")
                         PROPERTY("speedvsaccuracy", "0.9") PROPERTY("completetimeout", "400ms")
                             PROPERTY("incompletetimeout", "1500ms")
                                 PROPERTY("maxspeechtimeout", "8s") PROPERTY("maxnbest", "4"));
    g_autoptr(SessionRun) set = run_page(SET, "1500ms say red", NULL);
    g_autoptr(SessionRun) unset = run_page(PAGE(PROMPT, ""), "1500ms say red", NULL);
    const FakeRequest *asked = fake_recognizer_get_asked(set->recognizer);
    const FakeRequest *plain = fake_recognizer_get_asked(unset->recognizer);

    g_assert_cmpuint(asked->n_grammars, ==, 1);
    g_assert_cmpfloat(asked->confidence, ==, 0.7);
    g_assert_cmpfloat(asked->sensitivity, ==, 0.3);
    g_assert_cmpfloat(asked->accuracy, ==, 0.9);
    g_assert_cmpint(asked->complete_timeout, ==, 400000);
    g_assert_cmpint(asked->incomplete_timeout, ==, 1500000);
    g_assert_cmpint(asked->max_speech, ==, 8 * G_USEC_PER_SEC);
    g_assert_cmpuint(asked->n_best, ==, 4);
    g_assert_false(asked->hotword);
    g_assert_cmpfloat(plain->confidence, ==, 0.5);
    g_assert_cmpint(plain->complete_timeout + plain->incomplete_timeout + plain->max_speech, ==, 0);
    g_assert_cmpuint(plain->n_best, ==, 1);
}

/* Which engines are asked, and what vendors' properties say to them; the closest counts. */
static void
test_engines(void)
{
    static const char NAMED[] =
        PAGE(PROMPT,
             PROPERTY("com.genesyslab.asrengine", "b a") PROPERTY("com.genesyslab.ttsengine", "c")
                 PROPERTY("mcp.ttsengine", "d") PROPERTY("com.example.speed", "2"));
    static const char CLOSER[] =
        HEAD PROPERTY("com.example.speed", "1") PROPERTY("mcp.asrengine", "x")
            PROPERTY("com.genesyslab.private", "false") "<form>" PROPERTY(
                "com.example.speed", "2") "<field name='f'>" PROPERTY("mcp.asrengine", "y")
                PROPERTY("com.example.speed", "3") PROMPT COLOUR ENDS "</field></form></vxml>";
    g_autoptr(SessionRun) named = run_page(NAMED, "1500ms say red", NULL);
    const FakeRequest *asked = fake_recognizer_get_asked(named->recognizer);

    g_assert_cmpstr(asked->engines, ==, "b a");
    g_assert_cmpstr(asked->speed, ==, "2");
    g_assert_cmpstr(fake_synthesizer_asked, ==, "d 2");
    {
        g_autoptr(SessionRun) closer = run_page(CLOSER, "1500ms say red", NULL);

        asked = fake_recognizer_get_asked(closer->recognizer);
        g_assert_cmpstr(asked->engines, ==, "y");
        g_assert_cmpstr(asked->speed, ==, "3");
        g_assert_cmpstr(fake_synthesizer_asked, ==, "- 3");
    }
    {
        g_autoptr(SessionRun) plain = run_page(PAGE(PROMPT, ""), "1500ms say red", NULL);

        asked = fake_recognizer_get_asked(plain->recognizer);
        g_assert_cmpstr(asked->engines, ==, "");
        g_assert_cmpstr(asked->speed, ==, "");
        g_assert_cmpstr(fake_synthesizer_asked, ==, "- -");
    }
}

/* The echo of a prompt is not for the recognizer; what the leg takes for speech is, and what comes
 * after the prompt. */
static void
test_hearing(void)
{
    static const struct {
        const char *page;
        const char *script;
        const char *heard;
    } cases[] = {
        {PAGE(PROMPT, ""), "500ms listen; 1500ms listen; 1600ms say red", "-+"},
        {PAGE(PROMPT PROMPT, ""), "500ms listen; 1500ms listen; 2500ms listen; 2600ms say red",
         "--+"},
        {PAGE(PROMPT, ""), "400ms listen; 500ms noise; 600ms listen; 700ms say red", "-+"},
        {PAGE("", ""), "500ms listen; 700ms say red", "+"},
        {PAGE("<prompt bargein='false'>one</prompt>", ""), "1500ms listen; 1600ms say red", "+"},
        {PAGE(PROMPT, PROPERTY("bargeintype", "hotword")), "500ms listen; 700ms say red", "+"}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run = run_page(cases[i].page, cases[i].script, NULL);

        g_assert_cmpstr(run->result, ==, "\"red voice 0.9\"");
        g_assert_cmpstr(fake_recognizer_get_heard(run->recognizer), ==, cases[i].heard);
    }
}

#define WEIGHED(weight)                                                                         \
    HEAD "<form><field name='f'>" PROMPT                                                        \
         "<grammar mode='voice' root='r' version='1.0' weight='" weight                         \
         "' xmlns='http://www.w3.org/2001/06/grammar'><rule id='r'>red</rule></grammar>" COLOUR \
             ENDS "</field></form></vxml>"

static void
test_weights(void)
{
    static const struct {
        const char *page;
        const char *result;
        double weight;
    } cases[] = {
        {WEIGHED("2.5"), "\"red voice 0.9\"", 2.5}, {WEIGHED(".5"), "\"red voice 0.9\"", 0.5},
        {WEIGHED("3."), "\"red voice 0.9\"", 3},    {WEIGHED("0"), "\"red voice 0.9\"", 1e-6},
        {PAGE(PROMPT, ""), "\"red voice 0.9\"", 1}, {WEIGHED("1e3"), "\"error.badfetch\"", -1},
        {WEIGHED("-1"), "\"error.badfetch\"", -1},  {WEIGHED("."), "\"error.badfetch\"", -1},
        {WEIGHED(""), "\"error.badfetch\"", -1}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run = run_page(cases[i].page, "1500ms say red", NULL);
        const FakeRequest *asked = fake_recognizer_get_asked(run->recognizer);

        g_assert_cmpstr(run->result, ==, cases[i].result);
        g_assert_cmpfloat(asked != NULL ? asked->weight : -1, ==, cases[i].weight);
    }
}

/* What is listened to beside something else is a hotword, and each time by a new recognition. */
static void
test_hotwords(void)
{
    static const char PAGE_TOLD[] = TRANSFER(PROPERTY("maxnbest", "3"));
    g_autoptr(SessionRun) transfer = run_page(PAGE_TOLD, "3s say go; 4s say stop", FAR);
    g_autoptr(SessionRun) record = run_page(RECORD("", ""), "1500ms say stop", NULL);
    const FakeRequest *asked = fake_recognizer_get_asked(transfer->recognizer);

    g_assert_true(asked->hotword);
    g_assert_cmpuint(asked->n_best, ==, 3);
    g_assert_cmpuint(fake_recognizer_get_begun(transfer->recognizer), ==, 2);
    g_assert_true(fake_recognizer_get_asked(record->recognizer)->hotword);
    g_assert_cmpuint(fake_recognizer_get_begun(record->recognizer), ==, 1);
    g_assert_true(session_run_told(transfer, "\"near_end_disconnect\""));
}

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *path = g_strconcat("/vxml/recognition/", ROWS[i].name, NULL);

        g_test_add_data_func(path, &ROWS[i], test_row);
    }
    g_test_add_func("/vxml/recognition/hangup", test_hangup);
    g_test_add_func("/vxml/recognition/properties", test_properties);
    g_test_add_func("/vxml/recognition/engines", test_engines);
    g_test_add_func("/vxml/recognition/hearing", test_hearing);
    g_test_add_func("/vxml/recognition/weights", test_weights);
    g_test_add_func("/vxml/recognition/hotwords", test_hotwords);
    compute = mcp_pool_new("compute", 1, 100);
    result = g_test_run();
    g_object_unref(compute);
    return result;
}
