/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call progress: every built-in cadence, tones of networks, faxes and modems, people and machines,
 * and audio that is none of them.
 */
#include "detect/call_progress.h"
#include "test_signal.h"

#include <string.h>

#define FRAME 160

/* What was reported; ringing and beeps are counted apart from the verdict. */
typedef struct {
    guint rings, beeps, verdicts;
    McpMediaProgressReport ring, beep, verdict;
} Heard;

static void
note(Heard *heard, const McpMediaProgressReport *report)
{
    if (report->progress == MCP_MEDIA_PROGRESS_RINGING) {
        heard->rings++;
        heard->ring = *report;
    } else if (report->progress == MCP_MEDIA_PROGRESS_BEEP) {
        heard->beeps++;
        heard->beep = *report;
    } else {
        heard->verdicts++;
        heard->verdict = *report;
    }
    g_assert_cmpuint(strlen(report->evidence), >, 0);
    g_assert_cmpuint(strlen(report->evidence), <, sizeof report->evidence);
    g_test_message("%s %s: %s", mcp_media_progress_name(report->progress), report->detail,
                   report->evidence);
}

/* @answered: sample at which the call is answered, or -1. */
static void
listen(const TestSignal *signal, const McpMediaProgressSettings *settings, guint step,
       gint64 answered, Heard *heard)
{
    const gint16 *samples = (const gint16 *)(const void *)signal->samples->data;
    McpMediaProgressReport report;
    McpMediaCallProgress progress;

    memset(heard, 0, sizeof *heard);
    g_assert_true(mcp_media_call_progress_init(&progress, settings, signal->rate));
    for (guint at = 0; at < signal->samples->len; at += step) {
        if (answered >= at && answered < (gint64)at + step)
            mcp_media_call_progress_answered(&progress);
        for (guint n = mcp_media_call_progress_take(
                 &progress, samples + at, MIN(step, signal->samples->len - at), &report, 1);
             n == 1; n = mcp_media_call_progress_take(&progress, NULL, 0, &report, 1))
            note(heard, &report);
    }
}

static void
listen_simply(const TestSignal *signal, const char *country, Heard *heard)
{
    McpMediaProgressSettings settings;

    mcp_media_progress_settings_default(&settings, country);
    listen(signal, &settings, FRAME, -1, heard);
}

static void
assert_verdict(const Heard *heard, McpMediaProgress progress, const char *detail)
{
    g_assert_cmpuint(heard->verdicts, ==, 1);
    g_assert_cmpstr(mcp_media_progress_name(heard->verdict.progress), ==,
                    mcp_media_progress_name(progress));
    g_assert_cmpstr(heard->verdict.detail, ==, detail);
}

/* Half a second of silence, then the cadence for @ms. */
static TestSignal *
cadence_signal(guint rate, const McpMediaCadence *row, double ms)
{
    TestSignal *signal = test_signal_new(rate);
    const double frequency[2] = {(double)row->frequency[0], (double)row->frequency[1]};
    const double level[2] = {-16, -18};
    double made = 0;

    test_signal_silence(signal, 500);
    while (made < ms)
        for (guint i = 0; i < MCP_MEDIA_CADENCE_TIMES && row->times_ms[i] > 0; i++) {
            if (i % 2 == 0)
                test_signal_tones(signal, frequency, level, row->times_ms[i]);
            else
                test_signal_silence(signal, row->times_ms[i]);
            made += row->times_ms[i];
        }
    test_signal_silence(signal, 50);
    test_signal_add_noise(signal, -55);
    return signal;
}

