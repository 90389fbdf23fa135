/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of WAV files. Pure functions, any thread.
 */
#include "wave_header.h"

#include <string.h>

static guint8 *
put(guint8 *out, const char *text)
{
    memcpy(out, text, 4);
    return out + 4;
}

static guint8 *
put16(guint8 *out, guint value)
{
    out[0] = (guint8)value;
    out[1] = (guint8)(value >> 8);
    return out + 2;
}

static guint8 *
put32(guint8 *out, guint32 value)
{
    return put16(put16(out, value & 0xffff), value >> 16);
}

gsize
mcp_sound_wave_header(const McpSoundContent *content, guint32 bytes,
                      guint8 out[MCP_SOUND_WAVE_HEADER_MAX])
{
    gboolean linear = content->encoding == MCP_SOUND_S16LE;
    guint sample = linear ? 2 : 1;
    guint tag = linear ? 1 : content->encoding == MCP_SOUND_ALAW ? 6 : 7;
    guint32 frames = bytes == G_MAXUINT32 ? bytes : bytes / sample / content->channels;
    /* What is not linear has an extended fmt chunk and a fact chunk. */
    guint32 head = linear ? 36 : 50;
    guint8 *at = put(out, "RIFF");

    at = put32(at, bytes > G_MAXUINT32 - head - 1 ? G_MAXUINT32 : bytes + bytes % 2 + head);
    at = put(put(at, "WAVE"), "fmt ");
    at = put32(at, linear ? 16 : 18);
    at = put16(at, tag);
    at = put16(at, content->channels);
    at = put32(at, content->rate);
    at = put32(at, content->rate * content->channels * sample);
    at = put16(at, content->channels * sample);
    at = put16(at, sample * 8);
    if (!linear)
        at = put32(put32(put(put16(at, 0), "fact"), 4), frames);
    at = put32(put(at, "data"), bytes);
    return (gsize)(at - out);
}
