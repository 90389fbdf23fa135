/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits lines of a kind. Sources stand in a table of fixed size; those that find no place are
 * counted together. Any thread.
 */
#include <mcp/log.h>
#include <mcp/log_limit.h>
#include <string.h>

#define SOURCES 64
#define SOURCE_LENGTH 64

typedef struct {
    char source[SOURCE_LENGTH]; /* "": free */
    guint seen;
    guint left_out;
} Entry;

struct _McpLogLimit {
    GMutex lock; /* guards all below */
    guint per_source;
    guint total;
    const char *domain;
    const char *id;
    gint64 second; /* clock µs at which the present one began */
    guint written; /* in it */
    guint others;  /* left out, of sources without an entry */
    Entry entries[SOURCES];
};

McpLogLimit *
mcp_log_limit_new(guint per_source, guint total, const char *domain, const char *id)
{
    McpLogLimit *limit = g_new0(McpLogLimit, 1);

    g_mutex_init(&limit->lock);
    limit->per_source = per_source;
    limit->total = total;
    limit->domain = domain;
    limit->id = id;
    return limit;
}

static void
tell(const McpLogLimit *limit, guint left_out, const char *source)
{
    if (left_out > 0 && mcp_log_enabled(MCP_LOG_INFO))
        mcp_log_message(MCP_LOG_INFO, limit->domain, limit->id, NULL,
                        "%u more refused from %s in the last second", left_out, source);
}

static void
begin_second(McpLogLimit *limit, gint64 now)
{
    for (guint i = 0; i < SOURCES; i++)
        tell(limit, limit->entries[i].left_out, limit->entries[i].source);
    tell(limit, limit->others, "other addresses");
    memset(limit->entries, 0, sizeof limit->entries);
    limit->others = 0;
    limit->written = 0;
    limit->second = now;
}

static void
roll(McpLogLimit *limit, gint64 now)
{
    if (now - limit->second >= G_USEC_PER_SEC)
        begin_second(limit, now);
}

void
mcp_log_limit_free(McpLogLimit *limit)
{
    begin_second(limit, 0);
    g_mutex_clear(&limit->lock);
    g_free(limit);
}

static Entry *
entry_for(McpLogLimit *limit, const char *source)
{
    for (guint i = 0; i < SOURCES; i++) {
        Entry *entry = &limit->entries[i];

        if (entry->source[0] == '\0')
            g_strlcpy(entry->source, source, sizeof entry->source);
        if (strncmp(entry->source, source, sizeof entry->source - 1) == 0)
            return entry;
    }
    return NULL;
}

gboolean
mcp_log_limit_pass(McpLogLimit *limit, const char *source, gint64 now)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&limit->lock);
    Entry *entry = NULL;

    roll(limit, now);
    entry = entry_for(limit, source);
    if (limit->written < limit->total && (entry == NULL || entry->seen < limit->per_source)) {
        limit->written++;
        if (entry != NULL)
            entry->seen++;
        return TRUE;
    }
    if (entry != NULL)
        entry->left_out++;
    else
        limit->others++;
    return FALSE;
}

void
mcp_log_limit_flush(McpLogLimit *limit, gint64 now)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&limit->lock);

    roll(limit, now);
}
