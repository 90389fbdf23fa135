/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G.711 by table. Pure functions, any thread.
 */
#include "g711.h"

/* 14 significant bits of a sample for μ-law, 13 for A-law. */
#define MULAW_SHIFT 2
#define ALAW_SHIFT 3
#define MULAW_BIAS 0x84
#define MULAW_CLIP 32635

typedef struct {
    gint16 mulaw[256];
    gint16 alaw[256];
    guint8 to_mulaw[1 << 14];
    guint8 to_alaw[1 << 13];
} Tables;

/* ITU-T G.711, tables 2a and 2b: sign, three bits of segment, four of interval, inverted. */
static gint16
mulaw_value(guint8 code)
{
    guint bits = (guint8)~code;
    gint magnitude = (gint)((((bits & 0x0f) << 3) + MULAW_BIAS) << (bits >> 4 & 7)) - MULAW_BIAS;

    return (gint16)((bits & 0x80) != 0 ? -magnitude : magnitude);
}

/* Tables 1a and 1b: even bits are inverted. */
static gint16
alaw_value(guint8 code)
{
    guint bits = code ^ 0x55u;
    guint segment = bits >> 4 & 7;
    gint magnitude = (gint)((bits & 0x0f) << 4) + 8;

    if (segment > 0)
        magnitude = (magnitude + 0x100) << (segment - 1);
    return (gint16)((bits & 0x80) != 0 ? magnitude : -magnitude);
}

static guint8
mulaw_code(gint sample)
{
    guint sign = sample < 0 ? 0x80 : 0;
    gint magnitude = MIN(ABS(sample), MULAW_CLIP) + MULAW_BIAS;
    guint segment = 0;

    while (segment < 7 && magnitude >> (segment + 8) != 0)
        segment++;
    return (guint8) ~(sign | segment << 4 | ((guint)magnitude >> (segment + 3) & 0x0f));
}

static guint8
alaw_code(gint sample)
{
    guint sign = sample < 0 ? 0 : 0x80;
    /* One below zero is the first of the negative interval. */
    gint magnitude = sample < 0 ? -sample - 1 : sample;
    guint segment = 0;

    while (segment < 7 && magnitude >> (segment + 8) != 0)
        segment++;
    return (guint8)((sign | segment << 4 |
                     ((guint)magnitude >> (segment > 0 ? segment + 3 : 4) & 0x0f)) ^
                    0x55);
}

static Tables *
tables_new(void)
{
    Tables *tables = g_new(Tables, 1);

    for (guint i = 0; i < 256; i++) {
        tables->mulaw[i] = mulaw_value((guint8)i);
        tables->alaw[i] = alaw_value((guint8)i);
    }
    for (guint i = 0; i < G_N_ELEMENTS(tables->to_mulaw); i++)
        tables->to_mulaw[i] = mulaw_code((gint16)(guint16)(i << MULAW_SHIFT));
    for (guint i = 0; i < G_N_ELEMENTS(tables->to_alaw); i++)
        tables->to_alaw[i] = alaw_code((gint16)(guint16)(i << ALAW_SHIFT));
    return tables;
}

/* Made once a process, kept to its end. */
static const Tables *
get_tables(void)
{
    static Tables *tables;

    if (g_once_init_enter(&tables))
        g_once_init_leave(&tables, tables_new());
    return tables;
}

void
mcp_sound_mulaw_encode(const gint16 *samples, guint n, guint8 *out)
{
    const Tables *tables = get_tables();

    for (guint i = 0; i < n; i++)
        out[i] = tables->to_mulaw[(guint16)samples[i] >> MULAW_SHIFT];
}

void
mcp_sound_alaw_encode(const gint16 *samples, guint n, guint8 *out)
{
    const Tables *tables = get_tables();

    for (guint i = 0; i < n; i++)
        out[i] = tables->to_alaw[(guint16)samples[i] >> ALAW_SHIFT];
}

void
mcp_sound_mulaw_decode(const guint8 *data, guint n, gint16 *out)
{
    const Tables *tables = get_tables();

    for (guint i = 0; i < n; i++)
        out[i] = tables->mulaw[data[i]];
}

void
mcp_sound_alaw_decode(const guint8 *data, guint n, gint16 *out)
{
    const Tables *tables = get_tables();

    for (guint i = 0; i < n; i++)
        out[i] = tables->alaw[data[i]];
}
