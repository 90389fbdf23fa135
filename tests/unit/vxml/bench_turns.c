/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a dialog turn costs: many calls walk through an application of pages by keys of chance, on a
 * virtual clock, without media and network. One thread; the figure is turns over the CPU time of
 * the process. Started as "bench-turns FOLDER START [CALLS [TURNS]]"; prints JSON.
 */
#include <mcp/clock.h>
#include <mcp/log.h>
#include <mcp/pool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"
#include "fakes.h"
#include "json_out.h"
#include "session.h"

#define BASE "http://localhost/"
/* Pages below it stand for data: they are never the same twice. */
#define DATA "/data/"
#define STEP (200 * 1000)              /* µs from one turn of a call to its next one */
#define PATIENCE (30 * G_USEC_PER_SEC) /* of virtual time, until a call has to say something */
#define WARM 5                         /* turns of each call that are not counted */
#define CACHE (16 << 20)

/* ---- pages, as a fetcher gives them that has them already ---- */

#define BENCH_TYPE_PAGES (bench_pages_get_type())
G_DECLARE_FINAL_TYPE(BenchPages, bench_pages, BENCH, PAGES, GObject)

struct _BenchPages {
    GObject parent_instance;
    char *folder;
    GHashTable *known; /* char* path → McpFetchResponse */
    GHashTable *asked; /* char* path of pages, each once */
    guint fetches;
    guint data;
};

static void pages_iface_init(McpFetcherInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(BenchPages, bench_pages, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_FETCHER, pages_iface_init))

static const char *
type_of(const char *path)
{
    if (g_str_has_suffix(path, ".wav"))
        return "audio/x-wav";
    if (g_str_has_suffix(path, ".js"))
        return "text/javascript";
    if (g_str_has_suffix(path, ".grxml"))
        return "application/srgs+xml";
    if (g_str_has_suffix(path, ".xml"))
        return "application/xml";
    return "application/voicexml+xml";
}

/* Clips are their own names. */
static char *
read_file(BenchPages *self, const char *path)
{
    g_autofree char *file = g_build_filename(self->folder, path, NULL);
    char *text = NULL;

    if (g_str_has_suffix(path, ".wav"))
        return g_strdup(path);
    g_file_get_contents(file, &text, NULL, NULL);
    return text;
}

static McpFetchResponse *
load(BenchPages *self, const char *url, const char *path, gboolean data)
{
    g_autofree char *text = read_file(self, path);
    g_autofree char *id = NULL;
    g_autoptr(GBytes) body = NULL;
    McpFetchFacts facts = {.url = url, .content_type = type_of(path)};

    if (text == NULL)
        fprintf(stderr, "bench-turns: no %s\n", path);
    facts.status = text != NULL ? 200 : 404;
    if (data && text != NULL) {
        char *more = g_strdup_printf("%s<!-- %u -->\n", text, self->data++);

        g_free(text);
        text = more;
    }
    body = g_bytes_new(text != NULL ? text : "", text != NULL ? strlen(text) : 0);
    id = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, body);
    facts.body = body;
    facts.content_id = id;
    return mcp_fetch_response_new(&facts);
}

static McpFetchResponse *
get(BenchPages *self, const char *url)
{
    const char *rest = url + strlen(BASE);
    g_autofree char *path = g_strndup(rest, strcspn(rest, "?#"));
    gboolean data = strstr(url, DATA) != NULL;
    McpFetchResponse *known = data ? NULL : g_hash_table_lookup(self->known, path);

    if (g_str_has_suffix(path, ".vxml"))
        g_hash_table_add(self->asked, g_strdup(path));
    if (data)
        return load(self, url, path, TRUE);
    if (known == NULL) {
        known = load(self, url, path, FALSE);
        g_hash_table_insert(self->known, g_steal_pointer(&path), known);
    }
    return mcp_fetch_response_ref(known);
}

static void
fetch_async(McpFetcher *fetcher, const McpFetchRequest *request, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
    BenchPages *self = BENCH_PAGES(fetcher);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autofree char *url =
        request->base != NULL
            ? g_uri_resolve_relative(request->base, request->url, G_URI_FLAGS_ENCODED, NULL)
            : g_strdup(request->url);

    self->fetches++;
    if (url == NULL || !g_str_has_prefix(url, BASE))
        g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no %s", request->url);
    else
        g_task_return_pointer(task, get(self, url), (GDestroyNotify)mcp_fetch_response_unref);
}

