/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "locate.h"
#include "session.h"

G_BEGIN_DECLS

/*
 * Where and how often the INVITE of a placed session is sent: destinations of its target or of the
 * trunk's proxy one after the other, again with a proof after 401 and 407, elsewhere after 3xx. SIP
 * context.
 */

struct _McpSipAttempt {
    const McpSipTrunk *trunk; /* (nullable): borrowed of the stack's configuration */
    char *target;             /* request-URI */
    char *hop;                /* (nullable): where it goes, as a URI */
    GPtrArray *destinations;  /* (nullable): McpSipDestination */
    guint next;               /* of them */
    McpSipSearch *search;     /* (nullable): under way */
    McpTimer *timer;          /* (nullable): waits for any answer of this destination */
    GQueue others;            /* targets of 3xx that are left */
    guint redirects;
    GString *history; /* (nullable): History-Info (RFC 7044) up to the target */
    char *index;      /* of the target in it */
};

/** mcp_sip_attempt_begin: looks for the first destination and sends the INVITE there. */
void mcp_sip_attempt_begin(McpSipSession *session);
/** mcp_sip_attempt_heard: an answer has come: the destination is alive. */
void mcp_sip_attempt_heard(McpSipSession *session);
/**
 * mcp_sip_attempt_continue: a final failure: FALSE when there is nothing else to try. @sip
 * nullable.
 */
gboolean mcp_sip_attempt_continue(McpSipSession *session, guint status, const sip_t *sip);
/** mcp_sip_attempt_lines: (transfer full) (nullable): headers that the INVITE has by all this. */
char *mcp_sip_attempt_lines(const McpSipSession *session);
/** mcp_sip_attempt_stop: nothing is tried any more. */
void mcp_sip_attempt_stop(McpSipSession *session);
/** mcp_sip_attempt_clear: it is forgotten; with the session. */
void mcp_sip_attempt_clear(McpSipSession *session);

G_END_DECLS
