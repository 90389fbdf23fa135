/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digits as pairs of tones in the audio (ITU-T Q.23, limits of Q.24): a discrete Fourier transform
 * at the eight frequencies, every 5 ms over a Hann window of 20 ms. Owns the window, the track of
 * the pair that may become a digit and of the one that is. Media worker.
 *
 * What tells a digit from speech: row and column together hold nearly all energy of the window
 * (harmonics, other formants and noise do not fit in), they are in balance, and their phases turn
 * from look to look as the nominal frequencies do, for 30 ms without a jump.
 */
#include "dtmf_tones.h"

#include <math.h>
#include <string.h>

#define WINDOW MCP_MEDIA_DTMF_WINDOW
#define STEP MCP_MEDIA_DTMF_STEP
#define KEPT (STEP + WINDOW)
#define RATE MCP_MEDIA_NARROWBAND_RATE
#define FREQUENCIES MCP_MEDIA_DTMF_FREQUENCIES
#define QUAD 4
#define QUADS 5 /* cos and -sin of ten frequencies */
#define CHUNK 160
#define DIAL 8 /* first frequency of the dial tone */

/* 0 dBm0 is a sine 3.14 dB below full scale (ITU-T G.711): the square of its effective value. */
#define POWER_0_DBM0 2.605e8f
#define LEAST_TONE (POWER_0_DBM0 * 1e-4f) /* -40 dBm0 each */
#define LEAST_SUM (POWER_0_DBM0 * 2e-4f)
#define MOST_HIGH 4.0f  /* column over row: +6 dB; Q.24 asks for +4 */
#define LEAST_HIGH 0.1f /* -10 dB; Q.24 asks for -8 */
#define LEAST_SHARE 0.8f
#define LEAST_SHARE_LASTING 0.4f
#define MOST_DRIFT_LOOK 0.04f /* of the frequency, at one look */
#define MOST_DRIFT 0.025f     /* over all: between the 1.5 % to take and the 3.5 % to refuse */
#define HITS 5
#define MISSES_CANDIDATE 2
/* A drop-out of 10 ms hides the pair for two looks, a pause of 40 ms for eight. */
#define MISSES_PRESENT 5
/* What a scallop hides of a row and a column at MOST_DRIFT_LOOK, at most. */
#define MOST_HIDDEN_ROW 2.2f
#define MOST_HIDDEN_COLUMN 4.1f
#define DIAL_LOOKS 20
#define DIAL_ROOM 1.2f /* the two of it beat against each other from look to look */
#define HALF_HEIGHT 0.5f

/* Four floats that the processor works on at once; the compiler does not find them by itself. */
typedef float Quad __attribute__((vector_size(QUAD * sizeof(float))));

typedef struct {
    Quad sine[WINDOW][QUADS]; /* windowed */
    float hann[WINDOW];
    float sum, sum_squares;
    float turn[FREQUENCIES][2]; /* what a nominal frequency turns in a step, conjugated */
} Table;

/* One look. */
typedef struct {
    float x[FREQUENCIES][2];
    float power[FREQUENCIES];
    float total;
    float drift[2]; /* Hz: row, column */
    guint row, column;
    gboolean is_pair;
} Look;

static const float frequencies[FREQUENCIES] = {697,  770,  852,  941, 1209,
                                               1336, 1477, 1633, 350, 440};
static const char digits[4][4] = {
    {'1', '2', '3', 'A'}, {'4', '5', '6', 'B'}, {'7', '8', '9', 'C'}, {'*', '0', '#', 'D'}};

/* Written once under the g_once lock of table_get(), read only after that. */
static Table shared_table;

static void
table_fill(Table *table)
{
    for (guint n = 0; n < WINDOW; n++) {
        double hann = 0.5 - 0.5 * cos(2 * G_PI * (n + 0.5) / WINDOW);

        table->hann[n] = (float)hann;
        table->sum += (float)hann;
        table->sum_squares += (float)(hann * hann);
        for (guint f = 0; f < FREQUENCIES; f++) {
            double angle = 2 * G_PI * (double)frequencies[f] * n / RATE;

            table->sine[n][f / 2][f % 2 * 2] = (float)(hann * cos(angle));
            table->sine[n][f / 2][f % 2 * 2 + 1] = (float)(-hann * sin(angle));
        }
    }
    for (guint f = 0; f < FREQUENCIES; f++) {
        double angle = 2 * G_PI * (double)frequencies[f] * STEP / RATE;

        table->turn[f][0] = (float)cos(angle);
        table->turn[f][1] = (float)-sin(angle);
    }
}

static void
table_prepare(void)
{
    static gsize once;

    if (g_once_init_enter(&once)) {
        table_fill(&shared_table);
        g_once_init_leave(&once, 1);
    }
}

