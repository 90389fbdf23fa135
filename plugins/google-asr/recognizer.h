/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"
#include "deps.h"

#include <mcp/contract/recognizer.h>

G_BEGIN_DECLS

#define MCP_TYPE_GOOGLE_ASR_RECOGNIZER (mcp_google_asr_recognizer_get_type())
G_DECLARE_FINAL_TYPE(McpGoogleAsrRecognizer, mcp_google_asr_recognizer, MCP, GOOGLE_ASR_RECOGNIZER,
                     GObject)

/**
 * mcp_google_asr_recognizer_new:
 * @deps: copied
 * @config: the settings in force
 *
 * Returns: (transfer full) (nullable): a recognizer that any thread may use; tokens are asked for
 * on the caller's thread-default context.
 */
McpGoogleAsrRecognizer *mcp_google_asr_recognizer_new(const McpGoogleAsrDeps *deps,
                                                      McpGoogleAsrConfig *config, GError **error);
/**
 * mcp_google_asr_recognizer_configure: for recognitions from now on, and for further streams of
 * those under way. On the recognizer's context.
 */
gboolean mcp_google_asr_recognizer_configure(McpGoogleAsrRecognizer *self,
                                             McpGoogleAsrConfig *config, GError **error);
/**
 * mcp_google_asr_recognizer_close: recognitions, those under way too, fail with MCP_ERROR_CLOSED.
 * On the recognizer's context.
 */
void mcp_google_asr_recognizer_close(McpGoogleAsrRecognizer *self);

/* For recognitions, on any thread. */

/** mcp_google_asr_recognizer_get_deps: */
const McpGoogleAsrDeps *mcp_google_asr_recognizer_get_deps(McpGoogleAsrRecognizer *self);
/** mcp_google_asr_recognizer_get_config: (transfer full): */
McpGoogleAsrConfig *mcp_google_asr_recognizer_get_config(McpGoogleAsrRecognizer *self);
/** mcp_google_asr_recognizer_get_service: (transfer full) (nullable): NULL once it was closed. */
McpGapiService *mcp_google_asr_recognizer_get_service(McpGoogleAsrRecognizer *self);
/** mcp_google_asr_recognizer_get_closing: (transfer none): cancelled when it is closed. */
GCancellable *mcp_google_asr_recognizer_get_closing(McpGoogleAsrRecognizer *self);
/** mcp_google_asr_recognizer_enter: FALSE with MCP_ERROR_LIMIT when too many run. */
gboolean mcp_google_asr_recognizer_enter(McpGoogleAsrRecognizer *self, guint most, GError **error);
/** mcp_google_asr_recognizer_leave: one that entered is over. */
void mcp_google_asr_recognizer_leave(McpGoogleAsrRecognizer *self);

G_END_DECLS
