/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WAV, AU and raw headers, good, odd and hostile; what the encoder makes of them.
 */
#include "player/container.h"

#include "player/encoder.h"
#include "recorder/wave_header.h"
#include <mcp/error.h>
#include <string.h>

static gboolean
parse(GByteArray *file, const char *type, McpMediaContent *content)
{
    g_autoptr(GError) error = NULL;
    gboolean ok = mcp_media_container_parse(file->data, file->len, type, content, &error);

    if (!ok)
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    return ok;
}

static GByteArray *
wave(const McpGraphFormat *format, guint32 bytes, guint32 said)
{
    GByteArray *file = g_byte_array_new();
    guint8 header[MCP_MEDIA_WAVE_HEADER_MAX];

    g_byte_array_append(file, header, 0);
    g_byte_array_append(file, header, (guint)mcp_media_wave_header(format, said, header));
    memcpy(file->data, header, file->len);
    g_byte_array_set_size(file, file->len + bytes);
    return file;
}

static void
test_wave(void)
{
    static const McpGraphFormat formats[] = {
        {MCP_GRAPH_S16LE, 8000, 1},
        {MCP_GRAPH_S16LE, 48000, 2},
        {MCP_GRAPH_MULAW, 8000, 1},
        {MCP_GRAPH_ALAW, 16000, 1},
    };

    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autoptr(GByteArray) file = wave(&formats[i], 400, 400);
        g_autoptr(GByteArray) open = wave(&formats[i], 401, G_MAXUINT32);
        McpMediaContent content;

        g_assert_true(parse(file, NULL, &content));
        g_assert_cmpint(content.format.encoding, ==, formats[i].encoding);
        g_assert_cmpuint(content.format.rate, ==, formats[i].rate);
        g_assert_cmpuint(content.format.channels, ==, formats[i].channels);
        g_assert_cmpuint(content.length, ==, 400);
        /* Of unknown length: to the end, whole frames. */
        g_assert_true(parse(open, "text/plain", &content));
        g_assert_cmpuint(content.length, >=, 400);
        g_assert_cmpuint(content.length, <=, 401);
    }
}

static void
test_au_and_raw(void)
{
    static const guint8 au[] = {'.', 's', 'n', 'd', 0,    0,    0, 24, 0xff, 0xff, 0xff, 0xff, 0, 0,
                                0,   1,   0,   0,   0x1f, 0x40, 0, 0,  0,    1,    1,    2,    3};
    g_autoptr(GByteArray) file = g_byte_array_new();
    McpMediaContent content;

    g_byte_array_append(file, au, sizeof au);
    g_assert_true(parse(file, NULL, &content));
    g_assert_cmpint(content.format.encoding, ==, MCP_GRAPH_MULAW);
    g_assert_cmpuint(content.length, ==, 3);
    file->data[7] = 28;
    g_assert_false(parse(file, NULL, &content));
    file->data[0] = 'x';
    g_assert_true(parse(file, "audio/L16; rate=16000; channels=2", &content));
    g_assert_cmpuint(content.format.rate, ==, 16000);
    g_assert_cmpuint(content.format.channels, ==, 2);
    g_assert_cmpuint(content.length, ==, 24);
    g_assert_true(parse(file, "AUDIO/BASIC", &content));
    g_assert_cmpuint(content.length, ==, 27);
    g_assert_false(parse(file, "audio/L16;rate=1", &content));
    g_assert_false(parse(file, "audio/mpeg", &content));
    g_assert_false(parse(file, NULL, &content));
    g_assert_false(parse(file, "", &content));
}

