/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of speech synthesis: a function a slot, so that a provider which lacks
 * one gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/synthesizer.h>
#include <mcp/error.h>
#include <string.h>

G_DEFINE_INTERFACE(McpSynthesizer, mcp_synthesizer, G_TYPE_OBJECT)

static void
mcp_synthesizer_default_init(McpSynthesizerInterface *iface)
{
}

void
mcp_synthesizer_synthesize_async(McpSynthesizer *synthesizer, const McpSynthesisRequest *request,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
    McpSynthesizerInterface *iface = MCP_SYNTHESIZER_GET_IFACE(synthesizer);

    if (iface->synthesize_async == NULL) {
        g_task_report_new_error(synthesizer, callback, user_data, NULL, MCP_ERROR,
                                MCP_ERROR_UNSUPPORTED, "%s cannot synthesize",
                                G_OBJECT_TYPE_NAME(synthesizer));
        return;
    }
    iface->synthesize_async(synthesizer, request, cancellable, callback, user_data);
}

McpAudio *
mcp_synthesizer_synthesize_finish(McpSynthesizer *synthesizer, GAsyncResult *result, GError **error)
{
    McpSynthesizerInterface *iface = MCP_SYNTHESIZER_GET_IFACE(synthesizer);

    if (iface->synthesize_finish == NULL)
        return g_task_propagate_pointer(G_TASK(result), error);
    return iface->synthesize_finish(synthesizer, result, error);
}

void
mcp_synthesizer_describe(McpSynthesizer *synthesizer, McpJson *json)
{
    McpSynthesizerInterface *iface = MCP_SYNTHESIZER_GET_IFACE(synthesizer);

    if (iface->describe != NULL)
        iface->describe(synthesizer, json);
}

gboolean
mcp_synthesizer_flush(McpSynthesizer *synthesizer, GError **error)
{
    McpSynthesizerInterface *iface = MCP_SYNTHESIZER_GET_IFACE(synthesizer);

    if (iface->flush != NULL)
        return iface->flush(synthesizer, error);
    g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s keeps no prompts",
                G_OBJECT_TYPE_NAME(synthesizer));
    return FALSE;
}

const char *
mcp_synthesizer_get_engine(McpSynthesizer *synthesizer, GAsyncResult *result, gboolean *out_kept)
{
    McpSynthesizerInterface *iface = MCP_SYNTHESIZER_GET_IFACE(synthesizer);

    *out_kept = FALSE;
    return iface->get_engine != NULL ? iface->get_engine(synthesizer, result, out_kept) : NULL;
}

/* --- the name of a request --- */

static void
add_part(GChecksum *sum, const char *text)
{
    g_autofree char *length = text != NULL ? g_strdup_printf("%zu:", strlen(text)) : g_strdup("-:");

    /* With its length: no two lists of parts are the same text. */
    g_checksum_update(sum, (const guchar *)length, -1);
    if (text != NULL)
        g_checksum_update(sum, (const guchar *)text, -1);
}

static int
compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

char *
mcp_synthesis_request_key(const McpSynthesisRequest *request, const char *engine)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *rate = g_strdup_printf("%u", request->sample_rate);
    g_autoptr(GList) names = NULL;

    add_part(sum, engine);
    add_part(sum, request->ssml ? "ssml" : "text");
    add_part(sum, request->language);
    add_part(sum, request->voice);
    add_part(sum, rate);
    if (request->parameters != NULL)
        names = g_list_sort(g_hash_table_get_keys(request->parameters), compare_texts);
    for (GList *link = names; link != NULL; link = link->next) {
        add_part(sum, link->data);
        add_part(sum, g_hash_table_lookup(request->parameters, link->data));
    }
    add_part(sum, request->text);
    return g_strdup(g_checksum_get_string(sum));
}
