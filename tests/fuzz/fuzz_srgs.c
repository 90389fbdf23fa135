/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of grammars in both forms: what is read is built, fed with an input and parsed; its
 * tags are not run. References to other documents stay unresolved, so what has some ends there. The
 * length of the input chooses the mode of a grammar that does not say. libFuzzer calls from one
 * thread. */
#include <srgs/chart.h>
#include <srgs/derivation.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The words of the grammar itself, in turn, and one that it does not have. */
static void
match(const McpNetwork *network)
{
    g_autoptr(McpChart) chart = mcp_chart_new(network);
    guint n = network->word_texts->len;

    for (guint32 i = 0; i < 24 && mcp_chart_can_go_on(chart); i++) {
        g_autoptr(GArray) steps = NULL;
        g_autofree char *text = NULL;

        mcp_chart_feed(chart, n > 0 ? i * 7 % n : MCP_NETWORK_NONE);
        if (!mcp_chart_matches(chart))
            continue;
        steps = mcp_derivation_new(chart, NULL);
        if (steps != NULL)
            text = mcp_derivation_print(chart, steps);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
    g_autoptr(GPtrArray) documents = g_ptr_array_new();
    McpDocumentSource source = {.bytes = bytes,
                                .url = "http://example.com/a/grammar",
                                .language = size % 2 == 0 ? "en" : NULL,
                                .mode = size % 3 == 0 ? MCP_GRAMMAR_DTMF : MCP_GRAMMAR_VOICE};
    g_autoptr(McpGrammarDocument) document = mcp_grammar_document_read(&source, NULL);
    g_autoptr(McpNetwork) network = NULL;

    if (document == NULL)
        return 0;
    g_ptr_array_add(documents, document);
    network = mcp_network_build(documents, NULL, NULL);
    if (network != NULL)
        match(network);
    return 0;
}
