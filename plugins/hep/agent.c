/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the inbox by way of the dialogs into a queue, and from there to a server: which one, when
 * the next try is, what is dropped. Control context, but for mcp_hep_agent_put().
 */
#include "agent.h"

#include <mcp/alert.h>
#include <mcp/breaker.h>
#include <mcp/log.h>
#include <string.h>
#include <tls/tls_client.h>

#include "dialogs.h"
#include "inbox.h"
#include "link.h"
#include "packet.h"
#include "rtcp_report.h"

#define FIRST_RETRY (500 * G_TIME_SPAN_MILLISECOND)
#define LONGEST_RETRY (4 * G_TIME_SPAN_SECOND)
/* A server that was there for so long is a new one when it fails: its back-off begins anew. */
#define STABLE (10 * G_TIME_SPAN_SECOND)
/* What one turn of the context does, so that it keeps nobody else waiting. */
#define TURN 64
/* Packets are not worth a turn of the context each: after some the next ones wait for so long. */
#define REST (50 * G_TIME_SPAN_MILLISECOND)

struct _McpHepAgent {
    McpHost *host;
    McpClock *clock;
    McpMetrics *metrics;
    McpDependency *dependency;
    McpHepConfig *config;
    McpHepInbox *inbox;
    McpHepDialogs *dialogs;
    GQueue out;       /* McpHepItem, the oldest first */
    gsize bytes;      /* of them and of what waits for its call */
    McpTimer *expiry; /* of what waits for its call */
    McpTimer *rest;   /* of the inbox */
    GByteArray *packet;
    McpHepLink *link; /* nullable */
    gboolean ready;
    gboolean told_down;
    gint64 up_since;
    guint attempts;
    McpBackoff backoff;
    McpTimer *retry;
};

static void connect_next(McpHepAgent *self);

static void
count(McpHepAgent *self, guint row, McpHepKind kind)
{
    if (kind < MCP_HEP_KINDS)
        mcp_metrics_add(self->metrics, row, kind, 1);
}

/* --- packets --- */

static McpHepType
type_of(McpHepKind kind)
{
    static const McpHepType types[MCP_HEP_KINDS] = {MCP_HEP_TYPE_SIP, MCP_HEP_TYPE_RTCP,
                                                    MCP_HEP_TYPE_LOG};

    return types[kind];
}

/* FALSE: there is nothing to be sent of it. */
static gboolean
write_packet(McpHepAgent *self, const McpHepItem *item)
{
    g_autofree char *report = NULL;
    McpTraceEnd local;
    McpTraceEnd remote;
    McpHepPacket packet = {
        .type = type_of(item->kind),
        .from = item->has_ends ? &item->from : &local,
        .to = item->has_ends ? &item->to : &remote,
        .stream = item->stream,
        .wall = item->wall,
        .agent = self->config->agent,
        .key = self->config->key,
        .correlation = mcp_hep_item_get_correlation(item),
        .payload = item->payload,
        .length = item->length,
    };

    if (item->kind == MCP_HEP_RTCP) {
        report = mcp_hep_rtcp_report((const guint8 *)item->payload, item->length);
        if (report == NULL)
            return FALSE;
        packet.payload = report;
        packet.length = strlen(report);
    }
    mcp_hep_link_get_ends(self->link, &local, &remote);
    g_byte_array_set_size(self->packet, 0);
    if (!mcp_hep_packet_write(&packet,
                              self->config->transport == MCP_HEP_UDP ? MCP_HEP_DATAGRAM_MAX
                                                                     : MCP_HEP_PACKET_MAX,
                              self->packet))
        count(self, MCP_HEP_METRIC_CUT, item->kind);
    return TRUE;
}

static McpHepSent
send_item(McpHepAgent *self, const McpHepItem *item)
{
    if (!write_packet(self, item))
        return MCP_HEP_LOST;
    return mcp_hep_link_send(self->link, self->packet->data, self->packet->len);
}

/* --- the queue --- */

static void
show_queue(McpHepAgent *self)
{
    mcp_metrics_set(self->metrics, MCP_HEP_METRIC_QUEUE, 0, (gint64)self->bytes);
}

/* @row: of the metric that tells what became of it. */
static void
done(McpHepAgent *self, McpHepItem *item, guint row)
{
    self->bytes -= mcp_hep_item_get_size(item);
    count(self, row, item->kind);
    mcp_hep_item_free(item);
}

/* Up to @most; TRUE when there may be more to send. */
static gboolean
send_some(McpHepAgent *self, guint most)
{
    for (guint i = 0; i < most; i++) {
        McpHepItem *item = NULL;
        McpHepSent sent = MCP_HEP_NOT_NOW;

        if (!self->ready || mcp_hep_link_is_full(self->link) || g_queue_is_empty(&self->out))
            return FALSE;
        item = g_queue_pop_head(&self->out);
        sent = send_item(self, item);
        if (sent == MCP_HEP_NOT_NOW) {
            g_queue_push_head(&self->out, item);
            return FALSE;
        }
        done(self, item, sent == MCP_HEP_SENT ? MCP_HEP_METRIC_SENT : MCP_HEP_METRIC_DROPPED);
    }
    return TRUE;
}

