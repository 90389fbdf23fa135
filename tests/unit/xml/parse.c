/* SPDX-License-Identifier: Apache-2.0 */
/* The XML reader: what a document becomes, in each encoding, and where its errors are. */
#include <string.h>
#include <time.h>

#include "helper.h"

#define VXML "http://www.w3.org/2001/vxml"

static void
test_elements(void)
{
    g_autoptr(McpXmlDocument) document =
        parse_ok("<?xml version='1.0'?>\n<vxml xmlns='" VXML "' version='2.1'>\n"
                 "  <form id='a&amp;b' x:y='1&#10;2&lt;&#38;#38;' xmlns:x='urn:x'>t<!-- no -->u"
                 "<![CDATA[<v>&amp;]]>&gt;&#x41;</form>\n</vxml>");
    const McpXmlNode *root = mcp_xml_document_root(document);
    const McpXmlNode *form = mcp_xml_first_element(root);
    guint n = 0;

    g_assert_true(mcp_xml_is(root, VXML, "vxml"));
    g_assert_cmpstr(mcp_xml_attribute(root, "version"), ==, "2.1");
    g_assert_null(mcp_xml_attribute(root, "absent"));
    g_assert_true(mcp_xml_is_blank(mcp_xml_first_child(root)));
    g_assert_true(mcp_xml_is(form, NULL, "form"));
    g_assert_false(mcp_xml_is(form, "", "form"));
    g_assert_cmpstr(mcp_xml_attribute(form, "id"), ==, "a&b");
    g_assert_cmpstr(mcp_xml_attribute_ns(form, "urn:x", "y"), ==, "1\n2<&#38;");
    g_assert_cmpstr(mcp_xml_attributes(form, &n)[1].prefix, ==, "x");
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpstr(mcp_xml_text(mcp_xml_first_child(form)), ==, "tu<v>&amp;>A");
    g_assert_null(mcp_xml_next(mcp_xml_first_child(form)));
    g_assert_cmpuint(mcp_xml_line(form), ==, 3);
    g_assert_true(mcp_xml_parent(form) == root);
    g_assert_null(mcp_xml_next_element(form));
    g_assert_cmpuint(mcp_xml_document_size(document), >, 0);
}

static void
test_doctype(void)
{
    g_autoptr(McpXmlDocument) document =
        parse_ok("<!DOCTYPE vxml PUBLIC '-//W3C//DTD VOICEXML 2.1//EN' "
                 "'http://127.0.0.1:1/vxml.dtd'><vxml/>");
    g_autoptr(McpXmlDocument) internal =
        parse_ok("<!DOCTYPE a [<!ELEMENT a ANY><!ATTLIST a b CDATA 'c'>]><a/>");

    g_assert_cmpstr(mcp_xml_name(mcp_xml_document_root(document)), ==, "vxml");
    g_assert_cmpstr(mcp_xml_attribute(mcp_xml_document_root(internal), "b"), ==, "c");
}

typedef struct {
    const char *bytes;
    gsize length;
    const char *charset;
} Encoded;

static void
test_encodings(void)
{
#define CASE(text, charset)             \
    {                                   \
        text, sizeof(text) - 1, charset \
    }
    static const Encoded cases[] = {
        CASE("<a>\xC3\xA4</a>", NULL),
        CASE("\xEF\xBB\xBF<a>\xC3\xA4</a>", "ISO-8859-1"),
        CASE("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4</a>", NULL),
        CASE("<?xml version='1.0' encoding = \"windows-1252\" ?><a>\xE4</a>", NULL),
        CASE("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC3\xA4</a>", "utf-8"),
        CASE("<?xml version='1.0' encoding='UTF-8'?><a>\xE4</a>", "iso-8859-1"),
        CASE("\xFF\xFE<\0a\0>\0\xE4\0<\0/\0a\0>\0", NULL),
        CASE("\xFE\xFF\0<\0a\0>\0\xE4\0<\0/\0a\0>", "UTF-8"),
        CASE("<\0a\0>\0\xE4\0<\0/\0a\0>\0", NULL),
        CASE("\0<\0a\0>\0\xE4\0<\0/\0a\0>", NULL),
    };
#undef CASE

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new_static(cases[i].bytes, cases[i].length);
        McpXmlSource source = {.charset = cases[i].charset};
        g_autoptr(GError) error = NULL;
        g_autoptr(McpXmlDocument) document = mcp_xml_parse(bytes, &source, NULL, &error);
        g_autofree char *content = NULL;

        g_assert_no_error(error);
        content = mcp_xml_content(mcp_xml_document_root(document));
        g_assert_cmpstr(content, ==, "\xC3\xA4");
    }
}

