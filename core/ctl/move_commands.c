/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that bring the other side of a call elsewhere. One thread.
 */
#include "ctl/command.h"

/* Posts {@member: second argument} to the resource @what of the call. */
static McpCtlExit
post(const McpCtlContext *context, const char *what, const char *member)
{
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    g_autoptr(JsonNode) answer = NULL;
    g_autofree char *id = mcp_ctl_escape(context->args[0]);
    g_autofree char *path = g_strconcat("/calls/", id, "/", what, NULL);
    g_autofree char *body = NULL;

    mcp_ctl_body_add(builder, member, context->args[1]);
    body = mcp_ctl_body_finish(builder);
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
