/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread of a debugger: answers its requests, and runs the machine whenever the shard hands it
 * over. What other threads tell it are flags and one job under a lock, and a descriptor that wakes
 * it wherever it waits.
 */
#include "attachment.h"

#include <mcp/log.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "debugger.h"

#define HUNG_UP "the caller hung up: what follows is final processing\n"

struct _McpVxmlAttachment {
    gatomicrefcount refs;
    McpVxmlDebugCalls *calls;
    GSocket *connection;
    McpVxmlDap *dap; /* while its thread serves; of that thread alone */
    int wake;
    char *call_id; /* nullable: its thread alone */
    GMutex lock;   /* guards all that follows */
    GTask *task;   /* nullable: a run that waits for the thread */
    McpVxmlDebugRunFunc func;
    gboolean hung_up; /* the debugger has to be told of it */
    gboolean ended;   /* the call is over: nothing may stand still any more */
    gboolean closing; /* the platform wants to be rid of the debugger */
    gboolean closed;  /* nobody takes a run any more */
};

McpVxmlAttachment *
mcp_vxml_attachment_new(GSocket *connection, McpVxmlDebugCalls *calls)
{
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    McpVxmlAttachment *attachment;

    if (descriptor < 0)
        return NULL;
    attachment = g_new0(McpVxmlAttachment, 1);
    g_atomic_ref_count_init(&attachment->refs);
    g_mutex_init(&attachment->lock);
    attachment->calls = mcp_vxml_debug_calls_ref(calls);
    attachment->connection = g_object_ref(connection);
    attachment->wake = descriptor;
    return attachment;
}

McpVxmlAttachment *
mcp_vxml_attachment_ref(McpVxmlAttachment *attachment)
{
    g_atomic_ref_count_inc(&attachment->refs);
    return attachment;
}

void
mcp_vxml_attachment_unref(McpVxmlAttachment *attachment)
{
    if (!g_atomic_ref_count_dec(&attachment->refs))
        return;
    mcp_vxml_debug_calls_unref(attachment->calls);
    g_object_unref(attachment->connection);
    close(attachment->wake);
    g_mutex_clear(&attachment->lock);
    g_free(attachment->call_id);
    g_free(attachment);
}

static void
wake(McpVxmlAttachment *attachment)
{
    guint64 one = 1;
    /* It fails when it would overflow, and then it can be read already. */
    ssize_t written = write(attachment->wake, &one, sizeof one);

    (void)written;
}

/* Before the flags are looked at: what is set later wakes again. */
static void
clear_wake(McpVxmlAttachment *attachment)
{
    guint64 count;
    ssize_t got = read(attachment->wake, &count, sizeof count);

    (void)got;
}

/* ---- its thread ---- */

static gboolean
attach(const char *call, gpointer user_data, GError **error)
{
    McpVxmlAttachment *attachment = user_data;

    if (!mcp_vxml_debug_calls_attach(attachment->calls, call, attachment, error))
        return FALSE;
    attachment->call_id = g_strdup(call);
    mcp_log_info("vxml-debug", call, "a debugger is attached");
    return TRUE;
}

static void
tell_of_hangup(McpVxmlAttachment *attachment)
{
    gboolean hung_up;

    g_mutex_lock(&attachment->lock);
    hung_up = attachment->hung_up;
    attachment->hung_up = FALSE;
    g_mutex_unlock(&attachment->lock);
    if (hung_up)
        mcp_vxml_dap_say(attachment->dap, HUNG_UP);
}

static gboolean
may_stop(gpointer user_data)
{
    McpVxmlAttachment *attachment = user_data;
    gboolean may;

    clear_wake(attachment);
    tell_of_hangup(attachment);
    g_mutex_lock(&attachment->lock);
    may = !attachment->ended && !attachment->closing;
    g_mutex_unlock(&attachment->lock);
    return may;
}

/* FALSE when there is no run to be made. */
static gboolean
run_next(McpVxmlAttachment *attachment, McpVxmlDebugger *debugger)
{
    g_autoptr(GTask) task = NULL;
    McpVxmlDebugRunFunc func;

    g_mutex_lock(&attachment->lock);
    task = g_steal_pointer(&attachment->task);
    func = attachment->func;
    g_mutex_unlock(&attachment->lock);
    if (task != NULL)
        func(task, debugger != NULL ? mcp_vxml_debugger_probe : NULL, debugger);
    return task != NULL;
}

static gboolean
is_over(McpVxmlAttachment *attachment, gboolean *out_ended)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&attachment->lock);

    *out_ended = attachment->ended;
    return attachment->ended || attachment->closing;
}

/* Who hands a run over from now on is told to make it elsewhere. */
static void
leave(McpVxmlAttachment *attachment)
{
    if (attachment->call_id != NULL)
        mcp_vxml_debug_calls_detach(attachment->calls, attachment->call_id, attachment);
    g_mutex_lock(&attachment->lock);
    attachment->closed = TRUE;
    g_socket_close(attachment->connection, NULL);
    g_mutex_unlock(&attachment->lock);
    run_next(attachment, NULL);
    if (attachment->call_id != NULL)
        mcp_log_info("vxml-debug", attachment->call_id, "the debugger has gone");
}

void
mcp_vxml_attachment_serve(McpVxmlAttachment *attachment)
{
    int fd = g_socket_get_fd(attachment->connection);
    g_autoptr(McpVxmlDap) dap = mcp_vxml_dap_new(fd, fd);
    McpVxmlDebuggerHooks hooks = {attach, may_stop, attachment};
    g_autoptr(McpVxmlDebugger) debugger = mcp_vxml_debugger_new_attaching(dap, &hooks);
    gboolean ended = FALSE;

    attachment->dap = dap;
    mcp_vxml_dap_set_wake(dap, attachment->wake);
    while (!mcp_vxml_debugger_is_over(debugger) && !is_over(attachment, &ended)) {
        clear_wake(attachment);
        tell_of_hangup(attachment);
        if (!run_next(attachment, debugger) && !is_over(attachment, &ended))
            mcp_vxml_debugger_take_request(debugger, TRUE);
    }
    if (ended)
        mcp_vxml_dap_tell(dap, "terminated", NULL);
    leave(attachment);
    attachment->dap = NULL;
}

/* ---- the others ---- */

gboolean
mcp_vxml_attachment_run(McpVxmlAttachment *attachment, GTask *task, McpVxmlDebugRunFunc func)
{
    gboolean taken;

    g_mutex_lock(&attachment->lock);
    taken = !attachment->closed;
    if (taken) {
        attachment->task = g_object_ref(task);
        attachment->func = func;
    }
    g_mutex_unlock(&attachment->lock);
    if (taken)
        wake(attachment);
    return taken;
}

void
mcp_vxml_attachment_hang_up(McpVxmlAttachment *attachment)
{
    g_mutex_lock(&attachment->lock);
    attachment->hung_up = TRUE;
    g_mutex_unlock(&attachment->lock);
    wake(attachment);
}

void
mcp_vxml_attachment_end(McpVxmlAttachment *attachment)
{
    g_mutex_lock(&attachment->lock);
    attachment->ended = TRUE;
    g_mutex_unlock(&attachment->lock);
    wake(attachment);
}

void
mcp_vxml_attachment_close(McpVxmlAttachment *attachment)
{
    g_mutex_lock(&attachment->lock);
    attachment->closing = TRUE;
    /* A thread that waits until the debugger reads gets on as well. */
    if (!attachment->closed)
        shutdown(g_socket_get_fd(attachment->connection), SHUT_RDWR);
    g_mutex_unlock(&attachment->lock);
    wake(attachment);
}
