/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk in memory for tests of journals. What a power loss leaves is up to chance, within what a
 * file system may do: content up to the last sync of the file, names up to the last sync of their
 * folder, and any part of what came later. The lock guards everything.
 */
#include "fake_disk.h"

#include <errno.h>
#include <string.h>

typedef struct {
    gatomicrefcount refs;
    GByteArray *now;
    GByteArray *durable;
    gboolean locked;
} File;

typedef struct {
    File *file;
    gboolean locks;
} Handle;

struct _McpFakeDisk {
    McpDisk disk; /* first */
    GMutex lock;
    GCond moved;
    GHashTable *files;   /* path → File */
    GHashTable *durable; /* path → File: names as of the last sync of their folder */
    GPtrArray *handles;  /* Handle, or NULL */
    gsize limit;
    int fail_write;
    int fail_sync;
    gboolean stuck;
};

static File *
file_new(void)
{
    File *file = g_new0(File, 1);

    g_atomic_ref_count_init(&file->refs);
    file->now = g_byte_array_new();
    file->durable = g_byte_array_new();
    return file;
}

static File *
file_ref(File *file)
{
    g_atomic_ref_count_inc(&file->refs);
    return file;
}

static void
file_unref(File *file)
{
    if (!g_atomic_ref_count_dec(&file->refs))
        return;
    g_byte_array_unref(file->now);
    g_byte_array_unref(file->durable);
    g_free(file);
}

static void
set_bytes(GByteArray *to, const GByteArray *from)
{
    g_byte_array_set_size(to, 0);
    g_byte_array_append(to, from->data, from->len);
}

static gsize
used(McpFakeDisk *fake)
{
    GHashTableIter iter;
    gpointer file = NULL;
    gsize sum = 0;

    g_hash_table_iter_init(&iter, fake->files);
    while (g_hash_table_iter_next(&iter, NULL, &file))
        sum += ((File *)file)->now->len;
    return sum;
}

static McpFakeDisk *
lock_disk(McpDisk *disk)
{
    McpFakeDisk *fake = (McpFakeDisk *)disk;

    g_mutex_lock(&fake->lock);
    return fake;
}

static File *
file_of(McpFakeDisk *fake, int handle)
{
    const Handle *open = (guint)handle < fake->handles->len ? fake->handles->pdata[handle] : NULL;

    return open != NULL ? open->file : NULL;
}

static int
fake_open(McpDisk *disk, const char *path, gboolean create)
{
    McpFakeDisk *fake = lock_disk(disk);
    File *file = g_hash_table_lookup(fake->files, path);
    int handle = -ENOENT;

    if (file == NULL && create) {
        file = file_new();
        g_hash_table_insert(fake->files, g_strdup(path), file);
    }
    if (file != NULL) {
        Handle *open = g_new0(Handle, 1);

        open->file = file_ref(file);
        handle = (int)fake->handles->len;
        g_ptr_array_add(fake->handles, open);
    }
    g_mutex_unlock(&fake->lock);
    return handle;
}

static void
close_handle(McpFakeDisk *fake, guint index)
{
    Handle *open = fake->handles->pdata[index];

    if (open == NULL)
        return;
    if (open->locks)
        open->file->locked = FALSE;
    file_unref(open->file);
    g_free(open);
    fake->handles->pdata[index] = NULL;
}

static void
fake_close(McpDisk *disk, int handle)
{
    McpFakeDisk *fake = lock_disk(disk);

    close_handle(fake, (guint)handle);
    g_mutex_unlock(&fake->lock);
}

static gint64
fake_read(McpDisk *disk, int handle, gpointer data, gsize length, gint64 offset)
{
    McpFakeDisk *fake = lock_disk(disk);
    const File *file = file_of(fake, handle);
    gint64 n = -EBADF;

    if (file != NULL && (gsize)offset >= file->now->len)
        n = 0;
    else if (file != NULL)
        n = (gint64)MIN(length, file->now->len - (gsize)offset);
    if (n > 0)
        memcpy(data, file->now->data + offset, (gsize)n);
    g_mutex_unlock(&fake->lock);
    return n;
}

