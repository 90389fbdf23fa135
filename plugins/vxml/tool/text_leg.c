/* SPDX-License-Identifier: Apache-2.0 */
/* A leg without packets; see the header. One thread. */
#include "text_leg.h"

#include <mcp/error.h>
#include <string.h>

#include "text_media.h"
#include "turn.h"

/* Speech at 150 words a minute; other audio as if of 8000 bytes a second. */
#define WORD (400 * 1000)
#define BYTES_A_SECOND 8000

struct _McpVxmlTextLeg {
    GObject parent_instance;
    McpClock *clock;
    McpVxmlTextLegHooks hooks;
    McpLegFunc func;
    gpointer func_data;
    GQueue digits; /* McpDigit */
    guint64 generation;
    gboolean playing;
    gint64 play_start;
    McpTimer *play_timer;
    GPtrArray *places; /* Place: of what plays */
    gboolean armed;
    McpArm arm;
    McpTimer *input_timer;
    McpStoreStream *stream; /* of a recording that runs */
    McpRecordParams record;
    gint64 record_start;
    McpStopReason record_stop;
    McpTimer *record_timer;
};

static void leg_iface_init(McpLegInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpVxmlTextLeg, mcp_vxml_text_leg, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_LEG, leg_iface_init))

gint64
mcp_vxml_text_duration(const char *words, gsize length)
{
    gint64 count = 1;

    for (gsize i = 0; i < length; i++)
        count += words[i] == ' ' ? 1 : 0;
    return count * WORD;
}

static void
emit(McpVxmlTextLeg *self, McpLegEvent *event)
{
    event->time = mcp_clock_now(self->clock);
    if (self->func != NULL)
        self->func(MCP_LEG(self), event, self->func_data);
}

/* ---- input ---- */

static void
on_no_input(gpointer user_data)
{
    McpVxmlTextLeg *self = user_data;
    McpLegEvent event = {.type = MCP_LEG_NO_INPUT};

    mcp_timer_clear(&self->input_timer);
    if (self->armed)
        emit(self, &event);
}

static void
begin_wait(McpVxmlTextLeg *self)
{
    if (!self->armed || self->arm.no_input < 0 || self->playing)
        return;
    mcp_timer_clear(&self->input_timer);
    self->input_timer = mcp_clock_after(self->clock, NULL, self->arm.no_input, on_no_input, self);
    self->hooks.waits(FALSE, self->hooks.user_data);
}

static gboolean
counts(guint32 mask, char digit)
{
    static const char digits[] = "0123456789*#ABCD";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;

    return found != NULL && (mask >> (found - digits) & 1) != 0;
}

/* ---- what is heard when ---- */

/* A place in what plays: a mark, words, a pause or audio; told when it is reached. */
typedef struct {
    McpVxmlTextLeg *leg;
    McpTimer *timer;
    guint64 generation;
    const char *mark; /* nullable */
    char *words;      /* nullable */
    McpAudio *audio;  /* nullable */
    gint64 pause;     /* µs, of what is none of these */
} Place;

static void
place_free(gpointer data)
{
    Place *place = data;

    mcp_timer_clear(&place->timer);
    g_free(place->words);
    g_clear_pointer(&place->audio, mcp_audio_unref);
    g_free(place);
}

static void
reach(gpointer user_data)
{
    Place *place = user_data;
    McpVxmlTextLeg *self = place->leg;
    McpLegEvent event = {
        .type = MCP_LEG_MARK, .generation = place->generation, .mark = place->mark};

    mcp_timer_clear(&place->timer);
    if (place->mark != NULL) {
        if (strcmp(place->mark, MCP_VXML_TURN_MARK) != 0)
            self->hooks.marked(place->mark, self->hooks.user_data);
        emit(self, &event);
    } else if (place->words != NULL) {
        self->hooks.said(place->words, self->hooks.user_data);
    } else if (place->audio != NULL) {
        self->hooks.played(place->audio, self->hooks.user_data);
    } else if (place->pause > 0) {
        self->hooks.paused(place->pause, self->hooks.user_data);
    }
}

/* The very beginning is a time to come as well: who plays does not know yet that it does. */
static void
add_place(McpVxmlTextLeg *self, Place *place, gint64 delay)
{
    place->leg = self;
    place->generation = self->generation;
    g_ptr_array_add(self->places, place);
    place->timer = mcp_clock_after(self->clock, NULL, delay, reach, place);
}

/* ---- playing ---- */

