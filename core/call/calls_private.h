/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "call/admission.h"
#include "call/call_private.h"
#include "call/load.h"

#include <mcp/log_limit.h>

/* The set of calls as calls.c and offer.c see it. */

/* What one settings snapshot says of calls; immutable, shared by reference. */
typedef struct {
    gatomicrefcount refs;
    GPtrArray *router;
    McpPeerTable *peers;
    gint64 max_calls;
    gint64 max_duration;
    gint64 retry_after; /* µs */
} McpCallsConfig;

struct _McpCalls {
    GObject parent_instance;
    McpCore *core; /* borrowed */
    GMutex lock;
    McpCallsConfig *config; /* under lock */
    GHashTable *running;    /* id → McpCall, under lock */
    GQueue finished;        /* Finished, oldest first, under lock */
    guint max_finished;
    McpIdleFunc idle; /* under lock; runs on the control context */
    gpointer idle_data;
    McpShard **shards;
    guint n_shards;
    gint most; /* atomic: [core] max_calls, for who waits for no lock */
    McpAdmission *admission;
    McpLoadGuard *load;
    McpLogLimit *refusals;
    gint tracing; /* atomic: trace_context.c */
    McpTimer *check_timer;
    GHashTable *holds; /* who → why no call is to be taken, under lock */
    const char *held;  /* (nullable): one of those reasons; atomic, static text */
    gint exhausted;    /* atomic: calls were refused for their number, and there is no room yet */
    gint64 idle_since; /* under lock: when the last call ended; 0: memory is trimmed, or in use */
};

/** mcp_calls_get_config: (transfer full): that in force. Any thread. */
McpCallsConfig *mcp_calls_get_config(McpCalls *calls);
/** mcp_calls_config_unref: Any thread. */
void mcp_calls_config_unref(McpCallsConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpCallsConfig, mcp_calls_config_unref)
/** mcp_calls_closed_because: (nullable): why no new call is taken at present; a static text. */
const char *mcp_calls_closed_because(McpCalls *calls, const McpCallsConfig *config);
/** mcp_calls_check_room: there may be room again for calls; now and then. Control context. */
void mcp_calls_check_room(McpCalls *calls);
/** mcp_calls_start: the call is known from now on, and begins on its shard. */
void mcp_calls_start(McpCalls *calls, McpCall *call);
