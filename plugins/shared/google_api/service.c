/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGapiService: channels, token and breaker of one configuration. Tokens live on the context it
 * was made on, to which the others post; the rest is guarded by the lock. Any thread.
 */
#include "service.h"

#include "status.h"

#include <mcp/breaker.h>
#include <mcp/log.h>
#include <string.h>

#define BEARER "Bearer "
#define USER_AGENT "mcp/" MCP_VERSION
#define BREAKER_LIMIT 8
#define BREAKER_PAUSE (5 * G_USEC_PER_SEC)

typedef struct {
    McpRpcChannel *channel;
    guint calls;
} Lane;

struct _McpGapiService {
    gatomicrefcount refs;
    McpGapiDeps deps;
    McpGapiOptions options;
    McpRpcChannelOptions channel; /* of each; its strings are those below and the settings' */
    McpSettings *settings;        /* own what is borrowed */
    char *endpoint;
    char *authorities;
    const McpSecret *api_key; /* nullable; of the settings */
    gboolean has_account;
    GMainContext *context;
    McpOauthTokens *tokens; /* of the context alone; NULL: no account, or closed */

    GMutex lock;   /* guards what follows */
    GArray *lanes; /* Lane; there is always one */
    McpBreaker breaker;
};

McpGapiService *
mcp_gapi_service_ref(McpGapiService *service)
{
    g_atomic_ref_count_inc(&service->refs);
    return service;
}

static void
lane_clear(gpointer data)
{
    mcp_rpc_channel_unref(((Lane *)data)->channel);
}

void
mcp_gapi_service_unref(McpGapiService *service)
{
    if (!g_atomic_ref_count_dec(&service->refs))
        return;
    if (mcp_breaker_is_open(&service->breaker))
        service->deps.left_alone(FALSE, service->deps.user_data);
    g_clear_pointer(&service->tokens, mcp_oauth_tokens_unref);
    g_array_unref(service->lanes);
    g_main_context_unref(service->context);
    g_mutex_clear(&service->lock);
    g_free(service->endpoint);
    g_free(service->authorities);
    mcp_settings_unref(service->settings);
    g_free(service);
}

void
mcp_gapi_service_close(McpGapiService *service)
{
    g_clear_pointer(&service->tokens, mcp_oauth_tokens_unref);
}

/* --- channels --- */

McpRpcChannel *
mcp_gapi_service_get_channel(McpGapiService *service)
{
    return g_array_index(service->lanes, Lane, 0).channel;
}

static gboolean
add_lane(McpGapiService *service, GError **error)
{
    Lane lane = {mcp_rpc_channel_new(service->deps.loop, &service->channel, error), 0};

    if (lane.channel != NULL)
        g_array_append_val(service->lanes, lane);
    return lane.channel != NULL;
}

/* With the lock. The one with the fewest calls; what was made once can be made again. */
static Lane *
find_lane(McpGapiService *service)
{
    Lane *found = &g_array_index(service->lanes, Lane, 0);

    for (guint i = 1; i < service->lanes->len; i++) {
        Lane *lane = &g_array_index(service->lanes, Lane, i);

        if (lane->calls < found->calls)
            found = lane;
    }
    if (service->options.calls_channel > 0 && found->calls >= service->options.calls_channel &&
        add_lane(service, NULL))
        found = &g_array_index(service->lanes, Lane, service->lanes->len - 1);
    return found;
}

McpRpcChannel *
mcp_gapi_service_lease(McpGapiService *service)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&service->lock);
    Lane *lane = find_lane(service);

    lane->calls++;
    return mcp_rpc_channel_ref(lane->channel);
}

void
mcp_gapi_service_give_back(McpGapiService *service, McpRpcChannel *channel)
{
    g_mutex_lock(&service->lock);
    for (guint i = 0; i < service->lanes->len; i++) {
        Lane *lane = &g_array_index(service->lanes, Lane, i);

        if (lane->channel == channel)
            lane->calls--;
    }
    g_mutex_unlock(&service->lock);
    mcp_rpc_channel_unref(channel);
}

/* --- identity --- */

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

/* A message to the context of the tokens. */
typedef struct {
    McpGapiService *service;
    GTask *task;     /* nullable: it is about @token */
    char **metadata; /* nullable */
} Message;

static void
message_free(gpointer data)
{
    Message *message = data;

    mcp_gapi_service_unref(message->service);
    g_clear_object(&message->task);
    g_strfreev(message->metadata);
    g_free(message);
}

static gboolean
take_message(gpointer user_data)
{
    Message *message = user_data;
    McpOauthTokens *tokens = message->service->tokens;

    if (message->task == NULL && tokens != NULL)
        mcp_oauth_tokens_drop(tokens, message->metadata[1] + strlen(BEARER));
    else if (message->task != NULL && tokens != NULL)
        mcp_oauth_tokens_get_async(tokens, got_token, g_steal_pointer(&message->task));
    else if (message->task != NULL)
        g_task_return_new_error(message->task, MCP_ERROR, MCP_ERROR_CLOSED,
                                "the service is being stopped");
    return G_SOURCE_REMOVE;
}

