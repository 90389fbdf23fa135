/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One object on its way to the disk: the bytes that wait, the patches, the state. The stream's side
 * (append, patch, commit, abort) runs on any thread and touches memory only; the flush side runs on
 * the disk pool, one job at a time, and alone owns the descriptor.
 */
#include "file.h"
#include "object_name.h"
#include <errno.h>
#include <fcntl.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATCH_END 4096

typedef enum {
    STATE_OPEN,
    STATE_COMMIT,
    STATE_ABORT,
    STATE_ENDED,
} State;

typedef struct {
    guint64 offset;
    GBytes *bytes;
} Patch;

struct _McpRecordingFile {
    gatomicrefcount ref_count;
    char *name;
    char *part_name;
    char *call_id;
    McpStorePolicy policy;
    McpRecordingBuffers *buffers;
    guint64 buffer_limit;

    GMutex lock; /* guards state to commit_task; held for a copy at most */
    State state;
    McpRecordingChunk *first;
    McpRecordingChunk *last;
    gsize waiting;
    guint64 length;
    GArray *patches;
    GError *error;
    GTask *commit_task;

    int fd; /* disk job only */
};

MCP_LEDGER_DEFINE(McpRecordingFile);

static void
patch_clear(gpointer data)
{
    g_bytes_unref(((Patch *)data)->bytes);
}

McpRecordingFile *
mcp_recording_file_new(const McpStoreObject *object, McpRecordingBuffers *buffers,
                       guint64 buffer_limit)
{
    McpRecordingFile *file = g_new0(McpRecordingFile, 1);

    g_atomic_ref_count_init(&file->ref_count);
    g_mutex_init(&file->lock);
    file->name = g_strdup(object->name);
    file->part_name = g_strconcat(object->name, MCP_RECORDING_PART, NULL);
    file->call_id = g_strdup(object->call_id);
    file->policy = object->policy;
    file->buffers = mcp_recording_buffers_ref(buffers);
    file->buffer_limit = buffer_limit;
    file->patches = g_array_new(FALSE, FALSE, sizeof(Patch));
    g_array_set_clear_func(file->patches, patch_clear);
    file->fd = -1;
    MCP_LEDGER_CREATED(McpRecordingFile);
    return file;
}

McpRecordingFile *
mcp_recording_file_ref(McpRecordingFile *file)
{
    g_atomic_ref_count_inc(&file->ref_count);
    return file;
}

void
mcp_recording_file_unref(McpRecordingFile *file)
{
    if (!g_atomic_ref_count_dec(&file->ref_count))
        return;
    if (file->fd >= 0)
        close(file->fd);
    mcp_recording_buffers_give(file->buffers, file->first);
    mcp_recording_buffers_unref(file->buffers);
    g_clear_object(&file->commit_task);
    g_clear_error(&file->error);
    g_array_unref(file->patches);
    g_mutex_clear(&file->lock);
    g_free(file->call_id);
    g_free(file->part_name);
    g_free(file->name);
    g_free(file);
    MCP_LEDGER_FINALIZED(McpRecordingFile);
}

const char *
mcp_recording_file_get_name(const McpRecordingFile *file)
{
    return file->name;
}

guint64
mcp_recording_file_get_length(McpRecordingFile *file)
{
    guint64 length;

    g_mutex_lock(&file->lock);
    length = file->length;
    g_mutex_unlock(&file->lock);
    return length;
}

/* Called locked. */
static gboolean
make_room(McpRecordingFile *file, gsize length)
{
    gsize room = file->last != NULL ? MCP_RECORDING_CHUNK_SIZE - file->last->used : 0;
    McpRecordingChunk *more;

    if (file->state != STATE_OPEN || file->error != NULL)
        return FALSE;
    if (length > file->buffer_limit || file->waiting > file->buffer_limit - length)
        return FALSE;
    if (length <= room)
        return TRUE;
    more = mcp_recording_buffers_take(file->buffers,
                                      (guint)((length - room - 1) / MCP_RECORDING_CHUNK_SIZE + 1));
    if (more == NULL)
        return FALSE;
    if (file->last == NULL)
        file->first = file->last = more;
    else
        file->last->next = more;
    return TRUE;
}

