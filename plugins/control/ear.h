/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/store.h>

G_BEGIN_DECLS

/**
 * McpControlEar: a store stream that listens to what is written to it: a WAV of 16 bit samples. It
 * measures sound and silence, and hands everything on to another stream if there is one.
 */
#define MCP_TYPE_CONTROL_EAR (mcp_control_ear_get_type())
G_DECLARE_FINAL_TYPE(McpControlEar, mcp_control_ear, MCP, CONTROL_EAR, GObject)

/** McpControlHeard: what was heard since a position of the recording. */
typedef struct {
    gint64 position; /* µs heard so far, from the start of the recording */
    gint64 sound;    /* µs with sound since the question's position */
    gint64 silence;  /* µs without a break of silence until now, since that position at most */
} McpControlHeard;

/** McpControlEarFunc: more was heard; on the context of the ear's maker, not for each append. */
typedef void (*McpControlEarFunc)(gpointer user_data);

/**
 * mcp_control_ear_new: (transfer full):
 * @inner: (nullable): where the bytes go as well
 * @func: called until mcp_control_ear_detach()
 */
McpControlEar *mcp_control_ear_new(McpStoreStream *inner, McpControlEarFunc func,
                                   gpointer user_data);
/** mcp_control_ear_detach: the function is not called any more. On the maker's context. */
void mcp_control_ear_detach(McpControlEar *ear);
/** mcp_control_ear_mark: what mcp_control_ear_get_heard() tells counts from @position (µs) on. */
void mcp_control_ear_mark(McpControlEar *ear, gint64 position);
/** mcp_control_ear_get_heard: since the mark. Any thread. */
void mcp_control_ear_get_heard(McpControlEar *ear, McpControlHeard *out_heard);

G_END_DECLS
