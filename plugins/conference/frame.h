/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/dialog.h>

#include "services.h"

G_BEGIN_DECLS

/** McpDialogFrame: what both dialogs of this plugin are made of. On the call's shard. */
typedef struct {
    McpConferenceServices *services;
    McpCall *call;
    McpLeg *leg; /* while it runs */
    McpDialogEndFunc func;
    gpointer user_data;
    gboolean runs;
} McpDialogFrame;

/** mcp_dialog_frame_init: @services: (transfer full). */
void mcp_dialog_frame_init(McpDialogFrame *frame, McpConferenceServices *services, McpCall *call);
/** mcp_dialog_frame_clear: when the dialog is finalized. */
void mcp_dialog_frame_clear(McpDialogFrame *frame);
/** mcp_dialog_frame_start: keeps what mcp_dialog_start() brought. */
void mcp_dialog_frame_start(McpDialogFrame *frame, McpLeg *leg, McpDialogEndFunc func,
                            gpointer user_data);
/**
 * mcp_dialog_frame_stop: the leg leaves its room or bridge, and nobody hears of it any more. FALSE:
 * it does not run, or is about to end.
 */
gboolean mcp_dialog_frame_stop(McpDialogFrame *frame);
/** mcp_dialog_frame_end: after mcp_dialog_frame_stop(): @dialog ends with @result. */
void mcp_dialog_frame_end(McpDialogFrame *frame, McpDialog *dialog, const McpDialogEnd *result);
/** mcp_dialog_frame_prepare_finish: prepare_finish() of a dialog that prepares with a GTask. */
gboolean mcp_dialog_frame_prepare_finish(McpDialog *dialog, GAsyncResult *result,
                                         McpDialogMedia *out_media, McpReject **out_reject);

G_END_DECLS
