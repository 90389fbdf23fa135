/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recognizer for tests: the words are lines of a file, what the caller says is the number of one,
 * in tones. The recognizer is never changed and used by all shards; a recognition lives on the
 * shard of its call.
 */
#include "recognizer.h"

#include "tone_code.h"
#include <mcp/error.h>
#include <string.h>

#define CONFIDENCE 0.9
#define SILENCE (200 * 1000)          /* µs that end what was said */
#define LONGEST (10 * G_USEC_PER_SEC) /* µs */

/* ---- the words ---- */

struct _TonesRecognizer {
    GObject parent_instance;
    GPtrArray *lines; /* of GArray of McpHypothesis */
};

static void recognizer_iface_init(McpRecognizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(TonesRecognizer, tones_recognizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNIZER, recognizer_iface_init))

static void
clear_hypothesis(gpointer data)
{
    g_free((char *)((McpHypothesis *)data)->words);
}

static GArray *
parse_line(const char *line)
{
    GArray *result = g_array_new(FALSE, FALSE, sizeof(McpHypothesis));
    g_auto(GStrv) parts = g_strsplit(line, "|", -1);

    g_array_set_clear_func(result, clear_hypothesis);
    for (guint i = 0; parts[i] != NULL; i++) {
        char *at = strrchr(parts[i], '@');
        McpHypothesis hypothesis = {.confidence = CONFIDENCE, .grammar = -1};

        if (at != NULL) {
            *at = '\0';
            hypothesis.confidence = g_ascii_strtod(at + 1, NULL);
        }
        hypothesis.words = g_strdup(g_strstrip(parts[i]));
        g_array_append_val(result, hypothesis);
    }
    return result;
}

