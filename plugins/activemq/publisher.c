/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the spools to a broker: which broker, what is on its way, what becomes of refusals. A record
 * keeps its message id for ever, made of the spool's identity and its sequence. Control context.
 */
#include "publisher.h"

#include <mcp/alert.h>
#include <mcp/breaker.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>
#include <tls/tls_client.h>

#include "lane.h"

#define FIRST_RETRY (500 * G_TIME_SPAN_MILLISECOND)
#define LOOK (G_USEC_PER_SEC)
/* A record is poison when it was refused so often while others were taken. */
#define POISON_REFUSALS 3
#define SESSION 1
#define TURN 8

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
    gboolean ready;
    gboolean told_down;
    McpBackoff backoff;
    McpBackoff refusal_backoff;
    McpTimer *retry; /* to connect */
    McpTimer *pause; /* of refusals: nothing is sent meanwhile */
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

static void
send_flight(McpActivemqPublisher *self, McpActivemqLane *lane, McpActivemqFlight *flight)
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
        .topic = destination->topic,
        .destination = destination->name,
        .type = part(parts, 0),
        .timestamp = record->wall / 1000,
        .content = content,
        .compressed = (record->flags & MCP_SPOOL_DEFLATED) != 0,
        .properties = properties,
        .n_properties = G_N_ELEMENTS(properties),
    };

    mcp_metrics_add(self->metrics,
                    flight->sent_before ? MCP_ACTIVEMQ_METRIC_RESENT : MCP_ACTIVEMQ_METRIC_SENT, 0,
                    1);
    mcp_activemq_lane_sent(lane, flight, mcp_openwire_link_send(self->link, &message),
                           mcp_clock_now(self->clock));
}

/* Up to @most of one spool; TRUE when there was one. */
static gboolean
fill_from(McpActivemqPublisher *self, McpActivemqLane *lane, guint most)
{
    McpActivemqFlight *flight = NULL;
    guint n = 0;

    for (; n < most && on_way(self) < self->config->window; n++) {
        flight = mcp_activemq_lane_next(lane);
        if (flight == NULL)
            break;
        send_flight(self, lane, flight);
    }
    return n > 0;
}

/* The first spool has most turns, but keeps nobody from his. */
static void
fill(McpActivemqPublisher *self)
{
    gboolean sent = TRUE;

    while (sent && self->ready && self->pause == NULL && on_way(self) < self->config->window) {
        sent = FALSE;
        for (guint i = 0; i < self->n_lanes; i++)
            sent |= fill_from(self, self->lanes[i], TURN >> i);
    }
    mcp_metrics_set(self->metrics, MCP_ACTIVEMQ_METRIC_WAITING, 0, on_way(self));
}

static void
on_lane(gpointer user_data)
{
    fill(user_data);
}

/* --- what the broker says --- */

static gboolean
is_poison(const McpActivemqPublisher *self, McpActivemqFlight *flight, const char *class_)
{
    static const char *const plain[] = {"javax.jms.MessageFormatException",
                                        "javax.jms.InvalidDestinationException", NULL};
    gboolean others = self->taken > flight->taken_at_refusal;

    if (g_strv_contains(plain, class_))
        return TRUE;
    /* Rights and space are the broker's own affair: they come back. */
    if (strstr(class_, "Security") != NULL || strstr(class_, "ResourceAllocation") != NULL)
        return FALSE;
    flight->refusals = flight->refusals == 0 || others ? flight->refusals + 1 : flight->refusals;
    flight->taken_at_refusal = self->taken;
    return flight->refusals > POISON_REFUSALS;
}

static void
on_pause_over(gpointer user_data)
{
    McpActivemqPublisher *self = user_data;

    mcp_timer_clear(&self->pause);
    fill(self);
}

static void
refused(McpActivemqPublisher *self, McpActivemqLane *lane, McpActivemqFlight *flight,
        const char *class_, const char *text)
{
    g_autofree char *id = record_id(flight->record);

    mcp_metrics_add(self->metrics, MCP_ACTIVEMQ_METRIC_REFUSED, 0, 1);
    if (is_poison(self, flight, class_)) {
        mcp_log_error("record-refused", NULL, "%s: record %s is refused for good: %s", class_, id,
                      text);
        mcp_spool_quarantine(mcp_activemq_lane_get_spool(lane), flight->record, text);
        mcp_activemq_lane_done(lane, flight);
        return;
    }
    if (self->refusal_backoff.tries == 0)
        mcp_log_warning("broker-refuses", NULL, "%s refuses records, which wait: %s: %s",
                        mcp_openwire_link_get_remote(self->link), class_, text);
    mcp_activemq_lane_again(lane, flight);
    if (self->pause == NULL)
        self->pause = mcp_clock_after(
            self->clock, NULL,
            mcp_backoff_next(&self->refusal_backoff, FIRST_RETRY, self->config->longest_retry),
            on_pause_over, self);
}