static void
check_cadence(guint rate, const McpMediaCadence *row)
{
    g_autoptr(TestSignal) signal = cadence_signal(rate, row, 9000);
    Heard heard;

    g_test_message("%s %s", row->country, row->name);
    listen_simply(signal, row->country, &heard);
    if (row->signal == MCP_MEDIA_SIGNAL_RINGING) {
        g_assert_cmpuint(heard.verdicts, ==, 0);
        g_assert_cmpuint(heard.rings, ==, 1);
        g_assert_cmpint(heard.ring.at, <=, (gint64)rate * 9 / 2);
        return;
    }
    g_assert_cmpuint(heard.rings, ==, 0);
    assert_verdict(&heard,
                   row->signal == MCP_MEDIA_SIGNAL_BUSY ? MCP_MEDIA_PROGRESS_BUSY
                                                        : MCP_MEDIA_PROGRESS_FAST_BUSY,
                   row->name);
    g_assert_cmpint(heard.verdict.at, <=, (gint64)rate * 9 / 2);
}

static void
test_cadences(void)
{
    guint n = 0;
    const McpMediaCadence *rows = mcp_media_cadences(NULL, &n);

    g_assert_cmpuint(n, >=, 12);
    for (guint i = 0; i < n; i++) {
        check_cadence(8000, &rows[i]);
        check_cadence(16000, &rows[i]);
    }
}

/* Japan's ringing tone: 400 Hz, its height swinging between full and nearly nothing at 16 Hz. */
static void
test_modulated_ringing(void)
{
    static const McpMediaCadence row = {"JP",     "ringing",    MCP_MEDIA_SIGNAL_RINGING,
                                        {400, 0}, {1000, 2000}, 15};
    g_autoptr(TestSignal) signal = cadence_signal(8000, &row, 3000);
    Heard heard;

    for (guint i = 0; i < signal->samples->len; i++) {
        gint16 *sample = &g_array_index(signal->samples, gint16, i);
        double wave = (i % 500) / 250.0;

        *sample = (gint16)(*sample * (wave < 1 ? 0.05 + 0.95 * wave : 2 - 0.95 * wave));
    }
    listen_simply(signal, "JP", &heard);
    g_assert_cmpuint(heard.verdicts, ==, 0);
    g_assert_cmpuint(heard.rings, ==, 1);
}

static void
test_tables(void)
{
    static const char *const countries[] = {"US", "GB", "DE", "FR", "JP", "gb"};
    guint n = 7;

    for (guint i = 0; i < G_N_ELEMENTS(countries); i++) {
        const McpMediaCadence *rows = mcp_media_cadences(countries[i], &n);

        g_assert_nonnull(rows);
        for (guint k = 0; k < n; k++)
            g_assert_true(g_ascii_strcasecmp(rows[k].country, countries[i]) == 0);
    }
    n = 7;
    g_assert_null(mcp_media_cadences("XX", &n));
    g_assert_cmpuint(n, ==, 7);
}

static void
test_evidence(void)
{
    static const McpMediaCadence busy = {"US",       "busy",     MCP_MEDIA_SIGNAL_BUSY,
                                         {480, 620}, {500, 500}, 20};
    g_autoptr(TestSignal) signal = cadence_signal(8000, &busy, 4000);
    Heard heard;

    listen_simply(signal, "US", &heard);
    g_assert_cmpstr(heard.verdict.evidence, ==, "480+620 Hz, 0.50/0.50 s, 2 cycles");
}

/* The rhythm or the pitch of another country is not taken for this one's. */
static void
test_foreign_cadence(void)
{
    static const McpMediaCadence rows[] = {
        {"--", "slow", MCP_MEDIA_SIGNAL_BUSY, {480, 620}, {800, 800}, 0},
        {"--", "low", MCP_MEDIA_SIGNAL_BUSY, {425, 0}, {500, 500}, 0},
        {"--", "one", MCP_MEDIA_SIGNAL_BUSY, {480, 0}, {500, 500}, 0},
        {"--", "near", MCP_MEDIA_SIGNAL_BUSY, {455, 590}, {500, 500}, 0},
        {"--", "lame", MCP_MEDIA_SIGNAL_BUSY, {480, 620}, {500, 200}, 0},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(TestSignal) signal = cadence_signal(8000, &rows[i], 9000);
        Heard heard;

        listen_simply(signal, "US", &heard);
        g_assert_cmpuint(heard.verdicts + heard.rings, ==, 0);
    }
}

