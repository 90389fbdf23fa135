/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status that a call ends with as a GError: the code's name, then what the server says about
 * it, which is made printable and bounded. Any thread.
 */
#include "rpc_error.h"

#define MOST_DETAILS 400

G_DEFINE_QUARK(mcp - rpc - error, mcp_rpc_error)

static const char *const names[] = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
};

const char *
mcp_rpc_error_name(int code)
{
    return code >= 0 && code < (int)G_N_ELEMENTS(names) ? names[code] : "UNKNOWN";
}

GError *
mcp_rpc_error_new(int code, const char *details, gsize length)
{
    g_autofree char *text = NULL;

    if (code == 0)
        return NULL;
    text = g_utf8_make_valid(details != NULL ? details : "",
                             details != NULL ? (gssize)MIN(length, MOST_DETAILS) : 0);
    if (code < 0 || code >= (int)G_N_ELEMENTS(names))
        code = MCP_RPC_ERROR_UNKNOWN;
    return g_error_new(MCP_RPC_ERROR, code, "%s%s%s", names[code], *text != '\0' ? ": " : "", text);
}
