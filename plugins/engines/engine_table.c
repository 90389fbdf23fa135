/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The speech engines by name: in which order they are asked, and how each has done so far. Any
 * thread.
 */
#include "engine_table.h"

#include <mcp/contract/recognizer.h>
#include <mcp/contract/synthesizer.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

/* Upper bounds of what describe() counts, in ms; the last one has none. */
static const guint bounds[] = {50, 100, 200, 500, 1000, 2000, 5000};
#define N_BOUNDS (G_N_ELEMENTS(bounds) + 1)

struct _McpEngine {
    McpEngineTable *table; /* not owned */
    McpEngineKind kind;
    char *name;
    guint label;
    McpBreaker breaker;    /* under the table's lock */
    McpBackoff backoff;    /* under the table's lock */
    gint succeeded;        /* atomic */
    gint failed;           /* atomic */
    gint slower[N_BOUNDS]; /* atomic: answers by their duration */
    char *last_error;      /* nullable; under the table's lock */
};

typedef struct {
    char *language; /* nullable */
    GStrv names[MCP_ENGINE_KINDS];
} Order;

struct _McpEngineTable {
    gatomicrefcount refs;
    McpEngineServices services;
    McpClock *clock;
    McpMetrics *metrics;
    GMutex lock;         /* guards what follows */
    GPtrArray *orders;   /* Order */
    GHashTable *engines; /* "KIND NAME" → McpEngine */
    guint failures;
    gint64 pause;
    gint64 longest;
};

static const char *const contracts[] = {MCP_CONTRACT_SYNTHESIZER, MCP_CONTRACT_RECOGNIZER};
static const char *const kinds[] = {"synthesizer", "recognizer"};

static void
engine_free(gpointer data)
{
    McpEngine *engine = data;

    g_free(engine->last_error);
    g_free(engine->name);
    g_free(engine);
}

static void
order_free(gpointer data)
{
    Order *order = data;

    for (guint i = 0; i < MCP_ENGINE_KINDS; i++)
        g_strfreev(order->names[i]);
    g_free(order->language);
    g_free(order);
}

static void
choice_free(gpointer data)
{
    McpEngineChoice *choice = data;

    g_object_unref(choice->service);
    g_free(choice);
}

McpEngineTable *
mcp_engine_table_new(const McpEngineServices *services, McpClock *clock, McpMetrics *metrics)
{
    McpEngineTable *table = g_new0(McpEngineTable, 1);

    g_atomic_ref_count_init(&table->refs);
    table->services = *services;
    table->clock = g_object_ref(clock);
    table->metrics = metrics;
    g_mutex_init(&table->lock);
    table->orders = g_ptr_array_new_with_free_func(order_free);
    table->engines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, engine_free);
    return table;
}

McpEngineTable *
mcp_engine_table_ref(McpEngineTable *table)
{
    g_atomic_ref_count_inc(&table->refs);
    return table;
}

void
mcp_engine_table_unref(McpEngineTable *table)
{
    if (table == NULL || !g_atomic_ref_count_dec(&table->refs))
        return;
    g_ptr_array_unref(table->orders);
    g_hash_table_unref(table->engines);
    g_object_unref(table->clock);
    g_mutex_clear(&table->lock);
    g_free(table);
}

void
mcp_engine_table_configure(McpEngineTable *table, const McpEngineConfig *config)
{
    g_mutex_lock(&table->lock);
    g_ptr_array_set_size(table->orders, 0);
    table->failures = config->failures;
    table->pause = config->pause;
    table->longest = config->longest;
    for (guint i = 0; i < config->n_orders; i++) {
        Order *order = g_new0(Order, 1);

        order->language = g_strdup(config->orders[i].language);
        for (guint k = 0; k < MCP_ENGINE_KINDS; k++)
            order->names[k] = g_strdupv((char **)config->orders[i].names[k]);
        g_ptr_array_add(table->orders, order);
    }
    g_mutex_unlock(&table->lock);
}

