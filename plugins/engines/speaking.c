/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synthesis by whichever engine can: the cache first, then one engine after the other within the
 * request's deadline. Everything of a request runs on its caller's context.
 */
#include "speaking.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <string.h>

struct _McpEnginesSpeaking {
    GObject parent_instance;
    McpEngineTable *table;
    McpPromptCache *cache;
    McpEvents *events; /* nullable */
};

MCP_LEDGER_DEFINE(McpEnginesSpeaking);

static void synthesizer_iface_init(McpSynthesizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpEnginesSpeaking, mcp_engines_speaking, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SYNTHESIZER, synthesizer_iface_init))

/* One request, until it is answered; data of its task. */
typedef struct {
    McpEnginesSpeaking *self; /* the task's source: outlives it */
    McpSynthesisRequest request;
    GPtrArray *choices; /* McpEngineChoice */
    guint next;
    char *key;       /* of the engine in question */
    gint64 began;    /* of the request */
    gint64 asked;    /* of the engine in question */
    GString *faults; /* what the engines before it said */
    gboolean unsupported;
    gboolean kept; /* it was in the cache */
} Turn;

static void ask_next(GTask *task);

/* --- a request --- */

static void
turn_free(gpointer data)
{
    Turn *turn = data;

    g_free((char *)turn->request.text);
    g_free((char *)turn->request.language);
    g_free((char *)turn->request.voice);
    g_free((char *)turn->request.engines);
    g_clear_pointer(&turn->request.parameters, g_hash_table_unref);
    g_clear_object(&turn->request.call);
    g_clear_pointer(&turn->choices, g_ptr_array_unref);
    g_string_free(turn->faults, TRUE);
    g_free(turn->key);
    g_free(turn);
}

static Turn *
turn_new(McpEnginesSpeaking *self, const McpSynthesisRequest *request)
{
    Turn *turn = g_new0(Turn, 1);

    turn->self = self;
    turn->request = *request;
    turn->request.text = g_strdup(request->text);
    turn->request.language = g_strdup(request->language);
    turn->request.voice = g_strdup(request->voice);
    turn->request.engines = g_strdup(request->engines);
    if (request->parameters != NULL)
        g_hash_table_ref(request->parameters);
    if (request->call != NULL)
        g_object_ref(request->call);
    turn->faults = g_string_new(NULL);
    turn->began = mcp_clock_now(mcp_engine_table_get_clock(self->table));
    return turn;
}

static const char *
call_id(const Turn *turn)
{
    return turn->request.call != NULL ? mcp_call_get_id(turn->request.call) : NULL;
}

static gint64
now(const Turn *turn)
{
    return mcp_clock_now(mcp_engine_table_get_clock(turn->self->table));
}

static McpEngineChoice *
present(const Turn *turn)
{
    return turn->choices->pdata[turn->next];
}

static void
publish(const Turn *turn, const char *from)
{
    McpEvent *event = NULL;

    if (turn->self->events == NULL || !mcp_events_wanted(turn->self->events, MCP_EVENT_PROMPT))
        return;
    event = mcp_event_new(MCP_EVENT_PROMPT, call_id(turn), "synthesized");
    mcp_event_set_string(event, "engine", mcp_engine_get_name(present(turn)->engine));
    mcp_event_set_string(event, "from", from);
    mcp_event_set_int(event, "duration_ms", (now(turn) - turn->began) / 1000);
    mcp_events_publish(turn->self->events, event);
}

static void
return_audio(GTask *task, McpAudio *audio, gboolean kept)
{
    Turn *turn = g_task_get_task_data(task);

    turn->kept = kept;
    publish(turn, kept ? "cache" : "engine");
    g_task_return_pointer(task, audio, (GDestroyNotify)mcp_audio_unref);
    g_object_unref(task);
}

/* All have been asked. */
static void
return_faults(GTask *task)
{
    Turn *turn = g_task_get_task_data(task);

    g_task_return_new_error(task, MCP_ERROR,
                            turn->unsupported ? MCP_ERROR_UNSUPPORTED : MCP_ERROR_FAILED,
                            "no synthesizer could say it: %s", turn->faults->str);
    g_object_unref(task);
}

static void
pass_over(GTask *task, const char *why)
{
    Turn *turn = g_task_get_task_data(task);
    McpMetrics *metrics = mcp_engine_table_get_metrics(turn->self->table);

    g_string_append_printf(turn->faults, "%s%s: %s", turn->faults->len > 0 ? "; " : "",
                           mcp_engine_get_name(present(turn)->engine), why);
    turn->next++;
    if (turn->next < turn->choices->len) {
        mcp_log_info("engine-failover", call_id(turn), "%s; %s is asked", turn->faults->str,
                     mcp_engine_get_name(present(turn)->engine));
        if (metrics != NULL)
            mcp_metrics_add(metrics, MCP_ENGINE_METRIC_FAILOVERS, MCP_ENGINE_SYNTHESIZER, 1);
    }
    ask_next(task);
}

/* What no engine can do anything about. */
static gboolean
is_final(const GError *error)
{
    return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
           g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID);
}

