/* SPDX-License-Identifier: Apache-2.0 */
/* What MRCPv1 has of its own: URIs, what SETUP may answer, sessions that expire, TLS; settings. */
#include "fixture.h"

#include <string.h>

#define YES "\"result\": [{\"input\": \"yes\", \"instance\": \"yes\", \"confidence\": 0.8}]"
#define SCRIPT(rtsp, step) "{\"rtsp\": {" rtsp "}, \"requests\": {\"RECOGNIZE\": [{" step YES "}]}}"
#define PATIENT "probe = 0s\nconnect_timeout = 50s\ntimeout = 50s\n"

static void
check_turn(Platform *platform)
{
    Turn turn;

    turn_init(&turn);
    turn_run(&turn, platform);
    g_assert_no_error(turn.error);
    g_assert_cmpint(turn.end, ==, MCP_RECOGNITION_MATCH);
    g_assert_cmpstr(turn.words, ==, "yes");
    turn_clear(&turn);
    platform_settle(platform);
}

/* One turn at a server that does what @script says. */
static void
check_server(const char *script, const char *more)
{
    Server server;
    Platform platform;

    server_start(&server, "one", script);
    platform_open_one(&platform, &server, 1, more);
    check_turn(&platform);
    platform_close(&platform);
    g_free(server_end(&server));
}

