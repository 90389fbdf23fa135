/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpCredentialStore: the sets in force and who watches them. A set is replaced as a whole, by one
 * that can be used, or stays. Control context, but for what the contract allows on any thread; the
 * files are looked after by the disk pool.
 */
#include "credential_store.h"

#include "credential_file.h"
#include "watch.h"

#include <mcp/alert.h>
#include <mcp/error.h>
#include <mcp/log.h>

#define SECONDS_A_DAY 86400

const McpMetricDef mcp_credential_metric_defs[] = {
    {"mcp_credentials_expiry_timestamp_seconds", MCP_METRIC_GAUGE, "seconds",
     "Time since 1970 when the first of the certificates in use expires; 0 without any.", NULL,
     NULL, NULL, 1},
    {"mcp_credentials_sets", MCP_METRIC_GAUGE, "sets", "Sets by the time left to them.", "left",
     "enough|30_days|7_days|1_day|none", NULL, 2},
    {"mcp_credentials_changes_total", MCP_METRIC_COUNTER, "changes",
     "Changed files that came into force, or could not.", "outcome", "taken|refused", NULL, 3},
    {NULL},
};

/* How near its end a set is: labels of MCP_CREDENTIAL_METRIC_SETS. */
static const gint64 days_left[] = {G_MAXINT64, 30, 7, 1, 0};

typedef enum {
    CHANGE_TAKEN,
    CHANGE_REFUSED,
} Change;

typedef struct {
    McpCredentialSet *set;
    char *stamp;  /* of the files that were last tried */
    guint warned; /* index into days_left that a line has been written for */
} Entry;

struct _McpCredentialStore {
    GObject parent_instance;
    McpClock *clock;
    McpPool *disk;
    McpMetrics *metrics;       /* nullable */
    McpEvents *events;         /* nullable */
    McpDependency *dependency; /* nullable; not owned */
    McpSettings *settings;
    McpTimer *timer;
    GCancellable *closing;
    gboolean looking;    /* the disk pool is at it */
    GMutex lock;         /* guards the three below */
    GHashTable *entries; /* char* → Entry */
    GPtrArray *watches;  /* McpCredentialWatch */
    guint last_id;
};

/* What the disk pool found: one file set that is not as it was. */
typedef struct {
    char *name;
    char *stamp;
    McpCredentialSet *set; /* NULL: @error */
    GError *error;
} Finding;

typedef struct {
    McpSettings *settings;
    GHashTable *stamps; /* char* → char*, of what was tried last */
    gint64 now;
} Look;

static void mcp_credential_store_iface_init(McpCredentialsInterface *iface);
static void look_later(McpCredentialStore *store);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpCredentialStore, mcp_credential_store, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_CREDENTIALS,
                                                    mcp_credential_store_iface_init))

static void
entry_free(gpointer data)
{
    Entry *entry = data;

    g_clear_pointer(&entry->set, mcp_credential_set_unref);
    g_free(entry->stamp);
    g_free(entry);
}

static void
finding_free(gpointer data)
{
    Finding *finding = data;

    g_clear_pointer(&finding->set, mcp_credential_set_unref);
    g_clear_error(&finding->error);
    g_free(finding->name);
    g_free(finding->stamp);
    g_free(finding);
}

static void
look_free(gpointer data)
{
    Look *look = data;

    mcp_settings_unref(look->settings);
    g_hash_table_unref(look->stamps);
    g_free(look);
}

static gint64
wall_seconds(McpCredentialStore *store)
{
    return mcp_clock_wall(store->clock) / G_USEC_PER_SEC;
}

static gboolean
has_expired(const McpCredentialSet *set, gint64 now)
{
    gint64 expiry = mcp_credential_set_get_expiry(set);

    return expiry != 0 && expiry <= now;
}

static char *
format_date(gint64 seconds)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);

    return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S UTC") : g_strdup("?");
}

