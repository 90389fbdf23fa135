/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/audio.h>
#include <mcp/clock.h>
#include <mcp/json.h>
#include <mcp/metrics.h>
#include <mcp/pool.h>

G_BEGIN_DECLS

/**
 * McpPromptCache: what engines have said, by the hash of all that was asked: in memory, and on disk
 * if there is a folder. Nothing that goes wrong on the disk harms a prompt. Any thread; shared by
 * reference.
 */
typedef struct _McpPromptCache McpPromptCache;

/** McpPromptCacheConfig: limits in bytes. */
typedef struct {
    gsize memory;          /* 0: nothing is kept there */
    const char *directory; /* nullable: no disk */
    guint64 disk;
} McpPromptCacheConfig;

/**
 * mcp_prompt_cache_new: (transfer full): what the folder has is taken over, in the background.
 * @disk: (transfer none): where files are read and written; outlives the cache
 * @metrics: (nullable)
 */
McpPromptCache *mcp_prompt_cache_new(const McpPromptCacheConfig *config, McpPool *disk,
                                     McpClock *clock, McpMetrics *metrics);
/** mcp_prompt_cache_ref: (transfer full). */
McpPromptCache *mcp_prompt_cache_ref(McpPromptCache *cache);
/** mcp_prompt_cache_unref: drops a reference. */
void mcp_prompt_cache_unref(McpPromptCache *cache);
/** mcp_prompt_cache_set_limits: the folder stays as it is. */
void mcp_prompt_cache_set_limits(McpPromptCache *cache, gsize memory, guint64 disk);
/**
 * mcp_prompt_cache_find_async: @callback gets the audio, or nothing; at once when it is in memory,
 * else on the caller's context.
 * @count: whether the look-up counts in the metrics
 */
void mcp_prompt_cache_find_async(McpPromptCache *cache, const char *key, gboolean count,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
/** mcp_prompt_cache_find_finish: (transfer full) (nullable): NULL: it is not there. */
McpAudio *mcp_prompt_cache_find_finish(McpPromptCache *cache, GAsyncResult *result);
/** mcp_prompt_cache_get: (transfer full) (nullable): from memory alone. */
McpAudio *mcp_prompt_cache_get(McpPromptCache *cache, const char *key);
/**
 * mcp_prompt_cache_put: keeps @audio; one that still grows is kept when it has ended well, whether
 * or not anybody still wants it.
 */
void mcp_prompt_cache_put(McpPromptCache *cache, const char *key, McpAudio *audio);
/** mcp_prompt_cache_flush: forgets all; what is played meanwhile goes on. */
void mcp_prompt_cache_flush(McpPromptCache *cache);
/** mcp_prompt_cache_describe: adds an object "cache". */
void mcp_prompt_cache_describe(McpPromptCache *cache, McpJson *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpPromptCache, mcp_prompt_cache_unref)

G_END_DECLS
