/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "fixture.h"

G_BEGIN_DECLS

/** Case: one leg and its peer, on a platform of their own. */
typedef struct {
    Platform platform;
    Peer peer;
    Seen seen;
    McpLeg *leg;
} Case;

/** case_open: connects; @formats and @lines as for peer_offer(). */
void case_open(Case *test, const char *formats, const char *lines);
/** case_open_with: @no_media: µs after which silence is reported. */
void case_open_with(Case *test, const char *formats, const char *lines, gint64 no_media);
void case_close(Case *test);

/** Pair: two legs of the service that talk to each other. */
typedef struct {
    Platform platform; /* opened before pair_connect(), closed after pair_disconnect() */
    McpLeg *caller;
    McpLeg *callee;
    Seen caller_seen;
    Seen callee_seen;
    guint callee_port;
} Pair;

/** pair_connect: makes and starts both, on @local_address. */
void pair_connect(Pair *pair, const char *local_address);
/** pair_negotiate: the caller offers, anew if it has done so before. */
void pair_negotiate(Pair *pair);
void pair_disconnect(Pair *pair);

G_END_DECLS