static gboolean
same_bytes(GBytes *a, GBytes *b)
{
    return a == NULL || b == NULL ? a == b : g_bytes_equal(a, b);
}

static gboolean
same_set(const McpCredentialSet *a, const McpCredentialSet *b)
{
    return same_bytes(mcp_credential_set_get_certificates(a),
                      mcp_credential_set_get_certificates(b)) &&
           g_strcmp0(mcp_credential_set_peek_key(a, NULL), mcp_credential_set_peek_key(b, NULL)) ==
               0 &&
           same_bytes(mcp_credential_set_get_authorities(a),
                      mcp_credential_set_get_authorities(b)) &&
           same_bytes(mcp_credential_set_get_revocations(a), mcp_credential_set_get_revocations(b));
}

static void
count(McpCredentialStore *store, Change change)
{
    if (store->metrics != NULL)
        mcp_metrics_add(store->metrics, MCP_CREDENTIAL_METRIC_CHANGES, change, 1);
}

/* Only the control context changes the table, so it reads without the lock. */
static Entry *
find_entry(McpCredentialStore *store, const char *name)
{
    return g_hash_table_lookup(store->entries, name);
}

static void
tell_watchers(McpCredentialStore *store, McpCredentialSet *set)
{
    g_mutex_lock(&store->lock);
    for (guint i = 0; i < store->watches->len; i++)
        mcp_credential_watch_tell(store->watches->pdata[i], set);
    g_mutex_unlock(&store->lock);
}

static void
put_in_force(McpCredentialStore *store, Entry *entry, McpCredentialSet *set)
{
    const char *serial = mcp_credential_set_get_serial(set);
    g_autofree char *until = format_date(mcp_credential_set_get_expiry(set));
    McpCredentialSet *old = NULL;

    g_mutex_lock(&store->lock);
    old = entry->set;
    entry->set = mcp_credential_set_ref(set);
    g_mutex_unlock(&store->lock);
    entry->warned = 0;
    if (serial != NULL)
        mcp_log_info("credentials", NULL, "credentials \"%s\": certificate %s, valid until %s",
                     mcp_credential_set_get_name(set), serial, until);
    else
        mcp_log_info("credentials", NULL, "credentials \"%s\": trust anchors read",
                     mcp_credential_set_get_name(set));
    if (old == NULL)
        return;
    count(store, CHANGE_TAKEN);
    tell_watchers(store, set);
    mcp_credential_set_unref(old);
}

static void
refuse(McpCredentialStore *store, const Entry *entry, const char *name, const char *why)
{
    count(store, CHANGE_REFUSED);
    mcp_log_error("credentials-refused", NULL, "credentials \"%s\" %s: %s", name,
                  entry->set != NULL ? "stay as they were" : "are not there", why);
}

/* Whether @set may take the place of what is in force. */
static gboolean
may_replace(const McpCredentialSet *old, const McpCredentialSet *set, gint64 now)
{
    return !has_expired(set, now) || old == NULL || has_expired(old, now);
}

static void
adopt(McpCredentialStore *store, const Finding *finding)
{
    Entry *entry = find_entry(store, finding->name);

    if (entry == NULL)
        return;
    g_free(entry->stamp);
    entry->stamp = g_strdup(finding->stamp);
    if (finding->set == NULL)
        refuse(store, entry, finding->name, finding->error->message);
    else if (!may_replace(entry->set, finding->set, wall_seconds(store)))
        refuse(store, entry, finding->name, "the new certificate has expired");
    else if (entry->set == NULL || !same_set(entry->set, finding->set))
        put_in_force(store, entry, finding->set);
}

static void
adopt_all(McpCredentialStore *store, const GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++)
        adopt(store, findings->pdata[i]);
}

static Finding *
read_set(McpSettings *settings, const char *name, char *stamp, gint64 now)
{
    Finding *finding = g_new0(Finding, 1);

    finding->name = g_strdup(name);
    finding->stamp = stamp;
    finding->set = mcp_credential_file_load(settings, name, now, &finding->error);
    return finding;
}

