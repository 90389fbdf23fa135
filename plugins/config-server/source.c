/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server has said and what of it is in force: at start asked for on a context of its own
 * before anything runs, then looked after on the control context.
 */
#include "source.h"

#include "copies.h"
#include "keep.h"
#include "properties.h"
#include "recipients.h"
#include "round.h"

#include <mcp/breaker.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

/* So that the server is heard again within 10 s of its return. */
#define FIRST_PAUSE G_USEC_PER_SEC
#define LONGEST_PAUSE (4 * G_USEC_PER_SEC)

enum { LOOK_UNCHANGED, LOOK_TAKEN, LOOK_REFUSED, LOOK_FAILED };

struct _McpConfigServerSource {
    McpHost *host;
    McpConfigServerConfig *config;
    McpRecipients *recipients;
    McpDependency *dependency; /* nullable: not started */
    McpPeerHttp *http;         /* nullable: stopped */
    GCancellable *cancellable;
    McpTimer *timer;
    McpBackoff backoff;
    char *copy;           /* name of the copy */
    GPtrArray *values;    /* nullable: in force */
    GBytes *body;         /* nullable: of them */
    GPtrArray *candidate; /* nullable: a reload tries them */
    GBytes *candidate_body;
    char *etag;      /* nullable: of the last answer */
    char *refused;   /* nullable: checksum of a body that was no good */
    char *why;       /* nullable: why */
    gboolean away;   /* said so */
    gboolean fresh;  /* @values came from the server, and no copy has them yet */
    gboolean copied; /* the copy has been read */
};

static void schedule(McpConfigServerSource *self, gint64 wait);

McpConfigServerSource *
mcp_config_server_source_new(McpHost *host, McpConfigServerConfig *config)
{
    McpConfigServerSource *source = g_new0(McpConfigServerSource, 1);

    source->host = host;
    source->config = config;
    source->recipients = mcp_recipients_new(host, config);
    source->cancellable = g_cancellable_new();
    source->copy = g_strconcat(config->copy_id, ".json", NULL);
    return source;
}

void
mcp_config_server_source_free(McpConfigServerSource *source)
{
    mcp_config_server_source_stop(source);
    g_clear_pointer(&source->dependency, mcp_dependency_free);
    mcp_recipients_free(source->recipients);
    mcp_config_server_config_free(source->config);
    g_object_unref(source->cancellable);
    g_clear_pointer(&source->values, g_ptr_array_unref);
    g_clear_pointer(&source->body, g_bytes_unref);
    g_clear_pointer(&source->candidate, g_ptr_array_unref);
    g_clear_pointer(&source->candidate_body, g_bytes_unref);
    g_free(source->copy);
    g_free(source->etag);
    g_free(source->refused);
    g_free(source->why);
    g_free(source);
}

/* --- the client --- */

static GBytes *
read_pem(const char *first, const char *second, GError **error)
{
    g_autoptr(GString) pem = g_string_new(NULL);
    const char *const files[] = {first, second};

    for (guint i = 0; i < G_N_ELEMENTS(files) && files[i] != NULL; i++) {
        g_autofree char *text = NULL;
        gsize length = 0;

        if (!g_file_get_contents(files[i], &text, &length, error))
            return NULL;
        g_string_append_len(pem, text, (gssize)length);
        explicit_bzero(text, length);
    }
    return g_string_free_to_bytes(g_steal_pointer(&pem));
}

static gboolean
set_up_tls(McpPeerHttp *http, const McpConfigServerConfig *config, GError **error)
{
    g_autoptr(GBytes) authorities = NULL;
    g_autoptr(GBytes) certificate = NULL;

    if (config->ca_file != NULL) {
        authorities = read_pem(config->ca_file, NULL, error);
        if (authorities == NULL)
            return FALSE;
    }
    if (config->certificate_file != NULL) {
        certificate = read_pem(config->certificate_file, config->key_file, error);
        if (certificate == NULL)
            return FALSE;
    }
    return (authorities == NULL && certificate == NULL) ||
           mcp_peer_http_set_tls(http, authorities, certificate, error);
}

