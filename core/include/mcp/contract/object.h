/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/call.h>

G_BEGIN_DECLS

/**
 * The object contract: what an application may have done by a plugin, such as <object> of VoiceXML
 * 2.0 (§2.3.5). A provider is published under the classid that it carries out. On the call's shard.
 */
#define MCP_CONTRACT_OBJECT "object"
#define MCP_CONTRACT_OBJECT_MAJOR 1
#define MCP_CONTRACT_OBJECT_MINOR 0

/** McpObjectRequest: what is asked for. Strings are copied by the provider. */
typedef struct {
    const char *classid;
    const char *codebase; /* nullable, as all below */
    const char *codetype;
    const char *data; /* absolute URL */
    const char *type;
    const char *archive;
    const char *parameters; /* JSON: array of {"name", "value", "valuetype", "type"} */
    McpLeg *leg;            /* of the call: the provider's until it finishes */
    McpCall *call;
} McpObjectRequest;

#define MCP_TYPE_OBJECT_PROVIDER (mcp_object_provider_get_type())
G_DECLARE_INTERFACE(McpObjectProvider, mcp_object_provider, MCP, OBJECT_PROVIDER, GObject)

/** McpObjectProviderInterface: members as the functions below. */
struct _McpObjectProviderInterface {
    GTypeInterface parent_iface;
    void (*invoke_async)(McpObjectProvider *self, const McpObjectRequest *request,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data);
    char *(*invoke_finish)(McpObjectProvider *self, GAsyncResult *result, GError **error);
};

/** mcp_object_provider_invoke_async: finishes on the caller's context; a cancel ends it soon. */
void mcp_object_provider_invoke_async(McpObjectProvider *provider, const McpObjectRequest *request,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data);
/**
 * mcp_object_provider_invoke_finish: (transfer full): the result, a JSON value.
 * MCP_ERROR_UNSUPPORTED: the object is not there after all; MCP_ERROR_INVALID: a parameter.
 */
char *mcp_object_provider_invoke_finish(McpObjectProvider *provider, GAsyncResult *result,
                                        GError **error);

G_END_DECLS
