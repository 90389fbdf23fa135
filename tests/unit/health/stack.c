/* SPDX-License-Identifier: Apache-2.0 */
/* The stack of a thread that waits, of one that is gone, of one that takes no signals. */
#include "health/stack.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    GMutex lock;
    GCond wake;
    gint thread; /* kernel's id, once it waits */
    gboolean end;
    gboolean deaf;
} Sleeper;

static gpointer
sleeper_main(gpointer data)
{
    Sleeper *sleeper = data;
    sigset_t all;

    sigfillset(&all);
    if (sleeper->deaf)
        pthread_sigmask(SIG_BLOCK, &all, NULL);
    g_mutex_lock(&sleeper->lock);
    sleeper->thread = (gint)gettid();
    g_cond_broadcast(&sleeper->wake);
    while (!sleeper->end)
        g_cond_wait(&sleeper->wake, &sleeper->lock);
    g_mutex_unlock(&sleeper->lock);
    return NULL;
}

static GThread *
sleeper_start(Sleeper *sleeper)
{
    GThread *thread;

    g_mutex_init(&sleeper->lock);
    g_cond_init(&sleeper->wake);
    thread = g_thread_new("sleeper", sleeper_main, sleeper);
    g_mutex_lock(&sleeper->lock);
    while (sleeper->thread == 0)
        g_cond_wait(&sleeper->wake, &sleeper->lock);
    g_mutex_unlock(&sleeper->lock);
    return thread;
}

static void
sleeper_end(Sleeper *sleeper, GThread *thread)
{
    g_mutex_lock(&sleeper->lock);
    sleeper->end = TRUE;
    g_cond_broadcast(&sleeper->wake);
    g_mutex_unlock(&sleeper->lock);
    g_thread_join(thread);
    g_mutex_clear(&sleeper->lock);
    g_cond_clear(&sleeper->wake);
}

#ifndef MCP_LATE_SIGNALS
/* On a machine that has no time for the thread it does not answer: then it is asked again. */
static char *
take_patiently(gint thread)
{
    char *text = mcp_stack_take(thread);

    for (guint i = 0; i < 40 && text == NULL; i++)
        text = mcp_stack_take(thread);
    return text;
}

static void
test_sleeping(void)
{
    Sleeper sleeper = {0};
    GThread *thread = sleeper_start(&sleeper);
    g_autofree char *text = take_patiently(sleeper.thread);

    g_assert_nonnull(text);
    g_test_message("%s", text);
    /* It waits in GLib, below the thread's function of this program. */
    g_assert_nonnull(strstr(text, "g_cond_wait"));
    g_assert_nonnull(strstr(text, "test-health-stack("));
    g_assert_nonnull(strstr(text, " < "));
    g_assert_null(strchr(text, '/'));
    sleeper_end(&sleeper, thread);
}

static void
test_deaf(void)
{
    Sleeper deaf = {.deaf = TRUE};
    Sleeper other = {0};
    GThread *deaf_thread = sleeper_start(&deaf);
    GThread *other_thread = sleeper_start(&other);
    g_autofree char *text = NULL;

    g_assert_null(mcp_stack_take(deaf.thread));
    text = take_patiently(other.thread);
    g_assert_nonnull(text);
    sleeper_end(&deaf, deaf_thread);
    sleeper_end(&other, other_thread);
}
#endif

static void
test_gone(void)
{
    Sleeper sleeper = {0};
    GThread *thread = sleeper_start(&sleeper);
    gint id = sleeper.thread;

    sleeper_end(&sleeper, thread);
    g_assert_null(mcp_stack_take(id));
    g_assert_null(mcp_stack_take(0));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mcp_stack_prepare();
#ifndef MCP_LATE_SIGNALS
    g_test_add_func("/health/stack/sleeping", test_sleeping);
    g_test_add_func("/health/stack/deaf", test_deaf);
#endif
    g_test_add_func("/health/stack/gone", test_gone);
    return g_test_run();
}
