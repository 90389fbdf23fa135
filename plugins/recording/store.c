/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of files: which objects are open, and the disk jobs that write for all of them at once.
 * Lives on the control context; open and read are called from any thread. At most one job runs at a
 * time, started by the flush timer, by a stream with much waiting, or by a commit.
 */
#include "store.h"
#include "file.h"
#include "object_name.h"
#include "read.h"
#include "repair.h"
#include "stream.h"
#include <errno.h>
#include <fcntl.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct _McpRecordingStore {
    GObject parent_instance;
    GMainContext *context;
    McpPool *disk; /* not owned: one of its threads may drop the last reference to this */
    McpClock *clock;
    McpMetrics *metrics;
    McpRecordingBuffers *buffers;
    GSource *kick;
    int root; /* set by the start job, before the first object */

    GMutex lock; /* guards all below */
    McpRecordingConfig config;
    char *directory;
    GHashTable *files; /* name -> McpRecordingFile, objects not ended */
    guint64 free_space;
    gboolean started;
    gboolean stopped;

    /* owner context only */
    McpTimer *timer;
    gboolean flushing;
    gboolean again;
    GTask *stop_task;
};

typedef struct {
    GSource source;
    GWeakRef store; /* its last reference may go on another thread */
} Kick;

typedef struct {
    GPtrArray *files;
    GPtrArray *ended;
    McpRecordingFlush flush;
    gint64 started;
} Job;

MCP_LEDGER_DEFINE(McpRecordingStore);

static void store_iface_init(McpStoreInterface *iface);
static void start_job(McpRecordingStore *self);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpRecordingStore, mcp_recording_store, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE, store_iface_init))

static void
count(McpRecordingStore *self, McpRecordingMetric row, gint64 delta)
{
    if (self->metrics != NULL && delta != 0)
        mcp_metrics_add(self->metrics, row, 0, delta);
}

void
mcp_recording_store_dropped(McpRecordingStore *self, gsize length)
{
    count(self, MCP_RECORDING_METRIC_DROPPED, (gint64)length);
}

void
mcp_recording_store_kick(McpRecordingStore *self)
{
    g_source_set_ready_time(self->kick, 0);
}

static gboolean
kick_dispatch(GSource *source, GSourceFunc func, gpointer user_data)
{
    g_autoptr(McpRecordingStore) store = g_weak_ref_get(&((Kick *)source)->store);

    g_source_set_ready_time(source, -1);
    if (store != NULL)
        start_job(store);
    return G_SOURCE_CONTINUE;
}

static void
kick_finalize(GSource *source)
{
    g_weak_ref_clear(&((Kick *)source)->store);
}

static GSourceFuncs kick_funcs = {.dispatch = kick_dispatch, .finalize = kick_finalize};

/* A running timer holds a reference, so that it is freed on its own context. */
static void
clear_timer(McpRecordingStore *self)
{
    if (self->timer == NULL)
        return;
    mcp_timer_clear(&self->timer);
    g_object_unref(self);
}

static void
timer_fired(gpointer user_data)
{
    g_autoptr(McpRecordingStore) self = g_object_ref(user_data);

    clear_timer(self);
    start_job(self);
}

static void
job_free(gpointer data)
{
    Job *job = data;

    g_ptr_array_unref(job->files);
    g_ptr_array_unref(job->ended);
    g_free(job);
}

static Job *
job_new(McpRecordingStore *self)
{
    Job *job = g_new0(Job, 1);
    GHashTableIter iter;
    gpointer file;

    job->files = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_recording_file_unref);
    job->ended = g_ptr_array_new();
    job->flush.root = self->root;
    g_mutex_lock(&self->lock);
    job->flush.min_free = self->config.min_free;
    g_hash_table_iter_init(&iter, self->files);
    while (g_hash_table_iter_next(&iter, NULL, &file))
        g_ptr_array_add(job->files, mcp_recording_file_ref(file));
    g_mutex_unlock(&self->lock);
    return job;
}

static guint64
read_free_space(int root)
{
    struct statvfs info;

    if (fstatvfs(root, &info) < 0)
        return 0;
    return (guint64)info.f_bavail * info.f_frsize;
}

static void
forget_ended(McpRecordingStore *self, Job *job)
{
    g_mutex_lock(&self->lock);
    self->free_space = job->flush.free_space;
    for (guint i = 0; i < job->ended->len; i++)
        g_hash_table_remove(self->files, mcp_recording_file_get_name(job->ended->pdata[i]));
    g_mutex_unlock(&self->lock);
    count(self, MCP_RECORDING_METRIC_OPEN, -(gint64)job->ended->len);
    count(self, MCP_RECORDING_METRIC_BYTES, (gint64)job->flush.bytes);
    count(self, MCP_RECORDING_METRIC_COMMITTED, job->flush.committed);
    count(self, MCP_RECORDING_METRIC_FAILURES, job->flush.failures);
    /* Last, so that whoever hears of a commit may use the name again. */
    for (guint i = 0; i < job->ended->len; i++)
        mcp_recording_file_report(job->ended->pdata[i]);
}

