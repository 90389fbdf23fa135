/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adaptive differences of both bands of G.722 (ITU-T G.722 §3, §4), number for number. Six bits
 * of the lower band, two of the higher one. One sample depends on all before, so nothing here makes
 * vectors but the quantiser; both bands go through one loop, so that the processor works at one
 * while the other waits. Pure functions.
 */
#include "g722_band.h"

#ifdef __SSE2__
#include <emmintrin.h>
#else
#define LANES 8
#endif

#define LEVELS 32 /* of the lower quantiser: 29, and what makes vectors whole */
#define LEVELS_USED 29
#define LOW_LOG_MAX 18432
#define HIGH_LOG_MAX 22528
#define LOW_SHIFT 8
#define HIGH_SHIFT 10
#define HIGH_LEVEL 564
#define LOW_DET 32
#define HIGH_DET 8

typedef McpMediaG722Lanes Lanes;

/* Table 4 by 16, so that the product's upper half is what the standard shifts by 12. */
static const guint16 levels[LEVELS] = {
    35 << 4,   72 << 4,   110 << 4,  150 << 4,  190 << 4,  233 << 4,  276 << 4,  323 << 4,
    370 << 4,  422 << 4,  473 << 4,  530 << 4,  587 << 4,  650 << 4,  714 << 4,  786 << 4,
    858 << 4,  940 << 4,  1023 << 4, 1121 << 4, 1219 << 4, 1339 << 4, 1458 << 4, 1612 << 4,
    1765 << 4, 1980 << 4, 2195 << 4, 2557 << 4, 2919 << 4, 0xffff,    0xffff,    0xffff};

/* By the number of levels reached: of differences below zero, and of others (tables 5 and 6). */
static const guint8 low_codes[2][LEVELS_USED + 1] = {
    {61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47,
     46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32},
    {63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19,
     18, 17, 16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4}};

/* What four and six bits of the lower band, and the two of the higher one, stand for. */
static const gint32 low_4[16] = {0,     -20456, -12896, -8968, -6288, -4240, -2584, -1200,
                                 20456, 12896,  8968,   6288,  4240,  2584,  1200,  0};
static const gint32 low_6[64] = {
    -136,   -136,   -136,  -136,  -24808, -21904, -19008, -16704, -14984, -13512, -12280,
    -11192, -10232, -9360, -8576, -7856,  -7192,  -6576,  -6000,  -5456,  -4944,  -4464,
    -4008,  -3576,  -3168, -2776, -2400,  -2032,  -1688,  -1360,  -1040,  -728,   24808,
    21904,  19008,  16704, 14984, 13512,  12280,  11192,  10232,  9360,   8576,   7856,
    7192,   6576,   6000,  5456,  4944,   4464,   4008,   3576,   3168,   2776,   2400,
    2032,   1688,   1360,  1040,  728,    432,    136,    -432,   -136};
static const gint32 high_2[4] = {-7408, -1616, 7408, 1616};

/* How the logarithm of the scale moves with a code. */
static const gint32 low_steps[16] = {-60,  3042, 1198, 538, 334, 172, 58,  -30,
                                     3042, 1198, 538,  334, 172, 58,  -30, -60};
static const gint32 high_steps[4] = {798, -214, 798, -214};

/* 2^(i / 32), 2048 being one. */
static const gint32 antilog[32] = {2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543,
                                   2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
                                   3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008};

static G_ALWAYS_INLINE inline gint32
saturate(gint32 value)
{
    return CLAMP(value, G_MININT16, G_MAXINT16);
}

/* @value, its sign turned where those of @x and @y differ; 0 counts as above zero. */
static G_ALWAYS_INLINE inline gint32
by_signs(gint32 value, gint32 x, gint32 y)
{
    gint32 sign = (x ^ y) >> 31;

    return (value ^ sign) - sign;
}

