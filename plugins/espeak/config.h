/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/settings.h>

G_BEGIN_DECLS

#define MCP_ESPEAK_SECTION "espeak"

/** mcp_espeak_settings: rows of the settings table. */
extern const McpSettingDef mcp_espeak_settings[];

/** McpEspeakConfig: settings in force. Immutable, shared by reference; any thread. */
typedef struct {
    gatomicrefcount refs;
    McpSettings *settings; /* owns the strings */
    char *worker;          /* the program */
    guint workers;
    guint queue;
    const char *language;
    guint speed;      /* words a minute */
    gsize text_limit; /* bytes */
    gint64 deadline;  /* µs */
    gsize cache;      /* bytes */
} McpEspeakConfig;

/**
 * mcp_espeak_config_new: (transfer full):
 * @worker: the program, where the settings name none
 */
McpEspeakConfig *mcp_espeak_config_new(McpSettings *settings, const char *worker);
/** mcp_espeak_config_ref: (transfer full). */
McpEspeakConfig *mcp_espeak_config_ref(McpEspeakConfig *config);
void mcp_espeak_config_unref(McpEspeakConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpEspeakConfig, mcp_espeak_config_unref)

G_END_DECLS
