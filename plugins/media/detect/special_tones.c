/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Special information tones, the tones of fax machines and modems, and beeps: each known by
 * frequency and length, whatever the country. Owns what was heard of each so far. Media worker.
 */
#include "special_tones.h"

#include <math.h>
#include <string.h>

#define RATE MCP_MEDIA_NARROWBAND_RATE
#define BLOCK (RATE * MCP_MEDIA_SEGMENT_BLOCK_MS / 1000)
#define WINDOW MCP_MEDIA_SPECTRUM_WINDOW
#define FRAME_MS 20
#define PURE 0.8f
#define PURE_BEEP 0.88f
#define SAME_HZ 15.0f

#define PART_FRAMES 9 /* a part shorter than 200 ms is none */
#define PART_MISSES 4
/* What the window leaves of a tone at its edges, measured: frames and this are its length. */
#define PART_EDGE_MS 20
#define LONG_PART_MS 340 /* 274 ms make 14 frames at most, 380 ms 18 at least */

#define CNG_HZ 1100.0f
#define CNG_SLACK_HZ 38.0f
#define CNG_LEAST_MS 425
#define CNG_MOST_MS 575

#define ANSWER_HZ 2100.0f
#define BELL_HZ 2225.0f
#define ANSWER_SLACK_HZ 30.0f
#define ANSWER_MISSES 4
/* Two reversals of V.25 lie in it, which come every 450 ms. */
#define ANSWER_FRAMES 60
#define REVERSAL 2.2f
#define REVERSAL_HOLD 20
#define MODULATION_HZ 15.0f
#define LEAST_MODULATION 0.1f /* V.8: 0.2 ± 0.01 */

#define BEEP_LOWEST 400.0f
#define BEEP_HIGHEST 2600.0f
#define BEEP_FRAMES 5
#define BEEP_EDGE_MS 40

void
mcp_media_special_tones_init(McpMediaSpecialTones *tones)
{
    memset(tones, 0, sizeof *tones);
}

/* The single tone of a spectrum, or 0. */
static float
single_tone(const McpMediaSpectrum *spectrum, float least_share)
{
    if (spectrum->power <= 0 || spectrum->n_peaks == 0 || spectrum->peaks[0].share < least_share)
        return 0;
    return spectrum->peaks[0].frequency;
}

/* The bands of the three tones, with room for 1.5 % on each side. */
static gint
band_of(float frequency)
{
    static const float bands[3][2] = {{895, 1005}, {1345, 1452}, {1745, 1830}};

    for (gint i = 0; i < 3; i++)
        if (frequency >= bands[i][0] && frequency <= bands[i][1])
            return i;
    return -1;
}

static guint
part_ms(const McpMediaTonePart *part)
{
    return part->frames * FRAME_MS + PART_EDGE_MS;
}

static void
restart_parts(McpMediaSpecialTones *self)
{
    memset(self->parts, 0, sizeof self->parts);
    self->part = 0;
    self->part_misses = 0;
}

/* The name by the first two parts (the third is always long and low): GR-1162, table of SITs. */
static const char *
part_name(const McpMediaTonePart *parts)
{
    static const char *const names[4][4] = {
        /* columns: second low and short, low and long, high and short, high and long */
        {"intercept", "other", "other", "reorder"},  /* first low and short */
        {"other", "no-circuit", "other", "other"},   /* low and long */
        {"other", "reorder", "other", "other"},      /* high and short */
        {"vacant", "other", "other", "no-circuit"}}; /* high and long */
    guint row = (parts[0].frequency > 949.5f ? 2 : 0) + (part_ms(&parts[0]) > LONG_PART_MS);
    guint column = (parts[1].frequency > 1399.5f ? 2 : 0) + (part_ms(&parts[1]) > LONG_PART_MS);

    /* E.180 itself: 950, 1400, 1800 Hz, 330 ms each. */
    if (fabsf(parts[0].frequency - 950) < 12 && fabsf(parts[1].frequency - 1400) < 10)
        return "plain";
    return names[row][column];
}

static void
explain_parts(const McpMediaTonePart *parts, char *evidence)
{
    g_snprintf(evidence, MCP_MEDIA_EVIDENCE_BYTES, "%.0f, %.0f, %.0f Hz, %.2f, %.2f, %.2f s",
               (double)parts[0].frequency, (double)parts[1].frequency, (double)parts[2].frequency,
               part_ms(&parts[0]) / 1000.0, part_ms(&parts[1]) / 1000.0,
               part_ms(&parts[2]) / 1000.0);
}

