/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "caller_tap.h"

#include <recognizer.h>
#include <stand.h>
#include <support.h>

G_BEGIN_DECLS

#define VOICE(body)                                                                            \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' xml:lang='en' root='r'>" \
    "<rule id='r' scope='public'>" body "</rule></grammar>"
#define YES_NO VOICE("<one-of><item>yes</item><item>no</item></one-of>")

/** Asr: the recognizer in this process, and all that it works with. */
typedef struct {
    Stand stand;
    Fixture grammars;
    McpGoogleAsrDeps deps;
    McpGoogleAsrRecognizer *recognizer; /* NULL until asr_open() */
    guint rate;                         /* of its taps */
} Asr;

/** Turn: one recognition, who speaks to it, and what it told. */
typedef struct {
    Asr *asr;
    CallerTap *tap;
    GPtrArray *grammars; /* McpGrammar */
    McpRecognitionRequest request;
    McpRecognition *recognition;
    gboolean begun;
    guint stop_at; /* stops itself at this event, counted from 1 */
    guint events;
    guint speech;
    guint partials;
    guint ends;
    char *partial; /* the last one */
    McpRecognitionEventType end;
    GPtrArray *words; /* at the end: of each hypothesis "words confidence grammar interpretation" */
    gint64 times[2];  /* of SPEECH and of the end */
    GError *error;
    gboolean elsewhere;
} Turn;

/** asr_set_up: starts the server, whose relay is there unless @absent is "absent". */
void asr_set_up(Asr *asr, gconstpointer absent);
/** asr_tear_down: stops everything; fails when something does not end. */
void asr_tear_down(Asr *asr, gconstpointer unused);
/** asr_config: (transfer full): settings of @lines; those of the tests without. */
McpGoogleAsrConfig *asr_config(Asr *asr, const char *lines);
/** asr_open: makes the recognizer with a service account over TLS by way of the relay, and further
 * @lines of settings. */
void asr_open(Asr *asr, const char *lines);
/** asr_open_with: makes it with these @lines alone. */
void asr_open_with(Asr *asr, const char *lines);
/** asr_say: what is understood from now on; see service.py. */
void asr_say(Asr *asr, const char *what);
/** asr_fault: what goes wrong next; see service.py. */
void asr_fault(Asr *asr, const char *what);
/** asr_expect_audio: stream @number has heard what @turn's caller said from @from ms, for @ms. */
void asr_expect_audio(Asr *asr, guint number, Turn *turn, guint from, guint ms);

/** turn_new: for @grammar, an SRGS grammar; a caller who says nothing yet. */
Turn *turn_new(Asr *asr, const char *grammar);
void turn_add_grammar(Turn *turn, const char *grammar);
/** turn_be_patient: no pause ends it, however long a busy machine makes it. */
void turn_be_patient(Turn *turn);
void turn_begin(Turn *turn);
/** turn_utter: a pause, speech and a pause that ends it, all at once. */
void turn_utter(Turn *turn);
/** turn_wait: until it has ended; fails after 30 s. */
void turn_wait(Turn *turn);
/** turn_wait_for: until a counter of its own is @wanted. */
void turn_wait_for(Turn *turn, const guint *counter, guint wanted);
/** turn_expect: it ended so, the best hypothesis being @words. */
void turn_expect(Turn *turn, McpRecognitionEventType end, const char *words);
/** turn_expect_failure: it ended so; another recognizer may do better. */
void turn_expect_failure(Turn *turn, McpError code, const char *words);
void turn_free(Turn *turn);
/** asr_hear: a turn of YES_NO from begin to end. */
Turn *asr_hear(Asr *asr);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Turn, turn_free)

G_END_DECLS
