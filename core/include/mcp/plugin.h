/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/metrics.h>
#include <mcp/settings.h>

G_BEGIN_DECLS

#define MCP_ABI_MAJOR 1
#define MCP_ABI_MINOR 0
#define MCP_PLUGIN_MAGIC 0x4d435031u /* "MCP1" */
#define MCP_PLUGIN_NAME_MAX 32

/** McpHost: what a plugin may ask of the core; see mcp/host.h. */
typedef struct _McpHost McpHost;

/** McpProvides: a contract that a plugin implements. Tables end with a NULL @contract. */
typedef struct {
    const char *contract; /* "signalling" … */
    guint16 major;
    guint16 minor;
    const char *name; /* name of the service, unique in its contract */
    gint priority;    /* the highest one is taken when no name is asked for */
} McpProvides;

/** McpRequires: a contract that a plugin uses. Tables end with a NULL @contract. */
typedef struct {
    const char *contract;
    guint16 major;
    guint16 minor; /* the least that is needed */
    gboolean optional;
} McpRequires;

/** McpPluginDesc: the one exported symbol of a plugin, "mcp_plugin_desc". Pure data. */
typedef struct {
    guint32 magic;
    guint16 abi_major;
    guint16 abi_minor;
    guint32 size; /* sizeof(McpPluginDesc) */
    const char *name;
    const char *version;
    const char *summary;
    const McpProvides *provides;   /* nullable */
    const McpRequires *requires_;  /* nullable */
    const McpSettingDef *settings; /* nullable */
    const McpMetricDef *metrics;   /* nullable */
    GType (*get_type)(void);       /* a GObject type that implements McpPlugin */
    guint oid; /* of @metrics in SNMP, as core/plugin/README.md lists them; 0: not there */
} McpPluginDesc;

/** McpPluginNote: descriptor of the ELF note that the core reads before it loads the file. */
typedef struct {
    guint32 magic;
    guint16 abi_major;
    guint16 abi_minor;
    char name[MCP_PLUGIN_NAME_MAX];
    char version[16];
} McpPluginNote;

typedef struct {
    guint32 name_size;
    guint32 desc_size;
    guint32 type;
    char owner[4];
    McpPluginNote note;
} McpPluginElfNote;

/**
 * MCP_PLUGIN_NOTE: places the identity of a plugin into the ELF section ".note.mcp"; once a plugin,
 * with literal strings that equal those of the descriptor.
 */
#define MCP_PLUGIN_NOTE(plugin_name, plugin_version)                              \
    __attribute__((section(".note.mcp"), used,                                    \
                   aligned(4))) static const McpPluginElfNote mcp_plugin_note = { \
        4,                                                                        \
        sizeof(McpPluginNote),                                                    \
        1,                                                                        \
        "MCP",                                                                    \
        {MCP_PLUGIN_MAGIC, MCP_ABI_MAJOR, MCP_ABI_MINOR, plugin_name, plugin_version}}

/** MCP_PLUGIN_EXPORT: visibility of mcp_plugin_desc; all else in a plugin is hidden. */
#define MCP_PLUGIN_EXPORT __attribute__((visibility("default")))

/** MCP_PLUGIN_HEAD: the first members of a descriptor. */
#define MCP_PLUGIN_HEAD                                                                \
    .magic = MCP_PLUGIN_MAGIC, .abi_major = MCP_ABI_MAJOR, .abi_minor = MCP_ABI_MINOR, \
    .size = sizeof(McpPluginDesc)

#define MCP_TYPE_PLUGIN (mcp_plugin_get_type())
G_DECLARE_INTERFACE(McpPlugin, mcp_plugin, MCP, PLUGIN, GObject)

/**
 * McpPluginInterface: the life of a plugin; all on the control context.
 *
 * @configure: looks at @settings without side effects: FALSE refuses them with a message that names
 *   key and origin. Called at start, for --check-config, and first thing in a reload. NULL: accepts
 * @start_async: opens sockets, starts threads, publishes services with mcp_host_publish(). NULL:
 * nothing to do
 * @reconfigure: settings that all plugins accepted now apply; must not fail. NULL: nothing to do
 * @drain: no new work from now on; running work goes on. NULL: nothing to do
 * @stop_async: ends whatever runs and withdraws the services. NULL: nothing to do
 *
 * New members are added at the end only.
 */
struct _McpPluginInterface {
    GTypeInterface parent_iface;
    gboolean (*configure)(McpPlugin *self, McpHost *host, McpSettings *settings, GError **error);
    void (*start_async)(McpPlugin *self, McpHost *host, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data);
    gboolean (*start_finish)(McpPlugin *self, GAsyncResult *result, GError **error);
    void (*reconfigure)(McpPlugin *self, McpSettings *settings);
    void (*drain)(McpPlugin *self);
    void (*stop_async)(McpPlugin *self, GAsyncReadyCallback callback, gpointer user_data);
    gboolean (*stop_finish)(McpPlugin *self, GAsyncResult *result, GError **error);
};

G_END_DECLS
