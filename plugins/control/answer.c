/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What answers of the control API have in common. Pure functions.
 */
#include "answer.h"

#include <mcp/error.h>

char *
mcp_control_object(const char *key, const char *value)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, key, value);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

guint
mcp_control_status_of(const GError *error)
{
    static const struct {
        int code;
        guint status;
    } rows[] = {{MCP_ERROR_INVALID, 400},     {MCP_ERROR_REFUSED, 403},   {MCP_ERROR_STATE, 409},
                {MCP_ERROR_UNSUPPORTED, 501}, {MCP_ERROR_NOT_FOUND, 404}, {MCP_ERROR_LIMIT, 503},
                {MCP_ERROR_CLOSED, 503},      {MCP_ERROR_TIMEOUT, 504}};

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_error_matches(error, MCP_ERROR, rows[i].code))
            return rows[i].status;
    }
    return 500;
}

guint
mcp_control_status_of_sip(guint sip)
{
    if (sip == 400)
        return 400;
    /* Not connected, itself, or being moved already: the calls' own state is in the way. */
    return sip == 481 || sip == 482 || sip == 491 ? 409 : 502;
}
