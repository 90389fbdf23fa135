/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults of grammars: each is refused with its line; and references between documents.
 */
#include "support.h"
#include <mcp/error.h>
#include <string.h>

#define G(attributes, rules) \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' " attributes ">\n" rules "</grammar>"
#define V "version='1.0' mode='dtmf' root='r'"
#define R(body) "<rule id='r'>" body "</rule>"

typedef struct {
    const char *text;
    McpError code;
    const char *says;
} Fault;

static const Fault faults[] = {
    {"", MCP_ERROR_INVALID, NULL},
    {"<grammar", MCP_ERROR_INVALID, ":1:"},
    {"#ABNF 1.0 UTF-8;\n", MCP_ERROR_INVALID, "language"},
    {"#ABNF 2.0;\n", MCP_ERROR_INVALID, "first line"},
    {"#ABNF 1.0;\nmode dtmf;\n$r = 1", MCP_ERROR_INVALID, ":3: ';' is missing"},
    {"#ABNF 1.0;\nmode dtmf;\n$r = 1 | ;", MCP_ERROR_INVALID, "empty"},
    {"#ABNF 1.0;\nmode dtmf;\n$r = (1;", MCP_ERROR_INVALID, "')'"},
    {"#ABNF 1.0;\nmode dtmf;\n$r = 1<2-1>;", MCP_ERROR_INVALID, "repeat"},
    {"#ABNF 1.0;\nmode dtmf;\n$r = /x/ 1;", MCP_ERROR_INVALID, "weight"},
    {"#ABNF 1.0;\nmode dtmf;\n$r = 1 {x;", MCP_ERROR_INVALID, "'}'"},
    {"#ABNF 1.0;\nmode dtmf;\nmode dtmf;\n$r = 1;", MCP_ERROR_INVALID, "twice"},
    {"<grammar version='1.0' mode='dtmf' root='r'><rule id='r'>1</rule></grammar>",
     MCP_ERROR_INVALID, "namespace"},
    {G("version='2.0' mode='dtmf' root='r'", R("1")), MCP_ERROR_INVALID, "version"},
    {G("version='1.0' mode='touch' root='r'", R("1")), MCP_ERROR_INVALID, "mode"},
    {G("version='1.0' root='r' mode='voice'", R("one")), MCP_ERROR_INVALID, "xml:lang"},
    {G("version='1.0' mode='dtmf' root='x'", R("1")), MCP_ERROR_INVALID, "root rule 'x'"},
    {G(V, ""), MCP_ERROR_INVALID, "root rule"},
    {G("version='1.0' mode='dtmf'", ""), MCP_ERROR_INVALID, "no rule"},
    {G("version='1.0' mode='dtmf'", R("1")), MCP_ERROR_INVALID, "neither a root"},
    {G(V, R("1") "\n" R("2")), MCP_ERROR_INVALID, ":3: rule 'r' is defined twice"},
    {G(V, "<rule>1</rule>"), MCP_ERROR_INVALID, "no rule name"},
    {G(V, "<rule id='a.b'>1</rule>"), MCP_ERROR_INVALID, "no rule name"},
    {G(V, "<rule id='VOID'>1</rule>"), MCP_ERROR_INVALID, "no rule name"},
    {G(V, "<rule id='r' scope='protected'>1</rule>"), MCP_ERROR_INVALID, "scope"},
    {G(V, R("\n<ruleref uri='#s'/>")), MCP_ERROR_INVALID, ":3: rule '#s' is not defined"},
    {G(V, R("<ruleref/>")), MCP_ERROR_INVALID, "either"},
    {G(V, R("<ruleref uri='#r' special='NULL'/>")), MCP_ERROR_INVALID, "either"},
    {G(V, R("<ruleref special='ALL'/>")), MCP_ERROR_INVALID, "special"},
    {G(V, R("<ruleref uri='#1'/>")), MCP_ERROR_INVALID, "no rule name"},
    {G(V, R("<one-of/>")), MCP_ERROR_INVALID, "no <item>"},
    {G(V, R("<one-of>1</one-of>")), MCP_ERROR_INVALID, "only <item>"},
    {G(V, R("<one-of><item weight='x'>1</item></one-of>")), MCP_ERROR_INVALID, "weight"},
    {G(V, R("<one-of><item weight='-1'>1</item></one-of>")), MCP_ERROR_INVALID, "weight"},
    {G(V, R("<item repeat='x'>1</item>")), MCP_ERROR_INVALID, "repeat"},
    {G(V, R("<item repeat='3-2'>1</item>")), MCP_ERROR_INVALID, "repeat"},
    {G(V, R("<item repeat='-2'>1</item>")), MCP_ERROR_INVALID, "repeat"},
    {G(V, R("<item repeat='1-2-3'>1</item>")), MCP_ERROR_INVALID, "repeat"},
    {G(V, R("<item repeat='1' repeat-prob='2'>1</item>")), MCP_ERROR_INVALID, "repeat-prob"},
    {G(V, R("hello")), MCP_ERROR_INVALID, "no DTMF key"},
    {G(V, R("\"1")), MCP_ERROR_INVALID, "quotation"},
    {G(V, R("<token/>")), MCP_ERROR_INVALID, "empty"},
    {G(V, R("<choice>1</choice>")), MCP_ERROR_INVALID, "<choice>"},
    {G(V, "text" R("1")), MCP_ERROR_INVALID, "outside"},
    {G(V, "<lexicon/>" R("1")), MCP_ERROR_INVALID, "uri"},
    {G(V, "<meta name='x'/>" R("1")), MCP_ERROR_INVALID, "content"},
    {"<!DOCTYPE g [<!ENTITY a 'b'>]>" G(V, R("1")), MCP_ERROR_INVALID, NULL},
};

