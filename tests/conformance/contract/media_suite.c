/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The media contract (mcp/contract/media.h, leg.h): playing, stopping, marks, keys and what waits
 * for them, and how a leg ends. The rest is in media_record.c, media_offer.c, media_room.c,
 * media_role.c, media_bridge.c, media_tap.c and media_hear.c.
 */
#include "media_suite.h"

#include "contract.h"
#include "media_log.h"

#include <string.h>

static McpMedia *media;

#define HAS(leg, slot) (MCP_LEG_GET_IFACE(leg)->slot != NULL)

static guint64
play(McpLeg *leg, guint number)
{
    g_autoptr(McpAudio) audio = media_provider.audio(number);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    guint64 generation = mcp_leg_play(leg, &item, 1);

    g_assert_cmpuint(generation, >, 0);
    return generation;
}

static void
expect_ended(MediaLog *log, guint index, guint64 generation, McpStopReason stop)
{
    wait_count(&log->ended, index + 1, "PLAYBACK_ENDED");
    g_assert_cmpuint(log->generations[index], ==, generation);
    g_assert_cmpint(log->stops[index], ==, stop);
}

/* "Returns: generation, > 0. PLAYBACK_ENDED follows for each generation exactly once." */
static void
test_play(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    guint64 first = play(leg, 1);
    guint64 second = 0;

    expect_ended(&log, 0, first, MCP_STOP_COMPLETED);
    g_assert_cmpint(log.position, >=, 0);
    second = play(leg, 2);
    g_assert_cmpuint(second, >, first);
    expect_ended(&log, 1, second, MCP_STOP_COMPLETED);
    settle(60);
    g_assert_cmpuint(log.ended, ==, 2);
    media_log_drop(&log);
}

/* "a list still playing is stopped first" */
static void
test_replace(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    guint64 first = play(leg, 1);
    guint64 second = play(leg, 2);

    expect_ended(&log, 0, first, MCP_STOP_COMMAND);
    expect_ended(&log, 1, second, MCP_STOP_COMPLETED);
    media_log_drop(&log);
}

/* "stops generation @generation; a stale one is ignored" */
static void
test_stop(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    guint64 first = play(leg, 1);
    guint64 second = 0;

    settle(50);
    mcp_leg_stop(leg, first);
    expect_ended(&log, 0, first, MCP_STOP_COMMAND);
    mcp_leg_stop(leg, first);
    second = play(leg, 2);
    mcp_leg_stop(leg, first);
    mcp_leg_stop(leg, second + 1);
    expect_ended(&log, 1, second, MCP_STOP_COMPLETED);
    settle(60);
    g_assert_cmpuint(log.ended, ==, 2);
    media_log_drop(&log);
}

/* "MARK: reported when its place was sent", before the list has ended, in order */
static void
test_marks(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    g_autoptr(McpAudio) audio = media_provider.audio(1);
    const McpPlayItem items[] = {
        {.kind = MCP_PLAY_MARK, .mark = "one"},
        {.kind = MCP_PLAY_AUDIO, .audio = audio},
        {.kind = MCP_PLAY_SILENCE, .duration = 40000},
        {.kind = MCP_PLAY_MARK, .mark = "two"},
    };
    guint64 generation = mcp_leg_play(leg, items, G_N_ELEMENTS(items));

    expect_ended(&log, 0, generation, MCP_STOP_COMPLETED);
    g_assert_cmpstr(log.words->str, ==, "mark-one mark-two ended ");
    media_log_drop(&log);
}

/* "ends media and frees ports; … PLAYBACK_ENDED … still come" */
static void
test_close(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    guint64 first = 0;
    guint64 late = 0;

    if (!HAS(leg, close)) {
        media_log_drop(&log);
        return;
    }
    first = play(leg, 1);
    settle(50);
    mcp_leg_close(leg);
    expect_ended(&log, 0, first, MCP_STOP_CLOSED);
    late = play(leg, 2);
    expect_ended(&log, 1, late, MCP_STOP_CLOSED);
    mcp_leg_stop(leg, late);
    mcp_leg_close(leg);
    settle(40);
    g_assert_cmpuint(log.ended, ==, 2);
    media_log_drop(&log);
}

static void
expect_digit(McpLeg *leg, char digit)
{
    McpDigit got = {0};

    g_assert_true(mcp_leg_take_digit(leg, &got));
    g_assert_cmpint(got.digit, ==, digit);
    g_assert_cmpint(got.start, >, 0);
}

static void
expect_no_digit(McpLeg *leg)
{
    McpDigit got = {.digit = '?'};

    g_assert_false(mcp_leg_take_digit(leg, &got));
    g_assert_cmpint(got.digit, ==, '?');
}

