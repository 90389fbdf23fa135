/* SPDX-License-Identifier: Apache-2.0 */
/* Results of recognizers: as servers write them, as JSON, and written by ourselves. */
#include <mrcp/nlsml.h>

#include <mcp/error.h>
#include <string.h>

#define V2 "xmlns='urn:ietf:params:xml:ns:mrcpv2' xmlns:ex='http://www.example.com/example'"

static GPtrArray *
parse(const char *text, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));

    return mcp_mrcp_nlsml_parse(bytes, error);
}

static const McpMrcpInterpretation *
at(const GPtrArray *interpretations, guint index)
{
    g_assert_cmpuint(index, <, interpretations->len);
    return interpretations->pdata[index];
}

/* RFC 6787 §9.6.3.2: the best one first, with the grammar of the result or one of its own. */
static void
test_n_best(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) all = parse(
        "<?xml version='1.0'?><result " V2 " grammar='session:a'>"
        "<interpretation confidence='0.75'><instance><ex:city>Bonn</ex:city></instance>"
        "<input mode='speech' timestamp-start='2000-04-03T0:00:00' confidence='0.2'"
        " timestamp-end='2000-04-03T0:00:01'>\n to  Bonn\n</input></interpretation>"
        "<interpretation confidence='0.5' grammar='http://h/g.grxml'>"
        "<instance>Born</instance><input mode='dtmf'>to Born</input></interpretation></result>",
        &error);

    g_assert_no_error(error);
    g_assert_cmpuint(all->len, ==, 2);
    g_assert_cmpstr(at(all, 0)->grammar, ==, "session:a");
    g_assert_cmpfloat(at(all, 0)->confidence, ==, 0.75);
    g_assert_cmpstr(at(all, 0)->text, ==, "to Bonn");
    g_assert_cmpstr(at(all, 0)->mode, ==, "speech");
    g_assert_cmpstr(at(all, 0)->start, ==, "2000-04-03T0:00:00");
    g_assert_cmpstr(at(all, 0)->end, ==, "2000-04-03T0:00:01");
    g_assert_cmpstr(at(all, 0)->instance, ==, "{\"city\":\"Bonn\"}");
    g_assert_cmpstr(at(all, 1)->grammar, ==, "http://h/g.grxml");
    g_assert_cmpstr(at(all, 1)->mode, ==, "dtmf");
    g_assert_cmpstr(at(all, 1)->instance, ==, "\"Born\"");
}

/* The older form, with prefixes for its elements, and its scale of confidence. */
static void
test_v1(void)
{
    g_autoptr(GPtrArray) all =
        parse("<result x-model='http://IdentityModel' xmlns:xf='http://www.w3.org/2000/xforms'"
              " grammar='session:request1@form-level.store'><interpretation confidence='100'>"
              "<xf:instance name='Person'><Person><Name> Andre Roy </Name></Person></xf:instance>"
              "<input> may I speak to Andre Roy </input></interpretation>"
              "<interpretation confidence='1'><instance/><input>x</input></interpretation>"
              "<interpretation><instance/><input confidence='40'>y</input></interpretation>"
              "<interpretation confidence='high'><instance/></interpretation></result>",
              NULL);

    g_assert_cmpstr(at(all, 0)->instance, ==, "{\"Person\":{\"Name\":\"Andre Roy\"}}");
    g_assert_cmpfloat(at(all, 0)->confidence, ==, 1.0);
    g_assert_cmpfloat(at(all, 1)->confidence, ==, 0.01);
    g_assert_null(at(all, 1)->instance);
    g_assert_cmpfloat(at(all, 2)->confidence, ==, 0.4);
    g_assert_cmpfloat(at(all, 3)->confidence, ==, MCP_MRCP_CONFIDENCE_UNKNOWN);
    g_assert_cmpstr(at(all, 3)->text, ==, "");
}

static void
test_nothing(void)
{
    static const struct {
        const char *inside;
        McpMrcpInput input;
        const char *text;
    } cases[] = {
        {"<instance/><input><nomatch/></input>", MCP_MRCP_INPUT_NOMATCH, ""},
        {"<input><nomatch>blah</nomatch></input><instance/>", MCP_MRCP_INPUT_NOMATCH, "blah"},
        {"<instance/><input><input mode='speech'><nomatch/></input></input>",
         MCP_MRCP_INPUT_NOMATCH, ""},
        {"<nomatch/>", MCP_MRCP_INPUT_NOMATCH, ""},
        {"<instance><x>1</x></instance><input><noinput/></input>", MCP_MRCP_INPUT_NOINPUT, ""},
        {"<noinput/>", MCP_MRCP_INPUT_NOINPUT, ""},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf(
            "<result " V2 "><interpretation>%s</interpretation></result>", cases[i].inside);
        g_autoptr(GPtrArray) all = parse(text, NULL);

        g_assert_cmpint(at(all, 0)->input, ==, cases[i].input);
        g_assert_cmpstr(at(all, 0)->text, ==, cases[i].text);
        g_assert_null(at(all, 0)->instance);
    }
}