static McpPeerHttp *
make_http(McpConfigServerSource *self, GError **error)
{
    McpPeerHttp *http = mcp_peer_http_new(mcp_host_get_clock(self->host), self->config->url,
                                          self->config->timeout, MCP_PROPERTIES_BODY_MAX);

    if (!set_up_tls(http, self->config, error))
        g_clear_pointer(&http, mcp_peer_http_free);
    return http;
}

static GPtrArray *
make_items(McpConfigServerSource *self)
{
    GPtrArray *items = mcp_round_items_new();

    g_ptr_array_add(items, mcp_round_item_new(self->config->path, "application/json",
                                              MCP_PROPERTIES_BODY_MAX, self->etag));
    mcp_recipients_add_items(self->recipients, items);
    return items;
}

/* --- at start --- */

typedef struct {
    GPtrArray *items;
    GCancellable *cancellable;
    McpTimer *timer;
} FirstRound;

static void
on_first_round(GPtrArray *items, gpointer user_data)
{
    ((FirstRound *)user_data)->items = items;
}

static void
on_start_timeout(gpointer user_data)
{
    FirstRound *first = user_data;

    mcp_timer_clear(&first->timer);
    g_cancellable_cancel(first->cancellable);
}

/* (transfer full) (nullable): all answers, on a context that exists for them alone. */
static GPtrArray *
ask_and_wait(McpConfigServerSource *self, GError **error)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    FirstRound first = {.cancellable = self->cancellable};
    McpPeerHttp *http;

    g_main_context_push_thread_default(context);
    http = make_http(self, error);
    if (http != NULL) {
        first.timer = mcp_clock_after(mcp_host_get_clock(self->host), context,
                                      self->config->start_timeout, on_start_timeout, &first);
        mcp_round_start(http, self->config->authorization, make_items(self), self->cancellable,
                        on_first_round, &first);
        while (first.items == NULL)
            g_main_context_iteration(context, TRUE);
        mcp_timer_clear(&first.timer);
        mcp_peer_http_free(http);
    }
    while (g_main_context_iteration(context, FALSE))
        ;
    g_main_context_pop_thread_default(context);
    /* It may have been cancelled, and is wanted again. */
    g_object_unref(self->cancellable);
    self->cancellable = g_cancellable_new();
    return first.items;
}

static GPtrArray *
parse(McpConfigServerSource *self, GBytes *body, GError **error)
{
    return mcp_properties_read(body, self->config->application, self->config->prefix, error);
}

static void
put_in_force(McpConfigServerSource *self, GPtrArray *values, GBytes *body)
{
    g_clear_pointer(&self->values, g_ptr_array_unref);
    g_clear_pointer(&self->body, g_bytes_unref);
    self->values = values;
    self->body = g_bytes_ref(body);
}

/* (transfer full) (nullable): the values of the last good copy. */
static GPtrArray *
read_copy(McpConfigServerSource *self, GBytes **out_body)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) body = NULL;
    GPtrArray *values = NULL;

    self->copied = TRUE;
    body = mcp_copy_read(self->config->directory, self->copy, MCP_PROPERTIES_BODY_MAX, &error);
    if (body != NULL)
        values = parse(self, body, &error);
    if (values != NULL)
        *out_body = g_steal_pointer(&body);
    else if (!g_error_matches(error, MCP_ERROR, MCP_ERROR_NOT_FOUND))
        mcp_log_warning("config-copy", NULL, "the last good copy is no good: %s", error->message);
    return values;
}

static void
use_copy(McpConfigServerSource *self, const GError *why)
{
    g_autoptr(GBytes) body = NULL;
    GPtrArray *values = read_copy(self, &body);

    mcp_log_warning("config-server-down", NULL, "%s; %s", why->message,
                    values != NULL ? "the last good copy of its settings counts"
                                   : "no copy of its settings is here: files alone count");
    self->away = TRUE;
    if (values != NULL)
        put_in_force(self, values, body);
}

static void
note_refused(McpConfigServerSource *self, GBytes *body, const char *why)
{
    g_free(self->refused);
    g_free(self->why);
    self->refused = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, body);
    self->why = g_strdup(why);
}

static void
forget_refused(McpConfigServerSource *self)
{
    g_clear_pointer(&self->refused, g_free);
    g_clear_pointer(&self->why, g_free);
}