/* Rows come from a configuration: what makes no sense matches nothing. */
static void
test_own_rows(void)
{
    static const McpMediaCadence own[] = {
        {"ZZ", "empty", MCP_MEDIA_SIGNAL_BUSY, {600, 0}, {0}, 20},
        {"ZZ", "odd", MCP_MEDIA_SIGNAL_RINGING, {600, 0}, {300, 300, 300}, 20},
        {"ZZ", "full", MCP_MEDIA_SIGNAL_BUSY, {600, 0}, {50, 60, 70, 80, 90, 100}, 20},
        {"ZZ", "mine", MCP_MEDIA_SIGNAL_BUSY, {600, 0}, {300, 700}, 10},
        {"ZZ", "quick", MCP_MEDIA_SIGNAL_CONGESTION, {600, 0}, {180, 100}, 10},
    };
    g_autoptr(TestSignal) signal = cadence_signal(8000, &own[3], 6000);
    g_autoptr(TestSignal) quick = cadence_signal(8000, &own[4], 6000);
    McpMediaProgressSettings settings;
    Heard heard;

    mcp_media_progress_settings_default(&settings, NULL);
    settings.cadences = own;
    settings.n_cadences = G_N_ELEMENTS(own);
    listen(signal, &settings, FRAME, -1, &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_BUSY, "mine");
    listen(quick, &settings, FRAME, -1, &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_FAST_BUSY, "quick");
}

static void
test_information(void)
{
    static const struct {
        const char *name;
        double frequency[3], ms[3];
    } rows[] = {
        {"intercept", {913.8, 1370.6, 1776.7}, {274, 274, 380}},
        {"vacant", {985.2, 1370.6, 1776.7}, {380, 274, 380}},
        {"reorder", {913.8, 1428.5, 1776.7}, {274, 380, 380}},
        {"reorder", {985.2, 1370.6, 1776.7}, {274, 380, 380}},
        {"no-circuit", {985.2, 1428.5, 1776.7}, {380, 380, 380}},
        {"no-circuit", {913.8, 1370.6, 1776.7}, {380, 380, 380}},
        {"other", {985.2, 1428.5, 1776.7}, {274, 274, 380}},
        {"plain", {950, 1400, 1800}, {330, 330, 330}},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(TestSignal) signal = test_signal_new(8000);
        Heard heard;

        test_signal_silence(signal, 500 + i * 3);
        for (guint k = 0; k < 3; k++)
            test_signal_tone(signal, rows[i].frequency[k], -14, rows[i].ms[k]);
        test_signal_silence(signal, 500);
        test_signal_add_noise(signal, -50);
        listen_simply(signal, "US", &heard);
        assert_verdict(&heard, MCP_MEDIA_PROGRESS_SIT, rows[i].name);
    }
}

/* The three tones in another order, or two of them, are none. */
static void
test_no_information(void)
{
    static const double orders[][3] = {{1800, 1400, 950}, {950, 1800, 1400}, {950, 950, 1400}};

    for (guint i = 0; i < G_N_ELEMENTS(orders); i++) {
        g_autoptr(TestSignal) signal = test_signal_new(8000);
        Heard heard;

        for (guint k = 0; k < 3; k++)
            test_signal_tone(signal, orders[i][k], -14, 330);
        test_signal_silence(signal, 500);
        listen_simply(signal, "US", &heard);
        g_assert_cmpuint(heard.verdicts, ==, 0);
    }
}

/* 2100 Hz and what modems do to it. */
static void
answer_tone(TestSignal *signal, double ms, gboolean reversed, gboolean modulated)
{
    guint first = signal->samples->len;

    test_signal_tone(signal, 2100, -12, ms);
    for (guint i = 0; first + i < signal->samples->len; i++) {
        gint16 *sample = &g_array_index(signal->samples, gint16, first + i);
        double seconds = (double)i / signal->rate;
        double wave = seconds * 15 - (double)(gint)(seconds * 15);
        double height = modulated ? 1 + 0.4 * (wave < 0.5 ? 4 * wave - 1 : 3 - 4 * wave) / 2 : 1;

        if (reversed && (gint)(seconds / 0.45) % 2 == 1)
            height = -height;
        *sample = (gint16)(*sample * height);
    }
}

