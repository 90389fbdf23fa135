/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registrations of trunks. A destination that fails is left for the next one (RFC 3263 §4.3); when
 * all have, the pause doubles from half a minute to half an hour. SIP context.
 */
#include "registration.h"

#include "authorization.h"
#include "handle.h"
#include "locate.h"
#include "stack.h"
#include "transport.h"

#include <mcp/alert.h>
#include <mcp/contract/health.h>
#include <mcp/log.h>

#define FIRST_PAUSE (30 * G_USEC_PER_SEC)
#define LONGEST_PAUSE (30 * 60 * G_USEC_PER_SEC)
/* A registration is renewed when this part of its time is over, per cent. */
#define RENEWAL_PERCENT 85
#define SHORTEST_INTERVAL 10

typedef struct {
    McpSipStack *stack;
    const McpSipTrunk *trunk;
    McpSipAuthorization authorization;
    nta_leg_t *leg;
    nta_outgoing_t *request; /* nullable: under way */
    McpSipSearch *search;    /* nullable: under way */
    GPtrArray *destinations; /* nullable */
    guint next;
    char *hop;
    char *contact;
    tport_t *transport;
    McpSipFlow *flow;
    McpDependency *dependency;
    guint interval; /* seconds to ask for; 0: to be taken back */
    gboolean registered;
    gboolean is_away; /* the last try failed, and that was told */
    gint64 pause;     /* before the next try after a failure */
    McpTimer *timer;
} Registration;

struct _McpSipRegistrations {
    GPtrArray *all; /* Registration */
};

static void
show_number(Registration *registration, gboolean registered)
{
    if (registration->registered == registered)
        return;
    registration->registered = registered;
    mcp_sip_stack_count_registered(registration->stack, registered ? 1 : -1);
}

static void begin(Registration *registration);

static void
on_due(gpointer user_data)
{
    Registration *registration = user_data;

    mcp_timer_clear(&registration->timer);
    begin(registration);
}

static void
again_after(Registration *registration, gint64 time)
{
    mcp_timer_clear(&registration->timer);
    if (registration->interval > 0)
        registration->timer = mcp_clock_after(
            registration->stack->clock, registration->stack->context, time, on_due, registration);
    else
        mcp_sip_stack_check_stop(registration->stack);
}

static void
fail(Registration *registration, McpSipRegisterOutcome outcome, guint status, const char *why)
{
    gint64 jitter = g_random_int_range(0, (gint32)(registration->pause / 4));

    show_number(registration, FALSE);
    mcp_sip_stack_count_register(registration->stack, outcome);
    if (!registration->is_away && registration->interval > 0)
        mcp_alert_raise(mcp_host_get_events(registration->stack->host), MCP_ALERT_PEER_DOWN, NULL,
                        registration->trunk->name, "%s is not registered with %s: %u %s",
                        registration->trunk->identity, registration->trunk->registrar, status, why);
    registration->is_away = TRUE;
    mcp_dependency_set(registration->dependency, MCP_HEALTH_DOWN,
                       "%s is not registered with %s: %u %s", registration->trunk->identity,
                       registration->trunk->registrar, status, why);
    mcp_log_warning("register-failed", NULL,
                    "[sip.trunk \"%s\"]: %s is not registered with %s: %u %s; next try in %d s",
                    registration->trunk->name, registration->trunk->identity,
                    registration->trunk->registrar, status, why,
                    (int)(registration->pause / G_USEC_PER_SEC));
    again_after(registration, registration->pause + jitter);
    registration->pause = MIN(registration->pause * 2, LONGEST_PAUSE);
}

/* What the registrar gave our Contact, else what it says for all, seconds. */
static guint
granted_interval(const Registration *registration, const sip_t *sip)
{
    guint64 seconds = registration->interval;

    if (sip->sip_expires != NULL)
        seconds = sip->sip_expires->ex_delta;
    for (const sip_contact_t *contact = sip->sip_contact; contact != NULL;
         contact = contact->m_next) {
        const tp_name_t *own = tport_name(registration->transport);

        if (contact->m_expires != NULL && g_strcmp0(contact->m_url->url_host, own->tpn_canon) == 0)
            g_ascii_string_to_unsigned(contact->m_expires, 10, 0, G_MAXUINT32, &seconds, NULL);
    }
    return (guint)CLAMP(seconds, SHORTEST_INTERVAL, registration->trunk->register_interval);
}

