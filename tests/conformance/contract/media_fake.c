/* SPDX-License-Identifier: Apache-2.0 */
/* The leg without packets of the VoiceXML tests, as a provider of the media suite. */
#include "fakes.h"
#include "media_suite.h"

static McpClock *leg_clock;
static FakeMedia *media;
static FakeStore *store;
static guint names;

static McpMedia *
open_media(void)
{
    leg_clock = mcp_clock_new();
    media = fake_media_new();
    store = fake_store_new();
    return MCP_MEDIA(media);
}

static void
close_media(void)
{
    g_assert_finalize_object(media);
    g_assert_finalize_object(store);
    g_object_unref(leg_clock);
}

static McpLeg *
connect_leg(gboolean keys)
{
    FakeLeg *leg = fake_leg_new(leg_clock);

    fake_leg_set_pace(leg, 200000);
    return MCP_LEG(leg);
}

static void
drop_leg(McpLeg *leg)
{
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_assert_finalize_object(leg);
}

static McpAudio *
make_audio(guint number)
{
    g_autofree char *words = g_strdup_printf("audio %u", number);
    g_autoptr(GBytes) bytes = g_bytes_new(words, strlen(words));

    return mcp_audio_new(bytes, "audio/basic", NULL);
}

static void
press(McpLeg *leg, char digit)
{
    fake_leg_press(FAKE_LEG(leg), digit);
}

static McpStoreStream *
make_stream(void)
{
    g_autofree char *name = g_strdup_printf("recording-%u", ++names);
    McpStoreObject object = {.name = name};

    return mcp_store_open(MCP_STORE(store), &object, NULL);
}

/* Committed is what the store takes no second time. */
static gboolean
is_committed(McpStoreStream *stream)
{
    McpStoreObject object = {.name = mcp_store_stream_get_name(stream)};
    g_autoptr(McpStoreStream) second = mcp_store_open(MCP_STORE(store), &object, NULL);

    return second == NULL;
}

static void
hush(McpLeg *leg)
{
    fake_leg_set_speech(FAKE_LEG(leg), 0);
}

const MediaProvider media_provider = {
    .name = "fake",
    .open = open_media,
    .close = close_media,
    .connect = connect_leg,
    .drop = drop_leg,
    .audio = make_audio,
    .press = press,
    .stream = make_stream,
    .committed = is_committed,
    .hush = hush,
};
