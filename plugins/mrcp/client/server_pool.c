/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The servers and whose turn it is: smooth weighted round robin over those that have the resource
 * and the language and are not left alone. Any thread.
 */
#include "server_pool.h"

#include <mcp/breaker.h>
#include <mcp/log.h>
#include <string.h>

typedef struct {
    McpMrcpServer server; /* first: what others have is a pointer to it */
    McpBreaker breaker;
    McpBackoff backoff;
    gint64 current; /* of the round robin */
    guint in_use;   /* taken, and nothing told yet */
    guint succeeded;
    guint failed;
    char *last_error;
} Member;

struct _McpMrcpPool {
    gatomicrefcount refs;
    McpClock *clock;
    guint failures;
    gint64 pause;
    gint64 longest;
    McpMrcpPoolChanged changed; /* nullable */
    gpointer user_data;
    GMutex lock;        /* guards what members have beside their server */
    GPtrArray *members; /* Member */
};

static void
member_free(gpointer data)
{
    Member *member = data;

    g_free((char *)member->server.name);
    g_free((char *)member->server.target);
    g_strfreev((char **)member->server.languages);
    g_strfreev((char **)member->server.codecs);
    for (guint i = 0; i < MCP_MRCP_N_RESOURCES; i++)
        g_free((char *)member->server.paths[i]);
    g_clear_pointer(&member->server.tls, mcp_tls_context_unref);
    g_free(member->last_error);
    g_free(member);
}

static Member *
member_new(const McpMrcpServer *server)
{
    Member *member = g_new0(Member, 1);

    member->server = *server;
    member->server.name = g_strdup(server->name);
    member->server.target = g_strdup(server->target);
    member->server.languages = (const char *const *)g_strdupv((char **)server->languages);
    member->server.codecs = (const char *const *)g_strdupv((char **)server->codecs);
    for (guint i = 0; i < MCP_MRCP_N_RESOURCES; i++)
        member->server.paths[i] = g_strdup(server->paths[i]);
    member->server.weight = MAX(server->weight, 1);
    member->server.tls = server->tls != NULL ? mcp_tls_context_ref(server->tls) : NULL;
    return member;
}

McpMrcpPool *
mcp_mrcp_pool_new(const McpMrcpPoolConfig *config, McpClock *clock)
{
    McpMrcpPool *pool = g_new0(McpMrcpPool, 1);

    g_atomic_ref_count_init(&pool->refs);
    g_mutex_init(&pool->lock);
    pool->clock = g_object_ref(clock);
    pool->failures = config->failures;
    pool->pause = config->pause;
    pool->longest = config->longest;
    pool->changed = config->changed;
    pool->user_data = config->user_data;
    pool->members = g_ptr_array_new_with_free_func(member_free);
    for (guint i = 0; i < config->n_servers; i++)
        g_ptr_array_add(pool->members, member_new(&config->servers[i]));
    return pool;
}

McpMrcpPool *
mcp_mrcp_pool_ref(McpMrcpPool *pool)
{
    g_atomic_ref_count_inc(&pool->refs);
    return pool;
}

void
mcp_mrcp_pool_unref(McpMrcpPool *pool)
{
    if (pool == NULL || !g_atomic_ref_count_dec(&pool->refs))
        return;
    g_ptr_array_unref(pool->members);
    g_object_unref(pool->clock);
    g_mutex_clear(&pool->lock);
    g_free(pool);
}

gboolean
mcp_mrcp_pool_has(McpMrcpPool *pool, McpMrcpResource resource)
{
    for (guint i = 0; i < pool->members->len; i++)
        if ((((Member *)pool->members->pdata[i])->server.resources & 1u << resource) != 0)
            return TRUE;
    return FALSE;
}

