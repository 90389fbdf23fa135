/* SPDX-License-Identifier: Apache-2.0 */
/* Pages: typing, faults with file and line, what is checked when a page is read. */
#include "document.h"

#include <mcp/error.h>
#include <string.h>

static McpVxmlDocument *
parse(const char *body, const char *attributes, GError **error)
{
    g_autofree char *page = g_strdup_printf(
        "<vxml version=\"2.1\" xmlns=\"" MCP_VXML_NS "\"%s>\n%s\n</vxml>", attributes, body);
    g_autoptr(GBytes) bytes = g_bytes_new(page, strlen(page));

    return mcp_vxml_document_parse(bytes, "http://h/dir/p.vxml#x", NULL, 0, NULL, NULL, error);
}

static void
test_tree(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpVxmlDocument) document =
        parse("<var name='a' expr='1'/><form id='f'><field name='x' type='digits'>Say <value "
              "expr='a'/> <emphasis>now</emphasis><filled><if cond='a==1'><goto next='#g'/>"
              "<else/><exit/></if></filled></field></form><menu id='g'><choice dtmf='1' "
              "next='#f'>one</choice></menu>",
              " application=\"root.vxml#y\"", &error);
    const McpVxmlElement *form;
    const McpVxmlElement *field;

    g_assert_no_error(error);
    g_assert_cmpstr(mcp_vxml_document_get_url(document), ==, "http://h/dir/p.vxml");
    g_assert_cmpstr(mcp_vxml_document_get_application(document), ==, "http://h/dir/root.vxml");
    form = mcp_vxml_document_find_dialog(document, NULL);
    g_assert_cmpint(form->kind, ==, MCP_VXML_FORM);
    g_assert_cmpstr(mcp_vxml_element_get(form, "id"), ==, "f");
    g_assert_null(mcp_vxml_document_find_dialog(document, "none"));
    g_assert_cmpint(mcp_vxml_document_find_dialog(document, "g")->kind, ==, MCP_VXML_MENU);
    field = form->first;
    g_assert_true(mcp_vxml_element_is_item(field) && mcp_vxml_element_is_input(field));
    g_assert_true(mcp_vxml_element_is_speech(field->first));
    g_assert_cmpint(field->first->next->kind, ==, MCP_VXML_VALUE);
    g_assert_nonnull(mcp_vxml_element_code(field->first->next, "expr"));
    g_assert_cmpuint(form->line, ==, 2);
    g_assert_cmpuint(mcp_vxml_document_get_size(document), >, 500);
}

typedef struct {
    const char *body;
    const char *message;
} Fault;

static void
test_faults(void)
{
    static const Fault faults[] = {
        {"<form><nonsense/></form>", "http://h/dir/p.vxml:2: <nonsense> cannot stand in <form>"},
        {"<form>words</form>", "text cannot stand in <form>"},
        {"<form><block><var/></block></form>", "<var> lacks \"name\""},
        {"<form><block><goto next='a' expr='b'/></block></form>", "<goto> has 2 of"},
        {"<form><block><goto/></block></form>", "<goto> has 0 of"},
        {"<form><field><prompt timeout='5'/></field></form>", "is not a time"},
        {"<form><field><prompt count='x'/></field></form>", "is not a number"},
        {"<form><field modal='yes'/></form>", "neither true nor false"},
        {"<form id='a'/><form id='a'/>", "a second dialog has the id \"a\""},
        {"<form><field name='a'/><block name='a'/></form>", "a second form item is named \"a\""},
        {"<form><field><grammar src='a'>1</grammar></field></form>", "exactly one of src"},
        {"<form><field><grammar/></field></form>", "exactly one of src"},
        {"<form>\n<block>", "http://h/dir/p.vxml:4:"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(parse(faults[i].body, "", &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
        if (strstr(error->message, faults[i].message) == NULL)
            g_error("\"%s\" lacks \"%s\"", error->message, faults[i].message);
    }
}

static void
test_root(void)
{
    static const char *const pages[] = {
        "<html/>",
        "<vxml xmlns='" MCP_VXML_NS "'><form/></vxml>",
        "<vxml version='1.0' xmlns='" MCP_VXML_NS "'><form/></vxml>",
        "",
        "not xml",
    };

    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new(pages[i], strlen(pages[i]));
        g_autoptr(GError) error = NULL;

        g_assert_null(mcp_vxml_document_parse(bytes, "http://h/p", NULL, 0, NULL, NULL, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

static void
count_warning(const char *message, gpointer user_data)
{
    (*(guint *)user_data)++;
    g_assert_true(g_str_has_prefix(message, "http://h/p:1: "));
}

static void
test_warnings(void)
{
    static const char page[] = "<vxml version='2.0' xmlns='" MCP_VXML_NS "' xmlns:v='urn:v'>"
                               "<form odd='1' v:own='2'><v:thing/><block/></form></vxml>";
    g_autoptr(GBytes) bytes = g_bytes_new_static(page, strlen(page));
    guint warnings = 0;
    g_autoptr(McpVxmlDocument) document =
        mcp_vxml_document_parse(bytes, "http://h/p", NULL, 0, count_warning, &warnings, NULL);

    g_assert_nonnull(document);
    /* The attribute of ours that is none, and the element of somebody's own. */
    g_assert_cmpuint(warnings, ==, 2);
}

static void
test_times(void)
{
    gint64 time = 0;

    g_assert_true(mcp_vxml_time("5s", &time) && time == 5000000);
    g_assert_true(mcp_vxml_time("1.5s", &time) && time == 1500000);
    g_assert_true(mcp_vxml_time(".5s", &time) && time == 500000);
    g_assert_true(mcp_vxml_time("850ms", &time) && time == 850000);
    g_assert_false(mcp_vxml_time("5", &time));
    g_assert_false(mcp_vxml_time("-5s", &time));
    g_assert_false(mcp_vxml_time("1e300s", &time));
    g_assert_false(mcp_vxml_time("nans", &time));
    g_assert_false(mcp_vxml_time("", &time));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vxml/document/tree", test_tree);
    g_test_add_func("/vxml/document/faults", test_faults);
    g_test_add_func("/vxml/document/root", test_root);
    g_test_add_func("/vxml/document/warnings", test_warnings);
    g_test_add_func("/vxml/document/times", test_times);
    return g_test_run();
}
