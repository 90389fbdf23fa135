/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synthesizer and media for tests: speech is its words, and whatever is not empty or text can be
 * played. One thread.
 */
#include <mcp/error.h>
#include <string.h>

#include "fakes.h"

/* ---- synthesizer ---- */

char fake_synthesizer_asked[64];
char fake_synthesizer_said[256];

struct _FakeSynthesizer {
    GObject parent_instance;
};

static gboolean
is_well_formed(const char *text)
{
    static const GMarkupParser nothing = {0};
    GMarkupParseContext *context = g_markup_parse_context_new(&nothing, 0, NULL, NULL);
    gboolean good = g_markup_parse_context_parse(context, text, -1, NULL) &&
                    g_markup_parse_context_end_parse(context, NULL);

    g_markup_parse_context_free(context);
    return good;
}

static void
synthesize_async(McpSynthesizer *self, const McpSynthesisRequest *request,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(GBytes) bytes = g_bytes_new(request->text, strlen(request->text));
    const char *speed = request->parameters != NULL
                            ? g_hash_table_lookup(request->parameters, "com.example.speed")
                            : NULL;

    g_snprintf(fake_synthesizer_asked, sizeof fake_synthesizer_asked, "%s %s",
               request->engines != NULL ? request->engines : "-", speed != NULL ? speed : "-");
    g_strlcat(fake_synthesizer_said, request->text, sizeof fake_synthesizer_said);
    g_strlcat(fake_synthesizer_said, "|", sizeof fake_synthesizer_said);

    if (g_strcmp0(request->language, "xx-unknown") == 0)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "no voice for %s",
                                request->language);
    else if (request->ssml && !is_well_formed(request->text))
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_INVALID, "malformed SSML");
    else
        g_task_return_pointer(task, mcp_audio_new(bytes, "audio/basic", NULL),
                              (GDestroyNotify)mcp_audio_unref);
}

static McpAudio *
synthesize_finish(McpSynthesizer *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
synthesizer_iface_init(McpSynthesizerInterface *iface)
{
    iface->synthesize_async = synthesize_async;
    iface->synthesize_finish = synthesize_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeSynthesizer, fake_synthesizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SYNTHESIZER, synthesizer_iface_init))

static void
fake_synthesizer_class_init(FakeSynthesizerClass *klass)
{
}

static void
fake_synthesizer_init(FakeSynthesizer *self)
{
}

FakeSynthesizer *
fake_synthesizer_new(void)
{
    return g_object_new(FAKE_TYPE_SYNTHESIZER, NULL);
}

/* ---- media ---- */

struct _FakeMedia {
    GObject parent_instance;
};

static void
prepare_async(McpMedia *self, McpLeg *leg, McpAudio *audio, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);

    if (g_bytes_get_size(mcp_audio_get_bytes(audio)) == 0 ||
        g_str_has_prefix(mcp_audio_get_content_type(audio), "text/"))
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_INVALID, "not audio");
    else
        g_task_return_boolean(task, TRUE);
}

static gboolean
prepare_finish(McpMedia *self, GAsyncResult *result, gint64 *out_duration, GError **error)
{
    gboolean good = g_task_propagate_boolean(G_TASK(result), error);

    if (good && out_duration != NULL)
        *out_duration = G_USEC_PER_SEC;
    return good;
}

static void
media_iface_init(McpMediaInterface *iface)
{
    iface->prepare_async = prepare_async;
    iface->prepare_finish = prepare_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeMedia, fake_media, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_MEDIA, media_iface_init))

static void
fake_media_class_init(FakeMediaClass *klass)
{
}

static void
fake_media_init(FakeMedia *self)
{
}

FakeMedia *
fake_media_new(void)
{
    return g_object_new(FAKE_TYPE_MEDIA, NULL);
}
