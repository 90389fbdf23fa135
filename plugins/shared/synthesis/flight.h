/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/audio.h>
#include <mcp/clock.h>

/**
 * McpSynthesisFlight: one run of what makes the speech, and everybody who waits for it. The table
 * of flights and their waiters are guarded by the lock of the McpSynthesisFlights.
 */
typedef struct _McpSynthesisFlight McpSynthesisFlight;

/** McpSynthesisFlights: the runs under way, by the hash of their request. Any thread. */
typedef struct _McpSynthesisFlights McpSynthesisFlights;

McpSynthesisFlights *mcp_synthesis_flights_new(McpClock *clock);
void mcp_synthesis_flights_unref(McpSynthesisFlights *flights);

/**
 * mcp_synthesis_flights_join:
 * @key: hash of the request
 * @task: (transfer full): finished on its own context: with the result, MCP_ERROR_TIMEOUT, or as
 *   cancelled. The caller is on that context
 * @deadline: µs from now
 *
 * Returns: (transfer full) (nullable): a new flight, which the caller has to start; NULL when one
 * was under way already.
 */
McpSynthesisFlight *mcp_synthesis_flights_join(McpSynthesisFlights *flights, const char *key,
                                               GTask *task, gint64 deadline);
/**
 * mcp_synthesis_flight_land: hands the result, or the error when @audio is NULL, to all who wait;
 * once a flight. Any thread.
 */
void mcp_synthesis_flight_land(McpSynthesisFlight *flight, McpAudio *audio, const GError *error);
const char *mcp_synthesis_flight_get_key(const McpSynthesisFlight *flight);
/**
 * mcp_synthesis_flight_get_abandoned: (transfer none): cancelled, on any thread, when nobody waits
 * any more.
 */
GCancellable *mcp_synthesis_flight_get_abandoned(McpSynthesisFlight *flight);
void mcp_synthesis_flight_unref(McpSynthesisFlight *flight);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSynthesisFlight, mcp_synthesis_flight_unref)