/* RFC 6787 §9.6.3.4: words one by one, with times of their own. */
static void
test_words(void)
{
    g_autoptr(GPtrArray) all =
        parse("<result " V2 "><interpretation><instance/><input>"
              "<input mode='speech' confidence='0.5' timestamp-start='2000-04-03T0:00:00'"
              " timestamp-end='2000-04-03T0:00:00.2'>fried</input> "
              "<input mode='speech' confidence='1.0' timestamp-start='2000-04-03T0:00:00.25'"
              " timestamp-end='2000-04-03T0:00:00.6'>onions</input></input></interpretation>"
              "</result>",
              NULL);

    g_assert_cmpstr(at(all, 0)->text, ==, "fried onions");
    g_assert_cmpstr(at(all, 0)->mode, ==, "speech");
    g_assert_cmpstr(at(all, 0)->start, ==, "2000-04-03T0:00:00");
    g_assert_cmpstr(at(all, 0)->end, ==, "2000-04-03T0:00:00.6");
}

/* SISR 1.0 §7 backwards. */
static void
test_instance(void)
{
    static const char *const cases[][2] = {
        {"  one  ", "\"one\""},
        {"a \"quoted\" &lt;b", "\"a \\\"quoted\\\" <b\""},
        {"<a confidence='0.75'>1</a><b>2</b>", "{\"a\":\"1\",\"b\":\"2\"}"},
        {"<a>1</a><b>2</b><a>3</a>", "{\"a\":[\"1\",\"3\"],\"b\":\"2\"}"},
        {"<t length='2'><item index='0'>x</item><item index='1'><y>z</y></item></t>",
         "{\"t\":[\"x\",{\"y\":\"z\"}]}"},
        {"<item index='0'>x</item>", "[\"x\"]"},
        {"<item>x</item>", "{\"item\":\"x\"}"},
        {"<drink>text<size>2</size></drink>", "{\"drink\":{\"size\":\"2\",\"_value\":\"text\"}}"},
        {"<empty/>", "{\"empty\":\"\"}"},
        {"<ex:a><![CDATA[<x>]]></ex:a>", "{\"a\":\"<x>\"}"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf(
            "<result " V2 "><interpretation><instance>%s</instance></interpretation></result>",
            cases[i][0]);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) all = parse(text, &error);

        g_assert_no_error(error);
        g_assert_cmpstr(at(all, 0)->instance, ==, cases[i][1]);
    }
}

