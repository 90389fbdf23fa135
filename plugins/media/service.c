/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The media service: owns workers, ports and prompt cache, and makes legs. Made and stopped on the
 * control context; legs are made on any shard.
 */
#include "service.h"

#include "leg/leg.h"
#include "protection/srtp_context.h"
#include "room/room_handle.h"
#include "room/rooms.h"
#include <mcp/alert.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <string.h>

#define PACK_LOAD 0.4
#define PACK_STREAMS 600
/* Of the legs there may be: at so many the next one refused is news again. */
#define ROOM_PERCENT 95

struct _McpMediaService {
    GObject parent_instance;
    McpMediaConfig *config;
    gint64 no_media_timeout; /* guarded by lock: may change */
    GMutex lock;
    McpPool *pool;
    McpClock *clock;
    McpMetrics *metrics; /* nullable */
    McpMediaPorts *ports;
    McpMediaDtlsCredentials *dtls; /* nullable */
    McpMediaPromptCache *cache;
    McpMediaRooms *rooms;
    GPtrArray *workers;
    McpEvents *events; /* nullable, set before the first leg, as the next */
    McpTraces *traces; /* nullable */
    gint legs;         /* atomic */
    gint exhausted;    /* atomic: ports or places ran out, and there is no room yet */
    gint stopped;      /* atomic */
};

static void media_iface_init(McpMediaInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMediaService, mcp_media_service, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_MEDIA, media_iface_init))

static const McpMediaWorkerRows worker_rows = {
    MCP_MEDIA_METRIC_LATENESS,
    MCP_MEDIA_METRIC_LOAD,
    MCP_MEDIA_METRIC_SKIPPED,
};

static const McpMediaCacheRows cache_rows = {
    MCP_MEDIA_METRIC_CACHE_LOOKUPS,
    MCP_MEDIA_METRIC_CACHE_BYTES,
    MCP_MEDIA_METRIC_CACHE_ENTRIES,
};

McpMediaPromptCache *
mcp_media_service_get_cache(McpMediaService *service)
{
    return service->cache;
}

McpMediaRooms *
mcp_media_service_get_rooms(McpMediaService *service)
{
    return service->rooms;
}

McpPool *
mcp_media_service_get_pool(McpMediaService *service)
{
    return service->pool;
}

McpClock *
mcp_media_service_get_clock(McpMediaService *service)
{
    return service->clock;
}

McpMetrics *
mcp_media_service_get_metrics(McpMediaService *service)
{
    return service->metrics;
}

const McpMediaSuites *
mcp_media_service_get_suites(McpMediaService *service)
{
    return &service->config->suites;
}

const McpMediaCountry *
mcp_media_service_find_country(McpMediaService *service, const char *name)
{
    return mcp_media_config_find_country(service->config, name);
}

McpMediaDtlsCredentials *
mcp_media_service_get_dtls_credentials(McpMediaService *service)
{
    return service->dtls;
}

McpMediaInbandDtmf
mcp_media_service_get_inband_dtmf(McpMediaService *service)
{
    return service->config->inband_dtmf;
}

gboolean
mcp_media_service_takes_info_dtmf(McpMediaService *service)
{
    return service->config->info_dtmf;
}

static void
show_use(McpMediaService *self)
{
    if (self->metrics == NULL)
        return;
    mcp_metrics_set(self->metrics, MCP_MEDIA_METRIC_LEGS, 0, g_atomic_int_get(&self->legs));
    mcp_metrics_set(self->metrics, MCP_MEDIA_METRIC_PORTS, 0,
                    mcp_media_ports_get_used(self->ports));
}

/* Once, until there has been room again. */
static void
note_exhausted(McpMediaService *self, const GError *error)
{
    g_autofree char *range = NULL;

    if (!g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT) ||
        !g_atomic_int_compare_and_exchange(&self->exhausted, 0, 1))
        return;
    mcp_log_warning("legs-exhausted", NULL, "calls get no audio: %s", error->message);
    range = g_strdup_printf("%u-%u", self->config->first_port, self->config->last_port);
    if (self->events != NULL)
        mcp_alert_raise(self->events, MCP_ALERT_PORTS_EXHAUSTED, NULL, range, "%s", error->message);
}

