/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings and metrics tables of the plugin, and the settings read into one structure. Any thread.
 */
#include "service.h"

#include "codec/offered.h"
#include "net/host_limits.h"
#include "rtp/source_lock.h"
#include <mcp/error.h>
#include <string.h>

#define S "media"
#define C "media.country"
#define WORKERS_MAX 16

const McpSettingDef mcp_media_settings[] = {
    {S, "rtp_ports", MCP_SETTING_STRING, "20000..32767", NULL, MCP_SETTING_NONE, "0.1",
     "UDP ports for RTP and RTCP, FIRST..LAST; a call takes an even one and the next."},
    {S, "workers", MCP_SETTING_INT, "0", "0..16", MCP_SETTING_NONE, "0.1",
     "Media threads; 0 takes one a core."},
    {S, "address", MCP_SETTING_ADDRESS, "auto", NULL, MCP_SETTING_NONE, "0.1",
     "Address that RTP sockets are bound to; auto takes the one that signalling came in on."},
    {S, "advertised", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Address written into session descriptions in place of the one bound to."},
    {S, "codecs", MCP_SETTING_LIST, "PCMU, PCMA, G722, opus, L16/8000, L16/16000", NULL,
     MCP_SETTING_NONE, "0.1",
     "Codecs offered and accepted, in order of preference: PCMU, PCMA, G722, opus, L16/8000, "
     "L16/16000, GSM, speex/8000, speex/16000, AMR, AMR/octet-aligned, AMR-WB, "
     "AMR-WB/octet-aligned, and with the plugin g729 G729."},
    {S, "opus_rate", MCP_SETTING_ENUM, "16000", "8000|12000|16000|24000|48000", MCP_SETTING_NONE,
     "0.2", "Samples a second that Opus is encoded from and decoded to."},
    {S, "opus_bitrate", MCP_SETTING_INT, "24000", "6000..510000", MCP_SETTING_NONE, "0.2",
     "Bits a second of Opus, unless the other side wants less."},
    {S, "opus_complexity", MCP_SETTING_INT, "5", "0..10", MCP_SETTING_NONE, "0.2",
     "How hard the Opus encoder tries; 10 takes about six times the CPU of 0."},
    {S, "opus_fec", MCP_SETTING_BOOL, "true", NULL, MCP_SETTING_NONE, "0.2",
     "Whether Opus carries a copy of the packet before, for those that get lost, where the other "
     "side can use it."},
    {S, "opus_dtx", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_NONE, "0.2",
     "Whether silence is not sent in Opus where the other side prefers that."},
    {S, "srtp", MCP_SETTING_ENUM, "optional", "off|optional|required", MCP_SETTING_NONE, "0.2",
     "Encryption of RTP (SRTP): refused, taken where it is offered, or demanded and offered."},
    {S, "srtp_suites", MCP_SETTING_LIST,
     "AEAD_AES_128_GCM, AEAD_AES_256_GCM, AES_CM_128_HMAC_SHA1_80, AES_256_CM_HMAC_SHA1_80, "
     "AES_CM_128_HMAC_SHA1_32, AES_256_CM_HMAC_SHA1_32",
     NULL, MCP_SETTING_NONE, "0.2",
     "Suites of SRTP that are offered and accepted, in order of preference."},
    {S, "sdes_without_tls", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_NONE, "0.2",
     "Whether keys of SRTP (a=crypto) are offered and accepted where the signalling is not "
     "encrypted, so that whoever reads it can listen."},
    {S, "dtls_srtp", MCP_SETTING_BOOL, "true", NULL, MCP_SETTING_NONE, "0.2",
     "Whether keys of SRTP may be agreed upon by DTLS, as browsers do; offered where srtp is "
     "required and a=crypto is not allowed."},
    {S, "telephone_event", MCP_SETTING_BOOL, "true", NULL, MCP_SETTING_NONE, "0.2",
     "Whether digits as RTP events (RFC 4733) are offered and taken."},
    {S, "info_dtmf", MCP_SETTING_BOOL, "true", NULL, MCP_SETTING_NONE, "0.2",
     "Whether digits in SIP INFO (dtmf, dtmf-relay) are taken; one that comes by RTP too counts "
     "once."},
    {S, "inband_dtmf", MCP_SETTING_ENUM, "fallback", "off|fallback|always", MCP_SETTING_NONE, "0.2",
     "When digits are heard in the audio: never, where no telephone-event is agreed upon, or "
     "always; the audio is decoded for it."},
    {S, "comfort_noise", MCP_SETTING_ENUM, "answer", "off|answer|offer", MCP_SETTING_NONE, "0.2",
     "Comfort noise (RFC 3389) beside codecs with a clock of 8000: never, where the other side "
     "offers it, or offered, too."},
    {S, "ptime", MCP_SETTING_INT, "20", "10..60", MCP_SETTING_NONE, "0.1",
     "Packet time in ms, a multiple of 5, where the other side asks for none."},
    {S, "dscp", MCP_SETTING_INT, "46", "0..63", MCP_SETTING_NONE, "0.1",
     "Differentiated services code point of RTP and RTCP packets."},
    {S, "symmetric_rtp", MCP_SETTING_BOOL, "true", NULL, MCP_SETTING_NONE, "0.1",
     "Whether RTP from another source than the one in the SDP may be locked to."},
    {S, "no_media_timeout", MCP_SETTING_DURATION, "60s", "0..1h", MCP_SETTING_RELOADABLE, "0.1",
     "A call without a packet for so long is reported to its application; 0 never."},
    {S, "max_legs", MCP_SETTING_INT, "2000", "1..30000", MCP_SETTING_NONE, "0.1",
     "Legs at most; open files are raised to what they need."},
    {S, "prompt_cache", MCP_SETTING_SIZE, "256M", "1M..64G", MCP_SETTING_RELOADABLE, "0.1",
     "Memory for prompts in wire format."},
    {"media.interface *", "address", MCP_SETTING_ADDRESS, NULL, NULL, MCP_SETTING_REQUIRED, "0.1",
     "Address of the host, for calls whose signalling came in on it."},
    {"media.interface *", "advertised", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Address written into session descriptions in place of it."},
    {C " *", "ringing", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.2",
     "Ringing tone of a country (its name: ISO 3166, as in country=NL), for call progress: Hz and "
     "ms on and off, as in \"425: 1000/4000\" or \"440+480: 2000/4000\"; a country of its own "
     "list of tones has no built-in ones."},
    {C " *", "busy", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.2",
     "Busy tone, as in \"425: 500/500\"."},
    {C " *", "congestion", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.2",
     "Congestion or number-unobtainable tone, as in \"425: 250/250\"; one time alone is a steady "
     "tone."},
    {C " *", "tolerance", MCP_SETTING_INT, "15", "1..40", MCP_SETTING_NONE, "0.2",
     "Percent that the times may be off, 40 ms at least."},
    {C " *", "greeting", MCP_SETTING_DURATION, "2500ms", "500ms..10s", MCP_SETTING_NONE, "0.2",
     "Whoever speaks longer than that without a pause is an answering machine."},
    {C " *", "after_greeting", MCP_SETTING_DURATION, "900ms", "200ms..5s", MCP_SETTING_NONE, "0.2",
     "Silence that ends a person's greeting."},
    {C " *", "initial_silence", MCP_SETTING_DURATION, "3500ms", "500ms..20s", MCP_SETTING_NONE,
     "0.2", "Silence after the answer after which nobody speaks."},
    {C " *", "verdict", MCP_SETTING_DURATION, "4s", "1s..20s", MCP_SETTING_NONE, "0.2",
     "Time from the first word to the verdict at most."},
    {NULL},
};

#define WORKER_LABELS "0|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15"
#define LATENESS_BUCKETS "0.0005|0.001|0.002|0.005|0.01|0.02|0.05|0.1"

const McpMetricDef mcp_media_metrics[] = {
    {"mcp_media_legs", MCP_METRIC_GAUGE, "legs", "Legs with open ports.", NULL, NULL, NULL, 1},
    {"mcp_media_tick_lateness_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "How late media workers woke up for a slot.", NULL, NULL, LATENESS_BUCKETS, 2},
    {"mcp_media_worker_load_percent", MCP_METRIC_GAUGE, "percent",
     "Share of the last second that a media worker was busy.", "worker", WORKER_LABELS, NULL, 3},
    {"mcp_media_ticks_skipped_total", MCP_METRIC_COUNTER, "ticks",
     "Packet times left out because a worker came too late.", NULL, NULL, NULL, 4},
    {"mcp_media_packets_total", MCP_METRIC_COUNTER, "packets", "RTP packets of ended legs.",
     "direction", "sent|received", NULL, 5},
    {"mcp_media_packets_lost_total", MCP_METRIC_COUNTER, "packets",
     "RTP packets that did not arrive, of ended legs.", NULL, NULL, NULL, 6},
    {"mcp_media_packets_discarded_total", MCP_METRIC_COUNTER, "packets",
     "RTP packets not taken, of ended legs.", "reason",
     "invalid|foreign|duplicate|unauthentic|replayed", NULL, 7},
    {"mcp_media_digits_total", MCP_METRIC_COUNTER, "digits", "Digits received by ended legs.", NULL,
     NULL, NULL, 8},
    {"mcp_media_prompt_underruns_total", MCP_METRIC_COUNTER, "packets",
     "Packet times for which a prompt was not encoded yet, of ended legs.", NULL, NULL, NULL, 9},
    {"mcp_media_prompt_cache_lookups_total", MCP_METRIC_COUNTER, "lookups",
     "Prompts asked from the cache.", "result", "hit|miss", NULL, 10},
    {"mcp_media_prompt_cache_bytes", MCP_METRIC_GAUGE, "bytes", "Prompts in the cache.", NULL, NULL,
     NULL, 11},
    {"mcp_media_prompt_cache_entries", MCP_METRIC_GAUGE, "prompts", "Prompts in the cache.", NULL,
     NULL, NULL, 12},
    {"mcp_media_port_pairs", MCP_METRIC_GAUGE, "pairs", "RTP port pairs in use.", NULL, NULL, NULL,
     13},
    {"mcp_media_legs_refused_total", MCP_METRIC_COUNTER, "legs",
     "Legs not made for want of ports or places.", NULL, NULL, NULL, 14},
    {"mcp_media_recordings_total", MCP_METRIC_COUNTER, "recordings", "Recordings ended.", "result",
     "committed|failed", NULL, 15},
    {"mcp_media_rooms", MCP_METRIC_GAUGE, "rooms", "Conference rooms with a name.", NULL, NULL,
     NULL, 16},
    {"mcp_media_room_members", MCP_METRIC_GAUGE, "legs", "Legs in rooms with a name.", NULL, NULL,
     NULL, 17},
    {"mcp_media_live_audio_lost_total", MCP_METRIC_COUNTER, "frames",
     "Steps of a room for which a member's audio came too late, and frames that found no room "
     "between two workers; of members that left.",
     "cause", "late|full", NULL, 18},
    {"mcp_media_tap_frames_total", MCP_METRIC_COUNTER, "frames", "Frames of ended taps.", "result",
     "passed|dropped", NULL, 19},
    {"mcp_media_mos", MCP_METRIC_HISTOGRAM, "points",
     "Mean opinion score (1 to 5) of what ended legs received, estimated (ITU-T G.107).", NULL,
     NULL, "2|2.5|3|3.25|3.5|3.75|4|4.25", 20},
    {"mcp_media_jitter_seconds", MCP_METRIC_HISTOGRAM, "seconds",
     "Jitter of what ended legs received (RFC 3550).", NULL, NULL,
     "0.001|0.002|0.005|0.01|0.02|0.05|0.1|0.2", 21},
    {NULL},
};

static gboolean
refuse(McpSettings *settings, const char *instance, const char *key, const char *why,
       GError **error)
{
    const char *section = instance != NULL ? "media.interface" : S;

    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: [%s%s%s%s] %s: %s",
                mcp_settings_get_origin(settings, section, instance, key), section,
                instance != NULL ? " \"" : "", instance != NULL ? instance : "",
                instance != NULL ? "\"" : "", key, why);
    return FALSE;
}

static gboolean
is_literal(const char *text)
{
    struct sockaddr_storage address;

    return mcp_media_address_set(&address, text, 0);
}

/* (transfer full): the literal without brackets. */
static char *
bare(const char *text)
{
    gsize length = strlen(text);

    if (length > 2 && text[0] == '[' && text[length - 1] == ']')
        return g_strndup(text + 1, length - 2);
    return g_strdup(text);
}

static gboolean
read_codecs(McpMediaConfig *self, McpSettings *settings, GError **error)
{
    const char *const *names = mcp_settings_get_list(settings, S, NULL, "codecs");

    for (guint i = 0; names[i] != NULL; i++) {
        const McpMediaCodec *codec = mcp_media_codec_find_setting(names[i]);

        if (codec == NULL) {
            g_autofree char *known = mcp_media_codec_names();
            g_autofree char *why = g_strdup_printf("\"%s\" is none of %s", names[i], known);

            return refuse(settings, NULL, "codecs", why, error);
        }
        if (self->n_codecs < MCP_MEDIA_N_CODECS)
            self->codecs[self->n_codecs++] = codec;
    }
    if (self->n_codecs == 0)
        return refuse(settings, NULL, "codecs", "at least one codec is needed", error);
    return TRUE;
}

gboolean
mcp_media_config_check_codecs(const McpMediaConfig *config, McpSettings *settings, GError **error)
{
    for (guint i = 0; i < config->n_codecs; i++) {
        const McpMediaCodec *codec = config->codecs[i];
        g_autofree char *why = NULL;

        if (mcp_media_codec_is_usable(codec))
            continue;
        why = g_strdup_printf("%s comes with a plugin of its own, which is not running (\"plugins "
                              "+= %s\" in [core] loads it)",
                              codec->setting, codec->plugin);
        return refuse(settings, NULL, "codecs", why, error);
    }
    return TRUE;
}

static gboolean
read_interfaces(McpMediaConfig *self, McpSettings *settings, GError **error)
{
    const char *const *names = mcp_settings_get_instances(settings, "media.interface");

    self->interfaces = g_new0(McpMediaHostInterface, g_strv_length((char **)names) + 1);
    for (guint i = 0; names[i] != NULL; i++) {
        const char *address =
            mcp_settings_get_string(settings, "media.interface", names[i], "address");
        const char *advertised =
            mcp_settings_get_string(settings, "media.interface", names[i], "advertised");
        g_autofree char *literal = bare(address != NULL ? address : "");

        if (!is_literal(literal))
            return refuse(settings, names[i], "address", "not an address without a port", error);
        if (advertised != NULL && !is_literal(advertised))
            return refuse(settings, names[i], "advertised", "not an address", error);
        self->interfaces[self->n_interfaces].address = g_steal_pointer(&literal);
        self->interfaces[self->n_interfaces].advertised = g_strdup(advertised);
        self->n_interfaces++;
    }
    return TRUE;
}

static gboolean
read_addresses(McpMediaConfig *self, McpSettings *settings, GError **error)
{
    const char *address = mcp_settings_get_string(settings, S, NULL, "address");
    const char *advertised = mcp_settings_get_string(settings, S, NULL, "advertised");

    if (address != NULL && strcmp(address, "auto") != 0) {
        self->address = bare(address);
        if (!is_literal(self->address))
            return refuse(settings, NULL, "address", "not an address without a port", error);
    }
    if (advertised != NULL && !is_literal(advertised))
        return refuse(settings, NULL, "advertised", "not an address", error);
    self->advertised = g_strdup(advertised);
    return read_interfaces(self, settings, error);
}

static gboolean
read_ports(McpMediaConfig *self, McpSettings *settings, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (!mcp_media_ports_parse(mcp_settings_get_string(settings, S, NULL, "rtp_ports"),
                               &self->first_port, &self->last_port, &why))
        return refuse(settings, NULL, "rtp_ports", why->message, error);
    return TRUE;
}

static void
read_options(McpMediaCodecOptions *options, McpSettings *settings)
{
    options->opus_rate =
        (guint)g_ascii_strtoull(mcp_settings_get_string(settings, S, NULL, "opus_rate"), NULL, 10);
    options->opus_bitrate = (guint)mcp_settings_get_int(settings, S, NULL, "opus_bitrate");
    options->opus_complexity = (guint)mcp_settings_get_int(settings, S, NULL, "opus_complexity");
    options->opus_fec = mcp_settings_get_bool(settings, S, NULL, "opus_fec");
    options->opus_dtx = mcp_settings_get_bool(settings, S, NULL, "opus_dtx");
}

static void
read_digits(McpMediaConfig *self, McpSettings *settings)
{
    const char *mode = mcp_settings_get_string(settings, S, NULL, "inband_dtmf");

    self->events = mcp_settings_get_bool(settings, S, NULL, "telephone_event");
    self->info_dtmf = mcp_settings_get_bool(settings, S, NULL, "info_dtmf");
    self->inband_dtmf = MCP_MEDIA_INBAND_FALLBACK;
    if (strcmp(mode, "off") == 0)
        self->inband_dtmf = MCP_MEDIA_INBAND_OFF;
    else if (strcmp(mode, "always") == 0)
        self->inband_dtmf = MCP_MEDIA_INBAND_ALWAYS;
}

static void
read_noise(McpMediaConfig *self, McpSettings *settings)
{
    const char *mode = mcp_settings_get_string(settings, S, NULL, "comfort_noise");

    self->noise = MCP_MEDIA_NOISE_ANSWER;
    if (strcmp(mode, "off") == 0)
        self->noise = MCP_MEDIA_NOISE_OFF;
    else if (strcmp(mode, "offer") == 0)
        self->noise = MCP_MEDIA_NOISE_OFFER;
}

static gboolean
read_protection(McpMediaConfig *self, McpSettings *settings, GError **error)
{
    const char *const *names = mcp_settings_get_list(settings, S, NULL, "srtp_suites");
    const char *mode = mcp_settings_get_string(settings, S, NULL, "srtp");

    self->protection = MCP_MEDIA_PROTECTION_OPTIONAL;
    if (strcmp(mode, "off") == 0)
        self->protection = MCP_MEDIA_PROTECTION_OFF;
    else if (strcmp(mode, "required") == 0)
        self->protection = MCP_MEDIA_PROTECTION_REQUIRED;
    self->dtls_srtp = mcp_settings_get_bool(settings, S, NULL, "dtls_srtp");
    self->sdes_without_tls = mcp_settings_get_bool(settings, S, NULL, "sdes_without_tls");
    for (guint i = 0; names[i] != NULL; i++) {
        McpMediaSuite suite = mcp_media_suite_from_name(names[i], strlen(names[i]));
        g_autofree char *why = g_strdup_printf("\"%s\" is no suite of SRTP", names[i]);

        if (suite == MCP_MEDIA_SUITE_NONE)
            return refuse(settings, NULL, "srtp_suites", why, error);
        if (self->suites.n < MCP_MEDIA_N_SUITES)
            self->suites.suites[self->suites.n++] = suite;
    }
    if (self->suites.n == 0 && self->protection != MCP_MEDIA_PROTECTION_OFF)
        return refuse(settings, NULL, "srtp_suites", "at least one suite is needed", error);
    return TRUE;
}

static gboolean
read_countries(McpMediaConfig *self, McpSettings *settings, GError **error)
{
    const char *const *names = mcp_settings_get_instances(settings, C);

    self->countries = g_new0(McpMediaCountry, g_strv_length((char **)names) + 1);
    for (guint i = 0; names[i] != NULL; i++) {
        if (!mcp_media_country_read(&self->countries[i], settings, g_intern_string(names[i]),
                                    error))
            return FALSE;
        self->n_countries++;
    }
    return TRUE;
}

const McpMediaCountry *
mcp_media_config_find_country(const McpMediaConfig *config, const char *name)
{
    for (guint i = 0; name != NULL && i < config->n_countries; i++)
        if (g_ascii_strcasecmp(config->countries[i].name, name) == 0)
            return &config->countries[i];
    return NULL;
}

McpMediaConfig *
mcp_media_config_new(McpSettings *settings, GError **error)
{
    McpMediaConfig *self = g_new0(McpMediaConfig, 1);

    self->workers = (guint)mcp_settings_get_int(settings, S, NULL, "workers");
    if (self->workers == 0)
        self->workers = CLAMP(g_get_num_processors(), 1, WORKERS_MAX);
    read_options(&self->options, settings);
    read_digits(self, settings);
    read_noise(self, settings);
    self->ptime = (guint)mcp_settings_get_int(settings, S, NULL, "ptime");
    self->dscp = (guint)mcp_settings_get_int(settings, S, NULL, "dscp");
    self->symmetric = mcp_settings_get_bool(settings, S, NULL, "symmetric_rtp");
    self->no_media_timeout = mcp_settings_get_int(settings, S, NULL, "no_media_timeout");
    self->max_legs = (guint)mcp_settings_get_int(settings, S, NULL, "max_legs");
    self->prompt_cache = (gsize)mcp_settings_get_int(settings, S, NULL, "prompt_cache");
    if (self->ptime % 5 != 0) {
        refuse(settings, NULL, "ptime", "not a multiple of 5", error);
        g_clear_pointer(&self, mcp_media_config_free);
    } else if (!read_ports(self, settings, error) || !read_codecs(self, settings, error) ||
               !read_protection(self, settings, error) || !read_addresses(self, settings, error) ||
               !read_countries(self, settings, error)) {
        g_clear_pointer(&self, mcp_media_config_free);
    }
    return self;
}

void
mcp_media_config_free(McpMediaConfig *config)
{
    if (config == NULL)
        return;
    for (guint i = 0; i < config->n_interfaces; i++) {
        g_free(config->interfaces[i].address);
        g_free(config->interfaces[i].advertised);
    }
    g_free(config->interfaces);
    g_free(config->countries);
    g_free(config->address);
    g_free(config->advertised);
    g_free(config);
}

static gboolean
is_family(const char *literal, gboolean ipv6)
{
    return (strchr(literal, ':') != NULL) == ipv6;
}

static const McpMediaHostInterface *
find_interface(const McpMediaConfig *config, const char *local_address, gboolean ipv6)
{
    struct sockaddr_storage wanted;
    struct sockaddr_storage own;
    gboolean has_wanted = local_address != NULL && mcp_media_address_set(&wanted, local_address, 0);

    for (guint i = 0; i < config->n_interfaces; i++) {
        const McpMediaHostInterface *interface = &config->interfaces[i];

        if (!has_wanted && is_family(interface->address, ipv6))
            return interface;
        if (has_wanted && mcp_media_address_set(&own, interface->address, 0) &&
            mcp_media_address_equal(&wanted, &own))
            return interface;
    }
    return NULL;
}

void
mcp_media_config_choose_address(const McpMediaConfig *config, const char *local_address,
                                gboolean ipv6, char **out_bind, char **out_advertised)
{
    g_autofree char *local = local_address != NULL ? bare(local_address) : NULL;
    const McpMediaHostInterface *interface = NULL;
    const char *advertised = NULL;
    char *address = NULL;

    /* A listener on all addresses does not say which one the call came in on. */
    if (local != NULL &&
        (strcmp(local, "0.0.0.0") == 0 || strcmp(local, "::") == 0 || !is_literal(local))) {
        ipv6 = strchr(local, ':') != NULL;
        g_clear_pointer(&local, g_free);
    }
    if (local != NULL)
        ipv6 = !is_family(local, FALSE);
    interface = find_interface(config, local, ipv6);
    if (interface != NULL) {
        address = g_strdup(interface->address);
        advertised = interface->advertised;
    } else if (config->address != NULL && is_family(config->address, ipv6)) {
        address = g_strdup(config->address);
    } else {
        address = local != NULL ? g_strdup(local) : mcp_media_host_default_address(ipv6);
    }
    if (interface == NULL && config->advertised != NULL && is_family(config->advertised, ipv6))
        advertised = config->advertised;
    *out_advertised = g_strdup(advertised != NULL ? advertised : address);
    *out_bind = address;
}
