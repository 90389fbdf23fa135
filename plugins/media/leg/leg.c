/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The leg of the media contract: everything on the call's context; what has to do with packets is
 * posted to the leg's stream.
 */
#include "leg.h"

#include "../room/room_handle.h"
#include "../rtp/telephone_event.h"
#include "../tap/tap.h"
#include "../worker/batch.h"
#include "leg_private.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaLeg);

#define DIGIT_MS_MIN 40
#define DIGIT_MS_MAX 8000

static void leg_iface_init(McpLegInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMediaLeg, mcp_media_leg, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_LEG, leg_iface_init))

const McpMediaFormat *
mcp_media_leg_get_format(McpMediaLeg *leg)
{
    return leg->agreement.codec != NULL ? &leg->agreement.format : &leg->first_format;
}

/* --- events --- */

void
mcp_media_leg_emit(McpMediaLeg *leg, const McpLegEvent *event)
{
    if (leg->func != NULL)
        leg->func(MCP_LEG(leg), event, leg->user_data);
}

static void
deliver_digit(McpMediaLeg *self, const McpMediaEvent *event, McpLegEvent *out)
{
    self->digits_seen++;
    if (!mcp_media_digit_queue_put(&self->digits, &event->digit)) {
        mcp_log_warning("digit-dropped", self->call_id, "digit dropped: %u wait to be taken",
                        MCP_MEDIA_DIGIT_QUEUE);
        return;
    }
    out->digit = event->digit;
    mcp_media_leg_emit(self, out);
}

static void
deliver_progress(McpMediaLeg *self, const McpMediaEvent *event, McpLegEvent *out)
{
    const McpProgressReport report = {
        .verdict = mcp_media_progress_name(event->progress.progress),
        .detail = event->progress.detail,
        .evidence = event->progress.evidence,
    };

    mcp_log_info("call-progress", self->call_id, "%s%s%s: %s", report.verdict,
                 *report.detail != '\0' ? " " : "", report.detail, report.evidence);
    out->progress = &report;
    mcp_media_leg_emit(self, out);
    out->progress = NULL;
}

static gboolean
is_for_guard(McpLegEventType type)
{
    return type == MCP_LEG_MEDIA_STARTED || type == MCP_LEG_NO_MEDIA || type == MCP_LEG_ONE_WAY;
}

static void
deliver_leg_event(McpMediaLeg *self, McpMediaEvent *event)
{
    char remote[64] = "";
    McpLegEvent out = {
        .type = event->leg_type,
        .generation = event->generation,
        .stop = event->stop,
        .position = event->position,
        .time = event->time,
        .mark = event->mark,
        .error = event->failure,
        .local = self->address,
        .remote = remote,
    };

    if (event->leg_type == MCP_LEG_MEDIA_STARTED)
        self->source = event->remote;
    if (is_for_guard(event->leg_type))
        mcp_media_address_print(&event->remote, remote, sizeof remote);
    if (is_for_guard(event->leg_type) && self->guard != NULL && !self->closed)
        self->guard(MCP_LEG(self), &out, self->guard_data);
    if (event->list != NULL && self->playing == event->list)
        self->playing = NULL;
    if (event->leg_type == MCP_LEG_DIGITS_SENT)
        self->digits_sending = 0;
    if (event->leg_type == MCP_LEG_LEFT)
        mcp_media_leg_leave(self);
    if (event->leg_type == MCP_LEG_RECORDING_ENDED)
        mcp_media_leg_recording_ended(self, g_steal_pointer(&event->recorder), event->time);
    else if (event->leg_type == MCP_LEG_DIGIT)
        deliver_digit(self, event, &out);
    else if (event->leg_type == MCP_LEG_PROGRESS)
        deliver_progress(self, event, &out);
    else
        mcp_media_leg_emit(self, &out);
}

/*
 * The worker's reference to the stream goes with its last event. What was taken from the stream
 * before, its part in a room or bridge, is in commands that have run.
 */
static void
deliver_removed(McpMediaLeg *self, McpMediaStream *stream)
{
    mcp_media_worker_tidy(mcp_media_stream_get_worker(stream));
    if (self != NULL)
        self->removed = TRUE;
    if (self != NULL && self->closed)
        g_object_unref(self);
    mcp_media_stream_unref(stream);
}

