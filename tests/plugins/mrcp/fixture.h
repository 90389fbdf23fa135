/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/recognizer.h>
#include <mcp/contract/synthesizer.h>
#include <mcp/error.h>

#include "server/core.h"

G_BEGIN_DECLS

/**
 * What the tests of the plugin share: speech servers in Python (peers/), a real core with the
 * plugins sip, media and mrcp as they are built, and callers. Everything on the default context.
 */

/** Server: a process of peers/server.py, or peers/replay.py. */
typedef struct {
    const char *name;
    char *folder;
    GSubprocess *process;
    char *ports;      /* JSON */
    gboolean replays; /* it ends by itself */
} Server;

/** server_start: one that does what the JSON @script says; %NULL: everything right. */
void server_start(Server *server, const char *name, const char *script);
/** server_start_at: the same at @port for @what, "rtsp" or "sip". */
void server_start_at(Server *server, const char *name, const char *script, const char *what,
                     guint port);
/** server_replay: the server of the capture @file, five times as fast, until the capture ends. */
void server_replay(Server *server, const char *file);
/** server_port: of what: "sip", "rtsp". */
guint server_port(const Server *server, const char *what);
/** server_target: (transfer full): settings: its target as a server of @version, not probed. */
char *server_target(const Server *server, guint version);
/** server_end: (transfer full): its report. That the client did nothing wrong, and left no session
 * behind, is part of it. */
char *server_end(Server *server);
/** server_end_by: (transfer full): the same of one that has broken connections itself. */
char *server_end_by(Server *server);
/** server_kill: it dies at once. */
void server_kill(Server *server);
/** server_wait_report: until its report, written at the end of each session, has @words. */
void server_wait_report(const Server *server, const char *words);
/** count_words: how often @text has @words. */
guint count_words(const char *text, const char *words);
/** number_of: what stands behind @key in @report, the largest if there are several; 0: none. */
guint number_of(const char *report, const char *key);
/** requests_of: how many requests @method of MRCP a report has. */
guint requests_of(const char *report, const char *method);

/** unused_port: a TCP port of loopback on which nobody listened just now. */
guint unused_port(void);

/** Platform: a core with the plugins. */
typedef struct {
    McpCore *core;
    McpClock *clock;
    char *folder;
    McpRecognizer *recognizer;   /* NULL: no server has it */
    McpSynthesizer *synthesizer; /* NULL: no server has it */
    guint descriptors;           /* that are open */
} Platform;

/** platform_open: with @format, lines of settings after those that every test has. */
void platform_open(Platform *platform, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** platform_open_with: with @lines, and the plugins @more, ", a, b", besides. */
void platform_open_with(Platform *platform, const char *more, const char *lines);
/** platform_open_one: with @server, in @version, as its only one; @more: lines of its section. */
void platform_open_one(Platform *platform, const Server *server, guint version, const char *more);
/** platform_open_two: @first, which is always asked first, and @second; @more: lines of @first. */
void platform_open_two(Platform *platform, const Server *first, const Server *second, guint version,
                       const char *more);
/** platform_refuse: (transfer full): why it does not start with these lines. */
char *platform_refuse(const char *format, ...) G_GNUC_PRINTF(1, 2);
/** platform_close: fails when a session, a port or any object is left. */
void platform_close(Platform *platform);
/** platform_settle: waits until the descriptors and sessions of turns are gone. */
void platform_settle(Platform *platform);

typedef gboolean (*Waiting)(gpointer user_data);
/** wait_until: runs the default context until @condition holds; fails after 60 s. */
void wait_until(Waiting condition, gpointer user_data, const char *what);
/** run_for: runs the default context for @ms, for what must not come. */
void run_for(guint ms);

#define YES_NO                                                                                     \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' mode='voice' xml:lang='en' " \
    "root='r'><rule id='r'><one-of><item>yes</item><item>no</item></one-of></rule></grammar>"

/** Turn: one recognition: what it is asked for, and what was told. */
typedef struct {
    McpRecognitionRequest request; /* set what a test wants otherwise before turn_begin() */
    McpRecognitionGrammar grammars[2];
    McpRecognition *recognition;
    gboolean heard; /* SPEECH came */
    gboolean over;
    McpRecognitionEventType end;
    char *words; /* of the best hypothesis */
    char *interpretation;
    double confidence;
    guint n;
    gint grammar;
    GError *error;
    gboolean elsewhere;
} Turn;

/** turn_init: a caller who says something, and an inline grammar. */
void turn_init(Turn *turn);
/** turn_begin: listens. */
void turn_begin(Turn *turn, Platform *platform);
/** turn_wait: until it is over. */
void turn_wait(Turn *turn);
/** turn_wait_heard: until somebody was heard to speak. */
void turn_wait_heard(Turn *turn);
/** turn_run: from begin to end. */
void turn_run(Turn *turn, Platform *platform);
/** turn_clear: ends it. */
void turn_clear(Turn *turn);

/** Prompt: one synthesis. */
typedef struct {
    McpAudio *audio; /* NULL: @error */
    GError *error;
    gboolean done;
} Prompt;

/** prompt_ask: asks for @text, which is SSML if it begins with "<". */
void prompt_ask(Prompt *prompt, Platform *platform, const char *text);
/** prompt_wait: until there is audio, or an error. */
void prompt_wait(Prompt *prompt);
/** prompt_wait_end: until the audio does not grow any more. */
void prompt_wait_end(Prompt *prompt);
/** prompt_clear: drops the audio. */
void prompt_clear(Prompt *prompt);
/** prompt_level: the loudest sample of the audio as far as it is there; and how long that is. */
guint prompt_level(Prompt *prompt, guint *out_ms);

G_END_DECLS
