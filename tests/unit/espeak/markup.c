/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine gets of SSML and text, and which voice speaks a language. */
#include "ssml.h"

#include <mcp/error.h>
#include <string.h>

static const char listed[] = "1.51\n22050\n"
                             "M\tGerman\tde 5\n"
                             "M\tFrench (France)\tfr-fr 5\tfr 5\n"
                             "M\tFrench (Belgium)\tfr-be 5\tfr 8\n"
                             "-\tEnglish (America)\ten-us 2\ten 3\n"
                             "M\tEnglish (Great Britain)\ten-gb 2\ten 2\n"
                             "M\tPortuguese (Brazil)\tpt-br 5\n";

static McpEspeakVoices *
get_voices(void)
{
    g_autoptr(GError) error = NULL;
    McpEspeakVoices *voices = mcp_espeak_voices_parse(listed, strlen(listed), &error);

    g_assert_no_error(error);
    return voices;
}

static void
test_documents(void)
{
    static const struct {
        const char *body; /* within a German <speak> */
        const char *text; /* NULL: nothing is said */
        guint silence;
    } rows[] = {
        {"Tag", "Tag", 0},
        {"a &lt;b&gt; &amp; c", "a  b  &amp; c", 0},
        {"<![CDATA[<x y='z'>]]>", " x y='z' ", 0},
        {"a<!-- b -->c<?d e?>", "ac", 0},
        {"a<mark name='x'/>b<metadata>c<d>e</d></metadata>", "ab", 0},
        {"<audio src='/etc/passwd'>a<desc>b</desc></audio>", "a", 0},
        {"<sub alias='zwei'>x</sub>", "zwei", 0},
        {"<phoneme ph='x'>a</phoneme><what>b</what>", "ab", 0},
        {"<x:p xmlns:x='urn:x'>a</x:p>b", "b", 0},
        {"<p><s>a</s><s>b</s></p>", "<p><s>a</s><s>b</s></p>", 0},
        {"<p></p><s> </s>a", " a", 0},
        {"<emphasis level='strong'>a</emphasis>", "<emphasis level=\"strong\">a</emphasis>", 0},
        {"<prosody rate='+10%' pitch='200Hz' contour='(0%,+5Hz)'>a</prosody>",
         "<prosody rate=\"+10%\">a</prosody>", 0},
        {"<prosody duration='2s'>a</prosody>", "a", 0},
        {"<say-as interpret-as='vxml:digits'>12</say-as>",
         "<say-as interpret-as=\"tts:digits\">12</say-as>", 0},
        {"<say-as interpret-as='date'>12</say-as>", "12", 0},
        {"<break time='2s'/>", NULL, 2000},
        {"<break time='2s'/>a<break/><break time='1s'/>b<break time='250ms'/>",
         "a<break time=\"1500ms\"/>b<break time=\"250ms\"/>", 2000},
        {"a<break time='0s'/>b", "ab", 0},
        {"<lang xml:lang='fr-CA'>b</lang>", "<voice xml:lang=\"fr-fr\">b</voice>", 0},
        {"<lang xml:lang='fr'>b</lang>c", "<voice xml:lang=\"fr-fr\">b</voice>c", 0},
        {"<lang xml:lang='de-CH'>b</lang>", "b", 0},
        {"<lang xml:lang='xx'>b</lang>", "b", 0},
        {"<p xml:lang='en-GB'>a</p>b", "<voice xml:lang=\"en-gb\"><p>a</p></voice>b", 0},
        {"<p>a<voice xml:lang='fr'>b</voice>c</p>",
         "<p>a</p><voice xml:lang=\"fr-fr\"><p>b</p></voice><p>c</p>", 0},
        {"<voice xml:lang='fr'>a<voice xml:lang='de'>b</voice>c</voice>",
         "<voice xml:lang=\"fr-fr\">a</voice>b<voice xml:lang=\"fr-fr\">c</voice>", 0},
        {"<voice name='french (belgium)'>a</voice>", "<voice xml:lang=\"fr-be\">a</voice>", 0},
        {"<voice name='../../etc/passwd'>a</voice>", "a", 0},
        {"<voice gender='female'>a</voice>", "<voice xml:lang=\"de\" gender=\"female\">a</voice>",
         0},
    };
    g_autoptr(McpEspeakVoices) voices = get_voices();

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *document =
            g_strdup_printf("<speak version='1.0' xml:lang='de-DE'>%s</speak>", rows[i].body);
        g_autofree char *wanted = rows[i].text != NULL
                                      ? g_strdup_printf("<speak>%s</speak>", rows[i].text)
                                      : g_strdup("");
        g_autoptr(GError) error = NULL;
        g_autoptr(McpEspeakSpeech) speech = mcp_espeak_ssml_read(document, voices, &error);

        g_assert_no_error(error);
        g_assert_cmpstr(speech->text, ==, wanted);
        g_assert_cmpuint(speech->silence, ==, rows[i].silence);
        g_assert_cmpstr(speech->language, ==, "de-DE");
    }
}

