/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleAsrAudio: samples of a turn from a position on. Caller's thread.
 */
#include "audio.h"

#include <string.h>

void
mcp_google_asr_audio_init(McpGoogleAsrAudio *audio, guint rate, double sensitivity)
{
    *audio = (McpGoogleAsrAudio){.samples = g_array_new(FALSE, FALSE, sizeof(gint16))};
    mcp_endpoint_init(&audio->endpoint, rate, sensitivity);
}

void
mcp_google_asr_audio_clear(McpGoogleAsrAudio *audio)
{
    g_clear_pointer(&audio->samples, g_array_unref);
}

guint64
mcp_google_asr_audio_samples(const McpGoogleAsrAudio *audio, gint64 time)
{
    return (guint64)time * audio->endpoint.rate / G_USEC_PER_SEC;
}

gint64
mcp_google_asr_audio_us(const McpGoogleAsrAudio *audio, guint64 samples)
{
    return (gint64)(samples * G_USEC_PER_SEC / audio->endpoint.rate);
}

guint64
mcp_google_asr_audio_get_end(const McpGoogleAsrAudio *audio)
{
    return audio->begin + audio->samples->len;
}

void
mcp_google_asr_audio_take(McpGoogleAsrAudio *audio, const McpTapFrame *frame)
{
    gsize n = frame->length / sizeof(gint16);
    guint at = audio->samples->len;

    g_array_set_size(audio->samples, at + (guint)n);
    memcpy(&g_array_index(audio->samples, gint16, at), frame->data, n * sizeof(gint16));
    mcp_endpoint_feed(&audio->endpoint, &g_array_index(audio->samples, gint16, at), n);
    audio->time = frame->time > 0 ? frame->time + mcp_google_asr_audio_us(audio, n) : 0;
}

void
mcp_google_asr_audio_forget(McpGoogleAsrAudio *audio, guint64 position)
{
    guint64 end = mcp_google_asr_audio_get_end(audio);

    if (position <= audio->begin)
        return;
    position = MIN(position, end);
    g_array_remove_range(audio->samples, 0, (guint)(position - audio->begin));
    audio->begin = position;
}

void
mcp_google_asr_audio_restart(McpGoogleAsrAudio *audio, guint64 position)
{
    gsize n = 0;
    const gint16 *samples = mcp_google_asr_audio_get(audio, position, &n);

    mcp_endpoint_restart(&audio->endpoint);
    audio->endpoint.position = position;
    mcp_endpoint_feed(&audio->endpoint, samples, n);
}

const gint16 *
mcp_google_asr_audio_get(const McpGoogleAsrAudio *audio, guint64 position, gsize *out_n)
{
    *out_n = (gsize)(mcp_google_asr_audio_get_end(audio) - position);
    return &g_array_index(audio->samples, gint16, position - audio->begin);
}

gint64
mcp_google_asr_audio_time_of(const McpGoogleAsrAudio *audio, guint64 position)
{
    if (audio->time == 0)
        return 0;
    return audio->time -
           mcp_google_asr_audio_us(audio, mcp_google_asr_audio_get_end(audio) - position);
}