static void
send_turn(McpHepAgent *self)
{
    if (send_some(self, TURN))
        mcp_hep_inbox_wake(self->inbox);
    if (self->link != NULL)
        mcp_hep_link_flush(self->link);
    show_queue(self);
}

/* Of too much the oldest goes; what waits for its call goes out before it would have to. */
static void
make_room(McpHepAgent *self)
{
    while (self->bytes > self->config->queue) {
        McpHepItem *item = g_queue_pop_head(&self->out);

        if (item != NULL)
            done(self, item, MCP_HEP_METRIC_DROPPED);
        else if (!mcp_hep_dialogs_give_up(self->dialogs))
            return;
    }
}

static void
on_expiry(gpointer user_data)
{
    McpHepAgent *self = user_data;
    gint64 now = mcp_clock_now(self->clock);
    gint64 next = mcp_hep_dialogs_expire(self->dialogs, now);

    mcp_timer_clear(&self->expiry);
    if (next > 0)
        self->expiry = mcp_clock_after(self->clock, NULL, MAX(next - now, 0), on_expiry, self);
    send_turn(self);
}

static void
sort(McpHepAgent *self, McpHepItem *item, gint64 now)
{
    if (item->kind == MCP_HEP_DIALOG) {
        mcp_hep_dialogs_learn(self->dialogs, item->dialog, item->call, now);
        mcp_hep_item_free(item);
        return;
    }
    self->bytes += mcp_hep_item_get_size(item);
    if (item->kind == MCP_HEP_SIP && item->dialog != NULL)
        mcp_hep_dialogs_take(self->dialogs, item, now);
    else
        g_queue_push_tail(&self->out, item);
}

static void on_inbox(gpointer user_data);

static void
on_rested(gpointer user_data)
{
    McpHepAgent *self = user_data;

    mcp_timer_clear(&self->rest);
    mcp_hep_inbox_rest(self->inbox, FALSE);
    on_inbox(self);
}

static void
rest(McpHepAgent *self)
{
    if (self->rest != NULL)
        return;
    mcp_hep_inbox_rest(self->inbox, TRUE);
    self->rest = mcp_clock_after(self->clock, NULL, REST, on_rested, self);
}

static void
on_inbox(gpointer user_data)
{
    McpHepAgent *self = user_data;
    gint64 now = mcp_clock_now(self->clock);
    guint taken = 0;

    for (; taken < TURN; taken++) {
        McpHepItem *item = mcp_hep_inbox_take(self->inbox);

        if (item == NULL)
            break;
        sort(self, item, now);
    }
    make_room(self);
    if (self->expiry == NULL)
        on_expiry(self);
    else
        send_turn(self);
    if (taken == TURN)
        mcp_hep_inbox_wake(self->inbox);
    else if (taken > 0)
        rest(self);
}

void
mcp_hep_agent_put(McpHepAgent *agent, McpHepItem *item)
{
    McpHepKind kind = item->kind;

    if (!mcp_hep_inbox_push(agent->inbox, item))
        count(agent, MCP_HEP_METRIC_DROPPED, kind);
}

/* --- servers --- */

static void
lost(McpHepAgent *self, const char *why)
{
    mcp_metrics_add(self->metrics, MCP_HEP_METRIC_FAILURES, 0, 1);
    mcp_metrics_set(self->metrics, MCP_HEP_METRIC_CONNECTED, 0, 0);
    mcp_dependency_set(self->dependency, MCP_HEALTH_DOWN, "nothing is captured: %s", why);
    if (!self->told_down) {
        mcp_log_warning("capture-down", NULL, "no capture server takes packets: %s", why);
        mcp_alert_raise(mcp_host_get_events(self->host), MCP_ALERT_PEER_DOWN, NULL, "hep", "%s",
                        why);
    }
    self->told_down = TRUE;
    if (self->ready && mcp_clock_now(self->clock) - self->up_since >= STABLE)
        mcp_backoff_reset(&self->backoff);
    self->ready = FALSE;
    self->attempts++;
}

static void
on_retry(gpointer user_data)
{
    McpHepAgent *self = user_data;

    mcp_timer_clear(&self->retry);
    connect_next(self);
}

/* The others of the list are tried at once, then all of them again after a while. */
static void
arm_retry(McpHepAgent *self)
{
    gboolean round = self->attempts % self->config->servers->len == 0;
    gint64 wait = round ? mcp_backoff_next(&self->backoff, FIRST_RETRY, LONGEST_RETRY) : 0;

    mcp_timer_clear(&self->retry);
    self->retry = mcp_clock_after(self->clock, NULL, wait, on_retry, self);
}

