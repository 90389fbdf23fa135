/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "call/load.h"
#include "call/peer.h"
#include "call/router.h"
#include "call/shard.h"

#include <mcp/admission.h>
#include <mcp/call.h>
#include <mcp/trace.h>

typedef struct _McpCore McpCore;

/** mcp_calls_new: (transfer full): starts the shards. Control context. */
McpCalls *mcp_calls_new(McpCore *core, McpSettings *settings);
/** mcp_calls_check: whether peers and services of @settings are well formed. */
gboolean mcp_calls_check(McpSettings *settings, GPtrArray *errors);
/** mcp_calls_reconfigure: new calls follow @settings from now on. Control context. */
void mcp_calls_reconfigure(McpCalls *calls, McpSettings *settings);
/** mcp_calls_hangup_all: ends every call. Any thread. */
void mcp_calls_hangup_all(McpCalls *calls, const char *reason);

/** mcp_calls_trace_all: McpTraceWalk over the calls that run; @user_data is McpCalls. */
void mcp_calls_trace_all(McpTraces *traces, gpointer user_data);

/** McpIdleFunc: runs once on the control context when no call is left. */
typedef void (*McpIdleFunc)(gpointer user_data);
/** mcp_calls_on_idle: one function at a time; NULL takes it back. Control context. */
void mcp_calls_on_idle(McpCalls *calls, McpIdleFunc func, gpointer user_data);

/** mcp_calls_get_shards: number of shards. */
guint mcp_calls_get_shards(McpCalls *calls);
/** mcp_calls_add_loop: (transfer none): see mcp_host_add_loop(). */
McpLoopLoad *mcp_calls_add_loop(McpCalls *calls, const char *name);
/** mcp_calls_describe_load: adds an object "load": CPU, loops, whether new calls must wait. */
void mcp_calls_describe_load(McpCalls *calls, McpJson *json);
/** mcp_calls_get_core: (transfer none). */
McpCore *mcp_calls_get_core(McpCalls *calls);
/** mcp_calls_get_load: (transfer none): the loops. Any thread. */
McpLoadGuard *mcp_calls_get_load(McpCalls *calls);
/**
 * mcp_calls_list_on_loop: adds ids (char*) of the calls that run on @load to @ids, @most at most;
 * all of them are the signalling's and the control loop's. Any thread; never waits for a loop.
 *
 * Returns: how many there are; -1 when they cannot be told without waiting.
 */
gint mcp_calls_list_on_loop(McpCalls *calls, McpLoopLoad *load, GPtrArray *ids, guint most);
/**
 * mcp_calls_is_full: (transfer none) (nullable): what of the platform itself keeps new calls away
 * at present: its load, their number, loops that are stuck. Any thread; waits for nothing.
 */
const char *mcp_calls_is_full(McpCalls *calls);
/**
 * mcp_calls_is_stuck: (transfer none) (nullable): the kind of loop of which none is in time, so
 * that no call can begin: "shard" or "media". Any thread.
 */
const char *mcp_calls_is_stuck(McpCalls *calls);

/* For the files of this folder. */

/**
 * mcp_calls_decide: (transfer full) (nullable): why @invite is refused at once; NULL with (transfer
 * full) @out_route. @explain (nullable) gets the steps.
 */
McpReject *mcp_calls_decide(McpCalls *calls, McpInvite *invite, McpExplain *explain,
                            McpRoute **out_route);
/** mcp_call_id_new: (transfer full): of a call or of a refusal: 16 random hexadecimal digits. */
char *mcp_call_id_new(void);
/** mcp_calls_get_max_duration: µs. Any thread. */
gint64 mcp_calls_get_max_duration(McpCalls *calls);
/** mcp_calls_find: (transfer full) (nullable): a running call. Any thread. */
McpCall *mcp_calls_find(McpCalls *calls, const char *call_id);
/** mcp_calls_tag_session: @session says from now on that it is @call's. Any thread. */
void mcp_calls_tag_session(McpSession *session, McpCall *call);
/** mcp_calls_find_by_session: (transfer full) (nullable): the call of a session. Any thread. */
McpCall *mcp_calls_find_by_session(McpCalls *calls, McpSession *session);
/** mcp_calls_new_call: (transfer full): a call on the least busy shard, known by its id. */
McpCall *mcp_calls_new_call(McpCalls *calls, McpRoute *route);
/** mcp_calls_forget: the call has ended; @description is kept for a while. Any thread. */
void mcp_calls_forget(McpCalls *calls, McpCall *call, char *description);