static G_ALWAYS_INLINE inline void
adapt_scale(McpMediaG722Band *band, gint32 step, gint32 most, gint32 shift)
{
    gint32 nb = (band->nb * 127 >> 7) + step;

    nb = CLAMP(nb, 0, most);
    band->nb = nb;
    /* One to the left first: the standard's shift may be by one to the left. */
    band->det = antilog[nb >> 6 & 31] * 2 >> (shift + 1 - (nb >> 11)) << 2;
}

/* UPPOL2 and UPPOL1, and what they predict. */
static G_ALWAYS_INLINE inline gint32
adapt_poles(McpMediaG722Band *band, gint32 r, gint32 p)
{
    gint32 turned = by_signs(saturate(band->a[0] * 4), ~p, band->p[0]);
    gint32 second =
        (MIN(turned, G_MAXINT16) >> 7) + by_signs(128, p, band->p[1]) + (band->a[1] * 32512 >> 15);
    gint32 first = by_signs(192, p, band->p[0]) + (band->a[0] * 32640 >> 15);
    gint32 most = 0;

    second = CLAMP(second, -12288, 12288);
    most = 15360 - second;
    first = CLAMP(first, -most, most);
    band->a[0] = first;
    band->a[1] = second;
    band->p[1] = band->p[0];
    band->p[0] = p;
    band->r[1] = band->r[0];
    band->r[0] = r;
    return saturate((first * saturate(2 * r) >> 15) + (second * saturate(2 * band->r[1]) >> 15));
}

/* Twice, limited as the standard's SHL is. */
static G_ALWAYS_INLINE inline Lanes
double_saturated(Lanes x)
{
    Lanes twice = x + x;
    Lanes over = (x ^ twice) >> 15;

    return (over & (x >> 15 ^ G_MAXINT16)) | (~over & twice);
}

/* The two steps that the compiler makes no vectors of, in the processor's own words and in C. */
#ifdef __SSE2__
static G_ALWAYS_INLINE inline Lanes
push(Lanes lanes, gint16 first)
{
    const __m128i used = _mm_set_epi16(0, 0, -1, -1, -1, -1, -1, -1);
    __m128i moved = _mm_and_si128(_mm_slli_si128((__m128i)lanes, 2), used);

    return (Lanes)_mm_insert_epi16(moved, first, 0);
}

static G_ALWAYS_INLINE inline gint32
sum_products(Lanes x, Lanes y)
{
    __m128i low = _mm_mullo_epi16((__m128i)x, (__m128i)y);
    __m128i high = _mm_mulhi_epi16((__m128i)x, (__m128i)y);
    __m128i sum = _mm_add_epi32(_mm_srai_epi32(_mm_unpacklo_epi16(low, high), 15),
                                _mm_srai_epi32(_mm_unpackhi_epi16(low, high), 15));

    sum = _mm_add_epi32(sum, _mm_unpackhi_epi64(sum, sum));
    return _mm_cvtsi128_si32(sum) + _mm_cvtsi128_si32(_mm_shuffle_epi32(sum, 1));
}
#else
static G_ALWAYS_INLINE inline Lanes
push(Lanes lanes, gint16 first)
{
    const Lanes move = {8, 0, 1, 2, 3, 4, 8, 8};

    lanes = __builtin_shuffle(lanes, (Lanes){0}, move);
    lanes[0] = first;
    return lanes;
}

static G_ALWAYS_INLINE inline gint32
sum_products(Lanes x, Lanes y)
{
    gint32 sum = 0;

    for (guint i = 0; i < LANES; i++)
        sum += x[i] * y[i] >> 15;
    return sum;
}
#endif

/* UPZERO, and what it predicts. */
static G_ALWAYS_INLINE inline gint32
adapt_zeros(McpMediaG722Band *band, gint32 d)
{
    Lanes opposed = (band->d ^ (gint16)d) >> 15;
    gint16 step = d == 0 ? 0 : 128;

    /* 255/256 of it, rounded down, and 128 more: that stays within 16 bits. */
    band->b += (step ^ opposed) - opposed - (band->b >> 8) - 1 - ((band->b & 255) == 0);
    band->d = push(band->d, (gint16)d);
    return saturate(sum_products(band->b, double_saturated(band->d)));
}

