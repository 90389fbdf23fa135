/* SPDX-License-Identifier: Apache-2.0 */
/* Documents made to hurt the reader: each is refused, quickly and with a reason. */
#include <string.h>
#include <time.h>

#include "helper.h"

static double
cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
refuse_text(const char *text, McpXmlError code)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

    assert_refused(bytes, NULL, code);
}

static GBytes *
repeat(const char *head, const char *unit, gsize n, const char *tail)
{
    GString *text = g_string_new(head);

    for (gsize i = 0; i < n; i++)
        g_string_append(text, unit);
    g_string_append(text, tail);
    return g_string_free_to_bytes(text);
}

static void
test_entities(void)
{
    refuse_text("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", MCP_XML_ERROR_REFUSED);
    refuse_text("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
                MCP_XML_ERROR_REFUSED);
    refuse_text("<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/x'> %p;]><a/>",
                MCP_XML_ERROR_REFUSED);
    refuse_text("<!DOCTYPE a [<!NOTATION n SYSTEM 'n'><!ENTITY x SYSTEM 'u' NDATA n>]><a/>",
                MCP_XML_ERROR_REFUSED);
    refuse_text("<!DOCTYPE a SYSTEM 'x.dtd'><a>&nbsp;</a>", MCP_XML_ERROR_REFUSED);
    refuse_text("<a b='&nbsp;'/>", MCP_XML_ERROR_REFUSED);
    refuse_text("<!DOCTYPE a SYSTEM 'x.dtd' [%p;]><a/>", MCP_XML_ERROR_REFUSED);
}

static void
test_bomb(void)
{
    GString *text = g_string_new("<!DOCTYPE a [<!ENTITY e0 'lol'>");

    for (guint i = 1; i < 12; i++)
        g_string_append_printf(text, "<!ENTITY e%u '&e%u;&e%u;&e%u;&e%u;'>", i, i - 1, i - 1, i - 1,
                               i - 1);
    g_string_append(text, "]><a>&e11;</a>");
    refuse_text(text->str, MCP_XML_ERROR_REFUSED);
    g_string_free(text, TRUE);
}

static void
test_depth(void)
{
    g_autoptr(GBytes) deep = repeat("", "<a>", 1000000, "");
    g_autoptr(GBytes) fits = repeat("", "<a>", 0, "<a><b><c/></b></a>");
    McpXmlSource two = {.limits.max_depth = 2};
    McpXmlSource boundless = {.limits.max_depth = G_MAXUINT};

    assert_refused(deep, NULL, MCP_XML_ERROR_LIMIT);
    assert_refused(deep, &boundless, MCP_XML_ERROR_LIMIT);
    assert_refused(fits, &two, MCP_XML_ERROR_LIMIT);
}

static void
test_size(void)
{
    gsize size = 100 * 1024 * 1024;
    g_autofree char *zeros = g_malloc0(size);
    g_autoptr(GBytes) bytes = NULL;
    McpXmlSource small = {.limits.max_bytes = 8};
    g_autoptr(GBytes) nine = g_bytes_new_static("<a>b</a> ", 9);
    g_autoptr(GBytes) eight = g_bytes_new_static("<a>b</a>", 8);
    g_autoptr(GBytes) grows = g_bytes_new_static("<a>\xE4</a>", 8);
    g_autoptr(McpXmlDocument) document = mcp_xml_parse(eight, &small, NULL, NULL);

    memset(zeros, ' ', size);
    bytes = g_bytes_new_take(g_steal_pointer(&zeros), size);
    assert_refused(bytes, NULL, MCP_XML_ERROR_LIMIT);
    g_assert_nonnull(document);
    assert_refused(nine, &small, MCP_XML_ERROR_LIMIT);
    small.charset = "ISO-8859-1";
    assert_refused(grows, &small, MCP_XML_ERROR_LIMIT);
}

