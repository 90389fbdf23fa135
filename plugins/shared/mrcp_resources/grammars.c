/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grammars of a recognizer (RFC 6787 §9.5.1): inline or by URI, compiled by the grammar service
 * all at once, and kept by Content-ID for "session:" URIs. On the call's shard.
 */
#include "grammars.h"

#include <mcp/error.h>
#include <mrcp/bodies.h>
#include <string.h>

#define SESSION "session:"
/* That a session may keep, and that a request may have. */
#define MAX_KEPT 200
#define MAX_ACTIVE 100

struct _McpMrcpdGrammars {
    McpMrcpdResource *resource;
    GHashTable *kept; /* id → McpMrcpdGrammar */
    GCancellable *cancellable;
};

/* A request's. */
typedef struct {
    McpMrcpdGrammars *owner; /* not to be touched once it is cancelled */
    GCancellable *cancellable;
    GPtrArray *grammars; /* McpMrcpdGrammar; compiled is NULL until it is */
    GPtrArray *ids;      /* char*, nullable, by grammar: to be kept as */
    guint pending;
    guint cause;  /* 0: nothing has failed */
    char *reason; /* nullable */
    char *uri;    /* nullable */
    McpMrcpdLoadedFunc func;
    gpointer user_data;
} Load;

typedef struct {
    Load *load;
    McpMrcpdGrammar *grammar;
} Step;

static McpMrcpdGrammar *
grammar_ref(McpMrcpdGrammar *grammar)
{
    grammar->refs++;
    return grammar;
}

static void
grammar_unref(gpointer data)
{
    McpMrcpdGrammar *grammar = data;

    if (--grammar->refs > 0)
        return;
    if (grammar->compiled != NULL)
        mcp_grammar_unref(grammar->engine, grammar->compiled);
    g_object_unref(grammar->engine);
    g_free(grammar->name);
    g_free(grammar->uri);
    g_free(grammar->text);
    g_free(grammar->type);
    g_free(grammar->base);
    g_free(grammar);
}

static McpMrcpdGrammar *
grammar_new(McpGrammarEngine *engine)
{
    McpMrcpdGrammar *grammar = g_new0(McpMrcpdGrammar, 1);

    grammar->refs = 1;
    grammar->engine = g_object_ref(engine);
    grammar->weight = 1;
    return grammar;
}

McpMrcpdGrammars *
mcp_mrcpd_grammars_new(McpMrcpdResource *resource)
{
    McpMrcpdGrammars *self = g_new0(McpMrcpdGrammars, 1);

    self->resource = resource;
    self->kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, grammar_unref);
    self->cancellable = g_cancellable_new();
    return self;
}

void
mcp_mrcpd_grammars_free(McpMrcpdGrammars *grammars)
{
    g_cancellable_cancel(grammars->cancellable);
    g_object_unref(grammars->cancellable);
    g_hash_table_unref(grammars->kept);
    g_free(grammars);
}

guint
mcp_mrcpd_grammars_get_size(const McpMrcpdGrammars *grammars)
{
    return g_hash_table_size(grammars->kept);
}

void
mcp_mrcpd_grammars_forget(McpMrcpdGrammars *grammars, const char *id)
{
    gsize length = strlen(id);
    g_autofree char *bare = id[0] == '<' && length > 1 && id[length - 1] == '>'
                                ? g_strndup(id + 1, length - 2)
                                : g_strdup(id);

    g_hash_table_remove(grammars->kept, bare);
}

/* --- the end of a load --- */

static void
load_free(Load *load)
{
    g_object_unref(load->cancellable);
    g_ptr_array_unref(load->grammars);
    g_ptr_array_unref(load->ids);
    g_free(load->reason);
    g_free(load->uri);
    g_free(load);
}

/* The first fault counts. @uri: (nullable) */
static void
fail(Load *load, guint cause, const char *reason, const char *uri)
{
    if (load->cause != MCP_MRCP_RECOG_SUCCESS)
        return;
    load->cause = cause;
    load->reason = g_strdup(reason);
    load->uri = g_strdup(uri);
}

