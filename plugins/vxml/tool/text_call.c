/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop that moves virtual time from timer to timer, but not while the real world owes an
 * answer, and turns what is typed into deeds of the caller. Main context.
 */
#include "text_call.h"

#include <string.h>

#include "engine.h"
#include "request.h"
#include "text_dialler.h"
#include "text_leg.h"
#include "text_media.h"
#include "watched_fetcher.h"

#define KEY_DELAY (300 * 1000)
/* A "," among the keys, as in dial strings. */
#define PAUSE (1000 * 1000)
#define MESSAGE "#message "
#define TRANSFER "#transfer "
/* Of telephone numbers, which are called at nobody's here. */
#define GATEWAY "localhost"
/* What a recognizer that has no doubts would say. */
#define CONFIDENCE 0.9
/* µs of real time in which nothing at all happens, after which a call counts as hung. */
#define PATIENCE (5 * (gint64)G_USEC_PER_SEC)

struct _McpVxmlTextCall {
    McpVxmlLoader *loader;
    McpVxmlTextCallHooks hooks;
    McpClock *clock;
    McpVxmlWatchedFetcher *fetcher;
    McpGrammarEngine *grammar;
    McpVxmlTextLeg *leg;
    McpVxmlTextDialler *dialler;
    McpVxmlConfig *config;
    McpEvents *events;
    guint subscription;
    McpVxmlSession *session;
    GPtrArray *deeds;
    char *kept; /* nullable: a line that was for no transfer */
    gint64 start;
    gint64 limit;
    gboolean waits; /* for the caller */
    gboolean recording;
    gboolean ended;
    McpVxmlTextCallEnd end;
};

/* Something that the caller does at a time. */
typedef struct {
    McpVxmlTextCall *call;
    McpTimer *timer;
    char key;    /* 0: none */
    char *words; /* nullable: said, or sent; without a key either, the caller hangs up */
    char *type;  /* nullable: that of a message */
} Deed;

static void
tell(McpVxmlTextCall *call, const char *kind, const char *text)
{
    call->hooks.tell(mcp_clock_now(call->clock) - call->start, kind, text, call->hooks.user_data);
}

/* ---- the caller ---- */

static void
deed_free(gpointer data)
{
    Deed *deed = data;

    mcp_timer_clear(&deed->timer);
    g_free(deed->words);
    g_free(deed->type);
    g_free(deed);
}

static void
give_message(Deed *deed)
{
    g_autoptr(GBytes) body = g_bytes_new(deed->words, strlen(deed->words));

    mcp_dialog_message(MCP_DIALOG(deed->call->session), deed->type, body);
}

static void
do_deed(gpointer user_data)
{
    Deed *deed = user_data;

    mcp_timer_clear(&deed->timer);
    if (deed->call->ended || deed->call->session == NULL)
        return;
    if (deed->key != '\0')
        mcp_vxml_text_leg_press(deed->call->leg, deed->key);
    else if (deed->type != NULL)
        give_message(deed);
    else if (deed->words != NULL)
        mcp_vxml_session_hear(deed->call->session, deed->words, CONFIDENCE);
    else
        mcp_dialog_terminate(MCP_DIALOG(deed->call->session), "BYE");
}

static Deed *
plan(McpVxmlTextCall *call, gint64 delay, char key, const char *words)
{
    Deed *deed = g_new0(Deed, 1);

    deed->call = call;
    deed->key = key;
    deed->words = g_strdup(words);
    deed->timer = mcp_clock_after(call->clock, NULL, delay, do_deed, deed);
    g_ptr_array_add(call->deeds, deed);
    return deed;
}

static gboolean
are_keys(const char *line)
{
    return *line != '\0' && strspn(line, "0123456789*#ABCD ,") == strlen(line);
}

static void
plan_keys(McpVxmlTextCall *call, const char *line)
{
    gint64 delay = KEY_DELAY;

    for (const char *key = line; *key != '\0'; key++) {
        if (*key == ',')
            delay += PAUSE;
        if (*key == ' ' || *key == ',')
            continue;
        plan(call, delay, *key, NULL);
        delay += KEY_DELAY;
    }
}

