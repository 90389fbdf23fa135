/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <sys/socket.h>

G_BEGIN_DECLS

#define MCP_MEDIA_STUN_REQUEST 0x0001 /* Binding */
#define MCP_MEDIA_STUN_SUCCESS 0x0101
#define MCP_MEDIA_STUN_ERROR 0x0111

/** Bytes and attributes of the largest message that is read, bytes of the largest one written. */
#define MCP_MEDIA_STUN_MAX 1280
#define MCP_MEDIA_STUN_ATTRIBUTES_MAX 32
#define MCP_MEDIA_STUN_RESPONSE_MAX 256
#define MCP_MEDIA_STUN_UNKNOWN_MAX 8

/**
 * McpMediaStunMessage: a well-formed message (RFC 5389 §6) with a right FINGERPRINT. Pointers are
 * into the datagram.
 *
 * @integrity_at: where MESSAGE-INTEGRITY begins; 0: none
 * @unknown: attributes that must be understood and are not (RFC 5389 §7.3.1)
 */
typedef struct {
    guint16 type;
    guint8 transaction[12];
    const char *username; /* (nullable): not terminated */
    gsize username_length;
    gsize integrity_at;
    gboolean use_candidate;
    gboolean has_priority;
    gboolean has_controlling;
    gboolean has_controlled;
    guint32 priority;
    guint16 unknown[MCP_MEDIA_STUN_UNKNOWN_MAX];
    guint n_unknown;
} McpMediaStunMessage;

/** mcp_media_stun_parse: FALSE: no STUN, or nothing that deserves an answer. Any thread. */
gboolean mcp_media_stun_parse(const guint8 *data, gsize length, McpMediaStunMessage *out_message);
/**
 * mcp_media_stun_check_integrity: whether MESSAGE-INTEGRITY is of @password (RFC 5389 §15.4, short
 * term); constant time. FALSE also when there is none. Any thread.
 */
gboolean mcp_media_stun_check_integrity(const guint8 *data, const McpMediaStunMessage *message,
                                        const char *password);

/** McpMediaStunWriter: a message being written; no attribute is written beyond the buffer. */
typedef struct {
    guint8 data[MCP_MEDIA_STUN_RESPONSE_MAX];
    gsize length;
} McpMediaStunWriter;

/** mcp_media_stun_begin: header with the transaction of a request. */
void mcp_media_stun_begin(McpMediaStunWriter *writer, guint16 type, const guint8 *transaction);
/** mcp_media_stun_add: an attribute with its padding. */
void mcp_media_stun_add(McpMediaStunWriter *writer, guint16 type, const guint8 *value,
                        gsize length);
/** mcp_media_stun_add_address: XOR-MAPPED-ADDRESS (RFC 5389 §15.2), IPv4 or IPv6. */
void mcp_media_stun_add_address(McpMediaStunWriter *writer, const struct sockaddr_storage *address);
/** mcp_media_stun_add_error: ERROR-CODE (RFC 5389 §15.6). */
void mcp_media_stun_add_error(McpMediaStunWriter *writer, guint code, const char *phrase);
/** mcp_media_stun_add_integrity: MESSAGE-INTEGRITY over what is written; FALSE: it failed. */
gboolean mcp_media_stun_add_integrity(McpMediaStunWriter *writer, const char *password);
/** mcp_media_stun_add_fingerprint: FINGERPRINT, the last attribute. */
void mcp_media_stun_add_fingerprint(McpMediaStunWriter *writer);

G_END_DECLS
