/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tones of the network by their frequencies and their rhythm: the tables of the countries, and the
 * comparison with the segments that were heard. Owns nothing that changes. Media worker.
 */
#include "cadence.h"

#include <math.h>
#include <string.h>

#define TIMES MCP_MEDIA_CADENCE_TIMES
#define FREQUENCY_TOLERANCE 0.025f
#define LEAST_TOLERANCE_MS 40
#define STEADY_MS 2500
#define LEAST_SPAN_MS 1500
#define RINGING_PAUSE_MS 1000 /* of the last pause, longer than any other signal's */

#define RINGING MCP_MEDIA_SIGNAL_RINGING
#define BUSY MCP_MEDIA_SIGNAL_BUSY
#define CONGESTION MCP_MEDIA_SIGNAL_CONGESTION

/* ITU-T E.180 Supplement 2; US: Telcordia GR-506. Japan's ringing tone is 400 Hz modulated. */
static const McpMediaCadence table[] = {
    {"US", "ringing", RINGING, {440, 480}, {2000, 4000}, 15},
    {"US", "busy", BUSY, {480, 620}, {500, 500}, 20},
    {"US", "reorder", CONGESTION, {480, 620}, {250, 250}, 20},
    {"GB", "ringing", RINGING, {400, 450}, {400, 200, 400, 2000}, 15},
    {"GB", "busy", BUSY, {400, 0}, {375, 375}, 15},
    {"GB", "congestion", CONGESTION, {400, 0}, {400, 350, 225, 525}, 15},
    {"GB", "unobtainable", CONGESTION, {400, 0}, {STEADY_MS}, 0},
    {"DE", "ringing", RINGING, {425, 0}, {1000, 4000}, 15},
    {"DE", "busy", BUSY, {425, 0}, {480, 480}, 20},
    {"DE", "congestion", CONGESTION, {425, 0}, {240, 240}, 20},
    {"FR", "ringing", RINGING, {440, 0}, {1500, 3500}, 15},
    {"FR", "busy", BUSY, {440, 0}, {500, 500}, 20},
    {"FR", "congestion", CONGESTION, {440, 0}, {250, 250}, 20},
    {"JP", "ringing", RINGING, {400, 0}, {1000, 2000}, 15},
    {"JP", "busy", BUSY, {400, 0}, {500, 500}, 20},
};

const McpMediaCadence *
mcp_media_cadences(const char *country, guint *out_n)
{
    const McpMediaCadence *first = NULL;
    guint n = 0;

    if (country == NULL) {
        *out_n = G_N_ELEMENTS(table);
        return table;
    }
    for (guint i = 0; i < G_N_ELEMENTS(table); i++)
        if (g_ascii_strcasecmp(table[i].country, country) == 0) {
            first = first == NULL ? &table[i] : first;
            n++;
        }
    if (first != NULL)
        *out_n = n;
    return first;
}

static guint
count_times(const McpMediaCadence *cadence)
{
    guint n = 0;

    while (n < TIMES && cadence->times_ms[n] > 0)
        n++;
    return n;
}

static gboolean
has_frequencies(const McpMediaCadence *cadence, const McpMediaSegment *segment)
{
    if (!mcp_media_segment_is_tone(segment))
        return FALSE;
    for (guint i = 0; i < 2; i++) {
        float wanted = cadence->frequency[i];

        if (fabsf(segment->frequency[i] - wanted) > wanted * FREQUENCY_TOLERANCE)
            return FALSE;
    }
    return TRUE;
}

static guint
length_ms(const McpMediaSegment *segment)
{
    return segment->length * MCP_MEDIA_SEGMENT_BLOCK_MS;
}

static guint
elapsed_ms(const McpMediaSegments *segments)
{
    return (segments->blocks - segments->current.start) * MCP_MEDIA_SEGMENT_BLOCK_MS;
}

static guint
slack_ms(const McpMediaCadence *cadence, guint index)
{
    return MAX(cadence->times_ms[index] * cadence->tolerance / 100, LEAST_TOLERANCE_MS);
}

static gboolean
fits(const McpMediaCadence *cadence, guint index, const McpMediaSegment *segment)
{
    gint difference = (gint)length_ms(segment) - cadence->times_ms[index];

    if (segment->on != (index % 2 == 0) || ABS(difference) > (gint)slack_ms(cadence, index))
        return FALSE;
    return !segment->on || has_frequencies(cadence, segment);
}

/*
 * How many of the last segments follow the cadence when the last one is the entry @index of it.
 * @out_span_ms: how long they are together
 */
