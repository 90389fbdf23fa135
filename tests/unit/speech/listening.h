/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "recognizer.h"
#include "support.h"
#include "voice_tap.h"

/** Listening: a recognizer with the grammar plugin's engine. */
typedef struct {
    Fixture grammars;
    McpSphinxConfig config;
    McpSphinxRecognizer *recognizer;
} Listening;

/** Listener: one recognition, what is said to it, and what it told. */
typedef struct {
    Listening *listening;
    VoiceTap *tap;
    GPtrArray *grammars; /* McpGrammar */
    McpRecognitionRequest request;
    McpRecognition *recognition;
    char *voice;
    char *text;
    gboolean begun;
    guint speech;
    guint partials;
    guint ends;
    guint stop_at; /* stops itself at this event, counted from 1 */
    guint events;
    McpRecognitionEventType end;
    char *words; /* of the first hypothesis at the end; "" */
    double confidence;
    gint grammar;
    gint64 speech_time;
    gint64 end_time;
    GError *error;
    gboolean elsewhere;
} Listener;

#define VOICE(body)                                                                            \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' xml:lang='en' root='r'>" \
    "<rule id='r' scope='public'>" body "</rule></grammar>"

void listening_set_up(Listening *l, gconstpointer data);
void listening_tear_down(Listening *l, gconstpointer data);

/** listener_new: for @text, an SRGS grammar; the caller breathes in first. */
Listener *listener_new(Listening *l, const char *text);
void listener_add_grammar(Listener *self, const char *text);
void listener_say(Listener *self, const char *voice, const char *text, double stretch);
void listener_begin(Listener *self);
/** listener_wait: until it has ended; fails after two minutes. */
void listener_wait(Listener *self);
void listener_free(Listener *self);
/** run_for: runs the context for @ms. */
void run_for(guint ms);