/* "TYPE WORDS": an INFO of the far side. */
static void
plan_message(McpVxmlTextCall *call, const char *line)
{
    gsize length = strcspn(line, " ");
    Deed *deed = plan(call, KEY_DELAY, '\0', line[length] != '\0' ? line + length + 1 : "");

    deed->type = g_strndup(line, length);
}

static void
obey(McpVxmlTextCall *call, const char *line)
{
    if (are_keys(line)) {
        plan_keys(call, line);
        return;
    }
    if (g_str_has_prefix(line, MESSAGE)) {
        plan_message(call, line + strlen(MESSAGE));
        return;
    }
    if (strcmp(line, "#hangup") == 0) {
        plan(call, KEY_DELAY, '\0', NULL);
        return;
    }
    if (g_str_has_prefix(line, TRANSFER)) {
        tell(call, "hint", "nobody is being transferred");
        return;
    }
    if (*line == '\0' || strcmp(line, "#noinput") == 0)
        return;
    if (call->recording)
        mcp_vxml_text_leg_speak(call->leg, line);
    else
        plan(call, mcp_vxml_text_duration(line, strlen(line)), '\0', line);
}

/* (transfer full) (nullable) */
static char *
next_line(McpVxmlTextCall *call, McpVxmlTextQuestion question)
{
    char *line = g_steal_pointer(&call->kept);

    if (line == NULL)
        line = call->hooks.ask(question, call->hooks.user_data);
    return line != NULL ? g_strstrip(line) : NULL;
}

static void
ask(McpVxmlTextCall *call)
{
    g_autofree char *line =
        next_line(call, call->recording ? MCP_VXML_TEXT_RECORDING : MCP_VXML_TEXT_INPUT);

    call->waits = FALSE;
    if (line == NULL) {
        tell(call, "caller", "#hangup (nothing more was typed)");
        plan(call, KEY_DELAY, '\0', NULL);
        return;
    }
    tell(call, "caller", *line != '\0' ? line : "#noinput");
    obey(call, line);
}

static void
on_waits(gboolean recording, gpointer user_data)
{
    McpVxmlTextCall *call = user_data;

    call->waits = TRUE;
    call->recording = recording;
}

static void
on_said(const char *words, gpointer user_data)
{
    tell(user_data, "says", words);
}

static void
on_paused(gint64 duration, gpointer user_data)
{
    g_autofree char *text = g_strdup_printf("%g s", (double)duration / G_USEC_PER_SEC);

    tell(user_data, "pause", text);
}

static void
on_marked(const char *name, gpointer user_data)
{
    tell(user_data, "mark", name);
}

static void
on_played(McpAudio *audio, gpointer user_data)
{
    McpVxmlTextCall *call = user_data;
    const char *id = mcp_audio_get_id(audio);
    const char *url = mcp_vxml_watched_fetcher_find_url(call->fetcher, id);

    tell(call, "plays", url != NULL ? url : "a recording");
}

/* ---- transfers ---- */

static char *
on_choose(gpointer user_data)
{
    McpVxmlTextCall *call = user_data;
    g_autofree char *line = next_line(call, MCP_VXML_TEXT_TRANSFER);

    if (line == NULL || !g_str_has_prefix(line, TRANSFER)) {
        call->kept = g_steal_pointer(&line);
        return NULL;
    }
    tell(call, "far side", g_strstrip(line + strlen(TRANSFER)));
    return g_strdup(line + strlen(TRANSFER));
}

static void
on_far_side(const char *kind, const char *text, gpointer user_data)
{
    tell(user_data, kind, text);
}

static void
on_talks(gpointer user_data)
{
    on_waits(FALSE, user_data);
}

/* A caller who has been put through sends a BYE of its own. */
static void
on_left(gpointer user_data)
{
    plan(user_data, KEY_DELAY, '\0', NULL);
}

/* ---- what the page sends ---- */

/* An INFO of the page: taken, as by any far side. */
static gboolean
on_info(gpointer user_data, const char *content_type, GBytes *body)
{
    gsize length;
    const char *data = g_bytes_get_data(body, &length);
    g_autofree char *text = g_strdup_printf("%s: %.*s", content_type, (int)length, data);

    tell(user_data, "sends", text);
    return TRUE;
}

static void
on_fetched(const char *url, const char *outcome, gint64 duration, gpointer user_data)
{
    g_autofree char *text =
        g_strdup_printf("%s: %s, %.1f ms", url, outcome, (double)duration / 1000);

    tell(user_data, "fetch", text);
}

