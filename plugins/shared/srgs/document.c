/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a grammar document: its rules, expansions and strings go together. Filled by one
 * thread, read by any.
 */
#include "document.h"
#include <mcp/error.h>
#include <mcp/ledger.h>

#define BLOCK 256
#define MAX_BLOCKS 2000 /* about half a million expansions */

MCP_LEDGER_DEFINE(McpGrammarDocument);

McpGrammarDocument *
mcp_grammar_document_new(const McpDocumentSource *source)
{
    McpGrammarDocument *document = g_new0(McpGrammarDocument, 1);

    g_atomic_ref_count_init(&document->ref_count);
    document->url = g_strdup(source->url != NULL ? source->url : "");
    document->name = g_strdup(source->name != NULL  ? source->name
                              : source->url != NULL ? source->url
                                                    : "grammar");
    document->mode = source->mode;
    document->rules = g_array_new(FALSE, TRUE, sizeof(McpGrammarRule));
    document->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    document->header_tags = g_ptr_array_new();
    document->references = g_ptr_array_new();
    document->strings = g_string_chunk_new(1024);
    document->blocks = g_ptr_array_new_with_free_func(g_free);
    document->used = BLOCK;
    document->size = g_bytes_get_size(source->bytes);
    document->digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, source->bytes);
    MCP_LEDGER_CREATED(McpGrammarDocument);
    return document;
}

McpGrammarDocument *
mcp_grammar_document_ref(McpGrammarDocument *document)
{
    g_atomic_ref_count_inc(&document->ref_count);
    return document;
}

void
mcp_grammar_document_unref(McpGrammarDocument *document)
{
    if (!g_atomic_ref_count_dec(&document->ref_count))
        return;
    g_array_unref(document->rules);
    g_hash_table_unref(document->by_name);
    g_ptr_array_unref(document->header_tags);
    g_ptr_array_unref(document->references);
    g_string_chunk_free(document->strings);
    g_ptr_array_unref(document->blocks);
    g_free(document->digest);
    g_free(document->name);
    g_free(document->url);
    g_free(document);
    MCP_LEDGER_FINALIZED(McpGrammarDocument);
}

const McpGrammarRule *
mcp_grammar_document_find(const McpGrammarDocument *document, const char *name)
{
    guint index = GPOINTER_TO_UINT(g_hash_table_lookup(document->by_name, name));

    return index > 0 ? &g_array_index(document->rules, McpGrammarRule, index - 1) : NULL;
}

McpExpansion *
mcp_grammar_document_expansion(McpGrammarDocument *document, McpExpansionKind kind, guint line)
{
    McpExpansion *block;

    if (document->used == BLOCK) {
        g_ptr_array_add(document->blocks, g_new0(McpExpansion, BLOCK));
        document->used = 0;
    }
    block = g_ptr_array_index(document->blocks, document->blocks->len - 1);
    block += document->used++;
    block->kind = kind;
    block->line = line;
    return block;
}

gboolean
mcp_grammar_document_is_full(const McpGrammarDocument *document)
{
    return document->blocks->len >= MAX_BLOCKS;
}

void
mcp_expansion_append(McpExpansion *parent, McpExpansion *child)
{
    if (parent->last != NULL)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

gboolean
mcp_grammar_document_fault(const McpGrammarDocument *document, guint line, GError **error,
                           const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s:%u: %s", document->name, line, text);
    return FALSE;
}
