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

/** McpGoogleSynthesisFunc: the end: @audio, or NULL and @error (MCP_ERROR). */
typedef void (*McpGoogleSynthesisFunc)(McpGoogleSynthesis *synthesis, McpAudio *audio,
                                       const GError *error, gpointer user_data);

/**
 * mcp_google_synthesis_start: (transfer none): asks, again where a failure may pass, until the
 * deadline. The synthesis lives until @func has been called, which may be at once.
 * @order: (transfer full)
 * @abandoned: (nullable): cancelled when nobody wants it any more; ends it
 */
void mcp_google_synthesis_start(McpGoogleBackend *backend, McpGoogleOrder *order,
                                GCancellable *abandoned, McpGoogleSynthesisFunc func,
                                gpointer user_data);
/** mcp_google_synthesis_abort: ends it with @error. */
void mcp_google_synthesis_abort(McpGoogleSynthesis *synthesis, const GError *error);

G_END_DECLS
