/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * McpHttpFlights: single flight: of several callers, on any thread, who want the same resource at
 * the same time, one asks the origin and the others wait for what it brings into the cache.
 */
typedef struct _McpHttpFlights McpHttpFlights;

/** McpHttpLanding: how a flight ended. */
typedef enum {
    MCP_HTTP_LANDING_STORED,      /* the cache has it now */
    MCP_HTTP_LANDING_UNCACHEABLE, /* everybody has to ask for himself */
    MCP_HTTP_LANDING_FAILED,      /* the origin failed: all share the error */
    MCP_HTTP_LANDING_STALE,       /* it failed, but what is stored may serve */
    MCP_HTTP_LANDING_ABANDONED,   /* the one who asked went away */
} McpHttpLanding;

/** McpHttpBoarding: what to do after mcp_http_flights_join(). */
typedef enum {
    MCP_HTTP_BOARDING_LEAD,  /* ask the origin, then call mcp_http_flights_land() */
    MCP_HTTP_BOARDING_WAIT,  /* the function is called once when the flight has landed */
    MCP_HTTP_BOARDING_ALONE, /* known as uncacheable: ask the origin, nobody waits for it */
} McpHttpBoarding;

/** McpHttpLandingFunc: on the context given; @error is set for MCP_HTTP_LANDING_FAILED. */
typedef void (*McpHttpLandingFunc)(McpHttpLanding landing, const GError *error, gpointer user_data);

/** McpHttpPassenger: who waits. */
typedef struct {
    GMainContext *context;
    McpHttpLandingFunc func;
    gpointer user_data;
    GDestroyNotify destroy; /* of @user_data, on @context after @func; not called for others */
} McpHttpPassenger;

/** mcp_http_flights_new: (transfer full). */
McpHttpFlights *mcp_http_flights_new(void);
/** mcp_http_flights_free: nobody may be waiting. */
void mcp_http_flights_free(McpHttpFlights *flights);
/** mcp_http_flights_join: @now in monotonic µs. Any thread. */
McpHttpBoarding mcp_http_flights_join(McpHttpFlights *flights, const char *key, gint64 now,
                                      const McpHttpPassenger *passenger);
/** mcp_http_flights_land: wakes all who wait for @key. Any thread. */
void mcp_http_flights_land(McpHttpFlights *flights, const char *key, gint64 now,
                           McpHttpLanding landing, const GError *error);

G_END_DECLS
