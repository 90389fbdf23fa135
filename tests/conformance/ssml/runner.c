/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the cases of a MANIFEST.tsv of SSML documents: REJECT for one that is not as the standard
 * has it, ACCEPT for one that is, or what the synthesizer makes of it: "text[pause in ms]*stretch"
 * a piece. TAP, or with --plain a line a test. With --invert every case must fail.
 */
#include "plan.h"
#include "ssml.h"
#include <ssml/ssml.h>
#include <stdio.h>
#include <string.h>

enum { FILE_NAME, FORM, NUMBER, EXPECTED, COLUMNS };

typedef struct {
    char *folder;
    gboolean plain;
    gboolean invert;
} RunnerOptions;

static void
print_piece(GString *out, const McpSpeechPiece *piece)
{
    g_autofree char *text = g_strchomp(g_strdup(piece->text));

    g_string_append(out, text);
    if (piece->pause > 0)
        g_string_append_printf(out, "[%u]", piece->pause);
    if (piece->stretch < 0.999 || piece->stretch > 1.001)
        g_string_append_printf(out, "*%.2f", piece->stretch);
}

static char *
make_plan(const char *text, GError **error)
{
    g_autoptr(McpSpeechPlan) plan = mcp_speech_ssml_plan(text, NULL, error);
    GString *out = g_string_new(NULL);
    const GPtrArray *pieces = plan != NULL ? mcp_speech_plan_finish(plan) : NULL;

    for (guint i = 0; pieces != NULL && i < pieces->len; i++)
        print_piece(out, pieces->pdata[i]);
    if (pieces == NULL)
        g_string_assign(out, "FAULT");
    return g_string_free(out, FALSE);
}

static char *
run_case(const char *path, const char *expected, GError **error)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(McpXmlDocument) document = NULL;

    if (!g_file_get_contents(path, &text, &length, error))
        return g_strdup("NO FILE");
    bytes = g_bytes_new_static(text, length);
    document = mcp_xml_parse(bytes, NULL, NULL, error);
    if (document == NULL ||
        !mcp_ssml_check(mcp_xml_document_root(document), MCP_SSML_CONFORMING, error))
        return g_strdup("REJECT");
    if (g_str_equal(expected, "ACCEPT") || g_str_equal(expected, "REJECT"))
        return g_strdup("ACCEPT");
    return make_plan(text, error);
}

/* With --invert a document that is good must be refused, the other way round, or said otherwise. */
static char *
make_expectation(const RunnerOptions *options, const char *expected)
{
    if (!options->invert)
        return g_strdup(expected);
    if (g_str_equal(expected, "ACCEPT"))
        return g_strdup("REJECT");
    if (g_str_equal(expected, "REJECT"))
        return g_strdup("ACCEPT");
    return g_strconcat("not ", expected, NULL);
}

static gboolean
report(const RunnerOptions *options, char **columns, guint number)
{
    g_autofree char *path = g_build_filename(options->folder, "src", columns[FILE_NAME], NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *got = run_case(path, columns[EXPECTED], &error);
    g_autofree char *wanted = make_expectation(options, columns[EXPECTED]);
    gboolean good = g_str_equal(got, wanted);

    if (options->plain)
        printf("%s/%s %s", columns[FILE_NAME], columns[NUMBER], good ? "pass" : "fail");
    else
        printf("%s %u %s %s", good ? "ok" : "not ok", number, columns[FILE_NAME], columns[NUMBER]);
    if (!good)
        printf("%swanted %s, got %s%s%s", options->plain ? ": " : "\n# ", wanted, got,
               error != NULL ? ": " : "", error != NULL ? error->message : "");
    printf("\n");
    return good;
}

static guint
run_all(const RunnerOptions *options, char **rows)
{
    guint number = 0;
    guint failed = 0;

    for (guint i = 1; rows[i] != NULL; i++) {
        g_auto(GStrv) columns = g_strsplit(rows[i], "\t", -1);

        if (g_strv_length(columns) >= COLUMNS)
            failed += report(options, columns, ++number) ? 0 : 1;
    }
    if (options->plain)
        printf("%u passed, %u failed\n", number - failed, failed);
    else
        printf("1..%u\n", number);
    return failed + (number == 0);
}

int
main(int argc, char **argv)
{
    RunnerOptions options = {NULL};
    g_autofree char *folder = NULL;
    g_autofree char *manifest = NULL;
    g_autofree char *text = NULL;
    g_auto(GStrv) rows = NULL;

    for (int i = 1; i < argc; i++) {
        options.invert |= g_str_equal(argv[i], "--invert");
        options.plain |= g_str_equal(argv[i], "--plain");
        if (*argv[i] != '-' && folder == NULL)
            folder = g_strdup(argv[i]);
    }
    options.folder = folder;
    manifest = g_build_filename(folder != NULL ? folder : ".", "MANIFEST.tsv", NULL);
    if (folder == NULL || !g_file_get_contents(manifest, &text, NULL, NULL)) {
        fprintf(stderr, "usage: ssml-suite FOLDER [--plain] [--invert]; no %s\n", manifest);
        return 2;
    }
    rows = g_strsplit(text, "\n", -1);
    return run_all(&options, rows) == 0 ? 0 : 1;
}
