/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The result of a run: which calls failed and why, set-up times, what the streams were like, what
 * server and generator used.
 */
#include "report.h"

#include "json_out.h"

#define LATE_NS 5000000
#define SLOW_SETUP_US 200000
#define SPEECH_SHARE 0.2 /* of a prompt's packets; the rest may be its pauses */

static const char *const shape_names[] = {[MCP_LOAD_SHAPE_HOLD] = "hold",
                                          [MCP_LOAD_SHAPE_RATE] = "rate",
                                          [MCP_LOAD_SHAPE_DELAY] = "delay",
                                          [MCP_LOAD_SHAPE_REACTION] = "reaction"};
static const gint64 setup_bounds_ms[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};

static void
count_failure(McpLoadResult *result, const char *cause)
{
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(result->failures, cause));
    g_hash_table_replace(result->failures, g_strdup(cause), GUINT_TO_POINTER(count + 1));
    result->failed++;
}

/* Returns: (transfer full) (nullable): why @call failed */
static char *
cause_of(const McpLoadCall *call, McpLoadShape shape)
{
    const McpBenchRtpReceive *receive = &call->stream.receive;
    if (call->fault != NULL)
        return g_strdup(call->fault);
    switch (call->end) {
    case MCP_LOAD_END_REFUSED:
        return g_strdup_printf("refused with %u", call->status);
    case MCP_LOAD_END_NO_ANSWER:
        return g_strdup("no answer");
    case MCP_LOAD_END_BAD_ANSWER:
        return g_strdup("unusable answer");
    case MCP_LOAD_END_BYE_LOST:
        return g_strdup("no response to BYE");
    case MCP_LOAD_END_NONE:
    case MCP_LOAD_END_CALLER_HUNG_UP:
    case MCP_LOAD_END_SERVER_HUNG_UP:
        break;
    }
    if (call->inactive)
        return NULL;
    if (receive->audio == 0)
        return g_strdup("nothing heard");
    /* What is heard of a chirp's low noise is silence; whether chirps came is known better. */
    if (shape != MCP_LOAD_SHAPE_DELAY &&
        (double)receive->sound < SPEECH_SHARE * (double)receive->audio)
        return g_strdup("only silence heard");
    return NULL;
}

static void
add_stream(McpLoadResult *result, const McpLoadCall *call)
{
    const McpBenchRtpReceive *receive = &call->stream.receive;
    const McpLoadRun *run = result->run;
    result->lost += receive->lost;
    result->duplicates += receive->duplicates;
    result->reordered += receive->reordered;
    result->pauses += receive->pauses;
    result->restarts += receive->restarts;
    result->malformed += receive->malformed;
    result->audio += receive->audio;
    result->sound += receive->sound;
    if (receive->arrivals == NULL)
        return;
    guint n = receive->arrivals->len;
    const McpBenchArrival *arrivals = (const McpBenchArrival *)(void *)receive->arrivals->data;
    gboolean hold = mcp_load_holds(run->options);
    gint64 from = hold ? run->from.time_us * 1000 : receive->first_ns;
    gint64 until = hold ? receive->until_ns : receive->last_ns;
    result->received += n;
    if (n > 0)
        result->due += mcp_bench_packets_due(arrivals[0].time_ns, arrivals[n - 1].time_ns, from,
                                             until, MCP_BENCH_PERIOD_NS);
    else if (hold)
        result->due += (guint64)((until - from) / MCP_BENCH_PERIOD_NS);
    mcp_bench_deviation(arrivals, n, MCP_BENCH_PERIOD_NS, result->deviation_ns);
}

void
mcp_load_result_init(McpLoadResult *result, const McpLoadRun *run)
{
    const GPtrArray *calls = mcp_load_client_calls(run->client);
    *result = (McpLoadResult){.run = run};
    result->failures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    result->setup_us = g_array_new(FALSE, FALSE, sizeof(gint64));
    result->deviation_ns = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (guint i = 0; i < calls->len; i++) {
        const McpLoadCall *call = g_ptr_array_index(calls, i);
        g_autofree char *cause = cause_of(call, run->options->shape);
        if (cause != NULL)
            count_failure(result, cause);
        if (call->answer_us != 0) {
            gint64 setup = call->answer_us - call->invite_us;
            g_array_append_val(result->setup_us, setup);
        }
        add_stream(result, call);
    }
    mcp_bench_sort(result->setup_us);
    mcp_bench_sort(result->deviation_ns);
    result->seconds = (double)(run->until.time_us - run->from.time_us) / G_USEC_PER_SEC;
    result->server_cpu_s = run->until.usage.cpu_s - run->from.usage.cpu_s;
    result->call_minutes = run->answered * result->seconds / 60.0;
}

