/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/signalling.h>

G_BEGIN_DECLS

/** SignallingAct: what the other side of the one session under test does. */
typedef enum {
    REMOTE_ACK,
    REMOTE_BYE,
    REMOTE_CANCEL,
    REMOTE_INFO,  /* text/plain, "hello" */
    REMOTE_OFFER, /* re-INVITE */
    REMOTE_RING,  /* to a placed session: 180 */
    REMOTE_ACCEPT,
    REMOTE_BUSY,
    REMOTE_AGREE,   /* to an offer of ours, or to being asked for one: 200 with a description */
    REMOTE_REFUSE,  /* the same: 488 */
    REMOTE_COLLIDE, /* the same: 491 */
    REMOTE_TAKE,    /* our answer to the offer that was asked for came: on the wire in an ACK */
} SignallingAct;

/** SignallingProvider: makes the sessions that the suite is run against, one at a time. */
typedef struct {
    const char *name;
    McpSignalling *(*open)(void);
    void (*close)(McpSignalling *signalling);
    McpSession *(*arrive)(void); /* (transfer full): an INVITE with an offer came */
    const char *(*target)(void); /* whom to place a session to */
    void (*remote)(McpSession *session, SignallingAct act); /* done when what it causes is */
    const char *(*answers)(void); /* nullable: who answers OPTIONS; target does not */
    gboolean on_the_wire;         /* there is a real other side, with its time-outs */
} SignallingProvider;

extern const SignallingProvider signalling_provider;

G_END_DECLS
