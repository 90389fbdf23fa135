/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a leg tells about itself: statistics and description. On the call's context; the figures are
 * read from the worker's counters as they are.
 */
#include "leg_private.h"

#include <netinet/in.h>
#include <string.h>

#define MS(us) ((double)(us) / 1000.0)

static const char *
encryption_name(McpMediaLeg *self)
{
    const McpMediaSdes *sdes = mcp_media_negotiation_get_sdes(self->negotiation);

    if (self->agreement.protection == 0)
        return "none";
    if (sdes == NULL)
        return self->dtls_suite != MCP_MEDIA_SUITE_NONE
                   ? mcp_media_suite_get_info(self->dtls_suite)->name
                   : "handshake";
    return mcp_media_suite_get_info(mcp_media_sdes_get_own(sdes)->keys.suite)->name;
}

void
mcp_media_leg_get_statistics(McpLeg *leg, McpLegStatistics *out_statistics)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);
    const McpMediaCounters *counters = mcp_media_stream_get_counters(self->stream);
    McpLegStatistics statistics = {
        .packets_sent = counters->packets_sent,
        .bytes_sent = counters->bytes_sent,
        .packets_received = counters->packets_received,
        .bytes_received = counters->bytes_received,
        .packets_lost = counters->lost,
        .packets_late = counters->late,
        .packets_duplicate = counters->duplicate,
        .packets_invalid = counters->invalid,
        .packets_foreign = counters->foreign,
        .jitter_ms = MS(counters->jitter_us),
        .jitter_max_ms = MS(counters->jitter_max_us),
        .round_trip_ms = MS(counters->round_trip_us),
        .remote_loss = (double)counters->remote_loss / 256.0,
        .mos = (double)counters->mos / 100.0,
        .remote_mos = (double)counters->remote_mos / 100.0,
        .packets_unauthentic = counters->unauthentic,
        .packets_replayed = counters->replayed,
        .packets_concealed = counters->concealed,
        .digits_received = (guint)counters->digits,
        .prompt_underruns = counters->underruns,
        .codec = self->agreement.codec != NULL ? self->agreement.codec->encoding : NULL,
        .first_packet = counters->first_packet,
        .encryption = self->agreement.codec != NULL ? encryption_name(self) : NULL,
    };

    g_strlcpy(statistics.local, self->address, sizeof statistics.local);
    if (self->source.ss_family != 0)
        mcp_media_address_print(&self->source, statistics.remote, sizeof statistics.remote);
    else if (self->agreement.has_remote)
        mcp_media_address_print(&self->agreement.remote, statistics.remote,
                                sizeof statistics.remote);
    *out_statistics = statistics;
}

static void
read_end(const struct sockaddr_storage *address, McpTraceEnd *out_end)
{
    const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)address;

    out_end->ipv6 = address->ss_family == AF_INET6;
    out_end->port = (guint16)mcp_media_address_get_port(address);
    if (out_end->ipv6)
        memcpy(out_end->address, &ipv6->sin6_addr, sizeof ipv6->sin6_addr);
    else
        memcpy(out_end->address, &ipv4->sin_addr, sizeof ipv4->sin_addr);
}

void
mcp_media_leg_show_rtcp(McpMediaLeg *leg, const McpMediaEvent *event)
{
    McpTraces *traces = mcp_media_service_get_traces(leg->service);
    struct sockaddr_storage own;
    McpTraceMessage message = {
        .kind = MCP_TRACE_RTCP,
        .call = leg->call_id,
        .wall = event->time,
        .sent = event->sent,
        .transport = "udp",
        .data = (const char *)event->datagram->data,
        .length = event->datagram->length,
    };

    if (traces == NULL ||
        !mcp_media_stream_get_rtcp_address(leg->stream, leg->agreement.rtcp_mux, &own))
        return;
    read_end(&own, &message.local);
    read_end(&event->datagram->from, &message.remote);
    mcp_traces_message(traces, &message);
}

static const char *
direction_name(McpSdpDirection direction)
{
    static const char *const names[] = {"inactive", "sendonly", "recvonly", "sendrecv"};

    return names[direction];
}

static const char *
record_format_name(McpRecordFormat format)
{
    static const char *const names[] = {"wav-pcm", "wav-mulaw", "wav-alaw",
                                        "l16",     "ogg-opus",  "mp3"};

    return names[format];
}

/* (transfer full): "recorder wav-pcm", and what it records if that is not the other side alone. */
static char *
describe_recorder(const McpMediaRecorder *recorder)
{
    static const char *const sources[] = {"", " sent", " mixed", " stereo"};
    const McpRecordParams *params = mcp_media_recorder_get_params(recorder);

    return g_strdup_printf("recorder %s%s", record_format_name(params->format),
                           sources[params->source]);
}

/* (transfer full): the way of what comes in up to its samples, in order. */
static GPtrArray *
list_chain(McpMediaLeg *self)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(names, g_strdup("rtp-in"));
    if (self->agreement.protection != 0)
        g_ptr_array_add(names, g_strdup_printf("srtp %s", encryption_name(self)));
    if (self->ear_rate == 0 || self->agreement.codec == NULL)
        return names;
    g_ptr_array_add(names, g_strdup("jitter-buffer"));
    g_ptr_array_add(names, g_strdup_printf("decoder %s", self->agreement.format.codec->setting));
    if (self->agreement.format.rate != self->ear_rate)
        g_ptr_array_add(names, g_strdup_printf("resampler %u", self->ear_rate));
    return names;
}

