/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bounded queue into the SIP context: one GSource for all mail, so that a burst costs one
 * wake-up. Posting on any thread, delivery on the SIP context.
 */
#include "mailbox.h"

#define MAILBOX_MAX 16384

typedef struct {
    GObject *object;
    McpSipMailFunc func;
    gpointer data;
    GDestroyNotify destroy;
} Mail;

struct _McpSipMailbox {
    GMutex lock; /* guards @mail and @closed */
    GArray *mail;
    gboolean closed;
    GMainContext *context; /* borrowed: outlives the mailbox */
    GSource *source;
    GArray *spare; /* SIP context: the array that is delivered from */
};

static void
mail_clear(gpointer data)
{
    Mail *mail = data;

    if (mail->destroy != NULL && mail->data != NULL)
        mail->destroy(mail->data);
    g_clear_object(&mail->object);
}

static gboolean
deliver(gpointer data)
{
    McpSipMailbox *mailbox = data;
    GArray *batch = NULL;

    g_mutex_lock(&mailbox->lock);
    batch = mailbox->mail;
    mailbox->mail = mailbox->spare;
    mailbox->spare = batch;
    g_mutex_unlock(&mailbox->lock);
    for (guint i = 0; i < batch->len; i++) {
        Mail *mail = &g_array_index(batch, Mail, i);

        mail->func(mail->object, mail->data);
    }
    g_array_set_size(batch, 0);
    return G_SOURCE_CONTINUE;
}

static gboolean
dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    return func(data);
}

/* A source of its own with the mailbox behind it. */
typedef struct {
    GSource source;
    McpSipMailbox *mailbox;
} MailSource;

static gboolean
has_mail(GSource *source)
{
    McpSipMailbox *mailbox = ((MailSource *)source)->mailbox;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&mailbox->lock);

    return mailbox->mail->len > 0;
}

static gboolean
prepare(GSource *source, gint *timeout)
{
    *timeout = -1;
    return has_mail(source);
}

static GSourceFuncs source_funcs = {.prepare = prepare, .check = has_mail, .dispatch = dispatch};

static GArray *
mail_array_new(void)
{
    GArray *array = g_array_new(FALSE, FALSE, sizeof(Mail));

    g_array_set_clear_func(array, mail_clear);
    return array;
}

McpSipMailbox *
mcp_sip_mailbox_new(GMainContext *context)
{
    McpSipMailbox *mailbox = g_new0(McpSipMailbox, 1);

    g_mutex_init(&mailbox->lock);
    mailbox->mail = mail_array_new();
    mailbox->spare = mail_array_new();
    mailbox->context = context;
    mailbox->source = g_source_new(&source_funcs, sizeof(MailSource));
    ((MailSource *)mailbox->source)->mailbox = mailbox;
    g_source_set_static_name(mailbox->source, "sip mailbox");
    g_source_set_callback(mailbox->source, deliver, mailbox, NULL);
    g_source_attach(mailbox->source, context);
    return mailbox;
}

gboolean
mcp_sip_mailbox_post(McpSipMailbox *mailbox, gpointer object, McpSipMailFunc func, gpointer data,
                     GDestroyNotify destroy, gboolean droppable)
{
    Mail mail = {object != NULL ? g_object_ref(object) : NULL, func, data, destroy};
    g_autoptr(GMainContext) asleep = NULL;
    gboolean taken = FALSE;

    g_mutex_lock(&mailbox->lock);
    taken = !mailbox->closed && (!droppable || mailbox->mail->len < MAILBOX_MAX);
    if (taken) {
        g_array_append_val(mailbox->mail, mail);
        /* The loop looks before it sleeps; only another thread has to wake it. */
        if (mailbox->mail->len == 1 && !g_main_context_is_owner(mailbox->context))
            asleep = g_main_context_ref(mailbox->context);
    }
    g_mutex_unlock(&mailbox->lock);
    /* Not under the lock, for which it would have to wait at once. */
    if (asleep != NULL)
        g_main_context_wakeup(asleep);
    if (!taken)
        mail_clear(&mail);
    return taken;
}

void
mcp_sip_mailbox_close(McpSipMailbox *mailbox)
{
    GArray *dropped = mail_array_new();
    GArray *old = NULL;

    g_mutex_lock(&mailbox->lock);
    mailbox->closed = TRUE;
    old = mailbox->mail;
    mailbox->mail = dropped;
    g_mutex_unlock(&mailbox->lock);
    g_source_destroy(mailbox->source);
    g_array_unref(old);
}

void
mcp_sip_mailbox_free(McpSipMailbox *mailbox)
{
    g_source_unref(mailbox->source);
    g_array_unref(mailbox->mail);
    g_array_unref(mailbox->spare);
    g_mutex_clear(&mailbox->lock);
    g_free(mailbox);
}
