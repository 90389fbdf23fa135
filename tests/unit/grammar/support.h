/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "engine.h"

/** Fixture: an engine whose fetcher knows the documents of a table. */
typedef struct {
    McpPool *pool;
    McpClock *clock;
    GHashTable *documents; /* url -> text */
    guint fetches;
    McpGrammarConfig config;
    McpGrammarEngine *engine;
} Fixture;

void fixture_set_up(Fixture *f, gconstpointer data);
void fixture_tear_down(Fixture *f, gconstpointer data);

McpGrammar *compile_source(Fixture *f, const McpGrammarSource *source, GError **error);
McpGrammar *compile_text(Fixture *f, const char *text, GError **error);
McpGrammar *compile_uri(Fixture *f, const char *uri, GError **error);
/** match: state after @digits, and in MORE and COMPLETE the result as JSON in @out_json. */
McpMatchState match(Fixture *f, McpGrammar *grammar, const char *digits, char **out_json,
                    GError **error);

/* A DTMF grammar with root rule r. */
#define DTMF_WITH(attributes, rules)                                                \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' mode='dtmf' " \
    "root='r' " attributes ">" rules "</grammar>"
#define DTMF(body) DTMF_WITH("", "<rule id='r' scope='public'>" body "</rule>")
