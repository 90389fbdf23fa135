/* SPDX-License-Identifier: Apache-2.0 */
/* The google-asr plugin's recognizer, as a provider of the recognizer suite. */
#include "recognizer_suite.h"

#include "asr.h"

#include <string.h>

/* Eight times as fast as a caller speaks. */
#define FRAMES 2
#define BREATH_MS 300
#define LETTER_MS 60
#define WORDS_MS 300

static Asr asr;

static McpRecognizer *
open_recognizer(McpGrammarEngine **out_grammars)
{
    asr_set_up(&asr, NULL);
    asr_open(&asr, "");
    *out_grammars = asr.grammars.engine;
    return MCP_RECOGNIZER(asr.recognizer);
}

static void
close_recognizer(McpRecognizer *recognizer)
{
    asr_tear_down(&asr, NULL);
}

static McpTap *
say(const char *text)
{
    CallerTap *tap = caller_tap_new(asr.rate, FRAMES);

    caller_tap_pause(tap, BREATH_MS);
    if (text == NULL)
        return MCP_TAP(tap);
    asr_say(&asr, text);
    caller_tap_speak(tap, WORDS_MS + LETTER_MS * (guint)strlen(text));
    return MCP_TAP(tap);
}

static guint
get_reads(McpTap *tap)
{
    return caller_tap_get_reads(CALLER_TAP(tap));
}

const RecognizerProvider recognizer_provider = {
    .name = "google",
    .open = open_recognizer,
    .close = close_recognizer,
    .say = say,
    .get_reads = get_reads,
};
