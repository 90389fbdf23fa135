/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from the status that a call ended with. Pure functions, any thread.
 */
#include "status.h"

static gboolean
is_one_of(const GError *error, const McpRpcError *codes, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (g_error_matches(error, MCP_RPC_ERROR, (int)codes[i]))
            return TRUE;
    return FALSE;
}

McpError
mcp_gapi_class_of(const GError *error)
{
    static const struct {
        McpRpcError status;
        McpError code;
    } rows[] = {
        {MCP_RPC_ERROR_INVALID_ARGUMENT, MCP_ERROR_INVALID},
        {MCP_RPC_ERROR_OUT_OF_RANGE, MCP_ERROR_INVALID},
        {MCP_RPC_ERROR_NOT_FOUND, MCP_ERROR_UNSUPPORTED},
        {MCP_RPC_ERROR_UNIMPLEMENTED, MCP_ERROR_UNSUPPORTED},
        {MCP_RPC_ERROR_DEADLINE_EXCEEDED, MCP_ERROR_TIMEOUT},
        {MCP_RPC_ERROR_RESOURCE_EXHAUSTED, MCP_ERROR_LIMIT},
        {MCP_RPC_ERROR_UNAUTHENTICATED, MCP_ERROR_REFUSED},
        {MCP_RPC_ERROR_PERMISSION_DENIED, MCP_ERROR_REFUSED},
    };

    if (error->domain == MCP_ERROR)
        return (McpError)error->code;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_error_matches(error, MCP_RPC_ERROR, (int)rows[i].status))
            return rows[i].code;
    return MCP_ERROR_FAILED;
}

guint
mcp_gapi_label_of(const GError *error)
{
    static const McpError classes[] = {MCP_ERROR_FAILED, MCP_ERROR_INVALID, MCP_ERROR_UNSUPPORTED,
                                       MCP_ERROR_LIMIT,  MCP_ERROR_TIMEOUT, MCP_ERROR_REFUSED};

    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
        g_error_matches(error, MCP_ERROR, MCP_ERROR_CLOSED))
        return G_N_ELEMENTS(classes);
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
        if (g_error_matches(error, MCP_ERROR, (int)classes[i]))
            return i;
    return 0;
}

gboolean
mcp_gapi_may_pass(const GError *error)
{
    static const McpRpcError passing[] = {MCP_RPC_ERROR_RESOURCE_EXHAUSTED,
                                          MCP_RPC_ERROR_UNAVAILABLE, MCP_RPC_ERROR_ABORTED,
                                          MCP_RPC_ERROR_INTERNAL, MCP_RPC_ERROR_UNKNOWN};

    return is_one_of(error, passing, G_N_ELEMENTS(passing)) ||
           g_error_matches(error, MCP_ERROR, MCP_ERROR_FAILED) ||
           g_error_matches(error, MCP_ERROR, MCP_ERROR_TIMEOUT);
}

gboolean
mcp_gapi_is_illness(const GError *error)
{
    static const McpRpcError ills[] = {MCP_RPC_ERROR_UNKNOWN, MCP_RPC_ERROR_DEADLINE_EXCEEDED,
                                       MCP_RPC_ERROR_INTERNAL, MCP_RPC_ERROR_UNAVAILABLE,
                                       MCP_RPC_ERROR_DATA_LOSS};

    return is_one_of(error, ills, G_N_ELEMENTS(ills));
}
