/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "detect/country.h"
#include "net/ports.h"
#include "player/prompt_cache.h"
#include "sdp/offer_answer.h"
#include "worker/worker.h"
#include <mcp/clock.h>
#include <mcp/contract/media.h>
#include <mcp/host.h>
#include <mcp/settings.h>

G_BEGIN_DECLS

/** McpMediaInterface: a [media.interface] section. */
typedef struct {
    char *address;
    char *advertised; /* nullable */
} McpMediaHostInterface;

/** McpMediaInbandDtmf: when digits are heard in the audio. */
typedef enum {
    MCP_MEDIA_INBAND_OFF,
    MCP_MEDIA_INBAND_FALLBACK, /* where no telephone-event is agreed upon */
    MCP_MEDIA_INBAND_ALWAYS,
} McpMediaInbandDtmf;

/** McpMediaConfig: the settings of the plugin, read once. */
typedef struct {
    guint first_port, last_port;
    guint workers;
    char *address;    /* nullable: automatic */
    char *advertised; /* nullable */
    McpMediaHostInterface *interfaces;
    guint n_interfaces;
    McpMediaCountry *countries;
    guint n_countries;
    const McpMediaCodec *codecs[MCP_MEDIA_N_CODECS];
    guint n_codecs;
    McpMediaCodecOptions options;
    guint ptime;
    guint dscp;
    McpMediaProtectionMode protection;
    gboolean sdes_without_tls;
    gboolean dtls_srtp;
    McpMediaSuites suites;
    gboolean symmetric;
    gboolean events;
    McpMediaNoiseMode noise;
    gboolean info_dtmf;
    McpMediaInbandDtmf inband_dtmf;
    gint64 no_media_timeout;
    guint max_legs;
    gsize prompt_cache;
} McpMediaConfig;

/** mcp_media_config_new: (transfer full): MCP_ERROR_INVALID names key and origin. Any thread. */
McpMediaConfig *mcp_media_config_new(McpSettings *settings, GError **error);
/**
 * mcp_media_config_check_codecs: whether all its codecs can be carried out; MCP_ERROR_INVALID names
 * the plugin that is missing.
 */
gboolean mcp_media_config_check_codecs(const McpMediaConfig *config, McpSettings *settings,
                                       GError **error);
/** mcp_media_config_free: frees it. */
void mcp_media_config_free(McpMediaConfig *config);
/**
 * mcp_media_config_choose_address:
 * @local_address: (nullable): where signalling came in
 * @out_bind: (transfer full): where sockets are bound
 * @out_advertised: (transfer full): what stands in the SDP
 */
void mcp_media_config_choose_address(const McpMediaConfig *config, const char *local_address,
                                     gboolean ipv6, char **out_bind, char **out_advertised);
/** mcp_media_config_find_country: (nullable): @name: (nullable). */
const McpMediaCountry *mcp_media_config_find_country(const McpMediaConfig *config,
                                                     const char *name);
/** mcp_media_settings: rows of the settings table. */
extern const McpSettingDef mcp_media_settings[];
/** mcp_media_metrics: rows of the metrics table. */
extern const McpMetricDef mcp_media_metrics[];

/** McpMediaMetric: rows of mcp_media_metrics. */
typedef enum {
    MCP_MEDIA_METRIC_LEGS,
    MCP_MEDIA_METRIC_LATENESS,
    MCP_MEDIA_METRIC_LOAD,
    MCP_MEDIA_METRIC_SKIPPED,
    MCP_MEDIA_METRIC_PACKETS,
    MCP_MEDIA_METRIC_LOST,
    MCP_MEDIA_METRIC_DISCARDED,
    MCP_MEDIA_METRIC_DIGITS,
    MCP_MEDIA_METRIC_UNDERRUNS,
    MCP_MEDIA_METRIC_CACHE_LOOKUPS,
    MCP_MEDIA_METRIC_CACHE_BYTES,
    MCP_MEDIA_METRIC_CACHE_ENTRIES,
    MCP_MEDIA_METRIC_PORTS,
    MCP_MEDIA_METRIC_REFUSED,
    MCP_MEDIA_METRIC_RECORDINGS,
    MCP_MEDIA_METRIC_ROOMS,
    MCP_MEDIA_METRIC_MEMBERS,
    MCP_MEDIA_METRIC_LIVE_LOST,
    MCP_MEDIA_METRIC_TAP_FRAMES,
    MCP_MEDIA_METRIC_MOS,
    MCP_MEDIA_METRIC_JITTER,
} McpMediaMetric;