static void
test_encoding_errors(void)
{
    g_autoptr(GBytes) not_utf8 = g_bytes_new_static("<a>\xE4</a>", 8);
    g_autoptr(GBytes) unknown =
        g_bytes_new_static("<?xml version='1.0' encoding='UTF-7'?><a/>", 42);
    g_autoptr(GBytes) odd = g_bytes_new_static("\xFF\xFE<\0a\0/\0>", 9);
    g_autoptr(GBytes) zero = g_bytes_new_static("<a>\0</a>", 8);
    McpXmlSource escaping = {.charset = "ISO-2022-CN-EXT"};

    assert_refused(not_utf8, NULL, MCP_XML_ERROR_ENCODING);
    assert_refused(unknown, NULL, MCP_XML_ERROR_ENCODING);
    assert_refused(unknown, &escaping, MCP_XML_ERROR_ENCODING);
    assert_refused(odd, NULL, MCP_XML_ERROR_ENCODING);
    assert_refused(zero, NULL, MCP_XML_ERROR_ENCODING);
}

static void
test_positions(void)
{
    static const char TEXT[] = "<a>\n  <b>\n  </c>\n</a>";
    g_autoptr(GBytes) bytes = g_bytes_new_static(TEXT, sizeof TEXT - 1);
    McpXmlSource source = {.url = "http://h/p.vxml"};
    McpXmlPosition position = {0, 0};
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_xml_parse(bytes, &source, &position, &error));
    g_assert_error(error, MCP_XML_ERROR, MCP_XML_ERROR_SYNTAX);
    g_assert_cmpuint(position.line, ==, 3);
    g_assert_cmpuint(position.column, >, 1);
    g_assert_true(g_str_has_prefix(error->message, "http://h/p.vxml:3:"));
    g_test_message("%s", error->message);
}

static void
test_syntax_errors(void)
{
    static const char *const WRONG[] = {
        "",
        " ",
        "x",
        "<",
        "<a",
        "<a>",
        "</a>",
        "<a/><b/>",
        "<a b/>",
        "<a b=c/>",
        "<a b='1' b='2'/>",
        "<x:a/>",
        "<a x:b='1'/>",
        "<a>&</a>",
        "<a>&#0;</a>",
        "<a>]]></a>",
        "<a b='<'/>",
        "<a><!-- -- --></a>",
        "<?xml version='1.0'",
        "<a>\x01</a>",
        "<a xmlns:x=''/>",
        "<a xmlns:x='u' xmlns:y='u' x:b='' y:b=''/>",
        "<!DOCTYPE a><!DOCTYPE a><a/>",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new_static(WRONG[i], strlen(WRONG[i]));
        g_autoptr(GError) error = NULL;

        g_assert_null(mcp_xml_parse(bytes, NULL, NULL, &error));
        g_assert_nonnull(error);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
        g_test_message("%s -> %s", WRONG[i], error->message);
    }
}

static gpointer
read_all(gpointer data)
{
    g_autoptr(McpXmlDocument) document = data;
    g_autofree char *text = mcp_xml_to_text(mcp_xml_document_root(document), NULL);

    return GSIZE_TO_POINTER(strlen(text));
}

static void
test_threads(void)
{
    g_autoptr(McpXmlDocument) document = parse_ok("<a><b c='d'>e</b></a>");
    GThread *threads[4];
    gpointer lengths[4];

    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("reader", read_all, mcp_xml_document_ref(document));
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        lengths[i] = g_thread_join(threads[i]);
    for (gsize i = 1; i < G_N_ELEMENTS(threads); i++)
        g_assert_true(lengths[i] == lengths[0]);
}

static GBytes *
make_page(gsize size)
{
    GString *page = g_string_new("<?xml version='1.0' encoding='UTF-8'?>\n"
                                 "<vxml xmlns='" VXML "' version='2.1'>\n");

    for (guint i = 0; page->len + 10 < size; i++)
        g_string_append_printf(page,
                               " <form id='f%u'>\n  <field name='n%u' type='digits'>\n"
                               "   <prompt>Please enter number %u &amp; press pound</prompt>\n"
                               "   <filled><if cond='n%u == 1'><goto next='#f1'/></if></filled>\n"
                               "  </field>\n </form>\n",
                               i, i, i, i);
    g_string_append(page, "</vxml>\n");
    return g_string_free_to_bytes(page);
}

static double
cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Prints what a page costs; a time is no verdict. */
static void
test_cost(void)
{
    g_autoptr(GBytes) page = make_page(51 * 1024);
    const guint rounds = 20;
    gsize size = 0;
    double start = cpu_us();

    for (guint i = 0; i < rounds; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(McpXmlDocument) document = mcp_xml_parse(page, NULL, NULL, &error);

        g_assert_no_error(error);
        size = mcp_xml_document_size(document);
    }
    g_test_message("%zu bytes: %.0f us CPU, %zu bytes held", g_bytes_get_size(page),
                   (cpu_us() - start) / rounds, size);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/parse/elements", test_elements);
    g_test_add_func("/xml/parse/doctype", test_doctype);
    g_test_add_func("/xml/parse/encodings", test_encodings);
    g_test_add_func("/xml/parse/encoding-errors", test_encoding_errors);
    g_test_add_func("/xml/parse/positions", test_positions);
    g_test_add_func("/xml/parse/syntax-errors", test_syntax_errors);
    g_test_add_func("/xml/parse/threads", test_threads);
    g_test_add_func("/xml/parse/cost", test_cost);
    return g_test_run();
}
