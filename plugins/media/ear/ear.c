/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ear of a leg: packets in order out of the jitter buffer, through the decoder, to its
 * listeners. Media worker, but for making and freeing.
 */
#include "ear_private.h"

#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaEar);

/* A longer gap is silence: nobody can tell what was in it. */
#define CONCEAL_MAX_MS 120
/* Shorter than any packet: timestamps of resampled audio are rounded. */
#define GAP_MIN_MS 5

/* Nobody took out of the playout buffer for so long: gaps are waited for as without one. */
#define PLAYED_RECENTLY (100 * 1000)

/* An end of noise that came early would be cut off. */
#define NOISE_LAG (60 * 1000)

#define NARROW_RATE 8000
#define WIDE_RATE 16000

McpMediaEar *
mcp_media_ear_new(const McpMediaFormat *format, guint rate)
{
    McpMediaEar *self = g_new0(McpMediaEar, 1);

    MCP_LEDGER_CREATED(McpMediaEar);
    self->rate = rate;
    /* The rates that all listeners know. */
    if (rate == 0)
        self->rate = format->rate <= NARROW_RATE ? NARROW_RATE : WIDE_RATE;
    self->decoder = mcp_media_decoder_new(format, self->rate);
    self->restarted = TRUE;
    return self;
}

void
mcp_media_ear_free(McpMediaEar *ear)
{
    if (ear == NULL)
        return;
    mcp_media_decoder_free(ear->decoder);
    g_free(ear);
    MCP_LEDGER_FINALIZED(McpMediaEar);
}

guint
mcp_media_ear_get_rate(const McpMediaEar *ear)
{
    return ear->rate;
}

guint64
mcp_media_ear_get_concealed(const McpMediaEar *ear)
{
    return ear->concealed;
}

void
mcp_media_ear_open(McpMediaEar *ear, McpMediaBlockPool *pool)
{
    mcp_media_jitter_buffer_init(&ear->packets, pool);
    ear->open = TRUE;
}

void
mcp_media_ear_close(McpMediaEar *ear)
{
    if (ear->open)
        mcp_media_jitter_buffer_clear(&ear->packets);
    ear->open = FALSE;
    ear->n_listeners = 0;
    ear->playout = NULL;
}

/* --- hearing --- */

void
mcp_media_ear_tell(McpMediaEar *self, const gint16 *samples, guint n, gint64 timestamp,
                   gint64 arrival, gboolean concealed, gint64 now)
{
    const McpMediaHeard heard = {
        .samples = samples,
        .n = n,
        .rate = self->rate,
        .position = mcp_media_ear_to_samples(self, timestamp - self->base),
        .arrival = arrival,
        .restart = self->restarted,
        .concealed = concealed,
        .noise = self->paused,
    };

    self->restarted = FALSE;
    if (self->playout != NULL)
        mcp_media_playout_put(self->playout, samples, n, heard.position, arrival, heard.restart,
                              concealed);
    /* From the last one: a listener may take itself away. */
    for (guint i = self->n_listeners; i > 0; i--)
        self->listeners[i - 1].func(self->listeners[i - 1].listener, &heard, now);
}

/* Packets were lost before @packet: something is put into their place, if they are few. */
static void
conceal(McpMediaEar *self, const McpMediaJitterPacket *packet, gint64 now)
{
    guint lost = packet->sequence - self->next_sequence;
    gint64 gap = packet->timestamp - self->next_timestamp;
    gint64 step = 0;

    if (lost == 0 || gap < (gint64)mcp_media_ear_clock(self) * GAP_MIN_MS / 1000 ||
        gap > (gint64)mcp_media_ear_clock(self) * CONCEAL_MAX_MS / 1000)
        return;
    step = gap / lost;
    for (guint i = 0; i < lost; i++) {
        gint16 samples[MCP_MEDIA_SAMPLES_MAX];
        gboolean is_last = i + 1 == lost;
        guint n = mcp_media_decoder_conceal(self->decoder, is_last ? packet->payload : NULL,
                                            is_last ? packet->length : 0, samples,
                                            (guint)mcp_media_ear_to_samples(self, step));

        if (n > 0)
            mcp_media_ear_tell(self, samples, n, self->next_timestamp + i * step, packet->arrival,
                               TRUE, now);
        self->concealed++;
    }
}