static guint
nearness(const McpCredentialSet *set, gint64 now)
{
    gint64 left = (mcp_credential_set_get_expiry(set) - now) / SECONDS_A_DAY;
    guint index = 0;

    if (mcp_credential_set_get_expiry(set) == 0)
        return 0;
    if (has_expired(set, now))
        return G_N_ELEMENTS(days_left) - 1;
    while (index + 2 < G_N_ELEMENTS(days_left) && left < days_left[index + 1])
        index++;
    return index;
}

static void
warn(McpCredentialStore *store, const McpCredentialSet *set, guint near)
{
    const char *name = mcp_credential_set_get_name(set);
    g_autofree char *date = format_date(mcp_credential_set_get_expiry(set));

    if (days_left[near] == 0)
        mcp_log_error("credentials-expired", NULL, "credentials \"%s\" have expired on %s", name,
                      date);
    else
        mcp_log_warning("credentials-expiry", NULL,
                        "credentials \"%s\" expire on %s, in less than %" G_GINT64_FORMAT " days",
                        name, date, days_left[near]);
    if (store->events != NULL)
        mcp_alert_raise(store->events, MCP_ALERT_CERTIFICATE_EXPIRING, NULL, name,
                        days_left[near] == 0 ? "expired on %s" : "expires on %s", date);
}

/* How the set that is worst off is: none at all, or one that has expired. */
static void
tell_health(McpCredentialStore *store, const char *missing, const char *expired)
{
    if (missing != NULL)
        mcp_dependency_set(store->dependency, MCP_HEALTH_DOWN, "\"%s\" cannot be read", missing);
    else if (expired != NULL)
        mcp_dependency_set(store->dependency, MCP_HEALTH_DEGRADED, "\"%s\" have expired", expired);
    else
        mcp_dependency_set(store->dependency, MCP_HEALTH_UP, NULL);
}

/* One line at each of the marks, the gauges, and how all this is. */
static void
watch_expiry(McpCredentialStore *store)
{
    gint64 now = wall_seconds(store);
    gint64 first = 0;
    gint64 sets[G_N_ELEMENTS(days_left)] = {0};
    const char *missing = NULL;
    const char *expired = NULL;
    GHashTableIter iter;
    gpointer name = NULL;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, store->entries);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        Entry *entry = value;
        gint64 expiry = entry->set != NULL ? mcp_credential_set_get_expiry(entry->set) : 0;
        guint near = entry->set != NULL ? nearness(entry->set, now) : 0;

        if (near > entry->warned)
            warn(store, entry->set, near);
        entry->warned = near;
        sets[near] += entry->set != NULL;
        if (entry->set == NULL)
            missing = name;
        else if (days_left[near] == 0 && near > 0)
            expired = name;
        if (expiry != 0 && (first == 0 || expiry < first))
            first = expiry;
    }
    tell_health(store, missing, expired);
    if (store->metrics == NULL)
        return;
    mcp_metrics_set(store->metrics, MCP_CREDENTIAL_METRIC_EXPIRY, 0, first);
    for (guint i = 0; i < G_N_ELEMENTS(days_left); i++)
        mcp_metrics_set(store->metrics, MCP_CREDENTIAL_METRIC_SETS, i, sets[i]);
}

/* Disk pool: what is not as it was is read. */
static void
look(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    const Look *job = task_data;
    GPtrArray *findings = g_ptr_array_new_with_free_func(finding_free);
    GHashTableIter iter;
    gpointer name = NULL;
    gpointer stamp = NULL;

    g_hash_table_iter_init(&iter, job->stamps);
    while (g_hash_table_iter_next(&iter, &name, &stamp)) {
        char *now = mcp_credential_file_stamp(job->settings, name);

        if (g_strcmp0(now, stamp) == 0)
            g_free(now);
        else
            g_ptr_array_add(findings, read_set(job->settings, name, now, job->now));
    }
    g_task_return_pointer(task, findings, (GDestroyNotify)g_ptr_array_unref);
}

