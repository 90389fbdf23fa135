/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/call.h>
#include <mcp/explain.h>

G_BEGIN_DECLS

/* What signalling asks the core about a call before it makes a session. Any thread. */

/** McpCallsExplained: (nullable) (transfer none) @reject: NULL when the call would be taken. */
typedef void (*McpCallsExplained)(const McpReject *reject, gpointer user_data);

/**
 * mcp_calls_explain: what mcp_calls_offer() would do with @invite and why, without a call: the
 * service, the dialog up to where it would fetch, the answer to the offer. @func runs on the
 * caller's thread-default context; @explain (transfer none) belongs to the core until then.
 */
void mcp_calls_explain(McpCalls *calls, McpInvite *invite, McpExplain *explain,
                       McpCallsExplained func, gpointer user_data);
/** mcp_calls_explain_peer: adds by what settings mcp_calls_match_tls_peer() finds the peer. */
void mcp_calls_explain_peer(McpCalls *calls, GInetAddress *address, const char *const *tls_names,
                            McpExplain *explain);

/**
 * mcp_calls_match_account: (transfer full) (nullable): the peer with the account @user that
 * mcp_calls_match_tls_peer() would find; what proves it is the caller's to check.
 */
McpPeer *mcp_calls_match_account(McpCalls *calls, GInetAddress *address,
                                 const char *const *tls_names, const char *user);
/** mcp_calls_has_accounts: whether a peer with an account may call from there. */
gboolean mcp_calls_has_accounts(McpCalls *calls, GInetAddress *address,
                                const char *const *tls_names);

/**
 * mcp_calls_examine: (transfer full) (nullable): why the core would refuse @invite now, so that no
 * session need be made for it; NULL when it may be offered. Takes out of it what its peer is not
 * believed, and reads what it sets for itself. Before the invite is handed over. One that @replaces
 * a session of ours is no new call: numbers and routes are not asked for.
 */
McpReject *mcp_calls_examine(McpCalls *calls, McpInvite *invite, gboolean replaces);

/**
 * mcp_calls_refused: an INVITE that signalling refuses itself is counted, logged once and
 * published.
 */
void mcp_calls_refused(McpCalls *calls, const McpInvite *invite, guint status, const char *why);

/**
 * mcp_calls_get_admission: 0 while new calls are taken, else the SIP status (503) with
 * @out_retry_after seconds.
 */
guint mcp_calls_get_admission(McpCalls *calls, guint *out_retry_after);

/**
 * mcp_calls_is_closed: (nullable): why a call of @peer would get 503 now, whatever it is: drain,
 * load, numbers, rates; a static text. Cheap; takes nothing.
 */
const char *mcp_calls_is_closed(McpCalls *calls, const McpPeer *peer);

/**
 * mcp_calls_hold: takes no new calls while @why (a static text) is set for @holder, whoever that
 * is; NULL takes it back.
 */
void mcp_calls_hold(McpCalls *calls, gconstpointer holder, const char *why);

/** mcp_calls_get_retry_after: seconds for Retry-After of such refusals. */
guint mcp_calls_get_retry_after(McpCalls *calls);

G_END_DECLS