static void
test_faults(Fixture *f, gconstpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autoptr(GError) error = NULL;
        McpGrammar *grammar = compile_text(f, faults[i].text, &error);

        if (grammar != NULL)
            g_error("accepted: %s", faults[i].text);
        g_assert_error(error, MCP_ERROR, (int)faults[i].code);
        if (faults[i].says != NULL && strstr(error->message, faults[i].says) == NULL)
            g_error("%s: %s", faults[i].text, error->message);
    }
}

static void
test_foreign(Fixture *f, gconstpointer data)
{
    const char *text = G(V " xmlns:x='urn:x' x:a='b'",
                         "<x:thing>any</x:thing><metadata>any</metadata><lexicon uri='l'/>"
                         "<meta name='a' content='b'/>" R("<x:y/>1<example>2</example>"));
    g_autoptr(GError) error = NULL;
    McpGrammar *grammar = compile_text(f, text, &error);

    g_assert_no_error(error);
    g_assert_cmpint(match(f, grammar, "1", NULL, NULL), ==, MCP_MATCH_COMPLETE);
    mcp_grammar_unref(f->engine, grammar);
}

/* A page may leave out the version, and its text is UTF-8 whatever a header says. */
static void
test_inline(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    McpGrammar *xml = compile_text(f, G("mode='dtmf' root='r'", R("1")), &error);
    McpGrammar *abnf;

    g_assert_no_error(error);
    abnf = compile_text(f, "#ABNF 1.0 ISO-8859-1;\nmode dtmf;\nroot $\xc3\xa4;\n$\xc3\xa4 = 1;",
                        &error);
    g_assert_no_error(error);
    g_assert_cmpint(match(f, xml, "1", NULL, NULL), ==, MCP_MATCH_COMPLETE);
    g_assert_cmpint(match(f, abnf, "1", NULL, NULL), ==, MCP_MATCH_COMPLETE);
    mcp_grammar_unref(f->engine, xml);
    mcp_grammar_unref(f->engine, abnf);
}

static void
add(Fixture *f, const char *url, const char *text)
{
    g_hash_table_insert(f->documents, (gpointer)url, (gpointer)text);
}

/* Two documents that refer to each other, relative URLs, a root by its document, a builtin. */
static void
test_references(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;
    McpGrammar *grammar;
    McpGrammar *again;

    add(f, "http://test/g/main.grxml",
        G(V " tag-format='semantics/1.0'",
          R("<ruleref uri='sub/one.grxml#open'/><tag>out.a = rules.open</tag>"
            "<ruleref uri='sub/one.grxml'/><tag>out.b = rules.r</tag>"
            "<item repeat='0-1'><ruleref uri='builtin:dtmf/digits?length=2'/></item>")));
    add(f, "http://test/g/sub/one.grxml",
        G(V " tag-format='semantics/1.0-literals'",
          R("2<tag>two</tag>") "<rule id='open' scope='public'>1<tag>one</tag>"
                               "<item repeat='0-1'><ruleref uri='../main.grxml'/></item></rule>"));
    grammar = compile_uri(f, "g/main.grxml", &error);
    g_assert_no_error(error);
    g_assert_cmpuint(f->fetches, ==, 2);
    g_assert_cmpint(match(f, grammar, "12", &json, &error), ==, MCP_MATCH_MORE);
    g_assert_no_error(error);
    g_assert_cmpstr(json, ==, "{\"a\":\"one\",\"b\":\"two\"}");
    g_assert_cmpint(match(f, grammar, "1289", NULL, NULL), ==, MCP_MATCH_COMPLETE);
    again = compile_uri(f, "http://test/g/main.grxml", NULL);
    g_assert_true(again == grammar);
    mcp_grammar_unref(f->engine, grammar);
    mcp_grammar_unref(f->engine, again);
}

