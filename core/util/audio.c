/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Immutable audio content with an identity. Shared between threads by an atomic counter.
 */
#include <mcp/audio.h>
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpAudio);

struct _McpAudio {
    gatomicrefcount refs;
    GBytes *bytes;
    char *content_type;
    char *id;
};

McpAudio *
mcp_audio_new(GBytes *bytes, const char *content_type, const char *id)
{
    McpAudio *audio = g_new(McpAudio, 1);

    g_atomic_ref_count_init(&audio->refs);
    audio->bytes = g_bytes_ref(bytes);
    audio->content_type = g_strdup(content_type);
    audio->id = id != NULL ? g_strdup(id) : g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    MCP_LEDGER_CREATED(McpAudio);
    return audio;
}

McpAudio *
mcp_audio_ref(McpAudio *audio)
{
    g_atomic_ref_count_inc(&audio->refs);
    return audio;
}

void
mcp_audio_unref(McpAudio *audio)
{
    if (!g_atomic_ref_count_dec(&audio->refs))
        return;
    g_bytes_unref(audio->bytes);
    g_free(audio->content_type);
    g_free(audio->id);
    g_free(audio);
    MCP_LEDGER_FINALIZED(McpAudio);
}

GBytes *
mcp_audio_get_bytes(McpAudio *audio)
{
    return audio->bytes;
}

const char *
mcp_audio_get_content_type(McpAudio *audio)
{
    return audio->content_type;
}

const char *
mcp_audio_get_id(McpAudio *audio)
{
    return audio->id;
}