/* ---- what the session tells ---- */

/* Of a transfer both session and page tell, but the page has no word for a call that is gone. */
static gboolean
is_of_page_too(const char *what, const char *value)
{
    return strcmp(what, "transfer") == 0 ||
           (strcmp(what, "transferred") == 0 && g_strcmp0(value, "away") != 0);
}

static void
on_event(McpEvent *event, guint dropped, gpointer user_data)
{
    static const char *const keys[] = {"url",    "name",   "event", "text",
                                       "digits", "reason", "result"};
    const char *what = mcp_event_get_what(event);
    const char *where = mcp_event_get_string(event, "where");
    const char *value = NULL;
    g_autofree char *text = NULL;

    /* Prompts are told when they are heard, the end at the end. */
    if (mcp_event_get_event_type(event) == MCP_EVENT_PROMPT || strcmp(what, "ended") == 0)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(keys) && value == NULL; i++)
        value = mcp_event_get_string(event, keys[i]);
    if (where == NULL && is_of_page_too(what, value))
        return;
    text = g_strdup_printf("%s%s%s%s", value != NULL ? value : "", where != NULL ? " (" : "",
                           where != NULL ? where : "", where != NULL ? ")" : "");
    tell(user_data, what, text);
}

static void
on_end(McpDialog *dialog, const McpDialogEnd *end, gpointer user_data)
{
    McpVxmlTextCall *call = user_data;

    call->ended = TRUE;
    call->end.failed = end->failed;
    call->end.reason = g_strdup(end->reason);
    call->end.result = g_strdup(end->result);
}

static void
on_prepared(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpVxmlTextCall *call = user_data;
    McpDialogMedia media;
    g_autoptr(McpReject) reject = NULL;

    if (mcp_dialog_prepare_finish(MCP_DIALOG(source), result, &media, &reject)) {
        mcp_dialog_start(MCP_DIALOG(source), MCP_LEG(call->leg), on_end, call);
        return;
    }
    call->ended = TRUE;
    call->end.failed = TRUE;
    call->end.reason = g_strdup_printf("the call would be refused: %s", reject->warning_text);
}

static McpVxmlSession *
make_session(McpVxmlTextCall *call, const char *url)
{
    g_autoptr(McpSynthesizer) synthesizer = mcp_vxml_text_synthesizer_new();
    g_autoptr(McpMedia) media = mcp_vxml_text_media_new();
    g_autoptr(McpStore) store = mcp_vxml_text_store_new();
    g_autoptr(McpVxmlCache) cache = mcp_vxml_cache_new(16 << 20);
    McpVxmlParties parties = {.local_uri = "sip:dialog@localhost",
                              .remote_uri = "sip:caller@localhost"};
    g_autofree char *variables = mcp_vxml_session_variables(&parties);
    McpVxmlServices services = {.clock = call->clock,
                                .fetcher = MCP_FETCHER(call->fetcher),
                                .grammar = call->grammar,
                                .synthesizer = synthesizer,
                                .media = media,
                                .dialler = &mcp_vxml_text_dialler,
                                .dialler_data = call->dialler,
                                .store = store,
                                .events = call->events,
                                .cache = cache,
                                .config = call->config,
                                .send_info = on_info,
                                .send_info_data = call,
                                .speech = TRUE,
                                .probe = call->hooks.probe,
                                .probe_data = call->hooks.user_data};
    McpVxmlStart start = {
        .url = url, .method = "GET", .max_age = -1, .max_stale = -1, .session = variables};

    return mcp_vxml_session_new(&services, NULL, &start);
}

/* ---- time ---- */

