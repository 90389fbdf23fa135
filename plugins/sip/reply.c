/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Responses: which headers go into them, the ladder and the counters. SIP context.
 */
#include "reply.h"

#include "header_text.h"
#include "transport.h"

#include <mcp/log.h>

/* RFC 3261 §20.5, §20.2: what a refusal for want of a method or a body must name. */
static sip_allow_t *
allow_for(const McpSipStack *stack, guint status)
{
    return status == 405 || status == 501 || (status >= 200 && status < 300) ? stack->allow : NULL;
}

static sip_accept_t *
accept_for(const McpSipStack *stack, guint status)
{
    return status == 415 ? stack->accept : NULL;
}

/* RFC 3261 §21.4.26: a 488 says in a Warning what is wrong with the description. */
static char *
warning_for(McpSipStack *stack, msg_t *message, guint status, const char *reason)
{
    tport_t *transport = status == 488 ? mcp_sip_transport_primary(stack->agent, message) : NULL;

    if (transport == NULL)
        return NULL;
    return mcp_sip_warning_value(399, mcp_sip_transport_host(transport), reason);
}

static char *
retry_after_text(guint retry_after)
{
    return retry_after > 0 ? g_strdup_printf("%u", retry_after) : NULL;
}

void
mcp_sip_reply_stateless(McpSipStack *stack, msg_t *message, guint status, const char *reason,
                        guint retry_after)
{
    g_autofree char *value = mcp_sip_reason_value(status, reason);
    g_autofree char *retry = retry_after_text(retry_after);
    g_autofree char *warning = warning_for(stack, message, status, reason);
    const sip_t *sip = sip_object(message);
    const sip_accept_t *accept = accept_for(stack, status);
    const sip_allow_t *allow = allow_for(stack, status);
    const sip_require_t *require = status == 420 ? sip->sip_require : NULL;
    sip_unsupported_t unsupported[1];

    sip_unsupported_init(unsupported);
    if (require != NULL)
        unsupported->k_items = require->k_items;
    mcp_sip_stack_count_response(stack, status);
    nta_msg_treply(stack->agent, message, (int)status, sip_status_phrase((int)status),
                   SIPTAG_REASON_STR(value), TAG_IF(allow != NULL, SIPTAG_ALLOW(allow)),
                   TAG_IF(accept != NULL, SIPTAG_ACCEPT(accept)),
                   TAG_IF(require != NULL, SIPTAG_UNSUPPORTED(unsupported)),
                   TAG_IF(warning != NULL, SIPTAG_WARNING_STR(warning)),
                   TAG_IF(retry != NULL, SIPTAG_RETRY_AFTER_STR(retry)), TAG_END());
}

void
mcp_sip_reply_options(McpSipStack *stack, msg_t *message, guint status, guint retry_after)
{
    g_autofree char *retry = retry_after_text(retry_after);
    guint code = status != 0 ? status : 200;

    mcp_sip_stack_count_response(stack, code);
    nta_msg_treply(stack->agent, message, (int)code, sip_status_phrase((int)code),
                   SIPTAG_ALLOW(stack->allow), SIPTAG_ACCEPT(stack->accept),
                   SIPTAG_SUPPORTED(stack->supported), SIPTAG_ACCEPT_LANGUAGE_STR("en"),
                   TAG_IF(retry != NULL, SIPTAG_RETRY_AFTER_STR(retry)), TAG_END());
}

static void
note_response(McpSipSession *session, nta_incoming_t *incoming, guint status)
{
    mcp_sip_stack_count_response(session->stack, status);
    mcp_sip_session_note(session, TRUE, "%u %s (%s)", status, sip_status_phrase((int)status),
                         nta_incoming_method_name(incoming));
}

void
mcp_sip_reply(McpSipSession *session, nta_incoming_t *incoming, guint status, McpSdp *sdp,
              const GPtrArray *headers)
{
    McpSipStack *stack = session->stack;
    g_autofree char *lines = mcp_sip_header_lines(headers);
    const sip_allow_t *allow = allow_for(stack, status);
    sip_method_t method = nta_incoming_method(incoming);
    /* RFC 3261 §12.1.1, RFC 3311 §5.2: responses that make or change a dialog have Contact. */
    gboolean has_contact = status > 100 && status < 300 &&
                           (method == sip_method_invite || method == sip_method_update);

    note_response(session, incoming, status);
    nta_incoming_treply(
        incoming, (int)status, sip_status_phrase((int)status),
        TAG_IF(has_contact, SIPTAG_CONTACT_STR(session->contact)),
        TAG_IF(allow != NULL, SIPTAG_ALLOW(allow)),
        TAG_IF(allow != NULL, SIPTAG_SUPPORTED(stack->supported)),
        TAG_IF(sdp != NULL, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
        TAG_IF(sdp != NULL, SIPTAG_PAYLOAD_STR(sdp != NULL ? mcp_sdp_get_text(sdp) : NULL)),
        TAG_IF(lines != NULL, SIPTAG_HEADER_STR(lines)), TAG_END());
}

void
mcp_sip_reply_reject(McpSipSession *session, nta_incoming_t *incoming, const McpReject *reject)
{
    McpSipStack *stack = session->stack;
    guint status = reject->status >= 300 && reject->status <= 699 ? reject->status : 500;
    const char *phrase = sip_status_phrase((int)status);
    g_autofree char *reason =
        mcp_sip_reason_value(status, reject->reason != NULL ? reject->reason : phrase);
    g_autofree char *warning = NULL;
    g_autofree char *retry = retry_after_text(reject->retry_after);
    const sip_allow_t *allow = allow_for(stack, status);
    const sip_accept_t *accept = accept_for(stack, status);

    if (reject->warning_code >= 300 && reject->warning_code <= 399)
        warning =
            mcp_sip_warning_value(reject->warning_code, session->warning_host,
                                  reject->warning_text != NULL ? reject->warning_text : phrase);
    note_response(session, incoming, status);
    nta_incoming_treply(incoming, (int)status, phrase, SIPTAG_REASON_STR(reason),
                        TAG_IF(warning != NULL, SIPTAG_WARNING_STR(warning)),
                        TAG_IF(retry != NULL, SIPTAG_RETRY_AFTER_STR(retry)),
                        TAG_IF(allow != NULL, SIPTAG_ALLOW(allow)),
                        TAG_IF(accept != NULL, SIPTAG_ACCEPT(accept)), TAG_END());
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
mcp_sip_reply_bad_extension(McpSipSession *session, nta_incoming_t *incoming,
                            const sip_require_t *require)
{
    g_autofree char *reason = mcp_sip_reason_value(420, "required extension not supported");
    sip_unsupported_t unsupported[1];

    sip_unsupported_init(unsupported);
    unsupported->k_items = require->k_items;
    note_response(session, incoming, 420);
    nta_incoming_treply(incoming, SIP_420_BAD_EXTENSION, SIPTAG_REASON_STR(reason),
                        SIPTAG_UNSUPPORTED(unsupported), TAG_END());
}
