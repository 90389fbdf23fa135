/* SPDX-License-Identifier: Apache-2.0 */
/* A recognizer that is told what it hears, and the tap that it would read. */
#include <mcp/error.h>

#include "fakes.h"

/* ---- tap: one frame of silence, of the far future ---- */

#define FAKE_TYPE_TAP (fake_tap_get_type())
G_DECLARE_FINAL_TYPE(FakeTap, fake_tap, FAKE, TAP, GObject)

struct _FakeTap {
    GObject parent_instance;
    gboolean closed;
    gboolean read;
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeTap, fake_tap, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

static gboolean
tap_read(McpTap *tap, McpTapFrame *out_frame)
{
    static const guint8 silence[320] = {0};
    FakeTap *self = FAKE_TAP(tap);

    if (self->read || self->closed)
        return FALSE;
    self->read = TRUE;
    *out_frame = (McpTapFrame){.data = silence, .length = sizeof silence, .time = G_MAXINT64 - 1};
    return TRUE;
}

static gboolean
tap_has_ended(McpTap *tap)
{
    return FAKE_TAP(tap)->closed;
}

static void
tap_close(McpTap *tap)
{
    FAKE_TAP(tap)->closed = TRUE;
}

static void
tap_iface_init(McpTapInterface *iface)
{
    iface->read = tap_read;
    iface->has_ended = tap_has_ended;
    iface->close = tap_close;
}

static void
fake_tap_class_init(FakeTapClass *klass)
{
}

static void
fake_tap_init(FakeTap *self)
{
}

McpTap *
fake_tap_new(void)
{
    return g_object_new(FAKE_TYPE_TAP, NULL);
}

/* ---- recognition ---- */

#define FAKE_TYPE_RECOGNITION (fake_recognition_get_type())
G_DECLARE_FINAL_TYPE(FakeRecognition, fake_recognition, FAKE, RECOGNITION, GObject)

struct _FakeRecognition {
    GObject parent_instance;
    FakeRecognizer *recognizer; /* whose only one it is; NULL when it was stopped, or is over */
    McpTap *tap;
    McpRecognitionFunc func;
    gpointer user_data;
};

struct _FakeRecognizer {
    GObject parent_instance;
    FakeRecognition *present; /* nullable */
    FakeRequest asked;
    guint n_begun;
    GString *heard;
};

static void recognition_iface_init(McpRecognitionInterface *iface);
static void recognizer_iface_init(McpRecognizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeRecognition, fake_recognition, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNITION, recognition_iface_init))
G_DEFINE_FINAL_TYPE_WITH_CODE(FakeRecognizer, fake_recognizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNIZER, recognizer_iface_init))

static void
recognition_stop(McpRecognition *recognition)
{
    FakeRecognition *self = FAKE_RECOGNITION(recognition);

    if (self->recognizer != NULL)
        self->recognizer->present = NULL;
    self->recognizer = NULL;
}

static void
recognition_iface_init(McpRecognitionInterface *iface)
{
    iface->stop = recognition_stop;
}

static void
fake_recognition_finalize(GObject *object)
{
    FakeRecognition *self = FAKE_RECOGNITION(object);

    recognition_stop(MCP_RECOGNITION(self));
    g_object_unref(self->tap);
    G_OBJECT_CLASS(fake_recognition_parent_class)->finalize(object);
}

static void
fake_recognition_class_init(FakeRecognitionClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = fake_recognition_finalize;
}

static void
fake_recognition_init(FakeRecognition *self)
{
}