static void
test_nodes(void)
{
    g_autoptr(GBytes) many = repeat("<r>", "<a/>", 300000, "</r>");
    g_autoptr(GBytes) texts = repeat("<r>", "<a/>t", 120000, "</r>");
    g_autoptr(GBytes) fits = repeat("<r>", "<a/>", 8, "</r>");
    g_autoptr(GBytes) over = repeat("<r>", "<a/>", 10, "</r>");
    McpXmlSource ten = {.limits.max_nodes = 10};
    g_autoptr(McpXmlDocument) document = mcp_xml_parse(fits, &ten, NULL, NULL);

    g_assert_nonnull(document);
    assert_refused(over, &ten, MCP_XML_ERROR_LIMIT);
    assert_refused(many, NULL, MCP_XML_ERROR_LIMIT);
    assert_refused(texts, NULL, MCP_XML_ERROR_LIMIT);
}

static GBytes *
numbered(const char *head, const char *format_name, guint n, const char *tail)
{
    GString *text = g_string_new(head);

    for (guint i = 0; i < n; i++)
        g_string_append_printf(text, " %s%u='u'", format_name, i);
    g_string_append(text, tail);
    return g_string_free_to_bytes(text);
}

/* Each of these takes the parser minutes when it is let through. */
static void
test_quadratic(void)
{
    g_autoptr(GBytes) attributes = numbered("<a", "b", 300000, "/>");
    g_autoptr(GBytes) namespaces = numbered("<a", "xmlns:n", 200000, "/>");
    g_autoptr(GBytes) hidden = numbered("<!-- < --><a><![CDATA[<]]><b", "b", 300000, "/></a>");
    GString *defaults = g_string_new("<!DOCTYPE a [");
    g_autoptr(GBytes) defaulted = NULL;
    double start = cpu_seconds();

    for (guint i = 0; i < 250; i++)
        g_string_append_printf(defaults, "<!ATTLIST a b%u CDATA 'x'>", i);
    g_string_append(defaults, "]><r>");
    for (guint i = 0; i < 500000; i++)
        g_string_append(defaults, "<a/>");
    defaulted = g_string_free_to_bytes(defaults);
    assert_refused(attributes, NULL, MCP_XML_ERROR_LIMIT);
    assert_refused(namespaces, NULL, MCP_XML_ERROR_LIMIT);
    assert_refused(hidden, NULL, MCP_XML_ERROR_LIMIT);
    assert_refused(defaulted, NULL, MCP_XML_ERROR_LIMIT);
    g_assert_cmpfloat(cpu_seconds() - start, <, 10.0);
}

static void
test_nested_namespaces(void)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < 150; i++)
        g_string_append_printf(text, "<a xmlns:p%u='u' xmlns:q%u='v'>", i, i);
    refuse_text(text->str, MCP_XML_ERROR_LIMIT);
    g_string_free(text, TRUE);
}

/* No damaged form of a page may do more than fail. */
static void
test_damaged(void)
{
    static const char PAGE[] =
        "<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE v [<!ELEMENT v ANY>]>"
        "<v xmlns='u' xmlns:x='w' x:y='&amp;'><!-- c --><![CDATA[d]]><?p i?>&#65;<z/></v>";
    gsize length = sizeof PAGE - 1;

    for (guint round = 0; round < 4000; round++) {
        g_autofree char *copy = g_memdup2(PAGE, length);
        gsize at = (gsize)g_test_rand_int_range(0, (gint32)length);
        gsize cut = round % 3 == 0 ? at : length;
        g_autoptr(GBytes) bytes = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(McpXmlDocument) document = NULL;

        copy[at] = (char)g_test_rand_int_range(0, 256);
        bytes = g_bytes_new(copy, cut);
        document = mcp_xml_parse(bytes, NULL, NULL, &error);
        g_assert_true((document == NULL) == (error != NULL));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/hostile/entities", test_entities);
    g_test_add_func("/xml/hostile/bomb", test_bomb);
    g_test_add_func("/xml/hostile/depth", test_depth);
    g_test_add_func("/xml/hostile/size", test_size);
    g_test_add_func("/xml/hostile/nodes", test_nodes);
    g_test_add_func("/xml/hostile/quadratic", test_quadratic);
    g_test_add_func("/xml/hostile/nested-namespaces", test_nested_namespaces);
    g_test_add_func("/xml/hostile/damaged", test_damaged);
    return g_test_run();
}