static void
test_paths(void)
{
    static const struct {
        const char *target;
        const char *more;
        const char *uri;
    } rows[] = {
        {"", "", "/media/speechrecognizer"},
        {"/", "recognizer_path = asr/recog1\n", "/asr/recog1"},
        {"/engine/", "", "/engine/speechrecognizer"},
        {"/engine", "recognizer_path = /recog1\n", "/engine/recog1"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *report = NULL;
        g_autofree char *uri = NULL;
        Server server;
        Platform platform;

        server_start(&server, "one", SCRIPT("", ""));
        platform_open(&platform,
                      "[mrcp.server \"one\"]\ntarget = rtsp://127.0.0.1:%u%s\n%s" PATIENT,
                      server_port(&server, "rtsp"), rows[i].target, rows[i].more);
        check_turn(&platform);
        platform_close(&platform);
        uri = g_strdup_printf("\"uri\": \"rtsp://127.0.0.1:%u%s\"", server_port(&server, "rtsp"),
                              rows[i].uri);
        report = server_end(&server);
        /* SETUP, two ANNOUNCEs, TEARDOWN. */
        g_assert_cmpuint(count_words(report, uri), ==, 4);
    }
}

/* By a name, some of whose addresses may not be listened to. */
static void
test_name(void)
{
    Server server;
    Platform platform;

    server_start(&server, "one", SCRIPT("", ""));
    platform_open(&platform, "[mrcp.server \"one\"]\ntarget = rtsp://localhost:%u\n" PATIENT,
                  server_port(&server, "rtsp"));
    check_turn(&platform);
    platform_close(&platform);
    g_free(server_end(&server));
}

static void
test_redirect(void)
{
    g_autofree char *script = NULL;
    g_autofree char *report = NULL;
    Server first;
    Server second;
    Platform platform;

    server_start(&second, "second", SCRIPT("", ""));
    script = g_strdup_printf("{\"rtsp\": {\"setup\": 302, \"location\": "
                             "\"rtsp://127.0.0.1:%u/media/speechrecognizer\"}}",
                             server_port(&second, "rtsp"));
    server_start(&first, "first", script);
    platform_open_one(&platform, &first, 1, "");
    check_turn(&platform);
    platform_close(&platform);
    report = server_end(&first);
    g_assert_nonnull(strstr(report, "\"sessions\": []"));
    g_free(server_end(&second));
}

/* What a server says to SETUP, and what that is to whoever asked. */
static void
test_refusals(void)
{
    static const struct {
        const char *script;
        McpError code;
    } rows[] = {
        {"{\"rtsp\": {\"setup\": 415}}", MCP_ERROR_MEDIA},
        {"{\"codecs\": [\"OPUS/48000\"]}", MCP_ERROR_MEDIA},
        {"{\"rtsp\": {\"setup\": 408}}", MCP_ERROR_TIMEOUT},
        {"{\"rtsp\": {\"setup\": 503}}", MCP_ERROR_REFUSED},
        {"{\"rtsp\": {\"setup\": 302}}", MCP_ERROR_REFUSED},
        {"{\"rtsp\": {\"setup\": 302, \"location\": \"http://192.0.2.1/\"}}", MCP_ERROR_INVALID},
        {"{\"rtsp\": {\"setup\": 302, \"location\": \"rtsps://192.0.2.1/\"}}", MCP_ERROR_INVALID},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Server server;
        Platform platform;
        Turn turn;

        server_start(&server, "one", rows[i].script);
        platform_open_one(&platform, &server, 1, "codecs = PCMU, PCMA\n");
        turn_init(&turn);
        turn_run(&turn, &platform);
        g_assert_cmpint(turn.end, ==, MCP_RECOGNITION_FAILED);
        g_assert_error(turn.error, MCP_ERROR, (int)rows[i].code);
        g_assert_true(turn.elsewhere);
        turn_clear(&turn);
        platform_settle(&platform);
        platform_close(&platform);
        g_free(server_end(&server));
    }
}

/* Two servers that send whoever comes to each other. */
static void
test_circle(void)
{
    guint ports[2] = {unused_port(), unused_port()};
    Server servers[2];
    Platform platform;
    Turn turn;

    for (guint i = 0; i < 2; i++) {
        g_autofree char *script = g_strdup_printf(
            "{\"rtsp\": {\"setup\": 301, \"location\": \"rtsp://127.0.0.1:%u/\"}}", ports[1 - i]);

        server_start_at(&servers[i], "circle", script, "rtsp", ports[i]);
    }
    platform_open_one(&platform, &servers[0], 1, "");
    turn_init(&turn);
    turn_run(&turn, &platform);
    g_assert_error(turn.error, MCP_ERROR, MCP_ERROR_REFUSED);
    turn_clear(&turn);
    platform_settle(&platform);
    platform_close(&platform);
    for (guint i = 0; i < 2; i++)
        g_free(server_end(&servers[i]));
}

static void
test_no_description(void)
{
    check_server(SCRIPT("\"describe\": false", ""), "");
}

static void
test_own_cseq(void)
{
    check_server(SCRIPT("\"own_cseq\": true", ""), "");
}

/* A caller who says nothing for longer than the server keeps a session. */
static void
test_keep_alive(void)
{
    check_server(SCRIPT("\"timeout\": 6", "\"start\": 8000, "), "");
}

static void
test_tls(void)
{
    g_autofree char *authority = NULL;
    const char *begin = NULL;
    Server server;
    Platform platform;

    server_start(&server, "one", "{\"tls\": true, \"requests\": {\"RECOGNIZE\": [{" YES "}]}}");
    begin = strstr(server.ports, "\"authority\": \"") + strlen("\"authority\": \"");
    authority = g_strndup(begin, strcspn(begin, "\""));
    platform_open(
        &platform,
        "[credentials \"peer\"]\nca_file = %s\n"
        "[mrcp.server \"one\"]\ntarget = rtsps://127.0.0.1:%u\ncredentials = peer\n" PATIENT,
        authority, server_port(&server, "rtsps"));
    check_turn(&platform);
    platform_close(&platform);
    g_free(server_end(&server));
}

static void
test_settings(void)
{
    static const struct {
        const char *lines;
        const char *words;
    } rows[] = {
        {"target = rtsps://192.0.2.1/", "an rtsps: target needs credentials"},
        {"target = rtsp:///media", "is no rtsp: URI of a server"},
        {"target = rtsp://192.0.2.1/\nshare_connections = true",
         "share_connections is for servers of MRCPv2 alone"},
        {"target = sip:192.0.2.1\nrecognizer_path = a",
         "recognizer_path is for servers of MRCPv1 alone"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *outcome = platform_refuse("[mrcp.server \"one\"]\n%s\n", rows[i].lines);

        if (strstr(outcome, rows[i].words) == NULL)
            g_error("%s: %s", rows[i].lines, outcome);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp/rtsp/paths", test_paths);
    g_test_add_func("/mrcp/rtsp/name", test_name);
    g_test_add_func("/mrcp/rtsp/redirect", test_redirect);
    g_test_add_func("/mrcp/rtsp/refusals", test_refusals);
    g_test_add_func("/mrcp/rtsp/circle", test_circle);
    g_test_add_func("/mrcp/rtsp/no-description", test_no_description);
    g_test_add_func("/mrcp/rtsp/own-cseq", test_own_cseq);
    g_test_add_func("/mrcp/rtsp/keep-alive", test_keep_alive);
    g_test_add_func("/mrcp/rtsp/tls", test_tls);
    g_test_add_func("/mrcp/rtsp/settings", test_settings);
    return g_test_run();
}
