/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stack that any thread pushes to and one context takes whole, so that nobody waits for anybody:
 * log lines come amid whatever their writers do. An eventfd wakes the context.
 */
#include "inbox.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct _McpHepInbox {
    McpHepItem *newest; /* atomic */
    gint bytes;         /* atomic: of all that was not taken yet */
    gint resting;       /* atomic */
    gint limit;
    int fd;
    GSource *source;
    McpHepItem *backlog; /* the context's, the oldest first */
    McpHepInboxFunc func;
    gpointer user_data;
};

static gboolean
on_wake(gint fd, GIOCondition condition, gpointer user_data)
{
    McpHepInbox *self = user_data;
    guint64 value = 0;

    /* Read before items are taken: what is pushed in between wakes the context again. */
    if (read(fd, &value, sizeof value) < 0 && errno != EAGAIN)
        g_debug("eventfd: %s", g_strerror(errno));
    self->func(self->user_data);
    return G_SOURCE_CONTINUE;
}

McpHepInbox *
mcp_hep_inbox_new(gsize limit, McpHepInboxFunc func, gpointer user_data, GError **error)
{
    McpHepInbox *self = NULL;
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd < 0) {
        g_set_error(error, G_IO_ERROR, (gint)g_io_error_from_errno(errno),
                    "cannot make an eventfd: %s", g_strerror(errno));
        return NULL;
    }
    self = g_new0(McpHepInbox, 1);
    self->limit = (gint)MIN(limit, G_MAXINT / 4);
    self->fd = fd;
    self->func = func;
    self->user_data = user_data;
    self->source = g_unix_fd_source_new(fd, G_IO_IN);
    g_source_set_callback(self->source, G_SOURCE_FUNC(on_wake), self, NULL);
    g_source_set_static_name(self->source, "hep inbox");
    /* Else its descriptor leaves the poll set and comes back around each dispatch. */
    g_source_set_can_recurse(self->source, TRUE);
    /* Whoever else has something to do here has it first. */
    g_source_set_priority(self->source, G_PRIORITY_HIGH_IDLE);
    g_source_attach(self->source, g_main_context_get_thread_default());
    return self;
}

void
mcp_hep_inbox_free(McpHepInbox *inbox)
{
    McpHepItem *item = NULL;

    g_source_destroy(inbox->source);
    g_source_unref(inbox->source);
    while ((item = mcp_hep_inbox_take(inbox)) != NULL)
        mcp_hep_item_free(item);
    close(inbox->fd);
    g_free(inbox);
}

void
mcp_hep_inbox_wake(McpHepInbox *inbox)
{
    const guint64 one = 1;

    if (write(inbox->fd, &one, sizeof one) < 0)
        g_debug("eventfd: %s", g_strerror(errno));
}

gboolean
mcp_hep_inbox_push(McpHepInbox *inbox, McpHepItem *item)
{
    gint size = (gint)mcp_hep_item_get_size(item);
    /* That a dialog is a call's is short, and all its messages wait for it. */
    gint limit = item->kind == MCP_HEP_DIALOG ? 2 * inbox->limit : inbox->limit;
    gint bytes = g_atomic_int_add(&inbox->bytes, size);
    McpHepItem *before = NULL;
    gboolean presses = FALSE;

    if (bytes + size > limit) {
        g_atomic_int_add(&inbox->bytes, -size);
        mcp_hep_item_free(item);
        return FALSE;
    }
    do {
        before = g_atomic_pointer_get(&inbox->newest);
        item->next = before;
    } while (!g_atomic_pointer_compare_and_exchange(&inbox->newest, before, item));
    /* Of a burst the newest is what is worth keeping: it is not to find the inbox full. */
    presses = bytes < inbox->limit / 2 && bytes + size >= inbox->limit / 2;
    if (presses || (before == NULL && !g_atomic_int_get(&inbox->resting)))
        mcp_hep_inbox_wake(inbox);
    return TRUE;
}

void
mcp_hep_inbox_rest(McpHepInbox *inbox, gboolean rests)
{
    g_atomic_int_set(&inbox->resting, rests);
}

static McpHepItem *
reverse(McpHepItem *item)
{
    McpHepItem *first = NULL;

    while (item != NULL) {
        McpHepItem *next = item->next;

        item->next = first;
        first = item;
        item = next;
    }
    return first;
}

McpHepItem *
mcp_hep_inbox_take(McpHepInbox *inbox)
{
    McpHepItem *item = inbox->backlog;

    if (item == NULL)
        item = reverse(g_atomic_pointer_exchange(&inbox->newest, NULL));
    if (item == NULL)
        return NULL;
    inbox->backlog = item->next;
    item->next = NULL;
    g_atomic_int_add(&inbox->bytes, -(gint)mcp_hep_item_get_size(item));
    return item;
}
