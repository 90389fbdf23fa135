/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside: what is taken, and what is not even shown to the library. */
#include <json/json_tree.h>
#include <mcp/error.h>
#include <string.h>

static void
test_values(void)
{
    static const char *const texts[] = {
        "{}",   "[]",      " [1, -2.5e+3, true, null] ",      "\"a\\\"]\"",       "7",
        "true", "\tnull ", "{\"a\":[{\"b\":\"}\\\\\"}]}\r\n", "{\"//\":\"/*'\"}",
    };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(JsonNode) node = mcp_json_tree_parse(texts[i], strlen(texts[i]), &error);

        g_assert_no_error(error);
        g_assert_nonnull(node);
    }
}

static void
test_faults(void)
{
    static const struct {
        const char *text;
        const char *why; /* part of the message */
    } rows[] = {
        {"", "empty"},
        {"  ", "empty"},
        {"true[0]", "follows"},
        {"{} {}", "follows"},
        {"[1] [2]", "follows"},
        {"1 2", "follows"},
        {"1,2", "follows"},
        {"\"a\"\"b\"", "follows"},
        {"7\"a\"", "follows"},
        {"]", "closes nothing"},
        {"{}}", "follows"},
        {"['a']", "no JSON"},
        {"/* x */ [1]", "no JSON"},
        {"[1] // x", "follows"},
        {"var a = {};", "follows"},
        {"[1;2]", "no JSON"},
        {"[", ""},
        {"[\"a", ""},
        {"[\"a\\", ""},
        {"{]", ""},
        {"\xef\xbb\xbf{}", "no JSON"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(JsonNode) node = mcp_json_tree_parse(rows[i].text, strlen(rows[i].text), &error);

        g_test_message("%s", rows[i].text);
        g_assert_null(node);
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, rows[i].why));
    }
}

static void
test_depth(void)
{
    for (guint depth = 32; depth <= 33; depth++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(JsonNode) node = NULL;

        for (guint i = 0; i < depth; i++)
            g_string_append_c(text, '[');
        for (guint i = 0; i < depth; i++)
            g_string_append_c(text, ']');
        node = mcp_json_tree_parse(text->str, text->len, NULL);
        g_assert_true((node != NULL) == (depth == 32));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/tree/values", test_values);
    g_test_add_func("/json/tree/faults", test_faults);
    g_test_add_func("/json/tree/depth", test_depth);
    return g_test_run();
}
