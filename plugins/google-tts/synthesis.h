/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "backend.h"

#include <mcp/audio.h>

G_BEGIN_DECLS

/** McpGoogleOrder: a request of somebody, as the service's context works on it. */
typedef struct {
    char *id; /* identity of the audio */
    char *text;
    gboolean ssml;
    char *language; /* nullable */
    char *voice;    /* nullable */
    guint sample_rate;
    gint64 deadline; /* µs from now */
} McpGoogleOrder;

/** mcp_google_order_free: */
void mcp_google_order_free(McpGoogleOrder *order);

/** McpGoogleSynthesis: one order on its way to the service. Used on the backend's context. */
typedef struct _McpGoogleSynthesis McpGoogleSynthesis;

/**
 * McpGoogleSynthesisEvents:
 * @begun: streamed speech alone: @audio has its first samples, and grows until the end
 * @ended: once, and last: the whole @audio, or NULL and @error (MCP_ERROR)
 */
typedef struct {
    void (*begun)(McpAudio *audio, gpointer user_data);
    void (*ended)(McpGoogleSynthesis *synthesis, McpAudio *audio, const GError *error,
                  gpointer user_data);
} McpGoogleSynthesisEvents;

/**
 * mcp_google_synthesis_start: asks, again where a failure may pass, until the deadline or the first
 * sample. Lives until it has ended.
 * @order: (transfer full)
 * @abandoned: cancelled when nobody waits any more; ends it before it has begun
 * @events: static
 *
 * Returns: (transfer none) (nullable): NULL if it has ended already.
 */
McpGoogleSynthesis *mcp_google_synthesis_start(McpGoogleBackend *backend, McpGoogleOrder *order,
                                               GCancellable *abandoned,
                                               const McpGoogleSynthesisEvents *events,
                                               gpointer user_data);
/** mcp_google_synthesis_abort: ends it with @error. */
void mcp_google_synthesis_abort(McpGoogleSynthesis *synthesis, const GError *error);

G_END_DECLS
