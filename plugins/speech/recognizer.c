/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recognizer service "pocketsphinx": its threads, and whether a request is taken at all. Any
 * thread; a recognition lives on the context that began it.
 */
#include "recognizer.h"
#include "recognition.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/pool.h>

#define FRAME_MS 20
#define BUFFER_MS 2000
/* Looks at an utterance that wait for a thread, for each recognition. */
#define QUEUE 2

struct _McpSphinxRecognizer {
    GObject parent_instance;
    McpSphinxConfig config;
    McpPool *pool;
    McpSphinxEngine *engine;
};

MCP_LEDGER_DEFINE(McpSphinxRecognizer);

static void recognizer_iface_init(McpRecognizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpSphinxRecognizer, mcp_sphinx_recognizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNIZER, recognizer_iface_init))

static void
get_format(McpRecognizer *recognizer, McpTapParams *out_params)
{
    *out_params = (McpTapParams){.source = MCP_TAP_HEARD,
                                 .encoding = MCP_TAP_S16,
                                 .rate = MCP_SPHINX_RATE,
                                 .frame_ms = FRAME_MS,
                                 .buffer_ms = BUFFER_MS};
}

static gboolean
is_english(const char *language)
{
    return language == NULL || *language == '\0' ||
           (g_ascii_strncasecmp(language, "en", 2) == 0 && !g_ascii_isalnum(language[2]));
}

static gboolean
check_languages(const McpRecognitionRequest *request, GError **error)
{
    const char *wrong = is_english(request->language) ? NULL : request->language;

    for (guint i = 0; i < request->n_grammars && wrong == NULL; i++)
        if (!is_english(request->grammars[i].language))
            wrong = request->grammars[i].language;
    if (wrong != NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                    "language '%.40s' is not known, only English is", wrong);
    return wrong == NULL;
}

static McpVocabularySource *
find_grammars(McpSphinxRecognizer *self, const McpRecognitionRequest *request, GError **error)
{
    g_autoptr(McpGrammarEngine) grammars = NULL;

    if (!check_languages(request, error))
        return NULL;
    grammars = self->config.grammars(self->config.user_data);
    if (grammars != NULL && request->n_grammars > 0)
        return mcp_vocabulary_source_new(grammars, request);
    g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s",
                grammars == NULL ? "there is no grammar service"
                                 : "nothing is recognized without a grammar");
    return NULL;
}

static McpRecognition *
begin(McpRecognizer *recognizer, const McpRecognitionRequest *request, McpRecognitionFunc func,
      gpointer user_data)
{
    McpSphinxRecognizer *self = MCP_SPHINX_RECOGNIZER(recognizer);
    g_autoptr(GError) error = NULL;
    McpVocabularySource *source = find_grammars(self, request, &error);
    McpSphinxRecognition *recognition;

    recognition = mcp_sphinx_recognition_new(request, func, user_data);
    if (source == NULL)
        mcp_sphinx_recognition_refuse(recognition, self->engine, error);
    else
        mcp_sphinx_recognition_start(recognition, self->engine, self->pool, self->config.clock,
                                     source);
    return MCP_RECOGNITION(recognition);
}

static void
recognizer_iface_init(McpRecognizerInterface *iface)
{
    iface->get_format = get_format;
    iface->begin = begin;
}

static guint
count_threads(guint wanted)
{
    return wanted > 0 ? wanted : MAX(g_get_num_processors() / 2, 1);
}

McpSphinxRecognizer *
mcp_sphinx_recognizer_new(const McpSphinxConfig *config)
{
    McpSphinxRecognizer *self = g_object_new(MCP_TYPE_SPHINX_RECOGNIZER, NULL);

    self->config = *config;
    self->config.model = NULL;
    self->config.clock = g_object_ref(config->clock);
    self->pool = mcp_pool_new("recognizer", count_threads(config->threads), config->limit * QUEUE);
    self->engine =
        mcp_sphinx_engine_new(config->model, config->limit, config->clock, config->metrics);
    return self;
}

guint
mcp_sphinx_recognizer_get_threads(McpSphinxRecognizer *self)
{
    return mcp_pool_get_threads(self->pool);
}

static void
mcp_sphinx_recognizer_finalize(GObject *object)
{
    McpSphinxRecognizer *self = MCP_SPHINX_RECOGNIZER(object);

    g_clear_object(&self->pool);
    g_clear_pointer(&self->engine, mcp_sphinx_engine_unref);
    g_clear_object(&self->config.clock);
    MCP_LEDGER_FINALIZED(McpSphinxRecognizer);
    G_OBJECT_CLASS(mcp_sphinx_recognizer_parent_class)->finalize(object);
}

static void
mcp_sphinx_recognizer_class_init(McpSphinxRecognizerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_sphinx_recognizer_finalize;
}

static void
mcp_sphinx_recognizer_init(McpSphinxRecognizer *self)
{
    MCP_LEDGER_CREATED(McpSphinxRecognizer);
}
