/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/call.h>
#include <mcp/contract/grammar.h>
#include <mcp/contract/tap.h>
#include <mcp/json.h>

G_BEGIN_DECLS

/**
 * The recognizer contract: what a caller says, against grammars. A recognition takes its audio from
 * a tap and ends with one event. Everything on the context that was thread-default when it was
 * begun (the call's shard).
 */
#define MCP_CONTRACT_RECOGNIZER "recognizer"
#define MCP_CONTRACT_RECOGNIZER_MAJOR 1
#define MCP_CONTRACT_RECOGNIZER_MINOR 1

/** McpRecognitionGrammar: one grammar of mode voice: compiled, and as the page has it. */
typedef struct {
    McpGrammar *grammar;      /* of the grammar service; kept by reference */
    const char *uri;          /* nullable */
    const char *text;         /* nullable: inline; one of the two is there */
    const char *content_type; /* nullable */
    const char *base;         /* nullable: base URL of references and of @uri */
    const char *language;     /* nullable: BCP 47 */
    double weight;            /* against the others; 0: 1 */
} McpRecognitionGrammar;

/** McpRecognitionRequest: what to listen for. Everything is copied or referenced. Times are µs. */
typedef struct {
    McpTap *tap; /* of mcp_recognizer_get_format(); only the recognition reads it */
    const McpRecognitionGrammar *grammars; /* in order of precedence */
    guint n_grammars;
    const char *language;      /* nullable: BCP 47 */
    gboolean hotword;          /* what does not match was not said (VoiceXML 2.0 §4.1.5.1) */
    guint n_best;              /* hypotheses wanted at most; 0: 1 */
    double confidence;         /* 0…1: below it is no match */
    double sensitivity;        /* 0…1; 0.5: for most lines */
    double accuracy;           /* 0: fast … 1: exact; 0.5 */
    gint64 complete_timeout;   /* silence that ends what a grammar matches; 0: its own */
    gint64 incomplete_timeout; /* silence that ends what none does yet; 0: its own */
    gint64 max_speech;         /* longest speech; 0: its own */
    GHashTable *parameters;    /* nullable: char* → char*: the provider's own, by property */
    McpCall *call;             /* nullable */
    const char *engines;       /* nullable: those that may listen, the preferred one first */
} McpRecognitionRequest;

/** McpRecognitionEventType: the ones from MATCH on end a recognition. */
typedef enum {
    MCP_RECOGNITION_SPEECH,   /* somebody began to speak at @time; need not come with hotword */
    MCP_RECOGNITION_PARTIAL,  /* the first hypothesis so far */
    MCP_RECOGNITION_MATCH,    /* hypotheses, the best one first */
    MCP_RECOGNITION_NO_MATCH, /* hypotheses that are not good enough, or none */
    MCP_RECOGNITION_TOO_LONG, /* max_speech is over */
    MCP_RECOGNITION_FAILED,   /* @error; see @elsewhere */
} McpRecognitionEventType;

/** McpHypothesis: what may have been said. */
typedef struct {
    const char *words;          /* blank-separated */
    double confidence;          /* 0…1 */
    gint grammar;               /* index in the request; -1: the grammar service is to say */
    const char *interpretation; /* nullable: JSON, of an engine that has run the tags itself */
} McpHypothesis;

/** McpRecognitionEvent: valid during the callback. */
typedef struct {
    McpRecognitionEventType type;
    const McpHypothesis *hypotheses;
    guint n_hypotheses;
    gint64 time;         /* monotonic µs: SPEECH: its begin; those that end: its end, 0: unknown */
    const GError *error; /* FAILED: MCP_ERROR_INVALID (grammar), UNSUPPORTED, TIMEOUT, LIMIT … */
    gboolean elsewhere;  /* FAILED: another provider may do better */
} McpRecognitionEvent;

#define MCP_TYPE_RECOGNITION (mcp_recognition_get_type())
G_DECLARE_INTERFACE(McpRecognition, mcp_recognition, MCP, RECOGNITION, GObject)
#define MCP_TYPE_RECOGNIZER (mcp_recognizer_get_type())
G_DECLARE_INTERFACE(McpRecognizer, mcp_recognizer, MCP, RECOGNIZER, GObject)

/** McpRecognitionFunc: never before mcp_recognizer_begin() has returned. */
typedef void (*McpRecognitionFunc)(McpRecognition *recognition, const McpRecognitionEvent *event,
                                   gpointer user_data);

/** McpRecognitionInterface: members as the functions of the same names. */
struct _McpRecognitionInterface {
    GTypeInterface parent_iface;
    void (*stop)(McpRecognition *self);
};

/** McpRecognizerInterface: members as the functions of the same names. */
struct _McpRecognizerInterface {
    GTypeInterface parent_iface;
    void (*get_format)(McpRecognizer *self, McpTapParams *out_params);
    McpRecognition *(*begin)(McpRecognizer *self, const McpRecognitionRequest *request,
                             McpRecognitionFunc func, gpointer user_data);
    void (*describe)(McpRecognizer *self, McpJson *json);
};

/** mcp_recognizer_get_format: the audio it takes; what was said comes from @source. Any thread. */
void mcp_recognizer_get_format(McpRecognizer *recognizer, McpTapParams *out_params);
/**
 * mcp_recognizer_begin: (transfer full): listens from now on. What goes wrong at once comes as
 * FAILED, too. Speech and silence are told by the recognizer; how long nobody says anything is the
 * caller's to watch.
 */
McpRecognition *mcp_recognizer_begin(McpRecognizer *recognizer,
                                     const McpRecognitionRequest *request, McpRecognitionFunc func,
                                     gpointer user_data);
/** mcp_recognizer_describe: adds its state to an open object, if it has something to say. */
void mcp_recognizer_describe(McpRecognizer *recognizer, McpJson *json);
/**
 * mcp_recognition_request_copy: (transfer full): @request with strings and grammars of its own, but
 * without its tap and @engines; for providers, whose callers keep nothing.
 * @grammars: (nullable): of the compiled grammars; NULL: they are left out
 */
McpRecognitionRequest *mcp_recognition_request_copy(const McpRecognitionRequest *request,
                                                    McpGrammarEngine *grammars);
/** mcp_recognition_request_free: frees a copy; @grammars as it was made with. */
void mcp_recognition_request_free(McpRecognitionRequest *request, McpGrammarEngine *grammars);
/** mcp_recognition_stop: no event comes any more, and the tap is not read; as often as wanted. */
void mcp_recognition_stop(McpRecognition *recognition);

G_END_DECLS
