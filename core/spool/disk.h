/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpDisk: the files below a journal, behind a table of functions so that a test can lose power,
 * run full, fail or be slow. All block and run on the disk pool; what fails returns a negative
 * errno. Offsets and sizes are in bytes.
 */
typedef struct _McpDisk McpDisk;

/**
 * McpDiskOps:
 * @open: (number of the file) for reading and writing; @create makes it if it is not there
 * @read: as many bytes as there are, up to @length
 * @write: some of @length bytes, as write(2)
 * @lock: makes it this process' own until it is closed; -EWOULDBLOCK when it is another's
 * @list: (transfer full) (nullable): names in a folder, in order
 */
typedef struct {
    int (*open)(McpDisk *disk, const char *path, gboolean create);
    void (*close)(McpDisk *disk, int file);
    gint64 (*read)(McpDisk *disk, int file, gpointer data, gsize length, gint64 offset);
    gint64 (*write)(McpDisk *disk, int file, gconstpointer data, gsize length, gint64 offset);
    int (*truncate)(McpDisk *disk, int file, gint64 size);
    int (*sync)(McpDisk *disk, int file);
    gint64 (*get_size)(McpDisk *disk, int file);
    int (*lock)(McpDisk *disk, int file);
    int (*remove)(McpDisk *disk, const char *path);
    int (*make_folder)(McpDisk *disk, const char *path);
    int (*sync_folder)(McpDisk *disk, const char *path);
    char **(*list)(McpDisk *disk, const char *path, int *out_error);
} McpDiskOps;

struct _McpDisk {
    const McpDiskOps *ops;
};

/** mcp_disk_real: (transfer none): the file system. */
McpDisk *mcp_disk_real(void);

G_END_DECLS
