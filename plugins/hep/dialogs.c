/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two tables by SIP Call-ID, each with its entries in order of age: dialogs whose call is known,
 * and messages that wait until it is. Control context.
 */
#include "dialogs.h"

typedef struct {
    GRefString *dialog;
    GRefString *call;
    gint64 last; /* message, clock µs */
    GList link;  /* in @by_age */
} Known;

typedef struct {
    GRefString *dialog;
    GQueue items;
    gint64 deadline;
    GList link; /* in @by_deadline */
} Waiting;

struct _McpHepDialogs {
    GQueue *out;
    GHashTable *known;   /* dialog → Known */
    GQueue by_age;       /* the oldest first */
    GHashTable *waiting; /* dialog → Waiting */
    GQueue by_deadline;  /* the first one first */
};

static void
known_free(gpointer data)
{
    Known *known = data;

    g_ref_string_release(known->dialog);
    g_ref_string_release(known->call);
    g_free(known);
}

static void
waiting_free(gpointer data)
{
    Waiting *waiting = data;
    McpHepItem *item = NULL;

    while ((item = g_queue_pop_head(&waiting->items)) != NULL)
        mcp_hep_item_free(item);
    g_ref_string_release(waiting->dialog);
    g_free(waiting);
}

McpHepDialogs *
mcp_hep_dialogs_new(GQueue *out)
{
    McpHepDialogs *dialogs = g_new0(McpHepDialogs, 1);

    dialogs->out = out;
    dialogs->known = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, known_free);
    dialogs->waiting = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, waiting_free);
    return dialogs;
}

void
mcp_hep_dialogs_free(McpHepDialogs *dialogs)
{
    g_hash_table_unref(dialogs->known);
    g_hash_table_unref(dialogs->waiting);
    g_free(dialogs);
}

/* @call: (nullable) */
static void
release(McpHepDialogs *self, Waiting *waiting, GRefString *call)
{
    McpHepItem *item = NULL;

    while ((item = g_queue_pop_head(&waiting->items)) != NULL) {
        if (call != NULL)
            mcp_hep_item_set_call(item, call);
        g_queue_push_tail(self->out, item);
    }
    g_queue_unlink(&self->by_deadline, &waiting->link);
    g_hash_table_remove(self->waiting, waiting->dialog);
}

static void
forget(McpHepDialogs *self, Known *known)
{
    g_queue_unlink(&self->by_age, &known->link);
    g_hash_table_remove(self->known, known->dialog);
}

static void
touch(McpHepDialogs *self, Known *known, gint64 now)
{
    known->last = now;
    g_queue_unlink(&self->by_age, &known->link);
    g_queue_push_tail_link(&self->by_age, &known->link);
}

static void
remember(McpHepDialogs *self, GRefString *dialog, GRefString *call, gint64 now)
{
    Known *known = g_hash_table_lookup(self->known, dialog);

    if (known != NULL) {
        g_ref_string_release(known->call);
        known->call = g_ref_string_acquire(call);
        touch(self, known, now);
        return;
    }
    if (g_hash_table_size(self->known) >= MCP_HEP_DIALOGS_MAX)
        forget(self, g_queue_peek_head(&self->by_age));
    known = g_new0(Known, 1);
    known->dialog = g_ref_string_acquire(dialog);
    known->call = g_ref_string_acquire(call);
    known->last = now;
    known->link.data = known;
    g_hash_table_insert(self->known, known->dialog, known);
    g_queue_push_tail_link(&self->by_age, &known->link);
}

void
mcp_hep_dialogs_learn(McpHepDialogs *dialogs, GRefString *dialog, GRefString *call, gint64 now)
{
    Waiting *waiting = g_hash_table_lookup(dialogs->waiting, dialog);

    remember(dialogs, dialog, call, now);
    if (waiting != NULL)
        release(dialogs, waiting, call);
}

static void
make_wait(McpHepDialogs *self, McpHepItem *item, gint64 now)
{
    Waiting *waiting = g_hash_table_lookup(self->waiting, item->dialog);

    if (waiting == NULL) {
        waiting = g_new0(Waiting, 1);
        waiting->dialog = g_ref_string_acquire(item->dialog);
        waiting->deadline = now + MCP_HEP_WAIT;
        waiting->link.data = waiting;
        g_hash_table_insert(self->waiting, waiting->dialog, waiting);
        g_queue_push_tail_link(&self->by_deadline, &waiting->link);
    }
    g_queue_push_tail(&waiting->items, item);
}

void
mcp_hep_dialogs_take(McpHepDialogs *dialogs, McpHepItem *item, gint64 now)
{
    Known *known = g_hash_table_lookup(dialogs->known, item->dialog);

    if (known != NULL) {
        /* What the core has said of the dialog outranks what its session says. */
        mcp_hep_item_set_call(item, known->call);
        touch(dialogs, known, now);
        g_queue_push_tail(dialogs->out, item);
    } else if (item->call != NULL) {
        mcp_hep_dialogs_learn(dialogs, item->dialog, item->call, now);
        g_queue_push_tail(dialogs->out, item);
    } else {
        make_wait(dialogs, item, now);
    }
}

gint64
mcp_hep_dialogs_expire(McpHepDialogs *dialogs, gint64 now)
{
    const Waiting *waiting = NULL;
    Known *known = NULL;

    while ((known = g_queue_peek_head(&dialogs->by_age)) != NULL &&
           known->last + MCP_HEP_MEMORY <= now)
        forget(dialogs, known);
    while ((waiting = g_queue_peek_head(&dialogs->by_deadline)) != NULL && waiting->deadline <= now)
        mcp_hep_dialogs_give_up(dialogs);
    return waiting != NULL ? waiting->deadline : 0;
}

gboolean
mcp_hep_dialogs_give_up(McpHepDialogs *dialogs)
{
    Waiting *waiting = g_queue_peek_head(&dialogs->by_deadline);

    if (waiting == NULL)
        return FALSE;
    release(dialogs, waiting, NULL);
    return TRUE;
}
