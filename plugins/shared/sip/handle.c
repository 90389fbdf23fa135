/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place where handles of the SIP stack are released. A transaction that is released goes on
 * by itself: the stack keeps it until its timers are over, without calling back. SIP context.
 */
#include "handle.h"

void
mcp_sip_leg_clear(nta_leg_t **leg)
{
    if (*leg != NULL)
        nta_leg_destroy(g_steal_pointer(leg));
}

void
mcp_sip_incoming_clear(nta_incoming_t **incoming)
{
    if (*incoming != NULL)
        nta_incoming_destroy(g_steal_pointer(incoming));
}

void
mcp_sip_outgoing_clear(nta_outgoing_t **outgoing)
{
    if (*outgoing != NULL)
        nta_outgoing_destroy(g_steal_pointer(outgoing));
}

void
mcp_sip_agent_clear(nta_agent_t **agent)
{
    if (*agent != NULL)
        nta_agent_destroy(g_steal_pointer(agent));
}

void
mcp_sip_root_clear(su_root_t **root)
{
    if (*root != NULL)
        su_root_destroy(g_steal_pointer(root));
}

void
mcp_sip_home_clear(su_home_t **home)
{
    if (*home != NULL)
        su_home_unref(g_steal_pointer(home));
}