gpointer
mcp_engine_table_find(McpEngineTable *table, const char *contract)
{
    return table->services.lookup(contract, NULL, table->services.user_data);
}

McpMetrics *
mcp_engine_table_get_metrics(McpEngineTable *table)
{
    return table->metrics;
}

McpClock *
mcp_engine_table_get_clock(McpEngineTable *table)
{
    return table->clock;
}

static guint
label_of(const char *name)
{
    g_auto(GStrv) names = g_strsplit(MCP_ENGINE_NAMES, "|", -1);
    guint i = 0;

    while (names[i + 1] != NULL && strcmp(names[i], name) != 0)
        i++;
    return i;
}

/* Under the lock. */
static McpEngine *
get_engine(McpEngineTable *self, McpEngineKind kind, const char *name)
{
    g_autofree char *key = g_strdup_printf("%u %s", kind, name);
    McpEngine *engine = g_hash_table_lookup(self->engines, key);

    if (engine != NULL)
        return engine;
    engine = g_new0(McpEngine, 1);
    engine->table = self;
    engine->kind = kind;
    engine->name = g_strdup(name);
    engine->label = label_of(name);
    g_hash_table_insert(self->engines, g_steal_pointer(&key), engine);
    return engine;
}

/* --- choosing --- */

/* How well @order is made for @language: 0 not at all, 1 for all, more: the more the closer. */
static gsize
closeness(const Order *order, const char *language)
{
    gsize length = 0;

    if (order->language == NULL)
        return 1;
    length = strlen(order->language);
    if (language == NULL || g_ascii_strncasecmp(language, order->language, length) != 0 ||
        (language[length] != '\0' && language[length] != '-'))
        return 0;
    return 1 + length;
}

/* (transfer full): names that the closest order lists; NULL: it lists none. Under the lock. */
static GStrv
names_for(McpEngineTable *self, McpEngineKind kind, const char *language)
{
    GStrv best = NULL;
    gsize closest = 0;

    for (guint i = 0; i < self->orders->len; i++) {
        const Order *order = self->orders->pdata[i];
        gsize how = closeness(order, language);

        if (how > closest && order->names[kind] != NULL && order->names[kind][0] != NULL) {
            closest = how;
            best = order->names[kind];
        }
    }
    return g_strdupv(best);
}

static GStrv
split(const char *names)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    g_auto(GStrv) parts = g_strsplit_set(names, " ,\t", -1);

    for (guint i = 0; parts[i] != NULL; i++)
        if (*parts[i] != '\0')
            g_ptr_array_add(list, g_strdup(parts[i]));
    g_ptr_array_add(list, NULL);
    return (GStrv)g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

static void
add_choice(McpEngineTable *self, McpEngineKind kind, const char *name, GPtrArray *choices)
{
    GObject *service = NULL;
    McpEngineChoice *choice = NULL;

    if (strcmp(name, MCP_ENGINES_SERVICE) == 0)
        return;
    service = self->services.lookup(contracts[kind], name, self->services.user_data);
    if (service == NULL)
        return;
    choice = g_new0(McpEngineChoice, 1);
    choice->service = service;
    g_mutex_lock(&self->lock);
    choice->engine = get_engine(self, kind, name);
    g_mutex_unlock(&self->lock);
    g_ptr_array_add(choices, choice);
}

