/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of SSML as the embedded synthesizer reads it: whatever is accepted becomes a plan,
 * whose pieces keep their bounds. libFuzzer calls from one thread. */
#include <stdint.h>
#include <string.h>

#include "ssml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *language = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSpeechPlan) plan = NULL;
    const GPtrArray *pieces;

    /* The machine hands over UTF-8 without zero bytes. */
    if (!g_utf8_validate(text, -1, NULL))
        return 0;
    plan = mcp_speech_ssml_plan(text, &language, &error);
    if (plan == NULL && error == NULL)
        __builtin_trap();
    if (plan == NULL)
        return 0;
    pieces = mcp_speech_plan_finish(plan);
    for (guint i = 0; i < pieces->len; i++) {
        const McpSpeechPiece *piece = g_ptr_array_index(pieces, i);

        if (piece->stretch < 0.4 || piece->stretch > 3 || !g_str_is_ascii(piece->text))
            __builtin_trap();
    }
    return 0;
}
