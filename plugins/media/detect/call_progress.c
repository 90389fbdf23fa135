/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call progress analysis: asks those who know tones, cadences and greetings after each 10 ms of an
 * outgoing call, and makes one verdict of it. Owns the verdict and the reports that wait to be
 * taken. Media worker.
 */
#include "call_progress.h"

#include <string.h>

#define CHUNK 160
#define BLOCK_MS MCP_MEDIA_SEGMENT_BLOCK_MS
#define GREETING_MS 2500
#define AFTER_GREETING_MS 900
#define INITIAL_SILENCE_MS 3500
#define TOTAL_MS 4000
#define NO_ANSWER_MS 60000

void
mcp_media_progress_settings_default(McpMediaProgressSettings *settings, const char *country)
{
    memset(settings, 0, sizeof *settings);
    settings->cadences = mcp_media_cadences(country, &settings->n_cadences);
    if (settings->cadences == NULL)
        settings->cadences = mcp_media_cadences(NULL, &settings->n_cadences);
    settings->greeting.greeting_ms = GREETING_MS;
    settings->greeting.after_greeting_ms = AFTER_GREETING_MS;
    settings->greeting.initial_silence_ms = INITIAL_SILENCE_MS;
    settings->greeting.total_ms = TOTAL_MS;
    settings->no_answer_ms = NO_ANSWER_MS;
}

gboolean
mcp_media_call_progress_init(McpMediaCallProgress *progress,
                             const McpMediaProgressSettings *settings, guint rate)
{
    memset(progress, 0, sizeof *progress);
    progress->settings = *settings;
    mcp_media_segments_init(&progress->segments);
    mcp_media_special_tones_init(&progress->special);
    mcp_media_greeting_begin(&progress->greeting, &settings->greeting, 0, FALSE);
    return mcp_media_narrowband_init(&progress->narrowband, rate);
}

/* The report to fill in next; the oldest gives way when nobody takes them. */
static McpMediaProgressReport *
next_report(McpMediaCallProgress *self, McpMediaProgress verdict, const char *detail)
{
    guint room = G_N_ELEMENTS(self->waiting);
    McpMediaProgressReport *report = &self->waiting[self->n_made++ % room];
    gint64 samples = (gint64)self->segments.blocks * BLOCK_MS * (MCP_MEDIA_NARROWBAND_RATE / 1000);

    self->n_taken = MAX(self->n_taken + room, self->n_made) - room;
    report->progress = verdict;
    report->at = mcp_media_narrowband_position(&self->narrowband, samples);
    report->detail = detail;
    return report;
}

static void
make_report(McpMediaCallProgress *self, McpMediaProgress verdict, const char *detail,
            const char *evidence)
{
    McpMediaProgressReport *report = next_report(self, verdict, detail);

    g_strlcpy(report->evidence, evidence, sizeof report->evidence);
    self->rings = verdict == MCP_MEDIA_PROGRESS_RINGING;
    if (verdict == MCP_MEDIA_PROGRESS_RINGING || verdict == MCP_MEDIA_PROGRESS_BEEP)
        return;
    self->decided = TRUE;
    self->verdict = verdict;
}

static void
take_beep(McpMediaCallProgress *self, const char *evidence)
{
    gboolean speaks = self->decided && (self->verdict == MCP_MEDIA_PROGRESS_MACHINE ||
                                        self->verdict == MCP_MEDIA_PROGRESS_PERSON);

    if (!self->decided && self->greeting.spoken) {
        make_report(self, MCP_MEDIA_PROGRESS_MACHINE, "", "a beep after speech");
        speaks = TRUE;
    }
    if (speaks)
        make_report(self, MCP_MEDIA_PROGRESS_BEEP, "", evidence);
}

static void
listen_for_special(McpMediaCallProgress *self)
{
    static const McpMediaProgress verdicts[] = {
        [MCP_MEDIA_SPECIAL_SIT] = MCP_MEDIA_PROGRESS_SIT,
        [MCP_MEDIA_SPECIAL_FAX] = MCP_MEDIA_PROGRESS_FAX,
        [MCP_MEDIA_SPECIAL_MODEM] = MCP_MEDIA_PROGRESS_MODEM,
    };
    char evidence[MCP_MEDIA_EVIDENCE_BYTES] = "";
    const char *detail = "";
    McpMediaSpecial special =
        mcp_media_special_tones_push(&self->special, &self->segments, &detail, evidence);

    if (special == MCP_MEDIA_SPECIAL_BEEP)
        take_beep(self, evidence);
    else if (special != MCP_MEDIA_SPECIAL_NONE && !self->decided)
        make_report(self, verdicts[special], detail, evidence);
}

