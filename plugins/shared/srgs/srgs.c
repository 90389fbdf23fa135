/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the XML form of SRGS 1.0 into a document and reports every fault with its line. Depth and
 * number of nodes are bounded by the limits of the XML tree. Any thread; big ones on the compute
 * pool.
 */
#include "document.h"
#include "parts.h"
#include <mcp/error.h>
#include <string.h>
#include <xml/xml.h>

#define NS_SRGS "http://www.w3.org/2001/06/grammar"

typedef struct {
    McpGrammarDocument *document;
    const char *meta_base; /* nullable */
} Reader;

static gboolean read_children(Reader *reader, const McpXmlNode *node, McpExpansion *parent,
                              GError **error);

#define fault(reader, node, error, ...) \
    mcp_grammar_document_fault((reader)->document, mcp_xml_line(node), error, __VA_ARGS__)

static const char *
keep(Reader *reader, const char *text)
{
    return g_string_chunk_insert_const(reader->document->strings, text);
}

/* SRGS 1.0 §2.1: tokens are delimited by white space or by double quotes. */
static gboolean
read_text(Reader *reader, const McpXmlNode *node, McpExpansion *parent, GError **error)
{
    const char *p = mcp_xml_text(node);

    for (p += strspn(p, " \t\r\n"); *p != '\0'; p += strspn(p, " \t\r\n")) {
        gboolean quoted = *p == '"';
        const char *start = quoted ? p + 1 : p;
        gsize length = quoted ? strcspn(start, "\"") : strcspn(start, " \t\r\n\"");
        g_autofree char *token = g_strndup(start, length);

        if (quoted && start[length] != '"')
            return fault(reader, node, error, "quotation mark is not closed");
        if (!mcp_srgs_add_token(reader->document, mcp_xml_line(node), parent, token, error))
            return FALSE;
        p = start + length + (quoted ? 1 : 0);
    }
    return TRUE;
}

static gboolean
read_item(Reader *reader, const McpXmlNode *node, McpExpansion *parent, GError **error)
{
    const char *repeat = mcp_xml_attribute(node, "repeat");
    const char *probability = mcp_xml_attribute(node, "repeat-prob");
    const char *weight = mcp_xml_attribute(node, "weight");
    McpExpansion *body = mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_SEQUENCE,
                                                        mcp_xml_line(node));
    McpExpansion *whole = body;

    if (weight != NULL && !mcp_srgs_is_number(weight, G_MAXDOUBLE))
        return fault(reader, node, error, "weight '%.20s' is no positive number", weight);
    body->weight = mcp_srgs_weight(weight);
    if (probability != NULL && !mcp_srgs_is_number(probability, 1))
        return fault(reader, node, error, "repeat-prob '%.20s' is not within 0 and 1", probability);
    if (repeat != NULL) {
        whole = mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_REPEAT,
                                               mcp_xml_line(node));
        if (!mcp_srgs_parse_repeat(repeat, &whole->min, &whole->max))
            return fault(reader, node, error, "repeat '%.20s' is malformed", repeat);
        mcp_expansion_append(whole, body);
    }
    whole->weight = body->weight;
    mcp_expansion_append(parent, whole);
    return read_children(reader, node, body, error);
}

static gboolean
read_one_of(Reader *reader, const McpXmlNode *node, McpExpansion *parent, GError **error)
{
    McpExpansion *all = mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_ALTERNATIVES,
                                                       mcp_xml_line(node));

    mcp_expansion_append(parent, all);
    for (const McpXmlNode *child = mcp_xml_first_child(node); child != NULL;
         child = mcp_xml_next(child)) {
        if (mcp_xml_is(child, NS_SRGS, "item")) {
            if (!read_item(reader, child, all, error))
                return FALSE;
        } else if (!mcp_xml_is_blank(child) && (mcp_xml_kind(child) == MCP_XML_TEXT ||
                                                g_str_equal(mcp_xml_namespace(child), NS_SRGS))) {
            return fault(reader, child, error, "only <item> is allowed in <one-of>");
        }
    }
    if (all->first == NULL)
        return fault(reader, node, error, "<one-of> has no <item>");
    return TRUE;
}

static char *
resolve(Reader *reader, const McpXmlNode *node, const char *uri)
{
    g_autofree char *base = NULL;

    if (reader->meta_base != NULL) {
        g_autofree char *own = mcp_xml_base(node);

        /* An xml:base wins; without one the base of the document is its URL. */
        if (g_strcmp0(own, *reader->document->url != '\0' ? reader->document->url : NULL) == 0)
            base = g_uri_resolve_relative(reader->document->url, reader->meta_base,
                                          G_URI_FLAGS_NONE, NULL);
    }
    if (base != NULL) {
        char *whole = g_uri_resolve_relative(base, uri, G_URI_FLAGS_NONE, NULL);

        if (whole != NULL)
            return whole;
    }
    return mcp_xml_resolve(node, uri);
}

