/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trials of speech engines: finds the services, and counts what runs. Control context.
 */
#include "trials.h"

#include <mcp/error.h>
#include <string.h>

#include "hearing.h"
#include "saying.h"

#define RUNNING_MAX 8
/* The service that chooses among the others by the engines that a request names. */
#define CHOOSER "engines"

struct _McpSpeechTrials {
    gatomicrefcount refs; /* one more for each that runs */
    McpHost *host;
    GPtrArray *running; /* GCancellable */
};

/* One that runs; data of its task. */
typedef struct {
    McpSpeechTrials *trials;
    GCancellable *cancellable;
    char *engine; /* nullable: known without the synthesizer's word */
    gboolean wave;
} Run;

McpSpeechTrials *
mcp_speech_trials_new(McpHost *host)
{
    McpSpeechTrials *trials = g_new0(McpSpeechTrials, 1);

    g_atomic_ref_count_init(&trials->refs);
    trials->host = g_object_ref(host);
    trials->running = g_ptr_array_new_with_free_func(g_object_unref);
    return trials;
}

static void
trials_unref(McpSpeechTrials *trials)
{
    if (!g_atomic_ref_count_dec(&trials->refs))
        return;
    g_ptr_array_unref(trials->running);
    g_object_unref(trials->host);
    g_free(trials);
}

void
mcp_speech_trials_close(McpSpeechTrials *trials)
{
    g_autoptr(GPtrArray) running = g_ptr_array_new_with_free_func(g_object_unref);

    if (trials == NULL)
        return;
    /* One that ends leaves the list. */
    for (guint i = 0; i < trials->running->len; i++)
        g_ptr_array_add(running, g_object_ref(trials->running->pdata[i]));
    for (guint i = 0; i < running->len; i++)
        g_cancellable_cancel(running->pdata[i]);
    trials_unref(trials);
}

/* --- what is seen --- */

/* What it tells of itself. */
static void
describe_engine(McpHost *host, const char *contract, const char *name, McpJson *json)
{
    g_autoptr(GObject) engine = mcp_host_lookup(host, contract, name);

    mcp_json_begin_object(json, "details");
    if (engine != NULL && MCP_IS_SYNTHESIZER(engine) &&
        g_str_equal(contract, MCP_CONTRACT_SYNTHESIZER))
        mcp_synthesizer_describe(MCP_SYNTHESIZER(engine), json);
    else if (engine != NULL && MCP_IS_RECOGNIZER(engine))
        mcp_recognizer_describe(MCP_RECOGNIZER(engine), json);
    mcp_json_end_object(json);
}

static void
list_engines(McpHost *host, const char *contract, McpJson *json)
{
    g_auto(GStrv) names = mcp_host_list(host, contract);

    for (guint i = 0; names[i] != NULL; i++) {
        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "name", names[i]);
        mcp_json_string(json, "kind", contract);
        mcp_json_string(json, "state", "up");
        describe_engine(host, contract, names[i], json);
        mcp_json_end_object(json);
    }
}

/* Who chooses among engines knows how each has done; else there is no more than their names. */
void
mcp_speech_describe(McpHost *host, McpJson *json)
{
    g_autoptr(McpSynthesizer) synthesizer =
        mcp_host_lookup(host, MCP_CONTRACT_SYNTHESIZER, CHOOSER);
    g_autoptr(McpRecognizer) recognizer = mcp_host_lookup(host, MCP_CONTRACT_RECOGNIZER, CHOOSER);

    if (synthesizer != NULL) {
        mcp_synthesizer_describe(synthesizer, json);
    } else if (recognizer != NULL) {
        mcp_recognizer_describe(recognizer, json);
    } else {
        mcp_json_begin_array(json, "engines");
        list_engines(host, MCP_CONTRACT_SYNTHESIZER, json);
        list_engines(host, MCP_CONTRACT_RECOGNIZER, json);
        mcp_json_end_array(json);
    }
}

gboolean
mcp_speech_flush(McpHost *host, GError **error)
{
    g_auto(GStrv) names = mcp_host_list(host, MCP_CONTRACT_SYNTHESIZER);
    gboolean flushed = FALSE;

    for (guint i = 0; names[i] != NULL; i++) {
        g_autoptr(McpSynthesizer) synthesizer =
            mcp_host_lookup(host, MCP_CONTRACT_SYNTHESIZER, names[i]);

        if (synthesizer != NULL && mcp_synthesizer_flush(synthesizer, NULL))
            flushed = TRUE;
    }
    if (!flushed)
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                    "no synthesizer is running that keeps prompts");
    return flushed;
}

/* --- what is tried --- */

/* (transfer full): the service that may have @engine (nullable: any) do it; *@out_name is who that
 * is, as far as it is known. */