static void
take_cadence(McpMediaCallProgress *self, const McpMediaCadence *cadence, guint cycles)
{
    char evidence[MCP_MEDIA_EVIDENCE_BYTES] = "";
    McpMediaProgress verdict = MCP_MEDIA_PROGRESS_FAST_BUSY;

    if (cadence->signal == MCP_MEDIA_SIGNAL_RINGING) {
        self->ring_cycles = cycles;
        if (self->rings)
            return;
        verdict = MCP_MEDIA_PROGRESS_RINGING;
    } else if (cadence->signal == MCP_MEDIA_SIGNAL_BUSY) {
        verdict = MCP_MEDIA_PROGRESS_BUSY;
    }
    mcp_media_cadence_explain(cadence, &self->segments, cycles, evidence);
    make_report(self, verdict, cadence->name, evidence);
}

static void
listen_for_cadence(McpMediaCallProgress *self)
{
    for (guint i = 0; i < self->settings.n_cadences; i++) {
        const McpMediaCadence *cadence = &self->settings.cadences[i];
        guint cycles = 0;

        if (mcp_media_cadence_match(cadence, &self->segments, &cycles)) {
            take_cadence(self, cadence, cycles);
            return;
        }
    }
}

static void
listen_for_greeting(McpMediaCallProgress *self)
{
    char evidence[MCP_MEDIA_EVIDENCE_BYTES] = "";

    switch (mcp_media_greeting_push(&self->greeting, &self->segments, evidence)) {
    case MCP_MEDIA_GREETING_PERSON:
        make_report(self, MCP_MEDIA_PROGRESS_PERSON, "", evidence);
        break;
    case MCP_MEDIA_GREETING_MACHINE:
        make_report(self, MCP_MEDIA_PROGRESS_MACHINE, "", evidence);
        break;
    case MCP_MEDIA_GREETING_NOBODY:
        make_report(self, MCP_MEDIA_PROGRESS_SILENCE, "", evidence);
        break;
    case MCP_MEDIA_GREETING_UNKNOWN:
    default:
        break;
    }
}

static void
watch_no_answer(McpMediaCallProgress *self)
{
    char evidence[MCP_MEDIA_EVIDENCE_BYTES];
    guint elapsed = self->segments.blocks * BLOCK_MS;

    if (self->answered || self->settings.no_answer_ms == 0 || elapsed < self->settings.no_answer_ms)
        return;
    g_snprintf(evidence, sizeof evidence, "no answer in %.1f s, %u ringing cycles",
               elapsed / 1000.0, self->ring_cycles);
    make_report(self, MCP_MEDIA_PROGRESS_SILENCE, "", evidence);
}

static void
take_block(McpMediaCallProgress *self)
{
    listen_for_special(self);
    if (!self->decided)
        listen_for_cadence(self);
    if (!self->decided && (self->answered || !self->settings.await_answer))
        listen_for_greeting(self);
    if (!self->decided)
        watch_no_answer(self);
}

guint
mcp_media_call_progress_take(McpMediaCallProgress *progress, const gint16 *samples, gsize n,
                             McpMediaProgressReport *out_reports, guint max)
{
    gint16 chunk[CHUNK];
    guint found = 0;

    while (n > 0) {
        const gint16 *at = chunk;
        gsize left = mcp_media_narrowband_take(&progress->narrowband, &samples, &n, chunk, CHUNK);

        while (left > 0)
            if (mcp_media_segments_push(&progress->segments, &at, &left))
                take_block(progress);
    }
    while (found < max && progress->n_taken < progress->n_made)
        out_reports[found++] =
            progress->waiting[progress->n_taken++ % G_N_ELEMENTS(progress->waiting)];
    return found;
}

void
mcp_media_call_progress_answered(McpMediaCallProgress *progress)
{
    progress->answered = TRUE;
    progress->decided = FALSE;
    progress->rings = FALSE;
    progress->ring_cycles = 0;
    mcp_media_segments_forget(&progress->segments);
    mcp_media_special_tones_init(&progress->special);
    mcp_media_greeting_begin(&progress->greeting, &progress->settings.greeting,
                             progress->segments.blocks, TRUE);
}

const char *
mcp_media_progress_name(McpMediaProgress progress)
{
    static const char *const names[] = {
        [MCP_MEDIA_PROGRESS_RINGING] = "ringing",
        [MCP_MEDIA_PROGRESS_BUSY] = "busy",
        [MCP_MEDIA_PROGRESS_FAST_BUSY] = "fast-busy",
        [MCP_MEDIA_PROGRESS_SIT] = "sit",
        [MCP_MEDIA_PROGRESS_FAX] = "fax",
        [MCP_MEDIA_PROGRESS_MODEM] = "modem",
        [MCP_MEDIA_PROGRESS_MACHINE] = "machine",
        [MCP_MEDIA_PROGRESS_PERSON] = "person",
        [MCP_MEDIA_PROGRESS_SILENCE] = "silence",
        [MCP_MEDIA_PROGRESS_BEEP] = "beep",
    };

    return (guint)progress < G_N_ELEMENTS(names) ? names[progress] : "unknown";
}
