/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolver of the process: one thread asks for a name, however many wait for it; the waiting
 * ends after a deadline, the asking when the system lets it. Any thread; the lock guards cache and
 * running look-ups and is never held across a callback.
 */
#include "pool/resolver.h"

#include <mcp/pool.h>
#include <netdb.h>
#include <string.h>

#define DEADLINE (2 * G_TIME_SPAN_SECOND)
#define QUEUE 256
#define KEEP_FOUND (30 * G_TIME_SPAN_SECOND)
#define KEEP_ABSENT (5 * G_TIME_SPAN_SECOND)
#define KEEP_FAILURE (1 * G_TIME_SPAN_SECOND)
#define CACHE_MAX 4096

struct _McpResolver {
    GResolver parent_instance;
    McpClock *clock;
    McpPool *pool;
    McpResolverQuery query;
    GMutex lock;         /* guards all below */
    GHashTable *cache;   /* key → Answer */
    GHashTable *running; /* key → Lookup */
};

G_DEFINE_FINAL_TYPE(McpResolver, mcp_resolver, G_TYPE_RESOLVER)

/* What the system said; shared by reference. */
typedef struct {
    gatomicrefcount refs;
    GList *addresses; /* GInetAddress */
    GError *error;    /* nullable */
    gint64 expires;   /* monotonic µs */
} Answer;

/* One name that is being asked for. */
typedef struct {
    McpResolver *resolver; /* which waits for its threads before it goes */
    char *key;
    char *name;
    GResolverNameLookupFlags flags;
    GPtrArray *waiters; /* under the resolver's lock */
} Lookup;

/* One caller. It lives on the context it called from; the look-up holds a reference too. */
typedef struct {
    gatomicrefcount refs;
    GTask *task;
    McpTimer *deadline; /* on its context */
    Answer *answer;     /* set before it is posted */
} Waiter;

static Answer *
answer_ref(Answer *answer)
{
    g_atomic_ref_count_inc(&answer->refs);
    return answer;
}

static void
answer_unref(gpointer data)
{
    Answer *answer = data;

    if (!g_atomic_ref_count_dec(&answer->refs))
        return;
    g_resolver_free_addresses(answer->addresses);
    g_clear_error(&answer->error);
    g_free(answer);
}

static void
waiter_unref(gpointer data)
{
    Waiter *waiter = data;

    if (!g_atomic_ref_count_dec(&waiter->refs))
        return;
    g_clear_object(&waiter->task);
    g_clear_pointer(&waiter->answer, answer_unref);
    g_free(waiter);
}

static void
lookup_free(gpointer data)
{
    Lookup *lookup = data;

    g_free(lookup->key);
    g_free(lookup->name);
    g_ptr_array_unref(lookup->waiters);
    g_free(lookup);
}

static void
free_addresses(gpointer data)
{
    g_resolver_free_addresses(data);
}

static void
return_answer(GTask *task, const Answer *answer)
{
    if (answer->error != NULL)
        g_task_return_error(task, g_error_copy(answer->error));
    else
        g_task_return_pointer(task,
                              g_list_copy_deep(answer->addresses, (GCopyFunc)g_object_ref, NULL),
                              free_addresses);
}

static int
family_of(GResolverNameLookupFlags flags)
{
    if (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY)
        return AF_INET;
    return flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY ? AF_INET6 : AF_UNSPEC;
}

static GList *
to_list(const struct addrinfo *results)
{
    GList *list = NULL;

    for (const struct addrinfo *at = results; at != NULL; at = at->ai_next) {
        g_autoptr(GSocketAddress) address =
            g_socket_address_new_from_native(at->ai_addr, at->ai_addrlen);

        if (G_IS_INET_SOCKET_ADDRESS(address))
            list = g_list_prepend(list, g_object_ref(g_inet_socket_address_get_address(
                                            G_INET_SOCKET_ADDRESS(address))));
    }
    return g_list_reverse(list);
}