static gpointer
find(McpHost *host, const char *contract, const char *engine, char **out_name, GError **error)
{
    g_auto(GStrv) names = mcp_host_list(host, contract);
    gboolean chooses = g_strv_contains((const char *const *)names, CHOOSER);
    const char *name = engine != NULL ? engine : names[0];

    if (name == NULL || !g_strv_contains((const char *const *)names, name)) {
        g_set_error(error, MCP_ERROR, engine != NULL ? MCP_ERROR_NOT_FOUND : MCP_ERROR_CLOSED,
                    "no %s %s%s%sis running", contract, engine != NULL ? "\"" : "",
                    engine != NULL ? engine : "", engine != NULL ? "\" " : "");
        return NULL;
    }
    *out_name = strcmp(name, CHOOSER) != 0 ? g_strdup(name) : NULL;
    return mcp_host_lookup(host, contract, chooses ? CHOOSER : name);
}

static void
run_free(gpointer data)
{
    Run *run = data;

    g_ptr_array_remove(run->trials->running, run->cancellable);
    g_object_unref(run->cancellable);
    trials_unref(run->trials);
    g_free(run->engine);
    g_free(run);
}

/* NULL when there are too many; the task is finished then. */
static Run *
begin(McpSpeechTrials *self, GTask *task)
{
    Run *run = NULL;

    if (self->running->len >= RUNNING_MAX) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_LIMIT,
                                "%d trials of speech engines are running already", RUNNING_MAX);
        return NULL;
    }
    run = g_new0(Run, 1);
    g_atomic_ref_count_inc(&self->refs);
    run->trials = self;
    run->cancellable = g_cancellable_new();
    g_ptr_array_add(self->running, g_object_ref(run->cancellable));
    g_task_set_task_data(task, run, run_free);
    return run;
}

/* Takes both; @body is the answer, or there is an @error. */
static void
finish(GTask *task, GBytes *body, GError *error)
{
    if (body != NULL)
        g_task_return_pointer(task, body, (GDestroyNotify)g_bytes_unref);
    else
        g_task_return_error(task, error);
    g_object_unref(task);
}

static GBytes *
to_bytes(char *text)
{
    return text != NULL ? g_bytes_new_take(text, strlen(text)) : NULL;
}

static void
on_said(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    Run *run = g_task_get_task_data(task);
    GError *error = NULL;
    g_autoptr(McpSpeechSaid) said = mcp_speech_say_finish(result, &error);
    GBytes *body = NULL;

    if (said != NULL && said->engine == NULL)
        said->engine = g_steal_pointer(&run->engine);
    if (said != NULL)
        body = run->wave ? mcp_speech_said_wave(said, &error)
                         : to_bytes(mcp_speech_said_describe(said, &error));
    finish(task, body, error);
}

void
mcp_speech_trials_say_async(McpSpeechTrials *trials, GBytes *body, gboolean wave,
                            GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);
    GError *error = NULL;
    g_autoptr(McpSpeechSay) say = mcp_speech_say_parse(body, &error);
    g_autoptr(McpSynthesizer) synthesizer = NULL;
    Run *run = NULL;

    g_task_set_source_tag(task, mcp_speech_trials_say_async);
    run = say != NULL ? begin(trials, task) : NULL;
    if (run != NULL) {
        run->wave = wave;
        synthesizer =
            find(trials->host, MCP_CONTRACT_SYNTHESIZER, say->engine, &run->engine, &error);
    }
    if (synthesizer != NULL)
        mcp_speech_say_async(synthesizer, mcp_host_get_clock(trials->host), say, run->cancellable,
                             on_said, g_steal_pointer(&task));
    else if (error != NULL)
        g_task_return_error(task, error);
}

static void
on_heard(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GError *error = NULL;
    GBytes *body = to_bytes(mcp_speech_hear_finish(result, &error));

    finish(user_data, body, error);
}

/* (transfer full) (nullable). */
static McpRecognizer *
find_recognizer(McpHost *host, McpSpeechHear *hear, GError **error)
{
    g_autofree char *name = NULL;
    McpRecognizer *recognizer = find(host, MCP_CONTRACT_RECOGNIZER, hear->engine, &name, error);

    if (recognizer != NULL && hear->engine == NULL)
        hear->engine = g_steal_pointer(&name);
    return recognizer;
}

void
mcp_speech_trials_hear_async(McpSpeechTrials *trials, GBytes *body, GAsyncReadyCallback callback,
                             gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);
    GError *error = NULL;
    g_autoptr(McpSpeechHear) hear = mcp_speech_hear_parse(body, &error);
    g_autoptr(McpGrammarEngine) grammars =
        mcp_host_lookup(trials->host, MCP_CONTRACT_GRAMMAR, NULL);
    g_autoptr(McpRecognizer) recognizer = NULL;
    Run *run = NULL;

    g_task_set_source_tag(task, mcp_speech_trials_hear_async);
    run = hear != NULL ? begin(trials, task) : NULL;
    if (run != NULL)
        recognizer = find_recognizer(trials->host, hear, &error);
    if (recognizer != NULL && grammars == NULL)
        g_set_error(&error, MCP_ERROR, MCP_ERROR_CLOSED, "no grammar service is running");
    if (error != NULL)
        g_task_return_error(task, error);
    else if (recognizer != NULL)
        mcp_speech_hear_async(recognizer, grammars, mcp_host_get_clock(trials->host), hear,
                              run->cancellable, on_heard, g_steal_pointer(&task));
}

GBytes *
mcp_speech_trials_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}
