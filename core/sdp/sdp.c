/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpSdp: one immutable, counted session description and its getters. Any thread: nothing changes
 * after the parser has handed it out.
 */
#include <mcp/sdp.h>

#include "sdp_private.h"

#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpSdp);

static void
media_clear(gpointer data)
{
    McpSdpMedia *media = data;

    g_free(media->raw_formats);
    g_free((gpointer)media->formats);
    g_free((gpointer)media->attributes);
}

McpSdp *
mcp_sdp_alloc(void)
{
    McpSdp *sdp = g_new0(McpSdp, 1);

    g_atomic_ref_count_init(&sdp->refs);
    sdp->strings = g_string_chunk_new(1024);
    sdp->media = g_array_new(FALSE, TRUE, sizeof(McpSdpMedia));
    g_array_set_clear_func(sdp->media, media_clear);
    sdp->attributes = g_array_new(FALSE, TRUE, sizeof(McpSdpAttribute));
    MCP_LEDGER_CREATED(McpSdp);
    return sdp;
}

McpSdp *
mcp_sdp_parse(const char *text, gsize length, GError **error)
{
    return mcp_sdp_parse_text(text, length, TRUE, error);
}

McpSdp *
mcp_sdp_ref(McpSdp *sdp)
{
    g_return_val_if_fail(sdp != NULL, NULL);

    g_atomic_ref_count_inc(&sdp->refs);
    return sdp;
}

void
mcp_sdp_unref(McpSdp *sdp)
{
    g_return_if_fail(sdp != NULL);

    if (!g_atomic_ref_count_dec(&sdp->refs))
        return;
    g_array_unref(sdp->media);
    g_array_unref(sdp->attributes);
    g_string_chunk_free(sdp->strings);
    g_free(sdp->text);
    g_free(sdp);
    MCP_LEDGER_FINALIZED(McpSdp);
}

const char *
mcp_sdp_get_text(const McpSdp *sdp)
{
    return sdp->text;
}

const char *
mcp_sdp_get_origin(const McpSdp *sdp)
{
    return sdp->origin;
}

guint64
mcp_sdp_get_version(const McpSdp *sdp)
{
    return sdp->version;
}

guint
mcp_sdp_get_n_media(const McpSdp *sdp)
{
    return sdp->media->len;
}

const McpSdpMedia *
mcp_sdp_get_media(const McpSdp *sdp, guint index)
{
    g_return_val_if_fail(index < sdp->media->len, NULL);

    return &g_array_index(sdp->media, McpSdpMedia, index);
}

static const char *
find_attribute(const McpSdpAttribute *attributes, guint n_attributes, const char *name)
{
    for (guint i = 0; i < n_attributes; i++) {
        if (strcmp(attributes[i].name, name) == 0)
            return attributes[i].value != NULL ? attributes[i].value : "";
    }
    return NULL;
}

const char *
mcp_sdp_media_get_attribute(const McpSdpMedia *media, const char *name)
{
    return find_attribute(media->attributes, media->n_attributes, name);
}

const char *
mcp_sdp_get_attribute(const McpSdp *sdp, const char *name)
{
    return find_attribute((const McpSdpAttribute *)(gpointer)sdp->attributes->data,
                          sdp->attributes->len, name);
}

/* The text always ends each line by CRLF; o= and s= stand in the session part only. */
static const char *
next_compared_line(const char *line)
{
    while (line[0] == 'o' || line[0] == 's')
        line = strchr(line, '\n') + 1;
    return line;
}

gboolean
mcp_sdp_equal_but_origin(const McpSdp *a, const McpSdp *b)
{
    const char *line_a = a->text;
    const char *line_b = b->text;

    for (;;) {
        line_a = next_compared_line(line_a);
        line_b = next_compared_line(line_b);
        if (line_a[0] == '\0' || line_b[0] == '\0')
            return line_a[0] == line_b[0];
        gsize length = (gsize)(strchr(line_a, '\n') - line_a) + 1;

        if (strncmp(line_a, line_b, length) != 0)
            return FALSE;
        line_a += length;
        line_b += length;
    }
}
