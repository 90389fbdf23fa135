/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies on their way to the disk pool. Control context.
 */
#include "keep.h"

#include "copies.h"

#include <mcp/log.h>

typedef struct {
    char *directory;
    char *name;
    GBytes *content;
} Keep;

static void
keep_free(gpointer data)
{
    Keep *keep = data;

    g_free(keep->directory);
    g_free(keep->name);
    g_bytes_unref(keep->content);
    g_free(keep);
}

/* Disk pool. */
static void
write_copy(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const Keep *keep = data;
    GError *error = NULL;

    if (mcp_copy_write(keep->directory, keep->name, keep->content, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
on_written(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    if (!g_task_propagate_boolean(G_TASK(result), &error))
        mcp_log_warning("config-copy", NULL, "the last good copy is not kept: %s", error->message);
}

void
mcp_keep(McpHost *host, const char *directory, const char *name, GBytes *content)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_written, NULL);
    Keep *keep = g_new(Keep, 1);

    *keep = (Keep){g_strdup(directory), g_strdup(name), g_bytes_ref(content)};
    g_task_set_source_tag(task, mcp_keep);
    g_task_set_task_data(task, keep, keep_free);
    mcp_pool_run(mcp_host_get_pool(host, MCP_POOL_DISK), task, write_copy);
}