static void
note_room(McpMediaService *self)
{
    guint most = MIN(self->config->max_legs, mcp_media_ports_get_capacity(self->ports));

    if ((guint)g_atomic_int_get(&self->legs) * 100 <= most * ROOM_PERCENT)
        g_atomic_int_set(&self->exhausted, 0);
}

void
mcp_media_service_leg_gone(McpMediaService *service)
{
    g_atomic_int_add(&service->legs, -1);
    note_room(service);
    show_use(service);
}

/* --- making legs --- */

/*
 * A worker that wakes up anyway takes one leg more cheaply than one that sleeps, and threads that
 * do not run are in nobody's way: workers are filled one after the other, then evenly. One that is
 * stuck gets none while another one is left.
 */
static McpMediaWorker *
choose_worker(McpMediaService *self)
{
    McpMediaWorker *best = NULL;

    for (guint i = 0; i < self->workers->len; i++) {
        McpMediaWorker *worker = g_ptr_array_index(self->workers, i);

        if (mcp_media_worker_is_late(worker))
            continue;
        if (mcp_media_worker_get_load(worker) < PACK_LOAD &&
            mcp_media_worker_get_streams(worker) < PACK_STREAMS)
            return worker;
        if (best == NULL ||
            mcp_media_worker_get_streams(worker) < mcp_media_worker_get_streams(best))
            best = worker;
    }
    return best != NULL ? best : g_ptr_array_index(self->workers, 0);
}

static gboolean
open_leg(McpMediaService *self, const McpLegParams *params, McpMediaLegParams *leg, GError **error)
{
    g_autofree char *bind_address = NULL;
    g_autofree char *advertised = NULL;
    struct sockaddr_storage address;

    mcp_media_config_choose_address(self->config, params->local_address, params->ipv6,
                                    &bind_address, &advertised);
    if (!mcp_media_address_set(&address, bind_address, 0)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is no address", bind_address);
        return FALSE;
    }
    if (!mcp_media_ports_take(self->ports, &address, &leg->stream.pair, error))
        return FALSE;
    leg->local.address = g_steal_pointer(&advertised);
    leg->local.port = leg->stream.pair.port;
    return TRUE;
}

static gboolean
has_codec(const McpMediaLocal *local, const McpMediaCodec *codec)
{
    for (guint i = 0; i < local->n_codecs; i++)
        if (local->codecs[i] == codec)
            return TRUE;
    return FALSE;
}

/* Of our codecs those that @names says, in its order. */
static gboolean
choose_codecs(McpMediaLocal *local, const char *const *names, GError **error)
{
    McpMediaLocal chosen = {0};

    if (names == NULL || names[0] == NULL)
        return TRUE;
    for (guint i = 0; names[i] != NULL; i++) {
        const McpMediaCodec *codec = mcp_media_codec_find_setting(names[i]);

        if (codec != NULL && has_codec(local, codec) && !has_codec(&chosen, codec))
            chosen.codecs[chosen.n_codecs++] = codec;
    }
    if (chosen.n_codecs == 0) {
        g_autofree char *wanted = g_strjoinv(", ", (char **)names);

        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA,
                    "none of the peer's codecs (%s) is one of [media] codecs", wanted);
        return FALSE;
    }
    memcpy(local->codecs, chosen.codecs, sizeof local->codecs);
    local->n_codecs = chosen.n_codecs;
    local->own_order = TRUE;
    return TRUE;
}

static McpLeg *
make_leg(McpMediaService *self, const McpLegParams *params, GError **error)
{
    g_autoptr(GMainContext) context = g_main_context_ref_thread_default();
    McpMediaLegParams leg = {
        .service = self,
        .call_id = params->call_id,
        .local = {.n_codecs = self->config->n_codecs,
                  .options = self->config->options,
                  .ptime = self->config->ptime,
                  .protection = self->config->protection,
                  .no_events = !self->config->events,
                  .noise = self->config->noise,
                  .fingerprint = self->dtls != NULL
                                     ? mcp_media_dtls_credentials_get_fingerprint(self->dtls)
                                     : NULL,
                  .sdes = params->secure || self->config->sdes_without_tls,
                  .suites = self->config->suites},
        .stream = {.owner = G_OBJECT(self),
                   .ports = self->ports,
                   .worker = choose_worker(self),
                   .symmetric = self->config->symmetric,
                   .traces = self->traces,
                   .tones_always = self->config->inband_dtmf == MCP_MEDIA_INBAND_ALWAYS},
    };
    McpMediaLeg *made = NULL;

    memcpy(leg.local.codecs, self->config->codecs, sizeof leg.local.codecs);
    if (!choose_codecs(&leg.local, params->codecs, error))
        return NULL;
    g_mutex_lock(&self->lock);
    leg.stream.no_media_timeout = self->no_media_timeout;
    g_mutex_unlock(&self->lock);
    leg.stream.mailbox = mcp_media_mailbox_get(context, mcp_media_leg_deliver, error);
    if (leg.stream.mailbox == NULL)
        return NULL;
    if (open_leg(self, params, &leg, error))
        made = mcp_media_leg_new(&leg);
    g_free((char *)leg.local.address);
    mcp_media_mailbox_unref(leg.stream.mailbox);
    return made != NULL ? MCP_LEG(made) : NULL;
}

