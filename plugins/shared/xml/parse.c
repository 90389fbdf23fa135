/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs libxml2's SAX2 parser over a document and builds the tree from its events. Nothing but the
 * given bytes is ever read: no entity, no external subset, no network. The first error ends the
 * parse. Any thread; one call uses nothing of another.
 */
#include "tree.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <string.h>

#define DEFAULT_BYTES (4 * 1024 * 1024)
#define DEFAULT_DEPTH 200
#define DEFAULT_NODES 200000
#define DEFAULT_ATTRIBUTES 256
/* The parser has an int for sizes, and a depth limit of its own just above ours. */
#define HARD_BYTES (512 * 1024 * 1024)
#define HARD_DEPTH 250

#define NAMESPACES_SHARED 64

#define OPTIONS (XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_COMPACT | XML_PARSE_IGNORE_ENC)

typedef struct {
    McpXmlDocument *document;
    McpXmlElement *at;
    McpXmlNode *last[HARD_DEPTH + 1]; /* the newest child of each open element */
    xmlParserCtxt *parser;
    GHashTable *names; /* the parser's string -> ours */
    GPtrArray *namespaces;
    GString *text;
    McpXmlLimits limits;
    guint depth;
    guint n_nodes;
    guint n_namespaces; /* declared on the path from the root */
    McpXmlPosition position;
    const char *label;
    gboolean whole;
    GError *error;
} Builder;

static void
fail(Builder *builder, McpXmlError code, McpXmlPosition position, const char *message)
{
    if (builder->error == NULL) {
        builder->position = position;
        builder->error = g_error_new(MCP_XML_ERROR, (gint)code, "%s:%u:%u: %s", builder->label,
                                     position.line, position.column, message);
    }
    if (builder->parser != NULL)
        xmlStopParser(builder->parser);
}

static McpXmlPosition
here(const Builder *builder)
{
    const xmlParserInput *input = builder->parser->input;
    McpXmlPosition position = {0, 0};

    if (input != NULL) {
        position.line = (guint)MAX(input->line, 0);
        position.column = (guint)MAX(input->col, 0);
    }
    return position;
}

static void
fail_limit(Builder *builder, const char *what, guint limit)
{
    g_autofree char *message = g_strdup_printf("more than %u %s", limit, what);

    fail(builder, MCP_XML_ERROR_LIMIT, here(builder), message);
}

static gboolean
count_nodes(Builder *builder, guint n)
{
    builder->n_nodes += n;
    if (builder->n_nodes <= builder->limits.max_nodes)
        return TRUE;
    fail_limit(builder, "nodes", builder->limits.max_nodes);
    return FALSE;
}

/* With entities left alone the parser writes every ampersand of a value as "&#38;". */
static const char *
copy_value(Builder *builder, const xmlChar *begin, const xmlChar *end)
{
    const char *from = (const char *)begin;
    gsize length = (gsize)(end - begin);
    g_autoptr(GString) plain = NULL;

    if (memchr(from, '&', length) == NULL)
        return mcp_xml_tree_strndup(builder->document, from, length);
    plain = g_string_new_len(from, (gssize)length);
    g_string_replace(plain, "&#38;", "&", 0);
    return mcp_xml_tree_strndup(builder->document, plain->str, plain->len);
}

/*
 * Names and the URIs of namespaces. The parser hands out each at one address, so its address is its
 * key.
 */
static const char *
intern(Builder *builder, const xmlChar *name)
{
    const char *known = NULL;

    if (name == NULL)
        return "";
    known = g_hash_table_lookup(builder->names, name);
    if (known == NULL) {
        known = copy_value(builder, name, name + xmlStrlen(name));
        g_hash_table_insert(builder->names, (gpointer)name, (gpointer)known);
    }
    return known;
}

/* A page has a handful of these; the newest is the likeliest. */
static const McpXmlNamespace *
intern_namespace(Builder *builder, const xmlChar *prefix, const xmlChar *uri)
{
    const char *own_prefix = intern(builder, prefix);
    const char *own_uri = intern(builder, uri);
    McpXmlNamespace *added = NULL;

    for (guint i = builder->namespaces->len; i > 0; i--) {
        const McpXmlNamespace *known = builder->namespaces->pdata[i - 1];

        if (known->prefix == own_prefix && known->uri == own_uri)
            return known;
    }
    added = mcp_xml_tree_alloc(builder->document, sizeof *added);
    added->prefix = own_prefix;
    added->uri = own_uri;
    /* What does not fit is only not shared: the search must stay short. */
    if (builder->namespaces->len < NAMESPACES_SHARED)
        g_ptr_array_add(builder->namespaces, added);
    return added;
}