static McpFetchResponse *
fetch_finish(McpFetcher *fetcher, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
pages_iface_init(McpFetcherInterface *iface)
{
    iface->fetch_async = fetch_async;
    iface->fetch_finish = fetch_finish;
}

static void
bench_pages_finalize(GObject *object)
{
    BenchPages *self = BENCH_PAGES(object);

    g_free(self->folder);
    g_hash_table_unref(self->known);
    g_hash_table_unref(self->asked);
    G_OBJECT_CLASS(bench_pages_parent_class)->finalize(object);
}

static void
bench_pages_class_init(BenchPagesClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = bench_pages_finalize;
}

static void
bench_pages_init(BenchPages *self)
{
    self->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify)mcp_fetch_response_unref);
    self->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/* ---- calls ---- */

typedef struct {
    McpVxmlServices services;
    BenchPages *pages;
    GRand *keys;
    const char *start;
} World;

typedef struct {
    FakeLeg *leg;
    McpVxmlSession *session;
    gboolean ended;
    char *reason;
} Call;

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return MCP_FETCHER(g_object_ref(((World *)user_data)->pages));
}

static void
on_end(McpDialog *dialog, const McpDialogEnd *end, gpointer user_data)
{
    Call *call = user_data;

    call->ended = TRUE;
    g_free(call->reason);
    call->reason = g_strdup(end->reason);
}

static void
on_prepared(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Call *call = user_data;
    McpDialogMedia media;
    g_autoptr(McpReject) reject = NULL;

    if (mcp_dialog_prepare_finish(MCP_DIALOG(source), result, &media, &reject)) {
        mcp_dialog_start(MCP_DIALOG(source), MCP_LEG(call->leg), on_end, call);
        return;
    }
    call->ended = TRUE;
    call->reason = g_strdup(reject->warning_text);
}

