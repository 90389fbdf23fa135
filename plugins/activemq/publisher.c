/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the spools to a broker: which broker, what is on its way, what becomes of refusals. A record
 * keeps its message id for ever, made of the spool's identity and its sequence. Control context.
 */
#include "publisher.h"

#include <mcp/alert.h>
#include <mcp/breaker.h>
#include <mcp/contract/health.h>
#include <mcp/log.h>
#include <string.h>

#include "broker.h"
#include "lane.h"

#define FIRST_RETRY (500 * G_TIME_SPAN_MILLISECOND)
#define LOOK (G_USEC_PER_SEC)
/* A record is poison when it was refused so often while others were taken. */
#define POISON_REFUSALS 3
#define SESSION 1
/* Records of a transaction. */
#define BATCH 50

struct _McpActivemqPublisher {
    McpHost *host;
    McpClock *clock;
    McpMetrics *metrics;
    const McpActivemqConfig *config;
    McpActivemqLane *lanes[MCP_ACTIVEMQ_SPOOLS];
    guint n_lanes;
    McpOpenwireLink *link; /* nullable */
    char *connection;      /* nullable: id, once the first spool is open */
    guint broker;          /* whose turn it is */
    guint turn;            /* of the spools */
    gboolean ready;
    gboolean told_down;
    McpDependency *dependency;
    McpBackoff backoff;
    McpTimer *retry; /* to connect */
    McpTimer *look;
    guint64 taken; /* by brokers */
};

static void connect_next(McpActivemqPublisher *self);
static void fill(McpActivemqPublisher *self);

static guint
on_way(const McpActivemqPublisher *self)
{
    guint n = 0;

    for (guint i = 0; i < self->n_lanes; i++)
        n += mcp_activemq_lane_count(self->lanes[i]);
    return n;
}

/* --- sending --- */

static char *
record_id(const McpSpoolRecord *record)
{
    return g_strdup_printf("%s:%s", mcp_activemq_kind_to_string(record->kind), record->id);
}

static GBytes *
content_of(const McpSpoolRecord *record)
{
    gsize length = 0;
    const char *text = NULL;

    if ((record->flags & MCP_SPOOL_FRAMED) != 0)
        return g_bytes_ref(record->payload);
    text = g_bytes_get_data(record->payload, &length);
    return mcp_openwire_text(text, length);
}

static const char *
part(char *const *parts, guint index)
{
    return index < g_strv_length((char **)parts) ? parts[index] : "";
}

/* Nobody will take it; it can be looked at, and sent again. */
static void
put_aside(McpActivemqPublisher *self, McpActivemqLane *lane, McpActivemqFlight *flight,
          const char *why)
{
    g_autofree char *id = record_id(flight->record);

    mcp_log_error("record-refused", NULL, "%s: record %s is put aside: %s",
                  mcp_openwire_link_get_remote(self->link), id, why);
    mcp_spool_quarantine(mcp_activemq_lane_get_spool(lane), flight->record, why);
    mcp_activemq_lane_done(lane, flight);
}

static void
send_flight(McpActivemqPublisher *self, McpActivemqLane *lane, McpActivemqFlight *flight,
            gint64 transaction)
{
    const McpSpoolRecord *record = flight->record;
    const McpActivemqDestination *destination =
        &self->config->destinations[CLAMP(record->kind, 1, MCP_ACTIVEMQ_QUALITY)];
    g_auto(GStrv) parts = g_strsplit(record->label, "\t", 4);
    g_autofree char *id = record_id(record);
    g_autoptr(GBytes) content = content_of(record);
    const McpOpenwireProperty properties[] = {
        {"recordId", id},
        {"type", part(parts, 0)},
        {"sessionId", part(parts, 1)},
        {"tenant", part(parts, 2)},
        {"application", part(parts, 3)},
        {"component", self->config->component},
    };
    const McpOpenwireProducer producer = {
        self->connection, SESSION,
        (gint64)mcp_spool_get_identity(mcp_activemq_lane_get_spool(lane))};
    const McpOpenwireMessage message = {
        .producer = &producer,
        .sequence = record->sequence,
        .transaction = transaction,
        .topic = destination->topic,
        .destination = destination->name,
        .type = part(parts, 0),
        .timestamp = record->wall / 1000,
        .content = content,
        .compressed = (record->flags & MCP_SPOOL_DEFLATED) != 0,
        .properties = properties,
        .n_properties = G_N_ELEMENTS(properties),
    };
    gint32 command = 0;

    command = mcp_openwire_link_send(self->link, &message);
    if (command == 0) {
        put_aside(self, lane, flight, "larger than the broker takes");
        return;
    }
    mcp_metrics_add(self->metrics,
                    flight->sent_before ? MCP_ACTIVEMQ_METRIC_RESENT : MCP_ACTIVEMQ_METRIC_SENT, 0,
                    1);
    mcp_activemq_lane_sent(lane, flight, command, transaction, mcp_clock_now(self->clock));
}