/* A part is written before it fails or is full. */
static gint64
write_locked(McpFakeDisk *fake, File *file, gconstpointer data, gsize length, gsize offset)
{
    gsize end = offset + length;
    gsize grows = end > file->now->len ? end - file->now->len : 0;

    if (file == NULL)
        return -EBADF;
    if (fake->limit > 0 && used(fake) + grows > fake->limit) {
        gsize room = fake->limit > used(fake) ? fake->limit - used(fake) : 0;

        if (room == 0 || offset != file->now->len)
            return -ENOSPC;
        length = MIN(length, room);
        end = offset + length;
    } else if (fake->fail_write != 0) {
        return -fake->fail_write;
    }
    if (end > file->now->len) {
        gsize before = file->now->len;

        g_byte_array_set_size(file->now, (guint)end);
        memset(file->now->data + before, 0, end - before);
    }
    memcpy(file->now->data + offset, data, length);
    return (gint64)length;
}

static gint64
fake_write(McpDisk *disk, int handle, gconstpointer data, gsize length, gint64 offset)
{
    McpFakeDisk *fake = lock_disk(disk);
    gint64 n;

    while (fake->stuck)
        g_cond_wait(&fake->moved, &fake->lock);
    n = file_of(fake, handle) != NULL
            ? write_locked(fake, file_of(fake, handle), data, length, (gsize)offset)
            : -EBADF;
    g_mutex_unlock(&fake->lock);
    return n;
}

static int
fake_truncate(McpDisk *disk, int handle, gint64 size)
{
    McpFakeDisk *fake = lock_disk(disk);
    File *file = file_of(fake, handle);

    if (file != NULL)
        g_byte_array_set_size(file->now, (guint)MIN((gsize)size, file->now->len));
    g_mutex_unlock(&fake->lock);
    return file != NULL ? 0 : -EBADF;
}

static int
fake_sync(McpDisk *disk, int handle)
{
    McpFakeDisk *fake = lock_disk(disk);
    File *file = file_of(fake, handle);
    int result = file == NULL ? -EBADF : -fake->fail_sync;

    if (result == 0)
        set_bytes(file->durable, file->now);
    g_mutex_unlock(&fake->lock);
    return result;
}

static gint64
fake_get_size(McpDisk *disk, int handle)
{
    McpFakeDisk *fake = lock_disk(disk);
    const File *file = file_of(fake, handle);
    gint64 size = file != NULL ? (gint64)file->now->len : -EBADF;

    g_mutex_unlock(&fake->lock);
    return size;
}

static int
fake_lock(McpDisk *disk, int handle)
{
    McpFakeDisk *fake = lock_disk(disk);
    File *file = file_of(fake, handle);
    int result = file == NULL ? -EBADF : file->locked ? -EWOULDBLOCK : 0;

    if (result == 0) {
        file->locked = TRUE;
        ((Handle *)fake->handles->pdata[handle])->locks = TRUE;
    }
    g_mutex_unlock(&fake->lock);
    return result;
}

static int
fake_remove(McpDisk *disk, const char *path)
{
    McpFakeDisk *fake = lock_disk(disk);
    gboolean was = g_hash_table_remove(fake->files, path);

    g_mutex_unlock(&fake->lock);
    return was ? 0 : -ENOENT;
}

static int
fake_make_folder(McpDisk *disk, const char *path)
{
    return 0;
}

static gboolean
is_in(const char *path, const char *folder)
{
    gsize length = strlen(folder);

    return strncmp(path, folder, length) == 0 && path[length] == '/' &&
           strchr(path + length + 1, '/') == NULL;
}

static int
fake_sync_folder(McpDisk *disk, const char *folder)
{
    McpFakeDisk *fake = lock_disk(disk);
    int result = -fake->fail_sync;
    GHashTableIter iter;
    gpointer path = NULL;
    gpointer file = NULL;

    g_hash_table_iter_init(&iter, fake->durable);
    while (result == 0 && g_hash_table_iter_next(&iter, &path, NULL))
        if (is_in(path, folder) && !g_hash_table_contains(fake->files, path))
            g_hash_table_iter_remove(&iter);
    g_hash_table_iter_init(&iter, fake->files);
    while (result == 0 && g_hash_table_iter_next(&iter, &path, &file))
        if (is_in(path, folder))
            g_hash_table_replace(fake->durable, g_strdup(path), file_ref(file));
    g_mutex_unlock(&fake->lock);
    return result;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char **
fake_list(McpDisk *disk, const char *folder, int *out_error)
{
    McpFakeDisk *fake = lock_disk(disk);
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iter;
    gpointer path = NULL;

    g_hash_table_iter_init(&iter, fake->files);
    while (g_hash_table_iter_next(&iter, &path, NULL))
        if (is_in(path, folder))
            g_ptr_array_add(names, g_path_get_basename(path));
    g_mutex_unlock(&fake->lock);
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

McpFakeDisk *
mcp_fake_disk_new(void)
{
    static const McpDiskOps ops = {
        .open = fake_open,
        .close = fake_close,
        .read = fake_read,
        .write = fake_write,
        .truncate = fake_truncate,
        .sync = fake_sync,
        .get_size = fake_get_size,
        .lock = fake_lock,
        .remove = fake_remove,
        .make_folder = fake_make_folder,
        .sync_folder = fake_sync_folder,
        .list = fake_list,
    };
    McpFakeDisk *fake = g_new0(McpFakeDisk, 1);

    fake->disk.ops = &ops;
    g_mutex_init(&fake->lock);
    g_cond_init(&fake->moved);
    fake->files =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)file_unref);
    fake->durable =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)file_unref);
    fake->handles = g_ptr_array_new();
    return fake;
}

