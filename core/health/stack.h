/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/** mcp_stack_prepare: before the first mcp_stack_take(); takes a real-time signal for it. */
void mcp_stack_prepare(void);
/**
 * mcp_stack_take: (transfer full) (nullable): where thread @thread (kernel's id) of this process is
 * just now, the innermost function first, "FILE(FUNCTION+OFFSET)" each; NULL when it does not
 * tell within half a second. One caller at a time.
 */
char *mcp_stack_take(gint thread);
