/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One leg as a program: answers the offer in a file, plays a prompt to whoever offered and records
 * what comes. codec_peers.py puts it before other people's codecs.
 *
 * usage: codec-call OFFER PROMPT RECORDING SECONDS
 *
 * Prints the answer and a line "ready"; the recording is written at the end.
 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define PAUSE_US 900000

static McpSdp *
read_offer(const char *path)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    g_autoptr(GError) error = NULL;
    McpSdp *offer = NULL;

    if (g_file_get_contents(path, &text, &length, &error))
        offer = mcp_sdp_parse(text, length, &error);
    if (offer == NULL)
        g_printerr("%s: %s\n", path, error->message);
    return offer;
}

static McpAudio *
read_prompt(const char *path)
{
    char *text = NULL;
    gsize length = 0;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GError) error = NULL;

    if (!g_file_get_contents(path, &text, &length, &error)) {
        g_printerr("%s\n", error->message);
        exit(2);
    }
    bytes = g_bytes_new_take(text, length);
    return mcp_audio_new(bytes, "audio/x-wav", NULL);
}

static gboolean
count_second(gpointer data)
{
    (*(guint *)data)++;
    return G_SOURCE_CONTINUE;
}

/* Runs the call; the recording is in @stream then. */
static void
run_call(McpLeg *leg, McpAudio *prompt, TestStream *stream, guint seconds)
{
    const McpPlayItem items[] = {
        {.kind = MCP_PLAY_SILENCE, .duration = PAUSE_US},
        {.kind = MCP_PLAY_AUDIO, .audio = prompt},
        {.kind = MCP_PLAY_SILENCE, .duration = PAUSE_US},
    };
    const McpRecordParams params = {
        .stream = MCP_STORE_STREAM(stream), .format = MCP_RECORD_WAV_PCM, .no_input = -1};
    g_autoptr(GError) error = NULL;
    Seen seen = {0};
    guint passed = 0;
    guint timer = g_timeout_add_seconds(1, count_second, &passed);

    mcp_leg_set_handler(leg, seen_handler, &seen);
    mcp_leg_start(leg);
    if (!mcp_leg_record(leg, &params, &error))
        g_error("%s", error->message);
    mcp_leg_play(leg, items, G_N_ELEMENTS(items));
    g_print("ready\n");
    while (passed < seconds)
        g_main_context_iteration(NULL, TRUE);
    mcp_leg_stop_recording(leg);
    wait_until(&seen.recordings, 1, 5);
    g_source_remove(timer);
    if (seen.error != NULL)
        g_printerr("%s\n", seen.error);
    seen_clear(&seen);
}

int
main(int argc, char **argv)
{
    const McpLegParams params = {.call_id = "test", .local_address = "127.0.0.1"};
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = argc == 5 ? read_offer(argv[1]) : NULL;
    g_autoptr(McpSdp) answer = NULL;
    g_autoptr(McpAudio) prompt = NULL;
    TestStream *stream = NULL;
    Platform platform;
    McpLeg *leg = NULL;
    int status = 0;

    if (offer == NULL)
        return 2;
    prompt = read_prompt(argv[2]);
    platform_open(&platform);
    leg = mcp_media_create_leg(MCP_MEDIA(platform.service), &params, &error);
    if (leg != NULL)
        answer = mcp_leg_answer(leg, offer, &error);
    if (answer == NULL) {
        g_printerr("%s\n", error->message);
        return 2;
    }
    g_print("%s", mcp_sdp_get_text(answer));
    stream = test_stream_new();
    run_call(leg, prompt, stream, (guint)atoi(argv[4]));
    if (!g_file_set_contents(argv[3], (const char *)stream->bytes->data, stream->bytes->len,
                             &error)) {
        g_printerr("%s\n", error->message);
        status = 1;
    }
    close_leg(&platform, leg);
    platform_close(&platform);
    g_assert_finalize_object(stream);
    return status;
}
