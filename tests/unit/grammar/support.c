/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of grammars share: an engine, a fetcher that answers from a table, and the
 * synchronous forms of the contract's calls.
 */
#include "support.h"
#include <mcp/error.h>
#include <string.h>

#define TEST_TYPE_FETCHER (test_fetcher_get_type())
G_DECLARE_FINAL_TYPE(TestFetcher, test_fetcher, TEST, FETCHER, GObject)

struct _TestFetcher {
    GObject parent_instance;
    Fixture *fixture;
};

static void test_fetcher_iface_init(McpFetcherInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(TestFetcher, test_fetcher, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_FETCHER, test_fetcher_iface_init))

static void
test_fetch_async(McpFetcher *fetcher, const McpFetchRequest *request, GCancellable *cancellable,
                 GAsyncReadyCallback callback, gpointer user_data)
{
    TestFetcher *self = TEST_FETCHER(fetcher);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    const char *text = g_hash_table_lookup(self->fixture->documents, request->url);
    g_autoptr(GBytes) body = g_bytes_new(text, text != NULL ? strlen(text) : 0);
    McpFetchFacts facts = {.status = text != NULL ? 200 : 404,
                           .url = request->url,
                           .content_type = g_str_has_suffix(request->url, ".gram")
                                               ? "application/srgs"
                                               : "application/srgs+xml",
                           .body = body,
                           .content_id = request->url};

    self->fixture->fetches++;
    g_task_return_pointer(task, mcp_fetch_response_new(&facts),
                          (GDestroyNotify)mcp_fetch_response_unref);
}

static McpFetchResponse *
test_fetch_finish(McpFetcher *fetcher, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
test_fetcher_iface_init(McpFetcherInterface *iface)
{
    iface->fetch_async = test_fetch_async;
    iface->fetch_finish = test_fetch_finish;
}

static void
test_fetcher_init(TestFetcher *self)
{
}

static void
test_fetcher_class_init(TestFetcherClass *klass)
{
}

static McpFetcher *
find_fetcher(gpointer user_data)
{
    TestFetcher *fetcher = g_object_new(TEST_TYPE_FETCHER, NULL);

    fetcher->fixture = user_data;
    return MCP_FETCHER(fetcher);
}

void
fixture_set_up(Fixture *f, gconstpointer data)
{
    McpCompilerDeps deps;

    f->pool = mcp_pool_new("compute", 2, 1000);
    f->clock = mcp_clock_new();
    f->documents = g_hash_table_new(g_str_hash, g_str_equal);
    f->config = (McpGrammarConfig){32 << 20, 4 << 20, 8};
    deps = (McpCompilerDeps){f->pool, f->clock, NULL, find_fetcher, f};
    f->engine = MCP_GRAMMAR_ENGINE(mcp_srgs_engine_new(&f->config, &deps));
}

void
fixture_tear_down(Fixture *f, gconstpointer data)
{
    g_object_unref(f->engine);
    g_object_unref(f->pool);
    g_object_unref(f->clock);
    g_hash_table_unref(f->documents);
}

static void
remember(GObject *source, GAsyncResult *result, gpointer user_data)
{
    *(GAsyncResult **)user_data = g_object_ref(result);
}

McpGrammar *
compile_source(Fixture *f, const McpGrammarSource *source, GError **error)
{
    g_autoptr(GAsyncResult) result = NULL;

    mcp_grammar_engine_compile_async(f->engine, source, NULL, remember, &result);
    while (result == NULL)
        g_main_context_iteration(NULL, TRUE);
    return mcp_grammar_engine_compile_finish(f->engine, result, error);
}

McpGrammar *
compile_text(Fixture *f, const char *text, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    McpGrammarSource source = {.bytes = bytes, .base = "http://test/page.vxml", .max_age = -1};

    return compile_source(f, &source, error);
}

McpGrammar *
compile_uri(Fixture *f, const char *uri, GError **error)
{
    McpGrammarSource source = {.uri = uri, .base = "http://test/page.vxml", .max_age = -1};

    return compile_source(f, &source, error);
}

McpMatchState
match(Fixture *f, McpGrammar *grammar, const char *digits, char **out_json, GError **error)
{
    McpDtmfMatcher *matcher = mcp_grammar_matcher_new(f->engine, &grammar, 1);
    McpMatchState state = MCP_MATCH_PARTIAL;

    for (const char *p = digits; *p != '\0'; p++)
        state = mcp_grammar_matcher_feed(f->engine, matcher, *p);
    if (out_json != NULL)
        *out_json = NULL;
    if (out_json != NULL && (state == MCP_MATCH_MORE || state == MCP_MATCH_COMPLETE)) {
        g_autoptr(McpGrammarResult) result = mcp_grammar_matcher_result(f->engine, matcher, error);

        *out_json = result != NULL ? g_strdup(result->interpretation) : NULL;
    }
    mcp_grammar_matcher_free(f->engine, matcher);
    return state;
}
