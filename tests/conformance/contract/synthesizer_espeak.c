/* SPDX-License-Identifier: Apache-2.0 */
/* The espeak plugin's synthesizer with its real worker, as a provider of the synthesizer suite. */
#include "synthesizer_suite.h"

#include "fixture.h"

static Fixture fixture;

static McpSynthesizer *
open_synthesizer(void)
{
    fixture_set_up(&fixture, NULL);
    fixture_open(&fixture, TEST_WORKER, "");
    return MCP_SYNTHESIZER(fixture.synthesizer);
}

static void
close_synthesizer(McpSynthesizer *synthesizer)
{
    fixture_close(&fixture);
    fixture_clear(&fixture);
}

/* A clock that stands still makes nobody late: tests/unit/espeak has the deadlines. */
const SynthesizerProvider synthesizer_provider = {
    .name = "espeak",
    .open = open_synthesizer,
    .close = close_synthesizer,
    .unknown_language = "xx-XX",
    .too_long = 16 * 1024 + 1,
    .takes_time = FALSE,
};