void
mcp_media_leg_deliver(McpMediaLink *item)
{
    McpMediaEvent *event = (McpMediaEvent *)item;
    McpMediaStream *stream = NULL;
    McpMediaLeg *self = NULL;

    if (event->kind == MCP_MEDIA_EVENT_ROOM) {
        mcp_media_room_handle_deliver(event);
        return;
    }
    stream = mcp_media_stream_ref(event->stream);
    self = mcp_media_stream_get_leg(stream);
    if (self != NULL)
        g_object_ref(self);
    if (event->kind == MCP_MEDIA_EVENT_REMOVED)
        deliver_removed(self, stream);
    else if (event->kind == MCP_MEDIA_EVENT_TAP)
        mcp_media_tap_deliver(event);
    else if (event->kind == MCP_MEDIA_EVENT_DATAGRAM && self != NULL && !self->closed)
        mcp_media_leg_take_datagram(self, event->datagram);
    else if (event->kind == MCP_MEDIA_EVENT_RTCP && self != NULL)
        mcp_media_leg_show_rtcp(self, event);
    else if (event->kind == MCP_MEDIA_EVENT_SOURCE && self != NULL)
        self->source = event->remote;
    else if (event->kind == MCP_MEDIA_EVENT_LEG && self != NULL)
        deliver_leg_event(self, event);
    g_clear_pointer(&event->list, mcp_media_play_list_free);
    /* Nobody is left to hear of it. */
    g_clear_pointer(&event->recorder, mcp_media_recorder_abort);
    mcp_media_event_free(event);
    g_clear_object(&self);
    mcp_media_stream_unref(stream);
}

static void
leg_set_handler(McpLeg *leg, McpLegFunc func, gpointer user_data)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    self->func = func;
    self->user_data = user_data;
}

static void
leg_set_guard(McpLeg *leg, McpLegFunc func, gpointer user_data)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    self->guard = func;
    self->guard_data = user_data;
}

/* --- offer and answer --- */

static void
apply_agreement(McpMediaLeg *self)
{
    const McpMediaAgreement *next = mcp_media_negotiation_get(self->negotiation);
    McpMediaStreamChange change = {0};

    if (mcp_media_agreement_equal(&self->agreement, next))
        return;
    if (next->codec != NULL &&
        !mcp_media_format_equal(&next->format, mcp_media_leg_get_format(self))) {
        if (self->playing != NULL)
            change.list = mcp_media_play_list_convert(
                self->playing, mcp_media_service_get_cache(self->service), &next->format);
        if (self->ear_rate != 0)
            change.decoder = mcp_media_decoder_new(&next->format, self->ear_rate);
        if (self->has_mouth)
            change.mouth = mcp_media_decoder_new(&next->format, self->ear_rate);
        if (self->has_voice)
            change.sent = mcp_media_decoder_new(&next->format, self->ear_rate);
    }
    mcp_media_leg_change_live(self, next, &change);
    if (change.list != NULL)
        self->playing = change.list;
    if (next->protection != 0 && next->protection != self->agreement.protection)
        mcp_media_leg_make_protection(self, next, &change);
    self->agreement = *next;
    /* No packet falls between the old codec and a bridge that fits the new one. */
    mcp_media_batch_begin();
    mcp_media_stream_agree(self->stream, next, &change);
    mcp_media_leg_open_tones(self);
    mcp_media_leg_fit_bridge(self);
    mcp_media_batch_end();
}

static gboolean
check_open(McpMediaLeg *self, GError **error)
{
    if (self->closed)
        g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "the leg is closed");
    return !self->closed;
}

static McpSdp *
leg_create_offer(McpLeg *leg, GError **error)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    return check_open(self, error) ? mcp_media_negotiation_offer(self->negotiation, error) : NULL;
}

static McpSdp *
leg_answer(McpLeg *leg, McpSdp *offer, GError **error)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);
    McpSdp *answer = NULL;

    if (check_open(self, error))
        answer = mcp_media_negotiation_answer(self->negotiation, offer, error);
    if (answer != NULL)
        apply_agreement(self);
    return answer;
}

static gboolean
leg_apply_answer(McpLeg *leg, McpSdp *answer, GError **error)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    if (!check_open(self, error) || !mcp_media_negotiation_apply(self->negotiation, answer, error))
        return FALSE;
    apply_agreement(self);
    return TRUE;
}

static void
leg_rollback(McpLeg *leg)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    if (self->closed)
        return;
    mcp_media_negotiation_rollback(self->negotiation);
    apply_agreement(self);
}

static void
leg_start(McpLeg *leg)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    if (!self->closed)
        mcp_media_stream_start(self->stream);
}

/* --- output --- */

typedef struct {
    McpMediaLeg *leg;
    guint64 generation;
} LatePlay;

static gboolean
end_late_play(gpointer data)
{
    LatePlay *late = data;
    const McpLegEvent event = {
        .type = MCP_LEG_PLAYBACK_ENDED,
        .generation = late->generation,
        .stop = MCP_STOP_CLOSED,
    };

    mcp_media_leg_emit(late->leg, &event);
    g_object_unref(late->leg);
    g_free(late);
    return G_SOURCE_REMOVE;
}

