/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thousands of key presses over a network that loses, doubles and reorders: each is one digit.
 */
#include "rtp/telephone_event.h"

#include <string.h>

#define PRESSES 4000
#define RATE 8000

typedef struct {
    McpMediaRtpPacket packet;
    guint8 payload[4];
    guint order;
} Sent;

static const char keys[] = "0123456789*#ABCD";

static void
add(GArray *out, guint32 timestamp, char digit, guint duration, gboolean end)
{
    Sent sent = {.order = out->len};

    sent.packet.timestamp = timestamp;
    sent.packet.ssrc = 5;
    sent.payload[0] = (guint8)mcp_media_digit_to_event(digit);
    sent.payload[1] = (guint8)(end ? 0x8a : 0x0a);
    sent.payload[2] = (guint8)(duration >> 8);
    sent.payload[3] = (guint8)duration;
    g_array_append_val(out, sent);
}

/* What a phone sends: an update every 20 ms, the end three times, a pause of 40 ms and more. */
static GArray *
make_presses(GString *pressed)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(Sent));
    guint32 timestamp = 0xfffff000u;

    for (guint i = 0; i < PRESSES; i++) {
        char digit = keys[g_random_int_range(0, 16)];
        guint updates = (guint)g_random_int_range(3, 12);

        g_string_append_c(pressed, digit);
        for (guint k = 1; k <= updates; k++)
            add(out, timestamp, digit, k * 160, FALSE);
        for (guint k = 0; k < 3; k++)
            add(out, timestamp, digit, updates * 160 + 80, TRUE);
        timestamp += updates * 160 + 80 + 320 + (guint)g_random_int_range(0, 4000);
    }
    return out;
}

static guint
hear(McpMediaEventReceiver *receiver, Sent *sent, GString *heard)
{
    McpMediaHeardDigit digits[4];
    guint n = 0;

    sent->packet.payload = sent->payload;
    sent->packet.length = 4;
    n = mcp_media_event_receiver_take(receiver, &sent->packet, RATE, digits, 4);
    for (guint i = 0; i < n; i++)
        g_string_append_c(heard, digits[i].digit);
    return n;
}

static void
test_clean(void)
{
    g_autoptr(GString) pressed = g_string_new(NULL);
    g_autoptr(GString) heard = g_string_new(NULL);
    g_autoptr(GArray) packets = make_presses(pressed);
    McpMediaEventReceiver receiver = {0};

    for (guint i = 0; i < packets->len; i++)
        hear(&receiver, &g_array_index(packets, Sent, i), heard);
    g_assert_cmpstr(heard->str, ==, pressed->str);
}

/* At least one packet of each press gets through, whichever it is. */
static void
test_loss(void)
{
    g_autoptr(GString) pressed = g_string_new(NULL);
    g_autoptr(GString) heard = g_string_new(NULL);
    g_autoptr(GArray) packets = make_presses(pressed);
    McpMediaEventReceiver receiver = {0};
    guint begin = 0;

    while (begin < packets->len) {
        guint32 timestamp = g_array_index(packets, Sent, begin).packet.timestamp;
        guint end = begin;
        guint kept = 0;

        while (end < packets->len &&
               g_array_index(packets, Sent, end).packet.timestamp == timestamp)
            end++;
        kept = (guint)g_random_int_range((gint32)begin, (gint32)end);
        for (guint i = begin; i < end; i++)
            for (gint copies = i == kept ? 1 + g_random_int_range(0, 2)
                                         : g_random_int_range(0, 3) - 1;
                 copies > 0; copies--)
                hear(&receiver, &g_array_index(packets, Sent, i), heard);
        begin = end;
    }
    g_assert_cmpstr(heard->str, ==, pressed->str);
}

static gint
by_order(gconstpointer a, gconstpointer b)
{
    const Sent *x = a;
    const Sent *y = b;

    return (x->order > y->order) - (x->order < y->order);
}

/* Packets overtake each other by up to two places, so that the order of first ones holds. */
static void
test_reorder(void)
{
    g_autoptr(GString) pressed = g_string_new(NULL);
    g_autoptr(GString) heard = g_string_new(NULL);
    g_autoptr(GArray) packets = make_presses(pressed);
    McpMediaEventReceiver receiver = {0};

    for (guint i = 0; i < packets->len; i++)
        g_array_index(packets, Sent, i).order = i * 2 + (guint)g_random_int_range(0, 6);
    g_array_sort(packets, by_order);
    for (guint i = 0; i < packets->len; i++)
        hear(&receiver, &g_array_index(packets, Sent, i), heard);
    g_assert_cmpstr(heard->str, ==, pressed->str);
}

/* RFC 4733 §2.5.1.3: a key held for half a minute is one digit. */
static void
test_long_press(void)
{
    g_autoptr(GString) heard = g_string_new(NULL);
    g_autoptr(GArray) packets = g_array_new(FALSE, FALSE, sizeof(Sent));
    McpMediaEventReceiver receiver = {0};

    for (guint segment = 0; segment < 4; segment++)
        for (guint duration = 160; duration <= 65440; duration += 160)
            add(packets, 1000 + segment * 0xffff, '7', duration, FALSE);
    add(packets, 1000 + 3 * 0xffff, '7', 65500, TRUE);
    add(packets, 1000 + 4 * 0xffff, '7', 160, FALSE);
    for (guint i = 0; i < packets->len; i++)
        if (i % 5 != 3)
            hear(&receiver, &g_array_index(packets, Sent, i), heard);
    /* After its end the same key at the next place is another press. */
    g_assert_cmpstr(heard->str, ==, "77");
}

