/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "spool/disk.h"

#include <mcp/contract/health.h>
#include <mcp/spool.h>

G_BEGIN_DECLS

/** McpSpoolOptions: what a spool is made of; all that it points to is copied or referenced. */
typedef struct {
    const char *name; /* "activemq/billing", the folder below @directory */
    const char *directory;
    McpSpoolKind class_;
    gint64 max_bytes;
    gint64 segment_bytes;
    gint64 sync_interval; /* µs */
    gint64 sync_bytes;
    McpDisk *disk;
    McpClock *clock;
    McpPool *pool;
    McpMetrics *metrics;       /* nullable: the core's, outlives the spool */
    McpEvents *bus;            /* nullable: of alerts */
    McpDependency *dependency; /* (transfer full) (nullable): says how the spool is */
} McpSpoolOptions;

/** mcp_spool_new: (transfer full): opens it; see mcp_host_open_spool(). */
McpSpool *mcp_spool_new(const McpSpoolOptions *options, const McpSpoolEvents *events,
                        gpointer user_data);

/** McpSpools: all spools of a core that are open. Control context. */
typedef struct _McpSpools McpSpools;

/** mcp_spools_new: (transfer full). */
McpSpools *mcp_spools_new(void);
/** mcp_spools_free: spools themselves live on. */
void mcp_spools_free(McpSpools *spools);
/** mcp_spools_add: lists @spool for as long as it lives. */
void mcp_spools_add(McpSpools *spools, McpSpool *spool);
/** mcp_spools_list: (transfer full) (element-type McpSpool). */
GPtrArray *mcp_spools_list(McpSpools *spools);

/** mcp_spool_settings: the table of [spool]. */
extern const McpSettingDef mcp_spool_settings[];
/** mcp_spool_options_read: limits and folder of a spool of @class_; strings are of @settings. */
void mcp_spool_options_read(McpSpoolOptions *options, McpSettings *settings, McpSpoolKind class_);
/** mcp_spool_class_to_string: "billing", "events" or "quality". */
const char *mcp_spool_class_to_string(McpSpoolKind class_);

G_END_DECLS
