/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rates and numbers of incoming calls. The lock guards everything; it is held for a few look-ups.
 * Any thread.
 */
#include "call/admission.h"

#include <mcp/bucket.h>

typedef struct {
    McpBucket bucket;
    guint running;
} Use;

struct _McpAdmission {
    McpClock *clock;
    GMutex lock;      /* guards all below */
    GHashTable *uses; /* name of a peer → Use; as many as there were names of peers */
    McpBucket bucket; /* of all calls */
    guint rate;       /* calls a second, 0: no limit */
    guint burst;
};

McpAdmission *
mcp_admission_new(McpClock *clock)
{
    McpAdmission *admission = g_new0(McpAdmission, 1);

    admission->clock = clock;
    g_mutex_init(&admission->lock);
    admission->uses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return admission;
}

void
mcp_admission_free(McpAdmission *admission)
{
    g_hash_table_unref(admission->uses);
    g_mutex_clear(&admission->lock);
    g_free(admission);
}

void
mcp_admission_configure(McpAdmission *admission, McpSettings *settings)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&admission->lock);

    admission->rate = (guint)mcp_settings_get_int(settings, "core", NULL, "calls_per_second");
    admission->burst = (guint)mcp_settings_get_int(settings, "core", NULL, "calls_burst");
}

static Use *
use_of(McpAdmission *admission, const McpPeer *peer)
{
    const char *name = mcp_peer_get_name(peer);
    Use *use = g_hash_table_lookup(admission->uses, name);

    if (use == NULL) {
        use = g_new0(Use, 1);
        g_hash_table_insert(admission->uses, g_strdup(name), use);
    }
    return use;
}

static const char *
check(McpAdmission *admission, const McpPeer *peer, gint64 now)
{
    McpPeerLimits limits = {0};
    const Use *use = NULL;

    if (!mcp_bucket_has(&admission->bucket, now, admission->rate, admission->burst))
        return "too many calls a second";
    if (peer == NULL)
        return NULL;
    use = use_of(admission, peer);
    mcp_peer_get_limits(peer, &limits);
    if (limits.max_calls > 0 && use->running >= limits.max_calls)
        return "maximum number of calls of the peer reached";
    if (!mcp_bucket_has(&use->bucket, now, limits.calls_per_second, limits.calls_burst))
        return "too many calls a second of the peer";
    return NULL;
}

const char *
mcp_admission_check(McpAdmission *admission, const McpPeer *peer)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&admission->lock);

    return check(admission, peer, mcp_clock_now(admission->clock));
}

const char *
mcp_admission_take(McpAdmission *admission, const McpPeer *peer)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&admission->lock);
    gint64 now = mcp_clock_now(admission->clock);
    const char *why = check(admission, peer, now);
    McpPeerLimits limits;
    Use *use;

    if (why != NULL)
        return why;
    use = use_of(admission, peer);
    mcp_peer_get_limits(peer, &limits);
    mcp_bucket_take(&admission->bucket, now, admission->rate, admission->burst);
    mcp_bucket_take(&use->bucket, now, limits.calls_per_second, limits.calls_burst);
    use->running++;
    return NULL;
}

void
mcp_admission_release(McpAdmission *admission, const McpPeer *peer)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&admission->lock);
    Use *use = use_of(admission, peer);

    if (use->running > 0)
        use->running--;
}
