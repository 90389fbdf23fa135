/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What commands have in common: bodies of requests, and answers that are printed as they are where
 * JSON is wanted. One thread.
 */
#include "ctl/command.h"
#include "ctl/table.h"

McpCtlExit
mcp_ctl_ask(const McpCtlContext *context, const char *method, const char *path, const char *body,
            JsonNode **out_root)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_client_call(context->client, method, path, body, &root);

    if (result != MCP_CTL_OK)
        return result;
    if (context->json)
        mcp_ctl_print_json(root);
    else
        *out_root = g_steal_pointer(&root);
    return MCP_CTL_OK;
}

JsonBuilder *
mcp_ctl_body_new(void)
{
    JsonBuilder *builder = json_builder_new();

    json_builder_begin_object(builder);
    return builder;
}

void
mcp_ctl_body_add(JsonBuilder *body, const char *name, const char *value)
{
    if (value == NULL)
        return;
    json_builder_set_member_name(body, name);
    json_builder_add_string_value(body, value);
}

char *
mcp_ctl_body_finish(JsonBuilder *body)
{
    g_autoptr(JsonNode) root = NULL;

    json_builder_end_object(body);
    root = json_builder_get_root(body);
    return json_to_string(root, FALSE);
}
