/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

#include <mcp/explain.h>
#include <mcp/invite.h>

G_BEGIN_DECLS

/** McpSipRefused: why a request outside of a dialog is refused. */
typedef struct {
    guint status;
    McpSipRefusal cause;
    char *text; /* owned */
    guint retry_after;
    char *lines; /* (nullable): further headers of the answer */
} McpSipRefused;

/** mcp_sip_refused_clear: frees its texts. */
void mcp_sip_refused_clear(McpSipRefused *refused);

/**
 * mcp_sip_check_method: FALSE with @out when a request outside of any dialog is refused by its
 * method. SIP context, as all below; none changes anything.
 */
gboolean mcp_sip_check_method(const sip_t *sip, McpSipRefused *out);
/** mcp_sip_check_invite_uri: (transfer full): the facts of an INVITE; NULL with @out. */
McpInvite *mcp_sip_check_invite_uri(const sip_t *sip, McpSipRefused *out);
/**
 * mcp_sip_check_source: fills in where @invite came from, to which socket, and who that is.
 * @identities: (nullable): of the other side's certificate; NULL when it is not TLS
 */
void mcp_sip_check_source(McpSipStack *stack, McpInvite *invite, msg_t *message, tport_t *transport,
                          const char *const *identities);
/**
 * mcp_sip_check_account: whether @invite proves the account of a peer, who it then is from; FALSE
 * with @out when it must, or proves a wrong one, which is counted: too many, and none is looked at
 * for a while.
 */
gboolean mcp_sip_check_account(McpSipStack *stack, McpInvite *invite, const sip_t *sip,
                               msg_t *message, const char *const *identities, McpSipRefused *out);
/**
 * mcp_sip_check_invite: what signalling itself asks of an INVITE; reads its offer. FALSE with @out.
 * @explain (nullable) gets a step for each check.
 */
gboolean mcp_sip_check_invite(McpSipStack *stack, McpInvite *invite, const sip_t *sip,
                              McpExplain *explain, McpSipRefused *out);
/** mcp_sip_check_core: what the core says of @invite before a session is made; FALSE with @out. */
gboolean mcp_sip_check_core(McpSipStack *stack, McpInvite *invite, const sip_t *sip,
                            McpSipRefused *out);
/** mcp_sip_check_address: whether its address may make one more call, which counts. */
gboolean mcp_sip_check_address(McpSipStack *stack, msg_t *message, McpSipRefused *out);
/** mcp_sip_check_replaced: (transfer none) (nullable): the session that Replaces names. */
McpSipSession *mcp_sip_check_replaced(McpSipStack *stack, const sip_t *sip);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpSipRefused, mcp_sip_refused_clear)

G_END_DECLS