static void
taken(McpActivemqPublisher *self, McpActivemqLane *lane, McpActivemqFlight *flight)
{
    self->taken++;
    if (self->refusal_backoff.tries > 0 && self->pause == NULL)
        mcp_log_info("broker-takes", NULL, "%s takes records again",
                     mcp_openwire_link_get_remote(self->link));
    if (self->pause == NULL)
        mcp_backoff_reset(&self->refusal_backoff);
    mcp_activemq_lane_done(lane, flight);
}

static void
on_answered(McpOpenwireLink *link, gint32 command, const char *class_, const char *text,
            gpointer user_data)
{
    McpActivemqPublisher *self = user_data;

    for (guint i = 0; i < self->n_lanes; i++) {
        McpActivemqFlight *flight = mcp_activemq_lane_find(self->lanes[i], command);

        if (flight == NULL)
            continue;
        if (class_ != NULL)
            refused(self, self->lanes[i], flight, class_, text);
        else
            taken(self, self->lanes[i], flight);
        break;
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

static void
lost(McpActivemqPublisher *self, const char *why)
{
    mcp_metrics_add(self->metrics, MCP_ACTIVEMQ_METRIC_FAILURES, 0, 1);
    mcp_metrics_set(self->metrics, MCP_ACTIVEMQ_METRIC_CONNECTED, 0, 0);
    if (!self->told_down) {
        mcp_log_warning("broker-down", NULL, "no broker takes records, which wait: %s", why);
        mcp_alert_raise(mcp_host_get_events(self->host), MCP_ALERT_PEER_DOWN, NULL, "activemq",
                        "%s", why);
    }
    self->told_down = TRUE;
    self->ready = FALSE;
    mcp_timer_clear(&self->look);
    mcp_timer_clear(&self->pause);
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
    g_clear_pointer(&self->link, mcp_openwire_link_free);
    arm_retry(self);
}

static void
on_ready(McpOpenwireLink *link, gpointer user_data)
{
    McpActivemqPublisher *self = user_data;

    self->ready = TRUE;
    mcp_backoff_reset(&self->backoff);
    mcp_metrics_set(self->metrics, MCP_ACTIVEMQ_METRIC_CONNECTED, 0, 1);
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
        gint64 oldest = mcp_activemq_lane_get_oldest(self->lanes[i]);

        if (oldest == 0 || oldest > late)
            continue;
        lost(self, "the broker acknowledges nothing");
        g_clear_pointer(&self->link, mcp_openwire_link_free);
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
    const McpActivemqConfig *config = self->config;
    const McpActivemqBroker *broker = config->brokers->pdata[self->broker % config->brokers->len];
    g_autoptr(GError) error = NULL;
    g_autoptr(McpTlsContext) tls =
        broker->tls ? mcp_tls_client_context(self->host, config->credentials, &error) : NULL;
    const McpOpenwireLinkOptions options = {
        .host = broker->host,
        .port = broker->port,
        .tls = tls,
        .connection = self->connection,
        .user = config->user,
        .password = config->password,
        .timeout = config->connect_timeout,
        .inactivity = config->inactivity,
    };

    if (broker->tls && tls == NULL) {
        lost(self, error->message);
        arm_retry(self);
        return;
    }
    self->link = mcp_openwire_link_new(&options, self->clock, &events, self);
}

McpActivemqPublisher *
mcp_activemq_publisher_new(McpHost *host, const McpActivemqConfig *config)
{
    McpActivemqPublisher *self = g_new0(McpActivemqPublisher, 1);

    self->host = host;
    self->clock = g_object_ref(mcp_host_get_clock(host));
    self->metrics = mcp_host_get_metrics(host);
    self->config = config;
    return self;
}

void
mcp_activemq_publisher_free(McpActivemqPublisher *publisher)
{
    mcp_timer_clear(&publisher->retry);
    mcp_timer_clear(&publisher->pause);
    mcp_timer_clear(&publisher->look);
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
    publisher->lanes[publisher->n_lanes++] = mcp_activemq_lane_new(spool, on_lane, publisher);
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
    publisher->config = config;
    publisher->broker = 0;
    if (publisher->connection == NULL)
        return;
    publisher->ready = FALSE;
    mcp_timer_clear(&publisher->look);
    mcp_timer_clear(&publisher->pause);
    g_clear_pointer(&publisher->link, mcp_openwire_link_free);
    for (guint i = 0; i < publisher->n_lanes; i++)
        mcp_activemq_lane_all_again(publisher->lanes[i]);
    mcp_backoff_reset(&publisher->backoff);
    arm_retry(publisher);
}
