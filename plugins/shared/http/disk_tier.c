/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stored responses on disk: one file a variant, named by the hash of its URL and of its variant.
 * The index (name and size) is guarded by the lock; files are touched on the disk pool only, by one
 * job at a time.
 */
#include "disk_tier.h"

#include <glib/gstdio.h>
#include <mcp/log.h>

/* version; url, variant, content id; status; head fields, "" for none; age, wall time; body */
#define FORMAT "(usssuasxxay)"
#define FORMAT_VERSION 1u
#define N_FIELDS 12
#define URL_PART 32
#define VARIANT_PART 16

typedef struct {
    char *name;
    gsize size;
} File;

struct _McpHttpDiskTier {
    gatomicrefcount refs;
    char *folder;
    gsize limit;
    McpPool *pool; /* borrowed */
    McpClock *clock;
    GMutex files;      /* held by the one job that touches files */
    GMutex lock;       /* guards all below */
    GQueue order;      /* File, the oldest first */
    GHashTable *links; /* File.name → its GList link in order */
    GHashTable *urls;  /* hash of a URL → how many files, as pointer */
    gsize size;
};

typedef struct {
    McpHttpDiskTier *tier;
    McpHttpEntry *entry; /* STORE */
    McpHttpCache *cache; /* LOAD */
    char *prefix;        /* LOAD, INVALIDATE: of file names */
} Job;

static void
file_free(gpointer data)
{
    File *file = data;

    g_free(file->name);
    g_free(file);
}

static void
job_free(gpointer data)
{
    Job *job = data;

    g_clear_pointer(&job->entry, mcp_http_entry_unref);
    g_free(job->prefix);
    mcp_http_disk_tier_unref(job->tier);
    g_free(job);
}

static char *
hash_part(const char *text, guint length)
{
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

    return g_strndup(hash, length);
}

static char *
file_name(const McpHttpEntry *entry)
{
    g_autofree char *secondary =
        g_strconcat(entry->head.vary != NULL ? entry->head.vary : "", "\n", entry->variant, NULL);
    g_autofree char *url = hash_part(entry->url, URL_PART);
    g_autofree char *variant = hash_part(secondary, VARIANT_PART);

    return g_strconcat(url, "-", variant, NULL);
}

/* Only what this file made is ever read or removed. */
static gboolean
is_ours(const char *name)
{
    return strlen(name) == URL_PART + 1 + VARIANT_PART && name[URL_PART] == '-' &&
           strspn(name, "0123456789abcdef-") == strlen(name);
}

/* Lock held. */
static void
count_url(McpHttpDiskTier *tier, const char *name, int delta)
{
    char *part = g_strndup(name, URL_PART);
    int count = GPOINTER_TO_INT(g_hash_table_lookup(tier->urls, part)) + delta;

    if (count > 0) {
        g_hash_table_insert(tier->urls, part, GINT_TO_POINTER(count));
    } else {
        g_hash_table_remove(tier->urls, part);
        g_free(part);
    }
}

/* Takes @name out of the index. Lock held. */
static void
forget(McpHttpDiskTier *tier, const char *name)
{
    GList *link = g_hash_table_lookup(tier->links, name);
    File *file = link != NULL ? link->data : NULL;

    if (file == NULL)
        return;
    tier->size -= file->size;
    count_url(tier, name, -1);
    g_hash_table_remove(tier->links, name);
    g_queue_delete_link(&tier->order, link);
    file_free(file);
}

static void
remember(McpHttpDiskTier *tier, const char *name, gsize size)
{
    File *file = g_new0(File, 1);

    file->name = g_strdup(name);
    file->size = size;
    g_mutex_lock(&tier->lock);
    forget(tier, name);
    g_queue_push_tail(&tier->order, file);
    g_hash_table_insert(tier->links, file->name, tier->order.tail);
    count_url(tier, name, 1);
    tier->size += size;
    g_mutex_unlock(&tier->lock);
}

static void
remove_file(McpHttpDiskTier *tier, const char *name)
{
    g_autofree char *path = g_build_filename(tier->folder, name, NULL);

    g_unlink(path);
    g_mutex_lock(&tier->lock);
    forget(tier, name);
    g_mutex_unlock(&tier->lock);
}

/* On the disk pool: the oldest go until all fit. */
static void
shrink(McpHttpDiskTier *tier)
{
    for (;;) {
        const File *oldest = NULL;
        g_autofree char *name = NULL;

        g_mutex_lock(&tier->lock);
        oldest = g_queue_peek_head(&tier->order);
        if (oldest != NULL && tier->size > tier->limit)
            name = g_strdup(oldest->name);
        g_mutex_unlock(&tier->lock);
        if (name == NULL)
            return;
        remove_file(tier, name);
    }
}

static void
head_fields(McpHttpHead *head, char **fields[N_FIELDS])
{
    char **all[N_FIELDS] = {&head->cache_control, &head->pragma,
                            &head->age,           &head->date,
                            &head->expires,       &head->etag,
                            &head->last_modified, &head->vary,
                            &head->location,      &head->content_location,
                            &head->content_type,  &head->charset};

    for (guint i = 0; i < N_FIELDS; i++)
        fields[i] = all[i];
}

