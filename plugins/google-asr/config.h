/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "messages.h"

#include <google_api/access.h>

G_BEGIN_DECLS

#define MCP_GOOGLE_ASR_SECTION "google-asr"

/** mcp_google_asr_settings: rows of the settings table. */
extern const McpSettingDef mcp_google_asr_settings[];

/** McpGoogleAsrConfig: settings in force. Immutable, shared by reference; any thread. */
typedef struct {
    gatomicrefcount refs;
    McpSettings *settings; /* owns the strings below */
    McpGapiAccess access;
    const char *language;
    const char *model; /* nullable */
    gboolean use_enhanced;
    gboolean single_utterance;
    McpGoogleAsrEncoding encoding;
    guint rate; /* Hz */
    guint alternatives;
    guint phrases;
    double boost;
    gint64 stall; /* µs, as the next */
    gint64 stream_length;
    guint retries;
    guint max_simultaneous;
    guint streams_connection;
} McpGoogleAsrConfig;

/**
 * mcp_google_asr_config_new: (transfer full): reads and checks @settings and the files they name.
 *
 * Returns: NULL with MCP_ERROR_INVALID or REFUSED; the message names key and origin.
 */
McpGoogleAsrConfig *mcp_google_asr_config_new(McpSettings *settings, GError **error);
/** mcp_google_asr_config_ref: (transfer full). */
McpGoogleAsrConfig *mcp_google_asr_config_ref(McpGoogleAsrConfig *config);
void mcp_google_asr_config_unref(McpGoogleAsrConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGoogleAsrConfig, mcp_google_asr_config_unref)

G_END_DECLS
