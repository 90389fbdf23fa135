/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpRpcChannel: one of the library's channels with the arguments that this platform wants: no
 * settings from DNS or the environment, a connection of its own that is tried again soon and given
 * up when the far end falls silent. Any thread.
 */
#include "rpc_channel.h"
#include "rpc_private.h"

#include <grpc/grpc_security.h>
#include <mcp/error.h>
#include <string.h>

#define MOST_ARGUMENTS 16
#define FIRST_RETRY_MS 500
#define LAST_RETRY_MS 5000
/* A path that lost its far end is noticed by pings while calls wait. */
#define PING_AFTER_MS 60000
#define PING_ANSWER_MS 10000

struct _McpRpcChannel {
    gatomicrefcount refs;
    McpRpcLoop *loop;
    grpc_channel *channel;
};

typedef struct {
    grpc_arg rows[MOST_ARGUMENTS];
    gsize count;
} Arguments;

static void
add_number(Arguments *arguments, const char *key, int value)
{
    grpc_arg *row = &arguments->rows[arguments->count++];

    row->type = GRPC_ARG_INTEGER;
    row->key = (char *)key;
    row->value.integer = value;
}

static void
add_text(Arguments *arguments, const char *key, const char *value)
{
    grpc_arg *row = &arguments->rows[arguments->count++];

    row->type = GRPC_ARG_STRING;
    row->key = (char *)key;
    row->value.string = (char *)value;
}

static void
fill_arguments(Arguments *arguments, const McpRpcChannelOptions *options)
{
    add_number(arguments, GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
    add_number(arguments, GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    add_number(arguments, GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, FIRST_RETRY_MS);
    add_number(arguments, GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, LAST_RETRY_MS);
    add_number(arguments, GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, LAST_RETRY_MS);
    add_number(arguments, GRPC_ARG_KEEPALIVE_TIME_MS, PING_AFTER_MS);
    add_number(arguments, GRPC_ARG_KEEPALIVE_TIMEOUT_MS, PING_ANSWER_MS);
    add_number(arguments, GRPC_ARG_ENABLE_HTTP_PROXY, options->proxy != NULL);
    if (options->proxy != NULL)
        add_text(arguments, GRPC_ARG_HTTP_PROXY, options->proxy);
    if (options->user_agent != NULL)
        add_text(arguments, GRPC_ARG_PRIMARY_USER_AGENT_STRING, options->user_agent);
    if (options->most_bytes > 0)
        add_number(arguments, GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH,
                   (int)MIN(options->most_bytes, G_MAXINT));
}

gboolean
mcp_rpc_target_is_local(const char *target)
{
    const char *colon = strrchr(target, ':');
    gsize length = colon != NULL ? (gsize)(colon - target) : strlen(target);
    gboolean bracketed = length >= 2 && target[0] == '[' && target[length - 1] == ']';
    g_autofree char *host =
        bracketed ? g_strndup(target + 1, length - 2) : g_strndup(target, length);
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

    if (address != NULL)
        return g_inet_address_get_is_loopback(address);
    return g_ascii_strcasecmp(host, "localhost") == 0;
}

static grpc_channel_credentials *
make_credentials(const McpRpcChannelOptions *options, GError **error)
{
    grpc_channel_credentials *credentials = NULL;

    if (options->plaintext) {
        if (mcp_rpc_target_is_local(options->target))
            return grpc_insecure_credentials_create();
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED,
                    "'%s' is not this machine: no plaintext to it", options->target);
        return NULL;
    }
    credentials = grpc_ssl_credentials_create_ex(options->authorities, NULL, NULL, NULL);
    if (credentials == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "the trust anchors for '%s' are not usable", options->target);
    return credentials;
}

McpRpcChannel *
mcp_rpc_channel_new(McpRpcLoop *loop, const McpRpcChannelOptions *options, GError **error)
{
    grpc_channel_credentials *credentials = make_credentials(options, error);
    Arguments arguments = {.count = 0};
    grpc_channel_args args = {0};
    McpRpcChannel *channel = NULL;

    if (credentials == NULL)
        return NULL;
    fill_arguments(&arguments, options);
    args.num_args = arguments.count;
    args.args = arguments.rows;
    channel = g_new0(McpRpcChannel, 1);
    g_atomic_ref_count_init(&channel->refs);
    channel->loop = mcp_rpc_loop_ref(loop);
    channel->channel = grpc_channel_create(options->target, credentials, &args);
    grpc_channel_credentials_release(credentials);
    return channel;
}

McpRpcChannel *
mcp_rpc_channel_ref(McpRpcChannel *channel)
{
    g_atomic_ref_count_inc(&channel->refs);
    return channel;
}

void
mcp_rpc_channel_unref(McpRpcChannel *channel)
{
    if (!g_atomic_ref_count_dec(&channel->refs))
        return;
    grpc_channel_destroy(channel->channel);
    mcp_rpc_loop_unref(channel->loop);
    g_free(channel);
}

grpc_channel *
mcp_rpc_channel_get(McpRpcChannel *channel)
{
    return channel->channel;
}

McpRpcLoop *
mcp_rpc_channel_get_loop(McpRpcChannel *channel)
{
    return channel->loop;
}