static GList *
ask_system(const char *name, GResolverNameLookupFlags flags, GError **error)
{
    struct addrinfo hints = {
        .ai_family = family_of(flags), .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *results = NULL;
    int code = getaddrinfo(name, NULL, &hints, &results);
    GList *list = NULL;

    if (code == 0) {
        list = to_list(results);
        freeaddrinfo(results);
    }
    if (list == NULL)
        g_set_error(error, G_RESOLVER_ERROR,
                    code == EAI_AGAIN  ? G_RESOLVER_ERROR_TEMPORARY_FAILURE
                    : code == EAI_FAIL ? G_RESOLVER_ERROR_INTERNAL
                                       : G_RESOLVER_ERROR_NOT_FOUND,
                    "cannot resolve %s: %s", name, code != 0 ? gai_strerror(code) : "no address");
    return list;
}

static gint64
keep_time(const Answer *answer)
{
    if (answer->error == NULL)
        return KEEP_FOUND;
    return g_error_matches(answer->error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND)
               ? KEEP_ABSENT
               : KEEP_FAILURE;
}

/* On the waiter's context: the answer is there, unless the deadline was faster. */
static gboolean
deliver(gpointer data)
{
    Waiter *waiter = data;

    if (waiter->task != NULL) {
        mcp_timer_clear(&waiter->deadline);
        return_answer(waiter->task, waiter->answer);
        g_clear_object(&waiter->task);
    }
    return G_SOURCE_REMOVE;
}

static void
post(Waiter *waiter, GMainContext *context, Answer *answer)
{
    g_autoptr(GSource) source = g_idle_source_new();

    waiter->answer = answer_ref(answer);
    g_atomic_ref_count_inc(&waiter->refs);
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, deliver, waiter, waiter_unref);
    g_source_attach(source, context);
}

static void
on_deadline(gpointer data)
{
    Waiter *waiter = data;

    mcp_timer_clear(&waiter->deadline);
    g_task_return_new_error(waiter->task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                            "name look-up took longer than %d ms", (int)(DEADLINE / 1000));
    g_clear_object(&waiter->task);
}

/* A context beside its waiter: the waiter itself is touched on that context alone. */
typedef struct {
    Waiter *waiter;
    GMainContext *context;
} Seat;

static void
seat_free(gpointer data)
{
    Seat *seat = data;

    waiter_unref(seat->waiter);
    g_main_context_unref(seat->context);
    g_free(seat);
}

/* On a thread of the pool. */
static void
run_lookup(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Lookup *lookup = data;
    McpResolver *self = lookup->resolver;
    Answer *answer = g_new0(Answer, 1);
    g_autoptr(GPtrArray) seats = NULL;

    g_atomic_ref_count_init(&answer->refs);
    answer->addresses = self->query(lookup->name, lookup->flags, &answer->error);
    answer->expires = mcp_clock_now(self->clock) + keep_time(answer);
    g_mutex_lock(&self->lock);
    if (g_hash_table_size(self->cache) >= CACHE_MAX)
        g_hash_table_remove_all(self->cache);
    g_hash_table_insert(self->cache, g_strdup(lookup->key), answer_ref(answer));
    g_hash_table_remove(self->running, lookup->key);
    seats = g_steal_pointer(&lookup->waiters);
    lookup->waiters = g_ptr_array_new();
    g_mutex_unlock(&self->lock);
    for (guint i = 0; i < seats->len; i++) {
        Seat *seat = g_ptr_array_index(seats, i);

        post(seat->waiter, seat->context, answer);
    }
    answer_unref(answer);
    g_task_return_boolean(task, TRUE);
}

/* (nullable) (transfer full): an answer that still holds. Lock held. */
static Answer *
find_answer(McpResolver *self, const char *key)
{
    Answer *answer = g_hash_table_lookup(self->cache, key);

    if (answer == NULL)
        return NULL;
    if (answer->expires > mcp_clock_now(self->clock))
        return answer_ref(answer);
    g_hash_table_remove(self->cache, key);
    return NULL;
}

static void
add_waiter(McpResolver *self, Lookup *lookup, GTask *task)
{
    Waiter *waiter = g_new0(Waiter, 1);
    Seat *seat = g_new0(Seat, 1);

    g_atomic_ref_count_init(&waiter->refs);
    waiter->task = g_object_ref(task);
    seat->waiter = waiter;
    seat->context = g_main_context_ref(g_task_get_context(task));
    waiter->deadline = mcp_clock_after(self->clock, seat->context, DEADLINE, on_deadline, waiter);
    g_ptr_array_add(lookup->waiters, seat);
}

static Lookup *
lookup_new(const char *key, const char *name, GResolverNameLookupFlags flags)
{
    Lookup *lookup = g_new0(Lookup, 1);

    lookup->key = g_strdup(key);
    lookup->name = g_strdup(name);
    lookup->flags = flags;
    lookup->waiters = g_ptr_array_new_with_free_func(seat_free);
    return lookup;
}

