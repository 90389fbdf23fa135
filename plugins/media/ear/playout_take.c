/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking out of a playout buffer: talk spurts begin when the delay is reached, gaps and what is
 * late are made up, the rest is handed out as it was put. Media worker.
 */
#include "playout_private.h"

#include <string.h>

/* Nothing for so long: the next samples begin a talk spurt, at a delay of their own choice. */
#define IDLE_MS 60
/* All takes are later than the earliest one by so much: nothing was taken for a while. */
#define STOPPED (60 * 1000)
#define STOPPED_SINCE (150 * 1000)
/* A take is so much earlier than it should be: another clock. */
#define BACKWARDS (1 * G_USEC_PER_SEC)
#define TIME_MAX (G_GINT64_CONSTANT(1) << 52)
#define MUTE_FADE_MS 2
/* After this concealment is silent. */
#define CONCEALED_MS 100
#define QUIET 100
#define STEP 300
/* The longest delay may be exceeded by as much as the steps are that it changes by. */
#define OVER (20 * 1000)

gint64
mcp_media_playout_idle(const McpMediaPlayout *self)
{
    return (gint64)(self->rate / 1000) * IDLE_MS;
}

gint64
mcp_media_playout_delay_at(const McpMediaPlayout *self, gint64 place)
{
    return self->clock.least + mcp_media_playout_us(self, self->taken - place) - self->delay.base;
}

gboolean
mcp_media_playout_is_complete(const McpMediaPlayout *self, gint64 from, gint64 to)
{
    if (to > self->end || from < self->end - self->capacity)
        return FALSE;
    while (from < to) {
        guint at = mcp_media_playout_index(self, from);
        guint n = (guint)MIN(to - from, (gint64)(self->capacity - at));

        if (memchr(self->kinds + at, MCP_MEDIA_PLAYOUT_MISSING, n) != NULL)
            return FALSE;
        from += n;
    }
    return TRUE;
}

/* The first place from @from on where there is a sample, or -1. */
static gint64
find_sample(const McpMediaPlayout *self, gint64 from)
{
    for (gint64 place = from; place < self->end; place++)
        if (self->kinds[mcp_media_playout_index(self, place)] != MCP_MEDIA_PLAYOUT_MISSING)
            return place;
    return -1;
}

/* Samples in a row from @from on, @most at most; @kind: of this kind only, 0: of any. */
static guint
count_samples(const McpMediaPlayout *self, gint64 from, guint most, guint8 kind)
{
    guint n = 0;

    if (kind == 0 && mcp_media_playout_is_complete(self, from, from + most))
        return most;
    while (n < most && from + n < self->end) {
        guint8 found = self->kinds[mcp_media_playout_index(self, from + n)];

        if (found == MCP_MEDIA_PLAYOUT_MISSING || (kind != 0 && found != kind))
            break;
        n++;
    }
    return n;
}

/* --- what is heard --- */

static void
mute(const McpMediaPlayout *self, gint64 place, gint16 *samples, guint n)
{
    gint64 fade = (gint64)(self->rate / 1000) * MUTE_FADE_MS;

    if (self->mute_from >= place + n || self->mute_to <= place - fade)
        return;
    for (guint i = 0; i < n; i++) {
        gint64 at = place + i;

        if (at >= self->mute_to && at < self->mute_to + fade)
            samples[i] = (gint16)(samples[i] * (at - self->mute_to) / fade);
        else if (at >= self->mute_from && at < MIN(self->mute_from + fade, self->mute_to))
            samples[i] = (gint16)(samples[i] * (self->mute_from + fade - at) / fade);
        else if (at >= self->mute_from && at < self->mute_to)
            samples[i] = 0;
    }
}

void
mcp_media_playout_fetch(const McpMediaPlayout *self, gint64 place, gint16 *out, guint n)
{
    guint done = 0;

    while (done < n) {
        guint at = mcp_media_playout_index(self, place + done);
        guint run = MIN(n - done, self->capacity - at);

        memcpy(out + done, self->ring + at, run * sizeof *out);
        done += run;
    }
    mute(self, place, out, n);
}

/* --- what is made up --- */

