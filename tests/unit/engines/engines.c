/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engines that do as they are told: they answer with what the test has set, and a recognition of
 * theirs hears its tap and says what the test tells it to.
 */
#include "engines.h"

#include <mcp/error.h>
#include <string.h>

/* --- a recognition --- */

#define MCP_TYPE_FAKE_RECOGNITION (fake_recognition_get_type())
G_DECLARE_FINAL_TYPE(FakeRecognition, fake_recognition, FAKE, RECOGNITION, GObject)

struct _FakeRecognition {
    GObject parent_instance;
    FakeEngine *engine;
    McpTap *tap;
    McpRecognitionFunc func;
    gpointer user_data;
};

static void recognition_iface_init(McpRecognitionInterface *iface);
static void synthesizer_iface_init(McpSynthesizerInterface *iface);
static void recognizer_iface_init(McpRecognizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeRecognition, fake_recognition, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNITION, recognition_iface_init))
G_DEFINE_FINAL_TYPE_WITH_CODE(FakeEngine, fake_engine, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SYNTHESIZER, synthesizer_iface_init)
                                  G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNIZER, recognizer_iface_init))

static void
stop_recognition(McpRecognition *recognition)
{
    FakeRecognition *self = FAKE_RECOGNITION(recognition);

    if (self->func == NULL)
        return;
    self->func = NULL;
    mcp_tap_set_ready(self->tap, NULL, NULL);
    g_clear_object(&self->tap);
    self->engine->stops++;
    self->engine->recognition = NULL;
}

static void
recognition_iface_init(McpRecognitionInterface *iface)
{
    iface->stop = stop_recognition;
}

static void
fake_recognition_finalize(GObject *object)
{
    g_assert_null(FAKE_RECOGNITION(object)->func);
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

static void
hear(McpTap *tap, gpointer user_data)
{
    FakeEngine *engine = user_data;
    McpTapFrame frame;

    while (mcp_tap_read(tap, &frame))
        g_byte_array_append(engine->heard, frame.data, (guint)frame.length);
}

static McpRecognition *
begin(McpRecognizer *recognizer, const McpRecognitionRequest *request, McpRecognitionFunc func,
      gpointer user_data)
{
    FakeEngine *self = FAKE_ENGINE(recognizer);
    FakeRecognition *recognition = g_object_new(MCP_TYPE_FAKE_RECOGNITION, NULL);

    self->asked++;
    recognition->engine = self;
    recognition->tap = g_object_ref(request->tap);
    recognition->func = func;
    recognition->user_data = user_data;
    self->recognition = G_OBJECT(recognition);
    mcp_tap_set_ready(request->tap, hear, self);
    hear(request->tap, self);
    return MCP_RECOGNITION(recognition);
}

void
fake_engine_tell(FakeEngine *engine, McpRecognitionEventType type, int code, gboolean elsewhere)
{
    g_autoptr(FakeRecognition) recognition = g_object_ref(FAKE_RECOGNITION(engine->recognition));
    const McpHypothesis one = {.words = engine->name, .confidence = 0.5, .grammar = -1};
    g_autoptr(GError) error = g_error_new(MCP_ERROR, code, "%s is ill", engine->name);
    const McpRecognitionEvent event = {
        .type = type,
        .hypotheses = &one,
        .n_hypotheses = type == MCP_RECOGNITION_MATCH ? 1 : 0,
        .error = type == MCP_RECOGNITION_FAILED ? error : NULL,
        .elsewhere = elsewhere,
    };

    recognition->func(MCP_RECOGNITION(recognition), &event, recognition->user_data);
}

static void
get_format(McpRecognizer *recognizer, McpTapParams *out_params)
{
    FakeEngine *self = FAKE_ENGINE(recognizer);

    out_params->rate = self->rate;
    out_params->encoding = self->encoding;
}

static void
recognizer_iface_init(McpRecognizerInterface *iface)
{
    iface->get_format = get_format;
    iface->begin = begin;
}

/* --- synthesis --- */

static McpAudio *
make_audio(FakeEngine *self, const char *text)
{
    g_autofree char *id = g_strconcat(self->name, " ", text, NULL);
    g_autoptr(GBytes) bytes = NULL;

    g_clear_pointer(&self->producer, mcp_audio_producer_free);
    g_clear_pointer(&self->given, mcp_audio_unref);
    if (self->growing) {
        self->producer = mcp_audio_producer_new("audio/L16;rate=8000", id, 1 << 20, &self->given);
    } else {
        bytes = g_bytes_new(text, strlen(text));
        self->given = mcp_audio_new(bytes, "audio/L16;rate=8000", id);
    }
    return mcp_audio_ref(self->given);
}

static void
synthesize_async(McpSynthesizer *synthesizer, const McpSynthesisRequest *request,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    FakeEngine *self = FAKE_ENGINE(synthesizer);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);

    self->asked++;
    self->deadline = request->deadline;
    if (self->code >= 0)
        g_task_return_new_error(task, MCP_ERROR, self->code, "%s is ill", self->name);
    else
        g_task_return_pointer(task, make_audio(self, request->text),
                              (GDestroyNotify)mcp_audio_unref);
}