static void
add_part_frame(McpMediaSpecialTones *self, gint band, float frequency)
{
    McpMediaTonePart *part = NULL;

    if (band == (gint)self->part + 1 && self->parts[self->part].frames >= PART_FRAMES)
        self->part++;
    else if (band != (gint)self->part)
        restart_parts(self);
    if (band != (gint)self->part)
        return;
    part = &self->parts[self->part];
    part->frames++;
    part->frequency += (frequency - part->frequency) / (float)part->frames;
    self->part_misses = 0;
}

/* TRUE: the third tone is over. */
static gboolean
follow_parts(McpMediaSpecialTones *self, const McpMediaSpectrum *spectrum)
{
    float frequency = single_tone(spectrum, PURE);
    gint band = band_of(frequency);

    if (band >= 0) {
        add_part_frame(self, band, frequency);
        return FALSE;
    }
    if (++self->part_misses < PART_MISSES)
        return FALSE;
    if (self->part == 2 && self->parts[2].frames >= PART_FRAMES)
        return TRUE;
    restart_parts(self);
    return FALSE;
}

/* T.30 §4: CNG is 1100 Hz for half a second. */
static gboolean
is_cng(const McpMediaSegments *segments, char *evidence)
{
    const McpMediaSegment *segment = mcp_media_segments_past(segments, 0);
    guint length;

    if (!segments->has_ended || segment == NULL || !mcp_media_segment_is_tone(segment))
        return FALSE;
    length = segment->length * MCP_MEDIA_SEGMENT_BLOCK_MS;
    if (segment->frequency[1] > 0 || fabsf(segment->frequency[0] - CNG_HZ) > CNG_SLACK_HZ ||
        length < CNG_LEAST_MS || length > CNG_MOST_MS)
        return FALSE;
    g_snprintf(evidence, MCP_MEDIA_EVIDENCE_BYTES, "%.0f Hz, %.2f s", (double)segment->frequency[0],
               length / 1000.0);
    return TRUE;
}

static void
restart_answer(McpMediaSpecialTones *self)
{
    self->answer_frames = 0;
    self->answer_misses = 0;
    self->answer_frequency = 0;
    self->answer_blocks = 0;
    self->reversals = 0;
    self->hold = 0;
    self->height = 0;
    memset(self->wave, 0, sizeof self->wave);
}

static float
wrapped(float angle)
{
    return remainderf(angle, 2 * (float)G_PI);
}

/* 2100 Hz in one block: 21 whole periods, so that its phase stands still from block to block. */
static void
demodulate(const gint16 *samples, float *out_height, float *out_phase)
{
    const float turn = 2 * (float)G_PI * ANSWER_HZ / RATE;
    const float cosine = cosf(turn);
    const float sine = sinf(turn);
    float re = 1;
    float im = 0;
    float sum_re = 0;
    float sum_im = 0;

    for (guint i = 0; i < BLOCK; i++) {
        float next = re * cosine - im * sine;

        sum_re += samples[i] * re;
        sum_im -= samples[i] * im;
        im = re * sine + im * cosine;
        re = next;
    }
    *out_height = sqrtf(sum_re * sum_re + sum_im * sum_im);
    *out_phase = atan2f(sum_im, sum_re);
}

/*
 * V.25: the phase is turned round every 450 ms; V.8 §3.2: the height swings by a fifth at 15 Hz.
 * The block in which the phase turns holds some of both: those before and behind it are compared.
 */
static void
follow_modulation(McpMediaSpecialTones *self, const gint16 *samples)
{
    float turn = 2 * (float)G_PI * MODULATION_HZ * MCP_MEDIA_SEGMENT_BLOCK_MS / 1000;
    /* What a tone beside 2100 Hz turns in two blocks. */
    float drift = 2 * 2 * (float)G_PI * (self->answer_frequency - ANSWER_HZ) *
                  MCP_MEDIA_SEGMENT_BLOCK_MS / 1000;
    float height;
    float phase;
    float step;

    demodulate(samples, &height, &phase);
    step = wrapped(phase - self->phase);
    self->hold -= self->hold > 0 ? 1 : 0;
    if (self->answer_blocks > 3 && self->hold == 0 &&
        fabsf(wrapped(step + self->step - drift)) > REVERSAL) {
        self->reversals++;
        self->hold = REVERSAL_HOLD;
    }
    self->phase = phase;
    self->step = step;
    self->wave[0] += height * cosf(turn * (float)self->answer_blocks);
    self->wave[1] += height * sinf(turn * (float)self->answer_blocks);
    self->height += height;
    self->answer_blocks++;
}

