/* SPDX-License-Identifier: Apache-2.0 */
/* The engine of listed sentences of the VoiceXML tests, as a provider of the grammar suite. */
#include "fakes.h"
#include "grammar_suite.h"

static McpGrammarEngine *
open_engine(void)
{
    g_autoptr(FakeFetcher) fetcher = fake_fetcher_new(GRAMMAR_BASE);

    fake_fetcher_add_page(fetcher, "one.grxml", GRAMMAR_ONE);
    return MCP_GRAMMAR_ENGINE(fake_grammar_engine_new(MCP_FETCHER(fetcher)));
}

static void
close_engine(McpGrammarEngine *engine)
{
    g_assert_finalize_object(engine);
}

const GrammarProvider grammar_provider = {
    .name = "fake", .open = open_engine, .close = close_engine};
