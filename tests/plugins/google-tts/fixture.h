/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <fetcher.h>
#include <mcp/error.h>
#include <synthesizer.h>

#include "settings/settings.h"

G_BEGIN_DECLS

/** Fixture: the synthesizer in this process, and all that it speaks with in another. */
typedef struct {
    char *folder; /* temporary */
    GSubprocess *server;
    GDataInputStream *answers;
    guint relay; /* ports on 127.0.0.1 */
    guint plain;
    guint proxy;
    char *token_uri;
    McpClock *clock;
    McpPool *pool;
    McpHttpConfig *http;
    McpHttpFetcher *fetcher;
    McpSchema *schema;
    McpGoogleDeps deps;
    guint tokens[2]; /* refused, granted */
    gboolean left_alone;
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
/** fixture_tell: (transfer full): the server's answer to a command of server.py. */
char *fixture_tell(Fixture *fixture, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** fixture_count: a counter of the server's. */
guint fixture_count(Fixture *fixture, const char *what);
/** fixture_wait_count: runs the default context until the counter is @wanted; fails after 30 s. */
void fixture_wait_count(Fixture *fixture, const char *what, guint wanted);
/** fixture_expect_last: what the last request said contains @words, a part of its JSON. */
void fixture_expect_last(Fixture *fixture, const char *words);

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
/** fixture_wait_until: runs the default context until @condition holds; fails after 30 s. */
void fixture_wait_until(Fixture *fixture, gboolean (*condition)(gpointer), gpointer user_data);
/** spoken_clear: frees what it holds. */
void spoken_clear(Spoken *spoken);

/** audio_check: that @audio is what the server makes of @length characters at @rate Hz. */
void audio_check(McpAudio *audio, gsize length, guint rate);

G_END_DECLS
