/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ten thousand key presses as telephone events (RFC 4733) through sockets, worker and leg, over a
 * network with each of its vices, at the three clocks: what is heard is compared with what was
 * pressed. In the quick tier a fifth of them.
 */
#include "fixture.h"

#include "rtp/telephone_event.h"
#include <string.h>

#define PRESSES 10000
#define QUICK_SHARE 5
#define SEGMENT 0xffffu
#define LEGS 8  /* at each clock, all at once: a leg reads about one packet a millisecond */
#define BATCH 8 /* twice as many packets of a row are under way at most */
/* Differences beyond this many are a failure, so the distance is searched no further. */
#define BAND 200

typedef struct {
    guint32 timestamp;
    guint32 sequence;
    guint press;
    guint order;
    guint8 payload[MCP_MEDIA_EVENT_BYTES];
    gboolean marker;
    gboolean end;
    gboolean lost;
} Sent;

typedef struct {
    guint rate;
    guint type;
    const char *formats;
    const char *lines;
} Clock;

static const Clock clocks[] = {
    {8000, 101, "0 101", "a=rtpmap:101 telephone-event/8000\r\n"},
    {16000, 102, "97 102", "a=rtpmap:97 L16/16000\r\na=rtpmap:102 telephone-event/16000\r\n"},
    {48000, 103, "98 103", "a=rtpmap:98 opus/48000/2\r\na=rtpmap:103 telephone-event/48000\r\n"},
};

/* One row of key presses under way, to a leg of its own. */
typedef struct {
    const Clock *clock;
    Peer peer;
    McpLeg *leg;
    guint16 first; /* sequence */
    guint at;      /* in @packets */
    guint sent;
    GRand *random;
    GArray *packets; /* of Sent */
    GString *pressed;
    GString *heard;
} Row;

typedef void (*Vice)(Row *row);

/* --- pressing --- */

static void
add(Row *row, guint32 timestamp, guint duration, gboolean end, gboolean marker)
{
    char digit = row->pressed->str[row->pressed->len - 1];
    Sent sent = {
        .timestamp = timestamp,
        .sequence = row->packets->len,
        .order = row->packets->len * 4,
        .press = (guint)row->pressed->len,
        .payload = {(guint8)mcp_media_digit_to_event(digit), (guint8)(end ? 0x8a : 0x0a),
                    (guint8)(duration >> 8), (guint8)duration},
        .marker = marker,
        .end = end,
    };

    g_array_append_val(row->packets, sent);
}

/* An update every 20 ms, segments of their own where it takes long (§2.5.1.3), three ends. */
static guint32
press(Row *row, guint32 timestamp, char digit, guint ms)
{
    guint step = row->clock->rate / 50;
    guint left = ms * (row->clock->rate / 1000);
    gboolean marker = TRUE;

    g_string_append_c(row->pressed, digit);
    while (left > SEGMENT) {
        for (guint duration = step; duration < SEGMENT; duration += step) {
            add(row, timestamp, duration, FALSE, marker);
            marker = FALSE;
        }
        timestamp += SEGMENT;
        left -= SEGMENT;
    }
    for (guint duration = step; duration < left; duration += step) {
        add(row, timestamp, duration, FALSE, marker);
        marker = FALSE;
    }
    for (guint i = 0; i < 3; i++)
        add(row, timestamp, left, TRUE, FALSE);
    return timestamp + left;
}

/* Any of the sixteen, a third of them the one before once more; pauses from 40 ms on. */
static void
press_many(Row *row, guint n, guint least_ms, guint most_ms)
{
    guint32 timestamp = g_rand_int(row->random);
    char digit = '0';

    for (guint i = 0; i < n; i++) {
        guint ms = (guint)g_rand_int_range(row->random, (gint)least_ms, (gint)most_ms);

        if (g_rand_int_range(row->random, 0, 3) != 0)
            digit = mcp_media_digit_from_event((guint)g_rand_int_range(row->random, 0, 16));
        timestamp = press(row, timestamp, digit, ms);
        timestamp += (guint)g_rand_int_range(row->random, 40, 300) * (row->clock->rate / 1000);
    }
}

/* --- the network --- */

static void
lose_none(Row *row)
{
}

static void
lose_markers(Row *row)
{
    for (guint i = 0; i < row->packets->len; i++)
        g_array_index(row->packets, Sent, i).lost = g_array_index(row->packets, Sent, i).marker;
}

/* All but one or two: the later half of each press. */
static void
lose_starts(Row *row)
{
    for (guint i = 0; i < row->packets->len; i++)
        g_array_index(row->packets, Sent, i).lost = !g_array_index(row->packets, Sent, i).end;
}

static void
lose_ends(Row *row)
{
    for (guint i = 0; i < row->packets->len; i++)
        g_array_index(row->packets, Sent, i).lost = g_array_index(row->packets, Sent, i).end;
}

