/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets of both versions of MRCP have in common: a stream of messages, read in one
 * piece and in several. Runs on libFuzzer's thread.
 */
#include "mrcp_stream.h"

#include <string.h>

const McpMrcpLimits mrcp_stream_limits = {
    .max_line = 300, .max_head = 1000, .max_fields = 12, .max_body = 1000};

static GBytes *
write_again(const McpMrcpMessage *message)
{
    GBytes *bytes = mcp_mrcp_message_encode(message);
    g_autoptr(McpMrcpMessage) again = mcp_mrcp_message_parse(
        message->version, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), NULL, NULL);
    g_autoptr(GBytes) same = NULL;

    if (again == NULL)
        __builtin_trap();
    same = mcp_mrcp_message_encode(again);
    if (!g_bytes_equal(bytes, same) || again->kind != message->kind || again->id != message->id)
        __builtin_trap();
    return bytes;
}

/* Into the other version and back: what is left must be a message still. */
static void
translate(McpMrcpMessage *message)
{
    McpMrcpVersion from = message->version;
    McpMrcpVersion to = from == MCP_MRCP_V1 ? MCP_MRCP_V2 : MCP_MRCP_V1;

    for (guint i = 0; i < MCP_MRCP_N_RESOURCES; i++) {
        if (!mcp_mrcp_message_translate(message, to, (McpMrcpResource)i, NULL))
            continue;
        g_bytes_unref(write_again(message));
        if (!mcp_mrcp_message_translate(message, from, (McpMrcpResource)i, NULL))
            __builtin_trap();
        g_bytes_unref(write_again(message));
    }
}

/* What is in its body: entities, each of which may be a list. */
static void
read_body(const McpMrcpMessage *message)
{
    g_autoptr(GPtrArray) parts = mcp_mrcp_read_parts(message, NULL);

    for (guint i = 0; parts != NULL && i < parts->len; i++)
        g_ptr_array_unref(mcp_mrcp_read_references(((McpMrcpPart *)parts->pdata[i])->body));
}

/* All that is read, written one behind the other, and whether it ended in an error. */
static GString *
read_stream(McpMrcpVersion version, const uint8_t *data, size_t size, size_t piece)
{
    g_autoptr(McpMrcpParser) parser = mcp_mrcp_parser_new(version, &mrcp_stream_limits);
    g_autoptr(GError) error = NULL;
    GString *log = g_string_new(NULL);

    for (size_t at = 0; at < size && error == NULL; at += piece) {
        McpMrcpMessage *message = NULL;

        mcp_mrcp_parser_push(parser, data + at, MIN(piece, size - at));
        while ((message = mcp_mrcp_parser_next(parser, &error)) != NULL) {
            g_autoptr(GBytes) bytes = write_again(message);

            g_string_append_len(log, g_bytes_get_data(bytes, NULL),
                                (gssize)g_bytes_get_size(bytes));
            read_body(message);
            translate(message);
            mcp_mrcp_message_free(message);
        }
    }
    /* What is too long is seen at another place when it comes in pieces. */
    g_string_append(log, error != NULL ? "error" : "more");
    return log;
}

void
mrcp_stream_check(McpMrcpVersion version, const uint8_t *data, size_t size)
{
    g_autoptr(GString) whole = read_stream(version, data, size, MAX(size, 1));
    g_autoptr(GString) pieces = read_stream(version, data, size, size % 7 + 1);

    if (!g_string_equal(whole, pieces))
        __builtin_trap();
}
