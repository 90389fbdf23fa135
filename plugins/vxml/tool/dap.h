/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Debug Adapter Protocol's messages over two file descriptors: framing, requests in, responses
 * and events out. One thread.
 */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct _McpVxmlDap McpVxmlDap;

/** mcp_vxml_dap_new: (transfer full): the descriptors stay the caller's. */
McpVxmlDap *mcp_vxml_dap_new(int in, int out);
void mcp_vxml_dap_free(McpVxmlDap *dap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlDap, mcp_vxml_dap_free)

/**
 * mcp_vxml_dap_read: (transfer full) (nullable): the next request; NULL when there is none yet
 * (@wait FALSE) or the other side has gone.
 */
JsonObject *mcp_vxml_dap_read(McpVxmlDap *dap, gboolean wait);
/** mcp_vxml_dap_is_closed: whether the other side has gone. */
gboolean mcp_vxml_dap_is_closed(const McpVxmlDap *dap);
/** mcp_vxml_dap_respond: @body: (transfer full) (nullable); @error: (nullable): it failed. */
void mcp_vxml_dap_respond(McpVxmlDap *dap, JsonObject *request, JsonObject *body,
                          const char *error);
/** mcp_vxml_dap_tell: an event; @body: (transfer full) (nullable). */
void mcp_vxml_dap_tell(McpVxmlDap *dap, const char *event, JsonObject *body);

G_END_DECLS
