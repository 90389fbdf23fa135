/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packet loss concealment by pitch-based extension of the last signal: which period is repeated,
 * how passes of it are joined, how it fades, and the way back to the real signal. Media worker.
 */
#include "concealment.h"

#include "correlation.h"
#include <math.h>
#include <string.h>

#define RATE_MIN 8000u
#define RATE_MAX 48000u
/* The pitch is searched at 8 kHz or little more, and refined at the real rate. */
#define SEARCH_RATE 8000
#define HISTORY_MS 60
#define LAG_MIN 20  /* 400 Hz */
#define LAG_MAX 128 /* 62.5 Hz */
#define WINDOW 160  /* 20 ms that have to look alike one period apart */
#define SEARCH_SAMPLES (LAG_MAX + WINDOW)
/* Below it there is no period: a long piece is repeated, which does not sound like a buzz. */
#define VOICED 0.4f
/* One period for 15 ms, then two, then three: the same one over and over buzzes (Appendix I). */
#define GROW_MS 15
#define PERIODS_MAX 3
#define HOLD_MS 10
#define SILENT_MS 100
#define STEP_MS 2
#define FADE_MIN_MS 1
#define FADE_MAX_MS 10

static guint
in_samples(const McpMediaConcealment *self, guint ms)
{
    return self->rate * ms / 1000;
}

void
mcp_media_concealment_init(McpMediaConcealment *self, guint rate)
{
    memset(self, 0, sizeof *self);
    self->rate = CLAMP(rate, RATE_MIN, RATE_MAX);
}

/* Only as much is kept as the longest piece has at this rate: it is moved with every frame. */
static void
remember(McpMediaConcealment *self, const gint16 *samples, gsize n)
{
    gsize size = in_samples(self, HISTORY_MS);
    gint16 *history = self->history + MCP_MEDIA_CONCEALMENT_HISTORY - size;

    if (n == 0)
        return;
    if (n > size) {
        samples += n - size;
        n = size;
    }
    memmove(history, history + n, (size - n) * sizeof *samples);
    memcpy(history + size - n, samples, n * sizeof *samples);
}

/*
 * The period of @low at 8 kHz, LAG_MAX for a signal without one. The likeness of the last WINDOW
 * samples to those one period before is 0 in silence, 1 at most.
 */
static gint
search(const gfloat *low, gfloat *out_likeness)
{
    gdouble energies[SEARCH_SAMPLES + 1];
    gdouble now = 0;
    gint found = LAG_MAX;
    gfloat best = 0;

    mcp_media_energies(low, SEARCH_SAMPLES, energies);
    now = energies[SEARCH_SAMPLES] - energies[LAG_MAX];
    for (gint lag = LAG_MIN; lag <= LAG_MAX; lag++) {
        gdouble before = energies[SEARCH_SAMPLES - lag] - energies[LAG_MAX - lag];
        gfloat product = mcp_media_dot(low + LAG_MAX, low + LAG_MAX - lag, WINDOW);
        gfloat value = product / sqrtf((gfloat)(now * before) + 1.0f);

        /* Twice the period looks as alike: the shorter one wins unless clearly worse. */
        if (value > best + (found != LAG_MAX && lag > found * 3 / 2 ? 0.05f : 0)) {
            best = value;
            found = lag;
        }
    }
    *out_likeness = best;
    return best < VOICED ? LAG_MAX : found;
}

/* The lag around @lag at the real rate that fits best. */
static guint
refine(const McpMediaConcealment *self, guint lag, guint reach)
{
    const gint16 *end = self->source + MCP_MEDIA_CONCEALMENT_HISTORY;
    gint window = (gint)in_samples(self, 6);
    guint found = lag;
    gdouble best = -1;

    for (guint other = lag - reach; other <= lag + reach; other++) {
        gdouble product = 0;
        gdouble energy = 1;

        for (gint i = -window; i < 0; i++) {
            product += (gdouble)end[i] * end[i - (gint)other];
            energy += (gdouble)end[i - (gint)other] * end[i - (gint)other];
        }
        if (product / sqrt(energy) > best) {
            best = product / sqrt(energy);
            found = other;
        }
    }
    return found;
}