void
mcp_load_result_clear(McpLoadResult *result)
{
    g_clear_pointer(&result->failures, g_hash_table_unref);
    g_clear_pointer(&result->setup_us, g_array_unref);
    g_clear_pointer(&result->deviation_ns, g_array_unref);
}

gboolean
mcp_load_result_clean(const McpLoadResult *result)
{
    McpLoadSipCounts sip = mcp_load_client_counts(result->run->client);
    return result->failed == 0 && sip.invite_repeats == 0 && sip.request_repeats == 0 &&
           sip.answer_repeats == 0 && sip.server_repeats == 0 &&
           mcp_bench_percentile(result->setup_us, 99.0) <= SLOW_SETUP_US;
}

static double
ratio(double part, double whole)
{
    return whole > 0.0 ? part / whole : 0.0;
}

static double
setup_ms(const McpLoadResult *result, double percent)
{
    return (double)mcp_bench_percentile(result->setup_us, percent) / 1e3;
}

static double
deviation_ms(const McpLoadResult *result, double percent)
{
    return (double)mcp_bench_percentile(result->deviation_ns, percent) / 1e6;
}

static double
generator_share(const McpLoadResult *result)
{
    return ratio(result->run->until.own.cpu_s - result->run->from.own.cpu_s, result->seconds);
}

static void
print_server(const McpLoadResult *result)
{
    const McpLoadRun *run = result->run;
    if (run->options->server_pid == 0)
        return;
    g_print("server      %.3f CPU-s in %.2f s", result->server_cpu_s, result->seconds);
    if (mcp_load_holds(run->options))
        g_print(", %.4f CPU-s/call-min", ratio(result->server_cpu_s, result->call_minutes));
    else
        g_print(", %.3f CPU-ms/call", ratio(result->server_cpu_s * 1e3, run->answered));
    g_print(", %u threads, PSS %.1f MB\n", run->until.usage.threads,
            (double)run->until.usage.pss_kb / 1024.0);
}

void
mcp_load_result_print(const McpLoadResult *result)
{
    const McpLoadRun *run = result->run;
    McpLoadSipCounts sip = mcp_load_client_counts(run->client);
    McpLoadMediaCounts media = mcp_load_media_counts(run->media);
    GHashTableIter iter;
    gpointer cause = NULL;
    gpointer count = NULL;
    g_print("calls       %u started, %u answered, %u failed%s\n", run->started, run->answered,
            result->failed, mcp_load_result_clean(result) ? ", clean" : "");
    g_hash_table_iter_init(&iter, result->failures);
    while (g_hash_table_iter_next(&iter, &cause, &count))
        g_print("            %u x %s\n", GPOINTER_TO_UINT(count), (const char *)cause);
    g_print("repeated    %" G_GUINT64_FORMAT " INVITE, %" G_GUINT64_FORMAT
            " BYE/CANCEL by us; %" G_GUINT64_FORMAT " answers, %" G_GUINT64_FORMAT
            " requests by the server\n",
            sip.invite_repeats, sip.request_repeats, sip.answer_repeats, sip.server_repeats);
    g_print("set-up      p50 %.2f  p90 %.2f  p99 %.2f  max %.2f ms\n", setup_ms(result, 50),
            setup_ms(result, 90), setup_ms(result, 99), setup_ms(result, 100));
    g_print("packets     %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
            " due (%.4f %%), %" G_GUINT64_FORMAT " lost, %" G_GUINT64_FORMAT
            " doubled, %.0f %% with sound\n",
            result->received, result->due,
            100.0 * ratio((double)result->received, (double)result->due), result->lost,
            result->duplicates, 100.0 * ratio((double)result->sound, (double)result->audio));
    g_print("deviation   p50 %.3f  p99 %.3f  p99.9 %.3f  max %.3f ms, %.4f %% over 5 ms\n",
            deviation_ms(result, 50), deviation_ms(result, 99), deviation_ms(result, 99.9),
            deviation_ms(result, 100), 100.0 * mcp_bench_share_over(result->deviation_ns, LATE_NS));
    if (run->delay != NULL)
        mcp_load_delay_print(run->delay);
    if (run->reaction != NULL)
        mcp_load_reaction_print(run->reaction);
    print_server(result);
    g_print("generator   %.0f %% of a core, %" G_GUINT64_FORMAT " packets sent, %" G_GUINT64_FORMAT
            " skipped, %" G_GUINT64_FORMAT " dropped, %" G_GUINT64_FORMAT " foreign\n",
            100.0 * generator_share(result), media.sent, media.skipped, media.dropped,
            media.foreign);
}