/* Two short presses as far apart as segments of a long one, the first without an end: two. */
static void
test_lost_end(void)
{
    g_autoptr(GString) heard = g_string_new(NULL);
    g_autoptr(GArray) packets = g_array_new(FALSE, FALSE, sizeof(Sent));
    McpMediaEventReceiver receiver = {0};

    add(packets, 1000, '9', 480, FALSE);
    add(packets, 1000 + 0xffff, '9', 160, FALSE);
    for (guint i = 0; i < packets->len; i++)
        hear(&receiver, &g_array_index(packets, Sent, i), heard);
    g_assert_cmpstr(heard->str, ==, "99");
}

/* A packet that comes once more after many newer presses is no press, however many these are. */
static void
test_repeated(void)
{
    enum { FAST = MCP_MEDIA_EVENTS_REMEMBERED + 6 };
    g_autoptr(GString) heard = g_string_new(NULL);
    g_autoptr(GArray) packets = g_array_new(FALSE, FALSE, sizeof(Sent));
    McpMediaEventReceiver receiver = {0};
    guint32 first = 0xffffff00u;

    for (guint i = 0; i < FAST; i++)
        add(packets, first + i * 500, keys[i % 16], 240, TRUE);
    for (guint i = 0; i < packets->len; i++)
        hear(&receiver, &g_array_index(packets, Sent, i), heard);
    g_assert_cmpuint(heard->len, ==, FAST);
    for (guint i = 0; i < packets->len; i++)
        g_assert_cmpuint(hear(&receiver, &g_array_index(packets, Sent, i), heard), ==, 0);
    /* Another source counts from anywhere. */
    g_array_index(packets, Sent, 0).packet.ssrc = 6;
    g_assert_cmpuint(hear(&receiver, &g_array_index(packets, Sent, 0), heard), ==, 1);
}

static void
test_packed(void)
{
    const guint8 payload[] = {1, 0x8a, 0x01, 0x90, 2, 0x8a, 0x01, 0x90, 16, 0x8a, 0, 80, 3};
    const McpMediaRtpPacket packet = {.payload = payload, .length = sizeof payload, .timestamp = 9};
    McpMediaEventReceiver receiver = {0};
    McpMediaHeardDigit digits[4];

    g_assert_cmpuint(mcp_media_event_receiver_take(&receiver, &packet, RATE, digits, 4), ==, 2);
    g_assert_cmpint(digits[0].digit, ==, '1');
    g_assert_cmpint(digits[1].digit, ==, '2');
    g_assert_cmpuint(digits[1].timestamp, ==, 9 + 400);
    g_assert_cmpuint(mcp_media_event_receiver_take(&receiver, &packet, RATE, digits, 4), ==, 0);
}

static void
test_sender(void)
{
    McpMediaEventSender sender = {0};
    McpMediaEventReceiver receiver = {0};
    g_autoptr(GString) heard = g_string_new(NULL);
    McpMediaEventAction action = MCP_MEDIA_EVENT_PACKET;
    guint packets = 0;
    guint ends = 0;
    guint markers = 0;

    g_assert_false(mcp_media_event_sender_start(&sender, "12x", 100, 100, RATE));
    g_assert_false(mcp_media_event_sender_start(&sender, "", 100, 100, RATE));
    g_assert_true(mcp_media_event_sender_start(&sender, "1p2#", 100, 60, RATE));
    for (guint32 now = 0; action != MCP_MEDIA_EVENT_DONE; now += 160) {
        Sent sent = {.packet = {.ssrc = 1}};
        gboolean marker = FALSE;

        g_assert_cmpuint(now, <, 160 * 200);
        action = mcp_media_event_sender_next(&sender, now, 160, sent.payload,
                                             &sent.packet.timestamp, &marker);
        if (action != MCP_MEDIA_EVENT_PACKET)
            continue;
        packets++;
        markers += marker;
        ends += sent.payload[1] >> 7;
        hear(&receiver, &sent, heard);
    }
    g_assert_cmpstr(heard->str, ==, "12#");
    g_assert_cmpuint(packets, ==, 3 * 7);
    g_assert_cmpuint(ends, ==, 9);
    g_assert_cmpuint(markers, ==, 3);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/telephone-event/clean", test_clean);
    g_test_add_func("/media/telephone-event/loss", test_loss);
    g_test_add_func("/media/telephone-event/reorder", test_reorder);
    g_test_add_func("/media/telephone-event/long-press", test_long_press);
    g_test_add_func("/media/telephone-event/lost-end", test_lost_end);
    g_test_add_func("/media/telephone-event/repeated", test_repeated);
    g_test_add_func("/media/telephone-event/packed", test_packed);
    g_test_add_func("/media/telephone-event/sender", test_sender);
    return g_test_run();
}
