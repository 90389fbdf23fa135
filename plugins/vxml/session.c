/* SPDX-License-Identifier: Apache-2.0 */
/* The dialog object: prepares, starts, is terminated and described. On the call's shard. */
#include "session.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <string.h>

#include "debugger/attachment.h"
#include "session_loading.h"

MCP_LEDGER_DEFINE(McpVxmlSession);

static void mcp_vxml_session_dialog_init(McpDialogInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpVxmlSession, mcp_vxml_session, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG, mcp_vxml_session_dialog_init))

const char *
mcp_vxml_session_call_id(McpVxmlSession *session)
{
    return session->call != NULL ? mcp_call_get_id(session->call) : NULL;
}

void
mcp_vxml_session_count(McpVxmlSession *session, McpVxmlMetric metric, guint label)
{
    if (session->services.metrics != NULL)
        mcp_metrics_add(session->services.metrics, metric, label, 1);
}

/* ---- McpDialog ---- */

static void
on_first_page(McpVxmlSession *session, McpVxmlDocument *document, McpVxmlDocument *root,
              const char *event, const char *message)
{
    GTask *task = g_object_steal_data(G_OBJECT(session), "prepare");

    mcp_vxml_session_count(session, MCP_VXML_METRIC_PAGES, event != NULL);
    if (event != NULL) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_FAILED, "%s", message);
    } else {
        session->first_document = mcp_vxml_document_ref(document);
        session->first_root = root != NULL ? mcp_vxml_document_ref(root) : NULL;
        g_task_return_boolean(task, TRUE);
    }
    g_object_unref(task);
}

static void
on_prepare_cancelled(GCancellable *cancellable, gpointer user_data)
{
    g_cancellable_cancel(user_data);
}

static void
prepare_async(McpDialog *dialog, GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer user_data)
{
    McpVxmlSession *session = MCP_VXML_SESSION(dialog);
    GTask *task = g_task_new(session, cancellable, callback, user_data);
    McpVxmlFetch fetch = {.url = session->url,
                          .method = session->method,
                          .max_age = session->max_age,
                          .max_stale = session->max_stale};
    g_autofree char *type = g_strdup("application/x-www-form-urlencoded");

    /* No page has set the property yet: the platform's default counts. */
    mcp_vxml_time(g_hash_table_lookup(session->services.config->properties, "fetchtimeout"),
                  &fetch.timeout);
    fetch.content_type = session->body != NULL ? type : NULL;
    session->cancellable = g_cancellable_new();
    if (cancellable != NULL)
        g_cancellable_connect(cancellable, G_CALLBACK(on_prepare_cancelled),
                              g_object_ref(session->cancellable), g_object_unref);
    g_object_set_data(G_OBJECT(session), "prepare", task);
    mcp_vxml_load_page(session, &fetch, session->body, NULL, on_first_page);
}

static gboolean
prepare_finish(McpDialog *dialog, GAsyncResult *result, McpDialogMedia *out_media,
               McpReject **out_reject)
{
    McpVxmlSession *session = MCP_VXML_SESSION(dialog);
    g_autoptr(GError) error = NULL;

    if (g_task_propagate_boolean(G_TASK(result), &error)) {
        *out_media = session->no_media ? MCP_DIALOG_MEDIA_NONE : MCP_DIALOG_MEDIA_AUDIO;
        return TRUE;
    }
    /* RFC 5552 §2.2: 500 with a Warning 399 that says why. */
    *out_reject = mcp_reject_new(500, "the VoiceXML page could not be loaded", error->message);
    return FALSE;
}

static McpVxmlInterpreter *
make_interpreter(McpVxmlSession *session, GError **error)
{
    McpVxmlConfig *config = session->services.config;
    const char *fragment = strchr(session->url, '#');
    McpVxmlSetup setup = {
        .session = session->variables,
        .properties = config->properties,
        .limits = {.run_us = config->script_time,
                   .window_us = config->script_window,
                   .memory = config->script_memory},
        .max_transitions = config->max_transitions,
        .max_depth = config->max_depth,
        .speech = session->services.speech || session->services.recognizer != NULL,
        .next_prompts = config->next_prompts && session->services.synthesizer != NULL,
        .document = session->first_document,
        .root = session->first_root,
        .fragment = fragment != NULL ? fragment + 1 : NULL,
        .defaults = config->defaults,
        .secrets = session->secrets,
        .extra = session->extra,
    };

    return mcp_vxml_interpreter_new(&setup, error);
}

