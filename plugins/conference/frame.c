/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame of a dialog of this plugin: its call, its leg while it runs, and its end, which comes
 * once. On the call's shard.
 */
#include "frame.h"

void
mcp_dialog_frame_init(McpDialogFrame *frame, McpConferenceServices *services, McpCall *call)
{
    frame->services = services;
    frame->call = g_object_ref(call);
}

void
mcp_dialog_frame_clear(McpDialogFrame *frame)
{
    g_clear_object(&frame->leg);
    g_clear_object(&frame->call);
    g_clear_pointer(&frame->services, mcp_conference_services_free);
}

void
mcp_dialog_frame_start(McpDialogFrame *frame, McpLeg *leg, McpDialogEndFunc func,
                       gpointer user_data)
{
    frame->leg = g_object_ref(leg);
    frame->func = func;
    frame->user_data = user_data;
    frame->runs = TRUE;
}

gboolean
mcp_dialog_frame_stop(McpDialogFrame *frame)
{
    if (!frame->runs)
        return FALSE;
    frame->runs = FALSE;
    mcp_leg_set_handler(frame->leg, NULL, NULL);
    mcp_leg_leave(frame->leg);
    return TRUE;
}

void
mcp_dialog_frame_end(McpDialogFrame *frame, McpDialog *dialog, const McpDialogEnd *result)
{
    g_clear_object(&frame->leg);
    frame->func(dialog, result, frame->user_data);
}

gboolean
mcp_dialog_frame_prepare_finish(McpDialog *dialog, GAsyncResult *result, McpDialogMedia *out_media,
                                McpReject **out_reject)
{
    g_autoptr(GError) error = NULL;

    if (!g_task_propagate_boolean(G_TASK(result), &error)) {
        *out_reject = mcp_reject_new(487, error->message, NULL);
        return FALSE;
    }
    *out_media = MCP_DIALOG_MEDIA_AUDIO;
    return TRUE;
}
