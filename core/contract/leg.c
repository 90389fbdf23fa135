/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of legs: a function a slot, so that a provider which lacks one gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/leg.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpLeg, mcp_leg, G_TYPE_OBJECT)

static void
mcp_leg_default_init(McpLegInterface *iface)
{
}

void
mcp_leg_set_handler(McpLeg *leg, McpLegFunc func, gpointer user_data)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->set_handler != NULL)
        iface->set_handler(leg, func, user_data);
}

McpSdp *
mcp_leg_create_offer(McpLeg *leg, GError **error)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->create_offer == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no create offer",
                    G_OBJECT_TYPE_NAME(leg));
        return NULL;
    }
    return iface->create_offer(leg, error);
}

McpSdp *
mcp_leg_answer(McpLeg *leg, McpSdp *offer, GError **error)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->answer == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no answer",
                    G_OBJECT_TYPE_NAME(leg));
        return NULL;
    }
    return iface->answer(leg, offer, error);
}

gboolean
mcp_leg_apply_answer(McpLeg *leg, McpSdp *answer, GError **error)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->apply_answer == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no apply answer",
                    G_OBJECT_TYPE_NAME(leg));
        return FALSE;
    }
    return iface->apply_answer(leg, answer, error);
}

void
mcp_leg_rollback(McpLeg *leg)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->rollback != NULL)
        iface->rollback(leg);
}

void
mcp_leg_start(McpLeg *leg)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->start != NULL)
        iface->start(leg);
}

guint64
mcp_leg_play(McpLeg *leg, const McpPlayItem *items, guint n_items)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->play == NULL)
        return 0;
    return iface->play(leg, items, n_items);
}

void
mcp_leg_stop(McpLeg *leg, guint64 generation)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->stop != NULL)
        iface->stop(leg, generation);
}

void
mcp_leg_arm(McpLeg *leg, const McpArm *arm)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->arm != NULL)
        iface->arm(leg, arm);
}

void
mcp_leg_disarm(McpLeg *leg)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->disarm != NULL)
        iface->disarm(leg);
}

gboolean
mcp_leg_take_digit(McpLeg *leg, McpDigit *out_digit)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->take_digit == NULL)
        return FALSE;
    return iface->take_digit(leg, out_digit);
}

void
mcp_leg_flush_digits(McpLeg *leg)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->flush_digits != NULL)
        iface->flush_digits(leg);
}

void
mcp_leg_put_digit(McpLeg *leg, char digit, guint duration_ms)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->put_digit != NULL)
        iface->put_digit(leg, digit, duration_ms);
}

gboolean
mcp_leg_send_digits(McpLeg *leg, const char *digits, guint duration_ms, guint gap_ms,
                    GError **error)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->send_digits == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no send digits",
                    G_OBJECT_TYPE_NAME(leg));
        return FALSE;
    }
    return iface->send_digits(leg, digits, duration_ms, gap_ms, error);
}

gboolean
mcp_leg_record(McpLeg *leg, const McpRecordParams *params, GError **error)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->record == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no record",
                    G_OBJECT_TYPE_NAME(leg));
        return FALSE;
    }
    return iface->record(leg, params, error);
}

void
mcp_leg_stop_recording(McpLeg *leg)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->stop_recording != NULL)
        iface->stop_recording(leg);
}

void
mcp_leg_get_statistics(McpLeg *leg, McpLegStatistics *out_statistics)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->get_statistics != NULL)
        iface->get_statistics(leg, out_statistics);
    else
        *out_statistics = (McpLegStatistics){0};
}

void
mcp_leg_describe(McpLeg *leg, McpJson *json)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->describe != NULL)
        iface->describe(leg, json);
}

void
mcp_leg_close(McpLeg *leg)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->close != NULL)
        iface->close(leg);
}

gboolean
mcp_leg_watch_progress(McpLeg *leg, const McpProgressParams *params, GError **error)
{
    McpLegInterface *iface = NULL;

    g_return_val_if_fail(MCP_IS_LEG(leg), FALSE);
    iface = MCP_LEG_GET_IFACE(leg);
    if (iface->watch_progress == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s finds no call progress",
                    G_OBJECT_TYPE_NAME(leg));
        return FALSE;
    }
    return iface->watch_progress(leg, params, error);
}

gboolean
mcp_leg_pause_recording(McpLeg *leg, gboolean paused, McpRecordPause with, GError **error)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->pause_recording == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s cannot pause a recording",
                    G_OBJECT_TYPE_NAME(leg));
        return FALSE;
    }
    return iface->pause_recording(leg, paused, with, error);
}

void
mcp_leg_set_guard(McpLeg *leg, McpLegFunc func, gpointer user_data)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->set_guard != NULL)
        iface->set_guard(leg, func, user_data);
}

gboolean
mcp_leg_bridge(McpLeg *leg, McpLeg *other, GError **error)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->bridge == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no bridge",
                    G_OBJECT_TYPE_NAME(leg));
        return FALSE;
    }
    return iface->bridge(leg, other, error);
}

void
mcp_leg_leave(McpLeg *leg)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->leave != NULL)
        iface->leave(leg);
}

McpTap *
mcp_leg_tap(McpLeg *leg, const McpTapParams *params, GError **error)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    if (iface->tap == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no tap",
                    G_OBJECT_TYPE_NAME(leg));
        return NULL;
    }
    return iface->tap(leg, params, error);
}

McpLoopLoad *
mcp_leg_get_loop(McpLeg *leg)
{
    McpLegInterface *iface = MCP_LEG_GET_IFACE(leg);

    return iface->get_loop != NULL ? iface->get_loop(leg) : NULL;
}