static void
on_closed(McpHepLink *link, const GError *error, gpointer user_data)
{
    McpHepAgent *self = user_data;

    lost(self, error->message);
    g_clear_pointer(&self->link, mcp_hep_link_free);
    arm_retry(self);
}

/* A log chunk of our own: the other end's host refuses it if nobody is there. */
static void
on_connected(McpHepLink *link, gpointer user_data)
{
    static const char text[] = "mcpd " MCP_VERSION " begins to capture";
    McpHepAgent *self = user_data;
    McpHepItem *item = mcp_hep_item_new(MCP_HEP_LOG, NULL, NULL, text, sizeof text - 1);

    item->wall = mcp_clock_wall(self->clock);
    send_item(self, item);
    mcp_hep_item_free(item);
    mcp_hep_link_flush(link);
}

static void
on_ready(McpHepLink *link, gpointer user_data)
{
    McpHepAgent *self = user_data;
    const char *remote = mcp_hep_link_get_remote(link);

    self->ready = TRUE;
    self->up_since = mcp_clock_now(self->clock);
    mcp_metrics_set(self->metrics, MCP_HEP_METRIC_CONNECTED, 0, 1);
    mcp_dependency_set(self->dependency, MCP_HEALTH_UP, NULL);
    mcp_log_info("capture-up", NULL, "captured packets go to %s", remote);
    if (self->told_down)
        mcp_alert_raise(mcp_host_get_events(self->host), MCP_ALERT_PEER_UP, NULL, "hep",
                        "%s takes packets", remote);
    self->told_down = FALSE;
    send_turn(self);
}

static void
on_writable(McpHepLink *link, gpointer user_data)
{
    send_turn(user_data);
}

static void
connect_next(McpHepAgent *self)
{
    static const McpHepLinkEvents events = {on_connected, on_ready, on_writable, on_closed};
    const GPtrArray *servers = self->config->servers;
    const McpHepServer *server = servers->pdata[self->attempts % servers->len];
    g_autoptr(GError) error = NULL;
    g_autoptr(McpTlsContext) tls = NULL;
    McpHepLinkOptions options = {
        .host = server->host,
        .port = server->port,
        .attempt = self->attempts / servers->len,
        .datagrams = self->config->transport == MCP_HEP_UDP,
    };

    if (self->config->transport == MCP_HEP_TLS) {
        tls = mcp_tls_client_context(self->host, self->config->credentials, &error);
        if (tls == NULL) {
            lost(self, error->message);
            arm_retry(self);
            return;
        }
        options.tls = tls;
    }
    self->link = mcp_hep_link_new(&options, self->clock, &events, self);
}

/* --- life --- */

McpHepAgent *
mcp_hep_agent_new(McpHost *host, McpHepConfig *config, GError **error)
{
    McpHepAgent *self = g_new0(McpHepAgent, 1);

    self->host = host;
    self->clock = g_object_ref(mcp_host_get_clock(host));
    self->metrics = mcp_host_get_metrics(host);
    self->config = config;
    self->packet = g_byte_array_new();
    self->dialogs = mcp_hep_dialogs_new(&self->out);
    self->inbox = mcp_hep_inbox_new(config->queue, on_inbox, self, error);
    if (self->inbox == NULL) {
        mcp_hep_agent_free(self);
        return NULL;
    }
    self->dependency = mcp_host_add_dependency(host, "hep", MCP_NEED_OPTIONAL);
    mcp_dependency_set(self->dependency, MCP_HEALTH_DOWN, "not connected yet");
    connect_next(self);
    return self;
}

static void
send_rest(McpHepAgent *self)
{
    McpHepItem *item = NULL;

    while ((item = mcp_hep_inbox_take(self->inbox)) != NULL)
        sort(self, item, mcp_clock_now(self->clock));
    while (mcp_hep_dialogs_give_up(self->dialogs))
        continue;
    while (send_some(self, TURN))
        continue;
    if (self->link != NULL)
        mcp_hep_link_flush(self->link);
    while ((item = g_queue_pop_head(&self->out)) != NULL)
        done(self, item, MCP_HEP_METRIC_DROPPED);
    show_queue(self);
}

void
mcp_hep_agent_free(McpHepAgent *agent)
{
    if (agent->inbox != NULL)
        send_rest(agent);
    mcp_timer_clear(&agent->expiry);
    mcp_timer_clear(&agent->rest);
    mcp_timer_clear(&agent->retry);
    g_clear_pointer(&agent->link, mcp_hep_link_free);
    g_clear_pointer(&agent->inbox, mcp_hep_inbox_free);
    g_clear_pointer(&agent->dialogs, mcp_hep_dialogs_free);
    g_clear_pointer(&agent->dependency, mcp_dependency_free);
    g_byte_array_unref(agent->packet);
    mcp_hep_config_free(agent->config);
    g_object_unref(agent->clock);
    g_free(agent);
}
