/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call records as JSON lines. Lines wait in memory while one write is under way on the disk pool,
 * and
 * go out together: in the kernel's hands they outlive the process. The file is opened for each
 * write,
 * so that it may be rotated away. Control context.
 */
#include "event/jsonl_sink.h"

#include "server/core.h"

#include <errno.h>
#include <fcntl.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>
#include <unistd.h>

#define MAX_WAITING (64 * 1024 * 1024)

struct _McpJsonlSink {
    GObject parent_instance;
    McpPool *disk;
    McpMetrics *metrics;
    char *file;
    GString *waiting;
    guint n_waiting;
    gboolean writing;
    GQueue flushes; /* GTask */
    gboolean failing;
    GError *lost; /* nullable: what could not be written since the last flush */
};

typedef struct {
    char *file;
    GString *lines;
    guint n_lines;
} Job;

static void iface_init(McpCallSinkInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpJsonlSink, mcp_jsonl_sink, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_CALL_SINK, iface_init))

static void write_next(McpJsonlSink *sink);

static void
job_free(Job *job)
{
    g_free(job->file);
    g_string_free(job->lines, TRUE);
    g_free(job);
}

static gboolean
append_all(const char *file, const GString *lines, GError **error)
{
    int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    gsize done = 0;

    while (fd >= 0 && done < lines->len) {
        ssize_t n = write(fd, lines->str + done, lines->len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        done += (gsize)n;
    }
    if (fd < 0 || done < lines->len)
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "call records: %s: %s", file,
                    g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return fd >= 0 && done == lines->len;
}

static void
write_job(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const Job *job = data;
    g_autoptr(GError) error = NULL;

    if (append_all(job->file, job->lines, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, g_steal_pointer(&error));
}

static void
finish_flushes(McpJsonlSink *sink)
{
    gboolean told = FALSE;
    GTask *task;

    while ((task = g_queue_pop_head(&sink->flushes)) != NULL) {
        if (sink->lost != NULL)
            g_task_return_error(task, g_error_copy(sink->lost));
        else
            g_task_return_boolean(task, TRUE);
        g_object_unref(task);
        told = TRUE;
    }
    if (told)
        g_clear_error(&sink->lost);
}

static void
on_written(GObject *object, GAsyncResult *result, gpointer user_data)
{
    McpJsonlSink *sink = MCP_JSONL_SINK(object);
    const Job *job = g_task_get_task_data(G_TASK(result));
    g_autoptr(GError) error = NULL;
    gboolean written = g_task_propagate_boolean(G_TASK(result), &error);

    sink->writing = FALSE;
    if (!written) {
        mcp_metrics_add(sink->metrics, MCP_CORE_RECORDS_LOST, 0, job->n_lines);
        if (!sink->failing)
            mcp_log_error("records-lost", NULL, "%s", error->message);
        if (sink->lost == NULL)
            sink->lost = g_steal_pointer(&error);
    }
    sink->failing = !written;
    write_next(sink);
}

static void
write_next(McpJsonlSink *sink)
{
    g_autoptr(GTask) task = NULL;
    Job *job;

    if (sink->writing)
        return;
    if (sink->waiting->len == 0) {
        finish_flushes(sink);
        return;
    }
    job = g_new(Job, 1);
    *job = (Job){g_strdup(sink->file), sink->waiting, sink->n_waiting};
    sink->waiting = g_string_new(NULL);
    sink->n_waiting = 0;
    sink->writing = TRUE;
    task = g_task_new(sink, NULL, on_written, NULL);
    g_task_set_task_data(task, job, (GDestroyNotify)job_free);
    mcp_pool_run(sink->disk, task, write_job);
}

static guint
get_types(McpCallSink *sink)
{
    return 1u << MCP_EVENT_CALL_RECORD;
}

static void
deliver(McpCallSink *iface, McpEvent *event)
{
    McpJsonlSink *sink = MCP_JSONL_SINK(iface);
    g_autofree char *line = NULL;

    if (sink->file == NULL || *sink->file == '\0')
        return;
    if (sink->waiting->len > MAX_WAITING) {
        mcp_metrics_add(sink->metrics, MCP_CORE_RECORDS_LOST, 0, 1);
        return;
    }
    line = mcp_event_to_json(event);
    g_string_append(sink->waiting, line);
    g_string_append_c(sink->waiting, '\n');
    sink->n_waiting++;
    write_next(sink);
}

static void
flush_async(McpCallSink *iface, GAsyncReadyCallback callback, gpointer user_data)
{
    McpJsonlSink *sink = MCP_JSONL_SINK(iface);

    g_queue_push_tail(&sink->flushes, g_task_new(sink, NULL, callback, user_data));
    write_next(sink);
}

static gboolean
flush_finish(McpCallSink *iface, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_jsonl_sink_finalize(GObject *object)
{
    McpJsonlSink *sink = MCP_JSONL_SINK(object);

    g_object_unref(sink->disk);
    g_string_free(sink->waiting, TRUE);
    g_queue_clear_full(&sink->flushes, g_object_unref);
    g_clear_error(&sink->lost);
    g_free(sink->file);
    G_OBJECT_CLASS(mcp_jsonl_sink_parent_class)->finalize(object);
}

static void
iface_init(McpCallSinkInterface *iface)
{
    iface->get_types = get_types;
    iface->deliver = deliver;
    iface->flush_async = flush_async;
    iface->flush_finish = flush_finish;
}

static void
mcp_jsonl_sink_class_init(McpJsonlSinkClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_jsonl_sink_finalize;
}

static void
mcp_jsonl_sink_init(McpJsonlSink *sink)
{
    sink->waiting = g_string_new(NULL);
    g_queue_init(&sink->flushes);
}

McpJsonlSink *
mcp_jsonl_sink_new(McpPool *disk, McpMetrics *metrics, const char *file)
{
    McpJsonlSink *sink = g_object_new(MCP_TYPE_JSONL_SINK, NULL);

    sink->disk = g_object_ref(disk);
    sink->metrics = metrics;
    sink->file = g_strdup(file);
    return sink;
}

void
mcp_jsonl_sink_set_file(McpJsonlSink *sink, const char *file)
{
    g_free(sink->file);
    sink->file = g_strdup(file);
}
