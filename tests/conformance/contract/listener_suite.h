/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/listener.h>

G_BEGIN_DECLS

/** ListenerProvider: makes the listener that the suite is run against; one is called "test". */
typedef struct {
    const char *name;
    McpListener *(*open)(void);
    void (*close)(McpListener *listener);
    GSocketAddress *(*address)(void); /* (transfer full): of listener "test" */
} ListenerProvider;

extern const ListenerProvider listener_provider;

G_END_DECLS
