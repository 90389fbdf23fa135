/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The media thread without media: ticks keep their period and are spread, or come sooner; commands
 * run in order, messages come back in order and are never lost, nothing leaks when all ends at
 * once.
 */
#include "worker/worker.h"

#include "worker/batch.h"
#include "worker/mailbox.h"

#include <string.h>
#include <unistd.h>

#define N_TICKED 40
/* A quarter of them, and so many more as may choose a phase. */
#define ROOM (N_TICKED / 4 + 16)

static const McpMediaWorkerRows rows;

typedef struct {
    McpMediaTicked ticked;
    McpMediaWorker *worker;
    gint ticks; /* atomic */
    gint shut;  /* atomic */
    guint64 last_due;
    gboolean uneven;
} Thing;

typedef struct {
    McpMediaCommand base;
    Thing *thing;
    guint period;
    guint number;
    GArray *order;
    gint *done;
} Command;

static void
tick(McpMediaTicked *ticked, gint64 now)
{
    Thing *thing = (Thing *)ticked;

    if (g_atomic_int_get(&thing->ticks) > 0 &&
        (ticked->due - thing->last_due) % ticked->period != 0)
        thing->uneven = TRUE;
    thing->last_due = ticked->due;
    g_atomic_int_inc(&thing->ticks);
}

static void
receive(McpMediaTicked *ticked, McpMediaSocket which, gint64 now)
{
}

static void
shut_down(McpMediaTicked *ticked, gint64 now)
{
    g_atomic_int_inc(&((Thing *)ticked)->shut);
}

static const McpMediaTickedClass thing_class = {tick, receive, shut_down};

static void
run_add(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;

    mcp_media_worker_add(command->thing->worker, &command->thing->ticked, command->period);
}

static void
run_advance(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    guint64 slot = mcp_media_worker_get_slot(command->thing->worker);
    guint next = 0;

    for (guint i = 0; i < N_TICKED; i++) {
        McpMediaTicked *ticked = &command->thing[i].ticked;
        guint64 before = ticked->due;

        mcp_media_worker_advance(command->thing->worker, ticked);
        g_assert_cmpuint(ticked->due, <=, before);
        g_assert_cmpuint(ticked->due, >, slot);
        next += ticked->due == slot + 1;
        g_atomic_int_set(&command->thing[i].ticks, 0);
    }
    g_assert_cmpuint(next, ==, ROOM);
    g_atomic_int_set(command->done, TRUE);
}

static void
run_order(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;

    g_array_append_val(command->order, command->number);
    g_atomic_int_inc(command->done);
}

static Command *
command_new(void (*run)(McpMediaCommand *, gint64))
{
    Command *command = g_new0(Command, 1);

    command->base.run = run;
    command->base.free = g_free;
    return command;
}

static void
wait_atomic(gint *value, gint wanted)
{
    gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;

    while (g_atomic_int_get(value) < wanted && g_get_monotonic_time() < deadline)
        g_poll(NULL, 0, 1);
    g_assert_cmpint(g_atomic_int_get(value), >=, wanted);
}

/* Until each has ticked @ticks times. */
static void
add_things(McpMediaWorker *worker, Thing *things, gint ticks)
{
    for (guint i = 0; i < N_TICKED; i++) {
        Command *command = command_new(run_add);

        things[i].ticked.klass = &thing_class;
        things[i].worker = worker;
        command->thing = &things[i];
        command->period = 4;
        mcp_media_worker_post(worker, &command->base);
    }
    for (guint i = 0; i < N_TICKED; i++)
        wait_atomic(&things[i].ticks, ticks);
}

