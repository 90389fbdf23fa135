/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter as a machine: it runs until it needs something of the outside - a page, input, a
 * recording, the end - and says so as an action; whoever drives it carries the action out and hands
 * back the outcome. It never blocks, knows no context, timer or leg, and may be moved to another
 * thread between two calls; one thread at a time.
 */
#pragma once
#include <mcp/contract/dialog.h>
#include <mcp/contract/grammar.h>
#include <mcp/event.h>

#include "document.h"
#include "fetch.h"
#include "secrets.h"

G_BEGIN_DECLS

typedef struct _McpVxmlInterpreter McpVxmlInterpreter;

/** McpVxmlSegmentKind: pieces of a prompt. */
typedef enum {
    MCP_VXML_SEGMENT_SPEECH,
    MCP_VXML_SEGMENT_AUDIO,
    MCP_VXML_SEGMENT_RECORDING,
    MCP_VXML_SEGMENT_MARK,
} McpVxmlSegmentKind;

/** McpVxmlSegment: one piece: words, or audio with what to say when it cannot be had. */
typedef struct {
    McpVxmlSegmentKind kind;
    char *text;          /* SPEECH: plain words; AUDIO: URL; RECORDING: object name; MARK: name */
    char *ssml;          /* SPEECH: an SSML document; NULL when the words say it all */
    char *type;          /* RECORDING: media type */
    McpVxmlFetch fetch;  /* AUDIO: its timing rules */
    GPtrArray *fallback; /* AUDIO, RECORDING: McpVxmlSegment; nullable */
} McpVxmlSegment;

/** McpVxmlPrompt: one queued prompt, evaluated. */
typedef struct {
    GPtrArray *segments; /* McpVxmlSegment */
    gboolean barge_in;
    gboolean hotword; /* bargeintype */
    gint64 timeout;   /* -1: not said */
    char *language;   /* nullable */
} McpVxmlPrompt;

/** McpVxmlActiveGrammar: a grammar that is active while input is awaited. */
typedef struct {
    const McpVxmlElement *owner;  /* field, option, choice, link, form, record; see event */
    const McpVxmlElement *dialog; /* the form or menu it belongs to; NULL: a link above them */
    gboolean local;               /* of the form item that is visited */
    char *uri;                    /* nullable */
    char *text;                   /* nullable: inline */
    const char *content_type;     /* nullable */
    const char *base;
    const char *language; /* nullable */
    McpGrammarMode mode;
    McpVxmlFetch fetch; /* timing rules */
    const char *event;  /* nullable: of a universal grammar, which has no owner: what it throws */
} McpVxmlActiveGrammar;

/** McpVxmlInputTiming: the properties that rule input (VoiceXML 2.0 §6.3), µs. */
typedef struct {
    gint64 timeout;
    gint64 interdigit;
    gint64 term_timeout;
    char term_char; /* 0: none */
    gboolean dtmf;  /* inputmodes allows keys */
    gboolean voice; /* inputmodes allows speech */
} McpVxmlInputTiming;

/** McpVxmlRecording: how <record> is to record (VoiceXML 2.0 §2.3.6), µs. */
typedef struct {
    gboolean beep;
    gint64 max_time;
    gint64 final_silence;
    gboolean dtmf_term;
    McpRecordFormat format;
} McpVxmlRecording;

/** McpVxmlTransferType: VoiceXML 2.1 §7. */
typedef enum {
    MCP_VXML_TRANSFER_BLIND,
    MCP_VXML_TRANSFER_BRIDGE,
    MCP_VXML_TRANSFER_CONSULTATION,
} McpVxmlTransferType;

/** McpVxmlTransfer: whom <transfer> calls, and how (VoiceXML 2.0 §2.3.7), µs. */
typedef struct {
    McpVxmlTransferType type;
    char *dest;             /* URI */
    char *aai;              /* nullable: application to application information */
    gint64 connect_timeout; /* until it is answered; -1: configured */
    gint64 max_time;        /* of a bridge; 0: without end */
    GPtrArray *audio;       /* McpVxmlPrompt: heard until then; nullable */
} McpVxmlTransfer;

/** McpVxmlObjectCall: what <object> asks for (VoiceXML 2.0 §2.3.5); all nullable but classid. */
typedef struct {
    char *classid;
    char *codebase;
    char *codetype;
    char *data; /* absolute URL */
    char *type;
    char *archive;
    char *parameters; /* JSON */
} McpVxmlObjectCall;

typedef enum {
    MCP_VXML_ACTION_PAGE,     /* fetch and parse a page, and its root if it is another one */
    MCP_VXML_ACTION_SCRIPT,   /* fetch the text of a script */
    MCP_VXML_ACTION_DATA,     /* fetch a document for scripts */
    MCP_VXML_ACTION_OBJECT,   /* have a plugin do something */
    MCP_VXML_ACTION_COLLECT,  /* play the prompts and await input */
    MCP_VXML_ACTION_RECORD,   /* play the prompts and record */
    MCP_VXML_ACTION_PLAY,     /* play the prompts to their end */
    MCP_VXML_ACTION_TRANSFER, /* play the prompts, then call somebody for the caller */
    MCP_VXML_ACTION_SEND,     /* send a message out of the session */
    MCP_VXML_ACTION_RECEIVE,  /* await one from outside */
    MCP_VXML_ACTION_COMPUTE,  /* go on in the compute pool: a big script comes next */
    MCP_VXML_ACTION_END,      /* over */
} McpVxmlActionType;