static void
on_looked(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpCredentialStore *store = MCP_CREDENTIAL_STORE(source);
    const Look *job = g_task_get_task_data(G_TASK(result));
    g_autoptr(GPtrArray) findings = g_task_propagate_pointer(G_TASK(result), NULL);

    store->looking = FALSE;
    if (g_cancellable_is_cancelled(store->closing))
        return;
    /* A reload in between has read everything itself. */
    if (findings != NULL && job->settings == store->settings)
        adopt_all(store, findings);
    watch_expiry(store);
    look_later(store);
}

static void
start_look(gpointer user_data)
{
    McpCredentialStore *store = user_data;
    Look *job = g_new0(Look, 1);
    g_autoptr(GTask) task = NULL;
    GHashTableIter iter;
    gpointer name = NULL;
    gpointer entry = NULL;

    mcp_timer_clear(&store->timer);
    job->settings = mcp_settings_ref(store->settings);
    job->now = wall_seconds(store);
    job->stamps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_iter_init(&iter, store->entries);
    while (g_hash_table_iter_next(&iter, &name, &entry))
        g_hash_table_insert(job->stamps, g_strdup(name), g_strdup(((Entry *)entry)->stamp));
    task = g_task_new(store, NULL, on_looked, NULL);
    g_task_set_task_data(task, job, look_free);
    store->looking = TRUE;
    mcp_pool_run(store->disk, task, look);
}

/* All are looked after together, as often as the one that wants it most often. */
static void
look_later(McpCredentialStore *store)
{
    const char *const *names = mcp_settings_get_instances(store->settings, MCP_CREDENTIALS_SECTION);
    gint64 interval = G_MAXINT64;

    for (; *names != NULL; names++)
        interval = MIN(interval, mcp_settings_get_int(store->settings, MCP_CREDENTIALS_SECTION,
                                                      *names, "check_interval"));

    mcp_timer_clear(&store->timer);
    if (store->looking || g_hash_table_size(store->entries) == 0)
        return;
    store->timer = mcp_clock_after(store->clock, NULL, interval, start_look, store);
}

McpCredentialStore *
mcp_credential_store_new(McpClock *clock, McpPool *disk, McpMetrics *metrics, McpEvents *events)
{
    McpCredentialStore *store = g_object_new(MCP_TYPE_CREDENTIAL_STORE, NULL);

    store->clock = g_object_ref(clock);
    store->disk = g_object_ref(disk);
    store->metrics = metrics;
    store->events = events;
    return store;
}

void
mcp_credential_store_declare(McpCredentialStore *store, McpDependency *dependency)
{
    store->dependency = dependency;
}

gboolean
mcp_credential_store_check(McpCredentialStore *store, McpSettings *settings, gint64 now,
                           GError **error)
{
    const char *const *names = mcp_settings_get_instances(settings, MCP_CREDENTIALS_SECTION);

    for (; *names != NULL; names++) {
        const Entry *entry = store != NULL ? find_entry(store, *names) : NULL;
        g_autoptr(McpCredentialSet) set = mcp_credential_file_load(settings, *names, now, error);

        if (set == NULL)
            return FALSE;
        if (entry != NULL && !may_replace(entry->set, set, now)) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                        "[" MCP_CREDENTIALS_SECTION " \"%s\"] the new certificate has expired",
                        *names);
            return FALSE;
        }
    }
    return TRUE;
}

static void
drop_missing(McpCredentialStore *store, const char *const *names)
{
    GHashTableIter iter;
    gpointer name = NULL;

    g_mutex_lock(&store->lock);
    g_hash_table_iter_init(&iter, store->entries);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        if (!g_strv_contains(names, name))
            g_hash_table_iter_remove(&iter);
    }
    for (; *names != NULL; names++) {
        if (!g_hash_table_contains(store->entries, *names))
            g_hash_table_insert(store->entries, g_strdup(*names), g_new0(Entry, 1));
    }
    g_mutex_unlock(&store->lock);
}

