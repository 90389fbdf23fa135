/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What <transfer> makes of destinations and of refusals (VoiceXML 2.0 §2.3.7, RFC 5552 §6). Pure
 * functions, any thread.
 */
#include "transfer_rules.h"

#include <mcp/error.h>
#include <string.h>

#include "callee/callee.h"

const char *
mcp_vxml_transfer_type_name(McpVxmlTransferType type)
{
    static const char *const names[] = {"blind", "bridge", "consultation"};

    return names[type];
}

static char *
call_number(const char *dest, const char *gateway, const char **out_event, GError **error)
{
    g_autofree char *number = g_strndup(dest + strlen("tel:"), strcspn(dest + strlen("tel:"), ";"));

    if (gateway == NULL || *gateway == '\0') {
        *out_event = "error.connection.noroute";
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND,
                    "no gateway is set for telephone numbers");
        return NULL;
    }
    *out_event = "error.connection.baddestination";
    return mcp_callee_number(number, gateway, error);
}

char *
mcp_vxml_transfer_target(const McpVxmlTransfer *transfer, const char *gateway,
                         const char **out_event, GError **error)
{
    g_autofree char *scheme = g_uri_parse_scheme(transfer->dest);
    g_autofree char *aai = NULL;
    g_autofree char *target = NULL;

    if (g_strcmp0(scheme, "sip") == 0 || g_strcmp0(scheme, "sips") == 0) {
        target = g_strdup(transfer->dest);
    } else if (g_strcmp0(scheme, "tel") == 0) {
        target = call_number(transfer->dest, gateway, out_event, error);
    } else {
        *out_event = "error.unsupported.uri";
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "\"%s\" cannot be called",
                    transfer->dest);
    }
    if (target == NULL || transfer->aai == NULL)
        return g_steal_pointer(&target);
    /* RFC 3261 §25.1: what a parameter may have unescaped, beside letters and digits. */
    aai = g_uri_escape_string(transfer->aai, "[]/:&+$-_.!~*'()", FALSE);
    return g_strconcat(target, ";aai=", aai, NULL);
}

/*
 * RFC 5552 §6.2, but for 503 and 600: what the network refuses is what VoiceXML calls network_busy,
 * and its own suite wants it so.
 */
const char *
mcp_vxml_transfer_refusal(McpVxmlTransferType type, guint status, char **out_event)
{
    switch (status) {
    case 404:
        *out_event = g_strdup("error.connection.baddestination");
        return NULL;
    case 405:
        *out_event =
            g_strdup_printf("error.unsupported.transfer.%s", mcp_vxml_transfer_type_name(type));
        return NULL;
    case 408:
        return "noanswer";
    case 486:
        return "busy";
    case 0:
    case 503:
    case 600:
        return "network_busy";
    default:
        return "unknown";
    }
}

const char *
mcp_vxml_transfer_dial_event(const GError *error)
{
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_REFUSED))
        return "error.connection.noauthorization";
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID))
        return "error.connection.baddestination";
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT) ||
        g_error_matches(error, MCP_ERROR, MCP_ERROR_MEDIA))
        return "error.connection.noresource";
    return "error.connection.noroute";
}
