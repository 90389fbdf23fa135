/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions that were made elsewhere, brought into the session in which they are sent next
 * (RFC 3264 §8, RFC 3725 §4.1). Any thread.
 */
#include "sdp_private.h"

#include <string.h>

/* The words of an o= line: user, id, version, network, family, address. */
#define ORIGIN_WORDS 6
#define ORIGIN_VERSION 2

/* Whether both o= lines are of one session. */
static gboolean
is_same_session(const McpSdp *a, const McpSdp *b)
{
    g_auto(GStrv) words_a = g_strsplit(a->origin, " ", ORIGIN_WORDS);
    g_auto(GStrv) words_b = g_strsplit(b->origin, " ", ORIGIN_WORDS);

    for (guint i = 0; i < ORIGIN_WORDS; i++) {
        if (words_a[i] == NULL || words_b[i] == NULL)
            return words_a[i] == words_b[i];
        if (i != ORIGIN_VERSION && strcmp(words_a[i], words_b[i]) != 0)
            return FALSE;
    }
    return TRUE;
}

static gboolean
continues(const McpSdp *sdp, const McpSdp *before)
{
    if (!is_same_session(sdp, before))
        return FALSE;
    return sdp->version > before->version ||
           (sdp->version == before->version && mcp_sdp_equal_but_origin(sdp, before));
}

/* The origin of @before with @version. */
static char *
origin_with(const McpSdp *before, guint64 version)
{
    g_auto(GStrv) words = g_strsplit(before->origin, " ", ORIGIN_WORDS);

    if (g_strv_length(words) <= ORIGIN_VERSION)
        return g_strdup(before->origin);
    g_free(words[ORIGIN_VERSION]);
    words[ORIGIN_VERSION] = g_strdup_printf("%" G_GUINT64_FORMAT, version);
    return g_strjoinv(" ", words);
}

/* Length of @text up to the m= line with index @n_media. */
static gsize
length_of_lines(const char *text, guint n_media)
{
    const char *at = text;

    for (guint n = 0; (at = strstr(at, "\r\nm=")) != NULL; n++) {
        at += 2;
        if (n == n_media)
            return (gsize)(at - text);
    }
    return strlen(text);
}

static void
append_refused(GString *text, const McpSdpMedia *media)
{
    g_autofree char *formats = g_strjoinv(" ", media->raw_formats);

    g_string_append_printf(text, "m=%s 0 %s %s\r\n", media->type, media->protocol, formats);
}

/* (transfer full): @sdp with exactly @n_media lines, those it lacks refused as in @model. */
static McpSdp *
with_lines(McpSdp *sdp, const McpSdp *model, guint n_media)
{
    g_autoptr(GString) text = g_string_new(sdp->text);
    McpSdp *result = NULL;

    if (sdp->media->len == n_media)
        return mcp_sdp_ref(sdp);
    g_string_truncate(text, length_of_lines(sdp->text, n_media));
    for (guint i = sdp->media->len; i < n_media; i++)
        append_refused(text, mcp_sdp_get_media(model, i));
    result = mcp_sdp_parse_text(text->str, text->len, FALSE, NULL);
    return result != NULL ? result : mcp_sdp_ref(sdp);
}

static McpSdp *
with_origin(McpSdp *sdp, const char *origin)
{
    const char *line = strstr(sdp->text, "\r\no=");
    g_autoptr(GString) text = g_string_new(sdp->text);
    McpSdp *result = NULL;

    if (line == NULL)
        return mcp_sdp_ref(sdp);
    g_string_erase(text, line + 4 - sdp->text, (gssize)strcspn(line + 4, "\r"));
    g_string_insert(text, line + 4 - sdp->text, origin);
    result = mcp_sdp_parse_text(text->str, text->len, FALSE, NULL);
    return result != NULL ? result : mcp_sdp_ref(sdp);
}

McpSdp *
mcp_sdp_continue(McpSdp *sdp, const McpSdp *before, const McpSdp *offer)
{
    const McpSdp *model = offer != NULL ? offer : before;
    guint n_media = offer != NULL ? offer->media->len : MAX(before->media->len, sdp->media->len);
    g_autoptr(McpSdp) whole = with_lines(sdp, model, n_media);
    g_autofree char *origin = NULL;

    if (continues(whole, before))
        return g_steal_pointer(&whole);
    origin =
        origin_with(before, before->version + (mcp_sdp_equal_but_origin(whole, before) ? 0 : 1));
    return with_origin(whole, origin);
}
