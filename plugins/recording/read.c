/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading of a complete object as a whole. Disk pool.
 */
#include "read.h"
#include <errno.h>
#include <fcntl.h>
#include <mcp/error.h>
#include <sys/stat.h>
#include <unistd.h>

static GBytes *
read_all(int fd, gsize size, const char *name, GError **error)
{
    g_autofree guint8 *data = g_malloc(size + 1);
    gsize have = 0;

    while (have < size) {
        ssize_t n = read(fd, data + have, size - have);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "cannot read '%s': %s", name,
                        n < 0 ? g_strerror(errno) : "it became shorter");
            return NULL;
        }
        have += (gsize)n;
    }
    return g_bytes_new_take(g_steal_pointer(&data), have);
}

static GBytes *
read_object(int fd, guint64 limit, const char *name, GError **error)
{
    struct stat info;

    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no object '%s'", name);
        return NULL;
    }
    if ((guint64)info.st_size > limit) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "object '%s' has %" G_GINT64_FORMAT " bytes, %" G_GUINT64_FORMAT
                    " at most are read",
                    name, (gint64)info.st_size, limit);
        return NULL;
    }
    return read_all(fd, (gsize)info.st_size, name, error);
}

GBytes *
mcp_recording_read(int root, const char *name, guint64 limit, GError **error)
{
    int fd = openat(root, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    GBytes *bytes;

    if (fd < 0) {
        gboolean absent = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;

        g_set_error(error, MCP_ERROR, absent ? MCP_ERROR_NOT_FOUND : MCP_ERROR_FAILED,
                    "cannot open object '%s': %s", name, g_strerror(errno));
        return NULL;
    }
    bytes = read_object(fd, limit, name, error);
    close(fd);
    return bytes;
}
