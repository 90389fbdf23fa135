/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hop of 20 ms is judged by: levels against background and echo, periodicity, shape and
 * movement of the spectrum. Media worker.
 */
#include "voice_features.h"

#include <math.h>
#include <string.h>

#define FULL MCP_MEDIA_VOICE_BANDS
#define LOW_BANDS 6
#define MIDDLE_BANDS 11
#define LAG_MIN 20  /* 400 Hz */
#define LAG_MAX 133 /* 60 Hz */
#define LAG_100_HZ 80.0f
#define NO_PITCH 1.0f
#define OVER_MIN -1.0f
#define OVER_MAX 2.5f

typedef struct {
    gfloat over_floor[MCP_MEDIA_VOICE_BANDS];
    gfloat over_echo[MCP_MEDIA_VOICE_BANDS];
    gfloat over[MCP_MEDIA_VOICE_BANDS];
    gfloat over_usual[MCP_MEDIA_VOICE_BANDS];
} Levels;

void
mcp_media_voice_meter_init(McpMediaVoiceMeter *self)
{
    memset(self, 0, sizeof *self);
    self->pitch = NO_PITCH;
}

static gfloat
mean(const gfloat *values, guint from, guint to)
{
    gfloat sum = 0;

    for (guint b = from; b < to; b++)
        sum += values[b];
    return sum / (gfloat)(to - from);
}

static void
measure_levels(const McpMediaVoiceBands *heard, const McpMediaVoiceEcho *echo,
               const McpMediaVoiceBackground *background, Levels *out, gfloat *out_features)
{
    gfloat above = 0;

    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++) {
        gfloat level = heard->band[b];
        gfloat over_echo = echo->active ? level - echo->expected[b] : OVER_MAX;
        gfloat over = MIN(level - MAX(background->peak[b], background->floor[b]), over_echo);

        out->over_floor[b] = CLAMP(level - background->floor[b], 0, 4);
        out->over_echo[b] = CLAMP(over_echo, OVER_MIN, OVER_MAX);
        out->over[b] = CLAMP(over, OVER_MIN, OVER_MAX);
        out->over_usual[b] = CLAMP(level - background->mean[b], OVER_MIN, OVER_MAX);
        above += out->over[b] > 0.3f;
    }
    out_features[MCP_MEDIA_VOICE_LEVEL] = heard->full + 4;
    out_features[MCP_MEDIA_VOICE_OVER_FLOOR] = CLAMP(heard->full - background->floor[FULL], 0, 4);
    out_features[MCP_MEDIA_VOICE_OVER_PEAK] =
        CLAMP(heard->full - background->peak[FULL], OVER_MIN, OVER_MAX);
    out_features[MCP_MEDIA_VOICE_OVER_ECHO] =
        echo->active ? CLAMP(heard->full - echo->expected_full, OVER_MIN, OVER_MAX) : OVER_MAX;
    out_features[MCP_MEDIA_VOICE_MEAN_OVER_FLOOR] = mean(out->over_floor, 0, FULL);
    out_features[MCP_MEDIA_VOICE_MEAN_OVER] = mean(out->over, 0, FULL);
    out_features[MCP_MEDIA_VOICE_MEAN_OVER_ECHO] = mean(out->over_echo, 0, FULL);
    out_features[MCP_MEDIA_VOICE_LOW_OVER] = mean(out->over, 0, LOW_BANDS);
    out_features[MCP_MEDIA_VOICE_MIDDLE_OVER] = mean(out->over, LOW_BANDS, MIDDLE_BANDS);
    out_features[MCP_MEDIA_VOICE_HIGH_OVER] = mean(out->over, MIDDLE_BANDS, FULL);
    out_features[MCP_MEDIA_VOICE_BANDS_OVER] = above / MCP_MEDIA_VOICE_BANDS;
    out_features[MCP_MEDIA_VOICE_OVER_USUAL] =
        CLAMP(heard->full - background->mean[FULL], OVER_MIN, OVER_MAX);
    out_features[MCP_MEDIA_VOICE_MEAN_OVER_USUAL] = mean(out->over_usual, 0, FULL);
    out_features[MCP_MEDIA_VOICE_UNREST] =
        CLAMP(background->peak[FULL] - background->floor[FULL], 0, 4);
}

/*
 * The magnitudes that exceed the background, less those of bands that the echo explains; returns
 * their share of all.
 */
static gfloat
find_excess(const McpMediaVoiceBands *heard, const McpMediaVoiceBackground *background,
            const Levels *levels, gfloat *out_magnitude)
{
    const guint *edges = mcp_media_voice_band_edges();
    gfloat excess = 0;
    gfloat total = 1e-6f;

    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++) {
        gfloat weight = CLAMP(levels->over_echo[b] + 0.2f, 0, 1);

        for (guint k = edges[b]; k < edges[b + 1]; k++) {
            gfloat over = heard->power[k] - 2 * background->power[k];

            out_magnitude[k] = over > 0 ? sqrtf(over) * weight : 0;
            excess += out_magnitude[k];
            total += sqrtf(heard->power[k]);
        }
    }
    return excess / total;
}

