/* SPDX-License-Identifier: Apache-2.0 */
/* The loop that moves a virtual clock from timer to timer until a session has ended. */
#include "session_run.h"

#include <string.h>

#define BASE "http://localhost/vxml/"
#define KEY_DELAY (300 * 1000)

/* Something that the caller does at a time. */
typedef struct {
    SessionRun *run;
    McpTimer *timer;
    char *what; /* keys, "hangup", "silent", "say WORDS", "mumble WORDS", "info TYPE [BODY]" */
} Deed;

static void
deed_free(gpointer data)
{
    Deed *deed = data;

    mcp_timer_clear(&deed->timer);
    g_free(deed->what);
    g_free(deed);
}

/* @what: a type (%3b for the sign between its parameters), and behind a blank the body. */
static void
send_info(SessionRun *run, const char *what)
{
    g_auto(GStrv) parts = g_strsplit(what, " ", 2);
    const char *text = parts[1] != NULL ? parts[1] : "hello";
    g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));

    g_autofree char *type = g_uri_unescape_string(parts[0], NULL);

    mcp_dialog_message(MCP_DIALOG(run->session), type, body);
}

#define HYPOTHESES_MAX 8

/* "0.4 one two", and behind "=>" what an engine that runs the tags of grammar 0 makes of it. */
static McpHypothesis
read_hypothesis(char *text)
{
    McpHypothesis hypothesis = {.words = text, .confidence = 0.9, .grammar = -1};
    char *rest = NULL;
    double confidence = g_ascii_strtod(text, &rest);
    char *meaning = strstr(text, " => ");

    if (rest != text && *rest == ' ') {
        hypothesis.confidence = confidence;
        hypothesis.words = rest + 1;
    }
    if (meaning != NULL) {
        *meaning = '\0';
        hypothesis.grammar = 0;
        hypothesis.interpretation = meaning + strlen(" => ");
    }
    return hypothesis;
}

/* Hypotheses with "|" between them. */
static void
say(SessionRun *run, McpRecognitionEventType type, const char *words)
{
    g_auto(GStrv) list = g_strsplit(words, " | ", HYPOTHESES_MAX);
    McpHypothesis hypotheses[HYPOTHESES_MAX];
    guint n = g_strv_length(list);

    if (run->recognizer == NULL)
        return;
    for (guint i = 0; i < n; i++)
        hypotheses[i] = read_hypothesis(list[i]);
    fake_leg_speak(run->leg, TRUE);
    fake_recognizer_say(run->recognizer, type, hypotheses, n);
}

static void
end_recognition(SessionRun *run, const char *what)
{
    static const struct {
        const char *name;
        McpRecognitionEventType type;
        McpError code;
    } ENDS[] = {{"no-match", MCP_RECOGNITION_NO_MATCH, MCP_ERROR_FAILED},
                {"too-long", MCP_RECOGNITION_TOO_LONG, MCP_ERROR_FAILED},
                {"invalid", MCP_RECOGNITION_FAILED, MCP_ERROR_INVALID},
                {"unsupported", MCP_RECOGNITION_FAILED, MCP_ERROR_UNSUPPORTED},
                {"limit", MCP_RECOGNITION_FAILED, MCP_ERROR_LIMIT}};

    for (gsize i = 0; i < G_N_ELEMENTS(ENDS); i++)
        if (strcmp(ENDS[i].name, what) == 0)
            fake_recognizer_end(run->recognizer, ENDS[i].type, ENDS[i].code);
}

