/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent is to be told next, and when: one request at a time, looked at once a second. What
 * the agent has forgotten is told anew; while it does not answer, tries come with a back-off.
 * Control context.
 */
#include "registration.h"

#include <mcp/breaker.h>
#include <mcp/log.h>
#include <string.h>

#define LOOK_INTERVAL G_USEC_PER_SEC
/* So that the platform is there again within 10 s of the agent. */
#define FIRST_PAUSE G_USEC_PER_SEC
#define LONGEST_PAUSE (8 * G_USEC_PER_SEC)
#define UPDATES_A_TTL 3
#define REASON_MAX 160

struct _McpConsulRegistration {
    McpConsulDeps deps;
    McpConsulConfig *config;
    McpPeerHttp *http;
    McpTimer *timer;
    McpBackoff backoff;
    gint64 due;             /* of the next request; clock µs */
    McpHealthState told;    /* what the check says */
    McpHealthState telling; /* what it will say when the request is done */
    McpConsulAction action; /* under way */
    gboolean busy;
    gboolean registered;
    gboolean maintain;   /* wanted */
    gboolean maintained; /* done */
    gboolean ending;
    guint trouble; /* status, 1 without one; 0: all is well */
    McpConsulGone gone;
    gpointer gone_data;
};

static void schedule(McpConsulRegistration *self);
static void tell(McpConsulRegistration *self, McpConsulAction action);

McpPeerHttp *
mcp_consul_registration_get_http(McpConsulRegistration *registration)
{
    return registration->http;
}

static void
registration_free(McpConsulRegistration *self)
{
    McpConsulGone gone = self->gone;
    gpointer gone_data = self->gone_data;

    if (self->deps.metrics != NULL)
        mcp_metrics_set(self->deps.metrics, MCP_CONSUL_METRIC_REGISTERED, 0, 0);
    mcp_timer_clear(&self->timer);
    mcp_peer_http_free(self->http);
    mcp_consul_config_free(self->config);
    g_free(self);
    if (gone != NULL)
        gone(gone_data);
}

static void
set_registered(McpConsulRegistration *self, gboolean registered)
{
    self->registered = registered;
    if (!registered)
        self->maintained = FALSE;
    if (self->deps.metrics != NULL)
        mcp_metrics_set(self->deps.metrics, MCP_CONSUL_METRIC_REGISTERED, 0, registered);
}

static void
count(McpConsulRegistration *self, guint outcome)
{
    if (self->deps.metrics != NULL)
        mcp_metrics_add(self->deps.metrics, MCP_CONSUL_METRIC_REQUESTS, outcome, 1);
}

/* One line when it begins or becomes another one. @trouble: a status, or 1. */
static void
note_trouble(McpConsulRegistration *self, guint trouble, const char *text)
{
    mcp_dependency_set(self->deps.dependency, MCP_HEALTH_DOWN, "%s", text);
    if (self->trouble != trouble)
        mcp_log_warning("consul-down", NULL, "the agent is not informed: %s", text);
    self->trouble = trouble;
    self->due = mcp_clock_now(self->deps.clock) +
                mcp_backoff_next(&self->backoff, FIRST_PAUSE, LONGEST_PAUSE);
}

static void
note_success(McpConsulRegistration *self)
{
    mcp_dependency_set(self->deps.dependency, MCP_HEALTH_UP, NULL);
    mcp_backoff_reset(&self->backoff);
    if (self->trouble != 0)
        mcp_log_info("consul-up", NULL, "the agent %s is informed again",
                     mcp_peer_http_get_url(self->http));
    self->trouble = 0;
}

/* First line of what the agent says, without what could disturb a log. */
static char *
reason_of(const McpPeerAnswer *answer)
{
    gsize size = 0;
    const char *text = g_bytes_get_data(answer->body, &size);
    gsize length = 0;

    while (length < MIN(size, REASON_MAX) && g_ascii_isprint(text[length]))
        length++;
    return g_strndup(text, length);
}

static void
on_done(McpConsulRegistration *self)
{
    gint64 now = mcp_clock_now(self->deps.clock);

    count(self, 0);
    self->due = now;
    switch (self->action) {
    case MCP_CONSUL_REGISTER:
        mcp_log_info("consul-registered", NULL, "registered as %s (%s) with %s", self->config->id,
                     self->config->service, mcp_peer_http_get_url(self->http));
        set_registered(self, TRUE);
        break;
    case MCP_CONSUL_UPDATE:
        self->told = self->telling;
        self->due = now + self->config->ttl / UPDATES_A_TTL;
        break;
    case MCP_CONSUL_MAINTAIN:
        mcp_log_info("consul-maintenance", NULL, "%s is in maintenance", self->config->id);
        self->maintained = TRUE;
        break;
    case MCP_CONSUL_DEREGISTER:
        mcp_log_info("consul-deregistered", NULL, "%s is deregistered", self->config->id);
        break;
    }
    note_success(self);
}