gboolean
mcp_media_dtmf_tones_init(McpMediaDtmfTones *tones, guint rate)
{
    table_prepare();
    memset(tones, 0, sizeof *tones);
    return mcp_media_narrowband_init(&tones->narrowband, rate);
}

static float
square(const float x[2])
{
    return x[0] * x[0] + x[1] * x[1];
}

/* The phase step of a frequency since the last look, less what the nominal one turns. */
static void
phase_step(const McpMediaDtmfTones *self, const Look *look, guint f, float out[2])
{
    const float *now = look->x[f];
    const float *before = self->last[f];
    const float *turn = shared_table.turn[f];
    float re = now[0] * before[0] + now[1] * before[1];
    float im = now[1] * before[0] - now[0] * before[1];

    out[0] = re * turn[0] - im * turn[1];
    out[1] = re * turn[1] + im * turn[0];
}

static float
drift_of(const float step[2])
{
    float hertz = (float)RATE / STEP / (2 * (float)G_PI);

    return atan2f(step[1], step[0]) * hertz;
}

/* What the window lets through at a distance of @drift Hz from the frequency looked at. */
static float
scallop(float drift)
{
    float bins = fminf(fabsf(drift) * WINDOW / RATE, 1);
    float square_bins = bins * bins;

    /* Of sinc(b) / (1 - b²), to 1 % up to b = 1. */
    return 1 - 0.645f * square_bins + 0.145f * square_bins * square_bins;
}

static void
transform(const gint16 *window, Look *look)
{
    Quad sums[QUADS] = {0};
    Quad energy = {0};

    for (guint n = 0; n < WINDOW; n++) {
        const Quad *sine = shared_table.sine[n];
        float sample = window[n];

#pragma GCC unroll 5
        for (guint i = 0; i < QUADS; i++)
            sums[i] += sample * sine[i];
    }
    for (guint n = 0; n < WINDOW; n += QUAD) {
        const gint16 *at = window + n;
        const float *hann = shared_table.hann + n;
        Quad weighted = {at[0] * hann[0], at[1] * hann[1], at[2] * hann[2], at[3] * hann[3]};

        energy += weighted * weighted;
    }
    memcpy(look->x, sums, sizeof look->x);
    look->total = (energy[0] + energy[1] + energy[2] + energy[3]) / shared_table.sum_squares;
    for (guint f = 0; f < FREQUENCIES; f++)
        look->power[f] = 2 * square(look->x[f]) / (shared_table.sum * shared_table.sum);
}

static guint
strongest(const Look *look, guint first)
{
    guint best = first;

    for (guint f = first + 1; f < first + 4; f++)
        if (look->power[f] > look->power[best])
            best = f;
    return best;
}

/* The power of a dial tone that was there before the digit and goes on below it. */
static float
dial_power(const McpMediaDtmfTones *self, const Look *look)
{
    float sum = 0;

    if (self->dial_looks < DIAL_LOOKS)
        return 0;
    for (guint i = 0; i < 2; i++)
        sum += fminf(look->power[DIAL + i], self->dial_power[i]);
    return sum;
}

/* The height that a tone has with its distance from the nominal frequency taken into account. */
static float
true_power(McpMediaDtmfTones *self, Look *look, guint f, float *out_drift)
{
    float step[2];
    float pass;

    phase_step(self, look, f, step);
    *out_drift = drift_of(step);
    pass = scallop(*out_drift);
    return look->power[f] / (pass * pass);
}

/* A pair at its right height still would have its share of the window. */
static gboolean
could_be_pair(const McpMediaDtmfTones *self, const Look *look)
{
    return MOST_HIDDEN_ROW * look->power[look->row] +
               MOST_HIDDEN_COLUMN * look->power[look->column] >=
           LEAST_SHARE * (look->total - dial_power(self, look));
}

static void
judge(McpMediaDtmfTones *self, Look *look)
{
    float low;
    float high;

    if (!could_be_pair(self, look))
        return;
    low = true_power(self, look, look->row, &look->drift[0]);
    high = true_power(self, look, look->column, &look->drift[1]);
    look->is_pair = low >= LEAST_TONE && high >= LEAST_TONE && low + high >= LEAST_SUM &&
                    high <= low * MOST_HIGH && high >= low * LEAST_HIGH &&
                    fabsf(look->drift[0]) <= MOST_DRIFT_LOOK * frequencies[look->row] &&
                    fabsf(look->drift[1]) <= MOST_DRIFT_LOOK * frequencies[look->column] &&
                    low + high >= LEAST_SHARE * (look->total - dial_power(self, look));
}

static gboolean
is_dial_tone(const Look *look)
{
    float low = look->power[DIAL];
    float high = look->power[DIAL + 1];

    return low + high > 0.8f * look->total && low < 4 * high && high < 4 * low &&
           look->total > LEAST_TONE;
}

