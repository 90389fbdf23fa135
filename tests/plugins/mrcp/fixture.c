/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speech servers as processes, a core in this one, callers and prompts. On the default context.
 */
#include "fixture.h"

#include "talker.h"
#include "util/log.h"

#include <glib/gstdio.h>
#include <mcp/ledger.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#define PATIENCE_US (60 * G_USEC_PER_SEC)
#define PEERS "tests/plugins/mrcp/peers"
#define RATE 8000
/* Where nothing is to fail a busy machine shall not, either. */
#define PATIENT "connect_timeout = 50s\ntimeout = 50s\n"

/* --- waiting --- */

static gboolean
on_tick(gpointer user_data)
{
    return G_SOURCE_CONTINUE;
}

void
wait_until(Waiting condition, gpointer user_data, const char *what)
{
    gint64 end = g_get_monotonic_time() + PATIENCE_US;
    guint id = g_timeout_add(5, on_tick, NULL);

    while (!condition(user_data)) {
        if (g_get_monotonic_time() > end)
            g_error("deadline passed while waiting for %s", what);
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(id);
}

static gboolean
is_true(gpointer user_data)
{
    return *(gboolean *)user_data;
}

static gboolean
on_over(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
    return G_SOURCE_REMOVE;
}

void
run_for(guint ms)
{
    gboolean over = FALSE;

    g_timeout_add(ms, on_over, &over);
    wait_until(is_true, &over, "time to pass");
}

/* --- servers --- */

static char *
path_of(const Server *server, const char *name)
{
    return g_build_filename(server->folder, name, NULL);
}

static gboolean
has_ports(gpointer user_data)
{
    Server *server = user_data;
    g_autofree char *path = path_of(server, "ports");

    return g_file_get_contents(path, &server->ports, NULL, NULL);
}

/* A test that fails takes its servers with it. */
static void
end_with_parent(gpointer user_data)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void
spawn(Server *server, const char *name, const char *const *arguments)
{
    const char *root = g_getenv("MCP_SOURCE_ROOT");
    g_autofree char *ports = path_of(server, "ports");
    g_autofree char *report = path_of(server, "report");
    g_autofree char *program = g_build_filename(root, PEERS, arguments[0], NULL);
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    const char *const head[] = {"/usr/bin/python3", program, "--port-file", ports,
                                "--report",         report,  NULL};

    for (guint i = 0; head[i] != NULL; i++)
        g_ptr_array_add(argv, (gpointer)head[i]);
    for (guint i = 1; arguments[i] != NULL; i++)
        g_ptr_array_add(argv, (gpointer)arguments[i]);
    g_ptr_array_add(argv, NULL);
    server->name = name;
    g_subprocess_launcher_set_child_setup(launcher, end_with_parent, NULL, NULL);
    server->process =
        g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, &error);
    g_assert_no_error(error);
    wait_until(has_ports, server, "a server's ports");
}

static void
make_folder(Server *server)
{
    g_autoptr(GError) error = NULL;

    *server = (Server){.folder = g_dir_make_tmp("mcp-mrcp-XXXXXX", &error)};
    g_assert_no_error(error);
}

void
server_start_at(Server *server, const char *name, const char *script, const char *what, guint port)
{
    g_autofree char *path = NULL;
    g_autofree char *option = g_strdup_printf("--%s-port", what);
    g_autofree char *number = g_strdup_printf("%u", port);

    make_folder(server);
    path = path_of(server, "script");
    g_assert_true(g_file_set_contents(path, script != NULL ? script : "{}", -1, NULL));
    spawn(server, name, (const char *const[]){"server.py", "--script", path, option, number, NULL});
}

void
server_start(Server *server, const char *name, const char *script)
{
    server_start_at(server, name, script, "rtsp", 0);
}

void
server_replay(Server *server, const char *file)
{
    make_folder(server);
    server->replays = TRUE;
    spawn(server, file,
          (const char *const[]){"replay.py", "--capture", file, "--speed", "5", NULL});
}

guint
server_port(const Server *server, const char *what)
{
    g_autofree char *key = g_strdup_printf("\"%s\": ", what);
    const char *found = strstr(server->ports, key);

    g_assert_nonnull(found);
    return (guint)g_ascii_strtoull(found + strlen(key), NULL, 10);
}

