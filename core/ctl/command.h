/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "ctl/client.h"

G_BEGIN_DECLS

/** McpCtlContext: what every command gets: the client, the wanted form, its arguments. */
typedef struct {
    McpCtlClient *client;
    gboolean json; /* -o json */
    char **args;   /* arguments that are no options, NULL-terminated */
    guint n_args;
} McpCtlContext;

/** McpCtlCommand: one command; "call show" is one name. Tables end with a NULL @name. */
typedef struct {
    const char *name;
    const char *arguments; /* for the usage line */
    const char *summary;   /* one sentence */
    guint min_args;
    guint max_args;
    const GOptionEntry *options; /* nullable; static variables take the values */
    McpCtlExit (*run)(const McpCtlContext *context);
} McpCtlCommand;

/** mcp_ctl_server_commands: status, health, plugins, reload, drain, config show … */
extern const McpCtlCommand mcp_ctl_server_commands[];
/** mcp_ctl_call_commands: calls, call show, hangup, events. */
extern const McpCtlCommand mcp_ctl_call_commands[];
/** mcp_ctl_move_commands: call transfer, call redirect. */
extern const McpCtlCommand mcp_ctl_move_commands[];
/** mcp_ctl_place_commands: call place. */
extern const McpCtlCommand mcp_ctl_place_commands[];
/** mcp_ctl_room_commands: room list, show, mute … */
extern const McpCtlCommand mcp_ctl_room_commands[];
/** mcp_ctl_speech_commands: speech status, speech test, tts cache … */
extern const McpCtlCommand mcp_ctl_speech_commands[];
/** mcp_ctl_diagnosis_commands: trace start, trace list, trace stop, sip explain. */
extern const McpCtlCommand mcp_ctl_diagnosis_commands[];

/** mcp_ctl_spool_commands: spool status, spool replay, spool export. */
extern const McpCtlCommand mcp_ctl_spool_commands[];
/** mcp_ctl_trace_commands: call trace. */
extern const McpCtlCommand mcp_ctl_trace_commands[];

/**
 * mcp_ctl_ask: a request of a command.
 * @body: (nullable): JSON
 * @out_root: (transfer full) (nullable): the answer, to be shown to people; where JSON is wanted it
 * was printed instead
 *
 * Returns: anything but MCP_CTL_OK was already told on stderr.
 */
McpCtlExit mcp_ctl_ask(const McpCtlContext *context, const char *method, const char *path,
                       const char *body, JsonNode **out_root);
/** mcp_ctl_body_new: (transfer full): an object that is open. */
JsonBuilder *mcp_ctl_body_new(void);
/** mcp_ctl_body_add: text; NULL adds nothing. */
void mcp_ctl_body_add(JsonBuilder *body, const char *name, const char *value);
/** mcp_ctl_body_finish: (transfer full): the object as text. */
char *mcp_ctl_body_finish(JsonBuilder *body);

/** mcp_ctl_print_event: one line for people; @with_call adds the call's id. */
void mcp_ctl_print_event(JsonObject *event, gboolean with_call);
/** mcp_ctl_escape: (transfer full): @text as one part of a path. */
char *mcp_ctl_escape(const char *text);

G_END_DECLS
