/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spool on its way: what was read of it, what of that is with the broker, and what of that is
 * acknowledged. The spool is told in its own order. Control context.
 */
#include "lane.h"

#include <mcp/breaker.h>

#define FIRST_PAUSE (500 * G_TIME_SPAN_MILLISECOND)
#define READ_RECORDS 256
#define READ_BYTES (1024 * 1024)
#define LOW_WATER 64
/* Of what the broker is slow to acknowledge; what comes after an old one waits for it. */
#define MAX_FLIGHTS 1500

struct _McpActivemqLane {
    McpSpool *spool;
    McpClock *clock;
    McpActivemqLaneFunc func;
    gpointer user_data;
    GQueue flights;          /* McpActivemqFlight in the spool's order, the oldest not done first */
    GHashTable *on_way;      /* command → McpActivemqFlight */
    GList *next;             /* nullable: the first that may have to be sent */
    McpActivemqFlight *held; /* nullable: not sent before the release */
    McpBackoff backoff;
    McpTimer *pause;
    guint alone;   /* so many of the next ones are sent alone */
    gboolean more; /* the spool has something to read */
    gboolean reading;
    gboolean freed;
};

static void
flight_free(McpActivemqFlight *flight)
{
    mcp_spool_record_unref(flight->record);
    g_free(flight);
}

McpActivemqLane *
mcp_activemq_lane_new(McpSpool *spool, McpClock *clock, McpActivemqLaneFunc func,
                      gpointer user_data)
{
    McpActivemqLane *lane = g_new0(McpActivemqLane, 1);

    lane->spool = g_object_ref(spool);
    lane->clock = g_object_ref(clock);
    lane->func = func;
    lane->user_data = user_data;
    g_queue_init(&lane->flights);
    lane->on_way = g_hash_table_new(NULL, NULL);
    return lane;
}

static void
finalize(McpActivemqLane *lane)
{
    g_hash_table_unref(lane->on_way);
    g_queue_clear_full(&lane->flights, (GDestroyNotify)flight_free);
    g_object_unref(lane->spool);
    g_object_unref(lane->clock);
    g_free(lane);
}

void
mcp_activemq_lane_free(McpActivemqLane *lane)
{
    lane->freed = TRUE;
    mcp_timer_clear(&lane->pause);
    if (!lane->reading)
        finalize(lane);
}

McpSpool *
mcp_activemq_lane_get_spool(const McpActivemqLane *lane)
{
    return lane->spool;
}

static void
on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpActivemqLane *lane = user_data;
    g_autoptr(GPtrArray) records = mcp_spool_read_finish(lane->spool, result, NULL);

    lane->reading = FALSE;
    if (lane->freed) {
        finalize(lane);
        return;
    }
    /* What cannot be read now is tried again with the next look. */
    lane->more = records == NULL || records->len > 0;
    if (records == NULL || records->len == 0)
        return;
    for (guint i = 0; i < records->len; i++) {
        McpActivemqFlight *flight = g_new0(McpActivemqFlight, 1);

        flight->record = mcp_spool_record_ref(records->pdata[i]);
        g_queue_push_tail(&lane->flights, flight);
        if (lane->next == NULL)
            lane->next = lane->flights.tail;
    }
    lane->func(lane->user_data);
}

static void
read_on(McpActivemqLane *lane)
{
    guint ahead = g_queue_get_length(&lane->flights) - g_hash_table_size(lane->on_way);

    if (!lane->more || lane->reading || ahead > LOW_WATER ||
        g_queue_get_length(&lane->flights) > MAX_FLIGHTS)
        return;
    lane->more = FALSE;
    lane->reading = TRUE;
    mcp_spool_read_async(lane->spool, READ_RECORDS, READ_BYTES, on_read, lane);
}

void
mcp_activemq_lane_wake(McpActivemqLane *lane)
{
    lane->more = TRUE;
    read_on(lane);
}

McpActivemqFlight *
mcp_activemq_lane_next(McpActivemqLane *lane)
{
    read_on(lane);
    while (lane->next != NULL && lane->pause == NULL) {
        McpActivemqFlight *flight = lane->next->data;

        if (!flight->done && flight->command == 0 && flight != lane->held)
            return flight;
        lane->next = lane->next->next;
    }
    return NULL;
}

static gboolean
is_plain(const McpActivemqFlight *flight)
{
    return flight->refusals == 0 && flight->losses == 0;
}

gboolean
mcp_activemq_lane_may_batch(const McpActivemqLane *lane)
{
    guint n = 0;

    if (lane->alone > 0)
        return FALSE;
    for (const GList *item = lane->next; item != NULL && n < 2; item = item->next) {
        const McpActivemqFlight *flight = item->data;

        if (flight->done || flight->command != 0 || flight == lane->held)
            continue;
        if (!is_plain(flight))
            return FALSE;
        n++;
    }
    return n == 2;
}

