/* SPDX-License-Identifier: Apache-2.0 */
/* The google-tts plugin's synthesizer, as a provider of the synthesizer suite. */
#include "fixture.h"

#include "synthesizer_suite.h"

#define LONGEST (16 * 1024)

static Fixture fixture;

static McpSynthesizer *
open_synthesizer(void)
{
    fixture_set_up(&fixture, NULL);
    fixture_open(&fixture, "text_limit = 16K\ndeadline = 1m");
    return MCP_SYNTHESIZER(fixture.synthesizer);
}

static void
close_synthesizer(McpSynthesizer *synthesizer)
{
    fixture_tear_down(&fixture, NULL);
}

const SynthesizerProvider synthesizer_provider = {
    .name = "google",
    .open = open_synthesizer,
    .close = close_synthesizer,
    .unknown_language = "ja-JP",
    .too_long = LONGEST + 1,
    .takes_time = TRUE,
};
