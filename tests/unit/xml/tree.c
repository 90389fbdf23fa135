/* SPDX-License-Identifier: Apache-2.0 */
/* The XML tree: what is inherited, and a subtree written back as XML. */
#include <string.h>

#include "helper.h"

static const McpXmlNode *
descend(const McpXmlDocument *document, const char *path)
{
    const McpXmlNode *node = mcp_xml_document_root(document);
    g_auto(GStrv) names = g_strsplit(path, "/", -1);

    for (guint i = 0; names[i] != NULL; i++) {
        node = mcp_xml_find_child(node, NULL, names[i]);
        g_assert_nonnull(node);
    }
    return node;
}

static void
assert_base(const McpXmlDocument *document, const char *path, const char *wanted)
{
    g_autofree char *base = mcp_xml_base(descend(document, path));

    g_assert_cmpstr(base, ==, wanted);
}

static void
test_base(void)
{
    g_autoptr(McpXmlDocument) document =
        parse_ok("<a><b xml:base='sub/'><c xml:base='x.grxml'/></b>"
                 "<d xml:base='https://other.example/'><e/></d><f xml:base='/root'/><g/></a>");
    g_autofree char *resolved = mcp_xml_resolve(descend(document, "b"), "../p.wav?x=1");
    g_autofree char *odd = mcp_xml_resolve(descend(document, "g"), "http://[broken");

    assert_base(document, "b", "http://h.example/app/sub/");
    assert_base(document, "b/c", "http://h.example/app/sub/x.grxml");
    assert_base(document, "d/e", "https://other.example/");
    assert_base(document, "f", "http://h.example/root");
    assert_base(document, "g", "http://h.example/app/page.vxml");
    g_assert_cmpstr(resolved, ==, "http://h.example/app/p.wav?x=1");
    g_assert_cmpstr(odd, ==, "http://[broken");
}

static void
test_no_base(void)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static("<a xml:base='rel/'/>", 20);
    g_autoptr(McpXmlDocument) document = mcp_xml_parse(bytes, NULL, NULL, NULL);
    g_autofree char *base = mcp_xml_base(mcp_xml_document_root(document));

    g_assert_null(mcp_xml_document_url(document));
    g_assert_cmpstr(base, ==, "rel/");
}

static void
test_lang(void)
{
    g_autoptr(McpXmlDocument) document =
        parse_ok("<a xml:lang='en-US'><b><c/></b><d xml:lang='de'><e/></d></a>");
    g_autoptr(McpXmlDocument) none = parse_ok("<a/>");

    g_assert_cmpstr(mcp_xml_lang(descend(document, "b/c")), ==, "en-US");
    g_assert_cmpstr(mcp_xml_lang(descend(document, "d/e")), ==, "de");
    g_assert_null(mcp_xml_lang(mcp_xml_document_root(none)));
}

static void
test_content(void)
{
    g_autoptr(McpXmlDocument) document = parse_ok("<a>1<b>2<c/>3</b>4</a>");
    g_autofree char *all = mcp_xml_content(mcp_xml_document_root(document));
    const McpXmlNode *text = mcp_xml_first_child(mcp_xml_document_root(document));
    g_autofree char *one = mcp_xml_content(text);
    guint n = 1;

    g_assert_cmpstr(all, ==, "1234");
    g_assert_cmpstr(one, ==, "1");
    g_assert_cmpint((int)mcp_xml_kind(text), ==, (int)MCP_XML_TEXT);
    g_assert_cmpstr(mcp_xml_name(text), ==, "");
    g_assert_cmpstr(mcp_xml_namespace(text), ==, "");
    g_assert_null(mcp_xml_attribute(text, "x"));
    g_assert_null(mcp_xml_first_child(text));
    g_assert_null(mcp_xml_attributes(text, &n));
    g_assert_cmpuint(n, ==, 0);
    g_assert_false(mcp_xml_is(text, NULL, "a"));
    g_assert_cmpstr(mcp_xml_text(mcp_xml_document_root(document)), ==, "");
}

