/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of taps, as leg.c does it. Runs on the caller's thread.
 */
#include <mcp/contract/tap.h>

G_DEFINE_INTERFACE(McpTap, mcp_tap, G_TYPE_OBJECT)

static void
mcp_tap_default_init(McpTapInterface *iface)
{
}

void
mcp_tap_set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    McpTapInterface *iface = MCP_TAP_GET_IFACE(tap);

    if (iface->set_ready != NULL)
        iface->set_ready(tap, func, user_data);
}

gboolean
mcp_tap_read(McpTap *tap, McpTapFrame *out_frame)
{
    McpTapInterface *iface = MCP_TAP_GET_IFACE(tap);

    return iface->read != NULL && iface->read(tap, out_frame);
}

gboolean
mcp_tap_has_ended(McpTap *tap)
{
    McpTapInterface *iface = MCP_TAP_GET_IFACE(tap);

    return iface->has_ended == NULL || iface->has_ended(tap);
}

void
mcp_tap_get_figures(McpTap *tap, McpTapFigures *out_figures)
{
    McpTapInterface *iface = MCP_TAP_GET_IFACE(tap);
    const McpTapFigures none = {0};

    if (iface->get_figures != NULL)
        iface->get_figures(tap, out_figures);
    else
        *out_figures = none;
}

void
mcp_tap_close(McpTap *tap)
{
    McpTapInterface *iface = MCP_TAP_GET_IFACE(tap);

    if (iface->close != NULL)
        iface->close(tap);
}
