/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session descriptions with control channels (RFC 6787 §4.2): the audio line is a leg's, the
 * m=application lines are ours; put together and taken apart here. Pure functions, any thread.
 */
#include "description.h"

#include <string.h>

#define MID "1"

void
mcp_mrcp_line_free(McpMrcpLine *line)
{
    if (line == NULL)
        return;
    g_free(line->address);
    g_free(line->resource);
    g_free(line->channel);
    g_free(line->cmid);
    g_free(line->fingerprint);
    g_free(line);
}

/* --- writing --- */

static gboolean
is_direction(const char *line)
{
    return strcmp(line, "a=sendrecv") == 0 || strcmp(line, "a=sendonly") == 0 ||
           strcmp(line, "a=recvonly") == 0 || strcmp(line, "a=inactive") == 0;
}

/* @cmid: (nullable): of the audio line it belongs to. */
static void
write_line(GString *out, const McpMrcpLine *line, const char *cmid)
{
    g_string_append_printf(out, "m=application %u TCP/%sMRCPv2 1\r\n", line->port,
                           line->tls ? "TLS/" : "");
    if (line->port == 0)
        return;
    if (line->address != NULL)
        g_string_append_printf(out, "c=IN IP%c %s\r\n",
                               strchr(line->address, ':') != NULL ? '6' : '4', line->address);
    g_string_append_printf(out, "a=setup:%s\r\na=connection:%s\r\n",
                           line->active ? "active" : "passive",
                           line->existing ? "existing" : "new");
    if (line->channel != NULL)
        g_string_append_printf(out, "a=channel:%s\r\n", line->channel);
    else if (line->resource != NULL)
        g_string_append_printf(out, "a=resource:%s\r\n", line->resource);
    if (line->fingerprint != NULL)
        g_string_append_printf(out, "a=fingerprint:%s\r\n", line->fingerprint);
    if (cmid != NULL)
        g_string_append_printf(out, "a=cmid:%s\r\n", cmid);
}

/* Lines of @text up to its first m= line, but for directions, which its m= lines have. */
static void
write_head(GString *out, char **text)
{
    for (guint i = 0; text[i] != NULL && !g_str_has_prefix(text[i], "m="); i++)
        if (*text[i] != '\0' && !is_direction(text[i]))
            g_string_append_printf(out, "%s\r\n", text[i]);
}

/* The first audio line of @text with all that belongs to it; where it begins; NULL: none. */
static char **
find_audio(char **text)
{
    for (; *text != NULL; text++)
        if (g_str_has_prefix(*text, "m=audio "))
            return text;
    return NULL;
}

static const char *
direction_text(McpSdpDirection direction)
{
    static const char *const texts[] = {"inactive", "sendonly", "recvonly", "sendrecv"};

    return texts[direction & MCP_SDP_SENDRECV];
}

/* @direction: (nullable): in place of the one that is there. @mid: (nullable): as its a=mid. */
static void
write_audio(GString *out, char **audio, const char *direction, const char *mid)
{
    gboolean refused = audio != NULL && g_str_has_prefix(*audio, "m=audio 0 ");

    if (audio == NULL)
        return;
    g_string_append_printf(out, "%s\r\n", *audio++);
    for (; *audio != NULL && !g_str_has_prefix(*audio, "m="); audio++) {
        if (**audio == '\0' || (direction != NULL && is_direction(*audio)) ||
            (mid != NULL && g_str_has_prefix(*audio, "a=mid:")))
            continue;
        g_string_append_printf(out, "%s\r\n", *audio);
    }
    if (refused)
        return;
    if (direction != NULL)
        g_string_append_printf(out, "a=%s\r\n", direction);
    if (mid != NULL)
        g_string_append_printf(out, "a=mid:%s\r\n", mid);
}

static char **
split(const McpSdp *sdp)
{
    return g_strsplit(mcp_sdp_get_text(sdp), "\r\n", -1);
}

/* What we have put together of what could be read can be read. */
static McpSdp *
parse(const GString *text)
{
    return mcp_sdp_parse(text->str, text->len, NULL);
}

