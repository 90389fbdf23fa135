/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two hundred requests at once, from several contexts as those of the shards, over one connection
 * and a number of threads that does not grow with them.
 */
#include "fixture.h"

#include <string.h>

#define MANY 200
#define SHARDS 4
#define ROUNDS 2

typedef struct {
    Fixture *fixture;
    guint number;
    guint round;
    gint *running; /* atomic */
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

static void
on_spoken(GObject *source, GAsyncResult *result, gpointer user_data)
{
    guint *left = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpAudio) audio =
        mcp_synthesizer_synthesize_finish(MCP_SYNTHESIZER(source), result, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(audio)), >, 1600);
    --*left;
}

static gpointer
run_shard(gpointer user_data)
{
    Shard *shard = user_data;
    g_autoptr(GMainContext) context = g_main_context_new();
    guint left = MANY / SHARDS;

    g_main_context_push_thread_default(context);
    for (guint i = 0; i < MANY / SHARDS; i++) {
        /* None is answered before all of the round are there. */
        g_autofree char *text =
            g_strdup_printf("crowd %u %u#%u of %u", MANY, shard->round, i, shard->number);
        McpSynthesisRequest request = {
            .text = text, .sample_rate = 8000, .deadline = 60 * G_USEC_PER_SEC};

        mcp_synthesizer_synthesize_async(MCP_SYNTHESIZER(shard->fixture->synthesizer), &request,
                                         NULL, on_spoken, &left);
    }
    while (left > 0)
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

static void
run_round(Fixture *fixture, guint round)
{
    Shard shards[SHARDS];
    gint running = SHARDS;

    for (guint i = 0; i < SHARDS; i++) {
        shards[i] = (Shard){fixture, i, round, &running, NULL};
        shards[i].thread = g_thread_new("shard", run_shard, &shards[i]);
    }
    stand_wait_until(&fixture->stand, all_done, &running);
    for (guint i = 0; i < SHARDS; i++)
        g_thread_join(shards[i].thread);
}

static void
test_many(Fixture *fixture, gconstpointer unused)
{
    guint before = count_threads();
    guint most = 0;

    fixture_open(fixture, "cache = 0");
    for (guint round = 0; round < ROUNDS; round++) {
        run_round(fixture, round);
        most = MAX(most, count_threads());
        g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, MANY * (round + 1));
    }
    g_test_message("%u threads before, %u after", before, most);
    /* Those of the library depend on the number of cores, not on the requests. */
    g_assert_cmpuint(most - before, <=, MCP_RPC_THREADS + 4 * g_get_num_processors());
    g_assert_cmpuint(stand_count(&fixture->stand, "connections"), ==, 1);
    g_assert_cmpuint(stand_count(&fixture->stand, "most"), >=, MANY);
    g_assert_cmpuint(stand_count(&fixture->stand, "asked"), ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/google-tts/many", Fixture, NULL, fixture_set_up, test_many, fixture_tear_down);
    return g_test_run();
}