/* FALSE: there is no room. */
static gboolean
keep(Load *load)
{
    GHashTable *kept = load->owner->kept;

    for (guint i = 0; i < load->grammars->len; i++) {
        const char *id = load->ids->pdata[i];

        if (id == NULL)
            continue;
        if (g_hash_table_size(kept) >= MAX_KEPT && !g_hash_table_contains(kept, id))
            return FALSE;
        g_hash_table_replace(kept, g_strdup(id), grammar_ref(load->grammars->pdata[i]));
    }
    return TRUE;
}

static void
finish_one(Load *load)
{
    McpMrcpdLoaded loaded = {NULL};

    if (--load->pending > 0)
        return;
    if (!g_cancellable_is_cancelled(load->cancellable)) {
        if (load->cause == MCP_MRCP_RECOG_SUCCESS && !keep(load))
            fail(load, MCP_MRCP_RECOG_GRAMMAR_DEFINITION_FAILURE, "no room for more grammars",
                 NULL);
        loaded.cause = load->cause;
        loaded.reason = load->reason;
        loaded.uri = load->uri;
        loaded.grammars = load->cause == MCP_MRCP_RECOG_SUCCESS ? load->grammars : NULL;
        load->func(&loaded, load->user_data);
    }
    load_free(load);
}

/* --- compiling --- */

static guint
cause_of(const GError *error, const McpMrcpdGrammar *grammar)
{
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID) || grammar->uri == NULL)
        return MCP_MRCP_RECOG_GRAMMAR_COMPILATION_FAILURE;
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED))
        return MCP_MRCP_RECOG_GRAMMAR_COMPILATION_FAILURE;
    return MCP_MRCP_RECOG_GRAMMAR_LOAD_FAILURE;
}

static void
on_compiled(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Step *step = user_data;
    Load *load = step->load;
    McpMrcpdGrammar *grammar = step->grammar;
    g_autoptr(GError) error = NULL;

    g_free(step);
    grammar->compiled =
        mcp_grammar_engine_compile_finish(MCP_GRAMMAR_ENGINE(source), result, &error);
    if (grammar->compiled == NULL)
        fail(load, cause_of(error, grammar), error->message, grammar->uri);
    finish_one(load);
}

static void
compile(Load *load, McpMrcpdGrammar *grammar, const McpMrcpMessage *request)
{
    McpMrcpdResource *resource = load->owner->resource;
    g_autoptr(GBytes) bytes =
        grammar->text != NULL ? g_bytes_new(grammar->text, strlen(grammar->text)) : NULL;
    const McpGrammarSource source = {
        .uri = grammar->uri,
        .bytes = bytes,
        .content_type = grammar->type,
        .base = grammar->base,
        .language = mcp_mrcpd_get(resource, request, "Speech-Language"),
        .mode = MCP_GRAMMAR_VOICE,
        .timeout = mcp_mrcpd_get_time(resource, request, "Fetch-Timeout"),
        .max_age = -1,
        .max_stale = -1,
        .call = resource->session->call,
    };
    Step *step = g_new0(Step, 1);

    step->load = load;
    step->grammar = grammar;
    load->pending++;
    mcp_grammar_engine_compile_async(grammar->engine, &source, load->cancellable, on_compiled,
                                     step);
}

/* --- the body --- */

static void
add(Load *load, McpMrcpdGrammar *grammar, const char *id)
{
    g_ptr_array_add(load->grammars, grammar);
    g_ptr_array_add(load->ids, g_strdup(id));
}

/* What a session keeps is there already; its weight is that of this request. */
static void
add_kept(Load *load, const McpMrcpReference *reference)
{
    const char *id = reference->uri + strlen(SESSION);
    const McpMrcpdGrammar *kept = g_hash_table_lookup(load->owner->kept, id);
    McpMrcpdGrammar *grammar = NULL;

    if (kept == NULL) {
        fail(load, MCP_MRCP_RECOG_GRAMMAR_LOAD_FAILURE, "no such grammar in this session",
             reference->uri);
        return;
    }
    grammar = grammar_new(kept->engine);
    grammar->compiled = mcp_grammar_ref(kept->engine, kept->compiled);
    grammar->name = g_strdup(kept->name);
    grammar->uri = g_strdup(kept->uri);
    grammar->text = g_strdup(kept->text);
    grammar->type = g_strdup(kept->type);
    grammar->base = g_strdup(kept->base);
    grammar->weight = reference->weight;
    add(load, grammar, NULL);
}

