/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine as its files see it. Functions that may fail return FALSE after they have thrown a
 * VoiceXML event with mcp_vxml_throw(); the caller just unwinds. One thread at a time.
 */
#pragma once
#include "context.h"
#include "debug.h"

G_BEGIN_DECLS

/** McpVxmlTarget: a page that is on its way, and what happens when it is there. */
typedef struct {
    char *fragment; /* nullable */
    gboolean subdialog;
    gboolean submitted; /* by <submit>: a root page is initialised anew */
} McpVxmlTarget;

struct _McpVxmlInterpreter {
    McpVxmlSetup setup;
    char *session;
    char *extra;
    McpVxmlContext *context;
    GArray *frames;     /* McpVxmlFrame */
    GPtrArray *prompts; /* McpVxmlPrompt: the queue */
    GPtrArray *grammars;
    GPtrArray *notes;
    GQueue *messages;            /* McpVxmlMessage: from outside, not yet taken */
    GHashTable *recordings;      /* char* value → char* object name */
    GHashTable *recording_types; /* char* object name → char* media type */
    McpVxmlAction action;
    gboolean waiting; /* an action is out */
    McpVxmlTarget target;
    McpVxmlInput input;
    gboolean have_input;
    const McpVxmlElement *data; /* nullable: the <data> that is on its way */
    char *event;                /* nullable: thrown and not yet handled */
    char *message;
    McpVxmlEnd end;
    guint transitions;  /* since the last input */
    guint work;         /* pieces of content since the last input */
    gboolean loop_told; /* since the last input an event said that there were too many */
    guint n_recordings;
    guint n_generated;
    /* limits.c */
    gint64 begun;       /* CPU time of the thread when the run began */
    gboolean elsewhere; /* the run is in the compute pool */
    guint steps;
    gboolean heavy;  /* a run took too long for the shard */
    gboolean warned; /* a run took too long for the pool; since the last input */
    gboolean overran;
    guint light_runs; /* in a row */
    gsize prompt_bytes;
    guint prompt_pieces;
    gsize out_bytes; /* the same of the prompts that the action has */
    guint out_pieces;
    guint told;            /* notes since the last input */
    gboolean disconnected; /* no media any more */
    gboolean hangup_due;   /* connection.disconnect.hangup not yet thrown */
    gboolean big_script_allowed;
    gboolean prefetch_due;  /* nothing was fetched ahead for this page yet */
    McpVxmlProbeFunc probe; /* nullable: a debugger looks on */
    gpointer probe_data;
    GHashTable *remembered; /* nullable: char* "scope.name" → char*: what a debugger may tell */
};

