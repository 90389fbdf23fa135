/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing commands. Fields and their order are those of version 1 of the protocol, where a nested
 * object begins with a byte that says whether it is there, and its type. Any thread.
 */
#include "openwire.h"

#include <string.h>

#define VERSION 1
#define TYPE_QUEUE 100
#define TYPE_TOPIC 101
#define TYPE_MESSAGE_ID 110
#define TYPE_TRANSACTION_ID 111 /* local */
#define TRANSACTION_BEGIN 0
#define TRANSACTION_COMMIT 2 /* in one phase */
#define TYPE_CONNECTION_ID 120
#define TYPE_SESSION_ID 121
#define TYPE_PRODUCER_ID 123
/* Of a map: types of its values. */
#define VALUE_BOOLEAN 1
#define VALUE_LONG 6
#define VALUE_STRING 9
#define MAX_STRING 65535
#define PRIORITY 4

static const guint8 magic[] = {'A', 'c', 't', 'i', 'v', 'e', 'M', 'Q'};

static void
put_byte(GByteArray *out, guint value)
{
    guint8 byte = (guint8)value;

    g_byte_array_append(out, &byte, 1);
}

static void
put_short(GByteArray *out, guint value)
{
    guint16 number = GUINT16_TO_BE((guint16)value);

    g_byte_array_append(out, (const guint8 *)&number, sizeof number);
}

static void
put_int(GByteArray *out, gint64 value)
{
    guint32 number = GUINT32_TO_BE((guint32)value);

    g_byte_array_append(out, (const guint8 *)&number, sizeof number);
}

static void
put_long(GByteArray *out, gint64 value)
{
    guint64 number = GUINT64_TO_BE((guint64)value);

    g_byte_array_append(out, (const guint8 *)&number, sizeof number);
}

static void
put_unit(GByteArray *out, gunichar unit)
{
    put_byte(out, 0xe0 | unit >> 12);
    put_byte(out, 0x80 | (unit >> 6 & 0x3f));
    put_byte(out, 0x80 | (unit & 0x3f));
}

/* Java's own UTF-8: what lies above U+FFFF is two units of three bytes, and U+0000 two bytes. */
static void
put_text(GByteArray *out, const char *text, gsize length)
{
    const char *end = text + length;

    while (text < end) {
        /* GLib takes no zero for a character. */
        gunichar c = *text == '\0' ? 0 : g_utf8_get_char_validated(text, end - text);

        if (c == (gunichar)-1 || c == (gunichar)-2) {
            put_byte(out, '?');
            text++;
            continue;
        }
        if (c == 0) {
            put_byte(out, 0xc0);
            put_byte(out, 0x80);
        } else if (c > 0xffff) {
            put_unit(out, 0xd800 + ((c - 0x10000) >> 10));
            put_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
        } else {
            g_byte_array_append(out, (const guint8 *)text, (guint)(g_utf8_next_char(text) - text));
        }
        text = g_utf8_next_char(text);
    }
}

/* A string that has its length before it; what is too long is cut at a character. */
static void
put_utf(GByteArray *out, const char *text)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    guint length = 0;

    put_text(bytes, text, strlen(text));
    length = MIN(bytes->len, MAX_STRING);
    while (length < bytes->len && (bytes->data[length] & 0xc0) == 0x80)
        length--;
    put_short(out, length);
    g_byte_array_append(out, bytes->data, length);
}

static void
put_string(GByteArray *out, const char *text)
{
    put_byte(out, text != NULL);
    if (text != NULL)
        put_utf(out, text);
}

static void
put_bytes(GByteArray *out, const guint8 *data, gsize length)
{
    put_byte(out, TRUE);
    put_int(out, (gint64)length);
    g_byte_array_append(out, data, (guint)length);
}

static GByteArray *
begin(McpOpenwireType type)
{
    GByteArray *out = g_byte_array_new();

    put_int(out, 0); /* its length, once it is known */
    put_byte(out, type);
    return out;
}