/* What is sent together costs the broker one write to its disk: a commit is answered for all. */
static gboolean
send_from(McpActivemqPublisher *self, McpActivemqLane *lane)
{
    McpActivemqFlight *flight = mcp_activemq_lane_next(lane);
    gint64 transaction = 0;

    if (flight == NULL)
        return FALSE;
    if (!mcp_activemq_lane_may_batch(lane)) {
        send_flight(self, lane, flight, 0);
        return TRUE;
    }
    transaction = mcp_openwire_link_begin(self->link);
    for (guint n = 0; n < BATCH && flight != NULL && flight->refusals + flight->losses == 0 &&
                      on_way(self) < self->config->window;
         n++) {
        send_flight(self, lane, flight, transaction);
        flight = mcp_activemq_lane_next(lane);
    }
    mcp_activemq_lane_committed(lane, transaction,
                                mcp_openwire_link_commit(self->link, transaction));
    return TRUE;
}

/* The first spool has most turns, but keeps nobody from his. TRUE when there was something. */
static gboolean
send_next(McpActivemqPublisher *self)
{
    static const guint8 turns[] = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2};
    guint first = turns[self->turn++ % G_N_ELEMENTS(turns)];

    for (guint i = 0; i < self->n_lanes; i++) {
        if (send_from(self, self->lanes[(first + i) % self->n_lanes]))
            return TRUE;
    }
    return FALSE;
}

static gboolean
release(McpActivemqPublisher *self)
{
    gboolean released = FALSE;

    for (guint i = 0; i < self->n_lanes; i++)
        released |= mcp_activemq_lane_release(self->lanes[i]);
    return released;
}

static void
fill(McpActivemqPublisher *self)
{
    while (self->ready && on_way(self) < self->config->window)
        if (!send_next(self) && (on_way(self) > 0 || !release(self)))
            break;
    mcp_metrics_set(self->metrics, MCP_ACTIVEMQ_METRIC_WAITING, 0, on_way(self));
}

static void
on_lane(gpointer user_data)
{
    fill(user_data);
}

/* --- what the broker says --- */

/* Whether it was refused so often while others were taken that it is to blame. */
static gboolean
is_to_blame(const McpActivemqPublisher *self, McpActivemqFlight *flight)
{
    if (flight->refusals == 0 || self->taken > flight->taken_at_refusal)
        flight->refusals++;
    flight->taken_at_refusal = self->taken;
    return flight->refusals > POISON_REFUSALS;
}

static gboolean
is_poison(const McpActivemqPublisher *self, McpActivemqFlight *flight, const char *class_)
{
    static const char *const plain[] = {"javax.jms.MessageFormatException",
                                        "javax.jms.InvalidDestinationException", NULL};

    if (g_strv_contains(plain, class_))
        return TRUE;
    /* Rights and space are the broker's own affair: they come back. */
    if (strstr(class_, "Security") != NULL || strstr(class_, "ResourceAllocation") != NULL)
        return FALSE;
    return is_to_blame(self, flight);
}

static void
refused(McpActivemqPublisher *self, McpActivemqLane *lane, McpActivemqFlight *flight,
        const char *class_, const char *text)
{
    const char *name = mcp_spool_get_name(mcp_activemq_lane_get_spool(lane));
    const char *remote = mcp_openwire_link_get_remote(self->link);
    g_autofree char *why = g_strdup_printf("%s: %s", class_, text);

    mcp_metrics_add(self->metrics, MCP_ACTIVEMQ_METRIC_REFUSED, 0, 1);
    if (is_poison(self, flight, class_)) {
        put_aside(self, lane, flight, why);
        return;
    }
    if (!mcp_activemq_lane_is_refused(lane))
        mcp_log_warning("broker-refuses", NULL, "%s refuses records of %s, which wait: %s", remote,
                        name, why);
    mcp_dependency_set(self->dependency, MCP_HEALTH_DEGRADED, "%s refuses records of %s: %s",
                       remote, name, why);
    mcp_activemq_lane_again(lane, flight);
    mcp_activemq_lane_pause(lane, self->config->longest_retry);
}

