/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * OpenWire as a producer speaks it: version 1, loose encoding, no cache. A frame is its length (4
 * bytes, big-endian), the type of the command and its fields. Any thread.
 */

/** McpOpenwireType: types of the commands that are written or understood. */
typedef enum {
    MCP_OPENWIRE_WIRE_FORMAT_INFO = 1,
    MCP_OPENWIRE_BROKER_INFO = 2,
    MCP_OPENWIRE_CONNECTION_INFO = 3,
    MCP_OPENWIRE_SESSION_INFO = 4,
    MCP_OPENWIRE_PRODUCER_INFO = 6,
    MCP_OPENWIRE_TRANSACTION_INFO = 7,
    MCP_OPENWIRE_KEEP_ALIVE_INFO = 10,
    MCP_OPENWIRE_SHUTDOWN_INFO = 11,
    MCP_OPENWIRE_REMOVE_INFO = 12,
    MCP_OPENWIRE_CONNECTION_ERROR = 16,
    MCP_OPENWIRE_TEXT_MESSAGE = 28,
    MCP_OPENWIRE_RESPONSE = 30,
    MCP_OPENWIRE_EXCEPTION_RESPONSE = 31,
} McpOpenwireType;

/** McpOpenwireCommand: one that came; what its type has not is 0 or NULL. */
typedef struct {
    guint8 type;
    gint32 command;
    gboolean response_required;
    gint32 correlation;    /* of a response: the command that it answers */
    char *error_class;     /* "javax.jms.ResourceAllocationException" */
    char *error_text;      /* not NULL when @error_class is not */
    gint32 version;        /* of WireFormatInfo, as the next ones */
    gint64 max_inactivity; /* ms; 0: never mind */
    gint64 max_frame;      /* bytes; 0: not said */
} McpOpenwireCommand;

/** mcp_openwire_command_free: frees it. */
void mcp_openwire_command_free(McpOpenwireCommand *command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpOpenwireCommand, mcp_openwire_command_free)

/** McpOpenwireParser: a stream of frames. */
typedef struct _McpOpenwireParser McpOpenwireParser;

/** mcp_openwire_parser_new: (transfer full): frames above @max_frame bytes are an error. */
McpOpenwireParser *mcp_openwire_parser_new(gsize max_frame);
/** mcp_openwire_parser_free: frees it. */
void mcp_openwire_parser_free(McpOpenwireParser *parser);
/** mcp_openwire_parser_push: bytes of the other side. */
void mcp_openwire_parser_push(McpOpenwireParser *parser, const guint8 *data, gsize length);
/**
 * mcp_openwire_parser_next: (transfer full) (nullable): the next command, whether its type is known
 * or not; NULL with @error unset: more bytes are needed; MCP_ERROR_INVALID: it is no OpenWire.
 */
McpOpenwireCommand *mcp_openwire_parser_next(McpOpenwireParser *parser, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpOpenwireParser, mcp_openwire_parser_free)

/** McpOpenwireProducer: whose messages they are. */
typedef struct {
    const char *connection;
    gint64 session;
    gint64 value;
} McpOpenwireProducer;

/** McpOpenwireProperty: a string that consumers select by. */
typedef struct {
    const char *name;
    const char *value;
} McpOpenwireProperty;

/** McpOpenwireMessage: one text message. */
typedef struct {
    const McpOpenwireProducer *producer;
    guint64 sequence;   /* with the producer the message's id */
    gint64 transaction; /* of the connection; 0: none, and the message asks for a response */
    gboolean topic;
    const char *destination;
    const char *type;    /* nullable: JMSType */
    gint64 timestamp;    /* ms since 1970 */
    GBytes *content;     /* as mcp_openwire_text() makes it, or that compressed */
    gboolean compressed; /* zlib: JMS clients, and the broker's STOMP, undo it by themselves */
    const McpOpenwireProperty *properties;
    guint n_properties;
} McpOpenwireMessage;

/** McpOpenwireConnection: who connects. */
typedef struct {
    const char *connection;
    const char *client;
    const char *user;     /* nullable */
    const char *password; /* nullable */
} McpOpenwireConnection;

/** mcp_openwire_text: (transfer full): text as the content of a message: its length, and UTF-8 as
 * Java writes it. */
GBytes *mcp_openwire_text(const char *text, gsize length);

/* (transfer full): frames, ready to be sent. */

/** mcp_openwire_wire_format: @max_inactivity: ms; @max_frame: bytes. */
GBytes *mcp_openwire_wire_format(gint64 max_inactivity, gint64 max_frame);
/** mcp_openwire_connection: asks for a response. */
GBytes *mcp_openwire_connection(gint32 command, const McpOpenwireConnection *connection);
/** mcp_openwire_session: of the producer. */
GBytes *mcp_openwire_session(gint32 command, const McpOpenwireProducer *producer);
/** mcp_openwire_producer: asks for a response. */
GBytes *mcp_openwire_producer(gint32 command, const McpOpenwireProducer *producer);
/**
 * mcp_openwire_transaction: begins one, or commits it, which asks for a response: then the broker
 * has all of its messages, or refuses them.
 */
GBytes *mcp_openwire_transaction(gint32 command, const char *connection, gint64 transaction,
                                 gboolean commit);
/** mcp_openwire_message: persistent; asks for a response, unless it is in a transaction. */
GBytes *mcp_openwire_message(gint32 command, const McpOpenwireMessage *message);
/** mcp_openwire_keep_alive: asks for nothing. */
GBytes *mcp_openwire_keep_alive(gint32 command);
/** mcp_openwire_shutdown: the connection ends. */
GBytes *mcp_openwire_shutdown(gint32 command);

G_END_DECLS