static void
test_refused(void)
{
    static const char *const documents[] = {"",
                                            "Tag",
                                            "<speak>",
                                            "<say>Tag</say>",
                                            "<speak>\n<break time='x'/></speak>",
                                            "<speak>\n<prosody rate='quick'>a</prosody></speak>",
                                            "<speak>&#2;</speak>",
                                            "<speak>&nothing;</speak>"};
    g_autoptr(McpEspeakVoices) voices = get_voices();

    for (guint i = 0; i < G_N_ELEMENTS(documents); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(mcp_espeak_ssml_read(documents[i], voices, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

/* What is nested deeper than the engine can is said without its markup. */
static void
test_depth(void)
{
    g_autoptr(McpEspeakVoices) voices = get_voices();
    g_autoptr(GString) document = g_string_new("<speak>");
    g_autoptr(McpEspeakSpeech) speech = NULL;
    g_autoptr(GError) error = NULL;
    guint opened = 0;

    for (guint i = 0; i < 150; i++)
        g_string_append_printf(document, "<prosody rate='%u%%'>", 100 + i);
    g_string_append(document, "tief");
    for (guint i = 0; i < 150; i++)
        g_string_append(document, "</prosody>");
    g_string_append(document, "</speak>");
    speech = mcp_espeak_ssml_read(document->str, voices, &error);
    g_assert_no_error(error);
    for (const char *at = speech->text; (at = strstr(at, "<prosody")) != NULL; at++)
        opened++;
    g_assert_cmpuint(opened, ==, 12);
    g_assert_nonnull(strstr(speech->text, ">tief</prosody>"));
}

static void
test_text(void)
{
    static const struct {
        const char *text;
        const char *wanted; /* NULL: refused */
    } rows[] = {
        {"a < b & c", "a < b & c"},
        {" \n\t", ""},
        {"\x01"
         "99S a\x7f\xc2\x85z",
         " 99S a  z"},
        {"\xee\x80\x80x", " x"},
        {"\x02\x03", ""},
        {"\xc3\xa4\n\xe2\x82\xac", "\xc3\xa4\n\xe2\x82\xac"},
        {"\xff", NULL},
        {"\xed\xa0\x80", NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(McpEspeakSpeech) speech = mcp_espeak_text_read(rows[i].text, &error);

        if (rows[i].wanted == NULL)
            g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
        else
            g_assert_cmpstr(speech->text, ==, rows[i].wanted);
    }
}

static void
test_voices(void)
{
    static const struct {
        const char *language;
        const char *name; /* NULL: none */
    } rows[] = {
        {"de", "German"},
        {"de-AT", "German"},
        {"DE_de", "German"},
        {"fr", "French (France)"},
        {"fr-BE", "French (Belgium)"},
        {"fr-CA", "French (France)"},
        {"en", "English (Great Britain)"},
        {"en-US", "English (America)"},
        {"pt", "Portuguese (Brazil)"},
        {"pt-PT", "Portuguese (Brazil)"},
        {"d", NULL},
        {"deu", NULL},
        {"", NULL},
        {"-", NULL},
        {"xx", NULL},
    };
    g_autoptr(McpEspeakVoices) voices = get_voices();

    g_assert_cmpuint(mcp_espeak_voices_get_length(voices), ==, 6);
    g_assert_cmpuint(mcp_espeak_voices_get_rate(voices), ==, 22050);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const McpEspeakVoice *voice = mcp_espeak_voices_choose(voices, rows[i].language);

        g_assert_cmpstr(voice != NULL ? voice->name : NULL, ==, rows[i].name);
    }
    g_assert_nonnull(mcp_espeak_voices_find(voices, "french_(FRANCE)"));
    g_assert_null(mcp_espeak_voices_find(voices, "French"));
    g_assert_null(mcp_espeak_voices_find(voices, ""));
}

static void
test_bad_lists(void)
{
    static const char *const lists[] = {"",
                                        "1.51\n",
                                        "1.51\n22050\n",
                                        "1.51\n22050\nM\tGerman\n",
                                        "1.51\n7\nM\tGerman\tde 5\n",
                                        "1.51\nx\nM\tGerman\tde 5\n",
                                        "1.51\n22050\nM\tGer\x01man\tde 5\n",
                                        "1.51\n22050\nM\t\xff\tde 5\n"};

    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(mcp_espeak_voices_parse(lists[i], strlen(lists[i]), &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_FAILED);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/espeak/markup/documents", test_documents);
    g_test_add_func("/espeak/markup/refused", test_refused);
    g_test_add_func("/espeak/markup/depth", test_depth);
    g_test_add_func("/espeak/markup/text", test_text);
    g_test_add_func("/espeak/voices/choice", test_voices);
    g_test_add_func("/espeak/voices/bad-lists", test_bad_lists);
    return g_test_run();
}
