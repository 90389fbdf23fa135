/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <fetcher.h>
#include <google_api/service.h>
#include <mcp/error.h>

#include "settings/settings.h"

G_BEGIN_DECLS

/** Stand: what a plugin's service is asked with, and Google's side in another process. */
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
    McpGapiDeps deps;
    guint tokens[2]; /* refused, granted */
    gint left_alone; /* atomic */
} Stand;

/** stand_set_up: starts @program (stand_in.py), whose relay is there unless @absent is "absent". */
void stand_set_up(Stand *stand, const char *program, const McpSettingDef *table,
                  gconstpointer absent);
/** stand_tear_down: stops everything; fails when the library's threads do not end. */
void stand_tear_down(Stand *stand);
/** stand_lines: (transfer full): settings of a service account over TLS by way of the relay, and
 * @more. */
char *stand_lines(Stand *stand, const char *more);
/** stand_settings: (transfer full): of these @lines alone. */
McpSettings *stand_settings(Stand *stand, const char *section, const char *lines);
/** stand_tell: (transfer full): the server's answer to a command. */
char *stand_tell(Stand *stand, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** stand_count: a counter of the server's. */
guint stand_count(Stand *stand, const char *what);
/** stand_wait_count: runs the default context until the counter is @wanted; fails after 30 s. */
void stand_wait_count(Stand *stand, const char *what, guint wanted);
/** stand_expect_last: what the last request said contains @words, a part of its JSON. */
void stand_expect_last(Stand *stand, const char *words);
/** stand_wait_until: runs the default context until @condition holds; fails after 30 s. */
void stand_wait_until(Stand *stand, gboolean (*condition)(gpointer), gpointer user_data);

G_END_DECLS
