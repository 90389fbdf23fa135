/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comfort noise (RFC 3389): level and spectrum of what is made, what is malformed, offers of it,
 * and the silences of an ear that it fills.
 */
#include "codec/comfort_noise.h"

#include "ear/ear.h"
#include "sdp/offer_answer.h"
#include <math.h>
#include <string.h>

#define SAMPLES 32000
#define FRAME 160
#define FRAME_US 20000
#define HEARD (60 * 8000)

static void
make(gint16 *out, const guint8 *payload, gsize length)
{
    McpMediaComfortNoise noise = {0};
    McpMediaSid sid;

    g_assert_true(mcp_media_sid_read(&sid, payload, length));
    mcp_media_comfort_noise_set(&noise, &sid);
    mcp_media_comfort_noise_make(&noise, out, SAMPLES);
}

/* dBov. */
static double
level_of(const gint16 *samples, guint n)
{
    double sum = 0;

    for (guint i = 0; i < n; i++)
        sum += (double)samples[i] * samples[i];
    return 10 * log10(MAX(sum / n, 1e-9) / (32768.0 * 32768.0));
}

static double
correlation(const gint16 *samples, guint n, guint lag)
{
    double at_lag = 0;
    double power = 0;

    for (guint i = lag; i < n; i++) {
        at_lag += (double)samples[i] * samples[i - lag];
        power += (double)samples[i] * samples[i];
    }
    return at_lag / power;
}

static double
reflection(guint8 index)
{
    return 258.0 * ((double)index - 127) / 32768;
}

static void
test_level(void)
{
    static const guint8 shape[] = {13, 200, 90, 127, 160};
    static gint16 samples[SAMPLES];

    for (guint8 level = 10; level <= 70; level += 10)
        for (gsize order = 0; order <= sizeof shape; order++) {
            guint8 payload[1 + sizeof shape] = {level};

            memcpy(payload + 1, shape, sizeof shape);
            make(samples, payload, 1 + order);
            g_assert_cmpfloat(fabs(level_of(samples, SAMPLES) + level), <, 0.7);
        }
    make(samples, (const guint8[]){MCP_MEDIA_SID_SILENT}, 1);
    for (guint i = 0; i < SAMPLES; i++)
        g_assert_cmpint(samples[i], ==, 0);
}

/* Levinson: r1 = -k1, r2 = k1² - k2 (1 - k1²). */
static void
test_shape(void)
{
    static const guint8 indices[][2] = {{13, 127}, {241, 127}, {60, 200}, {200, 60}, {127, 20}};
    static gint16 samples[SAMPLES];

    for (guint i = 0; i < G_N_ELEMENTS(indices); i++) {
        const guint8 payload[] = {30, indices[i][0], indices[i][1]};
        double first = reflection(indices[i][0]);
        double second = reflection(indices[i][1]);

        make(samples, payload, sizeof payload);
        g_assert_cmpfloat(fabs(correlation(samples, SAMPLES, 1) + first), <, 0.03);
        g_assert_cmpfloat(
            fabs(correlation(samples, SAMPLES, 2) - (first * first - second * (1 - first * first))),
            <, 0.03);
    }
    make(samples, (const guint8[]){30}, 1);
    g_assert_cmpfloat(fabs(correlation(samples, SAMPLES, 1)), <, 0.03);
}

