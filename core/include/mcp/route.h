/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * mcp_route_local_address: (transfer full) (nullable): our address on the way to the host of @uri
 * (sip:, sips:, rtsp: …), as the kernel's routes say; NULL when it is a name, which is resolved
 * elsewhere, or no way leads there. Any thread; sends nothing.
 */
char *mcp_route_local_address(const char *uri);

G_END_DECLS
