/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WAV, AU and raw audio: the header alone, read within bounds. Pure functions, any thread.
 */
#include "container.h"

#include <mcp/error.h>
#include <string.h>

#include "g711.h"

#define RATE_MIN 8000
#define RATE_MAX 48000

enum { WAVE_PCM = 1, WAVE_ALAW = 6, WAVE_MULAW = 7, WAVE_EXTENSIBLE = 0xfffe };
enum { AU_MULAW = 1, AU_PCM8 = 2, AU_PCM16 = 3, AU_ALAW = 27 };

static guint
le16(const guint8 *data)
{
    return (guint)data[0] | (guint)data[1] << 8;
}

static guint32
le32(const guint8 *data)
{
    return (guint32)le16(data) | (guint32)le16(data + 2) << 16;
}

static guint32
be32(const guint8 *data)
{
    return (guint32)data[0] << 24 | (guint32)data[1] << 16 | (guint32)data[2] << 8 | data[3];
}

static gboolean
fail(GError **error, const char *format, guint value)
{
    g_autofree char *text = g_strdup_printf("%s (%u)", format, value);

    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, text);
    return FALSE;
}

/* Checks what all containers have in common, and cuts a broken last frame off. */
static gboolean
finish(McpSoundContent *content, GError **error)
{
    guint frame = 0;

    if (content->rate < RATE_MIN || content->rate > RATE_MAX)
        return fail(error, "sample rate is not within 8000 to 48000 Hz", content->rate);
    if (content->channels < 1 || content->channels > 2)
        return fail(error, "audio is neither mono nor stereo", content->channels);
    frame = mcp_sound_content_frame(content);
    content->length -= content->length % frame;
    return TRUE;
}

/* --- WAV --- */

static gboolean
read_wave_format(const guint8 *chunk, gsize length, McpSoundContent *content, GError **error)
{
    guint tag = 0;
    guint bits = 0;

    if (length < 16)
        return fail(error, "the fmt chunk of the WAV file is too short", (guint)length);
    tag = le16(chunk);
    bits = le16(chunk + 14);
    if (tag == WAVE_EXTENSIBLE && length >= 26)
        tag = le16(chunk + 24);
    content->channels = le16(chunk + 2);
    content->rate = le32(chunk + 4);
    if (tag == WAVE_PCM && bits == 16)
        content->encoding = MCP_SOUND_S16LE;
    else if (tag == WAVE_PCM && bits == 8)
        content->encoding = MCP_SOUND_U8;
    else if (tag == WAVE_PCM)
        return fail(error, "bits a sample of the WAV file are neither 8 nor 16", bits);
    else if (tag == WAVE_MULAW)
        content->encoding = MCP_SOUND_MULAW;
    else if (tag == WAVE_ALAW)
        content->encoding = MCP_SOUND_ALAW;
    else
        return fail(error, "encoding of the WAV file is not PCM, μ-law or A-law", tag);
    return TRUE;
}

static gboolean
parse_wave(const guint8 *data, gsize length, McpSoundContent *content, GError **error)
{
    gboolean has_format = FALSE;
    gsize at = 12;

    while (length - at >= 8) {
        const guint8 *chunk = data + at + 8;
        gsize room = length - at - 8;
        gsize size = MIN((gsize)le32(data + at + 4), room);

        if (memcmp(data + at, "fmt ", 4) == 0) {
            if (!read_wave_format(chunk, size, content, error))
                return FALSE;
            has_format = TRUE;
        } else if (memcmp(data + at, "data", 4) == 0) {
            if (!has_format)
                return fail(error, "the WAV file has its data before its format", (guint)at);
            /* A file still being written, or one of unknown length, ends where the bytes end. */
            content->data = chunk;
            content->length = size;
            return finish(content, error);
        }
        at += 8 + size;
        if (size % 2 == 1 && at < length)
            at++;
    }
    return fail(error, "the WAV file has no data chunk", (guint)MIN(length, G_MAXUINT));
}

/* --- AU --- */

