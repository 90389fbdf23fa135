/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcp-load: command line of the load generator.
 */
#include "report.h"
#include "single_call.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_CALLS_FAILED = 1, EXIT_USAGE = 2, EXIT_TROUBLE = 3 };

static const char summary[] =
    "Shapes\n"
    "  hold URI   puts up --calls calls at --rate calls/s; each sends speech while the server "
    "plays;\n"
    "             measures --seconds after --settle, then hangs up\n"
    "  rate URI   starts --rate calls/s for --seconds; the server plays and hangs up\n"
    "             (or the caller, with --talk)\n"
    "  delay URI  --pairs pairs of calls, \"{}\" in URI being the number of the pair: one says a\n"
    "             chirp a second, the other hears it; with --echo each hears itself\n"
    "  reaction URI  as hold, and each call presses a key amid each prompt: how soon the prompt\n"
    "             stops and the next one starts\n"
    "  call URI   one call: keys by RFC 4733, recording; until the server or --talk ends it\n"
    "URI is sip:user@host[:port][;transport=tcp]; \"{}\" in it needs\n"
    "--group or --pairs.\n"
    "\n"
    "Exit status: 0 all calls went well, 1 calls failed, 2 usage, 3 the run could not be made.";

typedef struct {
    int calls;
    double rate;
    double settle;
    double seconds;
    double talk;
    double longest;
    int sources;
    char *local;
    gboolean own_sockets;
    int server_pid;
    char *json;
    char *turns;
    gboolean quiet;
    char *digits;
    char *times;
    char *record;
    gboolean silent_line;
    int group;
    char *codec;
    int pairs;
    gboolean echo;
} Arguments;

static void
arguments_clear(Arguments *arguments)
{
    g_free(arguments->local);
    g_free(arguments->json);
    g_free(arguments->turns);
    g_free(arguments->digits);
    g_free(arguments->times);
    g_free(arguments->record);
    g_free(arguments->codec);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Arguments, arguments_clear)

static gboolean
parse_arguments(Arguments *a, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"calls", 'n', 0, G_OPTION_ARG_INT, &a->calls, "hold, reaction: simultaneous calls (100)",
         "N"},
        {"rate", 'r', 0, G_OPTION_ARG_DOUBLE, &a->rate, "calls started a second (100)", "R"},
        {"seconds", 't', 0, G_OPTION_ARG_DOUBLE, &a->seconds,
         "measuring time; rate: starting time (10)", "S"},
        {"settle", 0, 0, G_OPTION_ARG_DOUBLE, &a->settle, "from last answer to window (2)", "S"},
        {"talk", 0, 0, G_OPTION_ARG_DOUBLE, &a->talk,
         "rate, call: the caller hangs up S after the answer (0: the server does)", "S"},
        {"longest", 0, 0, G_OPTION_ARG_DOUBLE, &a->longest,
         "rate, call: fail when the server has not hung up S after the answer (30)", "S"},
        {"sources", 0, 0, G_OPTION_ARG_INT, &a->sources,
         "call from N addresses, 127.0.1.1 and up (1: see --local)", "N"},
        {"local", 0, 0, G_OPTION_ARG_STRING, &a->local,
         "address to call from (the one that routes to the server)", "IP"},
        {"socket-per-call", 0, 0, G_OPTION_ARG_NONE, &a->own_sockets,
         "an RTP port a call, for servers that send all calls from one port", NULL},
        {"server-pid", 'p', 0, G_OPTION_ARG_INT, &a->server_pid,
         "measure CPU, threads and memory of this process", "PID"},
        {"json", 'j', 0, G_OPTION_ARG_FILENAME, &a->json, "write the result as JSON", "FILE"},
        {"turns", 0, 0, G_OPTION_ARG_FILENAME, &a->turns,
         "reaction: write Call-ID, key and next prompt of each turn (monotonic ns)", "FILE"},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &a->quiet, "no progress on stderr", NULL},
        {"group", 'g', 0, G_OPTION_ARG_INT, &a->group,
         "N calls share a target: \"{}\" in URI is the number of the group", "N"},
        {"pairs", 0, 0, G_OPTION_ARG_INT, &a->pairs, "delay: pairs of calls (10)", "N"},
        {"echo", 0, 0, G_OPTION_ARG_NONE, &a->echo,
         "delay: single calls to a server that sends back what it hears", NULL},
        {"codec", 0, 0, G_OPTION_ARG_STRING, &a->codec,
         "the only one that is offered: PCMU, PCMA, G722 or opus (PCMU)", "NAME"},
        {"dtmf", 0, 0, G_OPTION_ARG_STRING, &a->digits, "call: keys to press, as in 1,2,#", "KEYS"},
        {"at", 0, 0, G_OPTION_ARG_STRING, &a->times,
         "call: when, in seconds after the answer, as in 2,4,6.5", "TIMES"},
        {"record", 0, 0, G_OPTION_ARG_FILENAME, &a->record, "call: what was heard, as WAV", "FILE"},
        {"silence", 0, 0, G_OPTION_ARG_NONE, &a->silent_line,
         "call: send silence instead of speech", NULL},
        {NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new("hold|rate|delay|reaction|call URI");
    g_option_context_set_summary(context, summary);
    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, argc, argv, error);
}

