/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleBackend: what all requests of one configuration share. Runs on the context it was made
 * on.
 */
#include "backend.h"

#include "voice_list.h"

#include <mcp/error.h>
#include <mcp/log.h>
#include <oauth/access_token.h>
#include <string.h>

#define BEARER "Bearer "
#define USER_AGENT "mcp/" MCP_VERSION
/* Ten minutes of speech at the highest rate, and what is around it. */
#define MOST_ANSWER (64 * 1024 * 1024)
#define BREAKER_LIMIT 8
#define BREAKER_PAUSE (5 * G_USEC_PER_SEC)

typedef struct {
    McpGoogleSlotFunc func;
    gpointer user_data;
} Slot;

struct _McpGoogleBackend {
    guint refs;
    McpGoogleDeps deps;
    McpGoogleConfig *config;
    McpRpcChannel *channel;
    McpOauthTokens *tokens; /* nullable: no service account */
    McpGoogleVoiceList *voices;
    McpBreaker breaker;
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
    if (mcp_breaker_is_open(&backend->breaker))
        mcp_google_count(&backend->deps, MCP_GOOGLE_METRIC_BREAKER, 0, -1);
    g_clear_pointer(&backend->voices, mcp_google_voice_list_free);
    g_clear_pointer(&backend->tokens, mcp_oauth_tokens_unref);
    g_clear_pointer(&backend->channel, mcp_rpc_channel_unref);
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

McpRpcChannel *
mcp_google_backend_get_channel(McpGoogleBackend *backend)
{
    return backend->channel;
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

static void
got_token(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    GError *error = NULL;
    g_autofree char *token = mcp_oauth_tokens_get_finish(result, &error);
    g_autofree char *value = NULL;
    const char *metadata[] = {"authorization", NULL, NULL};

    if (token == NULL) {
        g_task_return_error(task, error);
        return;
    }
    value = g_strconcat(BEARER, token, NULL);
    metadata[1] = value;
    g_task_return_pointer(task, g_strdupv((char **)metadata), (GDestroyNotify)g_strfreev);
}

void
mcp_google_backend_authorize_async(McpGoogleBackend *backend, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
    GTask *task = g_task_new(NULL, NULL, callback, user_data);
    const char *metadata[] = {"x-goog-api-key", NULL, NULL};

    g_task_set_source_tag(task, mcp_google_backend_authorize_async);
    if (backend->tokens != NULL) {
        mcp_oauth_tokens_get_async(backend->tokens, got_token, task);
        return;
    }
    if (backend->config->api_key != NULL)
        metadata[1] = mcp_secret_peek(backend->config->api_key, NULL);
    else
        metadata[0] = NULL;
    g_task_return_pointer(task, g_strdupv((char **)metadata), (GDestroyNotify)g_strfreev);
    g_object_unref(task);
}

char **
mcp_google_backend_authorize_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

gboolean
mcp_google_backend_unauthorize(McpGoogleBackend *backend, char **metadata)
{
    if (backend->tokens == NULL || metadata == NULL || metadata[0] == NULL)
        return FALSE;
    mcp_oauth_tokens_drop(backend->tokens, metadata[1] + strlen(BEARER));
    return TRUE;
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

gboolean
mcp_google_backend_allows(McpGoogleBackend *backend, GError **error)
{
    if (mcp_breaker_allows(&backend->breaker, mcp_clock_now(backend->deps.clock)))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                "%s has failed too often and is left alone for a while", backend->config->endpoint);
    return FALSE;
}

/* Whether it tells of a service that is ill; what it refuses, and a quota, it refuses in health. */
static gboolean
is_illness(const GError *error)
{
    static const McpRpcError ills[] = {MCP_RPC_ERROR_UNKNOWN, MCP_RPC_ERROR_DEADLINE_EXCEEDED,
                                       MCP_RPC_ERROR_INTERNAL, MCP_RPC_ERROR_UNAVAILABLE,
                                       MCP_RPC_ERROR_DATA_LOSS};

    for (guint i = 0; i < G_N_ELEMENTS(ills); i++)
        if (g_error_matches(error, MCP_RPC_ERROR, (int)ills[i]))
            return TRUE;
    return FALSE;
}

void
mcp_google_backend_tell(McpGoogleBackend *backend, const GError *error)
{
    gboolean was_open = mcp_breaker_is_open(&backend->breaker);
    gint64 now = mcp_clock_now(backend->deps.clock);

    if (error != NULL && is_illness(error)) {
        mcp_breaker_failed(&backend->breaker, now, BREAKER_LIMIT, BREAKER_PAUSE);
        if (!was_open && mcp_breaker_is_open(&backend->breaker)) {
            mcp_google_count(&backend->deps, MCP_GOOGLE_METRIC_BREAKER, 0, 1);
            mcp_log_warning("endpoint-left-alone", NULL,
                            "%s has failed %d times in a row, last: %s", backend->config->endpoint,
                            BREAKER_LIMIT, error->message);
        }
        return;
    }
    mcp_breaker_succeeded(&backend->breaker);
    if (was_open) {
        mcp_google_count(&backend->deps, MCP_GOOGLE_METRIC_BREAKER, 0, -1);
        mcp_log_info("endpoint-back", NULL, "%s answers again", backend->config->endpoint);
    }
}

void
mcp_google_backend_tell_unknown(McpGoogleBackend *backend)
{
    mcp_breaker_unknown(&backend->breaker);
}

McpGoogleBackend *
mcp_google_backend_new(const McpGoogleDeps *deps, McpGoogleConfig *config, GError **error)
{
    McpRpcChannelOptions options = {
        .target = config->endpoint,
        .authorities = config->authorities,
        .plaintext = config->plaintext,
        .proxy = config->proxy,
        .user_agent = USER_AGENT,
        .most_bytes = MOST_ANSWER,
    };
    McpRpcChannel *channel = mcp_rpc_channel_new(deps->loop, &options, error);
    McpGoogleBackend *backend = NULL;

    if (channel == NULL)
        return NULL;
    backend = g_new0(McpGoogleBackend, 1);
    backend->refs = 1;
    backend->deps = *deps;
    backend->config = mcp_google_config_ref(config);
    backend->channel = channel;
    if (config->account != NULL)
        backend->tokens = mcp_oauth_tokens_new(&deps->oauth, config->account);
    backend->voices = mcp_google_voice_list_new(backend);
    mcp_google_voice_list_renew(backend->voices);
    return backend;
}
