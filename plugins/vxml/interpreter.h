/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter as a machine: it runs until it needs something of the outside - a page, input, a
 * recording, the end - and says so as an action; whoever drives it carries the action out and hands
 * back the outcome. It never blocks, knows no context, timer or leg, and may be moved to another
 * thread between two calls; one thread at a time.
 */
#pragma once
#include <mcp/contract/dialog.h>
#include <mcp/event.h>

#include "action.h"
#include "outcome.h"
#include "secrets.h"

G_BEGIN_DECLS

typedef struct _McpVxmlInterpreter McpVxmlInterpreter;

/** McpVxmlNote: something worth telling: for timeline, events and log. */
typedef struct {
    McpEventType type; /* DIALOG, PROMPT, INPUT */
    const char *what;  /* static */
    char *text;
    char *where; /* nullable: "URL:LINE" */
    char *label; /* nullable: of a report */
} McpVxmlNote;

/** McpVxmlSetup: what the machine starts with. Strings and documents are copied or referenced. */
typedef struct {
    const char *session;    /* JSON of session.connection (RFC 5552 §2.4) */
    GHashTable *properties; /* char* → char*: platform defaults; referenced */
    McpScriptLimits limits;
    guint max_transitions; /* without input */
    guint max_depth;       /* of subdialogs */
    gboolean speech;       /* what is said is recognized: grammars of words are of use */
    gboolean next_prompts; /* what is said next is worth knowing */
    McpVxmlDocument *document;
    McpVxmlDocument *root;     /* nullable */
    const char *fragment;      /* nullable: first dialog */
    McpVxmlDocument *defaults; /* nullable: handlers, properties, links of the platform */
    McpVxmlSecrets *secrets;   /* nullable: what it learns of private input goes there */
    const char *extra;         /* nullable: JSON of session.com */
} McpVxmlSetup;

/** mcp_vxml_interpreter_new: (transfer full) (nullable): NULL when no script engine can be had. */
McpVxmlInterpreter *mcp_vxml_interpreter_new(const McpVxmlSetup *setup, GError **error);
void mcp_vxml_interpreter_free(McpVxmlInterpreter *interpreter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlInterpreter, mcp_vxml_interpreter_free)

/**
 * mcp_vxml_interpreter_run:
 * @outcome: (nullable): of the last action; NULL the first time
 *
 * Returns: (transfer none): the next action. After END it must not be called any more. The calling
 * thread takes the machine over.
 */
const McpVxmlAction *mcp_vxml_interpreter_run(McpVxmlInterpreter *interpreter,
                                              const McpVxmlOutcome *outcome);

/** mcp_vxml_interpreter_run_elsewhere: the same in the compute pool, where it may take longer. */
const McpVxmlAction *mcp_vxml_interpreter_run_elsewhere(McpVxmlInterpreter *interpreter,
                                                        const McpVxmlOutcome *outcome);

/** mcp_vxml_interpreter_disconnect: the caller is gone: no action may need media from now on. */
void mcp_vxml_interpreter_disconnect(McpVxmlInterpreter *interpreter);

/** mcp_vxml_interpreter_deliver: a message from outside; everything is copied. Never while the
 * machine runs. */
McpVxmlDelivery mcp_vxml_interpreter_deliver(McpVxmlInterpreter *interpreter,
                                             const McpVxmlMessage *message);
/** mcp_vxml_is_event_name: whether a message may give itself that name. */
gboolean mcp_vxml_is_event_name(const char *name);

/** mcp_vxml_interpreter_is_heavy: whether the run with @outcome (nullable) belongs into the compute
 * pool. */
gboolean mcp_vxml_interpreter_is_heavy(McpVxmlInterpreter *interpreter,
                                       const McpVxmlOutcome *outcome);
/** mcp_vxml_interpreter_take_overrun: whether the last run was stopped for the time it took. */
gboolean mcp_vxml_interpreter_take_overrun(McpVxmlInterpreter *interpreter);

/** mcp_vxml_interpreter_take_notes: (transfer full): GPtrArray of McpVxmlNote since last asked. */
GPtrArray *mcp_vxml_interpreter_take_notes(McpVxmlInterpreter *interpreter);

/** mcp_vxml_interpreter_get_page: URL of the page that runs. */
const char *mcp_vxml_interpreter_get_page(McpVxmlInterpreter *interpreter);

/** mcp_vxml_interpreter_describe: adds page, dialog and item to an open object. */
void mcp_vxml_interpreter_describe(McpVxmlInterpreter *interpreter, McpJson *json);

G_END_DECLS
