/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds tracks of marked utterances in noise to the voice activity detector and, beside it, to a
 * plain energy detector, and prints what they report. One thread. tests/plugins/media/
 * voice_activity.py writes the orders on standard input and judges the reports; voice_fit.py
 * takes the features.
 *
 * usage: vad_tool tune|judge [FEATURES-FILE]
 *   utterance PATH, voice PATH      sounds for callers, and for prompts and babble
 *   track CONDITION SEED SECONDS N,N,…   a call with these utterances (none: noise only)
 *   minimum MS, sensitivity VALUE   for the tracks that follow
 *   cost                            µs a frame
 */
#include "voice_synthesis.h"

#include "detect/voice_activity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME 160
#define LEVEL_LOW -36.0
#define LEVEL_HIGH -18.0
#define HISS_DECIBELS -75.0
/* Over the prompt's echo: a caller who only just tops it. */
#define DOUBLE_TALK -14.0
#define DOUBLE_LOW -40.0
#define DOUBLE_HIGH -29.0

typedef struct {
    SynthesisSet set;
    GPtrArray *utterances;
    GPtrArray *voices;
    McpMediaVoiceSettings settings;
    FILE *features;
} Tool;

typedef struct {
    gsize n;
    gfloat *heard;
    gfloat *sent;
    guint8 *speech; /* 1 a sample where an utterance is, 2 where it is unmarked sound */
    gfloat level;   /* of the caller */
    gboolean with_prompt;
} Track;

/* The other detector: energy over a floor that falls at once and rises slowly. */
typedef struct {
    gdouble floor;
    guint evidence, silence;
    gboolean speaking;
    guint frames;
} EnergyDetector;

#define ENERGY_OVER 9.0
#define ENERGY_RISE 0.04 /* dB a frame: 2 dB a second */

static gboolean
energy_take(EnergyDetector *self, const gint16 *samples, const McpMediaVoiceSettings *settings)
{
    gdouble sum = 0;
    gdouble level = 0;

    for (guint i = 0; i < FRAME; i++)
        sum += (gdouble)samples[i] * samples[i];
    level = 10 * log10(sum / FRAME / 32768 / 32768 + 1e-8);
    if (self->frames++ == 0 || level < self->floor)
        self->floor = level;
    else
        self->floor += ENERGY_RISE;
    if (level > self->floor + ENERGY_OVER) {
        self->evidence += 20;
        self->silence = 0;
    } else {
        self->evidence -= MIN(self->evidence, 20);
        self->silence += 20;
    }
    if (self->speaking && self->silence >= settings->end_silence_ms) {
        self->speaking = FALSE;
        self->evidence = 0;
    }
    if (self->speaking || self->evidence < settings->minimum_speech_ms)
        return FALSE;
    self->speaking = TRUE;
    return TRUE;
}

static void
place(Track *track, const Material *utterance, gsize at)
{
    gfloat factor = track->level / utterance->level;

    for (gsize i = 0; i < utterance->n && at + i < track->n; i++) {
        gboolean marked = i >= utterance->start && i < utterance->end;

        track->heard[at + i] += utterance->samples[i] * factor;
        track->speech[at + i] = marked ? 1 : 2;
    }
    printf("mark %zu %zu %zu %zu\n", at + utterance->first, at + utterance->start,
           at + utterance->end, at + utterance->last);
}

/* The utterances with pauses between, the first one after half a second to two and a half. */
static void
place_all(Tool *tool, Track *track, const char *numbers, Chance *chance)
{
    g_auto(GStrv) wanted = g_strsplit(numbers, ",", -1);
    gsize at = (gsize)chance_between(chance, 0.5 * MATERIAL_RATE, 2.5 * MATERIAL_RATE);

    for (guint i = 0; wanted[i] != NULL && *wanted[i] != 0; i++) {
        guint64 number = g_ascii_strtoull(wanted[i], NULL, 10);
        const Material *utterance = NULL;

        if (number >= tool->utterances->len)
            continue;
        utterance = tool->utterances->pdata[number];
        if (at + utterance->n > track->n)
            break;
        place(track, utterance, at);
        at +=
            utterance->n + (gsize)chance_between(chance, 1.5 * MATERIAL_RATE, 3.0 * MATERIAL_RATE);
    }
}

