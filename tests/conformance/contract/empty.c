/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Providers that implement nothing: what the core says for a slot that is missing. Whatever can
 * fail does so with MCP_ERROR_UNSUPPORTED, asynchronous functions finish on the caller's context,
 * out parameters are not written, and the rest does nothing.
 */
#include "contract.h"

#include <mcp/contract/call_sink.h>
#include <mcp/contract/credentials.h>
#include <mcp/contract/dialog.h>
#include <mcp/contract/fetcher.h>
#include <mcp/contract/grammar.h>
#include <mcp/contract/listener.h>
#include <mcp/contract/media.h>
#include <mcp/contract/recognizer.h>
#include <mcp/contract/signalling.h>
#include <mcp/contract/store.h>
#include <mcp/contract/synthesizer.h>

#define EMPTY_TYPE_PROVIDER (empty_provider_get_type())
G_DECLARE_FINAL_TYPE(EmptyProvider, empty_provider, EMPTY, PROVIDER, GObject)

struct _EmptyProvider {
    GObject parent_instance;
};

/* clang-format off */
G_DEFINE_FINAL_TYPE_WITH_CODE(EmptyProvider, empty_provider, G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE(MCP_TYPE_CALL_SINK, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_CREDENTIALS, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG_PROVIDER, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_FETCHER, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_GRAMMAR_ENGINE, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_LEG, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_LISTENER, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_MEDIA, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNIZER, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_ROOM, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_SESSION, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_SIGNALLING, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE_STREAM, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_SYNTHESIZER, NULL)
    G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, NULL))
/* clang-format on */

static void
empty_provider_class_init(EmptyProviderClass *klass)
{
}

static void
empty_provider_init(EmptyProvider *self)
{
}

static gpointer empty;