static void
append(Builder *builder, McpXmlNode *child)
{
    McpXmlNode *last = builder->last[builder->depth];

    child->parent = builder->at;
    if (last != NULL)
        last->next = child;
    else if (builder->at != NULL)
        builder->at->first = child;
    else
        builder->document->first = child;
    builder->last[builder->depth] = child;
}

/* (nullable): of @size, with what it says; NULL when it is one too many. */
static McpXmlNode *
add_leaf(Builder *builder, McpXmlKind kind, gsize size, const char *text, gsize length)
{
    McpXmlNode *node = NULL;

    if (!count_nodes(builder, 1))
        return NULL;
    node = mcp_xml_tree_alloc(builder->document, size);
    node->kind = (guint32)kind;
    node->line = here(builder).line;
    node->name = mcp_xml_tree_strndup(builder->document, text, length);
    append(builder, node);
    return node;
}

static void
flush_text(Builder *builder)
{
    GString *text = builder->text;

    if (text->len == 0 || builder->at == NULL || builder->error != NULL)
        return;
    if (add_leaf(builder, MCP_XML_TEXT, sizeof(McpXmlNode), text->str, text->len) != NULL)
        g_string_truncate(text, 0);
}

static void
copy_attributes(Builder *builder, McpXmlElement *element, int n, const xmlChar **values)
{
    if (n <= 0)
        return;
    element->attributes = mcp_xml_tree_alloc(builder->document, (gsize)n * sizeof(McpXmlAttribute));
    element->n_attributes = (guint)n;
    for (int i = 0; i < n; i++) {
        const xmlChar **value = values + 5 * (gsize)i;
        McpXmlAttribute *attribute = &element->attributes[i];

        attribute->name = intern(builder, value[0]);
        attribute->prefix = intern(builder, value[1]);
        attribute->namespace_uri = intern(builder, value[2]);
        attribute->value = copy_value(builder, value[3], value[4]);
    }
}

static void
copy_namespaces(Builder *builder, McpXmlElement *element, int n, const xmlChar **values)
{
    if (n <= 0)
        return;
    element->namespaces = mcp_xml_tree_alloc(builder->document, (gsize)n * sizeof(McpXmlNamespace));
    element->n_namespaces = (guint)n;
    builder->n_namespaces += (guint)n;
    for (int i = 0; i < n; i++) {
        element->namespaces[i].prefix = intern(builder, values[2 * i]);
        element->namespaces[i].uri = intern(builder, values[2 * i + 1]);
    }
}

static gboolean
within_limits(Builder *builder, guint n_namespaces, guint n_attributes)
{
    const McpXmlLimits *limits = &builder->limits;

    if (builder->depth >= limits->max_depth) {
        fail_limit(builder, "nested elements", limits->max_depth);
        return FALSE;
    }
    /* Defaulted attributes of an internal subset come on top of those that the tag has. */
    if (n_attributes > limits->max_attributes) {
        fail_limit(builder, "attributes", limits->max_attributes);
        return FALSE;
    }
    /* The parser looks a prefix up along all declarations in scope. */
    if (builder->n_namespaces + n_namespaces > limits->max_attributes) {
        fail_limit(builder, "namespaces in scope", limits->max_attributes);
        return FALSE;
    }
    return count_nodes(builder, 1 + n_attributes);
}

/* lint: allow parameters libxml2's SAX2 handler has this signature */
static void
on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
         int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
         const xmlChar **attributes)
{
    Builder *builder = data;
    McpXmlElement *element = NULL;

    flush_text(builder);
    if (builder->error != NULL || !within_limits(builder, (guint)n_namespaces, (guint)n_attributes))
        return;
    element = mcp_xml_tree_alloc(builder->document, sizeof *element);
    element->document = builder->document;
    element->node.kind = MCP_XML_ELEMENT;
    element->node.line = here(builder).line;
    element->node.name = intern(builder, name);
    element->name_space = intern_namespace(builder, prefix, uri);
    copy_namespaces(builder, element, n_namespaces, namespaces);
    copy_attributes(builder, element, n_attributes, attributes);
    append(builder, &element->node);
    if (builder->at == NULL)
        builder->document->root = element;
    builder->at = element;
    builder->last[++builder->depth] = NULL;
}

static void
on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    Builder *builder = data;

    flush_text(builder);
    if (builder->error != NULL || builder->at == NULL)
        return;
    builder->n_namespaces -= builder->at->n_namespaces;
    builder->at = builder->at->node.parent;
    builder->depth--;
}

static void
on_characters(void *data, const xmlChar *text, int length)
{
    Builder *builder = data;

    if (builder->at != NULL && builder->error == NULL)
        g_string_append_len(builder->text, (const char *)text, length);
}

/* What stands in a DOCTYPE is no part of the tree. */
static gboolean
is_kept(const Builder *builder)
{
    return builder->whole && builder->error == NULL && builder->parser->inSubset == 0;
}

