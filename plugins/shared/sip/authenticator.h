/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "digest.h"

G_BEGIN_DECLS

/**
 * McpSipAuthenticator: challenges of ours (RFC 7616, RFC 8760) and whether what comes back proves
 * an account. Nothing is kept of a challenge: its nonce says when and for which address it was
 * made, under a key that only this process has. A proof counts once. SIP context.
 */
typedef struct _McpSipAuthenticator McpSipAuthenticator;

/** McpSipVerdict: of the credentials of a request. */
typedef enum {
    MCP_SIP_VERDICT_NONE,  /* it has none for our realm */
    MCP_SIP_VERDICT_STALE, /* right or wrong, but for a nonce that is over or was used */
    MCP_SIP_VERDICT_WRONG, /* nobody's, with a nonce of ours */
    MCP_SIP_VERDICT_GOOD,
} McpSipVerdict;

/**
 * McpSipAccountFunc: (transfer none) (nullable): the password of @user; NULL when nobody has that
 * name, which takes as long to find out as that the password is wrong.
 */
typedef const char *(*McpSipAccountFunc)(const char *user, gpointer user_data);

/** mcp_sip_authenticator_new: (transfer full): for @realm, with @algorithms in this order. */
McpSipAuthenticator *mcp_sip_authenticator_new(const char *realm, const char *const *algorithms);
/** mcp_sip_authenticator_free: frees it. */
void mcp_sip_authenticator_free(McpSipAuthenticator *authenticator);

/** mcp_sip_authenticator_judge: @sip came from @source at @now (clock µs). */
McpSipVerdict mcp_sip_authenticator_judge(McpSipAuthenticator *authenticator, const sip_t *sip,
                                          const su_sockaddr_t *source, gint64 now,
                                          McpSipAccountFunc account, gpointer user_data);
/** mcp_sip_authenticator_challenge: (transfer full): header lines of a 401. */
char *mcp_sip_authenticator_challenge(const McpSipAuthenticator *authenticator,
                                      const su_sockaddr_t *source, gint64 now, gboolean stale);

G_END_DECLS