static void
remember(McpMediaPlayout *self, const gint16 *samples, guint n)
{
    guint run = MIN(n, self->recent_size - self->recent_at);

    memcpy(self->recent + self->recent_at, samples, run * sizeof *samples);
    memcpy(self->recent, samples + run, (n - run) * sizeof *samples);
    self->recent_at = (self->recent_at + n) % self->recent_size;
}

static void
begin_concealment(McpMediaPlayout *self)
{
    gint16 samples[48 * MCP_MEDIA_PLAYOUT_RECENT_MS];
    guint older = self->recent_size - self->recent_at;
    gint64 energy = 0;

    memcpy(samples, self->recent + self->recent_at, older * sizeof *samples);
    memcpy(samples + older, self->recent, self->recent_at * sizeof *samples);
    for (guint i = 0; i < self->recent_size; i++)
        energy += (gint64)samples[i] * samples[i];
    self->recent_quiet = energy < (gint64)QUIET * QUIET * self->recent_size;
    mcp_media_concealment_init(&self->concealment, self->rate);
    mcp_media_concealment_put(&self->concealment, samples, self->recent_size);
}

static gboolean
is_faded(const McpMediaPlayout *self)
{
    return self->concealment.lost >= self->rate * CONCEALED_MS / 1000;
}

static McpMediaPlayed
make_up(McpMediaPlayout *self, gint16 *out, guint n)
{
    if (is_faded(self)) {
        memset(out, 0, n * sizeof *out);
        remember(self, out, n);
        return MCP_MEDIA_PLAYED_SILENCE;
    }
    if (self->concealment.lost == 0)
        begin_concealment(self);
    mcp_media_concealment_conceal(&self->concealment, out, n);
    self->figures.concealed += n;
    remember(self, out, n);
    return self->recent_quiet ? MCP_MEDIA_PLAYED_SILENCE : MCP_MEDIA_PLAYED_UNDERRUN;
}

static void
give(McpMediaPlayout *self, gint16 *out, guint n)
{
    mcp_media_playout_fetch(self, self->read, out, n);
    self->read += n;
    if (self->concealment.lost > 0)
        mcp_media_concealment_put(&self->concealment, out, n);
    remember(self, out, n);
}

/* --- talk spurts --- */

/* The longest delay is kept to by leaving samples out; what follows is joined without a click. */
static void
limit_delay(McpMediaPlayout *self, guint n)
{
    gint64 over = mcp_media_playout_delay_at(self, self->read) - self->max_delay;
    gint64 samples = over * (self->rate / 1000) / 1000;
    gint64 left = self->end - self->read - n;
    gint16 nothing = 0;

    if (over <= 0 || left <= 0)
        return;
    samples = MIN(samples, left);
    self->read += samples;
    self->figures.dropped += (guint64)samples;
    if (self->concealment.lost > 0 || samples == 0)
        return;
    begin_concealment(self);
    mcp_media_concealment_conceal(&self->concealment, &nothing, 1);
}