static void
assert_node(const McpXmlNode *node, McpXmlKind kind, const char *name, const char *data)
{
    g_autofree char *content = mcp_xml_content(node);

    g_assert_cmpint((int)mcp_xml_kind(node), ==, (int)kind);
    g_assert_cmpstr(mcp_xml_name(node), ==, name);
    g_assert_cmpstr(mcp_xml_data(node), ==, data);
    if (kind == MCP_XML_TEXT || kind == MCP_XML_CDATA)
        g_assert_cmpstr(mcp_xml_text(node), ==, data);
    else
        g_assert_cmpstr(mcp_xml_text(node), ==, "");
    if (kind != MCP_XML_ELEMENT)
        g_assert_cmpstr(content, ==, mcp_xml_text(node));
    g_assert_false(kind != MCP_XML_TEXT && mcp_xml_is_blank(node));
}

static McpXmlDocument *
parse_whole(const char *text, guint max_nodes, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    McpXmlSource source = {
        .url = "http://h.example/data.xml", .limits = {.max_nodes = max_nodes}, .whole = TRUE};

    return mcp_xml_parse(bytes, &source, NULL, error);
}

static const char whole[] =
    "<?xml version='1.0'?><!--1--><!DOCTYPE a [<!--2--><?in dtd?>]><?p q r?>"
    "<a>t<!-- 3 -->u<![CDATA[<v>]]><?x?><b/><!----></a><!--4--><?y z?>";

static void
test_whole(void)
{
    g_autoptr(McpXmlDocument) document = parse_whole(whole, 0, NULL);
    const struct {
        McpXmlKind kind;
        const char *name;
        const char *data;
    } outside[] = {{MCP_XML_COMMENT, "", "1"},
                   {MCP_XML_INSTRUCTION, "p", "q r"},
                   {MCP_XML_ELEMENT, "a", ""},
                   {MCP_XML_COMMENT, "", "4"},
                   {MCP_XML_INSTRUCTION, "y", "z"}},
      inside[] = {{MCP_XML_TEXT, "", "t"},        {MCP_XML_COMMENT, "", " 3 "},
                  {MCP_XML_TEXT, "", "u"},        {MCP_XML_CDATA, "", "<v>"},
                  {MCP_XML_INSTRUCTION, "x", ""}, {MCP_XML_ELEMENT, "b", ""},
                  {MCP_XML_COMMENT, "", ""}};
    const McpXmlNode *node = NULL;
    g_autofree char *content = NULL;

    g_assert_nonnull(document);
    node = mcp_xml_document_first(document);
    for (guint i = 0; i < G_N_ELEMENTS(outside); i++, node = mcp_xml_next(node)) {
        g_autofree char *base = mcp_xml_base(node);

        assert_node(node, outside[i].kind, outside[i].name, outside[i].data);
        g_assert_null(mcp_xml_parent(node));
        g_assert_cmpint(base != NULL, ==, outside[i].kind == MCP_XML_ELEMENT);
    }
    g_assert_null(node);
    node = mcp_xml_first_child(mcp_xml_document_root(document));
    for (guint i = 0; i < G_N_ELEMENTS(inside); i++, node = mcp_xml_next(node))
        assert_node(node, inside[i].kind, inside[i].name, inside[i].data);
    g_assert_null(node);
    content = mcp_xml_content(mcp_xml_document_root(document));
    g_assert_cmpstr(content, ==, "tu<v>");
    g_assert_cmpstr(mcp_xml_document_instruction(document, "p"), ==, "q r");
}

/* Who does not ask for the whole sees what it means; written out it stays the whole. */
static void
test_whole_or_not(void)
{
    g_autoptr(McpXmlDocument) plain = parse_ok(whole);
    g_autoptr(McpXmlDocument) document = parse_whole(whole, 0, NULL);
    const McpXmlNode *root = mcp_xml_document_root(plain);
    g_autofree char *text = mcp_xml_to_text(mcp_xml_document_root(document), NULL);

    g_assert_true(mcp_xml_document_first(plain) == root);
    g_assert_null(mcp_xml_next(root));
    assert_node(mcp_xml_first_child(root), MCP_XML_TEXT, "", "tu<v>");
    assert_node(mcp_xml_next(mcp_xml_first_child(root)), MCP_XML_ELEMENT, "b", "");
    g_assert_null(mcp_xml_next(mcp_xml_next(mcp_xml_first_child(root))));
    g_assert_cmpstr(text, ==,
                    "<a xml:base=\"http://h.example/data.xml\">t<!-- 3 -->u<![CDATA[<v>]]>"
                    "<?x ?><b/><!----></a>");
}

