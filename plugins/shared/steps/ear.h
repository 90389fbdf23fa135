/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/store.h>

G_BEGIN_DECLS

/**
 * McpEar: a store stream that listens to what is written to it: a WAV of 16 bit samples. It
 * measures sound and silence, and hands everything on to another stream if there is one.
 */
#define MCP_TYPE_EAR (mcp_ear_get_type())
G_DECLARE_FINAL_TYPE(McpEar, mcp_ear, MCP, EAR, GObject)

/** McpHeard: what was heard since a position of the recording. */
typedef struct {
    gint64 position; /* µs heard so far, from the start of the recording */
    gint64 sound;    /* µs with sound since the question's position */
    gint64 silence;  /* µs without a break of silence until now, since that position at most */
} McpHeard;

/** McpEarFunc: more was heard; on the context of the ear's maker, not for each append. */
typedef void (*McpEarFunc)(gpointer user_data);

/**
 * mcp_ear_new: (transfer full):
 * @inner: (nullable): where the bytes go as well
 * @func: called until mcp_ear_detach()
 */
McpEar *mcp_ear_new(McpStoreStream *inner, McpEarFunc func, gpointer user_data);
/** mcp_ear_detach: the function is not called any more. On the maker's context. */
void mcp_ear_detach(McpEar *ear);
/** mcp_ear_mark: what mcp_ear_get_heard() tells counts from @position (µs) on. */
void mcp_ear_mark(McpEar *ear, gint64 position);
/** mcp_ear_get_heard: since the mark. Any thread. */
void mcp_ear_get_heard(McpEar *ear, McpHeard *out_heard);

G_END_DECLS
