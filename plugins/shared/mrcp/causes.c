/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion causes of both versions by resource (RFC 6787 §8.4.4, §9.4.11, §10.4.3, §11.4.16;
 * RFC 4463 §7.4.4, §8.4.8) and which of them mean the same. Pure functions.
 */
#include "names.h"

#include <string.h>

typedef struct {
    McpMrcpCause cause;
    guint other; /* the nearest one in the other version */
} Row;

typedef struct {
    const Row *rows;
    guint n;
} Table;

static const Row synth_v2[] = {
    {{0, "normal"}, 0},
    {{1, "barge-in"}, 1},
    {{2, "parse-failure"}, 2},
    {{3, "uri-failure"}, 3},
    {{4, "error"}, 4},
    {{5, "language-unsupported"}, 5},
    {{6, "lexicon-load-failure"}, 4},
    {{7, "cancelled"}, 4},
};

static const Row synth_v1[] = {
    {{0, "normal"}, 0},      {{1, "barge-in"}, 1}, {{2, "parse-failure"}, 2},
    {{3, "uri-failure"}, 3}, {{4, "error"}, 4},    {{5, "language-unsupported"}, 5},
};

/* What has a result although time was over is a success in v1, which has no word for it. */
static const Row recog_v2[] = {
    {{0, "success"}, 0},
    {{1, "no-match"}, 1},
    {{2, "no-input-timeout"}, 2},
    {{3, "hotword-maxtime"}, 3},
    {{4, "grammar-load-failure"}, 4},
    {{5, "grammar-compilation-failure"}, 5},
    {{6, "recognizer-error"}, 6},
    {{7, "speech-too-early"}, 7},
    {{8, "success-maxtime"}, 0},
    {{9, "uri-failure"}, 9},
    {{10, "language-unsupported"}, 10},
    {{11, "cancelled"}, 6},
    {{12, "semantics-failure"}, 6},
    {{13, "partial-match"}, 1},
    {{14, "partial-match-maxtime"}, 8},
    {{15, "no-match-maxtime"}, 8},
    {{16, "grammar-definition-failure"}, 5},
};

static const Row recog_v1[] = {
    {{0, "success"}, 0},
    {{1, "no-match"}, 1},
    {{2, "no-input-timeout"}, 2},
    {{3, "recognition-timeout"}, 15},
    {{4, "gram-load-failure"}, 4},
    {{5, "gram-comp-failure"}, 5},
    {{6, "error"}, 6},
    {{7, "speech-too-early"}, 7},
    {{8, "too-much-speech-timeout"}, 15},
    {{9, "uri-failure"}, 9},
    {{10, "language-unsupported"}, 10},
};

static const Row record_v2[] = {
    {{0, "success-silence"}, 0}, {{1, "success-maxtime"}, 1}, {{2, "no-input-timeout"}, 2},
    {{3, "uri-failure"}, 3},     {{4, "error"}, 4},
};

static const Row verify_v2[] = {
    {{0, "success"}, 0},
    {{1, "error"}, 1},
    {{2, "no-input-timeout"}, 2},
    {{3, "too-much-speech-timeout"}, 3},
    {{4, "speech-too-early"}, 4},
    {{5, "buffer-empty"}, 5},
    {{6, "out-of-sequence"}, 6},
    {{7, "repository-uri-failure"}, 7},
    {{8, "repository-uri-missing"}, 8},
    {{9, "voiceprint-id-missing"}, 9},
    {{10, "voiceprint-id-not-exist"}, 10},
    {{11, "speech-not-usable"}, 11},
};

#define TABLE(rows)              \
    {                            \
        rows, G_N_ELEMENTS(rows) \
    }

static const Table tables_v2[MCP_MRCP_N_RESOURCES] = {
    [MCP_MRCP_SPEECHSYNTH] = TABLE(synth_v2),  [MCP_MRCP_SPEECHRECOG] = TABLE(recog_v2),
    [MCP_MRCP_DTMFRECOG] = TABLE(recog_v2),    [MCP_MRCP_RECORDER] = TABLE(record_v2),
    [MCP_MRCP_SPEAKVERIFY] = TABLE(verify_v2),
};

static const Table tables_v1[MCP_MRCP_N_RESOURCES] = {
    [MCP_MRCP_SPEECHSYNTH] = TABLE(synth_v1),
    [MCP_MRCP_SPEECHRECOG] = TABLE(recog_v1),
};

static const Table *
table_of(McpMrcpVersion version, McpMrcpResource resource)
{
    return version == MCP_MRCP_V1 ? &tables_v1[resource] : &tables_v2[resource];
}

const McpMrcpCause *
mcp_mrcp_cause(McpMrcpVersion version, McpMrcpResource resource, guint code)
{
    const Table *table = table_of(version, resource);

    return code < table->n ? &table->rows[code].cause : NULL;
}

gboolean
mcp_mrcp_cause_parse(McpMrcpVersion version, McpMrcpResource resource, const char *text,
                     guint *out_code)
{
    const Table *table = table_of(version, resource);
    g_auto(GStrv) words = mcp_mrcp_split(text);
    guint64 code = 0;

    if (words[0] == NULL)
        return FALSE;
    if (mcp_mrcp_number(words[0], 999, &code)) {
        *out_code = (guint)code;
        return TRUE;
    }
    for (guint i = 0; i < table->n; i++) {
        if (g_ascii_strcasecmp(words[0], table->rows[i].cause.name) == 0) {
            *out_code = i;
            return TRUE;
        }
    }
    return FALSE;
}

char *
mcp_mrcp_cause_text(McpMrcpVersion version, McpMrcpResource resource, guint code)
{
    const McpMrcpCause *cause = mcp_mrcp_cause(version, resource, code);

    return g_strdup_printf("%03u %s", code, cause != NULL ? cause->name : "unknown");
}

guint
mcp_mrcp_cause_translate(McpMrcpVersion to, McpMrcpResource resource, guint code)
{
    McpMrcpVersion from = to == MCP_MRCP_V1 ? MCP_MRCP_V2 : MCP_MRCP_V1;
    const Table *table = table_of(from, resource);

    return code < table->n ? table->rows[code].other : code;
}
