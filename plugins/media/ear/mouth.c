/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mouth of a leg: what it sends, through a decoder, to its listeners. Media worker, but for
 * making and freeing.
 */
#include "mouth.h"

#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaMouth);

typedef struct {
    McpMediaHearFunc func;
    gpointer listener;
} Listener;

struct _McpMediaMouth {
    McpMediaDecoder *decoder;
    guint rate;
    gboolean started;  /* @ticks holds */
    gint64 ticks;      /* of the RTP clock since position 0 */
    guint32 timestamp; /* that @ticks belongs to */
    guint n_listeners;
    Listener listeners[MCP_MEDIA_LISTENERS];
};

McpMediaMouth *
mcp_media_mouth_new(const McpMediaFormat *format, guint rate)
{
    McpMediaMouth *self = g_new0(McpMediaMouth, 1);

    MCP_LEDGER_CREATED(McpMediaMouth);
    self->rate = rate;
    self->decoder = mcp_media_decoder_new(format, rate);
    return self;
}

void
mcp_media_mouth_free(McpMediaMouth *mouth)
{
    if (mouth == NULL)
        return;
    mcp_media_decoder_free(mouth->decoder);
    g_free(mouth);
    MCP_LEDGER_FINALIZED(McpMediaMouth);
}

gboolean
mcp_media_mouth_listen(McpMediaMouth *mouth, McpMediaHearFunc func, gpointer listener)
{
    if (mouth->n_listeners == MCP_MEDIA_LISTENERS)
        return FALSE;
    /* What was not decoded meanwhile is no part of the count. */
    if (mouth->n_listeners == 0)
        mouth->started = FALSE;
    mouth->listeners[mouth->n_listeners].func = func;
    mouth->listeners[mouth->n_listeners].listener = listener;
    mouth->n_listeners++;
    return TRUE;
}

void
mcp_media_mouth_unlisten(McpMediaMouth *mouth, gpointer listener)
{
    guint at = 0;

    while (at < mouth->n_listeners && mouth->listeners[at].listener != listener)
        at++;
    if (at == mouth->n_listeners)
        return;
    memmove(&mouth->listeners[at], &mouth->listeners[at + 1],
            (--mouth->n_listeners - at) * sizeof mouth->listeners[0]);
}

void
mcp_media_mouth_note(McpMediaMouth *mouth, const guint8 *payload, gsize length, guint32 timestamp,
                     gint64 now)
{
    guint clock = mcp_media_decoder_get_format(mouth->decoder)->codec->clock_rate;
    gint16 samples[MCP_MEDIA_SAMPLES_MAX];
    McpMediaHeard heard = {.samples = samples, .rate = mouth->rate, .arrival = now};

    if (mouth->n_listeners == 0)
        return;
    heard.n = mcp_media_decoder_take(mouth->decoder, payload, length, samples);
    if (heard.n == 0)
        return;
    heard.restart = !mouth->started;
    mouth->ticks = mouth->started ? mouth->ticks + (gint32)(timestamp - mouth->timestamp) : 0;
    mouth->timestamp = timestamp;
    mouth->started = TRUE;
    heard.position = mouth->ticks * mouth->rate / clock;
    /* From the last one: a listener may take itself away. */
    for (guint i = mouth->n_listeners; i > 0; i--)
        mouth->listeners[i - 1].func(mouth->listeners[i - 1].listener, &heard, now);
}

McpMediaDecoder *
mcp_media_mouth_set_decoder(McpMediaMouth *mouth, McpMediaDecoder *decoder)
{
    McpMediaDecoder *before = mouth->decoder;

    mouth->decoder = decoder;
    mouth->started = FALSE;
    return before;
}
