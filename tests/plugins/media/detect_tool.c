/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The detectors of the media plugin over files, for tones.py: prints what they report as one JSON
 * object a line. WAV (16-bit, mono) or raw samples of 8 kHz; 20 ms at a time, as a worker does.
 *
 * usage: detect-tool dtmf|spandsp|cost FILE…
 *        detect-tool progress COUNTRY|all ANSWERED-MS|-1 FILE…
 */
#include "detect/call_progress.h"
#include "detect/dtmf_tones.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_SPANDSP
#include <spandsp.h>
#endif

#define FRAME_MS 20
#define WAV_HEADER 44
#define COST_SECONDS 600

typedef struct {
    char *content;
    const gint16 *samples;
    gsize n;
    guint rate;
} Audio;

/* Of the command "progress". */
static const char *country;
static gint64 answered_ms = -1;

static gboolean
audio_load(Audio *audio, const char *path)
{
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    gsize skip = 0;

    audio->rate = 8000;
    if (!g_file_get_contents(path, &audio->content, &length, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return FALSE;
    }
    if (length >= WAV_HEADER && memcmp(audio->content, "RIFF", 4) == 0) {
        guint32 rate;

        memcpy(&rate, audio->content + 24, sizeof rate);
        audio->rate = GUINT32_FROM_LE(rate);
        skip = WAV_HEADER;
    }
    audio->samples = (const gint16 *)(const void *)(audio->content + skip);
    audio->n = (length - skip) / sizeof(gint16);
    return TRUE;
}

static void
print_digit(const char *path, char digit, gint64 start, gint64 duration)
{
    printf("{\"file\": \"%s\", \"digit\": \"%c\", \"start\": %" G_GINT64_FORMAT
           ", \"duration\": %" G_GINT64_FORMAT "}\n",
           path, digit, start, duration);
}

static gboolean
run_dtmf(const char *path, const Audio *audio)
{
    gsize frame = audio->rate * FRAME_MS / 1000;
    McpMediaDtmfTones tones;
    McpMediaDtmfTone tone;

    if (!mcp_media_dtmf_tones_init(&tones, audio->rate))
        return FALSE;
    for (gsize at = 0; at < audio->n; at += frame) {
        mcp_media_dtmf_tones_take(&tones, audio->samples + at, MIN(frame, audio->n - at), NULL, 0);
        while (mcp_media_dtmf_tones_ended(&tones, &tone))
            print_digit(path, tone.digit, tone.start, tone.duration);
    }
    while (mcp_media_dtmf_tones_take(&tones, NULL, 0, &tone, 1) == 1)
        if (tone.duration < 0)
            print_digit(path, tone.digit, tone.start, tone.duration);
    return TRUE;
}

#ifdef HAVE_SPANDSP
static gboolean
run_spandsp(const char *path, const Audio *audio)
{
    gsize frame = audio->rate * FRAME_MS / 1000;
    dtmf_rx_state_t *state = NULL;
    char digits[32];

    if (audio->rate != 8000)
        return FALSE;
    state = dtmf_rx_init(NULL, NULL, NULL);
    for (gsize at = 0; at < audio->n; at += frame) {
        size_t found;

        dtmf_rx(state, audio->samples + at, (int)MIN(frame, audio->n - at));
        found = dtmf_rx_get(state, digits, sizeof digits - 1);
        for (size_t i = 0; i < found; i++)
            print_digit(path, digits[i], (gint64)at, -1);
    }
    dtmf_rx_free(state);
    return TRUE;
}
#else
static gboolean
run_spandsp(const char *path, const Audio *audio)
{
    (void)audio;
    fprintf(stderr, "%s: built without spandsp\n", path);
    return FALSE;
}
#endif

static double
cpu_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
print_reports(const char *path, McpMediaCallProgress *progress, guint rate)
{
    McpMediaProgressReport report;

    while (mcp_media_call_progress_take(progress, NULL, 0, &report, 1) == 1)
        printf("{\"file\": \"%s\", \"progress\": \"%s\", \"detail\": \"%s\", \"at\": %.3f, "
               "\"evidence\": \"%s\"}\n",
               path, mcp_media_progress_name(report.progress), report.detail,
               (double)report.at / rate, report.evidence);
}

static gboolean
run_progress(const char *path, const Audio *audio)
{
    gsize frame = audio->rate * FRAME_MS / 1000;
    gint64 answer = answered_ms * (gint64)audio->rate / 1000;
    McpMediaProgressSettings settings;
    McpMediaCallProgress progress;

    mcp_media_progress_settings_default(&settings, country);
    settings.await_answer = answer > 0;
    if (!mcp_media_call_progress_init(&progress, &settings, audio->rate))
        return FALSE;
    for (gsize at = 0; at < audio->n; at += frame) {
        if (answer >= (gint64)at && answer < (gint64)(at + frame))
            mcp_media_call_progress_answered(&progress);
        mcp_media_call_progress_take(&progress, audio->samples + at, MIN(frame, audio->n - at),
                                     NULL, 0);
        print_reports(path, &progress, audio->rate);
    }
    return TRUE;
}

typedef void (*Consumer)(gpointer state, const gint16 *samples, gsize n);

static void
consume_dtmf(gpointer state, const gint16 *samples, gsize n)
{
    McpMediaDtmfTone tone;

    mcp_media_dtmf_tones_take(state, samples, n, &tone, 1);
}

static void
consume_progress(gpointer state, const gint16 *samples, gsize n)
{
    McpMediaProgressReport report;

    mcp_media_call_progress_take(state, samples, n, &report, 1);
}

#ifdef HAVE_SPANDSP
static void
consume_spandsp(gpointer state, const gint16 *samples, gsize n)
{
    dtmf_rx(state, samples, (int)n);
}
#endif

/* Microseconds of processor a frame, over the file again and again. */
static void
measure(const char *name, const Audio *audio, Consumer consumer, gpointer state)
{
    gsize frame = audio->rate * FRAME_MS / 1000;
    guint frames = COST_SECONDS * 1000 / FRAME_MS;
    double begin = cpu_now();
    gsize at = 0;

    if (audio->n < frame)
        return;
    for (guint i = 0; i < frames; i++) {
        consumer(state, audio->samples + at, frame);
        at = at + 2 * frame > audio->n ? 0 : at + frame;
    }
    printf("{\"cost\": \"%s\", \"rate\": %u, \"us_per_frame\": %.3f}\n", name, audio->rate,
           (cpu_now() - begin) * 1e6 / frames);
}

static gboolean
run_cost(const char *path, const Audio *audio)
{
    McpMediaProgressSettings settings;
    McpMediaCallProgress progress;
    McpMediaDtmfTones tones;

    (void)path;
    mcp_media_progress_settings_default(&settings, NULL);
    if (!mcp_media_dtmf_tones_init(&tones, audio->rate) ||
        !mcp_media_call_progress_init(&progress, &settings, audio->rate))
        return FALSE;
    measure("dtmf", audio, consume_dtmf, &tones);
    measure("progress", audio, consume_progress, &progress);
#ifdef HAVE_SPANDSP
    if (audio->rate == 8000) {
        dtmf_rx_state_t *state = dtmf_rx_init(NULL, NULL, NULL);

        measure("spandsp", audio, consume_spandsp, state);
        dtmf_rx_free(state);
    }
#endif
    return TRUE;
}

static const struct {
    const char *name;
    gboolean (*run)(const char *path, const Audio *audio);
} commands[] = {
    {"dtmf", run_dtmf}, {"spandsp", run_spandsp}, {"cost", run_cost}, {"progress", run_progress}};

static gboolean
run(const char *command, const char *path)
{
    Audio audio = {0};
    gboolean ok = FALSE;

    if (!audio_load(&audio, path))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i].name, command) == 0)
            ok = commands[i].run(path, &audio);
    g_free(audio.content);
    return ok;
}

int
main(int argc, char **argv)
{
    int first = 2;

    if (argc > 4 && strcmp(argv[1], "progress") == 0) {
        country = strcmp(argv[2], "all") == 0 ? NULL : argv[2];
        answered_ms = g_ascii_strtoll(argv[3], NULL, 10);
        first = 4;
    }
    if (argc <= first) {
        fprintf(stderr,
                "usage: %s dtmf|spandsp|cost FILE...\n"
                "       %s progress COUNTRY|all ANSWERED-MS|-1 FILE...\n",
                argv[0], argv[0]);
        return 2;
    }
    for (int i = first; i < argc; i++)
        if (!run(argv[1], argv[i]))
            return 1;
    return 0;
}
