/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a leg of the media contract hears in the audio: speech (McpSpeechParams of
 * mcp/contract/input.h) and the progress of a placed call (mcp/contract/progress.h). Speech is
 * checked where the provider has somebody who talks.
 */
#include "contract.h"
#include "media_log.h"

#include <mcp/error.h>
#include <string.h>

static void
arm(McpLeg *leg, guint64 generation, McpBargeIn barge_in, gboolean listen)
{
    const McpArm wanted = {
        .generation = generation,
        .barge_in = barge_in,
        .digits = MCP_DIGITS_ALL,
        .no_input = 5 * G_USEC_PER_SEC,
        .speech = {.listen = listen, .sensitivity = 0.5, .end_silence_ms = 500},
    };

    mcp_leg_arm(leg, &wanted);
}

/* "it began at @time, a little before it was known"; "speech is input" */
static void
test_speech(void)
{
    const McpPlayItem item = {.kind = MCP_PLAY_SILENCE, .duration = 20 * G_USEC_PER_SEC};
    MediaLog log;
    gint64 before = g_get_monotonic_time();
    guint64 generation = 0;

    media_log_connect(&log);
    if (media_provider.talk != NULL) {
        generation = mcp_leg_play(log.leg, &item, 1);
        arm(log.leg, generation, MCP_BARGE_IN_SPEECH, TRUE);
        media_provider.talk(log.leg);
        wait_count(&log.speech_ended, 1, "SPEECH_ENDED");
        g_assert_cmpuint(log.speech_started, ==, 1);
        g_assert_cmpint(log.speech_began, >, before);
        g_assert_cmpint(log.speech_over, >, log.speech_began);
        g_assert_cmpint(log.speech_over, <, g_get_monotonic_time());
        /* "what stops the prompt by itself": speech */
        g_assert_cmpuint(log.ended, ==, 1);
        g_assert_cmpuint(log.generations[0], ==, generation);
        g_assert_cmpint(log.stops[0], ==, MCP_STOP_SPEECH);
        g_assert_cmpuint(log.no_input, ==, 0);
    }
    media_log_drop(&log);
}

/* "SPEECH_STARTED and SPEECH_ENDED are reported": only then; "and digits" */
static void
test_speech_unheard(void)
{
    g_autoptr(McpAudio) audio = media_provider.audio(1);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    MediaLog log;

    media_log_connect(&log);
    if (media_provider.talk != NULL) {
        arm(log.leg, 0, MCP_BARGE_IN_NONE, FALSE);
        media_provider.talk(log.leg);
        g_assert_cmpuint(log.speech_started + log.speech_ended, ==, 0);
        arm(log.leg, mcp_leg_play(log.leg, &item, 1), MCP_BARGE_IN_SPEECH, TRUE);
        media_provider.press(log.leg, '1');
        wait_count(&log.ended, 1, "PLAYBACK_ENDED");
        g_assert_cmpint(log.stops[0], ==, MCP_STOP_DIGIT);
    }
    media_log_drop(&log);
}

/* FALSE: the leg finds no call progress, and the core says so. */
static gboolean
watches(McpLeg *leg)
{
    const McpProgressParams params = {0};
    g_autoptr(GError) error = NULL;

    if (MCP_LEG_GET_IFACE(leg)->watch_progress != NULL)
        return TRUE;
    g_assert_false(mcp_leg_watch_progress(leg, &params, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    return FALSE;
}

static void
watch(McpLeg *leg, const McpProgressParams *params)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_leg_watch_progress(leg, params, &error));
    g_assert_no_error(error);
}

/* "listens … from now on (again: anew); PROGRESS tells. @params: NULL stops." */
static void
test_progress(void)
{
    const McpProgressParams params = {.country = "US"};
    MediaLog log;

    media_log_connect(&log);
    if (watches(log.leg)) {
        watch(log.leg, &params);
        media_provider.busy(log.leg);
        wait_count(&log.progress, 1, "PROGRESS");
        g_assert_nonnull(strstr(log.words->str, "progress-busy "));
        watch(log.leg, &params);
        media_provider.busy(log.leg);
        wait_count(&log.progress, 2, "PROGRESS anew");
        watch(log.leg, NULL);
        media_provider.busy(log.leg);
        g_assert_cmpuint(log.progress, ==, 2);
    }
    media_log_drop(&log);
}

/* "µs until "silence" without anything else" */
static void
test_no_answer(void)
{
    MediaLog log;

    media_log_connect(&log);
    if (watches(log.leg)) {
        watch(log.leg, &(McpProgressParams){.early = TRUE, .no_answer = 400000});
        wait_count(&log.progress, 1, "PROGRESS");
        g_assert_nonnull(strstr(log.words->str, "progress-silence "));
    }
    media_log_drop(&log);
}

/* "MCP_ERROR_STATE while no codec is agreed upon" */
static void
test_no_codec(void)
{
    const McpProgressParams params = {0};
    MediaLog log;

    media_log_connect(&log);
    if (watches(log.leg)) {
        g_autoptr(GError) error = NULL;
        McpLeg *fresh = media_provider.make();

        g_assert_false(mcp_leg_watch_progress(fresh, &params, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
        media_provider.drop(fresh);
    }
    media_log_drop(&log);
}

void
media_hear_add(void)
{
    g_test_add_func("/media/hear/speech", test_speech);
    g_test_add_func("/media/hear/speech-unheard", test_speech_unheard);
    g_test_add_func("/media/hear/progress", test_progress);
    g_test_add_func("/media/hear/no-answer", test_no_answer);
    g_test_add_func("/media/hear/no-codec", test_no_codec);
}