static McpLeg *
service_create_leg(McpMedia *media, const McpLegParams *params, GError **error)
{
    McpMediaService *self = MCP_MEDIA_SERVICE(media);
    GError *failure = NULL;
    McpLeg *leg = NULL;

    if (g_atomic_int_get(&self->stopped)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "media has stopped");
        return NULL;
    }
    if ((guint)g_atomic_int_add(&self->legs, 1) >= self->config->max_legs)
        g_set_error(&failure, MCP_ERROR, MCP_ERROR_LIMIT, "all %u legs are in use (max_legs)",
                    self->config->max_legs);
    else
        leg = make_leg(self, params, &failure);
    if (leg == NULL) {
        note_exhausted(self, failure);
        g_propagate_error(error, failure);
        g_atomic_int_add(&self->legs, -1);
        if (self->metrics != NULL)
            mcp_metrics_add(self->metrics, MCP_MEDIA_METRIC_REFUSED, 0, 1);
    }
    show_use(self);
    return leg;
}

/* --- preparing prompts --- */

static void
service_prepare_async(McpMedia *media, McpLeg *leg, McpAudio *audio, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data)
{
    McpMediaService *self = MCP_MEDIA_SERVICE(media);
    g_autoptr(GTask) task = g_task_new(media, cancellable, callback, user_data);
    McpMediaFormat format;
    McpMediaPrompt *prompt = NULL;

    g_task_set_source_tag(task, service_prepare_async);
    if (leg != NULL)
        format = *mcp_media_leg_get_format(MCP_MEDIA_LEG(leg));
    else
        mcp_media_format_init(&format, self->config->codecs[0], &self->config->options);
    prompt = mcp_media_prompt_cache_get(self->cache, audio, &format);
    g_task_set_task_data(task, prompt, (GDestroyNotify)mcp_media_prompt_unref);
    mcp_media_prompt_cache_wait(self->cache, prompt, task);
}

static gboolean
service_prepare_finish(McpMedia *media, GAsyncResult *result, gint64 *out_duration, GError **error)
{
    McpMediaPrompt *prompt = g_task_get_task_data(G_TASK(result));

    if (!g_task_propagate_boolean(G_TASK(result), error))
        return FALSE;
    if (out_duration != NULL)
        *out_duration = mcp_media_prompt_get_duration(prompt);
    return TRUE;
}

/* --- rooms --- */

static McpRoom *
service_open_room(McpMedia *media, const char *name, const McpRoomParams *params, GError **error)
{
    McpMediaService *self = MCP_MEDIA_SERVICE(media);
    g_autoptr(GMainContext) context = g_main_context_ref_thread_default();
    McpMediaMailbox *mailbox = mcp_media_mailbox_get(context, mcp_media_leg_deliver, error);
    McpMediaRoom *room = NULL;
    McpMediaRoomHandle *handle = NULL;

    if (mailbox == NULL)
        return NULL;
    if (params != NULL)
        room = mcp_media_rooms_open(self->rooms, name, params, choose_worker(self), error);
    else if ((room = mcp_media_rooms_find(self->rooms, name)) == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "there is no room \"%s\"", name);
    if (room != NULL)
        handle = mcp_media_room_handle_new(self, room, mailbox);
    mcp_media_mailbox_unref(mailbox);
    return handle != NULL ? MCP_ROOM(handle) : NULL;
}

static void
service_list_rooms(McpMedia *media, McpJson *json)
{
    mcp_media_rooms_list(MCP_MEDIA_SERVICE(media)->rooms, json);
}

