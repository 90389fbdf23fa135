/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/error.h>

G_BEGIN_DECLS

/**
 * What the suites of all contracts share. A suite is one file with checks written against the
 * contract's header alone; a provider is a file that defines the suite's factory. The two make one
 * program. A slot that a provider leaves empty must be refused by the core, and is skipped else.
 */

/** Finished: what an asynchronous function came to. */
typedef struct {
    GAsyncResult *result;
    guint times;
    GThread *thread; /* that it finished on */
} Finished;

/** on_finished: callback for any _async function; @user_data is a Finished. */
void on_finished(GObject *source, GAsyncResult *result, gpointer user_data);
/** finished_wait: runs the thread-default context until it has finished; fails after 10 s. */
void finished_wait(Finished *finished);
/** finished_clear: drops the result; fails unless it finished exactly once, on this thread. */
void finished_clear(Finished *finished);

/** Waiting: whether what is waited for has come. */
typedef gboolean (*Waiting)(gpointer user_data);
/** wait_for: runs the thread-default context until @condition holds; fails after 10 s. */
void wait_for(Waiting condition, gpointer user_data, const char *what);
/** wait_count: the same for a counter. */
void wait_count(const guint *counter, guint wanted, const char *what);
/** settle: runs the thread-default context for @ms, for what must not come. */
void settle(guint ms);

/**
 * in_thread: runs @func on the thread of shard_context(), while the default context runs on.
 */
void in_thread(GThreadFunc func, gpointer data);
/** shard_context: (transfer none): a context that another thread runs, as that of a call. */
GMainContext *shard_context(void);
/** shard_end: ends that thread; after the provider was closed, since a shard outlives it. */
void shard_end(void);

G_END_DECLS
