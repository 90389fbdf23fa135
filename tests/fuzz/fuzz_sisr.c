/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of semantic interpretation: a grammar whose tags are run for the first inputs that it
 * takes, made of its own words in turn. libFuzzer calls from one thread. */
#include <srgs/chart.h>
#include <srgs/derivation.h>
#include <stdint.h>

#include "sisr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_PARSES 3

static void
interpret(const McpChart *chart)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) steps = mcp_derivation_new(chart, NULL);
    g_autofree char *result = NULL;
    g_autofree char *words = NULL;

    if (steps == NULL)
        return;
    words = mcp_sisr_utterance(chart, " ");
    result = mcp_sisr_interpret(chart, steps, &error);
    if (words == NULL || (result == NULL) != (error != NULL))
        __builtin_trap();
}

static void
parse(const McpNetwork *network, guint first)
{
    g_autoptr(McpChart) chart = mcp_chart_new(network);
    guint n = network->word_texts->len;
    guint parses = 0;

    for (guint32 i = 0; i < 8 && parses < MAX_PARSES && mcp_chart_can_go_on(chart); i++) {
        if (mcp_chart_matches(chart)) {
            interpret(chart);
            parses++;
        }
        mcp_chart_feed(chart, n > 0 ? (first + i) % n : MCP_NETWORK_NONE);
    }
    if (parses < MAX_PARSES && mcp_chart_matches(chart))
        interpret(chart);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
    g_autoptr(GPtrArray) documents = g_ptr_array_new();
    McpDocumentSource source = {
        .bytes = bytes, .url = "http://example.com/a/grammar", .mode = MCP_GRAMMAR_DTMF};
    g_autoptr(McpGrammarDocument) document = NULL;
    g_autoptr(McpNetwork) network = NULL;

    if (size > 8192)
        return 0;
    document = mcp_grammar_document_read(&source, NULL);
    if (document == NULL)
        return 0;
    g_ptr_array_add(documents, document);
    network = mcp_network_build(documents, NULL, NULL);
    if (network == NULL)
        return 0;
    for (guint first = 0; first < 2; first++)
        parse(network, first);
    return 0;
}
