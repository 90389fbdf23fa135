/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speech in what a leg hears. What the leg sends is decoded again while it listens: the detector
 * wants to know what may come back as an echo. Media worker, but for making and freeing.
 */
#include "voice.h"

#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaVoice);

/*
 * What is sent may run ahead of what is heard by a packet and two ticks. More would come to be seen
 * as later than its own echo, where the other side sends nothing for a while.
 */
#define AHEAD_MS 40
#define SENT_MAX (16 * 200) /* 16 kHz */
#define EVENTS 4

struct _McpMediaVoice {
    McpMediaVoiceActivity activity;
    McpMediaDecoder *decoder;
    guint rate;
    McpMediaVoiceFunc func;
    gpointer owner;
    guint n_sent;
    gint16 sent[SENT_MAX + MCP_MEDIA_SAMPLES_MAX];
};

McpMediaVoice *
mcp_media_voice_new(const McpMediaFormat *format, guint rate, McpMediaVoiceFunc func,
                    gpointer owner)
{
    McpMediaVoice *self = g_new0(McpMediaVoice, 1);

    MCP_LEDGER_CREATED(McpMediaVoice);
    self->rate = rate;
    self->func = func;
    self->owner = owner;
    self->decoder = mcp_media_decoder_new(format, rate);
    mcp_media_voice_activity_init(&self->activity, rate, NULL);
    return self;
}

void
mcp_media_voice_free(McpMediaVoice *voice)
{
    if (voice == NULL)
        return;
    mcp_media_decoder_free(voice->decoder);
    g_free(voice);
    MCP_LEDGER_FINALIZED(McpMediaVoice);
}

void
mcp_media_voice_arm(McpMediaVoice *voice, const McpMediaVoiceSettings *settings)
{
    voice->activity.settings = *settings;
    voice->n_sent = 0;
    mcp_media_voice_activity_rearm(&voice->activity);
}

/* The oldest @n samples are done with. */
static void
drop_sent(McpMediaVoice *self, guint n)
{
    n = MIN(n, self->n_sent);
    self->n_sent -= n;
    memmove(self->sent, self->sent + n, self->n_sent * sizeof *self->sent);
}

void
mcp_media_voice_note_sent(McpMediaVoice *voice, const guint8 *payload, gsize length)
{
    guint n = mcp_media_decoder_take(voice->decoder, payload, length, voice->sent + voice->n_sent);
    guint most = MIN(n + voice->rate * AHEAD_MS / 1000, SENT_MAX);

    voice->n_sent += n;
    if (voice->n_sent > most)
        drop_sent(voice, voice->n_sent - most);
}

void
mcp_media_voice_hear(gpointer voice, const McpMediaHeard *heard, gint64 now)
{
    McpMediaVoice *self = voice;
    McpMediaVoiceEvent events[EVENTS];
    guint n = mcp_media_voice_activity_take(&self->activity, heard->samples, heard->n,
                                            self->n_sent > 0 ? self->sent : NULL, self->n_sent,
                                            events, EVENTS);

    drop_sent(self, heard->n);
    for (guint i = 0; i < n; i++) {
        gint64 ago =
            (gint64)(self->activity.samples - events[i].sample) * G_USEC_PER_SEC / self->rate;

        self->func(self->owner, events[i].type == MCP_MEDIA_VOICE_SPEECH_START,
                   heard->arrival - ago, now);
    }
}

McpMediaDecoder *
mcp_media_voice_set_decoder(McpMediaVoice *voice, McpMediaDecoder *decoder)
{
    McpMediaDecoder *before = voice->decoder;

    voice->decoder = decoder;
    return before;
}
