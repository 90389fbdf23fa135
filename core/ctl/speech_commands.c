/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about speech engines: how they do, what they say and hear, and the prompts that are
 * kept. One thread.
 */
#include "ctl/command.h"
#include "ctl/table.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

/* Base64 makes a third more of it, and the API takes 1 MB. */
#define AUDIO_MAX (700 * 1024)
#define GRAMMAR_MAX (256 * 1024)
#define LINE_MAX_BYTES (64 * 1024)

static char *say_text;
static gboolean say_ssml;
static char *say_voice;
static char *say_output;
static char *hear_file;
static char *hear_grammar;
static char *language;
static char *warm_engine;

static const GOptionEntry test_options[] = {
    {"say", 0, 0, G_OPTION_ARG_STRING, &say_text, "Have this said", "TEXT"},
    {"ssml", 0, 0, G_OPTION_ARG_NONE, &say_ssml, "It is an SSML document", NULL},
    {"voice", 'v', 0, G_OPTION_ARG_STRING, &say_voice, "By this voice", "NAME"},
    {"out", 0, 0, G_OPTION_ARG_FILENAME, &say_output, "Write what was said to a WAV file", "FILE"},
    {"recognize", 'r', 0, G_OPTION_ARG_FILENAME, &hear_file,
     "Have this heard: a WAV file, 8 or 16 kHz, mono, PCM or G.711", "FILE"},
    {"grammar", 'g', 0, G_OPTION_ARG_STRING, &hear_grammar, "What may be said in it", "FILE|URI"},
    {"language", 'l', 0, G_OPTION_ARG_STRING, &language, "In this language (en-US, de …)", "TAG"},
    {NULL},
};

static const GOptionEntry warm_options[] = {
    {"ssml", 0, 0, G_OPTION_ARG_NONE, &say_ssml, "Each line is an SSML document", NULL},
    {"language", 'l', 0, G_OPTION_ARG_STRING, &language, "In this language (en-US, de …)", "TAG"},
    {"voice", 'v', 0, G_OPTION_ARG_STRING, &say_voice, "By this voice", "NAME"},
    {"engine", 'e', 0, G_OPTION_ARG_STRING, &warm_engine, "By this engine", "NAME"},
    {NULL},
};

/* --- how they do --- */

static void
add_engine(McpCtlTable *table, JsonObject *engine)
{
    JsonObject *durations = mcp_ctl_object(engine, "durations_ms");
    g_autofree char *name = mcp_ctl_text(engine, "name");
    g_autofree char *kind = mcp_ctl_text(engine, "kind");
    g_autofree char *state = mcp_ctl_text(engine, "state");
    g_autofree char *succeeded = mcp_ctl_text(engine, "succeeded");
    g_autofree char *failed = mcp_ctl_text(engine, "failed");
    g_autofree char *last = mcp_ctl_text(engine, "last_error");
    g_autoptr(GString) times = g_string_new(NULL);
    JsonObjectIter iter;
    const char *bound = NULL;
    JsonNode *node = NULL;

    if (durations != NULL)
        json_object_iter_init_ordered(&iter, durations);
    while (durations != NULL && json_object_iter_next_ordered(&iter, &bound, &node)) {
        gint64 count = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_int(node) : 0;
        gboolean more = strcmp(bound, "more") == 0;

        if (count > 0)
            g_string_append_printf(times, "%s%s%s:%" G_GINT64_FORMAT, times->len > 0 ? " " : "",
                                   more ? "" : "<", bound, count);
    }
    mcp_ctl_table_add(table, name, kind, state, succeeded, failed, times->str, last);
}

/* Numbers of an object, a line each, "memory_hits" as "memory hits". */
static void
print_numbers(JsonObject *object)
{
    JsonObjectIter iter;
    const char *name = NULL;
    JsonNode *node = NULL;

    json_object_iter_init_ordered(&iter, object);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        g_autofree char *text = mcp_ctl_text(object, name);
        g_autofree char *shown = g_strdelimit(g_strdup(name), "_", ' ');

        g_print("%-18s %s\n", shown, text);
    }
}