/* Disk pool. */
static void
run_job(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    McpRecordingStore *self = source;
    Job *job = data;

    job->started = mcp_clock_now(self->clock);
    job->flush.free_space = read_free_space(self->root);
    for (guint i = 0; i < job->files->len; i++) {
        McpRecordingFile *file = job->files->pdata[i];

        if (mcp_recording_file_flush(file, &job->flush))
            g_ptr_array_add(job->ended, file);
    }
    forget_ended(self, job);
    if (self->metrics != NULL)
        mcp_metrics_observe(self->metrics, MCP_RECORDING_METRIC_FLUSH, 0,
                            (double)(mcp_clock_now(self->clock) - job->started) / G_USEC_PER_SEC);
    g_task_return_boolean(task, TRUE);
}

static void
job_done(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpRecordingStore *self = MCP_RECORDING_STORE(source);
    g_autoptr(GError) error = NULL;
    gboolean good = g_task_propagate_boolean(G_TASK(result), &error);
    gboolean more;
    gint64 interval;

    self->flushing = FALSE;
    if (!good)
        mcp_log_warning("recording-delayed", NULL, "nothing was written: %s", error->message);
    g_mutex_lock(&self->lock);
    more = g_hash_table_size(self->files) > 0 && !self->stopped;
    interval = self->config.flush_interval;
    g_mutex_unlock(&self->lock);
    if (self->again && good) {
        start_job(self);
    } else if (self->stop_task != NULL) {
        g_autoptr(GTask) task = g_steal_pointer(&self->stop_task);

        g_task_return_boolean(task, TRUE);
    } else if (more && self->timer == NULL) {
        self->timer =
            mcp_clock_after(self->clock, self->context, interval, timer_fired, g_object_ref(self));
    }
}

static void
start_job(McpRecordingStore *self)
{
    g_autoptr(GTask) task = NULL;
    Job *job;

    if (self->flushing) {
        self->again = TRUE;
        return;
    }
    clear_timer(self);
    self->flushing = TRUE;
    self->again = FALSE;
    job = job_new(self);
    task = g_task_new(self, NULL, job_done, NULL);
    g_task_set_source_tag(task, start_job);
    g_task_set_task_data(task, job, job_free);
    mcp_pool_run(self->disk, task, run_job);
}

/* Called locked. */
static gboolean
may_open(McpRecordingStore *self, const char *name, GError **error)
{
    if (!self->started || self->stopped) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "store is not running");
        return FALSE;
    }
    if (self->free_space < self->config.min_free) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "%" G_GUINT64_FORMAT " bytes free in '%s', %" G_GUINT64_FORMAT " must stay",
                    self->free_space, self->directory, self->config.min_free);
        return FALSE;
    }
    if (g_hash_table_contains(self->files, name)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "object '%s' is being written", name);
        return FALSE;
    }
    return TRUE;
}

static McpStoreStream *
store_open(McpStore *store, const McpStoreObject *object, GError **error)
{
    McpRecordingStore *self = MCP_RECORDING_STORE(store);
    g_autoptr(McpRecordingFile) file = NULL;

    if (!mcp_recording_object_name_check(object->name, error))
        return NULL;
    g_mutex_lock(&self->lock);
    if (may_open(self, object->name, error)) {
        file = mcp_recording_file_new(object, self->buffers, self->config.stream_buffer);
        g_hash_table_insert(self->files, (gpointer)mcp_recording_file_get_name(file),
                            mcp_recording_file_ref(file));
    }
    g_mutex_unlock(&self->lock);
    /* Also after a refusal: the job looks at the free space anew. */
    mcp_recording_store_kick(self);
    if (file == NULL) {
        count(self, MCP_RECORDING_METRIC_FAILURES, 1);
        return NULL;
    }
    count(self, MCP_RECORDING_METRIC_OPEN, 1);
    return mcp_recording_stream_new(self, file);
}

/* Disk pool. */
static void
run_read(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    McpRecordingStore *self = source;
    GError *error = NULL;
    GBytes *bytes;
    guint64 limit;

    g_mutex_lock(&self->lock);
    limit = self->config.read_limit;
    g_mutex_unlock(&self->lock);
    bytes = mcp_recording_read(self->root, data, limit, &error);
    if (bytes != NULL)
        g_task_return_pointer(task, bytes, (GDestroyNotify)g_bytes_unref);
    else
        g_task_return_error(task, error);
}

static void
store_read_async(McpStore *store, const char *name, GCancellable *cancellable,
                 GAsyncReadyCallback callback, gpointer user_data)
{
    McpRecordingStore *self = MCP_RECORDING_STORE(store);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    GError *error = NULL;

    g_task_set_source_tag(task, store_read_async);
    if (!mcp_recording_object_name_check(name, &error)) {
        g_task_return_error(task, error);
        return;
    }
    if (self->root < 0) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_CLOSED, "store is not running");
        return;
    }
    g_task_set_task_data(task, g_strdup(name), g_free);
    mcp_pool_run(self->disk, task, run_read);
}