/* What is no settings at all is refused here; what does not fit is refused by the core. */
static gboolean
take_first(McpConfigServerSource *self, const McpRoundItem *item, GError **error)
{
    g_autoptr(GError) why = NULL;
    GPtrArray *values = NULL;

    if (item->outcome != MCP_ROUND_NEW) {
        if (g_error_matches(item->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
            why = g_error_new(MCP_ERROR, MCP_ERROR_TIMEOUT, "%s: nothing within %.1f s",
                              self->config->url,
                              (double)self->config->start_timeout / G_USEC_PER_SEC);
        use_copy(self, why != NULL ? why : item->error);
        return TRUE;
    }
    values = parse(self, item->body, &why);
    if (values == NULL) {
        note_refused(self, item->body, why->message);
        g_propagate_error(error, g_steal_pointer(&why));
        return FALSE;
    }
    mcp_log_info("config-server", NULL, "%u settings from %s", values->len, self->config->url);
    put_in_force(self, values, item->body);
    g_free(self->etag);
    self->etag = g_strdup(item->etag);
    self->fresh = TRUE;
    return TRUE;
}

static GPtrArray *
ref_values(GPtrArray *values)
{
    return values != NULL ? g_ptr_array_ref(values) : NULL;
}

GPtrArray *
mcp_config_server_source_read(McpConfigServerSource *source, GError **error)
{
    g_autoptr(GPtrArray) items = NULL;
    gboolean good;

    mcp_recipients_read_copies(source->recipients);
    items = ask_and_wait(source, error);
    if (items == NULL)
        return NULL;
    good = take_first(source, g_ptr_array_index(items, 0), error);
    mcp_recipients_take(source->recipients, items, 1);
    return good ? ref_values(source->values) : NULL;
}

GPtrArray *
mcp_config_server_source_fall_back(McpConfigServerSource *source)
{
    g_autoptr(GBytes) body = NULL;
    GPtrArray *values = NULL;

    if (source->copied)
        return NULL;
    values = read_copy(source, &body);
    if (values == NULL)
        return NULL;
    if (source->body != NULL)
        note_refused(source, source->body, "what it says is refused, see the log");
    put_in_force(source, values, body);
    source->fresh = FALSE;
    return ref_values(source->values);
}

GPtrArray *
mcp_config_server_source_get(McpConfigServerSource *source)
{
    return ref_values(source->candidate != NULL ? source->candidate : source->values);
}

McpCertificates *
mcp_config_server_source_get_certificates(McpConfigServerSource *source, const char *name,
                                          GError **error)
{
    return mcp_recipients_get(source->recipients, name, error);
}

/* --- from then on --- */

static void
count(McpConfigServerSource *self, guint outcome)
{
    mcp_metrics_add(mcp_host_get_metrics(self->host), MCP_CONFIG_SERVER_METRIC_LOOKS, outcome, 1);
}

static void
on_reloaded(const GError *error, gpointer user_data)
{
    McpConfigServerSource *self = user_data;
    g_autoptr(GPtrArray) values = g_steal_pointer(&self->candidate);
    g_autoptr(GBytes) body = g_steal_pointer(&self->candidate_body);

    if (error != NULL) {
        mcp_log_error("config-server-refused", NULL,
                      "new settings of %s are refused, those before stay", self->config->url);
        note_refused(self, body, "new settings are refused, see the log");
        count(self, LOOK_REFUSED);
        return;
    }
    mcp_log_info("config-server", NULL, "%u settings from %s are in force", values->len,
                 self->config->url);
    put_in_force(self, g_steal_pointer(&values), body);
    forget_refused(self);
    mcp_keep(self->host, self->config->directory, self->copy, body);
    count(self, LOOK_TAKEN);
}

static void
attempt(McpConfigServerSource *self, GBytes *body)
{
    g_autofree char *checksum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, body);
    g_autoptr(GError) error = NULL;
    GPtrArray *values;
    gboolean old = self->body != NULL && g_bytes_equal(self->body, body);

    if (old)
        forget_refused(self);
    if (old || g_strcmp0(checksum, self->refused) == 0) {
        count(self, LOOK_UNCHANGED);
        return;
    }
    values = parse(self, body, &error);
    if (values == NULL) {
        mcp_log_error("config-server-refused", NULL, "%s; the settings before stay",
                      error->message);
        note_refused(self, body, error->message);
        count(self, LOOK_REFUSED);
        return;
    }
    self->candidate = values;
    self->candidate_body = g_bytes_ref(body);
    mcp_host_reload(self->host, on_reloaded, self);
}

static void
note_away(McpConfigServerSource *self, const GError *error)
{
    mcp_dependency_set(self->dependency, MCP_HEALTH_DOWN, "%s", error->message);
    if (!self->away)
        mcp_log_warning("config-server-down", NULL, "%s; the settings before stay", error->message);
    self->away = TRUE;
    count(self, LOOK_FAILED);
}

static void
note_there(McpConfigServerSource *self)
{
    if (self->away)
        mcp_log_info("config-server-up", NULL, "%s answers again", self->config->url);
    self->away = FALSE;
    mcp_backoff_reset(&self->backoff);
}

static void
show_state(McpConfigServerSource *self)
{
    if (self->refused != NULL)
        mcp_dependency_set(self->dependency, MCP_HEALTH_DEGRADED, "%s", self->why);
    else
        mcp_dependency_set(self->dependency, MCP_HEALTH_UP, NULL);
}

static gboolean
is_cancelled(const McpRoundItem *item)
{
    return item->error != NULL && g_error_matches(item->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
take_settings(McpConfigServerSource *self, const McpRoundItem *item)
{
    if (item->outcome == MCP_ROUND_FAILED) {
        note_away(self, item->error);
        return;
    }
    note_there(self);
    if (item->outcome == MCP_ROUND_NEW) {
        g_free(self->etag);
        self->etag = g_strdup(item->etag);
        attempt(self, item->body);
    } else {
        count(self, LOOK_UNCHANGED);
    }
    show_state(self);
}

static void
on_round(GPtrArray *items, gpointer user_data)
{
    McpConfigServerSource *self = user_data;
    g_autoptr(GPtrArray) owned = items;
    const McpRoundItem *settings = g_ptr_array_index(items, 0);

    /* Stopped: it may be gone. */
    if (is_cancelled(settings) || is_cancelled(g_ptr_array_index(items, items->len - 1)))
        return;
    take_settings(self, settings);
    mcp_recipients_take(self->recipients, items, 1);
    mcp_metrics_set(mcp_host_get_metrics(self->host), MCP_CONFIG_SERVER_METRIC_EXPIRY, 0,
                    mcp_recipients_look(self->recipients));
    schedule(self, self->away ? MIN(mcp_backoff_next(&self->backoff, FIRST_PAUSE, LONGEST_PAUSE),
                                    self->config->interval)
                              : self->config->interval);
}

static void
on_time(gpointer user_data)
{
    McpConfigServerSource *self = user_data;

    mcp_timer_clear(&self->timer);
    mcp_round_start(self->http, self->config->authorization, make_items(self), self->cancellable,
                    on_round, self);
}

static void
schedule(McpConfigServerSource *self, gint64 wait)
{
    mcp_timer_clear(&self->timer);
    self->timer = mcp_clock_after(mcp_host_get_clock(self->host), NULL, wait, on_time, self);
}

gboolean
mcp_config_server_source_start(McpConfigServerSource *source, GError **error)
{
    source->http = make_http(source, error);
    if (source->http == NULL)
        return FALSE;
    if (source->dependency == NULL)
        source->dependency =
            mcp_host_add_dependency(source->host, "config-server", MCP_NEED_OPTIONAL);
    if (source->fresh)
        mcp_keep(source->host, source->config->directory, source->copy, source->body);
    source->fresh = FALSE;
    mcp_recipients_start(source->recipients);
    if (!source->away)
        show_state(source);
    schedule(source, source->away ? FIRST_PAUSE : source->config->interval);
    return TRUE;
}

void
mcp_config_server_source_settled(McpConfigServerSource *source)
{
    if (source->refused == NULL || source->candidate != NULL)
        return;
    g_clear_pointer(&source->refused, g_free);
    g_clear_pointer(&source->etag, g_free);
}

void
mcp_config_server_source_stop(McpConfigServerSource *source)
{
    mcp_timer_clear(&source->timer);
    g_cancellable_cancel(source->cancellable);
    g_clear_pointer(&source->http, mcp_peer_http_free);
}