static void
test_malformed(void)
{
    McpMediaSid sid = {.level = 99};
    McpMediaComfortNoise noise = {0};
    guint8 payload[64] = {0};
    g_autoptr(GRand) random = g_rand_new_with_seed(13);

    g_assert_false(mcp_media_sid_read(&sid, payload, 0));
    payload[0] = 0x80;
    g_assert_false(mcp_media_sid_read(&sid, payload, 1));
    payload[0] = 0xff;
    g_assert_false(mcp_media_sid_read(&sid, payload, 10));
    g_assert_cmpuint(sid.level, ==, 99);
    /* §3.2: 255 is reserved; more coefficients than are used are let be. */
    memcpy(payload, (const guint8[]){40, 10, 20, 255, 30}, 5);
    g_assert_true(mcp_media_sid_read(&sid, payload, 5));
    g_assert_cmpuint(sid.order, ==, 2);
    memset(payload + 1, 100, sizeof payload - 1);
    g_assert_true(mcp_media_sid_read(&sid, payload, sizeof payload));
    g_assert_cmpuint(sid.order, ==, MCP_MEDIA_SID_ORDER);
    /* The sharpest filters, one after the other: it calms down again. */
    for (guint i = 0; i < 2000; i++) {
        static gint16 samples[FRAME];

        for (guint k = 1; k < sizeof payload; k++)
            payload[k] = g_rand_boolean(random) ? 254 : 0;
        payload[0] = (guint8)g_rand_int_range(random, 0, 128);
        g_assert_true(mcp_media_sid_read(&sid, payload, (gsize)g_rand_int_range(random, 1, 64)));
        mcp_media_comfort_noise_set(&noise, &sid);
        mcp_media_comfort_noise_make(&noise, samples, FRAME);
    }
    mcp_media_comfort_noise_set(&noise, &(McpMediaSid){.level = 40});
    for (guint i = 0; i < 10; i++) {
        static gint16 samples[SAMPLES];

        mcp_media_comfort_noise_make(&noise, samples, SAMPLES);
        g_assert_cmpfloat(fabs(level_of(samples, SAMPLES) + 40), <, 0.7);
    }
}

/* --- the ear --- */

typedef struct {
    McpMediaBlockPool pool;
    McpMediaEar *ear;
    gint64 now;
    guint32 sequence;
    gint64 timestamp; /* of what the sender has now */
    gint16 heard[HEARD];
    gint64 base; /* position of heard[0] */
    gint64 end;
    guint64 samples;
    guint concealed, restarts;
} Case;

static void
hear(gpointer listener, const McpMediaHeard *heard, gint64 now)
{
    Case *test = listener;

    test->samples += heard->n;
    test->concealed += heard->concealed;
    test->restarts += heard->restart;
    for (guint i = 0; i < heard->n && heard->position + i < HEARD; i++)
        test->heard[heard->position + i] = heard->samples[i];
    test->end = heard->position + heard->n;
}

static Case *
case_new(McpMediaCodecId id)
{
    const McpMediaCodecOptions options = {.opus_rate = 16000};
    Case *test = g_new0(Case, 1);
    McpMediaFormat format;

    mcp_media_format_init(&format, mcp_media_codec_get(id), &options);
    mcp_media_block_pool_init(&test->pool, sizeof(McpMediaJitterPacket), 8);
    test->ear = mcp_media_ear_new(&format, 8000);
    mcp_media_ear_open(test->ear, &test->pool);
    test->now = 1000000;
    test->sequence = 100;
    test->timestamp = 5000;
    return test;
}

static void
case_free(Case *test)
{
    mcp_media_ear_close(test->ear);
    mcp_media_ear_free(test->ear);
    mcp_media_block_pool_clear(&test->pool);
    g_free(test);
}

/* @n times 20 ms of voice, of which the packets of the mask @lost do not come. */
static void
speak(Case *test, guint n, guint lost)
{
    for (guint i = 0; i < n; i++, test->sequence++, test->timestamp += FRAME) {
        guint8 payload[FRAME];

        memset(payload, 0x90, sizeof payload);
        if (i >= 32 || (lost >> i & 1) == 0)
            mcp_media_ear_take(test->ear, test->sequence, test->timestamp, payload, sizeof payload,
                               1000, test->now);
        test->now += FRAME_US;
        mcp_media_ear_tick(test->ear, test->now);
    }
}

static void
describe(Case *test, guint8 level)
{
    mcp_media_ear_take_noise(test->ear, test->sequence++, test->timestamp, &level, 1, test->now);
}

static void
keep_silent(Case *test, guint n)
{
    for (guint i = 0; i < n; i++, test->timestamp += FRAME) {
        test->now += FRAME_US;
        mcp_media_ear_tick(test->ear, test->now);
    }
}

static double
level_at(const Case *test, guint ms, guint n_ms)
{
    return level_of(test->heard + ms * 8, n_ms * 8);
}