char *
server_target(const Server *server, guint version)
{
    return version == 1 ? g_strdup_printf("target = rtsp://127.0.0.1:%u/\nprobe = 0s\n",
                                          server_port(server, "rtsp"))
                        : g_strdup_printf("target = sip:127.0.0.1:%u\nprobe = 0s\n",
                                          server_port(server, "sip"));
}

static char *
read_report(const Server *server)
{
    g_autofree char *path = path_of(server, "report");
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

typedef struct {
    const Server *server;
    const char *words;
} Wanted;

static gboolean
has_words(gpointer user_data)
{
    const Wanted *wanted = user_data;
    g_autofree char *report = read_report(wanted->server);

    return strstr(report, wanted->words) != NULL;
}

void
server_wait_report(const Server *server, const char *words)
{
    Wanted wanted = {server, words};

    wait_until(has_words, &wanted, words);
}

static void
on_ended(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_subprocess_wait_finish(G_SUBPROCESS(source), result, NULL);
    *(gboolean *)user_data = TRUE;
}

static void
wait_ended(Server *server)
{
    gboolean ended = FALSE;

    g_subprocess_wait_async(server->process, NULL, on_ended, &ended);
    wait_until(is_true, &ended, "a server's end");
}

static void
clear_server(Server *server)
{
    static const char *const files[] = {"ports", "report", "script"};

    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = path_of(server, files[i]);

        g_unlink(path);
    }
    g_rmdir(server->folder);
    g_free(server->folder);
    g_free(server->ports);
    g_object_unref(server->process);
}

void
server_kill(Server *server)
{
    g_subprocess_force_exit(server->process);
    wait_ended(server);
    clear_server(server);
}

static char *
end_server(Server *server, gboolean breaks)
{
    char *report = NULL;

    if (!server->replays)
        g_subprocess_send_signal(server->process, SIGTERM);
    wait_ended(server);
    report = read_report(server);
    if (strstr(report, "\"faults\": []") == NULL || strstr(report, "\"ended\": \"open\"") != NULL ||
        (!breaks && strstr(report, "\"ended\": \"connection\"") != NULL))
        g_error("server %s: %s", server->name, report);
    clear_server(server);
    return report;
}

char *
server_end(Server *server)
{
    return end_server(server, FALSE);
}

char *
server_end_by(Server *server)
{
    return end_server(server, TRUE);
}

guint
number_of(const char *report, const char *key)
{
    g_autofree char *words = g_strdup_printf("\"%s\": ", key);
    guint64 most = 0;

    for (const char *at = strstr(report, words); at != NULL; at = strstr(at + 1, words))
        most = MAX(most, g_ascii_strtoull(at + strlen(words), NULL, 10));
    return (guint)most;
}

guint
count_words(const char *text, const char *words)
{
    guint n = 0;

    for (text = strstr(text, words); text != NULL; text = strstr(text + 1, words))
        n++;
    return n;
}

guint
requests_of(const char *report, const char *method)
{
    const char *requests = strstr(report, "\"requests\": [");
    const char *sent = strstr(report, "\"sent\": [");
    g_autofree char *part = NULL;
    g_autofree char *name = g_strdup_printf("\"name\": \"%s\"", method);

    g_assert_nonnull(requests);
    g_assert_nonnull(sent);
    part = g_strndup(requests, (gsize)(sent - requests));
    return count_words(part, name);
}

/* --- the platform --- */

static guint
count_descriptors(void)
{
    g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
    guint n = 0;

    while (g_dir_read_name(folder) != NULL)
        n++;
    return n;
}

static void
on_started(McpCore *core, const GError *error, gpointer user_data)
{
    *(GError **)user_data = error != NULL
                                ? g_error_copy(error)
                                : g_error_new_literal(MCP_ERROR, MCP_ERROR_FAILED, "started");
}

static gboolean
is_set(gpointer user_data)
{
    return *(gpointer *)user_data != NULL;
}

static guint
free_port(GSocketType type)
{
    g_autoptr(GInetAddress) host = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new(host, 0);
    g_autoptr(GSocket) socket =
        g_socket_new(G_SOCKET_FAMILY_IPV4, type, G_SOCKET_PROTOCOL_DEFAULT, NULL);
    g_autoptr(GSocketAddress) own = NULL;

    g_assert_true(g_socket_bind(socket, any, FALSE, NULL));
    own = g_socket_get_local_address(socket, NULL);
    return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(own));
}

guint
unused_port(void)
{
    return free_port(G_SOCKET_TYPE_STREAM);
}

