/* SPDX-License-Identifier: Apache-2.0 */
/* The session as its files see it; the call's shard. */
#pragma once
#include "session.h"
#include "turn.h"

G_BEGIN_DECLS

/** McpVxmlMetric: rows of the plugin's table. */
typedef enum {
    MCP_VXML_METRIC_DIALOGS,
    MCP_VXML_METRIC_RUNNING,
    MCP_VXML_METRIC_PAGES,
    MCP_VXML_METRIC_EVENTS,
    MCP_VXML_METRIC_INPUTS,
    MCP_VXML_METRIC_MOVED,
    MCP_VXML_METRIC_TURN,
} McpVxmlMetric;

/** McpVxmlPiece: audio, or a mark between pieces of it. */
typedef struct {
    McpAudio *audio; /* nullable */
    char *mark;      /* nullable */
} McpVxmlPiece;

/** McpVxmlGroup: prompts that are played in one go. */
typedef struct {
    GPtrArray *pieces; /* McpVxmlPiece */
    GPtrArray *words;  /* char*: what each prompt says, or its URLs */
    gboolean barge_in;
    gboolean hotword;
} McpVxmlGroup;

typedef struct _McpVxmlCollection McpVxmlCollection;
typedef struct _McpVxmlRecorder McpVxmlRecorder;
typedef struct _McpVxmlTransferRun McpVxmlTransferRun;
typedef struct _McpVxmlWait McpVxmlWait;
typedef struct _McpVxmlPrefetcher McpVxmlPrefetcher;
typedef struct _McpVxmlAhead McpVxmlAhead;

/* What each kind of resource is asked for with: what is fetched ahead has to be found again. */
#define MCP_VXML_ACCEPT_PAGE \
    "application/voicexml+xml, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
#define MCP_VXML_ACCEPT_SCRIPT \
    "text/javascript, application/javascript, application/ecmascript, */*;q=0.1"
#define MCP_VXML_ACCEPT_AUDIO "audio/*, */*;q=0.1"
#define MCP_VXML_ACCEPT_DATA "application/xml, text/xml;q=0.9, */*;q=0.1"

struct _McpVxmlSession {
    GObject parent_instance;
    McpVxmlServices services;
    McpCall *call; /* nullable */
    McpLeg *leg;   /* nullable */
    char *url;
    char *method;
    GBytes *body;
    gint64 max_age;
    gint64 max_stale;
    char *variables;
    char *extra;
    gboolean no_media;
    McpVxmlDocument *first_document;
    McpVxmlDocument *first_root;
    McpVxmlInterpreter *interpreter;
    const McpVxmlAction *action; /* being carried out */
    GCancellable *cancellable;   /* of the action */
    McpVxmlCollection *collection;
    McpVxmlRecorder *recorder;
    McpVxmlTransferRun *transfer;
    McpVxmlWait *wait;             /* for a page or document, while something is heard */
    McpXmlDocument *data;          /* nullable: of <data>, came while something is heard */
    McpVxmlPrefetcher *prefetcher; /* nullable */
    McpVxmlAhead *ahead;           /* nullable */
    guint64 generation;            /* playing now; 0: nothing */
    char *mark;                    /* nullable: the last one that was reached for this input */
    gint64 mark_at;                /* monotonic µs */
    McpVxmlTurn turn;
    McpVxmlSecrets *secrets;
    GHashTable *reports;     /* char* label → GString: com.genesyslab.* of <log> */
    GQueue messages;         /* McpVxmlMessage: came while the machine ran elsewhere */
    McpTimer *message_timer; /* of <receive>, or behind <send> */
    char *next_recording;    /* nullable: order that waits for the end of the one before */
    gboolean call_recording;
    guint n_call_recordings;
    GHashTable *grammars; /* char* → McpGrammar*: those without a URL of their own */
    McpDialogEndFunc end_func;
    gpointer end_data;
    McpTimer *final_timer;
    guint n_recordings;
    guint n_pool_runs;
    guint64 serial;    /* of the action: what is late finds another one */
    McpDigit returned; /* ends one input, begins the next */
    gboolean has_returned;
    GTask *pool_task; /* nullable: waits for the pool, and for the penalty to be over */
    McpTimer *penalty_timer;
    McpVxmlDebugCall *debug_call; /* nullable */
    gboolean in_pool;
    gboolean hung_up;
    gboolean hangup_waits; /* for the machine to come back from the pool */
    gboolean ended;
};

