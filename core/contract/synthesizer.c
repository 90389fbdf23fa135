/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of speech synthesis: a function a slot, so that a provider which lacks
 * one gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/synthesizer.h>
#include <mcp/error.h>

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
