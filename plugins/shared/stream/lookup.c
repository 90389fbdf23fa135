/* SPDX-License-Identifier: Apache-2.0 */
/* From a name to addresses. On its maker's context. */
#include "lookup.h"

struct _McpLookup {
    GCancellable *cancellable;
    McpLookupFunc func;
    gpointer user_data;
};

static void
on_found(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpLookup *self = user_data;
    g_autoptr(GError) error = NULL;
    GList *addresses = g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, &error);

    /* It is gone. */
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    self->func(addresses, error, self->user_data);
    g_resolver_free_addresses(addresses);
}

McpLookup *
mcp_lookup_new(const char *host, McpLookupFunc func, gpointer user_data)
{
    McpLookup *self = g_new0(McpLookup, 1);
    /* The core's own is the default one of the process. */
    g_autoptr(GResolver) resolver = g_resolver_get_default(); /* lint: allow pools core's */

    self->cancellable = g_cancellable_new();
    self->func = func;
    self->user_data = user_data;
    g_resolver_lookup_by_name_async(resolver, host, self->cancellable, on_found, self);
    return self;
}

void
mcp_lookup_free(McpLookup *lookup)
{
    if (lookup == NULL)
        return;
    g_cancellable_cancel(lookup->cancellable);
    g_object_unref(lookup->cancellable);
    g_free(lookup);
}
