/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sets of certificates that recordings are encrypted for: which are in force, which were
 * refused, when they end. Control context; the lock guards what others ask for.
 */
#include "recipients.h"

#include "certificate_file.h"
#include "copies.h"
#include "keep.h"

#include <mcp/alert.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#define DAY (G_GINT64_CONSTANT(86400))

typedef struct {
    const McpConfigServerFile *file;
    char *copy;
    char *etag;
    char *seen;                    /* checksum of what was looked at last */
    McpCertificates *certificates; /* nullable; under the lock */
    GBytes *content;               /* nullable: of them, not on disk yet */
    McpDependency *dependency;     /* nullable: not started */
    gboolean refused;              /* the last one was no good */
    gint64 warned;                 /* day since 1970 */
} Set;

struct _McpRecipients {
    McpHost *host;
    const McpConfigServerConfig *config;
    GMutex lock; /* guards the certificates of @sets */
    GPtrArray *sets;
};

static void
set_free(gpointer data)
{
    Set *set = data;

    g_clear_pointer(&set->dependency, mcp_dependency_free);
    g_clear_pointer(&set->certificates, mcp_certificates_unref);
    g_clear_pointer(&set->content, g_bytes_unref);
    g_free(set->copy);
    g_free(set->etag);
    g_free(set->seen);
    g_free(set);
}

McpRecipients *
mcp_recipients_new(McpHost *host, const McpConfigServerConfig *config)
{
    McpRecipients *recipients = g_new0(McpRecipients, 1);

    recipients->host = host;
    recipients->config = config;
    g_mutex_init(&recipients->lock);
    recipients->sets = g_ptr_array_new_with_free_func(set_free);
    for (guint i = 0; i < config->files->len; i++) {
        Set *set = g_new0(Set, 1);

        set->file = g_ptr_array_index(config->files, i);
        set->copy = g_strdup_printf("%s-%s.certificates", config->copy_id, set->file->name);
        g_ptr_array_add(recipients->sets, set);
    }
    return recipients;
}

void
mcp_recipients_free(McpRecipients *recipients)
{
    g_ptr_array_unref(recipients->sets);
    g_mutex_clear(&recipients->lock);
    g_free(recipients);
}

static gint64
now_of(McpRecipients *self)
{
    return mcp_clock_wall(mcp_host_get_clock(self->host)) / G_USEC_PER_SEC;
}

static void
put_in_force(McpRecipients *self, Set *set, McpCertificates *certificates, GBytes *content)
{
    McpCertificates *before;

    g_mutex_lock(&self->lock);
    before = set->certificates;
    set->certificates = certificates;
    g_mutex_unlock(&self->lock);
    g_clear_pointer(&before, mcp_certificates_unref);
    g_clear_pointer(&set->content, g_bytes_unref);
    set->content = content != NULL ? g_bytes_ref(content) : NULL;
    set->refused = FALSE;
    set->warned = 0;
}

static void
keep(McpRecipients *self, Set *set)
{
    if (set->content != NULL && set->dependency != NULL) {
        mcp_keep(self->host, self->config->directory, set->copy, set->content);
        g_clear_pointer(&set->content, g_bytes_unref);
    }
}

void
mcp_recipients_read_copies(McpRecipients *recipients)
{
    for (guint i = 0; i < recipients->sets->len; i++) {
        Set *set = g_ptr_array_index(recipients->sets, i);
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) content = mcp_copy_read(recipients->config->directory, set->copy,
                                                  MCP_CERTIFICATE_FILE_MAX, &error);
        McpCertificates *certificates =
            content != NULL
                ? mcp_certificate_file_read(content, set->file->name, now_of(recipients), &error)
                : NULL;

        if (certificates != NULL)
            put_in_force(recipients, set, certificates, NULL);
        else if (!g_error_matches(error, MCP_ERROR, MCP_ERROR_NOT_FOUND))
            mcp_log_warning("certificates-copy", NULL, "the copy of certificates \"%s\": %s",
                            set->file->name, error->message);
    }
}

void
mcp_recipients_add_items(McpRecipients *recipients, GPtrArray *items)
{
    for (guint i = 0; i < recipients->sets->len; i++) {
        const Set *set = g_ptr_array_index(recipients->sets, i);

        /* As text the server would replace what looks like a placeholder. */
        g_ptr_array_add(items, mcp_round_item_new(set->file->path, "application/octet-stream",
                                                  MCP_CERTIFICATE_FILE_MAX, set->etag));
    }
}

static void
refuse(Set *set, const char *why)
{
    mcp_log_error("certificates-refused", NULL, "%s; %s", why,
                  set->certificates != NULL ? "those before stay" : "there are none");
    set->refused = TRUE;
}

