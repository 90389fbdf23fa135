/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompts as files: a line that names the kind of file, one with the type of the audio, one with
 * its identity, one with a checksum of all that follows, then the bytes. Disk pool.
 */
#include "prompt_folder.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <string.h>
#include <utime.h>

#define MAGIC "mcp-prompt 1"
#define SUFFIX ".prompt"
/* What the three lines of text after the first one may take together. */
#define HEAD_MAX 1024

typedef struct {
    char *key;
    guint64 size;
} Entry;

struct _McpPromptFolder {
    char *path;
    GMutex lock;       /* guards what follows; not held while the disk works */
    GHashTable *table; /* key → GList of @order */
    GQueue order;      /* Entry, the one asked for last first */
    guint64 bytes;
    guint64 limit;
    guint64 failures;
    guint written; /* names of files not whole yet */
};

static void
entry_free(gpointer data)
{
    Entry *entry = data;

    g_free(entry->key);
    g_free(entry);
}

McpPromptFolder *
mcp_prompt_folder_new(const char *path, guint64 limit)
{
    McpPromptFolder *folder = g_new0(McpPromptFolder, 1);

    folder->path = g_strdup(path);
    folder->limit = limit;
    folder->table = g_hash_table_new(g_str_hash, g_str_equal);
    g_mutex_init(&folder->lock);
    return folder;
}

void
mcp_prompt_folder_free(McpPromptFolder *folder)
{
    if (folder == NULL)
        return;
    g_hash_table_unref(folder->table);
    g_queue_clear_full(&folder->order, entry_free);
    g_mutex_clear(&folder->lock);
    g_free(folder->path);
    g_free(folder);
}

void
mcp_prompt_folder_set_limit(McpPromptFolder *folder, guint64 limit)
{
    g_mutex_lock(&folder->lock);
    folder->limit = limit;
    g_mutex_unlock(&folder->lock);
}

static char *
path_of(McpPromptFolder *self, const char *key)
{
    g_autofree char *name = g_strconcat(key, SUFFIX, NULL);

    return g_build_filename(self->path, name, NULL);
}

/* --- the table; under the lock --- */

static void
forget(McpPromptFolder *self, const char *key)
{
    GList *link = g_hash_table_lookup(self->table, key);
    Entry *entry = NULL;

    if (link == NULL)
        return;
    entry = link->data;
    self->bytes -= entry->size;
    g_hash_table_remove(self->table, key);
    g_queue_delete_link(&self->order, link);
    entry_free(entry);
}

static void
note(McpPromptFolder *self, const char *key, guint64 size)
{
    Entry *entry = g_new(Entry, 1);

    forget(self, key);
    entry->key = g_strdup(key);
    entry->size = size;
    self->bytes += size;
    g_queue_push_head(&self->order, entry);
    g_hash_table_insert(self->table, entry->key, g_queue_peek_head_link(&self->order));
}

/* (transfer full): the next one that is too much; NULL: none. */
static char *
take_surplus(McpPromptFolder *self)
{
    Entry *oldest = g_queue_peek_tail(&self->order);
    char *key = NULL;

    if (oldest == NULL || self->bytes <= self->limit)
        return NULL;
    key = g_strdup(oldest->key);
    forget(self, key);
    return key;
}

static void
shrink(McpPromptFolder *self)
{
    for (;;) {
        g_autofree char *key = NULL;
        g_autofree char *path = NULL;

        g_mutex_lock(&self->lock);
        key = take_surplus(self);
        g_mutex_unlock(&self->lock);
        if (key == NULL)
            return;
        path = path_of(self, key);
        g_unlink(path);
    }
}

/* --- taking over --- */

typedef struct {
    char *key;
    guint64 size;
    gint64 used;
} Found;

static void
found_free(gpointer data)
{
    g_free(((Found *)data)->key);
    g_free(data);
}

static int
compare_found(gconstpointer a, gconstpointer b)
{
    const Found *one = *(Found *const *)a;
    const Found *two = *(Found *const *)b;

    return (one->used > two->used) - (one->used < two->used);
}

static gboolean
is_key(const char *text)
{
    return *text != '\0' && strspn(text, "0123456789abcdef") == strlen(text);
}

static void
look_at(McpPromptFolder *self, const char *name, GPtrArray *all)
{
    g_autofree char *path = g_build_filename(self->path, name, NULL);
    g_autofree char *key = NULL;
    GStatBuf info;
    Found *found = NULL;

    /* Left behind by somebody who was cut off. */
    if (g_str_has_suffix(name, SUFFIX ".part")) {
        g_unlink(path);
        return;
    }
    if (!g_str_has_suffix(name, SUFFIX) || g_stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return;
    key = g_strndup(name, strlen(name) - strlen(SUFFIX));
    if (!is_key(key))
        return;
    found = g_new(Found, 1);
    found->key = g_steal_pointer(&key);
    found->size = (guint64)info.st_size;
    found->used = info.st_mtime;
    g_ptr_array_add(all, found);
}

gboolean
mcp_prompt_folder_open(McpPromptFolder *folder, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(found_free);
    g_autoptr(GDir) dir = NULL;
    const char *name = NULL;

    if (g_mkdir_with_parents(folder->path, 0700) != 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "%s: %s", folder->path, g_strerror(errno));
        return FALSE;
    }
    dir = g_dir_open(folder->path, 0, error);
    if (dir == NULL)
        return FALSE;
    while ((name = g_dir_read_name(dir)) != NULL)
        look_at(folder, name, all);
    g_ptr_array_sort(all, compare_found);
    g_mutex_lock(&folder->lock);
    for (guint i = 0; i < all->len; i++) {
        const Found *found = all->pdata[i];

        /* One written meanwhile is known better. */
        if (!g_hash_table_contains(folder->table, found->key))
            note(folder, found->key, found->size);
    }
    g_mutex_unlock(&folder->lock);
    shrink(folder);
    return TRUE;
}

