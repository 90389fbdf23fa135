/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The whole plugin API but the contracts, of which a plugin includes those it provides or uses. */
#include <mcp/admission.h>
#include <mcp/alert.h>
#include <mcp/audio.h>
#include <mcp/breaker.h>
#include <mcp/bucket.h>
#include <mcp/call.h>
#include <mcp/clock.h>
#include <mcp/disclosure.h>
#include <mcp/error.h>
#include <mcp/event.h>
#include <mcp/host.h>
#include <mcp/invite.h>
#include <mcp/json.h>
#include <mcp/ledger.h>
#include <mcp/load.h>
#include <mcp/log.h>
#include <mcp/log_limit.h>
#include <mcp/metrics.h>
#include <mcp/peer.h>
#include <mcp/plugin.h>
#include <mcp/pool.h>
#include <mcp/route.h>
#include <mcp/sdp.h>
#include <mcp/settings.h>
#include <mcp/spool.h>
#include <mcp/trace_context.h>
