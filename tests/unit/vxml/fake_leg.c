/* SPDX-License-Identifier: Apache-2.0 */
/* A leg without packets: prompts take a second each, keys and speech come from the test. */
#include <mcp/error.h>
#include <string.h>

#include "fakes.h"

struct _FakeLeg {
    GObject parent_instance;
    McpClock *clock;
    McpLegFunc func;
    gpointer func_data;
    FakeLegFunc wait_func;
    gpointer wait_data;
    GQueue digits; /* McpDigit */
    GPtrArray *heard;
    guint last;
    guint64 generation;
    gboolean playing;
    gint64 play_start;
    McpTimer *play_timer;
    gboolean armed;
    McpArm arm;
    McpTimer *input_timer;
    McpTimer *record_timer;
    McpStoreStream *stream;
    McpRecordParams record;
    McpStopReason record_stop;
    gint64 record_start;
    gint64 speech;
    gint64 pace; /* µs that an audio lasts */
};

static void leg_iface_init(McpLegInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeLeg, fake_leg, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_LEG, leg_iface_init))

static void
emit(FakeLeg *self, McpLegEvent *event)
{
    event->time = mcp_clock_now(self->clock);
    if (self->func != NULL)
        self->func(MCP_LEG(self), event, self->func_data);
}

static void
on_no_input(gpointer user_data)
{
    FakeLeg *self = user_data;
    McpLegEvent event = {.type = MCP_LEG_NO_INPUT};

    mcp_timer_clear(&self->input_timer);
    if (self->armed)
        emit(self, &event);
}

static void
begin_wait(FakeLeg *self)
{
    if (!self->armed || self->arm.no_input < 0 || self->playing)
        return;
    mcp_timer_clear(&self->input_timer);
    self->input_timer = mcp_clock_after(self->clock, NULL, self->arm.no_input, on_no_input, self);
    if (self->wait_func != NULL)
        self->wait_func(self, self->wait_data);
    self->last = self->heard->len;
}

/* The event of a list that was stopped comes later, as from a worker. */
typedef struct {
    FakeLeg *leg;
    McpLegEvent event;
} Late;

static gboolean
on_late(gpointer user_data)
{
    Late *late = user_data;

    emit(late->leg, &late->event);
    return G_SOURCE_REMOVE;
}

static void
late_free(gpointer user_data)
{
    Late *late = user_data;

    g_object_unref(late->leg);
    g_free(late);
}

static void
emit_late(FakeLeg *self, const McpLegEvent *event)
{
    Late *late = g_new0(Late, 1);

    late->leg = g_object_ref(self);
    late->event = *event;
    g_idle_add_full(G_PRIORITY_DEFAULT, on_late, late, late_free);
}

static void
on_played(gpointer user_data)
{
    FakeLeg *self = user_data;
    McpLegEvent event = {
        .type = MCP_LEG_PLAYBACK_ENDED, .generation = self->generation, .stop = MCP_STOP_COMPLETED};

    mcp_timer_clear(&self->play_timer);
    self->playing = FALSE;
    if (self->armed && self->arm.generation == self->generation)
        begin_wait(self);
    emit(self, &event);
}

static void
stop_playing(FakeLeg *self, McpStopReason reason)
{
    McpLegEvent event = {.type = MCP_LEG_PLAYBACK_ENDED,
                         .generation = self->generation,
                         .stop = reason,
                         .position = mcp_clock_now(self->clock) - self->play_start};

    if (!self->playing)
        return;
    self->playing = FALSE;
    mcp_timer_clear(&self->play_timer);
    emit_late(self, &event);
}

static void
leg_set_handler(McpLeg *leg, McpLegFunc func, gpointer user_data)
{
    FAKE_LEG(leg)->func = func;
    FAKE_LEG(leg)->func_data = user_data;
}

char *
fake_audio_name(GBytes *bytes)
{
    g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);

    return g_strdup_printf("(audio %.12s)", sum);
}

static void
hear(FakeLeg *self, McpAudio *audio)
{
    GBytes *bytes = mcp_audio_get_bytes(audio);
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    gboolean text = g_utf8_validate(data, (gssize)length, NULL);

    g_ptr_array_add(self->heard, text ? g_strndup(data, length) : fake_audio_name(bytes));
}

