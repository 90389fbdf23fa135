/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <fetcher.h>

G_BEGIN_DECLS

/** Fixture: a fetcher in this process and a scripted web server in another. */
typedef struct {
    GSubprocess *server;
    guint port;
    McpClock *clock;
    McpPool *pool;
    McpHttpConfig *config; /* its numbers may be changed before the first fetch */
    McpHttpFetcher *fetcher;
} Fixture;

/** Got: what one fetch came to. */
typedef struct {
    McpFetchResponse *response;
    GError *error;
    gint64 duration; /* µs */
    gboolean done;
} Got;

/** fixture_set_up: starts both; loopback is allowed, 127.0.0.2 denied. */
void fixture_set_up(Fixture *fixture, gconstpointer unused);
/** fixture_tear_down: stops both. */
void fixture_tear_down(Fixture *fixture, gconstpointer unused);
/** fixture_close_fetcher: closes and drops the fetcher; the next one is the test's to make. */
void fixture_close_fetcher(Fixture *fixture);
/** fixture_url: (transfer full): "http://127.0.0.1:PORT" with a path printed behind it. */
char *fixture_url(Fixture *fixture, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** fixture_start: starts a fetch; @got is filled when it ends. */
void fixture_start(Fixture *fixture, const McpFetchRequest *request, GCancellable *cancellable,
                   Got *got);
/** fixture_wait: iterates the default context until @got is done. */
void fixture_wait(Got *got);
/** fixture_fetch: one fetch, waited for. */
void fixture_fetch(Fixture *fixture, const McpFetchRequest *request, Got *got);
/** fixture_get: (transfer full): body of a GET that must succeed. */
char *fixture_get(Fixture *fixture, const char *url, McpCall *call);
/** fixture_hits: how often the server was asked for @path. */
guint fixture_hits(Fixture *fixture, const char *path);
/** fixture_connections: how many connections the server got on @address. */
guint fixture_connections(Fixture *fixture, const char *address);
/** got_status: status of a fetch that succeeded. */
guint got_status(Got *got);
/** got_body: (transfer full): body of a fetch that succeeded. */
char *got_body(Got *got);
/** got_clear: frees what it holds, for the next fetch. */
void got_clear(Got *got);

/** call_double_new: (transfer full): a call that has an id and nothing else. */
McpCall *call_double_new(const char *id);

#define REQUEST_INIT .max_age = -1, .max_stale = -1

G_END_DECLS
