/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/contract/grammar.h>

/** McpExpansionKind: what a rule expansion consists of (SRGS 1.0 §2). */
typedef enum {
    MCP_EXPANSION_SEQUENCE,
    MCP_EXPANSION_ALTERNATIVES,
    MCP_EXPANSION_REPEAT, /* one child, min to max times */
    MCP_EXPANSION_TOKEN,
    MCP_EXPANSION_REFERENCE,
    MCP_EXPANSION_NULL,
    MCP_EXPANSION_VOID,
    MCP_EXPANSION_GARBAGE,
    MCP_EXPANSION_TAG,
} McpExpansionKind;

/* Stands for "without an upper bound"; also no count is kept above it. */
#define MCP_GRAMMAR_REPEAT_MAX 60000

/** McpExpansion: a node; lives and dies with its document. */
typedef struct _McpExpansion McpExpansion;
struct _McpExpansion {
    McpExpansionKind kind;
    guint line;
    guint min;
    guint max;
    float weight; /* of an alternative; 0: not said, which is 1 */
    McpExpansion *first;
    McpExpansion *last;
    McpExpansion *next;
    const char *text; /* token, tag; reference: as written */
    const char *url;  /* reference: absolute document without fragment; NULL: this document */
    const char *rule; /* reference: rule name; NULL: the root */
};

typedef struct {
    const char *name;
    gboolean is_public;
    guint line;
    McpExpansion *body;
} McpGrammarRule;

/** McpTagFormat: how tags are to be understood. */
typedef enum {
    MCP_TAG_FORMAT_UNDECLARED,
    MCP_TAG_FORMAT_SCRIPT,   /* semantics/1.0 */
    MCP_TAG_FORMAT_LITERALS, /* semantics/1.0-literals */
    MCP_TAG_FORMAT_OTHER,    /* not run */
} McpTagFormat;

/** McpGrammarDocument: one SRGS document as it was read; immutable once read. Any thread. */
typedef struct {
    gatomicrefcount ref_count;
    char *url;  /* absolute, "" when it has none */
    char *name; /* for messages */
    McpGrammarMode mode;
    McpTagFormat tag_format;
    const char *root; /* nullable */
    GArray *rules;    /* of McpGrammarRule, in document order */
    GHashTable *by_name;
    GPtrArray *header_tags; /* text */
    GPtrArray *references;  /* absolute URLs of other documents, each once */
    GStringChunk *strings;
    GPtrArray *blocks;
    guint used;
    gsize size; /* bytes of the source */
    char *digest;
} McpGrammarDocument;

/** McpDocumentSource: bytes with what is known about them. */
typedef struct {
    GBytes *bytes;
    const char *url;      /* nullable: absolute */
    const char *name;     /* nullable: for messages */
    const char *charset;  /* nullable */
    const char *language; /* nullable: of a grammar that does not say */
    McpGrammarMode mode;  /* of a grammar that does not say */
    gboolean is_inline;   /* part of a page, which may leave out the version */
} McpDocumentSource;

/**
 * mcp_grammar_document_read: (transfer full): reads SRGS 1.0 as XML. MCP_ERROR_INVALID with
 * "NAME:LINE: ", MCP_ERROR_UNSUPPORTED for another form, MCP_ERROR_LIMIT. Any thread.
 */
McpGrammarDocument *mcp_grammar_document_read(const McpDocumentSource *source, GError **error);
McpGrammarDocument *mcp_grammar_document_ref(McpGrammarDocument *document);
void mcp_grammar_document_unref(McpGrammarDocument *document);
/** mcp_grammar_document_find: (nullable): the rule @name. */
const McpGrammarRule *mcp_grammar_document_find(const McpGrammarDocument *document,
                                                const char *name);

/* For readers. */
McpGrammarDocument *mcp_grammar_document_new(const McpDocumentSource *source);
McpExpansion *mcp_grammar_document_expansion(McpGrammarDocument *document, McpExpansionKind kind,
                                             guint line);
/** mcp_grammar_document_is_full: no more expansions should be added. */
gboolean mcp_grammar_document_is_full(const McpGrammarDocument *document);
void mcp_expansion_append(McpExpansion *parent, McpExpansion *child);
/** mcp_grammar_document_fault: sets "NAME:LINE: …"; returns FALSE. */
gboolean mcp_grammar_document_fault(const McpGrammarDocument *document, guint line, GError **error,
                                    const char *format, ...) G_GNUC_PRINTF(4, 5);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGrammarDocument, mcp_grammar_document_unref)