static int
usage_error(const char *message)
{
    g_printerr("mcp-load: %s (see --help)\n", message);
    return EXIT_USAGE;
}

/* The address that the routing table picks towards @server. */
static gboolean
find_local(const Arguments *arguments, const struct sockaddr_in *server, struct sockaddr_in *out,
           GError **error)
{
    if (arguments->local != NULL)
        return mcp_bench_resolve(arguments->local, 0, out, error);
    struct sockaddr_in any = {.sin_family = AF_INET};
    int fd = mcp_bench_udp_open(&any, 0, error);
    if (fd < 0)
        return FALSE;
    gboolean routed = connect(fd, (const struct sockaddr *)server, sizeof *server) == 0;
    *out = mcp_bench_local_address(fd);
    out->sin_port = 0;
    close(fd);
    if (!routed)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "no route to the server");
    return routed;
}

static void
raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int
report_error(GError *error)
{
    g_printerr("mcp-load: %s\n", error->message);
    return EXIT_TROUBLE;
}

static int
run_shape(const Arguments *a, McpLoadOptions *options)
{
    g_autoptr(GError) error = NULL;
    g_auto(McpLoadRun) run = {0};
    g_auto(McpLoadResult) result = {0};
    if (!mcp_load_run(&run, options, &error))
        return report_error(error);
    mcp_load_result_init(&result, &run);
    mcp_load_result_print(&result);
    if (a->json != NULL) {
        g_autofree char *json = mcp_load_result_json(&result);
        if (!g_file_set_contents(a->json, json, -1, &error))
            return report_error(error);
    }
    if (a->turns != NULL && run.reaction != NULL &&
        !mcp_load_reaction_write(run.reaction, a->turns, &error))
        return report_error(error);
    return result.failed > 0 ? EXIT_CALLS_FAILED : EXIT_SUCCESS;
}

static int
run_single(const Arguments *a, const McpLoadOptions *shared)
{
    g_autoptr(GError) error = NULL;
    McpLoadSingleResult result = {0};
    McpLoadSingleOptions options = {.target = shared->target,
                                    .tcp = shared->tcp,
                                    .server = shared->server,
                                    .codec = shared->codec,
                                    .local = shared->local,
                                    .digits = a->digits,
                                    .times = a->times,
                                    .record = a->record,
                                    .silent_line = a->silent_line,
                                    .talk_s = a->talk,
                                    .longest_s = a->longest};
    if (!mcp_load_single_call(&options, &result, &error))
        return report_error(error);
    g_autofree char *trouble = result.trouble;
    if (trouble != NULL)
        g_print("failed      %s\n", trouble);
    g_print("call        status %u, set-up %.2f ms, %.2f s, ended by the %s\n", result.status,
            result.setup_ms, result.talked_s, result.server_hung_up ? "server" : "caller");
    g_print("packets     %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT " lost, %.0f %% with sound\n",
            result.packets, result.lost, 100.0 * result.sound_share);
    return trouble != NULL ? EXIT_CALLS_FAILED : EXIT_SUCCESS;
}

