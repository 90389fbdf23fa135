/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/call.h>
#include <mcp/contract/media.h>
#include <mcp/contract/signalling.h>

G_BEGIN_DECLS

/**
 * The dialog contract: an application that drives the leg of a call. Everything happens on the
 * call's
 * shard (mcp_call_get_context()).
 */
#define MCP_CONTRACT_DIALOG "dialog"
#define MCP_CONTRACT_DIALOG_MAJOR 1
#define MCP_CONTRACT_DIALOG_MINOR 1

/** McpDialogMedia: what a prepared dialog needs. */
typedef enum {
    MCP_DIALOG_MEDIA_NONE,  /* RFC 5552 §2.3: answered without, started once media comes */
    MCP_DIALOG_MEDIA_AUDIO, /* answered with 200 */
    MCP_DIALOG_MEDIA_QUIET, /* the same; that nothing comes for long is no fault */
} McpDialogMedia;

/** McpDialogEnd: how the call goes on after its dialog. */
typedef struct {
    gboolean failed;          /* ended by an error that nobody caught */
    const char *reason;       /* short text for record and Reason header; never NULL */
    const char *result;       /* nullable: JSON value for the record */
    const char *content_type; /* nullable: body of the BYE (RFC 5552 §4) */
    GBytes *body;
    guint cause; /* SIP status for the Reason header (RFC 3326 §2); 0: none */
} McpDialogEnd;

#define MCP_TYPE_DIALOG (mcp_dialog_get_type())
G_DECLARE_INTERFACE(McpDialog, mcp_dialog, MCP, DIALOG, GObject)

/** McpDialogEndFunc: once, after start; the dialog touches the leg no more. */
typedef void (*McpDialogEndFunc)(McpDialog *dialog, const McpDialogEnd *end, gpointer user_data);

/** McpDialogInterface: members as the functions of the same names. */
struct _McpDialogInterface {
    GTypeInterface parent_iface;
    void (*prepare_async)(McpDialog *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data);
    gboolean (*prepare_finish)(McpDialog *self, GAsyncResult *result, McpDialogMedia *out_media,
                               McpReject **out_reject);
    void (*start)(McpDialog *self, McpLeg *leg, McpDialogEndFunc func, gpointer user_data);
    void (*message)(McpDialog *self, const char *content_type, GBytes *body);
    void (*terminate)(McpDialog *self, const char *reason);
    void (*describe)(McpDialog *self, McpJson *json);
    McpSdp *(*answer)(McpDialog *self, McpSdp *offer, McpSdp *answer, McpReject **out_reject);
};

/**
 * mcp_dialog_prepare_async: fetch, parse, check parameters: all that must be known before a 200
 * (RFC 5552 §2.2).
 */
void mcp_dialog_prepare_async(McpDialog *dialog, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
/**
 * mcp_dialog_prepare_finish: FALSE with (transfer full) @out_reject when the call is to be
 * refused.
 */
gboolean mcp_dialog_prepare_finish(McpDialog *dialog, GAsyncResult *result,
                                   McpDialogMedia *out_media, McpReject **out_reject);
/**
 * mcp_dialog_start: after ACK, or when media comes to a session that had none; else never.
 * @leg is the dialog's until @func has run.
 */
void mcp_dialog_start(McpDialog *dialog, McpLeg *leg, McpDialogEndFunc func, gpointer user_data);
/** mcp_dialog_message: an INFO body from the other side, DTMF bodies excepted. */
void mcp_dialog_message(McpDialog *dialog, const char *content_type, GBytes *body);
/**
 * mcp_dialog_terminate: the caller hung up or the call is to end; a started dialog finishes (a
 * VoiceXML application may still run its disconnect handlers) and calls its end function.
 */
void mcp_dialog_terminate(McpDialog *dialog, const char *reason);
/** mcp_dialog_describe: adds members about the present state to an open object. */
void mcp_dialog_describe(McpDialog *dialog, McpJson *json);
/**
 * mcp_dialog_answer: what is answered to @offer, the first one or a later one: the leg's @answer
 * with lines that are the dialog's own (m=application); asked from before the 200 on. Without a
 * word of the dialog's it is @answer as it is.
 * @offer: (nullable): nothing was offered, and @answer is an offer of ours
 *
 * Returns: (transfer full): NULL with (transfer full) @out_reject: the offer is refused.
 */
McpSdp *mcp_dialog_answer(McpDialog *dialog, McpSdp *offer, McpSdp *answer, McpReject **out_reject);

#define MCP_TYPE_DIALOG_PROVIDER (mcp_dialog_provider_get_type())
G_DECLARE_INTERFACE(McpDialogProvider, mcp_dialog_provider, MCP, DIALOG_PROVIDER, GObject)

/** McpDialogProviderInterface: members as the functions of the same names. */
struct _McpDialogProviderInterface {
    GTypeInterface parent_iface;
    McpDialog *(*create)(McpDialogProvider *self, McpCall *call, McpReject **out_reject);
};

/**
 * mcp_dialog_provider_create: (transfer full): a dialog for @call, not prepared; parameters are
 * read
 * with mcp_call_get_parameter(). NULL with (transfer full) @out_reject for faults known at once.
 */
McpDialog *mcp_dialog_provider_create(McpDialogProvider *provider, McpCall *call,
                                      McpReject **out_reject);

G_END_DECLS
