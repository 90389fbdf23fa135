/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session timers (RFC 4028). Holds no clock and sends nothing: whoever has a session asks here what
 * to write into a message, what a message agreed upon, and when something is due.
 */
#include "session_timer.h"

/* §10 */
#define EXPIRY_MARGIN 32

static guint
seconds(unsigned long delta)
{
    return (guint)MIN(delta, G_MAXINT32);
}

static McpSipRefresher
choose_refresher(const McpSipTimerPolicy *policy, const sip_session_expires_t *asked,
                 gboolean supported)
{
    const char *role = asked != NULL ? asked->x_refresher : NULL;

    /* §9, table 2: who does not know timers cannot be the one who refreshes. */
    if (!supported)
        return MCP_SIP_REFRESHER_US;
    if (role != NULL && g_ascii_strcasecmp(role, "uas") == 0)
        return MCP_SIP_REFRESHER_US;
    if (role != NULL && g_ascii_strcasecmp(role, "uac") == 0)
        return MCP_SIP_REFRESHER_THEM;
    return policy->refresh_us ? MCP_SIP_REFRESHER_US : MCP_SIP_REFRESHER_THEM;
}

/* §9: the server may shorten what was asked for, not below Min-SE, and never lengthen it. */
static guint
choose_interval(const McpSipTimerPolicy *policy, guint asked, guint least)
{
    guint wanted = policy->expires != 0 ? MAX(policy->expires, least) : 0;

    if (asked == 0)
        return wanted;
    return wanted != 0 ? MIN(wanted, asked) : asked;
}

gboolean
mcp_sip_session_timer_answer(McpSipSessionTimer *timer, const McpSipTimerPolicy *policy,
                             const sip_t *request)
{
    const sip_session_expires_t *expires = request->sip_session_expires;
    gboolean supported = sip_has_supported(request->sip_supported, "timer") ||
                         sip_has_supported(request->sip_require, "timer");
    guint asked = expires != NULL ? seconds(expires->x_delta) : 0;
    guint least = request->sip_min_se != NULL ? seconds(request->sip_min_se->min_delta) : 0;

    /* Who does not know timers does not know 422 either: a proxy put the header there. */
    if (expires != NULL && asked < policy->min_se && supported)
        return FALSE;
    timer->interval = choose_interval(policy, asked, MAX(least, policy->min_se));
    timer->refresher = timer->interval != 0 ? choose_refresher(policy, expires, supported)
                                            : MCP_SIP_REFRESHER_NONE;
    return TRUE;
}

void
mcp_sip_session_timer_take(McpSipSessionTimer *timer, const sip_t *response)
{
    const sip_session_expires_t *expires = response->sip_session_expires;
    gboolean theirs = expires != NULL && expires->x_refresher != NULL &&
                      g_ascii_strcasecmp(expires->x_refresher, "uas") == 0;

    timer->interval = expires != NULL ? seconds(expires->x_delta) : 0;
    timer->refresher = timer->interval == 0 ? MCP_SIP_REFRESHER_NONE
                       : theirs             ? MCP_SIP_REFRESHER_THEM
                                            : MCP_SIP_REFRESHER_US;
}

/* What a request of ours asks for. */
static guint
wanted_interval(const McpSipSessionTimer *timer, const McpSipTimerPolicy *policy)
{
    guint wanted = timer->interval != 0 ? timer->interval : policy->expires;

    return wanted != 0 ? MAX(wanted, MAX(timer->min_se, policy->min_se)) : 0;
}

gboolean
mcp_sip_session_timer_raise(McpSipSessionTimer *timer, const McpSipTimerPolicy *policy,
                            const sip_t *response)
{
    guint asked = wanted_interval(timer, policy);
    guint least = response->sip_min_se != NULL ? seconds(response->sip_min_se->min_delta) : 0;

    if (least <= asked)
        return FALSE;
    timer->min_se = least;
    return TRUE;
}

char *
mcp_sip_session_timer_request(const McpSipSessionTimer *timer, const McpSipTimerPolicy *policy)
{
    guint wanted = wanted_interval(timer, policy);
    const char *role = "";

    if (wanted == 0)
        return NULL;
    /* §7.4: a refresh does not change who refreshes; in the first request they may choose. */
    if (timer->refresher == MCP_SIP_REFRESHER_US)
        role = ";refresher=uac";
    else if (timer->refresher == MCP_SIP_REFRESHER_THEM)
        role = ";refresher=uas";
    return g_strdup_printf("%u%s", wanted, role);
}

char *
mcp_sip_session_timer_response(const McpSipSessionTimer *timer)
{
    if (timer->interval == 0)
        return NULL;
    return g_strdup_printf("%u;refresher=%s", timer->interval,
                           timer->refresher == MCP_SIP_REFRESHER_US ? "uas" : "uac");
}

gint64
mcp_sip_session_timer_refresh_after(const McpSipSessionTimer *timer)
{
    if (timer->refresher != MCP_SIP_REFRESHER_US)
        return 0;
    return (gint64)timer->interval * G_USEC_PER_SEC / 2;
}

gint64
mcp_sip_session_timer_expires_after(const McpSipSessionTimer *timer)
{
    guint margin = MIN(EXPIRY_MARGIN, timer->interval / 3);

    return (gint64)(timer->interval - margin) * G_USEC_PER_SEC;
}
