/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The far side of <transfer> in the terminal: it does what the author chose, on virtual time. One
 * thread, main context.
 */
#pragma once
#include <mcp/clock.h>

#include "dialler.h"

G_BEGIN_DECLS

/** MCP_VXML_TEXT_OUTCOMES: what can be chosen, for help and hints. */
#define MCP_VXML_TEXT_OUTCOMES \
    "answered [TIME], cut TIME, busy, noanswer, network_busy or refused STATUS"

typedef struct _McpVxmlTextDialler McpVxmlTextDialler;

/** McpVxmlTextDiallerHooks: who chooses and listens. */
typedef struct {
    /** choose: (transfer full) (nullable): an outcome; NULL: none, nobody can be called. */
    char *(*choose)(gpointer user_data);
    void (*tell)(const char *kind, const char *text, gpointer user_data);
    /** talks: both talk now, and the caller may do something. */
    void (*talks)(gpointer user_data);
    /** left: the call has gone elsewhere: our side of it ends. */
    void (*left)(gpointer user_data);
    gpointer user_data;
} McpVxmlTextDiallerHooks;

/** mcp_vxml_text_dialler: of a session, with a McpVxmlTextDialler as its data. */
extern const McpVxmlDialler mcp_vxml_text_dialler;

/** mcp_vxml_text_dialler_new: (transfer full): @hooks is copied. It outlives its sessions. */
McpVxmlTextDialler *mcp_vxml_text_dialler_new(McpClock *clock,
                                              const McpVxmlTextDiallerHooks *hooks);
void mcp_vxml_text_dialler_free(McpVxmlTextDialler *dialler);

G_END_DECLS