/** McpMediaService: the media contract; makes legs. */
#define MCP_TYPE_MEDIA_SERVICE (mcp_media_service_get_type())
G_DECLARE_FINAL_TYPE(McpMediaService, mcp_media_service, MCP, MEDIA_SERVICE, GObject)

/**
 * mcp_media_service_new: (transfer full): starts the workers. Control context.
 * @config: (transfer full)
 * @pool: (transfer none): the compute pool
 * @clock: (transfer none)
 * @metrics: (nullable)
 */
McpMediaService *mcp_media_service_new(McpMediaConfig *config, McpPool *pool, McpClock *clock,
                                       McpMetrics *metrics, GError **error);
/** mcp_media_service_report: lets the workers tell @host how busy they are. Control context. */
void mcp_media_service_report(McpMediaService *service, McpHost *host);
/** mcp_media_service_set_events: where alerts are raised; before the first leg is made. */
void mcp_media_service_set_events(McpMediaService *service, McpEvents *events);
/** mcp_media_service_set_traces: who may want to see RTCP; before the first leg is made. */
void mcp_media_service_set_traces(McpMediaService *service, McpTraces *traces);
/** mcp_media_service_get_traces: (transfer none) (nullable). Any thread. */
McpTraces *mcp_media_service_get_traces(McpMediaService *service);
/** mcp_media_service_stop: closes all legs' media and ends the workers. Control context. */
void mcp_media_service_stop(McpMediaService *service);
/** mcp_media_service_reconfigure: (transfer full) @config: what can change without a restart. */
void mcp_media_service_reconfigure(McpMediaService *service, McpMediaConfig *config);
/** mcp_media_service_get_cache: (transfer none). Any thread. */
McpMediaPromptCache *mcp_media_service_get_cache(McpMediaService *service);
/** mcp_media_service_get_clock: (transfer none). Any thread. */
McpClock *mcp_media_service_get_clock(McpMediaService *service);
/** mcp_media_service_get_pool: (transfer none): the compute pool. Any thread. */
McpPool *mcp_media_service_get_pool(McpMediaService *service);
/** mcp_media_service_get_metrics: (transfer none) (nullable). Any thread. */
McpMetrics *mcp_media_service_get_metrics(McpMediaService *service);
/** mcp_media_service_get_inband_dtmf: Any thread. */
McpMediaInbandDtmf mcp_media_service_get_inband_dtmf(McpMediaService *service);
/** mcp_media_service_takes_info_dtmf: whether digits of SIP INFO count. Any thread. */
gboolean mcp_media_service_takes_info_dtmf(McpMediaService *service);
/** mcp_media_service_find_country: (nullable): of the settings; @name: (nullable). Any thread. */
const McpMediaCountry *mcp_media_service_find_country(McpMediaService *service, const char *name);
/** mcp_media_service_get_suites: (transfer none): allowed for SRTP. Any thread. */
const McpMediaSuites *mcp_media_service_get_suites(McpMediaService *service);
/** mcp_media_service_get_dtls_credentials: (transfer none) (nullable): no DTLS. Any thread. */
McpMediaDtlsCredentials *mcp_media_service_get_dtls_credentials(McpMediaService *service);
/** mcp_media_service_get_rooms: (transfer none). Any thread but a media worker. */
struct _McpMediaRooms *mcp_media_service_get_rooms(McpMediaService *service);
/** mcp_media_service_leg_gone: a leg gave its place back. Any thread. */
void mcp_media_service_leg_gone(McpMediaService *service);

G_END_DECLS