static void
json_calls(McpBenchJson *json, const McpLoadResult *result)
{
    const McpLoadRun *run = result->run;
    GHashTableIter iter;
    gpointer cause = NULL;
    gpointer count = NULL;
    mcp_bench_json_open(json, "calls", '{');
    mcp_bench_json_int(json, "started", run->started);
    mcp_bench_json_int(json, "answered", run->answered);
    mcp_bench_json_int(json, "failed", result->failed);
    mcp_bench_json_bool(json, "clean", mcp_load_result_clean(result));
    mcp_bench_json_open(json, "failures", '{');
    g_hash_table_iter_init(&iter, result->failures);
    while (g_hash_table_iter_next(&iter, &cause, &count))
        mcp_bench_json_int(json, cause, GPOINTER_TO_UINT(count));
    mcp_bench_json_close(json, '}');
    mcp_bench_json_close(json, '}');
}

static void
json_sip(McpBenchJson *json, const McpLoadResult *result)
{
    McpLoadSipCounts sip = mcp_load_client_counts(result->run->client);
    McpBenchSipTransport *transport = mcp_load_client_transport(result->run->client);
    mcp_bench_json_open(json, "sip", '{');
    mcp_bench_json_int(json, "invite_retransmissions", (gint64)sip.invite_repeats);
    mcp_bench_json_int(json, "request_retransmissions", (gint64)sip.request_repeats);
    mcp_bench_json_int(json, "server_answer_retransmissions", (gint64)sip.answer_repeats);
    mcp_bench_json_int(json, "server_request_retransmissions", (gint64)sip.server_repeats);
    mcp_bench_json_int(json, "unexpected_messages", (gint64)sip.unexpected);
    mcp_bench_json_int(json, "malformed_messages",
                       (gint64)mcp_bench_sip_transport_garbage(transport));
    mcp_bench_json_int(json, "send_errors", (gint64)mcp_bench_sip_transport_send_errors(transport));
    mcp_bench_json_close(json, '}');
}

static void
json_setup(McpBenchJson *json, const McpLoadResult *result)
{
    double above = 1.0;
    mcp_bench_json_open(json, "setup_ms", '{');
    mcp_bench_json_double(json, "mean", mcp_bench_mean(result->setup_us) / 1e3);
    mcp_bench_json_double(json, "p50", setup_ms(result, 50));
    mcp_bench_json_double(json, "p90", setup_ms(result, 90));
    mcp_bench_json_double(json, "p99", setup_ms(result, 99));
    mcp_bench_json_double(json, "p99_9", setup_ms(result, 99.9));
    mcp_bench_json_double(json, "max", setup_ms(result, 100));
    mcp_bench_json_open(json, "histogram", '[');
    for (guint i = 0; i <= G_N_ELEMENTS(setup_bounds_ms); i++) {
        gboolean last = i == G_N_ELEMENTS(setup_bounds_ms);
        gint64 bound = last ? 0 : setup_bounds_ms[i];
        double over = last ? 0.0 : mcp_bench_share_over(result->setup_us, bound * 1000);
        mcp_bench_json_open(json, NULL, '{');
        if (!last)
            mcp_bench_json_int(json, "up_to_ms", bound);
        mcp_bench_json_double(json, "calls", (above - over) * result->setup_us->len);
        mcp_bench_json_close(json, '}');
        above = over;
    }
    mcp_bench_json_close(json, ']');
    mcp_bench_json_close(json, '}');
}

