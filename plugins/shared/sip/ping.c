/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OPTIONS of ours: whether a SIP server is there. A destination that cannot be reached or answers
 * 408 or 503 is left for the next one (RFC 3263 §4.3); any other answer is one. SIP context.
 */
#include "ping.h"

#include "handle.h"
#include "message.h"
#include "transport.h"

#include <mcp/error.h>
#include <mcp/log.h>

struct _McpSipPing {
    McpSipStack *stack; /* not owned: it ends those that are left */
    GTask *task;        /* NULL once it has returned */
    char *target;
    gint64 deadline;
    const McpSipTrunk *trunk;
    McpSipSearch *search;    /* nullable: under way */
    GPtrArray *destinations; /* nullable */
    guint next;
    char *hop;
    tport_t *transport;
    McpSipFlow *flow;
    nta_leg_t *leg;
    nta_outgoing_t *request; /* nullable: under way */
    McpTimer *timer;
    guint status; /* of the last destination that answered */
};

static void
ping_free(McpSipPing *ping)
{
    g_clear_pointer(&ping->search, mcp_sip_search_cancel);
    mcp_timer_clear(&ping->timer);
    mcp_sip_outgoing_clear(&ping->request);
    mcp_sip_leg_clear(&ping->leg);
    g_clear_pointer(&ping->destinations, g_ptr_array_unref);
    g_clear_pointer(&ping->flow, mcp_sip_flow_unref);
    g_clear_object(&ping->task);
    g_free(ping->hop);
    g_free(ping->target);
    g_free(ping);
}

/* It is over, and gone; @error (transfer full) (nullable): with the status else. */
static void
finish(McpSipPing *ping, GError *error)
{
    ping->stack->pings = g_list_remove(ping->stack->pings, ping);
    if (error != NULL)
        g_task_return_error(ping->task, error);
    else
        g_task_return_int(ping->task, ping->status);
    ping_free(ping);
}

static void
on_timeout(gpointer user_data)
{
    McpSipPing *ping = user_data;

    finish(ping, g_error_new(MCP_ERROR, MCP_ERROR_TIMEOUT, "OPTIONS was not answered in %d ms",
                             (int)(ping->deadline / G_TIME_SPAN_MILLISECOND)));
}

static void try_next(McpSipPing *ping, GError *error);

/* The library hands every handle's own data back; that of these is a ping. */
static int
on_response(McpSipSession *magic, nta_outgoing_t *outgoing, const sip_t *sip)
{
    McpSipPing *ping = (McpSipPing *)(gpointer)magic;
    guint status = (guint)nta_outgoing_status(outgoing);
    gboolean heard = sip != NULL && !nta_sip_is_internal(sip);

    if (status < 200)
        return 0;
    mcp_sip_outgoing_clear(&ping->request);
    if (heard)
        ping->status = status;
    if (heard && status != 408 && status != 503)
        finish(ping, NULL);
    else
        try_next(ping, g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "%u %s", status,
                                   sip_status_phrase((int)status)));
    return 0;
}

static gboolean
open_leg(McpSipPing *ping)
{
    const char *identity = ping->trunk != NULL && ping->trunk->identity != NULL
                               ? ping->trunk->identity
                               : ping->stack->config->identity;
    g_autofree char *from =
        identity != NULL ? g_strdup_printf("<%s>", identity)
                         : mcp_sip_transport_contact(ping->stack->config, ping->transport, FALSE);
    g_autofree char *to = g_strdup_printf("<%s>", ping->target);
    g_autofree char *call_id = g_uuid_string_random();

    mcp_sip_leg_clear(&ping->leg);
    ping->leg = nta_leg_tcreate(ping->stack->agent, NULL, NULL, SIPTAG_CALL_ID_STR(call_id),
                                SIPTAG_FROM_STR(from), SIPTAG_TO_STR(to), TAG_END());
    return ping->leg != NULL && nta_leg_tag(ping->leg, NULL) != NULL;
}