/* interpreter.c */
/** mcp_vxml_throw: (always FALSE): an event for the handlers of the present scope. */
gboolean mcp_vxml_throw(McpVxmlInterpreter *interpreter, const char *event, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
void mcp_vxml_note(McpVxmlInterpreter *interpreter, McpEventType type, const char *what,
                   const McpVxmlElement *element, const char *text);
/** mcp_vxml_note_labelled: as mcp_vxml_note() of type DIALOG, with a label. */
void mcp_vxml_note_labelled(McpVxmlInterpreter *interpreter, const char *what,
                            const McpVxmlElement *element, const char *label, const char *text);
void mcp_vxml_set_action(McpVxmlInterpreter *interpreter, McpVxmlActionType type);
/** mcp_vxml_count_transition: FALSE when the application loops without input. */
gboolean mcp_vxml_count_transition(McpVxmlInterpreter *interpreter);
void mcp_vxml_set_end(McpVxmlInterpreter *interpreter, gboolean failed, const char *reason,
                      const char *result, const char *body);

/* executable_content.c */
void mcp_vxml_push_content(McpVxmlInterpreter *interpreter, const McpVxmlElement *first,
                           gboolean scope);
void mcp_vxml_push_initial(McpVxmlInterpreter *interpreter, const McpVxmlElement *first);
void mcp_vxml_clear_frames(McpVxmlInterpreter *interpreter);
/** mcp_vxml_run_content: one step of the innermost list. */
void mcp_vxml_run_content(McpVxmlInterpreter *interpreter);
gboolean mcp_vxml_run_script(McpVxmlInterpreter *interpreter, McpScriptCode *code);
gboolean mcp_vxml_declare(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);

/* event_handling.c */
void mcp_vxml_handle_event(McpVxmlInterpreter *interpreter);
/** mcp_vxml_event_matches: VoiceXML 2.0 §5.2.4: whether a handler for @names takes @event. */
gboolean mcp_vxml_event_matches(const char *names, const char *event);
/** mcp_vxml_throw_element: throws what event or eventexpr, message or messageexpr say. */
gboolean mcp_vxml_throw_element(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);

/* form_interpretation.c */
void mcp_vxml_form_step(McpVxmlInterpreter *interpreter);
void mcp_vxml_enter_dialog(McpVxmlInterpreter *interpreter, const McpVxmlElement *dialog);
/** mcp_vxml_init_item: declares the variable of a form item. */
void mcp_vxml_init_item(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
void mcp_vxml_form_recorded(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome);
void mcp_vxml_form_filled(McpVxmlInterpreter *interpreter, McpVxmlItem *item);

/** mcp_vxml_fill_timing: the rules for input as they are in force now. */
void mcp_vxml_fill_timing(McpVxmlInterpreter *interpreter, McpVxmlInputTiming *timing);

/* transfer_item.c */
void mcp_vxml_visit_transfer(McpVxmlInterpreter *interpreter, McpVxmlItem *item);
void mcp_vxml_form_transferred(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome);

/** mcp_vxml_keep_recording: (transfer full): the value by which pages name a recording. */
char *mcp_vxml_keep_recording(McpVxmlInterpreter *interpreter, const char *object,
                              const char *content_type);
/** mcp_vxml_record_format: FALSE after error.unsupported.format. */
gboolean mcp_vxml_record_format(McpVxmlInterpreter *interpreter, const char *type,
                                McpRecordFormat *out_format);

/* data_element.c */
void mcp_vxml_run_data(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
void mcp_vxml_data_ready(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome);

/* object_item.c */
void mcp_vxml_visit_object(McpVxmlInterpreter *interpreter, McpVxmlItem *item);
void mcp_vxml_form_invoked(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome);

/* transition.c */
void mcp_vxml_goto(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
void mcp_vxml_submit(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
void mcp_vxml_follow(McpVxmlInterpreter *interpreter, const McpVxmlElement *choice_or_link);
void mcp_vxml_page_ready(McpVxmlInterpreter *interpreter, McpVxmlDocument *document,
                         McpVxmlDocument *root);
void mcp_vxml_fill_fetch(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                         const char *kind, McpVxmlFetch *fetch);
gboolean mcp_vxml_build_submission(McpVxmlInterpreter *interpreter, const char *names,
                                   McpVxmlSubmission **out_submission);
gboolean mcp_vxml_set_request(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                              const char *url, McpVxmlSubmission *submission);

/* fetch_hints.c */
/** mcp_vxml_clip: (transfer full) (nullable): a queue of one prompt: the audio at @source. */
GPtrArray *mcp_vxml_clip(McpVxmlInterpreter *interpreter, const char *source);
/** mcp_vxml_fill_fetch_audio: what is heard while what @element names is fetched. */
void mcp_vxml_fill_fetch_audio(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
/** mcp_vxml_fill_clip: as above; @source (nullable) instead of the property fetchaudio. */
void mcp_vxml_fill_clip(McpVxmlInterpreter *interpreter, const char *source);
/** mcp_vxml_build_prefetch: (transfer full) (nullable): McpVxmlPrefetch for the present page. */
GPtrArray *mcp_vxml_build_prefetch(McpVxmlInterpreter *interpreter);

/* subdialog.c */
void mcp_vxml_call_subdialog(McpVxmlInterpreter *interpreter, McpVxmlItem *item);
void mcp_vxml_enter_subdialog(McpVxmlInterpreter *interpreter, McpVxmlDocument *document,
                              McpVxmlDocument *root, const McpVxmlElement *dialog);
void mcp_vxml_return(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);

/* messages.c */
GQueue *mcp_vxml_messages_new(void);
void mcp_vxml_messages_free(GQueue *messages);
void mcp_vxml_send_clear(McpVxmlSend *send);
void mcp_vxml_send(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
void mcp_vxml_receive(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
/** mcp_vxml_message_is_due: TRUE after a waiting message was made an event. */
gboolean mcp_vxml_message_is_due(McpVxmlInterpreter *interpreter);
/** mcp_vxml_resume_message: the oldest message ends @action. */
void mcp_vxml_resume_message(McpVxmlInterpreter *interpreter, McpVxmlActionType action);

/* log_element.c */
void mcp_vxml_log(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);

/* limits.c */
/** MCP_VXML_MAX_FORM: bytes of all values that leave an application in one go. */
#define MCP_VXML_MAX_FORM (8 * 1024 * 1024)
gint64 mcp_vxml_cpu_time(void);
void mcp_vxml_watch_begin(McpVxmlInterpreter *interpreter, gboolean elsewhere);
/** mcp_vxml_watch: after each step: throws, ends or asks for the pool when it took too long. */
void mcp_vxml_watch(McpVxmlInterpreter *interpreter);
void mcp_vxml_watch_end(McpVxmlInterpreter *interpreter);
/** mcp_vxml_spend_prompt: one more piece for the queue of prompts; FALSE when it is too much. */
gboolean mcp_vxml_spend_prompt(McpVxmlInterpreter *interpreter, gsize bytes);
void mcp_vxml_prompts_gone(McpVxmlInterpreter *interpreter);
/** mcp_vxml_check_size: whether values of so many bytes may leave the application. */
gboolean mcp_vxml_check_size(McpVxmlInterpreter *interpreter, gsize bytes);
/** mcp_vxml_may_note: FALSE once an application has told more than anybody reads. */
gboolean mcp_vxml_may_note(McpVxmlInterpreter *interpreter);

/* extensions.c */
/** mcp_vxml_supports: FALSE with error.unsupported.* for what is of another namespace. */
gboolean mcp_vxml_supports(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
/** mcp_vxml_supports_item: as mcp_vxml_supports() for an item or dialog and its children. */
gboolean mcp_vxml_supports_item(McpVxmlInterpreter *interpreter, const McpVxmlElement *item);

/* ending.c */
void mcp_vxml_exit(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
void mcp_vxml_disconnect(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);

G_END_DECLS
