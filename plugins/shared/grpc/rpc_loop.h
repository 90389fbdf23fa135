/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * McpRpcLoop: the library in use, and the one thread that takes its completions and hands them to
 * the contexts of the calls. One a plugin; shared by reference. Any thread.
 */
typedef struct _McpRpcLoop McpRpcLoop;

/** MCP_RPC_THREADS: threads of the library and of one loop, to be declared by a plugin. */
#define MCP_RPC_THREADS 8

/** mcp_rpc_loop_new: (transfer full): @name becomes the thread's. */
McpRpcLoop *mcp_rpc_loop_new(const char *name);
/** mcp_rpc_loop_ref: (transfer full). */
McpRpcLoop *mcp_rpc_loop_ref(McpRpcLoop *loop);
/** mcp_rpc_loop_unref: the loop ends when its last channel and call are gone. */
void mcp_rpc_loop_unref(McpRpcLoop *loop);
/**
 * mcp_rpc_loop_close:
 * @loop: (transfer full): the reference of whoever made it
 * @closed: called on the caller's thread-default context when the thread has ended, which is after
 *   the last reference has gone
 */
void mcp_rpc_loop_close(McpRpcLoop *loop, GSourceOnceFunc closed, gpointer user_data);

G_END_DECLS