static void
expect_unsupported(GError **error)
{
    g_assert_error(*error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    g_assert_nonnull(strstr((*error)->message, "EmptyProvider"));
    g_clear_error(error);
}

static void
test_call_sink(void)
{
    McpEvent *event = mcp_event_new(MCP_EVENT_STATE, NULL, "x");
    Finished finished = {0};
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(mcp_call_sink_get_types(empty), ==, 0);
    mcp_call_sink_deliver(empty, event);
    mcp_event_unref(event);
    mcp_call_sink_flush_async(empty, on_finished, &finished);
    finished_wait(&finished);
    g_assert_false(mcp_call_sink_flush_finish(empty, finished.result, &error));
    expect_unsupported(&error);
    finished_clear(&finished);
}

/* A dialog that cannot be prepared or made refuses the call, so there is always a reason. */
static void
test_dialog(void)
{
    McpDialogMedia media = MCP_DIALOG_MEDIA_AUDIO;
    McpReject *reject = NULL;
    Finished finished = {0};
    static const char text[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";
    g_autoptr(McpSdp) sdp = mcp_sdp_parse(text, strlen(text), NULL);
    g_autoptr(McpSdp) whole = NULL;

    mcp_dialog_prepare_async(empty, NULL, on_finished, &finished);
    finished_wait(&finished);
    g_assert_false(mcp_dialog_prepare_finish(empty, finished.result, &media, &reject));
    g_assert_cmpint(media, ==, MCP_DIALOG_MEDIA_AUDIO);
    g_assert_nonnull(reject);
    g_assert_cmpuint(reject->status, ==, 500);
    g_clear_pointer(&reject, mcp_reject_free);
    finished_clear(&finished);
    mcp_dialog_start(empty, NULL, NULL, NULL);
    mcp_dialog_message(empty, "text/plain", NULL);
    mcp_dialog_terminate(empty, "x");
    mcp_dialog_describe(empty, NULL);
    whole = mcp_dialog_answer(empty, NULL, sdp, &reject);
    g_assert_true(whole == sdp);
    g_assert_null(reject);
    g_assert_null(mcp_dialog_provider_create(empty, NULL, &reject));
    g_assert_nonnull(reject);
    g_assert_cmpuint(reject->status, ==, 500);
    mcp_reject_free(reject);
}

static void
test_fetcher(void)
{
    McpFetchRequest request = {.url = "http://127.0.0.1/", .method = "GET"};
    Finished finished = {0};
    g_autoptr(GError) error = NULL;

    mcp_fetcher_fetch_async(empty, &request, NULL, on_finished, &finished);
    finished_wait(&finished);
    g_assert_null(mcp_fetcher_fetch_finish(empty, finished.result, &error));
    expect_unsupported(&error);
    finished_clear(&finished);
}

static void
test_grammar(void)
{
    McpGrammarSource source = {.uri = "builtin:dtmf/digits"};
    Finished finished = {0};
    g_autoptr(GError) error = NULL;

    mcp_grammar_engine_compile_async(empty, &source, NULL, on_finished, &finished);
    finished_wait(&finished);
    g_assert_null(mcp_grammar_engine_compile_finish(empty, finished.result, &error));
    expect_unsupported(&error);
    finished_clear(&finished);
    g_assert_null(mcp_grammar_ref(empty, NULL));
    mcp_grammar_unref(empty, NULL);
    g_assert_cmpint(mcp_grammar_get_mode(empty, NULL), ==, MCP_GRAMMAR_VOICE);
    g_assert_null(mcp_grammar_matcher_new(empty, NULL, 0));
    g_assert_cmpint(mcp_grammar_matcher_feed(empty, NULL, '1'), ==, MCP_MATCH_NONE);
    g_assert_null(mcp_grammar_matcher_result(empty, NULL, &error));
    expect_unsupported(&error);
    mcp_grammar_matcher_free(empty, NULL);
    g_assert_null(mcp_grammar_match_words(empty, NULL, 0, "yes", &error));
    expect_unsupported(&error);
    g_assert_null(mcp_grammar_list_matches(empty, NULL, 0, "yes", 2, &error));
    expect_unsupported(&error);
    g_assert_null(mcp_grammar_to_fsg(empty, NULL, 10, &error));
    expect_unsupported(&error);
}

static void
test_leg_setup(void)
{
    g_autoptr(GError) error = NULL;

    mcp_leg_set_handler(empty, NULL, NULL);
    mcp_leg_set_guard(empty, NULL, NULL);
    g_assert_null(mcp_leg_create_offer(empty, &error));
    expect_unsupported(&error);
    g_assert_null(mcp_leg_answer(empty, NULL, &error));
    expect_unsupported(&error);
    g_assert_false(mcp_leg_apply_answer(empty, NULL, &error));
    expect_unsupported(&error);
    mcp_leg_rollback(empty);
    mcp_leg_start(empty);
    mcp_leg_describe(empty, NULL);
    mcp_leg_close(empty);
}

static void
test_leg(void)
{
    McpArm arm = {.no_input = -1};
    McpDigit digit = {.digit = '?'};
    McpLegStatistics statistics;
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(mcp_leg_play(empty, NULL, 0), ==, 0);
    mcp_leg_stop(empty, 1);
    mcp_leg_arm(empty, &arm);
    mcp_leg_disarm(empty);
    g_assert_false(mcp_leg_take_digit(empty, &digit));
    g_assert_cmpint(digit.digit, ==, '?');
    mcp_leg_flush_digits(empty);
    mcp_leg_put_digit(empty, '1', 100);
    g_assert_false(mcp_leg_send_digits(empty, "1", 100, 100, &error));
    expect_unsupported(&error);
    g_assert_false(mcp_leg_record(empty, NULL, &error));
    expect_unsupported(&error);
    mcp_leg_stop_recording(empty);
    g_assert_false(mcp_leg_pause_recording(empty, TRUE, MCP_RECORD_PAUSE_SILENCE, &error));
    expect_unsupported(&error);
    /* The one out parameter that is always written: its reader has no other way to know. */
    memset(&statistics, 0xff, sizeof statistics);
    mcp_leg_get_statistics(empty, &statistics);
    g_assert_cmpuint(statistics.packets_sent, ==, 0);
    g_assert_null(statistics.codec);
}

static void
test_leg_company(void)
{
    const McpProgressParams progress = {0};
    const McpTapParams params = {0};
    g_autoptr(GError) error = NULL;

    g_assert_false(mcp_leg_watch_progress(empty, &progress, &error));
    expect_unsupported(&error);
    g_assert_false(mcp_leg_bridge(empty, empty, &error));
    expect_unsupported(&error);
    mcp_leg_leave(empty);
    g_assert_null(mcp_leg_tap(empty, &params, &error));
    expect_unsupported(&error);
}

static void
test_room(void)
{
    McpRoomMember member = {.gain = 1};
    g_autoptr(GError) error = NULL;

    g_assert_cmpstr(mcp_room_get_name(empty), ==, "");
    mcp_room_set_handler(empty, NULL, NULL);
    g_assert_false(mcp_room_join(empty, empty, &member, &error));
    expect_unsupported(&error);
    g_assert_false(mcp_room_change_member(empty, "x", &member, &error));
    expect_unsupported(&error);
    g_assert_false(mcp_room_get_member(empty, "x", &member));
    g_assert_cmpfloat(member.gain, ==, 1);
    g_assert_false(mcp_room_remove_member(empty, "x", &error));
    expect_unsupported(&error);
    g_assert_cmpuint(mcp_room_play(empty, NULL, 0), ==, 0);
    mcp_room_stop(empty, 1);
    g_assert_false(mcp_room_record(empty, NULL, &error));
    expect_unsupported(&error);
    mcp_room_stop_recording(empty);
    mcp_room_describe(empty, NULL);
}

/* A tap without anything is one that has ended: its consumer waits for nothing. */
static void
test_tap(void)
{
    McpTapFrame frame = {.dropped = 7};
    McpTapFigures figures;

    memset(&figures, 0xff, sizeof figures);
    mcp_tap_set_ready(empty, NULL, NULL);
    g_assert_false(mcp_tap_read(empty, &frame));
    g_assert_cmpuint(frame.dropped, ==, 7);
    g_assert_true(mcp_tap_has_ended(empty));
    mcp_tap_get_figures(empty, &figures);
    g_assert_cmpuint(figures.frames + figures.dropped, ==, 0);
    mcp_tap_close(empty);
}

static void
test_listener(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(mcp_listener_mount(empty, "x", "/x", NULL, NULL, &error));
    expect_unsupported(&error);
    mcp_listener_unmount(empty, "x", "/x");
    mcp_listener_respond(empty, NULL, 200, NULL, NULL, 0);
    mcp_listener_stream_begin(empty, NULL, "text/plain", NULL, NULL);
    g_assert_false(mcp_listener_stream_write(empty, NULL, "x", 1));
    mcp_listener_stream_end(empty, NULL);
}

static void
test_media(void)
{
    McpLegParams params = {.call_id = "x"};
    Finished finished = {0};
    gint64 duration = -1;
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_media_create_leg(empty, &params, &error));
    expect_unsupported(&error);
    g_assert_null(mcp_media_open_room(empty, "x", NULL, &error));
    expect_unsupported(&error);
    mcp_json_begin_object(json, NULL);
    mcp_media_list_rooms(empty, json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    g_assert_cmpstr(text, ==, "{\"rooms\":[]}");
    mcp_media_prepare_async(empty, NULL, NULL, NULL, on_finished, &finished);
    finished_wait(&finished);
    g_assert_false(mcp_media_prepare_finish(empty, finished.result, &duration, &error));
    expect_unsupported(&error);
    g_assert_cmpint(duration, ==, -1);
    finished_clear(&finished);
}

static void
test_signalling(void)
{
    McpPlaceParams params = {.target = "sip:x@127.0.0.1"};
    Finished finished = {0};
    g_autoptr(GPtrArray) ladder = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_signalling_place(empty, &params, &error));
    expect_unsupported(&error);
    mcp_signalling_ping_async(empty, params.target, 1, NULL, on_finished, &finished);
    finished_wait(&finished);
    g_assert_cmpuint(mcp_signalling_ping_finish(empty, finished.result, &error), ==, 0);
    expect_unsupported(&error);
    finished_clear(&finished);
    mcp_session_set_handler(empty, NULL, NULL, NULL, NULL);
    mcp_session_progress(empty, 180, NULL);
    mcp_session_answer(empty, NULL, NULL);
    mcp_session_reject(empty, NULL);
    mcp_session_offer(empty, NULL);
    mcp_session_answer_offer(empty, NULL);
    mcp_session_reject_offer(empty, NULL);
    mcp_session_send_info(empty, "text/plain", NULL);
    mcp_session_end(empty, NULL, NULL, NULL);
    mcp_session_refer(empty, NULL);
    mcp_session_answer_refer(empty, 202, NULL);
    mcp_session_notify_refer(empty, 200);
    mcp_session_refer_session(empty, empty, NULL);
    ladder = mcp_session_get_ladder(empty);
    g_assert_nonnull(ladder);
    g_assert_cmpuint(ladder->len, ==, 0);
    g_assert_null(mcp_session_get_sip_call_id(empty));
}

static void
test_store(void)
{
    McpStoreObject object = {.name = "x"};
    Finished finished = {0};
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_store_open(empty, &object, &error));
    expect_unsupported(&error);
    mcp_store_read_async(empty, "x", NULL, on_finished, &finished);
    finished_wait(&finished);
    g_assert_null(mcp_store_read_finish(empty, finished.result, &error));
    expect_unsupported(&error);
    finished_clear(&finished);
    g_assert_false(mcp_store_stream_append(empty, "x", 1));
    mcp_store_stream_patch(empty, 0, "x", 1);
    mcp_store_stream_commit_async(empty, NULL, on_finished, &finished);
    finished_wait(&finished);
    g_assert_false(mcp_store_stream_commit_finish(empty, finished.result, &error));
    expect_unsupported(&error);
    finished_clear(&finished);
    mcp_store_stream_abort(empty);
    g_assert_null(mcp_store_stream_get_name(empty));
    g_assert_cmpuint(mcp_store_stream_get_length(empty), ==, 0);
}

