/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib-object.h>

/* Every handle of the stack carries a session, the agent the stack: said before its headers. */
typedef struct _McpSipStack McpSipStack;
typedef struct _McpSipSession McpSipSession;
#define NTA_AGENT_MAGIC_T struct _McpSipStack
#define NTA_LEG_MAGIC_T struct _McpSipSession
#define NTA_INCOMING_MAGIC_T struct _McpSipSession
#define NTA_OUTGOING_MAGIC_T struct _McpSipSession
#define NTA_RELIABLE_MAGIC_T struct _McpSipSession

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
