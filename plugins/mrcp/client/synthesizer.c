/* SPDX-License-Identifier: Apache-2.0 */
/* The synthesizer service over MRCP: each prompt is an utterance of its own. Any thread. */
#include "synthesizer.h"

#include "utterance.h"
#include <mcp/ledger.h>

struct _McpMrcpSynthesizer {
    GObject parent_instance;
    McpMrcpServices services;
    McpMrcpPool *pool;
    guint rate;
    gsize limit;
};

MCP_LEDGER_DEFINE(McpMrcpSynthesizer);

static void synthesizer_iface_init(McpSynthesizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMrcpSynthesizer, mcp_mrcp_synthesizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SYNTHESIZER, synthesizer_iface_init))

static void
synthesize_async(McpSynthesizer *synthesizer, const McpSynthesisRequest *request,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    McpMrcpSynthesizer *self = MCP_MRCP_SYNTHESIZER(synthesizer);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    const McpMrcpUtteranceParams params = {.request = request,
                                           .rate = MIN(MAX(request->sample_rate, 8000), self->rate),
                                           .limit = self->limit};

    g_task_set_source_tag(task, synthesize_async);
    mcp_mrcp_utterance_speak(&self->services, self->pool, &params, task);
}

static McpAudio *
synthesize_finish(McpSynthesizer *synthesizer, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
describe(McpSynthesizer *synthesizer, McpJson *json)
{
    mcp_mrcp_pool_describe(MCP_MRCP_SYNTHESIZER(synthesizer)->pool, json);
}

static void
synthesizer_iface_init(McpSynthesizerInterface *iface)
{
    iface->synthesize_async = synthesize_async;
    iface->synthesize_finish = synthesize_finish;
    iface->describe = describe;
}

McpMrcpSynthesizer *
mcp_mrcp_synthesizer_new(const McpMrcpServices *services, McpMrcpPool *pool, guint rate,
                         gsize limit)
{
    McpMrcpSynthesizer *self = g_object_new(MCP_TYPE_MRCP_SYNTHESIZER, NULL);

    self->services = *services;
    g_object_ref(services->signalling);
    g_object_ref(services->media);
    g_object_ref(services->clock);
    mcp_mrcp_controls_ref(services->controls);
    self->pool = mcp_mrcp_pool_ref(pool);
    self->rate = rate;
    self->limit = limit;
    return self;
}

static void
mcp_mrcp_synthesizer_finalize(GObject *object)
{
    McpMrcpSynthesizer *self = MCP_MRCP_SYNTHESIZER(object);

    mcp_mrcp_controls_unref(self->services.controls);
    g_object_unref(self->services.signalling);
    g_object_unref(self->services.media);
    g_object_unref(self->services.clock);
    mcp_mrcp_pool_unref(self->pool);
    MCP_LEDGER_FINALIZED(McpMrcpSynthesizer);
    G_OBJECT_CLASS(mcp_mrcp_synthesizer_parent_class)->finalize(object);
}

static void
mcp_mrcp_synthesizer_init(McpMrcpSynthesizer *self)
{
    MCP_LEDGER_CREATED(McpMrcpSynthesizer);
}

static void
mcp_mrcp_synthesizer_class_init(McpMrcpSynthesizerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_mrcp_synthesizer_finalize;
}
