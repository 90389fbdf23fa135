/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payload formats of a media line: the static payload types of RFC 3551, and what rtpmap, fmtp,
 * ptime and direction attributes say. Any thread; works on a description that is being parsed.
 */
#include "sdp_private.h"

#include <string.h>

typedef struct {
    guint8 payload_type;
    guint8 channels;
    guint32 clock_rate;
    const char *encoding;
} StaticFormat;

/* RFC 3551 §6, tables 4 and 5. G722 has a clock of 8000 by historical error (§4.5.2). */
static const StaticFormat static_formats[] = {
    {0, 1, 8000, "PCMU"},   {3, 1, 8000, "GSM"},    {4, 1, 8000, "G723"},   {5, 1, 8000, "DVI4"},
    {6, 1, 16000, "DVI4"},  {7, 1, 8000, "LPC"},    {8, 1, 8000, "PCMA"},   {9, 1, 8000, "G722"},
    {10, 2, 44100, "L16"},  {11, 1, 44100, "L16"},  {12, 1, 8000, "QCELP"}, {13, 1, 8000, "CN"},
    {14, 1, 90000, "MPA"},  {15, 1, 8000, "G728"},  {16, 1, 11025, "DVI4"}, {17, 1, 22050, "DVI4"},
    {18, 1, 8000, "G729"},  {25, 1, 90000, "CelB"}, {26, 1, 90000, "JPEG"}, {28, 1, 90000, "nv"},
    {31, 1, 90000, "H261"}, {32, 1, 90000, "MPV"},  {33, 1, 90000, "MP2T"}, {34, 1, 90000, "H263"},
};

static const struct {
    const char *name;
    McpSdpDirection direction;
} directions[] = {
    {"sendrecv", MCP_SDP_SENDRECV},
    {"sendonly", MCP_SDP_SENDONLY},
    {"recvonly", MCP_SDP_RECVONLY},
    {"inactive", MCP_SDP_INACTIVE},
};

gboolean
mcp_sdp_parse_number(const char *text, guint64 max, guint64 *out_number)
{
    guint64 number = 0;

    if (*text == '\0')
        return FALSE;
    for (; *text != '\0'; text++) {
        if (!g_ascii_isdigit(*text))
            return FALSE;
        guint digit = (guint)(*text - '0');

        if (number > (max - digit) / 10)
            return FALSE;
        number = number * 10 + digit;
    }
    *out_number = number;
    return TRUE;
}

void
mcp_sdp_format_fill_static(McpSdpFormat *format, GStringChunk *strings)
{
    const char *encoding = "";

    format->channels = 1;
    for (guint i = 0; i < G_N_ELEMENTS(static_formats); i++) {
        if (static_formats[i].payload_type != format->payload_type)
            continue;
        encoding = static_formats[i].encoding;
        format->clock_rate = static_formats[i].clock_rate;
        format->channels = static_formats[i].channels;
    }
    format->encoding = g_string_chunk_insert_const(strings, encoding);
}

gboolean
mcp_sdp_media_is_rtp(const char *protocol)
{
    /* RTP/AVP, RTP/SAVP, RTP/AVPF, RTP/SAVPF, UDP/TLS/RTP/SAVPF … */
    return g_str_has_prefix(protocol, "RTP/") || strstr(protocol, "/RTP/") != NULL;
}

gboolean
mcp_sdp_direction_from_name(const char *name, McpSdpDirection *out_direction)
{
    for (guint i = 0; i < G_N_ELEMENTS(directions); i++) {
        if (strcmp(directions[i].name, name) == 0) {
            *out_direction = directions[i].direction;
            return TRUE;
        }
    }
    return FALSE;
}

/* Splits "PT rest"; *out_format is NULL when the fmt list does not have PT. */
static gboolean
split_format_value(McpSdpMedia *media, const char *value, McpSdpFormat **out_format,
                   const char **out_rest)
{
    guint number = 0;
    const char *p = value;

    for (; g_ascii_isdigit(*p) && number <= 127; p++)
        number = number * 10 + (guint)(*p - '0');
    if (p == value || number > 127 || *p != ' ')
        return FALSE;
    while (*p == ' ')
        p++;
    *out_rest = p;
    *out_format = NULL;
    for (guint i = 0; i < media->n_formats; i++) {
        if (media->formats[i].payload_type == number)
            *out_format = (McpSdpFormat *)&media->formats[i];
    }
    return TRUE;
}

/* Reads digits up to @stop, a blank or the end; 0 when there are none or they exceed @max. */
static guint
read_digits(const char **text, guint max, char stop)
{
    guint number = 0;
    const char *p = *text;

    for (; g_ascii_isdigit(*p) && number <= max; p++)
        number = number * 10 + (guint)(*p - '0');
    *text = p;
    if (number > max || (*p != '\0' && *p != ' ' && *p != stop))
        return 0;
    return number;
}

/* RFC 4566 §6: a=rtpmap:<payload type> <encoding name>/<clock rate> [/<encoding parameters>] */
static const char *
read_rtpmap(McpSdpMedia *media, const char *value, GStringChunk *strings)
{
    McpSdpFormat *format = NULL;
    const char *rest = NULL;
    const char *p = NULL;
    guint rate = 0;
    guint channels = 1;

    if (!split_format_value(media, value, &format, &rest))
        return "rtpmap without payload type";
    const char *slash = strchr(rest, '/');

    if (slash == NULL || slash == rest)
        return "rtpmap without encoding and clock rate";
    p = slash + 1;
    rate = read_digits(&p, 10000000, '/');
    if (rate == 0)
        return "clock rate out of range";
    /* The parameter is the number of channels for audio; for others it is kept as text only. */
    if (*p == '/' && strcmp(media->type, "audio") == 0) {
        p++;
        channels = read_digits(&p, 255, '\0');
        if (channels == 0)
            return "number of channels out of range";
    }
    if (format == NULL)
        return NULL;
    format->encoding = g_string_chunk_insert_len(strings, rest, slash - rest);
    format->clock_rate = rate;
    format->channels = channels;
    return NULL;
}

static const char *
read_fmtp(McpSdpMedia *media, const char *value, GStringChunk *strings)
{
    McpSdpFormat *format = NULL;
    const char *rest = NULL;

    if (!split_format_value(media, value, &format, &rest))
        return "fmtp without payload type";
    if (format != NULL)
        format->fmtp = g_string_chunk_insert(strings, rest);
    return NULL;
}

/* Some peers write "20.0": whole milliseconds count. */
static guint
read_milliseconds(const char *value)
{
    guint number = 0;

    for (; g_ascii_isdigit(*value) && number < 100000; value++)
        number = number * 10 + (guint)(*value - '0');
    return number < 100000 ? number : 0;
}

const char *
mcp_sdp_media_read_attribute(McpSdpMedia *media, const McpSdpAttribute *attribute,
                             GStringChunk *strings)
{
    const char *value = attribute->value != NULL ? attribute->value : "";

    if (mcp_sdp_direction_from_name(attribute->name, &media->direction))
        return NULL;
    if (strcmp(attribute->name, "ptime") == 0)
        media->ptime = read_milliseconds(value);
    else if (strcmp(attribute->name, "maxptime") == 0)
        media->maxptime = read_milliseconds(value);
    else if (!mcp_sdp_media_is_rtp(media->protocol))
        return NULL;
    else if (strcmp(attribute->name, "rtpmap") == 0)
        return read_rtpmap(media, value, strings);
    else if (strcmp(attribute->name, "fmtp") == 0)
        return read_fmtp(media, value, strings);
    return NULL;
}
