/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

/** McpRegistry: the live services by contract and name. Any thread. */
typedef struct _McpRegistry McpRegistry;

/** mcp_registry_new: (transfer full): empty. */
McpRegistry *mcp_registry_new(void);
/** mcp_registry_free: drops all services. */
void mcp_registry_free(McpRegistry *registry);
/** mcp_registry_publish: takes a reference; an equal contract and name is replaced. */
void mcp_registry_publish(McpRegistry *registry, const char *contract, const char *name,
                          gint priority, GObject *service);
/** mcp_registry_withdraw: forgets a service. */
void mcp_registry_withdraw(McpRegistry *registry, const char *contract, const char *name);
/** mcp_registry_lookup: (transfer full) (nullable): by name, or the highest priority. */
gpointer mcp_registry_lookup(McpRegistry *registry, const char *contract, const char *name);
/** mcp_registry_list: (transfer full): names, highest priority first. */
char **mcp_registry_list(McpRegistry *registry, const char *contract);