/* Comments are nodes, and so are those beside the document element. */
static void
test_whole_limit(void)
{
    static const char *const many[] = {
        "<a><!----><!----><!----><!----><!----><!----><!----><!----><!----><!----><!----><!----></"
        "a>",
        "<!----><!----><!----><!----><!----><!----><!----><!----><!----><!----><!----><!----><a/>",
        "<a/><?p?><?p?><?p?><?p?><?p?><?p?><?p?><?p?><?p?><?p?><?p?><?p?>",
    };

    for (guint i = 0; i < G_N_ELEMENTS(many); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(McpXmlDocument) document = parse_whole(many[i], 12, &error);

        g_assert_null(document);
        g_assert_error(error, MCP_XML_ERROR, (int)MCP_XML_ERROR_LIMIT);
    }
}

static void
test_subtree(void)
{
    g_autoptr(McpXmlDocument) document =
        parse_ok("<vxml xmlns='urn:v' xmlns:x='urn:x' xml:lang='fr'>"
                 "<grammar root='r' xmlns:x='urn:y' x:k='&quot;&amp;'>\n<rule id='r'>&lt;a&amp;"
                 "</rule><x:t xmlns='urn:z'><q/></x:t></grammar></vxml>");
    g_autofree char *as_is = mcp_xml_to_text(descend(document, "grammar"), NULL);
    g_autofree char *moved = mcp_xml_to_text(descend(document, "grammar"), "urn:g");

    g_assert_cmpstr(as_is, ==,
                    "<grammar xmlns:x=\"urn:y\" xmlns=\"urn:v\" xml:lang=\"fr\" "
                    "xml:base=\"http://h.example/app/page.vxml\" root=\"r\" "
                    "x:k=\"&quot;&amp;\">\n<rule id=\"r\">&lt;a&amp;</rule>"
                    "<x:t xmlns=\"urn:z\"><q/></x:t></grammar>");
    g_assert_nonnull(strstr(moved, "xmlns=\"urn:g\""));
    g_assert_null(strstr(moved, "urn:v"));
}

static void
test_round_trip(void)
{
    g_autoptr(McpXmlDocument) first = parse_ok(
        "<a b='&#9;&#10;&#13;&lt;&gt;&apos;'>&#13;\n\t]]&gt;<p:c xmlns:p='u:p' p:d='1'/></a>");
    g_autofree char *once = mcp_xml_to_text(mcp_xml_document_root(first), NULL);
    g_autoptr(McpXmlDocument) second = parse_ok(once);
    g_autofree char *twice = mcp_xml_to_text(mcp_xml_document_root(second), NULL);

    g_assert_cmpstr(once, ==, twice);
    g_assert_cmpstr(mcp_xml_attribute(mcp_xml_document_root(second), "b"), ==, "\t\n\r<>'");
}

static void
test_namespace_added(void)
{
    g_autoptr(McpXmlDocument) bare = parse_ok("<g><r/></g>");
    g_autofree char *text = mcp_xml_to_text(mcp_xml_document_root(bare), "urn:g");
    g_autoptr(McpXmlDocument) read = parse_ok(text);
    g_autoptr(McpXmlDocument) undone = parse_ok("<v xmlns='urn:v'><g xmlns=''><r/></g></v>");
    g_autofree char *inner = mcp_xml_to_text(descend(undone, "g"), "urn:g");
    g_autoptr(McpXmlDocument) inner_read = parse_ok(inner);

    g_assert_true(mcp_xml_is(descend(read, "r"), "urn:g", "r"));
    g_assert_true(mcp_xml_is(descend(inner_read, "r"), "urn:g", "r"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/tree/base", test_base);
    g_test_add_func("/xml/tree/no-base", test_no_base);
    g_test_add_func("/xml/tree/lang", test_lang);
    g_test_add_func("/xml/tree/content", test_content);
    g_test_add_func("/xml/tree/whole", test_whole);
    g_test_add_func("/xml/tree/whole-or-not", test_whole_or_not);
    g_test_add_func("/xml/tree/whole-limit", test_whole_limit);
    g_test_add_func("/xml/tree/subtree", test_subtree);
    g_test_add_func("/xml/tree/round-trip", test_round_trip);
    g_test_add_func("/xml/tree/namespace-added", test_namespace_added);
    return g_test_run();
}
