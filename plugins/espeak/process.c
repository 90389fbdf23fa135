/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpEspeakProcess: starts a worker and speaks with it through two pipes that never block. What it
 * sends is not trusted: a frame that no worker sends is its end. Runs on the context it was made
 * on.
 */
#include "process.h"

#include "protocol.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <mcp/error.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES (64 * 1024)

struct _McpEspeakProcess {
    guint refs;
    const McpEspeakProcessEvents *events; /* NULL: it has ended, or nobody wants to know */
    gpointer user_data;
    GSubprocess *child;
    int to;
    int from;
    GSource *readable;
    GSource *writable; /* nullable: nothing waits */
    GByteArray *out;
    GByteArray *in;
    char *fault; /* nullable: what was wrong with what it sent */
};

static void
process_unref(McpEspeakProcess *process)
{
    if (--process->refs > 0)
        return;
    g_byte_array_unref(process->out);
    g_byte_array_unref(process->in);
    g_object_unref(process->child);
    g_free(process->fault);
    g_free(process);
}

static void
drop_source(GSource **source)
{
    if (*source != NULL)
        g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

static void
stop(McpEspeakProcess *process)
{
    drop_source(&process->readable);
    drop_source(&process->writable);
    g_subprocess_force_exit(process->child);
}

/* What became of it: its own end, if it came before ours. */
static char *
tell_end(McpEspeakProcess *process)
{
    if (process->fault != NULL)
        return g_strdup(process->fault);
    if (g_subprocess_get_if_signaled(process->child))
        return g_strdup_printf("signal %d (%s)", g_subprocess_get_term_sig(process->child),
                               g_strsignal(g_subprocess_get_term_sig(process->child)));
    return g_strdup_printf("exit status %d", g_subprocess_get_exit_status(process->child));
}

static void
was_reaped(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpEspeakProcess *process = user_data;
    const McpEspeakProcessEvents *events = g_steal_pointer(&process->events);

    if (g_subprocess_wait_finish(process->child, result, NULL) && events != NULL) {
        g_autofree char *why = tell_end(process);

        events->ended(why, process->user_data);
    }
    process_unref(process);
}

/* @fault: (nullable): of what it sent. */
static void
end(McpEspeakProcess *process, const char *fault)
{
    if (process->readable == NULL)
        return;
    process->fault = g_strdup(fault);
    stop(process);
    process->refs++;
    g_subprocess_wait_async(process->child, NULL, was_reaped, process);
}

static gboolean
may_send(char type, gsize length)
{
    switch (type) {
    case MCP_ESPEAK_READY:
        return length <= MCP_ESPEAK_MOST_READY;
    case MCP_ESPEAK_AUDIO:
        return length <= MCP_ESPEAK_MOST_AUDIO && length % 2 == 0;
    case MCP_ESPEAK_ERROR:
        return length <= MCP_ESPEAK_MOST_ERROR;
    case MCP_ESPEAK_DONE:
        return length == 0;
    default:
        return FALSE;
    }
}

static gsize
length_of(const guint8 *head)
{
    return (gsize)head[1] << 24 | (gsize)head[2] << 16 | (gsize)head[3] << 8 | head[4];
}

/* Hands on all whole frames. */
static void
take_frames(McpEspeakProcess *process)
{
    gsize at = 0;

    while (process->events != NULL && process->readable != NULL &&
           process->in->len - at >= MCP_ESPEAK_HEAD) {
        const guint8 *head = process->in->data + at;
        gsize length = length_of(head);

        if (!may_send((char)head[0], length)) {
            end(process, "it sent what no worker sends");
            return;
        }
        if (process->in->len - at - MCP_ESPEAK_HEAD < length)
            break;
        at += MCP_ESPEAK_HEAD + length;
        process->events->frame((char)head[0], head + MCP_ESPEAK_HEAD, length, process->user_data);
    }
    if (at > 0)
        g_byte_array_remove_range(process->in, 0, (guint)at);
}

static gboolean
can_read(int fd, GIOCondition condition, gpointer user_data)
{
    McpEspeakProcess *process = user_data;
    gsize before = process->in->len;
    ssize_t n = 0;

    g_byte_array_set_size(process->in, (guint)before + READ_BYTES);
    n = read(fd, process->in->data + before, READ_BYTES);
    g_byte_array_set_size(process->in, (guint)before + (guint)MAX(n, 0));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    process->refs++;
    if (n > 0)
        take_frames(process);
    else
        end(process, NULL);
    process_unref(process);
    return G_SOURCE_CONTINUE;
}

/* Writes what it takes now. A worker that is gone is seen where it is read. */
static void
write_some(McpEspeakProcess *process)
{
    while (process->out->len > 0) {
        ssize_t n = write(process->to, process->out->data, process->out->len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            g_byte_array_set_size(process->out, 0);
        if (n < 0)
            return;
        g_byte_array_remove_range(process->out, 0, (guint)n);
    }
}

static gboolean
can_write(int fd, GIOCondition condition, gpointer user_data)
{
    McpEspeakProcess *process = user_data;

    write_some(process);
    if (process->out->len > 0)
        return G_SOURCE_CONTINUE;
    drop_source(&process->writable);
    return G_SOURCE_REMOVE;
}

static GSource *
add_source(int fd, GIOCondition condition, GUnixFDSourceFunc func, McpEspeakProcess *process)
{
    GSource *source = g_unix_fd_source_new(fd, condition);

    g_source_set_callback(source, G_SOURCE_FUNC(func), process, NULL);
    g_source_attach(source, g_main_context_get_thread_default());
    return source;
}

void
mcp_espeak_process_send(McpEspeakProcess *process, char type, const char *body, gsize length)
{
    const guint8 head[MCP_ESPEAK_HEAD] = {(guint8)type, (guint8)(length >> 24),
                                          (guint8)(length >> 16), (guint8)(length >> 8),
                                          (guint8)length};

    if (process->readable == NULL)
        return;
    g_byte_array_append(process->out, head, sizeof head);
    g_byte_array_append(process->out, (const guint8 *)body, (guint)length);
    write_some(process);
    if (process->out->len > 0 && process->writable == NULL)
        process->writable = add_source(process->to, G_IO_OUT, can_write, process);
}

void
mcp_espeak_process_free(McpEspeakProcess *process)
{
    process->events = NULL;
    stop(process);
    process_unref(process);
}

McpEspeakProcess *
mcp_espeak_process_start(const char *program, const McpEspeakProcessEvents *events,
                         gpointer user_data, GError **error)
{
    g_autoptr(GError) fault = NULL;
    GSubprocess *child = g_subprocess_new(
        G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &fault, program, NULL);
    McpEspeakProcess *process = NULL;

    if (child == NULL) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_FAILED, fault->message);
        return NULL;
    }
    process = g_new0(McpEspeakProcess, 1);
    process->refs = 1;
    process->events = events;
    process->user_data = user_data;
    process->child = child;
    process->in = g_byte_array_new();
    process->out = g_byte_array_new();
    process->to =
        g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(g_subprocess_get_stdin_pipe(child)));
    process->from =
        g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(g_subprocess_get_stdout_pipe(child)));
    g_unix_set_fd_nonblocking(process->to, TRUE, NULL);
    g_unix_set_fd_nonblocking(process->from, TRUE, NULL);
    process->readable = add_source(process->from, G_IO_IN, can_read, process);
    return process;
}
