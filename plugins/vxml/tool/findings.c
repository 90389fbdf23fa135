/* SPDX-License-Identifier: Apache-2.0 */
/* The list of findings and its three forms. One thread. */
#include "findings.h"

#include <mcp/json.h>
#include <string.h>

static void
finding_free(gpointer data)
{
    McpVxmlFinding *finding = data;

    g_free(finding->file);
    g_free(finding->url);
    g_free(finding->text);
    g_free(finding->hint);
    g_free(finding);
}

GPtrArray *
mcp_vxml_findings_new(void)
{
    return g_ptr_array_new_with_free_func(finding_free);
}

static int
compare(gconstpointer first, gconstpointer second)
{
    const McpVxmlFinding *a = *(McpVxmlFinding *const *)first;
    const McpVxmlFinding *b = *(McpVxmlFinding *const *)second;
    int by_file = strcmp(a->file, b->file);

    if (by_file != 0)
        return by_file;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return strcmp(a->text, b->text);
}

void
mcp_vxml_findings_sort(GPtrArray *findings)
{
    g_ptr_array_sort(findings, compare);
    for (guint i = 1; i < findings->len;) {
        const McpVxmlFinding *before = findings->pdata[i - 1];
        const McpVxmlFinding *finding = findings->pdata[i];

        if (before->rule == finding->rule &&
            compare(&findings->pdata[i - 1], &findings->pdata[i]) == 0)
            g_ptr_array_remove_index(findings, i);
        else
            i++;
    }
}

guint
mcp_vxml_findings_count(const GPtrArray *findings, McpVxmlSeverity severity)
{
    guint count = 0;

    for (guint i = 0; i < findings->len; i++)
        if (((McpVxmlFinding *)findings->pdata[i])->rule->severity >= severity)
            count++;
    return count;
}

static const char *
hint_of(const McpVxmlFinding *finding)
{
    return finding->hint != NULL ? finding->hint : finding->rule->hint;
}

static char *
write_text(const GPtrArray *findings, McpVxmlSeverity level)
{
    GString *text = g_string_new(NULL);
    guint errors = mcp_vxml_findings_count(findings, MCP_VXML_SEVERITY_ERROR);
    guint graver = mcp_vxml_findings_count(findings, MCP_VXML_SEVERITY_WARNING);

    for (guint i = 0; i < findings->len; i++) {
        const McpVxmlFinding *finding = findings->pdata[i];

        if (finding->rule->severity < level)
            continue;
        g_string_append_printf(text, "%s:%u:%u: %s: %s [%s]\n    hint: %s\n", finding->file,
                               finding->line, finding->column,
                               mcp_vxml_severity_to_string(finding->rule->severity), finding->text,
                               finding->rule->id, hint_of(finding));
    }
    g_string_append_printf(text, "%u errors, %u warnings, %u notes\n", errors, graver - errors,
                           findings->len - graver);
    return g_string_free(text, FALSE);
}

static char *
write_json(const GPtrArray *findings, McpVxmlSeverity level)
{
    McpJson *json = mcp_json_new();
    char *text = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_json_begin_array(json, "findings");
    for (guint i = 0; i < findings->len; i++) {
        const McpVxmlFinding *finding = findings->pdata[i];

        if (finding->rule->severity < level)
            continue;
        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "file", finding->file);
        mcp_json_int(json, "line", finding->line);
        mcp_json_int(json, "column", finding->column);
        mcp_json_string(json, "severity", mcp_vxml_severity_to_string(finding->rule->severity));
        mcp_json_string(json, "rule", finding->rule->id);
        mcp_json_string(json, "text", finding->text);
        mcp_json_string(json, "hint", hint_of(finding));
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
    mcp_json_int(json, "errors", mcp_vxml_findings_count(findings, MCP_VXML_SEVERITY_ERROR));
    mcp_json_int(json, "warnings",
                 mcp_vxml_findings_count(findings, MCP_VXML_SEVERITY_WARNING) -
                     mcp_vxml_findings_count(findings, MCP_VXML_SEVERITY_ERROR));
    mcp_json_int(json, "notes",
                 findings->len - mcp_vxml_findings_count(findings, MCP_VXML_SEVERITY_WARNING));
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    return text;
}

/* ---- SARIF 2.1.0 (OASIS) ---- */

static void
write_message(McpJson *json, const char *key, const char *text)
{
    mcp_json_begin_object(json, key);
    mcp_json_string(json, "text", text);
    mcp_json_end_object(json);
}

static void
write_driver(McpJson *json)
{
    mcp_json_begin_object(json, "tool");
    mcp_json_begin_object(json, "driver");
    mcp_json_string(json, "name", "mcpctl vxml lint");
    mcp_json_string(json, "version", MCP_VERSION);
    mcp_json_begin_array(json, "rules");
    for (const McpVxmlRule *rule = mcp_vxml_rules; rule->id != NULL; rule++) {
        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "id", rule->id);
        write_message(json, "shortDescription", rule->summary);
        write_message(json, "help", rule->hint);
        mcp_json_begin_object(json, "defaultConfiguration");
        mcp_json_string(json, "level", mcp_vxml_severity_to_string(rule->severity));
        mcp_json_end_object(json);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
    mcp_json_end_object(json);
    mcp_json_end_object(json);
}

static void
write_result(McpJson *json, const McpVxmlFinding *finding)
{
    g_autofree char *text = g_strdup_printf("%s; hint: %s", finding->text, hint_of(finding));

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "ruleId", finding->rule->id);
    mcp_json_int(json, "ruleIndex", finding->rule - mcp_vxml_rules);
    mcp_json_string(json, "level", mcp_vxml_severity_to_string(finding->rule->severity));
    write_message(json, "message", text);
    mcp_json_begin_array(json, "locations");
    mcp_json_begin_object(json, NULL);
    mcp_json_begin_object(json, "physicalLocation");
    mcp_json_begin_object(json, "artifactLocation");
    mcp_json_string(json, "uri", finding->url);
    mcp_json_end_object(json);
    mcp_json_begin_object(json, "region");
    mcp_json_int(json, "startLine", finding->line);
    mcp_json_int(json, "startColumn", finding->column);
    mcp_json_end_object(json);
    mcp_json_end_object(json);
    mcp_json_end_object(json);
    mcp_json_end_array(json);
    mcp_json_end_object(json);
}

static char *
write_sarif(const GPtrArray *findings, McpVxmlSeverity level)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    mcp_json_string(json, "version", "2.1.0");
    mcp_json_begin_array(json, "runs");
    mcp_json_begin_object(json, NULL);
    write_driver(json);
    mcp_json_string(json, "columnKind", "unicodeCodePoints");
    mcp_json_begin_array(json, "results");
    for (guint i = 0; i < findings->len; i++) {
        const McpVxmlFinding *finding = findings->pdata[i];

        if (finding->rule->severity >= level)
            write_result(json, finding);
    }
    mcp_json_end_array(json);
    mcp_json_end_object(json);
    mcp_json_end_array(json);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

char *
mcp_vxml_findings_write(const GPtrArray *findings, McpVxmlForm form, McpVxmlSeverity level)
{
    switch (form) {
    case MCP_VXML_FORM_JSON:
        return write_json(findings, level);
    case MCP_VXML_FORM_SARIF:
        return write_sarif(findings, level);
    case MCP_VXML_FORM_TEXT:
    default:
        return write_text(findings, level);
    }
}
