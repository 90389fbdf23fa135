/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Responses: which headers go into them, the ladder and the counters. SIP context.
 */
#include "reply.h"

#include "header_text.h"
#include "stateless.h"

#include <mcp/log.h>

void
mcp_sip_reply(McpSipSession *session, nta_incoming_t *incoming, guint status, McpSdp *sdp,
              const GPtrArray *headers)
{
    McpSipStack *stack = session->stack;
    g_autofree char *lines = mcp_sip_header_lines(headers);
    const sip_allow_t *allow = mcp_sip_stateless_allow(stack, status);
    sip_method_t method = nta_incoming_method(incoming);
    /* RFC 3261 §12.1.1, RFC 3311 §5.2: responses that make or change a dialog have Contact. */
    gboolean has_contact = status > 100 && status < 300 &&
                           (method == sip_method_invite || method == sip_method_update);
    g_autofree char *expires =
        has_contact && status >= 200 ? mcp_sip_session_timer_response(&session->timer) : NULL;
    /* RFC 4028 §9: who is to refresh must know how. */
    gboolean required = expires != NULL && session->timer.refresher == MCP_SIP_REFRESHER_THEM;

    nta_incoming_treply(
        incoming, (int)status, sip_status_phrase((int)status),
        TAG_IF(has_contact, SIPTAG_CONTACT_STR(session->contact)),
        TAG_IF(allow != NULL, SIPTAG_ALLOW(allow)),
        TAG_IF(allow != NULL, SIPTAG_SUPPORTED(stack->supported)),
        TAG_IF(expires != NULL, SIPTAG_SESSION_EXPIRES_STR(expires)),
        TAG_IF(required, SIPTAG_REQUIRE_STR("timer")),
        TAG_IF(sdp != NULL, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
        TAG_IF(sdp != NULL, SIPTAG_PAYLOAD_STR(sdp != NULL ? mcp_sdp_get_text(sdp) : NULL)),
        TAG_IF(lines != NULL, SIPTAG_HEADER_STR(lines)), MCP_SIP_ECHO(session), TAG_END());
}

void
mcp_sip_reply_reject(McpSipSession *session, nta_incoming_t *incoming, const McpReject *reject)
{
    McpSipStack *stack = session->stack;
    guint status = mcp_sip_reject_status(reject);
    const char *phrase = sip_status_phrase((int)status);
    g_autofree char *reason = mcp_sip_reject_reason(reject);
    g_autofree char *warning = mcp_sip_reject_warning(reject, session->warning_host);
    g_autofree char *min_se = mcp_sip_stateless_min_se(stack, status);
    g_autofree char *retry = mcp_sip_stateless_retry_after(reject->retry_after);
    const sip_allow_t *allow = mcp_sip_stateless_allow(stack, status);
    const sip_accept_t *accept = mcp_sip_stateless_accept(stack, status);

    nta_incoming_treply(incoming, (int)status, phrase, SIPTAG_REASON_STR(reason),
                        TAG_IF(warning != NULL, SIPTAG_WARNING_STR(warning)),
                        TAG_IF(min_se != NULL, SIPTAG_MIN_SE_STR(min_se)),
                        TAG_IF(retry != NULL, SIPTAG_RETRY_AFTER_STR(retry)),
                        TAG_IF(allow != NULL, SIPTAG_ALLOW(allow)),
                        TAG_IF(accept != NULL, SIPTAG_ACCEPT(accept)), MCP_SIP_ECHO(session),
                        TAG_END());
}

void
mcp_sip_reply_refuse(McpSipSession *session, nta_incoming_t *incoming, guint status,
                     const char *reason, guint retry_after)
{
    g_autoptr(McpReject) reject = mcp_reject_new(status, reason, status == 488 ? reason : NULL);

    reject->retry_after = retry_after;
    mcp_log_info("request-refused", session->call_id, "%s of %s refused with %u: %s",
                 nta_incoming_method_name(incoming), session->sip_call_id, status, reason);
    mcp_sip_reply_reject(session, incoming, reject);
}

void
mcp_sip_reply_accepted(McpSipSession *session, nta_incoming_t *incoming, gboolean silent)
{
    nta_incoming_treply(incoming, SIP_202_ACCEPTED, SIPTAG_CONTACT_STR(session->contact),
                        TAG_IF(silent, SIPTAG_HEADER_STR("Refer-Sub: false")), TAG_END());
}

void
mcp_sip_reply_bad_extension(McpSipSession *session, nta_incoming_t *incoming, const sip_t *sip)
{
    g_autofree char *reason = mcp_sip_reason_value(420, "required extension not supported");
    su_home_t home[1] = {SU_HOME_INIT(home)};
    sip_unsupported_t *unsupported = NULL;

    su_home_init(home);
    unsupported = mcp_sip_stateless_unsupported(session->stack, home, sip);
    nta_incoming_treply(incoming, SIP_420_BAD_EXTENSION, SIPTAG_REASON_STR(reason),
                        TAG_IF(unsupported != NULL, SIPTAG_UNSUPPORTED(unsupported)),
                        MCP_SIP_ECHO(session), TAG_END());
    su_home_deinit(home);
}