static void
start(McpDialog *dialog, McpLeg *leg, McpDialogEndFunc func, gpointer user_data)
{
    McpVxmlSession *session = MCP_VXML_SESSION(dialog);
    g_autoptr(GError) error = NULL;

    session->end_func = func;
    session->end_data = user_data;
    mcp_vxml_session_count(session, MCP_VXML_METRIC_DIALOGS, 0);
    mcp_vxml_session_count(session, MCP_VXML_METRIC_RUNNING, 0);
    mcp_vxml_session_report(session, MCP_EVENT_DIALOG, "page", "url", session->url);
    session->leg = g_object_ref(leg);
    session->interpreter = make_interpreter(session, &error);
    if (session->interpreter == NULL) {
        mcp_log_warning("vxml-start", mcp_vxml_session_call_id(session), "%s", error->message);
        mcp_vxml_session_end_with(session, TRUE,
                                  error->code == MCP_ERROR_INVALID ? "error.badfetch"
                                                                   : "error.noresource");
        return;
    }
    mcp_vxml_debug_set_probe(session->interpreter, session->services.probe,
                             session->services.probe_data);
    if (session->services.debug_calls != NULL && session->call != NULL)
        session->debug_call = mcp_vxml_debug_call_new(session->services.debug_calls,
                                                      mcp_vxml_session_call_id(session));
    mcp_leg_set_handler(leg, mcp_vxml_session_leg_event, session);
    mcp_vxml_session_resume(session, NULL);
}

static void
message(McpDialog *dialog, const char *content_type, GBytes *body)
{
    g_autoptr(McpVxmlSession) session = g_object_ref(MCP_VXML_SESSION(dialog));

    if (!mcp_vxml_transfer_message(session, content_type, body))
        mcp_vxml_take_message(session, content_type, body);
}

static void
on_final_deadline(gpointer user_data)
{
    McpVxmlSession *session = user_data;

    mcp_log_warning("vxml-final", mcp_vxml_session_call_id(session),
                    "the page did not end within %d ms after the caller hung up",
                    (int)(session->services.config->final_processing / 1000));
    mcp_vxml_session_end_with(session, TRUE, "final processing took too long");
}

static void
terminate(McpDialog *dialog, const char *reason)
{
    McpVxmlSession *session = MCP_VXML_SESSION(dialog);
    g_autoptr(McpVxmlSession) self = g_object_ref(session);

    if (session->ended || session->hung_up)
        return;
    session->hung_up = TRUE;
    if (session->interpreter == NULL) {
        mcp_vxml_session_end_with(session, FALSE, "hangup");
        return;
    }
    session->final_timer =
        mcp_clock_after(session->services.clock, NULL, session->services.config->final_processing,
                        on_final_deadline, session);
    if (session->debug_call != NULL)
        mcp_vxml_debug_call_hang_up(session->debug_call);
    if (session->in_pool)
        session->hangup_waits = TRUE;
    else
        mcp_vxml_session_take_hangup(session);
}

static const char *
busy_state(McpVxmlSession *session)
{
    g_autoptr(McpVxmlAttachment) attachment =
        session->debug_call != NULL ? mcp_vxml_debug_call_get(session->debug_call) : NULL;

    /* It waits for the end of its penalty, not for a thread. */
    if (session->pool_task != NULL)
        return "held back";
    return attachment != NULL ? "in the debugger" : "computing";
}

static void
describe(McpDialog *dialog, McpJson *json)
{
    McpVxmlSession *session = MCP_VXML_SESSION(dialog);
    static const char *const actions[] = {
        "fetching a page", "fetching a script",  "fetching data", "running an object",
        "awaiting input",  "recording",          "playing",       "transferring",
        "sending",         "awaiting a message", "computing",     "ended"};
    g_autofree char *first = mcp_vxml_secrets_redact(session->secrets, session->url);

    mcp_json_string(json, "first_page", first);
    mcp_json_int(json, "pool_runs", session->n_pool_runs);
    if (session->interpreter == NULL)
        return;
    if (session->in_pool || session->action == NULL) {
        mcp_json_string(json, "state", busy_state(session));
        return;
    }
    mcp_json_string(json, "state", session->ended ? "ended" : actions[session->action->type]);
    mcp_vxml_interpreter_describe(session->interpreter, json);
}

/* ---- life ---- */

static void
unref_services(McpVxmlServices *services)
{
    g_clear_object(&services->clock);
    g_clear_object(&services->compute);
    g_clear_object(&services->scripts);
    g_clear_object(&services->events);
    g_clear_object(&services->fetcher);
    g_clear_object(&services->grammar);
    g_clear_object(&services->synthesizer);
    g_clear_object(&services->recognizer);
    g_clear_object(&services->media);
    g_clear_object(&services->store);
    g_clear_pointer(&services->cache, mcp_vxml_cache_unref);
    g_clear_pointer(&services->config, mcp_vxml_config_unref);
    g_clear_pointer(&services->debug_calls, mcp_vxml_debug_calls_unref);
}

