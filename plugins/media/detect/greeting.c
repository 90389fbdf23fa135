/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Person or machine, by the first words: people say hello and wait, machines go on. Only sound that
 * is speech counts (see tone_segments.h). Owns the times of the first words. Media worker.
 */
#include "greeting.h"

#include <string.h>

#define BLOCK_MS MCP_MEDIA_SEGMENT_BLOCK_MS
/* A sound too short to be told from a click belongs to the speech right before it. */
#define TAIL_MS 300

void
mcp_media_greeting_begin(McpMediaGreeting *greeting, const McpMediaGreetingLimits *limits,
                         guint now, gboolean answered)
{
    memset(greeting, 0, sizeof *greeting);
    greeting->limits = *limits;
    greeting->from = now;
    greeting->answered = answered;
}

static void
add_speech(McpMediaGreeting *self, guint start, guint end)
{
    if (!self->spoken) {
        self->spoken = TRUE;
        self->start = start;
    } else if (start > self->end) {
        self->pause = MAX(self->pause, start - self->end);
    }
    self->end = end;
}

static void
add_segment(McpMediaGreeting *self, const McpMediaSegment *segment)
{
    gboolean is_tail = self->spoken && !mcp_media_segment_is_tone(segment) &&
                       segment->start < self->end + TAIL_MS / BLOCK_MS;

    if (segment->on && (mcp_media_segment_is_speech(segment) || is_tail))
        add_speech(self, segment->start, segment->start + segment->length);
}

static double
seconds(guint blocks)
{
    return blocks * (BLOCK_MS / 1000.0);
}

static McpMediaGreetingVerdict
say_person(const McpMediaGreeting *self, guint silence, char *evidence)
{
    g_snprintf(evidence, MCP_MEDIA_EVIDENCE_BYTES, "greeting %.1f s, then %.1f s silence",
               seconds(self->end - self->start), seconds(silence));
    return MCP_MEDIA_GREETING_PERSON;
}

static McpMediaGreetingVerdict
say_machine(const McpMediaGreeting *self, guint span, char *evidence)
{
    g_snprintf(evidence, MCP_MEDIA_EVIDENCE_BYTES, "speech for %.1f s, longest pause %.1f s",
               seconds(span), seconds(self->pause));
    return MCP_MEDIA_GREETING_MACHINE;
}

static McpMediaGreetingVerdict
judge_spoken(const McpMediaGreeting *self, guint now, gboolean sounds, char *evidence)
{
    const McpMediaGreetingLimits *limits = &self->limits;
    guint span = self->end - self->start;
    guint silence = sounds ? 0 : now - self->end;
    guint since = now - (self->answered ? self->from : self->start);

    if (span * BLOCK_MS > limits->greeting_ms)
        return say_machine(self, span, evidence);
    if (silence * BLOCK_MS >= limits->after_greeting_ms)
        return say_person(self, silence, evidence);
    /* Time is up: what is silent by now will rather wait than go on. */
    if (since * BLOCK_MS < limits->total_ms)
        return MCP_MEDIA_GREETING_UNKNOWN;
    if (silence * BLOCK_MS * 2 >= limits->after_greeting_ms)
        return say_person(self, silence, evidence);
    return say_machine(self, span, evidence);
}

McpMediaGreetingVerdict
mcp_media_greeting_push(McpMediaGreeting *greeting, const McpMediaSegments *segments,
                        char *evidence)
{
    const McpMediaSegment *current = &segments->current;
    guint now = segments->blocks;
    guint limit = greeting->limits.initial_silence_ms;

    if (segments->has_ended && mcp_media_segments_past(segments, 0) != NULL)
        add_segment(greeting, mcp_media_segments_past(segments, 0));
    /* What lasts counts up to the last loud block. */
    if (mcp_media_segment_is_speech(current))
        add_speech(greeting, current->start, now - segments->turned);
    if (greeting->spoken)
        return judge_spoken(greeting, now, current->on && !mcp_media_segment_is_tone(current),
                            evidence);
    if (!greeting->answered || limit == 0 || current->on ||
        (now - greeting->from) * BLOCK_MS < limit)
        return MCP_MEDIA_GREETING_UNKNOWN;
    g_snprintf(evidence, MCP_MEDIA_EVIDENCE_BYTES, "%.1f s after the answer without speech",
               seconds(now - greeting->from));
    return MCP_MEDIA_GREETING_NOBODY;
}
