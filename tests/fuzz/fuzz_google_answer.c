/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of what Google's service answers: a message with audio in a WAV file, and the list of
 * voices, of which one is chosen.
 */
#include "linear16.h"
#include "messages.h"
#include "voices.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take_audio(GBytes *message)
{
    g_autoptr(GBytes) wav = mcp_google_message_read_audio(message, NULL);
    g_autoptr(GBytes) samples = NULL;
    guint rate = 0;

    if (wav != NULL)
        samples = mcp_google_linear16_from_wav(wav, &rate, NULL);
    if (samples == NULL)
        return;
    if (rate < 8000 || rate > 48000 || g_bytes_get_size(samples) % 2 != 0 ||
        g_bytes_get_size(samples) > g_bytes_get_size(wav))
        __builtin_trap();
}

static void
take_voices(GBytes *message)
{
    static const McpGoogleVoiceWish wishes[] = {
        {"en-US", MCP_GOOGLE_GENDER_FEMALE, "Standard"},
        {"de", MCP_GOOGLE_GENDER_ANY, ""},
    };
    g_autoptr(GPtrArray) voices = mcp_google_message_read_voices(message, NULL);

    for (guint i = 0; voices != NULL && i < G_N_ELEMENTS(wishes); i++) {
        McpGoogleVoiceChoice choice = {0};
        g_autofree char *language = NULL;

        if (!mcp_google_voices_choose(voices, &wishes[i], &choice, NULL))
            continue;
        if (!mcp_google_language_fits(choice.language, wishes[i].language))
            __builtin_trap();
        language = mcp_google_voice_language(choice.name);
    }
}

/* The first byte says which of the two it is. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) message = size > 0 ? g_bytes_new(data + 1, size - 1) : NULL;

    if (message != NULL && data[0] % 2 == 0)
        take_audio(message);
    else if (message != NULL)
        take_voices(message);
    return 0;
}
