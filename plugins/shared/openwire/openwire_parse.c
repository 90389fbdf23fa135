/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading commands of a broker, which is not trusted: each length is checked against what is there.
 * Any thread.
 */
#include "openwire.h"

#include <mcp/error.h>
#include <string.h>

#define MAX_ENTRIES 64
#define MAX_TEXT 1000 /* of what a broker says about an error */

struct _McpOpenwireParser {
    GByteArray *bytes;
    gsize at; /* what lies before it has been read */
    gsize max_frame;
    gboolean failed;
};

/* What is left of a frame. */
typedef struct {
    const guint8 *at;
    gsize left;
    gboolean bad;
} Reader;

McpOpenwireParser *
mcp_openwire_parser_new(gsize max_frame)
{
    McpOpenwireParser *parser = g_new0(McpOpenwireParser, 1);

    parser->bytes = g_byte_array_new();
    parser->max_frame = max_frame;
    return parser;
}

void
mcp_openwire_parser_free(McpOpenwireParser *parser)
{
    g_byte_array_unref(parser->bytes);
    g_free(parser);
}

void
mcp_openwire_command_free(McpOpenwireCommand *command)
{
    g_free(command->error_class);
    g_free(command->error_text);
    g_free(command);
}

void
mcp_openwire_parser_push(McpOpenwireParser *parser, const guint8 *data, gsize length)
{
    if (parser->at > 0) {
        g_byte_array_remove_range(parser->bytes, 0, (guint)parser->at);
        parser->at = 0;
    }
    g_byte_array_append(parser->bytes, data, (guint)length);
}

static const guint8 *
take(Reader *reader, gsize length)
{
    const guint8 *at = reader->at;

    if (reader->bad || length > reader->left) {
        reader->bad = TRUE;
        return NULL;
    }
    reader->at += length;
    reader->left -= length;
    return at;
}

static guint64
take_number(Reader *reader, guint length)
{
    const guint8 *at = take(reader, length);
    guint64 number = 0;

    for (guint i = 0; at != NULL && i < length; i++)
        number = number << 8 | at[i];
    return number;
}

static gint32
take_int(Reader *reader)
{
    return (gint32)take_number(reader, 4);
}

/* (transfer full) (nullable): what may be printed of it. */
static char *
take_utf(Reader *reader)
{
    gsize length = (gsize)take_number(reader, 2);
    const guint8 *at = take(reader, length);
    g_autofree char *raw = at != NULL ? g_strndup((const char *)at, MIN(length, MAX_TEXT)) : NULL;

    return raw != NULL ? g_utf8_make_valid(raw, -1) : NULL;
}

static char *
take_string(Reader *reader)
{
    return take_number(reader, 1) != 0 ? take_utf(reader) : NULL;
}

/* A value of a map; those that are more than numbers and strings are not looked for. */
static gint64
take_value(Reader *reader)
{
    static const gint8 sizes[] = {0, 1, 1, 2, 2, 4, 8, 8, 4};
    guint type = (guint)take_number(reader, 1);

    if (type < G_N_ELEMENTS(sizes))
        return (gint64)take_number(reader, (guint)sizes[type]);
    if (type == 9)
        take(reader, (gsize)take_number(reader, 2));
    else if (type == 10 || type == 13)
        take(reader, (gsize)take_number(reader, 4));
    else
        reader->bad = TRUE;
    return 0;
}

static void
take_wire_format(Reader *reader, McpOpenwireCommand *command)
{
    const guint8 *magic = take(reader, 8);
    gint64 n = 0;

    if (magic == NULL || memcmp(magic, "ActiveMQ", 8) != 0) {
        reader->bad = TRUE;
        return;
    }
    command->version = take_int(reader);
    if (take_number(reader, 1) == 0)
        return;
    take(reader, 4); /* the map's length, which is that of the rest */
    n = take_int(reader);
    if (n < 0 || n > MAX_ENTRIES)
        reader->bad = TRUE;
    for (gint64 i = 0; i < n && !reader->bad; i++) {
        g_autofree char *name = take_utf(reader);
        gint64 value = take_value(reader);

        if (g_strcmp0(name, "MaxInactivityDuration") == 0)
            command->max_inactivity = MAX(value, 0);
        else if (g_strcmp0(name, "MaxFrameSize") == 0)
            command->max_frame = MAX(value, 0);
    }
}

static void
take_throwable(Reader *reader, McpOpenwireCommand *command)
{
    if (take_number(reader, 1) != 0) {
        command->error_class = take_string(reader);
        command->error_text = take_string(reader);
    }
    if (command->error_class == NULL)
        command->error_class = g_strdup("exception");
    if (command->error_text == NULL)
        command->error_text = g_strdup("no reason given");
}

static void
take_fields(Reader *reader, McpOpenwireCommand *command)
{
    if (command->type == MCP_OPENWIRE_WIRE_FORMAT_INFO) {
        take_wire_format(reader, command);
        return;
    }
    command->command = take_int(reader);
    command->response_required = take_number(reader, 1) != 0;
    /* 32 to 34: responses with a value, which is not looked at. */
    if (command->type >= MCP_OPENWIRE_RESPONSE && command->type <= 34)
        command->correlation = take_int(reader);
    if (command->type == MCP_OPENWIRE_EXCEPTION_RESPONSE ||
        command->type == MCP_OPENWIRE_CONNECTION_ERROR)
        take_throwable(reader, command);
}

static McpOpenwireCommand *
fail(McpOpenwireParser *parser, GError **error, const char *what, gsize number)
{
    parser->failed = TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "no OpenWire: %s %" G_GSIZE_FORMAT, what,
                number);
    return NULL;
}

McpOpenwireCommand *
mcp_openwire_parser_next(McpOpenwireParser *parser, GError **error)
{
    Reader frame = {parser->bytes->data + parser->at, parser->bytes->len - parser->at, FALSE};
    g_autoptr(McpOpenwireCommand) command = NULL;
    gsize length = 0;

    if (parser->failed)
        return fail(parser, error, "nothing is read after a fault at byte", parser->at);
    if (frame.left < 4)
        return NULL;
    length = (gsize)take_number(&frame, 4);
    if (length == 0 || length > parser->max_frame)
        return fail(parser, error, "a frame of bytes:", length);
    if (frame.left < length)
        return NULL;
    frame.left = length;
    parser->at += 4 + length;
    command = g_new0(McpOpenwireCommand, 1);
    command->type = (guint8)take_number(&frame, 1);
    take_fields(&frame, command);
    if (frame.bad)
        return fail(parser, error, "fields that its frame has no room for, command type",
                    command->type);
    return g_steal_pointer(&command);
}
