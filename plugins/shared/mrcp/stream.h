/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/clock.h>
#include <tls/tls_context.h>

G_BEGIN_DECLS

/**
 * McpMrcpStream: bytes both ways over TCP or TLS, of a client or a server; for control channels and
 * RTSP. Everything on the context that was thread-default when it was made; nothing blocks.
 */
typedef struct _McpMrcpStream McpMrcpStream;

/**
 * McpMrcpStreamEvents: what a stream reports; each function may free it.
 *
 * @opened: (nullable): it is connected, and with TLS the other side is whom it should be
 * @received: bytes
 * @closed: the last event; @error is NULL when the other side ended it by the rules, else
 *   MCP_ERROR_TIMEOUT (not connected in time), REFUSED (a certificate), LIMIT (the other side takes
 *   nothing), CLOSED or FAILED
 */
typedef struct {
    void (*opened)(McpMrcpStream *stream, gpointer user_data);
    void (*received)(McpMrcpStream *stream, const guint8 *data, gsize length, gpointer user_data);
    void (*closed)(McpMrcpStream *stream, const GError *error, gpointer user_data);
} McpMrcpStreamEvents;

/** McpMrcpStreamTarget: where to connect to. Strings are copied. */
typedef struct {
    const char *address; /* literal */
    guint port;
    McpTlsContext *tls;    /* nullable: TCP */
    const char *peer_name; /* that the certificate must stand for; NULL: @address */
    gint64 timeout;        /* µs until it is connected */
} McpMrcpStreamTarget;

/** mcp_mrcp_stream_connect: (transfer full): what is written before it is connected is kept. */
McpMrcpStream *mcp_mrcp_stream_connect(const McpMrcpStreamTarget *target, McpClock *clock,
                                       const McpMrcpStreamEvents *events, gpointer user_data);
/** mcp_mrcp_stream_accept: (transfer full): @socket is connected; @tls: (nullable). */
McpMrcpStream *mcp_mrcp_stream_accept(GSocket *socket, McpTlsContext *tls,
                                      const McpMrcpStreamEvents *events, gpointer user_data);
/** mcp_mrcp_stream_write: sends, or keeps what cannot go out now. */
void mcp_mrcp_stream_write(McpMrcpStream *stream, GBytes *bytes);
/** mcp_mrcp_stream_get_waiting: bytes that are kept. */
gsize mcp_mrcp_stream_get_waiting(const McpMrcpStream *stream);
/** McpMrcpStreamFunc: nothing waits any more; may free the stream. */
typedef void (*McpMrcpStreamFunc)(McpMrcpStream *stream, gpointer user_data);
/** mcp_mrcp_stream_on_drained: @func is told whenever what had to be kept has gone out. */
void mcp_mrcp_stream_on_drained(McpMrcpStream *stream, McpMrcpStreamFunc func);
/** mcp_mrcp_stream_free: closes at once, but for what can go out now; no event comes any more. */
void mcp_mrcp_stream_free(McpMrcpStream *stream);
/** mcp_mrcp_stream_get_remote: (transfer none): "192.0.2.1:1544", for log lines. */
const char *mcp_mrcp_stream_get_remote(const McpMrcpStream *stream);
/** mcp_mrcp_stream_get_socket: (transfer none) (nullable): NULL until it is connected. */
GSocket *mcp_mrcp_stream_get_socket(const McpMrcpStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpStream, mcp_mrcp_stream_free)

G_END_DECLS
