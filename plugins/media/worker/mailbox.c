/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Posted messages from workers to contexts. Posting runs on any thread, delivery on the context.
 */
#include "mailbox.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What may come late is worth a turn of the context so often. */
#define REST (250 * G_TIME_SPAN_MILLISECOND)

struct _McpMediaMailbox {
    guint refs; /* guarded by mailboxes_lock */
    GMainContext *context;
    McpMediaMailboxFunc func;
    McpMediaStack items;
    McpMediaStack late;
    gint resting; /* atomic: late ones wake nobody, @rest looks */
    int fd;
    GSource *source;
    GSource *rest;
};

static GMutex mailboxes_lock;
static GHashTable *mailboxes; /* GMainContext → McpMediaMailbox, guarded by mailboxes_lock */

/* Returns: whether there was one. */
static gboolean
deliver_all(McpMediaMailbox *self, McpMediaLink *item)
{
    gboolean any = item != NULL;

    while (item != NULL) {
        McpMediaLink *next = item->next;

        self->func(item);
        item = next;
    }
    return any;
}

static gboolean
deliver(gint fd, GIOCondition condition, gpointer user_data)
{
    McpMediaMailbox *self = mcp_media_mailbox_ref(user_data);
    McpMediaLink *items = NULL;
    guint64 value = 0;
    gboolean keep = TRUE;

    /* Read before take: what is posted in between wakes the context again. */
    if (read(fd, &value, sizeof value) < 0 && errno != EAGAIN)
        g_debug("eventfd: %s", g_strerror(errno));
    items = mcp_media_stack_take(&self->items);
    /* Taken after the others and told before them: what a stream posted late precedes its end. */
    if (deliver_all(self, mcp_media_stack_take(&self->late)) &&
        g_atomic_int_compare_and_exchange(&self->resting, FALSE, TRUE))
        g_source_set_ready_time(self->rest, g_source_get_time(self->source) + REST);
    deliver_all(self, items);
    keep = !g_source_is_destroyed(self->source);
    mcp_media_mailbox_unref(self);
    return keep;
}

static gboolean
on_rested(gpointer user_data)
{
    McpMediaMailbox *self = mcp_media_mailbox_ref(user_data);
    gboolean keep = TRUE;

    g_source_set_ready_time(self->rest, -1);
    /* Before they are taken: what is posted in between wakes the context. */
    g_atomic_int_set(&self->resting, FALSE);
    if (deliver_all(self, mcp_media_stack_take(&self->late)) &&
        g_atomic_int_compare_and_exchange(&self->resting, FALSE, TRUE))
        g_source_set_ready_time(self->rest, g_source_get_time(self->rest) + REST);
    keep = !g_source_is_destroyed(self->rest);
    mcp_media_mailbox_unref(self);
    return keep;
}

static gboolean
dispatch_rest(GSource *source, GSourceFunc callback, gpointer user_data)
{
    return callback(user_data);
}

static void
make_rest(McpMediaMailbox *self)
{
    static GSourceFuncs funcs = {.dispatch = dispatch_rest};

    self->rest = g_source_new(&funcs, sizeof(GSource));
    g_source_set_static_name(self->rest, "media mailbox, late");
    g_source_set_callback(self->rest, on_rested, self, NULL);
    g_source_attach(self->rest, self->context);
}

static McpMediaMailbox *
mailbox_new(GMainContext *context, McpMediaMailboxFunc func, GError **error)
{
    McpMediaMailbox *self = NULL;
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot make an eventfd: %s",
                    g_strerror(errno));
        return NULL;
    }
    self = g_new0(McpMediaMailbox, 1);
    self->context = g_main_context_ref(context);
    self->func = func;
    self->fd = fd;
    self->source = g_unix_fd_source_new(fd, G_IO_IN);
    g_source_set_callback(self->source, G_SOURCE_FUNC(deliver), self, NULL);
    g_source_set_static_name(self->source, "media mailbox");
    /* Else GLib takes the descriptor out of its poll set and back for each dispatch, and each of
     * these steps wakes the loop by a write. Nothing here runs the loop again. */
    g_source_set_can_recurse(self->source, TRUE);
    /* Input decides over the fate of prompts: before whatever else the shard has to do. */
    g_source_set_priority(self->source, G_PRIORITY_HIGH);
    g_source_attach(self->source, context);
    make_rest(self);
    return self;
}

McpMediaMailbox *
mcp_media_mailbox_get(GMainContext *context, McpMediaMailboxFunc func, GError **error)
{
    McpMediaMailbox *self = NULL;

    g_mutex_lock(&mailboxes_lock);
    if (mailboxes == NULL)
        mailboxes = g_hash_table_new(NULL, NULL);
    self = g_hash_table_lookup(mailboxes, context);
    if (self == NULL) {
        self = mailbox_new(context, func, error);
        if (self != NULL)
            g_hash_table_insert(mailboxes, context, self);
    }
    if (self != NULL)
        self->refs++;
    g_mutex_unlock(&mailboxes_lock);
    return self;
}

McpMediaMailbox *
mcp_media_mailbox_ref(McpMediaMailbox *mailbox)
{
    g_mutex_lock(&mailboxes_lock);
    mailbox->refs++;
    g_mutex_unlock(&mailboxes_lock);
    return mailbox;
}

void
mcp_media_mailbox_unref(McpMediaMailbox *mailbox)
{
    gboolean last = FALSE;

    g_mutex_lock(&mailboxes_lock);
    last = --mailbox->refs == 0;
    if (last)
        g_hash_table_remove(mailboxes, mailbox->context);
    if (last && g_hash_table_size(mailboxes) == 0)
        g_clear_pointer(&mailboxes, g_hash_table_unref);
    g_mutex_unlock(&mailboxes_lock);
    if (!last)
        return;
    g_source_destroy(mailbox->source);
    g_source_unref(mailbox->source);
    g_source_destroy(mailbox->rest);
    g_source_unref(mailbox->rest);
    close(mailbox->fd);
    g_main_context_unref(mailbox->context);
    g_free(mailbox);
}

static void
wake(McpMediaMailbox *self)
{
    const guint64 one = 1;

    if (write(self->fd, &one, sizeof one) < 0)
        g_debug("eventfd: %s", g_strerror(errno));
}

void
mcp_media_mailbox_post(McpMediaMailbox *mailbox, McpMediaLink *item)
{
    if (mcp_media_stack_push(&mailbox->items, item))
        wake(mailbox);
}

void
mcp_media_mailbox_post_late(McpMediaMailbox *mailbox, McpMediaLink *item)
{
    if (mcp_media_stack_push(&mailbox->late, item) && !g_atomic_int_get(&mailbox->resting))
        wake(mailbox);
}
