/* SPDX-License-Identifier: Apache-2.0 */
/* "Content-Length: N", an empty line, N bytes of JSON; both ways. One thread. */
#include "dap.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

/* What no editor sends. */
#define MAX_MESSAGE (16 << 20)

struct _McpVxmlDap {
    int in;
    int out;
    GString *buffer;
    gint64 sequence;
    gboolean closed;
};

McpVxmlDap *
mcp_vxml_dap_new(int in, int out)
{
    McpVxmlDap *dap = g_new0(McpVxmlDap, 1);

    dap->in = in;
    dap->out = out;
    dap->buffer = g_string_new(NULL);
    return dap;
}

void
mcp_vxml_dap_free(McpVxmlDap *dap)
{
    g_string_free(dap->buffer, TRUE);
    g_free(dap);
}

gboolean
mcp_vxml_dap_is_closed(const McpVxmlDap *dap)
{
    return dap->closed;
}

/* A whole message of the buffer; FALSE: more is needed. */
static gboolean
take_message(McpVxmlDap *dap, JsonObject **out_message)
{
    const char *head = strstr(dap->buffer->str, "Content-Length:");
    const char *end = strstr(dap->buffer->str, "\r\n\r\n");
    guint64 length;
    gsize start;
    g_autofree char *text = NULL;
    g_autoptr(JsonNode) root = NULL;

    if (head == NULL || end == NULL || head > end)
        return FALSE;
    length = g_ascii_strtoull(head + strlen("Content-Length:"), NULL, 10);
    start = (gsize)(end - dap->buffer->str) + 4;
    if (length > MAX_MESSAGE) {
        dap->closed = TRUE;
        return FALSE;
    }
    if (dap->buffer->len < start + length)
        return FALSE;
    text = g_strndup(dap->buffer->str + start, length);
    g_string_erase(dap->buffer, 0, (gssize)(start + length));
    root = json_from_string(text, NULL);
    /* What is no request is passed over. */
    if (root != NULL && JSON_NODE_HOLDS_OBJECT(root))
        *out_message = json_object_ref(json_node_get_object(root));
    return TRUE;
}

JsonObject *
mcp_vxml_dap_read(McpVxmlDap *dap, gboolean wait)
{
    JsonObject *message = NULL;
    char bytes[4096];

    while (message == NULL && !dap->closed) {
        struct pollfd watched = {.fd = dap->in, .events = POLLIN};
        ssize_t count;

        if (take_message(dap, &message))
            continue;
        if (poll(&watched, 1, wait ? -1 : 0) <= 0)
            return NULL;
        count = read(dap->in, bytes, sizeof bytes);
        if (count > 0)
            g_string_append_len(dap->buffer, bytes, count);
        else
            dap->closed = TRUE;
    }
    return message;
}

static void
send(McpVxmlDap *dap, JsonObject *message)
{
    g_autoptr(JsonNode) root = json_node_init_object(json_node_alloc(), message);
    g_autofree char *text = NULL;
    g_autofree char *whole = NULL;
    gsize done = 0;

    json_object_set_int_member(message, "seq", ++dap->sequence);
    text = json_to_string(root, FALSE);
    whole = g_strdup_printf("Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s", strlen(text), text);
    json_object_unref(message);
    while (done < strlen(whole)) {
        ssize_t count = write(dap->out, whole + done, strlen(whole) - done);

        if (count <= 0) {
            dap->closed = TRUE;
            return;
        }
        done += (gsize)count;
    }
}

void
mcp_vxml_dap_respond(McpVxmlDap *dap, JsonObject *request, JsonObject *body, const char *error)
{
    JsonObject *message = json_object_new();

    json_object_set_string_member(message, "type", "response");
    json_object_set_int_member(message, "request_seq",
                               json_object_get_int_member_with_default(request, "seq", 0));
    json_object_set_string_member(
        message, "command", json_object_get_string_member_with_default(request, "command", ""));
    json_object_set_boolean_member(message, "success", error == NULL);
    if (error != NULL)
        json_object_set_string_member(message, "message", error);
    if (body != NULL)
        json_object_set_object_member(message, "body", body);
    send(dap, message);
}

void
mcp_vxml_dap_tell(McpVxmlDap *dap, const char *event, JsonObject *body)
{
    JsonObject *message = json_object_new();

    json_object_set_string_member(message, "type", "event");
    json_object_set_string_member(message, "event", event);
    if (body != NULL)
        json_object_set_object_member(message, "body", body);
    send(dap, message);
}
