/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast a prompt gives way: calls press a key at random moments of a prompt; from the digit's
 * first packet to the last packet of the prompt (stop) and to the first one of the next (start).
 * The prompts begin with a chirp (chirp.h): a server that is fast leaves no pause between two, and
 * then neither marker nor timestamp tells them apart. One loop, one thread.
 */
#pragma once

#include "json_out.h"
#include "sip_client.h"

G_BEGIN_DECLS

typedef struct _McpLoadReaction McpLoadReaction;

/* Returns: (transfer full) */
McpLoadReaction *mcp_load_reaction_new(guint calls);
/* Not before the streams of its calls were stopped. */
void mcp_load_reaction_free(McpLoadReaction *reaction);

/* @call hears a prompt and begins to press keys. */
void mcp_load_reaction_begin(McpLoadReaction *reaction, McpLoadCall *call);
/* The window is over at @until_ns: a call with a key that nothing came of has failed. */
void mcp_load_reaction_finish(McpLoadReaction *reaction, gint64 until_ns);

void mcp_load_reaction_print(McpLoadReaction *reaction);
void mcp_load_reaction_json(McpLoadReaction *reaction, McpBenchJson *json);
/* A line for each key that was answered: Call-ID, when it was pressed, when the prompt began
 * (monotonic ns). Before the client's calls are freed. */
gboolean mcp_load_reaction_write(McpLoadReaction *reaction, const char *file, GError **error);

G_END_DECLS