/* "a digit entered the queue"; "the oldest digit of the queue; FALSE when it is empty" */
static void
test_digits(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);

    expect_no_digit(leg);
    media_provider.press(leg, '1');
    wait_count(&log.digits, 1, "a digit");
    media_provider.press(leg, '#');
    wait_count(&log.digits, 2, "two digits");
    expect_digit(leg, '1');
    expect_digit(leg, '#');
    expect_no_digit(leg);
    media_provider.press(leg, '2');
    wait_count(&log.digits, 3, "three digits");
    mcp_leg_flush_digits(leg);
    expect_no_digit(leg);
    media_log_drop(&log);
}

/* "NULL for none (events are then dropped, digits stay queued)" */
static void
test_no_handler(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);

    mcp_leg_set_handler(leg, NULL, NULL);
    media_provider.press(leg, '7');
    play(leg, 1);
    settle(300);
    g_assert_cmpstr(log.words->str, ==, "");
    expect_digit(leg, '7');
    mcp_leg_set_handler(leg, media_log_handler, &log);
    media_provider.press(leg, '8');
    wait_count(&log.digits, 1, "a digit again");
    media_log_drop(&log);
}

/* "enters a digit that signalling brought; one that media saw too is not doubled" */
static void
test_put_digit(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    McpDigit digit = {0};

    if (!HAS(leg, put_digit)) {
        media_log_drop(&log);
        return;
    }
    mcp_leg_put_digit(leg, '4', 160);
    wait_count(&log.digits, 1, "a digit of an INFO");
    g_assert_true(mcp_leg_take_digit(leg, &digit));
    g_assert_cmpint(digit.digit, ==, '4');
    g_assert_cmpint(digit.source, ==, MCP_DIGIT_INFO);
    media_provider.press(leg, '5');
    wait_count(&log.digits, 2, "a digit of the media");
    mcp_leg_put_digit(leg, '5', 160);
    settle(80);
    expect_digit(leg, '5');
    expect_no_digit(leg);
    media_log_drop(&log);
}

static void
arm(McpLeg *leg, guint64 generation, McpBargeIn barge_in, guint32 digits, gint64 no_input)
{
    const McpArm wanted = {generation, barge_in, digits, no_input};

    mcp_leg_arm(leg, &wanted);
}

/* "what stops the prompt by itself" */
static void
test_barge_in(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    guint64 first = play(leg, 1);
    guint64 second = 0;

    arm(leg, first, MCP_BARGE_IN_DTMF, MCP_DIGITS_ALL, -1);
    media_provider.press(leg, '1');
    expect_ended(&log, 0, first, MCP_STOP_DIGIT);
    mcp_leg_flush_digits(leg);
    second = play(leg, 2);
    arm(leg, second, MCP_BARGE_IN_NONE, MCP_DIGITS_ALL, -1);
    media_provider.press(leg, '2');
    expect_ended(&log, 1, second, MCP_STOP_COMPLETED);
    media_log_drop(&log);
}

/* "mask of digits that count"; "no barge-in …; digits still enter the queue" */
static void
test_mask(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    guint64 first = play(leg, 1);
    guint64 second = 0;

    arm(leg, first, MCP_BARGE_IN_DTMF, 1 << 5, -1);
    media_provider.press(leg, '1');
    expect_ended(&log, 0, first, MCP_STOP_COMPLETED);
    mcp_leg_flush_digits(leg);
    second = play(leg, 2);
    arm(leg, second, MCP_BARGE_IN_DTMF, MCP_DIGITS_ALL, -1);
    mcp_leg_disarm(leg);
    media_provider.press(leg, '5');
    expect_ended(&log, 1, second, MCP_STOP_COMPLETED);
    expect_digit(leg, '5');
    media_log_drop(&log);
}

/* "digits already queued count at once" */
static void
test_queued(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    guint64 generation = 0;

    media_provider.press(leg, '9');
    wait_count(&log.digits, 1, "a digit");
    generation = play(leg, 1);
    arm(leg, generation, MCP_BARGE_IN_DTMF, MCP_DIGITS_ALL, 20000);
    expect_ended(&log, 0, generation, MCP_STOP_DIGIT);
    settle(80);
    g_assert_cmpuint(log.no_input, ==, 0);
    expect_digit(leg, '9');
    media_log_drop(&log);
}