/* Every generation ends once, also one that begins after the end of the leg. */
static void
refuse_play(McpMediaLeg *self, guint64 generation)
{
    g_autoptr(GSource) source = g_idle_source_new();
    LatePlay *late = g_new(LatePlay, 1);

    late->leg = g_object_ref(self);
    late->generation = generation;
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, end_late_play, late, NULL);
    g_source_attach(source, g_main_context_get_thread_default());
}

static guint64
leg_play(McpLeg *leg, const McpPlayItem *items, guint n_items)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);
    guint64 generation = ++self->generations;

    if (self->closed) {
        refuse_play(self, generation);
        return generation;
    }
    self->playing = mcp_media_play_list_new(generation, items, n_items,
                                            mcp_media_service_get_cache(self->service),
                                            mcp_media_leg_get_format(self));
    mcp_media_stream_play(self->stream, self->playing);
    return generation;
}

static void
leg_stop(McpLeg *leg, guint64 generation)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    if (!self->closed)
        mcp_media_stream_stop(self->stream, generation);
}

static gboolean
leg_send_digits(McpLeg *leg, const char *digits, guint duration_ms, guint gap_ms, GError **error)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);
    McpMediaEventSender check;

    if (!check_open(self, error))
        return FALSE;
    if (self->agreement.send_event_type < 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                    "the other side takes no telephone-event");
        return FALSE;
    }
    if (!mcp_media_event_sender_start(&check, digits, DIGIT_MS_MIN, DIGIT_MS_MIN, 8000)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "\"%.80s\" is not 1 to %u of the digits 0-9 * # A-D p", digits,
                    MCP_MEDIA_DIGITS_MAX);
        return FALSE;
    }
    if (self->digits_sending + strlen(digits) > MCP_MEDIA_DIGITS_MAX) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "%u digits are still being sent",
                    self->digits_sending);
        return FALSE;
    }
    self->digits_sending += (guint)strlen(digits);
    mcp_media_stream_send_digits(self->stream, digits,
                                 CLAMP(duration_ms, DIGIT_MS_MIN, DIGIT_MS_MAX),
                                 CLAMP(gap_ms, DIGIT_MS_MIN, DIGIT_MS_MAX));
    return TRUE;
}

/* --- input --- */

static void
leg_arm(McpLeg *leg, const McpArm *arm)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    if (!self->closed && arm->speech.listen)
        mcp_media_leg_open_voice(self);
    if (!self->closed)
        mcp_media_stream_arm(self->stream, arm, self->digits_seen,
                             mcp_media_digit_queue_matches(&self->digits, arm->digits));
}

static void
leg_disarm(McpLeg *leg)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    if (!self->closed)
        mcp_media_stream_disarm(self->stream);
}

static gboolean
leg_take_digit(McpLeg *leg, McpDigit *out_digit)
{
    return mcp_media_digit_queue_take(&MCP_MEDIA_LEG(leg)->digits, out_digit);
}

static void
leg_flush_digits(McpLeg *leg)
{
    MCP_MEDIA_LEG(leg)->digits.n = 0;
}

static void
leg_put_digit(McpLeg *leg, char digit, guint duration_ms)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);
    gint event = mcp_media_digit_to_event(digit);

    if (!self->closed && event >= 0 && mcp_media_service_takes_info_dtmf(self->service))
        mcp_media_stream_put_digit(self->stream, mcp_media_digit_from_event((guint)event),
                                   duration_ms);
}

/* --- life --- */

static void
leg_close(McpLeg *leg)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    if (self->closed)
        return;
    mcp_media_leg_leave(self);
    self->closed = TRUE;
    mcp_media_leg_drop_protection(self);
    if (self->removed)
        return;
    /* Held until the stream has been let go of, so that the last events find their handler. */
    g_object_ref(self);
    mcp_media_stream_remove(self->stream);
}

static McpLoopLoad *
leg_get_loop(McpLeg *leg)
{
    return mcp_media_worker_get_loop(mcp_media_stream_get_worker(MCP_MEDIA_LEG(leg)->stream));
}

static void
leg_leave(McpLeg *leg)
{
    mcp_media_leg_leave(MCP_MEDIA_LEG(leg));
}

