/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSML 1.0 and 1.1 as a table: elements, where they may stand, and their attributes. Any thread.
 */
#include "ssml.h"
#include <mcp/error.h>
#include <string.h>

/* Classes of elements; a row says of which one it is and which it may hold. */
#define HEAD (1u << 0)  /* lexicon, meta, metadata: before all else in speak */
#define BLOCK (1u << 1) /* p */
#define SENTENCE (1u << 2)
#define INLINE (1u << 3)
#define WORD (1u << 4) /* token, w */
#define DESC (1u << 5)
#define TEXT (1u << 6)
#define ROOT (1u << 7)
#define SPOKEN (INLINE | WORD | TEXT)
#define ALL (BLOCK | SENTENCE | SPOKEN)

#define DEPTH_MAX 200

typedef struct {
    const char *name;
    McpSsmlValue value;
    gboolean required;
    guint since; /* 10 or 11 */
} Attribute;

typedef struct {
    const char *name;
    guint since;
    guint is;
    guint holds;
    Attribute attributes[9];
} Element;

static const Element elements[] = {
    {"speak",
     10,
     ROOT,
     ALL | HEAD,
     {{"version", MCP_SSML_FILLED, TRUE, 10},
      {"onlangfailure", MCP_SSML_FAILURE, FALSE, 11},
      {"startmark", MCP_SSML_FILLED, FALSE, 11},
      {"endmark", MCP_SSML_FILLED, FALSE, 11}}},
    {"lexicon",
     10,
     HEAD,
     0,
     {{"uri", MCP_SSML_FILLED, TRUE, 10},
      {"type", MCP_SSML_ANY, FALSE, 10},
      {"fetchtimeout", MCP_SSML_TIME, FALSE, 11},
      {"maxage", MCP_SSML_NUMBER, FALSE, 11},
      {"maxstale", MCP_SSML_NUMBER, FALSE, 11}}},
    {"meta",
     10,
     HEAD,
     0,
     {{"name", MCP_SSML_FILLED, FALSE, 10},
      {"http-equiv", MCP_SSML_FILLED, FALSE, 10},
      {"content", MCP_SSML_ANY, TRUE, 10}}},
    {"metadata", 10, HEAD, 0, {{NULL}}},
    {"lookup", 11, INLINE, ALL, {{"ref", MCP_SSML_FILLED, TRUE, 11}}},
    {"p", 10, BLOCK, SENTENCE | SPOKEN, {{"onlangfailure", MCP_SSML_FAILURE, FALSE, 11}}},
    {"s", 10, SENTENCE, SPOKEN, {{"onlangfailure", MCP_SSML_FAILURE, FALSE, 11}}},
    {"token",
     11,
     WORD,
     INLINE | TEXT,
     {{"role", MCP_SSML_FILLED, FALSE, 11}, {"onlangfailure", MCP_SSML_FAILURE, FALSE, 11}}},
    {"w",
     11,
     WORD,
     INLINE | TEXT,
     {{"role", MCP_SSML_FILLED, FALSE, 11}, {"onlangfailure", MCP_SSML_FAILURE, FALSE, 11}}},
    {"say-as",
     10,
     INLINE,
     TEXT,
     {{"interpret-as", MCP_SSML_FILLED, TRUE, 10},
      {"format", MCP_SSML_ANY, FALSE, 10},
      {"detail", MCP_SSML_ANY, FALSE, 10}}},
    {"phoneme",
     10,
     INLINE,
     TEXT,
     {{"ph", MCP_SSML_FILLED, TRUE, 10},
      {"alphabet", MCP_SSML_ALPHABET, FALSE, 10},
      {"type", MCP_SSML_FILLED, FALSE, 11}}},
    {"sub", 10, INLINE, TEXT, {{"alias", MCP_SSML_ANY, TRUE, 10}}},
    {"lang", 11, INLINE, ALL, {{"onlangfailure", MCP_SSML_FAILURE, FALSE, 11}}},
    {"voice",
     10,
     INLINE,
     ALL,
     {{"gender", MCP_SSML_GENDER, FALSE, 10},
      {"age", MCP_SSML_NUMBER, FALSE, 10},
      {"variant", MCP_SSML_NUMBER, FALSE, 10},
      {"name", MCP_SSML_ANY, FALSE, 10},
      {"languages", MCP_SSML_ANY, FALSE, 11},
      {"required", MCP_SSML_ANY, FALSE, 11},
      {"ordering", MCP_SSML_ANY, FALSE, 11},
      {"onvoicefailure", MCP_SSML_FAILURE, FALSE, 11}}},
    {"emphasis", 10, INLINE, SPOKEN, {{"level", MCP_SSML_LEVEL, FALSE, 10}}},
    {"break",
     10,
     INLINE,
     0,
     {{"strength", MCP_SSML_STRENGTH, FALSE, 10}, {"time", MCP_SSML_TIME, FALSE, 10}}},
    {"prosody",
     10,
     INLINE,
     ALL,
     {{"pitch", MCP_SSML_PITCH, FALSE, 10},
      {"contour", MCP_SSML_CONTOUR, FALSE, 10},
      {"range", MCP_SSML_PITCH, FALSE, 10},
      {"rate", MCP_SSML_RATE, FALSE, 10},
      {"duration", MCP_SSML_TIME, FALSE, 10},
      {"volume", MCP_SSML_VOLUME, FALSE, 10}}},
    {"audio",
     10,
     INLINE,
     ALL | DESC,
     {{"src", MCP_SSML_FILLED, TRUE, 10},
      {"fetchtimeout", MCP_SSML_TIME, FALSE, 11},
      {"fetchhint", MCP_SSML_HINT, FALSE, 11},
      {"maxage", MCP_SSML_NUMBER, FALSE, 11},
      {"maxstale", MCP_SSML_NUMBER, FALSE, 11},
      {"clipBegin", MCP_SSML_TIME, FALSE, 11},
      {"clipEnd", MCP_SSML_TIME, FALSE, 11},
      {"repeatCount", MCP_SSML_FILLED, FALSE, 11},
      {"speed", MCP_SSML_FILLED, FALSE, 11}}},
    {"mark", 10, INLINE, 0, {{"name", MCP_SSML_FILLED, TRUE, 10}}},
    {"desc", 10, DESC, TEXT, {{NULL}}},
};