static void
check_answer_tone(gboolean reversed, gboolean modulated, McpMediaProgress progress,
                  const char *detail)
{
    g_autoptr(TestSignal) signal = test_signal_new(8000);
    Heard heard;

    test_signal_silence(signal, 300);
    answer_tone(signal, 3000, reversed, modulated);
    test_signal_silence(signal, 500);
    test_signal_add_noise(signal, -50);
    listen_simply(signal, "DE", &heard);
    assert_verdict(&heard, progress, detail);
    g_assert_cmpint(heard.verdict.at, <=, 8000 * 2);
}

static void
test_fax_and_modem(void)
{
    g_autoptr(TestSignal) fax = test_signal_new(8000);
    g_autoptr(TestSignal) bell = test_signal_new(8000);
    g_autoptr(TestSignal) brief = test_signal_new(8000);
    Heard heard;

    check_answer_tone(FALSE, FALSE, MCP_MEDIA_PROGRESS_FAX, "ced");
    check_answer_tone(TRUE, FALSE, MCP_MEDIA_PROGRESS_MODEM, "ans");
    check_answer_tone(FALSE, TRUE, MCP_MEDIA_PROGRESS_MODEM, "ansam");
    check_answer_tone(TRUE, TRUE, MCP_MEDIA_PROGRESS_MODEM, "ansam");
    test_signal_silence(fax, 500);
    test_signal_tone(fax, 1110, -20, 500);
    test_signal_silence(fax, 500);
    listen_simply(fax, "DE", &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_FAX, "cng");
    test_signal_tone(bell, 2225, -12, 2000);
    listen_simply(bell, "DE", &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_MODEM, "bell");
    /* Neither long nor short enough. */
    test_signal_silence(brief, 500);
    test_signal_tone(brief, 1100, -12, 300);
    test_signal_silence(brief, 500);
    test_signal_tone(brief, 1100, -12, 800);
    test_signal_silence(brief, 500);
    test_signal_tone(brief, 2100, -12, 900);
    test_signal_silence(brief, 500);
    listen_simply(brief, "DE", &heard);
    g_assert_cmpuint(heard.verdicts, ==, 0);
}

static void
test_person(void)
{
    g_autoptr(TestSignal) signal = test_signal_new(16000);
    Heard heard;

    test_signal_silence(signal, 700);
    test_signal_voice(signal, -15, 800);
    test_signal_silence(signal, 2000);
    test_signal_add_noise(signal, -52);
    listen_simply(signal, "US", &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_PERSON, "");
    g_assert_cmpint(heard.verdict.at, <=, 16000 * 47 / 10);
    g_assert_true(g_str_has_prefix(heard.verdict.evidence, "greeting 0."));
}

static void
test_machine(void)
{
    g_autoptr(TestSignal) signal = test_signal_new(8000);
    gint64 beep_end;
    Heard heard;

    test_signal_silence(signal, 700);
    test_signal_voice(signal, -15, 1200);
    test_signal_silence(signal, 400);
    test_signal_voice(signal, -15, 3000);
    test_signal_silence(signal, 600);
    test_signal_tone(signal, 1000, -12, 400);
    beep_end = signal->samples->len;
    test_signal_silence(signal, 1000);
    test_signal_add_noise(signal, -52);
    listen_simply(signal, "US", &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_MACHINE, "");
    g_assert_cmpint(heard.verdict.at, <=, 8000 * 34 / 10);
    g_assert_cmpuint(heard.beeps, ==, 1);
    g_assert_cmpint(ABS(heard.beep.at - beep_end), <=, 8000 / 5);
    g_assert_true(g_str_has_prefix(heard.beep.evidence, "1000 Hz, 0."));
}

