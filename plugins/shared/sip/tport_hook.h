/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

G_BEGIN_DECLS

/**
 * McpSipTportHook: sees each message where it leaves and enters the library, repeated ones and the
 * library's own included. Set for a thread; called on it.
 *
 * @sent: @message has begun to leave over @transport; @parts are its bytes
 * @received: @message is complete and about to be handed on
 */
typedef struct {
    void (*sent)(const tport_t *transport, msg_t *message, const msg_iovec_t parts[], gsize n_parts,
                 gpointer user_data);
    void (*received)(tport_t *transport, msg_t *message, gpointer user_data);
    gpointer user_data;
} McpSipTportHook;

/**
 * mcp_sip_tport_hook_install: once a process, before the first socket is bound. FALSE when the
 * library is not the one that this was written for: messages are not seen then.
 */
gboolean mcp_sip_tport_hook_install(void);
/** mcp_sip_tport_hook_set: for this thread; NULL ends it. @hook must stay valid meanwhile. */
void mcp_sip_tport_hook_set(const McpSipTportHook *hook);

G_END_DECLS