/*
 * A steady 350 + 440 Hz and nothing else: its power is no argument against a digit later on. Only
 * one that lasted counts, or the voices of men would gain the same allowance.
 */
static void
watch_dial_tone(McpMediaDtmfTones *self, const Look *look)
{
    float low = look->power[DIAL];
    float high = look->power[DIAL + 1];

    if (is_dial_tone(look)) {
        self->dial_looks++;
        self->dial_power[0] = low * DIAL_ROOM;
        self->dial_power[1] = high * DIAL_ROOM;
    } else if (self->dial_looks < DIAL_LOOKS || low < 0.2f * self->dial_power[0]) {
        self->dial_looks = 0;
    }
}

static gboolean
is_same(const McpMediaDtmfTrack *track, const Look *look)
{
    return track->hits > 0 && track->row == look->row && track->column == look->column;
}

/* How high the weaker tone of a track stands now. */
static float
share_now(const McpMediaDtmfTrack *track, const Look *look)
{
    float row = sqrtf(square(look->x[track->row])) / fmaxf(track->height[0], 1);
    float column = sqrtf(square(look->x[track->column])) / fmaxf(track->height[1], 1);

    return fminf(row, column);
}

/* Where between two looks a height went through one half; the later look is at @center. */
static gint64
crossing(gint64 center, float before, float after)
{
    float part = fabsf(after - before) < 0.01f ? 0 : (HALF_HEIGHT - after) / (after - before);

    return center + (gint64)(CLAMP(part, -1, 0) * STEP);
}

static void
add_hit(McpMediaDtmfTones *self, McpMediaDtmfTrack *track, const Look *look)
{
    const guint at[2] = {track->row, track->column};
    float step[2];

    for (guint i = 0; i < 2; i++) {
        float height = sqrtf(square(look->x[at[i]]));

        phase_step(self, look, at[i], step);
        track->turn[i][0] += step[0];
        track->turn[i][1] += step[1];
        track->height[i] += (height - track->height[i]) / (float)MIN(track->hits + 1, 4);
    }
    track->hits++;
    track->misses = 0;
}

static gboolean
is_on_frequency(const McpMediaDtmfTrack *track)
{
    return fabsf(drift_of(track->turn[0])) <= MOST_DRIFT * frequencies[track->row] &&
           fabsf(drift_of(track->turn[1])) <= MOST_DRIFT * frequencies[track->column];
}

static void
begin_candidate(McpMediaDtmfTones *self, const Look *look, gint64 center)
{
    McpMediaDtmfTrack *track = &self->candidate;
    float before;

    memset(track, 0, sizeof *track);
    track->row = look->row;
    track->column = look->column;
    add_hit(self, track, look);
    /* At the first hit the window is full by three quarters or more. */
    before = sqrtf(square(self->last[track->row])) / fmaxf(track->height[0], 1);
    track->start = crossing(center, MIN(before, HALF_HEIGHT) * 0.85f, 0.85f);
}

static void
end_present(McpMediaDtmfTones *self)
{
    guint64 index = self->n_ended++;
    McpMediaDtmfTone *tone = &self->heard[index % MCP_MEDIA_DTMF_REMEMBERED];
    gint64 end = mcp_media_narrowband_position(&self->narrowband, self->present.end);

    tone->duration = MAX(end - tone->start, 0);
    self->present.hits = 0;
}

static void
begin_present(McpMediaDtmfTones *self, gint64 center)
{
    McpMediaDtmfTrack *track = &self->candidate;
    McpMediaDtmfTone *tone = NULL;

    if (self->present.hits > 0)
        end_present(self);
    tone = &self->heard[self->n_heard++ % MCP_MEDIA_DTMF_REMEMBERED];
    tone->digit = digits[track->row][track->column - 4];
    tone->start = mcp_media_narrowband_position(&self->narrowband, track->start);
    tone->duration = -1;
    self->present = *track;
    self->present.end = center;
    self->present.share = 1;
    track->hits = 0;
}

static void
follow_present(McpMediaDtmfTones *self, const Look *look, gint64 center)
{
    McpMediaDtmfTrack *track = &self->present;
    float share = share_now(track, look);
    float pair = look->power[track->row] + look->power[track->column];

    if (share >= HALF_HEIGHT)
        track->end = center;
    else if (track->share >= HALF_HEIGHT)
        track->end = crossing(center, track->share, share);
    track->share = share;
    if ((look->is_pair && is_same(track, look)) ||
        (share >= HALF_HEIGHT && pair >= LEAST_SHARE_LASTING * look->total))
        track->misses = 0;
    else if (++track->misses >= MISSES_PRESENT)
        end_present(self);
}