static void
test_gap(void)
{
    /* The first packets of the voice after it. */
    static const guint losses[] = {0, 1, 3, 7};

    for (guint i = 0; i < 2 * G_N_ELEMENTS(losses); i++) {
        guint lost = losses[i / 2];
        Case *test = case_new(i % 2 == 0 ? MCP_MEDIA_CODEC_PCMU : MCP_MEDIA_CODEC_G722);

        mcp_media_ear_listen(test->ear, hear, test);
        speak(test, 50, 0);
        describe(test, 40);
        keep_silent(test, 50);
        /* An update within the silence. */
        describe(test, 60);
        keep_silent(test, 50);
        speak(test, 50, lost);
        mcp_media_ear_unlisten(test->ear, test, test->now);
        /* Nothing is doubled, nothing is missing, and what was lost after the silence is noise. */
        g_assert_cmpint(ABS(test->end - 200 * FRAME), <=, 8);
        g_assert_cmpint(ABS((gint64)test->samples - 200 * FRAME), <=, 8);
        g_assert_cmpuint(test->concealed, ==, 0);
        g_assert_cmpuint(mcp_media_ear_get_concealed(test->ear), ==, 0);
        g_assert_cmpuint(test->restarts, ==, 1);
        if (i % 2 == 0) {
            g_assert_cmpfloat(level_at(test, 100, 890), >, -15);
            g_assert_cmpfloat(fabs(level_at(test, 1010, 980) + 40), <, 1);
            g_assert_cmpfloat(fabs(level_at(test, 2010, 980) + 60), <, 1);
            g_assert_cmpfloat(level_at(test, 3100, 890), >, -15);
        }
        case_free(test);
    }
}

/* Packets lost before a silence are made up, and the silence is not. */
static void
test_loss_before(void)
{
    Case *test = case_new(MCP_MEDIA_CODEC_PCMU);

    mcp_media_ear_listen(test->ear, hear, test);
    speak(test, 20, 3u << 18);
    describe(test, 50);
    keep_silent(test, 50);
    g_assert_cmpuint(test->concealed, ==, 0);
    speak(test, 10, 0);
    g_assert_cmpuint(test->concealed, ==, 0);
    case_free(test);
}

static void
test_bounds(void)
{
    Case *test = case_new(MCP_MEDIA_CODEC_PCMU);
    guint64 before = 0;

    mcp_media_ear_listen(test->ear, hear, test);
    speak(test, 10, 0);
    describe(test, 40);
    keep_silent(test, 2000);
    /* 30 s, and no more; what comes then stands where it belongs. */
    g_assert_cmpuint(test->samples, ==, 10 * FRAME + 30 * 8000);
    speak(test, 1, 0);
    g_assert_cmpuint(test->samples, ==, 11 * FRAME + 30 * 8000);
    g_assert_cmpint(test->end, ==, 2011 * FRAME);
    g_assert_cmpuint(test->concealed, ==, 0);
    /* Loss of signal. */
    describe(test, 40);
    keep_silent(test, 10);
    mcp_media_ear_end_noise(test->ear);
    before = test->samples;
    keep_silent(test, 10);
    g_assert_cmpuint(test->samples, ==, before);
    /* Timestamps that stood still in the silence: another count begins. */
    describe(test, 40);
    keep_silent(test, 50);
    test->timestamp -= (gint64)50 * FRAME;
    speak(test, 1, 0);
    g_assert_cmpuint(test->restarts, ==, 2);
    case_free(test);
}

/* Who begins to listen within a silence hears its noise from then on; who comes after it, none. */
static void
test_late_listener(void)
{
    Case *test = case_new(MCP_MEDIA_CODEC_PCMU);

    speak(test, 10, 0);
    describe(test, 40);
    keep_silent(test, 100);
    mcp_media_ear_listen(test->ear, hear, test);
    keep_silent(test, 50);
    mcp_media_ear_unlisten(test->ear, test, test->now);
    g_assert_cmpint(ABS((gint64)test->samples - 50 * FRAME), <=, FRAME);
    g_assert_cmpfloat(fabs(level_at(test, 0, 900) + 40), <, 1);
    speak(test, 10, 0);
    mcp_media_ear_listen(test->ear, hear, test);
    keep_silent(test, 10);
    g_assert_cmpint(ABS((gint64)test->samples - 50 * FRAME), <=, FRAME);
    case_free(test);
}

