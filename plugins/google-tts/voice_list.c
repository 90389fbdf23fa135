/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleVoiceList: ListVoices, cached. An old list serves until a new one is there; without any,
 * requests wait for it a moment and then go on without. Runs on the backend's context.
 */
#include "voice_list.h"

#include <mcp/breaker.h>
#include <mcp/log.h>

#define SECOND G_USEC_PER_SEC
#define FRESH (G_GINT64_CONSTANT(3600) * SECOND)
#define ASK_TIMEOUT (3 * SECOND)
#define FIRST_WAIT SECOND
#define LAST_WAIT (60 * SECOND)

struct _McpGoogleVoiceList {
    guint refs;
    McpGoogleBackend *backend; /* NULL once freed by its owner */
    GCancellable *cancellable;
    GPtrArray *voices; /* nullable */
    gint64 old_at;     /* clock µs */
    gboolean asking;
    gint64 not_before; /* clock µs */
    McpBackoff backoff;
    GPtrArray *waiters; /* GTask */
    char **metadata;    /* of the call under way */
};

static void
list_unref(McpGoogleVoiceList *list)
{
    if (--list->refs > 0)
        return;
    g_clear_pointer(&list->voices, g_ptr_array_unref);
    g_ptr_array_unref(list->waiters);
    g_object_unref(list->cancellable);
    g_strfreev(list->metadata);
    g_free(list);
}

static void
give(GTask *task, GPtrArray *voices)
{
    g_task_return_pointer(task, voices != NULL ? g_ptr_array_ref(voices) : NULL,
                          (GDestroyNotify)g_ptr_array_unref);
}

static void
answer_all(McpGoogleVoiceList *list)
{
    g_autoptr(GPtrArray) waiters = g_steal_pointer(&list->waiters);

    list->waiters = g_ptr_array_new_with_free_func(g_object_unref);
    list->asking = FALSE;
    for (guint i = 0; i < waiters->len; i++)
        give(waiters->pdata[i], list->voices);
}

static gint64
now_of(McpGoogleVoiceList *list)
{
    return mcp_clock_now(mcp_google_backend_get_deps(list->backend)->service.clock);
}

static void
take(McpGoogleVoiceList *list, GPtrArray *voices)
{
    mcp_log_info("voices-listed", NULL, "%u voices", voices->len);
    g_clear_pointer(&list->voices, g_ptr_array_unref);
    list->voices = voices;
    list->old_at = now_of(list) + FRESH;
    mcp_backoff_reset(&list->backoff);
}

static void
fail(McpGoogleVoiceList *list, const GError *error)
{
    mcp_log_warning("voices-unknown", NULL, "the service does not list its voices: %s",
                    error->message);
    list->not_before = now_of(list) + mcp_backoff_next(&list->backoff, FIRST_WAIT, LAST_WAIT);
}

static void
got_list(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpGoogleVoiceList *list = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) answer = mcp_rpc_unary_finish(result, &error);
    GPtrArray *voices = answer != NULL ? mcp_google_message_read_voices(answer, &error) : NULL;

    if (list->backend == NULL) {
        g_clear_pointer(&voices, g_ptr_array_unref);
    } else if (voices != NULL) {
        take(list, voices);
    } else {
        if (g_error_matches(error, MCP_RPC_ERROR, MCP_RPC_ERROR_UNAUTHENTICATED))
            mcp_gapi_service_unauthorize(mcp_google_backend_get_service(list->backend),
                                         list->metadata);
        fail(list, error);
    }
    answer_all(list);
    list_unref(list);
}

static void
authorized(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpGoogleVoiceList *list = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) message = mcp_google_message_list_voices();
    McpRpcRequest request = {.method = MCP_GOOGLE_METHOD("ListVoices"), .deadline = ASK_TIMEOUT};

    g_strfreev(list->metadata);
    list->metadata = mcp_gapi_service_authorize_finish(result, &error);
    if (list->backend == NULL || list->metadata == NULL) {
        if (list->backend != NULL)
            fail(list, error);
        answer_all(list);
        list_unref(list);
        return;
    }
    request.metadata = (const char *const *)list->metadata;
    mcp_rpc_unary_async(mcp_gapi_service_get_channel(mcp_google_backend_get_service(list->backend)),
                        &request, message, list->cancellable, got_list, list);
}

void
mcp_google_voice_list_renew(McpGoogleVoiceList *list)
{
    gint64 now = now_of(list);

    if (list->asking || now < list->not_before || (list->voices != NULL && now < list->old_at))
        return;
    list->asking = TRUE;
    list->refs++;
    mcp_gapi_service_authorize_async(mcp_google_backend_get_service(list->backend), authorized,
                                     list);
}

void
mcp_google_voice_list_get(McpGoogleVoiceList *list, GTask *task)
{
    mcp_google_voice_list_renew(list);
    if (list->voices == NULL && list->asking) {
        g_ptr_array_add(list->waiters, task);
        return;
    }
    give(task, list->voices);
    g_object_unref(task);
}

McpGoogleVoiceList *
mcp_google_voice_list_new(McpGoogleBackend *backend)
{
    McpGoogleVoiceList *list = g_new0(McpGoogleVoiceList, 1);

    list->refs = 1;
    list->backend = backend;
    list->cancellable = g_cancellable_new();
    list->waiters = g_ptr_array_new_with_free_func(g_object_unref);
    return list;
}

void
mcp_google_voice_list_free(McpGoogleVoiceList *list)
{
    list->backend = NULL;
    g_cancellable_cancel(list->cancellable);
    if (list->asking)
        answer_all(list);
    list_unref(list);
}
