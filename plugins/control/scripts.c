/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialog provider "script": makes the dialog of a placed call. On the call's shard.
 */
#include "scripts.h"

#include "script.h"

struct _McpControlScripts {
    GObject parent_instance;
    McpHost *host;
};

static void mcp_control_scripts_iface_init(McpDialogProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpControlScripts, mcp_control_scripts, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG_PROVIDER,
                                                    mcp_control_scripts_iface_init))

McpControlScripts *
mcp_control_scripts_new(McpHost *host)
{
    McpControlScripts *self = g_object_new(MCP_TYPE_CONTROL_SCRIPTS, NULL);

    self->host = g_object_ref(host);
    return self;
}

static McpDialog *
mcp_control_scripts_create(McpDialogProvider *provider, McpCall *call, McpReject **out_reject)
{
    McpControlScripts *self = MCP_CONTROL_SCRIPTS(provider);
    g_autoptr(GError) error = NULL;
    McpDialog *dialog = mcp_control_script_new(self->host, call, &error);

    if (dialog == NULL)
        *out_reject = mcp_reject_new(500, error->message, error->message);
    return dialog;
}

static void
mcp_control_scripts_iface_init(McpDialogProviderInterface *iface)
{
    iface->create = mcp_control_scripts_create;
}

static void
mcp_control_scripts_finalize(GObject *object)
{
    g_clear_object(&MCP_CONTROL_SCRIPTS(object)->host);
    G_OBJECT_CLASS(mcp_control_scripts_parent_class)->finalize(object);
}

static void
mcp_control_scripts_class_init(McpControlScriptsClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_control_scripts_finalize;
}

static void
mcp_control_scripts_init(McpControlScripts *self)
{
}