/* Called locked, after make_room(). */
static void
copy_in(McpRecordingFile *file, const guint8 *data, gsize length)
{
    file->waiting += length;
    file->length += length;
    while (length > 0) {
        gsize n;

        if (file->last->used == MCP_RECORDING_CHUNK_SIZE)
            file->last = file->last->next;
        n = MIN(length, MCP_RECORDING_CHUNK_SIZE - file->last->used);
        memcpy(file->last->data + file->last->used, data, n);
        file->last->used += (guint)n;
        data += n;
        length -= n;
    }
}

gboolean
mcp_recording_file_append(McpRecordingFile *file, gconstpointer data, gsize length,
                          gsize *out_waiting)
{
    gboolean taken;

    g_mutex_lock(&file->lock);
    taken = make_room(file, length);
    if (taken)
        copy_in(file, data, length);
    else if (file->error == NULL && file->state == STATE_OPEN && file->policy == MCP_STORE_REQUIRED)
        /* A required object with a gap is not the object that was asked for. */
        g_set_error(&file->error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "%" G_GSIZE_FORMAT " bytes of object '%s' were lost: the disk does not keep up",
                    length, file->name);
    *out_waiting = file->waiting;
    g_mutex_unlock(&file->lock);
    return taken;
}

void
mcp_recording_file_patch(McpRecordingFile *file, guint64 offset, gconstpointer data, gsize length)
{
    gboolean fits = length <= PATCH_END && offset <= PATCH_END - length;
    Patch patch = {offset, fits ? g_bytes_new(data, length) : NULL};

    g_mutex_lock(&file->lock);
    if (fits && file->state == STATE_OPEN)
        g_array_append_val(file->patches, patch);
    else if (fits)
        g_bytes_unref(patch.bytes);
    else if (file->state == STATE_OPEN && file->error == NULL)
        g_set_error(&file->error, MCP_ERROR, MCP_ERROR_INVALID,
                    "patch of object '%s' at %" G_GUINT64_FORMAT " lies outside its first 4 KiB",
                    file->name, offset);
    g_mutex_unlock(&file->lock);
}

void
mcp_recording_file_commit(McpRecordingFile *file, GTask *task)
{
    gboolean first;

    g_mutex_lock(&file->lock);
    first = file->state == STATE_OPEN;
    if (first) {
        file->state = STATE_COMMIT;
        file->commit_task = g_object_ref(task);
    }
    g_mutex_unlock(&file->lock);
    if (!first)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_STATE,
                                "object '%s' was committed or aborted before", file->name);
    g_object_unref(task);
}

void
mcp_recording_file_abort(McpRecordingFile *file)
{
    g_mutex_lock(&file->lock);
    if (file->state == STATE_OPEN)
        file->state = STATE_ABORT;
    g_mutex_unlock(&file->lock);
}

/* What fails here is the disk, so the class follows errno. */
static gboolean
set_errno_error(GError **error, const char *what, const char *name)
{
    int code = errno;
    McpError kind = MCP_ERROR_FAILED;

    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        kind = MCP_ERROR_LIMIT;
    else if (code == EEXIST)
        kind = MCP_ERROR_STATE;
    g_set_error(error, MCP_ERROR, (int)kind, "cannot %s '%s': %s", what, name, g_strerror(code));
    return FALSE;
}