/* Any cut and any mutation: content within the file, or an error. */
static void
test_hostile(void)
{
    static const McpGraphFormat format = {MCP_GRAPH_MULAW, 8000, 1};
    g_autoptr(GByteArray) good = wave(&format, 64, 64);

    for (guint i = 0; i < 50000; i++) {
        g_autoptr(GByteArray) file = g_byte_array_new();
        McpMediaContent content;

        g_byte_array_append(file, good->data, (guint)g_random_int_range(0, (gint32)good->len));
        for (guint k = 0; k < 4 && file->len > 0; k++)
            file->data[g_random_int_range(0, (gint32)file->len)] =
                (guint8)(g_random_boolean() ? 0xff : g_random_int());
        if (!parse(file, NULL, &content))
            continue;
        g_assert_true(content.data >= file->data);
        g_assert_true(content.data + content.length <= file->data + file->len);
    }
}

static gsize
encoded_length(const McpGraphFormat *format, McpMediaCodecId codec, gsize bytes)
{
    GByteArray *file = wave(format, (guint32)bytes, (guint32)bytes);
    g_autoptr(GBytes) data = g_byte_array_free_to_bytes(file);
    g_autoptr(McpAudio) audio = mcp_audio_new(data, "audio/x-wav", NULL);
    g_autoptr(GError) error = NULL;
    const McpMediaCodecOptions options = {.opus_rate = 16000, .opus_bitrate = 24000};
    McpMediaFormat wanted;
    McpMediaCoded coded;
    gsize length = 0;

    mcp_media_format_init(&wanted, mcp_media_codec_get(codec), &options);
    g_assert_true(mcp_media_encode(audio, &wanted, &coded, &error));
    g_assert_no_error(error);
    length = coded.n_frames > 0 ? coded.n_frames : g_bytes_get_size(coded.bytes);
    mcp_media_coded_clear(&coded);
    return length;
}

static void
test_encode(void)
{
    static const McpGraphFormat cd = {MCP_GRAPH_S16LE, 44100, 2};
    static const McpGraphFormat mulaw = {MCP_GRAPH_MULAW, 8000, 1};
    static const McpGraphFormat linear = {MCP_GRAPH_S16LE, 8000, 1};

    /* A second of each is a second. */
    g_assert_cmpint(ABS((gint)encoded_length(&cd, MCP_MEDIA_CODEC_PCMU, 176400) - 8000), <, 40);
    g_assert_cmpint(ABS((gint)encoded_length(&cd, MCP_MEDIA_CODEC_L16_16000, 176400) - 32000), <,
                    160);
    g_assert_cmpuint(encoded_length(&mulaw, MCP_MEDIA_CODEC_PCMU, 8000), ==, 8000);
    g_assert_cmpuint(encoded_length(&mulaw, MCP_MEDIA_CODEC_PCMA, 8000), ==, 8000);
    g_assert_cmpuint(encoded_length(&linear, MCP_MEDIA_CODEC_L16_8000, 16000), ==, 16000);
    g_assert_cmpuint(encoded_length(&linear, MCP_MEDIA_CODEC_PCMU, 0), ==, 0);
    g_assert_cmpint(ABS((gint)encoded_length(&cd, MCP_MEDIA_CODEC_G722, 176400) - 8000), <, 40);
    /* Bytes of G.722, frames of the others; the last one is filled up. */
    g_assert_cmpuint(encoded_length(&mulaw, MCP_MEDIA_CODEC_GSM, 8000), ==, 50);
    g_assert_cmpuint(encoded_length(&mulaw, MCP_MEDIA_CODEC_AMR, 8001), ==, 51);
    g_assert_cmpuint(encoded_length(&mulaw, MCP_MEDIA_CODEC_OPUS, 1), ==, 1);
    g_assert_cmpuint(encoded_length(&mulaw, MCP_MEDIA_CODEC_AMR_WB, 0), ==, 0);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(mcp_graph_setup(&error));
    g_test_add_func("/media/container/wave", test_wave);
    g_test_add_func("/media/container/au-and-raw", test_au_and_raw);
    g_test_add_func("/media/container/hostile", test_hostile);
    g_test_add_func("/media/container/encode", test_encode);
    return g_test_run();
}
