/* SPDX-License-Identifier: Apache-2.0 */
/* An object that gives back what it was asked with. */
#include <mcp/error.h>
#include <string.h>

#include "fakes.h"

struct _FakeObject {
    GObject parent_instance;
};

static void object_iface_init(McpObjectProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeObject, fake_object, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_OBJECT_PROVIDER, object_iface_init))

static void
invoke_async(McpObjectProvider *provider, const McpObjectRequest *request,
             GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(provider, cancellable, callback, user_data);
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "classid", request->classid);
    mcp_json_string(json, "data", request->data);
    mcp_json_raw(json, "parameters", request->parameters);
    mcp_json_end_object(json);
    if (strstr(request->parameters, "\"bad\"") != NULL) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_INVALID, "a bad parameter");
        g_free(mcp_json_finish(json));
        return;
    }
    g_task_return_pointer(task, mcp_json_finish(json), g_free);
}

static char *
invoke_finish(McpObjectProvider *provider, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
object_iface_init(McpObjectProviderInterface *iface)
{
    iface->invoke_async = invoke_async;
    iface->invoke_finish = invoke_finish;
}

static void
fake_object_class_init(FakeObjectClass *klass)
{
}

static void
fake_object_init(FakeObject *self)
{
}

FakeObject *
fake_object_new(void)
{
    return g_object_new(FAKE_TYPE_OBJECT, NULL);
}