static void
add_noise(Tool *tool, Track *track, const char *condition, Chance *chance)
{
    if (g_str_equal(condition, "babble"))
        synthesis_babble(track->heard, track->n, track->level, tool->voices, tool->set, chance);
    else if (g_str_equal(condition, "line"))
        synthesis_line(track->heard, track->n, track->level, tool->set, chance);
    else if (g_str_equal(condition, "breath"))
        synthesis_breath(track->heard, track->n, track->level, tool->set, chance);
    else if (g_str_equal(condition, "music"))
        synthesis_music(track->heard, track->n, track->level, tool->set, chance);
    else if (g_str_equal(condition, "tones"))
        synthesis_tones(track->heard, track->n, track->level, tool->set, chance);
    else if (track->with_prompt && !g_str_equal(condition, "clean"))
        synthesis_echo(track->heard, track->n, track->sent, tool->set, chance);
    synthesis_hiss(track->heard, track->n,
                   material_to_amplitude(HISS_DECIBELS + chance_between(chance, -10, 10)), chance);
}

static void
make_track(Tool *tool, Track *track, const char *condition, const char *numbers, Chance *chance)
{
    gboolean double_talk = g_str_equal(condition, "double");
    gboolean echo = double_talk || g_str_equal(condition, "echo");
    gdouble level = double_talk ? chance_between(chance, DOUBLE_LOW, DOUBLE_HIGH)
                                : chance_between(chance, LEVEL_LOW, LEVEL_HIGH);
    gfloat prompt = material_to_amplitude(level + chance_between(chance, -4, 4));

    /* Most of the time a prompt is being sent, also where none comes back. */
    track->with_prompt = chance_pick(chance, 3) != 0 || echo;
    track->level = material_to_amplitude(level);
    if (double_talk)
        prompt = material_to_amplitude(level - DOUBLE_TALK);
    if (track->with_prompt)
        synthesis_prompt(track->sent, track->n, prompt, tool->voices, chance);
    place_all(tool, track, numbers, chance);
    add_noise(tool, track, condition, chance);
}

static void
write_features(Tool *tool, const McpMediaVoiceActivity *detector, const Track *track, gsize at)
{
    gfloat row[MCP_MEDIA_VOICE_FEATURES + 3];
    guint marked = 0;
    guint unmarked = 0;

    if (tool->features == NULL)
        return;
    /* What is in the middle of the window, which reaches two frames back. */
    for (gsize i = at < FRAME ? 0 : at - FRAME / 2; i < at + FRAME / 2; i++) {
        marked += track->speech[i] == 1;
        unmarked += track->speech[i] == 2;
    }
    memcpy(row, detector->features, sizeof detector->features);
    row[MCP_MEDIA_VOICE_FEATURES] = (gfloat)marked / FRAME;
    row[MCP_MEDIA_VOICE_FEATURES + 1] = (gfloat)unmarked / FRAME;
    row[MCP_MEDIA_VOICE_FEATURES + 2] = at == 0;
    fwrite(row, sizeof row, 1, tool->features);
}

static void
quantize(const gfloat *from, gint16 *to)
{
    for (guint i = 0; i < FRAME; i++)
        to[i] = (gint16)lrintf(CLAMP(from[i] * 32768, -32768.0f, 32767.0f));
}

static void
run_detectors(Tool *tool, const Track *track)
{
    McpMediaVoiceActivity detector;
    EnergyDetector energy = {0};

    mcp_media_voice_activity_init(&detector, MATERIAL_RATE, &tool->settings);
    for (gsize at = 0; at + FRAME <= track->n; at += FRAME) {
        McpMediaVoiceEvent event;
        gint16 heard[FRAME];
        gint16 sent[FRAME];

        quantize(track->heard + at, heard);
        quantize(track->sent + at, sent);
        if (mcp_media_voice_activity_take(&detector, heard, FRAME, track->with_prompt ? sent : NULL,
                                          FRAME, &event, 1) > 0)
            printf("voice %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
                   event.type == MCP_MEDIA_VOICE_SPEECH_START ? "start" : "end", event.sample,
                   event.decided);
        if (energy_take(&energy, heard, &tool->settings))
            printf("energy start %zu %zu\n", at + FRAME, at + FRAME);
        write_features(tool, &detector, track, at);
    }
}