/* What an engine tells of itself in numbers; lists are for those who ask for JSON. */
static void
print_details(JsonObject *engine)
{
    JsonObject *details = mcp_ctl_object(engine, "details");
    g_autofree char *name = mcp_ctl_text(engine, "name");
    g_autoptr(GString) line = g_string_new(NULL);
    JsonObjectIter iter;
    const char *member = NULL;
    JsonNode *node = NULL;

    if (details == NULL)
        return;
    json_object_iter_init_ordered(&iter, details);
    while (json_object_iter_next_ordered(&iter, &member, &node))
        if (JSON_NODE_HOLDS_VALUE(node))
            g_string_append_printf(line, "%s%s %" G_GINT64_FORMAT, line->len > 0 ? ", " : "",
                                   member, json_node_get_int(node));
    if (line->len > 0)
        g_print("%s: %s\n", name, line->str);
}

static McpCtlExit
run_status(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_ask(context, "GET", "/speech", NULL, &root);
    JsonObject *speech = NULL;
    JsonArray *engines = NULL;
    McpCtlTable *table = NULL;

    if (root == NULL)
        return result;
    speech = json_node_get_object(root);
    engines = mcp_ctl_array(speech, "engines");
    table = mcp_ctl_table_new("ENGINE KIND STATE DONE FAILED MS LAST-ERROR");
    for (guint i = 0; engines != NULL && i < json_array_get_length(engines); i++)
        add_engine(table, json_array_get_object_element(engines, i));
    mcp_ctl_table_print(table);
    for (guint i = 0; engines != NULL && i < json_array_get_length(engines); i++)
        print_details(json_array_get_object_element(engines, i));
    if (mcp_ctl_object(speech, "cache") != NULL) {
        g_print("\nprompt cache\n");
        print_numbers(mcp_ctl_object(speech, "cache"));
    }
    return MCP_CTL_OK;
}

/* --- what they say --- */

static char *
say_body(const char *engine, const char *text)
{
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();

    mcp_ctl_body_add(builder, say_ssml ? "ssml" : "text", text);
    mcp_ctl_body_add(builder, "language", language);
    mcp_ctl_body_add(builder, "voice", say_voice);
    mcp_ctl_body_add(builder, "engine", engine);
    return mcp_ctl_body_finish(builder);
}

static McpCtlExit
say(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *body = say_body(context->args[0], say_text);
    McpCtlExit result = mcp_ctl_ask(context, "POST", "/speech/prompts", body, &root);
    JsonObject *said = NULL;
    g_autofree char *engine = NULL;

    if (root != NULL) {
        said = json_node_get_object(root);
        engine = mcp_ctl_text(said, "engine");
        g_print("%s: %.1f s of audio, %d bytes; the first after %d ms, all after %d ms%s\n", engine,
                (double)mcp_ctl_int(said, "duration_ms") / 1000, (int)mcp_ctl_int(said, "bytes"),
                (int)mcp_ctl_int(said, "first_ms"), (int)mcp_ctl_int(said, "whole_ms"),
                json_object_get_boolean_member_with_default(said, "kept", FALSE) ? " (kept)" : "");
    }
    if (result == MCP_CTL_OK && say_output != NULL)
        result = mcp_ctl_client_download(context->client, "/speech/prompts", body, say_output);
    return result;
}

/* --- what they hear --- */

static char *
read_file(const char *path, gsize most, gsize *out_length)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, out_length, &error)) {
        g_printerr("mcpctl: %s\n", error->message);
        return NULL;
    }
    if (*out_length > most) {
        g_printerr("mcpctl: %s has more than %d kB\n", path, (int)(most / 1024));
        return NULL;
    }
    return g_steal_pointer(&text);
}

/* A file's text goes along; what has a scheme is fetched by mcpd. */
static gboolean
add_grammar(JsonBuilder *builder)
{
    g_autofree char *scheme = g_uri_parse_scheme(hear_grammar);
    gboolean abnf = g_str_has_suffix(hear_grammar, ".gram");
    g_autofree char *text = NULL;
    gsize length = 0;

    if (scheme != NULL) {
        mcp_ctl_body_add(builder, "grammar_uri", hear_grammar);
        return TRUE;
    }
    text = read_file(hear_grammar, GRAMMAR_MAX, &length);
    if (text == NULL)
        return FALSE;
    if (!g_utf8_validate(text, (gssize)length, NULL)) {
        g_printerr("mcpctl: %s is not in UTF-8\n", hear_grammar);
        return FALSE;
    }
    mcp_ctl_body_add(builder, "grammar", text);
    mcp_ctl_body_add(builder, "grammar_type", abnf ? "application/srgs" : "application/srgs+xml");
    return TRUE;
}

