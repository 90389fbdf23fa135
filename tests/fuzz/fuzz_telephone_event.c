/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of telephone events (RFC 4733). Inwards: packets, each behind four bytes (SSRC, step
 * of the timestamp, length): whatever comes, a packet that comes twice has no new digits. Outwards:
 * what is sent of any text is heard again, digit by digit.
 */
#include "rtp/telephone_event.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 4
#define DIGITS 64
#define STEPS_MAX 20000

static void
check_digits(const McpMediaHeardDigit *digits, guint n)
{
    if (n > DIGITS)
        __builtin_trap();
    for (guint i = 0; i < n; i++)
        if (mcp_media_digit_to_event(digits[i].digit) < 0)
            __builtin_trap();
}

static void
receive(const uint8_t *data, size_t size, guint rate)
{
    McpMediaEventReceiver receiver = {0};
    McpMediaHeardDigit digits[DIGITS];
    guint32 timestamp = 0;

    while (size >= HEAD) {
        size_t length = MIN((size_t)data[3], size - HEAD);
        McpMediaRtpPacket packet = {.payload = data + HEAD, .length = length};

        timestamp += (guint32)((gint8)data[1] * 256 + data[2]);
        packet.ssrc = data[0] & 3;
        packet.timestamp = timestamp;
        check_digits(digits,
                     mcp_media_event_receiver_take(&receiver, &packet, rate, digits, DIGITS));
        /* What was forgotten meanwhile is new: nobody presses so many keys at a time. */
        if (receiver.n < MCP_MEDIA_EVENTS_REMEMBERED &&
            mcp_media_event_receiver_take(&receiver, &packet, rate, digits, DIGITS) != 0)
            __builtin_trap();
        data += HEAD + length;
        size -= HEAD + length;
    }
}

/* Digits of @text that were sent, in @out. */
static void
pick(const char *text, GString *out)
{
    for (; *text != 0; text++)
        if (g_ascii_tolower(*text) != 'p')
            g_string_append_c(out, g_ascii_toupper(*text));
}

static void
send_text(const uint8_t *data, size_t size, guint rate)
{
    g_autofree char *text = g_strndup((const char *)data + 2, size - 2);
    g_autoptr(GString) wanted = g_string_new(NULL);
    g_autoptr(GString) heard = g_string_new(NULL);
    McpMediaEventReceiver receiver = {0};
    McpMediaEventSender sender;
    McpMediaEventAction action = MCP_MEDIA_EVENT_PACKET;
    guint steps = 0;

    if (!mcp_media_event_sender_start(&sender, text, 40 + data[0], 20 + data[1] % 64, rate))
        return;
    for (guint32 now = 0; action != MCP_MEDIA_EVENT_DONE; now += rate / 50) {
        guint8 payload[MCP_MEDIA_EVENT_BYTES];
        McpMediaRtpPacket packet = {.payload = payload, .length = sizeof payload};
        McpMediaHeardDigit digits[DIGITS];
        gboolean marker = FALSE;

        action = mcp_media_event_sender_next(&sender, now, rate / 50, payload, &packet.timestamp,
                                             &marker);
        if (++steps > STEPS_MAX)
            __builtin_trap();
        if (action == MCP_MEDIA_EVENT_PACKET &&
            mcp_media_event_receiver_take(&receiver, &packet, rate, digits, DIGITS) == 1)
            g_string_append_c(heard, digits[0].digit);
    }
    pick(text, wanted);
    if (!g_string_equal(wanted, heard))
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const guint rates[] = {8000, 16000, 48000};

    if (size < HEAD)
        return 0;
    if ((data[0] & 0x80) != 0)
        send_text(data + 1, size - 1, rates[data[0] % G_N_ELEMENTS(rates)]);
    else
        receive(data + 1, size - 1, rates[data[0] % G_N_ELEMENTS(rates)]);
    return 0;
}
