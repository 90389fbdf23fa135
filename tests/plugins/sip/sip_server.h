/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/contract/signalling.h>

G_BEGIN_DECLS

/**
 * SipServer: the SIP plugin in a real core whose calls are scripted: the user part of the
 * request-URI says what happens to an INVITE (see sip_server.c). One a process; main context.
 */
typedef struct _SipServer SipServer;

/** sip_server_new: starts on free ports of 127.0.0.1 (UDP, TCP) and ::1 (UDP). */
SipServer *sip_server_new(void);
/**
 * sip_server_refusal: (transfer full): why a core with @config (@PORT@ is the running server's
 * port) does not start; NULL when it does.
 */
char *sip_server_refusal(SipServer *server, const char *config);
/** sip_server_free: stops it; fails the test when anything is left. */
void sip_server_free(SipServer *server);
/** sip_server_port: the port of all transports. */
guint sip_server_port(SipServer *server);
/** sip_server_get_signalling: (transfer none): the plugin's service. */
McpSignalling *sip_server_get_signalling(SipServer *server);
/** sip_server_take: (transfer full): the session of an INVITE to user "bare", without a handler. */
McpSession *sip_server_take(SipServer *server);
/** sip_server_place: an outgoing session whose events are recorded, with an offer or without. */
McpSession *sip_server_place(SipServer *server, const char *target, gboolean offer,
                             gint64 deadline);
/** sip_server_expect: waits until an event that begins with @text has been recorded. */
void sip_server_expect(SipServer *server, const char *text);
/** sip_server_has: whether an event that begins with @text has been recorded. */
gboolean sip_server_has(SipServer *server, const char *text);
/** sip_server_count: how many events that begin with @text have been recorded. */
guint sip_server_count(SipServer *server, const char *text);
/** sip_server_forget: empties the record. */
void sip_server_forget(SipServer *server);
/** sip_server_end_all: ends every session from this side. */
void sip_server_end_all(SipServer *server);
/** sip_server_set_admission: what OPTIONS is told. */
void sip_server_set_admission(SipServer *server, guint status, guint retry_after);
/** sip_server_is_idle: whether no session is left. */
gboolean sip_server_is_idle(SipServer *server);
/** sip_server_wait_idle: waits until no session is left in the plugin. */
void sip_server_wait_idle(SipServer *server);

/**
 * peer_exchange: sends @request over UDP to @port of 127.0.0.1, with @LP@ replaced by the own port;
 * (transfer full) (nullable): the final response, or NULL when none came within @timeout ms.
 */
char *peer_exchange(guint port, const char *request, gsize length, guint timeout);
/** peer_open: (transfer full): a UDP socket on 127.0.0.1. */
GSocket *peer_open(guint *out_port);
/** peer_send: sends @text to @port of 127.0.0.1, with @LP@ replaced by @own_port. */
void peer_send(GSocket *socket, guint own_port, guint port, const char *text);
/** peer_read: (transfer full) (nullable): the next message within @timeout ms; events run on. */
char *peer_read(GSocket *socket, guint timeout);
/** peer_answer: (transfer full): a 200 to @request with @sdp or none. */
char *peer_answer(const char *request, gboolean sdp);
/** peer_ping: whether an OPTIONS over UDP is answered with 200. */
gboolean peer_ping(guint port);
/** peer_request: (transfer full): a request with the usual headers, then @headers and @body. */
char *peer_request(const char *method, const char *uri, const char *headers, const char *body);
/** peer_sdp: (transfer none): a plain offer. */
const char *peer_sdp(void);
/** peer_free_port: a port that was free for UDP and TCP on 127.0.0.1 and ::1 just now. */
guint peer_free_port(void);

G_END_DECLS