static void
on_patience(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

/* Until nothing is left to do at this moment of virtual time. */
static void
settle(McpVxmlTextCall *call)
{
    do {
        while (g_main_context_iteration(NULL, FALSE))
            continue;
        if (mcp_vxml_watched_fetcher_get_pending(call->fetcher) > 0 && !call->ended)
            g_main_context_iteration(NULL, TRUE);
    } while (mcp_vxml_watched_fetcher_get_pending(call->fetcher) > 0 && !call->ended);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

/* No timer is left: the compute pool may still owe something. FALSE when it does not. */
static gboolean
wait_for_pool(McpVxmlTextCall *call)
{
    gboolean over = FALSE;
    g_autoptr(McpTimer) timer = mcp_clock_after(mcp_vxml_loader_get_clock(call->loader), NULL,
                                                PATIENCE, on_patience, &over);

    g_main_context_iteration(NULL, TRUE);
    return !over;
}

static gboolean
step(McpVxmlTextCall *call)
{
    gint64 next;

    settle(call);
    if (call->ended)
        return FALSE;
    if (call->waits) {
        ask(call);
        return TRUE;
    }
    next = mcp_clock_next(call->clock);
    if (next < 0)
        return wait_for_pool(call);
    mcp_clock_advance(call->clock, next);
    return mcp_clock_now(call->clock) - call->start <= call->limit;
}

const McpVxmlTextCallEnd *
mcp_vxml_text_call_run(McpVxmlTextCall *call, const char *url)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();

    call->session = make_session(call, url);
    mcp_dialog_prepare_async(MCP_DIALOG(call->session), cancellable, on_prepared, call);
    while (step(call))
        continue;
    g_cancellable_cancel(cancellable);
    settle(call);
    if (!call->ended) {
        call->end.failed = TRUE;
        call->end.reason = g_strdup("hung: nothing happens any more, or the limit is reached");
    }
    /* What is still on its way belongs to a session that is gone. */
    call->ended = TRUE;
    g_clear_object(&call->session);
    settle(call);
    return &call->end;
}

void
mcp_vxml_text_call_set_limit(McpVxmlTextCall *call, gint64 limit)
{
    call->limit = limit;
}

/* ---- life ---- */

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return g_object_ref(MCP_FETCHER(((McpVxmlTextCall *)user_data)->fetcher));
}

McpVxmlTextCall *
mcp_vxml_text_call_new(McpVxmlLoader *loader, const McpVxmlTextCallHooks *hooks)
{
    McpVxmlTextCall *call = g_new0(McpVxmlTextCall, 1);
    McpVxmlTextLegHooks leg_hooks = {on_said, on_paused, on_marked, on_played, on_waits, call};
    McpVxmlTextDiallerHooks far_side = {on_choose, on_far_side, on_talks, on_left, call};
    McpGrammarConfig config = {.cache = 16 << 20, .max_size = 16 << 20, .max_documents = 64};
    McpCompilerDeps deps = {.compute = mcp_vxml_loader_get_compute(loader),
                            .find_fetcher = find_fetcher,
                            .user_data = call};

    call->loader = loader;
    call->hooks = *hooks;
    call->clock = mcp_clock_new_virtual();
    call->start = mcp_clock_now(call->clock);
    call->limit = 3600 * (gint64)G_USEC_PER_SEC;
    call->fetcher = mcp_vxml_watched_fetcher_new(
        mcp_vxml_loader_get_fetcher(loader), mcp_vxml_loader_get_clock(loader), on_fetched, call);
    deps.clock = call->clock;
    call->grammar = MCP_GRAMMAR_ENGINE(mcp_srgs_engine_new(&config, &deps));
    call->leg = mcp_vxml_text_leg_new(call->clock, &leg_hooks);
    call->dialler = mcp_vxml_text_dialler_new(call->clock, &far_side);
    call->config = mcp_vxml_config_new(NULL);
    call->config->gateway = g_strdup(GATEWAY);
    call->events = g_object_new(MCP_TYPE_EVENTS, NULL);
    call->subscription =
        mcp_events_subscribe(call->events, (1u << MCP_EVENT_LAST) - 1, 10000, on_event, call);
    call->deeds = g_ptr_array_new_with_free_func(deed_free);
    return call;
}

void
mcp_vxml_text_call_free(McpVxmlTextCall *call)
{
    g_ptr_array_unref(call->deeds);
    g_clear_object(&call->session);
    mcp_events_unsubscribe(call->events, call->subscription);
    g_object_unref(call->events);
    g_object_unref(call->leg);
    mcp_vxml_text_dialler_free(call->dialler);
    g_object_unref(call->grammar);
    g_object_unref(call->fetcher);
    mcp_vxml_config_unref(call->config);
    g_object_unref(call->clock);
    g_free(call->kept);
    g_free(call->end.reason);
    g_free(call->end.result);
    g_free(call);
}