static void
test_synthesizer(void)
{
    McpSynthesisRequest request = {.text = "x"};
    Finished finished = {0};
    g_autoptr(GError) error = NULL;

    mcp_synthesizer_synthesize_async(empty, &request, NULL, on_finished, &finished);
    finished_wait(&finished);
    g_assert_null(mcp_synthesizer_synthesize_finish(empty, finished.result, &error));
    expect_unsupported(&error);
    finished_clear(&finished);
}

static void
note_end(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

static void
test_credentials(void)
{
    gboolean ended = FALSE;
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_credentials_get(empty, "x", &error));
    expect_unsupported(&error);
    g_assert_cmpuint(mcp_credentials_watch(empty, "x", NULL, NULL, &ended, note_end), ==, 0);
    g_assert_true(ended);
    mcp_credentials_unwatch(empty, 0);
    mcp_credentials_unwatch(empty, 1);
}

static gpointer
fetch_there(gpointer data)
{
    test_fetcher();
    test_store();
    return NULL;
}

static void
test_context(void)
{
    in_thread(fetch_there, NULL);
}

typedef struct {
    McpRecognition *recognition;
    guint failed;
} Refusal;

static void
on_refusal(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    Refusal *refusal = user_data;
    g_autoptr(GError) error = g_error_copy(event->error);

    g_assert_true(recognition == refusal->recognition);
    g_assert_cmpint(event->type, ==, MCP_RECOGNITION_FAILED);
    g_assert_true(event->elsewhere);
    expect_unsupported(&error);
    refusal->failed++;
}

