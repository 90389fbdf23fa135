/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of google-asr that it does not share with google-tts, whose tests show the others.
 */
#include "config.h"

#include "settings/settings.h"

#include <glib/gstdio.h>
#include <mcp/error.h>
#include <string.h>

typedef struct {
    char *folder;
    McpSchema *schema;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
    f->folder = g_dir_make_tmp("mcp-google-XXXXXX", NULL);
    f->schema = mcp_schema_new();
    g_assert_true(mcp_schema_add(f->schema, mcp_google_asr_settings, NULL));
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
    g_assert_cmpint(g_rmdir(f->folder), ==, 0);
    mcp_schema_unref(f->schema);
    g_free(f->folder);
}

static McpGoogleAsrConfig *
load(Fixture *f, const char *lines, GError **error)
{
    g_autofree char *path = g_build_filename(f->folder, "mcp.conf", NULL);
    g_autofree char *text = g_strconcat("[google-asr]\n", lines, "\n", NULL);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    McpSettingsSource source = {path, NULL, NULL};
    g_autoptr(McpSettings) settings = NULL;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    settings = mcp_settings_load(f->schema, &source, errors);
    g_unlink(path);
    if (errors->len > 0) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, errors->pdata[0]);
        return NULL;
    }
    return mcp_google_asr_config_new(settings, error);
}

static void
test_defaults(Fixture *f, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpGoogleAsrConfig) config = load(f, "", &error);

    g_assert_no_error(error);
    g_assert_cmpstr(config->access.endpoint, ==, "speech.googleapis.com:443");
    g_assert_null(config->access.account);
    g_assert_cmpstr(config->language, ==, "en-US");
    g_assert_cmpstr(config->model, ==, "telephony");
    g_assert_cmpint(config->encoding, ==, MCP_GOOGLE_ASR_LINEAR16);
    g_assert_cmpuint(config->rate, ==, 8000);
    g_assert_cmpint(config->stall, ==, 2 * G_USEC_PER_SEC);
    g_assert_cmpint(config->stream_length, ==, 290 * G_USEC_PER_SEC);
    g_assert_cmpuint(config->streams_connection, ==, 100);
}

static void
test_values(Fixture *f, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpGoogleAsrConfig) config =
        load(f, "model =\nencoding = mulaw\nrate = 16000\nboost = 12.5\nsingle_utterance = true",
             &error);

    g_assert_no_error(error);
    g_assert_null(config->model);
    g_assert_cmpint(config->encoding, ==, MCP_GOOGLE_ASR_MULAW);
    g_assert_cmpuint(config->rate, ==, 16000);
    g_assert_cmpfloat(config->boost, ==, 12.5);
    g_assert_true(config->single_utterance);
}

static void
test_faults(Fixture *f, gconstpointer unused)
{
    static const struct {
        const char *lines;
        const char *words;
    } rows[] = {
        {"boost = 21", "no number from 0 to 20"},
        {"boost = much", "'much'"},
        {"rate = 11025", "rate"},
        {"stream_length = 306s", "stream_length"},
        {"alternatives = 31", "alternatives"},
        {"endpoint = speech.example", "has no port"},
        {"endpoint = speech.example:443\nplaintext = true", "is not this machine"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(load(f, rows[i].lines, &error));
        g_assert_nonnull(error);
        if (strstr(error->message, rows[i].words) == NULL)
            g_error("'%s' is refused by '%s'", rows[i].lines, error->message);
        g_assert_nonnull(strstr(error->message, "mcp.conf:2"));
    }
}

#define ADD(name, func) \
    g_test_add("/google-asr/config/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("defaults", test_defaults);
    ADD("values", test_values);
    ADD("faults", test_faults);
    return g_test_run();
}
