/* SPDX-License-Identifier: Apache-2.0 */
/* The speech plugin's synthesizer, as a provider of the synthesizer suite. */
#include "synthesizer.h"

#include "synthesizer_suite.h"

#define LONGEST (16 * 1024)

static McpPool *pool;
static McpClock *speech_clock;

static McpSynthesizer *
open_synthesizer(void)
{
    McpSpeechConfig config = {"kal", FALSE, LONGEST, 60 * G_USEC_PER_SEC, 8 << 20};

    pool = mcp_pool_new("compute", 2, 1000);
    speech_clock = mcp_clock_new();
    return MCP_SYNTHESIZER(mcp_speech_synthesizer_new(&config, pool, speech_clock, NULL));
}

static void
close_synthesizer(McpSynthesizer *synthesizer)
{
    g_object_unref(synthesizer);
    g_object_unref(pool); /* its threads are gone after this, with what they held */
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_object_unref(speech_clock);
}

const SynthesizerProvider synthesizer_provider = {
    .name = "speech",
    .open = open_synthesizer,
    .close = close_synthesizer,
    .unknown_language = "de-DE",
    .too_long = LONGEST + 1,
    .takes_time = TRUE,
};
