/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives the callers through a load shape on the run's own loop.
 */
#include "scenario.h"

#include <math.h>
#include <unistd.h>

#define MATERIAL_PIECES 5
#define MATERIAL_FRAMES 200 /* 4 s */
#define MATERIAL_SEED 20
#define ANSWER_LIMIT_US (60 * (gint64)G_USEC_PER_SEC)
#define STOP_RATE 200.0        /* calls a second, at the end of a hold */
#define WINDOW_MARGIN_US 40000 /* the window's last packets are read by then */

gboolean
mcp_load_holds(const McpLoadOptions *options)
{
    return options->shape != MCP_LOAD_SHAPE_RATE;
}

static gint64
seconds_us(double seconds)
{
    return llround(seconds * G_USEC_PER_SEC);
}

static void
say(McpLoadRun *run, const char *text)
{
    if (!run->options->quiet)
        g_printerr("mcp-load: %s\n", text);
}

static void
give_up(McpLoadRun *run, const char *what, GError *error)
{
    if (run->trouble == NULL)
        run->trouble = g_strdup_printf("%s: %s", what, error->message);
    g_error_free(error);
    mcp_bench_loop_quit(run->loop);
}

static void
take_moment(McpLoadRun *run, McpLoadMoment *moment)
{
    GError *error = NULL;
    int pid = run->options->server_pid;
    moment->time_us = mcp_bench_now_us();
    moment->media = mcp_load_media_counts(run->media);
    if (!mcp_bench_usage_read(getpid(), FALSE, &moment->own, &error) ||
        (pid != 0 && !mcp_bench_usage_read(pid, FALSE, &moment->usage, &error)))
        give_up(run, "cannot measure", error);
}

/* Memory is read when nothing is timed any more. */
static void
take_memory(McpLoadRun *run)
{
    McpBenchUsage usage;
    if (run->options->server_pid == 0 ||
        !mcp_bench_usage_read(run->options->server_pid, TRUE, &usage, NULL))
        return;
    run->until.usage.pss_kb = usage.pss_kb;
    run->until.usage.rss_kb = usage.rss_kb;
    run->until.usage.threads = usage.threads;
}

static void
maybe_over(McpLoadRun *run)
{
    gboolean hold = mcp_load_holds(run->options);
    if (run->ended < run->wanted || (hold && !run->leaving))
        return;
    if (!hold) {
        take_moment(run, &run->until);
        take_memory(run);
    }
    mcp_bench_loop_quit(run->loop);
}

static void
on_plan_hang_up(gpointer user_data)
{
    McpLoadCall *call = user_data;
    mcp_load_call_hang_up(call);
}

static void
on_plan_too_long(gpointer user_data)
{
    McpLoadCall *call = user_data;
    call->fault = "server did not hang up";
    mcp_load_call_hang_up(call);
}

static void
stop_calls(McpLoadRun *run)
{
    const GPtrArray *calls = mcp_load_client_calls(run->client);
    gint64 now = mcp_bench_now_us();
    say(run, "hanging up");
    for (guint i = 0; i < calls->len; i++) {
        McpLoadCall *call = g_ptr_array_index(calls, i);
        mcp_bench_timer_init(&call->plan, on_plan_hang_up, call);
        mcp_bench_loop_arm(run->loop, &call->plan, now + seconds_us(i / STOP_RATE));
    }
    run->leaving = TRUE;
    maybe_over(run);
}

static void
on_window_read(gpointer user_data)
{
    McpLoadRun *run = user_data;
    take_memory(run);
    if (run->delay != NULL)
        mcp_load_delay_finish(run->delay);
    if (run->reaction != NULL)
        mcp_load_reaction_finish(run->reaction, run->until.time_us * 1000);
    stop_calls(run);
}

static void
on_window_end(gpointer user_data)
{
    McpLoadRun *run = user_data;
    take_moment(run, &run->until);
    mcp_bench_timer_init(&run->phase, on_window_read, run);
    mcp_bench_loop_arm(run->loop, &run->phase, run->until.time_us + WINDOW_MARGIN_US);
}

static void
on_window_begin(gpointer user_data)
{
    McpLoadRun *run = user_data;
    const GPtrArray *calls = mcp_load_client_calls(run->client);
    say(run, "measuring");
    take_moment(run, &run->from);
    gint64 until_us = run->from.time_us + seconds_us(run->options->measure_s);
    for (guint i = 0; i < calls->len; i++) {
        McpLoadCall *call = g_ptr_array_index(calls, i);
        if (call->state != MCP_LOAD_STATE_UP)
            continue;
        mcp_bench_rtp_receive_measure(&call->stream.receive, run->from.time_us * 1000,
                                      until_us * 1000);
        if (run->reaction != NULL)
            mcp_load_reaction_begin(run->reaction, call);
    }
    if (run->delay != NULL)
        mcp_load_delay_measure(run->delay, run->from.time_us * 1000, until_us * 1000);
    mcp_bench_timer_init(&run->phase, on_window_end, run);
    mcp_bench_loop_arm(run->loop, &run->phase, until_us);
}

