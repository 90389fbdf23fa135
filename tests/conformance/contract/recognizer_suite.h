/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/recognizer.h>

G_BEGIN_DECLS

/** RecognizerProvider: makes the recognizer that the suite is run against. */
typedef struct {
    const char *name;
    McpRecognizer *(*open)(McpGrammarEngine **out_grammars);
    void (*close)(McpRecognizer *recognizer);
    /** @say: (transfer full): a tap of the present context: a caller says @text; NULL: nothing. */
    McpTap *(*say)(const char *text);
    /** @get_reads: frames read from a tap of @say. */
    guint (*get_reads)(McpTap *tap);
    const char *foreign;    /* nullable: a language that it has not; it takes grammars of keys */
    gboolean quiet_hotword; /* of speech that is no hotword it tells nothing */
} RecognizerProvider;

extern const RecognizerProvider recognizer_provider;

G_END_DECLS
