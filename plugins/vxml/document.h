/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VoiceXML page as an immutable tree of typed elements. Made once for equal bytes at one URL and
 * shared between calls; a document is read from any thread and lives as long as a reference.
 */
#pragma once
#include <glib.h>

#include "script/script.h"
#include "script/variables.h"
#include "xml/xml.h"

G_BEGIN_DECLS

#define MCP_VXML_NS "http://www.w3.org/2001/vxml"
/* Extensions that pages of the big commercial platform use; by custom with the prefix gvp. */
#define MCP_VXML_GVP_NS "http://www.genesyslab.com/2006/vxml21-extension"

/** McpVxmlKind: the elements of VoiceXML 2.0/2.1; SPEECH is any element of SSML in a prompt. */
typedef enum {
    MCP_VXML_TEXT,
    MCP_VXML_SPEECH,
    MCP_VXML_ASSIGN,
    MCP_VXML_AUDIO,
    MCP_VXML_BLOCK,
    MCP_VXML_CATCH,
    MCP_VXML_CHOICE,
    MCP_VXML_CLEAR,
    MCP_VXML_DATA,
    MCP_VXML_DISCONNECT,
    MCP_VXML_ELSE,
    MCP_VXML_ELSEIF,
    MCP_VXML_ENUMERATE,
    MCP_VXML_ERROR,
    MCP_VXML_EXIT,
    MCP_VXML_EXTENSION, /* of another namespace, not carried out here */
    MCP_VXML_FIELD,
    MCP_VXML_FILLED,
    MCP_VXML_FOREACH,
    MCP_VXML_FORM,
    MCP_VXML_GOTO,
    MCP_VXML_GRAMMAR,
    MCP_VXML_HELP,
    MCP_VXML_IF,
    MCP_VXML_INITIAL,
    MCP_VXML_LINK,
    MCP_VXML_LOG,
    MCP_VXML_MENU,
    MCP_VXML_META,
    MCP_VXML_METADATA,
    MCP_VXML_NOINPUT,
    MCP_VXML_NOMATCH,
    MCP_VXML_OBJECT,
    MCP_VXML_OPTION,
    MCP_VXML_PARAM,
    MCP_VXML_PROMPT,
    MCP_VXML_PROPERTY,
    MCP_VXML_RECEIVE,
    MCP_VXML_RECORD,
    MCP_VXML_REPROMPT,
    MCP_VXML_RETURN,
    MCP_VXML_SCRIPT,
    MCP_VXML_SEND,
    MCP_VXML_SUBDIALOG,
    MCP_VXML_SUBMIT,
    MCP_VXML_THROW,
    MCP_VXML_TRANSFER,
    MCP_VXML_VALUE,
    MCP_VXML_VAR,
    MCP_VXML_VXML,
    MCP_VXML_N_KINDS,
} McpVxmlKind;

typedef struct _McpVxmlDocument McpVxmlDocument;
typedef struct _McpVxmlElement McpVxmlElement;

/** McpVxmlElement: one element, or a run of text. All pointers belong to the document. */
struct _McpVxmlElement {
    McpVxmlKind kind;
    guint line;
    guint index; /* place in document order, from 0 */
    const McpVxmlDocument *document;
    const McpVxmlElement *parent;
    const McpVxmlElement *first;
    const McpVxmlElement *next;
    const McpXmlNode *node;
    const char *text; /* TEXT: characters; SCRIPT and inline GRAMMAR: the content; else NULL */
    McpScriptCode *content;           /* SCRIPT with content, to be compiled by each session */
    struct _McpVxmlExpression *codes; /* attributes that are expressions */
    guint n_codes;
    const McpVxmlElement *first_property; /* among the children … */
    const McpVxmlElement *first_handler;
    const McpVxmlElement *next_alike; /* … and the next of them with the same parent */
    const char *unsupported; /* nullable: its extension attribute that is not carried out */
};

/** McpVxmlWarnFunc: something odd that does not keep the page from running. */
typedef void (*McpVxmlWarnFunc)(const char *message, gpointer user_data);

