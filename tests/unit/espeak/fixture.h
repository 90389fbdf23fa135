/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/error.h>
#include <synthesizer.h>

#include "settings/settings.h"

G_BEGIN_DECLS

/**
 * Fixture: the synthesizer on the default context, with a clock that stands still: nothing is late
 * unless a test says so.
 */
typedef struct {
    char *folder; /* temporary */
    char *notes;  /* a file of worker.py */
    McpClock *clock;
    McpSchema *schema;
    McpEspeakSynthesizer *synthesizer;
    guint ready;  /* how often a worker was ready */
    guint failed; /* how often there was none */
    char *why;    /* nullable: of the last time */
} Fixture;

/** Spoken: what one request came to. */
typedef struct {
    McpAudio *audio;
    GError *error;
    gboolean done;
    gboolean kept;
} Spoken;

void fixture_set_up(Fixture *fixture, gconstpointer unused);
/** fixture_tear_down: fails when a process or a descriptor is left. */
void fixture_tear_down(Fixture *fixture, gconstpointer unused);
/** fixture_clear: after fixture_close(), where others have descriptors too. */
void fixture_clear(Fixture *fixture);
/** fixture_config: (transfer full): settings of @lines with @program as the worker. */
McpEspeakConfig *fixture_config(Fixture *fixture, const char *program, const char *lines);
/** fixture_open: makes the synthesizer, and waits until a worker is ready or none will be. */
void fixture_open(Fixture *fixture, const char *program, const char *lines);
/** fixture_begin: makes it, and does not wait. */
void fixture_begin(Fixture *fixture, const char *program, const char *lines);
/** fixture_close: as the plugin stops. */
void fixture_close(Fixture *fixture);
/** fixture_count: a number that describe() tells. */
guint fixture_count(Fixture *fixture, const char *name);
/** fixture_noted: how many lines of worker.py are @what. */
guint fixture_noted(Fixture *fixture, const char *what);
/** fixture_advance: moves the clock on, and runs what is due. */
void fixture_advance(Fixture *fixture, gint64 delta);

void fixture_start(Fixture *fixture, const McpSynthesisRequest *request, GCancellable *cancellable,
                   Spoken *spoken);
/** fixture_start_text: plain text, in English. */
void fixture_start_text(Fixture *fixture, const char *text, Spoken *spoken);
void fixture_wait(Spoken *spoken);
/** fixture_wait_end: runs the default context until @audio has its end; how it ended. */
void fixture_wait_end(McpAudio *audio, GError **error);
/** fixture_heard: (transfer full): what @audio has so far. */
GBytes *fixture_heard(McpAudio *audio);
/** fixture_wait_until: runs the default context until @condition holds; fails after a minute. */
void fixture_wait_until(gboolean (*condition)(gpointer), gpointer user_data);
/** fixture_wait_count: until describe() tells this @number, or worker.py has noted so many. */
void fixture_wait_count(Fixture *fixture, const char *name, guint number);
void fixture_wait_noted(Fixture *fixture, const char *what, guint number);
/** fixture_speak: asks, and waits until all is said. */
void fixture_speak(Fixture *fixture, const McpSynthesisRequest *request, Spoken *spoken);
/** fixture_say: (transfer full): all of what must be spoken of plain text in @language. */
GBytes *fixture_say(Fixture *fixture, const char *text, const char *language);
/** fixture_say_ssml: (transfer full): the same of a document. */
GBytes *fixture_say_ssml(Fixture *fixture, const char *document);
/** spoken_clear: frees what it holds. */
void spoken_clear(Spoken *spoken);

G_END_DECLS