static void
settle(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

/* Until something new is played: FALSE when that does not come. */
static gboolean
await_prompt(World *world, Call *call)
{
    gint64 end = mcp_clock_now(world->services.clock) + PATIENCE;

    settle();
    while (!call->ended && fake_leg_get_heard(call->leg)->len == 0) {
        gint64 next = mcp_clock_next(world->services.clock);

        if (next < 0 || mcp_clock_now(world->services.clock) + next > end)
            return FALSE;
        mcp_clock_advance(world->services.clock, next);
        settle();
    }
    return !call->ended;
}

static gboolean
begin(World *world, Call *call, guint number)
{
    g_autofree char *url = g_strconcat(BASE, world->start, NULL);
    g_autofree char *facts =
        g_strdup_printf("{\"local\":{\"uri\":\"sip:bank@localhost\"},"
                        "\"remote\":{\"uri\":\"sip:caller%u@localhost\"},"
                        "\"protocol\":{\"name\":\"sip\",\"version\":\"2.0\",\"sip\":{\"headers\":"
                        "{\"call-id\":\"call-%u\"},\"requesturi\":{},"
                        "\"fulluri\":\"sip:bank@localhost\"}}}",
                        number, number);
    McpVxmlStart start = {
        .url = url, .method = "GET", .max_age = -1, .max_stale = -1, .session = facts};

    call->leg = fake_leg_new(world->services.clock);
    call->session = mcp_vxml_session_new(&world->services, NULL, &start);
    mcp_dialog_prepare_async(MCP_DIALOG(call->session), NULL, on_prepared, call);
    return await_prompt(world, call);
}

/* One turn: a key amid the prompt, until the next prompt is played. */
static gboolean
turn(World *world, Call *call)
{
    g_ptr_array_set_size(fake_leg_get_heard(call->leg), 0);
    fake_leg_press(call->leg, (char)('0' + g_rand_int_range(world->keys, 1, 10)));
    return await_prompt(world, call);
}

static gboolean
take_turns(World *world, Call *calls, guint n_calls, guint turns)
{
    for (guint round = 0; round < turns; round++) {
        for (guint i = 0; i < n_calls; i++) {
            if (turn(world, &calls[i]))
                continue;
            fprintf(stderr, "bench-turns: call %u says nothing in turn %u: %s\n", i, round,
                    calls[i].reason != NULL ? calls[i].reason : "it waits");
            return FALSE;
        }
        mcp_clock_advance(world->services.clock, STEP);
        settle();
    }
    return TRUE;
}

static void
end(World *world, Call *call)
{
    if (!call->ended)
        mcp_dialog_terminate(MCP_DIALOG(call->session), "BYE");
    settle();
    g_clear_object(&call->session);
    g_clear_object(&call->leg);
    g_free(call->reason);
}

/* ---- the measurement ---- */

static double
cpu_s(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
open_world(World *world, const char *folder, McpPool *pool)
{
    McpVxmlServices *services = &world->services;
    McpGrammarConfig config = {.cache = CACHE, .max_size = 1 << 20, .max_documents = 8};
    McpCompilerDeps deps = {.compute = pool, .find_fetcher = find_fetcher, .user_data = world};

    services->clock = deps.clock = mcp_clock_new_virtual();
    world->pages = g_object_new(BENCH_TYPE_PAGES, NULL);
    world->pages->folder = g_strdup(folder);
    world->keys = g_rand_new_with_seed(40);
    services->fetcher = MCP_FETCHER(world->pages);
    services->grammar = MCP_GRAMMAR_ENGINE(mcp_srgs_engine_new(&config, &deps));
    services->media = MCP_MEDIA(fake_media_new());
    services->store = MCP_STORE(fake_store_new());
    services->events = g_object_new(MCP_TYPE_EVENTS, NULL);
    services->cache = mcp_vxml_cache_new(CACHE);
    services->config = mcp_vxml_config_new(NULL);
}

static void
close_world(World *world)
{
    McpVxmlServices *services = &world->services;

    g_object_unref(services->grammar);
    g_object_unref(services->media);
    g_object_unref(services->store);
    g_object_unref(services->events);
    mcp_vxml_cache_unref(services->cache);
    mcp_vxml_config_unref(services->config);
    g_object_unref(world->pages);
    g_object_unref(services->clock);
    g_rand_free(world->keys);
}

typedef struct {
    guint calls;
    guint turns; /* of each */
    double start_s;
    double turns_s;
    guint fetches;
    guint data;
    guint pages;
    gboolean good;
} Figures;

static void
measure(World *world, Figures *figures)
{
    g_autofree Call *calls = g_new0(Call, figures->calls);
    double from = cpu_s();

    figures->good = TRUE;
    for (guint i = 0; i < figures->calls && figures->good; i++)
        figures->good = begin(world, &calls[i], i);
    figures->start_s = cpu_s() - from;
    if (!figures->good)
        fprintf(stderr, "bench-turns: a call says nothing\n");
    figures->good = figures->good && take_turns(world, calls, figures->calls, WARM);
    world->pages->fetches = world->pages->data = 0;
    from = cpu_s();
    figures->good = figures->good && take_turns(world, calls, figures->calls, figures->turns);
    figures->turns_s = cpu_s() - from;
    figures->fetches = world->pages->fetches;
    figures->data = world->pages->data;
    figures->pages = g_hash_table_size(world->pages->asked);
    for (guint i = 0; i < figures->calls; i++)
        if (calls[i].session != NULL)
            end(world, &calls[i]);
}

static void
report(const Figures *figures)
{
    double turns = (double)figures->calls * figures->turns;
    g_autofree char *text = NULL;
    McpBenchJson json;

    mcp_bench_json_init(&json);
    mcp_bench_json_int(&json, "calls", figures->calls);
    mcp_bench_json_int(&json, "turns", (gint64)turns);
    mcp_bench_json_double(&json, "turns_a_cpu_second", turns / figures->turns_s);
    mcp_bench_json_double(&json, "turn_us", figures->turns_s * 1e6 / turns);
    mcp_bench_json_double(&json, "start_us", figures->start_s * 1e6 / figures->calls);
    mcp_bench_json_double(&json, "fetches_a_turn", figures->fetches / turns);
    mcp_bench_json_double(&json, "data_pages_a_turn", figures->data / turns);
    mcp_bench_json_int(&json, "pages_seen", figures->pages);
    text = mcp_bench_json_finish(&json);
    fputs(text, stdout);
}

int
main(int argc, char **argv)
{
    Figures figures = {.calls = argc > 3 ? (guint)atoi(argv[3]) : 50,
                       .turns = argc > 4 ? (guint)atoi(argv[4]) : 400};
    McpPool *pool = NULL;
    World world = {.start = argc > 2 ? argv[2] : NULL};

    if (argc < 3 || figures.calls == 0 || figures.turns == 0) {
        fprintf(stderr, "usage: bench-turns FOLDER START [CALLS [TURNS]]\n");
        return 2;
    }
    mcp_log_set_level(MCP_LOG_ERROR);
    pool = mcp_pool_new("compute", 1, 8);
    open_world(&world, argv[1], pool);
    measure(&world, &figures);
    if (figures.good)
        report(&figures);
    close_world(&world);
    g_object_unref(pool);
    return figures.good ? 0 : 1;
}