/**
 * mcp_vxml_document_parse:
 * @bytes: the page
 * @url: where it came from: base of its references, name in messages
 * @charset: (nullable): from the transport
 * @max_bytes: larger pages are refused; 0: the XML reader's own limit
 * @warn: (nullable): gets "URL:LINE: text" for attributes that are not known
 *
 * Returns: (transfer full) (nullable): the tree; else MCP_ERROR_INVALID with "URL:LINE: what".
 */
McpVxmlDocument *mcp_vxml_document_parse(GBytes *bytes, const char *url, const char *charset,
                                         gsize max_bytes, McpVxmlWarnFunc warn, gpointer user_data,
                                         GError **error);
McpVxmlDocument *mcp_vxml_document_ref(McpVxmlDocument *document);
void mcp_vxml_document_unref(McpVxmlDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlDocument, mcp_vxml_document_unref)

/** mcp_vxml_document_get_root: the <vxml> element. */
const McpVxmlElement *mcp_vxml_document_get_root(const McpVxmlDocument *document);
/** mcp_vxml_document_get_url: the URL it was fetched from, without a fragment. */
const char *mcp_vxml_document_get_url(const McpVxmlDocument *document);
/** mcp_vxml_document_get_base: base of relative references: xml:base or the URL. */
const char *mcp_vxml_document_get_base(const McpVxmlDocument *document);
/** mcp_vxml_document_get_application: (nullable): absolute URL of the application root document. */
const char *mcp_vxml_document_get_application(const McpVxmlDocument *document);
/** mcp_vxml_document_get_size: bytes of memory, for a cache's account. */
gsize mcp_vxml_document_get_size(const McpVxmlDocument *document);
/** mcp_vxml_document_is_demanding: whether it is large, or its code has loops or functions, so that
 * it may take longer than a shard has. */
gboolean mcp_vxml_document_is_demanding(const McpVxmlDocument *document);
/** mcp_vxml_document_find_dialog: (nullable): form or menu @id; the first one for NULL. */
const McpVxmlElement *mcp_vxml_document_find_dialog(const McpVxmlDocument *document,
                                                    const char *id);

/** mcp_vxml_kind_to_name: "form" …; "" for TEXT and SPEECH. */
const char *mcp_vxml_kind_to_name(McpVxmlKind kind);
/** mcp_vxml_element_get: (nullable): an attribute. */
const char *mcp_vxml_element_get(const McpVxmlElement *element, const char *name);
/** mcp_vxml_element_get_gvp: (nullable): an attribute of the extension namespace. */
const char *mcp_vxml_element_get_gvp(const McpVxmlElement *element, const char *name);
/** mcp_vxml_element_code: (nullable): the code of an attribute that is an expression. */
McpScriptCode *mcp_vxml_element_code(const McpVxmlElement *element, const char *name);
/** mcp_vxml_element_get_bool: "true" or "false", else @fallback. */
gboolean mcp_vxml_element_get_bool(const McpVxmlElement *element, const char *name,
                                   gboolean fallback);
/** mcp_vxml_element_get_name: element name for messages. */
const char *mcp_vxml_element_get_name(const McpVxmlElement *element);
/** mcp_vxml_element_is_item: whether it is a form item (a menu is its own item). */
gboolean mcp_vxml_element_is_item(const McpVxmlElement *element);
/** mcp_vxml_element_is_input: whether it is an input item or menu: has a variable filled. */
gboolean mcp_vxml_element_is_input(const McpVxmlElement *element);
/** mcp_vxml_element_is_handler: catch, error, help, noinput, nomatch. */
gboolean mcp_vxml_element_is_handler(const McpVxmlElement *element);
/** mcp_vxml_element_is_speech: content that is said: text, audio, value, enumerate, SSML. */
gboolean mcp_vxml_element_is_speech(const McpVxmlElement *element);
/** mcp_vxml_element_count: how many of @names (NULL-terminated) the element has. */
guint mcp_vxml_element_count(const McpVxmlElement *element, const char *const *names);
/** mcp_vxml_time: "5s", "1.5s", "500ms" to µs; FALSE when it is none. */
gboolean mcp_vxml_time(const char *text, gint64 *out_time);
/** mcp_vxml_number: non-negative decimal; FALSE when it is none. */
gboolean mcp_vxml_number(const char *text, gint64 *out_number);

G_END_DECLS