static McpRecognition *
recognizer_begin(McpRecognizer *recognizer, const McpRecognitionRequest *request,
                 McpRecognitionFunc func, gpointer user_data)
{
    FakeRecognizer *self = FAKE_RECOGNIZER(recognizer);
    FakeRecognition *recognition = g_object_new(FAKE_TYPE_RECOGNITION, NULL);

    /* A tap has one reader, a caller one mouth. */
    g_assert_null(self->present);
    g_assert_false(mcp_tap_has_ended(request->tap));
    recognition->recognizer = self;
    recognition->tap = g_object_ref(request->tap);
    recognition->func = func;
    recognition->user_data = user_data;
    self->present = recognition;
    self->n_begun++;
    g_assert_cmpuint(request->n_grammars, >, 0);
    self->asked = (FakeRequest){.n_grammars = request->n_grammars,
                                .weight = request->grammars[0].weight,
                                .hotword = request->hotword,
                                .n_best = request->n_best,
                                .confidence = request->confidence,
                                .sensitivity = request->sensitivity,
                                .accuracy = request->accuracy,
                                .complete_timeout = request->complete_timeout,
                                .incomplete_timeout = request->incomplete_timeout,
                                .max_speech = request->max_speech};
    g_strlcpy(self->asked.engines, request->engines != NULL ? request->engines : "",
              sizeof self->asked.engines);
    if (request->parameters != NULL)
        g_strlcpy(self->asked.speed, g_hash_table_lookup(request->parameters, "com.example.speed"),
                  sizeof self->asked.speed);
    return MCP_RECOGNITION(recognition);
}

static void
recognizer_iface_init(McpRecognizerInterface *iface)
{
    iface->begin = recognizer_begin;
}

static void
fake_recognizer_finalize(GObject *object)
{
    g_assert_null(FAKE_RECOGNIZER(object)->present);
    g_string_free(FAKE_RECOGNIZER(object)->heard, TRUE);
    G_OBJECT_CLASS(fake_recognizer_parent_class)->finalize(object);
}

static void
fake_recognizer_class_init(FakeRecognizerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = fake_recognizer_finalize;
}

static void
fake_recognizer_init(FakeRecognizer *self)
{
    self->heard = g_string_new(NULL);
}

FakeRecognizer *
fake_recognizer_new(void)
{
    return g_object_new(FAKE_TYPE_RECOGNIZER, NULL);
}

guint
fake_recognizer_get_begun(const FakeRecognizer *self)
{
    return self->n_begun;
}

const FakeRequest *
fake_recognizer_get_asked(const FakeRecognizer *self)
{
    return self->n_begun > 0 ? &self->asked : NULL;
}

void
fake_recognizer_listen(FakeRecognizer *self)
{
    McpTapFrame frame;
    gboolean hears = self->present != NULL && mcp_tap_read(self->present->tap, &frame);

    g_string_append_c(self->heard, hears ? '+' : '-');
}

const char *
fake_recognizer_get_heard(const FakeRecognizer *self)
{
    return self->heard->str;
}

static gboolean
tell(FakeRecognizer *self, const McpRecognitionEvent *event)
{
    g_autoptr(FakeRecognition) recognition = NULL;

    if (self->present == NULL)
        return FALSE;
    recognition = g_object_ref(self->present);
    if (event->type >= MCP_RECOGNITION_MATCH)
        recognition_stop(MCP_RECOGNITION(recognition));
    recognition->func(MCP_RECOGNITION(recognition), event, recognition->user_data);
    return TRUE;
}

gboolean
fake_recognizer_say(FakeRecognizer *self, McpRecognitionEventType type,
                    const McpHypothesis *hypotheses, guint n_hypotheses)
{
    McpRecognitionEvent event = {
        .type = type, .hypotheses = hypotheses, .n_hypotheses = n_hypotheses};
    McpRecognitionEvent begin = {.type = MCP_RECOGNITION_SPEECH};

    return tell(self, &begin) && tell(self, &event);
}

gboolean
fake_recognizer_end(FakeRecognizer *self, McpRecognitionEventType type, McpError code)
{
    g_autoptr(GError) error = g_error_new(MCP_ERROR, (gint)code, "so the test says");
    McpRecognitionEvent event = {.type = type, .error = error};

    return tell(self, &event);
}
