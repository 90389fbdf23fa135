/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compilation: fetches the grammar and all that it references, each once, reads and builds them,
 * and shares the result by its content. A compilation runs on its caller's context; reading and
 * building of more than 50 KB run on the compute pool.
 */
#include "compiler.h"
#include <lru/lru.h>
#include <mcp/error.h>
#include <string.h>

#define HEAVY (50 * 1024)

struct _McpCompiler {
    gatomicrefcount ref_count;
    McpCompilerDeps deps;
    GMutex lock; /* guards config and cache */
    McpGrammarConfig config;
    McpLru *cache;
};

/* One compilation; belongs to its task, used by one thread at a time. */
typedef struct {
    McpCompiler *compiler;
    GTask *task; /* not owned */
    McpGrammarConfig config;
    char *language;
    McpGrammarMode mode;
    gboolean is_inline;
    gint64 timeout;
    gint64 max_age;
    gint64 max_stale;
    McpCall *call;
    char *rule;
    char *base;
    McpBuiltin builtin;
    GPtrArray *documents;
    GPtrArray *urls; /* of documents wanted, in order; the first n_done are here */
    guint n_done;
    gsize size;
    gint64 started;
    /* the document at hand */
    GBytes *bytes;
    char *url;
    char *name;
    char *charset;
    char *simple_key;
    McpGrammar *grammar;
} Compile;

static void next_document(Compile *self);

static void
compile_free(gpointer data)
{
    Compile *self = data;

    g_clear_object(&self->call);
    g_clear_pointer(&self->bytes, g_bytes_unref);
    g_clear_pointer(&self->grammar, mcp_compiled_grammar_unref);
    g_ptr_array_unref(self->documents);
    g_ptr_array_unref(self->urls);
    g_free(self->language);
    g_free(self->rule);
    g_free(self->base);
    g_free(self->url);
    g_free(self->name);
    g_free(self->charset);
    g_free(self->simple_key);
    mcp_compiler_unref(self->compiler);
    g_free(self);
}

static void
count(McpCompiler *compiler, McpGrammarMetric row)
{
    if (compiler->deps.metrics != NULL)
        mcp_metrics_add(compiler->deps.metrics, row, 0, 1);
}

static void
finish(Compile *self, McpGrammar *grammar, GError *error)
{
    GTask *task = self->task;

    if (error != NULL) {
        count(self->compiler, MCP_GRAMMAR_METRIC_FAILURES);
        g_task_return_error(task, error);
    } else {
        g_task_return_pointer(task, grammar, (GDestroyNotify)mcp_compiled_grammar_unref);
    }
    g_object_unref(task);
}

static McpGrammar *
cached(McpCompiler *compiler, const char *key)
{
    McpGrammar *grammar;

    g_mutex_lock(&compiler->lock);
    grammar = mcp_lru_get(compiler->cache, key);
    g_mutex_unlock(&compiler->lock);
    if (grammar != NULL)
        count(compiler, MCP_GRAMMAR_METRIC_CACHE_HITS);
    return grammar;
}

static void
keep(McpCompiler *compiler, const char *key, McpGrammar *grammar)
{
    g_mutex_lock(&compiler->lock);
    mcp_lru_put(compiler->cache, key, grammar, mcp_network_size(grammar->network));
    g_mutex_unlock(&compiler->lock);
}

/* What a text alone comes to depends on these; with references, on all documents too. */
static char *
simple_key(const Compile *self)
{
    g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, self->bytes);

    return g_strdup_printf("%s %d %d %d %s %s %s", digest, (int)self->mode, self->is_inline,
                           self->language != NULL, self->rule != NULL ? self->rule : "",
                           self->charset != NULL ? self->charset : "",
                           self->builtin.kind != MCP_BUILTIN_NONE ? "builtin" : "");
}

static char *
whole_key(const Compile *self)
{
    GString *key = g_string_new(self->simple_key);

    for (guint i = 0; i < self->documents->len; i++) {
        const McpGrammarDocument *document = self->documents->pdata[i];

        g_string_append_printf(key, "\n%s %s", document->digest, document->url);
    }
    return g_string_free(key, FALSE);
}

static gboolean
has_references(const Compile *self)
{
    return self->documents->len > 1;
}

/* Any thread. */
static McpGrammar *
build(Compile *self, GError **error)
{
    g_autofree char *key = has_references(self) ? whole_key(self) : g_strdup(self->simple_key);
    McpGrammar *grammar = cached(self->compiler, key);
    McpNetwork *network;

    if (grammar != NULL)
        return grammar;
    network = mcp_network_build(self->documents, self->rule, error);
    if (network == NULL)
        return NULL;
    grammar = mcp_compiled_grammar_new(network, &self->builtin);
    keep(self->compiler, key, grammar);
    count(self->compiler, MCP_GRAMMAR_METRIC_COMPILED);
    if (self->compiler->deps.metrics != NULL)
        mcp_metrics_observe(self->compiler->deps.metrics, MCP_GRAMMAR_METRIC_DURATION, 0,
                            (double)(mcp_clock_now(self->compiler->deps.clock) - self->started) /
                                G_USEC_PER_SEC);
    return grammar;
}

