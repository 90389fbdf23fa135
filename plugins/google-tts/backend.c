/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleBackend: what all requests of one configuration share. Runs on the context it was made
 * on.
 */
#include "backend.h"

#include "voice_list.h"

#include <mcp/error.h>

/* Ten minutes of speech at the highest rate, and what is around it. */
#define MOST_ANSWER (64 * 1024 * 1024)

typedef struct {
    McpGoogleSlotFunc func;
    gpointer user_data;
} Slot;

struct _McpGoogleBackend {
    guint refs;
    McpGoogleDeps deps;
    McpGoogleConfig *config;
    McpGapiService *service;
    McpGoogleVoiceList *voices;
    guint running;
    GQueue waiting; /* Slot */
    gboolean filling;
};

McpGoogleBackend *
mcp_google_backend_ref(McpGoogleBackend *backend)
{
    backend->refs++;
    return backend;
}

void
mcp_google_backend_unref(McpGoogleBackend *backend)
{
    if (--backend->refs > 0)
        return;
    g_clear_pointer(&backend->voices, mcp_google_voice_list_free);
    mcp_gapi_service_unref(backend->service);
    g_queue_clear_full(&backend->waiting, g_free);
    mcp_google_config_unref(backend->config);
    g_free(backend);
}

void
mcp_google_backend_close(McpGoogleBackend *backend)
{
    g_clear_pointer(&backend->voices, mcp_google_voice_list_free);
    mcp_google_backend_unref(backend);
}

McpGoogleConfig *
mcp_google_backend_get_config(McpGoogleBackend *backend)
{
    return backend->config;
}

const McpGoogleDeps *
mcp_google_backend_get_deps(McpGoogleBackend *backend)
{
    return &backend->deps;
}

McpGapiService *
mcp_google_backend_get_service(McpGoogleBackend *backend)
{
    return backend->service;
}

/* Reentered by requests that end at once: those only count down. */
static void
fill_slots(McpGoogleBackend *backend)
{
    if (backend->filling)
        return;
    backend->filling = TRUE;
    while (backend->running < backend->config->max_simultaneous &&
           !g_queue_is_empty(&backend->waiting)) {
        g_autofree Slot *slot = g_queue_pop_head(&backend->waiting);

        backend->running++;
        mcp_google_count(&backend->deps, MCP_GOOGLE_METRIC_RUNNING, 0, 1);
        slot->func(slot->user_data);
    }
    backend->filling = FALSE;
}

gboolean
mcp_google_backend_enter(McpGoogleBackend *backend, McpGoogleSlotFunc func, gpointer user_data,
                         GError **error)
{
    guint most = backend->config->max_simultaneous;
    Slot *slot = NULL;

    if (backend->running >= most && backend->waiting.length >= most) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "%u requests run and as many wait", most);
        return FALSE;
    }
    slot = g_new0(Slot, 1);
    slot->func = func;
    slot->user_data = user_data;
    g_queue_push_tail(&backend->waiting, slot);
    fill_slots(backend);
    return TRUE;
}

static int
is_slot_of(gconstpointer slot, gconstpointer user_data)
{
    return ((const Slot *)slot)->user_data == user_data ? 0 : 1;
}

void
mcp_google_backend_leave(McpGoogleBackend *backend, gpointer user_data)
{
    GList *found = g_queue_find_custom(&backend->waiting, user_data, is_slot_of);

    if (found != NULL) {
        g_free(found->data);
        g_queue_delete_link(&backend->waiting, found);
        return;
    }
    backend->running--;
    mcp_google_count(&backend->deps, MCP_GOOGLE_METRIC_RUNNING, 0, -1);
    fill_slots(backend);
}

void
mcp_google_backend_list_voices_async(McpGoogleBackend *backend, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
    GTask *task = g_task_new(NULL, NULL, callback, user_data);

    g_task_set_source_tag(task, mcp_google_backend_list_voices_async);
    if (backend->voices != NULL) {
        mcp_google_voice_list_get(backend->voices, task);
        return;
    }
    g_task_return_pointer(task, NULL, NULL);
    g_object_unref(task);
}

GPtrArray *
mcp_google_backend_list_voices_finish(GAsyncResult *result)
{
    return g_task_propagate_pointer(G_TASK(result), NULL);
}

McpGoogleBackend *
mcp_google_backend_new(const McpGoogleDeps *deps, McpGoogleConfig *config, GError **error)
{
    McpGapiOptions options = {.most_answer = MOST_ANSWER};
    McpGapiService *service =
        mcp_gapi_service_new(&deps->service, &config->access, &options, error);
    McpGoogleBackend *backend = NULL;

    if (service == NULL)
        return NULL;
    backend = g_new0(McpGoogleBackend, 1);
    backend->refs = 1;
    backend->deps = *deps;
    backend->config = mcp_google_config_ref(config);
    backend->service = service;
    backend->voices = mcp_google_voice_list_new(backend);
    mcp_google_voice_list_renew(backend->voices);
    return backend;
}
