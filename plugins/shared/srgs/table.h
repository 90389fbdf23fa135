/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/** McpTable: maps 64-bit keys to 32-bit values, open addressing; for one owner. */
typedef struct {
    guint64 *keys; /* key + 1; 0: free */
    guint32 *values;
    guint32 capacity; /* a power of two, or 0 */
    guint32 used;
} McpTable;

void mcp_table_clear(McpTable *table);
/** mcp_table_find: (nullable): the value's place, valid until the next insertion. */
guint32 *mcp_table_find(const McpTable *table, guint64 key);
/** mcp_table_insert: the value's place; @out_new: whether it was not there (then it is 0). */
guint32 *mcp_table_insert(McpTable *table, guint64 key, gboolean *out_new);
