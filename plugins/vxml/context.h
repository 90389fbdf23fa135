/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Execution contexts: what the form interpretation algorithm keeps for a dialog and its documents.
 * <subdialog> stacks them. The thread that runs the machine.
 */
#pragma once
#include "interpreter.h"

G_BEGIN_DECLS

/** McpVxmlPhase: what the machine does when no content is left to run. */
typedef enum {
    MCP_VXML_PHASE_ROOT,     /* initialise the application root document */
    MCP_VXML_PHASE_DOCUMENT, /* initialise the document */
    MCP_VXML_PHASE_DIALOG,   /* initialise the form or menu */
    MCP_VXML_PHASE_SELECT,   /* Appendix C: select a form item */
    MCP_VXML_PHASE_PROCESS,  /* assign the input */
    MCP_VXML_PHASE_FILLED,   /* run the filled elements that apply */
    MCP_VXML_PHASE_EXIT,     /* play what is queued and end */
    MCP_VXML_PHASE_HANGUP,   /* <disconnect>: play what is queued, then throw */
} McpVxmlPhase;

/** McpVxmlFrame: a list of siblings being run. */
typedef struct {
    const McpVxmlElement *next;
    gboolean initial;           /* document or form: variables and scripts only */
    gboolean scope;             /* an anonymous scope goes with it */
    const McpVxmlElement *loop; /* nullable: the <foreach> */
    McpScriptItems *items;
    guint position;
} McpVxmlFrame;

/** McpVxmlItem: a form item while its form is active. */
typedef struct {
    const McpVxmlElement *element;
    char *name; /* given, or made up */
    guint prompt_count;
    GHashTable *event_counts; /* nullable: char* → count */
    gboolean just_filled;
} McpVxmlItem;

/** McpVxmlInput: what the caller entered. */
typedef struct {
    const McpVxmlElement *owner;
    const McpVxmlElement *dialog;
    const char *event; /* nullable: of a universal grammar, then without owner */
    char *utterance;
    char *interpretation;   /* JSON; nullable: of a nomatch */
    const char *input_mode; /* static */
    double confidence;
    GPtrArray *readings; /* nullable: McpVxmlReading, the input first; outcome.h */
    char *mark;          /* nullable */
    gint64 mark_time;
    char *recording; /* nullable: value of a variable */
    gint64 recording_duration;
    guint64 recording_size;
} McpVxmlInput;

/** McpVxmlContext: one execution context; <subdialog> stacks them (VoiceXML 2.0 §2.3.4). */
typedef struct _McpVxmlContext McpVxmlContext;
struct _McpVxmlContext {
    McpVxmlContext *caller; /* nullable: the one whose <subdialog> this is */
    McpScript *script;
    McpVxmlDocument *document;
    McpVxmlDocument *root; /* nullable: document is its own */
    const McpVxmlElement *dialog;
    GPtrArray *items; /* McpVxmlItem */
    McpVxmlItem *current;
    McpVxmlItem *chosen;      /* nullable: by <goto nextitem> */
    GHashTable *event_counts; /* of the form */
    GHashTable *parameters;   /* nullable: char* → McpScriptData* */
    McpVxmlPhase phase;
    const McpVxmlElement *filled; /* PROCESS, FILLED: next child of the form to look at */
    const McpVxmlElement *filled_inner;
    gboolean quiet;      /* the last iteration ended in a handler without <reprompt> */
    gboolean in_handler; /* the content that runs is a handler's */
    gboolean reprompt;
    guint scopes; /* of <root, document, dialog> that are open now: bits of McpVxmlScope */
};

/** McpVxmlScope: which scopes a context has open above "session". */
typedef enum {
    MCP_VXML_SCOPE_APPLICATION = 1 << 0,
    MCP_VXML_SCOPE_DOCUMENT = 1 << 1, /* apart from that of the application */
    MCP_VXML_SCOPE_DIALOG = 1 << 2,
} McpVxmlScope;

McpVxmlContext *mcp_vxml_context_new(McpVxmlInterpreter *interpreter, McpVxmlDocument *document,
                                     McpVxmlDocument *root, McpVxmlContext *caller);
void mcp_vxml_context_free(McpVxmlContext *context);
void mcp_vxml_context_leave_dialog(McpVxmlContext *context);
McpVxmlItem *mcp_vxml_context_find_item(McpVxmlContext *context, const char *name);
McpVxmlItem *mcp_vxml_context_item_of(McpVxmlContext *context, const McpVxmlElement *element);

G_END_DECLS