typedef struct {
    McpSsmlChecks checks;
    guint version; /* 10 or 11 */
    GError **error;
} Check;

static gboolean
fault(const Check *check, const McpXmlNode *node, const char *what, const char *which)
{
    g_set_error(check->error, MCP_ERROR, MCP_ERROR_INVALID, "line %u: <%s>: %s%.60s",
                mcp_xml_line(node), mcp_xml_name(node), what, which);
    return FALSE;
}

/* (nullable): the row, or none for what the version does not have. */
static const Element *
find_element(const Check *check, const McpXmlNode *node)
{
    for (guint i = 0; i < G_N_ELEMENTS(elements); i++)
        if (elements[i].since <= check->version &&
            g_str_equal(elements[i].name, mcp_xml_name(node)))
            return &elements[i];
    return NULL;
}

static gboolean
is_foreign(const McpXmlNode *node)
{
    const char *uri = mcp_xml_namespace(node);

    return *uri != '\0' && !g_str_equal(uri, MCP_SSML_NAMESPACE);
}

static const Attribute *
find_attribute(const Check *check, const Element *element, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(element->attributes); i++) {
        const Attribute *row = &element->attributes[i];

        if (row->name != NULL && row->since <= check->version && g_str_equal(row->name, name))
            return row;
    }
    return NULL;
}

static gboolean
check_attribute(const Check *check, const McpXmlNode *node, const Element *element,
                const McpXmlAttribute *attribute)
{
    const Attribute *row;

    if (*attribute->namespace_uri != '\0') {
        if (g_str_equal(attribute->namespace_uri, MCP_XML_NS_XML) &&
            g_str_equal(attribute->name, "lang") && *attribute->value != '\0' &&
            !mcp_ssml_is_value(MCP_SSML_LANGUAGE, attribute->value))
            return fault(check, node, "no language: ", attribute->value);
        return TRUE;
    }
    row = find_attribute(check, element, attribute->name);
    if (row == NULL)
        return check->checks == MCP_SSML_TOLERANT ||
               fault(check, node, "no such attribute: ", attribute->name);
    return mcp_ssml_is_value(row->value, attribute->value) ||
           fault(check, node, "no value of its attribute: ", attribute->value);
}