/* What was stopped is told of later, as by a worker. */
typedef struct {
    McpVxmlTextLeg *leg;
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
emit_late(McpVxmlTextLeg *self, const McpLegEvent *event)
{
    Late *late = g_new0(Late, 1);

    late->leg = g_object_ref(self);
    late->event = *event;
    g_idle_add_full(G_PRIORITY_DEFAULT, on_late, late, late_free);
}

static void
on_played(gpointer user_data)
{
    McpVxmlTextLeg *self = user_data;
    McpLegEvent event = {
        .type = MCP_LEG_PLAYBACK_ENDED, .generation = self->generation, .stop = MCP_STOP_COMPLETED};

    mcp_timer_clear(&self->play_timer);
    self->playing = FALSE;
    if (self->armed && self->arm.generation == self->generation)
        begin_wait(self);
    emit(self, &event);
}

static void
stop_playing(McpVxmlTextLeg *self, McpStopReason reason)
{
    McpLegEvent event = {.type = MCP_LEG_PLAYBACK_ENDED,
                         .generation = self->generation,
                         .stop = reason,
                         .position = mcp_clock_now(self->clock) - self->play_start};

    if (!self->playing)
        return;
    self->playing = FALSE;
    mcp_timer_clear(&self->play_timer);
    g_ptr_array_set_size(self->places, 0);
    emit_late(self, &event);
}

/* What the line of words or of a pause lasts. */
static gint64
play_line(McpVxmlTextLeg *self, const char *line, gint64 start)
{
    Place *place = g_new0(Place, 1);
    gint64 duration = mcp_vxml_text_duration(line, strlen(line));

    if (*line == MCP_VXML_TEXT_PAUSE)
        place->pause = duration = g_ascii_strtoll(line + 1, NULL, 10) * 1000;
    else
        place->words = g_strdup(line);
    add_place(self, place, start);
    return duration;
}

static gint64
play_words(McpVxmlTextLeg *self, GBytes *bytes, gint64 start)
{
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    g_autofree char *text = g_strndup(data, length);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    gint64 duration = 0;

    for (guint i = 0; lines[i] != NULL; i++)
        duration += play_line(self, lines[i], start + duration);
    return duration;
}

/* What @item, which begins @start µs from now, lasts. */
static gint64
play_item(McpVxmlTextLeg *self, const McpPlayItem *item, gint64 start)
{
    Place *place;
    GBytes *bytes = item->audio != NULL ? mcp_audio_get_bytes(item->audio) : NULL;

    if (item->kind == MCP_PLAY_SILENCE)
        return item->duration;
    if (bytes != NULL && strcmp(mcp_audio_get_content_type(item->audio), MCP_VXML_TEXT_TYPE) == 0)
        return play_words(self, bytes, start);
    place = g_new0(Place, 1);
    if (item->kind == MCP_PLAY_MARK)
        place->mark = g_intern_string(item->mark);
    else
        place->audio = mcp_audio_ref(item->audio);
    add_place(self, place, start);
    return bytes != NULL ? (gint64)g_bytes_get_size(bytes) * G_USEC_PER_SEC / BYTES_A_SECOND : 0;
}

static guint64
leg_play(McpLeg *leg, const McpPlayItem *items, guint n_items)
{
    McpVxmlTextLeg *self = MCP_VXML_TEXT_LEG(leg);
    gint64 duration = 0;

    stop_playing(self, MCP_STOP_COMMAND);
    self->generation++;
    /* Those of the last prompt were told: it was heard to its end. */
    g_ptr_array_set_size(self->places, 0);
    for (guint i = 0; i < n_items; i++)
        duration += play_item(self, &items[i], duration);
    self->playing = TRUE;
    self->play_start = mcp_clock_now(self->clock);
    self->play_timer = mcp_clock_after(self->clock, NULL, duration, on_played, self);
    return self->generation;
}

static void
leg_stop(McpLeg *leg, guint64 generation)
{
    if (generation == MCP_VXML_TEXT_LEG(leg)->generation)
        stop_playing(MCP_VXML_TEXT_LEG(leg), MCP_STOP_COMMAND);
}

static void
leg_set_handler(McpLeg *leg, McpLegFunc func, gpointer user_data)
{
    MCP_VXML_TEXT_LEG(leg)->func = func;
    MCP_VXML_TEXT_LEG(leg)->func_data = user_data;
}

static void
leg_arm(McpLeg *leg, const McpArm *arm)
{
    McpVxmlTextLeg *self = MCP_VXML_TEXT_LEG(leg);
    gboolean queued = FALSE;

    self->arm = *arm;
    self->armed = TRUE;
    mcp_timer_clear(&self->input_timer);
    for (GList *at = self->digits.head; at != NULL; at = at->next)
        queued |= counts(arm->digits, ((McpDigit *)at->data)->digit);
    if (!queued)
        begin_wait(self);
    else if (arm->barge_in != MCP_BARGE_IN_NONE)
        stop_playing(self, MCP_STOP_DIGIT);
}

static void
leg_disarm(McpLeg *leg)
{
    MCP_VXML_TEXT_LEG(leg)->armed = FALSE;
    mcp_timer_clear(&MCP_VXML_TEXT_LEG(leg)->input_timer);
}

static gboolean
leg_take_digit(McpLeg *leg, McpDigit *out_digit)
{
    McpDigit *digit = g_queue_pop_head(&MCP_VXML_TEXT_LEG(leg)->digits);

    if (digit == NULL)
        return FALSE;
    *out_digit = *digit;
    g_free(digit);
    return TRUE;
}

static void
leg_flush_digits(McpLeg *leg)
{
    g_queue_clear_full(&MCP_VXML_TEXT_LEG(leg)->digits, g_free);
}

/* ---- recording ---- */

static void
end_recording(McpVxmlTextLeg *self, McpStopReason stop, char digit)
{
    g_autoptr(McpStoreStream) stream = g_steal_pointer(&self->stream);
    McpRecordingResult result = {.stop = stop,
                                 .digit = digit,
                                 .duration = mcp_clock_now(self->clock) - self->record_start,
                                 .size = mcp_store_stream_get_length(stream),
                                 .name = mcp_store_stream_get_name(stream),
                                 .max_time = stop == MCP_STOP_MAX_TIME,
                                 .channels = 1,
                                 .rate = 8000};
    McpLegEvent event = {.type = MCP_LEG_RECORDING_ENDED, .recording = &result};

    mcp_timer_clear(&self->record_timer);
    mcp_store_stream_commit_async(stream, NULL, NULL, NULL);
    emit(self, &event);
}

static void
on_record_end(gpointer user_data)
{
    McpVxmlTextLeg *self = user_data;

    mcp_timer_clear(&self->record_timer);
    if (self->stream != NULL)
        end_recording(self, self->record_stop, '\0');
}

static void
end_recording_after(McpVxmlTextLeg *self, gint64 delay, McpStopReason stop)
{
    mcp_timer_clear(&self->record_timer);
    self->record_stop = stop;
    self->record_timer = mcp_clock_after(self->clock, NULL, MAX(delay, 0), on_record_end, self);
}

static gboolean
leg_record(McpLeg *leg, const McpRecordParams *params, GError **error)
{
    McpVxmlTextLeg *self = MCP_VXML_TEXT_LEG(leg);

    if (self->stream != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the leg records already");
        return FALSE;
    }
    self->stream = g_object_ref(params->stream);
    self->record = *params;
    self->record_start = mcp_clock_now(self->clock);
    /* Until somebody says something. */
    if (params->no_input >= 0)
        end_recording_after(self, params->no_input, MCP_STOP_NO_INPUT);
    else if (params->max_time > 0)
        end_recording_after(self, params->max_time, MCP_STOP_MAX_TIME);
    self->hooks.waits(TRUE, self->hooks.user_data);
    return TRUE;
}

static void
leg_stop_recording(McpLeg *leg)
{
    if (MCP_VXML_TEXT_LEG(leg)->stream != NULL)
        end_recording_after(MCP_VXML_TEXT_LEG(leg), 0, MCP_STOP_COMMAND);
}

void
mcp_vxml_text_leg_speak(McpVxmlTextLeg *self, const char *words)
{
    gint64 end = mcp_vxml_text_duration(words, strlen(words)) + self->record.final_silence;
    gboolean long_enough = self->record.max_time > 0 && end >= self->record.max_time;

    if (self->stream == NULL || *words == '\0')
        return;
    mcp_store_stream_append(self->stream, words, strlen(words));
    end_recording_after(self, long_enough ? self->record.max_time : end,
                        long_enough ? MCP_STOP_MAX_TIME : MCP_STOP_SILENCE);
}

void
mcp_vxml_text_leg_press(McpVxmlTextLeg *self, char digit)
{
    McpDigit *put = NULL;
    McpLegEvent event = {.type = MCP_LEG_DIGIT};

    if (self->stream != NULL && counts(self->record.end_digits, digit)) {
        end_recording(self, MCP_STOP_DIGIT, digit);
        return;
    }
    put = g_new0(McpDigit, 1);
    put->digit = digit;
    put->start = mcp_clock_now(self->clock);
    put->duration_ms = 80;
    g_queue_push_tail(&self->digits, put);
    event.digit = *put;
    if (self->armed && counts(self->arm.digits, digit)) {
        if (self->arm.barge_in != MCP_BARGE_IN_NONE)
            stop_playing(self, MCP_STOP_DIGIT);
        mcp_timer_clear(&self->input_timer);
    }
    emit(self, &event);
}

/* ---- life ---- */

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
}

static void
finalize(GObject *object)
{
    McpVxmlTextLeg *self = MCP_VXML_TEXT_LEG(object);

    mcp_timer_clear(&self->play_timer);
    mcp_timer_clear(&self->input_timer);
    mcp_timer_clear(&self->record_timer);
    g_ptr_array_unref(self->places);
    g_clear_object(&self->stream);
    g_queue_clear_full(&self->digits, g_free);
    g_object_unref(self->clock);
    G_OBJECT_CLASS(mcp_vxml_text_leg_parent_class)->finalize(object);
}

static void
mcp_vxml_text_leg_class_init(McpVxmlTextLegClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = finalize;
}

static void
mcp_vxml_text_leg_init(McpVxmlTextLeg *self)
{
    g_queue_init(&self->digits);
    self->places = g_ptr_array_new_with_free_func(place_free);
}

McpVxmlTextLeg *
mcp_vxml_text_leg_new(McpClock *clock, const McpVxmlTextLegHooks *hooks)
{
    McpVxmlTextLeg *self = g_object_new(MCP_TYPE_VXML_TEXT_LEG, NULL);

    self->clock = g_object_ref(clock);
    self->hooks = *hooks;
    return self;
}