static GByteArray *
begin_command(McpOpenwireType type, gint32 command, gboolean response)
{
    GByteArray *out = begin(type);

    put_int(out, command);
    put_byte(out, (guint)response);
    return out;
}

static GBytes *
finish(GByteArray *out)
{
    guint32 length = GUINT32_TO_BE(out->len - 4);

    memcpy(out->data, &length, sizeof length);
    return g_byte_array_free_to_bytes(out);
}

/* Of a connection. */
static void
put_transaction(GByteArray *out, const char *connection, gint64 transaction)
{
    put_byte(out, transaction != 0);
    if (transaction == 0)
        return;
    put_byte(out, TYPE_TRANSACTION_ID);
    put_long(out, transaction);
    put_byte(out, TRUE);
    put_byte(out, TYPE_CONNECTION_ID);
    put_string(out, connection);
}

static void
put_producer(GByteArray *out, const McpOpenwireProducer *producer)
{
    put_byte(out, TRUE);
    put_byte(out, TYPE_PRODUCER_ID);
    put_string(out, producer->connection);
    put_long(out, producer->value);
    put_long(out, producer->session);
}

static void
put_boolean_entry(GByteArray *map, const char *name, gboolean value)
{
    put_utf(map, name);
    put_byte(map, VALUE_BOOLEAN);
    put_byte(map, (guint)value);
}

static void
put_long_entry(GByteArray *map, const char *name, gint64 value)
{
    put_utf(map, name);
    put_byte(map, VALUE_LONG);
    put_long(map, value);
}

GBytes *
mcp_openwire_text(const char *text, gsize length)
{
    GByteArray *out = g_byte_array_new();
    guint32 size;

    put_int(out, 0);
    put_text(out, text, length);
    size = GUINT32_TO_BE(out->len - 4);
    memcpy(out->data, &size, sizeof size);
    return g_byte_array_free_to_bytes(out);
}

GBytes *
mcp_openwire_wire_format(gint64 max_inactivity, gint64 max_frame)
{
    GByteArray *out = begin(MCP_OPENWIRE_WIRE_FORMAT_INFO);
    g_autoptr(GByteArray) map = g_byte_array_new();

    put_int(map, 8);
    put_boolean_entry(map, "StackTraceEnabled", FALSE);
    put_boolean_entry(map, "TightEncodingEnabled", FALSE);
    put_boolean_entry(map, "CacheEnabled", FALSE);
    put_boolean_entry(map, "SizePrefixDisabled", FALSE);
    put_boolean_entry(map, "TcpNoDelayEnabled", TRUE);
    put_long_entry(map, "MaxInactivityDuration", max_inactivity);
    put_long_entry(map, "MaxInactivityDurationInitalDelay", max_inactivity);
    put_long_entry(map, "MaxFrameSize", max_frame);
    g_byte_array_append(out, magic, sizeof magic);
    put_int(out, VERSION);
    put_bytes(out, map->data, map->len);
    return finish(out);
}

GBytes *
mcp_openwire_connection(gint32 command, const McpOpenwireConnection *connection)
{
    GByteArray *out = begin_command(MCP_OPENWIRE_CONNECTION_INFO, command, TRUE);

    put_byte(out, TRUE);
    put_byte(out, TYPE_CONNECTION_ID);
    put_string(out, connection->connection);
    put_string(out, connection->client);
    put_string(out, connection->password);
    put_string(out, connection->user);
    put_byte(out, FALSE); /* no path of brokers */
    put_byte(out, FALSE); /* no connector of a broker */
    put_byte(out, TRUE);  /* manageable */
    return finish(out);
}