static gboolean
parse_au(const guint8 *data, gsize length, McpSoundContent *content, GError **error)
{
    guint32 offset = 0;
    guint32 encoding = 0;

    if (length < 24)
        return fail(error, "the AU header is too short", (guint)length);
    offset = be32(data + 4);
    if (offset < 24 || offset > length)
        return fail(error, "the AU header has its data outside of the file", offset);
    encoding = be32(data + 12);
    content->rate = be32(data + 16);
    content->channels = be32(data + 20);
    if (encoding == AU_MULAW)
        content->encoding = MCP_SOUND_MULAW;
    else if (encoding == AU_ALAW)
        content->encoding = MCP_SOUND_ALAW;
    else if (encoding == AU_PCM8)
        content->encoding = MCP_SOUND_S8;
    else if (encoding == AU_PCM16)
        content->encoding = MCP_SOUND_S16BE;
    else
        return fail(error, "encoding of the AU file is not PCM, μ-law or A-law", encoding);
    content->data = data + offset;
    content->length = MIN((gsize)be32(data + 8), length - offset);
    return finish(content, error);
}

/* --- raw --- */

static guint
parameter(char **parts, const char *name, guint fallback)
{
    gsize length = strlen(name);

    for (guint i = 1; parts[i] != NULL; i++) {
        const char *text = g_strstrip(parts[i]);
        guint64 value = 0;

        if (g_ascii_strncasecmp(text, name, length) == 0 && text[length] == '=' &&
            g_ascii_string_to_unsigned(text + length + 1, 10, 0, G_MAXUINT, &value, NULL))
            return (guint)value;
    }
    return fallback;
}

static gboolean
parse_raw(const guint8 *data, gsize length, const char *content_type, McpSoundContent *content,
          GError **error)
{
    static const struct {
        const char *type;
        McpSoundEncoding encoding;
    } types[] = {
        {"audio/basic", MCP_SOUND_MULAW}, {"audio/x-mulaw", MCP_SOUND_MULAW},
        {"audio/pcmu", MCP_SOUND_MULAW},  {"audio/x-alaw-basic", MCP_SOUND_ALAW},
        {"audio/x-alaw", MCP_SOUND_ALAW}, {"audio/pcma", MCP_SOUND_ALAW},
        {"audio/l16", MCP_SOUND_S16BE},
    };
    g_auto(GStrv) parts = g_strsplit(content_type != NULL ? content_type : "", ";", 8);
    const char *type = parts[0] != NULL ? g_strstrip(parts[0]) : "";

    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_ascii_strcasecmp(type, types[i].type) != 0)
            continue;
        content->encoding = types[i].encoding;
        content->rate = parameter(parts, "rate", 8000);
        content->channels = parameter(parts, "channels", 1);
        content->data = data;
        content->length = length;
        return finish(content, error);
    }
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "content of type \"%.64s\" is no audio that can be played", type);
    return FALSE;
}

gboolean
mcp_sound_container_parse(const guint8 *data, gsize length, const char *content_type,
                          McpSoundContent *out_content, GError **error)
{
    McpSoundContent content = {0};
    gboolean ok = FALSE;

    if (length >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WAVE", 4) == 0)
        ok = parse_wave(data, length, &content, error);
    else if (length >= 4 && memcmp(data, ".snd", 4) == 0)
        ok = parse_au(data, length, &content, error);
    else
        ok = parse_raw(data, length, content_type, &content, error);
    if (ok)
        *out_content = content;
    return ok;
}

guint
mcp_sound_content_frame(const McpSoundContent *content)
{
    gboolean two = content->encoding == MCP_SOUND_S16LE || content->encoding == MCP_SOUND_S16BE;

    return (two ? 2 : 1) * content->channels;
}

/* G.711 is done by table, all at once. */
static gint16
linear_sample(McpSoundEncoding encoding, const guint8 *at)
{
    if (encoding == MCP_SOUND_S16LE)
        return (gint16)le16(at);
    if (encoding == MCP_SOUND_S16BE)
        return (gint16)(at[0] << 8 | at[1]);
    return (gint16)((encoding == MCP_SOUND_U8 ? at[0] - 128 : (gint8)at[0]) * 256);
}

guint
mcp_sound_content_read(const McpSoundContent *content, gsize from, guint n, gint16 *out)
{
    guint frame = mcp_sound_content_frame(content);
    gsize there = content->length / frame;
    guint count = from < there ? (guint)MIN(n, there - from) : 0;
    const guint8 *at = content->data + MIN(from, there) * frame;

    if (content->encoding == MCP_SOUND_MULAW)
        mcp_sound_mulaw_decode(at, count, out);
    else if (content->encoding == MCP_SOUND_ALAW)
        mcp_sound_alaw_decode(at, count, out);
    else
        for (guint i = 0; i < count; i++)
            out[i] = linear_sample(content->encoding, at + (gsize)i * frame);
    return count;
}