GPtrArray *
mcp_engine_table_choose(McpEngineTable *table, McpEngineKind kind, const char *names,
                        const char *language, GError **error)
{
    g_autoptr(GPtrArray) choices = g_ptr_array_new_with_free_func(choice_free);
    g_auto(GStrv) list = NULL;

    if (names != NULL && *names != '\0') {
        list = split(names);
    } else {
        g_mutex_lock(&table->lock);
        list = names_for(table, kind, language);
        g_mutex_unlock(&table->lock);
    }
    if (list == NULL)
        list = table->services.list(contracts[kind], table->services.user_data);
    for (guint i = 0; list[i] != NULL; i++)
        add_choice(table, kind, list[i], choices);
    if (choices->len == 0) {
        g_autofree char *wanted = g_strjoinv(", ", list);

        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no %s is running%s%.200s", kinds[kind],
                    *wanted != '\0' ? " of those wanted: " : "", wanted);
        return NULL;
    }
    return g_steal_pointer(&choices);
}

/* --- how they do --- */

const char *
mcp_engine_get_name(McpEngine *engine)
{
    return engine->name;
}

const char *
mcp_engine_get_kind_name(McpEngine *engine)
{
    return kinds[engine->kind];
}

gboolean
mcp_engine_allows(McpEngine *engine)
{
    McpEngineTable *table = engine->table;
    gboolean allows = FALSE;

    g_mutex_lock(&table->lock);
    allows = mcp_breaker_allows(&engine->breaker, mcp_clock_now(table->clock));
    g_mutex_unlock(&table->lock);
    return allows;
}

void
mcp_engine_unknown(McpEngine *engine)
{
    g_mutex_lock(&engine->table->lock);
    mcp_breaker_unknown(&engine->breaker);
    g_mutex_unlock(&engine->table->lock);
}

/* Neither under the lock. */
static void
tell_up(McpEngine *engine)
{
    const McpEngineServices *services = &engine->table->services;

    mcp_log_info("engine-up", NULL, "%s %s answers again", kinds[engine->kind], engine->name);
    if (services->changed != NULL)
        services->changed(engine, NULL, services->user_data);
}

static void
tell_down(McpEngine *engine, const GError *error)
{
    const McpEngineServices *services = &engine->table->services;

    mcp_log_warning("engine-down", NULL, "%s %s fails and is left alone for a while: %s",
                    kinds[engine->kind], engine->name, error->message);
    if (services->changed != NULL)
        services->changed(engine, error, services->user_data);
}

void
mcp_engine_succeeded(McpEngine *engine, gint64 duration)
{
    guint slot = 0;
    gboolean was_open = FALSE;

    g_mutex_lock(&engine->table->lock);
    was_open = mcp_breaker_is_open(&engine->breaker);
    mcp_breaker_succeeded(&engine->breaker);
    mcp_backoff_reset(&engine->backoff);
    g_mutex_unlock(&engine->table->lock);
    if (was_open)
        tell_up(engine);
    g_atomic_int_inc(&engine->succeeded);
    if (duration < 0)
        return;
    while (slot < G_N_ELEMENTS(bounds) && duration > (gint64)bounds[slot] * 1000)
        slot++;
    g_atomic_int_inc(&engine->slower[slot]);
    if (engine->table->metrics != NULL)
        mcp_metrics_observe(engine->table->metrics,
                            engine->kind == MCP_ENGINE_SYNTHESIZER ? MCP_ENGINE_METRIC_SYNTHESIS
                                                                   : MCP_ENGINE_METRIC_RECOGNITION,
                            engine->label, (double)duration / G_USEC_PER_SEC);
}

void
mcp_engine_failed(McpEngine *engine, const GError *error)
{
    McpEngineTable *table = engine->table;
    gboolean was_open = FALSE;
    gboolean opened = FALSE;
    McpBackoff before;

    g_atomic_int_inc(&engine->failed);
    if (table->metrics != NULL)
        mcp_metrics_add(table->metrics, MCP_ENGINE_METRIC_FAILURES, engine->label, 1);
    g_mutex_lock(&table->lock);
    before = engine->backoff;
    was_open = mcp_breaker_is_open(&engine->breaker);
    opened = mcp_breaker_failed(&engine->breaker, mcp_clock_now(table->clock), table->failures,
                                mcp_backoff_next(&engine->backoff, table->pause, table->longest));
    if (!opened)
        engine->backoff = before;
    g_free(engine->last_error);
    engine->last_error = g_strdup(error->message);
    g_mutex_unlock(&table->lock);
    if (opened && !was_open)
        tell_down(engine, error);
}