/* Whoever takes by the clock gets noise without a break, and no underrun. */
static void
test_playout(void)
{
    Case *test = case_new(MCP_MEDIA_CODEC_PCMU);
    McpMediaPlayout *playout = mcp_media_playout_new(8000, 0);
    McpMediaPlayoutFigures figures;
    gint16 out[FRAME];
    guint played = 0;

    mcp_media_ear_set_playout(test->ear, playout, test->now);
    for (guint i = 0; i < 300; i++) {
        if (i < 100 || i >= 200)
            speak(test, 1, 0);
        if (i == 100)
            describe(test, 40);
        if (i >= 100 && i < 200)
            keep_silent(test, 1);
        played += mcp_media_ear_play(test->ear, out, FRAME, test->now) == MCP_MEDIA_PLAYED_SAMPLES;
        if (i > 110 && i < 195)
            g_assert_cmpfloat(fabs(level_of(out, FRAME) + 40), <, 3);
    }
    mcp_media_playout_get_figures(playout, &figures);
    g_assert_cmpuint(figures.underruns, ==, 0);
    g_assert_cmpuint(figures.concealed, ==, 0);
    g_assert_cmpuint(played, >=, 295);
    mcp_media_ear_set_playout(test->ear, NULL, test->now);
    mcp_media_playout_free(playout);
    case_free(test);
}

/* --- offers --- */

static const McpMediaAgreement *
agree(McpMediaNegotiation *self, const char *formats, char **out_offer)
{
    g_autofree char *text = g_strdup_printf("v=0\r\no=- 7 1 IN IP4 192.0.2.9\r\ns=-\r\n"
                                            "c=IN IP4 192.0.2.9\r\nt=0 0\r\n"
                                            "m=audio 4000 RTP/AVP %s\r\n",
                                            formats);
    g_autoptr(McpSdp) offer = mcp_media_negotiation_offer(self, NULL);
    g_autoptr(McpSdp) answer = mcp_sdp_parse(text, strlen(text), NULL);

    *out_offer = g_strdup(mcp_sdp_get_text(offer));
    g_assert_true(mcp_media_negotiation_apply(self, answer, NULL));
    return mcp_media_negotiation_get(self);
}

static void
test_offer(void)
{
    static const McpMediaNoiseMode modes[] = {MCP_MEDIA_NOISE_ANSWER, MCP_MEDIA_NOISE_OFFER,
                                              MCP_MEDIA_NOISE_OFF};

    for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
        McpMediaLocal local = {.address = "192.0.2.1",
                               .port = 20000,
                               .ptime = 20,
                               .no_events = TRUE,
                               .noise = modes[i],
                               .n_codecs = 1};
        g_autoptr(McpMediaNegotiation) self = NULL;
        g_autofree char *offer = NULL;
        g_autofree char *again = NULL;
        gboolean wanted = modes[i] == MCP_MEDIA_NOISE_OFFER;

        local.codecs[0] = mcp_media_codec_get(MCP_MEDIA_CODEC_PCMU);
        self = mcp_media_negotiation_new(&local);
        /* An answer that says more than was offered makes no agreement on it. */
        g_assert_cmpint(agree(self, "0 13", &offer)->send_noise_type, ==, wanted ? 13 : -1);
        g_assert_true((strstr(offer, "RTP/AVP 0 13\r\n") != NULL) == wanted);
        g_assert_true((strstr(offer, "a=rtpmap:13 CN/8000\r\n") != NULL) == wanted);
        g_assert_cmpint(agree(self, "0", &again)->receive_noise_type, ==, -1);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/comfort-noise/level", test_level);
    g_test_add_func("/media/comfort-noise/shape", test_shape);
    g_test_add_func("/media/comfort-noise/malformed", test_malformed);
    g_test_add_func("/media/comfort-noise/gap", test_gap);
    g_test_add_func("/media/comfort-noise/loss-before", test_loss_before);
    g_test_add_func("/media/comfort-noise/bounds", test_bounds);
    g_test_add_func("/media/comfort-noise/late-listener", test_late_listener);
    g_test_add_func("/media/comfort-noise/playout", test_playout);
    g_test_add_func("/media/comfort-noise/offer", test_offer);
    return g_test_run();
}