void
mcp_credential_store_apply(McpCredentialStore *store, McpSettings *settings)
{
    const char *const *names = mcp_settings_get_instances(settings, MCP_CREDENTIALS_SECTION);

    g_clear_pointer(&store->settings, mcp_settings_unref);
    store->settings = mcp_settings_ref(settings);
    drop_missing(store, names);
    for (; *names != NULL; names++) {
        char *stamp = mcp_credential_file_stamp(settings, *names);
        Finding *finding = read_set(settings, *names, stamp, wall_seconds(store));

        adopt(store, finding);
        finding_free(finding);
    }
    watch_expiry(store);
    look_later(store);
}

void
mcp_credential_store_close(McpCredentialStore *store)
{
    g_autoptr(GPtrArray) watches = NULL;

    g_cancellable_cancel(store->closing);
    mcp_timer_clear(&store->timer);
    g_mutex_lock(&store->lock);
    watches = g_steal_pointer(&store->watches);
    store->watches = g_ptr_array_new();
    g_mutex_unlock(&store->lock);
    for (guint i = 0; i < watches->len; i++)
        mcp_credential_watch_end(watches->pdata[i]);
}

static McpCredentialSet *
get(McpCredentials *self, const char *name, GError **error)
{
    McpCredentialStore *store = MCP_CREDENTIAL_STORE(self);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&store->lock);
    const Entry *entry = g_hash_table_lookup(store->entries, name);

    if (entry != NULL && entry->set != NULL)
        return mcp_credential_set_ref(entry->set);
    g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND,
                "there are no credentials \"%s\" ([" MCP_CREDENTIALS_SECTION " \"%s\"])", name,
                name);
    return NULL;
}

static guint
watch(McpCredentials *self, const char *name, GMainContext *context, McpCredentialsFunc func,
      gpointer user_data, GDestroyNotify destroy)
{
    McpCredentialStore *store = MCP_CREDENTIAL_STORE(self);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&store->lock);

    g_ptr_array_add(store->watches, mcp_credential_watch_new(++store->last_id, name, context, func,
                                                             user_data, destroy));
    return store->last_id;
}

static void
unwatch(McpCredentials *self, guint id)
{
    McpCredentialStore *store = MCP_CREDENTIAL_STORE(self);
    McpCredentialWatch *found = NULL;

    g_mutex_lock(&store->lock);
    for (guint i = 0; i < store->watches->len && found == NULL; i++) {
        if (mcp_credential_watch_get_id(store->watches->pdata[i]) == id)
            found = g_ptr_array_steal_index_fast(store->watches, i);
    }
    g_mutex_unlock(&store->lock);
    if (found != NULL)
        mcp_credential_watch_end(found);
}

static void
mcp_credential_store_finalize(GObject *object)
{
    McpCredentialStore *store = MCP_CREDENTIAL_STORE(object);

    mcp_credential_store_close(store);
    g_ptr_array_unref(store->watches);
    g_hash_table_unref(store->entries);
    g_clear_pointer(&store->settings, mcp_settings_unref);
    g_object_unref(store->closing);
    g_object_unref(store->clock);
    g_object_unref(store->disk);
    g_mutex_clear(&store->lock);
    G_OBJECT_CLASS(mcp_credential_store_parent_class)->finalize(object);
}

static void
mcp_credential_store_init(McpCredentialStore *store)
{
    g_mutex_init(&store->lock);
    store->closing = g_cancellable_new();
    store->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
    store->watches = g_ptr_array_new();
}

static void
mcp_credential_store_class_init(McpCredentialStoreClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_credential_store_finalize;
}

static void
mcp_credential_store_iface_init(McpCredentialsInterface *iface)
{
    iface->get = get;
    iface->watch = watch;
    iface->unwatch = unwatch;
}
