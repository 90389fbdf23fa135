/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A parsed XML document as an immutable, compact tree, made from bytes of the network under limits.
 * A document is reference-counted and may be read from any thread; its nodes and their strings live
 * as long as it does. Parsing blocks its thread: over 50 KB it belongs into the compute pool.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MCP_XML_NS_XML "http://www.w3.org/XML/1998/namespace"

/**
 * McpXmlError:
 * @MCP_XML_ERROR_SYNTAX: not well-formed, in XML or in its namespaces
 * @MCP_XML_ERROR_ENCODING: bytes that are not what the encoding says, or an encoding not supported
 * @MCP_XML_ERROR_LIMIT: larger or deeper than the limits allow
 * @MCP_XML_ERROR_REFUSED: declares or needs entities, which are not read here
 */
typedef enum {
    MCP_XML_ERROR_SYNTAX,
    MCP_XML_ERROR_ENCODING,
    MCP_XML_ERROR_LIMIT,
    MCP_XML_ERROR_REFUSED,
} McpXmlError;

#define MCP_XML_ERROR (mcp_xml_error_quark())
GQuark mcp_xml_error_quark(void);

typedef struct _McpXmlDocument McpXmlDocument;
typedef struct _McpXmlNode McpXmlNode;

typedef enum {
    MCP_XML_ELEMENT,
    MCP_XML_TEXT,
    MCP_XML_CDATA,
    MCP_XML_COMMENT,
    MCP_XML_INSTRUCTION,
} McpXmlKind;

/**
 * McpXmlLimits: zero in a field means its default.
 * @max_bytes: of the document, also after conversion to UTF-8 (4 MiB)
 * @max_depth: of nested elements (200; never above 250)
 * @max_nodes: elements, texts and attributes together (200,000)
 * @max_attributes: of one element, and namespaces declared in one scope (256)
 */
typedef struct {
    gsize max_bytes;
    guint max_depth;
    guint max_nodes;
    guint max_attributes;
} McpXmlLimits;

/**
 * McpXmlSource: what is known of the bytes beside themselves.
 * @url: (nullable): base of relative references, and the name in error messages
 * @charset: (nullable): from the transport (HTTP's charset); wins over the document's declaration
 *   (RFC 7303 §3.2) but not over a byte order mark
 * @limits: what is refused
 * @whole: comments, processing instructions and CDATA sections are nodes, also beside the root
 */
typedef struct {
    const char *url;
    const char *charset;
    McpXmlLimits limits;
    gboolean whole;
} McpXmlSource;

/** McpXmlPosition: where an error is; both count from 1, 0 is unknown. */
typedef struct {
    guint line;
    guint column;
} McpXmlPosition;

/** McpXmlAttribute: one attribute; @namespace_uri and @prefix are "" when it has none. */
typedef struct {
    const char *namespace_uri;
    const char *prefix;
    const char *name;
    const char *value;
} McpXmlAttribute;

/**
 * mcp_xml_parse:
 * @bytes: the document as it came
 * @source: (nullable): its URL, charset and limits
 * @out_position: (out) (optional): where the error is, set on failure only
 * @error: MCP_XML_ERROR; the message starts with "url:line:column: "
 *
 * Without @whole comments are left out, and processing instructions within the root, CDATA sections
 * become text, adjacent texts are one. A DOCTYPE is read over, its external subset never fetched.
 *
 * Returns: (transfer full) (nullable): the document. Any thread.
 */
McpXmlDocument *mcp_xml_parse(GBytes *bytes, const McpXmlSource *source,
                              McpXmlPosition *out_position, GError **error);

McpXmlDocument *mcp_xml_document_ref(McpXmlDocument *document);
void mcp_xml_document_unref(McpXmlDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpXmlDocument, mcp_xml_document_unref)

/** mcp_xml_document_root: Returns: (transfer none): the document element. */
const McpXmlNode *mcp_xml_document_root(const McpXmlDocument *document);

/** mcp_xml_document_first: Returns: (transfer none): the root, or what of @whole is before it. */
const McpXmlNode *mcp_xml_document_first(const McpXmlDocument *document);

/** mcp_xml_document_url: Returns: (transfer none) (nullable): the URL given to the parser. */
const char *mcp_xml_document_url(const McpXmlDocument *document);

/** mcp_xml_document_instruction: Returns: (nullable): the data of the first processing instruction
 * @target beside the document element. */