/* Clients say "builtin:speech/" for what VoiceXML 2.0 Appendix P calls "builtin:grammar/". */
static char *
uri_of(const char *uri)
{
    static const char speech[] = "builtin:speech/";

    if (g_ascii_strncasecmp(uri, speech, strlen(speech)) == 0)
        return g_strconcat("builtin:grammar/", uri + strlen(speech), NULL);
    return g_strdup(uri);
}

static void
add_references(Load *load, const McpMrcpPart *part, const McpMrcpMessage *request)
{
    g_autoptr(GPtrArray) references = mcp_mrcp_read_references(part->body);

    for (guint i = 0; i < references->len && load->grammars->len < MAX_ACTIVE; i++) {
        const McpMrcpReference *reference = references->pdata[i];
        McpMrcpdGrammar *grammar = NULL;

        if (g_ascii_strncasecmp(reference->uri, SESSION, strlen(SESSION)) == 0) {
            add_kept(load, reference);
            continue;
        }
        grammar = grammar_new(load->owner->resource->session->grammar);
        grammar->uri = uri_of(reference->uri);
        grammar->name = g_strdup(reference->uri);
        grammar->base = g_strdup(part->base);
        grammar->weight = reference->weight;
        add(load, grammar, NULL);
        compile(load, grammar, request);
    }
}

static gboolean
is_grammar(const char *type)
{
    static const char *const types[] = {"application/srgs+xml", "application/srgs",
                                        "application/grammar+xml", "application/grammar", NULL};

    return g_strv_contains(types, type);
}

static void
add_inline(Load *load, const McpMrcpPart *part, const McpMrcpMessage *request)
{
    McpMrcpdGrammar *grammar = grammar_new(load->owner->resource->session->grammar);

    grammar->text = mcp_mrcp_text(part->body);
    grammar->type =
        g_strdup(strstr(part->type, "+xml") != NULL ? "application/srgs+xml" : "application/srgs");
    grammar->base = g_strdup(part->base);
    grammar->name = part->id != NULL ? g_strconcat(SESSION, part->id, NULL)
                                     : g_strdup_printf(SESSION "%u-%u@request", request->id,
                                                       load->grammars->len);
    add(load, grammar, part->id);
    compile(load, grammar, request);
}

static void
add_part(Load *load, const McpMrcpPart *part, const McpMrcpMessage *request)
{
    if (load->grammars->len >= MAX_ACTIVE)
        fail(load, MCP_MRCP_RECOG_GRAMMAR_DEFINITION_FAILURE, "too many grammars", NULL);
    else if (strcmp(part->type, "text/uri-list") == 0 ||
             strcmp(part->type, "text/grammar-ref-list") == 0)
        add_references(load, part, request);
    else if (is_grammar(part->type))
        add_inline(load, part, request);
    else if (strcmp(part->type, "text/plain") != 0)
        fail(load, MCP_MRCP_RECOG_GRAMMAR_DEFINITION_FAILURE,
             "neither an SRGS grammar nor a list of URIs", NULL);
}

void
mcp_mrcpd_grammars_load(McpMrcpdGrammars *grammars, const McpMrcpMessage *request,
                        McpMrcpdLoadedFunc func, gpointer user_data)
{
    Load *load = g_new0(Load, 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) parts = mcp_mrcp_read_parts(request, &error);

    load->owner = grammars;
    load->cancellable = g_object_ref(grammars->cancellable);
    load->grammars = g_ptr_array_new_with_free_func(grammar_unref);
    load->ids = g_ptr_array_new_with_free_func(g_free);
    load->func = func;
    load->user_data = user_data;
    load->pending = 1; /* ours, until all are under way */
    if (parts == NULL)
        fail(load, MCP_MRCP_RECOG_GRAMMAR_DEFINITION_FAILURE, error->message, NULL);
    else if (grammars->resource->session->grammar == NULL)
        fail(load, MCP_MRCP_RECOG_GRAMMAR_DEFINITION_FAILURE, "no grammar service is running",
             NULL);
    else
        for (guint i = 0; i < parts->len; i++)
            add_part(load, parts->pdata[i], request);
    if (load->grammars->len == 0)
        fail(load, MCP_MRCP_RECOG_GRAMMAR_DEFINITION_FAILURE, "there is no grammar", NULL);
    finish_one(load);
}
