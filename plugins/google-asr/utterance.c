/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleAsrUtterance: where in the audio speech begins and ends, by what is heard here and what
 * the service tells. Caller's thread.
 */
#include "utterance.h"

/* Kept from before speech was noticed. */
#define LEAD (500 * G_TIME_SPAN_MILLISECOND)
/* Kept at most, to be sent again. */
#define KEEP (30 * G_TIME_SPAN_SECOND)
/* What the service knows is so much older than what is heard here. */
#define LAG (500 * G_TIME_SPAN_MILLISECOND)

void
mcp_google_asr_utterance_init(McpGoogleAsrUtterance *utterance, guint rate, double sensitivity)
{
    *utterance = (McpGoogleAsrUtterance){.transcript = mcp_google_asr_transcript_new(),
                                         .quiet_from = G_MAXUINT64};
    mcp_google_asr_audio_init(&utterance->audio, rate, sensitivity);
}

void
mcp_google_asr_utterance_clear(McpGoogleAsrUtterance *utterance)
{
    mcp_google_asr_audio_clear(&utterance->audio);
    g_clear_pointer(&utterance->transcript, mcp_google_asr_transcript_free);
}

guint64
mcp_google_asr_utterance_place(const McpGoogleAsrUtterance *utterance, gint64 time)
{
    return utterance->stream + mcp_google_asr_audio_samples(&utterance->audio, time);
}

void
mcp_google_asr_utterance_hear(McpGoogleAsrUtterance *utterance, guint64 position)
{
    const McpGoogleAsrAudio *audio = &utterance->audio;

    if (utterance->heard)
        return;
    utterance->heard = TRUE;
    if (audio->endpoint.speaking)
        position = MIN(position, audio->endpoint.onset);
    utterance->heard_from = CLAMP(position, audio->begin, mcp_google_asr_audio_get_end(audio));
}

gboolean
mcp_google_asr_utterance_has_speech(const McpGoogleAsrUtterance *utterance)
{
    return utterance->heard || utterance->audio.endpoint.speaking;
}

guint64
mcp_google_asr_utterance_get_end(const McpGoogleAsrUtterance *utterance)
{
    const McpEndpoint *endpoint = &utterance->audio.endpoint;
    gint64 end = mcp_google_asr_transcript_get_end(utterance->transcript);
    guint64 last = utterance->heard ? utterance->heard_from : 0;

    if (endpoint->speaking)
        last = MAX(last, endpoint->last);
    else if (end > 0)
        last = MAX(last, mcp_google_asr_utterance_place(utterance, end));
    return MIN(last, mcp_google_asr_audio_get_end(&utterance->audio));
}

gint64
mcp_google_asr_utterance_get_length(const McpGoogleAsrUtterance *utterance)
{
    const McpEndpoint *endpoint = &utterance->audio.endpoint;
    guint64 onset = endpoint->speaking ? endpoint->onset : utterance->heard_from;
    guint64 last = mcp_google_asr_utterance_get_end(utterance);

    return last > onset ? mcp_google_asr_audio_us(&utterance->audio, last - onset) : 0;
}

gint64
mcp_google_asr_utterance_get_silence(const McpGoogleAsrUtterance *utterance)
{
    const McpGoogleAsrAudio *audio = &utterance->audio;
    guint64 end = mcp_google_asr_audio_get_end(audio);
    guint64 last = mcp_google_asr_utterance_get_end(utterance);
    gint64 silence = mcp_google_asr_audio_us(audio, end - last);
    gint64 quiet = 0;

    if (utterance->quiet_from >= end)
        return silence;
    quiet = mcp_google_asr_audio_us(audio, end - utterance->quiet_from);
    return MAX(silence, last > utterance->quiet_from ? quiet - LAG : quiet);
}

gboolean
mcp_google_asr_utterance_is_understood(const McpGoogleAsrUtterance *utterance)
{
    gint64 end = mcp_google_asr_transcript_get_end(utterance->transcript);

    return end > 0 && mcp_google_asr_transcript_is_final(utterance->transcript) &&
           mcp_google_asr_utterance_place(utterance, end + LAG / 2) >=
               mcp_google_asr_utterance_get_end(utterance);
}

void
mcp_google_asr_utterance_repeat(McpGoogleAsrUtterance *utterance)
{
    mcp_google_asr_transcript_clear(utterance->transcript);
    utterance->quiet_from = G_MAXUINT64;
}

void
mcp_google_asr_utterance_begin_anew(McpGoogleAsrUtterance *utterance, guint64 next)
{
    McpGoogleAsrAudio *audio = &utterance->audio;
    guint64 end = mcp_google_asr_audio_get_end(audio);
    guint64 lead = mcp_google_asr_audio_samples(audio, LEAD);

    mcp_google_asr_utterance_repeat(utterance);
    utterance->heard = FALSE;
    next = MAX(next, audio->begin);
    mcp_google_asr_audio_restart(audio, next);
    /* Who has just begun to speak was not noticed at once. */
    mcp_google_asr_audio_forget(audio, MIN(next - MIN(next, lead / 4), end - MIN(end, lead)));
}

void
mcp_google_asr_utterance_forget(McpGoogleAsrUtterance *utterance, guint64 needed)
{
    McpGoogleAsrAudio *audio = &utterance->audio;
    guint64 end = mcp_google_asr_audio_get_end(audio);
    guint64 lead = mcp_google_asr_audio_samples(audio, LEAD);
    guint64 most = mcp_google_asr_audio_samples(audio, KEEP);
    guint64 from = end;

    if (audio->endpoint.speaking)
        from = MIN(from, audio->endpoint.onset);
    if (utterance->heard)
        from = MIN(from, utterance->heard_from);
    from = MIN(from - MIN(from, lead), needed);
    mcp_google_asr_audio_forget(audio, MAX(from, end - MIN(end, most)));
}
