/* SPDX-License-Identifier: Apache-2.0 */
/* What a server answers, and what of it are settings. */
#include <mcp/error.h>
#include <properties.h>
#include <string.h>

static GPtrArray *
read_text(const char *text, GError **error)
{
    g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));

    return mcp_properties_read(body, "app", "mcp.", error);
}

static char *
join(const GPtrArray *values)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < values->len; i++) {
        const McpConfigValue *value = g_ptr_array_index(values, i);

        g_string_append_printf(text, "%s=%s;", value->name, value->text);
    }
    return g_string_free(text, FALSE);
}

static void
test_values(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) values =
        read_text("{\"name\":\"app\",\"profiles\":[\"a\"],\"label\":null,\"propertySources\":["
                  "{\"name\":\"first\\u001b[2J\",\"source\":{\"mcp.core.max_calls\":100,"
                  "\"mcp.core.on\":true,\"mcp.l[10]\":\"k\",\"mcp.l[2]\":\"c\",\"mcp.x\":0.5,"
                  "\"spring.other\":{\"a\":1}}},"
                  "{\"name\":\"second\",\"source\":{\"mcp.core.max_calls\":7,\"mcp.l[0]\":\"z\","
                  "\"mcp.sip.identity\":\"id\"}}]}",
                  &error);
    g_autofree char *text = NULL;

    g_assert_no_error(error);
    text = join(values);
    /* The first source wins, a list as a whole; its parts come in order of their numbers. */
    g_assert_cmpstr(text, ==,
                    "core.max_calls=100;core.on=true;l[2]=c;l[10]=k;sip.identity=id;x=0.5;");
    g_assert_cmpstr(((McpConfigValue *)g_ptr_array_index(values, 0))->origin, ==,
                    "config server app (first?[2J)");
}

typedef struct {
    const char *source;
    const char *fault;
} Bad;

static void
test_faults(void)
{
    static const Bad rows[] = {
        {"{\"mcp.a\":\"{cipher}0011\"}", "a is encrypted: the server has no key"},
        {"{\"mcp.a\":null}", "a is neither text nor number"},
        {"{\"mcp.a\":{\"b\":1}}", "a is neither text nor number"},
        {"{\"mcp.a\":[1]}", "a is neither text nor number"},
        {"{\"mcp.a\":\"x\\ny\"}", "a has control characters or several lines"},
        {"{\"mcp.a\\u0007\":1}", "a name is too long or has control characters"},
        {"[]", "a property source has no object \"source\""},
        {"7", "a property source has no object \"source\""},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf(
            "{\"propertySources\":[{\"name\":\"s\",\"source\":%s}]}", rows[i].source);
        g_autoptr(GError) error = NULL;

        g_assert_null(read_text(text, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, rows[i].fault));
    }
}

static void
test_no_answer(void)
{
    static const char *const texts[] = {
        "",
        "<html>nginx</html>",
        "[]",
        "7",
        "{}",
        "{\"propertySources\":{}}",
        "{\"propertySources\":[7]}",
        "{\"propertySources\":[{\"name\":7}]}",
        "{\"propertySources\":[null]}",
        "{\"propertySources\":[{\"source\":",
    };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(read_text(texts[i], &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

static void
test_bounds(void)
{
    g_autoptr(GString) text = g_string_new("{\"propertySources\":[{\"name\":\"s\",\"source\":{");
    g_autofree char *large = g_strnfill(MCP_PROPERTY_TEXT_MAX + 1, 'x');
    g_autofree char *one = g_strdup_printf(
        "{\"propertySources\":[{\"name\":\"s\",\"source\":{\"mcp.a\":\"%s\"}}]}", large);
    g_autoptr(GError) many = NULL;
    g_autoptr(GError) long_one = NULL;

    for (guint i = 0; i <= MCP_PROPERTIES_MAX; i++)
        g_string_append_printf(text, "%s\"mcp.a%u\":1", i > 0 ? "," : "", i);
    g_string_append(text, "}}]}");
    g_assert_null(read_text(text->str, &many));
    g_assert_nonnull(strstr(many->message, "more than 4096 settings"));
    g_assert_null(read_text(one, &long_one));
    g_assert_nonnull(strstr(long_one->message, "a has more than 16384 bytes"));
    g_assert_null(strstr(long_one->message, "xxxx"));
}

/* Whatever is cut off or changed is refused or read, and nothing else. */
static void
test_mutations(void)
{
    static const char good[] = "{\"propertySources\":[{\"name\":\"s\",\"source\":"
                               "{\"mcp.a[0]\":\"x\",\"mcp.b\":true,\"c\":1.5}}]}";

    for (guint i = 0; i < 20000; i++) {
        g_autofree char *text = g_strdup(good);
        gsize at = (gsize)g_test_rand_int_range(0, (gint)strlen(good));
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) values = NULL;

        text[at] = (char)g_test_rand_int_range(0, 256);
        values = read_text(text, &error);
        g_assert_true((values == NULL) == (error != NULL));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config-server/properties/values", test_values);
    g_test_add_func("/config-server/properties/faults", test_faults);
    g_test_add_func("/config-server/properties/no-answer", test_no_answer);
    g_test_add_func("/config-server/properties/bounds", test_bounds);
    g_test_add_func("/config-server/properties/mutations", test_mutations);
    return g_test_run();
}
