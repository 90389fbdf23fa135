/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent, the MIB and the exporter's module have to agree on. Any thread.
 */
#include "layout.h"

char *
mcp_snmp_bound_text(const char *buckets, guint bucket)
{
    g_auto(GStrv) bounds = g_strsplit(buckets, "|", -1);

    return g_strdup(bucket < g_strv_length(bounds) ? bounds[bucket] : MCP_SNMP_ABOVE_ALL);
}