GBytes *
mcp_openwire_session(gint32 command, const McpOpenwireProducer *producer)
{
    GByteArray *out = begin_command(MCP_OPENWIRE_SESSION_INFO, command, FALSE);

    put_byte(out, TRUE);
    put_byte(out, TYPE_SESSION_ID);
    put_string(out, producer->connection);
    put_long(out, producer->session);
    return finish(out);
}

GBytes *
mcp_openwire_producer(gint32 command, const McpOpenwireProducer *producer)
{
    GByteArray *out = begin_command(MCP_OPENWIRE_PRODUCER_INFO, command, TRUE);

    put_producer(out, producer);
    put_byte(out, FALSE); /* any destination */
    put_byte(out, FALSE); /* no path of brokers */
    return finish(out);
}

GBytes *
mcp_openwire_transaction(gint32 command, const char *connection, gint64 transaction,
                         gboolean commit)
{
    GByteArray *out = begin_command(MCP_OPENWIRE_TRANSACTION_INFO, command, commit);

    put_byte(out, TRUE);
    put_byte(out, TYPE_CONNECTION_ID);
    put_string(out, connection);
    put_transaction(out, connection, transaction);
    put_byte(out, commit ? TRANSACTION_COMMIT : TRANSACTION_BEGIN);
    return finish(out);
}

static void
put_properties(GByteArray *out, const McpOpenwireMessage *message)
{
    g_autoptr(GByteArray) map = g_byte_array_new();

    put_int(map, message->n_properties);
    for (guint i = 0; i < message->n_properties; i++) {
        put_utf(map, message->properties[i].name);
        put_byte(map, VALUE_STRING);
        put_utf(map, message->properties[i].value);
    }
    put_bytes(out, map->data, map->len);
}

static void
put_head(GByteArray *out, const McpOpenwireMessage *message)
{
    put_producer(out, message->producer);
    put_byte(out, TRUE);
    put_byte(out, message->topic ? TYPE_TOPIC : TYPE_QUEUE);
    put_string(out, message->destination);
    put_transaction(out, message->producer->connection, message->transaction);
    put_byte(out, FALSE); /* original destination */
    put_byte(out, TRUE);
    put_byte(out, TYPE_MESSAGE_ID);
    put_producer(out, message->producer);
    put_long(out, (gint64)message->sequence);
    put_long(out, 0);     /* the broker's own sequence */
    put_byte(out, FALSE); /* original transaction */
    put_byte(out, FALSE); /* group */
    put_int(out, 0);      /* its sequence */
    put_byte(out, FALSE); /* correlation id */
    put_byte(out, TRUE);  /* persistent */
    put_long(out, 0);     /* expiration: never */
    put_byte(out, PRIORITY);
    put_byte(out, FALSE); /* reply to */
    put_long(out, message->timestamp);
    put_string(out, message->type);
}

GBytes *
mcp_openwire_message(gint32 command, const McpOpenwireMessage *message)
{
    GByteArray *out = begin_command(MCP_OPENWIRE_TEXT_MESSAGE, command, message->transaction == 0);
    gsize length = 0;
    const guint8 *content = g_bytes_get_data(message->content, &length);

    put_head(out, message);
    put_bytes(out, content, length);
    put_properties(out, message);
    put_byte(out, FALSE); /* data structure */
    put_byte(out, FALSE); /* target consumer */
    put_byte(out, (guint)message->compressed);
    put_int(out, 0);      /* redeliveries */
    put_byte(out, FALSE); /* path of brokers */
    put_long(out, 0);     /* arrival */
    put_byte(out, FALSE); /* user id: the broker's to set */
    put_byte(out, FALSE); /* through a bridge */
    return finish(out);
}

GBytes *
mcp_openwire_keep_alive(gint32 command)
{
    return finish(begin_command(MCP_OPENWIRE_KEEP_ALIVE_INFO, command, FALSE));
}

GBytes *
mcp_openwire_shutdown(gint32 command)
{
    return finish(begin_command(MCP_OPENWIRE_SHUTDOWN_INFO, command, FALSE));
}
