/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of plugin order, registry, metrics and the note reader. */
#include "plugin/metrics.h"
#include "plugin/note.h"
#include "plugin/order.h"
#include "plugin/registry.h"

#include <glib/gstdio.h>
#include <string.h>

static const McpProvides provides_a[] = {{"a", 1, 2, "a", 0}, {NULL}};
static const McpProvides provides_b[] = {{"b", 1, 0, "b", 0}, {NULL}};
static const McpRequires requires_a[] = {{"a", 1, 1, FALSE}, {NULL}};
static const McpRequires requires_b[] = {{"b", 1, 0, FALSE}, {NULL}};
static const McpRequires requires_newer[] = {{"a", 1, 3, FALSE}, {NULL}};
static const McpRequires requires_next[] = {{"a", 2, 0, FALSE}, {NULL}};
static const McpRequires requires_optional[] = {{"z", 1, 0, TRUE}, {NULL}};

static void
test_order(void)
{
    const McpPluginDesc top = {.name = "top", .requires_ = requires_b};
    const McpPluginDesc middle = {
        .name = "middle", .provides = provides_b, .requires_ = requires_a};
    const McpPluginDesc base = {
        .name = "base", .provides = provides_a, .requires_ = requires_optional};
    const McpPluginDesc listener = {.name = "listener"};
    const McpPluginDesc *descs[] = {&top, &middle, &base, &listener};
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    guint order[4];

    g_assert_true(mcp_plugin_order(descs, 4, order, errors));
    g_assert_cmpuint(order[0], ==, 3);
    g_assert_cmpuint(order[1], ==, 2);
    g_assert_cmpuint(order[2], ==, 1);
    g_assert_cmpuint(order[3], ==, 0);
}

static void
assert_refused(const McpPluginDesc *const *descs, guint n, const char *needle)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    guint order[4];

    g_assert_false(mcp_plugin_order(descs, n, order, errors));
    g_assert_nonnull(strstr(g_ptr_array_index(errors, 0), needle));
}

static void
test_refusals(void)
{
    const McpPluginDesc base = {.name = "base", .provides = provides_a};
    const McpPluginDesc newer = {.name = "newer", .requires_ = requires_newer};
    const McpPluginDesc next = {.name = "next", .requires_ = requires_next};
    const McpPluginDesc ab = {.name = "ab", .provides = provides_a, .requires_ = requires_b};
    const McpPluginDesc ba = {.name = "ba", .provides = provides_b, .requires_ = requires_a};
    const McpPluginDesc *minor[] = {&base, &newer};
    const McpPluginDesc *major[] = {&base, &next};
    const McpPluginDesc *circle[] = {&ab, &ba};

    assert_refused(minor, 2, "plugin newer: requires contract a 1.3");
    assert_refused(major, 2, "plugin next: requires contract a 2.0");
    assert_refused(circle, 2, "requires it in turn");
}

static void
test_registry(void)
{
    McpRegistry *registry = mcp_registry_new();
    g_autoptr(GObject) low = g_object_new(G_TYPE_OBJECT, NULL);
    g_autoptr(GObject) high = g_object_new(G_TYPE_OBJECT, NULL);
    g_autoptr(GObject) found = NULL;
    g_auto(GStrv) names = NULL;

    mcp_registry_publish(registry, "tts", "low", 1, low);
    mcp_registry_publish(registry, "tts", "high", 5, high);
    found = mcp_registry_lookup(registry, "tts", NULL);
    g_assert_true(found == high);
    names = mcp_registry_list(registry, "tts");
    g_assert_cmpstr(names[0], ==, "high");
    g_assert_cmpstr(names[1], ==, "low");
    mcp_registry_withdraw(registry, "tts", "high");
    g_clear_object(&found);
    found = mcp_registry_lookup(registry, "tts", NULL);
    g_assert_true(found == low);
    g_assert_null(mcp_registry_lookup(registry, "tts", "high"));
    g_assert_null(mcp_registry_lookup(registry, "asr", NULL));
    mcp_registry_free(registry);
}

static void
test_metrics(void)
{
    static const McpMetricDef table[] = {
        {"a_total", MCP_METRIC_COUNTER, "things", "Things.", "kind", "x|y", NULL, 1},
        {"b_seconds", MCP_METRIC_HISTOGRAM, "seconds", "Times.", NULL, NULL, "0.1|1", 2},
        {NULL},
    };
    McpMetrics *metrics = mcp_metrics_new(table);
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;
    gint64 counts[3];
    double sum = 0;
    guint n = 0;

    mcp_metrics_add(metrics, 0, 0, 2);
    mcp_metrics_add(metrics, 0, 1, 3);
    mcp_metrics_observe(metrics, 1, 0, 0.05);
    mcp_metrics_observe(metrics, 1, 0, 0.5);
    mcp_metrics_observe(metrics, 1, 0, 5);
    g_assert_cmpint(mcp_metrics_get(metrics, 0, 1), ==, 3);
    g_assert_cmpint(mcp_metrics_get(metrics, 1, 0), ==, 3);
    g_assert_cmpuint(mcp_metrics_get_labels(metrics, 0), ==, 2);
    g_assert_cmpstr(mcp_metrics_get_label_value(metrics, 0, 1), ==, "y");
    g_assert_null(mcp_metrics_get_label_value(metrics, 1, 0));
    g_assert_cmpfloat(mcp_metrics_get_bounds(metrics, 1, &n)[1], ==, 1);
    g_assert_cmpuint(n, ==, 2);
    mcp_metrics_observe(metrics, 1, 0, 0.5);
    g_assert_cmpint(mcp_metrics_read_histogram(metrics, 1, 0, counts, &sum), ==, 4);
    g_assert_cmpint(counts[0], ==, 1);
    g_assert_cmpint(counts[1], ==, 2);
    g_assert_cmpint(counts[2], ==, 1);
    g_assert_cmpfloat_with_epsilon(sum, 6.05, 1e-6);
    mcp_json_begin_array(json, NULL);
    mcp_metrics_describe(metrics, json);
    mcp_json_end_array(json);
    text = mcp_json_finish(json);
    g_assert_nonnull(strstr(text, "\"label\":\"kind\",\"label_value\":\"y\",\"value\":3"));
    g_assert_nonnull(strstr(text, "\"sum\":6.05,\"buckets\":[1,2,1]"));
    mcp_metrics_free(metrics);
}