/* The settling time begins when each call is up or has failed. */
static void
maybe_settle(McpLoadRun *run)
{
    if (run->answered + run->unanswered < run->wanted || run->settling)
        return;
    run->settling = TRUE;
    g_autofree char *text = g_strdup_printf("%u calls answered, settling", run->answered);
    say(run, text);
    mcp_bench_timer_init(&run->phase, on_window_begin, run);
    mcp_bench_loop_arm(run->loop, &run->phase,
                       mcp_bench_now_us() + seconds_us(run->options->settle_s));
}

static void
on_answered(McpLoadCall *call, gpointer user_data)
{
    McpLoadRun *run = user_data;
    const McpLoadOptions *options = run->options;
    run->answered++;
    if (run->delay != NULL)
        mcp_load_delay_join(run->delay, call);
    if (mcp_load_holds(options)) {
        maybe_settle(run);
        return;
    }
    mcp_bench_rtp_receive_measure(&call->stream.receive, 0, G_MAXINT64);
    gboolean talk = options->talk_s > 0.0;
    mcp_bench_timer_init(&call->plan, talk ? on_plan_hang_up : on_plan_too_long, call);
    mcp_bench_loop_arm(run->loop, &call->plan,
                       mcp_bench_now_us() +
                           seconds_us(talk ? options->talk_s : options->longest_s));
}

static void
on_ended(McpLoadCall *call, gpointer user_data)
{
    McpLoadRun *run = user_data;
    mcp_bench_loop_disarm(run->loop, &call->plan);
    run->ended++;
    if (call->answer_us == 0 || call->end == MCP_LOAD_END_BAD_ANSWER)
        run->unanswered++;
    if (call->end == MCP_LOAD_END_SERVER_HUNG_UP &&
        (mcp_load_holds(run->options) || run->options->talk_s > 0.0) && !run->leaving)
        call->fault = "server hung up early";
    if (mcp_load_holds(run->options))
        maybe_settle(run);
    maybe_over(run);
}

static void
on_launch(gpointer user_data)
{
    McpLoadRun *run = user_data;
    GError *error = NULL;
    if (mcp_load_client_call(run->client, &error) == NULL) {
        give_up(run, "cannot start a call", error);
        return;
    }
    run->started++;
    if (run->started < run->wanted)
        mcp_bench_loop_arm(run->loop, &run->launch,
                           run->start_us + seconds_us(run->started / run->options->rate));
}

struct sockaddr_in
mcp_load_source_address(const struct sockaddr_in *first, guint sources, guint i)
{
    struct sockaddr_in address = *first;
    address.sin_port = 0;
    if (sources > 1)
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 * (1 + i / 250) + i % 250);
    return address;
}

static gboolean
set_up(McpLoadRun *run, GError **error)
{
    const McpLoadOptions *options = run->options;
    run->material =
        mcp_bench_material_new(options->codec, MATERIAL_PIECES, MATERIAL_FRAMES, MATERIAL_SEED);
    run->loop = mcp_bench_loop_new(error);
    if (run->loop == NULL)
        return FALSE;
    run->media = mcp_load_media_new(run->loop, run->material, error);
    if (run->media == NULL)
        return FALSE;
    if (options->shape == MCP_LOAD_SHAPE_DELAY)
        run->delay = mcp_load_delay_new(options->codec, options->calls, options->echo);
    if (options->shape == MCP_LOAD_SHAPE_REACTION)
        run->reaction = mcp_load_reaction_new(options->calls);
    McpLoadClientConfig config = {.target = options->target,
                                  .group = options->group,
                                  .tcp = options->tcp,
                                  .server = options->server,
                                  .own_sockets = options->own_sockets,
                                  .event_type = 101,
                                  .answer_limit_us = ANSWER_LIMIT_US,
                                  .answered = on_answered,
                                  .ended = on_ended,
                                  .user_data = run};
    run->client = mcp_load_client_new(run->loop, run->media, &config);
    for (guint i = 0; i < options->sources; i++) {
        struct sockaddr_in address = mcp_load_source_address(&options->local, options->sources, i);
        if (!mcp_load_client_add_source(run->client, &address, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
mcp_load_run(McpLoadRun *run, const McpLoadOptions *options, GError **error)
{
    *run = (McpLoadRun){.options = options};
    if (!set_up(run, error))
        return FALSE;
    gboolean hold = mcp_load_holds(options);
    run->wanted = hold ? options->calls : (guint)lround(options->rate * options->measure_s);
    mcp_load_media_start(run->media);
    if (!hold)
        take_moment(run, &run->from);
    run->start_us = mcp_bench_now_us();
    mcp_bench_timer_init(&run->launch, on_launch, run);
    mcp_bench_loop_arm(run->loop, &run->launch, run->start_us);
    if (run->trouble == NULL)
        mcp_bench_loop_run(run->loop);
    if (run->trouble != NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", run->trouble);
        return FALSE;
    }
    return TRUE;
}

void
mcp_load_run_clear(McpLoadRun *run)
{
    g_clear_pointer(&run->client, mcp_load_client_free);
    g_clear_pointer(&run->delay, mcp_load_delay_free);
    g_clear_pointer(&run->reaction, mcp_load_reaction_free);
    g_clear_pointer(&run->media, mcp_load_media_free);
    g_clear_pointer(&run->material, mcp_bench_material_free);
    g_clear_pointer(&run->loop, mcp_bench_loop_free);
    g_clear_pointer(&run->trouble, g_free);
}
