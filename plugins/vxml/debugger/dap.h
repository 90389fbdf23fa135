/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Debug Adapter Protocol's messages over two file descriptors: framing, requests in, responses
 * and events out. One thread.
 */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct _McpVxmlDap McpVxmlDap;

/**
 * mcp_vxml_dap_new: (transfer full): the descriptors stay the caller's; -1 for one that is not
 * used.
 */
McpVxmlDap *mcp_vxml_dap_new(int in, int out);
void mcp_vxml_dap_free(McpVxmlDap *dap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlDap, mcp_vxml_dap_free)

/** mcp_vxml_dap_set_wake: who waits for a request returns as well once @fd can be read. */
void mcp_vxml_dap_set_wake(McpVxmlDap *dap, int fd);
/**
 * mcp_vxml_dap_read: (transfer full) (nullable): the next request; NULL when there is none yet
 * (@wait FALSE), when it was woken, or the other side has gone.
 */
JsonObject *mcp_vxml_dap_read(McpVxmlDap *dap, gboolean wait);
/** mcp_vxml_dap_is_closed: whether the other side has gone. */
gboolean mcp_vxml_dap_is_closed(const McpVxmlDap *dap);
/** mcp_vxml_dap_forward: @message: (transfer none): as it is, with the number that it has. */
void mcp_vxml_dap_forward(McpVxmlDap *dap, JsonObject *message);
/** mcp_vxml_dap_respond: @body: (transfer full) (nullable); @error: (nullable): it failed. */
void mcp_vxml_dap_respond(McpVxmlDap *dap, JsonObject *request, JsonObject *body,
                          const char *error);
/** mcp_vxml_dap_tell: an event; @body: (transfer full) (nullable). */
void mcp_vxml_dap_tell(McpVxmlDap *dap, const char *event, JsonObject *body);
/** mcp_vxml_dap_say: the event "output": a line for the editor's console. */
void mcp_vxml_dap_say(McpVxmlDap *dap, const char *line);

/* Members of what came from outside, whatever their type; all (transfer none). */
/** mcp_vxml_dap_text: (nullable): @fallback when there is no such string. */
const char *mcp_vxml_dap_text(JsonObject *object, const char *name, const char *fallback);
/** mcp_vxml_dap_number: 0 when there is no such number. */
gint64 mcp_vxml_dap_number(JsonObject *object, const char *name);
/** mcp_vxml_dap_object: (nullable). */
JsonObject *mcp_vxml_dap_object(JsonObject *object, const char *name);
/** mcp_vxml_dap_array: (nullable). */
JsonArray *mcp_vxml_dap_array(JsonObject *object, const char *name);

G_END_DECLS
