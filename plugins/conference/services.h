/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/fetcher.h>
#include <mcp/contract/media.h>
#include <mcp/host.h>

#include "attendance.h"
#include "params.h"

G_BEGIN_DECLS

/** McpConferenceMetric: rows of the plugin's table. */
enum {
    MCP_CONFERENCE_METRIC_MEMBERS,
    MCP_CONFERENCE_METRIC_ENTRIES,
    MCP_CONFERENCE_METRIC_BRIDGES,
    MCP_CONFERENCE_METRIC_DIALS,
};

/** McpConferenceServices: what one dialog of this plugin has of the platform. */
typedef struct {
    McpHost *host;
    McpClock *clock;     /* of the host */
    McpMetrics *metrics; /* of the host */
    McpMedia *media;
    McpFetcher *fetcher; /* nullable */
    McpAttendance *attendance;
    McpAudio *ringing; /* one second of it */
} McpConferenceServices;

/**
 * mcp_conference_services_new: (transfer full) (nullable): with what is live now; NULL while no
 * media service is. Any thread.
 */
McpConferenceServices *mcp_conference_services_new(McpHost *host, McpAttendance *attendance,
                                                   McpAudio *ringing);
/** mcp_conference_services_free: frees it. */
void mcp_conference_services_free(McpConferenceServices *services);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpConferenceServices, mcp_conference_services_free)

G_END_DECLS
