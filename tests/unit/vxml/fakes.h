/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins of the contracts that a VoiceXML session uses, in memory and on a virtual clock: pages
 * from folders, words instead of speech, a leg whose caller is the test. One thread.
 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/fetcher.h>
#include <mcp/contract/grammar.h>
#include <mcp/contract/media.h>
#include <mcp/contract/object.h>
#include <mcp/contract/recognizer.h>
#include <mcp/contract/store.h>
#include <mcp/contract/synthesizer.h>
#include <mcp/error.h>

#include "dialler.h"

G_BEGIN_DECLS

/* ---- fetcher: URLs below a base are files of some folders; the rest is 404 ---- */
#define FAKE_TYPE_FETCHER (fake_fetcher_get_type())
G_DECLARE_FINAL_TYPE(FakeFetcher, fake_fetcher, FAKE, FETCHER, GObject)
FakeFetcher *fake_fetcher_new(const char *base);
void fake_fetcher_add_folder(FakeFetcher *fetcher, const char *folder);
/** fake_fetcher_add_page: a page from memory; @path is relative to the base. */
void fake_fetcher_add_page(FakeFetcher *fetcher, const char *path, const char *text);
/** fake_fetcher_add_status: answers @path with an HTTP status; 0: a time-out. */
void fake_fetcher_add_status(FakeFetcher *fetcher, const char *path, guint status);
/** fake_fetcher_add_silence: @path answers when the fetch is cancelled, not before. */
void fake_fetcher_add_silence(FakeFetcher *fetcher, const char *path);
/** fake_fetcher_add_refusal: nobody may have @path. */
void fake_fetcher_add_refusal(FakeFetcher *fetcher, const char *path);
/** fake_fetcher_add_delay: @path answers after @delay µs of @clock. */
void fake_fetcher_add_delay(FakeFetcher *fetcher, const char *path, McpClock *clock, gint64 delay);
/** fake_fetcher_get_cancelled: how many fetches that were silent have been cancelled. */
guint fake_fetcher_get_cancelled(FakeFetcher *fetcher);
/** fake_fetcher_asked: how often @path was asked for. */
guint fake_fetcher_asked(FakeFetcher *fetcher, const char *path);
/** fake_fetcher_get_log: "GET URL" or "POST URL BODY" of each request. */
GPtrArray *fake_fetcher_get_log(FakeFetcher *fetcher);
/** fake_fetcher_get_requests: each with its rules: "GET a.vxml maxage=0 timeout=7000ms". */
GPtrArray *fake_fetcher_get_requests(FakeFetcher *fetcher);

/* ---- synthesizer: audio whose bytes are the words ---- */
#define FAKE_TYPE_SYNTHESIZER (fake_synthesizer_get_type())
G_DECLARE_FINAL_TYPE(FakeSynthesizer, fake_synthesizer, FAKE, SYNTHESIZER, GObject)
FakeSynthesizer *fake_synthesizer_new(void);
/** fake_synthesizer_asked: engines and parameter com.example.speed of the last request of all. */
extern char fake_synthesizer_asked[64];
/** fake_synthesizer_said: the texts of the requests since it was emptied: "one|two|". */
extern char fake_synthesizer_said[256];

/* ---- media: all audio can be played but what is empty or of type text/ ---- */
#define FAKE_TYPE_MEDIA (fake_media_get_type())
G_DECLARE_FINAL_TYPE(FakeMedia, fake_media, FAKE, MEDIA, GObject)
FakeMedia *fake_media_new(void);

/* ---- store: objects in memory; any thread ---- */
#define FAKE_STORE_BUFFER (4 << 20) /* bytes that an object may have */
#define FAKE_TYPE_STORE (fake_store_get_type())
G_DECLARE_FINAL_TYPE(FakeStore, fake_store, FAKE, STORE, GObject)
FakeStore *fake_store_new(void);

/* ---- leg: each audio lasts a second unless it is told otherwise ---- */
#define FAKE_TYPE_LEG (fake_leg_get_type())
G_DECLARE_FINAL_TYPE(FakeLeg, fake_leg, FAKE, LEG, GObject)

/** FakeLegFunc: the platform waits in silence for the caller. */
typedef void (*FakeLegFunc)(FakeLeg *leg, gpointer user_data);