static void
hear_noise(McpMediaEar *self, const McpMediaJitterPacket *packet, gint64 now)
{
    mcp_media_ear_fill_up(self, packet->timestamp, now);
    mcp_media_ear_begin_noise(self, packet->payload, packet->length, packet->timestamp,
                              packet->arrival);
    self->noise.skip = FALSE;
    self->paused = TRUE;
    self->next_sequence = packet->sequence + 1;
}

static void
hear(McpMediaEar *self, const McpMediaJitterPacket *packet, gint64 now)
{
    gint16 samples[MCP_MEDIA_SAMPLES_MAX];
    guint n = 0;

    if (packet->length == 0) {
        self->next_sequence = packet->sequence + 1;
        return;
    }
    if (packet->is_noise) {
        hear_noise(self, packet, now);
        return;
    }
    /* What was lost in a silence was noise. */
    mcp_media_ear_fill_up(self, packet->timestamp, now);
    self->noise.active = FALSE;
    if (!self->started) {
        self->started = TRUE;
        self->base = packet->timestamp;
    } else if (!self->paused) {
        conceal(self, packet, now);
    }
    self->paused = FALSE;
    n = mcp_media_decoder_take(self->decoder, packet->payload, packet->length, samples);
    if (n > 0)
        mcp_media_ear_tell(self, samples, n, packet->timestamp, packet->arrival, FALSE, now);
    self->next_sequence = packet->sequence + 1;
    self->next_timestamp = packet->timestamp + (gint64)n * mcp_media_ear_clock(self) / self->rate;
}

static gboolean
drain_one(McpMediaEar *self, gint64 now, gboolean force)
{
    McpMediaJitterPacket *packet = mcp_media_jitter_buffer_pop(&self->packets, now, force);

    if (packet == NULL)
        return FALSE;
    hear(self, packet, now);
    mcp_media_block_pool_give(self->packets.pool, packet);
    return TRUE;
}

static void
drain(McpMediaEar *self, gint64 now, gboolean force)
{
    while (drain_one(self, now, force))
        continue;
}

static gboolean
is_listened_to(const McpMediaEar *self)
{
    return self->n_listeners > 0 || self->playout != NULL;
}

gboolean
mcp_media_ear_listen(McpMediaEar *ear, McpMediaHearFunc func, gpointer listener)
{
    if (!ear->open || ear->n_listeners == MCP_MEDIA_LISTENERS)
        return FALSE;
    /* Noise of now: what was before it is over. */
    if (!is_listened_to(ear))
        ear->noise.skip = TRUE;
    ear->listeners[ear->n_listeners].func = func;
    ear->listeners[ear->n_listeners].listener = listener;
    ear->n_listeners++;
    return TRUE;
}

/* The next packet has nothing to do with those before. */
static void
forget(McpMediaEar *self)
{
    mcp_media_jitter_buffer_clear(&self->packets);
    self->started = FALSE;
    self->restarted = TRUE;
}

void
mcp_media_ear_unlisten(McpMediaEar *ear, gpointer listener, gint64 now)
{
    guint at = 0;

    if (!ear->open)
        return;
    drain(ear, now, TRUE);
    mcp_media_ear_make_due_noise(ear, 0, now);
    while (at < ear->n_listeners && ear->listeners[at].listener != listener)
        at++;
    if (at == ear->n_listeners)
        return;
    memmove(&ear->listeners[at], &ear->listeners[at + 1],
            (--ear->n_listeners - at) * sizeof ear->listeners[0]);
    if (!is_listened_to(ear))
        forget(ear);
}

void
mcp_media_ear_set_playout(McpMediaEar *ear, McpMediaPlayout *playout, gint64 now)
{
    if (!ear->open)
        return;
    if (is_listened_to(ear)) {
        drain(ear, now, TRUE);
        mcp_media_ear_make_due_noise(ear, 0, now);
    } else {
        ear->noise.skip = TRUE;
    }
    ear->playout = playout;
    ear->played = now;
    if (!is_listened_to(ear))
        forget(ear);
}