static gboolean
check_required(const Check *check, const McpXmlNode *node, const Element *element)
{
    gboolean lang = mcp_xml_attribute_ns(node, MCP_XML_NS_XML, "lang") != NULL;

    for (guint i = 0; i < G_N_ELEMENTS(element->attributes); i++) {
        const Attribute *row = &element->attributes[i];

        /* Since 1.1 an <audio> may be there for its content alone. */
        if (row->name == NULL || !row->required ||
            (check->version > 10 && g_str_equal(row->name, "src")))
            continue;
        if (mcp_xml_attribute(node, row->name) == NULL)
            return fault(check, node, "it lacks ", row->name);
    }
    if (!lang && (element->is == ROOT || g_str_equal(element->name, "lang")))
        return fault(check, node, "it lacks ", "xml:lang");
    if (g_str_equal(element->name, "meta") && (mcp_xml_attribute(node, "name") != NULL) ==
                                                  (mcp_xml_attribute(node, "http-equiv") != NULL))
        return fault(check, node, "it has one of ", "name and http-equiv");
    return TRUE;
}

static gboolean
check_attributes(const Check *check, const McpXmlNode *node, const Element *element)
{
    guint count;
    const McpXmlAttribute *attributes = mcp_xml_attributes(node, &count);

    for (guint i = 0; i < count; i++)
        if (!check_attribute(check, node, element, &attributes[i]))
            return FALSE;
    return check->checks == MCP_SSML_TOLERANT || check_required(check, node, element);
}

static gboolean check_element(const Check *check, const McpXmlNode *node, guint depth);

/* Whether @child may stand in @element; @seen: what stood before it. */
static gboolean
check_place(const Check *check, const Element *element, const McpXmlNode *child, guint *seen)
{
    const Element *row = NULL;
    guint is = TEXT;

    if (mcp_xml_kind(child) == MCP_XML_TEXT) {
        if (mcp_xml_is_blank(child))
            return TRUE;
    } else if (is_foreign(child)) {
        return TRUE;
    } else {
        row = find_element(check, child);
        if (row == NULL)
            return fault(check, child, "no element of this version", "");
        is = row->is;
    }
    if ((element->holds & is) == 0)
        return row != NULL ? fault(check, child, "not allowed in ", element->name)
                           : fault(check, mcp_xml_parent(child), "holds no ", "text");
    if (is == HEAD && (*seen & ~HEAD) != 0)
        return fault(check, child, "it comes before what is said", "");
    *seen |= is;
    return TRUE;
}

static gboolean
check_children(const Check *check, const McpXmlNode *node, const Element *element, guint depth)
{
    guint seen = 0;

    for (const McpXmlNode *child = mcp_xml_first_child(node); child != NULL;
         child = mcp_xml_next(child)) {
        if (check->checks == MCP_SSML_CONFORMING && !check_place(check, element, child, &seen))
            return FALSE;
        if (mcp_xml_kind(child) != MCP_XML_TEXT && !is_foreign(child) &&
            !check_element(check, child, depth + 1))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_element(const Check *check, const McpXmlNode *node, guint depth)
{
    static const Element any = {.name = "", .holds = G_MAXUINT};
    const Element *element = find_element(check, node);

    if (depth > DEPTH_MAX)
        return fault(check, node, "elements within each other, more than they may be", "");
    if (element != NULL && !check_attributes(check, node, element))
        return FALSE;
    if (element != NULL && g_str_equal(element->name, "metadata"))
        return TRUE;
    return check_children(check, node, element != NULL ? element : &any, depth);
}

gboolean
mcp_ssml_check(const McpXmlNode *root, McpSsmlChecks checks, GError **error)
{
    const char *version = mcp_xml_attribute(root, "version");
    Check check = {checks, 11, error};

    if (!g_str_equal(mcp_xml_name(root), "speak") || is_foreign(root))
        return fault(&check, root, "the root is <speak>", "");
    if (checks == MCP_SSML_TOLERANT)
        return check_element(&check, root, 0);
    if (*mcp_xml_namespace(root) == '\0')
        return fault(&check, root, "it is not in the namespace ", MCP_SSML_NAMESPACE);
    if (version != NULL && !g_str_equal(version, "1.0") && !g_str_equal(version, "1.1"))
        return fault(&check, root, "no version: ", version);
    if (g_strcmp0(version, "1.0") == 0)
        check.version = 10;
    return check_element(&check, root, 0);
}
