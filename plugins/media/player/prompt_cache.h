/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../codec/coder.h"
#include <mcp/audio.h>
#include <mcp/metrics.h>
#include <mcp/pool.h>

G_BEGIN_DECLS

/**
 * McpMediaPrompt: one audio content in one wire format: the payload of its packets, back to back,
 * of which slices of any packet time are taken; or its coded frames. One entry serves every ptime
 * and offset. Shared by reference; immutable once it is ready, but that one of an audio that grows
 * does so, too: it is ready as soon as it can begin.
 */
typedef struct _McpMediaPrompt McpMediaPrompt;

/** McpMediaPromptState: in this order, once. */
typedef enum {
    MCP_MEDIA_PROMPT_PENDING,
    MCP_MEDIA_PROMPT_READY,
    MCP_MEDIA_PROMPT_FAILED,
} McpMediaPromptState;

/** mcp_media_prompt_ref: (transfer full). Any thread. */
McpMediaPrompt *mcp_media_prompt_ref(McpMediaPrompt *prompt);
/** mcp_media_prompt_unref: any thread but a media worker. */
void mcp_media_prompt_unref(McpMediaPrompt *prompt);
/** mcp_media_prompt_get_state: any thread, lock-free. */
McpMediaPromptState mcp_media_prompt_get_state(McpMediaPrompt *prompt);
/**
 * mcp_media_prompt_get_length: bytes of a prompt, or coded frames where they cannot be cut; none
 * before it is ready.
 * @out_open: more may follow
 */
gsize mcp_media_prompt_get_length(McpMediaPrompt *prompt, gboolean *out_open);
/** mcp_media_prompt_copy: @n bytes from @at on, which are within the length. */
void mcp_media_prompt_copy(McpMediaPrompt *prompt, gsize at, guint8 *out, gsize n);
/** mcp_media_prompt_get_frame: (transfer none): frame @index, which is within the length. */
McpMediaFrame mcp_media_prompt_get_frame(McpMediaPrompt *prompt, guint index);
/**
 * mcp_media_prompt_get_error: (transfer none): (nullable): of a failed prompt; of a ready one that
 * is not open any more: how it ended.
 */
const GError *mcp_media_prompt_get_error(McpMediaPrompt *prompt);
/** mcp_media_prompt_get_duration: µs of a ready prompt; 0 while it is open. */
gint64 mcp_media_prompt_get_duration(McpMediaPrompt *prompt);

/** McpMediaCacheRows: rows of the plugin's metrics table that the cache fills. */
typedef struct {
    guint lookups; /* label: hit, miss */
    guint bytes;
    guint entries;
} McpMediaCacheRows;

/** McpMediaPromptCache: the prompts of the process, bounded in bytes. Any thread but workers. */
typedef struct _McpMediaPromptCache McpMediaPromptCache;

/**
 * mcp_media_prompt_cache_new: (transfer full).
 * @pool: (transfer none): where prompts are encoded
 * @limit: bytes that entries may take; those in use stay readable when evicted
 * @metrics: (nullable)
 */
McpMediaPromptCache *mcp_media_prompt_cache_new(McpPool *pool, gsize limit, McpMetrics *metrics,
                                                const McpMediaCacheRows *rows);
/** mcp_media_prompt_cache_unref: encodings under way still end. */
void mcp_media_prompt_cache_unref(McpMediaPromptCache *cache);
/** mcp_media_prompt_cache_set_limit: a change of configuration. */
void mcp_media_prompt_cache_set_limit(McpMediaPromptCache *cache, gsize limit);
/**
 * mcp_media_prompt_cache_get: (transfer full): the prompt, maybe still pending; the first one to
 * ask starts its encoding, all others share it.
 */
McpMediaPrompt *mcp_media_prompt_cache_get(McpMediaPromptCache *cache, McpAudio *audio,
                                           const McpMediaFormat *format);
/**
 * mcp_media_prompt_cache_get_silence: (transfer full): the prompt whose last frame says nothing;
 * for formats of frames.
 */
McpMediaPrompt *mcp_media_prompt_cache_get_silence(McpMediaPromptCache *cache,
                                                   const McpMediaFormat *format);
/**
 * mcp_media_prompt_cache_wait: @task returns TRUE, or the prompt's error, as soon as it is known;
 * on the task's own context.
 */
void mcp_media_prompt_cache_wait(McpMediaPromptCache *cache, McpMediaPrompt *prompt, GTask *task);

G_END_DECLS