static gboolean
read_ruleref(Reader *reader, const McpXmlNode *node, McpExpansion *parent, GError **error)
{
    const char *uri = mcp_xml_attribute(node, "uri");
    const char *special = mcp_xml_attribute(node, "special");
    McpExpansion *reference;

    if ((uri == NULL) == (special == NULL))
        return fault(reader, node, error, "<ruleref> needs either uri or special");
    if (mcp_xml_first_element(node) != NULL)
        return fault(reader, node, error, "<ruleref> is not empty");
    if (special != NULL)
        return mcp_srgs_add_special(reader->document, mcp_xml_line(node), parent, special, error);
    reference = mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_REFERENCE,
                                               mcp_xml_line(node));
    reference->text = keep(reader, uri);
    mcp_expansion_append(parent, reference);
    if (uri[0] != '#') {
        g_autofree char *whole = resolve(reader, node, uri);

        return mcp_srgs_refer(reader->document, reference, whole, error);
    }
    if (!mcp_srgs_is_rule_name(uri + 1))
        return fault(reader, node, error, "'%.40s' is no rule name", uri + 1);
    reference->rule = keep(reader, uri + 1);
    return TRUE;
}

static gboolean
read_token(Reader *reader, const McpXmlNode *node, McpExpansion *parent, GError **error)
{
    g_autofree char *content = mcp_xml_content(node);
    g_autofree char *bare = NULL;
    gsize length;

    g_strstrip(content);
    length = strlen(content);
    if (length >= 2 && content[0] == '"' && content[length - 1] == '"')
        bare = g_strndup(content + 1, length - 2);
    if (mcp_xml_first_element(node) != NULL)
        return fault(reader, node, error, "<token> has an element in it");
    return mcp_srgs_add_token(reader->document, mcp_xml_line(node), parent,
                              bare != NULL ? bare : content, error);
}

static gboolean
read_tag(Reader *reader, const McpXmlNode *node, McpExpansion *parent, GError **error)
{
    g_autofree char *content = mcp_xml_content(node);
    McpExpansion *tag =
        mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_TAG, mcp_xml_line(node));

    tag->text = g_string_chunk_insert(reader->document->strings, content);
    mcp_expansion_append(parent, tag);
    return TRUE;
}

static gboolean
read_example(Reader *reader, const McpXmlNode *node, McpExpansion *parent, GError **error)
{
    return TRUE;
}

static const struct {
    const char *name;
    gboolean (*read)(Reader *reader, const McpXmlNode *node, McpExpansion *parent, GError **error);
} elements[] = {
    {"item", read_item},   {"one-of", read_one_of}, {"ruleref", read_ruleref},
    {"token", read_token}, {"tag", read_tag},       {"example", read_example},
};

static gboolean
read_child(Reader *reader, const McpXmlNode *node, McpExpansion *parent, GError **error)
{
    if (mcp_xml_kind(node) == MCP_XML_TEXT)
        return read_text(reader, node, parent, error);
    /* SRGS 1.0 §5.4: what other vocabularies add is none of ours. */
    if (!g_str_equal(mcp_xml_namespace(node), NS_SRGS))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(elements); i++)
        if (g_str_equal(elements[i].name, mcp_xml_name(node)))
            return elements[i].read(reader, node, parent, error);
    return fault(reader, node, error, "<%.40s> is not allowed here", mcp_xml_name(node));
}

static gboolean
read_children(Reader *reader, const McpXmlNode *node, McpExpansion *parent, GError **error)
{
    for (const McpXmlNode *child = mcp_xml_first_child(node); child != NULL;
         child = mcp_xml_next(child))
        if (!read_child(reader, child, parent, error))
            return FALSE;
    return TRUE;
}

static gboolean
read_rule(Reader *reader, const McpXmlNode *node, GError **error)
{
    const char *id = mcp_xml_attribute(node, "id");
    const char *scope = mcp_xml_attribute(node, "scope");
    McpGrammarDocument *document = reader->document;
    McpGrammarRule rule = {.line = mcp_xml_line(node)};

    if (scope != NULL && !g_str_equal(scope, "public") && !g_str_equal(scope, "private"))
        return fault(reader, node, error, "scope '%.40s' is neither public nor private", scope);
    rule.name = keep(reader, id != NULL ? id : "");
    rule.is_public = g_strcmp0(scope, "public") == 0;
    rule.body =
        mcp_grammar_document_expansion(document, MCP_EXPANSION_SEQUENCE, mcp_xml_line(node));
    return mcp_srgs_add_rule(document, &rule, error) &&
           read_children(reader, node, rule.body, error);
}

static gboolean
read_meta(Reader *reader, const McpXmlNode *node, GError **error)
{
    const char *name = mcp_xml_attribute(node, "name");
    const char *content = mcp_xml_attribute(node, "content");

    if (content == NULL)
        return fault(reader, node, error, "<meta> has no content");
    if (g_strcmp0(name, "base") == 0 && reader->meta_base == NULL)
        reader->meta_base = keep(reader, content);
    return TRUE;
}