static guint
count_fitting(const McpMediaCadence *cadence, const McpMediaSegments *segments, guint index,
              guint *out_span_ms)
{
    guint n = count_times(cadence);
    guint count = 0;

    *out_span_ms = 0;
    for (;; count++) {
        const McpMediaSegment *segment = mcp_media_segments_past(segments, count);

        if (segment == NULL || !fits(cadence, index, segment))
            return count;
        *out_span_ms += length_ms(segment);
        index = (index + n - 1) % n;
    }
}

/* The present segment must still be able to become what follows the entry @index. */
static gboolean
may_go_on(const McpMediaCadence *cadence, const McpMediaSegments *segments, guint index, guint n)
{
    guint next = (index + 1) % n;

    return elapsed_ms(segments) <=
           cadence->times_ms[next] + slack_ms(cadence, next) + 3 * MCP_MEDIA_SEGMENT_BLOCK_MS;
}

static gboolean
match_ringing(const McpMediaCadence *cadence, const McpMediaSegments *segments, guint n,
              guint *out_cycles)
{
    guint span = 0;
    guint count;

    if (segments->current.on || elapsed_ms(segments) < RINGING_PAUSE_MS ||
        !may_go_on(cadence, segments, n - 2, n))
        return FALSE;
    count = count_fitting(cadence, segments, n - 2, &span);
    *out_cycles = (count + 1) / n;
    return count + 1 >= n;
}

static gboolean
match_repeated(const McpMediaCadence *cadence, const McpMediaSegments *segments, guint n,
               guint *out_cycles)
{
    for (guint index = 0; index < n; index++) {
        guint span = 0;
        guint count = 0;

        if (!may_go_on(cadence, segments, index, n))
            continue;
        count = count_fitting(cadence, segments, index, &span);
        if (count + 1 >= 2 * n && span >= LEAST_SPAN_MS) {
            *out_cycles = (count + 1) / n;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean
mcp_media_cadence_match(const McpMediaCadence *cadence, const McpMediaSegments *segments,
                        guint *out_cycles)
{
    guint n = count_times(cadence);

    if (n == 1) {
        *out_cycles = 1;
        return segments->current.on && elapsed_ms(segments) >= cadence->times_ms[0] &&
               has_frequencies(cadence, &segments->current);
    }
    if (n < 2 || n % 2 != 0)
        return FALSE;
    if (cadence->signal == MCP_MEDIA_SIGNAL_RINGING)
        return match_ringing(cadence, segments, n, out_cycles);
    return match_repeated(cadence, segments, n, out_cycles);
}

G_GNUC_PRINTF(2, 3)
static void
append(char *evidence, const char *format, ...)
{
    gsize length = strlen(evidence);
    va_list arguments;

    va_start(arguments, format);
    g_vsnprintf(evidence + length, MCP_MEDIA_EVIDENCE_BYTES - length, format, arguments);
    va_end(arguments);
}

static void
append_frequencies(char *evidence, const McpMediaSegment *segment)
{
    append(evidence, "%.0f", (double)segment->frequency[0]);
    if (segment->frequency[1] > 0)
        append(evidence, "+%.0f", (double)segment->frequency[1]);
    append(evidence, " Hz");
}

void
mcp_media_cadence_explain(const McpMediaCadence *cadence, const McpMediaSegments *segments,
                          guint cycles, char *evidence)
{
    guint n = count_times(cadence);
    const McpMediaSegment *last = mcp_media_segments_past(segments, 0);
    guint shown = cadence->signal == MCP_MEDIA_SIGNAL_RINGING ? n - 1 : n;
    /* The times begin with a sound. */
    guint skip = last != NULL && last->on == (shown % 2 == 0) ? 1 : 0;

    evidence[0] = 0;
    if (n == 1) {
        append_frequencies(evidence, &segments->current);
        append(evidence, ", steady for %.1f s", elapsed_ms(segments) / 1000.0);
        return;
    }
    for (guint i = 0; i < shown; i++) {
        const McpMediaSegment *segment = mcp_media_segments_past(segments, skip + shown - 1 - i);

        if (segment == NULL)
            return;
        if (i == 0) {
            append_frequencies(evidence, segment);
            append(evidence, ", ");
        }
        append(evidence, "%s%.2f", i == 0 ? "" : "/", length_ms(segment) / 1000.0);
    }
    append(evidence, " s, %u cycle%s", cycles, cycles == 1 ? "" : "s");
}
