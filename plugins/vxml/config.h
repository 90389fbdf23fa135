/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of [vxml] as one immutable set that a dialog keeps from its start to its end. */
#pragma once
#include <mcp/settings.h>

#include "document.h"

G_BEGIN_DECLS

typedef struct {
    gatomicrefcount refs;
    GHashTable *properties;    /* char* → char*: platform defaults of VoiceXML properties */
    McpVxmlDocument *defaults; /* nullable: the platform's own handlers, properties, links */
    guint max_transitions;
    guint max_depth;
    gsize max_page_bytes;
    gsize cache_bytes;
    gsize script_memory;
    gint64 script_time;      /* µs a run */
    gint64 script_window;    /* µs in two seconds */
    gint64 final_processing; /* µs */
    char *gateway;           /* nullable: HOST[:PORT] for telephone numbers */
    gint64 connect_timeout;  /* µs: of <transfer> */
    gboolean next_prompts;   /* are said ahead */
} McpVxmlConfig;

extern const McpSettingDef mcp_vxml_settings[];

/** mcp_vxml_config_new: (transfer full): from a snapshot; NULL takes the table's defaults. Reads
 * the page of defaults; one that mcp_vxml_config_check() refuses is left out. */
McpVxmlConfig *mcp_vxml_config_new(McpSettings *settings);
McpVxmlConfig *mcp_vxml_config_ref(McpVxmlConfig *config);
void mcp_vxml_config_unref(McpVxmlConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlConfig, mcp_vxml_config_unref)
/** mcp_vxml_config_check: FALSE for values that the table cannot judge. */
gboolean mcp_vxml_config_check(McpSettings *settings, GError **error);

G_END_DECLS
