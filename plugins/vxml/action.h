/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine asks of the outside: actions. Values that belong to the machine. Times are µs.
 */
#pragma once
#include <mcp/contract/grammar.h>
#include <mcp/contract/leg.h>

#include "document.h"
#include "fetch.h"

G_BEGIN_DECLS

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

/** McpVxmlEngines: what a page tells speech engines by properties (VoiceXML 2.0 §6.3.1). */
typedef struct {
    char *names;            /* nullable: those to be asked, the preferred one first */
    GHashTable *parameters; /* nullable: char* → char*: properties of vendors */
} McpVxmlEngines;

/** McpVxmlPrompt: one queued prompt, evaluated. */
typedef struct {
    GPtrArray *segments; /* McpVxmlSegment */
    gboolean barge_in;
    gboolean hotword; /* bargeintype */
    gint64 timeout;   /* -1: not said */
    char *language;   /* nullable */
    McpVxmlEngines engines;
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
    double weight;      /* of mode voice, against the others (§3.1.1.4); 0: 1 */
    const char *event;  /* nullable: of a universal grammar, which has no owner: what it throws */
} McpVxmlActiveGrammar;

/** McpVxmlSpeechTuning: the properties for recognizers (VoiceXML 2.0 §6.3.2), µs; 0: its own. */
typedef struct {
    double confidence;
    double sensitivity;
    double accuracy;
    gint64 complete_timeout;
    gint64 incomplete_timeout;
    gint64 max_speech;
    guint n_best;
    McpVxmlEngines engines;
} McpVxmlSpeechTuning;

/** McpVxmlInputTiming: the properties that rule input (VoiceXML 2.0 §6.3), µs. */
typedef struct {
    gint64 timeout;
    gint64 interdigit;
    gint64 term_timeout;
    char term_char; /* 0: none */
    gboolean dtmf;  /* inputmodes allows keys */
    gboolean voice; /* inputmodes allows speech */
    McpVxmlSpeechTuning speech;
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
    /* COLLECT, RECORD, PLAY, TRANSFER, what has fetch_audio: McpVxmlPrompt */
    GPtrArray *prompts;
    GPtrArray *fetch_audio;     /* PAGE, DATA, RECEIVE: McpVxmlPrompt heard meanwhile; nullable */
    gint64 fetch_audio_delay;   /* µs until it begins */
    gint64 fetch_audio_minimum; /* µs for which it is heard once it has begun */
    GPtrArray *prefetch;        /* COLLECT, RECORD, PLAY: McpVxmlPrefetch, once a page; nullable */
    GPtrArray *next_prompts;    /* COLLECT, RECORD: McpVxmlPrompt that come next, maybe; nullable */
    /* COLLECT, RECORD, TRANSFER: McpVxmlActiveGrammar, by precedence */
    GPtrArray *grammars;
    McpVxmlInputTiming timing;  /* COLLECT, RECORD, TRANSFER */
    McpVxmlTransfer transfer;   /* TRANSFER */
    McpVxmlRecording recording; /* RECORD */
    gboolean record_utterance;  /* COLLECT: what is said is kept, in recording.format */
    McpVxmlSend send;           /* SEND */
    gint64 max_time;            /* RECEIVE: µs; -1: without end */
    gboolean private;           /* COLLECT, RECORD: the input must not be told */
    McpVxmlEnd end;             /* END */
} McpVxmlAction;

G_END_DECLS