/* driver.c */
/** mcp_vxml_session_resume: an action is done; the machine goes on. */
void mcp_vxml_session_resume(McpVxmlSession *session, const McpVxmlOutcome *outcome);
/** mcp_vxml_session_fail: the action came to an event. */
void mcp_vxml_session_fail(McpVxmlSession *session, const char *event, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* session.c */
const char *mcp_vxml_session_call_id(McpVxmlSession *session);
void mcp_vxml_session_count(McpVxmlSession *session, McpVxmlMetric metric, guint label);

void mcp_vxml_session_stop_media(McpVxmlSession *session);
void mcp_vxml_session_end_with(McpVxmlSession *session, gboolean failed, const char *reason);
void mcp_vxml_session_take_hangup(McpVxmlSession *session);
/** mcp_vxml_session_leg_event: McpLegFunc; @user_data is the session. */
void mcp_vxml_session_leg_event(McpLeg *leg, const McpLegEvent *event, gpointer user_data);

/* journal.c */
GHashTable *mcp_vxml_reports_new(void);
void mcp_vxml_session_flush_notes(McpVxmlSession *session);
void mcp_vxml_session_report(McpVxmlSession *session, McpEventType type, const char *what,
                             const char *key, const char *text);
void mcp_vxml_session_report_prompt(McpVxmlSession *session, const char *what, const char *key,
                                    const char *text);
/** mcp_vxml_session_shown: @input, or what stands for it while the page says it is private. */
const char *mcp_vxml_session_shown(McpVxmlSession *session, const char *input);
void mcp_vxml_session_report_input(McpVxmlSession *session, const char *what, const char *digits);

/* object_call.c */
void mcp_vxml_invoke_object(McpVxmlSession *session);

/* input_collection.c */
/** mcp_vxml_collection_hear: words that were recognized. */
void mcp_vxml_collection_hear(McpVxmlSession *session, const char *words, double confidence);
void mcp_vxml_collect(McpVxmlSession *session);
void mcp_vxml_collection_event(McpVxmlSession *session, const McpLegEvent *event);
void mcp_vxml_collection_free(McpVxmlSession *session);

/** mcp_vxml_flush_digits: forgets what was keyed so far. */
void mcp_vxml_flush_digits(McpVxmlSession *session);

/* playback.c */
void mcp_vxml_play(McpVxmlSession *session);
void mcp_vxml_play_event(McpVxmlSession *session, const McpLegEvent *event);

/** mcp_vxml_join_groups: (transfer none): the first of @groups, with all that follow in it. */
McpVxmlGroup *mcp_vxml_join_groups(GPtrArray *groups);

/* transfer.c */
void mcp_vxml_transfer(McpVxmlSession *session);
void mcp_vxml_transfer_event(McpVxmlSession *session, const McpLegEvent *event);
/** mcp_vxml_transfer_message: FALSE when there is nobody whom it could be for. */
gboolean mcp_vxml_transfer_message(McpVxmlSession *session, const char *content_type, GBytes *body);
void mcp_vxml_transfer_free(McpVxmlSession *session);

/* messaging.c */
void mcp_vxml_send_message(McpVxmlSession *session);
void mcp_vxml_await_message(McpVxmlSession *session);
/** mcp_vxml_take_message: one from the far side of the call. */
void mcp_vxml_take_message(McpVxmlSession *session, const char *content_type, GBytes *body);
/** mcp_vxml_deliver_messages: those that waited for the machine. */
void mcp_vxml_deliver_messages(McpVxmlSession *session);
void mcp_vxml_messages_clear(McpVxmlSession *session);

/* call_recording.c */
/** mcp_vxml_order_call_recording: "start …", "stop", "pause", "resume". */
void mcp_vxml_order_call_recording(McpVxmlSession *session, const char *order);
/** mcp_vxml_call_recording_event: TRUE when it was the end of such a recording. */
gboolean mcp_vxml_call_recording_event(McpVxmlSession *session, const McpLegEvent *event);

/* record.c */
void mcp_vxml_record(McpVxmlSession *session);
void mcp_vxml_record_event(McpVxmlSession *session, const McpLegEvent *event);
/** mcp_vxml_record_stop: the caller is gone; FALSE when nothing is being recorded. */
gboolean mcp_vxml_record_stop(McpVxmlSession *session);
void mcp_vxml_record_free(McpVxmlSession *session);

G_END_DECLS