static char *
hear_body(const char *engine)
{
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    gsize length = 0;
    g_autofree char *audio = read_file(hear_file, AUDIO_MAX, &length);
    g_autofree char *coded = audio != NULL ? g_base64_encode((const guchar *)audio, length) : NULL;

    if (audio == NULL || !add_grammar(builder))
        return NULL;
    mcp_ctl_body_add(builder, "audio", coded);
    mcp_ctl_body_add(builder, "engine", engine);
    mcp_ctl_body_add(builder, "language", language);
    return mcp_ctl_body_finish(builder);
}

static void
print_heard(JsonObject *heard)
{
    JsonArray *hypotheses = mcp_ctl_array(heard, "hypotheses");
    g_autofree char *engine = mcp_ctl_text(heard, "engine");
    g_autofree char *event = mcp_ctl_text(heard, "event");
    McpCtlTable *table = NULL;

    g_print("%s: %s after %d ms\n", engine, event, (int)mcp_ctl_int(heard, "ms"));
    if (hypotheses == NULL || json_array_get_length(hypotheses) == 0)
        return;
    table = mcp_ctl_table_new("CONFIDENCE WORDS MEANING");
    for (guint i = 0; i < json_array_get_length(hypotheses); i++) {
        JsonObject *one = json_array_get_object_element(hypotheses, i);
        g_autofree char *confidence = mcp_ctl_text(one, "confidence");
        g_autofree char *words = mcp_ctl_text(one, "words");
        g_autofree char *meaning = mcp_ctl_text(one, "interpretation");

        mcp_ctl_table_add(table, confidence, words, meaning);
    }
    mcp_ctl_table_print(table);
}

static McpCtlExit
hear(const McpCtlContext *context)
{
    g_autofree char *body = hear_body(context->args[0]);
    g_autoptr(JsonNode) root = NULL;
    JsonObject *heard = NULL;
    McpCtlExit result = MCP_CTL_USAGE;

    if (body == NULL)
        return MCP_CTL_USAGE;
    result = mcp_ctl_client_call(context->client, "POST", "/speech/recognitions", body, &root);
    if (result != MCP_CTL_OK)
        return result;
    heard = json_node_get_object(root);
    if (context->json)
        mcp_ctl_print_json(root);
    else
        print_heard(heard);
    return strcmp(json_object_get_string_member_with_default(heard, "event", ""), "match") == 0
               ? MCP_CTL_OK
               : MCP_CTL_FAILED;
}

static McpCtlExit
run_test(const McpCtlContext *context)
{
    gboolean hears = hear_file != NULL && hear_grammar != NULL && say_text == NULL && !say_ssml &&
                     say_voice == NULL && say_output == NULL;
    gboolean says = say_text != NULL && hear_file == NULL && hear_grammar == NULL;

    if (hears)
        return hear(context);
    if (says)
        return say(context);
    g_printerr(
        "mcpctl: speech test needs --say TEXT, or --recognize FILE and --grammar FILE|URI\n");
    return MCP_CTL_USAGE;
}

/* --- the prompts that are kept --- */

static McpCtlExit
run_cache_stats(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_client_call(context->client, "GET", "/speech", NULL, &root);
    JsonObject *cache = NULL;

    if (result != MCP_CTL_OK)
        return result;
    cache = mcp_ctl_object(json_node_get_object(root), "cache");
    if (cache == NULL) {
        g_printerr("mcpctl: mcpd keeps no prompts: the plugin engines does not run\n");
        return MCP_CTL_FAILED;
    }
    if (context->json)
        mcp_ctl_print_json(json_object_get_member(json_node_get_object(root), "cache"));
    else
        print_numbers(cache);
    return MCP_CTL_OK;
}

