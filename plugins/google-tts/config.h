/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "messages.h"

#include <google_api/access.h>

G_BEGIN_DECLS

#define MCP_GOOGLE_SECTION "google-tts"

/** mcp_google_settings: rows of the settings table. */
extern const McpSettingDef mcp_google_settings[];

/** McpGoogleConfig: settings in force. Immutable, shared by reference; any thread. */
typedef struct {
    gatomicrefcount refs;
    McpSettings *settings; /* owns the strings below */
    McpGapiAccess access;
    const char *language;
    const char *voice; /* nullable */
    const char *voice_family;
    const char *model; /* nullable */
    McpGoogleGender gender;
    double speaking_rate;
    double pitch;
    double volume_gain;
    const char *const *effects;
    gboolean streaming;
    gint64 deadline; /* µs */
    guint retries;
    guint max_simultaneous;
    gsize text_limit;  /* bytes */
    gsize cache;       /* bytes */
    char *fingerprint; /* all that changes the sound */
} McpGoogleConfig;

/**
 * mcp_google_config_new: (transfer full): reads and checks @settings and the files they name.
 *
 * Returns: NULL with MCP_ERROR_INVALID or REFUSED; the message names key and origin.
 */
McpGoogleConfig *mcp_google_config_new(McpSettings *settings, GError **error);
/** mcp_google_config_ref: (transfer full). */
McpGoogleConfig *mcp_google_config_ref(McpGoogleConfig *config);
void mcp_google_config_unref(McpGoogleConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGoogleConfig, mcp_google_config_unref)

G_END_DECLS
