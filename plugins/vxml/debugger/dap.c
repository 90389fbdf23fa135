/* SPDX-License-Identifier: Apache-2.0 */
/* "Content-Length: N", an empty line, N bytes of JSON; both ways. One thread. */
#include "dap.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "json/json_tree.h"

/* What no editor sends. */
#define MAX_MESSAGE (4 << 20)
#define MAX_HEAD 4096
/* ms: who does not read for so long has gone. */
#define PATIENCE 2000

struct _McpVxmlDap {
    int in;
    int out;
    int wake; /* -1: none */
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
    dap->wake = -1;
    dap->buffer = g_string_new(NULL);
    return dap;
}

void
mcp_vxml_dap_free(McpVxmlDap *dap)
{
    g_string_free(dap->buffer, TRUE);
    g_free(dap);
}

void
mcp_vxml_dap_set_wake(McpVxmlDap *dap, int fd)
{
    dap->wake = fd;
}

gboolean
mcp_vxml_dap_is_closed(const McpVxmlDap *dap)
{
    return dap->closed;
}

/* ---- in ---- */

/* A whole message of the buffer; FALSE: more is needed. */
static gboolean
take_message(McpVxmlDap *dap, JsonObject **out_message)
{
    const char *head = strstr(dap->buffer->str, "Content-Length:");
    const char *end = strstr(dap->buffer->str, "\r\n\r\n");
    guint64 length;
    gsize start;
    g_autoptr(JsonNode) root = NULL;

    if (end == NULL) {
        dap->closed = dap->buffer->len > MAX_HEAD;
        return FALSE;
    }
    /* Without a length nobody knows where the next message begins. */
    length = head != NULL && head < end
                 ? g_ascii_strtoull(head + strlen("Content-Length:"), NULL, 10)
                 : G_MAXUINT64;
    start = (gsize)(end - dap->buffer->str) + 4;
    if (length > MAX_MESSAGE) {
        dap->closed = TRUE;
        return FALSE;
    }
    if (dap->buffer->len < start + length)
        return FALSE;
    root = mcp_json_tree_parse(dap->buffer->str + start, length, NULL);
    g_string_erase(dap->buffer, 0, (gssize)(start + length));
    /* What is no request is passed over. */
    if (root != NULL && JSON_NODE_HOLDS_OBJECT(root))
        *out_message = json_object_ref(json_node_get_object(root));
    return TRUE;
}

/* FALSE when there is nothing to be read yet, or it was woken. */
static gboolean
await_bytes(const McpVxmlDap *dap, gboolean wait)
{
    struct pollfd watched[] = {{.fd = dap->in, .events = POLLIN},
                               {.fd = dap->wake, .events = POLLIN}};

    return poll(watched, G_N_ELEMENTS(watched), wait ? -1 : 0) > 0 && watched[0].revents != 0;
}

JsonObject *
mcp_vxml_dap_read(McpVxmlDap *dap, gboolean wait)
{
    JsonObject *message = NULL;
    char bytes[4096];

    while (message == NULL && !dap->closed) {
        ssize_t count;

        if (take_message(dap, &message) || dap->closed)
            continue;
        if (!await_bytes(dap, wait))
            return NULL;
        count = read(dap->in, bytes, sizeof bytes);
        if (count > 0)
            g_string_append_len(dap->buffer, bytes, count);
        else
            dap->closed = TRUE;
    }
    return message;
}

/* ---- out ---- */

/* Whether a descriptor that does not block takes bytes again. */
static gboolean
await_room(const McpVxmlDap *dap)
{
    struct pollfd watched = {.fd = dap->out, .events = POLLOUT};

    return errno == EAGAIN && poll(&watched, 1, PATIENCE) > 0;
}

void
mcp_vxml_dap_forward(McpVxmlDap *dap, JsonObject *message)
{
    g_autoptr(JsonNode) root = json_node_init_object(json_node_alloc(), message);
    g_autofree char *text = json_to_string(root, FALSE);
    g_autofree char *whole =
        g_strdup_printf("Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s", strlen(text), text);
    gsize length = strlen(whole);

    for (gsize done = 0; done < length && !dap->closed;) {
        ssize_t count = write(dap->out, whole + done, length - done);

        if (count > 0)
            done += (gsize)count;
        else if (!await_room(dap))
            dap->closed = TRUE;
    }
}

static void
send(McpVxmlDap *dap, JsonObject *message)
{
    json_object_set_int_member(message, "seq", ++dap->sequence);
    mcp_vxml_dap_forward(dap, message);
    json_object_unref(message);
}

void
mcp_vxml_dap_respond(McpVxmlDap *dap, JsonObject *request, JsonObject *body, const char *error)
{
    JsonObject *message = json_object_new();

    json_object_set_string_member(message, "type", "response");
    json_object_set_int_member(message, "request_seq", mcp_vxml_dap_number(request, "seq"));
    json_object_set_string_member(message, "command", mcp_vxml_dap_text(request, "command", ""));
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

void
mcp_vxml_dap_say(McpVxmlDap *dap, const char *line)
{
    JsonObject *body = json_object_new();

    json_object_set_string_member(body, "category", "stdout");
    json_object_set_string_member(body, "output", line);
    mcp_vxml_dap_tell(dap, "output", body);
}

/* ---- members ---- */

static JsonNode *
find(JsonObject *object, const char *name, JsonNodeType type)
{
    JsonNode *node = json_object_get_member(object, name);

    return node != NULL && json_node_get_node_type(node) == type ? node : NULL;
}

const char *
mcp_vxml_dap_text(JsonObject *object, const char *name, const char *fallback)
{
    JsonNode *node = find(object, name, JSON_NODE_VALUE);

    return node != NULL && json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node)
               : fallback;
}

gint64
mcp_vxml_dap_number(JsonObject *object, const char *name)
{
    JsonNode *node = find(object, name, JSON_NODE_VALUE);

    return node != NULL ? json_node_get_int(node) : 0;
}

JsonObject *
mcp_vxml_dap_object(JsonObject *object, const char *name)
{
    JsonNode *node = find(object, name, JSON_NODE_OBJECT);

    return node != NULL ? json_node_get_object(node) : NULL;
}

JsonArray *
mcp_vxml_dap_array(JsonObject *object, const char *name)
{
    JsonNode *node = find(object, name, JSON_NODE_ARRAY);

    return node != NULL ? json_node_get_array(node) : NULL;
}
