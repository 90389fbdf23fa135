/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WAV (RIFF, PCM, mono, 16 bits). No state; any thread.
 */
#include "wav_file.h"

static void
append_u32(GByteArray *out, guint32 value)
{
    guint32 little = GUINT32_TO_LE(value);
    g_byte_array_append(out, (const guint8 *)&little, sizeof little);
}

static void
append_u16(GByteArray *out, guint16 value)
{
    guint16 little = GUINT16_TO_LE(value);
    g_byte_array_append(out, (const guint8 *)&little, sizeof little);
}

static void
append_tag(GByteArray *out, const char *tag)
{
    g_byte_array_append(out, (const guint8 *)tag, 4);
}

gboolean
mcp_bench_wav_write(const char *path, const gint16 *samples, gsize n, guint rate, GError **error)
{
    g_autoptr(GByteArray) out = g_byte_array_sized_new((guint)(44 + n * 2));
    append_tag(out, "RIFF");
    append_u32(out, (guint32)(36 + n * 2));
    append_tag(out, "WAVE");
    append_tag(out, "fmt ");
    append_u32(out, 16);
    append_u16(out, 1); /* PCM */
    append_u16(out, 1);
    append_u32(out, rate);
    append_u32(out, rate * 2);
    append_u16(out, 2);
    append_u16(out, 16);
    append_tag(out, "data");
    append_u32(out, (guint32)(n * 2));
    for (gsize i = 0; i < n; i++)
        append_u16(out, (guint16)samples[i]);
    return g_file_set_contents(path, (const char *)out->data, (gssize)out->len, error);
}
