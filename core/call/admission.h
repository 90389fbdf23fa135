/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/peer.h>
#include <mcp/settings.h>

/**
 * McpAdmission: how many calls, how fast: of all peers together and of each. Counts live on through
 * reloads. Any thread.
 */
typedef struct _McpAdmission McpAdmission;

/** mcp_admission_new: (transfer full). */
McpAdmission *mcp_admission_new(McpClock *clock);
/** mcp_admission_free: frees it. */
void mcp_admission_free(McpAdmission *admission);
/** mcp_admission_configure: the limits of [core]; those of peers come with the peer. */
void mcp_admission_configure(McpAdmission *admission, McpSettings *settings);
/**
 * mcp_admission_check: (nullable): why a call of @peer (nullable: only what concerns all) would be
 * refused now; a static text. Takes nothing.
 */
const char *mcp_admission_check(McpAdmission *admission, const McpPeer *peer);
/** mcp_admission_take: the same, and with NULL the call counts until mcp_admission_release(). */
const char *mcp_admission_take(McpAdmission *admission, const McpPeer *peer);
/** mcp_admission_release: a call of @peer has ended. */
void mcp_admission_release(McpAdmission *admission, const McpPeer *peer);
