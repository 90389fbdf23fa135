/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When speech begins and ends: hops go through bands, echo, background, features and the model;
 * here is what is made of the odds. Media worker.
 */
#include "voice_activity.h"

#include <math.h>
#include <string.h>

#define HOP_MS 20
/* Odds that a hop must have to count, at sensitivity 0 and 1 (logarithms). */
#define ODDS_DEAF 3.5
#define ODDS_KEEN -1.0
/* What odds exceed that by is summed up, so that clear speech is known sooner (Page's test). */
#define EVIDENCE_HOP 4.0f
#define EVIDENCE_START 9.0f
#define EVIDENCE_MAX 16.0f /* silence of 80 ms undoes it */
#define ODDS_MAX 30.0f
/* Speech goes on, and is followed back to where it began, at odds that would not start it. */
#define ODDS_LIVELY_BELOW 2.0
/* Followed back over so many hops that are not lively. */
#define GAP_HOPS 2
/* Until then nothing is known of the line, and all that is heard is new. */
#define UNKNOWN_HOPS 5
#define MINIMUM_SPEECH_MAX 1000
/* Pauses of the caller count less as background than what is heard before he speaks. */
#define TRUST_SPEAKING 0.3f
/* The middle of a window is one hop back; a hop reaches half a hop around it. */
#define WINDOW_BACK 1.5

void
mcp_media_voice_activity_init(McpMediaVoiceActivity *self, guint rate,
                              const McpMediaVoiceSettings *settings)
{
    const McpMediaVoiceSettings usual = MCP_MEDIA_VOICE_SETTINGS_DEFAULT;
    McpMediaVoiceSettings *own = &self->settings;

    memset(self, 0, sizeof *self);
    *own = settings != NULL ? *settings : usual;
    /* Also what is not a number ends up within. */
    own->sensitivity = own->sensitivity >= 0 ? MIN(own->sensitivity, 1) : 0;
    own->minimum_speech_ms = CLAMP(own->minimum_speech_ms, HOP_MS, MINIMUM_SPEECH_MAX);
    own->end_silence_ms = MAX(own->end_silence_ms, HOP_MS);
    self->rate = rate >= 2 * MCP_MEDIA_VOICE_RATE ? 2 * MCP_MEDIA_VOICE_RATE : MCP_MEDIA_VOICE_RATE;
    mcp_media_voice_framer_init(&self->heard, self->rate);
    mcp_media_voice_framer_init(&self->sent, self->rate);
    self->without_reference = self->rate;
    mcp_media_voice_echo_init(&self->echo);
    mcp_media_voice_background_init(&self->background);
    mcp_media_voice_meter_init(&self->meter);
    mcp_media_voice_model_init(&self->model);
}

void
mcp_media_voice_activity_rearm(McpMediaVoiceActivity *self)
{
    self->speaking = FALSE;
    self->evidence = 0;
    self->evidence_ms = 0;
    self->lively = 0;
    self->loud = 0;
}

static guint64
hops_back(const McpMediaVoiceActivity *self, gdouble hops)
{
    guint64 back = (guint64)(hops * self->rate * HOP_MS / 1000);

    return self->samples > back ? self->samples - back : 0;
}

/* Over the background's peaks and the echo by 10 and 6 dB: not noise, whatever it is. */
static gboolean
is_loud(const McpMediaVoiceActivity *self)
{
    return self->features[MCP_MEDIA_VOICE_OVER_PEAK] > 1.0f &&
           self->features[MCP_MEDIA_VOICE_OVER_ECHO] > 0.6f;
}

/* How many hops ago the present run of them began. */
static guint
run_length(guint64 lively)
{
    guint length = 0;

    for (guint i = 0; i < 64 && i - length <= GAP_HOPS; i++)
        if ((lively >> i & 1) != 0)
            length = i + 1;
    return length;
}

/* @over: by how much the odds exceed what a hop must have to count. */
static void
gather(McpMediaVoiceActivity *self, gfloat over)
{
    self->evidence += CLAMP(over, -EVIDENCE_HOP, EVIDENCE_HOP);
    self->evidence = MIN(self->evidence, EVIDENCE_MAX);
    self->evidence_ms += HOP_MS;
    if (self->evidence > 0)
        return;
    self->evidence = 0;
    self->evidence_ms = 0;
}