static void
on_spoken(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    Turn *turn = g_task_get_task_data(task);
    McpEngine *engine = present(turn)->engine;
    GError *error = NULL;
    McpAudio *audio = mcp_synthesizer_synthesize_finish(MCP_SYNTHESIZER(source), result, &error);
    gboolean elsewhere = g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);

    if (audio != NULL) {
        mcp_engine_succeeded(engine, now(turn) - turn->asked);
        mcp_prompt_cache_put(turn->self->cache, turn->key, audio);
        return_audio(task, audio, FALSE);
        return;
    }
    /* A language that it has not, or a prompt that is none, say nothing of its health. */
    if (elsewhere || is_final(error))
        mcp_engine_unknown(engine);
    else
        mcp_engine_failed(engine, error);
    if (is_final(error)) {
        g_task_return_error(task, error);
        g_object_unref(task);
        return;
    }
    turn->unsupported = elsewhere;
    pass_over(task, error->message);
    g_error_free(error);
}

static void
ask(GTask *task)
{
    Turn *turn = g_task_get_task_data(task);
    McpSynthesisRequest request = turn->request;

    turn->asked = now(turn);
    if (request.deadline > 0) {
        request.deadline -= turn->asked - turn->began;
        if (request.deadline <= 0) {
            g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_TIMEOUT,
                                    "no synthesizer could say it in time: %s", turn->faults->str);
            g_object_unref(task);
            return;
        }
    }
    mcp_synthesizer_synthesize_async(MCP_SYNTHESIZER(present(turn)->service), &request,
                                     g_task_get_cancellable(task), on_spoken, task);
}

static void
on_found(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    Turn *turn = g_task_get_task_data(task);
    McpAudio *audio = mcp_prompt_cache_find_finish(turn->self->cache, result);

    if (audio != NULL)
        return_audio(task, audio, TRUE);
    else if (g_task_return_error_if_cancelled(task))
        g_object_unref(task);
    else if (mcp_engine_allows(present(turn)->engine))
        ask(task);
    else
        pass_over(task, "has failed and is left alone");
}

static void
ask_next(GTask *task)
{
    Turn *turn = g_task_get_task_data(task);

    if (turn->next >= turn->choices->len) {
        return_faults(task);
        return;
    }
    g_free(turn->key);
    turn->key =
        mcp_synthesis_request_key(&turn->request, mcp_engine_get_name(present(turn)->engine));
    mcp_prompt_cache_find_async(turn->self->cache, turn->key, turn->next == 0, NULL, on_found,
                                task);
}

static void
synthesize_async(McpSynthesizer *synthesizer, const McpSynthesisRequest *request,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    McpEnginesSpeaking *self = MCP_ENGINES_SPEAKING(synthesizer);
    GTask *task = g_task_new(self, cancellable, callback, user_data);
    Turn *turn = turn_new(self, request);
    GError *error = NULL;

    g_task_set_source_tag(task, synthesize_async);
    g_task_set_task_data(task, turn, turn_free);
    turn->choices = mcp_engine_table_choose(self->table, MCP_ENGINE_SYNTHESIZER, request->engines,
                                            request->language, &error);
    if (turn->choices != NULL) {
        ask_next(task);
        return;
    }
    g_task_return_error(task, error);
    g_object_unref(task);
}

static McpAudio *
synthesize_finish(McpSynthesizer *synthesizer, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static const char *
get_engine(McpSynthesizer *synthesizer, GAsyncResult *result, gboolean *out_kept)
{
    const Turn *turn = g_task_get_task_data(G_TASK(result));

    *out_kept = turn->kept;
    return mcp_engine_get_name(present(turn)->engine);
}

static void
describe(McpSynthesizer *synthesizer, McpJson *json)
{
    McpEnginesSpeaking *self = MCP_ENGINES_SPEAKING(synthesizer);

    mcp_engine_table_describe(self->table, json);
    mcp_prompt_cache_describe(self->cache, json);
}

static gboolean
flush(McpSynthesizer *synthesizer, GError **error)
{
    mcp_prompt_cache_flush(MCP_ENGINES_SPEAKING(synthesizer)->cache);
    return TRUE;
}

McpEnginesSpeaking *
mcp_engines_speaking_new(McpEngineTable *table, McpPromptCache *cache, McpEvents *events)
{
    McpEnginesSpeaking *self = g_object_new(MCP_TYPE_ENGINES_SPEAKING, NULL);

    self->table = mcp_engine_table_ref(table);
    self->cache = mcp_prompt_cache_ref(cache);
    self->events = events != NULL ? g_object_ref(events) : NULL;
    return self;
}

static void
mcp_engines_speaking_finalize(GObject *object)
{
    McpEnginesSpeaking *self = MCP_ENGINES_SPEAKING(object);

    mcp_engine_table_unref(self->table);
    mcp_prompt_cache_unref(self->cache);
    g_clear_object(&self->events);
    MCP_LEDGER_FINALIZED(McpEnginesSpeaking);
    G_OBJECT_CLASS(mcp_engines_speaking_parent_class)->finalize(object);
}

static void
mcp_engines_speaking_init(McpEnginesSpeaking *self)
{
    MCP_LEDGER_CREATED(McpEnginesSpeaking);
}

static void
mcp_engines_speaking_class_init(McpEnginesSpeakingClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_engines_speaking_finalize;
}

static void
synthesizer_iface_init(McpSynthesizerInterface *iface)
{
    iface->synthesize_async = synthesize_async;
    iface->synthesize_finish = synthesize_finish;
    iface->describe = describe;
    iface->flush = flush;
    iface->get_engine = get_engine;
}
