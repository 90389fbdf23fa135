/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rate limit of notifications. Control context.
 */
#include "limiter.h"

/* Subjects in their intervals: far ends of calls are among them. */
#define ENTRIES_MAX 1024

/* One alert and subject within its interval. */
typedef struct {
    McpAlert alert;
    char *subject;
    gint64 until;                 /* clock µs */
    guint64 serial;               /* of the last one raised, sent or not */
    guint held_back;              /* since the last one sent */
    gboolean is_over;             /* and no other interval follows */
    McpSnmpNotification *pending; /* nullable: the last one held back */
} Entry;

struct _McpSnmpLimiter {
    McpClock *clock;
    gint64 interval;
    McpSnmpSendFunc send;
    gpointer user_data;
    GHashTable *entries; /* Entry to itself */
    guint64 serial;
    McpTimer *timer; /* of the interval that ends first */
    gint64 timer_at;
};

static guint
entry_hash(gconstpointer key)
{
    const Entry *entry = key;

    return g_str_hash(entry->subject) * MCP_ALERT_LAST + entry->alert;
}

static gboolean
entry_equal(gconstpointer a, gconstpointer b)
{
    const Entry *left = a;
    const Entry *right = b;

    return left->alert == right->alert && g_str_equal(left->subject, right->subject);
}

static void
entry_free(gpointer data)
{
    Entry *entry = data;

    g_clear_pointer(&entry->pending, mcp_snmp_notification_free);
    g_free(entry->subject);
    g_free(entry);
}

McpSnmpLimiter *
mcp_snmp_limiter_new(McpClock *clock, gint64 interval, McpSnmpSendFunc send, gpointer user_data)
{
    McpSnmpLimiter *limiter = g_new0(McpSnmpLimiter, 1);

    limiter->clock = g_object_ref(clock);
    limiter->interval = interval;
    limiter->send = send;
    limiter->user_data = user_data;
    limiter->entries = g_hash_table_new_full(entry_hash, entry_equal, entry_free, NULL);
    return limiter;
}

void
mcp_snmp_limiter_free(McpSnmpLimiter *limiter)
{
    mcp_timer_clear(&limiter->timer);
    g_hash_table_unref(limiter->entries);
    g_object_unref(limiter->clock);
    g_free(limiter);
}

void
mcp_snmp_limiter_set_interval(McpSnmpLimiter *limiter, gint64 interval)
{
    limiter->interval = interval;
}

static McpAlert
opposite(McpAlert alert)
{
    static const McpAlert pairs[][2] = {{MCP_ALERT_ENGINE_DOWN, MCP_ALERT_ENGINE_UP},
                                        {MCP_ALERT_PEER_DOWN, MCP_ALERT_PEER_UP}};

    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        if (pairs[i][0] == alert)
            return pairs[i][1];
        if (pairs[i][1] == alert)
            return pairs[i][0];
    }
    return alert;
}

static gboolean
is_overtaken(McpSnmpLimiter *limiter, const Entry *entry)
{
    const Entry key = {.alert = opposite(entry->alert), .subject = entry->subject};
    const Entry *other = g_hash_table_lookup(limiter->entries, &key);

    return other != NULL && other->serial > entry->serial;
}

static void on_timer(gpointer user_data);

static void
set_timer(McpSnmpLimiter *limiter, gint64 until)
{
    if (limiter->timer != NULL && limiter->timer_at <= until)
        return;
    mcp_timer_clear(&limiter->timer);
    limiter->timer_at = until;
    limiter->timer = mcp_clock_after(
        limiter->clock, NULL, MAX(until - mcp_clock_now(limiter->clock), 0), on_timer, limiter);
}

/* The interval of @entry is over. Returns: whether another one begins. */
static gboolean
renew(McpSnmpLimiter *limiter, Entry *entry, gint64 now)
{
    McpSnmpNotification *notification = NULL;

    if (entry->pending == NULL || is_overtaken(limiter, entry))
        return FALSE;
    notification = g_steal_pointer(&entry->pending);
    notification->suppressed = entry->held_back - 1;
    entry->held_back = 0;
    entry->until = now + limiter->interval;
    limiter->send(notification, limiter->user_data);
    return TRUE;
}

static gboolean
is_over(gpointer key, gpointer value, gpointer user_data)
{
    return ((Entry *)key)->is_over;
}

static void
on_timer(gpointer user_data)
{
    McpSnmpLimiter *limiter = user_data;
    gint64 now = mcp_clock_now(limiter->clock);
    gint64 first = G_MAXINT64;
    GHashTableIter iter;
    gpointer key = NULL;

    mcp_timer_clear(&limiter->timer);
    g_hash_table_iter_init(&iter, limiter->entries);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        Entry *entry = key;

        entry->is_over = entry->until <= now && !renew(limiter, entry, now);
        if (!entry->is_over)
            first = MIN(first, entry->until);
    }
    /* Not before all have been looked at: an opposite may be among them. */
    g_hash_table_foreach_remove(limiter->entries, is_over, NULL);
    if (first != G_MAXINT64)
        set_timer(limiter, first);
}

static void
open_interval(McpSnmpLimiter *limiter, const McpSnmpNotification *notification)
{
    Entry *entry = g_new0(Entry, 1);

    entry->alert = notification->alert;
    entry->subject = g_strdup(notification->subject);
    entry->serial = ++limiter->serial;
    entry->until = mcp_clock_now(limiter->clock) + limiter->interval;
    g_hash_table_add(limiter->entries, entry);
    set_timer(limiter, entry->until);
}

gboolean
mcp_snmp_limiter_take(McpSnmpLimiter *limiter, McpSnmpNotification *notification)
{
    const Entry key = {.alert = notification->alert, .subject = notification->subject};
    Entry *entry = g_hash_table_lookup(limiter->entries, &key);

    if (entry != NULL) {
        entry->serial = ++limiter->serial;
        entry->held_back++;
        g_clear_pointer(&entry->pending, mcp_snmp_notification_free);
        entry->pending = notification;
        return TRUE;
    }
    if (g_hash_table_size(limiter->entries) >= ENTRIES_MAX) {
        mcp_snmp_notification_free(notification);
        return FALSE;
    }
    if (limiter->interval > 0)
        open_interval(limiter, notification);
    limiter->send(notification, limiter->user_data);
    return TRUE;
}
