/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one VoiceXML session against the fakes on a virtual clock. One thread. */
#pragma once
#include "fakes.h"
#include "session.h"

G_BEGIN_DECLS

/** SessionRun: the world of one session. */
typedef struct {
    McpClock *clock;
    FakeFetcher *fetcher;
    FakeLeg *leg;
    FakeDialler *dialler;
    McpVxmlConfig *config;
    McpGrammarEngine *grammar;  /* a fake one until it is replaced */
    FakeRecognizer *recognizer; /* nullable: nobody understands what is said */
    McpPool *compute;           /* nullable: heavy sessions stay where they are */
    gboolean hangup_in_pool;    /* the caller hangs up the first time it is */
    McpVxmlSession *session;
    gint64 limit;        /* µs of virtual time after which a session counts as hung */
    const char *without; /* nullable: names of services that are not running */
    gint64 lasted;       /* µs of virtual time from the first page to the end */
    gboolean ended;
    gboolean refused;
    gboolean failed;
    char *reason;      /* how it ended, or why it was refused */
    char *result;      /* nullable: JSON */
    char *body;        /* nullable */
    GPtrArray *sent;   /* char*: "TYPE BODY" of what the page sent to the caller */
    const char *extra; /* nullable: JSON of session.com */
    char *state;       /* nullable: its description at the end */
    McpEvents *events;
    guint subscription;
    GPtrArray *told; /* char*: events as JSON lines */
    GPtrArray *timers;
} SessionRun;

/** session_run_new: (transfer full): pages live below http://localhost/vxml/. */
SessionRun *session_run_new(void);
void session_run_free(SessionRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionRun, session_run_free)

/**
 * session_run_script: "500ms 1; 1s say one two; 2s hangup; 0s silent; 1s info a/b text" from the
 * start on. "say 0.7 red | 0.6 read => 5": the recognizer is not sure, and has read the second
 * itself; "mumble 0.3 red": it takes it for no match.
 */
void session_run_script(SessionRun *run, const char *script);
/** session_run_far: what a party does that is called; as fake_dialler_set_script(). */
void session_run_far(SessionRun *run, const char *script);
/**
 * session_run_obey: the caller does what the last prompt asks: Press '1'. Say 'london'. Hang up
 * now.
 */
void session_run_obey(SessionRun *run);
/** session_run: runs @page to its end. FALSE when it was refused or hung. */
gboolean session_run(SessionRun *run, const char *page);
/** session_run_told: whether an event has @text in its JSON line. */
gboolean session_run_told(SessionRun *run, const char *text);
/** session_run_heard: whether @words were played. */
gboolean session_run_heard(SessionRun *run, const char *words);

G_END_DECLS