/* "started", or why it was not. */
static char *
start(Platform *platform, const char *more, const char *lines)
{
    g_autofree char *path = NULL;
    g_autofree char *text = g_strdup_printf(
        "[core]\nplugins = credentials, sip, media, mrcp%s\nplugin_path = %s/plugins\nshards = 1\n"
        "log_level = error\nmax_cpu_percent = 0\n"
        "[sip.transport \"udp\"]\ntransport = udp\naddress = 127.0.0.1:%u\n%s",
        more, g_getenv("MCP_BUILD_ROOT"), free_port(G_SOCKET_TYPE_DATAGRAM), lines);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) outcome = NULL;
    McpCoreOptions options = {0};

    mcp_log_set_output(MCP_LOG_OUTPUT_HUMAN);
    *platform = (Platform){.clock = mcp_clock_new()};
    platform->folder = g_dir_make_tmp("mcp-mrcp-XXXXXX", NULL);
    path = g_build_filename(platform->folder, "mcp.conf", NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    options.source.file = path;
    platform->core = mcp_core_new(&options);
    if (!mcp_core_configure(platform->core, errors))
        return g_strdup(errors->pdata[0]);
    mcp_core_start(platform->core, on_started, &outcome);
    wait_until(is_set, &outcome, "start");
    return g_strdup(outcome->message);
}

static void
free_platform(Platform *platform)
{
    g_autofree char *path = g_build_filename(platform->folder, "mcp.conf", NULL);

    mcp_core_free(platform->core);
    g_object_unref(platform->clock);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_unlink(path);
    g_rmdir(platform->folder);
    g_free(platform->folder);
}

void
platform_open_with(Platform *platform, const char *more, const char *lines)
{
    g_autofree char *outcome = start(platform, more, lines);

    g_assert_cmpstr(outcome, ==, "started");
    platform->recognizer =
        mcp_registry_lookup(platform->core->registry, MCP_CONTRACT_RECOGNIZER, "mrcp");
    platform->synthesizer =
        mcp_registry_lookup(platform->core->registry, MCP_CONTRACT_SYNTHESIZER, "mrcp");
    platform->descriptors = count_descriptors();
}

void
platform_open(Platform *platform, const char *format, ...)
{
    g_autofree char *lines = NULL;
    va_list arguments;

    va_start(arguments, format);
    lines = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    platform_open_with(platform, "", lines);
}

void
platform_open_one(Platform *platform, const Server *server, guint version, const char *more)
{
    g_autofree char *target = server_target(server, version);

    platform_open(platform, "[mrcp.server \"one\"]\n%s" PATIENT "%s", target, more);
}

void
platform_open_two(Platform *platform, const Server *first, const Server *second, guint version,
                  const char *more)
{
    g_autofree char *one = server_target(first, version);
    g_autofree char *two = server_target(second, version);

    platform_open(platform,
                  "[mrcp.server \"one\"]\nweight = 1000\n%s%s[mrcp.server \"two\"]\n%s" PATIENT,
                  one, more, two);
}

char *
platform_refuse(const char *format, ...)
{
    Platform platform;
    g_autofree char *lines = NULL;
    char *outcome = NULL;
    va_list arguments;

    va_start(arguments, format);
    lines = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    outcome = start(&platform, "", lines);
    free_platform(&platform);
    return outcome;
}

static void
count_session(const char *type, int live, gpointer user_data)
{
    if (g_str_has_prefix(type, "McpMrcpSession") || g_str_equal(type, "McpMrcpChannel") ||
        g_str_equal(type, "McpStream") || g_str_equal(type, "McpMrcpRtspClient"))
        *(int *)user_data += live;
}

static gboolean
is_settled(gpointer user_data)
{
    Platform *platform = user_data;
    int live = 0;

    mcp_ledger_foreach(count_session, &live);
    return live == 0 && count_descriptors() <= platform->descriptors;
}

void
platform_settle(Platform *platform)
{
    wait_until(is_settled, platform, "sessions and their descriptors to go");
}

