/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a session has others called: what <transfer> needs of the call and its signalling, apart, so
 * that a session without a call can be given something else. On the call's shard.
 */
#pragma once
#include "callee/callee.h"

G_BEGIN_DECLS

/** McpVxmlReferFunc: once; @accepted: the REFER was, whatever came of it then (@status). */
typedef void (*McpVxmlReferFunc)(gboolean accepted, guint status, const char *reason,
                                 gpointer user_data);

/** McpVxmlDialler: @data is that of the services. A party is an object of the dialler's own. */
typedef struct {
    /** dial: (transfer full): as mcp_callee_dial(); @func hears of the party. */
    GObject *(*dial)(gpointer data, const McpCalleeParams *params, McpCalleeFunc func,
                     gpointer user_data, GError **error);
    /** join: it and @leg hear each other from now on. */
    gboolean (*join)(GObject *party, McpLeg *leg, GError **error);
    void (*press)(GObject *party, const McpDigit *digit);
    void (*send_info)(GObject *party, const char *content_type, GBytes *body);
    /** hang_up: @func is told no more. */
    void (*hang_up)(GObject *party, const char *why);
    /** refer: the caller is asked to call @target; with @party to take our place there. */
    void (*refer)(gpointer data, const char *target, GObject *party, McpVxmlReferFunc func,
                  gpointer user_data);
    /** leave: the caller has gone elsewhere: our session with it ends. */
    void (*leave)(gpointer data, const char *why);
    /** send_caller_info: an INFO of the party goes on to the caller. */
    void (*send_caller_info)(gpointer data, const char *content_type, GBytes *body);
} McpVxmlDialler;

/** mcp_vxml_call_dialler: that of a call; @data is the McpCall. */
extern const McpVxmlDialler mcp_vxml_call_dialler;

G_END_DECLS