/* --- life --- */

static gboolean
start_workers(McpMediaService *self, GError **error)
{
    for (guint i = 0; i < self->config->workers; i++) {
        McpMediaWorker *worker = mcp_media_worker_new(i, self->metrics, &worker_rows, error);

        if (worker == NULL)
            return FALSE;
        g_ptr_array_add(self->workers, worker);
    }
    return TRUE;
}

McpMediaService *
mcp_media_service_new(McpMediaConfig *config, McpPool *pool, McpClock *clock, McpMetrics *metrics,
                      GError **error)
{
    g_autoptr(McpMediaService) self = g_object_new(MCP_TYPE_MEDIA_SERVICE, NULL);

    self->config = config;
    self->no_media_timeout = config->no_media_timeout;
    self->pool = g_object_ref(pool);
    self->clock = g_object_ref(clock);
    self->metrics = metrics;
    self->rooms = mcp_media_rooms_new(metrics);
    self->ports = mcp_media_ports_new(config->first_port, config->last_port, config->dscp);
    self->cache = mcp_media_prompt_cache_new(pool, config->prompt_cache, metrics, &cache_rows);
    /* Else the first call's audio waits for the ciphers to be loaded. */
    if (config->protection != MCP_MEDIA_PROTECTION_OFF && !mcp_media_srtp_start(error))
        return NULL;
    if (config->dtls_srtp && config->protection != MCP_MEDIA_PROTECTION_OFF) {
        self->dtls = mcp_media_dtls_credentials_make(error);
        if (self->dtls == NULL)
            return NULL;
    }
    if (!start_workers(self, error))
        return NULL;
    return g_steal_pointer(&self);
}

void
mcp_media_service_report(McpMediaService *service, McpHost *host)
{
    for (guint i = 0; i < service->workers->len; i++) {
        g_autofree char *name = g_strdup_printf("media-%u", i);

        mcp_media_worker_set_loop(g_ptr_array_index(service->workers, i),
                                  mcp_host_add_loop(host, name));
    }
}

void
mcp_media_service_set_events(McpMediaService *service, McpEvents *events)
{
    service->events = events;
}

void
mcp_media_service_set_traces(McpMediaService *service, McpTraces *traces)
{
    service->traces = traces;
}

McpTraces *
mcp_media_service_get_traces(McpMediaService *service)
{
    return service->traces;
}

void
mcp_media_service_reconfigure(McpMediaService *service, McpMediaConfig *config)
{
    g_mutex_lock(&service->lock);
    service->no_media_timeout = config->no_media_timeout;
    g_mutex_unlock(&service->lock);
    mcp_media_prompt_cache_set_limit(service->cache, config->prompt_cache);
    mcp_media_config_free(config);
}

void
mcp_media_service_stop(McpMediaService *service)
{
    g_atomic_int_set(&service->stopped, TRUE);
    for (guint i = 0; i < service->workers->len; i++)
        mcp_media_worker_stop(g_ptr_array_index(service->workers, i));
}

static void
mcp_media_service_finalize(GObject *object)
{
    McpMediaService *self = MCP_MEDIA_SERVICE(object);

    g_clear_pointer(&self->rooms, mcp_media_rooms_free);
    g_ptr_array_unref(self->workers);
    g_clear_pointer(&self->cache, mcp_media_prompt_cache_unref);
    g_clear_pointer(&self->ports, mcp_media_ports_free);
    g_clear_pointer(&self->dtls, mcp_media_dtls_credentials_unref);
    g_clear_object(&self->pool);
    g_clear_object(&self->clock);
    mcp_media_config_free(self->config);
    g_mutex_clear(&self->lock);
    G_OBJECT_CLASS(mcp_media_service_parent_class)->finalize(object);
}

static void
mcp_media_service_class_init(McpMediaServiceClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_media_service_finalize;
}

static void
mcp_media_service_init(McpMediaService *self)
{
    g_mutex_init(&self->lock);
    self->workers = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_media_worker_unref);
}

static void
media_iface_init(McpMediaInterface *iface)
{
    iface->create_leg = service_create_leg;
    iface->prepare_async = service_prepare_async;
    iface->prepare_finish = service_prepare_finish;
    iface->open_room = service_open_room;
    iface->list_rooms = service_list_rooms;
}
