/* SPDX-License-Identifier: Apache-2.0 */
/* The synthesizer of words of the VoiceXML tests, as a provider of the synthesizer suite. */
#include "fakes.h"
#include "synthesizer_suite.h"

static McpSynthesizer *
open_synthesizer(void)
{
    return MCP_SYNTHESIZER(fake_synthesizer_new());
}

static void
close_synthesizer(McpSynthesizer *synthesizer)
{
    g_assert_finalize_object(synthesizer);
}

const SynthesizerProvider synthesizer_provider = {
    .name = "fake",
    .open = open_synthesizer,
    .close = close_synthesizer,
    .unknown_language = "xx-unknown",
};
