/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Responses that leave nothing behind, and the headers that a response of any kind must have by its
 * code. SIP context.
 */
#include "stateless.h"

#include "header_text.h"
#include "transport.h"

sip_allow_t *
mcp_sip_stateless_allow(const McpSipStack *stack, guint status)
{
    return status == 405 || status == 501 || (status >= 200 && status < 300) ? stack->allow : NULL;
}

sip_accept_t *
mcp_sip_stateless_accept(const McpSipStack *stack, guint status)
{
    return status == 415 ? stack->accept : NULL;
}

char *
mcp_sip_stateless_warning(const tport_t *transport, guint status, const char *reason)
{
    if (transport == NULL || status != 488)
        return NULL;
    return mcp_sip_warning_value(399, mcp_sip_transport_host(transport), reason);
}

sip_unsupported_t *
mcp_sip_stateless_unsupported(const McpSipStack *stack, su_home_t *home, const sip_t *sip)
{
    if (sip->sip_require == NULL)
        return NULL;
    return sip_has_unsupported(home, stack->supported, sip->sip_require);
}

gboolean
mcp_sip_stateless_is_unsupported(McpSipStack *stack, const sip_t *sip)
{
    su_home_t home[1] = {SU_HOME_INIT(home)};
    gboolean found = FALSE;

    if (sip->sip_require == NULL)
        return FALSE;
    su_home_init(home);
    found = mcp_sip_stateless_unsupported(stack, home, sip) != NULL;
    su_home_deinit(home);
    return found;
}

char *
mcp_sip_stateless_min_se(const McpSipStack *stack, guint status)
{
    if (status != 422)
        return NULL;
    return g_strdup_printf("%u", stack->config->session_timer.min_se);
}

char *
mcp_sip_stateless_retry_after(guint retry_after)
{
    return retry_after > 0 ? g_strdup_printf("%u", retry_after) : NULL;
}

void
mcp_sip_stateless_reply(McpSipStack *stack, msg_t *message, guint status, const char *reason,
                        guint retry_after, const char *lines)
{
    g_autofree char *value = mcp_sip_reason_value(status, reason);
    g_autofree char *retry = mcp_sip_stateless_retry_after(retry_after);
    g_autofree char *warning =
        mcp_sip_stateless_warning(mcp_sip_transport_primary(stack->agent, message), status, reason);
    const sip_t *sip = sip_object(message);
    const sip_accept_t *accept = mcp_sip_stateless_accept(stack, status);
    const sip_allow_t *allow = mcp_sip_stateless_allow(stack, status);
    sip_unsupported_t *unsupported =
        status == 420 ? mcp_sip_stateless_unsupported(stack, msg_home(message), sip) : NULL;
    g_autofree char *min_se = mcp_sip_stateless_min_se(stack, status);

    nta_msg_treply(stack->agent, message, (int)status, sip_status_phrase((int)status),
                   SIPTAG_REASON_STR(value), TAG_IF(allow != NULL, SIPTAG_ALLOW(allow)),
                   TAG_IF(accept != NULL, SIPTAG_ACCEPT(accept)),
                   TAG_IF(unsupported != NULL, SIPTAG_UNSUPPORTED(unsupported)),
                   TAG_IF(min_se != NULL, SIPTAG_MIN_SE_STR(min_se)),
                   TAG_IF(warning != NULL, SIPTAG_WARNING_STR(warning)),
                   TAG_IF(retry != NULL, SIPTAG_RETRY_AFTER_STR(retry)),
                   TAG_IF(lines != NULL, SIPTAG_HEADER_STR(lines)), TAG_END());
}

void
mcp_sip_stateless_options(McpSipStack *stack, msg_t *message, guint status, guint retry_after)
{
    g_autofree char *retry = mcp_sip_stateless_retry_after(retry_after);
    guint code = status != 0 ? status : 200;

    nta_msg_treply(stack->agent, message, (int)code, sip_status_phrase((int)code),
                   SIPTAG_ALLOW(stack->allow), SIPTAG_ACCEPT(stack->accept),
                   SIPTAG_SUPPORTED(stack->supported), SIPTAG_ACCEPT_LANGUAGE_STR("en"),
                   TAG_IF(retry != NULL, SIPTAG_RETRY_AFTER_STR(retry)), TAG_END());
}