McpSdp *
mcp_mrcp_describe(McpSdp *audio, const McpMrcpLine *lines, guint n_lines, McpSdpDirection direction)
{
    g_auto(GStrv) text = split(audio);
    g_autoptr(GString) out = g_string_new(NULL);

    write_head(out, text);
    for (guint i = 0; i < n_lines; i++)
        write_line(out, &lines[i], lines[i].cmid != NULL ? lines[i].cmid : MID);
    write_audio(out, find_audio(text), direction_text(direction), n_lines > 0 ? MID : NULL);
    return parse(out);
}

static gboolean
is_control(const McpSdpMedia *media)
{
    return strcmp(media->type, "application") == 0 &&
           (g_ascii_strcasecmp(media->protocol, "TCP/MRCPv2") == 0 ||
            g_ascii_strcasecmp(media->protocol, "TCP/TLS/MRCPv2") == 0);
}

static void
refuse(GString *out, const McpSdpMedia *media)
{
    g_autofree char *formats = g_strjoinv(" ", media->raw_formats);

    g_string_append_printf(out, "m=%s 0 %s %s\r\n", media->type, media->protocol, formats);
}

McpSdp *
mcp_mrcp_describe_like(McpSdp *offer, McpSdp *audio, const McpMrcpLine *lines, guint n_lines)
{
    g_auto(GStrv) text = split(audio);
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean has_audio = FALSE;
    guint next = 0;

    write_head(out, text);
    for (guint i = 0; i < mcp_sdp_get_n_media(offer); i++) {
        const McpSdpMedia *media = mcp_sdp_get_media(offer, i);
        char **own = find_audio(text);

        if (is_control(media) && next < n_lines) {
            write_line(out, &lines[next++], mcp_sdp_media_get_attribute(media, "cmid"));
        } else if (strcmp(media->type, "audio") == 0 && !has_audio && own != NULL) {
            has_audio = TRUE;
            write_audio(out, own, NULL, mcp_sdp_media_get_attribute(media, "mid"));
        } else {
            refuse(out, media);
        }
    }
    return parse(out);
}

/* --- reading --- */

/* RFC 6787 §4.2: ID@resource. */
static char *
resource_of(const McpSdpMedia *media, const char *channel)
{
    const char *resource = mcp_sdp_media_get_attribute(media, "resource");
    const char *at = channel != NULL ? strchr(channel, '@') : NULL;

    if (resource == NULL && at != NULL)
        resource = at + 1;
    return g_strdup(resource);
}

static McpMrcpLine *
read_line(const McpSdpMedia *media)
{
    McpMrcpLine *line = g_new0(McpMrcpLine, 1);
    const char *setup = mcp_sdp_media_get_attribute(media, "setup");
    const char *connection = mcp_sdp_media_get_attribute(media, "connection");
    const char *channel = mcp_sdp_media_get_attribute(media, "channel");

    line->port = media->port;
    line->address = g_strdup(media->address);
    line->tls = g_ascii_strcasecmp(media->protocol, "TCP/TLS/MRCPv2") == 0;
    line->active = setup != NULL && strcmp(setup, "active") == 0;
    line->existing = connection != NULL && strcmp(connection, "existing") == 0;
    line->channel = g_strdup(channel);
    line->resource = resource_of(media, channel);
    line->cmid = g_strdup(mcp_sdp_media_get_attribute(media, "cmid"));
    line->fingerprint = g_strdup(mcp_sdp_media_get_attribute(media, "fingerprint"));
    return line;
}

GPtrArray *
mcp_mrcp_read_lines(McpSdp *sdp)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_mrcp_line_free);

    for (guint i = 0; i < mcp_sdp_get_n_media(sdp); i++) {
        const McpSdpMedia *media = mcp_sdp_get_media(sdp, i);

        if (is_control(media))
            g_ptr_array_add(lines, read_line(media));
    }
    return lines;
}

McpSdp *
mcp_mrcp_read_audio(McpSdp *sdp)
{
    g_auto(GStrv) text = split(sdp);
    g_autoptr(GString) out = g_string_new(NULL);
    char **audio = find_audio(text);

    if (audio == NULL)
        return NULL;
    for (guint i = 0; text[i] != NULL && !g_str_has_prefix(text[i], "m="); i++)
        if (*text[i] != '\0')
            g_string_append_printf(out, "%s\r\n", text[i]);
    write_audio(out, audio, NULL, NULL);
    return parse(out);
}