static guint64
leg_play(McpLeg *leg, const McpPlayItem *items, guint n_items)
{
    FakeLeg *self = FAKE_LEG(leg);
    gint64 duration = 0;

    stop_playing(self, MCP_STOP_COMMAND);
    self->generation++;
    for (guint i = 0; i < n_items; i++) {
        McpLegEvent mark = {.type = MCP_LEG_MARK,
                            .generation = self->generation,
                            .mark = g_intern_string(items[i].mark)};

        if (items[i].kind == MCP_PLAY_MARK)
            emit_late(self, &mark);
        else if (items[i].kind == MCP_PLAY_SILENCE)
            duration += items[i].duration;
        else
            hear(self, items[i].audio);
        duration += items[i].kind == MCP_PLAY_AUDIO ? self->pace : 0;
    }
    self->playing = TRUE;
    self->play_start = mcp_clock_now(self->clock);
    self->play_timer = mcp_clock_after(self->clock, NULL, duration, on_played, self);
    return self->generation;
}

static void
leg_stop(McpLeg *leg, guint64 generation)
{
    if (generation == FAKE_LEG(leg)->generation)
        stop_playing(FAKE_LEG(leg), MCP_STOP_COMMAND);
}

static gboolean
counts(const McpArm *arm, char digit)
{
    static const char digits[] = "0123456789*#ABCD";
    const char *found = strchr(digits, digit);

    return found != NULL && (arm->digits >> (found - digits) & 1) != 0;
}

static gboolean
has_digit(FakeLeg *self)
{
    for (GList *at = self->digits.head; at != NULL; at = at->next)
        if (counts(&self->arm, ((McpDigit *)at->data)->digit))
            return TRUE;
    return FALSE;
}

static void
leg_arm(McpLeg *leg, const McpArm *arm)
{
    FakeLeg *self = FAKE_LEG(leg);

    self->arm = *arm;
    self->armed = TRUE;
    mcp_timer_clear(&self->input_timer);
    if (!has_digit(self))
        begin_wait(self);
    else if (arm->barge_in != MCP_BARGE_IN_NONE)
        stop_playing(self, MCP_STOP_DIGIT);
}

static void
leg_disarm(McpLeg *leg)
{
    FAKE_LEG(leg)->armed = FALSE;
    mcp_timer_clear(&FAKE_LEG(leg)->input_timer);
}

static gboolean
leg_take_digit(McpLeg *leg, McpDigit *out_digit)
{
    McpDigit *digit = g_queue_pop_head(&FAKE_LEG(leg)->digits);

    if (digit == NULL)
        return FALSE;
    *out_digit = *digit;
    g_free(digit);
    return TRUE;
}

static void
leg_flush_digits(McpLeg *leg)
{
    g_queue_clear_full(&FAKE_LEG(leg)->digits, g_free);
}

static void
end_recording(FakeLeg *self, McpStopReason stop, char digit)
{
    gint64 duration = mcp_clock_now(self->clock) - self->record_start;
    g_autoptr(McpStoreStream) stream = g_steal_pointer(&self->stream);
    McpRecordingResult result = {.stop = stop,
                                 .digit = digit,
                                 .duration = duration,
                                 .size = (guint64)(duration / 62),
                                 .name = mcp_store_stream_get_name(stream),
                                 .max_time = stop == MCP_STOP_MAX_TIME,
                                 .channels = self->record.source == MCP_RECORD_STEREO ? 2 : 1,
                                 .rate = 8000};
    McpLegEvent event = {.type = MCP_LEG_RECORDING_ENDED, .recording = &result};

    mcp_timer_clear(&self->record_timer);
    mcp_store_stream_append(stream, "what the caller said", 20);
    mcp_store_stream_commit_async(stream, NULL, NULL, NULL);
    emit(self, &event);
}

static void
on_record_end(gpointer user_data)
{
    FakeLeg *self = user_data;

    mcp_timer_clear(&self->record_timer);
    end_recording(self, self->record_stop, '\0');
}

static gboolean
leg_record(McpLeg *leg, const McpRecordParams *params, GError **error)
{
    FakeLeg *self = FAKE_LEG(leg);
    gint64 end = self->speech + params->final_silence;

    if (self->stream != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the leg records already");
        return FALSE;
    }
    self->stream = g_object_ref(params->stream);
    self->record = *params;
    self->record_start = mcp_clock_now(self->clock);
    self->record_stop = MCP_STOP_SILENCE;
    if (self->speech == 0 && params->no_input >= 0) {
        self->record_stop = MCP_STOP_NO_INPUT;
        end = params->no_input;
    } else if (params->max_time > 0 && params->max_time < end) {
        self->record_stop = MCP_STOP_MAX_TIME;
        end = params->max_time;
    }
    self->record_timer = mcp_clock_after(self->clock, NULL, end, on_record_end, self);
    return TRUE;
}

