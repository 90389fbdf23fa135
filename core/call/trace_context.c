/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trace Context of calls: ids, the field that carries them, and who is to be told. Pure functions,
 * and one word of settings that any thread reads.
 */
#include "call/calls_private.h"

#include <mcp/trace_context.h>
#include <stdio.h>
#include <string.h>

/* Bits of McpCalls.tracing; above them the ratio in millionths. */
#define TRACING_ON 1u
#define TRACING_FETCHES 2u
#define TRACING_SIP 4u
#define RATIO_SHIFT 8
#define RATIO_ONE 1000000u

static gboolean
is_hex(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isdigit(text[i]) && (text[i] < 'a' || text[i] > 'f'))
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_zero(const char *text, gsize length)
{
    return strspn(text, "0") >= length;
}

/* §3.2.2: VERSION-TRACEID-PARENTID-FLAGS, lower case; later versions may have more behind. */
gboolean
mcp_trace_context_parse(const char *traceparent, McpTraceContext *out_context)
{
    gboolean first = strncmp(traceparent, "00", 2) == 0;
    const char *trace = NULL;
    const char *parent = NULL;
    const char *flags = NULL;
    gsize length = strlen(traceparent);

    if (length < MCP_TRACEPARENT_LENGTH || (first && length != MCP_TRACEPARENT_LENGTH) ||
        (traceparent[MCP_TRACEPARENT_LENGTH] != '\0' && traceparent[MCP_TRACEPARENT_LENGTH] != '-'))
        return FALSE;
    trace = traceparent + 3;
    parent = trace + MCP_TRACE_ID_LENGTH + 1;
    flags = parent + MCP_SPAN_ID_LENGTH + 1;
    if (!is_hex(traceparent, 2) || strncmp(traceparent, "ff", 2) == 0 || traceparent[2] != '-' ||
        !is_hex(trace, MCP_TRACE_ID_LENGTH) || trace[MCP_TRACE_ID_LENGTH] != '-' ||
        !is_hex(parent, MCP_SPAN_ID_LENGTH) || parent[MCP_SPAN_ID_LENGTH] != '-' ||
        !is_hex(flags, 2) || is_zero(trace, MCP_TRACE_ID_LENGTH) ||
        is_zero(parent, MCP_SPAN_ID_LENGTH))
        return FALSE;
    g_strlcpy(out_context->trace_id, trace, sizeof out_context->trace_id);
    g_strlcpy(out_context->parent_id, parent, sizeof out_context->parent_id);
    out_context->sampled = (g_ascii_xdigit_value(flags[1]) & 1) != 0;
    return TRUE;
}

/* The id is random: whoever knows it decides alike. */
static gboolean
is_sampled(const char *call_id, double ratio)
{
    guint64 value = g_ascii_strtoull(call_id, NULL, 16) >> 11;

    return ratio >= 1 || (double)value < ratio * (double)(G_GUINT64_CONSTANT(1) << 53);
}

void
mcp_trace_context_derive(const char *call_id, double ratio, McpTraceContext *out_context)
{
    g_snprintf(out_context->trace_id, sizeof out_context->trace_id, "%032" G_GINT64_MODIFIER "x",
               g_ascii_strtoull(call_id, NULL, 16));
    out_context->parent_id[0] = '\0';
    out_context->sampled = is_sampled(call_id, ratio);
}

void
mcp_trace_context_print(const McpTraceContext *context, const char *span_id,
                        char out_text[MCP_TRACEPARENT_LENGTH + 1])
{
    g_snprintf(out_text, MCP_TRACEPARENT_LENGTH + 1, "00-%.32s-%.16s-0%d", context->trace_id,
               span_id, context->sampled ? 1 : 0);
}

void
mcp_span_id_new(char out_id[MCP_SPAN_ID_LENGTH + 1])
{
    g_snprintf(out_id, MCP_SPAN_ID_LENGTH + 1, "%08x%08x", g_random_int(), MAX(g_random_int(), 1));
}

void
mcp_calls_set_tracing(McpCalls *calls, const McpTracing *tracing)
{
    guint word = 0;

    if (tracing != NULL && tracing->on)
        word = TRACING_ON | (tracing->fetches ? TRACING_FETCHES : 0) |
               (tracing->sip ? TRACING_SIP : 0) |
               (guint)(CLAMP(tracing->ratio, 0, 1) * RATIO_ONE) << RATIO_SHIFT;
    g_atomic_int_set(&calls->tracing, (gint)word);
}

static gboolean
read_context(McpCall *call, guint wanted, McpTraceContext *out_context)
{
    guint word = call->calls != NULL ? (guint)g_atomic_int_get(&call->calls->tracing) : 0;

    if ((word & wanted) != wanted)
        return FALSE;
    if (call->traceparent == NULL || !mcp_trace_context_parse(call->traceparent, out_context))
        mcp_trace_context_derive(call->id, (double)(word >> RATIO_SHIFT) / RATIO_ONE, out_context);
    return TRUE;
}

gboolean
mcp_call_get_trace_context(McpCall *call, McpTraceContext *out_context)
{
    return read_context(call, TRACING_ON, out_context);
}

gboolean
mcp_call_print_traceparent(McpCall *call, const char *span_id,
                           char out_text[MCP_TRACEPARENT_LENGTH + 1])
{
    McpTraceContext context;

    if (!read_context(call, TRACING_ON | TRACING_FETCHES, &context))
        return FALSE;
    mcp_trace_context_print(&context, span_id, out_text);
    return TRUE;
}

void
mcp_call_take_traceparent(McpCall *call)
{
    const char *value = mcp_headers_get(call->invite->headers, MCP_TRACEPARENT);
    McpTraceContext context;

    if (value != NULL && mcp_trace_context_parse(value, &context))
        call->traceparent = g_strdup(value);
}

void
mcp_call_add_traceparent(McpCall *call, GPtrArray *headers)
{
    McpTraceContext context;
    char text[MCP_TRACEPARENT_LENGTH + 1];

    if (!read_context(call, TRACING_ON | TRACING_SIP, &context))
        return;
    mcp_trace_context_print(&context, call->id, text);
    g_ptr_array_add(headers, mcp_header_new(MCP_TRACEPARENT, text));
}
