/* SPDX-License-Identifier: Apache-2.0 */
/* What a test may say beside its own verdict: what is heard, fetched, logged, how long it is. */
#pragma once
#include "session_run.h"

G_BEGIN_DECLS

/** Test: one line of the suite's input: "NAME\tPAGE\tkey=value\t…". */
typedef struct {
    const char *name;
    const char *page;
    GHashTable *said; /* char* → char*: caller, result, heard … */
} Test;

/** test_get: what the test says under @key; "" when nothing. */
const char *test_get(const Test *test, const char *key);

/**
 * expectations_serve: "a.vxml 500; b.vxml silent; c.vxml 3s; d.vxml timeout; e.vxml refused":
 * pages that answer with a status, never, late, not in time, or that nobody may have.
 */
void expectations_serve(SessionRun *run, const char *list);

/**
 * expectations_failed: (transfer full) (nullable): what of the test was not as it says.
 *
 * heard: pieces of what was played, in this order, separated by "|"; "@FILE" is the audio of a file
 * below @folders. unheard: pieces that were not. asked: pieces of requests ("GET a.vxml?x=1
 * maxage=0 timeout=7000ms"), in order; unasked. logged: lines of <log>, in order; unlogged. lasts:
 * "2900ms 3100ms", virtual time of the session. body: pieces of what the end tells the other side.
 * done: what was done to others, all of it ("dial URI|join|hang-up"). reason: how the session
 * ended. result: JSON, or "-" for none; "pass" when the test says nothing.
 */
char *expectations_failed(const Test *test, SessionRun *run, const GPtrArray *folders);

G_END_DECLS
