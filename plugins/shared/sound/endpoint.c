/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where speech begins and ends: 10 ms are active when they are louder than the line's own noise by
 * a margin. The floor follows quieter blocks at once and louder ones slowly. Caller's thread.
 */
#include "endpoint.h"
#include <math.h>

#define BLOCKS 100 /* a second */
/* Activity that is speech; and that goes on with it after a pause, in ms. Less is a click. */
#define BEGIN 60
#define GO_ON 30
#define FLOOR_START (-50.0)
#define FLOOR_LOWEST (-70.0)
#define FLOOR_FALL 0.3
#define FLOOR_RISE 3.0 /* dB a second */
/* Speech ends below a lower bound than it begins above. */
#define HYSTERESIS 3.0
#define MARGIN_MOST 24.0
#define MARGIN_LEAST 4.0

void
mcp_endpoint_init(McpEndpoint *self, guint rate, double sensitivity)
{
    *self = (McpEndpoint){.rate = rate,
                          .margin =
                              MARGIN_MOST + (MARGIN_LEAST - MARGIN_MOST) * CLAMP(sensitivity, 0, 1),
                          .floor = FLOOR_START};
}

void
mcp_endpoint_restart(McpEndpoint *self)
{
    self->speaking = FALSE;
    self->active = 0;
}

static double
loudness(const gint16 *samples, gsize n)
{
    double sum = 1;

    for (gsize i = 0; i < n; i++)
        sum += (double)samples[i] * samples[i];
    return 10 * log10(sum / (double)n / (32768.0 * 32768.0));
}

static void
follow_floor(McpEndpoint *self, double level, gsize n)
{
    if (level < self->floor)
        self->floor += (level - self->floor) * FLOOR_FALL;
    else
        self->floor += MIN(FLOOR_RISE * (double)n / self->rate, level - self->floor);
    self->floor = MAX(self->floor, FLOOR_LOWEST);
}

static void
feed_block(McpEndpoint *self, const gint16 *samples, gsize n)
{
    double level = loudness(samples, n);
    guint64 begin = (guint64)self->rate * BEGIN / 1000;
    guint64 go_on = (guint64)self->rate * GO_ON / 1000;
    double bound = self->floor + self->margin - (self->speaking ? HYSTERESIS : 0);

    follow_floor(self, level, n);
    self->position += n;
    if (level > bound)
        self->active += n;
    else
        self->active -= MIN(self->active, 2 * n);
    if (!self->speaking && self->active >= begin) {
        self->speaking = TRUE;
        self->onset = self->position - self->active;
        self->spoken = self->active;
    } else if (level > bound) {
        self->spoken += n;
    }
    if (self->speaking && level > bound && self->active >= go_on)
        self->last = self->position;
    self->active = MIN(self->active, begin);
}

void
mcp_endpoint_feed(McpEndpoint *self, const gint16 *samples, gsize n)
{
    gsize block = self->rate / BLOCKS;

    for (gsize at = 0; at < n; at += block)
        feed_block(self, samples + at, MIN(n - at, block));
}

gint64
mcp_endpoint_silence(const McpEndpoint *self)
{
    return (gint64)((self->position - self->last) * G_USEC_PER_SEC / self->rate);
}
