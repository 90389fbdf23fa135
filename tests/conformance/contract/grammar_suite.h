/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/grammar.h>

G_BEGIN_DECLS

/** GrammarProvider: makes the engine that the suite is run against. */
typedef struct {
    const char *name;
    /** @open: its fetcher has GRAMMAR_ONE at GRAMMAR_URL and nothing else. */
    McpGrammarEngine *(*open)(void);
    void (*close)(McpGrammarEngine *engine);
    gboolean networks; /* it writes networks of words */
} GrammarProvider;

extern const GrammarProvider grammar_provider;

#define GRAMMAR_BASE "http://localhost/vxml/"
#define GRAMMAR_URL GRAMMAR_BASE "one.grxml"
#define GRAMMAR_DTMF(body)                                                          \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' mode='dtmf' " \
    "root='r'><rule id='r' scope='public'>" body "</rule></grammar>"
#define GRAMMAR_VOICE(body)                                                          \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' mode='voice' " \
    "xml:lang='en' root='r'><rule id='r' scope='public'>" body "</rule></grammar>"
/** GRAMMAR_ONE: matches the key 1. */
#define GRAMMAR_ONE GRAMMAR_DTMF("1")

G_END_DECLS