static void
test_base(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    McpGrammar *by_xml;
    McpGrammar *by_meta;

    add(f, "http://test/else/d.grxml", G(V, R("1")));
    by_xml = compile_text(f, G(V " xml:base='http://test/else/'", R("<ruleref uri='d.grxml'/>")),
                          &error);
    g_assert_no_error(error);
    by_meta = compile_text(
        f, G(V, "<meta name='base' content='http://test/else/'/>" R("<ruleref uri='d.grxml'/>")),
        &error);
    g_assert_no_error(error);
    g_assert_cmpint(match(f, by_meta, "1", NULL, NULL), ==, MCP_MATCH_COMPLETE);
    mcp_grammar_unref(f->engine, by_xml);
    mcp_grammar_unref(f->engine, by_meta);
}

static void
test_fragment(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    McpGrammar *grammar;

    add(f, "http://test/f.grxml", G(V, R("1") "<rule id='open' scope='public'>2</rule>"));
    grammar = compile_uri(f, "f.grxml#open", &error);
    g_assert_no_error(error);
    g_assert_cmpint(match(f, grammar, "2", NULL, NULL), ==, MCP_MATCH_COMPLETE);
    g_assert_cmpint(match(f, grammar, "1", NULL, NULL), ==, MCP_MATCH_NONE);
    mcp_grammar_unref(f->engine, grammar);
    g_assert_null(compile_uri(f, "f.grxml#r", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
}

static void
test_bad_references(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *uri;
        McpError code;
    } bad[] = {
        {"absent.grxml", MCP_ERROR_NOT_FOUND},           {"private.grxml#p", MCP_ERROR_INVALID},
        {"private.grxml#q", MCP_ERROR_INVALID},          {"voice.grxml", MCP_ERROR_INVALID},
        {"rootless.grxml", MCP_ERROR_INVALID},           {"abnf.gram", MCP_ERROR_INVALID},
        {"klingon.gram", MCP_ERROR_UNSUPPORTED},         {"version.grxml", MCP_ERROR_INVALID},
        {"builtin:dtmf/nothing", MCP_ERROR_UNSUPPORTED},
    };

    add(f, "http://test/private.grxml", G(V, R("1") "<rule id='p'>2</rule>"));
    add(f, "http://test/voice.grxml",
        G("version='1.0' root='r' mode='voice' xml:lang='en'", R("one")));
    add(f, "http://test/rootless.grxml",
        G("version='1.0' mode='dtmf'", "<rule id='r' scope='public'>1</rule>"));
    add(f, "http://test/abnf.gram", "#ABNF 1.0;");
    add(f, "http://test/klingon.gram", "#ABNF 1.0 KLINGON;\nmode dtmf;\nroot $r;\n$r = 1;");
    add(f, "http://test/version.grxml", G("mode='dtmf' root='r'", R("1")));
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf(G(V, R("<ruleref uri='%s'/>")), bad[i].uri);
        g_autoptr(GError) error = NULL;

        if (compile_text(f, text, &error) != NULL)
            g_error("accepted a reference to %s", bad[i].uri);
        g_assert_error(error, MCP_ERROR, (int)bad[i].code);
    }
}

static void
test_many_documents(Fixture *f, gconstpointer data)
{
    g_autoptr(GPtrArray) keep = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 20; i++) {
        char *url = g_strdup_printf("http://test/chain%u.grxml", i);
        char *text = g_strdup_printf(G(V, R("<ruleref uri='chain%u.grxml'/>")), i + 1);

        g_ptr_array_add(keep, url);
        g_ptr_array_add(keep, text);
        add(f, url, text);
    }
    g_assert_null(compile_uri(f, "chain0.grxml", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    g_assert_cmpuint(f->fetches, <=, 8);
    g_hash_table_remove_all(f->documents);
}

#define ADD(name, func) \
    g_test_add("/grammar/faults/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("faults", test_faults);
    ADD("foreign", test_foreign);
    ADD("inline", test_inline);
    ADD("references", test_references);
    ADD("base", test_base);
    ADD("fragment", test_fragment);
    ADD("bad-references", test_bad_references);
    ADD("many-documents", test_many_documents);
    return g_test_run();
}
