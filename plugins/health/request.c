/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of an HTTP request as far as three paths need it: the request line (RFC 9112 §3) and
 * where the head ends. Fields are skipped: nothing depends on them. Any thread.
 */
#include "request.h"

#include <string.h>

static const char *const paths[] = {"/live", "/ready", "/startup"};

/* RFC 9112 §2.2: a line may end with a bare LF. */
static gboolean
is_whole(const char *text, gsize length)
{
    return text != NULL && length > 0 &&
           (memmem(text, length, "\r\n\r\n", 4) != NULL || memmem(text, length, "\n\n", 2) != NULL);
}

static gboolean
is_token(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isalpha(text[i]))
            return FALSE;
    }
    return length > 0;
}

static gboolean
equals(const char *text, gsize length, const char *wanted)
{
    return strlen(wanted) == length && memcmp(text, wanted, length) == 0;
}

static guint
read_method(const char *text, gsize length, gboolean *out_head)
{
    if (!is_token(text, length))
        return 400;
    *out_head = equals(text, length, "HEAD");
    return *out_head || equals(text, length, "GET") ? 200 : 405;
}

static guint
read_path(const char *text, gsize length, McpHealthProbe *out_probe)
{
    const char *query = memchr(text, '?', length);
    gsize path = query != NULL ? (gsize)(query - text) : length;

    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        if (equals(text, path, paths[i])) {
            *out_probe = (McpHealthProbe)i;
            return 200;
        }
    }
    return length > 0 && text[0] == '/' ? 404 : 400;
}

static gboolean
is_version(const char *text, gsize length)
{
    return length == strlen("HTTP/1.1") && memcmp(text, "HTTP/1.", 7) == 0 &&
           g_ascii_isdigit(text[7]);
}

static guint
read_line(const char *line, gsize length, McpHealthRequest *request)
{
    const char *first = memchr(line, ' ', length);
    const char *last = memrchr(line, ' ', length);
    guint status;

    if (first == NULL || first == last || !is_version(last + 1, length - (gsize)(last + 1 - line)))
        return 400;
    status = read_method(line, (gsize)(first - line), &request->head);
    if (status != 200)
        return status;
    return read_path(first + 1, (gsize)(last - first - 1), &request->probe);
}

gboolean
mcp_health_request_read(const char *text, gsize length, McpHealthRequest *out_request)
{
    McpHealthRequest request = {.status = 431};
    const char *end = length > 0 ? memchr(text, '\n', length) : NULL;

    if (!is_whole(text, length)) {
        if (length < MCP_HEALTH_HEAD_MAX)
            return FALSE;
    } else {
        gsize line = (gsize)(end - text);

        if (line > 0 && text[line - 1] == '\r')
            line--;
        request.status = read_line(text, line, &request);
    }
    *out_request = request;
    return TRUE;
}