static void
start_gap(McpMediaConcealment *self)
{
    guint step = self->rate / SEARCH_RATE;
    gfloat low[SEARCH_SAMPLES];
    const gint16 *end = self->source + MCP_MEDIA_CONCEALMENT_HISTORY;
    gfloat alike = 0;
    gint lag = 0;

    memcpy(self->source, self->history, sizeof self->source);
    for (guint i = 0; i < SEARCH_SAMPLES; i++) {
        const gint16 *from = end - (SEARCH_SAMPLES - i) * step;
        gfloat sum = 0;

        for (guint k = 0; k < step; k++)
            sum += from[k];
        low[i] = sum / (gfloat)step;
    }
    lag = search(low, &alike);
    self->period = (guint)lag * step;
    if (alike >= VOICED)
        self->period = refine(self, self->period, step);
    self->overlap = self->period / 4;
    self->length = self->period;
    self->next_length = self->period;
    self->at = 0;
    self->lost = 0;
    self->step = (gfloat)end[-1] - (gfloat)end[-1 - (gint)self->period];
}

static guint
choose_length(const McpMediaConcealment *self)
{
    guint periods = MIN(1 + self->lost / in_samples(self, GROW_MS), PERIODS_MAX);

    while (periods > 1 && periods * self->period + self->overlap > in_samples(self, HISTORY_MS))
        periods--;
    return periods * self->period;
}

static gfloat
gain(const McpMediaConcealment *self)
{
    guint hold = in_samples(self, HOLD_MS);
    guint silent = in_samples(self, SILENT_MS);

    if (self->lost <= hold)
        return 1;
    return self->lost >= silent ? 0 : (gfloat)(silent - self->lost) / (gfloat)(silent - hold);
}

/* The made-up signal's next sample. */
static gfloat
extend(McpMediaConcealment *self)
{
    const gint16 *end = self->source + MCP_MEDIA_CONCEALMENT_HISTORY;
    guint seam = self->length - self->overlap;
    guint step = in_samples(self, STEP_MS);
    gfloat value = end[(gint)self->at - (gint)self->length];

    if (self->at == seam)
        self->next_length = choose_length(self);
    /* The end of a pass glides into what went before the beginning of the next one. */
    if (self->at >= seam) {
        gfloat weight = (gfloat)(self->at - seam + 1) / (gfloat)(self->overlap + 1);
        gint before = (gint)self->at - (gint)self->length - (gint)self->next_length;

        value += weight * (end[before] - value);
    }
    if (self->lost < step)
        value += self->step * (gfloat)(step - self->lost) / (gfloat)step;
    value *= gain(self);
    self->lost += self->lost < in_samples(self, SILENT_MS) ? 1 : 0;
    if (++self->at == self->length) {
        self->at = 0;
        self->length = self->next_length;
    }
    return value;
}

static gint16
clip(gfloat value)
{
    return (gint16)lrintf(CLAMP(value, -32768.0f, 32767.0f));
}

void
mcp_media_concealment_put(McpMediaConcealment *self, gint16 *samples, gsize n)
{
    if (self->lost > 0 && self->fade_left == 0) {
        /*
         * An eighth of a period, more after a long gap, where the two signals agree less. Appendix
         * I fades for longer: that smears more of what arrived than it smooths.
         */
        guint fade = MAX(in_samples(self, FADE_MIN_MS), self->overlap / 2) + self->lost / 64;

        self->fade = MIN(fade, in_samples(self, FADE_MAX_MS));
        self->fade_left = self->fade;
    }
    for (gsize i = 0; i < n && self->fade_left > 0; i++) {
        gfloat weight = (gfloat)self->fade_left / (gfloat)(self->fade + 1);

        samples[i] = clip(samples[i] + weight * (extend(self) - samples[i]));
        if (--self->fade_left == 0)
            self->lost = 0;
    }
    remember(self, samples, n);
}

void
mcp_media_concealment_conceal(McpMediaConcealment *self, gint16 *out, gsize n)
{
    /* A gap right after a gap goes on where the cross-fade was left. */
    if (n > 0 && self->lost == 0)
        start_gap(self);
    self->fade_left = 0;
    for (gsize i = 0; i < n; i++)
        out[i] = clip(extend(self));
    remember(self, out, n);
}
