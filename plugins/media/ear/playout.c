/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The playout buffer: a ring of samples by their place on the time line, read by the clock of
 * whoever takes. Media worker, but for making and freeing.
 *
 * Three clocks meet: the time line (@read, @end), the arrivals (delay.base: from place to arrival
 * of the fastest packet) and the takes (@clock, by samples taken). The delay is the difference of
 * the third and the second, so a take or a packet that is off its time does not move it.
 */
#include "playout_private.h"

#include <string.h>

MCP_LEDGER_DEFINE(McpMediaPlayout);

/* More than the delay: the longest packet (120 ms), bursts, and what was played. */
#define SLACK_MS 400
/* Where packets and time line differ by less, resampling or rounding is the reason. */
#define SNAP_MS 3
/* A packet that is so much earlier than any, or later, belongs to another time line. */
#define JUMP (1 * G_USEC_PER_SEC)
#define FAR (G_GINT64_CONSTANT(1) << 40)
#define TIME_MAX (G_GINT64_CONSTANT(1) << 52)

McpMediaPlayout *
mcp_media_playout_new(guint rate, guint max_delay_ms)
{
    McpMediaPlayout *self = g_new0(McpMediaPlayout, 1);
    guint delay_ms = CLAMP(max_delay_ms == 0 ? MCP_MEDIA_PLAYOUT_DELAY_MS : max_delay_ms, 20, 1000);

    MCP_LEDGER_CREATED(McpMediaPlayout);
    self->rate = rate <= 8000 ? 8000 : rate <= 16000 ? 16000 : rate <= 24000 ? 24000 : 48000;
    self->max_delay = delay_ms * 1000;
    self->capacity = self->rate / 1000 * (delay_ms + SLACK_MS);
    self->ring = g_new0(gint16, self->capacity);
    self->kinds = g_new0(guint8, self->capacity);
    self->recent_size = self->rate / 1000 * MCP_MEDIA_PLAYOUT_RECENT_MS;
    self->recent = g_new0(gint16, self->recent_size);
    self->window = self->rate / 1000 * MCP_MEDIA_PLAYOUT_CHUNK_MS;
    /* Nothing is silent: both are over. */
    self->mute_from = G_MININT64 / 2;
    self->mute_to = G_MININT64 / 2;
    mcp_media_playout_delay_init(&self->delay, self->max_delay);
    mcp_media_concealment_init(&self->concealment, self->rate);
    return self;
}

void
mcp_media_playout_free(McpMediaPlayout *playout)
{
    if (playout == NULL)
        return;
    g_free(playout->ring);
    g_free(playout->kinds);
    g_free(playout->recent);
    g_free(playout);
    MCP_LEDGER_FINALIZED(McpMediaPlayout);
}

guint
mcp_media_playout_get_rate(const McpMediaPlayout *playout)
{
    return playout->rate;
}

/* --- putting --- */

/* Of times that may be hostile: no overflow, and nothing beyond what can be calculated with. */
static gint64
difference(gint64 a, gint64 b)
{
    return CLAMP((gint64)((guint64)a - (guint64)b), -TIME_MAX, TIME_MAX);
}

static void
mark(McpMediaPlayout *self, gint64 from, gint64 to, guint8 kind)
{
    while (from < to) {
        guint at = mcp_media_playout_index(self, from);
        guint n = (guint)MIN(to - from, (gint64)(self->capacity - at));

        memset(self->kinds + at, kind, n);
        from += n;
    }
}

/* The fastest packet of a time line that begins at @place of ours. */
static void
anchor(McpMediaPlayout *self, gint64 position, gint64 arrival)
{
    gint64 place = MAX(self->end, self->read);

    self->shift = (gint64)((guint64)place - (guint64)position);
    self->joined = FALSE;
    for (guint i = 0; i < MCP_MEDIA_PLAYOUT_STARTS; i++)
        self->starts[i] = place;
    mcp_media_playout_delay_rebase(&self->delay, arrival - mcp_media_playout_us(self, place),
                                   arrival);
}

