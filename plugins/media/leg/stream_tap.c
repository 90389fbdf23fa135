/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The taps of a stream: their tracks listen at ear and mouth, frames are made with the tick. Media
 * worker, but for the commands.
 */
#include "stream_tap.h"

#include "stream_private.h"

typedef struct {
    McpMediaCommand base;
    McpMediaStream *stream;
    McpMediaTapFeed *feed; /* … that the stream has let go of, after the command */
} TapCommand;

static void
tap_command_free(gpointer data)
{
    TapCommand *command = data;

    mcp_media_tap_feed_unref(command->feed);
    g_free(command);
}

static void
post_command(McpMediaStream *stream, McpMediaTapFeed *feed, void (*run)(McpMediaCommand *, gint64))
{
    TapCommand *command = g_new0(TapCommand, 1);

    command->base.run = run;
    command->base.free = tap_command_free;
    command->stream = stream;
    command->feed = feed;
    mcp_media_worker_post(stream->worker, &command->base);
}

static void
tell(McpMediaStream *self, McpMediaTapFeed *feed, gint64 now)
{
    McpMediaEvent *event = mcp_media_stream_event(self, MCP_LEG_LEFT, now);

    event->kind = MCP_MEDIA_EVENT_TAP;
    event->feed = mcp_media_tap_feed_ref(feed);
    mcp_media_stream_post(self, event);
}

static void
end(McpMediaStream *self, McpMediaTapFeed *feed, gint64 now)
{
    if (g_atomic_int_get(&feed->ended))
        return;
    if (feed->heard != NULL && self->ear != NULL)
        mcp_media_ear_unlisten(self->ear, feed->heard, now);
    if (feed->sent != NULL && self->mouth != NULL)
        mcp_media_mouth_unlisten(self->mouth, feed->sent);
    g_atomic_int_set(&feed->ended, TRUE);
    tell(self, feed, now);
}

static void
run_tap(McpMediaCommand *base, gint64 now)
{
    TapCommand *command = (TapCommand *)base;
    McpMediaStream *self = command->stream;
    McpMediaTapFeed *feed = g_steal_pointer(&command->feed);
    gboolean listens = !self->removed;

    feed->next = self->taps;
    self->taps = feed;
    mcp_media_tap_feed_begin(feed, now);
    if (feed->heard != NULL)
        listens = listens && mcp_media_ear_listen(self->ear, mcp_media_tap_track_put, feed->heard);
    if (feed->sent != NULL)
        listens =
            listens && mcp_media_mouth_listen(self->mouth, mcp_media_tap_track_put, feed->sent);
    if (!listens)
        end(self, feed, now);
}

void
mcp_media_stream_tap(McpMediaStream *stream, McpMediaTapFeed *feed)
{
    post_command(stream, feed, run_tap);
}

static void
run_untap(McpMediaCommand *base, gint64 now)
{
    TapCommand *command = (TapCommand *)base;
    McpMediaTapFeed **at = &command->stream->taps;

    while (*at != NULL && *at != command->feed)
        at = &(*at)->next;
    if (*at == NULL)
        return;
    *at = command->feed->next;
    end(command->stream, command->feed, now);
    /* The stream's reference; the command's is dropped with it and is not the last one then. */
    g_atomic_int_add(&command->feed->refs, -1);
}

void
mcp_media_stream_untap(McpMediaStream *stream, McpMediaTapFeed *feed)
{
    post_command(stream, mcp_media_tap_feed_ref(feed), run_untap);
}

void
mcp_media_stream_tick_taps(McpMediaStream *stream, gint64 now)
{
    for (McpMediaTapFeed *feed = stream->taps; feed != NULL; feed = feed->next)
        if (!g_atomic_int_get(&feed->ended) && mcp_media_tap_feed_tick(feed, now))
            tell(stream, feed, now);
}

void
mcp_media_stream_end_taps(McpMediaStream *stream, gint64 now)
{
    for (McpMediaTapFeed *feed = stream->taps; feed != NULL; feed = feed->next)
        end(stream, feed, now);
}

void
mcp_media_stream_drop_taps(McpMediaStream *stream)
{
    while (stream->taps != NULL) {
        McpMediaTapFeed *feed = stream->taps;

        stream->taps = feed->next;
        mcp_media_tap_feed_unref(feed);
    }
}