/* A greeting as short as a person's, but a beep follows at once. */
static void
test_short_machine(void)
{
    g_autoptr(TestSignal) signal = test_signal_new(8000);
    Heard heard;

    test_signal_silence(signal, 700);
    test_signal_voice(signal, -15, 1000);
    test_signal_silence(signal, 200);
    test_signal_tone(signal, 800, -12, 300);
    test_signal_silence(signal, 1000);
    listen_simply(signal, "US", &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_MACHINE, "");
    g_assert_cmpuint(heard.beeps, ==, 1);
}

/* Ringing, a voice of the network, then the answer: only what follows it is judged. */
static void
test_answered(void)
{
    g_autoptr(TestSignal) signal = test_signal_new(8000);
    const double frequency[2] = {440, 480};
    const double level[2] = {-18, -18};
    McpMediaProgressSettings settings;
    gint64 answered;
    Heard heard;

    test_signal_silence(signal, 300);
    test_signal_tones(signal, frequency, level, 2000);
    test_signal_silence(signal, 2000);
    test_signal_voice(signal, -15, 5000);
    answered = signal->samples->len;
    test_signal_silence(signal, 500);
    test_signal_voice(signal, -15, 800);
    test_signal_silence(signal, 2000);
    mcp_media_progress_settings_default(&settings, "US");
    settings.await_answer = TRUE;
    listen(signal, &settings, FRAME, answered, &heard);
    g_assert_cmpuint(heard.rings, ==, 1);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_PERSON, "");
    g_assert_cmpint(heard.verdict.at, >, answered);
    listen(signal, &settings, FRAME, -1, &heard);
    g_assert_cmpuint(heard.verdicts, ==, 0);
    /* Not waited for: the voice of the network is a machine, and the answer withdraws that. */
    settings.await_answer = FALSE;
    listen(signal, &settings, FRAME, answered, &heard);
    g_assert_cmpuint(heard.verdicts, ==, 2);
    g_assert_cmpint(heard.verdict.progress, ==, MCP_MEDIA_PROGRESS_PERSON);
}

static void
test_silence(void)
{
    g_autoptr(TestSignal) signal = test_signal_new(8000);
    McpMediaProgressSettings settings;
    Heard heard;

    test_signal_silence(signal, 12000);
    test_signal_add_noise(signal, -50);
    mcp_media_progress_settings_default(&settings, "US");
    listen(signal, &settings, FRAME, 8000, &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_SILENCE, "");
    g_assert_cmpint(heard.verdict.at, ==, 8000 + 8000 * 7 / 2);
    listen(signal, &settings, FRAME, -1, &heard);
    g_assert_cmpuint(heard.verdicts, ==, 0);
    settings.no_answer_ms = 10000;
    listen(signal, &settings, FRAME, -1, &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_SILENCE, "");
    g_assert_cmpint(heard.verdict.at, ==, 80000);
}

/* Time is up in the middle of the first words after a long silence. */
static void
test_total_time(void)
{
    g_autoptr(TestSignal) signal = test_signal_new(8000);
    McpMediaProgressSettings settings;
    Heard heard;

    test_signal_silence(signal, 3000);
    test_signal_voice(signal, -15, 3000);
    mcp_media_progress_settings_default(&settings, "US");
    listen(signal, &settings, FRAME, 0, &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_MACHINE, "");
    g_assert_cmpint(heard.verdict.at, ==, 8000 * 4);
}

static void
test_steps(void)
{
    static const McpMediaCadence busy = {"US",       "busy",     MCP_MEDIA_SIGNAL_BUSY,
                                         {480, 620}, {500, 500}, 20};
    static const guint steps[] = {1, 7, 80, 480, 1000000};
    g_autoptr(TestSignal) signal = cadence_signal(8000, &busy, 4000);
    McpMediaProgressSettings settings;
    Heard first;
    Heard heard;

    mcp_media_progress_settings_default(&settings, "US");
    listen(signal, &settings, FRAME, -1, &first);
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        listen(signal, &settings, steps[i], -1, &heard);
        assert_verdict(&heard, MCP_MEDIA_PROGRESS_BUSY, "busy");
        g_assert_cmpint(heard.verdict.at, ==, first.verdict.at);
        g_assert_cmpstr(heard.verdict.evidence, ==, first.verdict.evidence);
    }
}

