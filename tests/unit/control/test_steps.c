/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step lists and bodies of requests: what is read, and that every fault is named.
 */
#include <place.h>
#include <steps.h>

static void
test_good(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSteps) steps = mcp_steps_parse(
        "[{\"expect\":\"audio\",\"timeout\":\"10s\"},{\"send\":\"1,p,2#\"},{\"wait\":\"500ms\"},"
        "{\"play\":\"/a.wav\"},{\"expect\":\"silence\",\"for\":\"1.5s\"},"
        "{\"expect\":\"status\",\"status\":486},{\"expect\":\"digits\",\"digits\":\"12\"},"
        "{\"hangup\":true}]",
        &error);
    const McpStep *step = NULL;

    g_assert_no_error(error);
    g_assert_cmpuint(steps->steps->len, ==, 8);
    step = g_ptr_array_index(steps->steps, 0);
    g_assert_cmpint(step->kind, ==, MCP_STEP_EXPECT_AUDIO);
    g_assert_cmpint(step->timeout, ==, 10 * G_TIME_SPAN_SECOND);
    step = g_ptr_array_index(steps->steps, 1);
    g_assert_cmpstr(step->text, ==, "1p2#");
    step = g_ptr_array_index(steps->steps, 4);
    g_assert_cmpint(step->length, ==, 1500 * G_TIME_SPAN_MILLISECOND);
    step = g_ptr_array_index(steps->steps, 5);
    g_assert_cmpuint(step->status, ==, 486);
    step = g_ptr_array_index(steps->steps, 7);
    g_assert_cmpint(step->kind, ==, MCP_STEP_HANGUP);
}

static void
test_bad(void)
{
    const char *rows[] = {
        "",
        "{}",
        "[1]",
        "[{}]",
        "[{\"expect\":1}]",
        "[{\"expect\":\"rain\"}]",
        "[{\"expect\":\"status\"}]",
        "[{\"expect\":\"status\",\"status\":\"x\"}]",
        "[{\"expect\":\"digits\"}]",
        "[{\"expect\":\"audio\",\"for\":\"-1s\"}]",
        "[{\"expect\":\"audio\",\"timeout\":5}]",
        "[{\"expect\":\"audio\",\"timeout\":\"9999h\"}]",
        "[{\"send\":\"12x\"}]",
        "[{\"send\":\"\"}]",
        "[{\"send\":\",,\"}]",
        "[{\"wait\":\"soon\"}]",
        "[{\"play\":\"relative.wav\"}]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "[{\"hangup\":true},",
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", rows[i]);
        g_assert_null(mcp_steps_parse(rows[i], &error));
        g_assert_nonnull(error);
    }
}

static McpControlPlace *
place(const char *text, GError **error)
{
    g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));

    return mcp_control_place_parse(body, error);
}

static void
test_place(void)
{
    const char *bad[] = {
        "",
        "[]",
        "{\"target\":\"http://x\"}",
        "{\"target\":5}",
        "{\"target\":\"sip:a@b\",\"steps\":[{\"expect\":\"rain\"}]}",
        "{\"target\":\"sip:a@b\",\"steps\":{}}",
        "{\"target\":\"sip:a@b\",\"timeout\":\"x\"}",
        "{\"target\":\"sip:a@b\",\"deadline\":\"x\"}",
        "{\"target\":\"sip:a@b\",\"parameters\":[]}",
        "{\"target\":\"sip:a@b\",\"parameters\":{\"a\":1}}",
        "{\"target\":\"sip:a@b\"",
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(McpControlPlace) good =
        place("{\"target\":\"sip:a@b\",\"from\":null,\"deadline\":\"5s\",\"timeout\":\"1m\","
              "\"record\":\"x.wav\",\"parameters\":{\"page\":\"http://h/\"},"
              "\"steps\":[{\"send\":\"1\"}]}",
              &error);

    g_assert_no_error(error);
    g_assert_cmpstr(good->dialog, ==, "script");
    g_assert_cmpint(good->deadline, ==, 5 * G_TIME_SPAN_SECOND);
    g_assert_cmpstr(g_hash_table_lookup(good->parameters, "timeout"), ==, "1m");
    g_assert_cmpstr(g_hash_table_lookup(good->parameters, "record"), ==, "x.wav");
    g_assert_cmpstr(g_hash_table_lookup(good->parameters, "page"), ==, "http://h/");
    g_assert_cmpstr(g_hash_table_lookup(good->parameters, "steps"), ==, "[{\"send\":\"1\"}]");
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) fault = NULL;

        g_test_message("%s", bad[i]);
        g_assert_null(place(bad[i], &fault));
        g_assert_nonnull(fault);
    }
}

static void
test_duration(void)
{
    gint64 value = -1;

    g_assert_true(mcp_steps_parse_duration("1.5s", &value));
    g_assert_cmpint(value, ==, 1500000);
    g_assert_true(mcp_steps_parse_duration("0ms", &value));
    g_assert_cmpint(value, ==, 0);
    g_assert_false(mcp_steps_parse_duration("", &value));
    g_assert_false(mcp_steps_parse_duration("5", &value));
    g_assert_false(mcp_steps_parse_duration("5 s", &value));
    g_assert_false(mcp_steps_parse_duration("-5s", &value));
    g_assert_false(mcp_steps_parse_duration("1e99s", &value));
    g_assert_false(mcp_steps_parse_duration(NULL, &value));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/steps/good", test_good);
    g_test_add_func("/control/steps/bad", test_bad);
    g_test_add_func("/control/place", test_place);
    g_test_add_func("/control/duration", test_duration);
    return g_test_run();
}