static void
on_accepted(Registration *registration, const sip_t *sip)
{
    guint seconds = granted_interval(registration, sip);

    mcp_sip_stack_count_register(registration->stack, MCP_SIP_REGISTER_ACCEPTED);
    registration->pause = FIRST_PAUSE;
    if (registration->interval == 0) {
        show_number(registration, FALSE);
    } else if (!registration->registered) {
        mcp_log_info("registered", NULL, "[sip.trunk \"%s\"]: %s is registered with %s for %u s",
                     registration->trunk->name, registration->trunk->identity,
                     registration->trunk->registrar, seconds);
        show_number(registration, TRUE);
        if (registration->is_away)
            mcp_alert_raise(mcp_host_get_events(registration->stack->host), MCP_ALERT_PEER_UP, NULL,
                            registration->trunk->name, "%s is registered with %s again",
                            registration->trunk->identity, registration->trunk->registrar);
        registration->is_away = FALSE;
        mcp_dependency_set(registration->dependency, MCP_HEALTH_UP, NULL);
    }
    again_after(registration, seconds * G_USEC_PER_SEC / 100 * RENEWAL_PERCENT);
}

static void try_next(Registration *registration);
static void send_register(Registration *registration);

static gboolean
ask_again(Registration *registration, guint status, const sip_t *sip)
{
    if (mcp_sip_authorization_take(&registration->authorization, status, sip))
        return TRUE;
    /* RFC 3261 §10.3: the interval was too short. */
    if (status == 423 && sip != NULL && sip->sip_min_expires != NULL &&
        registration->interval > 0 && sip->sip_min_expires->me_delta > registration->interval) {
        registration->interval = (guint)MIN(sip->sip_min_expires->me_delta, 86400);
        return TRUE;
    }
    return FALSE;
}

static void
on_failed(Registration *registration, guint status, const sip_t *sip)
{
    gboolean unreachable =
        sip == NULL || nta_sip_is_internal(sip) || status == 503 || status == 408;
    g_autofree char *why =
        g_strdup(registration->flow != NULL && mcp_sip_flow_get_error(registration->flow) != NULL
                     ? mcp_sip_flow_get_error(registration->flow)
                     : sip_status_phrase((int)status));

    if (unreachable && registration->next < registration->destinations->len)
        try_next(registration);
    else
        fail(registration, unreachable ? MCP_SIP_REGISTER_UNREACHABLE : MCP_SIP_REGISTER_REFUSED,
             status, why);
}

/* The library hands every handle's own data back; that of these is a registration. */
static int
on_response(McpSipSession *magic, nta_outgoing_t *outgoing, const sip_t *sip)
{
    Registration *registration = (Registration *)(gpointer)magic;
    guint status = (guint)nta_outgoing_status(outgoing);
    nta_outgoing_t *done = outgoing;

    if (status < 200)
        return 0;
    registration->request = NULL;
    if (status < 300 && sip != NULL)
        on_accepted(registration, sip);
    else if (ask_again(registration, status, sip))
        send_register(registration);
    else
        on_failed(registration, status, sip);
    /* The response goes with its transaction. */
    mcp_sip_outgoing_clear(&done);
    return 0;
}

static char *
further_lines(Registration *registration)
{
    const McpSipTrunk *trunk = registration->trunk;
    g_autofree char *proof =
        mcp_sip_authorization_lines(&registration->authorization, "REGISTER", trunk->registrar);
    GString *lines = g_string_new(proof);

    if (trunk->proxy != NULL)
        mcp_sip_trunk_append_route(trunk, lines);
    return g_string_free(lines, FALSE);
}

static void
send_register(Registration *registration)
{
    g_autofree char *lines = further_lines(registration);
    g_autofree char *expires = g_strdup_printf("%u", registration->interval);

    registration->request = nta_outgoing_tcreate(
        registration->leg, on_response, (McpSipSession *)(gpointer)registration,
        (const url_string_t *)registration->hop, SIP_METHOD_REGISTER,
        (const url_string_t *)registration->trunk->registrar,
        TPTAG_IDENT(tport_ident(registration->transport)),
        NTATAG_TPORT(registration->flow != NULL ? mcp_sip_flow_get_tport(registration->flow)
                                                : NULL),
        SIPTAG_CONTACT_STR(registration->contact), SIPTAG_EXPIRES_STR(expires),
        TAG_IF(*lines != '\0', SIPTAG_HEADER_STR(lines)), TAG_END());
    if (registration->request == NULL)
        fail(registration, MCP_SIP_REGISTER_UNREACHABLE, 503, "it could not be sent");
}

static gboolean
open_leg(Registration *registration)
{
    g_autofree char *identity = g_strdup_printf("<%s>", registration->trunk->identity);
    g_autofree char *call_id = NULL;

    if (registration->leg != NULL)
        return TRUE;
    call_id = g_uuid_string_random();
    registration->leg =
        nta_leg_tcreate(registration->stack->agent, NULL, NULL, SIPTAG_CALL_ID_STR(call_id),
                        SIPTAG_FROM_STR(identity), SIPTAG_TO_STR(identity), TAG_END());
    return registration->leg != NULL && nta_leg_tag(registration->leg, NULL) != NULL;
}

