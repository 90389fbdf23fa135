/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The delay that a playout buffer aims at: two fading histograms of how much later than the fastest
 * packet the others come, a slow one that knows rare ones and a fast one that sees a change at
 * once. Media worker.
 */
#include "playout_delay.h"

#include <string.h>

/* The fastest of the last 4 to 8 s: 200 ppm of drift are 1.6 ms in that time. */
#define SPAN (4 * G_USEC_PER_SEC)
/* Values in one fading length: 10 s and 1 s of packets of 20 ms. */
#define SLOW_VALUES 500
#define FAST_VALUES 50
/* Each one that is missed costs more than the few ms that it takes to wait for most of them. */
#define SLOW_SHARE 0.995f
/* Two late packets within a second are evidence, one is not. */
#define FAST_SHARE 0.97f
#define WEIGHT_MAX 1e9f
#define WIDTH_MIN 1000
/* So long after a loss the next packet is waited for that helps to conceal another one. */
#define LOSS_HOLD (10 * G_USEC_PER_SEC)
#define LOSS_NEED_MAX (30 * 1000)
/* So many packets beyond all limits in a row: the way has become longer. */
#define BEYOND_MAX 8

gint64
mcp_media_floor_note(McpMediaFloor *floor, gint64 value, gint64 now)
{
    if (!floor->set) {
        mcp_media_floor_reset(floor, value, now);
        return value;
    }
    if (now - floor->since >= SPAN || now < floor->since) {
        floor->previous = floor->current;
        floor->current = value;
        floor->since = now;
    }
    floor->current = MIN(floor->current, value);
    floor->least = MIN(floor->current, floor->previous);
    return floor->least;
}

void
mcp_media_floor_reset(McpMediaFloor *floor, gint64 value, gint64 now)
{
    floor->set = TRUE;
    floor->least = value;
    floor->current = value;
    floor->previous = value;
    floor->since = now;
}

/* --- histogram --- */

static void
histogram_init(McpMediaDelayHistogram *self, guint values, gfloat share)
{
    memset(self, 0, sizeof *self);
    self->weight = 1;
    self->growth = 1 + 1 / (gfloat)values;
    self->share = share;
}

static void
histogram_add(McpMediaDelayHistogram *self, guint bin)
{
    self->bins[bin] += self->weight;
    self->total += self->weight;
    self->weight *= self->growth;
    if (self->weight < WEIGHT_MAX)
        return;
    for (guint i = 0; i < MCP_MEDIA_DELAY_BINS; i++)
        self->bins[i] /= WEIGHT_MAX;
    self->total /= WEIGHT_MAX;
    self->weight /= WEIGHT_MAX;
}

static guint
histogram_answer(const McpMediaDelayHistogram *self)
{
    gfloat wanted = self->total * self->share;
    gfloat sum = 0;
    guint bin = 0;

    while (bin + 1 < MCP_MEDIA_DELAY_BINS && (sum += self->bins[bin]) < wanted)
        bin++;
    return bin;
}

/* The values' zero moved: all are @by bins more now, or less. */
static void
histogram_shift(McpMediaDelayHistogram *self, gint by)
{
    gfloat moved[MCP_MEDIA_DELAY_BINS] = {0};

    for (gint i = 0; i < MCP_MEDIA_DELAY_BINS; i++)
        moved[CLAMP(i + by, 0, MCP_MEDIA_DELAY_BINS - 1)] += self->bins[i];
    memcpy(self->bins, moved, sizeof moved);
}

/* --- delay --- */

void
mcp_media_playout_delay_init(McpMediaPlayoutDelay *delay, gint64 limit)
{
    memset(delay, 0, sizeof *delay);
    delay->limit = limit;
    delay->width = MAX(WIDTH_MIN, limit / (MCP_MEDIA_DELAY_BINS - 8));
    histogram_init(&delay->slow, SLOW_VALUES, SLOW_SHARE);
    histogram_init(&delay->fast, FAST_VALUES, FAST_SHARE);
    delay->loss_time = G_MININT64 / 2;
}

void
mcp_media_playout_delay_rebase(McpMediaPlayoutDelay *delay, gint64 transit, gint64 now)
{
    mcp_media_floor_reset(&delay->fastest, transit, now);
    delay->base = transit;
    delay->beyond = 0;
}

static void
move_base(McpMediaPlayoutDelay *self, gint64 base)
{
    gint64 by = self->base - base;

    self->base = base;
    /* Small steps are drift: packets were as late as they were. */
    if (ABS(by) < self->width / 2)
        return;
    by = (by + (by > 0 ? 1 : -1) * self->width / 2) / self->width;
    by = CLAMP(by, -MCP_MEDIA_DELAY_BINS, MCP_MEDIA_DELAY_BINS);
    histogram_shift(&self->slow, (gint)by);
    histogram_shift(&self->fast, (gint)by);
}

static void
note_loss(McpMediaPlayoutDelay *self, gint64 late, gint64 now)
{
    gboolean fresh = now - self->loss_time < LOSS_HOLD;

    if (late > LOSS_NEED_MAX)
        return;
    self->loss_need = fresh ? MAX(self->loss_need, late) : late;
    self->loss_time = now;
}

void
mcp_media_playout_delay_note(McpMediaPlayoutDelay *delay, gint64 transit, gint64 now,
                             gboolean made_up)
{
    gint64 late = 0;
    guint bin = 0;

    move_base(delay, mcp_media_floor_note(&delay->fastest, transit, now));
    late = transit - delay->base;
    delay->beyond = late > delay->limit ? delay->beyond + 1 : 0;
    if (delay->beyond >= BEYOND_MAX) {
        mcp_media_playout_delay_rebase(delay, transit, now);
        return;
    }
    if (made_up) {
        note_loss(delay, late, now);
        return;
    }
    if (now - delay->loss_time > LOSS_HOLD)
        delay->loss_need = 0;
    /* The first quarter of a bin's width is no jitter: clocks are read, numbers rounded. */
    bin = (guint)MIN((late + delay->width * 3 / 4) / delay->width, MCP_MEDIA_DELAY_BINS - 1);
    histogram_add(&delay->slow, bin);
    histogram_add(&delay->fast, bin);
    delay->jitter =
        delay->width * MAX(histogram_answer(&delay->slow), histogram_answer(&delay->fast));
}

gint64
mcp_media_playout_delay_target(const McpMediaPlayoutDelay *delay)
{
    return MIN(MAX(delay->jitter, delay->loss_need), delay->limit);
}
