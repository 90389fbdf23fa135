/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "trace/trace.h"
#include "trace/traces.h"
#include "trace/watchers.h"

G_BEGIN_DECLS

/* All traces as traces.c and messages.c see them. */

struct _McpTraces {
    GObject parent_instance;
    GMutex lock;        /* guards @running and @ended */
    GPtrArray *running; /* McpTrace */
    GQueue ended;       /* McpTrace, the oldest first */
    gint active;        /* atomic: traces */
    gint wanted;        /* atomic: traces that take messages */
    McpTraceWatchers watchers;
    guint open_files; /* control context, as all that follows */
    McpTracesClosed closed;
    gpointer closed_data;
    McpClock *clock;
    McpPool *disk;
    GMainContext *context;
    McpTraceWalk walk;
    gpointer walk_data;
    char *folder;
    guint next_id;
    McpTimer *timer;
};

G_END_DECLS