const char *mcp_xml_document_instruction(const McpXmlDocument *document, const char *target);

/** mcp_xml_document_size: Returns: bytes of memory held, for a cache's account. */
gsize mcp_xml_document_size(const McpXmlDocument *document);

McpXmlKind mcp_xml_kind(const McpXmlNode *node);

/** mcp_xml_name: Returns: an element's local name, an instruction's target, otherwise "". */
const char *mcp_xml_name(const McpXmlNode *node);

/** mcp_xml_prefix: Returns: the prefix of an element as it is written, "" when it has none. */
const char *mcp_xml_prefix(const McpXmlNode *node);

/** mcp_xml_namespace: Returns: the namespace URI of an element, "" when it has none. */
const char *mcp_xml_namespace(const McpXmlNode *node);

/** mcp_xml_is: Returns: whether @node is the element @name of @namespace_uri (NULL: any). */
gboolean mcp_xml_is(const McpXmlNode *node, const char *namespace_uri, const char *name);

/** mcp_xml_line: Returns: the line, from 1, on which the start tag or the other node ends. */
guint mcp_xml_line(const McpXmlNode *node);

const McpXmlNode *mcp_xml_parent(const McpXmlNode *node);
const McpXmlNode *mcp_xml_first_child(const McpXmlNode *node);
const McpXmlNode *mcp_xml_next(const McpXmlNode *node);

/** mcp_xml_first_element: Returns: (nullable): the first child that is an element. */
const McpXmlNode *mcp_xml_first_element(const McpXmlNode *node);

/** mcp_xml_next_element: Returns: (nullable): the next sibling that is an element. */
const McpXmlNode *mcp_xml_next_element(const McpXmlNode *node);

/** mcp_xml_find_child: Returns: (nullable): the first child element @name of any namespace URI
 * when @namespace_uri is NULL. */
const McpXmlNode *mcp_xml_find_child(const McpXmlNode *node, const char *namespace_uri,
                                     const char *name);

/** mcp_xml_attribute: Returns: (nullable): the value of the attribute without a namespace. */
const char *mcp_xml_attribute(const McpXmlNode *node, const char *name);
const char *mcp_xml_attribute_ns(const McpXmlNode *node, const char *namespace_uri,
                                 const char *name);

/** mcp_xml_attributes: Returns: (array length=out_count): in document order, owned by the tree. */
const McpXmlAttribute *mcp_xml_attributes(const McpXmlNode *node, guint *out_count);

/** mcp_xml_text: Returns: the UTF-8 of a text or CDATA section, "" for others. */
const char *mcp_xml_text(const McpXmlNode *node);

/** mcp_xml_data: Returns: what a node says that is no element, "" for an element. */
const char *mcp_xml_data(const McpXmlNode *node);

/** mcp_xml_is_blank: Returns: whether @node is a text of white space alone. */
gboolean mcp_xml_is_blank(const McpXmlNode *node);

/** mcp_xml_content: Returns: (transfer full): all text at and below @node, concatenated. */
char *mcp_xml_content(const McpXmlNode *node);

/** mcp_xml_lang: Returns: (nullable): the xml:lang in force at @node. */
const char *mcp_xml_lang(const McpXmlNode *node);

/** mcp_xml_base: Returns: (transfer full) (nullable): the base URL in force at @node: its and its
 * ancestors' xml:base, resolved against the document's URL (XML Base §4). NULL beside the root. */
char *mcp_xml_base(const McpXmlNode *node);

/** mcp_xml_resolve: Returns: (transfer full): @reference against @node's base; as it is when there
 * is no base or it does not parse. */
char *mcp_xml_resolve(const McpXmlNode *node, const char *reference);

/**
 * mcp_xml_to_text:
 * @node: of any kind
 * @namespace_uri: (nullable): written in place of @node's own namespace, as a grammar inside a
 *   page stands in the page's namespace
 *
 * The subtree as XML that stands alone: the namespaces, xml:lang and xml:base in force at @node are
 * written on it.
 *
 * Returns: (transfer full): UTF-8 without an XML declaration.
 */
char *mcp_xml_to_text(const McpXmlNode *node, const char *namespace_uri);

/** mcp_xml_append_escaped: appends @text, fit for content and for a quoted attribute value. */
void mcp_xml_append_escaped(GString *out, const char *text);

G_END_DECLS