static void
try_next(Registration *registration)
{
    McpSipStack *stack = registration->stack;
    g_autoptr(GError) error = NULL;

    while (registration->next < registration->destinations->len) {
        const McpSipDestination *destination =
            registration->destinations->pdata[registration->next++];

        g_clear_error(&error);
        g_clear_pointer(&registration->flow, mcp_sip_flow_unref);
        registration->transport =
            mcp_sip_transport_reach(stack, destination, &registration->flow, &error);
        if (registration->transport == NULL || !open_leg(registration))
            continue;
        g_free(registration->hop);
        g_free(registration->contact);
        registration->hop = mcp_sip_destination_to_url(destination);
        registration->contact =
            mcp_sip_transport_contact(stack->config, registration->transport, FALSE);
        send_register(registration);
        return;
    }
    fail(registration, MCP_SIP_REGISTER_UNREACHABLE, 503,
         error != NULL ? error->message : "no destination can be reached");
}

static void
on_located(GPtrArray *destinations, const char *failure, gpointer user_data)
{
    Registration *registration = user_data;

    registration->search = NULL;
    g_clear_pointer(&registration->destinations, g_ptr_array_unref);
    registration->destinations = destinations;
    registration->next = 0;
    if (failure != NULL)
        fail(registration, MCP_SIP_REGISTER_UNREACHABLE, 503, failure);
    else
        try_next(registration);
}

static void
begin(Registration *registration)
{
    const McpSipTrunk *trunk = registration->trunk;
    su_home_t home[1] = {SU_HOME_INIT(home)};
    const url_t *url = NULL;
    McpSipSearch *search = NULL;

    su_home_init(home);
    url = url_make(home, trunk->proxy != NULL ? trunk->proxy : trunk->registrar);
    search = mcp_sip_locator_find(registration->stack->locator, url, on_located, registration);
    if (search != NULL)
        registration->search = search;
    su_home_deinit(home);
}

static void
registration_free(gpointer data)
{
    Registration *registration = data;

    g_clear_pointer(&registration->search, mcp_sip_search_cancel);
    mcp_timer_clear(&registration->timer);
    show_number(registration, FALSE);
    mcp_sip_outgoing_clear(&registration->request);
    mcp_sip_leg_clear(&registration->leg);
    mcp_sip_authorization_clear(&registration->authorization);
    g_clear_pointer(&registration->destinations, g_ptr_array_unref);
    g_clear_pointer(&registration->flow, mcp_sip_flow_unref);
    g_clear_pointer(&registration->dependency, mcp_dependency_free);
    g_free(registration->hop);
    g_free(registration->contact);
    g_free(registration);
}

McpSipRegistrations *
mcp_sip_registrations_new(McpSipStack *stack)
{
    McpSipRegistrations *registrations = g_new0(McpSipRegistrations, 1);

    registrations->all = g_ptr_array_new_with_free_func(registration_free);
    for (guint i = 0; i < stack->config->trunks->len; i++) {
        const McpSipTrunk *trunk = stack->config->trunks->pdata[i];
        Registration *registration = NULL;
        g_autofree char *name = NULL;

        if (trunk->registrar == NULL)
            continue;
        registration = g_new0(Registration, 1);
        registration->stack = stack;
        registration->trunk = trunk;
        registration->authorization.trunk = trunk;
        registration->interval = trunk->register_interval;
        registration->pause = FIRST_PAUSE;
        name = g_strdup_printf("registrar:%s", trunk->name);
        registration->dependency = mcp_host_add_dependency(stack->host, name, MCP_NEED_OPTIONAL);
        mcp_dependency_set(registration->dependency, MCP_HEALTH_DOWN, "not registered yet");
        g_ptr_array_add(registrations->all, registration);
        begin(registration);
    }
    return registrations;
}

void
mcp_sip_registrations_stop(McpSipRegistrations *registrations)
{
    for (guint i = 0; i < registrations->all->len; i++) {
        Registration *registration = registrations->all->pdata[i];

        registration->interval = 0;
        mcp_timer_clear(&registration->timer);
        g_clear_pointer(&registration->search, mcp_sip_search_cancel);
        mcp_sip_outgoing_clear(&registration->request);
        if (registration->registered)
            send_register(registration);
    }
}

gboolean
mcp_sip_registrations_is_idle(const McpSipRegistrations *registrations)
{
    for (guint i = 0; i < registrations->all->len; i++) {
        const Registration *registration = registrations->all->pdata[i];

        if (registration->request != NULL || registration->search != NULL)
            return FALSE;
    }
    return TRUE;
}

void
mcp_sip_registrations_free(McpSipRegistrations *registrations)
{
    g_ptr_array_unref(registrations->all);
    g_free(registrations);
}