/* TRUE: the time line goes on, at @out_place of ours. */
static gboolean
locate(const McpMediaPlayout *self, gint64 position, gint64 arrival, gint64 *out_place)
{
    gint64 place = (gint64)((guint64)position + (guint64)self->shift);
    gint64 late = 0;

    if (place > self->read + FAR || place < self->read - FAR)
        return FALSE;
    late = arrival - mcp_media_playout_us(self, place) - self->delay.base;
    *out_place = place;
    return late > -JUMP && late < JUMP;
}

static gint64
place_of(McpMediaPlayout *self, gint64 position, gint64 arrival_us, gboolean restart,
         gboolean concealed)
{
    gint64 arrival = 0;
    gint64 place = 0;

    if (!self->started) {
        self->started = TRUE;
        self->epoch = arrival_us;
        restart = TRUE;
    }
    arrival = difference(arrival_us, self->epoch);
    if (restart || !locate(self, position, arrival, &place)) {
        anchor(self, position, arrival);
        return MAX(self->end, self->read);
    }
    mcp_media_playout_delay_note(&self->delay, arrival - mcp_media_playout_us(self, place), arrival,
                                 concealed);
    return place;
}

/* There is no room for what comes: the oldest samples go. */
static void
make_room(McpMediaPlayout *self, gint64 end)
{
    gint64 oldest = end - (self->capacity - self->recent_size);

    if (self->read >= oldest)
        return;
    self->figures.dropped += (guint64)MAX(MIN(self->end, oldest) - self->read, 0);
    self->read = oldest;
    self->running = FALSE;
}

static void
store(McpMediaPlayout *self, const gint16 *samples, guint n, gint64 place, guint8 kind)
{
    gint64 end = place + n;

    /* What waits is older than a gap: nobody takes, or the time line jumped. */
    make_room(self, end);
    if (self->end < end - self->capacity)
        self->end = end - self->capacity;
    if (place > self->end)
        mark(self, self->end, place, MCP_MEDIA_PLAYOUT_MISSING);
    mark(self, place, end, kind);
    while (n > 0) {
        guint at = mcp_media_playout_index(self, place);
        guint run = MIN(n, self->capacity - at);

        memcpy(self->ring + at, samples, run * sizeof *samples);
        samples += run;
        place += run;
        n -= run;
    }
    self->end = MAX(self->end, end);
}

void
mcp_media_playout_put(McpMediaPlayout *playout, const gint16 *samples, guint n, gint64 position,
                      gint64 arrival_us, gboolean restart, gboolean concealed)
{
    gint64 place = 0;
    gint64 begin = 0;
    gint64 snap = playout->rate / 1000 * SNAP_MS;
    guint most = playout->capacity - playout->recent_size;

    if (n == 0)
        return;
    playout->packet = n;
    place = place_of(playout, position, arrival_us, restart, concealed);
    if (ABS(place - playout->end) <= snap)
        place = playout->end;
    begin = place;
    if (n > most) {
        playout->figures.dropped += n - most;
        samples += n - most;
        place += n - most;
        n = most;
    }
    if (place < playout->read) {
        guint late = (guint)MIN(playout->read - place, (gint64)n);

        playout->figures.late += late;
        samples += late;
        place += late;
        n -= late;
    }
    if (n == 0)
        return;
    /* A talk spurt after silence: the silence is not played sample by sample. */
    if (playout->end <= playout->read && place - playout->read > mcp_media_playout_idle(playout)) {
        playout->read = place;
        playout->running = FALSE;
        playout->joined = FALSE;
        playout->waited = 0;
    }
    store(playout, samples, n, place,
          concealed ? MCP_MEDIA_PLAYOUT_CONCEALED : MCP_MEDIA_PLAYOUT_REAL);
    playout->starts[playout->next_start++ % MCP_MEDIA_PLAYOUT_STARTS] = begin;
}

void
mcp_media_playout_note_late(McpMediaPlayout *playout, gint64 position, gint64 arrival_us)
{
    gint64 arrival = difference(arrival_us, playout->epoch);
    gint64 place = 0;

    if (playout->started && locate(playout, position, arrival, &place))
        mcp_media_playout_delay_note(
            &playout->delay, arrival - mcp_media_playout_us(playout, place), arrival, FALSE);
}
