/* SPDX-License-Identifier: Apache-2.0 */
/* The recognizer's parts: where speech begins and ends, the upper band, pronunciations. */
#include "recognizer.h"
#include "spelling.h"
#include <math.h>
#include <mcp/error.h>
#include <sound/endpoint.h>
#include <sphinx/decoder.h>
#include <sphinx/pronunciation.h>
#include <sphinx/upper_band.h>
#include <string.h>

#define RATE MCP_SPHINX_RATE
#define MS (RATE / 1000)

/* A tone of @level dB below full scale over noise of 60 dB below it. */
static void
feed_tone(McpEndpoint *endpoint, double level, guint ms)
{
    double size = 32768 * M_SQRT2 * pow(10, level / 20);

    for (guint i = 0; i < ms; i++) {
        gint16 samples[MS];

        for (guint j = 0; j < MS; j++)
            samples[j] = (gint16)(size * sin(2 * G_PI * 500 * (i * MS + j) / RATE) +
                                  g_test_rand_int_range(-50, 50));
        mcp_endpoint_feed(endpoint, samples, MS);
    }
}

static void
assert_about(guint64 position, guint ms)
{
    g_assert_cmpuint(position, >=, (ms - 20) * MS);
    g_assert_cmpuint(position, <=, (ms + 20) * MS);
}

static void
test_endpoint(void)
{
    McpEndpoint endpoint;

    mcp_endpoint_init(&endpoint, RATE, 0.5);
    feed_tone(&endpoint, -90, 500);
    feed_tone(&endpoint, -20, 30); /* a click */
    feed_tone(&endpoint, -90, 470);
    g_assert_false(endpoint.speaking);
    feed_tone(&endpoint, -20, 400);
    g_assert_true(endpoint.speaking);
    assert_about(endpoint.onset, 1000);
    feed_tone(&endpoint, -90, 600);
    assert_about(endpoint.last, 1400);
    g_assert_cmpint(ABS(mcp_endpoint_silence(&endpoint) - 600000), <, 30000);
    feed_tone(&endpoint, -20, 200);
    assert_about(endpoint.onset, 1000);
    assert_about(endpoint.spoken, 600);
    g_assert_cmpint(mcp_endpoint_silence(&endpoint), <, 30000);
    mcp_endpoint_restart(&endpoint);
    feed_tone(&endpoint, -90, 300);
    g_assert_false(endpoint.speaking);
}

/* Soft speech is heard by a sensitive recognizer alone. */
static void
test_sensitivity(void)
{
    McpEndpoint keen;
    McpEndpoint dull;

    mcp_endpoint_init(&keen, RATE, 0.9);
    mcp_endpoint_init(&dull, RATE, 0.1);
    feed_tone(&keen, -90, 500);
    feed_tone(&dull, -90, 500);
    feed_tone(&keen, -48, 300);
    feed_tone(&dull, -48, 300);
    g_assert_true(keen.speaking);
    g_assert_false(dull.speaking);
}

static void
fill_tone(gint16 *samples, gsize n, double hz)
{
    for (gsize i = 0; i < n; i++)
        samples[i] = (gint16)(8000 * sin(2 * G_PI * hz * (double)i / RATE));
}

static double
part_of(const gint16 *samples, gsize n, double hz)
{
    double re = 0;
    double im = 0;

    for (gsize i = 0; i < n; i++) {
        re += samples[i] * cos(2 * G_PI * hz * (double)i / RATE);
        im += samples[i] * sin(2 * G_PI * hz * (double)i / RATE);
    }
    return 2 * hypot(re, im) / (double)n;
}

/* 3 kHz of a telephone gets an image at 5 kHz, a third as large; a wide band stays as it is. */
static void
test_upper_band(void)
{
    gint16 narrow[RATE];
    gint16 wide[RATE];
    gint16 same[RATE];

    fill_tone(narrow, RATE, 3000);
    fill_tone(wide, RATE, 6000);
    memcpy(same, wide, sizeof same);
    g_assert_true(mcp_upper_band_fill(narrow, RATE));
    g_assert_cmpfloat(fabs(part_of(narrow, RATE, 5000) / part_of(narrow, RATE, 3000) - 1.0 / 3), <,
                      0.01);
    g_assert_false(mcp_upper_band_fill(wide, RATE));
    g_assert_cmpmem(wide, sizeof wide, same, sizeof same);
}

static void
expect_ways(const McpPronunciations *all, const char *word, const char *ways)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) found = mcp_pronunciations_find(all, word, &error);
    g_autofree char *joined = found != NULL ? g_strjoinv(" | ", found) : NULL;

    if (ways == NULL)
        g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    else
        g_assert_no_error(error);
    g_assert_cmpstr(joined, ==, ways);
}

static void
test_pronunciations(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpPronunciations) all =
        mcp_pronunciations_open(MCP_SPHINX_MODEL "/cmudict-en-us.dict", mcp_speech_spell, &error);

    g_assert_no_error(error);
    expect_ways(all, "yes", "Y EH S");
    expect_ways(all, "Yes.", "Y EH S");
    expect_ways(all, "a", "AH | EY");
    expect_ways(all, "'bout", "B AW T");
    expect_ways(all, "4", "F AO R");
    expect_ways(all, "twenty-one", "T W EH N T IY W AO N");
    expect_ways(all, "zorblat", "Z AO R B L AE T"); /* by the rules of spelling */
    expect_ways(all, "42", NULL);
    expect_ways(all, "na\xc3\xafve", NULL);
    expect_ways(all, "a(2)", NULL);
    expect_ways(all, "+AA+", NULL);
    expect_ways(all, "<sil>", NULL);
    expect_ways(all, "...", NULL);
    g_assert_null(mcp_pronunciations_open("/nonexistent", mcp_speech_spell, &error));
    g_assert_nonnull(error);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/speech/endpoint/bounds", test_endpoint);
    g_test_add_func("/speech/endpoint/sensitivity", test_sensitivity);
    g_test_add_func("/speech/upper-band", test_upper_band);
    g_test_add_func("/speech/pronunciations", test_pronunciations);
    return g_test_run();
}