static McpAudio *
synthesize_finish(McpSynthesizer *synthesizer, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
synthesizer_iface_init(McpSynthesizerInterface *iface)
{
    iface->synthesize_async = synthesize_async;
    iface->synthesize_finish = synthesize_finish;
}

static void
fake_engine_finalize(GObject *object)
{
    FakeEngine *self = FAKE_ENGINE(object);

    g_clear_pointer(&self->producer, mcp_audio_producer_free);
    g_clear_pointer(&self->given, mcp_audio_unref);
    g_byte_array_unref(self->heard);
    G_OBJECT_CLASS(fake_engine_parent_class)->finalize(object);
}

static void
fake_engine_class_init(FakeEngineClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = fake_engine_finalize;
}

static void
fake_engine_init(FakeEngine *self)
{
    self->code = -1;
    self->rate = 8000;
    self->heard = g_byte_array_new();
}

FakeEngine *
fake_engine_new(const char *name)
{
    FakeEngine *engine = g_object_new(MCP_TYPE_FAKE_ENGINE, NULL);

    engine->name = name;
    return engine;
}

/* --- services --- */

static char **
list(const char *contract, gpointer user_data)
{
    Fakes *fakes = user_data;
    char **names = g_new0(char *, fakes->engines->len + 2);

    /* Our own comes first, and is no choice. */
    names[0] = g_strdup(MCP_ENGINES_SERVICE);
    for (guint i = 0; i < fakes->engines->len; i++)
        names[i + 1] = g_strdup(FAKE_ENGINE(fakes->engines->pdata[i])->name);
    return names;
}

static gpointer
lookup(const char *contract, const char *name, gpointer user_data)
{
    Fakes *fakes = user_data;

    for (guint i = 0; name != NULL && i < fakes->engines->len; i++)
        if (strcmp(FAKE_ENGINE(fakes->engines->pdata[i])->name, name) == 0)
            return g_object_ref(fakes->engines->pdata[i]);
    return NULL;
}

static void
note_change(McpEngine *engine, const GError *error, gpointer user_data)
{
    Fakes *fakes = user_data;

    g_string_append_printf(fakes->changes, "%s %s %s%s|", mcp_engine_get_kind_name(engine),
                           mcp_engine_get_name(engine), error != NULL ? "down: " : "up",
                           error != NULL ? error->message : "");
}

void
fakes_open(Fakes *fakes, const char *const *order)
{
    static const char *const german[] = {"b", NULL};
    static const char *const none[] = {NULL};
    const McpEngineServices services = {list, lookup, note_change, fakes};
    const McpEngineOrder orders[] = {{.language = "de", .names = {german, none}},
                                     {.names = {order, order}}};
    const McpEngineConfig config = {.orders = orders,
                                    .n_orders = G_N_ELEMENTS(orders),
                                    .failures = 2,
                                    .pause = G_USEC_PER_SEC,
                                    .longest = G_TIME_SPAN_MINUTE};

    fakes->clock = mcp_clock_new_virtual();
    fakes->changes = g_string_new(NULL);
    fakes->engines = g_ptr_array_new_with_free_func(g_object_unref);
    fakes->table = mcp_engine_table_new(&services, fakes->clock, NULL);
    mcp_engine_table_configure(fakes->table, &config);
}

void
fakes_close(Fakes *fakes)
{
    mcp_engine_table_unref(fakes->table);
    g_ptr_array_unref(fakes->engines);
    g_string_free(fakes->changes, TRUE);
    g_assert_finalize_object(fakes->clock);
}

FakeEngine *
fakes_add(Fakes *fakes, const char *name)
{
    FakeEngine *engine = fake_engine_new(name);

    g_ptr_array_add(fakes->engines, engine);
    return engine;
}

void
run(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}
