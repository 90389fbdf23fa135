/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audio files of a script, read before its call is placed. Reading is done on a thread of the
 * disk pool, the steps are filled in on the caller's context.
 */
#include "audio_files.h"

#include <errno.h>
#include <fcntl.h>
#include <mcp/error.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_MAX_BYTES (20 * 1024 * 1024)

static const struct {
    const char *suffix;
    const char *type;
} types[] = {
    {".wav", "audio/x-wav"},  {".au", "audio/x-au"},           {".snd", "audio/x-au"},
    {".ulaw", "audio/basic"}, {".alaw", "audio/x-alaw-basic"},
};

/* Paths in, McpAudio out, one for one. */
typedef struct {
    GPtrArray *paths;
    GPtrArray *audio;
    McpSteps *steps;
} Job;

static void
job_free(gpointer data)
{
    Job *job = data;

    g_ptr_array_unref(job->paths);
    g_ptr_array_unref(job->audio);
    g_free(job);
}

static const char *
type_of(const char *path)
{
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_has_suffix(path, types[i].suffix))
            return types[i].type;
    }
    return NULL;
}

/* A regular file of a bounded size; -1 with @error for anything else. */
static int
open_regular(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat facts;

    if (fd < 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "%s: %s", path, g_strerror(errno));
        return -1;
    }
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size <= SIZE_MAX_BYTES)
        return fd;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s is no file of at most %d bytes", path,
                SIZE_MAX_BYTES);
    close(fd);
    return -1;
}

static McpAudio *
read_audio(const char *path, GError **error)
{
    const char *type = type_of(path);
    g_autoptr(GByteArray) body = g_byte_array_new();
    g_autoptr(GBytes) bytes = NULL;
    guint8 chunk[16384];
    gssize got = 0;
    int fd = -1;

    if (type == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "%s is none of .wav, .au, .snd, .ulaw, .alaw", path);
        return NULL;
    }
    fd = open_regular(path, error);
    if (fd < 0)
        return NULL;
    while (body->len <= SIZE_MAX_BYTES && (got = read(fd, chunk, sizeof(chunk))) > 0)
        g_byte_array_append(body, chunk, (guint)got);
    close(fd);
    if (got < 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "%s cannot be read", path);
        return NULL;
    }
    bytes = g_byte_array_free_to_bytes(g_steal_pointer(&body));
    return mcp_audio_new(bytes, type, NULL);
}

static void
run_job(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Job *job = data;
    GError *error = NULL;

    for (guint i = 0; i < job->paths->len; i++) {
        McpAudio *audio = read_audio(g_ptr_array_index(job->paths, i), &error);

        if (audio == NULL) {
            g_task_return_error(task, error);
            return;
        }
        g_ptr_array_add(job->audio, audio);
    }
    g_task_return_boolean(task, TRUE);
}

void
mcp_audio_files_read_async(McpPool *pool, McpSteps *steps, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
    Job *job = g_new0(Job, 1);

    job->steps = steps;
    job->paths = g_ptr_array_new_with_free_func(g_free);
    job->audio = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_audio_unref);
    for (guint i = 0; i < steps->steps->len; i++) {
        const McpStep *step = g_ptr_array_index(steps->steps, i);

        if (step->kind == MCP_STEP_PLAY)
            g_ptr_array_add(job->paths, g_strdup(step->text));
    }
    g_task_set_task_data(task, job, job_free);
    if (job->paths->len == 0)
        g_task_return_boolean(task, TRUE);
    else
        mcp_pool_run(pool, task, run_job);
}

gboolean
mcp_audio_files_finish(GAsyncResult *result, GError **error)
{
    Job *job = g_task_get_task_data(G_TASK(result));
    guint next = 0;

    if (!g_task_propagate_boolean(G_TASK(result), error))
        return FALSE;
    for (guint i = 0; i < job->steps->steps->len; i++) {
        McpStep *step = g_ptr_array_index(job->steps->steps, i);

        if (step->kind == MCP_STEP_PLAY)
            step->audio = mcp_audio_ref(g_ptr_array_index(job->audio, next++));
    }
    return TRUE;
}
