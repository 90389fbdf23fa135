/* SPDX-License-Identifier: Apache-2.0 */
/* Which engines are asked, and in which order. */
#include "engines.h"
#include <mcp/error.h>
#include <string.h>

static const char *const none[] = {NULL};
static const char *const order[] = {"c", "a", NULL};

static void
assert_choice(Fakes *fakes, const char *names, const char *language, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) choices =
        mcp_engine_table_choose(fakes->table, MCP_ENGINE_SYNTHESIZER, names, language, &error);
    g_autoptr(GString) got = g_string_new(NULL);

    for (guint i = 0; choices != NULL && i < choices->len; i++)
        g_string_append(got, mcp_engine_get_name(((McpEngineChoice *)choices->pdata[i])->engine));
    g_assert_cmpstr(got->str, ==, wanted);
    if (choices == NULL)
        g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
}

static void
test_order(void)
{
    Fakes fakes;

    fakes_open(&fakes, none);
    assert_choice(&fakes, NULL, NULL, "");
    fakes_add(&fakes, "a");
    fakes_add(&fakes, "b");
    fakes_add(&fakes, "c");
    assert_choice(&fakes, NULL, NULL, "abc");
    assert_choice(&fakes, NULL, "fr", "abc");
    assert_choice(&fakes, NULL, "de", "b");
    assert_choice(&fakes, NULL, "DE-at", "b");
    assert_choice(&fakes, NULL, "den", "abc");
    assert_choice(&fakes, "c, a", "de", "ca");
    assert_choice(&fakes, "x engines b", NULL, "b");
    assert_choice(&fakes, "x", NULL, "");
    assert_choice(&fakes, "", NULL, "abc");
    fakes_close(&fakes);
    fakes_open(&fakes, order);
    fakes_add(&fakes, "a");
    fakes_add(&fakes, "b");
    fakes_add(&fakes, "c");
    assert_choice(&fakes, NULL, "fr", "ca");
    assert_choice(&fakes, NULL, "de", "b");
    fakes_close(&fakes);
}

static void
test_state(void)
{
    g_autoptr(GError) error = g_error_new(MCP_ERROR, MCP_ERROR_TIMEOUT, "it is late");
    McpJson *json = mcp_json_new();
    g_autoptr(GPtrArray) choices = NULL;
    g_autofree char *text = NULL;
    McpEngine *engine = NULL;
    Fakes fakes;

    fakes_open(&fakes, none);
    fakes_add(&fakes, "a");
    choices = mcp_engine_table_choose(fakes.table, MCP_ENGINE_SYNTHESIZER, NULL, NULL, NULL);
    engine = ((McpEngineChoice *)choices->pdata[0])->engine;
    mcp_engine_succeeded(engine, 150000);
    mcp_engine_failed(engine, error);
    g_assert_true(mcp_engine_allows(engine));
    mcp_engine_failed(engine, error);
    g_assert_false(mcp_engine_allows(engine));
    mcp_json_begin_object(json, NULL);
    mcp_engine_table_describe(fakes.table, json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    g_assert_nonnull(strstr(text, "\"name\":\"a\",\"kind\":\"synthesizer\",\"state\":\"down\","
                                  "\"succeeded\":1,\"failed\":2,\"last_error\":\"it is late\""));
    g_assert_nonnull(strstr(text, "\"200\":1"));
    /* It is tried again; a failure makes the pause longer, success ends it. */
    mcp_clock_advance(fakes.clock, G_USEC_PER_SEC);
    g_assert_true(mcp_engine_allows(engine));
    g_assert_false(mcp_engine_allows(engine));
    mcp_engine_unknown(engine);
    g_assert_true(mcp_engine_allows(engine));
    mcp_engine_failed(engine, error);
    g_assert_cmpstr(fakes.changes->str, ==, "synthesizer a down: it is late|");
    mcp_clock_advance(fakes.clock, G_TIME_SPAN_MINUTE);
    g_assert_true(mcp_engine_allows(engine));
    mcp_engine_succeeded(engine, -1);
    g_assert_cmpstr(fakes.changes->str, ==, "synthesizer a down: it is late|synthesizer a up|");
    g_assert_true(mcp_engine_allows(engine));
    g_assert_true(mcp_engine_allows(engine));
    g_ptr_array_unref(g_steal_pointer(&choices));
    fakes_close(&fakes);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engines/table/order", test_order);
    g_test_add_func("/engines/table/state", test_state);
    return g_test_run();
}