static GBytes *
store_read_finish(McpStore *store, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

gboolean
mcp_recording_directory_check(const char *path, GError **error)
{
    struct stat info;

    if (stat(path, &info) < 0)
        return TRUE; /* made at start, where a failure is reported */
    if (!S_ISDIR(info.st_mode)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s' is not a folder", path);
        return FALSE;
    }
    if ((info.st_mode & S_IWOTH) != 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "folder '%s' may be written by everybody (mode %04o)", path,
                    (guint)(info.st_mode & 07777));
        return FALSE;
    }
    return TRUE;
}

/* Disk pool. */
static void
run_start(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    McpRecordingStore *self = source;
    GError *error = NULL;
    guint n;

    if (g_mkdir_with_parents(self->directory, 0750) < 0) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_FAILED, "cannot make folder '%s': %s",
                                self->directory, g_strerror(errno));
        return;
    }
    if (!mcp_recording_directory_check(self->directory, &error)) {
        g_task_return_error(task, error);
        return;
    }
    self->root = open(self->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->root < 0 || faccessat(self->root, ".", W_OK | X_OK, AT_EACCESS) < 0) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_FAILED, "cannot use folder '%s': %s",
                                self->directory, g_strerror(errno));
        return;
    }
    n = mcp_recording_repair(self->root);
    count(self, MCP_RECORDING_METRIC_REPAIRED, n);
    g_mutex_lock(&self->lock);
    self->free_space = read_free_space(self->root);
    self->started = TRUE;
    g_mutex_unlock(&self->lock);
    g_task_return_boolean(task, TRUE);
}

void
mcp_recording_store_start_async(McpRecordingStore *self, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);

    g_task_set_source_tag(task, mcp_recording_store_start_async);
    mcp_pool_run(self->disk, task, run_start);
}

gboolean
mcp_recording_store_start_finish(McpRecordingStore *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

void
mcp_recording_store_configure(McpRecordingStore *self, const McpRecordingConfig *config)
{
    g_mutex_lock(&self->lock);
    self->config = *config;
    self->config.directory = self->directory;
    g_mutex_unlock(&self->lock);
    mcp_recording_buffers_set_limit(self->buffers, config->total_buffer);
}

void
mcp_recording_store_stop_async(McpRecordingStore *self, GAsyncReadyCallback callback,
                               gpointer user_data)
{
    GTask *task = g_task_new(self, NULL, callback, user_data);

    g_task_set_source_tag(task, mcp_recording_store_stop_async);
    g_mutex_lock(&self->lock);
    self->stopped = TRUE;
    g_mutex_unlock(&self->lock);
    if (self->root < 0 || self->stop_task != NULL) {
        g_task_return_boolean(task, TRUE);
        g_object_unref(task);
        return;
    }
    self->stop_task = task;
    start_job(self);
}

gboolean
mcp_recording_store_stop_finish(McpRecordingStore *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

McpRecordingStore *
mcp_recording_store_new(const McpRecordingConfig *config, McpPool *disk, McpClock *clock,
                        McpMetrics *metrics)
{
    McpRecordingStore *self = g_object_new(MCP_TYPE_RECORDING_STORE, NULL);

    self->directory = g_strdup(config->directory);
    self->config = *config;
    self->config.directory = self->directory;
    self->disk = disk;
    self->clock = g_object_ref(clock);
    self->metrics = metrics;
    self->buffers = mcp_recording_buffers_new(config->total_buffer);
    return self;
}

static void
mcp_recording_store_finalize(GObject *object)
{
    McpRecordingStore *self = MCP_RECORDING_STORE(object);

    g_source_destroy(self->kick);
    g_source_unref(self->kick);
    g_hash_table_unref(self->files);
    mcp_recording_buffers_unref(self->buffers);
    if (self->root >= 0)
        close(self->root);
    g_clear_object(&self->clock);
    g_main_context_unref(self->context);
    g_mutex_clear(&self->lock);
    g_free(self->directory);
    MCP_LEDGER_FINALIZED(McpRecordingStore);
    G_OBJECT_CLASS(mcp_recording_store_parent_class)->finalize(object);
}

static void
mcp_recording_store_init(McpRecordingStore *self)
{
    self->context = g_main_context_ref_thread_default();
    g_mutex_init(&self->lock);
    self->files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
                                        (GDestroyNotify)mcp_recording_file_unref);
    self->root = -1;
    self->kick = g_source_new(&kick_funcs, sizeof(Kick));
    g_weak_ref_init(&((Kick *)self->kick)->store, self);
    g_source_set_static_name(self->kick, "mcp-recording-kick");
    g_source_attach(self->kick, self->context);
    MCP_LEDGER_CREATED(McpRecordingStore);
}

static void
mcp_recording_store_class_init(McpRecordingStoreClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_recording_store_finalize;
}

static void
store_iface_init(McpStoreInterface *iface)
{
    iface->open = store_open;
    iface->read_async = store_read_async;
    iface->read_finish = store_read_finish;
}