static gint
by_order(gconstpointer a, gconstpointer b)
{
    const Sent *x = a;
    const Sent *y = b;

    return x->order != y->order ? (x->order > y->order) - (x->order < y->order)
                                : (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

/* By up to three places, which may take an end behind the next press's start. */
static void
reorder(Row *row)
{
    for (guint i = 0; i < row->packets->len; i++)
        g_array_index(row->packets, Sent, i).order += (guint)g_rand_int_range(row->random, 0, 12);
    g_array_sort(row->packets, by_order);
}

/* Half of them twice, the copy up to eight places later. */
static void
duplicate(Row *row)
{
    guint n = row->packets->len;

    for (guint i = 0; i < n; i++) {
        Sent copy = g_array_index(row->packets, Sent, i);

        copy.order += (guint)g_rand_int_range(row->random, 0, 32);
        if (g_rand_boolean(row->random))
            g_array_append_val(row->packets, copy);
    }
    g_array_sort(row->packets, by_order);
}

static void
lose_a_tenth(Row *row)
{
    for (guint i = 0; i < row->packets->len; i++)
        g_array_index(row->packets, Sent, i).lost |= g_rand_double(row->random) < 0.1;
}

/* A tenth as well, five in a row on the average: whole key presses are lost then. */
static void
lose_bursts(Row *row)
{
    gboolean bad = FALSE;

    for (guint i = 0; i < row->packets->len; i++) {
        bad = g_rand_double(row->random) < (bad ? 0.8 : 0.0222);
        g_array_index(row->packets, Sent, i).lost |= bad;
    }
}

static void
all_at_once(Row *row)
{
    duplicate(row);
    reorder(row);
    lose_a_tenth(row);
}

/* --- judging --- */

static void
on_event(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    Row *row = user_data;
    McpDigit digit;

    if (event->type == MCP_LEG_DIGIT && mcp_leg_take_digit(leg, &digit))
        g_string_append_c(row->heard, digit.digit);
}

/* Key presses of which something was sent. */
static guint
count_alive(Row *row)
{
    g_autofree guint8 *alive = g_malloc0(row->pressed->len + 1);
    guint n = 0;

    for (guint i = 0; i < row->packets->len; i++) {
        const Sent *sent = &g_array_index(row->packets, Sent, i);

        n += !sent->lost && alive[sent->press] == 0;
        alive[sent->press] |= !sent->lost;
    }
    return n;
}

/* Nothing was heard that was not pressed, and nothing twice. */
static gboolean
is_part(const GString *heard, const GString *pressed)
{
    gsize at = 0;

    for (gsize i = 0; i < pressed->len && at < heard->len; i++)
        at += heard->str[at] == pressed->str[i];
    return at == heard->len;
}

/* Levenshtein's, within BAND of the diagonal. */
static guint
edit_distance(const GString *a, const GString *b)
{
    g_autofree guint *before = g_new(guint, b->len + 2);
    g_autofree guint *now = g_new(guint, b->len + 2);

    for (guint k = 0; k <= b->len; k++)
        before[k] = k;
    for (guint i = 1; i <= a->len; i++) {
        guint from = i > BAND ? i - BAND : 1;
        guint to = MIN(i + BAND, (guint)b->len);

        now[from - 1] = from == 1 ? i : G_MAXUINT / 2;
        for (guint k = from; k <= to; k++) {
            guint changed = before[k - 1] + (a->str[i - 1] != b->str[k - 1]);

            now[k] = MIN(changed, MIN(before[k], now[k - 1]) + 1);
        }
        if (to < b->len)
            now[to + 1] = G_MAXUINT / 2;
        memcpy(before, now, (b->len + 1) * sizeof *now);
    }
    return before[b->len];
}

/* --- the call --- */

static void
row_open(Row *row, Platform *platform, const Clock *clock, guint seed)
{
    memset(row, 0, sizeof *row);
    row->clock = clock;
    row->random = g_rand_new_with_seed(seed);
    row->packets = g_array_new(FALSE, FALSE, sizeof(Sent));
    row->pressed = g_string_new(NULL);
    row->heard = g_string_new(NULL);
    peer_open(&row->peer);
    row->first = row->peer.sequence;
    row->leg = peer_connect(&row->peer, platform, clock->formats, clock->lines);
    mcp_leg_set_handler(row->leg, on_event, row);
}

static void
row_close(Row *row, Platform *platform)
{
    close_leg(platform, row->leg);
    peer_close(&row->peer);
    g_array_unref(row->packets);
    g_string_free(row->pressed, TRUE);
    g_string_free(row->heard, TRUE);
    g_rand_free(row->random);
}

/* Waits until no more than @ahead packets are under way; handles events meanwhile. */
static void
keep_pace(Row *row, guint ahead)
{
    gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    McpLegStatistics statistics = {0};

    mcp_leg_get_statistics(row->leg, &statistics);
    while (statistics.packets_received + ahead < row->sent) {
        g_poll(NULL, 0, 1);
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        mcp_leg_get_statistics(row->leg, &statistics);
    }
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

/* FALSE: all of it is sent. */
static gboolean
send_batch(Row *row)
{
    guint end = MIN(row->at + BATCH, row->packets->len);

    for (; row->at < end; row->at++) {
        const Sent *next = &g_array_index(row->packets, Sent, row->at);

        if (next->lost)
            continue;
        row->peer.sequence = (guint16)(row->first + next->sequence);
        peer_send(&row->peer, row->clock->type, next->marker, next->timestamp, next->payload,
                  sizeof next->payload);
        row->sent++;
    }
    keep_pace(row, BATCH);
    return row->at < row->packets->len;
}

static void
send_all(Row *rows, guint n)
{
    gboolean more = TRUE;

    while (more) {
        more = FALSE;
        for (guint i = 0; i < n; i++)
            more |= send_batch(&rows[i]);
    }
    for (guint i = 0; i < n; i++)
        keep_pace(&rows[i], 0);
    /* Events of the last packets are behind their counters. */
    for (guint i = 0; i < 20; i++) {
        g_poll(NULL, 0, 5);
        keep_pace(&rows[0], 0);
    }
}

/* Returns: how many changes make what was heard of what was pressed. */
static guint
judge(Row *row)
{
    guint alive = count_alive(row);

    g_assert_true(is_part(row->heard, row->pressed));
    g_assert_cmpuint(row->heard->len, ==, alive);
    return edit_distance(row->heard, row->pressed);
}

/* @share: thousandths of the keys that must be right; of those of which a packet came it is all. */
static void
check(Vice vice, guint presses, guint least_ms, guint most_ms, guint share)
{
    Row rows[G_N_ELEMENTS(clocks) * LEGS];
    Platform platform;

    if (g_strcmp0(g_getenv("MCP_TEST_TIER"), "full") != 0)
        presses /= QUICK_SHARE;
    platform_open(&platform);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        row_open(&rows[i], &platform, &clocks[i / LEGS], 4733 + i);
        press_many(&rows[i], (presses + LEGS - 1) / LEGS, least_ms, most_ms);
        vice(&rows[i]);
    }
    send_all(rows, G_N_ELEMENTS(rows));
    for (guint i = 0; i < G_N_ELEMENTS(clocks); i++) {
        guint wrong = 0;

        for (guint k = 0; k < LEGS; k++)
            wrong += judge(&rows[i * LEGS + k]);
        g_test_message("%u Hz: %u of %u keys wrong", clocks[i].rate, wrong, presses);
        g_assert_cmpuint(wrong * 1000, <=, presses * (1000 - share));
    }
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        row_close(&rows[i], &platform);
    platform_close(&platform);
}

static void
test_clean(void)
{
    check(lose_none, PRESSES / 5, 50, 200, 1000);
}

static void
test_markers(void)
{
    check(lose_markers, PRESSES / 10, 60, 200, 1000);
}

static void
test_starts(void)
{
    check(lose_starts, PRESSES / 10, 60, 200, 1000);
}

static void
test_ends(void)
{
    check(lose_ends, PRESSES / 10, 60, 200, 1000);
}

static void
test_reorder(void)
{
    check(reorder, PRESSES / 5, 60, 200, 1000);
}

static void
test_duplicates(void)
{
    check(duplicate, PRESSES / 10, 60, 200, 1000);
}

/* At 8000 Hz an event tells 8 s, at 48000 Hz 1.4 s. */
static void
test_long(void)
{
    check(lose_none, PRESSES / 500, 1000, 12000, 1000);
    check(lose_a_tenth, PRESSES / 500, 1000, 12000, 1000);
}

static void
test_all_at_once(void)
{
    check(all_at_once, PRESSES / 5, 60, 200, 995);
}

static void
test_loss(void)
{
    check(lose_a_tenth, PRESSES, 60, 200, 995);
}

/* No double, and whatever came is heard, though whole presses are missing. */
static void
test_bursts(void)
{
    check(lose_bursts, PRESSES / 5, 100, 200, 970);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/digits/clean", test_clean);
    g_test_add_func("/media/digits/markers-lost", test_markers);
    g_test_add_func("/media/digits/starts-lost", test_starts);
    g_test_add_func("/media/digits/ends-lost", test_ends);
    g_test_add_func("/media/digits/reordered", test_reorder);
    g_test_add_func("/media/digits/duplicated", test_duplicates);
    g_test_add_func("/media/digits/long", test_long);
    g_test_add_func("/media/digits/all-at-once", test_all_at_once);
    g_test_add_func("/media/digits/a-tenth-lost", test_loss);
    g_test_add_func("/media/digits/bursts-lost", test_bursts);
    return g_test_run();
}
