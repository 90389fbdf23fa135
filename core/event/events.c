/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event bus. Each subscriber has a bounded queue that its own context empties; a full queue
 * drops
 * its oldest event and counts it. The lock guards the list of subscribers and their queues and is
 * never held across a call out.
 */
#include "event/event.h"

#include <gio/gio.h>

typedef struct {
    gatomicrefcount refs;
    guint id;
    guint types;
    guint limit;
    gint64 rest; /* µs, under lock */
    McpEventFunc func;
    gpointer user_data;
    GMainContext *context;
    GQueue waiting;
    guint dropped;
    gboolean scheduled; /* a delivery will look, now or after the rest */
    gboolean gone;
} Subscriber;

struct _McpEvents {
    GObject parent_instance;
    gint wanted; /* atomic: union of all masks */
    GMutex lock;
    GPtrArray *subscribers;
    guint next_id;
    gint64 dropped; /* under lock */
};

typedef struct {
    McpEvents *events;
    Subscriber *subscriber;
} Delivery;

G_DEFINE_FINAL_TYPE(McpEvents, mcp_events, G_TYPE_OBJECT)

static void
subscriber_unref(Subscriber *subscriber)
{
    if (!g_atomic_ref_count_dec(&subscriber->refs))
        return;
    g_queue_clear_full(&subscriber->waiting, (GDestroyNotify)mcp_event_unref);
    g_main_context_unref(subscriber->context);
    g_free(subscriber);
}

static void
delivery_free(Delivery *delivery)
{
    subscriber_unref(delivery->subscriber);
    g_object_unref(delivery->events);
    g_free(delivery);
}

static void
mcp_events_finalize(GObject *object)
{
    McpEvents *events = MCP_EVENTS(object);

    g_ptr_array_unref(events->subscribers);
    g_mutex_clear(&events->lock);
    G_OBJECT_CLASS(mcp_events_parent_class)->finalize(object);
}

static void
mcp_events_class_init(McpEventsClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_events_finalize;
}

static void
mcp_events_init(McpEvents *events)
{
    g_mutex_init(&events->lock);
    events->subscribers = g_ptr_array_new_with_free_func((GDestroyNotify)subscriber_unref);
}

gboolean
mcp_events_wanted(McpEvents *events, McpEventType type)
{
    return ((guint)g_atomic_int_get(&events->wanted) & 1u << type) != 0;
}

static McpEvent *
pop_locked(Subscriber *subscriber, guint *out_dropped)
{
    McpEvent *event = subscriber->gone ? NULL : g_queue_pop_head(&subscriber->waiting);

    if (event == NULL)
        return NULL;
    *out_dropped = subscriber->dropped;
    subscriber->dropped = 0;
    return event;
}

/* After the last one a delivery that had any @out_rest µs to wait for more; 0: it ends. */
static McpEvent *
next_event(const Delivery *delivery, gboolean any, guint *out_dropped, gint64 *out_rest)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&delivery->events->lock);
    Subscriber *subscriber = delivery->subscriber;
    McpEvent *event = pop_locked(subscriber, out_dropped);

    if (event == NULL) {
        *out_rest = any && !subscriber->gone ? subscriber->rest : 0;
        subscriber->scheduled = *out_rest > 0;
    }
    return event;
}

static gboolean
deliver(gpointer data)
{
    Delivery *delivery = data;
    GSource *source = g_main_current_source();
    gboolean any = FALSE;
    guint dropped = 0;
    gint64 rest = 0;
    McpEvent *event = NULL;

    while ((event = next_event(delivery, any, &dropped, &rest)) != NULL) {
        any = TRUE;
        delivery->subscriber->func(event, dropped, delivery->subscriber->user_data);
        mcp_event_unref(event);
    }
    if (rest == 0)
        return G_SOURCE_REMOVE;
    g_source_set_ready_time(source, g_source_get_time(source) + rest);
    return G_SOURCE_CONTINUE;
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer user_data)
{
    return callback(user_data);
}

