/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the cases of a MANIFEST.tsv against the engine: a grammar that must be refused, an input
 * that must not match, the logical parse of one that does, or ("=JSON", "ERROR") what its tags come
 * to. Without an argument the SRGS 1.0 suite as TAP; with a folder the cases of that one, a line a
 * test. --form=xml or --form=abnf runs the cases of one form alone. With --invert a parse is
 * expected where none may be, and another one where there is one: every case must then fail.
 */
#include "engine.h"
#include "sisr.h"
#include <mcp/error.h>
#include <srgs/chart.h>
#include <srgs/derivation.h>
#include <stdio.h>
#include <string.h>

#define FAULT "ERROR"

#define RUNNER_TYPE_FETCHER (runner_fetcher_get_type())
G_DECLARE_FINAL_TYPE(RunnerFetcher, runner_fetcher, RUNNER, FETCHER, GObject)

struct _RunnerFetcher {
    GObject parent_instance;
};

typedef struct {
    const char *folder; /* of the MANIFEST.tsv; the grammars are somewhere below its src */
    const char *form;   /* nullable: only these cases */
    gboolean plain;     /* a line a test instead of TAP */
    gboolean invert;
    GPtrArray *places; /* folders that may hold a grammar */
} RunnerOptions;

enum { FILE_NAME, FORM, MODE, NUMBER, INPUT, EXPECTED, COLUMNS };

static void runner_fetcher_iface_init(McpFetcherInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(RunnerFetcher, runner_fetcher, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_FETCHER, runner_fetcher_iface_init))

static void
runner_fetch_async(McpFetcher *fetcher, const McpFetchRequest *request, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(fetcher, cancellable, callback, user_data);
    g_autoptr(GFile) file = g_file_new_for_uri(request->url);
    g_autofree char *path = g_file_get_path(file);
    g_autofree char *content = NULL;
    g_autoptr(GBytes) body = NULL;
    gsize length = 0;
    gboolean there = path != NULL && g_file_get_contents(path, &content, &length, NULL);
    gboolean abnf = g_str_has_suffix(request->url, ".gram");
    McpFetchFacts facts = {.status = there ? 200 : 404,
                           .url = request->url,
                           .content_type = abnf ? "application/srgs" : "application/srgs+xml"};

    body = g_bytes_new(content, length);
    facts.body = body;
    g_task_return_pointer(task, mcp_fetch_response_new(&facts),
                          (GDestroyNotify)mcp_fetch_response_unref);
}

static McpFetchResponse *
runner_fetch_finish(McpFetcher *fetcher, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
runner_fetcher_iface_init(McpFetcherInterface *iface)
{
    iface->fetch_async = runner_fetch_async;
    iface->fetch_finish = runner_fetch_finish;
}

static void
runner_fetcher_init(RunnerFetcher *self)
{
}

static void
runner_fetcher_class_init(RunnerFetcherClass *klass)
{
}

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return g_object_new(RUNNER_TYPE_FETCHER, NULL);
}

static void
remember(GObject *source, GAsyncResult *result, gpointer user_data)
{
    *(GAsyncResult **)user_data = g_object_ref(result);
}

static McpGrammar *
load(McpGrammarEngine *engine, const char *uri, GError **error)
{
    McpGrammarSource source = {.uri = uri, .max_age = -1, .max_stale = -1};
    g_autoptr(GAsyncResult) result = NULL;

    mcp_grammar_engine_compile_async(engine, &source, NULL, remember, &result);
    while (result == NULL)
        g_main_context_iteration(NULL, TRUE);
    return mcp_grammar_engine_compile_finish(engine, result, error);
}

static char *
interpret(const McpChart *chart, const GArray *steps, GError **error)
{
    g_autofree char *json = mcp_sisr_interpret(chart, steps, error);

    return json != NULL ? g_strconcat("=", json, NULL) : g_strdup(FAULT);
}