TonesRecognizer *
tones_recognizer_new(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    TonesRecognizer *self;

    if (!g_file_get_contents(path, &text, NULL, error))
        return NULL;
    self = g_object_new(TONES_TYPE_RECOGNIZER, NULL);
    lines = g_strsplit(g_strchomp(text), "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++)
        g_ptr_array_add(self->lines, parse_line(lines[i]));
    return self;
}

/* ---- one recognition ---- */

#define TONES_TYPE_RECOGNITION (tones_recognition_get_type())
G_DECLARE_FINAL_TYPE(TonesRecognition, tones_recognition, TONES, RECOGNITION, GObject)

struct _TonesRecognition {
    GObject parent_instance;
    TonesRecognizer *recognizer;
    McpTap *tap;
    GSource *first;          /* nullable: reads what waits already */
    McpRecognitionFunc func; /* NULL: it has ended */
    gpointer user_data;
    gboolean hotword;
    guint n_best;
    double confidence;
    gint64 complete; /* µs */
    gint64 incomplete;
    gint64 max_speech;
    ToneCode code;
    gint64 begin; /* monotonic µs of the first sound, 0: none */
    gint64 end;   /* of the last one */
};

static void recognition_iface_init(McpRecognitionInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(TonesRecognition, tones_recognition, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNITION, recognition_iface_init))

static void
stop(McpRecognition *recognition)
{
    TonesRecognition *self = TONES_RECOGNITION(recognition);

    self->func = NULL;
    if (self->first != NULL)
        g_source_destroy(self->first);
    g_clear_pointer(&self->first, g_source_unref);
    if (self->tap != NULL)
        mcp_tap_set_ready(self->tap, NULL, NULL);
}

static void
end_with(TonesRecognition *self, const McpRecognitionEvent *event)
{
    McpRecognitionFunc func = self->func;

    stop(MCP_RECOGNITION(self));
    func(MCP_RECOGNITION(self), event, self->user_data);
}

static void
forget(TonesRecognition *self)
{
    memset(&self->code, 0, sizeof self->code);
    self->begin = 0;
}

/* It is silent again. */
static void
judge(TonesRecognition *self)
{
    int number = tone_code_get(&self->code);
    const GPtrArray *lines = self->recognizer->lines;
    const GArray *line = number >= 0 && (guint)number < lines->len ? lines->pdata[number] : NULL;
    McpRecognitionEvent event = {.type = MCP_RECOGNITION_NO_MATCH, .time = self->end};

    if (line != NULL) {
        event.hypotheses = (const McpHypothesis *)line->data;
        event.n_hypotheses = MIN(line->len, self->n_best);
        if (event.hypotheses->confidence >= self->confidence)
            event.type = MCP_RECOGNITION_MATCH;
    }
    if (self->hotword && event.type == MCP_RECOGNITION_NO_MATCH)
        forget(self);
    else
        end_with(self, &event);
}

static void
tell_speech(TonesRecognition *self)
{
    const McpRecognitionEvent event = {.type = MCP_RECOGNITION_SPEECH, .time = self->begin};

    self->func(MCP_RECOGNITION(self), &event, self->user_data);
}

static void
take(TonesRecognition *self, const McpTapFrame *frame)
{
    gint64 now = frame->time + TONE_CODE_FRAME_MS * 1000;
    gboolean sounds =
        tone_code_feed(&self->code, (const gint16 *)frame->data, (guint)frame->length / 2);
    gint64 patience = tone_code_get(&self->code) >= 0 ? self->complete : self->incomplete;

    if (sounds)
        self->end = now;
    if (sounds && self->begin == 0) {
        self->begin = frame->time;
        tell_speech(self);
    } else if (self->begin != 0 && now - self->end >= patience) {
        judge(self);
    } else if (self->begin != 0 && now - self->begin > self->max_speech) {
        const McpRecognitionEvent event = {.type = MCP_RECOGNITION_TOO_LONG, .time = now};

        if (self->hotword)
            forget(self);
        else
            end_with(self, &event);
    }
}

static void
on_ready(McpTap *tap, gpointer user_data)
{
    g_autoptr(TonesRecognition) self = g_object_ref(user_data);
    McpTapFrame frame;

    while (self->func != NULL && mcp_tap_read(tap, &frame))
        take(self, &frame);
    if (self->func != NULL && mcp_tap_has_ended(tap)) {
        g_autoptr(GError) error =
            g_error_new_literal(MCP_ERROR, MCP_ERROR_CLOSED, "the tap has ended");
        const McpRecognitionEvent event = {.type = MCP_RECOGNITION_FAILED, .error = error};

        end_with(self, &event);
    }
}

static gboolean
on_first(gpointer user_data)
{
    TonesRecognition *self = user_data;

    g_clear_pointer(&self->first, g_source_unref);
    on_ready(self->tap, self);
    return G_SOURCE_REMOVE;
}

static void
recognition_iface_init(McpRecognitionInterface *iface)
{
    iface->stop = stop;
}

static void
tones_recognition_dispose(GObject *object)
{
    TonesRecognition *self = TONES_RECOGNITION(object);

    stop(MCP_RECOGNITION(self));
    g_clear_object(&self->tap);
    g_clear_object(&self->recognizer);
    G_OBJECT_CLASS(tones_recognition_parent_class)->dispose(object);
}

static void
tones_recognition_class_init(TonesRecognitionClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = tones_recognition_dispose;
}

static void
tones_recognition_init(TonesRecognition *self)
{
}

/* ---- the recognizer ---- */

static void
get_format(McpRecognizer *recognizer, McpTapParams *out_params)
{
    *out_params = (McpTapParams){.source = MCP_TAP_HEARD,
                                 .encoding = MCP_TAP_S16,
                                 .rate = TONE_CODE_RATE,
                                 .frame_ms = TONE_CODE_FRAME_MS};
}

static McpRecognition *
begin(McpRecognizer *recognizer, const McpRecognitionRequest *request, McpRecognitionFunc func,
      gpointer user_data)
{
    TonesRecognition *self = g_object_new(TONES_TYPE_RECOGNITION, NULL);

    self->recognizer = TONES_RECOGNIZER(g_object_ref(recognizer));
    self->tap = g_object_ref(request->tap);
    self->func = func;
    self->user_data = user_data;
    self->hotword = request->hotword;
    self->n_best = MAX(request->n_best, 1);
    self->confidence = request->confidence;
    self->complete = request->complete_timeout > 0 ? request->complete_timeout : SILENCE;
    self->incomplete = request->incomplete_timeout > 0 ? request->incomplete_timeout : SILENCE;
    self->max_speech = request->max_speech > 0 ? request->max_speech : LONGEST;
    mcp_tap_set_ready(self->tap, on_ready, self);
    self->first = g_idle_source_new();
    g_source_set_priority(self->first, G_PRIORITY_DEFAULT);
    g_source_set_callback(self->first, on_first, self, NULL);
    g_source_attach(self->first, g_main_context_get_thread_default());
    return MCP_RECOGNITION(self);
}

static void
recognizer_iface_init(McpRecognizerInterface *iface)
{
    iface->get_format = get_format;
    iface->begin = begin;
}

static void
tones_recognizer_finalize(GObject *object)
{
    g_ptr_array_unref(TONES_RECOGNIZER(object)->lines);
    G_OBJECT_CLASS(tones_recognizer_parent_class)->finalize(object);
}

static void
tones_recognizer_class_init(TonesRecognizerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = tones_recognizer_finalize;
}

static void
tones_recognizer_init(TonesRecognizer *self)
{
    self->lines = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
}
