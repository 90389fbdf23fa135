/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpTraceFile. The lock guards what waits and the error; the descriptor belongs to whoever runs
 * the one job on the disk pool, and before and after it to the control context. Bytes are added on
 * any thread, which never wakes anybody: a timer of the control context collects them.
 */
#include "trace/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <mcp/error.h>
#include <string.h>
#include <unistd.h>

#define WRITE_INTERVAL (100 * G_TIME_SPAN_MILLISECOND)
#define MAX_WAITING (4 * 1024 * 1024)
#define NAME_MAX_LENGTH 100

struct _McpTraceFile {
    GMutex lock; /* guards @waiting and @error */
    GByteArray *waiting;
    char *error; /* nullable */
    int fd;
    char *name;
    McpClock *clock;
    McpPool *disk;
    McpTimer *timer;
    gboolean writing;
    gboolean closing;
    McpTraceFileClosed closed; /* nullable */
    gpointer closed_data;
};

gboolean
mcp_trace_file_name_is_valid(const char *name)
{
    gsize length = strlen(name);

    if (length == 0 || length > NAME_MAX_LENGTH || name[0] == '.')
        return FALSE;
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
           length;
}

/* The file must be new: nobody's data is lost, and no link leads it elsewhere. */
static int
open_below(const char *folder, const char *name, GError **error)
{
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = -1;
    int code = 0;

    if (at >= 0)
        fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    code = errno;
    if (fd < 0)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s%s%s: %s", folder, at >= 0 ? "/" : "",
                    at >= 0 ? name : "", g_strerror(code));
    if (at >= 0)
        close(at);
    return fd;
}

McpTraceFile *
mcp_trace_file_open(const char *folder, const char *name, GError **error)
{
    McpTraceFile *file = NULL;
    int fd = open_below(folder, name, error);

    if (fd < 0)
        return NULL;
    file = g_new0(McpTraceFile, 1);
    g_mutex_init(&file->lock);
    file->waiting = g_byte_array_new();
    file->fd = fd;
    file->name = g_strdup(name);
    return file;
}

static void
file_free(McpTraceFile *file)
{
    if (file->closed != NULL)
        file->closed(file->closed_data);
    mcp_timer_clear(&file->timer);
    g_byte_array_unref(file->waiting);
    g_clear_object(&file->clock);
    g_clear_object(&file->disk);
    g_free(file->error);
    g_free(file->name);
    g_mutex_clear(&file->lock);
    g_free(file);
}

gboolean
mcp_trace_file_add(McpTraceFile *file, const GByteArray *bytes)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&file->lock);

    if (file->error != NULL || file->waiting->len + bytes->len > MAX_WAITING)
        return FALSE;
    g_byte_array_append(file->waiting, bytes->data, bytes->len);
    return TRUE;
}

char *
mcp_trace_file_get_error(McpTraceFile *file)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&file->lock);

    return g_strdup(file->error);
}

static void
set_error(McpTraceFile *file, int code)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&file->lock);

    if (file->error == NULL)
        file->error = g_strdup_printf("%s: %s", file->name, g_strerror(code));
}

static void
write_all(McpTraceFile *file, const GByteArray *bytes)
{
    gsize done = 0;

    while (done < bytes->len) {
        ssize_t n = write(file->fd, bytes->data + done, bytes->len - done);

        if (n < 0 && errno != EINTR) {
            set_error(file, errno);
            return;
        }
        if (n > 0)
            done += (gsize)n;
    }
}

typedef struct {
    McpTraceFile *file;
    GByteArray *bytes;
    gboolean last;
} Job;

static void
job_free(Job *job)
{
    g_byte_array_unref(job->bytes);
    g_free(job);
}

static void
run_job(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const Job *job = data;

    write_all(job->file, job->bytes);
    if (job->last)
        close(job->file->fd);
    g_task_return_boolean(task, TRUE);
}

static void write_next(McpTraceFile *file);

static void
on_timer(gpointer user_data)
{
    write_next(user_data);
}

static void
on_written(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpTraceFile *file = user_data;
    const Job *job = g_task_get_task_data(G_TASK(result));
    gboolean ran = g_task_propagate_boolean(G_TASK(result), NULL);
    gboolean last = job->last;

    file->writing = FALSE;
    /* The pool did not take it: full, or on its way out. */
    if (!ran) {
        set_error(file, EBUSY);
        if (last)
            close(file->fd);
    }
    if (last)
        file_free(file);
    else
        write_next(file);
}

static GByteArray *
take_waiting(McpTraceFile *file)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&file->lock);
    GByteArray *bytes = file->waiting;

    file->waiting = g_byte_array_new();
    return bytes;
}

static void
submit(McpTraceFile *file, GByteArray *bytes)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_written, file);
    Job *job = g_new(Job, 1);

    *job = (Job){file, bytes, file->closing};
    file->writing = TRUE;
    g_task_set_task_data(task, job, (GDestroyNotify)job_free);
    mcp_pool_run(file->disk, task, run_job);
}

static void
write_next(McpTraceFile *file)
{
    GByteArray *bytes = NULL;

    mcp_timer_clear(&file->timer);
    if (file->writing)
        return;
    bytes = take_waiting(file);
    if (bytes->len > 0 || file->closing) {
        submit(file, bytes);
        return;
    }
    g_byte_array_unref(bytes);
    file->timer = mcp_clock_after(file->clock, NULL, WRITE_INTERVAL, on_timer, file);
}

void
mcp_trace_file_run(McpTraceFile *file, McpClock *clock, McpPool *disk)
{
    file->clock = g_object_ref(clock);
    file->disk = g_object_ref(disk);
    write_next(file);
}

void
mcp_trace_file_close(McpTraceFile *file, McpTraceFileClosed func, gpointer user_data)
{
    file->closed = func;
    file->closed_data = user_data;
    if (file->disk == NULL) {
        close(file->fd);
        file_free(file);
        return;
    }
    file->closing = TRUE;
    write_next(file);
}