/** McpVxmlSend: a message for outside. */
typedef struct {
    char *url; /* nullable: for the far side of the call, in an INFO */
    char *content_type;
    char *content;
    gboolean async; /* what becomes of it is not awaited */
    gint64 timeout; /* µs; 0: the fetcher's */
} McpVxmlSend;

/** McpVxmlMessage: one from outside. */
typedef struct {
    char *content_type;  /* as it came, with its parameters */
    char *content;       /* nullable: UTF-8 */
    char *event;         /* nullable: the name that it gives itself */
    gboolean unreadable; /* it has content that is no text */
} McpVxmlMessage;

/** McpVxmlDelivery: what becomes of a message. */
typedef enum {
    MCP_VXML_MESSAGE_DROPPED,    /* the page wants none now */
    MCP_VXML_MESSAGE_KEPT,       /* for later */
    MCP_VXML_MESSAGE_INTERRUPTS, /* the action ends with MCP_VXML_OUTCOME_MESSAGE */
} McpVxmlDelivery;

/** McpVxmlEnd: how the application ended. */
typedef struct {
    gboolean failed;
    char *reason; /* "exit", "disconnect", "hangup", or the event nobody caught */
    char *result; /* nullable: JSON */
    char *body;   /* nullable: of the BYE, RFC 5552 §4.2 */
} McpVxmlEnd;

/** McpVxmlAction: what the machine waits for; belongs to it, valid until the outcome. */
typedef struct {
    McpVxmlActionType type;
    McpVxmlFetch fetch;       /* PAGE, SCRIPT, DATA */
    gboolean want_content;    /* DATA: the document is read, not only fetched */
    McpVxmlObjectCall object; /* OBJECT */
    const char *current_root; /* PAGE: URL of the root document that is loaded already */
    /* COLLECT, RECORD, PLAY, TRANSFER, PAGE with fetch_audio: McpVxmlPrompt */
    GPtrArray *prompts;
    GPtrArray *fetch_audio;     /* PAGE: McpVxmlPrompt to be heard meanwhile; nullable */
    gint64 fetch_audio_delay;   /* µs until it begins */
    gint64 fetch_audio_minimum; /* µs for which it is heard once it has begun */
    GPtrArray *prefetch;        /* COLLECT, RECORD, PLAY: McpVxmlPrefetch, once a page; nullable */
    GPtrArray *grammars;        /* COLLECT, TRANSFER: McpVxmlActiveGrammar, by precedence */
    McpVxmlInputTiming timing;  /* COLLECT, RECORD, TRANSFER */
    McpVxmlTransfer transfer;   /* TRANSFER */
    McpVxmlRecording recording; /* RECORD */
    gboolean record_utterance;  /* COLLECT: what is said is kept, in recording.format */
    McpVxmlSend send;           /* SEND */
    gint64 max_time;            /* RECEIVE: µs; -1: without end */
    gboolean private;           /* COLLECT, RECORD: the input must not be told */
    McpVxmlEnd end;             /* END */
} McpVxmlAction;

typedef enum {
    MCP_VXML_OUTCOME_PAGE,
    MCP_VXML_OUTCOME_SCRIPT,
    MCP_VXML_OUTCOME_MATCH,
    MCP_VXML_OUTCOME_RECORDED,
    MCP_VXML_OUTCOME_TRANSFERRED,
    MCP_VXML_OUTCOME_DATA,
    MCP_VXML_OUTCOME_OBJECT,
    MCP_VXML_OUTCOME_MESSAGE, /* one that was delivered; any action */
    MCP_VXML_OUTCOME_DONE,    /* PLAY, COMPUTE, SEND */
    MCP_VXML_OUTCOME_EVENT,
} McpVxmlOutcomeType;

/** McpVxmlOutcome: what came of an action; everything is copied or referenced. */
typedef struct {
    McpVxmlOutcomeType type;
    McpVxmlDocument *document;  /* PAGE */
    McpVxmlDocument *root;      /* PAGE: nullable: fetched since it is not the current one */
    const char *text;           /* SCRIPT */
    guint grammar;              /* MATCH: index in the action's list */
    const char *utterance;      /* MATCH; TRANSFERRED when a grammar ended it, else NULL */
    const char *interpretation; /* as utterance: JSON */
    const char *input_mode;     /* as utterance: "dtmf", "voice" */
    double confidence;          /* as utterance */
    const char *mark;           /* MATCH: the last one that was reached; nullable */
    gint64 mark_time;           /* MATCH: µs since then */
    McpXmlDocument *xml;        /* DATA: nullable */
    const char *recording;      /* RECORDED, MATCH with record_utterance: object name */
    const char *recording_type; /* as recording: media type */
    gint64 duration;            /* as recording, and TRANSFERRED: µs */
    const char *result;         /* TRANSFERRED: "busy" …; OBJECT: JSON */
    guint64 size;               /* as recording: bytes */
    char term_char;             /* RECORDED: 0: none */
    gboolean max_time;          /* RECORDED */
    const char *event;          /* EVENT, and RECORDED by a hang-up */
    const char *message;        /* EVENT: nullable */
} McpVxmlOutcome;

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
