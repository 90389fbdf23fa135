/* SPDX-License-Identifier: Apache-2.0 */
/* The speech plugin's recognizer, as a provider of the recognizer suite. */
#include "recognizer_suite.h"

#include "listening.h"

/* Eight times as fast as a caller speaks. */
#define FRAMES 2
#define BREATH_MS 300

static Listening listening;

static McpRecognizer *
open_recognizer(McpGrammarEngine **out_grammars)
{
    listening_set_up(&listening, NULL);
    *out_grammars = listening.grammars.engine;
    return MCP_RECOGNIZER(listening.recognizer);
}

static void
close_recognizer(McpRecognizer *recognizer)
{
    listening_tear_down(&listening, NULL);
}

static McpTap *
say(const char *text)
{
    VoiceTap *tap = voice_tap_new(FRAMES);

    voice_tap_pause(tap, BREATH_MS);
    if (text != NULL)
        voice_tap_say(tap, "rms", text, 1);
    return MCP_TAP(tap);
}

static guint
get_reads(McpTap *tap)
{
    return voice_tap_get_reads(VOICE_TAP(tap));
}

const RecognizerProvider recognizer_provider = {
    .name = "speech",
    .open = open_recognizer,
    .close = close_recognizer,
    .say = say,
    .get_reads = get_reads,
};