/* RFC 4647 §3.3.1: "de" is for "de-AT", too. */
static gboolean
speaks(const McpMrcpServer *server, const char *language)
{
    const char *const *range = server->languages;

    if (range == NULL || *range == NULL || language == NULL)
        return TRUE;
    for (; *range != NULL; range++) {
        gsize length = strlen(*range);

        if (g_ascii_strncasecmp(language, *range, length) == 0 &&
            (language[length] == '\0' || language[length] == '-'))
            return TRUE;
    }
    return FALSE;
}

/* Under the lock. */
static Member *
next_of(McpMrcpPool *self, GPtrArray *able)
{
    Member *best = NULL;
    gint64 sum = 0;

    for (guint i = 0; i < able->len; i++) {
        Member *member = able->pdata[i];

        member->current += member->server.weight;
        sum += member->server.weight;
        if (best == NULL || member->current > best->current)
            best = member;
    }
    if (best != NULL)
        best->current -= sum;
    return best;
}

const McpMrcpServer *
mcp_mrcp_pool_take(McpMrcpPool *pool, McpMrcpResource resource, const char *language,
                   GPtrArray *tried)
{
    g_autoptr(GPtrArray) able = g_ptr_array_new();
    gint64 now = mcp_clock_now(pool->clock);
    Member *member = NULL;

    g_mutex_lock(&pool->lock);
    for (guint i = 0; i < pool->members->len; i++) {
        member = pool->members->pdata[i];
        if ((member->server.resources & 1u << resource) != 0 && speaks(&member->server, language) &&
            !g_ptr_array_find(tried, &member->server, NULL))
            g_ptr_array_add(able, member);
    }
    /* Asking a breaker is a promise to try: only of the one that is taken. */
    while ((member = next_of(pool, able)) != NULL && !mcp_breaker_allows(&member->breaker, now))
        g_ptr_array_remove(able, member);
    if (member != NULL)
        member->in_use++;
    g_mutex_unlock(&pool->lock);
    if (member == NULL)
        return NULL;
    g_ptr_array_add(tried, &member->server);
    return &member->server;
}

static Member *
member_of(const McpMrcpServer *server)
{
    return (Member *)server;
}

/* Not under the lock. */
static void
tell_up(McpMrcpPool *self, const Member *member)
{
    mcp_log_info("mrcp-server-up", NULL, "server %s is there again", member->server.name);
    if (self->changed != NULL)
        self->changed(&member->server, NULL, self->user_data);
}

static void
tell_down(McpMrcpPool *self, const Member *member, const GError *error)
{
    mcp_log_warning("mrcp-server-down", NULL, "server %s fails and is left alone for a while: %s",
                    member->server.name, error->message);
    if (self->changed != NULL)
        self->changed(&member->server, error, self->user_data);
}

void
mcp_mrcp_pool_succeeded(McpMrcpPool *pool, const McpMrcpServer *server)
{
    Member *member = member_of(server);
    gboolean was_open = FALSE;

    g_mutex_lock(&pool->lock);
    member->in_use--;
    member->succeeded++;
    was_open = mcp_breaker_is_open(&member->breaker);
    mcp_breaker_succeeded(&member->breaker);
    mcp_backoff_reset(&member->backoff);
    g_mutex_unlock(&pool->lock);
    if (was_open)
        tell_up(pool, member);
}

void
mcp_mrcp_pool_unknown(McpMrcpPool *pool, const McpMrcpServer *server)
{
    Member *member = member_of(server);

    g_mutex_lock(&pool->lock);
    member->in_use--;
    mcp_breaker_unknown(&member->breaker);
    g_mutex_unlock(&pool->lock);
}

/* Under the lock. Whether it is left alone from now on, and was not before. */
static gboolean
note_failure(McpMrcpPool *self, Member *member, const GError *error, guint limit, gint64 pause)
{
    gboolean was_open = mcp_breaker_is_open(&member->breaker);

    g_free(member->last_error);
    member->last_error = g_strdup(error->message);
    mcp_breaker_failed(&member->breaker, mcp_clock_now(self->clock), limit, pause);
    return !was_open && mcp_breaker_is_open(&member->breaker);
}

