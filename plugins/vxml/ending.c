/* SPDX-License-Identifier: Apache-2.0 */
/* <exit> and <disconnect>, and what they give back (RFC 5552 §4.2). On the machine's thread. */
#include <string.h>

#include "interpreter_scopes.h"

static gboolean
collect_names(McpVxmlInterpreter *interpreter, const char *names, McpVxmlSubmission *form,
              char **out_result)
{
    g_auto(GStrv) list = g_strsplit_set(names, " \t\r\n", -1);
    g_autoptr(McpJson) json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    for (guint i = 0; list[i] != NULL; i++) {
        g_autofree char *value = NULL;

        if (*list[i] == '\0')
            continue;
        if (!mcp_vxml_get_json(interpreter, list[i], &value))
            return FALSE;
        mcp_vxml_submission_add(form, list[i], value);
        if (!mcp_vxml_check_size(interpreter, mcp_vxml_submission_get_size(form)))
            return FALSE;
        mcp_json_raw(json, list[i], value);
    }
    mcp_json_end_object(json);
    *out_result = mcp_json_finish(g_steal_pointer(&json));
    return TRUE;
}

static gboolean
collect_expression(McpVxmlInterpreter *interpreter, McpScriptCode *code, McpVxmlSubmission *form,
                   char **out_result)
{
    g_auto(McpScriptValue) value = {0};
    g_autofree char *text = NULL;

    if (!mcp_vxml_eval(interpreter, code, &value))
        return FALSE;
    text = mcp_vxml_value_to_json(&value);
    mcp_vxml_submission_add(form, "__exit", text);
    *out_result = g_steal_pointer(&text);
    return TRUE;
}

void
mcp_vxml_exit(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    const char *names = mcp_vxml_element_get(element, "namelist");
    McpScriptCode *code = mcp_vxml_element_code(element, "expr");
    g_autoptr(McpVxmlSubmission) form = mcp_vxml_submission_new();
    g_autofree char *result = NULL;
    g_autofree char *body = NULL;

    if (names != NULL && !collect_names(interpreter, names, form, &result))
        return;
    if (code != NULL && !collect_expression(interpreter, code, form, &result))
        return;
    mcp_vxml_submission_add(form, "__reason", "exit");
    body = mcp_vxml_submission_to_urlencoded(form);
    mcp_vxml_set_end(interpreter, FALSE, "exit", result, body);
}

void
mcp_vxml_disconnect(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    const char *names = mcp_vxml_element_get(element, "namelist");
    g_autoptr(McpVxmlSubmission) form = mcp_vxml_submission_new();
    McpVxmlEnd *end = &interpreter->end;
    g_autofree char *result = NULL;

    if (names != NULL && !collect_names(interpreter, names, form, &result))
        return;
    mcp_vxml_clear_frames(interpreter);
    interpreter->context->phase = MCP_VXML_PHASE_HANGUP;
    if (end->reason != NULL)
        return;
    mcp_vxml_submission_add(form, "__reason", "disconnect");
    end->reason = g_strdup("disconnect");
    end->result = g_steal_pointer(&result);
    end->body = mcp_vxml_submission_to_urlencoded(form);
}
