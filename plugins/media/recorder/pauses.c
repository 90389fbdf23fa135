/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pauses of a recording: what is said in them is never written. Media worker.
 */
#include "pauses.h"

#include <math.h>
#include <string.h>

/* The filters of decoders and resamplers still hold the end of a pause. */
#define AFTER_MS 10

#define TONE_HZ 1400
#define TONE_MS 200
#define TONE_EACH_MS 15000
#define TONE_PEAK 4000
#define TONE_EDGE_MS 5

gboolean
mcp_media_pauses_is_open(const McpMediaPauses *self)
{
    return self->n > 0 && self->list[self->n - 1].to == G_MAXINT64;
}

void
mcp_media_pauses_begin(McpMediaPauses *self, gint64 place, McpRecordPause with)
{
    McpMediaPause *last = self->n > 0 ? &self->list[self->n - 1] : NULL;

    if (mcp_media_pauses_is_open(self) && last->with == with)
        return;
    /* Too many within a second: rather too little is recorded. */
    if (self->n == MCP_MEDIA_PAUSES) {
        last->to = G_MAXINT64;
        return;
    }
    if (last != NULL)
        last->to = MIN(last->to, place);
    self->list[self->n++] = (McpMediaPause){place, G_MAXINT64, with};
}

gint64
mcp_media_pauses_end(McpMediaPauses *self, gint64 place)
{
    McpMediaPause *last = &self->list[self->n > 0 ? self->n - 1 : 0];

    if (!mcp_media_pauses_is_open(self))
        return -1;
    last->to = place + (gint64)self->rate * AFTER_MS / 1000;
    return last->to;
}

gboolean
mcp_media_pauses_holds(const McpMediaPauses *self, gint64 place)
{
    for (guint i = 0; i < self->n; i++)
        if (place >= self->list[i].from && place < self->list[i].to)
            return TRUE;
    return FALSE;
}

guint
mcp_media_pauses_run(const McpMediaPauses *self, gint64 place, guint n,
                     const McpMediaPause **out_pause)
{
    guint at = 0;

    *out_pause = NULL;
    while (at < self->n && self->list[at].to <= place)
        at++;
    if (at == self->n)
        return n;
    if (self->list[at].from > place)
        return (guint)MIN((gint64)n, self->list[at].from - place);
    *out_pause = &self->list[at];
    return (guint)MIN((gint64)n, self->list[at].to - place);
}

gint64
mcp_media_pauses_cut(const McpMediaPauses *self, gint64 from, gint64 to)
{
    gint64 sum = 0;

    for (guint i = 0; i < self->n; i++)
        if (self->list[i].with == MCP_RECORD_PAUSE_CUT)
            sum += MAX(MIN(self->list[i].to, to) - MAX(self->list[i].from, from), 0);
    return sum;
}

static gint16
tone_at(const McpMediaPauses *self, gint64 i)
{
    gint64 within = i % ((gint64)self->rate * TONE_EACH_MS / 1000);
    gint64 length = (gint64)self->rate * TONE_MS / 1000;
    double edge = 0;

    if (within >= length)
        return 0;
    edge = MIN((double)MIN(within, length - within) / (self->rate * TONE_EDGE_MS / 1000.0), 1.0);
    return (gint16)(TONE_PEAK * edge * sin(2 * G_PI * TONE_HZ * (double)within / self->rate));
}

void
mcp_media_pauses_fill(const McpMediaPauses *self, const McpMediaPause *pause, gint64 place,
                      gint16 *out, guint n)
{
    for (guint i = 0; i < n; i++)
        out[i] = pause->with == MCP_RECORD_PAUSE_TONE ? tone_at(self, place + i - pause->from) : 0;
}

void
mcp_media_pauses_forget(McpMediaPauses *self, gint64 place)
{
    guint over = 0;

    while (over < self->n && self->list[over].to <= place)
        over++;
    self->n -= over;
    memmove(self->list, self->list + over, self->n * sizeof self->list[0]);
}
