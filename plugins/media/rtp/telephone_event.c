/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digits as RTP events (RFC 4733), in and out. Media worker.
 */
#include "telephone_event.h"

#include <string.h>

#define VOLUME 10 /* -10 dBm0 */
#define END_PACKETS 3
#define SEGMENT 0xffffu /* longest duration of one event, §2.5.1.3 */
#define PAUSE_MS 500
/* A packet that is so much older than the newest event is a stray one. */
#define STALE_SECONDS 5

static const char digit_names[] = "0123456789*#ABCD";

char
mcp_media_digit_from_event(guint event)
{
    return event < 16 ? digit_names[event] : 0;
}

gint
mcp_media_digit_to_event(char digit)
{
    const char *found = digit == 0 ? NULL : strchr(digit_names, g_ascii_toupper(digit));

    return found != NULL ? (gint)(found - digit_names) : -1;
}

static McpMediaHeardEvent *
find(McpMediaEventReceiver *self, guint32 ssrc, guint32 timestamp)
{
    for (guint i = 0; i < self->n; i++)
        if (self->heard[i].timestamp == timestamp && self->heard[i].ssrc == ssrc)
            return &self->heard[i];
    return NULL;
}

/*
 * §2.5.1.3: a key held longer than one event can tell goes on in an event that follows on it. Short
 * ones whose end was lost do not go on, even where the same key comes again at that very time.
 */
static gboolean
is_continuation(McpMediaEventReceiver *self, const McpMediaHeardEvent *heard)
{
    McpMediaHeardEvent *before = find(self, heard->ssrc, heard->timestamp - SEGMENT);

    return before != NULL && before->event == heard->event && !before->ended &&
           before->duration > SEGMENT / 2;
}

static gboolean
is_forgotten(const McpMediaEventReceiver *self, const McpMediaHeardEvent *heard)
{
    return self->forgets && self->forgotten_ssrc == heard->ssrc &&
           (gint32)(self->forgotten - heard->timestamp) >= 0;
}

static void
forget(McpMediaEventReceiver *self, const McpMediaHeardEvent *old)
{
    if (is_forgotten(self, old))
        return;
    self->forgets = TRUE;
    self->forgotten = old->timestamp;
    self->forgotten_ssrc = old->ssrc;
}

static void
remember(McpMediaEventReceiver *self, const McpMediaHeardEvent *heard)
{
    if (self->n == MCP_MEDIA_EVENTS_REMEMBERED)
        forget(self, &self->heard[self->next]);
    self->heard[self->next] = *heard;
    self->next = (self->next + 1) % MCP_MEDIA_EVENTS_REMEMBERED;
    self->n = MIN(self->n + 1, MCP_MEDIA_EVENTS_REMEMBERED);
}

static gboolean
take_one(McpMediaEventReceiver *self, const McpMediaHeardEvent *heard, guint rate)
{
    McpMediaHeardEvent *known = find(self, heard->ssrc, heard->timestamp);
    gboolean same_source = self->n > 0 && self->newest_ssrc == heard->ssrc;
    gint32 age = (gint32)(self->newest - heard->timestamp);
    gboolean continuation = FALSE;

    if (known != NULL) {
        known->ended |= heard->ended;
        known->duration = MAX(known->duration, heard->duration);
        return FALSE;
    }
    if (is_forgotten(self, heard) || (same_source && age > (gint32)rate * STALE_SECONDS))
        return FALSE;
    continuation = is_continuation(self, heard);
    if (!same_source || age < 0) {
        self->newest = heard->timestamp;
        self->newest_ssrc = heard->ssrc;
    }
    remember(self, heard);
    return !continuation;
}

guint
mcp_media_event_receiver_take(McpMediaEventReceiver *receiver, const McpMediaRtpPacket *packet,
                              guint rate, McpMediaHeardDigit *out_digits, guint max)
{
    guint32 timestamp = packet->timestamp;
    guint n = 0;

    for (gsize at = 0; at + MCP_MEDIA_EVENT_BYTES <= packet->length; at += MCP_MEDIA_EVENT_BYTES) {
        const guint8 *payload = packet->payload + at;
        const McpMediaHeardEvent heard = {
            .ssrc = packet->ssrc,
            .timestamp = timestamp,
            .event = payload[0],
            .ended = payload[1] >> 7,
            .duration = (guint16)(payload[2] << 8 | payload[3]),
        };

        if (mcp_media_digit_from_event(heard.event) != 0 && n < max &&
            take_one(receiver, &heard, rate)) {
            out_digits[n].digit = mcp_media_digit_from_event(heard.event);
            out_digits[n].timestamp = timestamp;
            out_digits[n].duration = heard.duration;
            n++;
        }
        timestamp += heard.duration;
    }
    return n;
}

gboolean
mcp_media_event_sender_start(McpMediaEventSender *sender, const char *digits, guint duration_ms,
                             guint gap_ms, guint rate)
{
    gsize length = strlen(digits);

    if (length == 0 || length > MCP_MEDIA_DIGITS_MAX)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (g_ascii_tolower(digits[i]) != 'p' && mcp_media_digit_to_event(digits[i]) < 0)
            return FALSE;
    memset(sender, 0, sizeof *sender);
    memcpy(sender->digits, digits, length);
    sender->duration = (guint)MIN((guint64)duration_ms * rate / 1000, SEGMENT);
    sender->gap = (guint)((guint64)gap_ms * rate / 1000);
    sender->pause = rate * PAUSE_MS / 1000;
    sender->active = TRUE;
    return TRUE;
}

static void
write_event(const McpMediaEventSender *self, gboolean end, guint8 *out)
{
    guint duration = MIN(self->elapsed, self->duration);

    out[0] = (guint8)mcp_media_digit_to_event(self->digits[self->at]);
    out[1] = (guint8)((end ? 0x80 : 0) | VOLUME);
    out[2] = (guint8)(duration >> 8);
    out[3] = (guint8)duration;
}

static McpMediaEventAction
pass_silence(McpMediaEventSender *self, guint length, guint step)
{
    self->elapsed += step;
    if (self->elapsed >= length) {
        self->elapsed = 0;
        self->in_gap = FALSE;
        self->at++;
    }
    return MCP_MEDIA_EVENT_SILENT;
}

McpMediaEventAction
mcp_media_event_sender_next(McpMediaEventSender *sender, guint32 now, guint step, guint8 *out,
                            guint32 *out_timestamp, gboolean *out_marker)
{
    gboolean end = FALSE;

    if (!sender->active)
        return MCP_MEDIA_EVENT_IDLE;
    if (sender->digits[sender->at] == 0) {
        sender->active = FALSE;
        return MCP_MEDIA_EVENT_DONE;
    }
    if (sender->in_gap)
        return pass_silence(sender, sender->gap, step);
    if (g_ascii_tolower(sender->digits[sender->at]) == 'p')
        return pass_silence(sender, sender->pause, step);
    *out_marker = sender->elapsed == 0;
    if (sender->elapsed == 0)
        sender->timestamp = now;
    sender->elapsed += step;
    end = sender->elapsed >= sender->duration;
    write_event(sender, end, out);
    *out_timestamp = sender->timestamp;
    /* §2.5.1.4: the end is sent three times, so that its loss is unlikely. */
    if (end && ++sender->ends == END_PACKETS) {
        sender->ends = 0;
        sender->elapsed = 0;
        sender->in_gap = TRUE;
    }
    return MCP_MEDIA_EVENT_PACKET;
}
