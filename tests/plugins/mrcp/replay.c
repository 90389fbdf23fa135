/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole sessions with the server of each capture (peers/replay.py), which is of another make: what
 * we do must be what the captured client did, in its order.
 */
#include "fixture.h"

#include <string.h>

typedef struct {
    const char *capture;
    guint version;
    double confidence; /* of its result; 0: it speaks */
} Row;

static const Row rows[] = {
    {"mrcp-recog1", 1, 0.97},     {"mrcp-synth1", 1, 0}, {"mrcp-recog", 2, 0.97},
    {"mrcp-real-recog", 2, 0.99}, {"mrcp-synth", 2, 0},  {"mrcp-real-synth", 2, 0},
};

/* (transfer full) (nullable): where the captures are; a plain clone does not have them. */
static char *
captures_folder(void)
{
    const char *named = g_getenv("MCP_CONFORMANCE");
    g_autofree char *base = named != NULL ? g_strdup(named)
                                          : g_build_filename(g_getenv("MCP_SOURCE_ROOT"), "..",
                                                             "shared", "conformance", NULL);
    g_autofree char *folder = g_build_filename(base, "..", "protocols", "captures", NULL);

    return g_file_test(folder, G_FILE_TEST_IS_DIR) ? g_steal_pointer(&folder) : NULL;
}

static void
recognize(Platform *platform, double confidence)
{
    Turn turn;

    turn_init(&turn);
    turn_run(&turn, platform);
    g_assert_no_error(turn.error);
    g_assert_cmpint(turn.end, ==, MCP_RECOGNITION_MATCH);
    g_assert_cmpstr(turn.words, ==, "one");
    g_assert_cmpfloat_with_epsilon(turn.confidence, confidence, 0.001);
    g_assert_cmpint(turn.grammar, ==, 0);
    turn_clear(&turn);
}

static void
speak(Platform *platform)
{
    guint ms = 0;
    Prompt prompt;

    prompt_ask(&prompt, platform, "Welcome");
    prompt_wait_end(&prompt);
    g_assert_cmpuint(prompt_level(&prompt, &ms), >, 1000);
    prompt_clear(&prompt);
}

static void
test_capture(gconstpointer data)
{
    const Row *row = data;
    g_autofree char *folder = captures_folder();
    g_autofree char *file = g_strdup_printf("%s/%s.txt", folder, row->capture);
    g_autofree char *report = NULL;
    Server server;
    Platform platform;

    server_replay(&server, file);
    platform_open_one(&platform, &server, row->version, "");
    if (row->confidence > 0)
        recognize(&platform, row->confidence);
    else
        speak(&platform);
    platform_settle(&platform);
    platform_close(&platform);
    report = server_end(&server);
    if (strstr(report, "\"deviations\": []") == NULL)
        g_error("%s: %s", row->capture, report);
}

int
main(int argc, char **argv)
{
    g_autofree char *folder = captures_folder();

    g_test_init(&argc, &argv, NULL);
    if (folder == NULL) {
        g_print("1..0 # SKIP no conformance data (MCP_CONFORMANCE)\n");
        return 0;
    }
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/mrcp/replay/%s", rows[i].capture);

        g_test_add_data_func(path, &rows[i], test_capture);
    }
    return g_test_run();
}