/* Returns: the parse, or with @tags what they come to; or "REJECT". */
static char *
parse(const McpNetwork *network, const char *input, gboolean tags, GError **error)
{
    g_autoptr(McpChart) chart = mcp_chart_new(network);
    g_auto(GStrv) words = g_strsplit(input, " ", -1);
    g_autoptr(GArray) steps = NULL;

    for (guint i = 0; words[i] != NULL; i++)
        if (*words[i] != '\0')
            mcp_chart_feed(chart, mcp_network_find_word(network, words[i]));
    steps = mcp_derivation_new(chart, NULL);
    if (steps != NULL && tags)
        return interpret(chart, steps, error);
    return steps != NULL ? mcp_derivation_print(chart, steps) : g_strdup("REJECT");
}

/* The suite activates public rules beside the root: "$rule[…" says which one is meant. */
static char *
try_rule(McpGrammarEngine *engine, const char *uri, const char *input, const char *expected)
{
    gsize length = strcspn(expected, "[");
    g_autofree char *named = NULL;
    McpGrammar *grammar;
    char *got;

    if (expected[0] != '$' || length < 2)
        return g_strdup("REJECT");
    named = g_strdup_printf("%s#%.*s", uri, (int)length - 1, expected + 1);
    grammar = load(engine, named, NULL);
    if (grammar == NULL)
        return g_strdup("REJECT");
    got = parse(grammar->network, input, FALSE, NULL);
    mcp_grammar_unref(engine, grammar);
    return got;
}

/* An element of another vocabulary may be used, ignored or refused, says the file itself. */
static gboolean
is_free(char **columns, const char *got)
{
    return g_str_equal(columns[FILE_NAME], "conformance-5.grxml") &&
           g_str_equal(columns[NUMBER], "1") && g_str_equal(got, "REJECT");
}

/* The suite's "$<uri>" are relative, those of a parse absolute. */
static char *
make_absolute(const char *uri, const char *expected)
{
    GString *out = g_string_new(NULL);
    const char *open;

    while ((open = strstr(expected, "$<")) != NULL) {
        gsize length = strcspn(open + 2, ">");
        g_autofree char *reference = g_strndup(open + 2, length);
        g_autofree char *whole = g_uri_resolve_relative(uri, reference, G_URI_FLAGS_NONE, NULL);

        g_string_append_len(out, expected, open + 2 - expected);
        g_string_append(out, whole);
        expected = open + 2 + length;
    }
    g_string_append(out, expected);
    return g_string_free(out, FALSE);
}

static gboolean
asks_tags(const char *expected)
{
    return *expected == '=' || g_str_equal(expected, FAULT);
}

static char *
run_case(McpGrammarEngine *engine, const char *uri, char **columns, GError **error)
{
    McpGrammar *grammar = load(engine, uri, error);
    g_autofree char *got = NULL;

    if (grammar == NULL)
        return g_strdup("REJECT");
    got = parse(grammar->network, columns[INPUT], asks_tags(columns[EXPECTED]), error);
    mcp_grammar_unref(engine, grammar);
    if (g_str_equal(got, columns[EXPECTED]) || !g_str_equal(got, "REJECT"))
        return g_steal_pointer(&got);
    return try_rule(engine, uri, columns[INPUT], columns[EXPECTED]);
}

/* What is wanted: the suite's word for it, or with @invert one that no engine may give. */
static char *
make_expectation(const char *uri, const char *expected, gboolean invert)
{
    g_autofree char *whole = make_absolute(uri, expected);

    return invert ? g_strconcat("not ", whole, NULL) : g_steal_pointer(&whole);
}

/* (transfer full): the grammar's URI, in the first folder that has it. */
static char *
find_grammar(const RunnerOptions *options, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "#", 2);

    for (guint i = 0; i < options->places->len; i++) {
        g_autofree char *path = g_build_filename(options->places->pdata[i], parts[0], NULL);

        if (g_file_test(path, G_FILE_TEST_EXISTS))
            return g_strdup_printf("file://%s/%s", (char *)options->places->pdata[i], name);
    }
    return g_strdup_printf("file://%s/src/%s", options->folder, name);
}

static void
print_why(char **columns, const char *got, const GError *error, const char *lead,
          const char *between)
{
    printf("%sinput '%s'%swanted %s%sgot %s%s%s", lead, columns[INPUT], between, columns[EXPECTED],
           between, got, error != NULL ? ": " : "", error != NULL ? error->message : "");
}

