/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests as the agent's API wants them: paths, bodies, the token's header. Any thread.
 */
#include "agent.h"

#include <mcp/json.h>

static void
add_duration(McpJson *json, const char *key, gint64 time)
{
    g_autofree char *text =
        g_strdup_printf("%" G_GINT64_FORMAT "ms", time / G_TIME_SPAN_MILLISECOND);

    mcp_json_string(json, key, text);
}

static const char *
status_of(McpHealthState health)
{
    static const char *const names[] = {"passing", "warning", "critical"};

    return names[health];
}

static void
add_check(McpJson *json, const McpConsulConfig *config, McpHealthState health)
{
    mcp_json_begin_array(json, "Checks");
    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "CheckID", config->check);
    mcp_json_string(json, "Name", "health");
    add_duration(json, "TTL", config->ttl);
    add_duration(json, "DeregisterCriticalServiceAfter", config->deregister_after);
    mcp_json_string(json, "Status", status_of(health));
    mcp_json_end_object(json);
    mcp_json_end_array(json);
}

static void
add_meta(McpJson *json, const McpConsulConfig *config)
{
    g_autofree char *capacity = g_strdup_printf("%" G_GINT64_FORMAT, config->capacity);

    mcp_json_begin_object(json, "Meta");
    mcp_json_string(json, "version", MCP_VERSION);
    mcp_json_string(json, "services", config->services);
    mcp_json_string(json, "capacity", capacity);
    mcp_json_end_object(json);
}

static char *
write_registration(const McpConsulConfig *config, McpHealthState health)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "ID", config->id);
    mcp_json_string(json, "Name", config->service);
    mcp_json_begin_array(json, "Tags");
    for (guint i = 0; config->tags[i] != NULL; i++)
        mcp_json_string(json, NULL, config->tags[i]);
    mcp_json_end_array(json);
    mcp_json_string(json, "Address", config->address);
    mcp_json_int(json, "Port", config->port);
    add_meta(json, config);
    mcp_json_begin_object(json, "Weights");
    mcp_json_int(json, "Passing", 10);
    mcp_json_int(json, "Warning", 1);
    mcp_json_end_object(json);
    add_check(json, config, health);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

static char *
write_update(const McpConsulState *state)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "Status", status_of(state->health));
    mcp_json_string(json, "Output", state->output);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

void
mcp_consul_request_init(McpConsulRequest *request, const McpConsulConfig *config,
                        McpConsulAction action, const McpConsulState *state)
{
    g_autofree char *id = g_uri_escape_string(config->id, NULL, FALSE);
    g_autofree char *check = g_uri_escape_string(config->check, NULL, FALSE);

    *request = (McpConsulRequest){0};
    if (config->token != NULL) {
        request->headers[0] = "X-Consul-Token";
        request->headers[1] = mcp_secret_peek(config->token, NULL);
    }
    switch (action) {
    case MCP_CONSUL_REGISTER:
        request->path = g_strdup("/v1/agent/service/register?replace-existing-checks=true");
        request->body = write_registration(config, state->health);
        break;
    case MCP_CONSUL_UPDATE:
        request->path = g_strconcat("/v1/agent/check/update/", check, NULL);
        request->body = write_update(state);
        break;
    case MCP_CONSUL_MAINTAIN:
        request->path =
            g_strconcat("/v1/agent/service/maintenance/", id, "?enable=true&reason=draining", NULL);
        break;
    case MCP_CONSUL_DEREGISTER:
        request->path = g_strconcat("/v1/agent/service/deregister/", id, NULL);
        break;
    }
}

void
mcp_consul_request_clear(McpConsulRequest *request)
{
    g_free(request->path);
    g_free(request->body);
}