static void
test_hostile(void)
{
    static const McpMediaCadence busy = {"US",       "busy",     MCP_MEDIA_SIGNAL_BUSY,
                                         {480, 620}, {500, 500}, 20};
    g_autoptr(TestSignal) clipped = cadence_signal(8000, &busy, 4000);
    g_autoptr(TestSignal) junk = test_signal_new(8000);
    McpMediaProgressSettings settings;
    Heard heard;

    test_signal_amplify(clipped, 5);
    listen_simply(clipped, "US", &heard);
    assert_verdict(&heard, MCP_MEDIA_PROGRESS_BUSY, "busy");
    mcp_media_progress_settings_default(&settings, NULL);
    test_signal_silence(junk, 1000);
    test_signal_square(junk, 4000, 3000);
    test_signal_square(junk, 0.2, 10000);
    test_signal_square(junk, 150, 3000);
    listen(junk, &settings, FRAME, -1, &heard);
    g_assert_cmpuint(heard.rings, ==, 0);
    test_signal_add_noise(junk, 3);
    listen(junk, &settings, 1, 4000, &heard);
    g_assert_cmpuint(heard.rings, ==, 0);
}

/* Bursts of noise are not words. */
static void
test_noise(void)
{
    g_autoptr(TestSignal) signal = test_signal_new(8000);
    Heard heard;

    test_signal_silence(signal, 5000);
    test_signal_add_noise(signal, -20);
    memset(signal->samples->data, 0, 8000 * sizeof(gint16));
    memset(signal->samples->data + 24000 * sizeof(gint16), 0, 8000 * sizeof(gint16));
    listen_simply(signal, "US", &heard);
    g_assert_cmpuint(heard.verdicts + heard.rings, ==, 0);
}

static void
test_nothing(void)
{
    McpMediaProgressSettings settings;
    McpMediaCallProgress progress;
    McpMediaProgressReport report;

    mcp_media_progress_settings_default(&settings, "no such country");
    g_assert_cmpuint(settings.n_cadences, >=, 12);
    g_assert_false(mcp_media_call_progress_init(&progress, &settings, 11025));
    g_assert_true(mcp_media_call_progress_init(&progress, &settings, 8000));
    g_assert_cmpuint(mcp_media_call_progress_take(&progress, NULL, 0, &report, 1), ==, 0);
    mcp_media_call_progress_answered(&progress);
    g_assert_cmpuint(mcp_media_call_progress_take(&progress, NULL, 0, &report, 1), ==, 0);
    g_assert_cmpstr(mcp_media_progress_name((McpMediaProgress)99), ==, "unknown");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/call_progress/cadences", test_cadences);
    g_test_add_func("/media/call_progress/modulated_ringing", test_modulated_ringing);
    g_test_add_func("/media/call_progress/tables", test_tables);
    g_test_add_func("/media/call_progress/evidence", test_evidence);
    g_test_add_func("/media/call_progress/foreign_cadence", test_foreign_cadence);
    g_test_add_func("/media/call_progress/own_rows", test_own_rows);
    g_test_add_func("/media/call_progress/information", test_information);
    g_test_add_func("/media/call_progress/no_information", test_no_information);
    g_test_add_func("/media/call_progress/fax_and_modem", test_fax_and_modem);
    g_test_add_func("/media/call_progress/person", test_person);
    g_test_add_func("/media/call_progress/machine", test_machine);
    g_test_add_func("/media/call_progress/short_machine", test_short_machine);
    g_test_add_func("/media/call_progress/answered", test_answered);
    g_test_add_func("/media/call_progress/silence", test_silence);
    g_test_add_func("/media/call_progress/total_time", test_total_time);
    g_test_add_func("/media/call_progress/steps", test_steps);
    g_test_add_func("/media/call_progress/hostile", test_hostile);
    g_test_add_func("/media/call_progress/noise", test_noise);
    g_test_add_func("/media/call_progress/nothing", test_nothing);
    return g_test_run();
}
