/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last good copies on disk. They may hold secrets, and what they say comes into force: a file
 * that others could have written counts for nothing. Blocks: disk pool, or before anything runs.
 */
#include "copies.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
is_ours(const struct stat *facts, mode_t kind)
{
    return (facts->st_mode & S_IFMT) == kind && facts->st_uid == geteuid() &&
           (facts->st_mode & 077) == 0;
}

static GBytes *
read_all(int fd, gsize size, GError **error)
{
    g_autofree char *bytes = g_malloc(size + 1);
    gsize length = 0;

    while (length < size) {
        gssize n = read(fd, bytes + length, size - length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        length += (gsize)n;
    }
    if (length == size)
        return g_bytes_new_take(g_steal_pointer(&bytes), size);
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "cannot be read");
    return NULL;
}

static GBytes *
read_checked(int fd, gsize most, GError **error)
{
    struct stat facts;

    if (fstat(fd, &facts) != 0 || !is_ours(&facts, S_IFREG)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED,
                    "is not a file of this user alone (mode 0600)");
        return NULL;
    }
    if ((gsize)facts.st_size > most) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "is larger than %" G_GSIZE_FORMAT " bytes",
                    most);
        return NULL;
    }
    return read_all(fd, (gsize)facts.st_size, error);
}

GBytes *
mcp_copy_read(const char *directory, const char *name, gsize most, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    GBytes *content = NULL;

    if (fd < 0) {
        int code = errno;

        g_set_error(error, MCP_ERROR, code == ENOENT ? MCP_ERROR_NOT_FOUND : MCP_ERROR_REFUSED,
                    "%s: %s", path, g_strerror(code));
        return NULL;
    }
    content = read_checked(fd, most, error);
    close(fd);
    if (content == NULL)
        g_prefix_error(error, "%s ", path);
    return content;
}

gboolean
mcp_copy_write(const char *directory, const char *name, GBytes *content, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    gsize size = 0;
    const char *bytes = g_bytes_get_data(content, &size);
    struct stat facts;

    if (g_mkdir_with_parents(directory, 0700) != 0 || lstat(directory, &facts) != 0 ||
        !is_ours(&facts, S_IFDIR)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED,
                    "%s is not a folder of this user alone (mode 0700)", directory);
        return FALSE;
    }
    return g_file_set_contents_full(path, size > 0 ? bytes : "", (gssize)size,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                    0600, error);
}
