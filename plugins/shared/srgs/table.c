/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small hash table of charts. One owner, no locks.
 */
#include "table.h"

static guint32
slot_of(const McpTable *table, guint64 key)
{
    guint64 hash = (key + 1) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    guint32 slot = (guint32)(hash >> 32) & (table->capacity - 1);

    while (table->keys[slot] != 0 && table->keys[slot] != key + 1)
        slot = (slot + 1) & (table->capacity - 1);
    return slot;
}

static void
grow(McpTable *table)
{
    McpTable larger = {.capacity = MAX(64, table->capacity * 2)};

    larger.keys = g_new0(guint64, larger.capacity);
    larger.values = g_new0(guint32, larger.capacity);
    larger.used = table->used;
    for (guint32 i = 0; i < table->capacity; i++) {
        guint32 slot;

        if (table->keys[i] == 0)
            continue;
        slot = slot_of(&larger, table->keys[i] - 1);
        larger.keys[slot] = table->keys[i];
        larger.values[slot] = table->values[i];
    }
    mcp_table_clear(table);
    *table = larger;
}

void
mcp_table_clear(McpTable *table)
{
    g_free(table->keys);
    g_free(table->values);
    *table = (McpTable){0};
}

guint32 *
mcp_table_find(const McpTable *table, guint64 key)
{
    guint32 slot;

    if (table->capacity == 0)
        return NULL;
    slot = slot_of(table, key);
    return table->keys[slot] != 0 ? &table->values[slot] : NULL;
}

guint32 *
mcp_table_insert(McpTable *table, guint64 key, gboolean *out_new)
{
    guint32 slot;

    if (table->capacity == 0 || table->used >= table->capacity / 2)
        grow(table);
    slot = slot_of(table, key);
    *out_new = table->keys[slot] == 0;
    if (*out_new) {
        table->keys[slot] = key + 1;
        table->used++;
    }
    return &table->values[slot];
}
