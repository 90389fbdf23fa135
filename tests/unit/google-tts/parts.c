/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts that need no service: samples out of WAV files, choice of voices, messages that make no
 * sense, errors of calls.
 */
#include "linear16.h"
#include "messages.h"
#include "voices.h"

#include <mcp/error.h>
#include <rpc_error.h>
#include <string.h>

/* One channel of 16 bits at 8000 Hz, four bytes of samples. */
static const guint8 wav[] = {
    'R', 'I', 'F', 'F', 40,  0,   0,   0,   'W', 'A', 'V', 'E', 'f', 'm', 't', ' ',
    16,  0,   0,   0,   1,   0,   1,   0,   64,  31,  0,   0,   128, 62,  0,   0,
    2,   0,   16,  0,   'd', 'a', 't', 'a', 4,   0,   0,   0,   1,   2,   3,   4,
};

static GBytes *
convert(const guint8 *data, gsize length, guint *out_rate, GError **error)
{
    /* Of its own size, so that a byte too far is seen. */
    g_autoptr(GBytes) bytes = g_bytes_new_take(g_memdup2(data, length), length);

    return mcp_google_linear16_from_wav(bytes, out_rate, error);
}

static void
test_wav(void)
{
    g_autoptr(GError) error = NULL;
    guint rate = 0;
    g_autoptr(GBytes) samples = convert(wav, sizeof wav, &rate, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(rate, ==, 8000);
    g_assert_cmpmem(g_bytes_get_data(samples, NULL), g_bytes_get_size(samples), "\2\1\4\3", 4);
}

/* As services write that do not know the length yet. */
static void
test_wav_of_unknown_length(void)
{
    guint8 data[sizeof wav];
    guint rate = 0;
    g_autoptr(GBytes) samples = NULL;

    memcpy(data, wav, sizeof wav);
    memset(data + 40, 0xff, 4);
    samples = convert(data, sizeof data - 1, &rate, NULL);
    g_assert_cmpmem(g_bytes_get_data(samples, NULL), g_bytes_get_size(samples), "\2\1", 2);
}

static void
test_wav_cut(void)
{
    for (gsize length = 1; length < 44; length++) {
        g_autoptr(GError) error = NULL;
        guint rate = 0;
        g_autoptr(GBytes) samples = convert(wav, length, &rate, &error);

        if (length < 36)
            g_assert_error(error, MCP_ERROR, MCP_ERROR_FAILED);
        else
            g_assert_cmpuint(g_bytes_get_size(samples), ==, 0);
    }
}

static void
test_wav_of_other_kinds(void)
{
    /* Place, value: format, channels, rate, bits; and a length that leads past the end. */
    static const guint8 changes[][2] = {{20, 7}, {22, 2}, {25, 0}, {34, 8}, {16, 255}};

    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        guint8 data[sizeof wav];
        g_autoptr(GError) error = NULL;
        guint rate = 0;

        memcpy(data, wav, sizeof wav);
        data[changes[i][0]] = changes[i][1];
        if (i + 1 < G_N_ELEMENTS(changes)) {
            g_assert_null(convert(data, sizeof data, &rate, &error));
            g_assert_error(error, MCP_ERROR, MCP_ERROR_FAILED);
        } else {
            g_autoptr(GBytes) samples = convert(data, sizeof data, &rate, &error);

            g_assert_cmpuint(g_bytes_get_size(samples), ==, 0);
        }
    }
}

static const struct {
    const char *name;
    const char *languages;
    McpGoogleGender gender;
} listed[] = {
    {"nb-NO-Wavenet-A", "nb-NO,no-NO", MCP_GOOGLE_GENDER_FEMALE},
    {"pt-BR-Studio-B", "pt-BR", MCP_GOOGLE_GENDER_MALE},
    {"pt-BR-Standard-A", "pt-BR", MCP_GOOGLE_GENDER_FEMALE},
    {"pt-PT-Standard-B", "pt-PT", MCP_GOOGLE_GENDER_MALE},
};

static void
voice_free(gpointer data)
{
    McpGoogleListedVoice *voice = data;

    g_free(voice->name);
    g_strfreev(voice->languages);
    g_free(voice);
}

static GPtrArray *
make_list(void)
{
    GPtrArray *voices = g_ptr_array_new_with_free_func(voice_free);

    for (guint i = 0; i < G_N_ELEMENTS(listed); i++) {
        McpGoogleListedVoice *voice = g_new0(McpGoogleListedVoice, 1);

        voice->name = g_strdup(listed[i].name);
        voice->languages = g_strsplit(listed[i].languages, ",", -1);
        voice->gender = listed[i].gender;
        g_ptr_array_add(voices, voice);
    }
    return voices;
}

