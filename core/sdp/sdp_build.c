/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The builder of session descriptions. Whatever it is given becomes a well-formed text within the
 * parser's bounds: line ends in values become blanks, lines beyond a bound are left out. One
 * caller, any thread.
 */
#include "sdp_private.h"

#include <string.h>

/* Room left for the line that is being added, so that a long one is dropped, not the whole text. */
#define TEXT_RESERVE 1024

struct _McpSdpBuilder {
    GString *session;
    GString *media;
    guint n_media;
    guint n_session_attributes;
    guint n_media_attributes;
    gboolean media_open; /* FALSE when the last m= line was left out */
};

McpSdpBuilder *
mcp_sdp_builder_new(guint64 session_id, guint64 version, const char *address)
{
    McpSdpBuilder *builder = g_new0(McpSdpBuilder, 1);
    const char *family = strchr(address, ':') != NULL ? "IP6" : "IP4";

    builder->session = g_string_sized_new(512);
    builder->media = g_string_sized_new(512);
    g_string_append_printf(builder->session,
                           "v=0\r\no=- %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                           " IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n",
                           session_id, version, family, address, family, address);
    return builder;
}

static gboolean
fits(const McpSdpBuilder *builder, gsize length)
{
    return builder->session->len + builder->media->len + length + TEXT_RESERVE <= MCP_SDP_TEXT_MAX;
}

static void
append_clean(GString *out, const char *text)
{
    for (; *text != '\0'; text++)
        g_string_append_c(out, *text == '\r' || *text == '\n' ? ' ' : *text);
}

static gboolean
append_attribute(McpSdpBuilder *builder, GString *out, const char *name, const char *value)
{
    gsize length = strlen(name) + (value != NULL ? strlen(value) : 0) + 5;

    if (name[0] == '\0' || strpbrk(name, ": \r\n") != NULL || !fits(builder, length))
        return FALSE;
    g_string_append_printf(out, "a=%s", name);
    if (value != NULL) {
        g_string_append_c(out, ':');
        append_clean(out, value);
    }
    g_string_append(out, "\r\n");
    return TRUE;
}

void
mcp_sdp_builder_add_attribute(McpSdpBuilder *builder, const char *name, const char *value)
{
    if (builder->n_session_attributes < MCP_SDP_ATTRIBUTES_MAX &&
        append_attribute(builder, builder->session, name, value))
        builder->n_session_attributes++;
}

static guint
count_fields(const char *text)
{
    guint n = 0;

    for (; *text != '\0'; text += strcspn(text, " ")) {
        text += strspn(text, " ");
        if (*text != '\0')
            n++;
    }
    return n;
}

void
mcp_sdp_builder_add_media(McpSdpBuilder *builder, const char *type, guint port,
                          const char *protocol, const char *formats)
{
    guint n_formats = count_fields(formats);

    g_return_if_fail(port <= 65535 && n_formats > 0);

    builder->media_open = builder->n_media < MCP_SDP_MEDIA_MAX &&
                          n_formats <= MCP_SDP_FORMATS_MAX &&
                          fits(builder, strlen(type) + strlen(protocol) + strlen(formats) + 16);
    if (!builder->media_open)
        return;
    builder->n_media++;
    builder->n_media_attributes = 0;
    g_string_append_printf(builder->media, "m=%s %u %s ", type, port, protocol);
    append_clean(builder->media, formats);
    g_string_append(builder->media, "\r\n");
}

void
mcp_sdp_builder_add_media_attribute(McpSdpBuilder *builder, const char *name, const char *value)
{
    if (builder->media_open && builder->n_media_attributes < MCP_SDP_ATTRIBUTES_MAX &&
        append_attribute(builder, builder->media, name, value))
        builder->n_media_attributes++;
}

McpSdp *
mcp_sdp_builder_finish(McpSdpBuilder *builder)
{
    g_autoptr(GError) error = NULL;
    McpSdp *sdp = NULL;

    g_string_append_len(builder->session, builder->media->str, (gssize)builder->media->len);
    sdp = mcp_sdp_parse_text(builder->session->str, builder->session->len, FALSE, &error);
    if (sdp == NULL)
        g_critical("built a description that is none: %s", error->message);
    mcp_sdp_builder_free(builder);
    return sdp;
}

void
mcp_sdp_builder_free(McpSdpBuilder *builder)
{
    g_string_free(builder->session, TRUE);
    g_string_free(builder->media, TRUE);
    g_free(builder);
}