static void
schedule(McpEvents *events, Subscriber *subscriber)
{
    static GSourceFuncs funcs = {.dispatch = dispatch};
    g_autoptr(GSource) source = g_source_new(&funcs, sizeof(GSource));
    Delivery *delivery = g_new(Delivery, 1);

    delivery->events = g_object_ref(events);
    delivery->subscriber = subscriber;
    g_atomic_ref_count_inc(&subscriber->refs);
    subscriber->scheduled = TRUE;
    g_source_set_static_name(source, "events");
    g_source_set_ready_time(source, 0);
    g_source_set_callback(source, deliver, delivery, (GDestroyNotify)delivery_free);
    g_source_attach(source, subscriber->context);
}

gint64
mcp_events_get_dropped(McpEvents *events)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&events->lock);

    return events->dropped;
}

void
mcp_events_publish(McpEvents *events, McpEvent *event)
{
    guint bit = 1u << mcp_event_get_event_type(event);

    mcp_event_stamp(event);
    g_mutex_lock(&events->lock);
    for (guint i = 0; i < events->subscribers->len; i++) {
        Subscriber *subscriber = g_ptr_array_index(events->subscribers, i);

        if ((subscriber->types & bit) == 0)
            continue;
        if (g_queue_get_length(&subscriber->waiting) >= subscriber->limit) {
            mcp_event_unref(g_queue_pop_head(&subscriber->waiting));
            subscriber->dropped++;
            events->dropped++;
        }
        g_queue_push_tail(&subscriber->waiting, mcp_event_ref(event));
        if (!subscriber->scheduled)
            schedule(events, subscriber);
    }
    g_mutex_unlock(&events->lock);
    mcp_event_unref(event);
}

/* (nullable): with the lock held. */
static Subscriber *
find_locked(McpEvents *events, guint id, guint *out_index)
{
    for (guint i = 0; i < events->subscribers->len; i++) {
        Subscriber *subscriber = g_ptr_array_index(events->subscribers, i);

        if (subscriber->id != id)
            continue;
        *out_index = i;
        return subscriber;
    }
    return NULL;
}

static void
update_wanted_locked(McpEvents *events)
{
    guint wanted = 0;

    for (guint i = 0; i < events->subscribers->len; i++)
        wanted |= ((Subscriber *)g_ptr_array_index(events->subscribers, i))->types;
    g_atomic_int_set(&events->wanted, (gint)wanted);
}

guint
mcp_events_subscribe(McpEvents *events, guint types, guint limit, McpEventFunc func,
                     gpointer user_data)
{
    Subscriber *subscriber = g_new0(Subscriber, 1);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&events->lock);

    g_atomic_ref_count_init(&subscriber->refs);
    subscriber->id = ++events->next_id;
    subscriber->types = types;
    subscriber->limit = MAX(limit, 1);
    subscriber->func = func;
    subscriber->user_data = user_data;
    subscriber->context = g_main_context_ref_thread_default();
    g_queue_init(&subscriber->waiting);
    g_ptr_array_add(events->subscribers, subscriber);
    update_wanted_locked(events);
    return subscriber->id;
}

void
mcp_events_unsubscribe(McpEvents *events, guint id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&events->lock);
    guint at = 0;
    Subscriber *subscriber = find_locked(events, id, &at);

    if (subscriber == NULL)
        return;
    subscriber->gone = TRUE;
    g_ptr_array_remove_index(events->subscribers, at);
    update_wanted_locked(events);
}

void
mcp_events_set_rest(McpEvents *events, guint id, gint64 rest)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&events->lock);
    guint at = 0;
    Subscriber *subscriber = find_locked(events, id, &at);

    if (subscriber != NULL)
        subscriber->rest = rest;
}

static McpEvent *
next_of(McpEvents *events, guint id, Subscriber **out_subscriber, guint *out_dropped)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&events->lock);
    guint at = 0;

    *out_subscriber = find_locked(events, id, &at);
    return *out_subscriber != NULL ? pop_locked(*out_subscriber, out_dropped) : NULL;
}

void
mcp_events_drain(McpEvents *events, guint id)
{
    Subscriber *subscriber = NULL;
    McpEvent *event = NULL;
    guint dropped = 0;

    /* It is looked for each time: its function may unsubscribe it. */
    while ((event = next_of(events, id, &subscriber, &dropped)) != NULL) {
        subscriber->func(event, dropped, subscriber->user_data);
        mcp_event_unref(event);
    }
}
