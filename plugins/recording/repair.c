/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recovery of objects whose writer died: the header of a WAV file still says an unknown length, so
 * it is set from the size of the file. Runs once at start on the disk pool.
 */
#include "repair.h"
#include "object_name.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mcp/log.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 9
#define HEAD_SIZE 4096

/* Where the lengths of a RIFF header stand; offsets, 0 when absent. */
typedef struct {
    guint block_align;
    guint fact;
    guint data;
} WavHead;

static guint32
read_le32(const guint8 *data)
{
    return (guint32)data[0] | (guint32)data[1] << 8 | (guint32)data[2] << 16 |
           (guint32)data[3] << 24;
}

static gboolean
write_le32(int fd, guint offset, guint32 value)
{
    guint32 little = GUINT32_TO_LE(value);

    return pwrite(fd, &little, sizeof little, offset) == sizeof little;
}

static gboolean
find_chunks(const guint8 *head, gsize length, WavHead *out)
{
    gsize at = 12;

    if (length < 12 || memcmp(head, "RIFF", 4) != 0 || memcmp(head + 8, "WAVE", 4) != 0)
        return FALSE;
    while (at + 8 <= length) {
        guint32 size = read_le32(head + at + 4);

        if (memcmp(head + at, "data", 4) == 0) {
            out->data = (guint)at;
            return TRUE;
        }
        if (memcmp(head + at, "fmt ", 4) == 0 && at + 22 <= length)
            out->block_align = head[at + 20] | (guint)head[at + 21] << 8;
        else if (memcmp(head + at, "fact", 4) == 0)
            out->fact = (guint)at;
        if (size > HEAD_SIZE)
            return FALSE;
        at += 8 + (size + 1) / 2 * 2;
    }
    return FALSE;
}

/* Returns: bytes of audio, or -1 when it is no WAV file or cannot be mended. */
static gint64
mend_header(int fd, guint64 size)
{
    guint8 head[HEAD_SIZE];
    ssize_t length = pread(fd, head, sizeof head, 0);
    WavHead wav = {1, 0, 0};
    guint64 audio;

    if (length < 0 || !find_chunks(head, (gsize)length, &wav))
        return -1;
    wav.block_align = MAX(wav.block_align, 1);
    audio = MIN(size - wav.data - 8, (guint64)G_MAXUINT32 - wav.data - 8);
    audio -= audio % wav.block_align;
    if (!write_le32(fd, wav.data + 4, (guint32)audio) ||
        !write_le32(fd, 4, (guint32)(wav.data + audio)))
        return -1;
    if (wav.fact != 0 && !write_le32(fd, wav.fact + 8, (guint32)(audio / wav.block_align)))
        return -1;
    if (ftruncate(fd, (off_t)(wav.data + 8 + audio)) < 0)
        return -1;
    return (gint64)audio;
}

static gboolean
recover(int folder, const char *part, int fd)
{
    g_autofree char *name = g_strndup(part, strlen(part) - strlen(MCP_RECORDING_PART));
    struct stat info;
    gint64 audio;

    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))
        return FALSE;
    if (info.st_size == 0) {
        unlinkat(folder, part, 0);
        mcp_log_info("recording-removed", NULL, "unfinished object '%s' was empty", name);
        return FALSE;
    }
    audio = mend_header(fd, (guint64)info.st_size);
    if (renameat2(folder, part, folder, name, RENAME_NOREPLACE) < 0) {
        mcp_log_warning("recording-left", NULL, "unfinished object '%s' cannot be completed: %s",
                        name, g_strerror(errno));
        return FALSE;
    }
    if (audio >= 0)
        mcp_log_info("recording-recovered", NULL,
                     "unfinished object '%s' completed with %" G_GINT64_FORMAT " bytes of audio",
                     name, audio);
    else
        mcp_log_info("recording-recovered", NULL,
                     "unfinished object '%s' completed as it is with %" G_GINT64_FORMAT " bytes",
                     name, (gint64)info.st_size);
    return TRUE;
}

static guint
recover_one(int folder, const char *part)
{
    int fd = openat(folder, part, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    gboolean done = FALSE;

    if (fd < 0) {
        mcp_log_warning("recording-left", NULL, "unfinished object '%s' cannot be opened: %s", part,
                        g_strerror(errno));
        return 0;
    }
    /* A lock means that another process is still writing it. */
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        done = recover(folder, part, fd);
    close(fd);
    return done ? 1 : 0;
}

static guint
walk(int folder, guint depth)
{
    int own = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *dir = own < 0 ? NULL : fdopendir(own);
    struct dirent *entry;
    guint n = 0;

    if (dir == NULL) {
        if (own >= 0)
            close(own);
        return 0;
    }
    rewinddir(dir);
    while ((entry = readdir(dir)) != NULL) {
        int below;

        if (entry->d_name[0] == '.')
            continue;
        if (g_str_has_suffix(entry->d_name, MCP_RECORDING_PART)) {
            n += recover_one(folder, entry->d_name);
            continue;
        }
        if (depth >= MAX_DEPTH || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
            continue;
        below = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0) {
            n += walk(below, depth + 1);
            close(below);
        }
    }
    closedir(dir);
    return n;
}

guint
mcp_recording_repair(int root)
{
    guint n = walk(root, 1);

    if (n > 0)
        mcp_log_info("recordings-recovered", NULL, "%u unfinished objects completed", n);
    return n;
}
