/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

#include <glib.h>

G_BEGIN_DECLS

/* Digest authentication (RFC 7616, RFC 8760), both sides of it. Any thread but where said. */

/** McpSipAccount: name and password, and the realms that may see a proof of them. */
typedef struct {
    char *user;     /* nullable: no account */
    char *password; /* never printed */
    char **realms;
} McpSipAccount;

/** McpSipChallenge: what somebody asks proof for. */
typedef struct {
    gboolean proxy; /* Proxy-Authenticate (407), else WWW-Authenticate (401) */
    gboolean sha256;
    gboolean has_qop;
    gboolean session; /* algorithm …-sess */
    gboolean stale;
    char *realm;
    char *nonce;
    char *opaque;      /* nullable */
    guint count;       /* proofs given so far */
    gboolean accepted; /* one of them was */
} McpSipChallenge;

/** mcp_sip_challenge_free: frees it. */
void mcp_sip_challenge_free(McpSipChallenge *challenge);
/** mcp_sip_challenge_read: (transfer full) (nullable): NULL when it is none that is understood. */
McpSipChallenge *mcp_sip_challenge_read(const msg_auth_t *header, gboolean proxy);
/**
 * mcp_sip_challenge_answer: (transfer full): the header line, "Proxy-Authorization: Digest …", that
 * proves @account for one request; counted in @challenge.
 */
char *mcp_sip_challenge_answer(McpSipChallenge *challenge, const McpSipAccount *account,
                               const char *method, const char *uri);

/** McpSipProof: what a request proves, as it came: unquoted, unchecked. */
typedef struct {
    char *user;
    char *realm;
    char *nonce;
    char *uri;
    char *response;
    char *cnonce; /* nullable */
    char *nc;     /* nullable */
    char *qop;    /* nullable */
    gboolean sha256;
} McpSipProof;

/** mcp_sip_proof_clear: frees what it holds. */
void mcp_sip_proof_clear(McpSipProof *proof);
/** mcp_sip_proof_read: FALSE when @header is no digest that could be checked. */
gboolean mcp_sip_proof_read(const msg_auth_t *header, McpSipProof *out_proof);
/**
 * mcp_sip_proof_is_good: whether it proves @password for @method; the time it takes says nothing of
 * how much was right.
 */
gboolean mcp_sip_proof_is_good(const McpSipProof *proof, const char *password, const char *method);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSipChallenge, mcp_sip_challenge_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpSipProof, mcp_sip_proof_clear)

G_END_DECLS
