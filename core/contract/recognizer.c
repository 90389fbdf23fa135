/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of speech recognition: a function a slot; a provider that lacks one
 * reports MCP_ERROR_UNSUPPORTED, as FAILED. Runs on the caller's context.
 */
#include <mcp/contract/recognizer.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpRecognition, mcp_recognition, G_TYPE_OBJECT)
G_DEFINE_INTERFACE(McpRecognizer, mcp_recognizer, G_TYPE_OBJECT)

static void
mcp_recognition_default_init(McpRecognitionInterface *iface)
{
}

static void
mcp_recognizer_default_init(McpRecognizerInterface *iface)
{
}

/* ---- the recognition of a provider that has none ---- */

#define MCP_TYPE_NO_RECOGNITION (mcp_no_recognition_get_type())
G_DECLARE_FINAL_TYPE(McpNoRecognition, mcp_no_recognition, MCP, NO_RECOGNITION, GObject)

struct _McpNoRecognition {
    GObject parent_instance;
    GSource *source; /* until it has said so */
    char *provider;
    McpRecognitionFunc func;
    gpointer user_data;
};

static void no_recognition_iface_init(McpRecognitionInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpNoRecognition, mcp_no_recognition, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNITION,
                                                    no_recognition_iface_init))

static void
clear_source(McpNoRecognition *self)
{
    if (self->source == NULL)
        return;
    g_source_destroy(self->source);
    g_clear_pointer(&self->source, g_source_unref);
}

static void
stop_nothing(McpRecognition *recognition)
{
    clear_source(MCP_NO_RECOGNITION(recognition));
}

static void
no_recognition_iface_init(McpRecognitionInterface *iface)
{
    iface->stop = stop_nothing;
}

static void
mcp_no_recognition_finalize(GObject *object)
{
    McpNoRecognition *self = MCP_NO_RECOGNITION(object);

    clear_source(self);
    g_free(self->provider);
    G_OBJECT_CLASS(mcp_no_recognition_parent_class)->finalize(object);
}

static void
mcp_no_recognition_class_init(McpNoRecognitionClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_no_recognition_finalize;
}

static void
mcp_no_recognition_init(McpNoRecognition *self)
{
}

static gboolean
tell(gpointer user_data)
{
    McpNoRecognition *self = user_data;
    g_autoptr(McpRecognition) recognition = g_object_ref(MCP_RECOGNITION(self));
    g_autoptr(GError) error =
        g_error_new(MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s cannot recognize", self->provider);
    McpRecognitionEvent event = {.type = MCP_RECOGNITION_FAILED, .error = error, .elsewhere = TRUE};

    clear_source(self);
    self->func(recognition, &event, self->user_data);
    return G_SOURCE_REMOVE;
}

static McpRecognition *
no_recognition_new(McpRecognizer *recognizer, McpRecognitionFunc func, gpointer user_data)
{
    McpNoRecognition *self = g_object_new(MCP_TYPE_NO_RECOGNITION, NULL);

    self->provider = g_strdup(G_OBJECT_TYPE_NAME(recognizer));
    self->func = func;
    self->user_data = user_data;
    self->source = g_idle_source_new();
    g_source_set_callback(self->source, tell, self, NULL);
    g_source_attach(self->source, g_main_context_get_thread_default());
    return MCP_RECOGNITION(self);
}

/* ---- copies of requests ---- */

McpRecognitionRequest *
mcp_recognition_request_copy(const McpRecognitionRequest *request, McpGrammarEngine *grammars)
{
    McpRecognitionRequest *copy = g_memdup2(request, sizeof *request);
    McpRecognitionGrammar *all = g_new0(McpRecognitionGrammar, request->n_grammars + 1);

    copy->tap = NULL;
    copy->engines = NULL;
    copy->language = g_strdup(request->language);
    for (guint i = 0; i < request->n_grammars; i++) {
        all[i] = request->grammars[i];
        all[i].grammar = grammars != NULL ? mcp_grammar_ref(grammars, all[i].grammar) : NULL;
        all[i].uri = g_strdup(all[i].uri);
        all[i].text = g_strdup(all[i].text);
        all[i].content_type = g_strdup(all[i].content_type);
        all[i].base = g_strdup(all[i].base);
        all[i].language = g_strdup(all[i].language);
    }
    copy->grammars = all;
    if (request->parameters != NULL)
        g_hash_table_ref(request->parameters);
    if (request->call != NULL)
        g_object_ref(request->call);
    return copy;
}

void
mcp_recognition_request_free(McpRecognitionRequest *request, McpGrammarEngine *grammars)
{
    if (request == NULL)
        return;
    for (guint i = 0; i < request->n_grammars; i++) {
        const McpRecognitionGrammar *grammar = &request->grammars[i];

        if (grammars != NULL)
            mcp_grammar_unref(grammars, grammar->grammar);
        g_free((char *)grammar->uri);
        g_free((char *)grammar->text);
        g_free((char *)grammar->content_type);
        g_free((char *)grammar->base);
        g_free((char *)grammar->language);
    }
    g_free((McpRecognitionGrammar *)request->grammars);
    g_free((char *)request->language);
    g_clear_pointer(&request->parameters, g_hash_table_unref);
    g_clear_object(&request->call);
    g_free(request);
}

/* ---- dispatch ---- */

void
mcp_recognizer_get_format(McpRecognizer *recognizer, McpTapParams *out_params)
{
    McpRecognizerInterface *iface = MCP_RECOGNIZER_GET_IFACE(recognizer);

    *out_params = (McpTapParams){.source = MCP_TAP_HEARD, .encoding = MCP_TAP_S16};
    if (iface->get_format != NULL)
        iface->get_format(recognizer, out_params);
}

McpRecognition *
mcp_recognizer_begin(McpRecognizer *recognizer, const McpRecognitionRequest *request,
                     McpRecognitionFunc func, gpointer user_data)
{
    McpRecognizerInterface *iface = MCP_RECOGNIZER_GET_IFACE(recognizer);

    if (iface->begin == NULL)
        return no_recognition_new(recognizer, func, user_data);
    return iface->begin(recognizer, request, func, user_data);
}

void
mcp_recognizer_describe(McpRecognizer *recognizer, McpJson *json)
{
    McpRecognizerInterface *iface = MCP_RECOGNIZER_GET_IFACE(recognizer);

    if (iface->describe != NULL)
        iface->describe(recognizer, json);
}

void
mcp_recognition_stop(McpRecognition *recognition)
{
    McpRecognitionInterface *iface = MCP_RECOGNITION_GET_IFACE(recognition);

    if (iface->stop != NULL)
        iface->stop(recognition);
}