/* 404, and 500 of agents before 1.11: it has started anew and knows nothing of us. */
static gboolean
is_forgotten(const McpConsulRegistration *self, guint status)
{
    return self->registered && self->action != MCP_CONSUL_DEREGISTER &&
           (status == 404 || (status == 500 && self->action == MCP_CONSUL_UPDATE));
}

static void
on_refused(McpConsulRegistration *self, const McpPeerAnswer *answer)
{
    g_autofree char *reason = reason_of(answer);
    g_autofree char *text = g_strdup_printf("%s answers %u%s%s", mcp_peer_http_get_url(self->http),
                                            answer->status, *reason != '\0' ? ": " : "", reason);

    count(self, 1);
    if (is_forgotten(self, answer->status)) {
        mcp_log_info("consul-forgotten", NULL, "the agent does not know %s any more",
                     self->config->id);
        set_registered(self, FALSE);
        self->due = mcp_clock_now(self->deps.clock);
        return;
    }
    if (self->action == MCP_CONSUL_REGISTER)
        set_registered(self, FALSE);
    note_trouble(self, answer->status, text);
}

static void
on_answer(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpConsulRegistration *self = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpPeerAnswer) answer = mcp_peer_http_send_finish(result, &error);

    self->busy = FALSE;
    if (answer == NULL) {
        count(self, 2);
        note_trouble(self, 1, error->message);
    } else if (answer->status == 200) {
        on_done(self);
    } else {
        on_refused(self, answer);
    }
    if (!self->ending)
        schedule(self);
    else if (self->action == MCP_CONSUL_DEREGISTER || !self->registered)
        registration_free(self);
    else
        tell(self, MCP_CONSUL_DEREGISTER);
}

static void
tell(McpConsulRegistration *self, McpConsulAction action)
{
    McpConsulRequest request;
    McpHealthState health = MCP_HEALTH_UP;
    g_autofree char *output = self->deps.look(&health, self->deps.user_data);
    McpConsulState state = {health, output};

    self->busy = TRUE;
    self->action = action;
    self->telling = health;
    mcp_consul_request_init(&request, self->config, action, &state);
    mcp_peer_http_send_async(
        self->http,
        &(McpPeerRequest){.method = "PUT",
                          .path = request.path,
                          .headers = request.headers[0] != NULL ? request.headers : NULL,
                          .body = request.body},
        NULL, on_answer, self);
    mcp_consul_request_clear(&request);
}

static gboolean
has_changed(McpConsulRegistration *self)
{
    McpHealthState health = MCP_HEALTH_UP;
    g_autofree char *output = self->deps.look(&health, self->deps.user_data);

    return health != self->told;
}

static void
on_time(gpointer user_data)
{
    McpConsulRegistration *self = user_data;
    gboolean due = mcp_clock_now(self->deps.clock) >= self->due;

    mcp_timer_clear(&self->timer);
    if (self->trouble != 0 && !due)
        schedule(self);
    else if (!self->registered)
        tell(self, MCP_CONSUL_REGISTER);
    else if (self->maintain && !self->maintained)
        tell(self, MCP_CONSUL_MAINTAIN);
    else if (due || has_changed(self))
        tell(self, MCP_CONSUL_UPDATE);
    else
        schedule(self);
}

static void
schedule(McpConsulRegistration *self)
{
    gint64 wait = self->due - mcp_clock_now(self->deps.clock);

    mcp_timer_clear(&self->timer);
    self->timer =
        mcp_clock_after(self->deps.clock, NULL, CLAMP(wait, 0, LOOK_INTERVAL), on_time, self);
}

McpConsulRegistration *
mcp_consul_registration_new(const McpConsulDeps *deps, McpConsulConfig *config, McpPeerHttp *http)
{
    McpConsulRegistration *self = g_new0(McpConsulRegistration, 1);

    self->deps = *deps;
    self->config = config;
    self->http = http;
    schedule(self);
    return self;
}

void
mcp_consul_registration_maintain(McpConsulRegistration *registration)
{
    registration->maintain = TRUE;
    if (!registration->busy && !registration->ending && registration->trouble == 0) {
        registration->due = mcp_clock_now(registration->deps.clock);
        schedule(registration);
    }
}

void
mcp_consul_registration_end(McpConsulRegistration *registration, McpConsulGone gone,
                            gpointer user_data)
{
    registration->ending = TRUE;
    registration->gone = gone;
    registration->gone_data = user_data;
    mcp_timer_clear(&registration->timer);
    /* What is under way ends first: an update behind it would be refused. */
    if (registration->busy)
        return;
    if (registration->registered)
        tell(registration, MCP_CONSUL_DEREGISTER);
    else
        registration_free(registration);
}