FakeLeg *fake_leg_new(McpClock *clock);
void fake_leg_on_wait(FakeLeg *leg, FakeLegFunc func, gpointer user_data);
/** fake_leg_press: the caller presses a key now. */
void fake_leg_press(FakeLeg *leg, char digit);
/** fake_leg_speak: the caller begins to speak, or is silent again. */
void fake_leg_speak(FakeLeg *leg, gboolean speaks);
/** fake_leg_set_speech: how long the caller speaks into a recording, µs; 0: says nothing. */
void fake_leg_set_speech(FakeLeg *leg, gint64 duration);
/** fake_leg_set_pace: how long each audio lasts, µs. */
void fake_leg_set_pace(FakeLeg *leg, gint64 duration);
/** fake_leg_get_heard: what was played, in order: words, or the name of what is no text. */
GPtrArray *fake_leg_get_heard(FakeLeg *leg);
/** fake_audio_name: (transfer full): what bytes that are no text are called there. */
char *fake_audio_name(GBytes *bytes);
/** fake_leg_get_last: index in the list above where the last wait began. */
guint fake_leg_get_last(FakeLeg *leg);

/* ---- whom transfers call ---- */
typedef struct _FakeDialler FakeDialler;
/** FakeLeaveFunc: the call of the caller is to end. */
typedef void (*FakeLeaveFunc)(gpointer user_data);
/** fake_dialler: its data is a FakeDialler. */
extern const McpVxmlDialler fake_dialler;
FakeDialler *fake_dialler_new(McpClock *clock);
void fake_dialler_free(FakeDialler *dialler);
/**
 * fake_dialler_set_script: what a party does, by the time since it was called, in s: "1 ringing;
 * 2 answer; 5 bye", "0 486"; and how a REFER goes: "refer 202 486". A target with "forbidden" may
 * not be called.
 */
void fake_dialler_set_script(FakeDialler *dialler, const char *script);
void fake_dialler_on_leave(FakeDialler *dialler, FakeLeaveFunc func, gpointer user_data);
/** fake_dialler_get_log: "dial URI", "join", "press 1", "hang-up", "refer URI", "leave" … */
GPtrArray *fake_dialler_get_log(FakeDialler *dialler);

/* ---- recognizer: one recognition at a time ---- */
#define FAKE_TYPE_RECOGNIZER (fake_recognizer_get_type())
G_DECLARE_FINAL_TYPE(FakeRecognizer, fake_recognizer, FAKE, RECOGNIZER, GObject)
/** FakeRequest: what a recognition was asked with, as McpRecognitionRequest. */
typedef struct {
    guint n_grammars;
    double weight; /* of the first one */
    gboolean hotword;
    guint n_best;
    double confidence;
    double sensitivity;
    double accuracy;
    gint64 complete_timeout;
    gint64 incomplete_timeout;
    gint64 max_speech;
    char engines[64];
    char speed[16]; /* parameter com.example.speed */
} FakeRequest;
FakeRecognizer *fake_recognizer_new(void);
/** fake_recognizer_say: it makes @hypotheses of what is said; FALSE: it does not listen. */
gboolean fake_recognizer_say(FakeRecognizer *recognizer, McpRecognitionEventType type,
                             const McpHypothesis *hypotheses, guint n_hypotheses);
/** fake_recognizer_end: as @type, with an error of @code; FALSE: it does not listen. */
gboolean fake_recognizer_end(FakeRecognizer *recognizer, McpRecognitionEventType type,
                             McpError code);
/** fake_recognizer_get_begun: how many recognitions there were. */
guint fake_recognizer_get_begun(const FakeRecognizer *recognizer);
/** fake_recognizer_get_asked: (nullable): the last request. */
const FakeRequest *fake_recognizer_get_asked(const FakeRecognizer *recognizer);
/** fake_recognizer_listen: takes the one frame of its tap, if that may be heard by now. */
void fake_recognizer_listen(FakeRecognizer *recognizer);
/** fake_recognizer_get_heard: "+" or "-" for each time that it listened. */
const char *fake_recognizer_get_heard(const FakeRecognizer *recognizer);
McpTap *fake_tap_new(void);

/* ---- object: gives back what it was asked with; MCP_ERROR_INVALID for a "bad" parameter ---- */
#define FAKE_TYPE_OBJECT (fake_object_get_type())
G_DECLARE_FINAL_TYPE(FakeObject, fake_object, FAKE, OBJECT, GObject)
FakeObject *fake_object_new(void);

/* ---- grammar engine: finite DTMF grammars, spelt out, and builtin digits and boolean ---- */
#define FAKE_TYPE_GRAMMAR_ENGINE (fake_grammar_engine_get_type())
G_DECLARE_FINAL_TYPE(FakeGrammarEngine, fake_grammar_engine, FAKE, GRAMMAR_ENGINE, GObject)
FakeGrammarEngine *fake_grammar_engine_new(McpFetcher *fetcher);

G_END_DECLS
