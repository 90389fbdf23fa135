/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a dialog has of the platform. Any thread.
 */
#include "services.h"

McpConferenceServices *
mcp_conference_services_new(McpHost *host, McpAttendance *attendance, McpAudio *ringing)
{
    McpMedia *media = mcp_host_lookup(host, MCP_CONTRACT_MEDIA, NULL);
    McpConferenceServices *services = NULL;

    if (media == NULL)
        return NULL;
    services = g_new0(McpConferenceServices, 1);
    services->host = g_object_ref(host);
    services->clock = mcp_host_get_clock(host);
    services->metrics = mcp_host_get_metrics(host);
    services->media = media;
    services->fetcher = mcp_host_lookup(host, MCP_CONTRACT_FETCHER, NULL);
    services->attendance = mcp_attendance_ref(attendance);
    services->ringing = mcp_audio_ref(ringing);
    return services;
}

void
mcp_conference_services_free(McpConferenceServices *services)
{
    g_clear_object(&services->fetcher);
    g_object_unref(services->media);
    mcp_attendance_unref(services->attendance);
    mcp_audio_unref(services->ringing);
    g_object_unref(services->host);
    g_free(services);
}