static gboolean
read_header_child(Reader *reader, const McpXmlNode *node, GError **error)
{
    const char *name = mcp_xml_name(node);

    if (mcp_xml_kind(node) == MCP_XML_TEXT) {
        if (mcp_xml_is_blank(node))
            return TRUE;
        return fault(reader, node, error, "text outside of a rule");
    }
    if (!g_str_equal(mcp_xml_namespace(node), NS_SRGS))
        return TRUE;
    if (g_str_equal(name, "rule"))
        return read_rule(reader, node, error);
    if (g_str_equal(name, "meta"))
        return read_meta(reader, node, error);
    if (g_str_equal(name, "tag")) {
        g_autofree char *content = mcp_xml_content(node);

        g_ptr_array_add(reader->document->header_tags,
                        g_string_chunk_insert(reader->document->strings, content));
        return TRUE;
    }
    if (g_str_equal(name, "lexicon") && mcp_xml_attribute(node, "uri") == NULL)
        return fault(reader, node, error, "<lexicon> has no uri");
    if (g_str_equal(name, "lexicon") || g_str_equal(name, "metadata"))
        return TRUE;
    return fault(reader, node, error, "<%.40s> is not allowed in <grammar>", name);
}

static gboolean
read_mode(Reader *reader, const McpXmlNode *root, const McpDocumentSource *source, GError **error)
{
    const char *mode = mcp_xml_attribute(root, "mode");

    if (g_strcmp0(mode, "dtmf") == 0)
        reader->document->mode = MCP_GRAMMAR_DTMF;
    else if (g_strcmp0(mode, "voice") == 0)
        reader->document->mode = MCP_GRAMMAR_VOICE;
    else if (mode != NULL)
        return fault(reader, root, error, "mode '%.40s' is neither voice nor dtmf", mode);
    /* SRGS 1.0 §4.5: a voice grammar says its language; to DTMF it means nothing. */
    if (reader->document->mode == MCP_GRAMMAR_VOICE && source->language == NULL &&
        mcp_xml_lang(root) == NULL)
        return fault(reader, root, error, "grammar of mode voice has no xml:lang");
    return TRUE;
}

static gboolean
read_grammar(Reader *reader, const McpXmlNode *root, const McpDocumentSource *source,
             GError **error)
{
    McpGrammarDocument *document = reader->document;
    const char *version = mcp_xml_attribute(root, "version");
    const char *start = mcp_xml_attribute(root, "root");

    if (!mcp_xml_is(root, NS_SRGS, "grammar"))
        return fault(reader, root, error, "root element is <%.40s> of namespace '%.80s'",
                     mcp_xml_name(root), mcp_xml_namespace(root));
    if (version == NULL ? !source->is_inline : !g_str_equal(version, "1.0"))
        return fault(reader, root, error, "version is '%.20s', not 1.0",
                     version != NULL ? version : "");
    if (!read_mode(reader, root, source, error))
        return FALSE;
    document->tag_format = mcp_srgs_tag_format(mcp_xml_attribute(root, "tag-format"));
    for (const McpXmlNode *child = mcp_xml_first_child(root); child != NULL;
         child = mcp_xml_next(child))
        if (!read_header_child(reader, child, error))
            return FALSE;
    return mcp_srgs_set_root(document, mcp_xml_line(root), start, error);
}

/* The errors of the tree are of its own domain; callers act on the platform's classes. */
static void
set_xml_error(const GError *fault_, const char *name, GError **error)
{
    McpError kind = fault_->code == MCP_XML_ERROR_LIMIT ? MCP_ERROR_LIMIT : MCP_ERROR_INVALID;

    g_set_error(error, MCP_ERROR, (int)kind, "%s%s%s",
                g_str_has_prefix(fault_->message, name) ? "" : name,
                g_str_has_prefix(fault_->message, name) ? "" : ": ", fault_->message);
}

/* SRGS 1.0 §4.1: the form says what it is; UTF-8 or UTF-16, with a byte order mark or without. */
static gboolean
is_abnf(GBytes *bytes)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    gsize at = 0;

    while (at < size && (data[at] >= 0xbb || data[at] == 0))
        at++;
    return at < size && data[at] == '#';
}

McpGrammarDocument *
mcp_grammar_document_read(const McpDocumentSource *source, GError **error)
{
    g_autoptr(McpGrammarDocument) document = mcp_grammar_document_new(source);
    McpXmlSource xml = {.url = document->name, .charset = source->charset};
    g_autoptr(GError) wrong = NULL;
    g_autoptr(McpXmlDocument) tree = NULL;
    Reader reader = {document, NULL};

    if (is_abnf(source->bytes))
        return mcp_grammar_abnf_read(document, source, error) ? g_steal_pointer(&document) : NULL;
    if (*document->url != '\0')
        xml.url = document->url;
    tree = mcp_xml_parse(source->bytes, &xml, NULL, &wrong);
    if (tree == NULL) {
        set_xml_error(wrong, document->name, error);
        return NULL;
    }
    if (!read_grammar(&reader, mcp_xml_document_root(tree), source, error))
        return NULL;
    return g_steal_pointer(&document);
}
