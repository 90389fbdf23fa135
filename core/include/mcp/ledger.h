/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpLedgerEntry: counts the live objects of one type, so that a leak shows in operation and in
 * tests. One static entry a type, zero-initialised but for the name.
 */
typedef struct _McpLedgerEntry {
    const char *type;
    gint live;       /* atomic */
    gint registered; /* atomic; set by the first use */
    struct _McpLedgerEntry *next;
} McpLedgerEntry;

/** MCP_LEDGER_DEFINE: defines the entry of a type at file scope. */
#define MCP_LEDGER_DEFINE(Type) static McpLedgerEntry ledger_##Type = {.type = #Type}
/** MCP_LEDGER_CREATED: to be called once for each object made. Any thread. */
#define MCP_LEDGER_CREATED(Type) mcp_ledger_created(&ledger_##Type)
/** MCP_LEDGER_FINALIZED: to be called once for each object gone. Any thread. */
#define MCP_LEDGER_FINALIZED(Type) mcp_ledger_finalized(&ledger_##Type)

/** mcp_ledger_created: counts one object more. Any thread, lock-free after the first use. */
void mcp_ledger_created(McpLedgerEntry *entry);

/** mcp_ledger_finalized: counts one object less. Any thread. */
void mcp_ledger_finalized(McpLedgerEntry *entry);

/**
 * McpLedgerFunc: @type is static, @live the number of objects at the time of the call.
 */
typedef void (*McpLedgerFunc)(const char *type, int live, gpointer user_data);

/** mcp_ledger_foreach: visits every type that was ever used. Any thread. */
void mcp_ledger_foreach(McpLedgerFunc func, gpointer user_data);

G_END_DECLS