/* The same content is looked at once, good or not. */
static void
take_new(McpRecipients *self, Set *set, const McpRoundItem *item)
{
    g_autofree char *checksum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, item->body);
    g_autoptr(GError) error = NULL;
    McpCertificates *certificates = NULL;
    gboolean same = g_strcmp0(checksum, set->seen) == 0;

    g_free(set->etag);
    set->etag = g_strdup(item->etag);
    if (same)
        return;
    g_free(set->seen);
    set->seen = g_steal_pointer(&checksum);
    certificates = mcp_certificate_file_read(item->body, set->file->name, now_of(self), &error);
    if (certificates == NULL) {
        refuse(set, error->message);
        return;
    }
    mcp_log_info("certificates", NULL, "certificates \"%s\": %u recipients", set->file->name,
                 mcp_certificates_get_count(certificates));
    put_in_force(self, set, certificates, item->body);
    keep(self, set);
}

/* The server answered, but does not have it: said once. */
static void
take_failed(Set *set, const GError *error)
{
    gboolean away = !g_error_matches(error, MCP_ERROR, MCP_ERROR_REFUSED) &&
                    !g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT);

    if (!away && !set->refused)
        refuse(set, error->message);
}

void
mcp_recipients_take(McpRecipients *recipients, const GPtrArray *items, guint first)
{
    for (guint i = 0; i < recipients->sets->len; i++) {
        Set *set = g_ptr_array_index(recipients->sets, i);
        const McpRoundItem *item = g_ptr_array_index(items, first + i);

        if (item->outcome == MCP_ROUND_NEW)
            take_new(recipients, set, item);
        else if (item->outcome == MCP_ROUND_FAILED)
            take_failed(set, item->error);
    }
}

void
mcp_recipients_start(McpRecipients *recipients)
{
    for (guint i = 0; i < recipients->sets->len; i++) {
        Set *set = g_ptr_array_index(recipients->sets, i);
        g_autofree char *name = g_strconcat("certificates:", set->file->name, NULL);

        if (set->dependency == NULL)
            set->dependency = mcp_host_add_dependency(recipients->host, name, MCP_NEED_OPTIONAL);
        keep(recipients, set);
    }
    mcp_recipients_look(recipients);
}

static void
warn(McpRecipients *self, Set *set, gint64 now, gint64 expiry)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(expiry);
    g_autofree char *text = date != NULL ? g_date_time_format(date, "%Y-%m-%d") : g_strdup("?");

    mcp_dependency_set(set->dependency, expiry <= now ? MCP_HEALTH_DOWN : MCP_HEALTH_DEGRADED,
                       "%s on %s", expiry <= now ? "expired" : "expires", text);
    if (set->warned == now / DAY)
        return;
    set->warned = now / DAY;
    mcp_log_warning("certificates-expiry", NULL, "certificates \"%s\" %s on %s", set->file->name,
                    expiry <= now ? "have expired" : "expire", text);
    mcp_alert_raise(mcp_host_get_events(self->host), MCP_ALERT_CERTIFICATE_EXPIRING, NULL,
                    set->file->name, "certificates \"%s\" for recordings: %s", set->file->name,
                    text);
}

gint64
mcp_recipients_look(McpRecipients *recipients)
{
    gint64 now = now_of(recipients);
    gint64 first = 0;

    for (guint i = 0; i < recipients->sets->len; i++) {
        Set *set = g_ptr_array_index(recipients->sets, i);
        gint64 expiry =
            set->certificates != NULL ? mcp_certificates_get_expiry(set->certificates) : 0;

        if (expiry == 0)
            mcp_dependency_set(set->dependency, MCP_HEALTH_DOWN, "none could be read");
        else if (expiry - recipients->config->warn_before / G_USEC_PER_SEC <= now)
            warn(recipients, set, now, expiry);
        else if (set->refused)
            mcp_dependency_set(set->dependency, MCP_HEALTH_DEGRADED, "new ones were refused");
        else
            mcp_dependency_set(set->dependency, MCP_HEALTH_UP, NULL);
        if (expiry != 0 && (first == 0 || expiry < first))
            first = expiry;
    }
    return first;
}

static Set *
find(McpRecipients *self, const char *name)
{
    for (guint i = 0; i < self->sets->len; i++) {
        Set *set = g_ptr_array_index(self->sets, i);

        if (strcmp(set->file->name, name) == 0)
            return set;
    }
    return NULL;
}

McpCertificates *
mcp_recipients_get(McpRecipients *recipients, const char *name, GError **error)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&recipients->lock);
    const Set *set = find(recipients, name);
    gint64 now = now_of(recipients);

    if (set == NULL || set->certificates == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "certificates \"%s\" %s", name,
                    set == NULL ? "are not configured" : "could not be read so far");
        return NULL;
    }
    if (mcp_certificates_get_expiry(set->certificates) <= now ||
        mcp_certificates_get_begin(set->certificates) > now) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED, "certificates \"%s\" are not valid now",
                    name);
        return NULL;
    }
    return mcp_certificates_ref(set->certificates);
}