static const char *
valid(const char *text)
{
    return text != NULL && g_utf8_validate(text, -1, NULL) ? text : "";
}

static GVariant *
serialize(McpHttpEntry *entry, gint64 wall_arrived)
{
    GVariantBuilder strings;
    char **fields[N_FIELDS];
    gsize length = 0;
    const guint8 *body = g_bytes_get_data(entry->body, &length);

    g_variant_builder_init(&strings, G_VARIANT_TYPE("as"));
    head_fields(&entry->head, fields);
    for (guint i = 0; i < N_FIELDS; i++)
        g_variant_builder_add(&strings, "s", valid(*fields[i]));
    return g_variant_ref_sink(g_variant_new(
        "(usssuasxx@ay)", FORMAT_VERSION, valid(entry->url), valid(entry->variant),
        valid(entry->content_id), entry->head.status, &strings, entry->initial_age, wall_arrived,
        g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, body, length, 1)));
}

static void
run_store(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const Job *job = data;
    McpHttpDiskTier *tier = job->tier;
    gint64 elapsed = mcp_clock_now(tier->clock) - job->entry->arrived;
    g_autoptr(GVariant) content = serialize(job->entry, mcp_clock_wall(tier->clock) - elapsed);
    g_autofree char *name = file_name(job->entry);
    g_autofree char *path = g_build_filename(tier->folder, name, NULL);
    g_autoptr(GError) error = NULL;
    gsize size = g_variant_get_size(content);

    g_mutex_lock(&tier->files);
    if (size <= tier->limit / 4 &&
        g_file_set_contents_full(path, g_variant_get_data(content), (gssize)size,
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error)) {
        remember(tier, name, size);
        shrink(tier);
    }
    g_mutex_unlock(&tier->files);
    if (error != NULL)
        mcp_log_warning("cache-write", NULL, "%s", error->message);
    g_task_return_boolean(task, TRUE);
}

static char *
take(const char *text)
{
    return text[0] != '\0' ? g_strdup(text) : NULL;
}

/* (transfer full) (nullable): the stored response that @content, of a normal form, describes. */
static McpHttpEntry *
build_entry(McpHttpDiskTier *tier, GVariant *content)
{
    McpHttpEntry *entry = NULL;
    McpHttpHead head = {0};
    char **fields[N_FIELDS];
    const char *url = NULL;
    const char *variant = NULL;
    const char *id = NULL;
    g_autofree const char **strings = NULL;
    g_autoptr(GVariant) list = NULL;
    g_autoptr(GVariant) bytes = NULL;
    g_autoptr(GBytes) body = NULL;
    guint32 version = 0;
    gint64 age = 0;
    gint64 wall = 0;
    gsize count = 0;

    g_variant_get(content, "(u&s&s&su@asxx@ay)", &version, &url, &variant, &id, &head.status, &list,
                  &age, &wall, &bytes);
    strings = g_variant_get_strv(list, &count);
    if (version != FORMAT_VERSION || count != N_FIELDS || url[0] == '\0' || id[0] == '\0')
        return NULL;
    head_fields(&head, fields);
    for (guint i = 0; i < N_FIELDS; i++)
        *fields[i] = take(strings[i]);
    body = g_variant_get_data_as_bytes(bytes);
    age += MAX(0, mcp_clock_wall(tier->clock) - wall) / G_USEC_PER_SEC;
    {
        McpHttpQuery query = {.url = url};
        McpHttpEntryFacts facts = {.query = &query,
                                   .head = &head,
                                   .body = body,
                                   .content_id = id,
                                   .shared = TRUE,
                                   .initial_age = MAX(age, 0),
                                   .arrived = mcp_clock_now(tier->clock)};

        entry = mcp_http_entry_new(&facts);
    }
    g_free(entry->variant);
    entry->variant = g_strdup(variant);
    mcp_http_head_clear(&head);
    return entry;
}

/* (transfer full) (nullable): the entry in file @name, which is removed when it is none. */
static McpHttpEntry *
read_entry(McpHttpDiskTier *tier, const char *name)
{
    g_autofree char *path = g_build_filename(tier->folder, name, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GVariant) content = NULL;
    McpHttpEntry *entry = NULL;
    gsize length = 0;

    if (!g_file_get_contents(path, &text, &length, NULL)) {
        remove_file(tier, name);
        return NULL;
    }
    bytes = g_bytes_new_take(g_steal_pointer(&text), length);
    content = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(FORMAT), bytes, FALSE));
    if (g_variant_is_normal_form(content))
        entry = build_entry(tier, content);
    if (entry == NULL)
        remove_file(tier, name);
    return entry;
}

/* (transfer full): names of the files whose name begins with @prefix. */
static GPtrArray *
find_names(McpHttpDiskTier *tier, const char *prefix)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    g_mutex_lock(&tier->lock);
    for (GList *at = tier->order.head; at != NULL; at = at->next) {
        const File *file = at->data;

        if (g_str_has_prefix(file->name, prefix))
            g_ptr_array_add(names, g_strdup(file->name));
    }
    g_mutex_unlock(&tier->lock);
    return names;
}

