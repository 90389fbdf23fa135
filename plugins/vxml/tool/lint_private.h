/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lint as its checks see it. A check looks at the XML tree, not at the typed one, since a page
 * that the platform refuses has none. One thread.
 */
#pragma once
#include <mcp/contract/grammar.h>

#include "element_table.h"
#include "lint.h"
#include "script_names.h"
#include "source_map.h"

G_BEGIN_DECLS

/** McpVxmlPage: one page, looked at, or only looked into. */
typedef struct {
    char *url;
    char *name; /* for people */
    GBytes *bytes;
    char *charset;         /* nullable: from the transport */
    McpXmlDocument *xml;   /* nullable: not well-formed */
    McpVxmlSourceMap *map; /* nullable, as xml */
    gboolean subject;      /* its mistakes are asked for */
    char *root;            /* nullable: URL of its application root document */
    GHashTable *dialogs;   /* char* id → McpXmlNode* */
    GHashTable *names;     /* char*: variables declared anywhere in it */
    gboolean open;         /* more may be declared by scripts that cannot be seen */
    gboolean dynamic;      /* it goes where an expression says */
    GPtrArray *mentions;   /* char*: what it goes to, absolute; and texts in its scripts */
    GHashTable *thrown;    /* char*: events */
    gboolean throws_any;   /* events that an expression names */
} McpVxmlPage;

struct _McpVxmlLint {
    McpVxmlLoader *loader;
    GPtrArray *pages;    /* McpVxmlPage */
    GHashTable *by_url;  /* char* → McpVxmlPage*, NULL: cannot be had */
    GPtrArray *findings; /* McpVxmlFinding */
    McpScript *script;
    McpGrammarEngine *grammar;
    GHashTable *told;    /* McpXmlNode*: dialogs of which it was said that a handler lacks */
    GHashTable *globals; /* char* → whether ECMAScript itself has it */
};

/** McpVxmlSpot: what a finding points at. */
typedef struct {
    McpVxmlPage *page;
    const McpXmlNode *node;
    const char *attribute; /* nullable */
    guint lines;           /* further down than that, for content of several lines */
} McpVxmlSpot;

/** mcp_vxml_lint_tell: a finding of the rule @id; @hint: (nullable). */
void mcp_vxml_lint_tell(McpVxmlLint *lint, McpVxmlSpot spot, const char *id, const char *hint,
                        const char *format, ...) G_GNUC_PRINTF(5, 6);

/* lint_page.c */
McpVxmlPage *mcp_vxml_page_new(const char *url, const char *name, McpFetchResponse *response);
void mcp_vxml_page_free(McpVxmlPage *page);
/** mcp_vxml_page_survey: fills in what others ask of the page. */
void mcp_vxml_page_survey(McpVxmlLint *lint, McpVxmlPage *page);
/** mcp_vxml_lint_find_page: (nullable): of the pages, loaded when it is a file or a root. */
McpVxmlPage *mcp_vxml_lint_find_page(McpVxmlLint *lint, const char *url, GError **error);
/** mcp_vxml_lint_may_follow: whether @url is read without anybody noticing: a local file. */
gboolean mcp_vxml_lint_may_follow(const char *url);

/* lint_tree.c: questions about nodes */
gboolean mcp_vxml_node_is(const McpXmlNode *node, McpVxmlKind kind);
/** mcp_vxml_node_def: (nullable): NULL for texts, SSML and elements that are not known. */
const McpVxmlElementDef *mcp_vxml_node_def(const McpXmlNode *node);
gboolean mcp_vxml_node_is_item(const McpXmlNode *node);
gboolean mcp_vxml_node_is_input(const McpXmlNode *node);
/** mcp_vxml_node_is_foreign: of a namespace that has no meaning in a page. */
gboolean mcp_vxml_node_is_foreign(const McpXmlNode *node);
/** mcp_vxml_node_up: (nullable): @node or the nearest one above it of a kind. */
const McpXmlNode *mcp_vxml_node_up(const McpXmlNode *node, McpVxmlKind kind);
/** mcp_vxml_node_dialog: (nullable): the form or menu around @node. */
const McpXmlNode *mcp_vxml_node_dialog(const McpXmlNode *node);
/** mcp_vxml_node_item: (nullable): the form item around @node, itself included. */
const McpXmlNode *mcp_vxml_node_item(const McpXmlNode *node);
/** mcp_vxml_node_events: (nullable): names that a handler takes; NULL when it is none. */
const char *mcp_vxml_node_events(const McpXmlNode *node);
/** McpVxmlNodeFunc: one element, in document order. */
typedef void (*McpVxmlNodeFunc)(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node);
/** mcp_vxml_page_each: all elements of VoiceXML; not what stands in grammars and metadata. */
void mcp_vxml_page_each(McpVxmlLint *lint, McpVxmlPage *page, McpVxmlNodeFunc func);
/** mcp_vxml_node_find: (nullable): the first one of @kind below @node. */
const McpXmlNode *mcp_vxml_node_find(const McpXmlNode *node, McpVxmlKind kind);
/** mcp_vxml_is_expression: whether attributes of that name are ECMAScript. */
gboolean mcp_vxml_is_expression(const char *attribute);
/** mcp_vxml_node_target: (transfer full) (nullable): the absolute URL that @attribute names. */
char *mcp_vxml_node_target(const McpVxmlPage *page, const McpXmlNode *node, const char *attribute);
/** mcp_vxml_nearest: (nullable): the word of @words (NULL-terminated) that @word may have meant. */
const char *mcp_vxml_nearest(const char *word, const char *const *words);

/* The checks, one file each; each looks at one page. */
void mcp_vxml_lint_schema(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_structure(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_values(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_scripts(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_references(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_subdialogs(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_grammars(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_keys(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_events(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_handlers(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_flow(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_times(McpVxmlLint *lint, McpVxmlPage *page);
void mcp_vxml_lint_support(McpVxmlLint *lint, McpVxmlPage *page);

G_END_DECLS
