/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/recognizer.h>
#include <mcp/metrics.h>

#define MCP_SPHINX_MODEL "/usr/share/pocketsphinx/model/en-us"

/** MCP_SPEECH_RESULTS: what recognitions come to, in the order in which they are counted. */
#define MCP_SPEECH_RESULTS "match|no_match|too_long|failed|stopped"

/** McpSphinxGrammars: (transfer full) (nullable): the grammar service. Any thread. */
typedef McpGrammarEngine *(*McpSphinxGrammars)(gpointer user_data);

/** McpSphinxConfig: settings, and what is at hand. */
typedef struct {
    const char *model; /* folder with the acoustic model and the dictionary */
    guint threads;     /* of the engine; 0: half of the cores, at least one */
    guint limit;       /* recognitions at once */
    McpClock *clock;
    McpMetrics *metrics; /* nullable: of the plugin's table */
    McpSphinxGrammars grammars;
    gpointer user_data; /* for @grammars; outlives the recognizer */
} McpSphinxConfig;

#define MCP_TYPE_SPHINX_RECOGNIZER (mcp_sphinx_recognizer_get_type())
G_DECLARE_FINAL_TYPE(McpSphinxRecognizer, mcp_sphinx_recognizer, MCP, SPHINX_RECOGNIZER, GObject)

/**
 * mcp_sphinx_recognizer_new: (transfer full): @config is copied. Dropping the last reference waits
 * for what the engine is working on.
 */
McpSphinxRecognizer *mcp_sphinx_recognizer_new(const McpSphinxConfig *config);
/** mcp_sphinx_recognizer_get_threads: how many threads it runs at most. */
guint mcp_sphinx_recognizer_get_threads(McpSphinxRecognizer *self);