gboolean
mcp_prompt_folder_has(McpPromptFolder *folder, const char *key)
{
    GList *link = NULL;

    g_mutex_lock(&folder->lock);
    link = g_hash_table_lookup(folder->table, key);
    if (link != NULL) {
        g_queue_unlink(&folder->order, link);
        g_queue_push_head_link(&folder->order, link);
    }
    g_mutex_unlock(&folder->lock);
    return link != NULL;
}

/* --- files --- */

static gboolean
fail(McpPromptFolder *self, const char *path, const char *what, GError **error)
{
    g_mutex_lock(&self->lock);
    self->failures++;
    g_mutex_unlock(&self->lock);
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "%s: %s", path, what);
    return FALSE;
}

/* Takes the next line out of @text; NULL: there is none. */
static char *
take_line(const char **text, const char *end)
{
    const char *from = *text;
    const char *stop = memchr(from, '\n', (gsize)MIN(end - from, HEAD_MAX));

    if (stop == NULL)
        return NULL;
    *text = stop + 1;
    return g_strndup(from, (gsize)(stop - from));
}

/* (transfer full) (nullable): NULL: it is not whole. */
static McpAudio *
parse(GBytes *file)
{
    gsize length = 0;
    const char *text = g_bytes_get_data(file, &length);
    const char *begin = text;
    const char *end = text + length;
    g_autofree char *magic = take_line(&text, end);
    g_autofree char *type = magic != NULL ? take_line(&text, end) : NULL;
    g_autofree char *id = type != NULL ? take_line(&text, end) : NULL;
    g_autofree char *sum = id != NULL ? take_line(&text, end) : NULL;
    g_autofree char *real = NULL;
    g_autoptr(GBytes) bytes = NULL;

    if (sum == NULL || strcmp(magic, MAGIC) != 0)
        return NULL;
    bytes = g_bytes_new_from_bytes(file, (gsize)(text - begin), (gsize)(end - text));
    real = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    return strcmp(real, sum) == 0 ? mcp_audio_new(bytes, type, id) : NULL;
}

McpAudio *
mcp_prompt_folder_read(McpPromptFolder *folder, const char *key, GError **error)
{
    g_autofree char *path = path_of(folder, key);
    g_autoptr(GError) fault = NULL;
    g_autoptr(GBytes) bytes = NULL;
    McpAudio *audio = NULL;
    char *text = NULL;
    gsize length = 0;

    if (g_file_get_contents(path, &text, &length, &fault)) {
        bytes = g_bytes_new_take(text, length);
        audio = parse(bytes);
    }
    if (audio != NULL) {
        /* The time of the last use, for whoever takes the folder over. */
        g_utime(path, NULL);
        return audio;
    }
    g_mutex_lock(&folder->lock);
    forget(folder, key);
    g_mutex_unlock(&folder->lock);
    g_unlink(path);
    fail(folder, path, fault != NULL ? fault->message : "the file is not whole; it was removed",
         error);
    return NULL;
}

static gboolean
write_file(const char *path, const char *head, GBytes *bytes)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    FILE *file = g_fopen(path, "we");
    gboolean ok = FALSE;

    if (file == NULL)
        return FALSE;
    ok = fwrite(head, 1, strlen(head), file) == strlen(head) &&
         fwrite(data, 1, length, file) == length;
    /* A full disk may say so at the end only. */
    return fclose(file) == 0 && ok;
}

gboolean
mcp_prompt_folder_write(McpPromptFolder *folder, const char *key, McpAudio *audio, GError **error)
{
    GBytes *bytes = mcp_audio_get_bytes(audio);
    g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    g_autofree char *head = g_strdup_printf(
        MAGIC "\n%s\n%s\n%s\n", mcp_audio_get_content_type(audio), mcp_audio_get_id(audio), sum);
    guint64 size = strlen(head) + g_bytes_get_size(bytes);
    g_autofree char *path = path_of(folder, key);
    g_autofree char *part = NULL;
    gboolean fits = FALSE;

    g_mutex_lock(&folder->lock);
    fits = size <= folder->limit / 4;
    part = g_strdup_printf("%s/%u-%s" SUFFIX ".part", folder->path, folder->written++, key);
    g_mutex_unlock(&folder->lock);
    if (!fits)
        return TRUE;
    if (!write_file(part, head, bytes) || g_rename(part, path) != 0) {
        int code = errno;

        g_unlink(part);
        return fail(folder, path, g_strerror(code), error);
    }
    g_mutex_lock(&folder->lock);
    note(folder, key, size);
    g_mutex_unlock(&folder->lock);
    shrink(folder);
    return TRUE;
}

void
mcp_prompt_folder_flush(McpPromptFolder *folder)
{
    for (;;) {
        g_autofree char *key = NULL;
        g_autofree char *path = NULL;
        Entry *entry = NULL;

        g_mutex_lock(&folder->lock);
        entry = g_queue_peek_head(&folder->order);
        if (entry != NULL) {
            key = g_strdup(entry->key);
            forget(folder, key);
        }
        g_mutex_unlock(&folder->lock);
        if (key == NULL)
            return;
        path = path_of(folder, key);
        g_unlink(path);
    }
}

void
mcp_prompt_folder_get_figures(McpPromptFolder *folder, McpPromptFolderFigures *out_figures)
{
    g_mutex_lock(&folder->lock);
    out_figures->entries = folder->order.length;
    out_figures->bytes = folder->bytes;
    out_figures->failures = folder->failures;
    g_mutex_unlock(&folder->lock);
}
