/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/clock.h>
#include <tls/tls_context.h>

G_BEGIN_DECLS

/**
 * McpStream: bytes both ways over TCP or TLS, of a client or a server. Everything on the context
 * that was thread-default when it was made; nothing blocks.
 */
typedef struct _McpStream McpStream;

/**
 * McpStreamEvents: what a stream reports; each function may free it.
 *
 * @opened: (nullable): it is connected, and with TLS the other side is whom it should be
 * @received: bytes
 * @closed: the last event; @error is NULL when the other side ended it by the rules, else
 *   MCP_ERROR_TIMEOUT (not connected in time), REFUSED (a certificate), LIMIT (the other side takes
 *   nothing), CLOSED or FAILED
 */
typedef struct {
    void (*opened)(McpStream *stream, gpointer user_data);
    void (*received)(McpStream *stream, const guint8 *data, gsize length, gpointer user_data);
    void (*closed)(McpStream *stream, const GError *error, gpointer user_data);
} McpStreamEvents;

/** McpStreamTarget: where to connect to. Strings are copied. */
typedef struct {
    const char *address; /* literal */
    guint port;
    McpTlsContext *tls;    /* nullable: TCP */
    const char *peer_name; /* that the certificate must stand for; NULL: @address */
    gint64 timeout;        /* µs until it is connected */
} McpStreamTarget;

/** mcp_stream_connect: (transfer full): what is written before it is connected is kept. */
McpStream *mcp_stream_connect(const McpStreamTarget *target, McpClock *clock,
                              const McpStreamEvents *events, gpointer user_data);
/** mcp_stream_accept: (transfer full): @socket is connected; @tls: (nullable). */
McpStream *mcp_stream_accept(GSocket *socket, McpTlsContext *tls, const McpStreamEvents *events,
                             gpointer user_data);
/** mcp_stream_write: sends, or keeps what cannot go out now. */
void mcp_stream_write(McpStream *stream, GBytes *bytes);
/** mcp_stream_get_waiting: bytes that are kept. */
gsize mcp_stream_get_waiting(const McpStream *stream);
/** McpStreamFunc: nothing waits any more; may free the stream. */
typedef void (*McpStreamFunc)(McpStream *stream, gpointer user_data);
/** mcp_stream_on_drained: @func is told whenever what had to be kept has gone out. */
void mcp_stream_on_drained(McpStream *stream, McpStreamFunc func);
/** mcp_stream_free: closes at once, but for what can go out now; no event comes any more. */
void mcp_stream_free(McpStream *stream);
/** mcp_stream_get_remote: (transfer none): "192.0.2.1:1544", for log lines. */
const char *mcp_stream_get_remote(const McpStream *stream);
/** mcp_stream_get_socket: (transfer none) (nullable): NULL until it is connected. */
GSocket *mcp_stream_get_socket(const McpStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpStream, mcp_stream_free)

G_END_DECLS