static void
test_refused(void)
{
    static const char *const cases[] = {
        "",
        "one",
        "<results/>",
        "<result>",
        "<!DOCTYPE result [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><result>&x;</result>",
        "<result><interpretation><instance>&x;</instance></interpretation></result>",
    };
    g_autoptr(GString) deep = g_string_new("<result><interpretation><instance>");
    g_autoptr(GPtrArray) none = parse("<result><verification-result/></result>", NULL);
    g_autoptr(GError) too_deep = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(parse(cases[i], &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
    for (guint i = 0; i < 40; i++)
        g_string_append(deep, "<a>");
    g_assert_null(parse(deep->str, &too_deep));
    g_assert_error(too_deep, MCP_ERROR, MCP_ERROR_INVALID);
    g_assert_cmpuint(none->len, ==, 0);
}

static void
test_bound(void)
{
    g_autoptr(GString) text = g_string_new("<result>");
    g_autoptr(GPtrArray) all = NULL;

    for (guint i = 0; i < 300; i++)
        g_string_append(text, "<interpretation><instance>a</instance></interpretation>");
    g_string_append(text, "</result>");
    all = parse(text->str, NULL);
    g_assert_cmpuint(all->len, ==, 100);
}

static char grammar[] = "session:1";
static char speech[] = "speech";
static char words[] = "two & <three>\x01";
static char blah[] = "blah";
static char begin[] = "2026-01-02T03:04:05.678Z";
static char object[] = "{\"a b\":[\"x\",{\"y\":\"<z>\"}],\"n\":2.5,\"t\":true,\"_value\":\"w\","
                       "\"nil\":null,\"1\":[]}";
static char no_json[] = "plain";

static const McpMrcpInterpretation ours[] = {
    {.grammar = grammar,
     .confidence = 0.876,
     .text = words,
     .mode = speech,
     .start = begin,
     .instance = object},
    {.confidence = 1.5, .text = words},
    {.confidence = MCP_MRCP_CONFIDENCE_UNKNOWN, .text = words, .instance = no_json},
    {.input = MCP_MRCP_INPUT_NOMATCH, .confidence = 0, .text = blah},
    {.input = MCP_MRCP_INPUT_NOINPUT, .confidence = MCP_MRCP_CONFIDENCE_UNKNOWN},
};

static void
check_written(McpMrcpVersion version, double confidence)
{
    g_autofree char *text = mcp_mrcp_nlsml_write(version, ours, G_N_ELEMENTS(ours));
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) all = parse(text, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(all->len, ==, G_N_ELEMENTS(ours));
    g_assert_cmpstr(at(all, 0)->grammar, ==, grammar);
    g_assert_cmpfloat_with_epsilon(at(all, 0)->confidence, confidence, 0.001);
    g_assert_cmpstr(at(all, 0)->text, ==, "two & <three>");
    g_assert_cmpstr(at(all, 0)->mode, ==, speech);
    g_assert_cmpstr(at(all, 0)->start, ==, begin);
    g_assert_null(at(all, 0)->end);
    g_assert_cmpstr(at(all, 0)->instance, ==,
                    "{\"a_b\":[\"x\",{\"y\":\"<z>\"}],\"n\":\"2.5\",\"t\":\"true\",\"nil\":\"\","
                    "\"_1\":\"\",\"_value\":\"w\"}");
    g_assert_cmpfloat(at(all, 1)->confidence, ==, 1.0);
    g_assert_cmpstr(at(all, 1)->instance, ==, "\"two & <three>\"");
    g_assert_cmpfloat(at(all, 2)->confidence, ==, MCP_MRCP_CONFIDENCE_UNKNOWN);
    g_assert_cmpstr(at(all, 2)->instance, ==, "\"plain\"");
    g_assert_cmpint(at(all, 3)->input, ==, MCP_MRCP_INPUT_NOMATCH);
    g_assert_cmpstr(at(all, 3)->text, ==, blah);
    g_assert_cmpint(at(all, 4)->input, ==, MCP_MRCP_INPUT_NOINPUT);
    g_assert_true((strstr(text, "urn:ietf:params:xml:ns:mrcpv2") != NULL) ==
                  (version == MCP_MRCP_V2));
}

static void
test_write(void)
{
    check_written(MCP_MRCP_V1, 0.88);
    check_written(MCP_MRCP_V2, 0.88);
    g_assert_cmpstr(mcp_mrcp_nlsml_type(MCP_MRCP_V1), ==, "application/x-nlsml");
    g_assert_cmpstr(mcp_mrcp_nlsml_type(MCP_MRCP_V2), ==, "application/nlsml+xml");
}

static void
test_rewrite(void)
{
    const McpMrcpInterpretation one = {
        .confidence = 0.7, .text = (char *)"yes", .instance = (char *)"{\"a\":1}"};
    g_autofree char *v2 = mcp_mrcp_nlsml_write(MCP_MRCP_V2, &one, 1);
    g_autofree char *v1 = mcp_mrcp_nlsml_write(MCP_MRCP_V1, &one, 1);
    g_autoptr(GBytes) body = g_bytes_new(v2, strlen(v2));
    g_autoptr(GBytes) wanted = g_bytes_new(v1, strlen(v1));
    g_autoptr(McpMrcpMessage) message =
        mcp_mrcp_event_new(MCP_MRCP_V1, "RECOGNITION-COMPLETE", 1, MCP_MRCP_COMPLETE);

    /* Nothing, and what is no result, stay. */
    mcp_mrcp_nlsml_rewrite(message, MCP_MRCP_V1);
    mcp_mrcp_message_set_body(message, "text/plain", body);
    mcp_mrcp_nlsml_rewrite(message, MCP_MRCP_V1);
    g_assert_true(g_bytes_equal(message->body, body));
    mcp_mrcp_message_set_body(message, "application/nlsml+xml", body);
    mcp_mrcp_nlsml_rewrite(message, MCP_MRCP_V1);
    g_assert_cmpstr(mcp_mrcp_message_get(message, "Content-Type"), ==, "application/x-nlsml");
    g_assert_true(g_bytes_equal(message->body, wanted));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp/nlsml/rewrite", test_rewrite);
    g_test_add_func("/mrcp/nlsml/n-best", test_n_best);
    g_test_add_func("/mrcp/nlsml/v1", test_v1);
    g_test_add_func("/mrcp/nlsml/nothing", test_nothing);
    g_test_add_func("/mrcp/nlsml/words", test_words);
    g_test_add_func("/mrcp/nlsml/instance", test_instance);
    g_test_add_func("/mrcp/nlsml/refused", test_refused);
    g_test_add_func("/mrcp/nlsml/bound", test_bound);
    g_test_add_func("/mrcp/nlsml/write", test_write);
    return g_test_run();
}
