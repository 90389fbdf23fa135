/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and what becomes of them, call by call. The sender's clock is read when a packet is queued,
 * the receiver's time is the kernel's; both are the monotonic one. Everything runs on the run's
 * loop.
 */
#include "reaction.h"

#include "chirp.h"
#include "event_loop.h"
#include "stats.h"

#define FIRST_PACKETS 25   /* from the window's start to a call's first key, at least … */
#define NEXT_PACKETS 75    /* … from a prompt's start to the next one … */
#define SPREAD_PACKETS 100 /* … and that much longer, by chance */
#define LIMIT_NS G_GINT64_CONSTANT(3000000000)

typedef struct {
    McpLoadReaction *reaction;
    McpLoadCall *call;
    gint64 pressed_ns; /* of the key under way, 0: none */
    gint64 last_ns[2]; /* when the two packets before came, the later one first */
    McpBenchChirpEar hearing;
    guint unanswered;
} Presser;

/* A key and the prompt that came of it. */
typedef struct {
    const char *call_id;
    gint64 pressed_ns;
    gint64 start_ns;
} Turn;

struct _McpLoadReaction {
    guint n;
    Presser *pressers;
    gboolean over; /* the window: what the calls hear until they are hung up does not count */
    guint pressed;
    guint unanswered;
    GArray *stop_ns;
    GArray *start_ns;
    GArray *turns; /* Turn */
};

McpLoadReaction *
mcp_load_reaction_new(guint calls)
{
    McpLoadReaction *reaction = g_new0(McpLoadReaction, 1);
    reaction->n = calls;
    reaction->pressers = g_new0(Presser, calls);
    reaction->stop_ns = g_array_new(FALSE, FALSE, sizeof(gint64));
    reaction->start_ns = g_array_new(FALSE, FALSE, sizeof(gint64));
    reaction->turns = g_array_new(FALSE, FALSE, sizeof(Turn));
    return reaction;
}

void
mcp_load_reaction_free(McpLoadReaction *reaction)
{
    g_array_unref(reaction->stop_ns);
    g_array_unref(reaction->start_ns);
    g_array_unref(reaction->turns);
    g_free(reaction->pressers);
    g_free(reaction);
}

static void
plan_key(Presser *presser, guint packets)
{
    McpLoadStream *stream = &presser->call->stream;
    McpLoadDigit digit = {.at_packet =
                              stream->sent + packets + (guint)g_random_int_range(0, SPREAD_PACKETS),
                          .event = (guint8)g_random_int_range(1, 10)};
    if (stream->digits == NULL)
        stream->digits = g_array_new(FALSE, FALSE, sizeof(McpLoadDigit));
    g_array_append_val(stream->digits, digit);
}

static void
on_sent(McpLoadStream *stream, guint packet, gboolean event, gpointer user_data)
{
    Presser *presser = user_data;
    if (!event || presser->reaction->over)
        return;
    presser->pressed_ns = mcp_bench_now_us() * 1000;
    presser->reaction->pressed++;
}

static void
give_up(Presser *presser)
{
    presser->unanswered++;
    presser->reaction->unanswered++;
    presser->pressed_ns = 0;
}

static void
on_next_prompt(Presser *presser, const McpBenchChirpHeard *chirp)
{
    McpLoadReaction *reaction = presser->reaction;
    gint64 start = chirp->first_ns - presser->pressed_ns;
    gint64 stop = presser->last_ns[chirp->in_earlier ? 1 : 0] - presser->pressed_ns;
    g_array_append_val(reaction->stop_ns, stop);
    g_array_append_val(reaction->start_ns, start);
    Turn turn = {presser->call->call_id, presser->pressed_ns, chirp->first_ns};
    g_array_append_val(reaction->turns, turn);
    presser->pressed_ns = 0;
    plan_key(presser, NEXT_PACKETS);
}

/* Only while a key is under way is there anything to look for. */
static void
on_heard(const McpBenchHeard *heard, gpointer user_data)
{
    Presser *presser = user_data;
    McpBenchChirpHeard chirp;
    if (presser->reaction->over)
        return;
    if (presser->pressed_ns != 0 && heard->time_ns > presser->pressed_ns) {
        if (mcp_bench_chirp_ear_take(&presser->hearing, heard, &chirp)) {
            on_next_prompt(presser, &chirp);
        } else if (heard->time_ns - presser->pressed_ns > LIMIT_NS) {
            give_up(presser);
            plan_key(presser, NEXT_PACKETS);
        }
    }
    presser->last_ns[1] = presser->last_ns[0];
    presser->last_ns[0] = heard->time_ns;
}

void
mcp_load_reaction_begin(McpLoadReaction *reaction, McpLoadCall *call)
{
    if (call->number >= reaction->n)
        return;
    if (call->stream.event_type < 0) {
        call->fault = "server takes no telephone-event";
        return;
    }
    Presser *presser = &reaction->pressers[call->number];
    presser->reaction = reaction;
    presser->call = call;
    call->stream.on_sent = on_sent;
    call->stream.on_sent_data = presser;
    mcp_bench_rtp_receive_listen(&call->stream.receive, on_heard, presser);
    plan_key(presser, FIRST_PACKETS);
}

void
mcp_load_reaction_finish(McpLoadReaction *reaction, gint64 until_ns)
{
    reaction->over = TRUE;
    for (guint i = 0; i < reaction->n; i++) {
        Presser *presser = &reaction->pressers[i];
        if (presser->call == NULL)
            continue;
        if (presser->pressed_ns != 0 && until_ns - presser->pressed_ns > LIMIT_NS)
            give_up(presser);
        if (presser->unanswered > 0 && presser->call->fault == NULL)
            presser->call->fault = "no new prompt after a key";
    }
    mcp_bench_sort(reaction->stop_ns);
    mcp_bench_sort(reaction->start_ns);
}

static void
print_one(const char *name, const GArray *sorted)
{
    g_print("%-11s p50 %.2f  p99 %.2f  min %.2f  max %.2f ms\n", name,
            (double)mcp_bench_percentile(sorted, 50) / 1e6,
            (double)mcp_bench_percentile(sorted, 99) / 1e6,
            (double)mcp_bench_percentile(sorted, 0) / 1e6,
            (double)mcp_bench_percentile(sorted, 100) / 1e6);
}

void
mcp_load_reaction_print(McpLoadReaction *reaction)
{
    g_print("keys        %u pressed, %u answered by another prompt, %u not\n", reaction->pressed,
            reaction->start_ns->len, reaction->unanswered);
    print_one("stop", reaction->stop_ns);
    print_one("start", reaction->start_ns);
}

void
mcp_load_reaction_json(McpLoadReaction *reaction, McpBenchJson *json)
{
    mcp_bench_json_open(json, "reaction", '{');
    mcp_bench_json_int(json, "keys", reaction->pressed);
    mcp_bench_json_int(json, "answered", reaction->start_ns->len);
    mcp_bench_json_int(json, "unanswered", reaction->unanswered);
    mcp_bench_json_distribution(json, "stop_ms", reaction->stop_ns);
    mcp_bench_json_distribution(json, "start_ms", reaction->start_ns);
    mcp_bench_json_close(json, '}');
}

gboolean
mcp_load_reaction_write(McpLoadReaction *reaction, const char *file, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < reaction->turns->len; i++) {
        const Turn *turn = &g_array_index(reaction->turns, Turn, i);
        g_string_append_printf(text, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
                               turn->call_id, turn->pressed_ns, turn->start_ns);
    }
    return g_file_set_contents(file, text->str, (gssize)text->len, error);
}