/* Opens the folder of @name below @root, making what is missing; links are not followed. */
static int
open_folder(int root, const char *name, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    int folder = fcntl(root, F_DUPFD_CLOEXEC, 0);

    for (guint i = 0; folder >= 0 && parts[i + 1] != NULL; i++) {
        int next;

        if (mkdirat(folder, parts[i], 0750) < 0 && errno != EEXIST) {
            set_errno_error(error, "make folder", parts[i]);
            close(folder);
            return -1;
        }
        next = openat(folder, parts[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(folder);
        folder = next;
    }
    if (folder < 0)
        set_errno_error(error, "open the folder of", name);
    return folder;
}

static gboolean
create(McpRecordingFile *file, const McpRecordingFlush *flush, GError **error)
{
    const char *slash = strrchr(file->part_name, '/');
    const char *base = slash != NULL ? slash + 1 : file->part_name;
    int folder;

    if (flush->free_space < flush->min_free) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "cannot create '%s': %" G_GUINT64_FORMAT " bytes free, %" G_GUINT64_FORMAT
                    " must stay",
                    file->name, flush->free_space, flush->min_free);
        return FALSE;
    }
    if (faccessat(flush->root, file->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return set_errno_error(error, "create", file->name);
    }
    folder = open_folder(flush->root, file->part_name, error);
    if (folder < 0)
        return FALSE;
    file->fd = openat(folder, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (file->fd < 0)
        set_errno_error(error, "create", file->part_name);
    else
        flock(file->fd, LOCK_EX | LOCK_NB); /* tells a second process that it is no orphan */
    close(folder);
    return file->fd >= 0;
}

static gboolean
write_all(McpRecordingFile *file, const guint8 *data, gsize length, GError **error)
{
    while (length > 0) {
        ssize_t n = write(file->fd, data, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return set_errno_error(error, "write", file->name);
        data += n;
        length -= (gsize)n;
    }
    return TRUE;
}

static gboolean
write_chunks(McpRecordingFile *file, const McpRecordingChunk *chunk, McpRecordingFlush *flush,
             GError **error)
{
    for (; chunk != NULL; chunk = chunk->next) {
        if (!write_all(file, chunk->data, chunk->used, error))
            return FALSE;
        flush->bytes += chunk->used;
    }
    return TRUE;
}

static gboolean
complete(McpRecordingFile *file, int root, GError **error)
{
    for (guint i = 0; i < file->patches->len; i++) {
        Patch *patch = &g_array_index(file->patches, Patch, i);
        gsize length;
        const void *data = g_bytes_get_data(patch->bytes, &length);

        if (patch->offset + length > file->length) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                        "patch of object '%s' lies beyond its end", file->name);
            return FALSE;
        }
        if (pwrite(file->fd, data, length, (off_t)patch->offset) != (ssize_t)length)
            return set_errno_error(error, "patch", file->name);
    }
    if (renameat2(root, file->part_name, root, file->name, RENAME_NOREPLACE) == 0)
        return TRUE;
    /* A file system without that flag: a link never replaces either. */
    if (errno != EINVAL || linkat(root, file->part_name, root, file->name, 0) < 0)
        return set_errno_error(error, "complete", file->name);
    unlinkat(root, file->part_name, 0);
    return TRUE;
}

/* Remembers the first failure, which is what the commit reports. */
static void
fail(McpRecordingFile *file, GError *error)
{
    mcp_log_warning("recording-failed", file->call_id, "%s", error->message);
    g_mutex_lock(&file->lock);
    if (file->error == NULL)
        file->error = error;
    else
        g_error_free(error);
    g_mutex_unlock(&file->lock);
}

static void
end(McpRecordingFile *file, gboolean remove_it, McpRecordingFlush *flush)
{
    if (file->error != NULL)
        flush->failures++;
    if (file->fd >= 0) {
        if (remove_it)
            unlinkat(flush->root, file->part_name, 0);
        close(file->fd);
        file->fd = -1;
    }
    g_mutex_lock(&file->lock);
    file->state = STATE_ENDED;
    g_mutex_unlock(&file->lock);
}

static void
finish_commit(McpRecordingFile *file, McpRecordingFlush *flush)
{
    GError *error = NULL;

    if (file->error == NULL && !complete(file, flush->root, &error))
        fail(file, error);
    if (file->error == NULL)
        flush->committed++;
    /* What could be kept of a required object stays as .part and is recovered at the next start. */
    end(file, file->error != NULL && file->policy == MCP_STORE_BEST_EFFORT, flush);
}

void
mcp_recording_file_report(McpRecordingFile *file)
{
    g_autoptr(GTask) task = g_steal_pointer(&file->commit_task);

    if (task != NULL && file->error != NULL)
        g_task_return_error(task, g_error_copy(file->error));
    else if (task != NULL)
        g_task_return_boolean(task, TRUE);
}

gboolean
mcp_recording_file_flush(McpRecordingFile *file, McpRecordingFlush *flush)
{
    McpRecordingChunk *chunks;
    GError *error = NULL;
    gboolean good;
    State state;

    g_mutex_lock(&file->lock);
    state = file->state;
    chunks = g_steal_pointer(&file->first);
    file->last = NULL;
    file->waiting = 0;
    good = file->error == NULL;
    g_mutex_unlock(&file->lock);

    if (good && (state == STATE_OPEN || state == STATE_COMMIT) &&
        ((file->fd < 0 && !create(file, flush, &error)) ||
         !write_chunks(file, chunks, flush, &error)))
        fail(file, error);
    mcp_recording_buffers_give(file->buffers, chunks);
    if (state == STATE_COMMIT)
        finish_commit(file, flush);
    else if (state == STATE_ABORT)
        end(file, TRUE, flush);
    return state != STATE_OPEN;
}
