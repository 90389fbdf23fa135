/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service registry: contract and name to object. A reader-writer lock guards the list, which is
 * short; objects are referenced before it is released.
 */
#include "plugin/registry.h"

#include <string.h>

typedef struct {
    char *contract;
    char *name;
    gint priority;
    GObject *service;
} Entry;

struct _McpRegistry {
    GRWLock lock;
    GPtrArray *entries; /* highest priority first */
};

static void
entry_free(Entry *entry)
{
    g_free(entry->contract);
    g_free(entry->name);
    g_object_unref(entry->service);
    g_free(entry);
}

McpRegistry *
mcp_registry_new(void)
{
    McpRegistry *registry = g_new0(McpRegistry, 1);

    g_rw_lock_init(&registry->lock);
    registry->entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
    return registry;
}

void
mcp_registry_free(McpRegistry *registry)
{
    g_ptr_array_unref(registry->entries);
    g_rw_lock_clear(&registry->lock);
    g_free(registry);
}

static Entry *
find(McpRegistry *registry, const char *contract, const char *name, guint *out_index)
{
    for (guint i = 0; i < registry->entries->len; i++) {
        Entry *entry = g_ptr_array_index(registry->entries, i);

        if (strcmp(entry->contract, contract) != 0 ||
            (name != NULL && strcmp(entry->name, name) != 0))
            continue;
        if (out_index != NULL)
            *out_index = i;
        return entry;
    }
    return NULL;
}

void
mcp_registry_publish(McpRegistry *registry, const char *contract, const char *name, gint priority,
                     GObject *service)
{
    g_autoptr(GRWLockWriterLocker) locker = NULL;
    Entry *entry = g_new(Entry, 1);
    guint index = 0;

    mcp_registry_withdraw(registry, contract, name);
    locker = g_rw_lock_writer_locker_new(&registry->lock);
    *entry = (Entry){g_strdup(contract), g_strdup(name), priority, g_object_ref(service)};
    while (index < registry->entries->len &&
           ((Entry *)g_ptr_array_index(registry->entries, index))->priority >= priority)
        index++;
    g_ptr_array_insert(registry->entries, (gint)index, entry);
}

void
mcp_registry_withdraw(McpRegistry *registry, const char *contract, const char *name)
{
    Entry *entry = NULL;
    guint index;

    g_rw_lock_writer_lock(&registry->lock);
    if (find(registry, contract, name, &index) != NULL)
        entry = g_ptr_array_steal_index(registry->entries, index);
    g_rw_lock_writer_unlock(&registry->lock);
    /* Dropped outside of the lock: it may be the last reference. */
    g_clear_pointer(&entry, entry_free);
}

gpointer
mcp_registry_lookup(McpRegistry *registry, const char *contract, const char *name)
{
    g_autoptr(GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new(&registry->lock);
    Entry *entry = find(registry, contract, name, NULL);

    return entry != NULL ? g_object_ref(entry->service) : NULL;
}

char **
mcp_registry_list(McpRegistry *registry, const char *contract)
{
    g_autoptr(GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new(&registry->lock);
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    for (guint i = 0; i < registry->entries->len; i++) {
        const Entry *entry = g_ptr_array_index(registry->entries, i);

        if (strcmp(entry->contract, contract) == 0)
            g_strv_builder_add(names, entry->name);
    }
    return g_strv_builder_end(names);
}