static void
test_ticks(void)
{
    g_autoptr(GError) error = NULL;
    McpMediaWorker *worker = mcp_media_worker_new(0, NULL, &rows, &error);
    g_autofree Thing *things = g_new0(Thing, N_TICKED);
    guint phases[4] = {0};

    add_things(worker, things, 10);
    mcp_media_worker_stop(worker);
    for (guint i = 0; i < N_TICKED; i++) {
        g_assert_cmpint(things[i].shut, ==, 1);
        g_assert_false(things[i].uneven);
        g_assert_false(things[i].ticked.added);
        phases[things[i].last_due % 4]++;
    }
    for (guint i = 0; i < 4; i++)
        g_assert_cmpuint(phases[i], ==, N_TICKED / 4);
    mcp_media_worker_unref(worker);
}

static void
test_advance(void)
{
    g_autoptr(GError) error = NULL;
    McpMediaWorker *worker = mcp_media_worker_new(0, NULL, &rows, &error);
    g_autofree Thing *things = g_new0(Thing, N_TICKED);
    Command *advance = command_new(run_advance);
    gint done = FALSE;

    add_things(worker, things, 2);
    advance->thing = things;
    advance->done = &done;
    mcp_media_worker_post(worker, &advance->base);
    wait_atomic(&done, TRUE);
    for (guint i = 0; i < N_TICKED; i++)
        wait_atomic(&things[i].ticks, 5);
    mcp_media_worker_stop(worker);
    for (guint i = 0; i < N_TICKED; i++)
        g_assert_false(things[i].uneven);
    mcp_media_worker_unref(worker);
}

static void
test_order(void)
{
    g_autoptr(GError) error = NULL;
    McpMediaWorker *worker = mcp_media_worker_new(0, NULL, &rows, &error);
    g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(guint));
    gint done = 0;

    for (guint i = 0; i < 20000; i++) {
        Command *command = command_new(run_order);

        command->order = order;
        command->done = &done;
        command->number = i;
        if (i == 15000)
            mcp_media_worker_stop(worker);
        mcp_media_worker_post(worker, &command->base);
    }
    wait_atomic(&done, 20000);
    for (guint i = 0; i < 20000; i++)
        g_assert_cmpuint(g_array_index(order, guint, i), ==, i);
    mcp_media_worker_unref(worker);
}

static gint freed;

static void
free_counted(gpointer command)
{
    g_free(command);
    g_atomic_int_inc(&freed);
}

/* What the last command holds is not kept until another one comes. */
static void
test_tidy(void)
{
    g_autoptr(GError) error = NULL;
    McpMediaWorker *worker = mcp_media_worker_new(0, NULL, &rows, &error);
    g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(guint));
    gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    Command *command = command_new(run_order);
    gint done = 0;

    command->base.free = free_counted;
    command->order = order;
    command->done = &done;
    mcp_media_worker_post(worker, &command->base);
    wait_atomic(&done, 1);
    /* It is among those that have run a moment after it has. */
    while (g_atomic_int_get(&freed) == 0 && g_get_monotonic_time() < deadline)
        mcp_media_worker_tidy(worker);
    g_assert_cmpint(freed, ==, 1);
    mcp_media_worker_stop(worker);
    mcp_media_worker_unref(worker);
}

static void
run_note_ticks(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    guint ticks = (guint)g_atomic_int_get(&command->thing->ticks);

    g_array_append_val(command->order, ticks);
    g_atomic_int_inc(command->done);
}

/* Posted one by one, slots apart, they run together: nothing ticks between them. */
static void
test_batch(void)
{
    g_autoptr(GError) error = NULL;
    McpMediaWorker *worker = mcp_media_worker_new(0, NULL, &rows, &error);
    g_autoptr(GArray) noted = g_array_new(FALSE, FALSE, sizeof(guint));
    Thing thing = {.ticked = {.klass = &thing_class}, .worker = worker};
    Command *add = command_new(run_add);
    gint done = 0;

    add->thing = &thing;
    add->period = 1;
    mcp_media_worker_post(worker, &add->base);
    wait_atomic(&thing.ticks, 1);
    mcp_media_batch_begin();
    for (guint i = 0; i < 4; i++) {
        Command *command = command_new(run_note_ticks);

        command->thing = &thing;
        command->order = noted;
        command->done = &done;
        mcp_media_batch_begin();
        mcp_media_worker_post(worker, &command->base);
        mcp_media_batch_end();
        wait_atomic(&thing.ticks, g_atomic_int_get(&thing.ticks) + 2);
        g_assert_cmpint(g_atomic_int_get(&done), ==, 0);
    }
    mcp_media_batch_end();
    wait_atomic(&done, 4);
    for (guint i = 1; i < 4; i++)
        g_assert_cmpuint(g_array_index(noted, guint, i), ==, g_array_index(noted, guint, 0));
    mcp_media_worker_stop(worker);
    mcp_media_worker_unref(worker);
}