static gboolean
want_references(Compile *self, const McpGrammarDocument *document, GError **error)
{
    for (guint i = 0; i < document->references->len; i++) {
        const char *url = document->references->pdata[i];

        if (g_ptr_array_find_with_equal_func(self->urls, url, g_str_equal, NULL))
            continue;
        if (self->urls->len >= self->config.max_documents) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "%s: more than %u grammars in one",
                        document->name, self->config.max_documents);
            return FALSE;
        }
        g_ptr_array_add(self->urls, g_strdup(url));
    }
    return TRUE;
}

/* Reads the document at hand. Any thread. */
static gboolean
read_document(Compile *self, GError **error)
{
    McpDocumentSource source = {.bytes = self->bytes,
                                .url = self->url,
                                .name = self->name,
                                .charset = self->charset,
                                .language = self->language,
                                .mode = self->mode,
                                .is_inline = self->is_inline && self->n_done == 0};
    McpGrammarDocument *document;

    document = mcp_grammar_document_read(&source, error);
    if (document == NULL)
        return FALSE;
    g_ptr_array_add(self->documents, document);
    self->n_done++;
    return want_references(self, document, error);
}

/* Reads, and builds when nothing is missing: self->grammar is set then. Any thread. */
static gboolean
work(Compile *self, GError **error)
{
    if (!read_document(self, error))
        return FALSE;
    if (self->n_done == self->urls->len)
        self->grammar = build(self, error);
    return self->n_done < self->urls->len || self->grammar != NULL;
}

static void
worked(Compile *self, GError *error)
{
    if (error != NULL)
        finish(self, NULL, error);
    else if (self->grammar != NULL)
        finish(self, g_steal_pointer(&self->grammar), NULL);
    else
        next_document(self);
}