static gboolean
send_options(McpSipPing *ping)
{
    GString *lines = g_string_new(NULL);

    if (ping->trunk != NULL && ping->trunk->proxy != NULL)
        mcp_sip_trunk_append_route(ping->trunk, lines);
    ping->request = nta_outgoing_tcreate(
        ping->leg, on_response, (McpSipSession *)(gpointer)ping, (const url_string_t *)ping->hop,
        SIP_METHOD_OPTIONS, (const url_string_t *)ping->target,
        TPTAG_IDENT(tport_ident(ping->transport)),
        NTATAG_TPORT(ping->flow != NULL ? mcp_sip_flow_get_tport(ping->flow) : NULL),
        SIPTAG_ACCEPT_STR("application/sdp"), TAG_IF(lines->len > 0, SIPTAG_HEADER_STR(lines->str)),
        TAG_END());
    g_string_free(lines, TRUE);
    return ping->request != NULL;
}

/* @error (transfer full): of the destination before. */
static void
try_next(McpSipPing *ping, GError *error)
{
    while (ping->next < ping->destinations->len) {
        const McpSipDestination *destination = ping->destinations->pdata[ping->next++];

        g_clear_error(&error);
        g_clear_pointer(&ping->flow, mcp_sip_flow_unref);
        g_free(ping->hop);
        ping->hop = mcp_sip_destination_to_url(destination);
        ping->transport = mcp_sip_transport_reach(ping->stack, destination, &ping->flow, &error);
        if (ping->transport != NULL && open_leg(ping) && send_options(ping))
            return;
    }
    if (ping->status != 0)
        g_clear_error(&error);
    else if (error == NULL)
        error = g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "no destination can be reached");
    finish(ping, error);
}

static void
on_located(GPtrArray *destinations, const char *failure, gpointer user_data)
{
    McpSipPing *ping = user_data;

    ping->search = NULL;
    ping->destinations = destinations;
    try_next(ping,
             failure != NULL ? g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "%s", failure) : NULL);
}

static void
begin(gpointer object, gpointer box)
{
    McpSipPing *ping = g_steal_pointer((McpSipPing **)box);
    McpSipStack *stack = ping->stack;
    su_home_t home[1] = {SU_HOME_INIT(home)};
    url_t *url = NULL;

    ping->trunk = mcp_sip_trunks_find(stack->config->trunks, ping->target);
    ping->timer = mcp_clock_after(stack->clock, stack->context, ping->deadline, on_timeout, ping);
    stack->pings = g_list_prepend(stack->pings, ping);
    su_home_init(home);
    url = url_make(home, ping->trunk != NULL && ping->trunk->proxy != NULL ? ping->trunk->proxy
                                                                           : ping->target);
    if (url == NULL) {
        finish(ping, g_error_new(MCP_ERROR, MCP_ERROR_INVALID, "the target cannot be read"));
    } else {
        McpSipSearch *search = NULL;

        if (g_ascii_strncasecmp(ping->target, "sips:", 5) == 0)
            url->url_type = url_sips; /* RFC 3261 §26.2.2 */
        search = mcp_sip_locator_find(stack->locator, url, on_located, ping);
        /* Of one that was answered at once the ping may be over by now. */
        if (search != NULL)
            ping->search = search;
    }
    su_home_deinit(home);
}

/* Empty once begin() has taken what was in it. */
static void
drop_box(gpointer data)
{
    g_autofree McpSipPing **box = data;
    McpSipPing *ping = *box;

    if (ping == NULL)
        return;
    g_task_return_new_error(ping->task, MCP_ERROR, MCP_ERROR_CLOSED,
                            "signalling takes no requests at present");
    ping_free(ping);
}

void
mcp_sip_ping(McpSipStack *stack, const char *target, gint64 deadline, GTask *task)
{
    McpSipPing *ping = NULL;
    McpSipPing **box = NULL;

    if (!mcp_sip_message_is_uri(target)) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_INVALID, "%s is no sip: URI", target);
        g_object_unref(task);
        return;
    }
    ping = g_new0(McpSipPing, 1);
    ping->stack = stack;
    ping->task = task;
    ping->target = g_strdup(target);
    ping->deadline = deadline;
    box = g_new(McpSipPing *, 1);
    *box = ping;
    mcp_sip_stack_post(stack, NULL, begin, box, drop_box, TRUE);
}

void
mcp_sip_ping_end_all(McpSipStack *stack)
{
    while (stack->pings != NULL)
        finish(stack->pings->data, g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "signalling stops"));
}