static void
run_track(Tool *tool, char **words)
{
    Chance chance = chance_seed(g_ascii_strtoull(words[2], NULL, 10));
    gsize n = (gsize)(g_ascii_strtod(words[3], NULL) * MATERIAL_RATE);
    g_autofree gfloat *heard = g_new0(gfloat, n + 1);
    g_autofree gfloat *sent = g_new0(gfloat, n + 1);
    g_autofree guint8 *speech = g_new0(guint8, n + FRAME);
    Track track = {.n = n, .heard = heard, .sent = sent, .speech = speech};

    printf("track %s\n", words[1]);
    make_track(tool, &track, words[1], words[4], &chance);
    run_detectors(tool, &track);
    printf("done %zu\n", n);
}

/* CPU time of noise with speech in it, with and without a reference. */
static void
measure_cost(Tool *tool)
{
    const guint rounds = 20;
    Chance chance = chance_seed(1);
    const gsize n = 10 * MATERIAL_RATE;
    g_autofree gfloat *babble = g_new0(gfloat, n);
    g_autofree gint16 *samples = g_new0(gint16, n);

    synthesis_babble(babble, n, 0.3f, tool->voices, tool->set, &chance);
    for (gsize i = 0; i + FRAME <= n; i += FRAME)
        quantize(babble + i, samples + i);
    for (guint with = 0; with < 2; with++) {
        McpMediaVoiceActivity detector;
        McpMediaVoiceEvent event;
        clock_t before = clock();

        mcp_media_voice_activity_init(&detector, MATERIAL_RATE, NULL);
        for (guint round = 0; round < rounds; round++)
            for (gsize i = 0; i + FRAME <= n; i += FRAME)
                mcp_media_voice_activity_take(&detector, samples + i, FRAME,
                                              with ? samples + n - FRAME - i : NULL, FRAME, &event,
                                              1);
        printf("cost %s %.2f\n", with ? "reference" : "plain",
               1e6 * (gdouble)(clock() - before) / CLOCKS_PER_SEC /
                   ((gdouble)rounds * (gdouble)n / FRAME));
    }
}

static gboolean
load(GPtrArray *into, const char *path)
{
    g_autoptr(GError) error = NULL;
    Material *material = material_load(path, &error);

    if (material == NULL) {
        fprintf(stderr, "%s\n", error->message);
        return FALSE;
    }
    g_ptr_array_add(into, material);
    return TRUE;
}

static gboolean
obey(Tool *tool, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 5);
    guint n = g_strv_length(words);

    if (n == 2 && g_str_equal(words[0], "utterance"))
        return load(tool->utterances, words[1]);
    if (n == 2 && g_str_equal(words[0], "voice"))
        return load(tool->voices, words[1]);
    if (n == 2 && g_str_equal(words[0], "minimum"))
        tool->settings.minimum_speech_ms = (guint)g_ascii_strtoull(words[1], NULL, 10);
    else if (n == 2 && g_str_equal(words[0], "sensitivity"))
        tool->settings.sensitivity = g_ascii_strtod(words[1], NULL);
    else if (n == 5 && g_str_equal(words[0], "track"))
        run_track(tool, words);
    else if (n == 1 && g_str_equal(words[0], "cost"))
        measure_cost(tool);
    else {
        fprintf(stderr, "not understood: %s\n", line);
        return FALSE;
    }
    return TRUE;
}

int
main(int argc, char **argv)
{
    char line[4096];
    gboolean good = TRUE;
    Tool tool = {
        .set = argc > 1 && g_str_equal(argv[1], "tune") ? SYNTHESIS_TUNE : SYNTHESIS_JUDGE,
        .utterances = g_ptr_array_new_with_free_func((GDestroyNotify)material_free),
        .voices = g_ptr_array_new_with_free_func((GDestroyNotify)material_free),
        .settings = MCP_MEDIA_VOICE_SETTINGS_DEFAULT,
        .features = argc > 2 ? fopen(argv[2], "wb") : NULL,
    };

    while (good && fgets(line, sizeof line, stdin) != NULL)
        good = obey(&tool, g_strchomp(line));
    if (tool.features != NULL)
        fclose(tool.features);
    g_ptr_array_unref(tool.utterances);
    g_ptr_array_unref(tool.voices);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