static void
do_deed(gpointer user_data)
{
    Deed *deed = user_data;

    mcp_timer_clear(&deed->timer);
    if (deed->run->ended || deed->run->session == NULL)
        return;
    if (strcmp(deed->what, "hangup") == 0)
        mcp_dialog_terminate(MCP_DIALOG(deed->run->session), "BYE");
    else if (g_str_has_prefix(deed->what, "info "))
        send_info(deed->run, deed->what + strlen("info "));
    else if (g_str_has_prefix(deed->what, "say "))
        say(deed->run, MCP_RECOGNITION_MATCH, deed->what + strlen("say "));
    else if (g_str_has_prefix(deed->what, "mumble "))
        say(deed->run, MCP_RECOGNITION_NO_MATCH, deed->what + strlen("mumble "));
    else if (g_str_has_prefix(deed->what, "verdict "))
        end_recognition(deed->run, deed->what + strlen("verdict "));
    else if (strcmp(deed->what, "listen") == 0)
        fake_recognizer_listen(deed->run->recognizer);
    else if (strcmp(deed->what, "noise") == 0 || strcmp(deed->what, "quiet") == 0)
        fake_leg_speak(deed->run->leg, *deed->what == 'n');
    else if (strcmp(deed->what, "silent") == 0)
        fake_leg_set_speech(deed->run->leg, 0);
    else
        for (const char *key = deed->what; *key != '\0' && !deed->run->ended; key++)
            fake_leg_press(deed->run->leg, *key);
}

static void
plan(SessionRun *run, gint64 delay, const char *what)
{
    Deed *deed = g_new0(Deed, 1);

    deed->run = run;
    deed->what = g_strdup(what);
    deed->timer = mcp_clock_after(run->clock, NULL, delay, do_deed, deed);
    g_ptr_array_add(run->timers, deed);
}

