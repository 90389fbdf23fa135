/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpExplain: the steps of a decision, kept in order until they are written. Who adds them has them
 * alone meanwhile.
 */
#include <mcp/explain.h>

typedef struct {
    char *check;
    McpExplainOutcome outcome;
    char *text;
} Step;

struct _McpExplain {
    gatomicrefcount refs;
    GPtrArray *steps; /* Step */
};

static void
step_free(Step *step)
{
    g_free(step->check);
    g_free(step->text);
    g_free(step);
}

McpExplain *
mcp_explain_new(void)
{
    McpExplain *explain = g_new(McpExplain, 1);

    g_atomic_ref_count_init(&explain->refs);
    explain->steps = g_ptr_array_new_with_free_func((GDestroyNotify)step_free);
    return explain;
}

McpExplain *
mcp_explain_ref(McpExplain *explain)
{
    g_atomic_ref_count_inc(&explain->refs);
    return explain;
}

void
mcp_explain_unref(McpExplain *explain)
{
    if (!g_atomic_ref_count_dec(&explain->refs))
        return;
    g_ptr_array_unref(explain->steps);
    g_free(explain);
}

void
mcp_explain_add(McpExplain *explain, const char *check, McpExplainOutcome outcome,
                const char *format, ...)
{
    va_list args;
    Step *step = NULL;

    if (explain == NULL)
        return;
    step = g_new(Step, 1);
    step->check = g_strdup(check);
    step->outcome = outcome;
    va_start(args, format);
    step->text = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(explain->steps, step);
}

void
mcp_explain_write(const McpExplain *explain, McpJson *json)
{
    static const char *const outcomes[] = {"passed", "refused", "noted"};

    mcp_json_begin_array(json, "steps");
    for (guint i = 0; i < explain->steps->len; i++) {
        const Step *step = explain->steps->pdata[i];

        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "check", step->check);
        mcp_json_string(json, "outcome", outcomes[step->outcome]);
        mcp_json_string(json, "text", step->text);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}