static void
test_recognizer(void)
{
    McpRecognitionRequest request = {.n_best = 1};
    McpTapParams params = {0};
    Refusal refusal = {0};

    mcp_recognizer_get_format(empty, &params);
    g_assert_cmpint(params.source, ==, MCP_TAP_HEARD);
    refusal.recognition = mcp_recognizer_begin(empty, &request, on_refusal, &refusal);
    g_assert_cmpuint(refusal.failed, ==, 0);
    wait_count(&refusal.failed, 1, "the refusal");
    mcp_recognition_stop(refusal.recognition);
    g_clear_object(&refusal.recognition);
    refusal.recognition = mcp_recognizer_begin(empty, &request, on_refusal, &refusal);
    mcp_recognition_stop(refusal.recognition);
    settle(20);
    g_assert_cmpuint(refusal.failed, ==, 1);
    g_clear_object(&refusal.recognition);
}

#define ADD(name, func) g_test_add_func("/empty/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    ADD("call-sink", test_call_sink);
    ADD("credentials", test_credentials);
    ADD("dialog", test_dialog);
    ADD("fetcher", test_fetcher);
    ADD("grammar", test_grammar);
    ADD("leg-setup", test_leg_setup);
    ADD("leg", test_leg);
    ADD("leg-company", test_leg_company);
    ADD("listener", test_listener);
    ADD("media", test_media);
    ADD("recognizer", test_recognizer);
    ADD("room", test_room);
    ADD("signalling", test_signalling);
    ADD("store", test_store);
    ADD("synthesizer", test_synthesizer);
    ADD("tap", test_tap);
    ADD("context", test_context);
    empty = g_object_new(EMPTY_TYPE_PROVIDER, NULL);
    result = g_test_run();
    g_assert_finalize_object(empty);
    shard_end();
    return result;
}