static McpCtlExit
run_cache_flush(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_ask(context, "DELETE", "/speech/cache", NULL, &root);

    if (root != NULL)
        g_print("no prompts are kept any more\n");
    return result;
}

/* What became of the lines so far. */
typedef struct {
    guint made;
    guint kept;
    guint failed;
} Warmth;

static void
show_progress(const Warmth *warmth, gboolean last)
{
    if (isatty(STDERR_FILENO) == 1)
        g_printerr("\r%u prompts%s", warmth->made + warmth->kept + warmth->failed,
                   last ? "\n" : "");
}

/* One that cannot be said does not hold the others up. */
static McpCtlExit
warm(const McpCtlContext *context, const char *text, Warmth *warmth)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *body = say_body(warm_engine, text);
    McpCtlExit result =
        mcp_ctl_client_call(context->client, "POST", "/speech/prompts", body, &root);

    if (result != MCP_CTL_OK)
        warmth->failed++;
    else if (json_object_get_boolean_member_with_default(json_node_get_object(root), "kept", FALSE))
        warmth->kept++;
    else
        warmth->made++;
    show_progress(warmth, FALSE);
    return result;
}

static void
print_warmth(const McpCtlContext *context, const Warmth *warmth)
{
    if (context->json)
        g_print("{\"made\":%u,\"kept\":%u,\"failed\":%u}\n", warmth->made, warmth->kept,
                warmth->failed);
    else
        g_print("%u made, %u kept already, %u failed\n", warmth->made, warmth->kept,
                warmth->failed);
}

static McpCtlExit
warm_lines(const McpCtlContext *context, GDataInputStream *lines)
{
    Warmth warmth = {0};
    McpCtlExit result = MCP_CTL_OK;
    g_autoptr(GError) error = NULL;

    while (result != MCP_CTL_NO_CONNECTION) {
        g_autofree char *line = g_data_input_stream_read_line_utf8(lines, NULL, NULL, &error);

        if (line == NULL)
            break;
        if (strlen(g_strstrip(line)) > LINE_MAX_BYTES) {
            g_printerr("mcpctl: a line has more than %d kB\n", LINE_MAX_BYTES / 1024);
            warmth.failed++;
        } else if (*line != '\0') {
            result = warm(context, line, &warmth);
        }
    }
    show_progress(&warmth, TRUE);
    print_warmth(context, &warmth);
    if (error != NULL)
        g_printerr("mcpctl: %s\n", error->message);
    if (result == MCP_CTL_NO_CONNECTION)
        return result;
    return error != NULL || warmth.failed > 0 ? MCP_CTL_FAILED : MCP_CTL_OK;
}

static McpCtlExit
run_cache_warm(const McpCtlContext *context)
{
    const char *path = context->n_args > 0 ? context->args[0] : "-";
    g_autoptr(GInputStream) stream = NULL;
    g_autoptr(GDataInputStream) lines = NULL;
    g_autoptr(GError) error = NULL;

    if (strcmp(path, "-") == 0) {
        stream = g_unix_input_stream_new(STDIN_FILENO, FALSE);
    } else {
        g_autoptr(GFile) file = g_file_new_for_path(path);

        stream = G_INPUT_STREAM(g_file_read(file, NULL, &error));
    }

    if (stream == NULL) {
        g_printerr("mcpctl: %s\n", error != NULL ? error->message : path);
        return MCP_CTL_USAGE;
    }
    lines = g_data_input_stream_new(stream);
    return warm_lines(context, lines);
}

const McpCtlCommand mcp_ctl_speech_commands[] = {
    {"speech status", "", "Speech engines: how they do, and the prompts that are kept.", 0, 0, NULL,
     run_status},
    {"speech test", "ENGINE --say TEXT|--recognize FILE --grammar FILE|URI",
     "Has an engine say or hear something.", 1, 1, test_options, run_test},
    {"tts cache stats", "", "The prompts that are kept, and how often they were found.", 0, 0, NULL,
     run_cache_stats},
    {"tts cache flush", "", "Forgets them.", 0, 0, NULL, run_cache_flush},
    {"tts cache warm", "[FILE]", "Has prompts said, a line each, so that they are kept.", 0, 1,
     warm_options, run_cache_warm},
    {NULL},
};