static const McpMetricDef times_table[] = {
    {"b_seconds", MCP_METRIC_HISTOGRAM, "seconds", "Times.", "kind", "x|y", "0.1|1", 1},
    {NULL},
};

static void
test_exemplars(void)
{
    McpMetrics *metrics = mcp_metrics_new(times_table);
    McpMetricExemplar exemplar;
    g_autofree char *long_id = g_strnfill(100, 'i');

    mcp_metrics_observe(metrics, 0, 0, 0.05);
    g_assert_false(mcp_metrics_read_exemplar(metrics, 0, 0, 0, &exemplar));
    mcp_metrics_observe_call(metrics, 0, 0, 0.05, "first");
    mcp_metrics_observe_call(metrics, 0, 0, 0.06, "second");
    mcp_metrics_observe_call(metrics, 0, 0, 7, "late");
    mcp_metrics_observe_call(metrics, 0, 1, 0.5, long_id);
    mcp_metrics_observe_call(metrics, 0, 1, 0.5, NULL);
    g_assert_true(mcp_metrics_read_exemplar(metrics, 0, 0, 0, &exemplar));
    g_assert_cmpstr(exemplar.call_id, ==, "second");
    g_assert_cmpfloat(exemplar.value, ==, 0.06);
    g_assert_cmpint(exemplar.wall, >, 0);
    g_assert_false(mcp_metrics_read_exemplar(metrics, 0, 0, 1, &exemplar));
    g_assert_true(mcp_metrics_read_exemplar(metrics, 0, 0, 2, &exemplar));
    g_assert_cmpstr(exemplar.call_id, ==, "late");
    g_assert_true(mcp_metrics_read_exemplar(metrics, 0, 1, 1, &exemplar));
    g_assert_cmpuint(strlen(exemplar.call_id), ==, MCP_METRIC_CALL_ID_MAX);
    mcp_metrics_free(metrics);
}

typedef struct {
    McpMetrics *metrics;
    const char *id;
    double value;
} Writer;

#define ROUNDS 20000

static gpointer
write_exemplars(gpointer data)
{
    const Writer *writer = data;

    for (guint i = 0; i < ROUNDS; i++)
        mcp_metrics_observe_call(writer->metrics, 0, 0, writer->value, writer->id);
    return NULL;
}

/* Whoever reads while two write sees what one of them wrote, or nothing. */
static void
test_exemplars_of_threads(void)
{
    McpMetrics *metrics = mcp_metrics_new(times_table);
    Writer writers[] = {{metrics, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0.01},
                        {metrics, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 0.02}};
    GThread *threads[2];
    McpMetricExemplar exemplar;

    for (guint i = 0; i < 2; i++)
        threads[i] = g_thread_new("writer", write_exemplars, &writers[i]);
    while (mcp_metrics_get(metrics, 0, 0) < 2 * ROUNDS) {
        const Writer *writer = NULL;

        if (!mcp_metrics_read_exemplar(metrics, 0, 0, 0, &exemplar))
            continue;
        writer = &writers[exemplar.call_id[0] == 'b'];
        g_assert_cmpstr(exemplar.call_id, ==, writer->id);
        g_assert_cmpfloat(exemplar.value, ==, writer->value);
    }
    for (guint i = 0; i < 2; i++)
        g_thread_join(threads[i]);
    g_assert_true(mcp_metrics_read_exemplar(metrics, 0, 0, 0, &exemplar));
    mcp_metrics_free(metrics);
}

/* Cut and mangled copies of a real ELF file never crash the reader. */
static void
test_hostile_notes(void)
{
    g_autofree char *image = NULL;
    g_autofree char *file = NULL;
    gsize length;
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    int fd = g_file_open_tmp("mcp-note-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(g_file_get_contents("/proc/self/exe", &image, &length, NULL));
    for (guint round = 0; round < 300; round++) {
        g_autofree char *copy = g_memdup2(image, length);
        gsize cut = round % 3 == 0 ? (gsize)g_rand_int_range(rand, 0, 4096) : length;
        McpPluginNote note;

        for (guint i = 0; i < 8; i++)
            copy[g_rand_int_range(rand, 0, 64)] = (char)g_rand_int(rand);
        memcpy(copy, image, round % 2 == 0 ? 16 : 0);
        g_assert_true(g_file_set_contents(file, copy, (gssize)MIN(cut, 65536), NULL));
        mcp_plugin_note_read(file, &note, NULL);
    }
    g_unlink(file);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plugin/order", test_order);
    g_test_add_func("/plugin/refusals", test_refusals);
    g_test_add_func("/plugin/registry", test_registry);
    g_test_add_func("/plugin/metrics", test_metrics);
    g_test_add_func("/plugin/exemplars", test_exemplars);
    g_test_add_func("/plugin/exemplars-of-threads", test_exemplars_of_threads);
    g_test_add_func("/plugin/hostile-notes", test_hostile_notes);
    return g_test_run();
}