static void
on_stopped(McpCore *core, const GError *error, gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

static void
check_ledger(const char *type, int live, gpointer user_data)
{
    if (live != 0)
        g_error("%d objects of type %s are left", live, type);
}

void
platform_close(Platform *platform)
{
    gboolean stopped = FALSE;

    g_clear_object(&platform->recognizer);
    g_clear_object(&platform->synthesizer);
    mcp_core_stop(platform->core, on_stopped, &stopped);
    wait_until(is_true, &stopped, "stop");
    free_platform(platform);
    mcp_ledger_foreach(check_ledger, NULL);
}

/* --- turns --- */

void
turn_init(Turn *turn)
{
    *turn = (Turn){.grammars = {{.text = YES_NO, .content_type = "application/srgs+xml"}},
                   .grammar = -1};
    turn->request = (McpRecognitionRequest){.grammars = turn->grammars,
                                            .n_grammars = 1,
                                            .n_best = 1,
                                            .confidence = 0.5,
                                            .sensitivity = 0.5,
                                            .accuracy = 0.5};
}

static void
on_recognition(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    Turn *turn = user_data;

    g_assert_true(recognition == turn->recognition);
    g_assert_false(turn->over);
    if (event->type == MCP_RECOGNITION_SPEECH) {
        turn->heard = TRUE;
        return;
    }
    turn->over = TRUE;
    turn->end = event->type;
    turn->n = event->n_hypotheses;
    turn->error = event->error != NULL ? g_error_copy(event->error) : NULL;
    turn->elsewhere = event->elsewhere;
    if (event->n_hypotheses == 0)
        return;
    turn->words = g_strdup(event->hypotheses[0].words);
    turn->interpretation = g_strdup(event->hypotheses[0].interpretation);
    turn->confidence = event->hypotheses[0].confidence;
    turn->grammar = event->hypotheses[0].grammar;
}

void
turn_begin(Turn *turn, Platform *platform)
{
    McpTapParams format;
    g_autoptr(Talker) talker = talker_new();

    mcp_recognizer_get_format(platform->recognizer, &format);
    g_assert_cmpuint(format.rate, ==, RATE);
    turn->request.tap = MCP_TAP(talker);
    turn->recognition =
        mcp_recognizer_begin(platform->recognizer, &turn->request, on_recognition, turn);
}

void
turn_wait(Turn *turn)
{
    wait_until(is_true, &turn->over, "a turn's end");
}

void
turn_wait_heard(Turn *turn)
{
    wait_until(is_true, &turn->heard, "speech");
}

void
turn_run(Turn *turn, Platform *platform)
{
    turn_begin(turn, platform);
    turn_wait(turn);
}

void
turn_clear(Turn *turn)
{
    if (turn->recognition != NULL)
        mcp_recognition_stop(turn->recognition);
    g_clear_object(&turn->recognition);
    g_clear_error(&turn->error);
    g_free(turn->words);
    g_free(turn->interpretation);
}

/* --- prompts --- */

static void
on_synthesized(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Prompt *prompt = user_data;

    prompt->audio =
        mcp_synthesizer_synthesize_finish(MCP_SYNTHESIZER(source), result, &prompt->error);
    prompt->done = TRUE;
}

void
prompt_ask(Prompt *prompt, Platform *platform, const char *text)
{
    const McpSynthesisRequest request = {
        .text = text, .ssml = text[0] == '<', .language = "en-US", .sample_rate = RATE};

    *prompt = (Prompt){0};
    mcp_synthesizer_synthesize_async(platform->synthesizer, &request, NULL, on_synthesized, prompt);
}

void
prompt_wait(Prompt *prompt)
{
    wait_until(is_true, &prompt->done, "a prompt");
}

static gboolean
is_whole(gpointer user_data)
{
    return !mcp_audio_is_growing(((Prompt *)user_data)->audio);
}

void
prompt_wait_end(Prompt *prompt)
{
    prompt_wait(prompt);
    g_assert_no_error(prompt->error);
    wait_until(is_whole, prompt, "a prompt's end");
}

void
prompt_clear(Prompt *prompt)
{
    g_clear_pointer(&prompt->audio, mcp_audio_unref);
    g_clear_error(&prompt->error);
}

static void
on_grown(gpointer user_data)
{
}

guint
prompt_level(Prompt *prompt, guint *out_ms)
{
    g_autoptr(McpAudioWatch) watch = mcp_audio_watch_new(prompt->audio, on_grown, NULL, NULL);
    gboolean ended = FALSE;
    g_autoptr(GBytes) bytes = mcp_audio_watch_read(watch, 0, &ended, NULL);
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    guint most = 0;

    for (gsize i = 0; i + 1 < length; i += 2)
        most = MAX(most, (guint)ABS((int)(gint16)(data[i] << 8 | data[i + 1])));
    *out_ms = (guint)(length / 2 * 1000 / RATE);
    return most;
}
