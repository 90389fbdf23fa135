/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/store.h>

G_BEGIN_DECLS

/** StoreProvider: makes the store that the suite is run against. */
typedef struct {
    const char *name;
    McpStore *(*open)(void);
    void (*close)(McpStore *store);
    gsize buffer; /* no stream takes so many bytes at once */
} StoreProvider;

extern const StoreProvider store_provider;

G_END_DECLS