static void
follow_candidate(McpMediaDtmfTones *self, const Look *look, gint64 center)
{
    McpMediaDtmfTrack *track = &self->candidate;

    if (!look->is_pair) {
        if (track->hits > 0 && ++track->misses > MISSES_CANDIDATE)
            track->hits = 0;
        return;
    }
    if (is_same(&self->present, look))
        track->hits = 0;
    else if (is_same(track, look))
        add_hit(self, track, look);
    else
        begin_candidate(self, look, center);
    if (track->hits >= HITS && is_on_frequency(track))
        begin_present(self, center);
}

/* Silence needs no transform; all of LEAST_SUM is in the middle of the window at best. */
static gboolean
look_through(const gint16 *window, Look *look)
{
    gint64 energy = 0;

    for (guint n = 0; n < WINDOW; n++)
        energy += window[n] * window[n];
    if ((float)energy < LEAST_SUM * (WINDOW / 4.0f))
        return FALSE;
    transform(window, look);
    look->row = strongest(look, 0);
    look->column = strongest(look, 4);
    return TRUE;
}

/* @is_loud: there is something in the window; @center: of it, in samples of 8 kHz. */
static void
follow(McpMediaDtmfTones *self, Look *look, gboolean is_loud, gint64 center)
{
    if (is_loud) {
        judge(self, look);
        watch_dial_tone(self, look);
    } else {
        self->dial_looks = 0;
    }
    if (self->present.hits > 0)
        follow_present(self, look, center);
    follow_candidate(self, look, center);
    memcpy(self->last, look->x, sizeof self->last);
}

static gboolean
is_idle(const McpMediaDtmfTones *self)
{
    return self->present.hits == 0 && self->candidate.hits == 0 && self->dial_looks == 0;
}

/* @window: KEPT samples. */
static void
look_at_window(McpMediaDtmfTones *self, const gint16 *window)
{
    gint64 center = self->position - WINDOW / 2;
    gboolean was_put_off = self->is_put_off;
    Look look = {0};
    gboolean is_loud = FALSE;

    self->is_put_off = !was_put_off && is_idle(self);
    if (self->is_put_off)
        return;
    is_loud = look_through(window + STEP, &look);
    if (was_put_off && is_loud && (could_be_pair(self, &look) || is_dial_tone(&look))) {
        Look before = {0};
        gboolean was_loud = look_through(window, &before);

        follow(self, &before, was_loud, center - STEP);
    }
    follow(self, &look, is_loud, center);
}

/* @line: what is kept, and then the @n new samples. */
static void
push(McpMediaDtmfTones *self, const gint16 *line, gsize n)
{
    gsize at = 0;

    while (at < n) {
        gsize take = MIN(n - at, (gsize)(STEP - self->fresh));

        at += take;
        self->fresh += (guint)take;
        self->position += (gint64)take;
        if (self->fresh == STEP) {
            self->fresh = 0;
            look_at_window(self, line + at);
        }
    }
    memcpy(self->window, line + n, sizeof self->window);
}

/* The oldest of the digits not yet told; what was overwritten is skipped. */
static guint64
oldest(guint64 told, guint64 heard)
{
    return heard - told > MCP_MEDIA_DTMF_REMEMBERED ? heard - MCP_MEDIA_DTMF_REMEMBERED : told;
}

guint
mcp_media_dtmf_tones_take(McpMediaDtmfTones *tones, const gint16 *samples, gsize n,
                          McpMediaDtmfTone *out_tones, guint max)
{
    gint16 line[KEPT + CHUNK];
    guint found = 0;

    while (n > 0) {
        memcpy(line, tones->window, sizeof tones->window);
        push(tones, line,
             mcp_media_narrowband_take(&tones->narrowband, &samples, &n, line + KEPT, CHUNK));
    }
    tones->n_reported = oldest(tones->n_reported, tones->n_heard);
    while (found < max && tones->n_reported < tones->n_heard)
        out_tones[found++] = tones->heard[tones->n_reported++ % MCP_MEDIA_DTMF_REMEMBERED];
    return found;
}

gboolean
mcp_media_dtmf_tones_ended(McpMediaDtmfTones *tones, McpMediaDtmfTone *out_tone)
{
    tones->n_end_reported = oldest(tones->n_end_reported, tones->n_heard);
    if (tones->n_end_reported >= tones->n_ended)
        return FALSE;
    *out_tone = tones->heard[tones->n_end_reported++ % MCP_MEDIA_DTMF_REMEMBERED];
    return TRUE;
}

gint64
mcp_media_dtmf_tones_position(const McpMediaDtmfTones *tones)
{
    return mcp_media_narrowband_position(&tones->narrowband, tones->position);
}

char
mcp_media_dtmf_tones_present(const McpMediaDtmfTones *tones)
{
    const McpMediaDtmfTrack *track = &tones->present;

    return track->hits > 0 ? digits[track->row][track->column - 4] : 0;
}