static void
count_traffic(McpMediaLeg *self)
{
    McpMetrics *metrics = mcp_media_service_get_metrics(self->service);
    const McpMediaCounters *counters = mcp_media_stream_get_counters(self->stream);
    const struct {
        McpMediaMetric row;
        guint label;
        guint64 value;
    } sums[] = {
        {MCP_MEDIA_METRIC_PACKETS, 0, counters->packets_sent},
        {MCP_MEDIA_METRIC_PACKETS, 1, counters->packets_received},
        {MCP_MEDIA_METRIC_LOST, 0, counters->lost},
        {MCP_MEDIA_METRIC_DISCARDED, 0, counters->invalid},
        {MCP_MEDIA_METRIC_DISCARDED, 1, counters->foreign},
        {MCP_MEDIA_METRIC_DISCARDED, 2, counters->duplicate},
        {MCP_MEDIA_METRIC_DISCARDED, 3, counters->unauthentic},
        {MCP_MEDIA_METRIC_DISCARDED, 4, counters->replayed},
        {MCP_MEDIA_METRIC_DIGITS, 0, counters->digits},
        {MCP_MEDIA_METRIC_UNDERRUNS, 0, counters->underruns},
    };

    for (guint i = 0; metrics != NULL && i < G_N_ELEMENTS(sums); i++)
        mcp_metrics_add(metrics, sums[i].row, sums[i].label, (gint64)sums[i].value);
    if (metrics == NULL || counters->packets_received == 0)
        return;
    mcp_metrics_observe_call(metrics, MCP_MEDIA_METRIC_JITTER, 0,
                             (double)counters->jitter_us / G_USEC_PER_SEC, self->call_id);
    if (counters->mos > 0)
        mcp_metrics_observe_call(metrics, MCP_MEDIA_METRIC_MOS, 0, (double)counters->mos / 100.0,
                                 self->call_id);
}

McpMediaLeg *
mcp_media_leg_new(const McpMediaLegParams *params)
{
    McpMediaLeg *self = g_object_new(MCP_TYPE_MEDIA_LEG, NULL);
    struct sockaddr_storage own;
    char text[64] = "";

    self->service = g_object_ref(params->service);
    self->call_id = g_strdup(params->call_id);
    self->negotiation = mcp_media_negotiation_new(&params->local);
    mcp_media_format_init(&self->first_format, params->local.codecs[0], &params->local.options);
    self->stream = mcp_media_stream_new(&params->stream, self);
    self->agreement = *mcp_media_negotiation_get(self->negotiation);
    if (mcp_media_address_set(&own, params->local.address, params->local.port))
        mcp_media_address_print(&own, text, sizeof text);
    self->address = g_strdup(text);
    return self;
}

static void
mcp_media_leg_finalize(GObject *object)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(object);

    mcp_media_leg_leave(self);
    mcp_media_leg_drop_protection(self);
    mcp_media_stream_forget_leg(self->stream);
    if (!self->closed && !self->removed)
        mcp_media_stream_remove(self->stream);
    count_traffic(self);
    mcp_media_stream_unref(self->stream);
    mcp_media_service_leg_gone(self->service);
    g_object_unref(self->service);
    mcp_media_negotiation_free(self->negotiation);
    g_free(self->call_id);
    g_free(self->address);
    MCP_LEDGER_FINALIZED(McpMediaLeg);
    G_OBJECT_CLASS(mcp_media_leg_parent_class)->finalize(object);
}

static void
mcp_media_leg_class_init(McpMediaLegClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_media_leg_finalize;
}

static void
mcp_media_leg_init(McpMediaLeg *self)
{
    MCP_LEDGER_CREATED(McpMediaLeg);
}

static void
leg_iface_init(McpLegInterface *iface)
{
    iface->set_handler = leg_set_handler;
    iface->set_guard = leg_set_guard;
    iface->create_offer = leg_create_offer;
    iface->answer = leg_answer;
    iface->apply_answer = leg_apply_answer;
    iface->rollback = leg_rollback;
    iface->start = leg_start;
    iface->play = leg_play;
    iface->stop = leg_stop;
    iface->arm = leg_arm;
    iface->disarm = leg_disarm;
    iface->take_digit = leg_take_digit;
    iface->flush_digits = leg_flush_digits;
    iface->put_digit = leg_put_digit;
    iface->send_digits = leg_send_digits;
    iface->record = mcp_media_leg_record;
    iface->stop_recording = mcp_media_leg_stop_recording;
    iface->get_statistics = mcp_media_leg_get_statistics;
    iface->describe = mcp_media_leg_describe;
    iface->close = leg_close;
    iface->pause_recording = mcp_media_leg_pause_recording;
    iface->watch_progress = mcp_media_leg_watch_progress;
    iface->bridge = mcp_media_leg_bridge;
    iface->tap = mcp_media_leg_tap;
    iface->get_loop = leg_get_loop;
    iface->leave = leg_leave;
}
