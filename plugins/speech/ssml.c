/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads SSML 1.0 into a plan. Elements that are not known are read through, as are those that the
 * engine has no means for; <audio> gives its content, since whoever plays the prompt fetched the
 * sound before. Runs on the compute pool.
 */
#include "ssml.h"
#include "say_as.h"
#include <mcp/error.h>
#include <ssml/ssml.h>
#include <string.h>

#define PAUSE_SENTENCE 200
#define PAUSE_PARAGRAPH 450

typedef struct {
    McpSpeechPlan *plan;
    double stretch;
} Reader;

typedef gboolean (*ElementFunc)(Reader *reader, const McpXmlNode *node, GError **error);

typedef struct {
    const char *name;
    double value;
} NamedValue;

static gboolean read_children(Reader *reader, const McpXmlNode *node, GError **error);

static gboolean
find_named(const NamedValue *table, const char *name, double *out)
{
    for (; table->name != NULL; table++) {
        if (g_str_equal(table->name, name)) {
            *out = table->value;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
refuse(const McpXmlNode *node, const char *attribute, const char *value, GError **error)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "line %u: <%s> has %s=\"%.40s\"",
                mcp_xml_line(node), mcp_xml_name(node), attribute, value);
    return FALSE;
}

static gboolean
read_break(Reader *reader, const McpXmlNode *node, GError **error)
{
    guint pause;

    if (!mcp_ssml_pause(node, &pause, error))
        return FALSE;
    mcp_speech_plan_pause(reader->plan, pause);
    return TRUE;
}

static gboolean
read_sentence(Reader *reader, const McpXmlNode *node, GError **error)
{
    gboolean paragraph =
        g_str_equal(mcp_xml_name(node), "p") || g_str_equal(mcp_xml_name(node), "paragraph");

    if (!read_children(reader, node, error))
        return FALSE;
    mcp_speech_plan_pause(reader->plan, paragraph ? PAUSE_PARAGRAPH : PAUSE_SENTENCE);
    return TRUE;
}

static void
say(Reader *reader, const char *text)
{
    mcp_speech_plan_text(reader->plan, " ");
    mcp_speech_plan_text(reader->plan, text);
    mcp_speech_plan_text(reader->plan, " ");
}

static gboolean
read_sub(Reader *reader, const McpXmlNode *node, GError **error)
{
    const char *alias = mcp_xml_attribute(node, "alias");

    if (alias == NULL)
        return refuse(node, "no alias", "", error);
    say(reader, alias);
    return TRUE;
}

static gboolean
read_say_as(Reader *reader, const McpXmlNode *node, GError **error)
{
    const char *kind = mcp_xml_attribute(node, "interpret-as");
    g_autofree char *content = mcp_xml_content(node);
    g_autofree char *words = NULL;

    if (kind == NULL)
        kind = mcp_xml_attribute(node, "type"); /* of the drafts, still in use */
    words = mcp_speech_say_as(kind, mcp_xml_attribute(node, "format"), content);
    say(reader, words);
    return TRUE;
}

static gboolean
read_emphasis(Reader *reader, const McpXmlNode *node, GError **error)
{
    static const NamedValue levels[] = {
        {"strong", 1.25}, {"moderate", 1.15}, {"none", 1}, {"reduced", 0.95}, {NULL, 0}};
    const char *level = mcp_xml_attribute(node, "level");
    double before = reader->stretch;
    double factor = 1.15;
    gboolean good;

    if (level != NULL && !find_named(levels, level, &factor))
        return refuse(node, "level", level, error);
    reader->stretch = before * factor;
    mcp_speech_plan_set_stretch(reader->plan, reader->stretch);
    good = read_children(reader, node, error);
    reader->stretch = before;
    mcp_speech_plan_set_stretch(reader->plan, before);
    return good;
}

/* SSML 1.0 §3.2.4: a label, a factor, or a change such as "+10%". */
static gboolean
parse_rate(const char *text, double *out)
{
    static const NamedValue rates[] = {{"x-slow", 0.5}, {"slow", 0.75}, {"medium", 1},
                                       {"default", 1},  {"fast", 1.35}, {"x-fast", 1.8},
                                       {NULL, 0}};
    char *end = NULL;
    double value;

    if (find_named(rates, text, out))
        return TRUE;
    if (text[0] == '\0' || strchr("+-.0123456789", text[0]) == NULL)
        return FALSE;
    value = g_ascii_strtod(text, &end);
    if (g_str_equal(end, "%"))
        value = g_ascii_isdigit(text[0]) ? value / 100 : 1 + value / 100;
    else if (*end != '\0' || !g_ascii_isdigit(text[0]))
        return FALSE;
    *out = CLAMP(value, 0.2, 5);
    return TRUE;
}

static gboolean
read_prosody(Reader *reader, const McpXmlNode *node, GError **error)
{
    const char *rate = mcp_xml_attribute(node, "rate");
    double before = reader->stretch;
    double factor = 1;
    gboolean good;

    if (rate != NULL && !parse_rate(rate, &factor))
        return refuse(node, "rate", rate, error);
    reader->stretch = before / factor;
    mcp_speech_plan_set_stretch(reader->plan, reader->stretch);
    good = read_children(reader, node, error);
    reader->stretch = before;
    mcp_speech_plan_set_stretch(reader->plan, before);
    return good;
}

static gboolean
read_nothing(Reader *reader, const McpXmlNode *node, GError **error)
{
    return TRUE;
}

static const struct {
    const char *name;
    ElementFunc read;
} elements[] = {
    {"break", read_break},        {"p", read_sentence},        {"s", read_sentence},
    {"paragraph", read_sentence}, {"sentence", read_sentence}, {"sub", read_sub},
    {"say-as", read_say_as},      {"emphasis", read_emphasis}, {"prosody", read_prosody},
    {"metadata", read_nothing},   {"meta", read_nothing},      {"lexicon", read_nothing},
    {"mark", read_nothing},       {"desc", read_nothing},
};

static gboolean
read_node(Reader *reader, const McpXmlNode *node, GError **error)
{
    if (mcp_xml_kind(node) == MCP_XML_TEXT) {
        mcp_speech_plan_text(reader->plan, mcp_xml_text(node));
        return TRUE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(elements); i++)
        if (g_str_equal(elements[i].name, mcp_xml_name(node)))
            return elements[i].read(reader, node, error);
    return read_children(reader, node, error);
}

static gboolean
read_children(Reader *reader, const McpXmlNode *node, GError **error)
{
    for (const McpXmlNode *child = mcp_xml_first_child(node); child != NULL;
         child = mcp_xml_next(child))
        if (!read_node(reader, child, error))
            return FALSE;
    return TRUE;
}

McpSpeechPlan *
mcp_speech_ssml_plan(const char *text, char **out_language, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    g_autoptr(GError) fault = NULL;
    McpXmlSource source = {.url = "prompt", .charset = "utf-8"};
    g_autoptr(McpXmlDocument) document = mcp_xml_parse(bytes, &source, NULL, &fault);
    g_autoptr(McpSpeechPlan) plan = NULL;
    Reader reader;

    if (document == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s", fault->message);
        return NULL;
    }
    if (!mcp_xml_is(mcp_xml_document_root(document), NULL, "speak")) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "root element is <%s>, not <speak>",
                    mcp_xml_name(mcp_xml_document_root(document)));
        return NULL;
    }
    plan = mcp_speech_plan_new();
    reader = (Reader){plan, 1};
    if (!read_children(&reader, mcp_xml_document_root(document), error) ||
        !mcp_ssml_check(mcp_xml_document_root(document), MCP_SSML_TOLERANT, error))
        return NULL;
    if (out_language != NULL)
        *out_language = g_strdup(mcp_xml_lang(mcp_xml_document_root(document)));
    return g_steal_pointer(&plan);
}