/* Both sides do this with what was sent, and so stay in step. */
static G_ALWAYS_INLINE inline void
adapt_predictor(McpMediaG722Band *band, gint32 d)
{
    gint32 r = saturate(band->s + d);
    gint32 p = saturate(band->sz + d);
    gint32 poles = adapt_poles(band, r, p);

    band->sz = adapt_zeros(band, d);
    band->s = saturate(poles + band->sz);
}

/* --- lower band --- */

void
mcp_media_g722_low_init(McpMediaG722Band *band)
{
    *band = (McpMediaG722Band){.det = LOW_DET};
}

static G_ALWAYS_INLINE inline void
adapt_low(McpMediaG722Band *band, guint code)
{
    gint32 d = band->det * low_4[code >> 2] >> 15;

    adapt_scale(band, low_steps[code >> 2], LOW_LOG_MAX, LOW_SHIFT);
    adapt_predictor(band, d);
}

static G_ALWAYS_INLINE inline guint
encode_low(McpMediaG722Band *band, gint32 sample)
{
    gint32 e = saturate(sample - band->s);
    guint16 size = (guint16)(e < 0 ? -(e + 1) : e);
    guint16 det = (guint16)band->det;
    guint16 reached = 0;
    guint code = 0;

    for (guint i = 0; i < LEVELS; i++)
        reached += size >= (guint16)((guint32)levels[i] * det >> 16);
    code = low_codes[e < 0][MIN(reached, LEVELS_USED)];
    adapt_low(band, code);
    return code;
}

static G_ALWAYS_INLINE inline gint32
decode_low(McpMediaG722Band *band, guint code)
{
    gint32 value = band->s + (band->det * low_6[code] >> 15);

    adapt_low(band, code);
    return CLAMP(value, -16384, 16383);
}

/* --- higher band --- */

void
mcp_media_g722_high_init(McpMediaG722Band *band)
{
    *band = (McpMediaG722Band){.det = HIGH_DET};
}

/* Returns: the difference that @code stands for. */
static G_ALWAYS_INLINE inline gint32
adapt_high(McpMediaG722Band *band, guint code)
{
    gint32 d = band->det * high_2[code] >> 15;

    adapt_scale(band, high_steps[code], HIGH_LOG_MAX, HIGH_SHIFT);
    adapt_predictor(band, d);
    return d;
}

static G_ALWAYS_INLINE inline guint
encode_high(McpMediaG722Band *band, gint32 sample)
{
    gint32 e = saturate(sample - band->s);
    gint32 size = e < 0 ? -(e + 1) : e;
    gboolean far = size >= HIGH_LEVEL * band->det >> 12;
    guint code = (e < 0 ? 1u : 3u) - (guint)far;

    adapt_high(band, code);
    return code;
}

static G_ALWAYS_INLINE inline gint32
decode_high(McpMediaG722Band *band, guint code)
{
    gint32 s = band->s;
    gint32 value = s + adapt_high(band, code);

    return CLAMP(value, -16384, 16383);
}

/* --- both --- */

void
mcp_media_g722_encode_bands(McpMediaG722Band *low, McpMediaG722Band *high, const gint32 *low_in,
                            const gint32 *high_in, guint8 *out, guint n)
{
    /* Nobody else points at these: they need not be written back sample by sample. */
    McpMediaG722Band first = *low;
    McpMediaG722Band second = *high;

    for (guint i = 0; i < n; i++)
        out[i] = (guint8)(encode_low(&first, low_in[i]) | encode_high(&second, high_in[i]) << 6);
    *low = first;
    *high = second;
}

void
mcp_media_g722_decode_bands(McpMediaG722Band *low, McpMediaG722Band *high, const guint8 *in,
                            gint32 *low_out, gint32 *high_out, guint n)
{
    McpMediaG722Band first = *low;
    McpMediaG722Band second = *high;

    for (guint i = 0; i < n; i++) {
        low_out[i] = decode_low(&first, in[i] & 63);
        high_out[i] = decode_high(&second, in[i] >> 6);
    }
    *low = first;
    *high = second;
}
