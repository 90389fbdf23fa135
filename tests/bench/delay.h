/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mouth to ear: of each pair of calls one says a chirp about once a second beside low noise, the
 * other one listens for it. From the moment in which the chirp's first sample is spoken, which is
 * when its packet leaves less 20 ms plus its place in the packet, to the moment in which it is
 * heard, which is when the packet that holds it arrives plus its place in that one. A wire without
 * delay has 20 ms. One loop, one thread.
 */
#pragma once

#include "json_out.h"
#include "sip_client.h"

G_BEGIN_DECLS

typedef struct _McpLoadDelay McpLoadDelay;

/* @codec has a sample rate of 8000. @echo: each call hears itself. Returns: (transfer full) */
McpLoadDelay *mcp_load_delay_new(const McpBenchCodec *codec, guint calls, gboolean echo);
/* Not before the streams of its calls were stopped. */
void mcp_load_delay_free(McpLoadDelay *delay);

/* @call was answered: even numbers speak, odd ones listen. */
void mcp_load_delay_join(McpLoadDelay *delay, McpLoadCall *call);
/* Chirps count that are spoken in [@from_ns, @until_ns), less the time one has to be heard. */
void mcp_load_delay_measure(McpLoadDelay *delay, gint64 from_ns, gint64 until_ns);
/* The window is over: who heard nothing has failed. */
void mcp_load_delay_finish(McpLoadDelay *delay);

void mcp_load_delay_print(McpLoadDelay *delay);
void mcp_load_delay_json(McpLoadDelay *delay, McpBenchJson *json);

/* A chirp must be heard within that time. */
#define MCP_LOAD_DELAY_LIMIT_NS G_GINT64_CONSTANT(900000000)

G_END_DECLS