/* --- the way back --- */

typedef struct {
    McpMediaLink link;
    guint sender, number;
} Message;

#define LATE_SENDER 4

static guint delivered[LATE_SENDER + 1];
static guint total;

static void
take_message(McpMediaLink *item)
{
    Message *message = (Message *)item;

    g_assert_cmpuint(message->number, ==, delivered[message->sender]++);
    total++;
    g_free(message);
}

static McpMediaLink *
message_new(guint sender, guint number)
{
    Message *message = g_new(Message, 1);

    message->sender = sender;
    message->number = number;
    return &message->link;
}

static gpointer
post_many(gpointer data)
{
    McpMediaMailbox *mailbox = data;
    static gint senders;
    guint sender = (guint)g_atomic_int_add(&senders, 1);

    for (guint i = 0; i < 20000; i++)
        mcp_media_mailbox_post(mailbox, message_new(sender, i));
    return NULL;
}

static void
test_mailbox(void)
{
    g_autoptr(GError) error = NULL;
    GMainContext *context = g_main_context_default();
    McpMediaMailbox *mailbox = mcp_media_mailbox_get(context, take_message, &error);
    McpMediaMailbox *same = mcp_media_mailbox_get(context, take_message, &error);
    GThread *threads[4];

    g_assert_true(mailbox == same);
    mcp_media_mailbox_unref(same);
    for (guint i = 0; i < 4; i++)
        threads[i] = g_thread_new("poster", post_many, mailbox);
    while (total < 80000)
        g_main_context_iteration(context, TRUE);
    for (guint i = 0; i < 4; i++)
        g_thread_join(threads[i]);
    mcp_media_mailbox_unref(mailbox);
}

/* The first one wakes the context, the next ones come with others and before them, or by time. */
static void
test_late(void)
{
    g_autoptr(GError) error = NULL;
    GMainContext *context = g_main_context_default();
    McpMediaMailbox *mailbox = mcp_media_mailbox_get(context, take_message, &error);
    guint before = total;

    mcp_media_mailbox_post_late(mailbox, message_new(LATE_SENDER, 0));
    while (total < before + 1)
        g_main_context_iteration(context, TRUE);
    mcp_media_mailbox_post_late(mailbox, message_new(LATE_SENDER, 1));
    g_assert_false(g_main_context_iteration(context, FALSE));
    mcp_media_mailbox_post(mailbox, message_new(LATE_SENDER, 2));
    while (g_main_context_iteration(context, FALSE))
        continue;
    g_assert_cmpuint(total, ==, before + 3);
    mcp_media_mailbox_post_late(mailbox, message_new(LATE_SENDER, 3));
    while (total < before + 4)
        g_main_context_iteration(context, TRUE);
    mcp_media_mailbox_unref(mailbox);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/worker/ticks", test_ticks);
    g_test_add_func("/media/worker/advance", test_advance);
    g_test_add_func("/media/worker/order", test_order);
    g_test_add_func("/media/worker/tidy", test_tidy);
    g_test_add_func("/media/worker/batch", test_batch);
    g_test_add_func("/media/worker/mailbox", test_mailbox);
    g_test_add_func("/media/worker/late", test_late);
    return g_test_run();
}
