/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "deps.h"
#include "voices.h"

#include <mcp/json.h>

G_BEGIN_DECLS

/**
 * McpEspeakPool: the workers, and what waits for one of them. Used on the context it was made on;
 * mcp_espeak_pool_describe() on any thread.
 */
typedef struct _McpEspeakPool McpEspeakPool;

/**
 * McpEspeakPoolEvents:
 * @ready: a worker has told of its voices
 * @failed: no worker could be started, for now
 */
typedef struct {
    void (*ready)(McpEspeakVoices *voices, gpointer user_data);
    void (*failed)(const char *why, gpointer user_data);
} McpEspeakPoolEvents;

/**
 * McpEspeakSayEvents: of one thing that is said.
 * @audio: more samples
 * @ended: once, and last; @error: (nullable): why not all was said (MCP_ERROR)
 */
typedef struct {
    void (*audio)(const guint8 *data, gsize length, gpointer user_data);
    void (*ended)(const GError *error, gpointer user_data);
} McpEspeakSayEvents;

/** mcp_espeak_pool_new: (transfer full): starts a first worker; @events: static. */
McpEspeakPool *mcp_espeak_pool_new(const McpEspeakDeps *deps, McpEspeakConfig *config,
                                   const McpEspeakPoolEvents *events, gpointer user_data);
/** mcp_espeak_pool_configure: workers that are too many, or another program, go when idle. */
void mcp_espeak_pool_configure(McpEspeakPool *pool, McpEspeakConfig *config);
/**
 * mcp_espeak_pool_say: has a worker say @message (what follows MCP_ESPEAK_SAY), now or later.
 * @events: static
 * @user_data: names it
 *
 * Returns: FALSE with MCP_ERROR_LIMIT: too much waits; FAILED: no worker can be started.
 */
gboolean mcp_espeak_pool_say(McpEspeakPool *pool, GBytes *message, const McpEspeakSayEvents *events,
                             gpointer user_data, GError **error);
/** mcp_espeak_pool_give_up: ends what was named so; no event of it comes any more. */
void mcp_espeak_pool_give_up(McpEspeakPool *pool, gpointer user_data);
/** mcp_espeak_pool_describe: adds to an open object. Any thread. */
void mcp_espeak_pool_describe(McpEspeakPool *pool, McpJson *json);
McpEspeakPool *mcp_espeak_pool_ref(McpEspeakPool *pool);
void mcp_espeak_pool_unref(McpEspeakPool *pool);
/** mcp_espeak_pool_close: ends the workers; what is asked for ends with MCP_ERROR_CLOSED. */
void mcp_espeak_pool_close(McpEspeakPool *pool);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpEspeakPool, mcp_espeak_pool_unref)

G_END_DECLS
