/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control API over its Unix socket: requests, downloads, event streams, and what is said when
 * there is nobody at the other end. One thread, blocking.
 */
#include "ctl/client.h"

#include <gio/gunixsocketaddress.h>
#include <libsoup/soup.h>

struct _McpCtlClient {
    char *socket;
    SoupSession *session;
};

McpCtlClient *
mcp_ctl_client_new(const char *socket)
{
    McpCtlClient *client = g_new0(McpCtlClient, 1);
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(socket);

    client->socket = g_strdup(socket);
    client->session =
        soup_session_new_with_options("remote-connectable", address, "timeout", 0u, NULL);
    return client;
}

void
mcp_ctl_client_free(McpCtlClient *client)
{
    g_object_unref(client->session);
    g_free(client->socket);
    g_free(client);
}

static SoupMessage *
make_message(const char *method, const char *path, const char *body)
{
    g_autofree char *url = g_strconcat("http://mcpd", path, NULL);
    SoupMessage *message = soup_message_new(method, url);

    if (message != NULL && body != NULL) {
        g_autoptr(GBytes) bytes = g_bytes_new(body, strlen(body));

        soup_message_set_request_body_from_bytes(message, "application/json", bytes);
    }
    return message;
}

static McpCtlExit
tell_no_connection(McpCtlClient *client, const GError *error)
{
    g_printerr("mcpctl: cannot reach mcpd at %s: %s\n"
               "Is mcpd running, and is this its [web.listener \"control\"] socket? Another one is "
               "named by\n--socket or MCP_CONTROL_SOCKET; its group may be needed to connect.\n",
               client->socket, error->message);
    return MCP_CTL_NO_CONNECTION;
}

static JsonNode *
parse(const char *text, gsize length)
{
    g_autoptr(JsonParser) parser = json_parser_new();

    if (!json_parser_load_from_data(parser, text, (gssize)length, NULL))
        return NULL;
    return json_parser_steal_root(parser);
}

/* The server's own words for a status that is no success. */
static McpCtlExit
tell_failure(guint status, GBytes *body)
{
    gsize length = 0;
    const char *text = g_bytes_get_data(body, &length);
    g_autoptr(JsonNode) root = length > 0 ? parse(text, length) : NULL;
    const char *error = NULL;

    if (root != NULL && JSON_NODE_HOLDS_OBJECT(root))
        error =
            json_object_get_string_member_with_default(json_node_get_object(root), "error", NULL);
    if (error != NULL)
        g_printerr("mcpctl: %s\n", error);
    else
        g_printerr("mcpctl: mcpd answered with status %u\n", status);
    if (status == 400)
        return MCP_CTL_USAGE;
    return status == 404 ? MCP_CTL_NOT_FOUND : MCP_CTL_FAILED;
}

static McpCtlExit
send_and_read(McpCtlClient *client, SoupMessage *message, GBytes **out_body)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) body = NULL;
    guint status = 0;

    if (message == NULL) {
        g_printerr("mcpctl: the name has characters that cannot be asked for\n");
        return MCP_CTL_USAGE;
    }
    body = soup_session_send_and_read(client->session, message, NULL, &error);
    if (body == NULL)
        return tell_no_connection(client, error);
    status = soup_message_get_status(message);
    if (status >= 300)
        return tell_failure(status, body);
    *out_body = g_steal_pointer(&body);
    return MCP_CTL_OK;
}

McpCtlExit
mcp_ctl_client_call(McpCtlClient *client, const char *method, const char *path, const char *body,
                    JsonNode **out_root)
{
    g_autoptr(SoupMessage) message = make_message(method, path, body);
    g_autoptr(GBytes) answer = NULL;
    JsonNode *root = NULL;
    gsize length = 0;
    const char *text = NULL;
    McpCtlExit result = send_and_read(client, message, &answer);

    if (result != MCP_CTL_OK)
        return result;
    text = g_bytes_get_data(answer, &length);
    root = length > 0 ? parse(text, length) : NULL;
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root)) {
        g_clear_pointer(&root, json_node_unref);
        g_printerr("mcpctl: mcpd's answer is no JSON object\n");
        return MCP_CTL_FAILED;
    }
    *out_root = root;
    return MCP_CTL_OK;
}

McpCtlExit
mcp_ctl_client_download(McpCtlClient *client, const char *path, const char *body,
                        const char *path_out)
{
    g_autoptr(SoupMessage) message = make_message(body != NULL ? "POST" : "GET", path, body);
    g_autoptr(GBytes) answer = NULL;
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    const char *data = NULL;
    McpCtlExit result = MCP_CTL_OK;

    if (message != NULL)
        soup_message_headers_replace(soup_message_get_request_headers(message), "Accept",
                                     "audio/x-wav");
    result = send_and_read(client, message, &answer);
    if (result != MCP_CTL_OK)
        return result;
    data = g_bytes_get_data(answer, &length);
    if (!g_file_set_contents(path_out, data != NULL ? data : "", (gssize)length, &error)) {
        g_printerr("mcpctl: %s\n", error->message);
        return MCP_CTL_FAILED;
    }
    return MCP_CTL_OK;
}

/* Hands on the "data:" lines of an event stream, each of which is one whole event here. */
static void
read_events(GInputStream *stream, McpCtlEventFunc func, gpointer user_data)
{
    g_autoptr(GDataInputStream) lines = g_data_input_stream_new(stream);
    gboolean more = TRUE;

    g_data_input_stream_set_newline_type(lines, G_DATA_STREAM_NEWLINE_TYPE_LF);
    while (more) {
        g_autofree char *line = g_data_input_stream_read_line(lines, NULL, NULL, NULL);
        g_autoptr(JsonNode) root = NULL;

        if (line == NULL)
            return;
        if (!g_str_has_prefix(line, "data: "))
            continue;
        root = parse(line + 6, strlen(line + 6));
        if (root != NULL && JSON_NODE_HOLDS_OBJECT(root))
            more = func(json_node_get_object(root), line + 6, user_data);
    }
}

McpCtlExit
mcp_ctl_client_stream(McpCtlClient *client, const char *method, const char *path, const char *body,
                      McpCtlEventFunc func, gpointer user_data)
{
    g_autoptr(SoupMessage) message = make_message(method, path, body);
    g_autoptr(GError) error = NULL;
    g_autoptr(GInputStream) stream = NULL;

    if (message == NULL)
        return MCP_CTL_USAGE;
    stream = soup_session_send(client->session, message, NULL, &error);
    if (stream == NULL)
        return tell_no_connection(client, error);
    if (soup_message_get_status(message) >= 300) {
        g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
        g_autoptr(GBytes) answer = NULL;

        g_output_stream_splice(memory, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL);
        answer = g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(memory));
        return tell_failure(soup_message_get_status(message), answer);
    }
    read_events(stream, func, user_data);
    return MCP_CTL_OK;
}
