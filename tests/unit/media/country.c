/* SPDX-License-Identifier: Apache-2.0 */
/* Tones of a country as an operator writes them, and calls that are judged by them. */
#include "detect/country.h"
#include "test_signal.h"
#include <string.h>

static void
test_parse(void)
{
    static const char *const good[] = {"425: 500/500", "440+480: 2000/4000",
                                       "400+450:400/200/400/2000", "425: 2500"};
    static const char *const bad[] = {"",
                                      "425",
                                      "425:",
                                      "425: 500/",
                                      "425: 500/500/500",
                                      "425: 1/500",
                                      "425: 500/500 ",
                                      "330: 500/500",
                                      "480+440: 500/500",
                                      "440+: 500/500",
                                      "425: -500/500",
                                      "425: 99999999999999999999/500",
                                      "425: 100/100/100/100/100/100/100/100",
                                      "x: 500/500"};
    McpMediaCadence cadence = {0};

    for (guint i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_true(mcp_media_cadence_parse(&cadence, good[i]));
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(mcp_media_cadence_parse(&cadence, bad[i]));
    g_assert_true(mcp_media_cadence_parse(&cadence, "400+450: 400/200/400/2000"));
    g_assert_cmpfloat(cadence.frequency[1], ==, 450);
    g_assert_cmpuint(cadence.times_ms[2], ==, 400);
    g_assert_cmpuint(cadence.times_ms[3], ==, 2000);
    g_assert_cmpuint(cadence.times_ms[4], ==, 0);
}

/* A busy tone that no built-in table has. */
static McpMediaProgress
judge(const McpMediaCountry *country)
{
    g_autoptr(TestSignal) signal = test_signal_new(8000);
    g_autofree McpMediaCallProgress *progress = g_new0(McpMediaCallProgress, 1);
    McpMediaProgressSettings settings;
    McpMediaProgressReport report;

    for (guint i = 0; i < 6; i++) {
        test_signal_tone(signal, 425, -15, 700);
        test_signal_silence(signal, 300);
    }
    mcp_media_progress_settings_default(&settings, "XX");
    if (country != NULL)
        mcp_media_country_apply(country, &settings);
    g_assert_true(mcp_media_call_progress_init(progress, &settings, 8000));
    if (mcp_media_call_progress_take(progress, (const gint16 *)signal->samples->data,
                                     signal->samples->len, &report, 1) == 0)
        return MCP_MEDIA_PROGRESS_SILENCE;
    return report.progress;
}

static void
test_own_tone(void)
{
    McpMediaCountry country = {.name = "XX",
                               .n = 1,
                               .greeting = {.greeting_ms = 2500,
                                            .after_greeting_ms = 900,
                                            .initial_silence_ms = 3500,
                                            .total_ms = 4000}};
    McpMediaCadence *tone = &country.tones[0];

    tone->country = "XX";
    tone->name = "busy";
    tone->signal = MCP_MEDIA_SIGNAL_BUSY;
    tone->tolerance = 15;
    g_assert_true(mcp_media_cadence_parse(tone, "425: 700/300"));
    g_assert_cmpint(judge(&country), ==, MCP_MEDIA_PROGRESS_BUSY);
    g_assert_cmpint(judge(NULL), !=, MCP_MEDIA_PROGRESS_BUSY);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/country/parse", test_parse);
    g_test_add_func("/media/country/own-tone", test_own_tone);
    return g_test_run();
}