static const struct {
    McpGoogleVoiceWish wish;
    const char *name; /* NULL: none */
    const char *language;
} choices[] = {
    {{"pt-BR", MCP_GOOGLE_GENDER_ANY, ""}, "pt-BR-Studio-B", "pt-BR"},
    {{"pt-BR", MCP_GOOGLE_GENDER_FEMALE, ""}, "pt-BR-Standard-A", "pt-BR"},
    {{"pt-BR", MCP_GOOGLE_GENDER_MALE, "Standard"}, "pt-BR-Standard-A", "pt-BR"},
    {{"PT-pt", MCP_GOOGLE_GENDER_FEMALE, "Wavenet"}, "pt-PT-Standard-B", "pt-PT"},
    {{"pt", MCP_GOOGLE_GENDER_MALE, "Standard"}, "pt-PT-Standard-B", "pt-PT"},
    {{"pt-AO", MCP_GOOGLE_GENDER_FEMALE, "Standard"}, "pt-BR-Standard-A", "pt-BR"},
    {{"no-NO", MCP_GOOGLE_GENDER_NEUTRAL, "Standard"}, "nb-NO-Wavenet-A", "no-NO"},
    {{"p", MCP_GOOGLE_GENDER_ANY, ""}, NULL, NULL},
    {{"", MCP_GOOGLE_GENDER_ANY, ""}, NULL, NULL},
};

static void
test_choices(void)
{
    g_autoptr(GPtrArray) voices = make_list();

    for (guint i = 0; i < G_N_ELEMENTS(choices); i++) {
        McpGoogleVoiceChoice choice = {0};
        g_autoptr(GError) error = NULL;
        gboolean found = mcp_google_voices_choose(voices, &choices[i].wish, &choice, &error);

        g_assert_true(found == (choices[i].name != NULL));
        g_assert_cmpstr(choice.name, ==, choices[i].name);
        g_assert_cmpstr(choice.language, ==, choices[i].language);
        if (!found)
            g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    }
}

static void
test_names(void)
{
    g_autofree char *whole = mcp_google_voice_language("cmn-CN-Chirp3-HD-Kore");

    g_assert_cmpstr(whole, ==, "cmn-CN");
    g_assert_null(mcp_google_voice_language("Kore"));
    g_assert_null(mcp_google_voice_language("de-DE"));
}

/* A message cut anywhere, or with any byte another one, is read or refused. */
static void
test_messages(void)
{
    static const char message[] = "\x0a\x12\x0a\x05"
                                  "de-DE"
                                  "\x12\x07"
                                  "voice-A"
                                  "\x18\x02"
                                  "\x0a\x02\x12\x00";
    gsize length = sizeof message - 1;

    for (gsize i = 0; i <= length * 256; i++) {
        g_autofree char *data = g_memdup2(message, length);
        g_autoptr(GBytes) bytes = NULL;
        g_autoptr(GPtrArray) voices = NULL;
        g_autoptr(GError) error = NULL;

        if (i < length * 256)
            data[i / 256] = (char)(i % 256);
        bytes = g_bytes_new(data, i % 256 == 0 ? i / 256 : length);
        voices = mcp_google_message_read_voices(bytes, &error);
        if (voices == NULL)
            g_assert_error(error, MCP_ERROR, MCP_ERROR_FAILED);
    }
}

static void
test_errors(void)
{
    g_autofree char *long_text = g_strnfill(2000, 'x');
    g_autoptr(GError) quota = mcp_rpc_error_new(8, "no more\xff", 8);
    g_autoptr(GError) bare = mcp_rpc_error_new(14, NULL, 0);
    g_autoptr(GError) strange = mcp_rpc_error_new(77, long_text, 2000);

    g_assert_error(quota, MCP_RPC_ERROR, MCP_RPC_ERROR_RESOURCE_EXHAUSTED);
    g_assert_cmpstr(quota->message, ==, "RESOURCE_EXHAUSTED: no more\xef\xbf\xbd");
    g_assert_cmpstr(bare->message, ==, "UNAVAILABLE");
    g_assert_error(strange, MCP_RPC_ERROR, MCP_RPC_ERROR_UNKNOWN);
    g_assert_cmpuint(strlen(strange->message), <, 500);
    g_assert_null(mcp_rpc_error_new(0, NULL, 0));
    g_assert_cmpstr(mcp_rpc_error_name(-1), ==, "UNKNOWN");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/google-tts/wav", test_wav);
    g_test_add_func("/google-tts/wav-of-unknown-length", test_wav_of_unknown_length);
    g_test_add_func("/google-tts/wav-cut", test_wav_cut);
    g_test_add_func("/google-tts/wav-of-other-kinds", test_wav_of_other_kinds);
    g_test_add_func("/google-tts/choices", test_choices);
    g_test_add_func("/google-tts/names", test_names);
    g_test_add_func("/google-tts/messages", test_messages);
    g_test_add_func("/google-tts/errors", test_errors);
    return g_test_run();
}