static void
leg_stop_recording(McpLeg *leg)
{
    FakeLeg *self = FAKE_LEG(leg);

    if (self->stream == NULL)
        return;
    self->record_stop = MCP_STOP_COMMAND;
    mcp_timer_clear(&self->record_timer);
    self->record_timer = mcp_clock_after(self->clock, NULL, 0, on_record_end, self);
}

static gboolean
leg_pause_recording(McpLeg *leg, gboolean paused, McpRecordPause with, GError **error)
{
    FakeLeg *self = FAKE_LEG(leg);
    gint64 left =
        self->record_stop == MCP_STOP_NO_INPUT ? self->record.no_input : self->record.final_silence;

    if (self->stream == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the leg does not record");
        return FALSE;
    }
    mcp_timer_clear(&self->record_timer);
    if (!paused)
        self->record_timer = mcp_clock_after(self->clock, NULL, left, on_record_end, self);
    return TRUE;
}

void
fake_leg_press(FakeLeg *self, char digit)
{
    McpDigit *put = g_new0(McpDigit, 1);
    McpLegEvent event = {.type = MCP_LEG_DIGIT};

    put->digit = digit;
    put->start = mcp_clock_now(self->clock);
    put->duration_ms = 80;
    g_queue_push_tail(&self->digits, put);
    event.digit = *put;
    if (self->stream != NULL && counts(&(McpArm){.digits = self->record.end_digits}, digit)) {
        end_recording(self, MCP_STOP_DIGIT, digit);
        return;
    }
    if (self->armed && counts(&self->arm, digit)) {
        if (self->arm.barge_in != MCP_BARGE_IN_NONE)
            stop_playing(self, MCP_STOP_DIGIT);
        mcp_timer_clear(&self->input_timer);
    }
    emit(self, &event);
}

void
fake_leg_speak(FakeLeg *self, gboolean speaks)
{
    McpLegEvent event = {.type = speaks ? MCP_LEG_SPEECH_STARTED : MCP_LEG_SPEECH_ENDED};

    if (!self->armed || !self->arm.speech.listen)
        return;
    if (speaks && self->arm.barge_in == MCP_BARGE_IN_SPEECH)
        stop_playing(self, MCP_STOP_SPEECH);
    mcp_timer_clear(&self->input_timer);
    emit(self, &event);
}

static McpTap *
leg_tap(McpLeg *leg, const McpTapParams *params, GError **error)
{
    return fake_tap_new();
}

static void
leg_iface_init(McpLegInterface *iface)
{
    iface->set_handler = leg_set_handler;
    iface->play = leg_play;
    iface->stop = leg_stop;
    iface->arm = leg_arm;
    iface->disarm = leg_disarm;
    iface->take_digit = leg_take_digit;
    iface->flush_digits = leg_flush_digits;
    iface->record = leg_record;
    iface->stop_recording = leg_stop_recording;
    iface->pause_recording = leg_pause_recording;
    iface->tap = leg_tap;
}

static void
finalize(GObject *object)
{
    FakeLeg *self = FAKE_LEG(object);

    mcp_timer_clear(&self->play_timer);
    mcp_timer_clear(&self->input_timer);
    mcp_timer_clear(&self->record_timer);
    g_clear_object(&self->stream);
    g_clear_object(&self->clock);
    g_queue_clear_full(&self->digits, g_free);
    g_ptr_array_unref(self->heard);
    G_OBJECT_CLASS(fake_leg_parent_class)->finalize(object);
}

static void
fake_leg_class_init(FakeLegClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = finalize;
}

static void
fake_leg_init(FakeLeg *self)
{
    g_queue_init(&self->digits);
    self->heard = g_ptr_array_new_with_free_func(g_free);
    self->speech = 2 * G_USEC_PER_SEC;
    self->pace = G_USEC_PER_SEC;
}

FakeLeg *
fake_leg_new(McpClock *clock)
{
    FakeLeg *self = g_object_new(FAKE_TYPE_LEG, NULL);

    self->clock = g_object_ref(clock);
    return self;
}

void
fake_leg_on_wait(FakeLeg *self, FakeLegFunc func, gpointer user_data)
{
    self->wait_func = func;
    self->wait_data = user_data;
}

void
fake_leg_set_speech(FakeLeg *self, gint64 duration)
{
    self->speech = duration;
}

void
fake_leg_set_pace(FakeLeg *self, gint64 duration)
{
    self->pace = duration;
}

GPtrArray *
fake_leg_get_heard(FakeLeg *self)
{
    return self->heard;
}

guint
fake_leg_get_last(FakeLeg *self)
{
    return self->last;
}
