/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what SPEAK brings: text and SSML, cut at its marks, with the voice of its header. */
#include <mrcp_resources/speech_text.h>

#include <string.h>

#define SPEAK                                                \
    "<speak version=\"1.0\" xml:lang=\"en-GB\" xmlns=\"http" \
    "://www.w3.org/2001/10/synthesis\">"
#define HEAD(lang) \
    "<speak version=\"1.0\" xmlns=\"http://www.w3.org/2001/10/synthesis\" xml:lang=\"" lang "\">"

static GPtrArray *
cut(const char *text, const McpMrcpdVoice *voice)
{
    static const McpMrcpdVoice none = {NULL};
    g_autoptr(GBytes) document = g_bytes_new_static(text, strlen(text));
    g_autoptr(GError) error = NULL;
    GPtrArray *pieces = mcp_mrcpd_pieces_of_ssml(document, voice != NULL ? voice : &none, &error);

    g_assert_no_error(error);
    return pieces;
}

static void
assert_said(const GPtrArray *pieces, guint index, const char *ssml)
{
    const McpMrcpdPiece *piece = pieces->pdata[index];

    g_assert_null(piece->mark);
    g_assert_cmpstr(piece->ssml, ==, ssml);
}

static void
assert_mark(const GPtrArray *pieces, guint index, const char *mark)
{
    const McpMrcpdPiece *piece = pieces->pdata[index];

    g_assert_null(piece->ssml);
    g_assert_cmpstr(piece->mark, ==, mark);
}

static void
test_text(void)
{
    const McpMrcpdVoice voice = {
        .language = "de", .gender = "female", .rate = "slow", .volume = "+6dB"};
    g_autoptr(GPtrArray) pieces = mcp_mrcpd_pieces_of_text("1 < 2 & \"3\"", &voice);

    g_assert_cmpuint(pieces->len, ==, 1);
    assert_said(pieces, 0,
                HEAD("de") "<voice gender=\"female\"><prosody rate=\"slow\" volume=\"+6dB\">"
                           "1 &lt; 2 &amp; &quot;3&quot;</prosody></voice></speak>");
}

/* What is open at a mark is closed, and opened again behind it. */
static void
test_marks(void)
{
    g_autoptr(GPtrArray) pieces =
        cut(SPEAK "<mark name=\"a\"/><p xml:lang=\"en-US\">One <emphasis level=\"strong\">two"
                  "<mark name=\"b\"/> three</emphasis></p> <mark/>\n</speak>",
            NULL);

    g_assert_cmpuint(pieces->len, ==, 5);
    assert_mark(pieces, 0, "a");
    assert_said(pieces, 1,
                HEAD("en-GB") "<p xml:lang=\"en-US\">One <emphasis level=\"strong\">two"
                              "</emphasis></p></speak>");
    assert_mark(pieces, 2, "b");
    assert_said(pieces, 3,
                HEAD("en-GB") "<p xml:lang=\"en-US\"><emphasis level=\"strong\"> three"
                              "</emphasis></p> </speak>");
    assert_mark(pieces, 4, "");
}

/* §8.4.6 counts for documents, §8.4.7 does not. */
static void
test_voice(void)
{
    const McpMrcpdVoice voice = {.language = "fr", .age = "7", .variant = "2", .rate = "slow"};
    g_autoptr(GPtrArray) pieces = cut(
        "<speak version=\"1.0\" xmlns=\"http://www.w3.org/2001/10/synthesis\">Hi</speak>", &voice);
    g_autoptr(GPtrArray) own = cut(SPEAK "Hi</speak>", &voice);

    assert_said(pieces, 0, HEAD("fr") "<voice age=\"7\" variant=\"2\">Hi</voice></speak>");
    assert_said(own, 0, HEAD("en-GB") "<voice age=\"7\" variant=\"2\">Hi</voice></speak>");
}

/* Silence is something to play, white space is not; other vocabularies stay what they are. */
static void
test_content(void)
{
    g_autoptr(GPtrArray) nothing = cut(SPEAK " \n </speak>", NULL);
    g_autoptr(GPtrArray) silence = cut(SPEAK "<break time=\"1s\"/></speak>", NULL);
    g_autoptr(GPtrArray) foreign =
        cut("<speak version=\"1.0\" xmlns=\"http://www.w3.org/2001/10/synthesis\" "
            "xmlns:x=\"urn:x\"><x:y z=\"1\" x:w=\"2\">Hi</x:y></speak>",
            NULL);

    g_assert_cmpuint(nothing->len, ==, 0);
    g_assert_cmpuint(silence->len, ==, 1);
    g_assert_nonnull(
        strstr(((McpMrcpdPiece *)foreign->pdata[0])->ssml, "<y xmlns=\"urn:x\" z=\"1\">Hi</y>"));
}

static void
test_faults(void)
{
    static const char *const faults[] = {"", "words", "<speak>", "<grammar/>",
                                         SPEAK "<break time=\"soon\"/></speak>"};
    const McpMrcpdVoice voice = {NULL};

    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autoptr(GBytes) document = g_bytes_new_static(faults[i], strlen(faults[i]));
        g_autoptr(GError) error = NULL;

        g_assert_null(mcp_mrcpd_pieces_of_ssml(document, &voice, &error));
        g_assert_nonnull(error);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp-resources/speech-text/text", test_text);
    g_test_add_func("/mrcp-resources/speech-text/marks", test_marks);
    g_test_add_func("/mrcp-resources/speech-text/voice", test_voice);
    g_test_add_func("/mrcp-resources/speech-text/content", test_content);
    g_test_add_func("/mrcp-resources/speech-text/faults", test_faults);
    return g_test_run();
}
