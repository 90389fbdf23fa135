/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <log>: for the log of the call; with a label of com.genesyslab.* for its record too; with
 * gvp:dest of "record" or "calllog" orders for the recording of the whole call. On the machine's
 * thread.
 */
#include <string.h>

#include "interpreter_scopes.h"

#define REPORT "com.genesyslab."
#define CALLREC "callrec"

static gboolean
append_content(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, GString *text)
{
    McpScriptCode *code = mcp_vxml_element_code(element, "expr");

    for (const McpVxmlElement *child = element->first; child != NULL; child = child->next) {
        g_autofree char *value = NULL;

        if (!mcp_vxml_supports(interpreter, child))
            return FALSE;
        if (child->kind == MCP_VXML_TEXT)
            g_string_append(text, child->text);
        else if (child->kind == MCP_VXML_VALUE &&
                 mcp_vxml_eval_string(interpreter, mcp_vxml_element_code(child, "expr"), &value))
            g_string_append(text, value);
    }
    if (code != NULL && interpreter->event == NULL) {
        g_autofree char *value = NULL;

        if (mcp_vxml_eval_string(interpreter, code, &value))
            g_string_append(text, value);
    }
    return interpreter->event == NULL;
}

/* ---- orders for the recording of the call ---- */

static void
order(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, const char *what,
      const char *details)
{
    g_autofree char *text = g_strdup_printf("%s %s", what, details);

    mcp_vxml_note(interpreter, MCP_EVENT_RECORDING, CALLREC, element, g_strchomp(text));
}

static void
refuse(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, const char *command)
{
    mcp_vxml_throw(interpreter, "error.unsupported.log", "the order \"%s\" of <log> in line %u",
                   command, element->line);
}

/* "callrec recsrc=mixed type=audio/wav": what is to be recorded and how. */
static void
enable(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, const char *words)
{
    if (strcmp(words, CALLREC) == 0 || g_str_has_prefix(words, CALLREC " "))
        order(interpreter, element, "start", g_strchug((char *)words + strlen(CALLREC)));
    else
        refuse(interpreter, element, words);
}

static void
run_order(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, const char *command)
{
    static const char *const plain[] = {"start", "stop", "pause", "resume", NULL};

    if (g_strv_contains(plain, command))
        order(interpreter, element, command, "");
    else if (g_str_has_prefix(command, "enable "))
        enable(interpreter, element, command + strlen("enable "));
    else if (strcmp(command, "disable " CALLREC) == 0)
        order(interpreter, element, "stop", "");
    else if (g_str_has_prefix(command, "directory "))
        /* Objects of the store are named by the platform: a page chooses no place on the disk. */
        mcp_vxml_note(interpreter, MCP_EVENT_RECORDING, "directory", element, "not followed");
    else
        refuse(interpreter, element, command);
}

/* Orders are separated by ";", which media types have within: "type=audio/wav;codec=alaw". */
static void
run_orders(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, const char *text)
{
    g_auto(GStrv) list = g_strsplit(text, ";", -1);

    for (guint i = 0; list[i] != NULL && interpreter->event == NULL; i++) {
        g_autoptr(GString) command = g_string_new(g_strstrip(list[i]));

        while (list[i + 1] != NULL && g_str_has_prefix(g_strchug(list[i + 1]), "codec="))
            g_string_append_printf(command, ";%s", g_strchomp(list[++i]));
        if (command->len > 0)
            run_order(interpreter, element, command->str);
    }
}

void
mcp_vxml_log(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    const char *label = mcp_vxml_element_get(element, "label");
    const char *dest = mcp_vxml_element_get_gvp(element, "dest");
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *line = NULL;

    if (!append_content(interpreter, element, text))
        return;
    g_strstrip(text->str);
    if (g_strcmp0(dest, "record") == 0 || g_strcmp0(dest, "calllog") == 0) {
        run_orders(interpreter, element, text->str);
        return;
    }
    /* A file that a page names is not written: its text stands in the log of the call instead. */
    line = g_strdup_printf("%s%s%s%s%s", dest != NULL ? dest : "", dest != NULL ? ": " : "",
                           label != NULL ? label : "", label != NULL ? ": " : "", text->str);
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "log", element, line);
    if (label != NULL && g_str_has_prefix(label, REPORT))
        mcp_vxml_note_labelled(interpreter, "report", element, label, text->str);
}
