/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/settings.h>

G_BEGIN_DECLS

#define MCP_ACTIVEMQ_SECTION "activemq"

/** McpActivemqKind: what a record is; the number stands in the spool. */
typedef enum {
    MCP_ACTIVEMQ_CALL_DETAIL = 1,
    MCP_ACTIVEMQ_CALL_EVENTS,
    MCP_ACTIVEMQ_OPERATIONAL,
    MCP_ACTIVEMQ_QUALITY,
    MCP_ACTIVEMQ_START, /* of a call: stays in the spool until its record is there */
} McpActivemqKind;

/** McpActivemqDestination: where records of a kind go to. */
typedef struct {
    char *name;
    gboolean topic;
} McpActivemqDestination;

/** McpActivemqBroker: one of the list. */
typedef struct {
    char *host;
    guint port;
    gboolean tls;
} McpActivemqBroker;

/** McpActivemqConfig: the settings in force; strings without a comment are of @settings. */
typedef struct {
    McpSettings *settings;
    GPtrArray *brokers;                     /* McpActivemqBroker, at least one */
    McpActivemqDestination destinations[5]; /* by kind */
    const char *user;
    const char *password;
    const char *credentials;
    const char *component;
    char *host_name;
    guint window;
    gint64 connect_timeout;
    gint64 response_timeout;
    gint64 inactivity;
    gint64 longest_retry;
    gint64 batch_interval;
    gint64 interval;
    gint64 setup_limit;
    gint64 fetch_limit;
    gint64 response_limit;
    gboolean call_events;
    gboolean refuse_when_full;
} McpActivemqConfig;

/** mcp_activemq_settings: the table. */
extern const McpSettingDef mcp_activemq_settings[];

/** mcp_activemq_config_new: (transfer full): NULL with the key that is wrong. */
McpActivemqConfig *mcp_activemq_config_new(McpSettings *settings, GError **error);
/** mcp_activemq_config_free: frees it. */
void mcp_activemq_config_free(McpActivemqConfig *config);
/** mcp_activemq_config_is_same_way: whether both lead to the same brokers, as the same user. */
gboolean mcp_activemq_config_is_same_way(const McpActivemqConfig *a, const McpActivemqConfig *b);
/** mcp_activemq_kind_to_string: "cdr", "events", "operational", "quality". */
const char *mcp_activemq_kind_to_string(guint kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpActivemqConfig, mcp_activemq_config_free)

G_END_DECLS