/* At once where it is the caller's own context. */
static void
post(McpGapiService *service, GTask *task, char **metadata)
{
    g_autoptr(GMainContext) here = g_main_context_ref_thread_default();
    g_autoptr(GSource) source = NULL;
    Message *message = g_new0(Message, 1);

    message->service = mcp_gapi_service_ref(service);
    message->task = task;
    message->metadata = g_strdupv(metadata);
    if (here == service->context) {
        take_message(message);
        message_free(message);
        return;
    }
    source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, take_message, message, message_free);
    g_source_attach(source, service->context);
}

void
mcp_gapi_service_authorize_async(McpGapiService *service, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
    GTask *task = g_task_new(NULL, NULL, callback, user_data);
    const char *metadata[] = {"x-goog-api-key", NULL, NULL};

    g_task_set_source_tag(task, mcp_gapi_service_authorize_async);
    if (service->has_account) {
        post(service, task, NULL);
        return;
    }
    if (service->api_key != NULL)
        metadata[1] = mcp_secret_peek(service->api_key, NULL);
    else
        metadata[0] = NULL;
    g_task_return_pointer(task, g_strdupv((char **)metadata), (GDestroyNotify)g_strfreev);
    g_object_unref(task);
}

char **
mcp_gapi_service_authorize_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

gboolean
mcp_gapi_service_unauthorize(McpGapiService *service, char **metadata)
{
    if (!service->has_account || metadata == NULL || metadata[0] == NULL)
        return FALSE;
    post(service, NULL, metadata);
    return TRUE;
}

/* --- whether it is worth asking --- */

gboolean
mcp_gapi_service_allows(McpGapiService *service, GError **error)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&service->lock);

    if (mcp_breaker_allows(&service->breaker, mcp_clock_now(service->deps.clock)))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                "%s has failed too often and is left alone for a while", service->endpoint);
    return FALSE;
}

/* With what the breaker says before and after. */
static gboolean
record(McpGapiService *service, gboolean ill, gboolean *out_was_open)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&service->lock);

    *out_was_open = mcp_breaker_is_open(&service->breaker);
    if (ill)
        mcp_breaker_failed(&service->breaker, mcp_clock_now(service->deps.clock), BREAKER_LIMIT,
                           BREAKER_PAUSE);
    else
        mcp_breaker_succeeded(&service->breaker);
    return mcp_breaker_is_open(&service->breaker);
}

void
mcp_gapi_service_tell(McpGapiService *service, const GError *error)
{
    gboolean was_open = FALSE;
    gboolean is_open = record(service, error != NULL && mcp_gapi_is_illness(error), &was_open);

    if (is_open == was_open)
        return;
    service->deps.left_alone(is_open, service->deps.user_data);
    if (is_open)
        mcp_log_warning("endpoint-left-alone", NULL, "%s has failed %d times in a row, last: %s",
                        service->endpoint, BREAKER_LIMIT,
                        error != NULL ? error->message : "no answer");
    else
        mcp_log_info("endpoint-back", NULL, "%s answers again", service->endpoint);
}

void
mcp_gapi_service_tell_unknown(McpGapiService *service)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&service->lock);

    mcp_breaker_unknown(&service->breaker);
}

McpGapiService *
mcp_gapi_service_new(const McpGapiDeps *deps, const McpGapiAccess *access,
                     const McpGapiOptions *options, GError **error)
{
    g_autoptr(McpGapiService) service = g_new0(McpGapiService, 1);

    g_atomic_ref_count_init(&service->refs);
    g_mutex_init(&service->lock);
    service->deps = *deps;
    service->options = *options;
    service->context = g_main_context_ref_thread_default();
    service->settings = mcp_settings_ref(access->settings);
    service->endpoint = g_strdup(access->endpoint);
    service->authorities = g_strdup(access->authorities);
    service->api_key = access->api_key;
    service->lanes = g_array_new(FALSE, FALSE, sizeof(Lane));
    g_array_set_clear_func(service->lanes, lane_clear);
    service->channel = (McpRpcChannelOptions){
        .target = service->endpoint,
        .authorities = service->authorities,
        .plaintext = access->plaintext,
        .proxy = access->proxy,
        .user_agent = USER_AGENT,
        .most_bytes = options->most_answer,
    };
    if (!add_lane(service, error))
        return NULL;
    service->has_account = access->account != NULL;
    if (service->has_account)
        service->tokens = mcp_oauth_tokens_new(&deps->oauth, access->account);
    return g_steal_pointer(&service);
}