static void
taken(McpActivemqPublisher *self, McpActivemqLane *lane, McpActivemqFlight *flight)
{
    gboolean refused = FALSE;

    self->taken++;
    if (mcp_activemq_lane_taken(lane)) {
        mcp_log_info("broker-takes", NULL, "%s takes records of %s again",
                     mcp_openwire_link_get_remote(self->link),
                     mcp_spool_get_name(mcp_activemq_lane_get_spool(lane)));
        for (guint i = 0; i < self->n_lanes; i++)
            refused |= mcp_activemq_lane_is_refused(self->lanes[i]);
        if (!refused)
            mcp_dependency_set(self->dependency, MCP_HEALTH_UP, NULL);
    }
    release(self);
    mcp_activemq_lane_done(lane, flight);
}

static void
on_answered(McpOpenwireLink *link, gint32 command, const char *class_, const char *text,
            gpointer user_data)
{
    McpActivemqPublisher *self = user_data;

    for (guint i = 0; i < self->n_lanes; i++) {
        McpActivemqLane *lane = self->lanes[i];
        McpActivemqFlight *flight = NULL;

        while ((flight = mcp_activemq_lane_find(lane, command)) != NULL) {
            if (class_ == NULL) {
                taken(self, lane, flight);
            } else if (flight->transaction != 0) {
                mcp_metrics_add(self->metrics, MCP_ACTIVEMQ_METRIC_REFUSED, 0, 1);
                mcp_activemq_lane_break_up(lane, command);
            } else {
                refused(self, lane, flight, class_, text);
            }
        }
    }
    fill(self);
}

/* --- the connection --- */

static void on_look(gpointer user_data);

static void
arm_look(McpActivemqPublisher *self)
{
    self->look = mcp_clock_after(self->clock, NULL, LOOK, on_look, self);
}

/*
 * A broker may end the connection because of a record that it chokes on, and say no word of it. The
 * first one on its way is the one; when that happens twice the others go before it.
 */
static void
blame_first(McpActivemqPublisher *self)
{
    McpActivemqLane *lane = NULL;
    McpActivemqFlight *first = NULL;

    for (guint i = 0; i < self->n_lanes; i++) {
        McpActivemqFlight *flight = mcp_activemq_lane_get_first(self->lanes[i]);

        if (flight != NULL && (first == NULL || flight->command < first->command)) {
            lane = self->lanes[i];
            first = flight;
        }
    }
    /* Of those that were sent together none is: they go alone now. */
    if (first == NULL || first->transaction != 0)
        return;
    first->losses++;
    if (is_to_blame(self, first))
        put_aside(self, lane, first, "the connection ends whenever it is sent");
    else if (first->losses > 1)
        mcp_activemq_lane_hold_back(lane, first);
}

static void
lost(McpActivemqPublisher *self, const char *why)
{
    mcp_metrics_add(self->metrics, MCP_ACTIVEMQ_METRIC_FAILURES, 0, 1);
    mcp_metrics_set(self->metrics, MCP_ACTIVEMQ_METRIC_CONNECTED, 0, 0);
    mcp_dependency_set(self->dependency, MCP_HEALTH_DOWN, "no broker takes records: %s", why);
    if (!self->told_down) {
        mcp_log_warning("broker-down", NULL, "no broker takes records, which wait: %s", why);
        mcp_alert_raise(mcp_host_get_events(self->host), MCP_ALERT_PEER_DOWN, NULL, "activemq",
                        "%s", why);
    }
    self->told_down = TRUE;
    self->ready = FALSE;
    mcp_timer_clear(&self->look);
    if (self->link != NULL)
        blame_first(self);
    g_clear_pointer(&self->link, mcp_openwire_link_free);
    for (guint i = 0; i < self->n_lanes; i++)
        mcp_activemq_lane_all_again(self->lanes[i]);
    self->broker++;
}

static void
on_retry(gpointer user_data)
{
    McpActivemqPublisher *self = user_data;

    mcp_timer_clear(&self->retry);
    connect_next(self);
}

/* The others of the list are tried at once, then all of them again after a while. */
static void
arm_retry(McpActivemqPublisher *self)
{
    gboolean round = self->broker % self->config->brokers->len == 0;
    gint64 wait =
        round ? mcp_backoff_next(&self->backoff, FIRST_RETRY, self->config->longest_retry) : 0;

    mcp_timer_clear(&self->retry);
    self->retry = mcp_clock_after(self->clock, NULL, wait, on_retry, self);
}

static void
on_closed(McpOpenwireLink *link, const GError *error, gpointer user_data)
{
    McpActivemqPublisher *self = user_data;

    lost(self, error->message);
    arm_retry(self);
}

