/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file: URLs: one regular file below a root, opened part by part so that neither ".." nor a
 * symbolic link, not even one put there meanwhile, leads out of it. The work is done on a thread of
 * the disk pool.
 */
#include "file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *root;
    char *path;
    gsize max_bytes;
} Job;

static const struct {
    const char *suffix;
    const char *type;
} types[] = {
    {".vxml", "application/voicexml+xml"},
    {".grxml", "application/srgs+xml"},
    {".gram", "application/srgs"},
    {".ssml", "application/ssml+xml"},
    {".xml", "application/xml"},
    {".js", "application/javascript"},
    {".es", "application/ecmascript"},
    {".json", "application/json"},
    {".txt", "text/plain"},
    {".wav", "audio/x-wav"},
    {".au", "audio/x-au"},
    {".ulaw", "audio/basic"},
    {".vox", "audio/basic"},
    {".alaw", "audio/x-alaw-basic"},
};

static void
job_free(gpointer data)
{
    Job *job = data;

    g_free(job->root);
    g_free(job->path);
    g_free(job);
}

void
mcp_http_file_free(McpHttpFile *file)
{
    g_bytes_unref(file->body);
    g_free(file->content_id);
    g_free(file);
}

char *
mcp_http_content_id(GBytes *bytes)
{
    g_autofree char *hash = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);

    return g_strconcat("sha256:", hash, NULL);
}

static const char *
type_of(const char *path)
{
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_has_suffix(path, types[i].suffix))
            return types[i].type;
    }
    return "";
}

static void
set_open_error(GError **error, const char *path, int code)
{
    McpError kind = MCP_ERROR_FAILED;

    if (code == ENOENT || code == ENOTDIR)
        kind = MCP_ERROR_NOT_FOUND;
    else if (code == ELOOP)
        kind = MCP_ERROR_REFUSED;
    g_set_error(error, MCP_ERROR, kind, "%s: %s", path,
                code == ELOOP ? "is or leads over a symbolic link" : g_strerror(code));
}

/* Opens @parts below @root one after the other; the last one for reading. -1 with @error. */
static int
open_below(const char *root, char **parts, const char *path, GError **error)
{
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

    for (guint i = 0; fd >= 0 && parts[i] != NULL; i++) {
        gboolean last = parts[i + 1] == NULL;
        int flags = last ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY;
        int next = openat(fd, parts[i], flags | O_NOFOLLOW | O_CLOEXEC);
        int code = errno;

        close(fd);
        fd = next;
        errno = code;
    }
    if (fd < 0)
        set_open_error(error, path, errno);
    return fd;
}

/* The parts of @path below @root; NULL with @error when it leads elsewhere. */
static char **
split_path(const char *root, const char *path, GError **error)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    gsize length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    g_auto(GStrv) pieces = NULL;

    if (strncmp(path, root, length) != 0 || path[length] != '/') {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED, "%s is not below file_root", path);
        return NULL;
    }
    pieces = g_strsplit(path + length, "/", -1);
    for (guint i = 0; pieces[i] != NULL; i++) {
        if (strcmp(pieces[i], "..") == 0) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED, "%s leads upwards", path);
            return NULL;
        }
        if (pieces[i][0] != '\0' && strcmp(pieces[i], ".") != 0)
            g_ptr_array_add(parts, g_strdup(pieces[i]));
    }
    if (parts->len == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "%s is a folder", path);
        return NULL;
    }
    g_ptr_array_add(parts, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&parts), FALSE);
}

static GBytes *
read_all(int fd, const Job *job, GError **error)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    guint8 chunk[16384];
    gssize got = 0;

    while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
        if (body->len + (gsize)got > job->max_bytes) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                        "%s is larger than %" G_GSIZE_FORMAT " bytes", job->path, job->max_bytes);
            return NULL;
        }
        g_byte_array_append(body, chunk, (guint)got);
    }
    if (got < 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "%s: %s", job->path, g_strerror(errno));
        return NULL;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&body));
}

static GBytes *
read_job(const Job *job, GError **error)
{
    g_auto(GStrv) parts = split_path(job->root, job->path, error);
    g_autoptr(GBytes) body = NULL;
    struct stat facts;
    int fd = -1;

    if (parts == NULL)
        return NULL;
    fd = open_below(job->root, parts, job->path, error);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode))
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED, "%s is no regular file", job->path);
    else
        body = read_all(fd, job, error);
    close(fd);
    return g_steal_pointer(&body);
}

static void
run_job(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const Job *job = data;
    GError *error = NULL;
    g_autoptr(GBytes) body = read_job(job, &error);
    McpHttpFile *file = NULL;

    if (body == NULL) {
        g_task_return_error(task, error);
        return;
    }
    file = g_new0(McpHttpFile, 1);
    file->content_id = mcp_http_content_id(body);
    file->content_type = type_of(job->path);
    file->body = g_steal_pointer(&body);
    g_task_return_pointer(task, file, (GDestroyNotify)mcp_http_file_free);
}

void
mcp_http_file_read_async(McpPool *pool, const char *root, const char *path, gsize max_bytes,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
    Job *job = g_new0(Job, 1);

    job->root = g_strdup(root);
    job->path = g_strdup(path);
    job->max_bytes = max_bytes;
    g_task_set_task_data(task, job, job_free);
    mcp_pool_run(pool, task, run_job);
}

McpHttpFile *
mcp_http_file_read_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}
