/* SPDX-License-Identifier: Apache-2.0 */
/* What things are called in both versions of MRCP, and messages of one as those of the other. */
#include <mrcp/translate.h>

#include <mcp/error.h>
#include <string.h>

static char *
write_one(const McpMrcpMessage *message)
{
    g_autoptr(GBytes) bytes = mcp_mrcp_message_encode(message);

    return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void
test_resources(void)
{
    McpMrcpResource resource = MCP_MRCP_RECORDER;

    g_assert_true(mcp_mrcp_resource_find(MCP_MRCP_V2, "SpeechRecog", &resource));
    g_assert_cmpint(resource, ==, MCP_MRCP_SPEECHRECOG);
    g_assert_true(mcp_mrcp_resource_find(MCP_MRCP_V1, "speechsynthesizer", &resource));
    g_assert_cmpint(resource, ==, MCP_MRCP_SPEECHSYNTH);
    g_assert_false(mcp_mrcp_resource_find(MCP_MRCP_V1, "recorder", &resource));
    g_assert_false(mcp_mrcp_resource_find(MCP_MRCP_V2, "", &resource));
    g_assert_null(mcp_mrcp_resource_name(MCP_MRCP_V1, MCP_MRCP_SPEAKVERIFY));
    g_assert_cmpstr(mcp_mrcp_resource_name(MCP_MRCP_V2, MCP_MRCP_DTMFRECOG), ==, "dtmfrecog");
}

static void
test_has(void)
{
    g_assert_true(mcp_mrcp_has_method(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, "RECOGNIZE"));
    g_assert_true(mcp_mrcp_has_method(MCP_MRCP_V2, MCP_MRCP_DTMFRECOG, "recognize"));
    g_assert_false(mcp_mrcp_has_method(MCP_MRCP_V2, MCP_MRCP_SPEECHSYNTH, "RECOGNIZE"));
    g_assert_false(mcp_mrcp_has_method(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, "START-OF-INPUT"));
    g_assert_true(mcp_mrcp_has_event(MCP_MRCP_V2, MCP_MRCP_RECORDER, "START-OF-INPUT"));
    g_assert_false(mcp_mrcp_has_event(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, "START-OF-SPEECH"));
    g_assert_true(mcp_mrcp_has_event(MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, "START-OF-SPEECH"));
    g_assert_true(
        mcp_mrcp_has_method(MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, "RECOGNITION-START-TIMERS"));
    g_assert_false(mcp_mrcp_has_method(MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, "INTERPRET"));
    g_assert_false(mcp_mrcp_has_method(MCP_MRCP_V1, MCP_MRCP_RECORDER, "STOP"));
    g_assert_true(mcp_mrcp_has_field(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, "start-input-timers"));
    g_assert_false(mcp_mrcp_has_field(MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, "Start-Input-Timers"));
    g_assert_false(mcp_mrcp_has_field(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, "Voice-Gender"));
}

static void
test_causes(void)
{
    g_autofree char *text =
        mcp_mrcp_cause_text(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, MCP_MRCP_RECOG_NO_MATCH_MAXTIME);
    g_autofree char *other = mcp_mrcp_cause_text(MCP_MRCP_V1, MCP_MRCP_RECORDER, 7);
    guint code = 0;

    g_assert_cmpstr(text, ==, "015 no-match-maxtime");
    g_assert_cmpstr(other, ==, "007 unknown");
    for (guint i = 0; i < MCP_MRCP_N_RESOURCES; i++) {
        for (guint k = 0; mcp_mrcp_cause(MCP_MRCP_V2, (McpMrcpResource)i, k) != NULL; k++) {
            const McpMrcpCause *cause = mcp_mrcp_cause(MCP_MRCP_V2, (McpMrcpResource)i, k);

            g_assert_cmpuint(cause->code, ==, k);
            g_assert_true(
                mcp_mrcp_cause_parse(MCP_MRCP_V2, (McpMrcpResource)i, cause->name, &code));
            g_assert_cmpuint(code, ==, k);
        }
    }
    g_assert_true(mcp_mrcp_cause_parse(MCP_MRCP_V2, MCP_MRCP_RECORDER, "  2  what", &code));
    g_assert_cmpuint(code, ==, MCP_MRCP_RECORD_NO_INPUT_TIMEOUT);
    g_assert_false(mcp_mrcp_cause_parse(MCP_MRCP_V2, MCP_MRCP_RECORDER, "no-match", &code));
    g_assert_false(mcp_mrcp_cause_parse(MCP_MRCP_V2, MCP_MRCP_RECORDER, "", &code));
    g_assert_cmpuint(mcp_mrcp_cause_translate(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, 8), ==,
                     MCP_MRCP_RECOG_NO_MATCH_MAXTIME);
    g_assert_cmpuint(
        mcp_mrcp_cause_translate(MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, MCP_MRCP_RECOG_SUCCESS_MAXTIME),
        ==, 0);
    g_assert_cmpuint(mcp_mrcp_cause_translate(MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, 99), ==, 99);
    /* Whatever one version says has a name in the other. */
    for (guint k = 0; mcp_mrcp_cause(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, k) != NULL; k++)
        g_assert_nonnull(
            mcp_mrcp_cause(MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG,
                           mcp_mrcp_cause_translate(MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, k)));
}

static void
test_request(void)
{
    g_autoptr(McpMrcpMessage) message = mcp_mrcp_request_new(MCP_MRCP_V2, "RECOGNIZE", 2);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    g_autofree char *back = NULL;

    mcp_mrcp_message_set(message, "Channel-Identifier", "1@speechrecog");
    mcp_mrcp_message_set(message, "Confidence-Threshold", "0.625");
    mcp_mrcp_message_set(message, "Sensitivity-Level", "1.0");
    mcp_mrcp_message_set(message, "Speed-Vs-Accuracy", "fast");
    mcp_mrcp_message_set(message, "Start-Input-Timers", "false");
    mcp_mrcp_message_set(message, "Recognition-Mode", "normal");
    mcp_mrcp_message_set(message, "X-Own", "kept");
    g_assert_true(mcp_mrcp_message_translate(message, MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, &error));
    g_assert_no_error(error);
    text = write_one(message);
    g_assert_cmpstr(text, ==,
                    "RECOGNIZE 2 MRCP/1.0\r\nConfidence-Threshold: 63\r\n"
                    "Sensitivity-Level: 100\r\nSpeed-Vs-Accuracy: fast\r\n"
                    "Recognizer-Start-Timers: false\r\nX-Own: kept\r\n\r\n");
    g_assert_true(mcp_mrcp_message_translate(message, MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, NULL));
    back = write_one(message);
    g_assert_nonnull(strstr(back, "Confidence-Threshold: 0.63\r\nSensitivity-Level: 1.0\r\n"));
    g_assert_nonnull(strstr(back, "Start-Input-Timers: false\r\n"));
}

static void
test_event(void)
{
    g_autoptr(McpMrcpMessage) message =
        mcp_mrcp_event_new(MCP_MRCP_V1, "START-OF-SPEECH", 2, MCP_MRCP_IN_PROGRESS);
    g_autoptr(McpMrcpMessage) complete =
        mcp_mrcp_event_new(MCP_MRCP_V1, "RECOGNITION-COMPLETE", 2, MCP_MRCP_COMPLETE);
    g_autoptr(McpMrcpMessage) mark =
        mcp_mrcp_event_new(MCP_MRCP_V2, "SPEECH-MARKER", 2, MCP_MRCP_IN_PROGRESS);

    g_assert_true(mcp_mrcp_message_translate(message, MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, NULL));
    g_assert_cmpstr(message->name, ==, "START-OF-INPUT");
    mcp_mrcp_message_set(complete, "Completion-Cause", "008 too-much-speech-timeout");
    mcp_mrcp_message_set(complete, "Content-Type", "application/x-nlsml ; charset=utf-8");
    mcp_mrcp_message_set(complete, "Waveform-URL", "http://192.0.2.1/a.wav");
    g_assert_true(mcp_mrcp_message_translate(complete, MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, NULL));
    g_assert_cmpstr(mcp_mrcp_message_get(complete, "Completion-Cause"), ==, "015 no-match-maxtime");
    g_assert_cmpstr(mcp_mrcp_message_get(complete, "Content-Type"), ==,
                    "application/nlsml+xml; charset=utf-8");
    g_assert_nonnull(mcp_mrcp_message_get(complete, "Waveform-URI"));
    mcp_mrcp_message_set(mark, "Speech-Marker", "timestamp=857206027059;here");
    mcp_mrcp_message_set(mark, "Completion-Cause", "what");
    g_assert_true(mcp_mrcp_message_translate(mark, MCP_MRCP_V1, MCP_MRCP_SPEECHSYNTH, NULL));
    g_assert_cmpstr(mcp_mrcp_message_get(mark, "Speech-Marker"), ==, "here");
    g_assert_cmpstr(mcp_mrcp_message_get(mark, "Completion-Cause"), ==, "what");
    g_assert_true(mcp_mrcp_message_translate(mark, MCP_MRCP_V2, MCP_MRCP_SPEECHSYNTH, NULL));
    g_assert_cmpstr(mcp_mrcp_message_get(mark, "Speech-Marker"), ==, "timestamp=0;here");
    /* When something was said, and no mark, is nothing that v1 could say. */
    mcp_mrcp_message_set(mark, "Speech-Marker", "timestamp=857206027059");
    g_assert_true(mcp_mrcp_message_translate(mark, MCP_MRCP_V1, MCP_MRCP_SPEECHSYNTH, NULL));
    g_assert_null(mcp_mrcp_message_get(mark, "Speech-Marker"));
}

/* What a recognizer is given: names without < and >, the older media types, no weights. */
static void
test_grammars(void)
{
    static const char references[] = "<session:a@b>;weight=\"2.000\"\r\n\r\n<http://192.0.2.1/"
                                     "x>;weight=\"1.0\"\nbuiltin:digits\r\n";
    g_autoptr(McpMrcpMessage) define = mcp_mrcp_request_new(MCP_MRCP_V2, "DEFINE-GRAMMAR", 1);
    g_autoptr(McpMrcpMessage) recognize = mcp_mrcp_request_new(MCP_MRCP_V2, "RECOGNIZE", 2);
    g_autoptr(GBytes) body = g_bytes_new_static(references, strlen(references));
    g_autofree char *text = NULL;

    mcp_mrcp_message_set(define, "Content-ID", "<a@b>");
    mcp_mrcp_message_set_body(define, "application/srgs+xml", body);
    g_assert_true(mcp_mrcp_message_translate(define, MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, NULL));
    g_assert_cmpstr(mcp_mrcp_message_get(define, "Content-Id"), ==, "a@b");
    g_assert_cmpstr(mcp_mrcp_message_get(define, "Content-Type"), ==, "application/grammar+xml");
    g_assert_true(g_bytes_equal(define->body, body));
    g_assert_true(mcp_mrcp_message_translate(define, MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, NULL));
    g_assert_cmpstr(mcp_mrcp_message_get(define, "Content-Id"), ==, "<a@b>");
    g_assert_cmpstr(mcp_mrcp_message_get(define, "Content-Type"), ==, "application/srgs+xml");
    mcp_mrcp_message_set_body(recognize, "text/grammar-ref-list", body);
    g_assert_true(mcp_mrcp_message_translate(recognize, MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, NULL));
    text = write_one(recognize);
    g_assert_nonnull(strstr(text, "Content-Type: text/uri-list\r\n"));
    g_assert_nonnull(
        strstr(text, "\r\n\r\nsession:a@b\r\nhttp://192.0.2.1/x\r\nbuiltin:digits\r\n"));
}

static void
test_untranslatable(void)
{
    g_autoptr(McpMrcpMessage) interpret = mcp_mrcp_request_new(MCP_MRCP_V2, "INTERPRET", 2);
    g_autoptr(McpMrcpMessage) stop = mcp_mrcp_request_new(MCP_MRCP_V2, "STOP", 2);
    g_autoptr(McpMrcpMessage) response =
        mcp_mrcp_response_new(MCP_MRCP_V1, 1, 407, MCP_MRCP_COMPLETE);
    g_autoptr(GError) error = NULL;

    g_assert_false(
        mcp_mrcp_message_translate(interpret, MCP_MRCP_V1, MCP_MRCP_SPEECHRECOG, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    g_assert_cmpint(interpret->version, ==, MCP_MRCP_V2);
    g_assert_false(mcp_mrcp_message_translate(stop, MCP_MRCP_V1, MCP_MRCP_RECORDER, NULL));
    g_assert_true(mcp_mrcp_message_translate(stop, MCP_MRCP_V2, MCP_MRCP_RECORDER, NULL));
    g_assert_true(mcp_mrcp_message_translate(response, MCP_MRCP_V2, MCP_MRCP_SPEECHSYNTH, NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp/names/resources", test_resources);
    g_test_add_func("/mrcp/names/has", test_has);
    g_test_add_func("/mrcp/names/causes", test_causes);
    g_test_add_func("/mrcp/translate/request", test_request);
    g_test_add_func("/mrcp/translate/event", test_event);
    g_test_add_func("/mrcp/translate/grammars", test_grammars);
    g_test_add_func("/mrcp/translate/untranslatable", test_untranslatable);
    return g_test_run();
}
