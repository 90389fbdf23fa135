/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles the active grammars side by side; grammars without a URL of their own are kept for the
 * session, others ask the engine each time, which knows their freshness. On the call's shard.
 */
#include <mcp/error.h>
#include <string.h>

#include "session_loading.h"

typedef struct {
    McpVxmlSession *session;
    GCancellable *cancellable;
    GPtrArray *grammars; /* McpVxmlActiveGrammar */
    GPtrArray *compiled; /* McpGrammar, nullable entries */
    guint pending;
    char *event;
    char *message;
    McpVxmlGrammarsFunc func;
} Job;

typedef struct {
    Job *job;
    guint index;
} Step;

static gboolean
is_builtin(const char *uri)
{
    return uri != NULL && g_str_has_prefix(uri, "builtin:");
}

static char *
key_of(const McpVxmlActiveGrammar *grammar)
{
    if (is_builtin(grammar->uri))
        return g_strdup(grammar->uri);
    if (grammar->text == NULL)
        return NULL;
    return g_strdup_printf("%d %s %s", (int)grammar->mode,
                           grammar->language != NULL ? grammar->language : "", grammar->text);
}

static void
finish_one(Job *job)
{
    McpGrammarEngine *engine = job->session->services.grammar;

    if (--job->pending > 0)
        return;
    if (!g_cancellable_is_cancelled(job->cancellable) && !job->session->ended)
        job->func(job->session, job->event == NULL ? job->compiled : NULL, job->event,
                  job->message);
    for (guint i = 0; i < job->compiled->len; i++)
        if (job->compiled->pdata[i] != NULL)
            mcp_grammar_unref(engine, job->compiled->pdata[i]);
    g_ptr_array_unref(job->compiled);
    g_ptr_array_unref(job->grammars);
    g_object_unref(job->cancellable);
    g_object_unref(job->session);
    g_free(job->event);
    g_free(job->message);
    g_free(job);
}

static const char *
event_for(const McpVxmlActiveGrammar *grammar, const GError *error)
{
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_REFUSED))
        return "error.noauthorization";
    if (!g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED))
        return "error.badfetch";
    return is_builtin(grammar->uri) ? "error.unsupported.builtin" : "error.unsupported.format";
}

/* Spoken forms of builtin types go with those of keys, which say what is wrong with them. */
static gboolean
is_spare(const McpVxmlActiveGrammar *active)
{
    const char *type;

    if (!is_builtin(active->uri) || active->mode != MCP_GRAMMAR_VOICE ||
        active->owner->kind != MCP_VXML_FIELD)
        return FALSE;
    type = mcp_vxml_element_get(active->owner, "type");
    return type != NULL && strcmp(active->uri + strlen("builtin:grammar/"), type) == 0;
}

static void
on_compiled(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autofree Step *step = user_data;
    Job *job = step->job;
    const McpVxmlActiveGrammar *active = job->grammars->pdata[step->index];
    McpGrammarEngine *engine = MCP_GRAMMAR_ENGINE(source);
    g_autofree char *key = key_of(active);
    g_autoptr(GError) error = NULL;
    McpGrammar *grammar = mcp_grammar_engine_compile_finish(engine, result, &error);

    if (grammar != NULL) {
        job->compiled->pdata[step->index] = grammar;
        if (key != NULL && !g_hash_table_contains(job->session->grammars, key))
            g_hash_table_insert(job->session->grammars, g_steal_pointer(&key),
                                mcp_grammar_ref(engine, grammar));
    } else if (job->event == NULL && !is_spare(active)) {
        job->event = g_strdup(event_for(active, error));
        job->message = g_strdup(error->message);
    }
    finish_one(job);
}

/* Of an inline grammar nothing but its attribute says what it is (§3.1.1.4). */
static gboolean
is_foreign(const McpVxmlActiveGrammar *grammar)
{
    static const char *const types[] = {"application/srgs+xml",
                                        "application/srgs",
                                        "application/grammar+xml",
                                        "application/grammar",
                                        "application/xml",
                                        "text/xml",
                                        NULL};
    g_autofree char *type = NULL;

    if (grammar->text == NULL || grammar->content_type == NULL)
        return FALSE;
    type = g_strndup(grammar->content_type, strcspn(grammar->content_type, "; "));
    for (guint i = 0; types[i] != NULL; i++)
        if (g_ascii_strcasecmp(types[i], type) == 0)
            return FALSE;
    return TRUE;
}

static void
note_url(McpVxmlSession *session, const McpVxmlActiveGrammar *active)
{
    g_autofree char *url =
        g_uri_resolve_relative(active->base, active->uri, G_URI_FLAGS_ENCODED, NULL);

    if (url != NULL)
        mcp_vxml_prefetcher_note(session, url);
}

static void
compile(Job *job, guint index)
{
    McpVxmlSession *session = job->session;
    const McpVxmlActiveGrammar *active = job->grammars->pdata[index];
    g_autofree char *key = key_of(active);
    McpGrammar *known = key != NULL ? g_hash_table_lookup(session->grammars, key) : NULL;
    g_autoptr(GBytes) bytes = NULL;
    McpGrammarSource source = {
        .uri = active->uri,
        .content_type = active->content_type,
        .base = active->base,
        .language = active->language,
        .mode = active->mode,
        .timeout = active->fetch.timeout,
        .max_age = active->fetch.max_age,
        .max_stale = active->fetch.max_stale,
        .call = session->call,
    };
    Step *step;

    if (is_foreign(active)) {
        if (job->event == NULL) {
            job->event = g_strdup("error.unsupported.format");
            job->message = g_strdup_printf("grammars of type %s", active->content_type);
        }
        return;
    }
    if (known != NULL) {
        job->compiled->pdata[index] = mcp_grammar_ref(session->services.grammar, known);
        return;
    }
    if (active->uri != NULL && !is_builtin(active->uri))
        note_url(session, active);
    if (active->text != NULL)
        bytes = g_bytes_new(active->text, strlen(active->text));
    source.bytes = bytes;
    step = g_new0(Step, 1);
    step->job = job;
    step->index = index;
    job->pending++;
    mcp_grammar_engine_compile_async(session->services.grammar, &source, job->cancellable,
                                     on_compiled, step);
}

void
mcp_vxml_load_grammars(McpVxmlSession *session, GPtrArray *grammars, McpVxmlGrammarsFunc func)
{
    Job *job;

    if (session->services.grammar == NULL && grammars->len > 0) {
        func(session, NULL, "error.noresource", "no grammar engine is running");
        return;
    }
    job = g_new0(Job, 1);
    job->session = g_object_ref(session);
    job->cancellable = g_object_ref(session->cancellable);
    job->grammars = g_ptr_array_ref(grammars);
    job->compiled = g_ptr_array_new();
    g_ptr_array_set_size(job->compiled, (int)grammars->len);
    job->func = func;
    job->pending = 1;
    for (guint i = 0; i < grammars->len; i++)
        compile(job, i);
    finish_one(job);
}
