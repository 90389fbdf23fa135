/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "call/load.h"

/* What load.c and beat.c share; nobody else includes it. */

#define MCP_LOOPS_MAX 160
#define MCP_LOOP_NAME 24

struct _McpLoopLoad {
    char name[MCP_LOOP_NAME]; /* under the guard's lock, written once */
    gint percent;             /* atomic: the lower one of the last two reports */
    gint delay;               /* ms, atomic; the same */
    gint last_percent;        /* atomic */
    gint last_delay;          /* atomic */
    gint64 wall;              /* the loop's own thread: at its last sample */
    gint64 cpu;
    gint beats;   /* atomic */
    gint thread;  /* atomic: kernel's id of the thread that beats; 0: nobody waits for it */
    gint silence; /* ms, atomic: for which beats have been missing */
    gint seen;    /* who watches: beats at its last look */
};

struct _McpLoadGuard {
    GMutex lock; /* guards the names of @loops, and makes @n_loops rise */
    McpLoopLoad loops[MCP_LOOPS_MAX];
    guint n_loops;     /* atomic */
    guint max_percent; /* 0: not watched */
    guint max_delay;   /* ms; 0: not watched */
    gint64 capacity;   /* CPU µs that a second has */
    gint64 wall;       /* at the last sample */
    gint64 cpu;
    guint run;    /* samples in a row that would change the verdict */
    gint full;    /* atomic */
    gint percent; /* atomic */
};
