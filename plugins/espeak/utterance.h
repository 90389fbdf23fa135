/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "pool.h"

#include <gio/gio.h>
#include <mcp/audio.h>

G_BEGIN_DECLS

/** McpEspeakOrder: what is to be said, as the pool's context works on it. */
typedef struct {
    char *id;        /* identity of the audio */
    GBytes *message; /* to a worker */
    guint rate;      /* of its samples */
    gint64 deadline; /* µs from now */
} McpEspeakOrder;

/** mcp_espeak_order_free: */
void mcp_espeak_order_free(McpEspeakOrder *order);

/** McpEspeakUtterance: one order on its way to a worker. Used on the pool's context. */
typedef struct _McpEspeakUtterance McpEspeakUtterance;

/**
 * McpEspeakUtteranceEvents:
 * @begun: @audio has its first samples, and grows until the end
 * @ended: once, and last: the whole @audio, or NULL and @error (MCP_ERROR)
 */
typedef struct {
    void (*begun)(McpAudio *audio, gpointer user_data);
    void (*ended)(McpAudio *audio, const GError *error, gpointer user_data);
} McpEspeakUtteranceEvents;

/**
 * mcp_espeak_utterance_start: has it said. Lives until it has ended.
 * @order: (transfer full)
 * @abandoned: cancelled when nobody waits any more; ends it before it has begun
 * @events: static
 */
void mcp_espeak_utterance_start(McpEspeakPool *pool, McpClock *clock, McpEspeakOrder *order,
                                GCancellable *abandoned, const McpEspeakUtteranceEvents *events,
                                gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpEspeakOrder, mcp_espeak_order_free)

G_END_DECLS