static void
follow_answer(McpMediaSpecialTones *self, const McpMediaSpectrum *spectrum)
{
    float frequency = single_tone(spectrum, PURE);

    if (fabsf(frequency - ANSWER_HZ) > ANSWER_SLACK_HZ &&
        fabsf(frequency - BELL_HZ) > ANSWER_SLACK_HZ) {
        if (++self->answer_misses > ANSWER_MISSES)
            restart_answer(self);
        return;
    }
    self->answer_misses = 0;
    self->answer_frames++;
    self->answer_frequency += (frequency - self->answer_frequency) / (float)self->answer_frames;
}

static McpMediaSpecial
judge_answer(McpMediaSpecialTones *self, const char **out_detail, char *evidence)
{
    float depth = 2 * hypotf(self->wave[0], self->wave[1]) / fmaxf(self->height, 1);
    gboolean is_modulated = depth >= LEAST_MODULATION;
    gboolean is_bell = self->answer_frequency > (ANSWER_HZ + BELL_HZ) / 2;
    McpMediaSpecial special = MCP_MEDIA_SPECIAL_MODEM;

    if (is_bell)
        g_snprintf(evidence, MCP_MEDIA_EVIDENCE_BYTES, "%.0f Hz, %.1f s",
                   (double)self->answer_frequency, self->answer_frames * FRAME_MS / 1000.0);
    else
        g_snprintf(evidence, MCP_MEDIA_EVIDENCE_BYTES, "%.0f Hz, %.1f s%s, %u phase reversals",
                   (double)self->answer_frequency, self->answer_frames * FRAME_MS / 1000.0,
                   is_modulated ? ", modulated with 15 Hz" : "", self->reversals);
    if (is_bell) {
        *out_detail = "bell";
    } else if (is_modulated) {
        *out_detail = "ansam";
    } else if (self->reversals > 0) {
        *out_detail = "ans";
    } else {
        *out_detail = "ced";
        special = MCP_MEDIA_SPECIAL_FAX;
    }
    restart_answer(self);
    return special;
}

/* TRUE: a beep is over. */
static gboolean
follow_beep(McpMediaSpecialTones *self, const McpMediaSpectrum *spectrum, char *evidence)
{
    float frequency = single_tone(spectrum, PURE_BEEP);
    guint frames = self->beep_frames;

    if (frequency >= BEEP_LOWEST && frequency <= BEEP_HIGHEST &&
        (frames == 0 || fabsf(frequency - self->beep_frequency) <= SAME_HZ)) {
        self->beep_frames++;
        self->beep_frequency += (frequency - self->beep_frequency) / (float)self->beep_frames;
        return FALSE;
    }
    self->beep_frames = 0;
    g_snprintf(evidence, MCP_MEDIA_EVIDENCE_BYTES, "%.0f Hz, %.2f s", (double)self->beep_frequency,
               (frames * FRAME_MS + BEEP_EDGE_MS) / 1000.0);
    self->beep_frequency = 0;
    return frames >= BEEP_FRAMES;
}

McpMediaSpecial
mcp_media_special_tones_push(McpMediaSpecialTones *tones, const McpMediaSegments *segments,
                             const char **out_detail, char *evidence)
{
    if (is_cng(segments, evidence)) {
        *out_detail = "cng";
        return MCP_MEDIA_SPECIAL_FAX;
    }
    if (tones->answer_frames > 0)
        follow_modulation(tones, segments->window + WINDOW - BLOCK);
    if (!segments->has_spectrum)
        return MCP_MEDIA_SPECIAL_NONE;
    follow_answer(tones, &segments->spectrum);
    if (tones->answer_frames >= ANSWER_FRAMES)
        return judge_answer(tones, out_detail, evidence);
    if (follow_parts(tones, &segments->spectrum)) {
        explain_parts(tones->parts, evidence);
        *out_detail = part_name(tones->parts);
        restart_parts(tones);
        return MCP_MEDIA_SPECIAL_SIT;
    }
    if (follow_beep(tones, &segments->spectrum, evidence)) {
        *out_detail = "beep";
        return MCP_MEDIA_SPECIAL_BEEP;
    }
    return MCP_MEDIA_SPECIAL_NONE;
}