static void
json_rtp(McpBenchJson *json, const McpLoadResult *result)
{
    mcp_bench_json_open(json, "rtp", '{');
    mcp_bench_json_int(json, "received", (gint64)result->received);
    mcp_bench_json_int(json, "due", (gint64)result->due);
    mcp_bench_json_double(json, "received_of_due",
                          ratio((double)result->received, (double)result->due));
    mcp_bench_json_int(json, "lost", (gint64)result->lost);
    mcp_bench_json_int(json, "duplicates", (gint64)result->duplicates);
    mcp_bench_json_int(json, "reordered", (gint64)result->reordered);
    mcp_bench_json_int(json, "pauses", (gint64)result->pauses);
    mcp_bench_json_int(json, "restarts", (gint64)result->restarts);
    mcp_bench_json_int(json, "malformed", (gint64)result->malformed);
    mcp_bench_json_double(json, "sound_share", ratio((double)result->sound, (double)result->audio));
    mcp_bench_json_close(json, '}');
    mcp_bench_json_open(json, "deviation_ms", '{');
    mcp_bench_json_int(json, "packets", result->deviation_ns->len);
    mcp_bench_json_double(json, "p50", deviation_ms(result, 50));
    mcp_bench_json_double(json, "p99", deviation_ms(result, 99));
    mcp_bench_json_double(json, "p99_9", deviation_ms(result, 99.9));
    mcp_bench_json_double(json, "max", deviation_ms(result, 100));
    mcp_bench_json_double(json, "share_over_5ms",
                          mcp_bench_share_over(result->deviation_ns, LATE_NS));
    mcp_bench_json_close(json, '}');
}

static void
json_usage(McpBenchJson *json, const McpLoadResult *result)
{
    const McpLoadRun *run = result->run;
    McpLoadMediaCounts media = mcp_load_media_counts(run->media);
    mcp_bench_json_open(json, "generator", '{');
    mcp_bench_json_double(json, "cpu_share", generator_share(result));
    mcp_bench_json_int(json, "sent", (gint64)media.sent);
    mcp_bench_json_int(json, "send_errors", (gint64)media.send_errors);
    mcp_bench_json_int(json, "skipped", (gint64)media.skipped);
    mcp_bench_json_int(json, "late_ticks", (gint64)media.late_ticks);
    mcp_bench_json_int(json, "dropped", (gint64)media.dropped);
    mcp_bench_json_int(json, "foreign", (gint64)media.foreign);
    mcp_bench_json_close(json, '}');
    if (run->options->server_pid == 0)
        return;
    mcp_bench_json_open(json, "server", '{');
    mcp_bench_json_int(json, "pid", run->options->server_pid);
    mcp_bench_json_double(json, "cpu_s", result->server_cpu_s);
    mcp_bench_json_double(json, "user_s", run->until.usage.user_s - run->from.usage.user_s);
    mcp_bench_json_double(json, "system_s", run->until.usage.system_s - run->from.usage.system_s);
    if (mcp_load_holds(run->options))
        mcp_bench_json_double(json, "cpu_s_per_call_min",
                              ratio(result->server_cpu_s, result->call_minutes));
    else
        mcp_bench_json_double(json, "cpu_ms_per_call",
                              ratio(result->server_cpu_s * 1e3, run->answered));
    mcp_bench_json_int(json, "threads", run->until.usage.threads);
    mcp_bench_json_int(json, "pss_kb", (gint64)run->until.usage.pss_kb);
    mcp_bench_json_int(json, "rss_kb", (gint64)run->until.usage.rss_kb);
    mcp_bench_json_close(json, '}');
}

char *
mcp_load_result_json(const McpLoadResult *result)
{
    const McpLoadOptions *options = result->run->options;
    McpBenchJson json;
    mcp_bench_json_init(&json);
    mcp_bench_json_string(&json, "program", "mcp-load");
    mcp_bench_json_string(&json, "version", MCP_VERSION);
    mcp_bench_json_string(&json, "shape", shape_names[options->shape]);
    mcp_bench_json_string(&json, "target", options->target);
    mcp_bench_json_string(&json, "codec", options->codec->name);
    mcp_bench_json_int(&json, "group", options->group);
    mcp_bench_json_string(&json, "transport", options->tcp ? "tcp" : "udp");
    mcp_bench_json_int(&json, "sources", options->sources);
    mcp_bench_json_double(&json, "calls_per_second", options->rate);
    mcp_bench_json_double(&json, "window_s", result->seconds);
    json_calls(&json, result);
    json_sip(&json, result);
    json_setup(&json, result);
    json_rtp(&json, result);
    if (result->run->delay != NULL)
        mcp_load_delay_json(result->run->delay, &json);
    if (result->run->reaction != NULL)
        mcp_load_reaction_json(result->run->reaction, &json);
    json_usage(&json, result);
    return mcp_bench_json_finish(&json);
}