void
mcp_mrcp_pool_failed(McpMrcpPool *pool, const McpMrcpServer *server, const GError *error)
{
    Member *member = member_of(server);
    McpBackoff backoff;
    gint64 until = 0;
    gboolean down = FALSE;

    g_mutex_lock(&pool->lock);
    member->in_use--;
    member->failed++;
    backoff = member->backoff;
    until = member->breaker.until;
    down = note_failure(pool, member, error, pool->failures,
                        mcp_backoff_next(&backoff, pool->pause, pool->longest));
    if (member->breaker.until != until)
        member->backoff = backoff;
    g_mutex_unlock(&pool->lock);
    if (down)
        tell_down(pool, member, error);
}

const McpMrcpServer *
mcp_mrcp_pool_get(McpMrcpPool *pool, guint index)
{
    return index < pool->members->len ? &((Member *)pool->members->pdata[index])->server : NULL;
}

gboolean
mcp_mrcp_pool_is_in_use(McpMrcpPool *pool, const McpMrcpServer *server)
{
    gboolean in_use = FALSE;

    g_mutex_lock(&pool->lock);
    in_use = member_of(server)->in_use > 0;
    g_mutex_unlock(&pool->lock);
    return in_use;
}

/*
 * One that does not even answer is left alone until it is asked the next time, which is soon at
 * first. That it answers does not say that it can do its work: what it has failed at keeps the
 * pauses long.
 */
gint64
mcp_mrcp_pool_probed(McpMrcpPool *pool, const McpMrcpServer *server, const GError *error)
{
    Member *member = member_of(server);
    gint64 pause = server->probe;
    gboolean up = FALSE;
    gboolean down = FALSE;

    g_mutex_lock(&pool->lock);
    if (error == NULL) {
        up = mcp_breaker_is_open(&member->breaker);
        mcp_breaker_succeeded(&member->breaker);
    } else {
        gint64 wait = mcp_backoff_next(&member->backoff, pool->pause, pool->longest);

        pause = MIN(wait, pause);
        /* It counts as a try, whether the last pause is over or not. */
        member->breaker.trying = TRUE;
        down = note_failure(pool, member, error, 1, pause + server->connect_timeout);
    }
    g_mutex_unlock(&pool->lock);
    if (up)
        tell_up(pool, member);
    if (down)
        tell_down(pool, member, error);
    return pause;
}

McpMrcpSession *
mcp_mrcp_server_open(const McpMrcpServer *server, const McpMrcpServices *services,
                     const char *call_id, McpMrcpResource resource, McpSdpDirection direction,
                     McpMrcpSessionFunc func, gpointer user_data)
{
    McpMrcpSessionParams params = {
        .version = server->version,
        .server = server->name,
        .target = server->target,
        .call_id = call_id,
        .resources = &resource,
        .n_resources = 1,
        .direction = direction,
        .codecs = server->codecs,
        .tls = server->tls,
        .shared = server->shared,
        .timeout = server->connect_timeout,
    };

    memcpy(params.paths, server->paths, sizeof params.paths);
    return mcp_mrcp_session_new(services, &params, func, user_data);
}

void
mcp_mrcp_pool_describe(McpMrcpPool *pool, McpJson *json)
{
    g_mutex_lock(&pool->lock);
    mcp_json_begin_array(json, "servers");
    for (guint i = 0; i < pool->members->len; i++) {
        Member *member = pool->members->pdata[i];

        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "name", member->server.name);
        mcp_json_string(json, "target", member->server.target);
        mcp_json_string(json, "state", mcp_breaker_is_open(&member->breaker) ? "down" : "up");
        mcp_json_int(json, "succeeded", member->succeeded);
        mcp_json_int(json, "failed", member->failed);
        if (member->last_error != NULL)
            mcp_json_string(json, "last_error", member->last_error);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
    g_mutex_unlock(&pool->lock);
}