McpActivemqFlight *
mcp_activemq_lane_find(McpActivemqLane *lane, gint32 command)
{
    McpActivemqFlight *alone = g_hash_table_lookup(lane->on_way, GINT_TO_POINTER(command));

    if (alone != NULL && alone->answer == command)
        return alone;
    for (const GList *item = lane->flights.head; item != NULL; item = item->next) {
        McpActivemqFlight *flight = item->data;

        if (!flight->done && flight->command != 0 && flight->answer == command)
            return flight;
    }
    return NULL;
}

void
mcp_activemq_lane_committed(McpActivemqLane *lane, gint64 transaction, gint32 command)
{
    for (const GList *item = lane->flights.head; item != NULL; item = item->next) {
        McpActivemqFlight *flight = item->data;

        if (flight->command != 0 && flight->transaction == transaction)
            flight->answer = command;
    }
}

void
mcp_activemq_lane_break_up(McpActivemqLane *lane, gint32 command)
{
    McpActivemqFlight *flight;

    while ((flight = mcp_activemq_lane_find(lane, command)) != NULL) {
        mcp_activemq_lane_again(lane, flight);
        lane->alone++;
    }
}

void
mcp_activemq_lane_sent(McpActivemqLane *lane, McpActivemqFlight *flight, gint32 command,
                       gint64 transaction, gint64 now)
{
    if (transaction == 0 && lane->alone > 0)
        lane->alone--;
    flight->command = command;
    flight->transaction = transaction;
    flight->answer = transaction == 0 ? command : 0;
    flight->sent = now;
    flight->sent_before = TRUE;
    g_hash_table_insert(lane->on_way, GINT_TO_POINTER(command), flight);
}

void
mcp_activemq_lane_done(McpActivemqLane *lane, McpActivemqFlight *flight)
{
    g_autoptr(McpSpoolRecord) last = NULL;

    g_hash_table_remove(lane->on_way, GINT_TO_POINTER(flight->command));
    flight->done = TRUE;
    if (flight == lane->held)
        lane->held = NULL;
    while ((flight = g_queue_peek_head(&lane->flights)) != NULL && flight->done) {
        g_clear_pointer(&last, mcp_spool_record_unref);
        last = mcp_spool_record_ref(flight->record);
        if (lane->next == lane->flights.head)
            lane->next = lane->next->next;
        flight_free(g_queue_pop_head(&lane->flights));
    }
    if (last != NULL)
        mcp_spool_acknowledge(lane->spool, last);
}

void
mcp_activemq_lane_again(McpActivemqLane *lane, McpActivemqFlight *flight)
{
    g_hash_table_remove(lane->on_way, GINT_TO_POINTER(flight->command));
    flight->command = 0;
    lane->next = lane->flights.head;
}

static void
on_pause_over(gpointer user_data)
{
    McpActivemqLane *lane = user_data;

    mcp_timer_clear(&lane->pause);
    lane->func(lane->user_data);
}

void
mcp_activemq_lane_pause(McpActivemqLane *lane, gint64 longest)
{
    if (lane->pause == NULL)
        lane->pause = mcp_clock_after(lane->clock, NULL,
                                      mcp_backoff_next(&lane->backoff, FIRST_PAUSE, longest),
                                      on_pause_over, lane);
}

gboolean
mcp_activemq_lane_is_refused(const McpActivemqLane *lane)
{
    return lane->backoff.tries > 0;
}

gboolean
mcp_activemq_lane_taken(McpActivemqLane *lane)
{
    /* What was on its way before the refusal is no news. */
    if (lane->pause != NULL || lane->backoff.tries == 0)
        return FALSE;
    mcp_backoff_reset(&lane->backoff);
    return TRUE;
}

void
mcp_activemq_lane_hold_back(McpActivemqLane *lane, McpActivemqFlight *flight)
{
    mcp_activemq_lane_again(lane, flight);
    lane->held = flight;
}

gboolean
mcp_activemq_lane_release(McpActivemqLane *lane)
{
    if (lane->held == NULL)
        return FALSE;
    lane->held = NULL;
    lane->next = lane->flights.head;
    return TRUE;
}

void
mcp_activemq_lane_all_again(McpActivemqLane *lane)
{
    GHashTableIter iter;
    gpointer flight = NULL;

    /* The broker may have choked on one of them. */
    lane->alone = g_hash_table_size(lane->on_way);
    g_hash_table_iter_init(&iter, lane->on_way);
    while (g_hash_table_iter_next(&iter, NULL, &flight))
        ((McpActivemqFlight *)flight)->command = 0;
    g_hash_table_remove_all(lane->on_way);
    lane->next = lane->flights.head;
    mcp_timer_clear(&lane->pause);
}

McpActivemqFlight *
mcp_activemq_lane_get_first(const McpActivemqLane *lane)
{
    GHashTableIter iter;
    gpointer value = NULL;
    McpActivemqFlight *first = NULL;

    g_hash_table_iter_init(&iter, lane->on_way);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        McpActivemqFlight *flight = value;

        if (first == NULL || flight->command < first->command)
            first = flight;
    }
    return first;
}

guint
mcp_activemq_lane_count(const McpActivemqLane *lane)
{
    return g_hash_table_size(lane->on_way);
}
