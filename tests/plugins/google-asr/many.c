/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two hundred recognitions at once, from several contexts as those of the shards, over one
 * connection and a number of threads that does not grow with them.
 */
#include "asr.h"

#include <string.h>

#define MANY 200
#define FEW 40 /* in the quick tier */
#define SHARDS 4
#define ROUNDS 2

typedef struct {
    GPtrArray *turns; /* Turn */
    gint *running;    /* atomic */
    GThread *thread;
} Shard;

static guint
count_threads(void)
{
    g_autoptr(GDir) folder = g_dir_open("/proc/self/task", 0, NULL);
    guint count = 0;

    while (g_dir_read_name(folder) != NULL)
        count++;
    return count;
}

static gboolean
all_ended(GPtrArray *turns)
{
    for (guint i = 0; i < turns->len; i++)
        if (((Turn *)turns->pdata[i])->ends == 0)
            return FALSE;
    return TRUE;
}

static gpointer
run_shard(gpointer user_data)
{
    Shard *shard = user_data;
    g_autoptr(GMainContext) context = g_main_context_new();

    g_main_context_push_thread_default(context);
    for (guint i = 0; i < shard->turns->len; i++) {
        turn_begin(shard->turns->pdata[i]);
        turn_utter(shard->turns->pdata[i]);
    }
    while (!all_ended(shard->turns))
        g_main_context_iteration(context, TRUE);
    g_main_context_pop_thread_default(context);
    g_atomic_int_dec_and_test(shard->running);
    g_main_context_wakeup(NULL);
    return NULL;
}

static gboolean
all_done(gpointer running)
{
    return g_atomic_int_get((gint *)running) == 0;
}

static GPtrArray *
make_turns(Asr *asr, guint count)
{
    GPtrArray *turns = g_ptr_array_new_with_free_func((GDestroyNotify)turn_free);

    for (guint i = 0; i < count; i++)
        g_ptr_array_add(turns, turn_new(asr, YES_NO));
    return turns;
}

static void
run_round(Asr *asr, guint count)
{
    Shard shards[SHARDS];
    gint running = SHARDS;

    for (guint i = 0; i < SHARDS; i++)
        shards[i] = (Shard){make_turns(asr, count / SHARDS), &running, NULL};
    for (guint i = 0; i < SHARDS; i++)
        shards[i].thread = g_thread_new("shard", run_shard, &shards[i]);
    stand_wait_until(&asr->stand, all_done, &running);
    for (guint i = 0; i < SHARDS; i++) {
        g_thread_join(shards[i].thread);
        for (guint k = 0; k < shards[i].turns->len; k++)
            turn_expect(shards[i].turns->pdata[k], MCP_RECOGNITION_MATCH, "yes 0.900 0 \"yes\"");
        g_ptr_array_unref(shards[i].turns);
    }
}

static void
test_many(Asr *asr, gconstpointer unused)
{
    guint count = g_strcmp0(g_getenv("MCP_TEST_TIER"), "full") == 0 ? MANY : FEW;
    guint before = count_threads();
    guint most = 0;

    /* None is answered before all are there. */
    asr_open(asr, "streams_per_connection = 200\nstall = 1m");
    asr_say(asr, "yes");
    g_free(stand_tell(&asr->stand, "crowd %u", count));
    for (guint round = 0; round < ROUNDS; round++) {
        run_round(asr, count);
        most = MAX(most, count_threads());
        g_assert_cmpuint(stand_count(&asr->stand, "streams"), ==, count * (round + 1));
    }
    g_test_message("%u threads before, %u after", before, most);
    /* Those of the library depend on the number of cores, not on the recognitions. */
    g_assert_cmpuint(most - before, <=, MCP_RPC_THREADS + 4 * g_get_num_processors());
    g_assert_cmpuint(stand_count(&asr->stand, "connections"), ==, 1);
    g_assert_cmpuint(stand_count(&asr->stand, "most"), >=, count);
    g_assert_cmpuint(stand_count(&asr->stand, "asked"), ==, 1);
    stand_wait_count(&asr->stand, "active", 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/google-asr/many", Asr, NULL, asr_set_up, test_many, asr_tear_down);
    return g_test_run();
}