static const char *
check_arguments(const Arguments *a, gboolean reaction)
{
    if (a->calls < 1 || a->calls > 20000)
        return "--calls must be 1 to 20000";
    if (!(a->rate > 0.0 && a->rate <= 10000.0))
        return "--rate must be above 0, at most 10000";
    if (!(a->seconds > 0.0 && a->seconds <= 86400.0) || !(a->settle >= 0.0) || a->settle > 3600.0)
        return "--seconds or --settle out of range";
    if (!(a->talk >= 0.0 && a->longest > 0.0))
        return "--talk or --longest out of range";
    if (a->sources < 1 || a->sources > 10000)
        return "--sources must be 1 to 10000";
    if (a->pairs < 1 || a->pairs > 10000)
        return "--pairs must be 1 to 10000";
    if (a->group < 0)
        return "--group must be 1 or more";
    if (a->turns != NULL && !reaction)
        return "--turns is for the shape reaction";
    if (a->codec != NULL && mcp_bench_codec_find(a->codec) == NULL)
        return "--codec must be PCMU, PCMA, G722 or opus";
    return NULL;
}

/* Returns: (nullable): what is wrong */
static const char *
choose_shape(const char *name, const Arguments *a, McpLoadOptions *options)
{
    if (strcmp(name, "hold") == 0)
        options->shape = MCP_LOAD_SHAPE_HOLD;
    else if (strcmp(name, "rate") == 0)
        options->shape = MCP_LOAD_SHAPE_RATE;
    else if (strcmp(name, "reaction") == 0)
        options->shape = MCP_LOAD_SHAPE_REACTION;
    else if (strcmp(name, "delay") == 0)
        options->shape = MCP_LOAD_SHAPE_DELAY;
    else
        return "the shape is hold, rate, delay, reaction or call";
    if (options->shape != MCP_LOAD_SHAPE_DELAY)
        return NULL;
    options->group = a->echo ? 1 : 2;
    options->calls = (guint)a->pairs * options->group;
    if (options->codec->sample_rate != 8000)
        return "delay is measured with PCMU or PCMA";
    return a->seconds * 1e9 > 2 * MCP_LOAD_DELAY_LIMIT_NS ? NULL
                                                          : "delay needs --seconds 2 or more";
}

int
main(int argc, char **argv)
{
    g_auto(Arguments) arguments = {.calls = 100,
                                   .pairs = 10,
                                   .rate = 100.0,
                                   .settle = 2.0,
                                   .seconds = 10.0,
                                   .longest = 30.0,
                                   .sources = 1};
    g_autoptr(GError) error = NULL;
    if (!parse_arguments(&arguments, &argc, &argv, &error))
        return usage_error(error->message);
    if (argc != 3)
        return usage_error("a shape and a URI are needed");
    const char *wrong = check_arguments(&arguments, strcmp(argv[1], "reaction") == 0);
    if (wrong != NULL)
        return usage_error(wrong);
    McpLoadOptions options = {.target = argv[2],
                              .group = (guint)arguments.group,
                              .echo = arguments.echo,
                              .sources = (guint)arguments.sources,
                              .own_sockets = arguments.own_sockets,
                              .calls = (guint)arguments.calls,
                              .rate = arguments.rate,
                              .settle_s = arguments.settle,
                              .measure_s = arguments.seconds,
                              .talk_s = arguments.talk,
                              .longest_s = arguments.longest,
                              .server_pid = arguments.server_pid,
                              .quiet = arguments.quiet};
    options.codec = mcp_bench_codec_find(arguments.codec != NULL ? arguments.codec : "PCMU");
    if (!mcp_bench_sip_parse_target(argv[2], &options.server, &options.tcp, &error) ||
        !find_local(&arguments, &options.server, &options.local, &error))
        return usage_error(error->message);
    raise_descriptor_limit();
    gboolean single = strcmp(argv[1], "call") == 0;
    wrong = single ? NULL : choose_shape(argv[1], &arguments, &options);
    if (wrong == NULL && strstr(argv[2], "{}") != NULL && options.group == 0)
        wrong = "a URI with {} needs --group";
    if (wrong != NULL)
        return usage_error(wrong);
    return single ? run_single(&arguments, &options) : run_shape(&arguments, &options);
}
