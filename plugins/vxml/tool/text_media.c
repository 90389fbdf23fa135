/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words in place of sound: what is synthesized is its own text. One thread, main context.
 */
#include "text_media.h"

#include <mcp/error.h>
#include <string.h>

#include "ssml/ssml.h"

/* ---- synthesizer ---- */

struct _McpVxmlTextSynthesizer {
    GObject parent_instance;
};

/* Closes a line of words, if there are any, and gives it, blanks collapsed, to @out. */
static void
end_line(GString *line, GString *out)
{
    g_auto(GStrv) words = g_strsplit_set(line->str, " \t\r\n", -1);
    gboolean first = TRUE;

    for (guint i = 0; words[i] != NULL; i++) {
        if (*words[i] == '\0')
            continue;
        if (first && out->len > 0)
            g_string_append_c(out, '\n');
        g_string_append_printf(out, "%s%s", first ? "" : " ", words[i]);
        first = FALSE;
    }
    g_string_truncate(line, 0);
}

static gboolean read_content(const McpXmlNode *parent, GString *line, GString *out, GError **error);

static gboolean
read_node(const McpXmlNode *node, GString *line, GString *out, GError **error)
{
    const char *alias =
        mcp_xml_is(node, MCP_SSML_NAMESPACE, "sub") ? mcp_xml_attribute(node, "alias") : NULL;
    guint pause;

    if (mcp_xml_kind(node) == MCP_XML_TEXT || alias != NULL) {
        g_string_append(line, alias != NULL ? alias : mcp_xml_text(node));
        return TRUE;
    }
    if (!mcp_xml_is(node, MCP_SSML_NAMESPACE, "break"))
        return read_content(node, line, out, error);
    if (!mcp_ssml_pause(node, &pause, error))
        return FALSE;
    end_line(line, out);
    g_string_append_printf(out, "%s%c%u", out->len > 0 ? "\n" : "", MCP_VXML_TEXT_PAUSE, pause);
    return TRUE;
}

static gboolean
read_content(const McpXmlNode *parent, GString *line, GString *out, GError **error)
{
    for (const McpXmlNode *node = mcp_xml_first_child(parent); node != NULL;
         node = mcp_xml_next(node))
        if (!read_node(node, line, out, error))
            return FALSE;
    return TRUE;
}

/* (transfer full) (nullable): what a document of SSML says. */
static char *
lines_of(const char *ssml, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new(ssml, strlen(ssml));
    g_autoptr(McpXmlDocument) document = mcp_xml_parse(bytes, NULL, NULL, error);
    g_autoptr(GString) line = g_string_new(NULL);
    g_autoptr(GString) out = g_string_new(NULL);

    if (document == NULL || !read_content(mcp_xml_document_root(document), line, out, error))
        return NULL;
    end_line(line, out);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void
synthesize_async(McpSynthesizer *self, const McpSynthesisRequest *request,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autofree char *words = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GError) error = NULL;

    words = request->ssml ? lines_of(request->text, &error) : g_strdup(request->text);
    if (words == NULL) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_INVALID, "%s",
                                error != NULL ? error->message : "there is no text");
        return;
    }
    bytes = g_bytes_new(words, strlen(words));
    g_task_return_pointer(task, mcp_audio_new(bytes, MCP_VXML_TEXT_TYPE, NULL),
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

G_DEFINE_FINAL_TYPE_WITH_CODE(McpVxmlTextSynthesizer, mcp_vxml_text_synthesizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SYNTHESIZER, synthesizer_iface_init))

static void
mcp_vxml_text_synthesizer_class_init(McpVxmlTextSynthesizerClass *klass)
{
}

static void
mcp_vxml_text_synthesizer_init(McpVxmlTextSynthesizer *self)
{
}

McpSynthesizer *
mcp_vxml_text_synthesizer_new(void)
{
    return g_object_new(MCP_TYPE_VXML_TEXT_SYNTHESIZER, NULL);
}

/* ---- media ---- */

struct _McpVxmlTextMedia {
    GObject parent_instance;
};

static void
prepare_async(McpMedia *self, McpLeg *leg, McpAudio *audio, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);

    if (g_bytes_get_size(mcp_audio_get_bytes(audio)) == 0)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_INVALID, "the audio is empty");
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

G_DEFINE_FINAL_TYPE_WITH_CODE(McpVxmlTextMedia, mcp_vxml_text_media, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_MEDIA, media_iface_init))

static void
mcp_vxml_text_media_class_init(McpVxmlTextMediaClass *klass)
{
}

static void
mcp_vxml_text_media_init(McpVxmlTextMedia *self)
{
}

McpMedia *
mcp_vxml_text_media_new(void)
{
    return g_object_new(MCP_TYPE_VXML_TEXT_MEDIA, NULL);
}