static void
run_load(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const Job *job = data;
    g_autoptr(GPtrArray) names = find_names(job->tier, job->prefix);

    g_mutex_lock(&job->tier->files);
    for (guint i = 0; i < names->len; i++) {
        g_autoptr(McpHttpEntry) entry = read_entry(job->tier, g_ptr_array_index(names, i));

        if (entry != NULL)
            mcp_http_cache_store(job->cache, entry);
    }
    g_mutex_unlock(&job->tier->files);
    g_task_return_boolean(task, TRUE);
}

static void
run_invalidate(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const Job *job = data;
    g_autoptr(GPtrArray) names = NULL;

    g_mutex_lock(&job->tier->files);
    names = find_names(job->tier, job->prefix);
    for (guint i = 0; i < names->len; i++)
        remove_file(job->tier, g_ptr_array_index(names, i));
    g_mutex_unlock(&job->tier->files);
    g_task_return_boolean(task, TRUE);
}

/* What an earlier run left: its names and sizes. */
static void
run_scan(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    McpHttpDiskTier *tier = ((const Job *)data)->tier;
    g_autoptr(GDir) dir = NULL;
    const char *name = NULL;

    g_mutex_lock(&tier->files);
    g_mkdir_with_parents(tier->folder, 0700);
    dir = g_dir_open(tier->folder, 0, NULL);
    if (dir == NULL)
        mcp_log_warning("cache-folder", NULL, "%s cannot be used for the cache", tier->folder);
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(tier->folder, name, NULL);
        GStatBuf facts;

        if (is_ours(name) && g_lstat(path, &facts) == 0 && S_ISREG(facts.st_mode))
            remember(tier, name, (gsize)facts.st_size);
    }
    shrink(tier);
    g_mutex_unlock(&tier->files);
    g_task_return_boolean(task, TRUE);
}

static void
submit(Job *job, GTaskThreadFunc func, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);

    g_task_set_task_data(task, job, job_free);
    mcp_pool_run(job->tier->pool, task, func);
}

static Job *
job_new(McpHttpDiskTier *tier)
{
    Job *job = g_new0(Job, 1);

    job->tier = mcp_http_disk_tier_ref(tier);
    return job;
}

McpHttpDiskTier *
mcp_http_disk_tier_new(const char *folder, gsize limit, McpPool *pool, McpClock *clock)
{
    McpHttpDiskTier *tier = g_new0(McpHttpDiskTier, 1);

    g_atomic_ref_count_init(&tier->refs);
    tier->folder = g_strdup(folder);
    tier->limit = limit;
    tier->pool = pool;
    tier->clock = g_object_ref(clock);
    g_mutex_init(&tier->files);
    g_mutex_init(&tier->lock);
    g_queue_init(&tier->order);
    tier->links = g_hash_table_new(g_str_hash, g_str_equal);
    tier->urls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    submit(job_new(tier), run_scan, NULL, NULL);
    return tier;
}

McpHttpDiskTier *
mcp_http_disk_tier_ref(McpHttpDiskTier *tier)
{
    g_atomic_ref_count_inc(&tier->refs);
    return tier;
}

void
mcp_http_disk_tier_unref(McpHttpDiskTier *tier)
{
    if (!g_atomic_ref_count_dec(&tier->refs))
        return;
    g_hash_table_unref(tier->links);
    g_hash_table_unref(tier->urls);
    g_queue_clear_full(&tier->order, file_free);
    g_mutex_clear(&tier->files);
    g_mutex_clear(&tier->lock);
    g_object_unref(tier->clock);
    g_free(tier->folder);
    g_free(tier);
}

gboolean
mcp_http_disk_tier_has(McpHttpDiskTier *tier, const char *url)
{
    g_autofree char *part = hash_part(url, URL_PART);
    gboolean has = FALSE;

    g_mutex_lock(&tier->lock);
    has = g_hash_table_contains(tier->urls, part);
    g_mutex_unlock(&tier->lock);
    return has;
}

void
mcp_http_disk_tier_store(McpHttpDiskTier *tier, McpHttpEntry *entry)
{
    Job *job = job_new(tier);

    job->entry = mcp_http_entry_ref(entry);
    submit(job, run_store, NULL, NULL);
}

void
mcp_http_disk_tier_invalidate(McpHttpDiskTier *tier, const char *url)
{
    Job *job = job_new(tier);

    job->prefix = hash_part(url, URL_PART);
    submit(job, run_invalidate, NULL, NULL);
}

void
mcp_http_disk_tier_load_async(McpHttpDiskTier *tier, const char *url, McpHttpCache *cache,
                              GAsyncReadyCallback callback, gpointer user_data)
{
    Job *job = job_new(tier);

    job->prefix = hash_part(url, URL_PART);
    job->cache = cache;
    submit(job, run_load, callback, user_data);
}
