/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recognizer service: settings and service in force, how many listen. Any thread; a recognition
 * lives on the context that began it.
 */
#include "recognizer.h"

#include "recognition.h"

#include <mcp/error.h>
#include <mcp/ledger.h>

#define FRAME_MS 20
#define BUFFER_MS 2000
/* Of a message that is received. */
#define MOST_ANSWER (1024 * 1024)

struct _McpGoogleAsrRecognizer {
    GObject parent_instance;
    McpGoogleAsrDeps deps;
    GCancellable *closing;
    gint running; /* atomic */

    GMutex lock; /* guards what follows */
    McpGoogleAsrConfig *config;
    McpGapiService *service; /* NULL once closed */
};

MCP_LEDGER_DEFINE(McpGoogleAsrRecognizer);

static void recognizer_iface_init(McpRecognizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpGoogleAsrRecognizer, mcp_google_asr_recognizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNIZER, recognizer_iface_init))

const McpGoogleAsrDeps *
mcp_google_asr_recognizer_get_deps(McpGoogleAsrRecognizer *self)
{
    return &self->deps;
}

McpGoogleAsrConfig *
mcp_google_asr_recognizer_get_config(McpGoogleAsrRecognizer *self)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);

    return mcp_google_asr_config_ref(self->config);
}

McpGapiService *
mcp_google_asr_recognizer_get_service(McpGoogleAsrRecognizer *self)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);

    return self->service != NULL ? mcp_gapi_service_ref(self->service) : NULL;
}

GCancellable *
mcp_google_asr_recognizer_get_closing(McpGoogleAsrRecognizer *self)
{
    return self->closing;
}

gboolean
mcp_google_asr_recognizer_enter(McpGoogleAsrRecognizer *self, guint most, GError **error)
{
    if (g_atomic_int_add(&self->running, 1) >= (gint)most) {
        g_atomic_int_add(&self->running, -1);
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "%u recognitions run", most);
        return FALSE;
    }
    mcp_google_asr_count(&self->deps, MCP_GOOGLE_ASR_METRIC_RUNNING, 0, 1);
    return TRUE;
}

void
mcp_google_asr_recognizer_leave(McpGoogleAsrRecognizer *self)
{
    g_atomic_int_add(&self->running, -1);
    mcp_google_asr_count(&self->deps, MCP_GOOGLE_ASR_METRIC_RUNNING, 0, -1);
}

/* --- the contract --- */

static void
get_format(McpRecognizer *recognizer, McpTapParams *out_params)
{
    g_autoptr(McpGoogleAsrConfig) config =
        mcp_google_asr_recognizer_get_config(MCP_GOOGLE_ASR_RECOGNIZER(recognizer));

    *out_params = (McpTapParams){.source = MCP_TAP_HEARD,
                                 .encoding = MCP_TAP_S16,
                                 .rate = config->rate,
                                 .frame_ms = FRAME_MS,
                                 .buffer_ms = BUFFER_MS};
}

static McpRecognition *
begin(McpRecognizer *recognizer, const McpRecognitionRequest *request, McpRecognitionFunc func,
      gpointer user_data)
{
    return MCP_RECOGNITION(mcp_google_asr_recognition_new(MCP_GOOGLE_ASR_RECOGNIZER(recognizer),
                                                          request, func, user_data));
}

static void
recognizer_iface_init(McpRecognizerInterface *iface)
{
    iface->get_format = get_format;
    iface->begin = begin;
}

/* --- its life --- */

static void
put(McpGoogleAsrRecognizer *self, McpGoogleAsrConfig *config, McpGapiService *service)
{
    g_autoptr(McpGapiService) before = NULL;

    g_mutex_lock(&self->lock);
    before = self->service;
    self->service = service;
    if (config != NULL) {
        g_clear_pointer(&self->config, mcp_google_asr_config_unref);
        self->config = mcp_google_asr_config_ref(config);
    }
    g_mutex_unlock(&self->lock);
    if (before != NULL)
        mcp_gapi_service_close(before);
}

gboolean
mcp_google_asr_recognizer_configure(McpGoogleAsrRecognizer *self, McpGoogleAsrConfig *config,
                                    GError **error)
{
    McpGapiOptions options = {.most_answer = MOST_ANSWER,
                              .calls_channel = config->streams_connection};
    McpGapiService *service =
        mcp_gapi_service_new(&self->deps.service, &config->access, &options, error);

    if (service != NULL)
        put(self, config, service);
    return service != NULL;
}

void
mcp_google_asr_recognizer_close(McpGoogleAsrRecognizer *self)
{
    put(self, NULL, NULL);
    g_cancellable_cancel(self->closing);
}

McpGoogleAsrRecognizer *
mcp_google_asr_recognizer_new(const McpGoogleAsrDeps *deps, McpGoogleAsrConfig *config,
                              GError **error)
{
    g_autoptr(McpGoogleAsrRecognizer) self = g_object_new(MCP_TYPE_GOOGLE_ASR_RECOGNIZER, NULL);

    self->deps = *deps;
    if (!mcp_google_asr_recognizer_configure(self, config, error))
        return NULL;
    return g_steal_pointer(&self);
}

/* Closed before, unless nothing was ever asked for. */
static void
mcp_google_asr_recognizer_finalize(GObject *object)
{
    McpGoogleAsrRecognizer *self = MCP_GOOGLE_ASR_RECOGNIZER(object);

    g_clear_pointer(&self->service, mcp_gapi_service_unref);
    g_clear_pointer(&self->config, mcp_google_asr_config_unref);
    g_object_unref(self->closing);
    g_mutex_clear(&self->lock);
    MCP_LEDGER_FINALIZED(McpGoogleAsrRecognizer);
    G_OBJECT_CLASS(mcp_google_asr_recognizer_parent_class)->finalize(object);
}

static void
mcp_google_asr_recognizer_class_init(McpGoogleAsrRecognizerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_google_asr_recognizer_finalize;
}

static void
mcp_google_asr_recognizer_init(McpGoogleAsrRecognizer *self)
{
    g_mutex_init(&self->lock);
    self->closing = g_cancellable_new();
    MCP_LEDGER_CREATED(McpGoogleAsrRecognizer);
}