static void
on_cdata(void *data, const xmlChar *text, int length)
{
    Builder *builder = data;

    flush_text(builder);
    if (is_kept(builder) && builder->at != NULL)
        add_leaf(builder, MCP_XML_CDATA, sizeof(McpXmlNode), (const char *)text, (gsize)length);
}

static void
on_comment(void *data, const xmlChar *text)
{
    Builder *builder = data;

    flush_text(builder);
    if (is_kept(builder))
        add_leaf(builder, MCP_XML_COMMENT, sizeof(McpXmlNode), (const char *)text,
                 strlen((const char *)text));
}

static void
keep_instruction(Builder *builder, const char *target, const char *text)
{
    McpXmlNode *node = NULL;

    flush_text(builder);
    if (!is_kept(builder))
        return;
    node = add_leaf(builder, MCP_XML_INSTRUCTION, sizeof(McpXmlInstruction), text, strlen(text));
    if (node != NULL)
        ((McpXmlInstruction *)node)->target =
            mcp_xml_tree_strndup(builder->document, target, strlen(target));
}

/* Those within the document element mean nothing to anybody here but who wants the whole. */
static void
on_instruction(void *data, const xmlChar *target, const xmlChar *text)
{
    Builder *builder = data;
    McpXmlDocument *document = builder->document;

    if (builder->whole)
        keep_instruction(builder, (const char *)target, text != NULL ? (const char *)text : "");
    if (builder->at != NULL || builder->error != NULL || !count_nodes(builder, 1))
        return;
    if (document->instructions == NULL)
        document->instructions = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(document->instructions, g_strdup((const char *)target));
    g_ptr_array_add(document->instructions, g_strdup(text != NULL ? (const char *)text : ""));
}

static xmlEntity *
on_entity(void *data, const xmlChar *name)
{
    Builder *builder = data;
    g_autofree char *message = g_strdup_printf("entity %.60s is not defined", (const char *)name);

    fail(builder, MCP_XML_ERROR_REFUSED, here(builder), message);
    return NULL;
}

static void
on_entity_declaration(void *data, const xmlChar *name, int type, const xmlChar *public_id,
                      const xmlChar *system_id, xmlChar *content)
{
    Builder *builder = data;
    g_autofree char *message =
        g_strdup_printf("the declaration of entity %.60s is refused", (const char *)name);

    fail(builder, MCP_XML_ERROR_REFUSED, here(builder), message);
}

static void
on_unparsed_entity(void *data, const xmlChar *name, const xmlChar *public_id,
                   const xmlChar *system_id, const xmlChar *notation)
{
    on_entity_declaration(data, name, 0, public_id, system_id, NULL);
}

static McpXmlError
code_of(int code)
{
    switch (code) {
    case XML_ERR_INVALID_CHAR:
    case XML_ERR_INVALID_ENCODING:
    case XML_ERR_UNSUPPORTED_ENCODING:
    case XML_ERR_UNKNOWN_ENCODING:
        return MCP_XML_ERROR_ENCODING;
    case XML_ERR_ENTITY_LOOP:
    case XML_ERR_UNDECLARED_ENTITY:
    case XML_WAR_UNDECLARED_ENTITY:
        return MCP_XML_ERROR_REFUSED;
    case XML_ERR_NAME_TOO_LONG:
    case XML_ERR_NO_MEMORY:
        return MCP_XML_ERROR_LIMIT;
    default:
        return MCP_XML_ERROR_SYNTAX;
    }
}

static void
on_error(void *data, xmlErrorPtr report)
{
    Builder *builder = data;
    McpXmlPosition position = {0, 0};
    g_autofree char *message = NULL;
    g_autofree char *valid = NULL;

    if (report->level < XML_ERR_ERROR || builder->error != NULL)
        return;
    position.line = (guint)MAX(report->line, 0);
    position.column = (guint)MAX(report->int2, 0);
    message = g_strdup(report->message != NULL ? report->message : "not well-formed");
    g_strstrip(message);
    /* Parts of the input stand in the message. */
    valid = g_utf8_make_valid(message, -1);
    g_strdelimit(valid, "\r\n", ' ');
    if (g_ascii_isupper(valid[0]) && g_ascii_islower(valid[1]))
        valid[0] = g_ascii_tolower(valid[0]);
    fail(builder, code_of(report->code), position, valid);
}

static xmlParserInput *
refuse_entity(const char *url, const char *id, xmlParserCtxt *context)
{
    return NULL;
}

/* The loader is one for the process: whoever parses here, no document makes it open another. */
static void
init_library(void)
{
    static gsize once = 0;

    if (g_once_init_enter(&once)) {
        xmlInitParser();
        xmlSetExternalEntityLoader(refuse_entity);
        g_once_init_leave(&once, 1);
    }
}