void
mcp_fake_disk_free(McpFakeDisk *fake)
{
    for (guint i = 0; i < fake->handles->len; i++)
        close_handle(fake, i);
    g_ptr_array_unref(fake->handles);
    g_hash_table_unref(fake->files);
    g_hash_table_unref(fake->durable);
    g_mutex_clear(&fake->lock);
    g_cond_clear(&fake->moved);
    g_free(fake);
}

McpDisk *
mcp_fake_disk_get(McpFakeDisk *fake)
{
    return &fake->disk;
}

/* Blocks of what came after the last sync have reached the disk, or not. */
static void
settle(File *file, GRand *rand)
{
    gsize kept = file->durable->len;

    if (file->now->len > kept)
        kept += (gsize)g_rand_int_range(rand, 0, (gint32)(file->now->len - kept + 1));
    for (gsize at = 0; at < MIN(kept, file->now->len); at += 64) {
        gsize part = MIN(64, MIN(kept, file->now->len) - at);
        gsize before = file->durable->len;

        if (at + part > before) {
            g_byte_array_set_size(file->durable, (guint)(at + part));
            memset(file->durable->data + before, 0, at + part - before);
        }
        if (g_rand_boolean(rand))
            memcpy(file->durable->data + at, file->now->data + at, part);
    }
    set_bytes(file->now, file->durable);
    file->locked = FALSE;
}

void
mcp_fake_disk_lose_power(McpFakeDisk *fake, GRand *rand)
{
    GHashTableIter iter;
    gpointer path = NULL;
    gpointer file = NULL;

    for (guint i = 0; i < fake->handles->len; i++)
        close_handle(fake, i);
    g_hash_table_remove_all(fake->files);
    g_hash_table_iter_init(&iter, fake->durable);
    while (g_hash_table_iter_next(&iter, &path, &file)) {
        settle(file, rand);
        g_hash_table_insert(fake->files, g_strdup(path), file_ref(file));
    }
}

void
mcp_fake_disk_limit(McpFakeDisk *fake, gsize bytes)
{
    lock_disk(&fake->disk)->limit = bytes;
    g_mutex_unlock(&fake->lock);
}

void
mcp_fake_disk_fail(McpFakeDisk *fake, int on_write, int on_sync)
{
    g_mutex_lock(&fake->lock);
    fake->fail_write = on_write;
    fake->fail_sync = on_sync;
    g_mutex_unlock(&fake->lock);
}

void
mcp_fake_disk_stick(McpFakeDisk *fake, gboolean stuck)
{
    g_mutex_lock(&fake->lock);
    fake->stuck = stuck;
    g_cond_broadcast(&fake->moved);
    g_mutex_unlock(&fake->lock);
}

GByteArray *
mcp_fake_disk_peek(McpFakeDisk *fake, const char *path)
{
    const File *file = g_hash_table_lookup(fake->files, path);

    return file != NULL ? file->now : NULL;
}

McpFakeDisk *
mcp_fake_disk_copy(McpFakeDisk *fake)
{
    McpFakeDisk *copy = mcp_fake_disk_new();
    GHashTableIter iter;
    gpointer path = NULL;
    gpointer file = NULL;

    g_hash_table_iter_init(&iter, fake->files);
    while (g_hash_table_iter_next(&iter, &path, &file)) {
        File *same = file_new();

        set_bytes(same->now, ((File *)file)->now);
        set_bytes(same->durable, same->now);
        g_hash_table_insert(copy->files, g_strdup(path), same);
        g_hash_table_insert(copy->durable, g_strdup(path), file_ref(same));
    }
    return copy;
}