McpMediaPlayed
mcp_media_ear_play(McpMediaEar *ear, gint16 *out, guint n, gint64 now)
{
    gint64 delay = ear->packets.delay;
    guint held = 0;

    if (ear->playout == NULL) {
        memset(out, 0, n * sizeof *out);
        return MCP_MEDIA_PLAYED_SILENCE;
    }
    ear->played = now;
    do {
        held = ear->packets.held;
        ear->packets.delay = mcp_media_playout_get_patience(ear->playout, n);
        drain_one(ear, now, FALSE);
    } while (ear->packets.held < held);
    ear->packets.delay = delay;
    mcp_media_ear_make_due_noise(ear, 0, now);
    for (guint made = 0; made < n && mcp_media_playout_get_patience(ear->playout, n) == 0;
         made += ear->rate * MCP_MEDIA_EAR_NOISE_MS / 1000)
        if (!mcp_media_ear_make_noise(ear, now))
            break;
    return mcp_media_playout_take(ear->playout, out, n, now);
}

McpMediaDecoder *
mcp_media_ear_set_decoder(McpMediaEar *ear, McpMediaDecoder *decoder, gint64 now)
{
    McpMediaDecoder *before = ear->decoder;

    if (ear->open) {
        drain(ear, now, TRUE);
        forget(ear);
    }
    ear->noise.active = FALSE;
    ear->decoder = decoder;
    return before;
}

/* Whoever plays says himself when a gap was waited for long enough. */
static void
set_patience(McpMediaEar *self, gint64 jitter, gint64 now)
{
    if (self->playout != NULL && now - self->played < PLAYED_RECENTLY)
        mcp_media_jitter_buffer_set_jitter(&self->packets, G_USEC_PER_SEC);
    else
        mcp_media_jitter_buffer_set_jitter(&self->packets, jitter);
}

static void
put(McpMediaEar *self, guint32 sequence, gint64 timestamp, const guint8 *payload, gsize length,
    gboolean is_noise, gint64 now)
{
    McpMediaJitterBuffer *packets = &self->packets;

    if (!mcp_media_jitter_buffer_put(packets, sequence, timestamp, now, payload, length,
                                     is_noise)) {
        drain(self, now, TRUE);
        mcp_media_jitter_buffer_put(packets, sequence, timestamp, now, payload, length, is_noise);
    }
    drain(self, now, FALSE);
}

void
mcp_media_ear_take(McpMediaEar *ear, guint32 sequence, gint64 timestamp, const guint8 *payload,
                   gsize length, gint64 jitter, gint64 now)
{
    if (!is_listened_to(ear)) {
        ear->noise.active = ear->noise.active && length == 0;
        return;
    }
    set_patience(ear, jitter, now);
    if (ear->playout != NULL && ear->started && length > 0 &&
        mcp_media_jitter_buffer_is_late(&ear->packets, sequence))
        mcp_media_playout_note_late(ear->playout,
                                    mcp_media_ear_to_samples(ear, timestamp - ear->base), now);
    put(ear, sequence, timestamp, payload, length, FALSE, now);
}

void
mcp_media_ear_take_noise(McpMediaEar *ear, guint32 sequence, gint64 timestamp,
                         const guint8 *payload, gsize length, gint64 now)
{
    /* Who begins to listen within a silence hears its noise. */
    if (is_listened_to(ear))
        put(ear, sequence, timestamp, payload, length, TRUE, now);
    else
        mcp_media_ear_begin_noise(ear, payload, length, timestamp, now);
}

void
mcp_media_ear_end_noise(McpMediaEar *ear)
{
    ear->noise.active = FALSE;
}

void
mcp_media_ear_hurry(McpMediaEar *ear)
{
    ear->noise.hurries = TRUE;
}

void
mcp_media_ear_restart(McpMediaEar *ear, gint64 now)
{
    if (!ear->open)
        return;
    drain(ear, now, TRUE);
    forget(ear);
    ear->noise.active = FALSE;
}

void
mcp_media_ear_tick(McpMediaEar *ear, gint64 now)
{
    if (!is_listened_to(ear))
        return;
    drain(ear, now, FALSE);
    mcp_media_ear_make_due_noise(ear, ear->noise.hurries ? 0 : NOISE_LAG, now);
}