static void
describe_durations(McpEngine *engine, McpJson *json)
{
    mcp_json_begin_object(json, "durations_ms");
    for (guint i = 0; i < N_BOUNDS; i++) {
        g_autofree char *name =
            i < G_N_ELEMENTS(bounds) ? g_strdup_printf("%u", bounds[i]) : g_strdup("more");

        mcp_json_int(json, name, g_atomic_int_get(&engine->slower[i]));
    }
    mcp_json_end_object(json);
}

/* What it tells of itself. Without the lock. */
static void
describe_service(McpEngineTable *self, const McpEngine *engine, McpJson *json)
{
    g_autoptr(GObject) service =
        self->services.lookup(contracts[engine->kind], engine->name, self->services.user_data);

    mcp_json_begin_object(json, "details");
    if (service != NULL && engine->kind == MCP_ENGINE_SYNTHESIZER)
        mcp_synthesizer_describe(MCP_SYNTHESIZER(service), json);
    else if (service != NULL)
        mcp_recognizer_describe(MCP_RECOGNIZER(service), json);
    mcp_json_end_object(json);
}

static int
compare_engines(gconstpointer a, gconstpointer b)
{
    const McpEngine *one = *(McpEngine *const *)a;
    const McpEngine *two = *(McpEngine *const *)b;

    return one->kind != two->kind ? (int)one->kind - (int)two->kind : strcmp(one->name, two->name);
}

/* Those that are there are told, whether or not they were ever asked. Returns: whether it is. */
static gboolean
is_live(McpEngineTable *self, const McpEngine *engine)
{
    g_autoptr(GObject) service =
        self->services.lookup(contracts[engine->kind], engine->name, self->services.user_data);

    return service != NULL;
}

static void
learn_all(McpEngineTable *self)
{
    for (guint kind = 0; kind < MCP_ENGINE_KINDS; kind++) {
        g_auto(GStrv) names = self->services.list(contracts[kind], self->services.user_data);

        g_mutex_lock(&self->lock);
        for (guint i = 0; names[i] != NULL; i++)
            if (strcmp(names[i], MCP_ENGINES_SERVICE) != 0)
                get_engine(self, kind, names[i]);
        g_mutex_unlock(&self->lock);
    }
}

void
mcp_engine_table_describe(McpEngineTable *table, McpJson *json)
{
    g_autoptr(GPtrArray) engines = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value = NULL;

    learn_all(table);
    /* They live as long as the table. */
    g_mutex_lock(&table->lock);
    g_hash_table_iter_init(&iter, table->engines);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        g_ptr_array_add(engines, value);
    g_mutex_unlock(&table->lock);
    g_ptr_array_sort(engines, compare_engines);
    mcp_json_begin_array(json, "engines");
    for (guint i = 0; i < engines->len; i++) {
        McpEngine *engine = engines->pdata[i];
        g_autofree char *last = NULL;
        gboolean open = FALSE;

        g_mutex_lock(&table->lock);
        last = g_strdup(engine->last_error);
        open = mcp_breaker_is_open(&engine->breaker);
        g_mutex_unlock(&table->lock);
        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "name", engine->name);
        mcp_json_string(json, "kind", kinds[engine->kind]);
        mcp_json_string(json, "state", !is_live(table, engine) ? "absent" : open ? "down" : "up");
        mcp_json_int(json, "succeeded", g_atomic_int_get(&engine->succeeded));
        mcp_json_int(json, "failed", g_atomic_int_get(&engine->failed));
        if (last != NULL)
            mcp_json_string(json, "last_error", last);
        describe_durations(engine, json);
        describe_service(table, engine, json);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}
