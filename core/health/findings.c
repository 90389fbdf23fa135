/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reasons collected for one answer, and how they are written. Owned by one caller.
 */
#include "health/findings.h"

static void
finding_free(gpointer data)
{
    McpFinding *finding = data;

    g_free(finding->name);
    g_free(finding->text);
    g_free(finding);
}

McpFindings *
mcp_findings_new(void)
{
    McpFindings *findings = g_new0(McpFindings, 1);

    findings->fatal = g_ptr_array_new_with_free_func(finding_free);
    findings->degraded = g_ptr_array_new_with_free_func(finding_free);
    return findings;
}

void
mcp_findings_free(McpFindings *findings)
{
    g_ptr_array_unref(findings->fatal);
    g_ptr_array_unref(findings->degraded);
    g_free(findings);
}

void
mcp_findings_add(McpFindings *findings, gboolean fatal, const char *what, const char *name,
                 const char *format, ...)
{
    McpFinding *finding = g_new0(McpFinding, 1);
    va_list args;

    finding->what = what;
    finding->name = g_strdup(name);
    va_start(args, format);
    finding->text = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(fatal ? findings->fatal : findings->degraded, finding);
}

static void
write_list(const GPtrArray *list, const char *key, McpJson *json)
{
    mcp_json_begin_array(json, key);
    for (guint i = 0; i < list->len; i++) {
        const McpFinding *finding = g_ptr_array_index(list, i);

        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "what", finding->what);
        mcp_json_string(json, "name", finding->name);
        mcp_json_string(json, "text", finding->text);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}

void
mcp_findings_write(const McpFindings *findings, McpJson *json)
{
    const char *status = findings->degraded->len > 0 ? "degraded" : "up";

    mcp_json_string(json, "status", findings->fatal->len > 0 ? "down" : status);
    write_list(findings->fatal, "reasons", json);
    write_list(findings->degraded, "degraded", json);
}

char *
mcp_findings_to_line(const GPtrArray *list)
{
    GString *line = g_string_new(NULL);

    for (guint i = 0; i < list->len; i++) {
        const McpFinding *finding = g_ptr_array_index(list, i);

        g_string_append_printf(line, "%s%s %s: %s", i > 0 ? "; " : "", finding->what, finding->name,
                               finding->text);
    }
    return g_string_free(line, FALSE);
}
