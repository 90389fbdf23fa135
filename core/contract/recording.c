/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formats of recordings and their media types. Pure functions, any thread.
 */
#include <mcp/contract/recording.h>
#include <string.h>

typedef struct {
    const char *type;
    const char *codec; /* nullable: without the parameter, or with any */
    McpRecordFormat format;
} TypeRow;

/* RFC 2361 §A numbers the codecs of audio/vnd.wave in hexadecimal. */
static const TypeRow rows[] = {
    {"audio/x-wav", "mulaw", MCP_RECORD_WAV_MULAW}, {"audio/x-wav", "7", MCP_RECORD_WAV_MULAW},
    {"audio/x-wav", "alaw", MCP_RECORD_WAV_ALAW},   {"audio/x-wav", "6", MCP_RECORD_WAV_ALAW},
    {"audio/x-wav", "pcm", MCP_RECORD_WAV_PCM},     {"audio/x-wav", "1", MCP_RECORD_WAV_PCM},
    {"audio/x-wav", NULL, MCP_RECORD_WAV_PCM},      {"audio/l16", NULL, MCP_RECORD_L16},
    {"audio/ogg", "opus", MCP_RECORD_OGG_OPUS},     {"audio/ogg", NULL, MCP_RECORD_OGG_OPUS},
    {"audio/opus", NULL, MCP_RECORD_OGG_OPUS},      {"audio/mpeg", "mp3", MCP_RECORD_MP3},
    {"audio/mpeg", NULL, MCP_RECORD_MP3},           {"audio/mp3", NULL, MCP_RECORD_MP3},
    {"audio/basic", NULL, MCP_RECORD_MULAW},        {"audio/x-alaw-basic", NULL, MCP_RECORD_ALAW},
};

/* (transfer full) (nullable): value of the parameter codec or codecs, without quotes. */
static char *
codec_of(char **parts)
{
    for (guint i = 1; parts[i] != NULL; i++) {
        const char *value = strchr(g_strstrip(parts[i]), '=');
        gsize length = value != NULL ? (gsize)(value - parts[i]) : 0;
        char *codec = NULL;

        if (value == NULL || (g_ascii_strncasecmp(parts[i], "codec", MAX(length, 5)) != 0 &&
                              g_ascii_strncasecmp(parts[i], "codecs", MAX(length, 6)) != 0))
            continue;
        codec = g_strdup(value + 1);
        g_strdelimit(codec, "\"", ' ');
        return g_strstrip(codec);
    }
    return NULL;
}

gboolean
mcp_record_format_from_type(const char *type, McpRecordFormat *out_format)
{
    g_auto(GStrv) parts = g_strsplit(type, ";", 16);
    g_autofree char *codec = parts[0] != NULL ? codec_of(parts) : NULL;
    const char *name = parts[0] != NULL ? g_strstrip(parts[0]) : "";

    if (g_ascii_strcasecmp(name, "audio/wav") == 0 ||
        g_ascii_strcasecmp(name, "audio/vnd.wave") == 0)
        name = "audio/x-wav";
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_ascii_strcasecmp(name, rows[i].type) != 0)
            continue;
        if (g_strcmp0(codec, rows[i].codec) != 0 && (codec == NULL || rows[i].codec == NULL ||
                                                     g_ascii_strcasecmp(codec, rows[i].codec) != 0))
            continue;
        *out_format = rows[i].format;
        return TRUE;
    }
    return FALSE;
}

const char *
mcp_record_format_get_type(McpRecordFormat format)
{
    switch (format) {
    case MCP_RECORD_L16:
        return "audio/L16";
    case MCP_RECORD_OGG_OPUS:
        return "audio/ogg";
    case MCP_RECORD_MP3:
        return "audio/mpeg";
    case MCP_RECORD_MULAW:
        return "audio/basic";
    case MCP_RECORD_ALAW:
        return "audio/x-alaw-basic";
    case MCP_RECORD_WAV_PCM:
    case MCP_RECORD_WAV_MULAW:
    case MCP_RECORD_WAV_ALAW:
    default:
        return "audio/x-wav";
    }
}

const char *
mcp_record_format_get_suffix(McpRecordFormat format)
{
    switch (format) {
    case MCP_RECORD_L16:
        return ".raw";
    case MCP_RECORD_OGG_OPUS:
        return ".ogg";
    case MCP_RECORD_MP3:
        return ".mp3";
    case MCP_RECORD_MULAW:
        return ".ulaw";
    case MCP_RECORD_ALAW:
        return ".alaw";
    case MCP_RECORD_WAV_PCM:
    case MCP_RECORD_WAV_MULAW:
    case MCP_RECORD_WAV_ALAW:
    default:
        return ".wav";
    }
}
