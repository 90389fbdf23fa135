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

G_END_DECLS
