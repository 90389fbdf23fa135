/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G.722 beside another implementation of the standard, libspandsp: not a bit may differ, whatever
 * is said, however it is cut into packets, and whatever bytes come; but see corrected().
 */
#include "codec/coder.h"
#include <math.h>
#include <spandsp.h>
#include <string.h>

#define RATE 16000
#define TOTAL (RATE * 10)
#define BIT_RATE 64000

typedef gint16 (*SignalFunc)(guint i, GRand *rand);

static gint16
silence(guint i, GRand *rand)
{
    return 0;
}

static gint16
random_noise(guint i, GRand *rand)
{
    return (gint16)g_rand_int(rand);
}

/* Each half second at another level, full scale and less. */
static gint16
sweep(guint i, GRand *rand)
{
    double t = (double)i / RATE;
    double peak = 32767.0 / (1 << i / (RATE / 2) % 14);

    return (gint16)(peak * sin(2 * G_PI * (50 + 380 * t) * t));
}

static gint16
square(guint i, GRand *rand)
{
    return i / 13 % 2 == 0 ? G_MAXINT16 : G_MININT16;
}

static gint16
extremes(guint i, GRand *rand)
{
    return g_rand_int_range(rand, 0, 40) == 0 ? (gint16)g_rand_int(rand) : G_MININT16;
}

static gint16
bursts(guint i, GRand *rand)
{
    return i / 4000 % 3 == 0 ? (gint16)g_rand_int_range(rand, -20000, 20000)
                             : (gint16)g_rand_int_range(rand, -3, 4);
}

static McpMediaFormat
format(void)
{
    static const McpMediaCodecOptions options = {.opus_rate = 16000};
    McpMediaFormat g722;

    mcp_media_format_init(&g722, mcp_media_codec_get(MCP_MEDIA_CODEC_G722), &options);
    return g722;
}

/* Of what is @left, a packet of any length. */
static guint
part_of(guint left, GRand *rand)
{
    guint part = (guint)g_rand_int_range(rand, 1, 500);

    return MIN(left, part);
}

/* Coded in packets of any length; into @out and into @reference by the library. */
static gsize
encode(const gint16 *samples, guint n, GRand *rand, guint8 *out, guint8 *reference)
{
    McpMediaFormat g722 = format();
    McpMediaEncoder *encoder = mcp_media_encoder_new(&g722);
    g722_encode_state_t *other = g722_encode_init(NULL, BIT_RATE, 0);
    gsize length = (gsize)g722_encode(other, reference, samples, (int)n);
    gsize made = 0;

    for (guint done = 0; done < n;) {
        guint part = 2 * part_of((n - done) / 2, rand);

        made += mcp_media_encoder_take(encoder, samples + done, part, out + made, n - made);
        done += part;
    }
    g722_encode_free(other);
    mcp_media_encoder_free(encoder);
    g_assert_cmpuint(made, ==, n / 2);
    g_assert_cmpuint(length, ==, made);
    return made;
}

/*
 * What is beyond full scale goes round in the library, a loud click; the standard limits it (§4.4).
 * Of a signal by no more than once round, so that the sign tells; bytes of nobody go further.
 */
static gint
corrected(gint heard, gint reference, gboolean of_signal)
{
    gboolean limited = heard == G_MAXINT16 || heard == G_MININT16;

    return limited && (!of_signal || (heard ^ reference) < 0) ? heard : reference;
}

static void
compare_decoders(const guint8 *bytes, guint n, gboolean of_signal, GRand *rand)
{
    McpMediaFormat g722 = format();
    McpMediaDecoder *decoder = mcp_media_decoder_new(&g722, RATE);
    g722_decode_state_t *other = g722_decode_init(NULL, BIT_RATE, 0);
    gint16 heard[MCP_MEDIA_SAMPLES_MAX];
    gint16 reference[MCP_MEDIA_SAMPLES_MAX];

    for (guint done = 0; done < n;) {
        guint part = part_of(n - done, rand);
        guint made = mcp_media_decoder_take(decoder, bytes + done, part, heard);

        g_assert_cmpuint(made, ==, 2 * part);
        g_assert_cmpint(g722_decode(other, reference, bytes + done, (int)part), ==, (int)made);
        for (guint i = 0; i < made; i++)
            g_assert_cmpint(heard[i], ==, corrected(heard[i], reference[i], of_signal));
        done += part;
    }
    g722_decode_free(other);
    mcp_media_decoder_free(decoder);
}

static void
test_signal(gconstpointer data)
{
    SignalFunc signal = *(const SignalFunc *)data;
    g_autoptr(GRand) rand = g_rand_new_with_seed(722);
    g_autofree gint16 *samples = g_new(gint16, TOTAL);
    g_autofree guint8 *coded = g_new(guint8, TOTAL);
    g_autofree guint8 *reference = g_new(guint8, TOTAL);
    gsize length = 0;

    for (guint i = 0; i < TOTAL; i++)
        samples[i] = signal(i, rand);
    length = encode(samples, TOTAL, rand, coded, reference);
    g_assert_cmpmem(coded, length, reference, length);
    compare_decoders(coded, (guint)length, TRUE, rand);
}

static void
test_any_bytes(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(64);
    g_autofree guint8 *bytes = g_new(guint8, TOTAL);

    for (guint i = 0; i < TOTAL; i++)
        bytes[i] = (guint8)g_rand_int(rand);
    compare_decoders(bytes, TOTAL, FALSE, rand);
    /* One code for long, each in turn: the scale goes to its ends. */
    for (guint i = 0; i < TOTAL; i++)
        bytes[i] = (guint8)(i / (TOTAL / 256));
    compare_decoders(bytes, TOTAL, FALSE, rand);
}

/* Neither writes more than there is room for; an odd sample waits for nobody. */
static void
test_room(void)
{
    McpMediaFormat g722 = format();
    McpMediaEncoder *encoder = mcp_media_encoder_new(&g722);
    gint16 samples[40] = {0};
    guint8 out[12];

    memset(out, 0x55, sizeof out);
    g_assert_cmpuint(mcp_media_encoder_take(encoder, samples, 40, out, 10), ==, 10);
    g_assert_cmpuint(out[10], ==, 0x55);
    g_assert_cmpuint(mcp_media_encoder_take(encoder, samples, 9, out, sizeof out), ==, 4);
    g_assert_cmpuint(mcp_media_encoder_take(encoder, samples, 1, out, sizeof out), ==, 0);
    mcp_media_encoder_free(encoder);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *path;
        SignalFunc signal;
    } signals[] = {{"/g722/silence", silence},   {"/g722/noise", random_noise},
                   {"/g722/sweep", sweep},       {"/g722/square", square},
                   {"/g722/extremes", extremes}, {"/g722/bursts", bursts}};

    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
        g_test_add_data_func(signals[i].path, &signals[i].signal, test_signal);
    g_test_add_func("/g722/any-bytes", test_any_bytes);
    g_test_add_func("/g722/room", test_room);
    return g_test_run();
}
