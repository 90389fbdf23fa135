/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stack of another thread: a signal has that thread write it down, the caller reads it. What
 * runs in the signal handler allocates nothing and takes no lock; names are looked up outside.
 */
#include "health/stack.h"

#include <execinfo.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FRAMES_MAX 32
/* The handler itself, and the frame that the kernel made to call it. */
#define FRAMES_OURS 2
#define ANSWER_MS 500
/* Above those that the C library keeps, below what libraries use by habit. */
#define STACK_SIGNAL (SIGRTMIN + 7)

enum { STACK_IDLE, STACK_ASKED, STACK_WRITING, STACK_LOST };

static struct {
    gint state;  /* atomic */
    gint thread; /* atomic: a signal may come late */
    void *frames[FRAMES_MAX];
    int n_frames;
    sem_t done;
} slot;

static void
on_signal(int number)
{
    if (g_atomic_int_get(&slot.thread) != (gint)syscall(SYS_gettid) ||
        !g_atomic_int_compare_and_exchange(&slot.state, STACK_ASKED, STACK_WRITING))
        return;
    slot.n_frames = backtrace(slot.frames, FRAMES_MAX);
    sem_post(&slot.done);
}

void
mcp_stack_prepare(void)
{
    static gsize prepared = 0;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    void *frame = NULL;

    if (!g_once_init_enter(&prepared))
        return;
    /* The first call loads a library: not in a signal handler. */
    backtrace(&frame, 1);
    sem_init(&slot.done, 0, 0);
    sigemptyset(&action.sa_mask);
    sigaction(STACK_SIGNAL, &action, NULL);
    g_once_init_leave(&prepared, 1);
}

static gboolean
wait_done(void)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ANSWER_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    return sem_clockwait(&slot.done, CLOCK_MONOTONIC, &until) == 0;
}

/* "/usr/lib/x/libmcp-core.so.1(mcp_x+0x12) [0x7f…]" → "libmcp-core.so.1(mcp_x+0x12)" */
static char *
shorten(const char *symbol)
{
    const char *address = g_strrstr(symbol, " [");
    gsize path = strcspn(symbol, "(");
    const char *slash = g_strrstr_len(symbol, (gssize)path, "/");
    const char *name = slash != NULL ? slash + 1 : symbol;

    return address > name ? g_strndup(name, (gsize)(address - name)) : g_strdup(name);
}

static char *
write_frames(void)
{
    char **symbols = backtrace_symbols(slot.frames, slot.n_frames);
    GString *text = g_string_new(NULL);

    for (int i = FRAMES_OURS; symbols != NULL && i < slot.n_frames; i++) {
        g_autofree char *frame = shorten(symbols[i]);

        g_string_append_printf(text, "%s%s", i > FRAMES_OURS ? " < " : "", frame);
    }
    free(symbols);
    return g_string_free(text, FALSE);
}

char *
mcp_stack_take(gint thread)
{
    g_autofree char *text = NULL;

    if (!g_atomic_int_compare_and_exchange(&slot.state, STACK_IDLE, STACK_IDLE))
        return NULL;
    g_atomic_int_set(&slot.thread, thread);
    g_atomic_int_set(&slot.state, STACK_ASKED);
    if (syscall(SYS_tgkill, getpid(), thread, STACK_SIGNAL) == 0 && wait_done()) {
        text = write_frames();
        g_atomic_int_set(&slot.state, STACK_IDLE);
    } else if (!g_atomic_int_compare_and_exchange(&slot.state, STACK_ASKED, STACK_IDLE) &&
               wait_done()) {
        /* It had begun to write when we gave up. */
        g_atomic_int_set(&slot.state, STACK_IDLE);
    } else {
        g_atomic_int_compare_and_exchange(&slot.state, STACK_WRITING, STACK_LOST);
    }
    return g_steal_pointer(&text);
}
