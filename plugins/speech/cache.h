/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/audio.h>

/** McpSpeechCache: finished prompts, the least recently used go first. Its owner locks. */
typedef struct _McpSpeechCache McpSpeechCache;

McpSpeechCache *mcp_speech_cache_new(gsize limit);
void mcp_speech_cache_free(McpSpeechCache *cache);
/** mcp_speech_cache_set_limit: drops what is too much. */
void mcp_speech_cache_set_limit(McpSpeechCache *cache, gsize limit);
/** mcp_speech_cache_get: (transfer full) (nullable). */
McpAudio *mcp_speech_cache_get(McpSpeechCache *cache, const char *key);
/** mcp_speech_cache_put: keeps a reference if @audio is not larger than a quarter of the limit. */
void mcp_speech_cache_put(McpSpeechCache *cache, const char *key, McpAudio *audio);
