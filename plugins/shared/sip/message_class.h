/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

#include <sofia-sip/msg_mclass.h>

G_BEGIN_DECLS

/**
 * mcp_sip_message_class_new: (transfer full): the parser of received messages, free it with free().
 * The topmost Via of a request names where it really came from before the library acts on it.
 */
msg_mclass_t *mcp_sip_message_class_new(void);

/**
 * McpSipOriginFunc: puts the true source in place of @address, when a front of our own stands in
 * between; FALSE when there is none.
 */
typedef gboolean (*McpSipOriginFunc)(su_sockaddr_t *address, gpointer user_data);

/** mcp_sip_message_class_set_origin: asks @func (nullable) on this thread from now on. */
void mcp_sip_message_class_set_origin(McpSipOriginFunc func, gpointer user_data);

/**
 * McpSipHeadFunc: all headers of a received message are there, and perhaps its body; the library
 * acts upon it afterwards.
 */
typedef void (*McpSipHeadFunc)(msg_t *message, sip_t *sip, gpointer user_data);

/** mcp_sip_message_class_set_head: one function for each SIP context; NULL for none. */
void mcp_sip_message_class_set_head(McpSipHeadFunc func, gpointer user_data);

G_END_DECLS
