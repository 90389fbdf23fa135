/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that bring the other side of a call elsewhere. One thread.
 */
#include "ctl/command.h"

/* Posts {@member: second argument} to the resource @what of the call. */
static McpCtlExit
post(const McpCtlContext *context, const char *what, const char *member)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) request = NULL;
    g_autoptr(JsonNode) answer = NULL;
    g_autofree char *id = mcp_ctl_escape(context->args[0]);
    g_autofree char *path = g_strconcat("/calls/", id, "/", what, NULL);
    g_autofree char *body = NULL;

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, member);
    json_builder_add_string_value(builder, context->args[1]);
    json_builder_end_object(builder);
    request = json_builder_get_root(builder);
    body = json_to_string(request, FALSE);
    return mcp_ctl_client_call(context->client, "POST", path, body, &answer);
}

static void
tell(const McpCtlContext *context, const char *text)
{
    if (context->json)
        g_print("{}\n");
    else
        g_print("%s\n", text);
}

static McpCtlExit
run_transfer(const McpCtlContext *context)
{
    McpCtlExit result = post(context, "transfer", "target");

    if (result == MCP_CTL_OK)
        tell(context, "transferred, the call is hung up");
    return result;
}

static McpCtlExit
run_redirect(const McpCtlContext *context)
{
    McpCtlExit result = post(context, "redirect", "call");

    if (result == MCP_CTL_OK)
        tell(context, "redirected, media flow directly between both other sides");
    return result;
}

const McpCtlCommand mcp_ctl_move_commands[] = {
    {"call transfer", "ID TARGET|CALL-ID",
     "Refers the other side to a URI, or to the other side of another call, and hangs up.", 2, 2,
     NULL, run_transfer},
    {"call redirect", "ID CALL-ID",
     "Lets media flow directly between the other sides of two calls.", 2, 2, NULL, run_redirect},
    {NULL},
};