void
session_run_script(SessionRun *run, const char *script)
{
    g_auto(GStrv) list = g_strsplit(script, ";", -1);

    for (guint i = 0; list[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit(g_strstrip(list[i]), " ", 2);
        gint64 delay;

        if (words[0] != NULL && words[1] != NULL && mcp_vxml_time(words[0], &delay))
            plan(run, delay, g_strstrip(words[1]));
    }
}

/* "Say 'new york'.", and "Say London." without quotes. */
static gboolean
obey_words(SessionRun *run, const char *text)
{
    const char *say = strstr(text, "Say ");
    g_autofree char *words = NULL;
    g_autofree char *what = NULL;

    if (say == NULL || strstr(text, "Say nothing") != NULL)
        return FALSE;
    say += strlen("Say ");
    words = *say == '\'' ? g_strndup(say + 1, strcspn(say + 1, "'"))
                         : g_ascii_strdown(say, (gssize)strcspn(say, "."));
    what = g_strconcat("say ", words, NULL);
    plan(run, KEY_DELAY, what);
    return TRUE;
}

static void
on_wait(FakeLeg *leg, gpointer user_data)
{
    SessionRun *run = user_data;
    GPtrArray *heard = fake_leg_get_heard(leg);

    for (guint i = heard->len; i > fake_leg_get_last(leg); i--) {
        const char *text = heard->pdata[i - 1];
        const char *press = strstr(text, "Press '");

        if (strstr(text, "Hang up now") != NULL) {
            plan(run, KEY_DELAY, "hangup");
            return;
        }
        if (run->recognizer != NULL && obey_words(run, text))
            return;
        if (press != NULL) {
            const char *keys = press + strlen("Press '");
            g_autofree char *copy = g_strndup(keys, strcspn(keys, "'"));

            for (guint k = 0; copy[k] != '\0'; k++) {
                char key[2] = {copy[k], '\0'};

                plan(run, KEY_DELAY * (k + 1), key);
            }
            return;
        }
    }
}

void
session_run_far(SessionRun *run, const char *script)
{
    fake_dialler_set_script(run->dialler, script);
}

void
session_run_obey(SessionRun *run)
{
    fake_leg_on_wait(run->leg, on_wait, run);
}

static char *
describe(McpDialog *dialog)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_dialog_describe(dialog, json);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

static void
on_end(McpDialog *dialog, const McpDialogEnd *end, gpointer user_data)
{
    SessionRun *run = user_data;

    run->ended = TRUE;
    run->failed = end->failed;
    run->reason = g_strdup(end->reason);
    run->result = g_strdup(end->result);
    run->state = describe(dialog);
    if (end->body != NULL) {
        gsize length;
        const char *data = g_bytes_get_data(end->body, &length);

        run->body = g_strndup(data, length);
    }
}

static void
on_prepared(GObject *source, GAsyncResult *result, gpointer user_data)
{
    SessionRun *run = user_data;
    McpDialogMedia media;
    g_autoptr(McpReject) reject = NULL;

    if (mcp_dialog_prepare_finish(MCP_DIALOG(source), result, &media, &reject)) {
        mcp_dialog_start(MCP_DIALOG(source), MCP_LEG(run->leg), on_end, run);
        /* The first thing of such a page is a script for the pool. */
        if (run->hangup_in_pool)
            mcp_dialog_terminate(MCP_DIALOG(source), "BYE");
        return;
    }
    run->refused = TRUE;
    run->ended = TRUE;
    run->reason = g_strdup_printf("%u %s", reject->status, reject->warning_text);
}

/* The one object that there is. */
static GObject *
find_object(const char *classid, gpointer data)
{
    return strcmp(classid, "test://echo") == 0 ? G_OBJECT(fake_object_new()) : NULL;
}

static gboolean
take_info(gpointer data, const char *content_type, GBytes *body)
{
    SessionRun *run = data;
    gsize length;
    const char *text = g_bytes_get_data(body, &length);

    g_ptr_array_add(run->sent, g_strdup_printf("%s %.*s", content_type, (int)length, text));
    return TRUE;
}

static gboolean
is_running(const SessionRun *run, const char *service)
{
    return run->without == NULL || strstr(run->without, service) == NULL;
}

static McpVxmlSession *
make_session(SessionRun *run, const char *page)
{
    g_autofree char *url = g_strconcat(BASE, page, NULL);
    g_autoptr(McpSynthesizer) synthesizer = MCP_SYNTHESIZER(fake_synthesizer_new());
    g_autoptr(McpMedia) media = MCP_MEDIA(fake_media_new());
    g_autoptr(McpStore) store = MCP_STORE(fake_store_new());
    g_autoptr(McpVxmlCache) cache = mcp_vxml_cache_new(1 << 20);
    McpVxmlServices services = {.clock = run->clock,
                                .fetcher = MCP_FETCHER(run->fetcher),
                                .grammar = is_running(run, "grammar") ? run->grammar : NULL,
                                .synthesizer = is_running(run, "synth") ? synthesizer : NULL,
                                .media = media,
                                .store = is_running(run, "store") ? store : NULL,
                                .compute = run->compute,
                                .events = run->events,
                                .cache = cache,
                                .send_info = take_info,
                                .send_info_data = run,
                                .config = run->config,
                                .recognizer = (McpRecognizer *)run->recognizer,
                                .find_object = find_object,
                                .dialler = &fake_dialler,
                                .dialler_data = run->dialler};
    McpVxmlStart start = {
        .url = url,
        .extra = run->extra,
        .method = "GET",
        .max_age = -1,
        .max_stale = -1,
        .session = "{\"local\":{\"uri\":\"sip:test@localhost\"},"
                   "\"remote\":{\"uri\":\"sip:caller@localhost\"},"
                   "\"protocol\":{\"name\":\"sip\",\"version\":\"2.0\",\"sip\":{\"headers\":"
                   "{\"call-id\":\"abc\"},\"requesturi\":{\"voicexml\":\"x\"},"
                   "\"fulluri\":\"sip:dialog@localhost;voicexml=x\"}}}"};

    return mcp_vxml_session_new(&services, NULL, &start);
}

/* A session in the compute pool comes back by itself, at a time of its own. */
static gboolean
is_computing(SessionRun *run)
{
    g_autofree char *text = describe(MCP_DIALOG(run->session));

    return strstr(text, "\"computing\"") != NULL;
}

static void
settle(SessionRun *run)
{
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    while (run->compute != NULL && !run->ended && is_computing(run))
        g_main_context_iteration(NULL, TRUE);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

gboolean
session_run(SessionRun *run, const char *page)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    gint64 begin = mcp_clock_now(run->clock);
    gint64 end = begin + run->limit;

    run->session = make_session(run, page);
    mcp_dialog_prepare_async(MCP_DIALOG(run->session), cancellable, on_prepared, run);
    while (!run->ended) {
        gint64 next;

        settle(run);
        next = mcp_clock_next(run->clock);
        if (run->ended)
            break;
        if (next < 0 || mcp_clock_now(run->clock) > end)
            break;
        mcp_clock_advance(run->clock, next);
    }
    /* A caller who gives up during the preparation, as the core tells it. */
    g_cancellable_cancel(cancellable);
    while (!run->ended && g_main_context_iteration(NULL, FALSE))
        continue;
    g_clear_object(&run->session);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    run->lasted = mcp_clock_now(run->clock) - begin;
    if (!run->ended)
        run->reason = g_strdup("hung: nothing happens any more");
    return run->ended && !run->refused;
}

gboolean
session_run_heard(SessionRun *run, const char *words)
{
    GPtrArray *heard = fake_leg_get_heard(run->leg);

    for (guint i = 0; i < heard->len; i++)
        if (strstr(heard->pdata[i], words) != NULL)
            return TRUE;
    return FALSE;
}

gboolean
session_run_told(SessionRun *run, const char *text)
{
    for (guint i = 0; i < run->told->len; i++)
        if (strstr(run->told->pdata[i], text) != NULL)
            return TRUE;
    return FALSE;
}

static void
on_event(McpEvent *event, guint dropped, gpointer user_data)
{
    SessionRun *run = user_data;

    g_ptr_array_add(run->told, mcp_event_to_json(event));
}

static void
on_leave(gpointer user_data)
{
    plan(user_data, 0, "hangup");
}

SessionRun *
session_run_new(void)
{
    SessionRun *run = g_new0(SessionRun, 1);

    run->clock = mcp_clock_new_virtual();
    run->fetcher = fake_fetcher_new(BASE);
    run->leg = fake_leg_new(run->clock);
    run->dialler = fake_dialler_new(run->clock);
    fake_dialler_on_leave(run->dialler, on_leave, run);
    run->config = mcp_vxml_config_new(NULL);
    run->config->gateway = g_strdup("gateway.example");
    run->grammar = MCP_GRAMMAR_ENGINE(fake_grammar_engine_new(MCP_FETCHER(run->fetcher)));
    run->events = g_object_new(MCP_TYPE_EVENTS, NULL);
    run->sent = g_ptr_array_new_with_free_func(g_free);
    run->told = g_ptr_array_new_with_free_func(g_free);
    run->subscription =
        mcp_events_subscribe(run->events, (1u << MCP_EVENT_LAST) - 1, 1000, on_event, run);
    run->limit = 600 * (gint64)G_USEC_PER_SEC;
    run->timers = g_ptr_array_new_with_free_func(deed_free);
    return run;
}

void
session_run_free(SessionRun *run)
{
    g_ptr_array_unref(run->timers);
    g_clear_object(&run->session);
    mcp_events_unsubscribe(run->events, run->subscription);
    g_object_unref(run->events);
    g_ptr_array_unref(run->told);
    g_ptr_array_unref(run->sent);
    g_object_unref(run->leg);
    g_object_unref(run->grammar);
    g_clear_object(&run->recognizer);
    g_clear_object(&run->compute);
    g_object_unref(run->fetcher);
    fake_dialler_free(run->dialler);
    mcp_vxml_config_unref(run->config);
    g_object_unref(run->clock);
    g_free(run->reason);
    g_free(run->result);
    g_free(run->body);
    g_free(run->state);
    g_free(run);
}