/* (transfer full): who listens to the samples. */
static GPtrArray *
list_listeners(McpMediaLeg *self)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    if (self->has_tones)
        g_ptr_array_add(names, g_strdup("dtmf-tones"));
    if (self->has_voice)
        g_ptr_array_add(names, g_strdup("voice-activity"));
    if (self->watches_progress)
        g_ptr_array_add(names, g_strdup("call-progress"));
    if (self->recorder != NULL)
        g_ptr_array_add(names, describe_recorder(self->recorder));
    if (self->taps > 0)
        g_ptr_array_add(names, g_strdup_printf("%u taps", self->taps));
    return names;
}

static void
add_arrow(GString *dot, const char *from, const char *to)
{
    g_string_append_printf(dot, "  \"%s\" -> \"%s\";\n", from, to);
}

/* (transfer full) (nullable): who hears it, and is heard by it. */
static char *
describe_company(McpMediaLeg *self)
{
    if (self->bridge != NULL)
        return g_strdup_printf("%s %s", self->member == NULL ? "relay" : "transcoding",
                               self->other->call_id);
    if (self->member != NULL)
        return g_strdup_printf("room %s", mcp_media_room_get_name(self->member->room));
    return NULL;
}

static void
add_company(McpMediaLeg *self, const char *company, GString *dot)
{
    g_autofree char *decoder = NULL;
    g_autofree char *encoder = NULL;
    const char *codec = self->agreement.codec != NULL ? self->agreement.codec->setting : "";

    if (self->member == NULL) {
        add_arrow(dot, "rtp-in", company);
        add_arrow(dot, company, "rtp-out");
        return;
    }
    decoder = g_strdup_printf("live decoder %s", codec);
    encoder = g_strdup_printf("live encoder %s", codec);
    add_arrow(dot, "rtp-in", decoder);
    add_arrow(dot, decoder, "playout-buffer");
    add_arrow(dot, "playout-buffer", company);
    add_arrow(dot, company, encoder);
    add_arrow(dot, encoder, "rtp-out");
}

static void
describe_path(McpMediaLeg *self, McpJson *json)
{
    g_autoptr(GPtrArray) chain = list_chain(self);
    g_autoptr(GPtrArray) listeners = list_listeners(self);
    g_autoptr(GString) dot = g_string_new("digraph leg {\n  rankdir=LR;\n");
    g_autofree char *company = describe_company(self);
    const char *last = g_ptr_array_index(chain, chain->len - 1);
    gboolean graph = listeners->len > 0 || self->member != NULL;

    mcp_json_string(json, "path", graph ? "graph" : "plain");
    mcp_json_string(json, "company", company);
    mcp_json_begin_array(json, "graph");
    add_arrow(dot, "prompt", "rtp-out");
    add_arrow(dot, "rtp-in", "rtp-events");
    for (guint i = 0; i < chain->len; i++) {
        if (graph)
            mcp_json_string(json, NULL, g_ptr_array_index(chain, i));
        if (i > 0)
            add_arrow(dot, g_ptr_array_index(chain, i - 1), g_ptr_array_index(chain, i));
    }
    for (guint i = 0; i < listeners->len; i++) {
        mcp_json_string(json, NULL, g_ptr_array_index(listeners, i));
        add_arrow(dot, last, g_ptr_array_index(listeners, i));
    }
    if (company != NULL) {
        mcp_json_string(json, NULL, company);
        add_company(self, company, dot);
    }
    mcp_json_end_array(json);
    g_string_append(dot, "}\n");
    mcp_json_string(json, "dot", dot->str);
}

void
mcp_media_leg_describe(McpLeg *leg, McpJson *json)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);
    McpLegStatistics statistics;

    mcp_media_leg_get_statistics(leg, &statistics);
    mcp_json_string(json, "codec", statistics.codec);
    if (self->agreement.codec != NULL) {
        mcp_json_int(json, "clock_rate", self->agreement.codec->clock_rate);
        mcp_json_int(json, "ptime_ms", self->agreement.ptime);
        mcp_json_string(json, "direction", direction_name(self->agreement.direction));
        mcp_json_bool(json, "rtcp_mux", self->agreement.rtcp_mux);
        mcp_json_string(json, "encryption", statistics.encryption);
        mcp_json_bool(json, "telephone_event", self->agreement.send_event_type >= 0);
        mcp_json_bool(json, "comfort_noise", self->agreement.send_noise_type >= 0);
    }
    mcp_json_string(json, "local", statistics.local);
    mcp_json_string(json, "remote", statistics.remote);
    mcp_json_int(json, "digits_waiting", self->digits.n);
    mcp_json_int(json, "packets_sent", (gint64)statistics.packets_sent);
    mcp_json_int(json, "packets_received", (gint64)statistics.packets_received);
    mcp_json_int(json, "packets_lost", (gint64)statistics.packets_lost);
    if (self->agreement.protection != 0) {
        const McpMediaCounters *counters = mcp_media_stream_get_counters(self->stream);

        mcp_json_int(json, "packets_unauthentic", (gint64)counters->unauthentic);
        mcp_json_int(json, "packets_replayed", (gint64)counters->replayed);
    }
    mcp_json_double(json, "jitter_ms", statistics.jitter_ms);
    mcp_json_double(json, "round_trip_ms", statistics.round_trip_ms);
    mcp_json_double(json, "mos", statistics.mos);
    describe_path(self, json);
}