static void
run_work(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    GError *error = NULL;

    if (work(data, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
work_done(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GError *error = NULL;

    g_task_propagate_boolean(G_TASK(result), &error);
    worked(user_data, error);
}

/* (transfer full): @bytes and the names of the document at hand. */
static void
have_document(Compile *self, GBytes *bytes, char *url, const char *name, const char *charset)
{
    g_autoptr(GTask) task = NULL;
    GError *error = NULL;
    McpGrammar *known = NULL;

    g_clear_pointer(&self->bytes, g_bytes_unref);
    self->bytes = bytes;
    g_free(self->url);
    self->url = url;
    g_free(self->name);
    self->name = g_strdup(name);
    g_free(self->charset);
    self->charset = g_strdup(charset);
    self->size += g_bytes_get_size(bytes);
    if (self->simple_key == NULL) {
        self->simple_key = simple_key(self);
        known = cached(self->compiler, self->simple_key);
    }
    if (known != NULL) {
        finish(self, known, NULL);
        return;
    }
    if (self->size <= HEAVY) {
        work(self, &error);
        worked(self, error);
        return;
    }
    task = g_task_new(NULL, g_task_get_cancellable(self->task), work_done, self);
    g_task_set_task_data(task, self, NULL);
    mcp_pool_run(self->compiler->deps.compute, task, run_work);
}

static gboolean
check_response(const McpFetchFacts *facts, const char *url, GError **error)
{
    if (facts->status < 200 || facts->status > 299) {
        g_set_error(error, MCP_ERROR,
                    facts->status == 404 || facts->status == 410 ? MCP_ERROR_NOT_FOUND
                                                                 : MCP_ERROR_FAILED,
                    "%s: the server answered %u", url, facts->status);
        return FALSE;
    }
    return TRUE;
}

static void
fetched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Compile *self = user_data;
    GError *error = NULL;
    const char *url = self->urls->pdata[self->n_done];
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &error);
    const McpFetchFacts *facts;

    if (response == NULL) {
        g_prefix_error(&error, "%s: ", url);
        finish(self, NULL, error);
        return;
    }
    facts = mcp_fetch_response_get_facts(response);
    if (!check_response(facts, url, &error)) {
        finish(self, NULL, error);
        return;
    }
    have_document(self, g_bytes_ref(facts->body), g_strdup(url), url, facts->charset);
}

static void
fetch(Compile *self, const char *url)
{
    g_autoptr(McpFetcher) fetcher = NULL;
    McpFetchRequest request = {
        .url = url,
        .method = "GET",
        .accept = "application/srgs+xml, application/srgs, application/xml;q=0.9, text/xml;q=0.9, "
                  "*/*;q=0.5",
        .accept_language = self->language,
        .timeout = self->timeout,
        .max_age = self->max_age,
        .max_stale = self->max_stale,
        .max_bytes = self->config.max_size,
        .call = self->call,
    };

    if (self->compiler->deps.find_fetcher != NULL)
        fetcher = self->compiler->deps.find_fetcher(self->compiler->deps.user_data);
    if (fetcher == NULL) {
        finish(self, NULL,
               g_error_new(MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s: nothing here can fetch", url));
        return;
    }
    mcp_fetcher_fetch_async(fetcher, &request, g_task_get_cancellable(self->task), fetched, self);
}

static void
make_builtin(Compile *self, const char *uri)
{
    McpBuiltin builtin;
    GError *error = NULL;

    if (!mcp_builtin_parse(uri, &builtin, &error)) {
        finish(self, NULL, error);
        return;
    }
    if (self->n_done == 0)
        self->builtin = builtin;
    have_document(self, mcp_builtin_source(&builtin), g_strdup(uri), uri, "utf-8");
}

static void
next_document(Compile *self)
{
    const char *url = self->urls->pdata[self->n_done];
    GError *error = NULL;

    if (g_cancellable_set_error_if_cancelled(g_task_get_cancellable(self->task), &error))
        finish(self, NULL, error);
    else if (mcp_builtin_is(url))
        make_builtin(self, url);
    else
        fetch(self, url);
}

/* The absolute URL, its fragment apart. */
static char *
absolute(const McpGrammarSource *source, char **out_rule)
{
    g_autofree char *whole = NULL;
    char *fragment;

    if (source->base != NULL && !mcp_builtin_is(source->uri))
        whole = g_uri_resolve_relative(source->base, source->uri, G_URI_FLAGS_NONE, NULL);
    if (whole == NULL)
        whole = g_strdup(source->uri);
    fragment = strchr(whole, '#');
    if (fragment != NULL) {
        *out_rule = g_strdup(fragment + 1);
        *fragment = '\0';
    }
    return g_steal_pointer(&whole);
}

static Compile *
compile_new(McpCompiler *compiler, const McpGrammarSource *source, GTask *task)
{
    Compile *self = g_new0(Compile, 1);

    self->compiler = mcp_compiler_ref(compiler);
    self->task = task;
    self->language = g_strdup(source->language);
    self->mode = source->mode;
    self->is_inline = source->bytes != NULL;
    self->timeout = source->timeout;
    self->max_age = source->max_age;
    self->max_stale = source->max_stale;
    self->call = source->call != NULL ? g_object_ref(source->call) : NULL;
    self->documents = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_grammar_document_unref);
    self->urls = g_ptr_array_new_with_free_func(g_free);
    self->started = mcp_clock_now(compiler->deps.clock);
    g_mutex_lock(&compiler->lock);
    self->config = compiler->config;
    g_mutex_unlock(&compiler->lock);
    return self;
}

void
mcp_compiler_run(McpCompiler *compiler, const McpGrammarSource *source, GTask *task)
{
    Compile *self = compile_new(compiler, source, task);

    g_task_set_task_data(task, self, compile_free);
    if (source->bytes == NULL && source->uri == NULL) {
        finish(self, NULL, g_error_new(MCP_ERROR, MCP_ERROR_INVALID, "grammar has no content"));
        return;
    }
    if (source->bytes == NULL) {
        g_ptr_array_add(self->urls, absolute(source, &self->rule));
        next_document(self);
        return;
    }
    /* An inline grammar has no name of its own, so that nothing refers to it. */
    g_ptr_array_add(self->urls, g_strdup(""));
    if (g_bytes_get_size(source->bytes) > self->config.max_size) {
        finish(self, NULL,
               g_error_new(MCP_ERROR, MCP_ERROR_LIMIT,
                           "grammar has more than %" G_GUINT64_FORMAT " bytes",
                           self->config.max_size));
        return;
    }
    /* The page was decoded, so whatever an ABNF header says of its encoding is over. */
    have_document(self, g_bytes_ref(source->bytes), g_strdup(source->base), "inline grammar",
                  "utf-8");
}

McpCompiler *
mcp_compiler_new(const McpGrammarConfig *config, const McpCompilerDeps *deps)
{
    McpCompiler *compiler = g_new0(McpCompiler, 1);

    g_atomic_ref_count_init(&compiler->ref_count);
    g_mutex_init(&compiler->lock);
    compiler->deps = *deps;
    compiler->config = *config;
    compiler->cache = mcp_lru_new(config->cache, (McpLruRef)mcp_compiled_grammar_ref,
                                  (GDestroyNotify)mcp_compiled_grammar_unref);
    return compiler;
}

McpCompiler *
mcp_compiler_ref(McpCompiler *compiler)
{
    g_atomic_ref_count_inc(&compiler->ref_count);
    return compiler;
}

void
mcp_compiler_unref(McpCompiler *compiler)
{
    if (!g_atomic_ref_count_dec(&compiler->ref_count))
        return;
    mcp_lru_free(compiler->cache);
    g_mutex_clear(&compiler->lock);
    g_free(compiler);
}

void
mcp_compiler_configure(McpCompiler *compiler, const McpGrammarConfig *config)
{
    g_mutex_lock(&compiler->lock);
    compiler->config = *config;
    mcp_lru_set_limit(compiler->cache, config->cache);
    g_mutex_unlock(&compiler->lock);
}