static void
ref_services(McpVxmlServices *services)
{
    gpointer objects[] = {services->clock,       services->compute, services->events,
                          services->scripts,     services->fetcher, services->grammar,
                          services->synthesizer, services->media,   services->store,
                          services->recognizer};

    for (guint i = 0; i < G_N_ELEMENTS(objects); i++)
        if (objects[i] != NULL)
            g_object_ref(objects[i]);
    mcp_vxml_cache_ref(services->cache);
    mcp_vxml_config_ref(services->config);
    if (services->debug_calls != NULL)
        mcp_vxml_debug_calls_ref(services->debug_calls);
}

static void
dispose(GObject *object)
{
    McpVxmlSession *session = MCP_VXML_SESSION(object);

    mcp_vxml_session_stop_media(session);
    mcp_vxml_messages_clear(session);
    g_clear_pointer(&session->debug_call, mcp_vxml_debug_call_free);
    g_clear_object(&session->cancellable);
    g_clear_object(&session->call);
    G_OBJECT_CLASS(mcp_vxml_session_parent_class)->dispose(object);
}

static void
free_grammars(McpVxmlSession *session)
{
    GHashTableIter iterator;
    gpointer grammar;

    g_hash_table_iter_init(&iterator, session->grammars);
    while (g_hash_table_iter_next(&iterator, NULL, &grammar))
        mcp_grammar_unref(session->services.grammar, grammar);
    g_hash_table_unref(session->grammars);
}

static void
finalize(GObject *object)
{
    McpVxmlSession *session = MCP_VXML_SESSION(object);

    g_clear_pointer(&session->interpreter, mcp_vxml_interpreter_free);
    g_clear_pointer(&session->first_document, mcp_vxml_document_unref);
    g_clear_pointer(&session->first_root, mcp_vxml_document_unref);
    g_clear_pointer(&session->body, g_bytes_unref);
    g_free(session->url);
    g_free(session->method);
    g_free(session->variables);
    g_free(session->mark);
    g_free(session->extra);
    g_free(session->next_recording);
    g_hash_table_unref(session->reports);
    mcp_vxml_secrets_unref(session->secrets);
    free_grammars(session);
    unref_services(&session->services);
    MCP_LEDGER_FINALIZED(McpVxmlSession);
    G_OBJECT_CLASS(mcp_vxml_session_parent_class)->finalize(object);
}

McpVxmlSession *
mcp_vxml_session_new(const McpVxmlServices *services, McpCall *call, const McpVxmlStart *first)
{
    McpVxmlSession *session = g_object_new(MCP_TYPE_VXML_SESSION, NULL);

    session->services = *services;
    ref_services(&session->services);
    session->call = call != NULL ? g_object_ref(call) : NULL;
    if (call != NULL && services->dialler == NULL) {
        session->services.dialler = &mcp_vxml_call_dialler;
        session->services.dialler_data = call;
    }
    session->url = g_strdup(first->url);
    session->method = g_strdup(first->method);
    if (first->body != NULL)
        session->body = g_bytes_new(first->body, strlen(first->body));
    session->max_age = first->max_age;
    session->max_stale = first->max_stale;
    session->variables = g_strdup(first->session);
    session->extra = g_strdup(first->extra);
    session->no_media = first->no_media;
    return session;
}

void
mcp_vxml_session_hear(McpVxmlSession *session, const char *words, double confidence)
{
    g_autoptr(McpVxmlSession) self = g_object_ref(session);

    if (!session->ended && session->collection != NULL)
        mcp_vxml_collection_hear(session, words, confidence);
}

static void
mcp_vxml_session_dialog_init(McpDialogInterface *iface)
{
    iface->prepare_async = prepare_async;
    iface->prepare_finish = prepare_finish;
    iface->start = start;
    iface->message = message;
    iface->terminate = terminate;
    iface->describe = describe;
}

static void
mcp_vxml_session_class_init(McpVxmlSessionClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = dispose;
    G_OBJECT_CLASS(klass)->finalize = finalize;
}

static void
mcp_vxml_session_init(McpVxmlSession *session)
{
    MCP_LEDGER_CREATED(McpVxmlSession);
    session->secrets = mcp_vxml_secrets_new();
    session->reports = mcp_vxml_reports_new();
    g_queue_init(&session->messages);
    session->grammars = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}