/* The autocorrelation of a signal with these magnitudes, at its highest peak: 0 … 1. */
static gfloat
find_period(const gfloat *magnitude, gfloat *out_lag)
{
    gfloat in[MCP_MEDIA_FOURIER_SIZE] = {0};
    gfloat correlation[MCP_MEDIA_FOURIER_BINS];
    gfloat unused[MCP_MEDIA_FOURIER_BINS];
    gfloat best = 0;
    guint found = 0;

    for (guint k = MCP_MEDIA_VOICE_FIRST_BIN; k < MCP_MEDIA_VOICE_LAST_BIN; k++) {
        in[k] = magnitude[k];
        in[MCP_MEDIA_FOURIER_SIZE - k] = magnitude[k];
    }
    mcp_media_fourier_transform(in, correlation, unused);
    for (guint lag = LAG_MIN; lag <= LAG_MAX; lag++) {
        gboolean peak =
            correlation[lag] > correlation[lag - 1] && correlation[lag] >= correlation[lag + 1];

        if (peak && correlation[lag] > best * 1.05f) {
            best = correlation[lag];
            found = lag;
        }
    }
    *out_lag = (gfloat)found;
    return found == 0 ? 0 : best / (correlation[0] + 1e-6f);
}

static void
measure_pitch(McpMediaVoiceMeter *self, const McpMediaVoiceBands *heard,
              const McpMediaVoiceBackground *background, const Levels *levels, gfloat *out_features)
{
    gfloat magnitude[MCP_MEDIA_FOURIER_BINS] = {0};
    gfloat lag = 0;
    gfloat pitch = NO_PITCH;

    out_features[MCP_MEDIA_VOICE_EXCESS] = find_excess(heard, background, levels, magnitude);
    out_features[MCP_MEDIA_VOICE_PERIODICITY] = find_period(magnitude, &lag);
    if (lag > 0)
        pitch = log2f(LAG_100_HZ / lag);
    out_features[MCP_MEDIA_VOICE_PITCH] = pitch;
    out_features[MCP_MEDIA_VOICE_PITCH_CHANGE] = MIN(fabsf(pitch - self->pitch), 1);
    self->pitch = pitch;
}

/* A logarithm of base 2 to 0.09, which is enough for a mean of two hundred. */
static gfloat
rough_log2(gfloat value)
{
    union {
        gfloat value;
        gint32 bits;
    } both = {.value = value};

    return (gfloat)both.bits * 1.1920929e-7f - 126.94f;
}

static gfloat
measure_flatness(const McpMediaVoiceBands *heard)
{
    const gfloat n = MCP_MEDIA_VOICE_LAST_BIN - MCP_MEDIA_VOICE_FIRST_BIN;
    gfloat logs = 0;
    gfloat sum = 0;

    for (guint k = MCP_MEDIA_VOICE_FIRST_BIN; k < MCP_MEDIA_VOICE_LAST_BIN; k++) {
        gfloat power = heard->power[k] + 1e-10f;

        logs += rough_log2(power);
        sum += power;
    }
    return (logs / n - log2f(sum / n)) * 0.30103f;
}

/* cos(2πi/16) and cos(3πi/16) at the middles of the bands. */
static const gfloat shape_2[MCP_MEDIA_VOICE_BANDS] = {
    0.981f,  0.831f,  0.556f,  0.195f,  -0.195f, -0.556f, -0.831f, -0.981f,
    -0.981f, -0.831f, -0.556f, -0.195f, 0.195f,  0.556f,  0.831f,  0.981f};
static const gfloat shape_3[MCP_MEDIA_VOICE_BANDS] = {
    0.957f, 0.634f, 0.098f, -0.471f, -0.882f, -0.995f, -0.773f, -0.290f,
    0.290f, 0.773f, 0.995f, 0.882f,  0.471f,  -0.098f, -0.634f, -0.957f};

static void
measure_shape(McpMediaVoiceMeter *self, const McpMediaVoiceBands *heard, gfloat *out_features)
{
    gfloat rise = 0;
    gfloat fall = 0;
    gfloat second = 0;
    gfloat third = 0;

    for (guint b = 0; b < MCP_MEDIA_VOICE_BANDS; b++) {
        gfloat change = heard->band[b] - self->before[b];

        rise += MAX(change, 0);
        fall += MAX(-change, 0);
        second += heard->band[b] * shape_2[b];
        third += heard->band[b] * shape_3[b];
        self->before[b] = heard->band[b];
    }
    out_features[MCP_MEDIA_VOICE_RISE] = MIN(rise / MCP_MEDIA_VOICE_BANDS, 2);
    out_features[MCP_MEDIA_VOICE_FALL] = MIN(fall / MCP_MEDIA_VOICE_BANDS, 2);
    out_features[MCP_MEDIA_VOICE_TILT] =
        mean(heard->band, 0, LOW_BANDS) - mean(heard->band, MIDDLE_BANDS, MCP_MEDIA_VOICE_BANDS);
    out_features[MCP_MEDIA_VOICE_SHAPE_2] = second / MCP_MEDIA_VOICE_BANDS;
    out_features[MCP_MEDIA_VOICE_SHAPE_3] = third / MCP_MEDIA_VOICE_BANDS;
}

void
mcp_media_voice_meter_measure(McpMediaVoiceMeter *self, const McpMediaVoiceBands *heard,
                              const McpMediaVoiceEcho *echo,
                              const McpMediaVoiceBackground *background, gfloat *out_features)
{
    Levels levels;

    measure_levels(heard, echo, background, &levels, out_features);
    measure_pitch(self, heard, background, &levels, out_features);
    out_features[MCP_MEDIA_VOICE_FLATNESS] = measure_flatness(heard);
    measure_shape(self, heard, out_features);
}