static void
on_ready(McpOpenwireLink *link, gpointer user_data)
{
    McpActivemqPublisher *self = user_data;

    self->ready = TRUE;
    mcp_backoff_reset(&self->backoff);
    mcp_metrics_set(self->metrics, MCP_ACTIVEMQ_METRIC_CONNECTED, 0, 1);
    mcp_dependency_set(self->dependency, MCP_HEALTH_UP, NULL);
    mcp_log_info("broker-up", NULL, "%s takes records", mcp_openwire_link_get_remote(link));
    if (self->told_down)
        mcp_alert_raise(mcp_host_get_events(self->host), MCP_ALERT_PEER_UP, NULL, "activemq",
                        "%s takes records", mcp_openwire_link_get_remote(link));
    self->told_down = FALSE;
    arm_look(self);
    fill(self);
}

/* A broker that keeps the connection and says nothing is left. */
static void
on_look(gpointer user_data)
{
    McpActivemqPublisher *self = user_data;
    gint64 late = mcp_clock_now(self->clock) - self->config->response_timeout;

    mcp_timer_clear(&self->look);
    for (guint i = 0; i < self->n_lanes; i++) {
        const McpActivemqFlight *first = mcp_activemq_lane_get_first(self->lanes[i]);

        if (first == NULL || first->sent > late)
            continue;
        lost(self, "the broker acknowledges nothing");
        arm_retry(self);
        return;
    }
    fill(self);
    arm_look(self);
}

static void
connect_next(McpActivemqPublisher *self)
{
    static const McpOpenwireLinkEvents events = {on_ready, on_answered, on_closed};
    g_autoptr(GError) error = NULL;

    self->link = mcp_activemq_broker_connect(self->host, self->config, self->broker,
                                             self->connection, &events, self, &error);
    if (self->link == NULL) {
        lost(self, error != NULL ? error->message : "no connection");
        arm_retry(self);
    }
}

McpActivemqPublisher *
mcp_activemq_publisher_new(McpHost *host, const McpActivemqConfig *config)
{
    McpActivemqPublisher *self = g_new0(McpActivemqPublisher, 1);

    self->host = host;
    self->clock = g_object_ref(mcp_host_get_clock(host));
    self->metrics = mcp_host_get_metrics(host);
    self->config = config;
    self->dependency = mcp_host_add_dependency(host, "activemq", MCP_NEED_OPTIONAL);
    return self;
}

void
mcp_activemq_publisher_free(McpActivemqPublisher *publisher)
{
    mcp_timer_clear(&publisher->retry);
    mcp_timer_clear(&publisher->look);
    mcp_dependency_free(publisher->dependency);
    g_clear_pointer(&publisher->link, mcp_openwire_link_free);
    for (guint i = 0; i < publisher->n_lanes; i++)
        mcp_activemq_lane_free(publisher->lanes[i]);
    g_object_unref(publisher->clock);
    g_free(publisher->connection);
    g_free(publisher);
}

void
mcp_activemq_publisher_add(McpActivemqPublisher *publisher, McpSpool *spool)
{
    g_return_if_fail(publisher->n_lanes < MCP_ACTIVEMQ_SPOOLS);
    publisher->lanes[publisher->n_lanes++] =
        mcp_activemq_lane_new(spool, publisher->clock, on_lane, publisher);
}

void
mcp_activemq_publisher_wake(McpActivemqPublisher *publisher, McpSpool *spool)
{
    guint64 identity = mcp_spool_get_identity(spool);

    /* Until the first spool is open nobody knows by what name to connect. */
    if (publisher->connection == NULL && publisher->n_lanes > 0 && identity != 0 &&
        mcp_activemq_lane_get_spool(publisher->lanes[0]) == spool) {
        publisher->connection = g_strdup_printf("ID:mcp-%016" G_GINT64_MODIFIER "x", identity);
        connect_next(publisher);
    }
    for (guint i = 0; i < publisher->n_lanes; i++)
        if (mcp_activemq_lane_get_spool(publisher->lanes[i]) == spool)
            mcp_activemq_lane_wake(publisher->lanes[i]);
}

void
mcp_activemq_publisher_configure(McpActivemqPublisher *publisher, const McpActivemqConfig *config)
{
    gboolean stays = publisher->ready && mcp_activemq_config_is_same_way(publisher->config, config);

    publisher->config = config;
    if (publisher->connection == NULL || stays)
        return;
    publisher->broker = 0;
    publisher->ready = FALSE;
    mcp_timer_clear(&publisher->look);
    g_clear_pointer(&publisher->link, mcp_openwire_link_free);
    for (guint i = 0; i < publisher->n_lanes; i++)
        mcp_activemq_lane_all_again(publisher->lanes[i]);
    /* What was wrong may be right now. */
    mcp_backoff_reset(&publisher->backoff);
    mcp_timer_clear(&publisher->retry);
    publisher->retry = mcp_clock_after(publisher->clock, NULL, 0, on_retry, publisher);
}
