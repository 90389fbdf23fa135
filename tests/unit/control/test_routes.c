/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of operations and openapi.yaml say the same, in the same order.
 */
#include <api.h>

/* "METHOD /path" for each operation of the description. */
static GPtrArray *
described(void)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    g_autofree char *path = NULL;
    GPtrArray *operations = g_ptr_array_new_with_free_func(g_free);
    gboolean inside = FALSE;

    g_assert_true(g_file_get_contents(OPENAPI, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        const char *line = lines[i];

        if (line[0] != ' ' && line[0] != '\0')
            inside = strcmp(line, "paths:") == 0;
        if (!inside)
            continue;
        if (g_str_has_prefix(line, "  /")) {
            g_free(path);
            path = g_strndup(line + 2, strlen(line + 2) - 1);
        } else if (strlen(line) > 4 && line[3] == ' ' && g_ascii_islower(line[4]) &&
                   !g_str_has_prefix(line, "    parameters:")) {
            g_autofree char *method = g_ascii_strup(line + 4, (gssize)strlen(line + 4) - 1);

            g_ptr_array_add(operations, g_strdup_printf("%s %s", method, path));
        }
    }
    return operations;
}

static void
test_same(void)
{
    g_autoptr(GPtrArray) operations = described();
    const McpControlRoute *route = NULL;
    guint count = 0;

    for (; (route = mcp_control_api_get_route(count)) != NULL; count++) {
        g_autofree char *text = g_strdup_printf("%s %s", route->method, route->path);

        g_assert_cmpuint(count, <, operations->len);
        g_assert_cmpstr(text, ==, g_ptr_array_index(operations, count));
    }
    g_assert_cmpuint(count, ==, operations->len);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/routes", test_same);
    return g_test_run();
}