static guint
common_measure(guint a, guint b)
{
    while (b != 0) {
        guint rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/*
 * Samples of silence in the take that a talk spurt begins in, or -1: too early. Packets that do not
 * fill takes evenly begin at all multiples of their common measure within takes, and the last one
 * of these is needed earlier by so much.
 */
static gint64
find_lead(const McpMediaPlayout *self, gint64 next, guint n)
{
    gint64 early =
        mcp_media_playout_delay_target(&self->delay) - mcp_media_playout_delay_at(self, next);
    guint measure = common_measure(n, self->packet);
    gint64 missing = early * (self->rate / 1000) / 1000 + n - measure;
    gint64 lead = missing <= 0 ? 0 : (missing + measure - 1) / measure * measure;

    return lead <= n - measure ? lead : -1;
}

/* Silence goes before a talk spurt: its beginning is the sender's own, unless it is a step. */
static void
keep_beginning(McpMediaPlayout *self)
{
    if ((is_faded(self) || self->recent_quiet) &&
        ABS(self->ring[mcp_media_playout_index(self, self->read)]) < STEP)
        self->concealment.lost = 0;
}

static gboolean
try_start(McpMediaPlayout *self, guint n)
{
    gint64 next = find_sample(self, self->read);
    gint64 lead = 0;

    if (next < 0)
        return FALSE;
    lead = find_lead(self, next, n);
    self->waited += n;
    if (lead < 0 && mcp_media_playout_us(self, self->waited) <= self->max_delay)
        return FALSE;
    self->lead = (guint)MAX(lead, 0);
    if (self->joined && next == self->read) {
        self->figures.underruns++;
        self->figures.inserted += (guint64)self->made_up;
        self->last_underrun = self->taken;
    }
    self->read = next;
    self->running = TRUE;
    self->joined = TRUE;
    keep_beginning(self);
    self->made_up = 0;
    limit_delay(self, n);
    return TRUE;
}

/* Something was made up in place of samples that came after all: lost ones, or late ones? */
static void
settle(McpMediaPlayout *self, guint n)
{
    guint most = (guint)MIN(self->made_up, (gint64)self->capacity);
    guint lost = count_samples(self, self->read, most, MCP_MEDIA_PLAYOUT_CONCEALED);

    self->read += lost;
    self->made_up -= lost;
    if (lost > 0)
        return;
    self->figures.underruns++;
    self->figures.inserted += (guint64)self->made_up;
    self->last_underrun = self->taken;
    self->made_up = 0;
    limit_delay(self, n);
}

/* Nothing is there: it may be late, or the talk spurt is over. */
static McpMediaPlayed
starve(McpMediaPlayout *self, gint16 *out, guint n)
{
    self->made_up += n;
    if (self->made_up >= mcp_media_playout_idle(self)) {
        self->running = FALSE;
        self->waited = 0;
    }
    return make_up(self, out, n);
}

/* A gap of the time line, up to @next. Returns: samples given. */
static guint
pass_gap(McpMediaPlayout *self, gint64 next, gint16 *out, guint n, McpMediaPlayed *played)
{
    gint64 filled = MIN(next - self->read, self->made_up);
    gint64 gap = 0;

    self->read += filled;
    self->made_up -= filled;
    gap = next - self->read;
    if (gap > mcp_media_playout_idle(self)) {
        self->running = FALSE;
        self->joined = FALSE;
        self->waited = 0;
        self->read = next;
        *played = make_up(self, out, n);
        return n;
    }
    n = (guint)MIN(gap, (gint64)n);
    if (n > 0)
        *played = make_up(self, out, n);
    self->read += n;
    return n;
}

static McpMediaPlayed
fill(McpMediaPlayout *self, gint16 *out, guint n)
{
    McpMediaPlayed played = MCP_MEDIA_PLAYED_SILENCE;
    guint done = MIN(self->lead, n);

    if (done > 0) {
        played = make_up(self, out, done);
        keep_beginning(self);
    }
    self->lead = 0;
    while (done < n) {
        McpMediaPlayed part = MCP_MEDIA_PLAYED_SILENCE;
        guint left = n - done;
        gint64 next = self->running ? find_sample(self, self->read) : -1;

        if (!self->running) {
            part = make_up(self, out + done, left);
            done = n;
        } else if (next < 0) {
            part = starve(self, out + done, left);
            done = n;
        } else if (next > self->read) {
            done += pass_gap(self, next, out + done, left, &part);
        } else if (self->made_up > 0) {
            settle(self, left);
        } else {
            guint run = count_samples(self, self->read, left, 0);

            give(self, out + done, run);
            done += run;
            part = MCP_MEDIA_PLAYED_SAMPLES;
        }
        played = MAX(played, part);
    }
    return played;
}

/* --- taking --- */

static void
note_take(McpMediaPlayout *self, gint64 now_us)
{
    gint64 now = CLAMP((gint64)((guint64)now_us - (guint64)self->epoch), -TIME_MAX, TIME_MAX);
    gint64 value = now - mcp_media_playout_us(self, self->taken);
    gint64 before = self->clock.set ? self->clock.least : value;
    gint64 least = mcp_media_floor_note(&self->clock, value, now);

    if (value - least <= STOPPED) {
        self->late = FALSE;
    } else if (!self->late) {
        self->late = TRUE;
        self->late_since = now;
        self->late_least = value;
    }
    self->late_least = MIN(self->late_least, value);
    /* Takes that are made up for in one go are late, too, but that takes no time. */
    if (value < before - BACKWARDS || (self->late && now - self->late_since >= STOPPED_SINCE)) {
        mcp_media_floor_reset(&self->clock, self->late ? self->late_least : value, now);
        self->late = FALSE;
    }
}

static McpMediaPlayed
take_chunk(McpMediaPlayout *self, gint16 *out, guint n)
{
    McpMediaPlayed played = MCP_MEDIA_PLAYED_SAMPLES;

    if (self->running && mcp_media_playout_delay_at(self, self->read) > self->max_delay + OVER)
        limit_delay(self, n);
    if (!self->running && !try_start(self, n)) {
        self->made_up = MIN(self->made_up + n, (gint64)self->capacity);
        played = make_up(self, out, n);
    } else if (self->lead == 0 && mcp_media_playout_adapt(self, out, n)) {
        remember(self, out, n);
    } else {
        played = fill(self, out, n);
    }
    self->taken += n;
    return played;
}

McpMediaPlayed
mcp_media_playout_take(McpMediaPlayout *playout, gint16 *out, guint n, gint64 now_us)
{
    McpMediaPlayed played = MCP_MEDIA_PLAYED_SILENCE;
    guint most = playout->rate / 1000 * MCP_MEDIA_PLAYOUT_CHUNK_MS;

    if (!playout->started) {
        memset(out, 0, n * sizeof *out);
        return played;
    }
    if (n > 0) {
        note_take(playout, now_us);
        playout->window = MIN(n, playout->capacity);
    }
    for (guint done = 0; done < n;) {
        guint chunk = MIN(n - done, most);

        McpMediaPlayed part = take_chunk(playout, out + done, chunk);

        played = MAX(played, part);
        done += chunk;
    }
    return played;
}

gint64
mcp_media_playout_get_patience(const McpMediaPlayout *playout, guint n)
{
    if (playout->running && playout->end < playout->read + n)
        return 0;
    if (!playout->running && playout->started && playout->end <= playout->read)
        return mcp_media_playout_delay_target(&playout->delay);
    return playout->max_delay;
}

/* --- the rest --- */

static gint64
place_to_mute(const McpMediaPlayout *self, gint64 position)
{
    const gint64 far = G_GINT64_CONSTANT(1) << 40;
    gint64 place = (gint64)((guint64)position + (guint64)self->shift);

    return CLAMP(place, self->read - far, self->read + far);
}

void
mcp_media_playout_mute_from(McpMediaPlayout *playout, gint64 position)
{
    gint64 place = place_to_mute(playout, position);

    /* What was silent already and was not taken stays so. */
    if (playout->mute_to > playout->read)
        place = MIN(place, playout->mute_from);
    playout->mute_from = place;
    playout->mute_to = G_MAXINT64 / 2;
}

void
mcp_media_playout_unmute(McpMediaPlayout *playout, gint64 position)
{
    if (playout->mute_to == G_MAXINT64 / 2)
        playout->mute_to = MAX(place_to_mute(playout, position), playout->mute_from);
}

void
mcp_media_playout_get_figures(const McpMediaPlayout *playout, McpMediaPlayoutFigures *out_figures)
{
    /* What was made up may have been in place of lost packets. */
    gint64 delay = mcp_media_playout_delay_at(playout, playout->read + playout->made_up);

    *out_figures = playout->figures;
    out_figures->depth = (guint)MAX(playout->end - playout->read, 0);
    out_figures->target_us = (guint)mcp_media_playout_delay_target(&playout->delay);
    out_figures->delay_us =
        playout->running ? (guint)CLAMP(delay, 0, 2 * G_USEC_PER_SEC) : out_figures->target_us;
}

guint
mcp_media_playout_drain(McpMediaPlayout *playout, gint16 *out, guint n)
{
    gint64 next = playout->started ? find_sample(playout, playout->read) : -1;
    guint run = 0;

    if (next < 0)
        return 0;
    run = count_samples(playout, next, n, 0);
    mcp_media_playout_fetch(playout, next, out, run);
    playout->read = next + run;
    return run;
}