static void
print_result(const RunnerOptions *options, char **columns, gboolean good, guint number)
{
    if (options->plain)
        printf("%s/%s %s", columns[FILE_NAME], columns[NUMBER], good ? "pass" : "fail");
    else
        printf("%s %u %s %s\n", good ? "ok" : "not ok", number, columns[FILE_NAME],
               columns[NUMBER]);
}

static gboolean
report(McpGrammarEngine *engine, const RunnerOptions *options, char **columns, guint number)
{
    g_autofree char *uri = find_grammar(options, columns[FILE_NAME]);
    g_autoptr(GError) error = NULL;
    g_autofree char *got = run_case(engine, uri, columns, &error);
    g_autofree char *expected = make_expectation(uri, columns[EXPECTED], options->invert);
    gboolean good = g_str_equal(got, expected) || (!options->invert && is_free(columns, got));

    print_result(options, columns, good, number);
    if (!good && !options->plain)
        print_why(columns, got, error, "# ", "\n# ");
    else if (!good)
        print_why(columns, got, error, ": ", ", ");
    if (!good || options->plain)
        printf("\n");
    return good;
}

static guint
run_all(McpGrammarEngine *engine, const RunnerOptions *options, char **rows)
{
    guint number = 0;
    guint failed = 0;

    for (guint i = 1; rows[i] != NULL; i++) {
        g_auto(GStrv) columns = g_strsplit(rows[i], "\t", -1);

        if (g_strv_length(columns) < COLUMNS ||
            (options->form != NULL && !g_str_equal(columns[FORM], options->form)))
            continue;
        failed += report(engine, options, columns, ++number) ? 0 : 1;
    }
    if (options->plain)
        printf("%u passed, %u failed\n", number - failed, failed);
    else
        printf("1..%u\n# %u of %u cases passed\n", number, number - failed, number);
    return failed + (number == 0);
}

static char *
data_folder(void)
{
    const char *root = g_getenv("MCP_CONFORMANCE");
    const char *source = g_getenv("MCP_SOURCE_ROOT");

    if (root != NULL)
        return g_canonicalize_filename(root, NULL);
    return g_canonicalize_filename("../shared/conformance", source);
}

static void
collect_places(GPtrArray *places, const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    if (dir == NULL)
        return;
    g_ptr_array_add(places, g_strdup(folder));
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            collect_places(places, path);
    }
}

static char *
read_options(int argc, char **argv, RunnerOptions *options)
{
    g_autofree char *root = data_folder();
    char *folder = NULL;

    for (int i = 1; i < argc; i++) {
        if (g_str_has_prefix(argv[i], "--form="))
            options->form = argv[i] + strlen("--form=");
        else if (g_str_equal(argv[i], "--invert"))
            options->invert = TRUE;
        else if (g_str_equal(argv[i], "--plain"))
            options->plain = TRUE;
        else if (folder == NULL)
            folder = g_canonicalize_filename(argv[i], NULL);
    }
    return folder != NULL ? folder : g_build_filename(root, "srgs10-irtests", NULL);
}

int
main(int argc, char **argv)
{
    RunnerOptions options = {NULL};
    g_autofree char *folder = read_options(argc, argv, &options);
    g_autofree char *manifest = g_build_filename(folder, "MANIFEST.tsv", NULL);
    g_autofree char *sources = g_build_filename(folder, "src", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) rows = NULL;
    g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(McpPool) pool = NULL;
    g_autoptr(McpClock) clock = NULL;
    g_autoptr(McpGrammarEngine) engine = NULL;
    McpGrammarConfig config = {32 << 20, 4 << 20, 32};

    options.folder = folder;
    options.places = places;
    collect_places(places, sources);
    if (!g_file_get_contents(manifest, &text, NULL, NULL)) {
        printf(options.plain ? "%s is not there\n"
                             : "1..0 # SKIP conformance data is not there: %s\n",
               manifest);
        return options.plain ? 2 : 0;
    }
    rows = g_strsplit(text, "\n", -1);
    pool = mcp_pool_new("compute", 1, 100);
    clock = mcp_clock_new();
    engine = MCP_GRAMMAR_ENGINE(
        mcp_srgs_engine_new(&config, &(McpCompilerDeps){pool, clock, NULL, find_fetcher, NULL}));
    return run_all(engine, &options, rows) == 0 ? 0 : 1;
}