/* "µs until no-input, from the last prompt packet sent; -1: none" */
static void
test_no_input(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    guint64 generation = 0;

    arm(leg, 0, MCP_BARGE_IN_NONE, MCP_DIGITS_ALL, 40000);
    wait_count(&log.no_input, 1, "no-input without a prompt");
    settle(100);
    g_assert_cmpuint(log.no_input, ==, 1);
    arm(leg, 0, MCP_BARGE_IN_NONE, MCP_DIGITS_ALL, 40000);
    mcp_leg_disarm(leg);
    settle(100);
    g_assert_cmpuint(log.no_input, ==, 1);
    generation = play(leg, 1);
    arm(leg, generation, MCP_BARGE_IN_DTMF, MCP_DIGITS_ALL, 40000);
    wait_count(&log.no_input, 2, "no-input after the prompt");
    g_assert_cmpuint(log.ended, ==, 1);
    media_log_drop(&log);
}

/* "MCP_ERROR_UNSUPPORTED if not negotiated"; "mcp_leg_send_digits() is done" */
static void
test_send_digits(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    McpLeg *deaf = media_provider.connect(FALSE);
    g_autoptr(GError) error = NULL;

    g_assert_false(mcp_leg_send_digits(deaf, "1", 60, 60, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    g_clear_error(&error);
    media_provider.drop(deaf);
    if (HAS(leg, send_digits)) {
        g_assert_true(mcp_leg_send_digits(leg, "1#", 60, 60, &error));
        g_assert_no_error(error);
        wait_count(&log.digits_sent, 1, "DIGITS_SENT");
        g_assert_false(mcp_leg_send_digits(leg, "no digits", 60, 60, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
    media_log_drop(&log);
}

static void
on_guard(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    if (event->type == MCP_LEG_MEDIA_STARTED)
        g_string_append(user_data, "guard ");
}

/* "hears MEDIA_STARTED and NO_MEDIA, whoever the handler is, and before it" */
static void
test_guard(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);

    if (HAS(leg, set_guard) && media_provider.speak != NULL) {
        mcp_leg_set_guard(leg, on_guard, log.words);
        media_provider.speak(leg);
        wait_count(&log.started, 1, "MEDIA_STARTED");
        g_assert_true(g_str_has_prefix(log.words->str, "guard started "));
    }
    media_log_drop(&log);
}

static void
test_figures(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    McpLegStatistics statistics;
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;

    memset(&statistics, 0xff, sizeof statistics);
    mcp_leg_get_statistics(leg, &statistics);
    g_assert_cmpuint(statistics.packets_lost, ==, 0);
    mcp_json_begin_object(json, NULL);
    mcp_leg_describe(leg, json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    g_assert_true(g_str_has_prefix(text, "{") && g_str_has_suffix(text, "}"));
    media_log_drop(&log);
}

static gboolean
prepare(McpLeg *leg, McpAudio *audio, gint64 *out_duration, GError **error)
{
    Finished finished = {0};
    gboolean good = FALSE;

    mcp_media_prepare_async(media, leg, audio, NULL, on_finished, &finished);
    g_assert_cmpuint(finished.times, ==, 0);
    finished_wait(&finished);
    good = mcp_media_prepare_finish(media, finished.result, out_duration, error);
    finished_clear(&finished);
    return good;
}

/* "tells formats that cannot be played beforehand" */
static void
test_prepare(void)
{
    MediaLog log = {0};
    McpLeg *leg = media_log_connect(&log);
    g_autoptr(McpAudio) good = media_provider.audio(3);
    g_autoptr(GBytes) words = g_bytes_new_static("<html>no audio</html>", 21);
    g_autoptr(McpAudio) bad = mcp_audio_new(words, "text/html", NULL);
    gint64 duration = -1;
    g_autoptr(GError) error = NULL;

    g_assert_true(prepare(leg, good, &duration, &error));
    g_assert_no_error(error);
    g_assert_cmpint(duration, >, 0);
    g_assert_true(prepare(leg, good, NULL, NULL));
    g_assert_false(prepare(leg, bad, NULL, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    media_log_drop(&log);
}

#define ADD(name, func) g_test_add_func("/media/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    ADD("play", test_play);
    ADD("replace", test_replace);
    ADD("stop", test_stop);
    ADD("marks", test_marks);
    ADD("close", test_close);
    ADD("digits", test_digits);
    ADD("no-handler", test_no_handler);
    ADD("put-digit", test_put_digit);
    ADD("barge-in", test_barge_in);
    ADD("mask", test_mask);
    ADD("queued", test_queued);
    ADD("no-input", test_no_input);
    ADD("send-digits", test_send_digits);
    ADD("guard", test_guard);
    ADD("figures", test_figures);
    ADD("prepare", test_prepare);
    media_record_add();
    media_offer_add();
    media_bridge_add();
    media_tap_add();
    media_hear_add();
    media = media_provider.open();
    media_room_add(media);
    result = g_test_run();
    media_provider.close();
    shard_end();
    return result;
}
