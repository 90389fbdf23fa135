/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/explain.h>
#include <mcp/invite.h>
#include <mcp/settings.h>

/** McpRoute: one [service "NAME"] section. Immutable, shared by reference. */
typedef struct {
    gatomicrefcount refs;
    char *service;
    char **users;
    GPtrArray *headers; /* McpHeader: name and pattern */
    char *media;        /* "any", "audio", "none" */
    char *dialog;
    char **dial;            /* patterns; empty: no list of its own */
    GHashTable *parameters; /* char* → char* */
} McpRoute;

/** mcp_route_ref: (transfer full). Any thread. */
McpRoute *mcp_route_ref(McpRoute *route);
/** mcp_route_unref: Any thread. */
void mcp_route_unref(McpRoute *route);
/** mcp_route_new: (transfer full): a route outside of any table, for placed calls. */
McpRoute *mcp_route_new(const char *service, const char *dialog);

/** mcp_router_new: (transfer full): routes in the order of the settings; NULL with the fault. */
GPtrArray *mcp_router_new(McpSettings *settings, GError **error);
/**
 * mcp_router_match: (transfer none) (nullable): the first route that fits; @explain (nullable) gets
 * why others do not. Any thread.
 */
McpRoute *mcp_router_match(const GPtrArray *router, const McpInvite *invite, McpExplain *explain);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpRoute, mcp_route_unref)
