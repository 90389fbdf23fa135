/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/audio.h>
#include <mcp/clock.h>

/**
 * McpSpeechFlight: one run of the engine and everybody who waits for it. The table of flights and
 * their waiters are guarded by the lock of the McpSpeechFlights.
 */
typedef struct _McpSpeechFlight McpSpeechFlight;

/** McpSpeechFlights: the runs under way, by the hash of their request. Any thread. */
typedef struct _McpSpeechFlights McpSpeechFlights;

McpSpeechFlights *mcp_speech_flights_new(McpClock *clock);
void mcp_speech_flights_unref(McpSpeechFlights *flights);

/**
 * mcp_speech_flights_join:
 * @key: hash of the request
 * @task: (transfer full): finished on its own context: with the result, MCP_ERROR_TIMEOUT, or as
 *   cancelled. The caller is on that context
 * @deadline: µs from now
 *
 * Returns: (transfer full) (nullable): a new flight, which the caller has to start; NULL when one
 * was under way already.
 */
McpSpeechFlight *mcp_speech_flights_join(McpSpeechFlights *flights, const char *key, GTask *task,
                                         gint64 deadline);
/**
 * mcp_speech_flight_land: hands the result, or the error when @audio is NULL, to all who wait; once
 * a flight. Any thread.
 */
void mcp_speech_flight_land(McpSpeechFlight *flight, McpAudio *audio, const GError *error);
const char *mcp_speech_flight_get_key(const McpSpeechFlight *flight);
/** mcp_speech_flight_get_given_up: not zero when nobody waits any more; read atomically. */
gint *mcp_speech_flight_get_given_up(McpSpeechFlight *flight);
void mcp_speech_flight_unref(McpSpeechFlight *flight);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSpeechFlight, mcp_speech_flight_unref)
