/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources of requests: a set-associative table of fixed size, so that no flood, from however many
 * addresses, costs memory or long searches. SIP context.
 */
#include "source_table.h"

#include <mcp/log.h>
#include <string.h>

#define SETS 1024
#define WAYS 4
#define SILENCE G_USEC_PER_SEC
/* Wrong proofs that cost no pause; the pause then doubles from 1 s to 64 s. */
#define FAILURES_FREE 3
#define FAILURES_FORGOTTEN (10 * 60 * G_USEC_PER_SEC)
/* Lines a flush about dropped requests. */
#define LINES_MAX 5

typedef struct {
    guint64 key; /* 0: free */
    gint64 seen;
    gint64 second; /* in which @answered were answered */
    gint64 silent_until;
    guint answered;
    guint dropped; /* since the last flush */
    McpBucket calls;
    guint failures; /* proofs that were wrong, in a row */
    gint64 failed;  /* when the last one was */
} Source;

struct _McpSipSources {
    guint limit;
    guint total;
    guint64 seed;
    McpBucket answers; /* to all strangers */
    guint dropped;     /* since the last flush */
    Source table[SETS][WAYS];
};

McpSipSources *
mcp_sip_sources_new(guint limit, guint total)
{
    McpSipSources *sources = g_new0(McpSipSources, 1);

    sources->limit = limit;
    sources->total = total;
    sources->seed = ((guint64)g_random_int() << 32 | g_random_int()) | 1;
    return sources;
}

void
mcp_sip_sources_free(McpSipSources *sources)
{
    g_free(sources);
}

/* IPv4 as ::ffff:a.b.c.d without its zeros; of IPv6 the network part. Never 0. */
static guint64
key_of(const su_sockaddr_t *address)
{
    guint64 key = 0;

    if (address->su_family == AF_INET)
        return G_GUINT64_CONSTANT(0xffff00000000) | ntohl(address->su_sin.sin_addr.s_addr);
    if (IN6_IS_ADDR_V4MAPPED(&address->su_sin6.sin6_addr)) {
        guint32 plain = 0;

        memcpy(&plain, address->su_sin6.sin6_addr.s6_addr + 12, sizeof plain);
        return G_GUINT64_CONSTANT(0xffff00000000) | ntohl(plain);
    }
    memcpy(&key, address->su_sin6.sin6_addr.s6_addr, sizeof key);
    key = GUINT64_FROM_BE(key);
    return key != 0 ? key : 1;
}

static Source *
set_of(McpSipSources *sources, guint64 key)
{
    guint64 mixed = (key ^ (key >> 29)) * sources->seed;

    return sources->table[(mixed >> 40) % SETS];
}

/* (nullable): what is known of the source. */
static Source *
find(McpSipSources *sources, guint64 key)
{
    Source *set = set_of(sources, key);

    for (guint i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
    }
    return NULL;
}

/* The same, in place of the one seen longest ago when it is new. */
static Source *
find_or_add(McpSipSources *sources, const su_sockaddr_t *address, gint64 now)
{
    guint64 key = key_of(address);
    Source *source = find(sources, key);
    Source *set = set_of(sources, key);

    if (source == NULL) {
        source = &set[0];
        for (guint i = 1; i < WAYS; i++) {
            if (set[i].key == 0 || set[i].seen < source->seen)
                source = &set[i];
        }
        memset(source, 0, sizeof *source);
        source->key = key;
    }
    source->seen = now;
    return source;
}

static gboolean
drop(McpSipSources *sources, Source *source)
{
    source->dropped++;
    sources->dropped++;
    return TRUE;
}

gboolean
mcp_sip_sources_is_silenced(McpSipSources *sources, const su_sockaddr_t *address, gint64 now)
{
    Source *source = find(sources, key_of(address));

    return source != NULL && now < source->silent_until && drop(sources, source);
}

gboolean
mcp_sip_sources_note_stranger(McpSipSources *sources, const su_sockaddr_t *address, gint64 now)
{
    Source *source = find_or_add(sources, address, now);

    if (now - source->second >= G_USEC_PER_SEC) {
        source->second = now;
        source->answered = 0;
    }
    if (source->answered >= sources->limit)
        source->silent_until = now + SILENCE;
    else if (mcp_bucket_take(&sources->answers, now, sources->total, 0))
        source->answered++;
    else
        return !drop(sources, source);
    return now >= source->silent_until || !drop(sources, source);
}

gboolean
mcp_sip_sources_take_call(McpSipSources *sources, const su_sockaddr_t *address, gint64 now,
                          guint rate)
{
    return rate == 0 || mcp_bucket_take(&find_or_add(sources, address, now)->calls, now, rate, 0);
}

gint64
mcp_sip_sources_proof_wait(McpSipSources *sources, const su_sockaddr_t *address, gint64 now)
{
    const Source *source = find(sources, key_of(address));
    gint64 pause = 0;

    if (source == NULL || source->failures <= FAILURES_FREE)
        return 0;
    pause = G_USEC_PER_SEC << MIN(source->failures - FAILURES_FREE - 1, 6);
    return MAX(source->failed + pause - now, 0);
}

void
mcp_sip_sources_note_proof(McpSipSources *sources, const su_sockaddr_t *address, gint64 now,
                           gboolean good)
{
    Source *source = find_or_add(sources, address, now);

    if (good || now - source->failed > FAILURES_FORGOTTEN)
        source->failures = 0;
    if (!good) {
        source->failures++;
        source->failed = now;
    }
}

static char *
format_key(guint64 key)
{
    if (key >> 32 == 0xffff)
        return g_strdup_printf("%u.%u.%u.%u", (guint)(key >> 24 & 0xff), (guint)(key >> 16 & 0xff),
                               (guint)(key >> 8 & 0xff), (guint)(key & 0xff));
    return g_strdup_printf("%x:%x:%x:%x::/64", (guint)(key >> 48), (guint)(key >> 32 & 0xffff),
                           (guint)(key >> 16 & 0xffff), (guint)(key & 0xffff));
}

/* Which source has the most dropped requests; they are taken from it. NULL when none has any. */
static const Source *
take_worst(McpSipSources *sources, guint *out_dropped)
{
    Source *worst = NULL;

    for (guint i = 0; i < SETS * WAYS; i++) {
        Source *source = &sources->table[i / WAYS][i % WAYS];

        if (source->dropped > 0 && (worst == NULL || source->dropped > worst->dropped))
            worst = source;
    }
    if (worst == NULL)
        return NULL;
    *out_dropped = worst->dropped;
    worst->dropped = 0;
    return worst;
}

static void
forget_drops(McpSipSources *sources)
{
    for (guint i = 0; i < SETS * WAYS; i++)
        sources->table[i / WAYS][i % WAYS].dropped = 0;
    sources->dropped = 0;
}

guint
mcp_sip_sources_flush(McpSipSources *sources)
{
    guint all = sources->dropped;
    guint rest = all;
    guint dropped = 0;

    if (all == 0)
        return 0;
    for (guint line = 0; line < LINES_MAX; line++) {
        const Source *source = take_worst(sources, &dropped);
        g_autofree char *text = source != NULL ? format_key(source->key) : NULL;

        if (source == NULL)
            break;
        mcp_log_info("requests-dropped", NULL,
                     "%u more requests from %s dropped without an answer in the last second",
                     dropped, text);
        rest -= MIN(rest, dropped);
    }
    if (rest > 0)
        mcp_log_info("requests-dropped", NULL,
                     "%u more requests from other addresses dropped without an answer", rest);
    forget_drops(sources);
    return all;
}