/* (transfer full): what is to run in the pool, NULL when nothing is: the task waits, or is done. */
static GTask *
board(McpResolver *self, const char *name, GResolverNameLookupFlags flags, GTask *task)
{
    g_autofree char *key = g_strdup_printf("%d %s", (int)flags, name);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    Answer *answer = find_answer(self, key);
    Lookup *lookup = g_hash_table_lookup(self->running, key);
    GTask *job = NULL;

    if (answer != NULL) {
        return_answer(task, answer);
        answer_unref(answer);
        return NULL;
    }
    if (lookup == NULL && g_hash_table_size(self->running) >= QUEUE) {
        g_task_return_new_error(task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE,
                                "more than %d names are being looked up", QUEUE);
        return NULL;
    }
    if (lookup == NULL) {
        lookup = lookup_new(key, name, flags);
        lookup->resolver = self;
        g_hash_table_insert(self->running, lookup->key, lookup);
        job = g_task_new(NULL, NULL, NULL, NULL);
        g_task_set_task_data(job, lookup, lookup_free);
    }
    add_waiter(self, lookup, task);
    return job;
}

static void
mcp_resolver_lookup_async(GResolver *resolver, const char *name, GResolverNameLookupFlags flags,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
    McpResolver *self = MCP_RESOLVER(resolver);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(GTask) job = board(self, name, flags, task);

    if (job != NULL)
        mcp_pool_run(self->pool, job, run_lookup);
}

static void
mcp_resolver_lookup_plain_async(GResolver *resolver, const char *name, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
    mcp_resolver_lookup_async(resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT, cancellable,
                              callback, user_data);
}

static GList *
mcp_resolver_lookup_finish(GResolver *resolver, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
on_looked_up(GObject *source, GAsyncResult *result, gpointer data)
{
    *(GAsyncResult **)data = g_object_ref(result);
}

/* The blocking form waits for the other one on a context of its own. */
static GList *
mcp_resolver_lookup(GResolver *resolver, const char *name, GResolverNameLookupFlags flags,
                    GCancellable *cancellable, GError **error)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GAsyncResult) result = NULL;

    g_main_context_push_thread_default(context);
    mcp_resolver_lookup_async(resolver, name, flags, cancellable, on_looked_up, &result);
    while (result == NULL)
        g_main_context_iteration(context, TRUE);
    g_main_context_pop_thread_default(context);
    return g_task_propagate_pointer(G_TASK(result), error);
}

static GList *
mcp_resolver_lookup_plain(GResolver *resolver, const char *name, GCancellable *cancellable,
                          GError **error)
{
    return mcp_resolver_lookup(resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT, cancellable,
                               error);
}

GResolver *
mcp_resolver_new(McpClock *clock)
{
    return mcp_resolver_new_with_query(clock, ask_system);
}

GResolver *
mcp_resolver_new_with_query(McpClock *clock, McpResolverQuery query)
{
    McpResolver *self = g_object_new(MCP_TYPE_RESOLVER, NULL);

    self->clock = g_object_ref(clock);
    self->query = query;
    return G_RESOLVER(self);
}

static void
mcp_resolver_finalize(GObject *object)
{
    McpResolver *self = MCP_RESOLVER(object);

    g_object_unref(self->pool);
    g_hash_table_unref(self->running);
    g_hash_table_unref(self->cache);
    g_object_unref(self->clock);
    g_mutex_clear(&self->lock);
    G_OBJECT_CLASS(mcp_resolver_parent_class)->finalize(object);
}

static void
mcp_resolver_class_init(McpResolverClass *klass)
{
    GResolverClass *resolver_class = G_RESOLVER_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = mcp_resolver_finalize;
    resolver_class->lookup_by_name = mcp_resolver_lookup_plain;
    resolver_class->lookup_by_name_async = mcp_resolver_lookup_plain_async;
    resolver_class->lookup_by_name_finish = mcp_resolver_lookup_finish;
    resolver_class->lookup_by_name_with_flags = mcp_resolver_lookup;
    resolver_class->lookup_by_name_with_flags_async = mcp_resolver_lookup_async;
    resolver_class->lookup_by_name_with_flags_finish = mcp_resolver_lookup_finish;
}

static void
mcp_resolver_init(McpResolver *self)
{
    g_mutex_init(&self->lock);
    self->pool = mcp_pool_new("resolver", MCP_RESOLVER_THREADS, QUEUE);
    self->cache = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, answer_unref);
    self->running = g_hash_table_new(g_str_hash, g_str_equal);
}
