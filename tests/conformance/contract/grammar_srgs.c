/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar plugin's engine, as a provider of the grammar suite. */
#include "grammar_suite.h"
#include "support.h"

static Fixture fixture;

static McpGrammarEngine *
open_engine(void)
{
    static char url[] = GRAMMAR_URL;
    static char text[] = GRAMMAR_ONE;

    fixture_set_up(&fixture, NULL);
    g_hash_table_insert(fixture.documents, url, text);
    return fixture.engine;
}

static void
close_engine(McpGrammarEngine *engine)
{
    fixture_tear_down(&fixture, NULL);
}

const GrammarProvider grammar_provider = {
    .name = "grammar", .open = open_engine, .close = close_engine, .networks = TRUE};