static gboolean
decide(McpMediaVoiceActivity *self, gfloat odds, McpMediaVoiceEvent *out_event)
{
    gdouble needed = ODDS_DEAF + self->settings.sensitivity * (ODDS_KEEN - ODDS_DEAF);
    gboolean lively = odds >= needed - ODDS_LIVELY_BELOW;

    self->lively = self->lively << 1 | (lively ? 1 : 0);
    self->loud = self->loud << 1 | (is_loud(self) ? 1 : 0);
    if (self->background.hops > UNKNOWN_HOPS)
        gather(self, odds - (gfloat)needed);
    /* One stray hop does not hold off the end. */
    if ((self->lively & 3) == 3)
        self->last_speech = hops_back(self, WINDOW_BACK - 1);
    out_event->decided = self->samples;
    if (!self->speaking && self->evidence >= EVIDENCE_START &&
        self->evidence_ms >= self->settings.minimum_speech_ms) {
        self->speaking = TRUE;
        self->last_speech = hops_back(self, WINDOW_BACK - 1);
        out_event->type = MCP_MEDIA_VOICE_SPEECH_START;
        out_event->sample =
            hops_back(self, WINDOW_BACK + run_length(self->lively | self->loud) - 1);
        return TRUE;
    }
    if (self->speaking && self->samples - self->last_speech >=
                              (guint64)self->settings.end_silence_ms * self->rate / 1000) {
        mcp_media_voice_activity_rearm(self);
        out_event->type = MCP_MEDIA_VOICE_SPEECH_END;
        out_event->sample = self->last_speech;
        return TRUE;
    }
    return FALSE;
}

static gboolean
judge_hop(McpMediaVoiceActivity *self, McpMediaVoiceEvent *out_event)
{
    McpMediaVoiceBands heard;
    McpMediaVoiceBands sent;
    gboolean silent = self->without_reference >= self->rate * 2 * HOP_MS / 1000;
    gfloat odds = 0;
    gfloat trust = 0;

    mcp_media_voice_framer_analyse(&self->heard, &heard);
    if (!silent)
        mcp_media_voice_framer_analyse(&self->sent, &sent);
    mcp_media_voice_echo_sent(&self->echo, silent ? NULL : &sent);
    mcp_media_voice_echo_expect(&self->echo, &heard);
    mcp_media_voice_meter_measure(&self->meter, &heard, &self->echo, &self->background,
                                  self->features);
    odds = mcp_media_voice_model_judge(&self->model, self->features);
    odds = CLAMP(odds, -ODDS_MAX, ODDS_MAX);
    self->probability = 1 / (1 + expf(-odds));
    trust = (1 - self->probability) * (self->speaking ? TRUST_SPEAKING : 1);
    mcp_media_voice_echo_learn(&self->echo, &heard, self->background.floor, trust);
    mcp_media_voice_background_learn(&self->background, &heard, trust);
    return decide(self, odds, out_event);
}

/* As many samples of the reference as came in; what is missing of it is silence. */
static void
take_reference(McpMediaVoiceActivity *self, const gint16 *reference, gsize n_reference, gsize n)
{
    gsize given = reference != NULL ? MIN(n, n_reference) : 0;

    mcp_media_voice_framer_push(&self->sent, reference, given);
    mcp_media_voice_framer_push(&self->sent, NULL, n - given);
    if (given > 0)
        self->without_reference = 0;
    self->without_reference = (guint)MIN(self->without_reference + n - given, self->rate);
}

guint
mcp_media_voice_activity_take(McpMediaVoiceActivity *self, const gint16 *samples, gsize n,
                              const gint16 *reference, gsize n_reference,
                              McpMediaVoiceEvent *out_events, guint max)
{
    guint found = 0;

    while (n > 0) {
        gsize missing = mcp_media_voice_framer_missing(&self->heard);
        gsize taken = MIN(missing, n);
        McpMediaVoiceEvent event;

        mcp_media_voice_framer_push(&self->heard, samples, taken);
        take_reference(self, reference, n_reference, taken);
        self->samples += taken;
        samples += taken;
        n -= taken;
        reference = reference != NULL && n_reference > taken ? reference + taken : NULL;
        n_reference -= MIN(n_reference, taken);
        if (taken == missing && judge_hop(self, &event) && found < max)
            out_events[found++] = event;
    }
    return found;
}
