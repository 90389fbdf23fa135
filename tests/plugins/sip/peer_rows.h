/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sip_server.h"

G_BEGIN_DECLS

/**
 * PeerRow: a session with SIPp on the other side: a scenario file, the script that the server plays
 * (sip_server.c), the transport, and the events that must have come by the end.
 */
typedef struct {
    const char *name;
    const char *scenario;
    const char *user;
    const char *transport; /* SIPp's -t: u1, t1, or u6 for UDP over IPv6 */
    const char *events[4];
} PeerRow;

/** peer_rows_set_server: whom the rows call; before any of them runs. */
void peer_rows_set_server(SipServer *server);
/** peer_rows_add_callers: SIPp calls; a test /sip/NAME each. @rows are static. */
void peer_rows_add_callers(const PeerRow *rows, guint n);
/** peer_rows_add_callees: the server calls SIPp, which ends the call. */
void peer_rows_add_callees(const PeerRow *rows, guint n);
/** peer_rows_add_hung_up: the server calls SIPp and hangs up when the first event is here. */
void peer_rows_add_hung_up(const PeerRow *rows, guint n);

/** peer_start: (transfer full): SIPp with the scenario of @row on @own_port. */
GSubprocess *peer_start(const PeerRow *row, guint own_port, const char *errors, const char *remote);
/** peer_finish: waits for its end; fails the test, with what it printed, unless it is content. */
void peer_finish(GSubprocess *peer, const PeerRow *row, const char *errors);
/** peer_wait_taken: waits until the peer listens on @port. */
void peer_wait_taken(guint port);
/** peer_check_events: the events of @row have come, nothing is left, OPTIONS is answered. */
void peer_check_events(const PeerRow *row);
/** peer_place: (transfer full): calls SIPp on @port as @row says. */
McpSession *peer_place(const PeerRow *row, guint port);
/** peer_error_file: (transfer full): a name for what SIPp complains about. */
char *peer_error_file(void);

G_END_DECLS
