/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stand.h>
#include <synthesizer.h>

G_BEGIN_DECLS

/** Fixture: the synthesizer in this process, and all that it speaks with in another. */
typedef struct {
    Stand stand;
    McpGoogleDeps deps;
    McpGoogleSynthesizer *synthesizer; /* NULL until fixture_open() */
} Fixture;

/** Spoken: what one request came to. */
typedef struct {
    McpAudio *audio;
    GError *error;
    gboolean done;
} Spoken;

/** fixture_set_up: starts the server, whose relay is there unless @absent is "absent". */
void fixture_set_up(Fixture *fixture, gconstpointer absent);
/** fixture_tear_down: stops everything; fails when the library's threads do not end. */
void fixture_tear_down(Fixture *fixture, gconstpointer unused);
/** fixture_config: (transfer full): settings of @lines; those of the tests without. */
McpGoogleConfig *fixture_config(Fixture *fixture, const char *lines);
/** fixture_open: makes the synthesizer with a service account over TLS by way of the relay, and
 * further @lines of settings. */
void fixture_open(Fixture *fixture, const char *lines);
/** fixture_open_with: makes it with these @lines alone. */
void fixture_open_with(Fixture *fixture, const char *lines);

/** fixture_start: asks; @spoken is filled when it ends. */
void fixture_start(Fixture *fixture, const McpSynthesisRequest *request, GCancellable *cancellable,
                   Spoken *spoken);
/** fixture_wait: runs the default context until @spoken is done; fails after 30 s. */
void fixture_wait(Fixture *fixture, Spoken *spoken);
/** fixture_speak: asks and waits. */
void fixture_speak(Fixture *fixture, const McpSynthesisRequest *request, Spoken *spoken);
/** fixture_say: plain text at 8000 Hz in the settings' language, which must be spoken. */
McpAudio *fixture_say(Fixture *fixture, const char *text);
/** fixture_fail: plain text that must fail so. */
void fixture_fail(Fixture *fixture, const char *text, McpError code, const char *words);
/** spoken_clear: frees what it holds. */
void spoken_clear(Spoken *spoken);

/** audio_check: that @audio is what the server makes of @length characters at @rate Hz. */
void audio_check(McpAudio *audio, gsize length, guint rate);

G_END_DECLS
