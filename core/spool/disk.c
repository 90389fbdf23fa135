/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file system as a journal sees it. Blocks: on the disk pool. Any thread, one file a caller.
 */
#include "spool/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_folder(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int
real_open(McpDisk *disk, const char *path, gboolean create)
{
    int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0640);

    return file < 0 ? -errno : file;
}

static void
real_close(McpDisk *disk, int file)
{
    close(file);
}

static gint64
real_read(McpDisk *disk, int file, gpointer data, gsize length, gint64 offset)
{
    gsize done = 0;

    while (done < length) {
        ssize_t n = pread(file, (char *)data + done, length - done, offset + (gint64)done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        done += (gsize)n;
    }
    return (gint64)done;
}

static gint64
real_write(McpDisk *disk, int file, gconstpointer data, gsize length, gint64 offset)
{
    ssize_t n;

    do
        n = pwrite(file, data, length, offset);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static int
real_truncate(McpDisk *disk, int file, gint64 size)
{
    return ftruncate(file, size) < 0 ? -errno : 0;
}

static int
real_sync(McpDisk *disk, int file)
{
    return fdatasync(file) < 0 ? -errno : 0;
}

static gint64
real_get_size(McpDisk *disk, int file)
{
    struct stat facts;

    return fstat(file, &facts) < 0 ? -errno : facts.st_size;
}

static int
real_lock(McpDisk *disk, int file)
{
    return flock(file, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

static int
real_remove(McpDisk *disk, const char *path)
{
    return unlink(path) < 0 ? -errno : 0;
}

static int
real_make_folder(McpDisk *disk, const char *path)
{
    return g_mkdir_with_parents(path, 0750) < 0 ? -errno : 0;
}

static int
real_sync_folder(McpDisk *disk, const char *path)
{
    int folder = open_folder(path);
    int result = 0;

    if (folder < 0)
        return -errno;
    if (fsync(folder) < 0)
        result = -errno;
    close(folder);
    return result;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char **
real_list(McpDisk *disk, const char *path, int *out_error)
{
    g_autoptr(GError) error = NULL;
    GDir *folder = g_dir_open(path, 0, &error);
    GPtrArray *names = NULL;
    const char *name = NULL;

    if (folder == NULL) {
        *out_error = g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_ACCES) ? -EACCES : -EIO;
        return NULL;
    }
    names = g_ptr_array_new();
    while ((name = g_dir_read_name(folder)) != NULL)
        g_ptr_array_add(names, g_strdup(name));
    g_dir_close(folder);
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

McpDisk *
mcp_disk_real(void)
{
    static const McpDiskOps ops = {
        real_open,     real_close, real_read,   real_write,       real_truncate,    real_sync,
        real_get_size, real_lock,  real_remove, real_make_folder, real_sync_folder, real_list,
    };
    static McpDisk disk = {&ops};

    return &disk;
}