static McpXmlLimits
effective_limits(const McpXmlSource *source)
{
    McpXmlLimits limits = {0};

    if (source != NULL)
        limits = source->limits;
    if (limits.max_bytes == 0)
        limits.max_bytes = DEFAULT_BYTES;
    if (limits.max_depth == 0)
        limits.max_depth = DEFAULT_DEPTH;
    if (limits.max_nodes == 0)
        limits.max_nodes = DEFAULT_NODES;
    if (limits.max_attributes == 0)
        limits.max_attributes = DEFAULT_ATTRIBUTES;
    limits.max_bytes = MIN(limits.max_bytes, HARD_BYTES);
    limits.max_depth = MIN(limits.max_depth, HARD_DEPTH);
    return limits;
}

static void
set_handlers(xmlSAXHandler *sax, gboolean whole)
{
    memset(sax, 0, sizeof *sax);
    sax->initialized = XML_SAX2_MAGIC;
    sax->startElementNs = on_start;
    sax->endElementNs = on_end;
    sax->characters = on_characters;
    sax->ignorableWhitespace = on_characters;
    sax->processingInstruction = on_instruction;
    sax->getEntity = on_entity;
    sax->getParameterEntity = on_entity;
    sax->entityDecl = on_entity_declaration;
    sax->unparsedEntityDecl = on_unparsed_entity;
    sax->serror = on_error;
    if (whole) {
        sax->comment = on_comment;
        sax->cdataBlock = on_cdata;
    }
}

static void
run_parser(Builder *builder, const char *data, gsize length)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    xmlDoc *unused = NULL;

    if (parser == NULL) {
        fail(builder, MCP_XML_ERROR_LIMIT, (McpXmlPosition){0, 0}, "no memory for a parser");
        return;
    }
    builder->parser = parser;
    set_handlers(parser->sax, builder->whole);
    parser->userData = builder;
    unused = xmlCtxtReadMemory(parser, data, (int)length, NULL, NULL,
                               builder->whole ? OPTIONS & ~XML_PARSE_NOCDATA : OPTIONS);
    if (unused != NULL)
        xmlFreeDoc(unused);
    else if (parser->myDoc != NULL)
        xmlFreeDoc(parser->myDoc);
    parser->myDoc = NULL;
    if (builder->error == NULL && (!parser->wellFormed || builder->document->root == NULL))
        fail(builder, MCP_XML_ERROR_SYNTAX, here(builder), "document is not well-formed");
    builder->parser = NULL;
    xmlFreeParserCtxt(parser);
}

static McpXmlPosition
position_of(const char *data, gsize offset)
{
    McpXmlPosition position = {1, 1};

    for (gsize i = 0; i < offset; i++) {
        position.column = data[i] == '\n' ? 1 : position.column + 1;
        position.line += data[i] == '\n';
    }
    return position;
}

static void
build(Builder *builder, GBytes *decoded)
{
    gsize length = 0;
    const char *data = g_bytes_get_data(decoded, &length);
    gssize offending = mcp_xml_scan_attributes(data, length, builder->limits.max_attributes);

    if (offending >= 0) {
        fail(builder, MCP_XML_ERROR_LIMIT, position_of(data, (gsize)offending),
             "more attributes on an element than allowed");
        return;
    }
    builder->names = g_hash_table_new(NULL, NULL);
    builder->namespaces = g_ptr_array_new();
    builder->text = g_string_new(NULL);
    run_parser(builder, data, length);
    g_hash_table_unref(builder->names);
    g_ptr_array_unref(builder->namespaces);
    g_string_free(builder->text, TRUE);
}

McpXmlDocument *
mcp_xml_parse(GBytes *bytes, const McpXmlSource *source, McpXmlPosition *out_position,
              GError **error)
{
    const char *url = source != NULL ? source->url : NULL;
    Builder builder = {
        .limits = effective_limits(source),
        .label = url != NULL ? url : "document",
        .whole = source != NULL && source->whole,
    };
    g_autoptr(McpXmlDocument) document = NULL;
    g_autoptr(GBytes) decoded = NULL;
    g_autoptr(GError) cause = NULL;

    g_return_val_if_fail(bytes != NULL, NULL);
    init_library();
    decoded = mcp_xml_decode(bytes, source != NULL ? source->charset : NULL,
                             builder.limits.max_bytes, &cause);
    if (decoded == NULL) {
        fail(&builder, (McpXmlError)cause->code, (McpXmlPosition){1, 1}, cause->message);
    } else {
        document = mcp_xml_tree_new(url);
        builder.document = document;
        build(&builder, decoded);
    }
    if (builder.error != NULL) {
        if (out_position != NULL)
            *out_position = builder.position;
        g_propagate_error(error, builder.error);
        return NULL;
    }
    return g_steal_pointer(&document);
}
